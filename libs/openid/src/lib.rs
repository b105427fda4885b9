#![doc = include_str!("../README.md")]

pub mod access_token;
pub mod answer;
pub mod authorize;
pub mod base64url;
pub mod bearer;
pub mod claims;
pub mod client;
pub mod client_auth;
pub mod id_token;
pub mod jwk;
pub mod jws;
pub mod logout;
pub mod metadata;
pub mod params;
pub mod pkce;
pub mod redirect;
pub mod refusal;
pub mod scope;
pub mod token;

pub use client::{Client, Method};
pub use params::Params;
pub use refusal::{ErrorCode, Refusal};
pub use scope::{Scope, Scopes};

/// By how many seconds two clocks may differ. FAPI 2.0 §5.3.2.1 asks to take up to 10 and to refuse more than 60.
pub const CLOCK_SKEW_SECONDS: i64 = 30;

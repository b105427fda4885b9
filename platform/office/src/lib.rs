#![doc = include_str!("../README.md")]

pub mod account;
pub mod activation;
pub mod allowance;
pub mod approval;
pub mod assignment;
pub mod case;
pub mod code;
pub mod complaint;
pub mod demo;
pub mod device;
pub mod draft;
pub mod enrol;
pub mod first_admin;
pub mod link;
mod office;
pub mod oversight;
pub mod paper_code;
pub mod passkey;
pub mod password;
pub mod permission;
pub mod permit;
pub mod principal;
pub mod problems;
pub mod roster;
pub mod sealing;
pub mod session;
pub mod sign_in;
pub mod source;
pub mod sweep;
pub mod text;
pub mod throttle;
pub mod token;
pub mod totp;

#[cfg(test)]
mod testbed;

pub use office::{CLASS, Office, Proven, SERVICE};
pub use permission::{PERMISSIONS, Permission};
pub use permit::Permit;
pub use principal::Principal;
pub use roster::Roster;
pub use session::Session;
pub use source::Source;

use daftar_store::{Migrations, step};

/// The tables of this crate, all named `office_*`.
pub const MIGRATIONS: Migrations =
    Migrations { owner: "office", steps: &[step!(1, "0001_office"), step!(2, "0002_passkey")] };

/// The texts of this crate by language tag, for the catalogue of the pages.
pub const LOCALES: [(&str, &str); 3] = [
    ("en", include_str!("../locales/en.ftl")),
    ("fr", include_str!("../locales/fr.ftl")),
    ("ar", include_str!("../locales/ar.ftl")),
];

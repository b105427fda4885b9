#![doc = include_str!("../README.md")]

pub mod code;
pub mod password;
pub mod permission;
pub mod principal;
pub mod problems;
pub mod roster;
pub mod source;
pub mod text;
pub mod throttle;
pub mod totp;

#[cfg(test)]
mod testbed;

pub use permission::Permission;
pub use principal::Principal;
pub use roster::Roster;
pub use source::Source;

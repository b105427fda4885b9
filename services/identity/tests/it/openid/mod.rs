//! Sign in with Daftar, through HTTP, on both engines.

pub mod bed;
mod kept;
mod passkey;
mod refused;
pub mod story;
mod table;
mod ways;

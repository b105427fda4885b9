//! The vectors of the standard, and every step that must refuse.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod authenticator;
mod steps;
mod vectors;

//! The register on both engines, through the functions that pages and the API call.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests fail as tests do"
)]

mod assist;
mod bulk;
mod country;
mod desk;
mod double;
mod double_found;
mod erasure;
mod import;
mod killed;
mod kits;
mod kits_held;
mod life;
mod mine;
mod openid;
mod preregister;
mod refusal;
mod texts;
mod verify;

//! The register on both engines, through the functions that pages and the API call.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests fail as tests do"
)]

mod assist;
mod assist_consent;
mod bulk;
mod country;
mod desk;
mod double;
mod double_found;
mod draft_documents;
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
mod spelling;
mod texts;
mod verify;

//! The office floor through its public interface, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail as tests do"
)]

mod accounts;
mod approvals;
mod bed;
mod citizens;
mod complaints;
mod drafts;
mod guessing;
mod looks;
mod passkeys;
mod portable;
mod sealing;
mod sessions;

// The small country of the unit tests, which names these two by the crate.
use daftar_office::{permission, roster};
#[path = "../../src/testbed.rs"]
mod testbed;

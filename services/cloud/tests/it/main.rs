//! The cloud, driven from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail as tests do"
)]

mod bed;
mod contract;
mod faults;
mod fixture;
mod isolation;
mod lxd;
mod meter;
mod moody;
mod orders;
mod portable;
mod quotas;
mod sagas;
mod story;
mod texts;
mod things;
mod tokens;

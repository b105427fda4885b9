//! The record through its public interface, on both engines.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod acts;
mod common;
mod erasure;
mod export;
mod freeze;
mod looks;
mod portable;
mod quorum;
mod serve;
mod succession;
mod tamper;
mod witness;

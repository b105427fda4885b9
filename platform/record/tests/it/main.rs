//! The record through its public interface, on both engines.

mod acts;
mod common;
mod erasure;
mod export;
mod freeze;
mod looks;
mod quorum;
mod serve;
mod tamper;
mod witness;

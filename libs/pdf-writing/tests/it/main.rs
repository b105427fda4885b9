//! Drives the library through its public face and asks other programs what they read.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod scripts;

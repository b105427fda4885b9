#![doc = include_str!("../README.md")]

/// An authenticator and a browser in software, shared with the tests of `libs/webauthn`.
#[path = "../../../libs/webauthn/tests/it/authenticator.rs"]
pub mod authenticator;
mod cluster;
mod databases;
pub mod mail;
mod migrations;
mod schemas;
mod statements;
mod world;

pub use databases::{Engine, Place, TestStore, for_each_engine};
pub use migrations::check_migration_files;
pub use schemas::check_schemas;
pub use statements::{Statement, check_statements, statements};
pub use world::{START, world};

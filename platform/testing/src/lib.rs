#![doc = include_str!("../README.md")]

/// An authenticator and a browser in software, shared with the tests of `libs/webauthn`.
#[path = "../../../libs/webauthn/tests/it/authenticator.rs"]
pub mod authenticator;
mod cluster;
mod databases;
mod lxd;
pub mod mail;
mod migrations;
mod schemas;
mod statements;
mod world;

pub use databases::{Engine, Place, TestStore, for_each_engine};
pub use lxd::Lxd;
pub use migrations::check_migration_files;
pub use schemas::check_schemas;
pub use statements::{Statement, check_statements, statements};
pub use world::{START, world};

/// That each code of a crate's problems stands once in its list, and with its meaning in the crate's README.
///
/// # Panics
/// When one does not.
pub fn check_codes(all: &[(&str, &str)], readme: &str) {
    for (i, (code, meaning)) in all.iter().enumerate() {
        assert!(all[..i].iter().all(|(other, _)| other != code), "{code} twice");
        let line = format!("| `{code}` | {meaning} |");
        assert!(readme.contains(&line), "README lacks {line}");
    }
}

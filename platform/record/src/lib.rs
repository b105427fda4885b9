#![doc = include_str!("../README.md")]

pub mod act;
pub mod audit;
pub mod chain;
pub mod config;
pub mod cosign;
pub mod entry;
pub mod error;
pub mod export;
pub mod freeze;
pub mod log;
pub mod look;
mod map;
mod mark;
pub mod person;
pub mod receipt;
mod record;
pub mod seal;
pub mod sequence;
pub mod serve;
pub mod status;
pub mod succession;
pub mod succession_entry;
pub mod transport;
mod tree;
pub mod verify;
pub mod witness;
pub mod worker;

pub use act::{Act, MachineRun};
pub use config::RecordConfig;
pub use error::RecordError;
pub use log::{Log, Volume};
pub use look::{Look, LookContent, Reader};
pub use person::{PersonProof, verify_person_proof};
pub use receipt::{Receipt, State};
pub use record::{ERA_ACTS, Record};

use daftar_store::Migrations;

/// The record's tables, all named `record_*`. Give them to `Store::open`.
pub const MIGRATIONS: Migrations = Migrations {
    owner: "record",
    steps: &[
        daftar_store::step!(1, "0001_record"),
        daftar_store::step!(2, "0002_volumes"),
        daftar_store::step!(3, "0003_seals"),
        daftar_store::step!(4, "0004_eras"),
    ],
};

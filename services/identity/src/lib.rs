#![doc = include_str!("../README.md")]

pub mod account;
pub mod activity;
pub mod age;
pub mod answers;
pub mod assist;
pub mod bonds;
pub mod candidates;
pub mod cards;
pub mod clear;
pub mod correct;
pub mod documents;
pub mod double;
pub mod duplicates;
pub mod enroll;
pub mod entry;
pub mod erase;
pub mod figures;
pub mod import;
pub mod keys;
pub mod kit;
pub mod life;
pub mod linkage;
mod lookup;
pub mod mine;
pub mod model;
pub mod name;
pub mod notices;
pub mod number;
pub mod openid;
pub mod pages;
pub mod papers;
pub mod people;
pub mod permission;
pub mod person;
pub mod photos;
pub mod population;
pub mod preregister;
pub mod problems;
pub mod read;
pub mod refuse;
pub mod register;
pub mod reindex;
pub mod search;
pub mod settle;
pub mod statistics;
pub mod tokens;
pub mod verify;
pub mod version;
pub mod weigh;

pub use people::{Desk, Gazetteer, People, SERVICE};

/// The service's tables, all named `identity_*`.
pub const MIGRATIONS: daftar_store::Migrations = daftar_store::Migrations {
    owner: "identity",
    steps: &[
        daftar_store::step!(1, "0001_identity"),
        daftar_store::step!(2, "0002_refusal"),
        daftar_store::step!(3, "0003_openid"),
        daftar_store::step!(4, "0004_double"),
        daftar_store::step!(5, "0005_bond"),
        daftar_store::step!(6, "0006_evidence"),
        daftar_store::step!(7, "0007_verification"),
        daftar_store::step!(8, "0008_kit"),
        daftar_store::step!(9, "0009_preregistration"),
        daftar_store::step!(10, "0010_way"),
        daftar_store::step!(11, "0011_assistance"),
        daftar_store::step!(12, "0012_token_name"),
        daftar_store::step!(13, "0013_guardianship"),
        daftar_store::step!(14, "0014_draft_document"),
    ],
};

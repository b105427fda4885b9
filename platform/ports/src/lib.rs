#![doc = include_str!("../README.md")]

pub mod certificate;
pub mod fonts;
pub mod form;
pub mod matcher;
pub mod notify;
pub mod persons;
pub mod toml_reader;

pub use persons::{Addressee, Addressees, PersonTokens};

#![doc = include_str!("../README.md")]

pub mod certificate;
pub mod persons;

pub use persons::PersonTokens;

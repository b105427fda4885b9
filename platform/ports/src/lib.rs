#![doc = include_str!("../README.md")]

pub mod certificate;
pub mod form;
pub mod notify;
pub mod persons;

pub use persons::PersonTokens;

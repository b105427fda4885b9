#![doc = include_str!("../README.md")]

pub mod duplicates;
pub mod import;
pub mod keys;
pub mod name;
pub mod number;
pub mod person;
pub mod photo;
pub mod population;
pub mod statistics;

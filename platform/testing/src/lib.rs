#![doc = include_str!("../README.md")]

mod cluster;
mod databases;
mod world;

pub use databases::{Engine, TestStore, for_each_engine};
pub use world::{START, world};

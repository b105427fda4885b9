#![doc = include_str!("../README.md")]

pub mod audit;
pub mod batch;
pub mod canonical;
pub mod checkpoint;
pub mod cosignature;
mod encoding;
pub mod entry;
pub mod map;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod proof;
pub mod receipt;
pub mod tile;
pub mod tree;
pub mod witness;

/// A SHA-256 digest: a leaf, a node or a root of a Merkle tree, a commitment, a map key or value.
pub type Hash = [u8; 32];

#![doc = include_str!("../README.md")]

pub mod chain;
pub mod clock;
pub mod fault;
mod hex;
pub mod hpke;
pub mod keys;
pub mod packet;
pub mod pin;
pub mod reference;
pub mod statement;
mod wire;

pub use fault::Fault;
pub use keys::{OpeningKey, SealingKey, Signer};
pub use packet::{Attachment, Body, Draft, Header, Packet, hash, open, read_header, seal};

//! The Verification API through HTTP, on both engines.

pub mod bed;
mod card;
mod kept;
mod pages;
mod refused;
mod story;

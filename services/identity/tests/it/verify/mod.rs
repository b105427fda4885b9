//! The Verification API through HTTP, on both engines.

mod bed;
mod card;
mod kept;
mod pages;
mod refused;
mod story;

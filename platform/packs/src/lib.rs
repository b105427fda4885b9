#![doc = include_str!("../README.md")]

pub mod country;
pub mod fault;
mod forms;
pub mod guard;
mod locales;
pub mod places;
mod read;
pub mod retention;
mod roster;
pub mod source;
pub mod svg;

pub use country::{Country, Currency, Language};
pub use fault::Fault;
pub use places::{Place, Places};
pub use retention::Retention;
pub use source::{Manifest, Source};

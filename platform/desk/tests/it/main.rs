//! What holds for the whole crate.

mod texts;

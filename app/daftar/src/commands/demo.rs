//! `daftar demo`

pub use crate::demo::run;

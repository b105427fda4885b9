//! `daftar demo`

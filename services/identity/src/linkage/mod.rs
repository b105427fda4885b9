//! Which rows of a file speak of one person: `daftar identity link`. A file alone is enough; no register, no key
//! and no database is touched.
//!
//! The rules of likeness are [`record_linkage`]'s; here are the file, its mapping and the answers.

mod answer;
mod file;
pub mod mapping;

pub use answer::{write_clusters, write_pairs};
pub use file::{LinkFault, Table, read};
pub use mapping::LinkMapping;

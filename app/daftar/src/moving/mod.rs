//! A whole country in open, documented formats, and the way back: into a blank machine, on either engine.
//!
//! What lies in the folder is described by `readme.txt` beside this file; every export carries it.

mod export;
mod files;
mod import;
pub mod live;
mod manifest;

pub use export::{Exported, Options, export};
pub use import::{Imported, Target, check, import};
pub use manifest::{MANIFEST, Manifest, SUMS};

/// Folder of the tables.
pub(crate) const TABLES: &str = "tables";
/// Folder of the blobs.
pub(crate) const BLOBS: &str = "blobs";
/// The key export.
pub(crate) const KEYS: &str = "keys";
/// The root key, when it was asked for.
pub(crate) const ROOT_KEY: &str = "root.key";
/// Folder of the country pack in force.
pub(crate) const COUNTRY: &str = "country";
/// Folder of the logs.
pub(crate) const LOG: &str = "log";
/// The witness policy as the installation was told it.
pub(crate) const POLICY: &str = "policy";
/// The register in clear text, when it was asked for.
pub(crate) const PEOPLE: &str = "people.jsonl";
/// Folder of photos in clear text.
pub(crate) const PHOTOS: &str = "photos";
/// Folder of documents in clear text.
pub(crate) const DOCUMENTS: &str = "documents";

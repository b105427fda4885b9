//! Data outside the database: portable tables, the key export, backup and restore.

mod backup;
mod keys;
mod lines;
mod restore;
mod tables;

pub(crate) use backup::schema_numbers;
pub use backup::{BackupManifest, SchemaNumber};
pub use keys::KeyExport;
pub(crate) use keys::load_keys;
pub(crate) use restore::check_target;
pub use restore::{require_blank, restore};
pub use tables::{DumpedTable, TablesManifest};

/// Tables that are never carried: what was applied is the target's own, a lease is of the moment, and keys go their
/// own way (the key export).
const LEFT_OUT: [&str; 6] =
    ["store_migration", "store_schema", "store_lease", "store_key", "store_erased", "store_epoch"];

#![doc = include_str!("../README.md")]

pub mod admin;
mod blobs;
pub mod counter;
mod database;
mod error;
pub mod events;
mod files;
pub mod idempotency;
pub mod jobs;
pub mod lease;
mod migrate;
mod portable;
mod postgres;
mod queue;
pub mod relocate;
pub mod schema;
mod shipping;
mod sqlite;
mod store;
mod tx;
mod value;
mod vault;

pub use blobs::{BLOB_LIMIT, BlobId, Blobs};
pub use error::StoreError;
pub use futures_util::future::BoxFuture;
pub use migrate::{Migrations, Step};
pub use portable::{
    BackupManifest, DumpedTable, KeyExport, SchemaNumber, TablesManifest, require_blank, restore,
};
pub use shipping::{Drill, Gauge, Rewound, Shipped, Shipping, restore_at};
pub use sqlite::{READ_QUEUE_LIMIT, WRITE_QUEUE_LIMIT};
pub use store::{Store, StoreConfig};
pub use tx::{ROWS_LIMIT, Tx};
pub use value::{FromCell, Row, Sql, Value};
pub use vault::{CLASS_LIMIT, PLAIN_LIMIT, Rotation, SharedKeys, Vault};

/// The store's own tables, all named `store_*`. [`Store::open`] applies them before any other.
pub const STORE_MIGRATIONS: Migrations =
    Migrations { owner: "store", steps: &[step!(1, "0001_workings"), step!(2, "0002_vault")] };

#![doc = include_str!("../README.md")]

pub mod admin;
mod error;
mod files;
mod migrate;
mod postgres;
mod queue;
mod sqlite;
mod store;
mod tx;
mod value;

pub use error::StoreError;
pub use futures_util::future::BoxFuture;
pub use migrate::{Migrations, Step};
pub use sqlite::{READ_QUEUE_LIMIT, WRITE_QUEUE_LIMIT};
pub use store::{Store, StoreConfig};
pub use tx::{ROWS_LIMIT, Tx};
pub use value::{FromCell, Row, Sql, Value};

/// The store's own tables, all named `store_*`. [`Store::open`] applies them before any other.
pub const STORE_MIGRATIONS: Migrations = Migrations { owner: "store", steps: &[] };

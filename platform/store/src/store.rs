//! The store: opening it, writing, reading.

use crate::blobs::Blobs;
use crate::database::{Archived, Database};
use crate::migrate::Migrations;
use crate::vault::{self, SharedKeys, Vault};
use crate::{BoxFuture, Row, Sql, StoreError, Tx, Value, files, relocate};
use daftar_kernel::World;
use std::path::PathBuf;
use std::sync::Arc;

/// Where the data lies.
#[derive(Clone)]
pub struct StoreConfig {
    /// `sqlite:/path/to/daftar.db` or `postgres://...`. It may hold a password: it is never printed.
    pub url: String,
    /// The folder of what lies beside the database: keys, and blobs unless `blobs` says otherwise.
    pub data_dir: PathBuf,
    /// Where blobs lie: a folder, or `s3://bucket/prefix`; without it `data_dir/blobs`.
    pub blobs: Option<String>,
    /// Where everything committed is shipped to: a folder, or `s3://bucket/prefix`. Every program that opens this database
    /// must be told, since none of them then moves SQLite's log by itself. PostgreSQL has archives of its own.
    pub archive: Option<String>,
}

impl std::fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreConfig").field("data_dir", &self.data_dir).finish_non_exhaustive()
    }
}

/// The open store. Cheap to clone; the last clone closes it.
#[derive(Clone)]
pub struct Store {
    database: Database,
    vault: Vault,
    blobs: Blobs,
    config: Arc<StoreConfig>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens the store, makes what is missing (tables, keys), and applies the migrations: the store's own, then
    /// those given, in their order.
    ///
    /// # Errors
    /// When the database cannot be opened, is newer than this program, a migration fails, or the keys are not those
    /// of this database. Each says what to do.
    pub async fn open(
        config: StoreConfig,
        world: World,
        migrations: &[Migrations],
    ) -> Result<Self, StoreError> {
        Self::open_shared(config, world, migrations, None).await
    }

    /// As [`Store::open`], for one of several nodes that serve the same database: sealed key files are held in common
    /// at that place.
    ///
    /// # Errors
    /// As [`Store::open`]; when the place cannot be reached, or holds another key of the same name.
    pub async fn open_shared(
        config: StoreConfig,
        world: World,
        migrations: &[Migrations],
        shared: Option<Arc<dyn SharedKeys>>,
    ) -> Result<Self, StoreError> {
        files::make_private_dir(&config.data_dir)?;
        // Boxed: opening happens once and its state is large, whoever opens should not carry it about.
        let database = {
            let archived = if config.archive.is_some() { Archived::Yes } else { Archived::No };
            Box::pin(Database::open(&config.url, &world, migrations, archived)).await?
        };
        Box::pin(Self::with(database, config, shared)).await
    }

    /// The store over an open database.
    pub(crate) async fn with(
        database: Database,
        config: StoreConfig,
        shared: Option<Arc<dyn SharedKeys>>,
    ) -> Result<Self, StoreError> {
        let vault = vault::open(&database, &config.data_dir, shared).await?;
        if config.archive.is_some() {
            // Before anybody exports keys: without this one the archive is of no use.
            crate::shipping::make_key(&vault)?;
        }
        let blobs = Blobs::open(&config, database.clone(), vault.clone())?;
        Ok(Self { database, vault, blobs, config: Arc::new(config) })
    }

    /// Runs the closure in a write transaction and commits it; when this returns `Ok`, the change is on the disk.
    /// The closure may run more than once (it clones what it consumes), and may await only its transaction.
    ///
    /// ```text
    /// let name = name.clone();
    /// store.write(move |tx| { let name = name.clone(); Box::pin(async move {
    ///     tx.execute(sql!("insert into tax_office (name) values ($1)"), &params![name]).await?;
    ///     Ok::<_, StoreError>(())
    /// })}).await?;
    /// ```
    ///
    /// # Errors
    /// The closure's own error (nothing was changed then), or the store's.
    pub async fn write<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        self.database.write(closure).await
    }

    /// Runs the closure on one snapshot of the data, which it cannot change.
    ///
    /// # Errors
    /// The closure's own error, or the store's.
    pub async fn read<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        self.database.read(closure).await
    }

    /// Runs one statement that only reads and answers its rows. One statement is a moment of its own, so it needs
    /// neither a transaction nor, on SQLite, another thread: for a look-up by key before the real work, such as whose
    /// session a token is. Whatever reads much, or twice, belongs into [`Store::read`].
    ///
    /// # Errors
    /// As [`Tx::query`]; a statement that would write is refused.
    pub async fn look_up(&self, sql: Sql, params: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.database.look_up(sql, params).await
    }

    /// The time and randomness the store was opened with.
    #[must_use]
    pub fn world(&self) -> &World {
        self.database.world()
    }
    /// Sealed personal data.
    #[must_use]
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }
    /// Large things: photos, scans, documents.
    #[must_use]
    pub const fn blobs(&self) -> &Blobs {
        &self.blobs
    }
    /// How it was opened.
    #[must_use]
    pub fn config(&self) -> &StoreConfig {
        &self.config
    }
    pub(crate) const fn database(&self) -> &Database {
        &self.database
    }

    /// The token of the seal, once this store was moved away; none while it is the country's.
    ///
    /// # Errors
    /// The store's.
    pub async fn moved(&self) -> Result<Option<String>, StoreError> {
        if self.database.sqlite_file().is_none() {
            return Ok(None);
        }
        self.read(|tx| Box::pin(relocate::seal_of(tx))).await
    }

    /// Clears what the engine still holds of rows that were deleted: SQLite's write-ahead log, PostgreSQL's dead
    /// rows of keys. Call it after erasing a person.
    ///
    /// # Errors
    /// The store's; [`StoreError::Busy`] while a long read still needs the old state.
    pub async fn scrub(&self) -> Result<(), StoreError> {
        self.database.scrub().await
    }

    /// Finishes what is under way and closes; later calls fail. Dropping the last clone does the same.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

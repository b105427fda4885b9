//! The store: opening it, writing, reading.

use crate::migrate::{self, Migrations, Target};
use crate::sqlite::{self, SqliteSession};
use crate::tx::{Engine, Tx};
use crate::{BoxFuture, STORE_MIGRATIONS, StoreError, postgres};
use daftar_kernel::World;
use std::path::{Path, PathBuf};
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
}

impl std::fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreConfig").field("data_dir", &self.data_dir).finish_non_exhaustive()
    }
}

/// The open store. Cheap to clone; the last clone closes it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Backend,
    world: World,
}

enum Backend {
    Sqlite(sqlite::Database),
    Postgres(postgres::Database),
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

/// A URL's engine: the file of SQLite, or PostgreSQL.
pub(crate) enum Address<'a> {
    Sqlite(&'a Path),
    Postgres(&'a str),
}

pub(crate) fn address(url: &str) -> Result<Address<'_>, StoreError> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if !path.is_empty() && !path.contains(":memory:") && !path.contains('?') {
            return Ok(Address::Sqlite(Path::new(path)));
        }
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Address::Postgres(url));
    }
    Err(StoreError::Open {
        reason: "store.url names no database".into(),
        next: "write sqlite:/path/to/daftar.db or postgres://USER@HOST/DATABASE".into(),
    })
}

impl Store {
    /// Opens the store, makes what is missing, and applies the migrations: the store's own, then those given, in
    /// their order.
    ///
    /// # Errors
    /// When the database cannot be opened, is newer than this program, or a migration fails. Each says what to do.
    pub async fn open(
        config: StoreConfig,
        world: World,
        migrations: &[Migrations],
    ) -> Result<Self, StoreError> {
        let all: Vec<Migrations> =
            std::iter::once(STORE_MIGRATIONS).chain(migrations.iter().copied()).collect();
        crate::files::make_private_dir(&config.data_dir)?;
        let backend = match address(&config.url)? {
            Address::Sqlite(path) => {
                let session = SqliteSession::open(path, sqlite::Role::Writer)?;
                let mut tx = Tx::new(Engine::Sqlite(session), world.clone());
                migrate::apply(Target::Sqlite(&mut tx), &world, &all).await?;
                Backend::Sqlite(sqlite::Database::start(path, &world, tx)?)
            }
            Address::Postgres(url) => {
                let database = postgres::Database::connect(url, world.clone()).await?;
                migrate::apply(Target::Postgres(&database), &world, &all).await?;
                Backend::Postgres(database)
            }
        };
        Ok(Self { inner: Arc::new(Inner { backend, world }) })
    }

    /// Runs the closure in a write transaction and commits it; when this returns `Ok`, the change is on the disk.
    /// The closure may run more than once (it clones what it consumes), and may await only its transaction.
    ///
    /// ```ignore
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
        match &self.inner.backend {
            Backend::Sqlite(database) => database.write(closure).await,
            Backend::Postgres(database) => database.write(closure).await,
        }
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
        match &self.inner.backend {
            Backend::Sqlite(database) => database.read(closure).await,
            Backend::Postgres(database) => database.read(closure).await,
        }
    }

    /// The time and randomness the store was opened with.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.inner.world
    }

    /// Finishes what is under way and closes; later calls fail. Dropping the last clone does the same.
    pub async fn close(&self) {
        match &self.inner.backend {
            Backend::Sqlite(database) => database.close(),
            Backend::Postgres(database) => database.close().await,
        }
    }
}

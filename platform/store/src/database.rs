//! The database behind the store: one of two engines, and everything that is said to both.

use crate::migrate::{self, Migrations, Target};
use crate::shipping::tide::Tide;
use crate::sqlite::{self, SqliteSession};
use crate::tx::{Engine, Tx};
use crate::{BoxFuture, Row, STORE_MIGRATIONS, Sql, StoreError, Value, postgres, relocate};
use daftar_kernel::World;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The open database. Cheap to clone; the last clone closes it.
#[derive(Clone)]
pub(crate) struct Database {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Backend,
    world: World,
}

enum Backend {
    Sqlite { path: PathBuf, threads: sqlite::Database, tide: Option<Arc<Tide>> },
    Postgres(postgres::Database),
}

/// Whether what is committed is shipped to an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Archived {
    Yes,
    No,
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

impl Database {
    /// Opens the database, makes what is missing, and applies the migrations, the store's own first.
    pub(crate) async fn open(
        url: &str,
        world: &World,
        migrations: &[Migrations],
        archived: Archived,
    ) -> Result<Self, StoreError> {
        let all: Vec<Migrations> =
            std::iter::once(STORE_MIGRATIONS).chain(migrations.iter().copied()).collect();
        let backend = match address(url)? {
            Address::Sqlite(path) => {
                let session = SqliteSession::open(path, sqlite::Role::Writer)?;
                let tide = match archived {
                    Archived::Yes => {
                        session.leave_log()?;
                        Some(Arc::new(Tide::beside(path)?))
                    }
                    Archived::No => None,
                };
                let mut tx = Tx::new(Engine::Sqlite(session), world.clone());
                if relocate::seal_of(&mut tx).await?.is_some() {
                    return Err(StoreError::Moved);
                }
                migrate::apply(Target::Sqlite(&mut tx), world, &all).await?;
                let threads = sqlite::Database::start_archived(path, world, tx, tide.clone())?;
                Backend::Sqlite { path: path.into(), threads, tide }
            }
            Address::Postgres(url) => {
                let database = postgres::Database::connect(url, world.clone()).await?;
                if database.read(|tx| Box::pin(relocate::unsettled(tx))).await? {
                    return Err(StoreError::Open {
                        reason: "a country is moving to this database and has not arrived".into(),
                        next:
                            "wait for daftar move; if it was broken off, make a new database and begin again"
                                .into(),
                    });
                }
                migrate::apply(Target::Postgres(&database), world, &all).await?;
                Backend::Postgres(database)
            }
        };
        Ok(Self { inner: Arc::new(Inner { backend, world: world.clone() }) })
    }

    /// See [`Store::write`](crate::Store::write).
    pub(crate) async fn write<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        match &self.inner.backend {
            Backend::Sqlite { threads, .. } => threads.write(closure).await,
            Backend::Postgres(database) => database.write(closure).await,
        }
    }

    /// See [`Store::read`](crate::Store::read).
    pub(crate) async fn read<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        match &self.inner.backend {
            Backend::Sqlite { threads, .. } => threads.read(closure).await,
            Backend::Postgres(database) => database.read(closure).await,
        }
    }

    /// See [`Store::look_up`](crate::Store::look_up).
    pub(crate) async fn look_up(&self, sql: Sql, params: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        // Outside a transaction PostgreSQL would let it write, and let that stand.
        if !sql.text().trim_start().get(..7).is_some_and(|verb| verb.eq_ignore_ascii_case("select ")) {
            let reason = "a look-up only reads: it begins with select".into();
            return Err(StoreError::Statement { sql: sql.text().into(), reason });
        }
        match &self.inner.backend {
            Backend::Sqlite { threads, .. } => threads.look_up(sql, params).await,
            Backend::Postgres(database) => database.look_up(sql, &params).await,
        }
    }

    pub(crate) fn world(&self) -> &World {
        &self.inner.world
    }

    /// The file, on SQLite.
    pub(crate) fn sqlite_file(&self) -> Option<&Path> {
        match &self.inner.backend {
            Backend::Sqlite { path, .. } => Some(path),
            Backend::Postgres(_) => None,
        }
    }

    /// What the shipper and the writer thread share, when the store has an archive.
    pub(crate) fn tide(&self) -> Option<Arc<Tide>> {
        match &self.inner.backend {
            Backend::Sqlite { tide, .. } => tide.clone(),
            Backend::Postgres(_) => None,
        }
    }

    /// See [`Store::scrub`](crate::Store::scrub).
    pub(crate) async fn scrub(&self) -> Result<(), StoreError> {
        match &self.inner.backend {
            Backend::Sqlite { tide: Some(tide), .. } => {
                let answer = tide.ask_to_scrub();
                // The writer thread looks after the log when it has committed something, if only nothing.
                self.write(|_| Box::pin(async { Ok::<_, StoreError>(()) })).await?;
                answer.await.unwrap_or(Err(StoreError::Busy("another scrub was asked for meanwhile")))
            }
            Backend::Sqlite { path, .. } => {
                let path = path.clone();
                crate::files::blocking(move || sqlite::empty_log(&path)).await
            }
            Backend::Postgres(database) => database.vacuum("store_key").await,
        }
    }

    pub(crate) async fn close(&self) {
        match &self.inner.backend {
            Backend::Sqlite { threads, .. } => threads.close(),
            Backend::Postgres(database) => database.close().await,
        }
    }
}

//! A fresh store on either engine.

use crate::{cluster, world};
use daftar_kernel::World;
use daftar_kernel::time::ManualClock;
use daftar_store::{Migrations, Store, StoreConfig, admin};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// Which engine a test runs on; for its messages, never for its expectations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// One file.
    Sqlite,
    /// A database on a server.
    Postgres,
}

/// An empty place for a store: a folder and, on PostgreSQL, a database. It goes away with this value.
pub struct Place {
    engine: Engine,
    config: StoreConfig,
    dir: TempDir,
    _database: Option<Database>,
}

impl Place {
    /// An empty place on this engine.
    ///
    /// # Panics
    /// When it cannot be made; without a PostgreSQL server the message says what to do.
    pub async fn on(engine: Engine) -> Self {
        let dir = temp_dir();
        let (url, database) = match engine {
            Engine::Sqlite => (format!("sqlite:{}", dir.path().join("daftar.db").display()), None),
            Engine::Postgres => {
                let (url, database) = Database::create().await;
                (url, Some(database))
            }
        };
        let config = StoreConfig { url, data_dir: dir.path().join("data"), blobs: None, archive: None };
        Self { engine, config, dir, _database: database }
    }
    /// How to open a store here.
    #[must_use]
    pub const fn config(&self) -> &StoreConfig {
        &self.config
    }
    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

/// An empty store in a place of its own, which goes away with it. It is used as the [`Store`] it holds.
pub struct TestStore {
    store: Store,
    /// Moves the store's time.
    pub clock: ManualClock,
    /// Which engine.
    pub engine: Engine,
    world: World,
    migrations: Vec<Migrations>,
    place: Place,
}

impl std::ops::Deref for TestStore {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

impl TestStore {
    /// An empty SQLite store with these migrations applied.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn sqlite(migrations: &[Migrations]) -> Self {
        Self::on(Engine::Sqlite, migrations).await
    }

    /// An empty PostgreSQL store with these migrations applied.
    ///
    /// # Panics
    /// When there is no server or it cannot be made; the message says what to do.
    pub async fn postgres(migrations: &[Migrations]) -> Self {
        Self::on(Engine::Postgres, migrations).await
    }

    /// An empty store of this engine.
    ///
    /// # Panics
    /// As [`Self::sqlite`] and [`Self::postgres`].
    #[expect(clippy::panic, reason = "a test that cannot run must fail, and say why")]
    pub async fn on(engine: Engine, migrations: &[Migrations]) -> Self {
        let place = Place::on(engine).await;
        let (world, clock) = world();
        match Store::open(place.config.clone(), world.clone(), migrations).await {
            Ok(store) => Self { store, clock, engine, world, migrations: migrations.to_vec(), place },
            Err(error) => panic!("opening a store on {:?}: {error}", place.engine),
        }
    }

    /// The store itself, to clone into what a test runs.
    #[must_use]
    pub fn store(&self) -> Store {
        self.store.clone()
    }
    /// How the store was opened.
    #[must_use]
    pub const fn config(&self) -> &StoreConfig {
        self.place.config()
    }
    /// The folder that goes away with the store.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.place.dir()
    }

    /// Closes the store and opens it again on the same data, as after a restart.
    ///
    /// # Panics
    /// When it does not open.
    #[expect(clippy::panic, reason = "a test that cannot run must fail, and say why")]
    pub async fn reopen(&mut self) {
        self.store.close().await;
        match Store::open(self.place.config.clone(), self.world.clone(), &self.migrations).await {
            Ok(store) => self.store = store,
            Err(error) => panic!("opening the store again: {error}"),
        }
    }
}

/// Runs a test on a fresh store of each engine, one after the other.
///
/// ```text
/// for_each_engine(&[MIGRATIONS], async |store| { ... store.write(...) ... }).await;
/// ```
///
/// # Panics
/// When the test does, or a store cannot be made.
pub async fn for_each_engine<F>(migrations: &[Migrations], test: F)
where
    F: AsyncFn(TestStore),
{
    for engine in [Engine::Sqlite, Engine::Postgres] {
        test(TestStore::on(engine, migrations).await).await;
    }
}

#[expect(clippy::panic, reason = "a test that cannot run must fail, and say why")]
fn temp_dir() -> TempDir {
    tempfile::tempdir().unwrap_or_else(|e| panic!("making a temporary folder: {e}"))
}

/// A database of one test on the server of all.
struct Database {
    name: String,
}

impl Database {
    #[expect(clippy::panic, reason = "a test that cannot run must fail, and say why")]
    async fn create() -> (String, Self) {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // The process keeps test programs apart that share a server.
        let name = format!("daftar_test_{}_{number}", std::process::id());
        let created = async {
            let admin_url =
                tokio::task::spawn_blocking(cluster::admin_url).await.map_err(|e| e.to_string())?;
            admin::drop_database(admin_url, &name).await.map_err(|e| e.to_string())?;
            admin::create_database(admin_url, &name).await.map_err(|e| e.to_string())
        };
        match created.await {
            Ok(url) => (url, Self { name }),
            Err(error) => panic!("making a database on PostgreSQL: {error}"),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.name);
        // Drop cannot await, and the test's runtime may be ending: another thread with a runtime of its own.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.is_ok_and(|r| r.block_on(admin::drop_database(cluster::admin_url(), &name)).is_ok())
        });
        // What is left behind on a foreign server carries the prefix `daftar_test_`; ours goes as a whole.
        let _ = dropped.join();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use daftar_store::{StoreError, params, sql};

    #[tokio::test]
    async fn both_engines_open_and_answer() {
        for_each_engine(&[], async |store| {
            let seven = store.read(|tx| {
                Box::pin(async move {
                    tx.query_one(sql!("select cast($1 as bigint) + 1"), &params![6_i64]).await?.get::<i64>(0)
                })
            });
            assert_eq!(seven.await, Ok::<_, StoreError>(7), "{:?}", store.engine);
        })
        .await;
    }
}

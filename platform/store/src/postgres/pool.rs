//! The connections of one node, handed from one transaction to the next.
//!
//! Only a connection that has ended its transaction cleanly comes back; every other is thrown away, and the server
//! rolls back. So one need not ask the server before each use, or after it, whether it still lives: that would be a
//! round trip for each transaction of a handful.

use super::error;
use crate::StoreError;
use daftar_kernel::{Timestamp, World};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Connections of one node.
pub(super) const CONNECTIONS: u32 = 32;
/// How long a request waits for a connection before it is told that the store is busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection that nobody used for so long is closed, in seconds.
const IDLE_SECONDS: i64 = 600;

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct Pool {
    inner: Arc<Inner>,
}

struct Inner {
    options: PgConnectOptions,
    world: World,
    places: Arc<Semaphore>,
    /// Those that wait, the last used at the end, with the time it was given back.
    idle: Mutex<Vec<(PgConnection, Timestamp)>>,
}

impl Inner {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(PgConnection, Timestamp)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection in somebody's hands. Dropping it ends it; [`Connection::give_back`] keeps it for the next.
pub(super) struct Connection {
    connection: PgConnection,
    pool: Arc<Inner>,
    _place: OwnedSemaphorePermit,
}

impl Pool {
    /// Makes the first connection, so that a wrong address shows at once.
    pub(super) async fn connect(options: PgConnectOptions, world: World) -> Result<Self, sqlx::Error> {
        let first = match timeout(ACQUIRE_TIMEOUT, options.connect()).await {
            Ok(first) => first?,
            Err(_) => return Err(sqlx::Error::PoolTimedOut),
        };
        let idle = Mutex::new(vec![(first, world.now())]);
        let places = Arc::new(Semaphore::new(CONNECTIONS as usize));
        Ok(Self { inner: Arc::new(Inner { options, world, places, idle }) })
    }

    /// A connection, the one used last if any is free.
    pub(super) async fn acquire(&self) -> Result<Connection, StoreError> {
        let busy = |_| StoreError::Busy("no connection became free");
        let places = Arc::clone(&self.inner.places);
        let place = timeout(ACQUIRE_TIMEOUT, places.acquire_owned()).await.map_err(busy)?;
        let place = place.map_err(|_| StoreError::Unavailable("the pool is closed".into()))?;
        let waiting = self.inner.idle().pop();
        let connection = match waiting {
            Some((connection, _)) => connection,
            None => timeout(ACQUIRE_TIMEOUT, self.inner.options.connect())
                .await
                .map_err(busy)?
                .map_err(|e| error("connect", e))?,
        };
        Ok(Connection { connection, pool: Arc::clone(&self.inner), _place: place })
    }

    /// Waits for everybody to give back, then closes all; later calls fail.
    pub(super) async fn close(&self) {
        // Fails only when it was closed before.
        let all = self.inner.places.acquire_many(CONNECTIONS).await;
        self.inner.places.close();
        drop(all);
        let idle = std::mem::take(&mut *self.inner.idle());
        for (connection, _) in idle {
            // One that is broken is closed already.
            let _ = sqlx::Connection::close(connection).await;
        }
    }
}

impl Connection {
    /// Keeps it for the next. It must have no transaction open and no answer under way.
    pub(super) fn give_back(self) {
        let now = self.pool.world.now();
        let mut idle = self.pool.idle();
        idle.retain(|(_, since)| since.plus_seconds(IDLE_SECONDS) > now);
        idle.push((self.connection, now));
    }
}

impl Deref for Connection {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

//! The connections of one node, handed from one transaction to the next: deadpool's pool, with two rules of ours.
//!
//! Only a connection that has ended its transaction cleanly comes back; every other is thrown away, and the server
//! rolls back. So one need not ask the server before each use, or after it, whether it still lives: that would be a
//! round trip for each transaction of a handful, and sqlx's own pool asks after each release, whatever its settings.

use super::error;
use crate::StoreError;
use deadpool::Runtime;
use deadpool::managed::{self, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use std::time::Duration;

/// Connections of one node.
pub(super) const CONNECTIONS: u32 = 32;
/// How long a request waits for a connection before it is told that the store is busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection that nobody used for so long is closed.
const IDLE: Duration = Duration::from_secs(600);

struct Manager(PgConnectOptions);

impl managed::Manager for Manager {
    type Type = PgConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<PgConnection, sqlx::Error> {
        let mut connection = self.0.connect().await?;
        // While the leader changes, a router may still lead to the one of before. A server that steps down ends all its
        // sessions, so it is enough to ask once.
        let (standby,): (bool,) =
            sqlx::query_as("select pg_is_in_recovery()").fetch_one(&mut connection).await?;
        if standby {
            return Err(
                std::io::Error::new(std::io::ErrorKind::ConnectionRefused, "a standby answers").into()
            );
        }
        Ok(connection)
    }

    async fn recycle(&self, _: &mut PgConnection, used: &Metrics) -> RecycleResult<sqlx::Error> {
        if used.last_used() > IDLE { Err(RecycleError::message("idle for too long")) } else { Ok(()) }
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct Pool(managed::Pool<Manager>);

/// A connection in somebody's hands. Dropping it ends it; [`Connection::give_back`] keeps it for the next.
pub(super) struct Connection(Option<Object<Manager>>);

impl Pool {
    /// Makes the first connection, so that a wrong address shows at once.
    pub(super) async fn connect(options: PgConnectOptions) -> Result<Self, sqlx::Error> {
        let built = managed::Pool::builder(Manager(options))
            .max_size(CONNECTIONS as usize)
            .wait_timeout(Some(ACQUIRE_TIMEOUT))
            .create_timeout(Some(ACQUIRE_TIMEOUT))
            // The one used last: the others may grow old and go.
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1)
            .build();
        let pool = built.map_err(|e| sqlx::Error::Configuration(e.into()))?;
        match pool.get().await {
            Ok(_) => Ok(Self(pool)),
            Err(PoolError::Backend(error)) => Err(error),
            Err(_) => Err(sqlx::Error::PoolTimedOut),
        }
    }

    /// A connection, the one used last if any is free.
    pub(super) async fn acquire(&self) -> Result<Connection, StoreError> {
        // Boxed: it holds the whole handshake of a new connection, and every transaction would carry that.
        match Box::pin(self.0.get()).await {
            Ok(object) => Ok(Connection(Some(object))),
            Err(PoolError::Backend(failed)) => Err(error("connect", failed)),
            Err(PoolError::Timeout(_)) => Err(StoreError::Busy("no connection became free")),
            Err(_) => Err(StoreError::Unavailable("the pool is closed".into())),
        }
    }

    /// Closes what waits; what is in somebody's hands ends when it is given back. Later calls fail.
    pub(super) fn close(&self) {
        self.0.close();
    }
}

impl Connection {
    /// The connection itself.
    pub(super) fn get(&mut self) -> Result<&mut PgConnection, StoreError> {
        let gone = || StoreError::Unavailable("the connection was given back".into());
        self.0.as_deref_mut().ok_or_else(gone)
    }
    /// Keeps it for the next. It must have no transaction open and no answer under way.
    pub(super) fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            // Out of the pool, and closed with it.
            drop(Object::take(object));
        }
    }
}

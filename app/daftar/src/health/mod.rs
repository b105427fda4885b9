//! How the machine is doing: tried out every few seconds from the user's side, shown to everybody at `/status`, and to the
//! operator's tools at `/metrics`.

mod metrics;
mod page;

use daftar_http::{Routes, Site};
use daftar_kernel::Timestamp;
use daftar_store::counter;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

pub use metrics::Token;

/// How often it is tried out whether reading and writing work.
const TRY_EVERY: Duration = Duration::from_secs(15);
/// How long a try may take: whoever waits longer would say that it does not work.
const PATIENCE: Duration = Duration::from_secs(10);
/// The counter that the try counts up: a real commit, on the disk before it is acknowledged.
const COUNTER: &str = "status-try";

/// What was seen last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// When it was last tried; none before the first time.
    pub tried: Option<Timestamp>,
    /// Whether reading worked then.
    pub reads: bool,
    /// Whether writing worked then.
    pub writes: bool,
    /// When writing last worked.
    pub wrote: Option<Timestamp>,
}

/// How the machine is doing. Cheap to clone.
#[derive(Clone, Default)]
pub struct Health {
    seen: Arc<RwLock<Seen>>,
}

impl Health {
    /// What was seen last.
    #[must_use]
    pub fn seen(&self) -> Seen {
        *self.seen.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tries out reading and writing once.
    pub async fn look(&self, site: &Site) {
        let store = &site.store;
        let read = store.read(|tx| Box::pin(async move { daftar_store::jobs::count(tx).await }));
        let reads = matches!(tokio::time::timeout(PATIENCE, read).await, Ok(Ok(_)));
        let write = store.write(|tx| Box::pin(async move { counter::next(tx, COUNTER).await }));
        let writes = matches!(tokio::time::timeout(PATIENCE, write).await, Ok(Ok(_)));
        let now = site.world().now();
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        if writes != seen.writes && seen.tried.is_some() {
            tracing::warn!(writes, "whether writing works has changed");
        }
        *seen = Seen { tried: Some(now), reads, writes, wrote: if writes { Some(now) } else { seen.wrote } };
    }

    /// Tries it out until `stopped` ends.
    pub async fn keep(self, site: Arc<Site>, stopped: impl Future<Output = ()>) {
        let mut stopped = std::pin::pin!(stopped);
        loop {
            self.look(&site).await;
            tokio::select! {
                () = &mut stopped => return,
                () = tokio::time::sleep(TRY_EVERY) => {}
            }
        }
    }
}

/// Adds `/status` and `/metrics`.
pub fn add(routes: &mut Routes) {
    page::add(routes);
    metrics::add(routes);
}

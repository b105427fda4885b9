//! The worker: claims due jobs, runs their handlers, keeps score.

use super::{ATTEMPTS_LIMIT, pause_seconds};
use crate::{BoxFuture, Row, Store, StoreError, Tx, params, sql};
use daftar_kernel::{Id, Timestamp};
use futures_util::{FutureExt, StreamExt};
use std::collections::BTreeMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

/// How long a claim holds. A handler that takes longer may be run a second time beside itself.
const CLAIM_SECONDS: i64 = 300;
/// How many jobs of one kind are claimed at once.
const CLAIM_BATCH: i64 = 64;
/// How many run side by side.
const CONCURRENT: usize = 16;
/// How often an idle worker looks.
const POLL: Duration = Duration::from_millis(250);
/// The longest reason that is kept, in characters.
const REASON_LIMIT: usize = 500;

/// Why a handler failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// For the operator; never personal data.
    pub reason: String,
    /// Whether trying again is pointless.
    pub for_good: bool,
}

impl Failed {
    /// It may work later.
    pub fn try_again(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), for_good: false }
    }
    /// It will never work: the job is dead at once.
    pub fn for_good(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), for_good: true }
    }
}
impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::try_again(error.to_string())
    }
}

/// A job in its handler's hands.
#[derive(Clone, Debug, PartialEq)]
pub struct Running {
    /// Its id: the same at every attempt, so that what it causes elsewhere can be done once.
    pub id: Id,
    /// Which handler.
    pub kind: String,
    /// What it concerns.
    pub aggregate: String,
    /// What was enqueued.
    pub payload: serde_json::Value,
    /// Which attempt this is, from 1.
    pub attempt: i64,
    claim: Id,
}

impl Running {
    /// Deletes the job in the handler's own transaction, so that its effect happens exactly once. False when the
    /// claim has passed to somebody else: then change nothing.
    ///
    /// # Errors
    /// The store's.
    pub async fn finish(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let text = sql!("delete from store_job where id = $1 and claim = $2");
        Ok(tx.execute(text, &params![self.id, self.claim]).await? == 1)
    }
}

/// How a handler leaves its job when it succeeded.
pub(crate) enum Done {
    /// Still there, to be deleted by the worker.
    Delete,
    /// Deleted in the handler's own transaction.
    Deleted,
}

type Handler = Arc<dyn Fn(Store, Running) -> BoxFuture<'static, Result<Done, Failed>> + Send + Sync>;

/// Runs jobs. One in each process that should work; any number may share a database.
#[derive(Clone, Default)]
pub struct Worker {
    handlers: BTreeMap<String, Handler>,
    pub(crate) subscriptions: Vec<(String, String)>,
}

impl Worker {
    /// A worker that knows no kinds yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs jobs of this kind with this handler. A second handler of the same kind replaces the first.
    pub fn register<F, R>(&mut self, kind: &str, handler: F)
    where
        F: Fn(Store, Running) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), Failed>> + Send + 'static,
    {
        self.register_raw(kind, move |store, job| {
            let run = handler(store, job);
            Box::pin(async move { run.await.map(|()| Done::Delete) })
        });
    }

    pub(crate) fn register_raw<F>(&mut self, kind: &str, handler: F)
    where
        F: Fn(Store, Running) -> BoxFuture<'static, Result<Done, Failed>> + Send + Sync + 'static,
    {
        self.handlers.insert(kind.into(), Arc::new(handler));
    }

    /// Runs every job that is due now, once each, and answers how many; for tests, and for the loop below.
    ///
    /// # Errors
    /// The store's. A failing handler is no error here.
    pub async fn run_due(&self, store: &Store) -> Result<usize, StoreError> {
        // Side by side, so that a slow kind (mail to a sluggish server) holds up no other.
        let kinds = self.handlers.iter().map(|(kind, handler)| run_kind(store, kind, handler));
        // All to their end, also when one fails: a handler is not broken off half-way.
        futures_util::future::join_all(kinds).await.into_iter().sum()
    }

    /// Runs due jobs until `shutdown` ends; those under way are finished first.
    pub async fn run(&self, store: &Store, shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown.fuse());
        loop {
            let idle = match self.run_due(store).await {
                Ok(ran) => ran == 0,
                Err(error) => {
                    tracing::warn!(%error, "running jobs");
                    true
                }
            };
            let pause = if idle { POLL } else { Duration::ZERO };
            tokio::select! {
                () = &mut shutdown => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.handlers.keys()).finish()
    }
}

async fn run_kind(store: &Store, kind: &str, handler: &Handler) -> Result<usize, StoreError> {
    let jobs = claim(store, kind).await?;
    let count = jobs.len();
    let mut running =
        futures_util::stream::iter(jobs).map(|job| run_one(store, handler, job)).buffer_unordered(CONCURRENT);
    while let Some(done) = running.next().await {
        done?;
    }
    Ok(count)
}

/// Claims the heads of their aggregates. The attempt is counted here, so that a job that kills its process counts.
async fn claim(store: &Store, kind: &str) -> Result<Vec<Running>, StoreError> {
    let (now, claim) = (store.world().now(), store.world().id());
    let kind = kind.to_string();
    // Mostly nothing is due: find that out without a write transaction.
    if due(store, &kind, now).await?.is_empty() {
        return Ok(Vec::new());
    }
    store
        .write(move |tx| {
            let kind = kind.clone();
            Box::pin(async move {
                let mut claimed = Vec::new();
                for id in due_ids(tx, &kind, now).await? {
                    let text = sql!(
                        "update store_job set claim = $2, claimed_until = $3, attempts = attempts + 1 where id = $1
                         returning kind, aggregate, payload, attempts"
                    );
                    let until = now.plus_seconds(CLAIM_SECONDS);
                    let row = tx.query_one(text, &params![id, claim, until]).await?;
                    claimed.push(running(id, claim, &row)?);
                }
                Ok(claimed)
            })
        })
        .await
}

fn running(id: Id, claim: Id, row: &Row) -> Result<Running, StoreError> {
    let payload =
        serde_json::from_str(row.get(2)?).map_err(|e| StoreError::malformed("a job's payload", e))?;
    Ok(Running { id, kind: row.get(0)?, aggregate: row.get(1)?, payload, attempt: row.get(3)?, claim })
}

async fn due(store: &Store, kind: &str, now: Timestamp) -> Result<Vec<Id>, StoreError> {
    let kind = kind.to_string();
    store
        .read(move |tx| {
            let kind = kind.clone();
            Box::pin(async move { due_ids(tx, &kind, now).await })
        })
        .await
}

async fn due_ids(tx: &mut Tx, kind: &str, now: Timestamp) -> Result<Vec<Id>, StoreError> {
    let text = sql!(
        "select job.id from store_job job
         where job.kind = $1 and job.dead = $2 and job.run_at <= $3 and job.claimed_until <= $3
           and not exists (select 1 from store_job before
                           where before.aggregate = job.aggregate and before.place < job.place)
         order by job.run_at, job.id limit $4"
    );
    tx.query(text, &params![kind, false, now, CLAIM_BATCH]).await?.iter().map(|row| row.get(0)).collect()
}

async fn run_one(store: &Store, handler: &Handler, job: Running) -> Result<(), StoreError> {
    let ran = AssertUnwindSafe(async { handler(store.clone(), job.clone()).await }).catch_unwind().await;
    let failed = match ran {
        Ok(Ok(Done::Deleted)) => return Ok(()),
        Ok(Ok(Done::Delete)) => None,
        Ok(Err(failed)) => Some(failed),
        Err(_panic) => Some(Failed::try_again("the handler panicked")),
    };
    let now = store.world().now();
    store
        .write(move |tx| {
            let (job, failed) = (job.clone(), failed.clone());
            Box::pin(async move {
                match failed {
                    None => job.finish(tx).await.map(|_| ()),
                    Some(failed) => put_back(tx, &job, &failed, now).await,
                }
            })
        })
        .await
}

async fn put_back(tx: &mut Tx, job: &Running, failed: &Failed, now: Timestamp) -> Result<(), StoreError> {
    let dead = failed.for_good || job.attempt >= ATTEMPTS_LIMIT;
    let reason: String = failed.reason.chars().filter(|c| *c != '\0').take(REASON_LIMIT).collect();
    tracing::warn!(kind = %job.kind, attempt = job.attempt, dead, %reason, "a job failed");
    let text = sql!(
        "update store_job set dead = $3, last_error = $4, run_at = $5, claim = $6, claimed_until = 0
         where id = $1 and claim = $2"
    );
    let run_at = now.plus_seconds(pause_seconds(job.attempt));
    tx.execute(text, &params![job.id, job.claim, dead, reason, run_at, None::<Id>]).await.map(|_| ())
}

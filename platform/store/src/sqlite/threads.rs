//! The writer thread, which commits many closures at once, and the reader threads.

use super::session::{Role, SqliteSession, frames_in_log};
use crate::queue::{Queue, Refused};
use crate::shipping::tide::Tide;
use crate::tx::{Engine, Text, Tx, Want, settle};
use crate::{BoxFuture, Row, Sql, StoreError, Value};
use daftar_kernel::World;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// How many write closures may wait; one more is answered with [`StoreError::Busy`].
pub const WRITE_QUEUE_LIMIT: usize = 8192;
/// How many reads may wait.
pub const READ_QUEUE_LIMIT: usize = 8192;
/// How many closures share one commit at most, so that the first does not wait for the last of a long queue.
const BATCH_LIMIT: usize = 1024;
/// How many batches run with a savepoint for each closure after one failed that had written.
const GUARDED_BATCHES: u32 = 64;
/// Reader threads: at least four, so that a few long reads do not stop all; at most eight.
const READERS: std::ops::RangeInclusive<usize> = 4..=8;

/// A closure on its way through a thread and back.
trait Job: Send {
    /// Runs it; says whether what it changed is to be kept.
    fn run(&mut self, tx: &mut Tx) -> Ran;
    /// Answers whoever waits: with the closure's own result, or with why it counts for nothing.
    fn acknowledge(self: Box<Self>, fate: Result<(), StoreError>);
}

struct Ran {
    keep: bool,
    failure: Option<StoreError>,
}

struct Typed<T, E, F> {
    closure: F,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for Typed<T, E, F>
where
    T: Send,
    E: From<StoreError> + Send,
    F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send,
{
    fn run(&mut self, tx: &mut Tx) -> Ran {
        let ran = catch_unwind(AssertUnwindSafe(|| {
            // Every step of a closure on this engine is done when it returns: one poll must finish it.
            match (self.closure)(tx).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(result) => result,
                Poll::Pending => Err(StoreError::Awaited.into()),
            }
        }));
        let failure = tx.end_closure();
        let result = settle(ran, failure.clone());
        let keep = result.is_ok();
        self.result = Some(result);
        Ran { keep, failure }
    }
    fn acknowledge(self: Box<Self>, fate: Result<(), StoreError>) {
        let result = match (fate, self.result) {
            (Err(error), _) => Err(error.into()),
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(StoreError::Stopped("the write was never run".into()).into()),
        };
        // Nobody may be waiting any more; the write stands all the same.
        let _ = self.reply.send(result);
    }
}

/// The open file with its threads.
pub(crate) struct Database {
    writes: Arc<Queue<Box<dyn Job>>>,
    reads: Arc<Queue<Box<dyn Job>>>,
    stopped: Arc<OnceLock<StoreError>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Connections for look-ups, used on whatever thread asks; empty once closed.
    quick: Vec<Mutex<Option<SqliteSession>>>,
}

impl Database {
    /// Starts the threads; `writer` is a connection whose migrations are done.
    #[cfg(test)]
    pub(crate) fn start(path: &Path, world: &World, writer: Tx) -> Result<Self, StoreError> {
        Self::start_archived(path, world, writer, None)
    }

    /// The same; with a tide, the log is left to the shipper.
    pub(crate) fn start_archived(
        path: &Path,
        world: &World,
        mut writer: Tx,
        tide: Option<Arc<Tide>>,
    ) -> Result<Self, StoreError> {
        if tide.is_some() {
            session(&mut writer)?.watch_commits();
        }
        let tide = tide.map(|tide| (tide, path.to_path_buf()));
        let mut database = Self {
            writes: Arc::new(Queue::new(WRITE_QUEUE_LIMIT)),
            reads: Arc::new(Queue::new(READ_QUEUE_LIMIT)),
            stopped: Arc::new(OnceLock::new()),
            threads: Mutex::new(Vec::new()),
            quick: Vec::new(),
        };
        let (queue, stopped) = (Arc::clone(&database.writes), Arc::clone(&database.stopped));
        database.spawn("store-writer".into(), move || write_until_closed(writer, &queue, &stopped, tide))?;
        let cores = std::thread::available_parallelism().map_or(*READERS.start(), usize::from);
        let readers = cores.clamp(*READERS.start(), *READERS.end());
        for _ in 0..readers {
            database.quick.push(Mutex::new(Some(SqliteSession::open(path, Role::Reader)?)));
        }
        for number in 0..readers {
            let tx = Tx::new(Engine::Sqlite(SqliteSession::open(path, Role::Reader)?), world.clone());
            let queue = Arc::clone(&database.reads);
            database.spawn(format!("store-reader-{number}"), move || read_until_closed(tx, &queue))?;
        }
        Ok(database)
    }

    fn spawn(&self, name: String, body: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
        let thread = std::thread::Builder::new()
            .name(name)
            .spawn(body)
            .map_err(|e| StoreError::io("starting a thread of the store", &e))?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }

    pub(crate) async fn write<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        self.send(&self.writes, "too many writes wait", closure).await
    }

    pub(crate) async fn read<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        self.send(&self.reads, "too many reads wait", closure).await
    }

    /// One statement on the thread that asks: handing a look-up of microseconds to another thread and back costs more
    /// than the look-up. When every connection for it is taken, it waits for a reader like any other read.
    pub(crate) async fn look_up(&self, sql: Sql, params: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        crate::tx::check(&params)?;
        for connection in &self.quick {
            if let Ok(mut connection) = connection.try_lock()
                && let Some(session) = connection.as_mut()
            {
                return session.run(Text::Static(sql.text()), &params, Want::Rows).map(|answer| answer.rows);
            }
        }
        self.read(move |tx| {
            let params = params.clone();
            Box::pin(async move { tx.query(sql, &params).await })
        })
        .await
    }

    async fn send<T, E, F>(&self, queue: &Queue<Box<dyn Job>>, busy: &'static str, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        match queue.put(Box::new(Typed { closure, result: None, reply })) {
            Ok(()) => {}
            Err(Refused::Full(_)) => return Err(StoreError::Busy(busy).into()),
            Err(Refused::Closed(_)) => return Err(self.why_stopped().into()),
        }
        answer.await.unwrap_or_else(|_| Err(self.why_stopped().into()))
    }

    fn why_stopped(&self) -> StoreError {
        self.stopped.get().cloned().unwrap_or_else(|| StoreError::Stopped("the store was closed".into()))
    }

    /// Finishes what waits and ends the threads.
    pub(crate) fn close(&self) {
        for connection in &self.quick {
            connection.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        self.writes.close();
        self.reads.close();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // The last handle may be dropped by a closure, on one of these threads itself.
            if thread.thread().id() != std::thread::current().id() && thread.join().is_err() {
                tracing::error!("a thread of the store had panicked");
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.close();
    }
}

fn session(tx: &mut Tx) -> Result<&mut SqliteSession, StoreError> {
    match &mut tx.engine {
        Engine::Sqlite(session) => Ok(session),
        Engine::Postgres(_) => Err(StoreError::Stopped("a writer of the wrong engine".into())),
    }
}

fn write_until_closed(
    mut tx: Tx,
    queue: &Queue<Box<dyn Job>>,
    stopped: &OnceLock<StoreError>,
    tide: Option<(Arc<Tide>, PathBuf)>,
) {
    let (mut batch, mut guarded) = (Vec::new(), 0);
    while queue.take(&mut batch, BATCH_LIMIT) {
        match commit_together(&mut tx, &mut batch, &mut guarded) {
            Ok(()) => {
                if let Some((tide, _)) = &tide {
                    // Before anybody is told: whatever was acknowledged by a moment was committed by it.
                    tide.committed(frames_in_log(), tx.world().now());
                }
                batch.drain(..).for_each(|job| job.acknowledge(Ok(())));
                if let Some((tide, path)) = &tide
                    && let Ok(session) = session(&mut tx)
                {
                    tide.ebb(session, path);
                }
            }
            Err(Failed::Batch(error)) => batch.drain(..).for_each(|job| job.acknowledge(Err(error.clone()))),
            Err(Failed::Writer(error)) => {
                // After a failed commit nobody knows what the disk holds; writing on could bury what was promised.
                tracing::error!(%error, "a commit failed: nothing is written any more until a restart");
                let later = match &error {
                    StoreError::Full => StoreError::Full,
                    other => StoreError::Stopped(other.to_string()),
                };
                let _ = stopped.set(later.clone());
                queue.close();
                batch.drain(..).for_each(|job| job.acknowledge(Err(error.clone())));
                queue.drain().into_iter().for_each(|job| job.acknowledge(Err(later.clone())));
                return forsake(tx);
            }
        }
    }
}

/// Leaves the file as it is: closing must not copy a log that may be torn into the database.
fn forsake(mut tx: Tx) {
    if let Ok(session) = session(&mut tx) {
        session.leave_log_on_close();
    }
}

enum Failed {
    /// This batch alone: nothing had begun.
    Batch(StoreError),
    /// The writer must stop.
    Writer(StoreError),
}

/// Runs all closures in one transaction and commits once.
///
/// At first without a savepoint each: SQLite copies every page that is changed for the first time inside one, and
/// few closures fail after they have written. When one does, everything is undone and run again, now each in a
/// savepoint, which undoes it alone; so are the next batches, so that failing on purpose does not double the work.
fn commit_together(tx: &mut Tx, batch: &mut [Box<dyn Job>], guarded: &mut u32) -> Result<(), Failed> {
    begin(tx)?;
    let done = if *guarded > 0 {
        *guarded -= 1;
        run_guarded(tx, batch)
    } else {
        match run_bare(tx, batch) {
            Ok(Bare::Kept) => Ok(()),
            Ok(Bare::Spoilt) => {
                session(tx).and_then(|s| s.control("ROLLBACK")).map_err(Failed::Writer)?;
                if batch.len() == 1 {
                    // Nothing else was undone with it.
                    return Ok(());
                }
                *guarded = GUARDED_BATCHES;
                begin(tx)?;
                run_guarded(tx, batch)
            }
            Err(error) => Err(error),
        }
    };
    done.and_then(|()| session(tx)?.control("COMMIT")).map_err(|error| {
        // Best effort: SQLite may have rolled back already.
        let _ = session(tx).and_then(|s| s.control("ROLLBACK"));
        Failed::Writer(error)
    })
}

fn begin(tx: &mut Tx) -> Result<(), Failed> {
    session(tx).and_then(|s| s.control("BEGIN IMMEDIATE")).map_err(|error| match error {
        StoreError::Unavailable(_) => Failed::Batch(error),
        grave => Failed::Writer(grave),
    })
}

/// What running without savepoints came to.
enum Bare {
    /// What is to be kept is there and nothing else.
    Kept,
    /// A closure failed after it had changed something.
    Spoilt,
}

fn run_bare(tx: &mut Tx, batch: &mut [Box<dyn Job>]) -> Result<Bare, StoreError> {
    for job in batch {
        let before = session(tx)?.changes();
        let keep = run_one(tx, job)?;
        // A statement that fails undoes itself; only earlier ones of the closure leave something behind.
        if !keep && session(tx)?.changes() != before {
            return Ok(Bare::Spoilt);
        }
    }
    Ok(Bare::Kept)
}

fn run_guarded(tx: &mut Tx, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    for job in batch {
        session(tx)?.control("SAVEPOINT closure")?;
        let keep = run_one(tx, job)?;
        let session = session(tx)?;
        if !keep {
            session.control("ROLLBACK TO closure")?;
        }
        session.control("RELEASE closure")?;
    }
    Ok(())
}

/// Runs a closure; says whether what it changed is to be kept. An error here is one the whole batch fails of.
fn run_one(tx: &mut Tx, job: &mut Box<dyn Job>) -> Result<bool, StoreError> {
    let ran = job.run(tx);
    let lost = session(tx)?.has_no_transaction();
    match ran.failure {
        Some(error @ StoreError::Io { .. }) => Err(error),
        Some(error) if lost => Err(error),
        None if lost => Err(StoreError::Stopped("the transaction was lost".into())),
        _ => Ok(ran.keep),
    }
}

fn read_until_closed(mut tx: Tx, queue: &Queue<Box<dyn Job>>) {
    let mut one = Vec::with_capacity(1);
    while queue.take(&mut one, 1) {
        for mut job in one.drain(..) {
            // The snapshot is taken by the first statement and held to the end.
            let fate = session(&mut tx).and_then(|s| s.control("BEGIN")).map(|()| {
                job.run(&mut tx);
            });
            if let Ok(session) = session(&mut tx)
                && !session.has_no_transaction()
                && let Err(error) = session.control("ROLLBACK")
            {
                tracing::error!(%error, "ending a read");
            }
            job.acknowledge(fate);
        }
    }
}

//! Between the writer thread and the shipper: what was committed when, and when the log may be moved into the database.
//!
//! The one rule: the log is moved into the database only while nobody can commit and everything in it lies in the archive. So
//! whatever a later writer overwrites has been shipped. Every program of ours that writes to this database leaves the moving
//! to the server's writer thread.

use super::gap;
use super::moments::{Moments, Salts, recall};
use crate::StoreError;
use crate::sqlite::{Role, SqliteSession};
use daftar_kernel::Timestamp;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// At how many frames the log is moved into the database: 16 MiB of pages.
const MOVE_AT_FRAMES: u32 = 4000;
/// After how many more frames it is tried again when it could not be moved whole.
const TRY_AGAIN_FRAMES: u32 = 1000;
/// How long writers wait at most for the archive while the log is to be moved.
const SHIP_PATIENCE: Duration = Duration::from_secs(2);
/// How large the log may grow while the archive cannot be reached, in frames (2 GiB of pages): then it is moved unshipped, the
/// archive has a gap, and a new generation begins. A full disk would stop the country.
pub(crate) const MOST_BEHIND_FRAMES: u32 = 512 * 1024;
/// How many commits are remembered with their moment; of older ones the moment of shipping counts.
const MARKS_LIMIT: usize = 100_000;

/// When a commit was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Frames in the log after it.
    pub(crate) frames: u32,
    pub(crate) at: Timestamp,
}

/// Shared by writer thread and shipper.
#[derive(Default)]
pub(crate) struct Tide {
    state: Mutex<State>,
    /// Held while the log is moved; true inside while a snapshot is copied, which must see no moving.
    snapshot: Mutex<bool>,
    /// Whether a shipper of this process is at work.
    shipping: AtomicBool,
    /// Something was committed, or the writer waits for the shipper.
    pub(crate) news: Notify,
}

#[derive(Default)]
struct State {
    marks: VecDeque<Mark>,
    /// The same, on the disk.
    moments: Option<Moments>,
    frames: u32,
    /// Frames at which the log is next tried to be moved.
    move_at: Option<u32>,
    /// The writer waits until everything is shipped; nobody can commit meanwhile.
    waiting: Option<mpsc::SyncSender<bool>>,
    /// Somebody waits until nothing is left in the log.
    scrub: Option<oneshot::Sender<Result<(), StoreError>>>,
}

impl Tide {
    /// For this database; moments of commits are noted beside it.
    pub(crate) fn beside(database: &Path) -> Result<Self, StoreError> {
        let state = State { moments: Some(Moments::open(database)?), ..State::default() };
        Ok(Self { state: Mutex::new(state), ..Self::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A commit of the writer thread left so many frames in the log.
    pub(crate) fn committed(&self, frames: u32, at: Timestamp) {
        let mut state = self.state();
        if frames == state.frames {
            return;
        }
        if frames < state.frames {
            state.move_at = None;
        }
        state.frames = frames;
        if state.marks.len() == MARKS_LIMIT {
            state.marks.pop_front();
        }
        state.marks.push_back(Mark { frames, at });
        if let Some(moments) = &mut state.moments
            && let Err(error) = moments.note(Mark { frames, at })
        {
            tracing::warn!(%error, "the moments of commits cannot be noted; after a kill those of shipping count");
            state.moments = None;
        }
        drop(state);
        self.news.notify_one();
    }

    /// Takes the moment of the commit that ends at this frame; earlier marks are done with. Marks of a new era come after
    /// the last one of the era before.
    pub(crate) fn moment_of(&self, frames: u32) -> Option<Timestamp> {
        let mut state = self.state();
        let place = state.marks.iter().position(|mark| mark.frames == frames)?;
        state.marks.drain(..place);
        state.marks.pop_front().map(|mark| mark.at)
    }

    /// The shipper goes on after so many frames of this era: what other processes noted since then counts as well.
    pub(crate) fn resumed(&self, database: &Path, era: Salts, frames: u32) -> Result<(), StoreError> {
        let mut state = self.state();
        // What this process committed was noted too, before anybody could ship it.
        state.marks = recall(database, era, frames)?.into();
        Ok(())
    }

    /// A new era of the log was begun: what is left of the one before counts no more. Answers whether something of it had
    /// been committed past that frame, which then was never shipped.
    pub(crate) fn era_ended(&self, shipped: u32) -> bool {
        let mut state = self.state();
        let (mut last, mut lost) = (0, false);
        while let Some(mark) = state.marks.front().copied() {
            if mark.frames < last || (last == 0 && mark.frames < shipped) {
                break;
            }
            lost |= mark.frames > shipped;
            last = mark.frames;
            state.marks.pop_front();
        }
        lost
    }

    /// A shipper begins or ends.
    pub(crate) fn set_shipping(&self, at_work: bool) {
        self.shipping.store(at_work, Ordering::SeqCst);
        if !at_work && let Some(waiting) = self.state().waiting.take() {
            let _ = waiting.send(false);
        }
    }

    /// The shipper has shipped all there is (or cannot): a writer that waits goes on.
    pub(crate) fn shipped(&self, all: bool) {
        if let Some(waiting) = self.state().waiting.take() {
            let _ = waiting.send(all);
        }
    }

    /// Whether the writer waits for the shipper.
    pub(crate) fn writer_waits(&self) -> bool {
        self.state().waiting.is_some()
    }

    /// Keeps the log from being moved while a snapshot is copied; answers whether that is so now.
    pub(crate) fn hold(&self) -> bool {
        match self.snapshot.try_lock() {
            Ok(mut held) => {
                *held = true;
                true
            }
            Err(_) => false,
        }
    }

    /// The snapshot is copied.
    pub(crate) fn release(&self) {
        *self.snapshot.lock().unwrap_or_else(PoisonError::into_inner) = false;
    }

    /// Asks the writer thread to leave nothing in the log.
    pub(crate) fn ask_to_scrub(&self) -> oneshot::Receiver<Result<(), StoreError>> {
        let (reply, answer) = oneshot::channel();
        self.state().scrub = Some(reply);
        answer
    }

    fn due(&self) -> bool {
        let state = self.state();
        state.scrub.is_some() || state.frames >= state.move_at.unwrap_or(MOVE_AT_FRAMES)
    }

    /// Has the shipper ship everything while nobody can commit.
    fn all_shipped(&self) -> bool {
        let (sender, answer) = mpsc::sync_channel(1);
        self.state().waiting = Some(sender);
        self.news.notify_one();
        let all = answer.recv_timeout(SHIP_PATIENCE).unwrap_or(false);
        self.state().waiting = None;
        all
    }

    /// Moves the log into the database, when it is time and the archive has all of it. Called by the writer thread between
    /// two batches.
    pub(crate) fn ebb(&self, writer: &mut SqliteSession, path: &Path) {
        if !self.due() {
            return;
        }
        let scrub = self.state().scrub.take();
        let moved = self.move_log(writer, path, scrub.is_some());
        if let Err(error) = &moved {
            tracing::warn!(%error, "the write-ahead log was not moved into the database; it is tried again");
        }
        let mut state = self.state();
        state.move_at = Some(state.frames.max(MOVE_AT_FRAMES).saturating_add(TRY_AGAIN_FRAMES));
        drop(state);
        if let Some(scrub) = scrub {
            let _ = scrub.send(moved);
        }
    }

    fn move_log(&self, writer: &mut SqliteSession, path: &Path, scrub: bool) -> Result<(), StoreError> {
        let frames = self.state().frames;
        let too_much = frames >= MOST_BEHIND_FRAMES;
        let held = self.snapshot.lock().unwrap_or_else(PoisonError::into_inner);
        if *held && !too_much {
            return Err(StoreError::Busy("a snapshot is being copied"));
        }
        if !self.shipping.load(Ordering::SeqCst) && !too_much && !scrub {
            return Ok(());
        }
        // From here on nobody commits, in this process or another.
        writer.control("BEGIN IMMEDIATE")?;
        let all = self.shipping.load(Ordering::SeqCst) && self.all_shipped();
        let unshipped = !all && (too_much || scrub);
        if unshipped {
            tracing::error!(
                "the log is moved before the archive has all of it: the archive has a gap, a new generation begins"
            );
        }
        let marked = if unshipped { gap::mark(path) } else { Ok(()) };
        let moved = match marked {
            Ok(()) if all || unshipped => move_into_database(path),
            Ok(()) => Ok(false),
            Err(error) => Err(error),
        };
        writer.control("ROLLBACK")?;
        let moved = moved?;
        if scrub {
            // What was deleted must not stay readable in the log: it is cut to nothing. Whoever committed in between
            // begins another era than the next one, by which the shipper notices.
            // By the writer's own connection: another's would let SQLite choose the next era's salts at random.
            return writer.empty_log();
        }
        if moved || !all { Ok(()) } else { Err(StoreError::Busy("a long read still needs the log")) }
    }
}

/// Copies the log into the database; says whether all of it could be.
fn move_into_database(path: &Path) -> Result<bool, StoreError> {
    let helper = SqliteSession::open(path, Role::Writer)?;
    helper.leave_log()?;
    helper.move_log()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn each_commit_has_its_moment_once() {
        let tide = Tide::default();
        for (frames, second) in [(3, 1), (3, 2), (5, 3), (9, 4)] {
            tide.committed(frames, at(second));
        }
        assert_eq!(tide.moment_of(3), Some(at(1)), "an empty commit leaves no mark");
        assert_eq!(tide.moment_of(4), None, "another program's");
        assert_eq!(tide.moment_of(9), Some(at(4)));
        assert_eq!(tide.moment_of(5), None, "before what is done with");
    }

    #[test]
    fn a_new_era_tells_whether_the_one_before_was_shipped() {
        let marks = |frames: &[u32]| {
            let tide = Tide::default();
            frames.iter().for_each(|frames| tide.committed(*frames, at(1)));
            tide
        };
        let tide = marks(&[10, 12, 2, 4]);
        assert!(!tide.era_ended(12));
        assert_eq!(tide.moment_of(2), Some(at(1)), "the new era's marks stay");
        assert!(marks(&[10, 12, 2]).era_ended(10), "twelve was never shipped");
        assert!(!marks(&[]).era_ended(10));
        let next_only = marks(&[2, 4]);
        assert!(!next_only.era_ended(12));
        assert_eq!(next_only.moment_of(2), Some(at(1)));
    }
}

//! The moments of commits, in a file beside the log: a process that is killed before its last commits are shipped must not take
//! along when they were made, or a moment between them and the next start could not be restored.
//!
//! It is not synced: what the kernel has outlives the process. After a loss of power the last moments may be missing; then
//! the moment of shipping counts, as for commits of programs that keep none.

use super::tide::Mark;
use super::wal::{HEADER_BYTES, Header};
use crate::StoreError;
use daftar_kernel::Timestamp;
use std::ffi::OsString;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Salts of the era, frames, nothing, moment.
const RECORD_BYTES: usize = 24;

/// Which writing of the log a commit belongs to.
pub(crate) type Salts = (u32, u32);

/// The file, written by the writer thread.
pub(crate) struct Moments {
    database: PathBuf,
    file: File,
    /// The log, whose header names the era.
    log: Option<File>,
    era: Option<Salts>,
}

fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(ending);
    PathBuf::from(name)
}

fn path(database: &Path) -> PathBuf {
    beside(database, "-moments")
}

impl Moments {
    /// Opens it beside this database.
    pub(crate) fn open(database: &Path) -> Result<Self, StoreError> {
        let path = path(database);
        let file = File::options().create(true).append(true).mode(0o600).open(&path);
        let file = file.map_err(|e| StoreError::io(format!("opening {}", path.display()), &e))?;
        Ok(Self { database: database.into(), file, log: None, era: None })
    }

    /// Notes when a commit was made. With a new era the file begins anew: what came before was shipped, or is marked as lost.
    pub(crate) fn note(&mut self, mark: Mark) -> std::io::Result<()> {
        let log = match &self.log {
            Some(log) => log,
            None => self.log.insert(File::open(beside(&self.database, "-wal"))?),
        };
        let mut header = [0; HEADER_BYTES];
        log.read_exact_at(&mut header, 0)?;
        // One that is being written does not read: then this commit has no moment of its own.
        let Some(Header { salts, .. }) = Header::read(&header) else { return Ok(()) };
        if self.era.is_some_and(|era| era != salts) {
            self.file.set_len(0)?;
        }
        self.era = Some(salts);
        let mut record = Vec::with_capacity(RECORD_BYTES);
        for word in [salts.0, salts.1, mark.frames, 0] {
            record.extend(word.to_be_bytes());
        }
        record.extend(mark.at.0.to_be_bytes());
        self.file.write_all(&record)
    }
}

/// What was noted of the era with these salts after so many frames, and of the one that follows on it, in the order of commits.
pub(crate) fn recall(database: &Path, era: Salts, after: u32) -> Result<Vec<Mark>, StoreError> {
    let path = path(database);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::io(format!("reading {}", path.display()), &error)),
    };
    let marks = bytes.chunks_exact(RECORD_BYTES).filter_map(|record| {
        let word = |at: usize| record.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
        let (salt, frames) = (word(0)?, word(8)?);
        let at = Timestamp(i64::from_be_bytes(record.get(16..24)?.try_into().ok()?));
        let same = (salt, word(4)?) == era && frames > after;
        (same || salt == era.0.wrapping_add(1)).then_some(Mark { frames, at })
    });
    Ok(marks.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::{Role, SqliteSession};

    fn mark(frames: u32, second: i64) -> Mark {
        Mark { frames, at: Timestamp::from_seconds(second) }
    }

    #[test]
    fn what_a_killed_process_noted_is_there_for_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("daftar.db");
        let mut session = SqliteSession::open(&database, Role::Writer).unwrap();
        session.control("create table t (a integer) strict").unwrap();
        let header = || Header::read(&std::fs::read(beside(&database, "-wal")).unwrap()).unwrap();
        let era = header().salts;
        let mut moments = Moments::open(&database).unwrap();
        moments.note(mark(2, 10)).unwrap();
        drop(moments);
        let mut next = Moments::open(&database).unwrap();
        next.note(mark(4, 11)).unwrap();
        assert_eq!(recall(&database, era, 0).unwrap(), [mark(2, 10), mark(4, 11)]);
        assert_eq!(recall(&database, era, 2).unwrap(), [mark(4, 11)], "what was shipped is done with");
        assert_eq!(recall(&database, (era.0.wrapping_add(7), 1), 0).unwrap(), [], "another era's");

        session.empty_log().unwrap();
        session.control("insert into t values (1)").unwrap();
        assert_ne!(header().salts, era);
        next.note(mark(1, 12)).unwrap();
        assert_eq!(recall(&database, header().salts, 0).unwrap(), [mark(1, 12)]);
        std::fs::write(path(&database), [0; 100]).unwrap();
        assert_eq!(recall(&database, era, 0).unwrap(), [], "what a loss of power leaves");
    }
}

//! SQLite's write-ahead log as bytes (sqlite.org/fileformat2.html, "The Write-Ahead Log"): which of its frames are whole,
//! follow on one another, and belong to a commit.
//!
//! ```text
//! header  32 bytes: magic, version, page size, checkpoint number, salt 1, salt 2, checksum 1, checksum 2
//! frame   24 bytes: page number, pages of the database after a commit (else 0), salt 1, salt 2, checksum 1, checksum 2;
//!         then the page
//! ```
//!
//! When everything in it has been copied into the database, the next writer begins it anew under other salts: an *era* ends.

use crate::StoreError;

/// Length of the log's header, in bytes.
pub(crate) const HEADER_BYTES: usize = 32;
/// Length of a frame's header, in bytes.
pub(crate) const FRAME_HEADER_BYTES: usize = 24;
const MAGIC_LITTLE: u32 = 0x377f_0682;
const MAGIC_BIG: u32 = 0x377f_0683;

/// What the log's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) page_bytes: u32,
    pub(crate) salts: (u32, u32),
    /// Whether checksums read words big end first.
    big: bool,
    /// The checksum that the first frame's goes on from.
    pub(crate) checksum: (u32, u32),
}

impl Header {
    /// Reads a header; none when its bytes are not (or not yet) one.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..HEADER_BYTES)?;
        let big = match word(bytes, 0)? {
            MAGIC_LITTLE => false,
            MAGIC_BIG => true,
            _ => return None,
        };
        let page_bytes = match word(bytes, 8)? {
            size if size.is_power_of_two() && (512..=65_536).contains(&size) => size,
            _ => return None,
        };
        let checksum = (word(bytes, 24)?, word(bytes, 28)?);
        let sum = go_on(big, (0, 0), &bytes[..24]);
        (sum == checksum).then_some(Self {
            page_bytes,
            salts: (word(bytes, 16)?, word(bytes, 20)?),
            big,
            checksum,
        })
    }

    /// Length of a frame with its page, in bytes.
    pub(crate) const fn frame_bytes(&self) -> usize {
        FRAME_HEADER_BYTES + self.page_bytes as usize
    }

    /// Where a frame begins in the file; frames count from 0.
    pub(crate) const fn offset(&self, frame: u32) -> u64 {
        HEADER_BYTES as u64 + frame as u64 * self.frame_bytes() as u64
    }

    /// The commits at the beginning of these bytes, which begin with a frame that follows on one of this checksum. Ends
    /// before the first frame that is not whole, of another era, or does not follow.
    pub(crate) fn commits(&self, checksum: (u32, u32), bytes: &[u8]) -> Vec<Commit> {
        let (mut sum, mut commits) = (checksum, Vec::new());
        for (index, frame) in (1u32..).zip(bytes.chunks_exact(self.frame_bytes())) {
            let Some(next) = self.follows(sum, frame) else { break };
            sum = next;
            if word(frame, 4) != Some(0) {
                commits.push(Commit { frames: index, checksum: sum });
            }
        }
        commits
    }

    /// The checksum after this frame, when it is of this era and follows on that one.
    fn follows(&self, sum: (u32, u32), frame: &[u8]) -> Option<(u32, u32)> {
        if (word(frame, 8)?, word(frame, 12)?) != self.salts {
            return None;
        }
        let next = go_on(self.big, go_on(self.big, sum, &frame[..8]), &frame[FRAME_HEADER_BYTES..]);
        (next == (word(frame, 16)?, word(frame, 20)?)).then_some(next)
    }
}

/// The end of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    /// How many frames there are up to its end, counted from where reading began.
    pub(crate) frames: u32,
    /// The checksum of its last frame.
    pub(crate) checksum: (u32, u32),
}

/// A page as a frame holds it.
pub(crate) struct Page<'a> {
    /// Its number, from 1.
    pub(crate) number: u32,
    /// Pages of the database after the commit that this frame ends; 0 within one.
    pub(crate) pages_after: u32,
    pub(crate) bytes: &'a [u8],
}

/// The pages of whole frames.
///
/// # Errors
/// When the bytes are no whole frames.
pub(crate) fn pages(page_bytes: u32, frames: &[u8]) -> Result<Vec<Page<'_>>, StoreError> {
    let malformed = || StoreError::malformed("frames of a write-ahead log", "they are not whole");
    let length = FRAME_HEADER_BYTES + page_bytes as usize;
    if page_bytes == 0 || !frames.len().is_multiple_of(length) {
        return Err(malformed());
    }
    let page = |frame| -> Option<Page<'_>> {
        let number = word(frame, 0).filter(|number| *number > 0)?;
        Some(Page { number, pages_after: word(frame, 4)?, bytes: &frame[FRAME_HEADER_BYTES..] })
    };
    frames.chunks_exact(length).map(|frame| page(frame).ok_or_else(malformed)).collect()
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// The log's checksum, carried on over more bytes (a multiple of 8).
fn go_on(big: bool, (mut a, mut b): (u32, u32), bytes: &[u8]) -> (u32, u32) {
    let read = |four: &[u8]| {
        let four = four.try_into().unwrap_or_default();
        if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
    };
    for eight in bytes.chunks_exact(8) {
        a = a.wrapping_add(read(&eight[..4])).wrapping_add(b);
        b = b.wrapping_add(read(&eight[4..])).wrapping_add(a);
    }
    (a, b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    /// A log that SQLite itself wrote: three commits, the connection held so that it stays.
    fn written() -> (tempfile::TempDir, Connection, Vec<u8>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("pragma journal_mode = wal; pragma wal_autocheckpoint = 0;").unwrap();
        connection.execute_batch("create table t (x)").unwrap();
        connection.execute_batch("insert into t values (randomblob(9000))").unwrap();
        connection.execute_batch("insert into t values (1)").unwrap();
        let bytes = std::fs::read(dir.path().join("a.db-wal")).unwrap();
        (dir, connection, bytes)
    }

    #[test]
    fn commits_of_sqlites_own_log_are_found() {
        let (_dir, _connection, bytes) = written();
        let header = Header::read(&bytes).unwrap();
        let commits = header.commits(header.checksum, &bytes[HEADER_BYTES..]);
        assert_eq!(commits.len(), 3);
        let whole = (bytes.len() - HEADER_BYTES) / header.frame_bytes();
        assert_eq!(commits[2].frames as usize, whole);
        // Going on from the second finds the third.
        let rest = &bytes[usize::try_from(header.offset(commits[1].frames)).unwrap()..];
        let more = header.commits(commits[1].checksum, rest);
        assert_eq!(more.len(), 1);
        assert_eq!(more[0].checksum, commits[2].checksum);
        let all = pages(header.page_bytes, &bytes[HEADER_BYTES..]).unwrap();
        assert!(all.last().unwrap().pages_after > 0 && all.iter().all(|page| page.bytes.len() == 4096));
    }

    #[test]
    fn a_torn_or_changed_frame_ends_what_counts() {
        let (_dir, _connection, bytes) = written();
        let header = Header::read(&bytes).unwrap();
        let frames = &bytes[HEADER_BYTES..];
        let commits = header.commits(header.checksum, frames);
        let torn = &frames[..commits[2].frames as usize * header.frame_bytes() - 1];
        assert_eq!(header.commits(header.checksum, torn).len(), 2);
        for at in [0, 4, 8, 20, 100] {
            let mut changed = frames.to_vec();
            let last = (commits[2].frames as usize - 1) * header.frame_bytes();
            changed[last + at] ^= 1;
            assert_eq!(header.commits(header.checksum, &changed).len(), 2, "byte {at}");
        }
        let mut other = bytes.clone();
        other[20] ^= 1;
        assert_eq!(Header::read(&other), None, "a header half written");
        assert!(pages(4096, &frames[1..]).is_err());
    }
}

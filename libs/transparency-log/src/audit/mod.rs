//! Verification of a whole log from its files: every entry, every tile of every level, root, signatures, quorum, and
//! agreement with checkpoints seen earlier.
//!
//! The audit streams: it holds one bundle, one tile and the right edge of the tree. Spot checks do not find a flipped
//! byte; this does, and names the file. The leaf hashes are computed from the entries and, from the first place where
//! a level-0 tile disagrees, a second tree is computed from the tiles. The signed root then tells which was altered.

mod finding;
mod walk;

pub use finding::Finding;

use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::policy::{Confirmed, Policy};
use crate::tile::{Bundle, Tile};

/// Findings after which an audit stops listing (it still counts).
pub const MAX_FINDINGS: usize = 1000;

/// The reason a source could not be read (disk, network): not a finding about the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} cannot be read: {reason}")]
pub struct SourceError {
    /// Path below the log's prefix.
    pub what: String,
    /// Why, for an operator.
    pub reason: String,
}

/// A log's files: a folder, a database, a server.
pub trait LogSource {
    /// The checkpoint file; `None` when there is none.
    ///
    /// # Errors
    /// [`SourceError`].
    fn checkpoint(&mut self) -> Result<Option<Vec<u8>>, SourceError>;
    /// A tile's bytes as stored under [`Tile::path`]; `None` when there is none.
    ///
    /// # Errors
    /// [`SourceError`].
    fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, SourceError>;
    /// A bundle's bytes as stored under [`Bundle::path`]; `None` when there is none.
    ///
    /// # Errors
    /// [`SourceError`].
    fn bundle(&mut self, bundle: Bundle) -> Result<Option<Vec<u8>>, SourceError>;
}

/// What an audit checks against.
#[derive(Debug, Clone)]
pub struct Audit {
    /// Trusted logs, witnesses and quorum.
    pub policy: Policy,
    /// Checkpoints of this log seen earlier (from receipts, witnesses, earlier audits): the log must still contain
    /// them. Their log signatures are checked under the policy; the quorum is not asked of them.
    pub seen: Vec<SignedCheckpoint>,
}

/// The result of an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What the checkpoint claims, when it could be read.
    pub checkpoint: Option<Checkpoint>,
    /// Who signed it, when all signatures hold and the quorum is reached.
    pub confirmed: Option<Confirmed>,
    /// Entries hashed.
    pub entries: u64,
    /// Tiles compared, of all levels.
    pub tiles: u64,
    /// What is wrong; at most [`MAX_FINDINGS`]. Empty: the log is whole.
    pub findings: Vec<Finding>,
    /// Findings not listed.
    pub more: u64,
}

impl Report {
    const fn new() -> Self {
        Self { checkpoint: None, confirmed: None, entries: 0, tiles: 0, findings: Vec::new(), more: 0 }
    }

    /// Whether the log is whole.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    fn add(&mut self, finding: Finding) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }
}

impl Audit {
    /// Verifies the whole log, calling `entry` for each entry that is there and `progress` with the number hashed so
    /// far after each bundle.
    ///
    /// # Errors
    /// [`SourceError`] when the source fails; what is wrong with the log is in the report.
    pub fn run(
        &self,
        source: &mut impl LogSource,
        entry: &mut dyn FnMut(u64, &[u8]),
        progress: &mut dyn FnMut(u64),
    ) -> Result<Report, SourceError> {
        let mut report = Report::new();
        let Some(bytes) = source.checkpoint()? else {
            report.add(Finding::NoCheckpoint);
            return Ok(report);
        };
        let signed = match SignedCheckpoint::parse(&bytes) {
            Ok(signed) => signed,
            Err(error) => {
                report.add(Finding::Checkpoint(error));
                return Ok(report);
            }
        };
        match self.policy.confirm(&signed) {
            Ok(confirmed) => report.confirmed = Some(confirmed),
            Err(error) => report.add(Finding::Signatures(error)),
        }
        let checkpoint = signed.checkpoint();
        report.checkpoint = Some(checkpoint.clone());
        let earlier = self.earlier(checkpoint, &mut report);
        walk::Walk::new(checkpoint, earlier, &mut report).run(source, entry, progress)?;
        Ok(report)
    }

    /// The trusted roots the log must have had at earlier sizes, by size.
    fn earlier(&self, checkpoint: &Checkpoint, report: &mut Report) -> Vec<Checkpoint> {
        let mut earlier = Vec::new();
        for seen in &self.seen {
            let claims = seen.checkpoint();
            if claims.origin != checkpoint.origin {
                report.add(Finding::SeenOtherLog { origin: claims.origin.clone() });
            } else if let Err(error) = self.policy.signatures(seen) {
                report.add(Finding::SeenUnsigned { size: claims.size, error });
            } else if claims.size > checkpoint.size {
                report.add(Finding::RolledBack { size: checkpoint.size, seen: claims.size });
            } else {
                earlier.push(claims.clone());
            }
        }
        earlier.sort_by_key(|claims| claims.size);
        earlier
    }
}

#[cfg(test)]
mod tests;

//! Verification of a whole log from its files: every entry, every tile of every level, root, signatures, quorum, and
//! agreement with checkpoints seen earlier.

use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::policy::{Confirmed, Policy};
use crate::tile::{Bundle, Tile};

/// Findings after which an audit stops listing (it still counts).
pub const MAX_FINDINGS: usize = 1000;

/// The reason a source could not be read (disk, network): not a finding about the log.
#[derive(Debug, thiserror::Error)]
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

/// One thing that is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// There is no checkpoint.
    #[error("there is no checkpoint")]
    NoCheckpoint,
}

/// The result of an audit.
#[derive(Debug)]
pub struct Report {
    /// What the checkpoint claims, when it could be read.
    pub checkpoint: Option<Checkpoint>,
    /// Who signed it, when all signatures hold.
    pub confirmed: Option<Confirmed>,
    /// Entries hashed.
    pub entries: u64,
    /// Tiles compared.
    pub tiles: u64,
    /// What is wrong; at most [`MAX_FINDINGS`]. Empty: the log is whole.
    pub findings: Vec<Finding>,
    /// Findings not listed.
    pub more: u64,
}

/// What an audit checks against.
#[derive(Debug, Clone)]
pub struct Audit {
    /// Trusted logs, witnesses and quorum.
    pub policy: Policy,
    /// Checkpoints of this log seen earlier (from receipts, witnesses, earlier audits): the log must still contain
    /// them. Their log signatures are checked under the policy.
    pub seen: Vec<SignedCheckpoint>,
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
        todo!()
    }
}

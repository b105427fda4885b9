//! What can be wrong with a log, named so that an operator or a journalist knows which file and which entry.

use crate::checkpoint::CheckpointError;
use crate::policy::PolicyError;
use crate::tile::{Bundle, Tile, TileError};

/// One thing that is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// There is no checkpoint.
    #[error("there is no checkpoint")]
    NoCheckpoint,
    /// The checkpoint cannot be read.
    #[error("checkpoint: {0}")]
    Checkpoint(CheckpointError),
    /// The checkpoint does not satisfy the policy: another log, a missing or forged signature, no quorum.
    #[error("checkpoint: {0}")]
    Signatures(PolicyError),
    /// The files do not have the root that was signed.
    #[error("the {size} entries do not have the root hash that was signed")]
    Root {
        /// Size of the signed tree.
        size: u64,
    },
    /// A checkpoint seen earlier is of another log.
    #[error("the checkpoint seen earlier is of another log: {origin}")]
    SeenOtherLog {
        /// Its origin.
        origin: String,
    },
    /// A checkpoint seen earlier is not signed by the log.
    #[error("the checkpoint of size {size} seen earlier: {error}")]
    SeenUnsigned {
        /// Its size.
        size: u64,
        /// What is wrong with it.
        error: PolicyError,
    },
    /// The log is smaller than it was: entries were dropped, an old copy was restored or an old checkpoint is served.
    #[error("the log has {size} entries but was seen with {seen}: it was rolled back")]
    RolledBack {
        /// Size now.
        size: u64,
        /// Size seen earlier.
        seen: u64,
    },
    /// The log is not a continuation of what was seen: its history was rewritten, or different people are shown
    /// different logs.
    #[error("the first {seen} entries are not those signed earlier: the log was forked or rewritten")]
    Forked {
        /// Size of the tree seen earlier.
        seen: u64,
    },
    /// A bundle of entries is missing.
    #[error("{path} is missing", path = .0.path())]
    BundleMissing(Bundle),
    /// A bundle is cut off, or holds more or fewer entries than it should.
    #[error("{path}: {1}", path = .0.path())]
    Bundle(Bundle, TileError),
    /// A tile is missing.
    #[error("{path} is missing", path = .0.path())]
    TileMissing(Tile),
    /// A tile has a wrong length.
    #[error("{path}: {1}", path = .0.path())]
    Tile(Tile, TileError),
    /// Entries were altered: the tiles lead to the signed root, the entries do not.
    #[error("{path}: {count} altered from entry {first} on", path = .bundle.path())]
    EntriesAltered {
        /// Where they are.
        bundle: Bundle,
        /// Number of the first in the log.
        first: u64,
        /// How many in this bundle.
        count: u64,
    },
    /// Hashes in a tile were altered.
    #[error("{path}: {count} of its hashes altered, from number {first} of level {level} on",
        path = .tile.path(), level = .tile.level)]
    TileAltered {
        /// Which tile.
        tile: Tile,
        /// Number of the first within the tile's level.
        first: u64,
        /// How many in this tile.
        count: u64,
    },
    /// Entries and their hashes disagree, and neither leads to the signed root.
    #[error("{entries} and {tile} disagree about {count} entries, from entry {first} on",
        entries = .bundle.path(), tile = .tile.path())]
    Disagree {
        /// The entries.
        bundle: Bundle,
        /// The hashes.
        tile: Tile,
        /// Number of the first in the log.
        first: u64,
        /// How many in this bundle.
        count: u64,
    },
}

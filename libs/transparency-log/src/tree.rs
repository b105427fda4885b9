//! Growing a log's tree at a cost that does not depend on its size: only the right edge is held, at most one partial
//! tile a level.

use crate::Hash;
use crate::tile::{Bundle, Tile, TileError};

/// Why the right edge does not fit the size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// A partial tile the size demands is missing, or has another width.
    #[error("the right edge needs tile {path} of width {width}", path = .0.path(), width = .0.width)]
    Edge(Tile),
    /// A stored bundle or entry is malformed.
    #[error(transparent)]
    Tile(#[from] TileError),
    /// The log would pass 2^63 entries.
    #[error("the log is full")]
    Full,
}

/// A tile that a batch created or changed, with its bytes. It replaces any narrower one of its level and index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedTile {
    /// Which tile, with its new width.
    pub tile: Tile,
    /// Its bytes: `width * 32`.
    pub bytes: Vec<u8>,
}

/// A bundle that a batch created or changed, with its bytes. It replaces any narrower one of its index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedBundle {
    /// Which bundle, with its new width.
    pub bundle: Bundle,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a batch did to the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Entries now.
    pub size: u64,
    /// Root now.
    pub root: Hash,
    /// Tiles to store, by level and index.
    pub tiles: Vec<ChangedTile>,
}

/// A tree's right edge, ready to grow.
#[derive(Debug, Clone)]
pub struct Appender {
    size: u64,
    /// Hashes of the partial tile of each level; lowest level first.
    edge: Vec<Vec<Hash>>,
}

/// The partial tiles that make up the right edge of a tree of `size` leaves, lowest level first: what
/// [`Appender::resume`] needs.
#[must_use]
pub fn edge_tiles(size: u64) -> Vec<Tile> {
    todo!()
}

impl Appender {
    /// The empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self { size: 0, edge: Vec::new() }
    }

    /// A tree of `size` leaves from the bytes of its [`edge_tiles`] (in any order).
    ///
    /// # Errors
    /// [`TreeError::Edge`] when one is missing or has another width. The hashes are not checked here: compare
    /// [`Appender::root`] with the signed checkpoint.
    pub fn resume(size: u64, tiles: &[(Tile, Vec<u8>)]) -> Result<Self, TreeError> {
        todo!()
    }

    /// Leaves so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// RFC 6962 root of the tree so far.
    #[must_use]
    pub fn root(&self) -> Hash {
        todo!()
    }

    /// Appends leaf hashes. Gives every tile that is new or changed, full ones and the partial ones at the new edge.
    ///
    /// # Errors
    /// [`TreeError::Full`].
    pub fn append(&mut self, leaves: &[Hash]) -> Result<Appended, TreeError> {
        todo!()
    }
}

/// The bundles that hold new entries, when a log of `size` entries grows by `entries`. `last` is the bytes of the
/// partial bundle at the end of the log (empty when `size` is a multiple of 256).
///
/// # Errors
/// [`TreeError::Tile`] for an entry that is too long or a `last` that does not have `size % 256` entries.
pub fn append_entries(
    size: u64,
    last: &[u8],
    entries: &[impl AsRef<[u8]>],
) -> Result<Vec<ChangedBundle>, TreeError> {
    todo!()
}

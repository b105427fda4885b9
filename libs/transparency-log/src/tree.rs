//! Growing a log's tree at a cost that does not depend on its size: only the right edge is held, at most one partial
//! tile a level.

use crate::Hash;
use crate::merkle;
use crate::tile::{
    Bundle, FULL_WIDTH, MAX_LEVEL, Tile, TileError, encode_tile, hashes_at_level, push_entry, tile_width,
};

/// Most entries of a log. Half the range of a `u64`, so that sizes fit signed columns of databases.
pub const MAX_SIZE: u64 = i64::MAX as u64;

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
    (0..=MAX_LEVEL).filter_map(|level| edge_tile(size, level)).collect()
}

fn edge_tile(size: u64, level: u8) -> Option<Tile> {
    let index = hashes_at_level(size, level) / u64::from(FULL_WIDTH);
    let width = tile_width(size, level, index);
    (width > 0).then_some(Tile { level, index, width })
}

impl Default for Appender {
    fn default() -> Self {
        Self::new()
    }
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
        let mut edge = Vec::new();
        for level in 0..=MAX_LEVEL {
            if hashes_at_level(size, level) == 0 {
                break;
            }
            let Some(needed) = edge_tile(size, level) else {
                edge.push(Vec::new());
                continue;
            };
            let (_, bytes) = tiles.iter().find(|(tile, _)| *tile == needed).ok_or(TreeError::Edge(needed))?;
            edge.push(needed.decode(bytes)?);
        }
        Ok(Self { size, edge })
    }

    /// Leaves so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// RFC 6962 root of the tree so far.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut right: Option<Hash> = None;
        for partial in &self.edge {
            // What hangs to the right of a level's hashes is smaller than any of them: it joins as the last node.
            let row: Vec<Hash> = partial.iter().copied().chain(right).collect();
            right = (!row.is_empty()).then(|| merkle::root(&row));
        }
        right.unwrap_or(merkle::EMPTY_ROOT)
    }

    /// Appends leaf hashes. Gives every tile that is new or changed, full ones and the partial ones at the new edge.
    ///
    /// # Errors
    /// [`TreeError::Full`].
    pub fn append(&mut self, leaves: &[Hash]) -> Result<Appended, TreeError> {
        let added = u64::try_from(leaves.len()).map_err(|_| TreeError::Full)?;
        let size = self.size.checked_add(added).filter(|size| *size <= MAX_SIZE).ok_or(TreeError::Full)?;
        let mut tiles = Vec::new();
        let mut incoming = leaves.to_vec();
        let mut level: u8 = 0;
        while !incoming.is_empty() {
            let index = hashes_at_level(self.size, level) / u64::from(FULL_WIDTH);
            incoming = self.grow_level(level, index, &incoming, &mut tiles);
            level += 1;
        }
        self.size = size;
        Ok(Appended { size, root: self.root(), tiles })
    }

    /// Adds hashes to one level, from tile `index` on. Gives the hashes of the tiles that became full.
    fn grow_level(
        &mut self,
        level: u8,
        index: u64,
        hashes: &[Hash],
        tiles: &mut Vec<ChangedTile>,
    ) -> Vec<Hash> {
        let place = usize::from(level);
        if self.edge.len() <= place {
            self.edge.resize(place + 1, Vec::new());
        }
        let partial = &mut self.edge[place];
        let mut full = Vec::new();
        let mut rest = hashes;
        let mut index = index;
        while !rest.is_empty() {
            let room = usize::from(FULL_WIDTH) - partial.len();
            let (now, later) = rest.split_at(room.min(rest.len()));
            partial.extend_from_slice(now);
            rest = later;
            let width = u16::try_from(partial.len()).unwrap_or(FULL_WIDTH);
            tiles.push(ChangedTile { tile: Tile { level, index, width }, bytes: encode_tile(partial) });
            if width == FULL_WIDTH {
                full.push(merkle::root(partial));
                partial.clear();
                index += 1;
            }
        }
        full
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

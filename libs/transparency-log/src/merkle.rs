//! RFC 6962 trees: hashes, inclusion and consistency proofs, and proofs from tiles.
//!
//! One recursion serves all: a *subtree consistency proof* shows that the leaves `start..end` with a given hash are
//! part of a tree of a given size and root (draft-ietf-plants-merkle-tree-certs, section 4). With `start = 0` it is
//! RFC 6962's consistency proof; with `end = start + 1` its inclusion proof.

use std::collections::BTreeMap;

use aws_lc_rs::digest;

use crate::Hash;
use crate::tile::{FULL_WIDTH, TILE_HEIGHT, Tile, TileError};

/// Root of the tree without leaves: SHA-256 of nothing.
pub const EMPTY_ROOT: Hash = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];
/// Most hashes of a proof between trees of 64-bit sizes.
pub const MAX_PROOF_HASHES: usize = 64;

/// Why a proof could not be made or does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf, subtree or old tree does not lie within the tree, or is no subtree.
    #[error("leaves {start}..{end} are no subtree of a tree of {size} leaves")]
    Range {
        /// First leaf.
        start: u64,
        /// One past the last leaf.
        end: u64,
        /// Leaves of the tree.
        size: u64,
    },
    /// More or fewer hashes than this proof must have.
    #[error("the proof has {found} hashes, expected {expected}")]
    Length {
        /// Hashes there.
        found: usize,
        /// Hashes needed.
        expected: usize,
    },
    /// The proof leads to another root: something was altered.
    #[error("the proof leads to another root hash")]
    Root,
    /// The proof leads to another hash of the subtree or the old tree: something was altered.
    #[error("the proof leads to another hash for the older tree")]
    Subtree,
    /// A tile needed for the proof is not there.
    #[error("tile {path} is not available", path = .0.path())]
    Missing(Tile),
    /// A tile has the wrong length.
    #[error("tile {path}: {1}", path = .0.path())]
    Tile(Tile, TileError),
}

/// SHA-256 of the concatenation of the parts.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// Hash of a log entry as a leaf: SHA-256(0x00, entry).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    sha256(&[&[0x00], entry])
}

/// Hash of an inner node: SHA-256(0x01, left, right).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [0x01; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, &bytes).as_ref());
    hash
}

/// Root of the tree over these leaf hashes (or over equally high full subtrees, the last of which may be smaller).
#[must_use]
pub fn root(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => EMPTY_ROOT,
        [one] => *one,
        _ => {
            let mut row = hashes.to_vec();
            while row.len() > 1 {
                // An odd last node is carried up unhashed: it is the right edge of a tree that is not full.
                row = row
                    .chunks(2)
                    .map(|pair| if let [l, r] = pair { node_hash(l, r) } else { pair[0] })
                    .collect();
            }
            row[0]
        }
    }
}

/// Gives the hashes of tiles to the functions that make proofs. Tiles are read whole.
pub trait HashReader {
    /// The `tile.width` hashes of the tile (a reader that has a wider one gives its first hashes).
    ///
    /// # Errors
    /// [`ProofError::Missing`], [`ProofError::Tile`].
    fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, ProofError>;
}

/// Tiles in memory: load what [`tiles_for_inclusion`] or [`tiles_for_consistency`] names (from a database, over HTTP),
/// insert them, then make the proof.
#[derive(Debug, Clone, Default)]
pub struct TileSet {
    tiles: BTreeMap<(u8, u64), Vec<Hash>>,
}

impl TileSet {
    /// No tiles.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tile's bytes, which must have the tile's width.
    ///
    /// # Errors
    /// [`ProofError::Tile`].
    pub fn insert(&mut self, tile: Tile, bytes: &[u8]) -> Result<(), ProofError> {
        let hashes = tile.decode(bytes).map_err(|error| ProofError::Tile(tile, error))?;
        self.tiles.insert((tile.level, tile.index), hashes);
        Ok(())
    }
}

impl HashReader for TileSet {
    fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, ProofError> {
        let missing = ProofError::Missing(tile);
        let hashes = self.tiles.get(&(tile.level, tile.index)).ok_or_else(|| missing.clone())?;
        hashes.get(..usize::from(tile.width)).map(<[Hash]>::to_vec).ok_or(missing)
    }
}

/// Checks that the entry with this leaf hash is number `index` of the tree.
///
/// # Errors
/// [`ProofError`].
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    todo!()
}

/// Checks that the tree of `old_size` leaves is the beginning of the tree of `size` leaves. An empty old tree proves
/// nothing and is refused here: the caller decides what it means.
///
/// # Errors
/// [`ProofError`].
pub fn verify_consistency(
    old_size: u64,
    size: u64,
    old_root: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    todo!()
}

/// The tiles an inclusion proof needs. Empty when the index is not in the tree.
#[must_use]
pub fn tiles_for_inclusion(index: u64, size: u64) -> Vec<Tile> {
    todo!()
}

/// The tiles a consistency proof needs. Empty when the old tree is empty or larger.
#[must_use]
pub fn tiles_for_consistency(old_size: u64, size: u64) -> Vec<Tile> {
    todo!()
}

/// The inclusion proof of entry `index` in the tree of `size` leaves, from the leaf's sibling up.
///
/// # Errors
/// [`ProofError::Range`], [`ProofError::Missing`], [`ProofError::Tile`].
pub fn prove_inclusion(index: u64, size: u64, reader: &impl HashReader) -> Result<Vec<Hash>, ProofError> {
    todo!()
}

/// The consistency proof from the tree of `old_size` leaves to that of `size` leaves; empty when they are equal or the
/// old one is empty.
///
/// # Errors
/// [`ProofError::Range`], [`ProofError::Missing`], [`ProofError::Tile`].
pub fn prove_consistency(
    old_size: u64,
    size: u64,
    reader: &impl HashReader,
) -> Result<Vec<Hash>, ProofError> {
    todo!()
}

//! RFC 6962 trees: hashes, inclusion and consistency proofs, and proofs from tiles.
//!
//! One recursion serves all: a *subtree consistency proof* shows that the leaves `start..end` with a given hash are
//! part of a tree of a given size and root (draft-ietf-plants-merkle-tree-certs, section 4). With `start = 0` it is
//! RFC 6962's consistency proof; with `end = start + 1` its inclusion proof.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

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

/// Where a step of a proof stands beside the path from the subtree to the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// To the right of the path.
    Right,
    /// To the left, outside the subtree.
    Left,
    /// To the left and itself part of the subtree, whose right end the path follows.
    LeftWithin,
}

/// The shape of the proof that leaves `start..end` are in a tree: which leaves each of its hashes covers.
struct Shape {
    /// The node in which the subtree ends, when it is not the whole subtree and so its hash must be given.
    seed: Option<Range<u64>>,
    /// Nodes beside the path, from the root down.
    beside: Vec<(Side, Range<u64>)>,
}

impl Shape {
    /// Walks from the root down to the subtree. `None` when `start..end` is no subtree of the tree.
    fn of(start: u64, end: u64, size: u64) -> Option<Self> {
        if end > size || !is_subtree(start, end) {
            return None;
        }
        let (mut low, mut high, mut from, mut seed_known) = (0, size, start, true);
        let mut beside = Vec::new();
        while (from, end) != (low, high) {
            let middle = low + split(high - low)?;
            if end <= middle {
                beside.push((Side::Right, middle..high));
                high = middle;
            } else if from >= middle {
                beside.push((Side::Left, low..middle));
                low = middle;
            } else {
                beside.push((Side::LeftWithin, low..middle));
                seed_known = false;
                low = middle;
                from = middle;
            }
        }
        Some(Self { seed: (!seed_known).then_some(low..high), beside })
    }

    /// The nodes whose hashes make the proof, in its order.
    fn nodes(&self) -> impl Iterator<Item = &Range<u64>> {
        self.seed.iter().chain(self.beside.iter().rev().map(|(_, node)| node))
    }

    fn len(&self) -> usize {
        self.beside.len() + usize::from(self.seed.is_some())
    }

    /// The subtree's and the tree's hash that a proof leads to.
    fn fold(&self, subtree: &Hash, proof: &[Hash]) -> Result<(Hash, Hash), ProofError> {
        if proof.len() != self.len() {
            return Err(ProofError::Length { found: proof.len(), expected: self.len() });
        }
        let (seed, beside) =
            if self.seed.is_some() { proof.split_at(1) } else { (std::slice::from_ref(subtree), proof) };
        let (mut part, mut whole) = (seed[0], seed[0]);
        for ((side, _), hash) in self.beside.iter().rev().zip(beside) {
            whole = if *side == Side::Right { node_hash(&whole, hash) } else { node_hash(hash, &whole) };
            if *side == Side::LeftWithin {
                part = node_hash(hash, &part);
            }
        }
        Ok((part, whole))
    }
}

/// The largest power of two below a number of leaves: where RFC 6962 splits a tree. `None` for fewer than two leaves.
const fn split(leaves: u64) -> Option<u64> {
    match leaves.checked_sub(1) {
        None | Some(0) => None,
        Some(last) => Some(1 << last.ilog2()),
    }
}

/// Whether the range is not empty and begins at a multiple of the smallest power of two it fits in.
const fn is_subtree(start: u64, end: u64) -> bool {
    match end.checked_sub(start) {
        None | Some(0) => false,
        Some(leaves) => match leaves.checked_next_power_of_two() {
            Some(span) => start.is_multiple_of(span),
            None => start == 0,
        },
    }
}

/// Checks that leaves `start..end`, whose root is `subtree`, are part of the tree of `size` leaves. An empty range is
/// part of every tree (with an empty proof and [`EMPTY_ROOT`]), which says nothing about that tree.
///
/// # Errors
/// [`ProofError`].
pub fn verify_subtree(
    start: u64,
    end: u64,
    size: u64,
    subtree: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    let range = ProofError::Range { start, end, size };
    if start == end {
        return match (end <= size, proof.len(), *subtree == EMPTY_ROOT) {
            (false, _, _) => Err(range),
            (true, 0, true) => Ok(()),
            (true, 0, false) => Err(ProofError::Subtree),
            (true, found, _) => Err(ProofError::Length { found, expected: 0 }),
        };
    }
    let shape = Shape::of(start, end, size).ok_or(range)?;
    let (part, whole) = shape.fold(subtree, proof)?;
    if part != *subtree {
        return Err(ProofError::Subtree);
    }
    if whole == *root { Ok(()) } else { Err(ProofError::Root) }
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
    let end = index.checked_add(1).ok_or(ProofError::Range { start: index, end: index, size })?;
    verify_subtree(index, end, size, leaf, proof, root)
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
    if old_size == 0 {
        return Err(ProofError::Range { start: 0, end: 0, size });
    }
    verify_subtree(0, old_size, size, old_root, proof, root)
}

/// The tiles an inclusion proof needs. Empty when the index is not in the tree.
#[must_use]
pub fn tiles_for_inclusion(index: u64, size: u64) -> Vec<Tile> {
    index
        .checked_add(1)
        .and_then(|end| Shape::of(index, end, size))
        .map(|s| tiles_for(&s, size))
        .unwrap_or_default()
}

/// The tiles a consistency proof needs. Empty when the old tree is empty or larger.
#[must_use]
pub fn tiles_for_consistency(old_size: u64, size: u64) -> Vec<Tile> {
    Shape::of(0, old_size, size).map(|shape| tiles_for(&shape, size)).unwrap_or_default()
}

/// The inclusion proof of entry `index` in the tree of `size` leaves, from the leaf's sibling up.
///
/// # Errors
/// [`ProofError::Range`], [`ProofError::Missing`], [`ProofError::Tile`].
pub fn prove_inclusion(index: u64, size: u64, reader: &impl HashReader) -> Result<Vec<Hash>, ProofError> {
    let range = ProofError::Range { start: index, end: index.saturating_add(1), size };
    let shape = index.checked_add(1).and_then(|end| Shape::of(index, end, size)).ok_or(range)?;
    prove(&shape, size, reader)
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
    if old_size == 0 {
        return Ok(Vec::new());
    }
    let shape = Shape::of(0, old_size, size).ok_or(ProofError::Range { start: 0, end: old_size, size })?;
    prove(&shape, size, reader)
}

/// The full subtrees that make up a node of the tree, from the left: their heights and first leaves.
fn full_subtrees(node: &Range<u64>) -> impl Iterator<Item = (u32, u64)> {
    let mut start = node.start;
    let end = node.end;
    std::iter::from_fn(move || {
        let height = (end - start).checked_ilog2()?;
        let first = start;
        start += 1 << height;
        Some((height, first))
    })
}

/// The tile that holds the hashes below a full subtree, and where in it they are.
fn place(height: u32, first_leaf: u64, size: u64) -> Option<(Tile, Range<usize>)> {
    let level = u8::try_from(height / TILE_HEIGHT).ok()?;
    let first_hash = first_leaf >> (u32::from(level) * TILE_HEIGHT);
    let tile = Tile::holding(size, level, first_hash)?;
    let offset = usize::try_from(first_hash % u64::from(FULL_WIDTH)).ok()?;
    Some((tile, offset..offset + (1 << (height % TILE_HEIGHT))))
}

fn tiles_for(shape: &Shape, size: u64) -> Vec<Tile> {
    let tiles: BTreeSet<Tile> = shape
        .nodes()
        .flat_map(full_subtrees)
        .filter_map(|(height, first)| place(height, first, size).map(|(tile, _)| tile))
        .collect();
    tiles.into_iter().collect()
}

fn prove(shape: &Shape, size: u64, reader: &impl HashReader) -> Result<Vec<Hash>, ProofError> {
    let tiles: BTreeMap<Tile, Vec<Hash>> = tiles_for(shape, size)
        .into_iter()
        .map(|tile| Ok((tile, reader.hashes(tile)?)))
        .collect::<Result<_, ProofError>>()?;
    let node = |range: &Range<u64>| -> Result<Hash, ProofError> {
        let parts: Vec<Hash> = full_subtrees(range)
            .map(|(height, first)| {
                let outside = ProofError::Range { start: range.start, end: range.end, size };
                let (tile, place) = place(height, first, size).ok_or(outside)?;
                let hashes = tiles.get(&tile).and_then(|hashes| hashes.get(place));
                hashes.map(root).ok_or(ProofError::Missing(tile))
            })
            .collect::<Result<_, ProofError>>()?;
        let combined = parts.iter().rev().copied().reduce(|right, left| node_hash(&left, &right));
        Ok(combined.unwrap_or(EMPTY_ROOT))
    };
    shape.nodes().map(node).collect()
}

#[cfg(test)]
mod tests;

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
    let index = size / u64::from(FULL_WIDTH);
    let width = u16::try_from(size % u64::from(FULL_WIDTH)).unwrap_or(0);
    let mut bundle = Bundle { index, width };
    bundle.decode(last)?;
    let mut bytes = last.to_vec();
    let mut changed = Vec::new();
    for entry in entries {
        push_entry(&mut bytes, entry.as_ref())?;
        bundle.width += 1;
        if bundle.width == FULL_WIDTH {
            changed.push(ChangedBundle { bundle, bytes: std::mem::take(&mut bytes) });
            bundle = Bundle { index: bundle.index + 1, width: 0 };
        }
    }
    if bundle.width > 0 && !entries.is_empty() {
        changed.push(ChangedBundle { bundle, bytes });
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::merkle::{leaf_hash, node_hash};

    /// RFC 6962 section 2.1, word by word.
    fn naive_root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => merkle::EMPTY_ROOT,
            [leaf] => *leaf,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node_hash(&naive_root(&leaves[..split]), &naive_root(&leaves[split..]))
            }
        }
    }

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
    }

    /// The tiles a reader would have to find, from the definition.
    fn naive_tile(leaves: &[Hash], tile: Tile) -> Vec<u8> {
        let span = 256_usize.pow(u32::from(tile.level));
        let first = usize::try_from(tile.index).unwrap() * 256;
        (first..first + usize::from(tile.width))
            .flat_map(|n| naive_root(&leaves[n * span..(n + 1) * span]))
            .collect()
    }

    fn check_growth(leaves: &[Hash], cuts: &[usize]) {
        let mut stored: Vec<(Tile, Vec<u8>)> = Vec::new();
        let mut size: usize = 0;
        for cut in cuts {
            let edge: Vec<(Tile, Vec<u8>)> = edge_tiles(size as u64)
                .into_iter()
                .map(|tile| stored.iter().find(|(stored, _)| *stored == tile).cloned().unwrap())
                .collect();
            let mut appender = Appender::resume(size as u64, &edge).unwrap();
            let appended = appender.append(&leaves[size..*cut]).unwrap();
            size = *cut;
            assert_eq!(appended.size, size as u64);
            assert_eq!(appended.root, naive_root(&leaves[..size]), "root at {size}");
            for changed in appended.tiles {
                assert_eq!(changed.bytes, naive_tile(leaves, changed.tile), "{:?}", changed.tile);
                stored
                    .retain(|(tile, _)| (tile.level, tile.index) != (changed.tile.level, changed.tile.index));
                stored.push((changed.tile, changed.bytes));
            }
        }
        let widths: Vec<Tile> = stored.iter().map(|(tile, _)| *tile).collect();
        for tile in &widths {
            assert_eq!(tile.width, tile_width(size as u64, tile.level, tile.index), "{tile:?}");
        }
    }

    #[test]
    fn every_size_up_to_600_has_the_naive_root() {
        let leaves = leaves(600);
        let mut appender = Appender::new();
        assert_eq!(appender.root(), merkle::EMPTY_ROOT);
        for size in 1..=600 {
            assert_eq!(
                appender.append(&leaves[size - 1..size]).unwrap().root,
                naive_root(&leaves[..size]),
                "{size}"
            );
        }
        check_growth(&leaves, &[1, 2, 255, 256, 257, 511, 512, 513, 600]);
    }

    #[test]
    fn around_a_full_tile_of_tiles() {
        let leaves = leaves(65_540);
        check_growth(&leaves, &[65_534, 65_535, 65_536, 65_537, 65_540]);
        check_growth(&leaves, &[256, 65_536]);
    }

    #[test]
    fn a_batch_returns_and_keeps_only_the_edge() {
        let mut appender = Appender::new();
        appender.append(&leaves(70_000)).unwrap();
        assert_eq!(appender.edge.iter().map(Vec::len).collect::<Vec<_>>(), [112, 17, 1]);
        let appended = appender.append(&leaves(1)).unwrap();
        assert_eq!(appended.tiles.len(), 1);
        assert_eq!(appended.tiles[0].tile, Tile { level: 0, index: 273, width: 113 });
    }

    #[test]
    fn an_edge_that_does_not_fit_is_refused() {
        let needed = Tile { level: 0, index: 1, width: 44 };
        assert_eq!(edge_tiles(300), [needed, Tile { level: 1, index: 0, width: 1 }]);
        assert_eq!(Appender::resume(300, &[]).unwrap_err(), TreeError::Edge(needed));
        let wider = (Tile { width: 45, ..needed }, vec![0; 45 * 32]);
        assert_eq!(Appender::resume(300, &[wider]).unwrap_err(), TreeError::Edge(needed));
        let short = (needed, vec![0; 43 * 32]);
        assert!(matches!(Appender::resume(300, &[short]), Err(TreeError::Tile(_))));
        let full = Appender { size: MAX_SIZE, edge: Vec::new() }.append(&[[0; 32]]);
        assert_eq!(full, Err(TreeError::Full));
    }

    #[test]
    fn edges_of_huge_logs_are_bounded() {
        for size in [MAX_SIZE, 1 << 62, (1 << 62) - 1, 256_u64.pow(7)] {
            let tiles = edge_tiles(size);
            assert!(tiles.len() <= 8 && tiles.iter().all(|tile| (1..256).contains(&tile.width)), "{size}");
        }
    }

    #[test]
    fn bundles_grow_and_fill() {
        let entry = |n: usize| vec![b'e'; n % 7];
        let all: Vec<Vec<u8>> = (0..600).map(entry).collect();
        let first = append_entries(0, &[], &all[..10]).unwrap();
        assert_eq!(first.len(), 1);
        let grown = append_entries(10, &first[0].bytes, &all[10..]).unwrap();
        let shape: Vec<_> =
            grown.iter().map(|changed| (changed.bundle.index, changed.bundle.width)).collect();
        assert_eq!(shape, [(0, 256), (1, 256), (2, 88)]);
        for changed in &grown {
            let start = usize::try_from(changed.bundle.index).unwrap() * 256;
            let entries = changed.bundle.decode(&changed.bytes).unwrap();
            assert_eq!(
                entries,
                all[start..start + entries.len()].iter().map(Vec::as_slice).collect::<Vec<_>>()
            );
        }
        assert!(append_entries(10, &[], &all).is_err(), "the partial bundle is missing");
        assert_eq!(
            append_entries(0, &[], &[vec![0; 65_536]]).unwrap_err(),
            TileError::EntryTooLong(65_536).into()
        );
        assert_eq!(append_entries(0, &[], &[vec![0; 65_535]]).unwrap()[0].bytes.len(), 65_537);
    }

    proptest! {
        #[test]
        fn any_batches_grow_the_same_tree(mut cuts in prop::collection::vec(1..1500_usize, 1..8)) {
            cuts.sort_unstable();
            check_growth(&leaves(1500), &cuts);
        }
    }
}

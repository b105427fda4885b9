//! The pass over a log's files.

use super::{Finding, LogSource, MAX_FINDINGS, Report, SourceError};
use crate::Hash;
use crate::checkpoint::Checkpoint;
use crate::merkle::leaf_hash;
use crate::tile::{Bundle, FULL_WIDTH, HASH_BYTES, Tile, tile_width};
use crate::tree::{Appender, ChangedTile};

/// A bundle and a level-0 tile that do not agree.
struct Disagreement {
    bundle: Bundle,
    first: u64,
    count: u64,
}

pub(super) struct Walk<'audit> {
    size: u64,
    root: Hash,
    /// Roots to be met on the way, by size.
    earlier: Vec<Checkpoint>,
    report: &'audit mut Report,
    /// The tree over the entries.
    by_entries: Appender,
    /// The tree over the level-0 tiles, from the first disagreement on.
    by_tiles: Option<Appender>,
    disagreements: Vec<Disagreement>,
    /// Neither an entry nor its hash is there: no tree can be computed past this place.
    broken: bool,
}

impl<'audit> Walk<'audit> {
    pub(super) fn new(checkpoint: &Checkpoint, earlier: Vec<Checkpoint>, report: &'audit mut Report) -> Self {
        Self {
            size: checkpoint.size,
            root: checkpoint.root,
            earlier,
            report,
            by_entries: Appender::new(),
            by_tiles: None,
            disagreements: Vec::new(),
            broken: false,
        }
    }

    pub(super) fn run(
        mut self,
        source: &mut impl LogSource,
        entry: &mut dyn FnMut(u64, &[u8]),
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), SourceError> {
        self.meet_earlier();
        let mut index = 0;
        // A checkpoint may claim any size: past the limit of findings, absent files are not searched for any longer.
        while let Some(bundle) =
            Bundle::in_log(self.size, index).filter(|_| !self.broken || self.report.more == 0)
        {
            let stored = self.stored_hashes(source, Tile { level: 0, index, width: bundle.width })?;
            let computed = self.entry_hashes(source, bundle, entry)?;
            self.compare(bundle, computed.as_deref(), stored.as_deref());
            if !self.broken
                && let Some(leaves) = computed.as_ref().or(stored.as_ref())
            {
                self.grow(source, leaves, stored.as_ref().unwrap_or(leaves))?;
            }
            progress(self.report.entries);
            index += 1;
        }
        self.conclude();
        Ok(())
    }

    /// Reads a tile as wide as the tree makes it; the full tile serves when a partial one was removed.
    fn stored_bytes(
        &mut self,
        source: &mut impl LogSource,
        tile: Tile,
    ) -> Result<Option<Vec<u8>>, SourceError> {
        let mut found = source.tile(tile)?;
        let expected = usize::from(tile.width) * HASH_BYTES;
        if found.is_none() && !tile.is_full() {
            found = source
                .tile(Tile { width: FULL_WIDTH, ..tile })?
                .and_then(|bytes| bytes.get(..expected).map(<[u8]>::to_vec));
        }
        let Some(bytes) = found else {
            self.report.add(Finding::TileMissing(tile));
            return Ok(None);
        };
        self.report.tiles += 1;
        match tile.decode(&bytes) {
            Ok(_) => Ok(Some(bytes)),
            Err(error) => {
                self.report.add(Finding::Tile(tile, error));
                Ok(None)
            }
        }
    }

    fn stored_hashes(
        &mut self,
        source: &mut impl LogSource,
        tile: Tile,
    ) -> Result<Option<Vec<Hash>>, SourceError> {
        Ok(self.stored_bytes(source, tile)?.and_then(|bytes| tile.decode(&bytes).ok()))
    }

    fn entry_hashes(
        &mut self,
        source: &mut impl LogSource,
        bundle: Bundle,
        entry: &mut dyn FnMut(u64, &[u8]),
    ) -> Result<Option<Vec<Hash>>, SourceError> {
        let Some(bytes) = source.bundle(bundle)? else {
            self.report.add(Finding::BundleMissing(bundle));
            return Ok(None);
        };
        let entries = match bundle.decode(&bytes) {
            Ok(entries) => entries,
            Err(error) => {
                self.report.add(Finding::Bundle(bundle, error));
                return Ok(None);
            }
        };
        let first = bundle.index * u64::from(FULL_WIDTH);
        for (number, bytes) in (first..).zip(&entries) {
            entry(number, bytes);
            self.report.entries += 1;
        }
        Ok(Some(entries.iter().map(|bytes| leaf_hash(bytes)).collect()))
    }

    fn compare(&mut self, bundle: Bundle, computed: Option<&[Hash]>, stored: Option<&[Hash]>) {
        let (Some(computed), Some(stored)) = (computed, stored) else {
            self.broken |= computed.is_none() && stored.is_none();
            return;
        };
        if let Some((first, count)) = differences(computed, stored) {
            let first = bundle.index * u64::from(FULL_WIDTH) + first;
            // Which of the two was altered is known at the end; beyond the limit they are only counted.
            if self.disagreements.len() < MAX_FINDINGS {
                self.disagreements.push(Disagreement { bundle, first, count });
            } else {
                self.report.more += 1;
            }
            self.by_tiles.get_or_insert_with(|| self.by_entries.clone());
        }
    }

    /// Adds one bundle's leaves to the tree (or both trees), stopping at the sizes of earlier checkpoints.
    fn grow(
        &mut self,
        source: &mut impl LogSource,
        entries: &[Hash],
        tiles: &[Hash],
    ) -> Result<(), SourceError> {
        let mut done = 0;
        while done < entries.len() {
            let room = self.earlier.first().and_then(|next| next.size.checked_sub(self.by_entries.size()));
            let room = room.and_then(|room| usize::try_from(room).ok()).filter(|room| *room > 0);
            let end = room.map_or(entries.len(), |room| entries.len().min(done + room));
            let grown = append(&mut self.by_entries, &entries[done..end]);
            let alternative =
                self.by_tiles.as_mut().map(|tree| append(tree, &tiles[done..end])).unwrap_or_default();
            for (place, changed) in grown.iter().enumerate().filter(|(_, changed)| changed.tile.level > 0) {
                self.compare_tile(source, changed, alternative.get(place))?;
            }
            self.meet_earlier();
            done = end;
        }
        Ok(())
    }

    /// Compares a computed tile above level 0 with the stored one, once it is as wide as it will be.
    fn compare_tile(
        &mut self,
        source: &mut impl LogSource,
        computed: &ChangedTile,
        alternative: Option<&ChangedTile>,
    ) -> Result<(), SourceError> {
        let tile = computed.tile;
        if tile.width != tile_width(self.size, tile.level, tile.index) {
            return Ok(());
        }
        let Some(stored) = self.stored_bytes(source, tile)? else { return Ok(()) };
        let matches_alternative = alternative.is_some_and(|alternative| alternative.bytes == stored);
        if stored != computed.bytes && !matches_alternative {
            let (stored, _) = stored.as_chunks::<HASH_BYTES>();
            let (computed, _) = computed.bytes.as_chunks::<HASH_BYTES>();
            let (first, count) = differences(computed, stored).unwrap_or_default();
            let first = tile.index * u64::from(FULL_WIDTH) + first;
            self.report.add(Finding::TileAltered { tile, first, count });
        }
        Ok(())
    }

    /// Compares the tree so far with the earlier checkpoints of its size.
    fn meet_earlier(&mut self) {
        while let Some(next) = self.earlier.first().filter(|next| next.size <= self.by_entries.size()) {
            let (size, root) = (next.size, next.root);
            self.earlier.remove(0);
            if !self.has_root(&root) {
                self.report.add(Finding::Forked { seen: size });
            }
        }
    }

    fn has_root(&self, root: &Hash) -> bool {
        self.by_entries.root() == *root || self.by_tiles.as_ref().is_some_and(|tree| tree.root() == *root)
    }

    /// The signed root tells whether the entries or the tiles are the ones that were altered.
    fn conclude(&mut self) {
        let entries_hold = !self.broken && self.by_entries.root() == self.root;
        let tiles_hold = !self.broken && self.by_tiles.as_ref().is_some_and(|tree| tree.root() == self.root);
        for Disagreement { bundle, first, count } in std::mem::take(&mut self.disagreements) {
            let tile = Tile { level: 0, index: bundle.index, width: bundle.width };
            self.report.add(match (entries_hold, tiles_hold) {
                (true, _) => Finding::TileAltered { tile, first, count },
                (false, true) => Finding::EntriesAltered { bundle, first, count },
                (false, false) => Finding::Disagree { bundle, tile, first, count },
            });
        }
        if !entries_hold && !tiles_hold {
            self.report.add(Finding::Root { size: self.size });
        }
    }
}

/// The place of the first difference and the number of differences.
fn differences(left: &[Hash], right: &[Hash]) -> Option<(u64, u64)> {
    let mut places = (0_u64..).zip(left.iter().zip(right)).filter(|(_, (left, right))| left != right);
    let (first, _) = places.next()?;
    let rest = u64::try_from(places.count()).unwrap_or(u64::MAX);
    Some((first, rest.saturating_add(1)))
}

fn append(tree: &mut Appender, leaves: &[Hash]) -> Vec<ChangedTile> {
    // A log cannot be full here: its size came from a checkpoint, and its bundles were read one by one.
    tree.append(leaves).map(|appended| appended.tiles).unwrap_or_default()
}

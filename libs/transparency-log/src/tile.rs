//! Tiles, entry bundles and their paths, `c2sp.org/tlog-tiles`.

use std::fmt::Write as _;

use crate::Hash;
use crate::encoding::decimal_decode;

/// Hashes of a full tile, entries of a full bundle.
pub const FULL_WIDTH: u16 = 256;
/// Tree levels one tile spans: 256 = 2^8.
pub const TILE_HEIGHT: u32 = 8;
/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;
/// Longest entry: its length is two bytes.
pub const MAX_ENTRY_BYTES: usize = 65_535;
/// Highest tile level a path may name.
pub const MAX_LEVEL: u8 = 63;
/// Longest path read: level 63 and the largest 64-bit index need fewer.
pub const MAX_PATH_BYTES: usize = 64;
/// Longest entry bundle: 256 entries of the longest size with their lengths.
pub const MAX_BUNDLE_BYTES: usize = FULL_WIDTH as usize * (2 + MAX_ENTRY_BYTES);

/// Why a path, a tile or a bundle was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Not a path of the tile interface; the text says what is wrong.
    #[error("not a tile path: {0}")]
    Path(&'static str),
    /// A tile's bytes are not a whole number of hashes, or not as many as its width says.
    #[error("the tile has {found} bytes, expected {expected}")]
    TileLength {
        /// Bytes there.
        found: usize,
        /// Bytes that the width demands.
        expected: usize,
    },
    /// A bundle ends within an entry or its length.
    #[error("the bundle is cut off within entry {entry}")]
    BundleCut {
        /// Position of the entry in the bundle.
        entry: usize,
    },
    /// A bundle holds another number of entries than its width says.
    #[error("the bundle has {found} entries, expected {expected}")]
    BundleCount {
        /// Entries there (counting stops one past the expected number).
        found: usize,
        /// The width.
        expected: usize,
    },
    /// An entry longer than [`MAX_ENTRY_BYTES`].
    #[error("an entry has {0} bytes; at most {MAX_ENTRY_BYTES} fit a log entry")]
    EntryTooLong(usize),
}

/// One Merkle tile: `width` hashes at tile level `level`, starting with number `index * 256`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// Tile level: level 0 holds leaf hashes, each hash of level n + 1 covers a full tile of level n.
    pub level: u8,
    /// Number of the tile within its level.
    pub index: u64,
    /// Hashes in it, 1 to 256.
    pub width: u16,
}

/// One entry bundle: the entries of the level-0 tile with the same index and width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bundle {
    /// Number of the bundle.
    pub index: u64,
    /// Entries in it, 1 to 256.
    pub width: u16,
}

/// What a log serves below its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// `checkpoint`
    Checkpoint,
    /// `tile/<L>/<N>[.p/<W>]`
    Tile(Tile),
    /// `tile/entries/<N>[.p/<W>]`
    Bundle(Bundle),
}

/// How many hashes of tile level `level` a tree of `size` leaves has (full subtrees only).
#[must_use]
pub const fn hashes_at_level(size: u64, level: u8) -> u64 {
    let shift = level as u32 * TILE_HEIGHT;
    if shift >= u64::BITS { 0 } else { size >> shift }
}

/// The width of tile `index` at `level` in a tree of `size` leaves; 0 when the tree does not reach it.
#[must_use]
pub fn tile_width(size: u64, level: u8, index: u64) -> u16 {
    let hashes = hashes_at_level(size, level);
    let before = u128::from(index) * u128::from(FULL_WIDTH);
    let width = u128::from(hashes).saturating_sub(before).min(u128::from(FULL_WIDTH));
    u16::try_from(width).unwrap_or(FULL_WIDTH)
}

impl Tile {
    /// The tile that holds hash number `hash_index` of `level`, as wide as a tree of `size` leaves makes it; `None`
    /// when the tree does not reach that hash.
    #[must_use]
    pub fn holding(size: u64, level: u8, hash_index: u64) -> Option<Self> {
        if hash_index >= hashes_at_level(size, level) {
            return None;
        }
        let index = hash_index / u64::from(FULL_WIDTH);
        Some(Self { level, index, width: tile_width(size, level, index) })
    }

    /// Whether it has all 256 hashes.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.width == FULL_WIDTH
    }

    /// The path below the log's prefix, such as `tile/0/x001/234.p/17`.
    #[must_use]
    pub fn path(&self) -> String {
        numbered_path(&format!("tile/{}/", self.level), self.index, self.width)
    }

    /// The tile's bytes as hashes.
    ///
    /// # Errors
    /// [`TileError::TileLength`] when there are more or fewer hashes than the width.
    pub fn decode(&self, bytes: &[u8]) -> Result<Vec<Hash>, TileError> {
        let expected = usize::from(self.width) * HASH_BYTES;
        if bytes.len() != expected {
            return Err(TileError::TileLength { found: bytes.len(), expected });
        }
        let (hashes, _) = bytes.as_chunks::<HASH_BYTES>();
        Ok(hashes.to_vec())
    }
}

impl Bundle {
    /// Bundle `index` in a log of `size` entries; `None` when the log does not reach it.
    #[must_use]
    pub fn in_log(size: u64, index: u64) -> Option<Self> {
        let width = tile_width(size, 0, index);
        (width > 0).then_some(Self { index, width })
    }

    /// The path below the log's prefix, such as `tile/entries/x001/234.p/17`.
    #[must_use]
    pub fn path(&self) -> String {
        numbered_path("tile/entries/", self.index, self.width)
    }

    /// The entries of the bundle's bytes.
    ///
    /// # Errors
    /// [`TileError::BundleCut`], [`TileError::BundleCount`].
    pub fn decode<'bytes>(&self, bytes: &'bytes [u8]) -> Result<Vec<&'bytes [u8]>, TileError> {
        let expected = usize::from(self.width);
        let mut entries = Vec::with_capacity(expected);
        let mut rest = bytes;
        while !rest.is_empty() {
            if entries.len() == expected {
                return Err(TileError::BundleCount { found: expected + 1, expected });
            }
            let cut = TileError::BundleCut { entry: entries.len() };
            let (length, after) = rest.split_first_chunk::<2>().ok_or_else(|| cut.clone())?;
            let (entry, after) =
                after.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(cut)?;
            entries.push(entry);
            rest = after;
        }
        if entries.len() < expected {
            return Err(TileError::BundleCount { found: entries.len(), expected });
        }
        Ok(entries)
    }
}

/// A tile's bytes from its hashes.
#[must_use]
pub fn encode_tile(hashes: &[Hash]) -> Vec<u8> {
    hashes.concat()
}

/// Appends one entry to a bundle's bytes: two bytes of length, big endian, then the entry.
///
/// # Errors
/// [`TileError::EntryTooLong`].
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), TileError> {
    let length = u16::try_from(entry.len()).map_err(|_| TileError::EntryTooLong(entry.len()))?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

impl Resource {
    /// Reads a path below the log's prefix (no leading slash). Only the one spelling the specification gives is
    /// accepted.
    ///
    /// # Errors
    /// [`TileError::Path`].
    pub fn parse(path: &str) -> Result<Self, TileError> {
        if path.len() > MAX_PATH_BYTES {
            return Err(TileError::Path("it is too long"));
        }
        if path == "checkpoint" {
            return Ok(Self::Checkpoint);
        }
        let rest =
            path.strip_prefix("tile/").ok_or(TileError::Path("it must be checkpoint or begin with tile/"))?;
        let (kind, rest) = rest.split_once('/').ok_or(TileError::Path("the tile number is missing"))?;
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, partial_width(width)?),
            None => (rest, FULL_WIDTH),
        };
        let index = index_from_groups(number)?;
        if kind == "entries" {
            return Ok(Self::Bundle(Bundle { index, width }));
        }
        let level = decimal_decode(kind)
            .and_then(|level| u8::try_from(level).ok())
            .filter(|level| *level <= MAX_LEVEL)
            .ok_or(TileError::Path("the level must be entries or a decimal from 0 to 63"))?;
        Ok(Self::Tile(Tile { level, index, width }))
    }
}

fn partial_width(text: &str) -> Result<u16, TileError> {
    decimal_decode(text)
        .and_then(|width| u16::try_from(width).ok())
        .filter(|width| (1..FULL_WIDTH).contains(width))
        .ok_or(TileError::Path("the width of a partial tile must be a decimal from 1 to 255"))
}

fn numbered_path(prefix: &str, index: u64, width: u16) -> String {
    let mut groups = Vec::new();
    let mut rest = index;
    loop {
        groups.push(rest % 1000);
        rest /= 1000;
        if rest == 0 {
            break;
        }
    }
    let mut path = prefix.to_owned();
    // Writing to a String cannot fail.
    for group in groups.iter().skip(1).rev() {
        let _ = write!(path, "x{group:03}/");
    }
    let _ = write!(path, "{:03}", groups[0]);
    if width < FULL_WIDTH {
        let _ = write!(path, ".p/{width}");
    }
    path
}

fn index_from_groups(text: &str) -> Result<u64, TileError> {
    const BAD: TileError =
        TileError::Path("the number must be groups of three digits, all but the last after an x");
    let mut groups: Vec<&str> = text.split('/').collect();
    let last = groups.pop().ok_or(BAD)?;
    let mut index: u64 = 0;
    for (place, group) in groups.iter().map(|group| group.strip_prefix('x')).chain([Some(last)]).enumerate() {
        let group =
            group.filter(|group| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit())).ok_or(BAD)?;
        let value: u64 = group.parse().map_err(|_| BAD)?;
        if place == 0 && value == 0 && !groups.is_empty() {
            return Err(TileError::Path("the number has a leading group of zeros"));
        }
        index = index.checked_mul(1000).and_then(|index| index.checked_add(value)).ok_or(BAD)?;
    }
    Ok(index)
}

#[cfg(test)]
mod tests;

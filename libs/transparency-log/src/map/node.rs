//! Stored nodes: sixteen slots each, addressed by the leading bits of the keys below them.

use std::fmt;

use super::{EMPTY, MapError, branch_hash, leaf_hash};
use crate::Hash;

/// Slots of a node.
const SLOTS: usize = 16;
/// Most steps from the root: the last four bits of a key choose the slot of a node 63 steps down.
const MAX_STEPS: u8 = 63;
/// Bytes of the two bitmaps before a node's slots.
const HEADER_BYTES: usize = 4;
const HASH_BYTES: usize = 32;

/// Place of a node: how many four-bit steps from the root, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    steps: u8,
    /// The bits on the way; the rest is zero.
    prefix: Hash,
}

/// What is below a place in the trie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Slot {
    /// No key.
    #[default]
    Empty,
    /// One key.
    Leaf {
        /// The key.
        key: Hash,
        /// Its value.
        value: Hash,
    },
    /// Two or more keys: the hash of that subtree.
    Branch(Hash),
}

/// Sixteen slots, each empty, a key with its value, or the hash of the node below.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    pub(super) slots: [Slot; SLOTS],
}

/// Four bits of a key.
pub(super) fn nibble(key: &Hash, step: u8) -> usize {
    let byte = key[usize::from(step / 2)];
    usize::from(if step.is_multiple_of(2) { byte >> 4 } else { byte & 0x0f })
}

impl NodeId {
    /// The root's place.
    pub const ROOT: Self = Self { steps: 0, prefix: [0; 32] };

    /// The place `steps` down the path of a key.
    pub(super) fn on_path(key: &Hash, steps: u8) -> Self {
        let mut prefix = *key;
        let whole = usize::from(steps / 2);
        if let Some(after) = prefix.get_mut(whole..) {
            let half = if steps.is_multiple_of(2) { 0 } else { 0xf0 };
            if let Some((first, rest)) = after.split_first_mut() {
                *first &= half;
                rest.fill(0);
            }
        }
        Self { steps, prefix }
    }

    /// Four-bit steps from the root.
    #[must_use]
    pub const fn steps(&self) -> u8 {
        self.steps
    }

    /// The place below one of the slots; `None` below the last step, where no two keys can be.
    pub(super) fn below(&self, slot: usize) -> Option<Self> {
        if self.steps == MAX_STEPS {
            return None;
        }
        let mut prefix = self.prefix;
        let bits = u8::try_from(slot).ok()? & 0x0f;
        prefix[usize::from(self.steps / 2)] |= if self.steps.is_multiple_of(2) { bits << 4 } else { bits };
        Some(Self { steps: self.steps + 1, prefix })
    }

    /// Whether a key belongs below this place, in this slot.
    fn holds(&self, key: &Hash, slot: usize) -> bool {
        Self::on_path(key, self.steps) == *self && nibble(key, self.steps) == slot
    }

    /// One byte of steps, then the prefix's bytes: a table's key, ordered by depth and place.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.steps];
        bytes.extend_from_slice(&self.prefix[..usize::from(self.steps.div_ceil(2))]);
        bytes
    }

    /// Reads [`NodeId::to_bytes`].
    ///
    /// # Errors
    /// [`MapError::Node`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MapError> {
        const BAD: MapError = MapError::Node("its id has the wrong length or stray bits");
        let (&steps, prefix) = bytes.split_first().ok_or(BAD)?;
        if steps > MAX_STEPS || prefix.len() != usize::from(steps.div_ceil(2)) {
            return Err(BAD);
        }
        let mut key = [0; 32];
        key[..prefix.len()].copy_from_slice(prefix);
        let id = Self::on_path(&key, steps);
        if id.prefix == key { Ok(id) } else { Err(BAD) }
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps == 0 {
            return f.write_str("(root)");
        }
        (0..self.steps).try_for_each(|step| write!(f, "{:x}", nibble(&self.prefix, step)))
    }
}

impl Slot {
    /// Hash of what is below.
    #[must_use]
    pub fn hash(&self) -> Hash {
        match self {
            Self::Empty => EMPTY,
            Self::Leaf { key, value } => leaf_hash(key, value),
            Self::Branch(hash) => *hash,
        }
    }

    /// Two halves as one subtree. A single key stays a leaf: that is the compression.
    pub(super) fn join(left: &Self, right: &Self) -> Self {
        match (left, right) {
            (Self::Empty, Self::Empty) => Self::Empty,
            (Self::Leaf { .. }, Self::Empty) => *left,
            (Self::Empty, Self::Leaf { .. }) => *right,
            _ => Self::Branch(branch_hash(&left.hash(), &right.hash())),
        }
    }
}

impl Node {
    /// The subtree under this node, seen from above.
    pub(super) fn fold(&self) -> Slot {
        self.rows()[0][0]
    }

    /// The five rows of the small tree inside the node, from its top (one slot) to its sixteen slots.
    pub(super) fn rows(&self) -> [Vec<Slot>; 5] {
        let join = |row: &[Slot]| -> Vec<Slot> {
            row.chunks(2).map(|pair| Slot::join(&pair[0], &pair[1])).collect()
        };
        let eight = join(&self.slots);
        let four = join(&eight);
        let two = join(&four);
        let one = join(&two);
        [one, two, four, eight, self.slots.to_vec()]
    }

    /// Whether every key in it belongs to its place. The hash does not say so: a lone key hashes alike in all slots.
    pub(super) fn fits(&self, id: &NodeId) -> bool {
        self.slots.iter().enumerate().all(|(slot, content)| match content {
            Slot::Leaf { key, .. } => id.holds(key, slot),
            Slot::Empty | Slot::Branch(_) => true,
        })
    }

    /// Compact bytes for a table: a bitmap of the slots in use and one of those that are leaves (16 bits each, big
    /// endian, slot 0 first), then 64 bytes a leaf (key, value) and 32 bytes a branch (hash), in order of the slots.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (mut used, mut leaves): (u16, u16) = (0, 0);
        let mut content = Vec::new();
        for (slot, mask) in self.slots.iter().zip(masks()) {
            match slot {
                Slot::Empty => {}
                Slot::Leaf { key, value } => {
                    used |= mask;
                    leaves |= mask;
                    content.extend_from_slice(key);
                    content.extend_from_slice(value);
                }
                Slot::Branch(hash) => {
                    used |= mask;
                    content.extend_from_slice(hash);
                }
            }
        }
        let mut bytes = Vec::with_capacity(HEADER_BYTES + content.len());
        bytes.extend_from_slice(&used.to_be_bytes());
        bytes.extend_from_slice(&leaves.to_be_bytes());
        bytes.extend_from_slice(&content);
        bytes
    }

    /// Reads [`Node::to_bytes`].
    ///
    /// # Errors
    /// [`MapError::Node`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MapError> {
        const SHORT: MapError = MapError::Node("it is too short");
        let ([used_high, used_low, leaves_high, leaves_low], mut rest) =
            bytes.split_first_chunk::<HEADER_BYTES>().ok_or(SHORT)?;
        let used = u16::from_be_bytes([*used_high, *used_low]);
        let leaves = u16::from_be_bytes([*leaves_high, *leaves_low]);
        if used == 0 || leaves & !used != 0 {
            return Err(MapError::Node("its bitmaps contradict each other"));
        }
        let mut take = || -> Result<Hash, MapError> {
            let (hash, after) = rest.split_first_chunk::<HASH_BYTES>().ok_or(SHORT)?;
            rest = after;
            Ok(*hash)
        };
        let mut node = Self::default();
        for (slot, mask) in node.slots.iter_mut().zip(masks()) {
            if leaves & mask != 0 {
                *slot = Slot::Leaf { key: take()?, value: take()? };
            } else if used & mask != 0 {
                *slot = Slot::Branch(take()?);
            }
        }
        if rest.is_empty() { Ok(node) } else { Err(MapError::Node("it is too long")) }
    }
}

fn masks() -> impl Iterator<Item = u16> {
    (0..SLOTS).map(|slot| 0x8000 >> slot)
}

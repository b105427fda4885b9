//! Proofs about one key, verified with nothing but the root.

use super::{KEY_BITS, MapError, Slot, bit, branch_hash, common_bits};
use crate::Hash;

const HASH_BYTES: usize = 32;
/// First byte of a proof that ends at an empty place.
const EMPTY_END: u8 = 0;
/// First byte of a proof that ends at a leaf, whose key and value follow.
const LEAF_END: u8 = 1;

/// A proof that a key has a value, or that it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Hashes beside the path, from the root down.
    pub siblings: Vec<Hash>,
    /// What is at the end of the path: the key with its value, another key, or nothing.
    pub end: Slot,
}

impl Proof {
    /// Checks the proof against a root. Gives the key's value, or `None` when the proof shows that it has none.
    ///
    /// No root, however made, has proofs of two different answers for one key: the path is fixed by the key, and leaf,
    /// branch and empty hashes cannot be taken for one another.
    ///
    /// # Errors
    /// [`MapError::Root`], [`MapError::Proof`].
    pub fn verify(&self, key: &Hash, root: &Hash) -> Result<Option<Hash>, MapError> {
        if self.siblings.len() > KEY_BITS {
            return Err(MapError::Proof("it is longer than a key has bits"));
        }
        let answer = match self.end {
            Slot::Empty => None,
            Slot::Leaf { key: found, value } if found == *key => Some(value),
            Slot::Leaf { key: found, .. } if common_bits(&found, key) >= self.siblings.len() => None,
            Slot::Leaf { .. } => return Err(MapError::Proof("the other key is not on the path")),
            Slot::Branch(_) => return Err(MapError::Proof("it ends too early")),
        };
        let mut hash = self.end.hash();
        for (depth, sibling) in self.siblings.iter().enumerate().rev() {
            hash = if bit(key, depth) { branch_hash(sibling, &hash) } else { branch_hash(&hash, sibling) };
        }
        if hash == *root { Ok(answer) } else { Err(MapError::Root) }
    }

    /// Bytes for a file or a database: one byte 0 (ends empty) or 1 (ends at a leaf: 32 bytes key, 32 bytes value),
    /// then the siblings, 32 bytes each.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + (2 + self.siblings.len()) * HASH_BYTES);
        match self.end {
            Slot::Leaf { key, value } => {
                bytes.push(LEAF_END);
                bytes.extend_from_slice(&key);
                bytes.extend_from_slice(&value);
            }
            // A proof never ends at a branch; verifying one that was built by hand says so.
            Slot::Empty | Slot::Branch(_) => bytes.push(EMPTY_END),
        }
        bytes.extend(self.siblings.iter().flatten());
        bytes
    }

    /// Reads [`Proof::to_bytes`].
    ///
    /// # Errors
    /// [`MapError::Proof`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MapError> {
        const SHORT: MapError = MapError::Proof("it is too short");
        let (kind, rest) = bytes.split_first().ok_or(SHORT)?;
        let (end, rest) = match *kind {
            EMPTY_END => (Slot::Empty, rest),
            LEAF_END => {
                let (key, rest) = rest.split_first_chunk::<HASH_BYTES>().ok_or(SHORT)?;
                let (value, rest) = rest.split_first_chunk::<HASH_BYTES>().ok_or(SHORT)?;
                (Slot::Leaf { key: *key, value: *value }, rest)
            }
            _ => return Err(MapError::Proof("its first byte is neither 0 nor 1")),
        };
        let (siblings, stray) = rest.as_chunks::<HASH_BYTES>();
        if !stray.is_empty() || siblings.len() > KEY_BITS {
            return Err(MapError::Proof("it has a wrong length"));
        }
        Ok(Self { siblings: siblings.to_vec(), end })
    }
}

//! A map's root from all its keys, in one pass and constant memory.

use super::{KEY_BITS, MapError, Slot, bit, common_bits};
use crate::Hash;

/// Computes a map's root from all its leaves in ascending order of keys, in constant memory: for audits.
#[derive(Debug, Clone, Default)]
pub struct RootBuilder {
    /// Finished left halves on the way to the current key: the depth of the branch each belongs to.
    left: Vec<(usize, Slot)>,
    current: Option<Hash>,
    /// The subtree that ends with the current key, and its depth.
    slot: Slot,
    depth: usize,
}

impl RootBuilder {
    /// No leaves yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next leaf.
    ///
    /// # Errors
    /// [`MapError::Order`] when the key is not above the one before.
    pub fn push(&mut self, key: Hash, value: Hash) -> Result<(), MapError> {
        if let Some(before) = self.current {
            if before >= key {
                return Err(MapError::Order);
            }
            let fork = common_bits(&before, &key);
            self.close_above(fork, &before);
            self.rise_to(fork + 1, &before);
            self.left.push((fork, self.slot));
        }
        self.current = Some(key);
        self.slot = Slot::Leaf { key, value };
        self.depth = KEY_BITS;
        Ok(())
    }

    /// The root over all leaves pushed.
    #[must_use]
    pub fn finish(mut self) -> Hash {
        let Some(last) = self.current else { return Slot::Empty.hash() };
        while let Some((depth, _)) = self.left.last() {
            let depth = *depth;
            self.join_at(depth, &last);
        }
        self.rise_to(0, &last);
        self.slot.hash()
    }

    /// Joins the finished halves that lie deeper than `fork`: no later key comes below them.
    fn close_above(&mut self, fork: usize, key: &Hash) {
        while let Some((depth, _)) = self.left.last().copied().filter(|(depth, _)| *depth > fork) {
            self.join_at(depth, key);
        }
    }

    fn join_at(&mut self, depth: usize, key: &Hash) {
        self.rise_to(depth + 1, key);
        if let Some((_, left)) = self.left.pop() {
            self.slot = Slot::join(&left, &self.slot);
            self.depth = depth;
        }
    }

    /// Lifts the current subtree past levels where it has no sibling.
    fn rise_to(&mut self, depth: usize, key: &Hash) {
        while self.depth > depth {
            self.depth -= 1;
            self.slot = if bit(key, self.depth) {
                Slot::join(&Slot::Empty, &self.slot)
            } else {
                Slot::join(&self.slot, &Slot::Empty)
            };
        }
    }
}

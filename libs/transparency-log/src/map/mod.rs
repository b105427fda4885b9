//! A verifiable map from 256-bit keys to 32-byte values: one root stands for all of it, proofs show that a key has a
//! value or none.
//!
//! The map is a binary trie over the bits of the key. A subtree without keys hashes to [`EMPTY`], one with a single key
//! to the hash of that leaf at whatever depth, any other to the hash of its two halves. Nodes are stored sixteen slots
//! wide (four bits of the key a level), so a map of a million keys is five or six levels deep.
//!
//! It does no IO. A [`View`] holds the nodes on the paths of some keys; it tells which nodes it lacks, one level at a
//! time, so that a database answers one query a level for a whole batch:
//!
//! ```
//! # use std::collections::BTreeMap;
//! use transparency_log::map::{self, Change, Node, NodeId, View};
//!
//! let mut stored: BTreeMap<NodeId, Node> = BTreeMap::new(); // a table: NodeId::to_bytes -> Node::to_bytes
//! let mut view = View::new(map::EMPTY, [[1; 32], [2; 32]]);
//! loop {
//!     let wanted = view.wanted();
//!     if wanted.is_empty() {
//!         break;
//!     }
//!     let found = wanted.iter().filter_map(|id| stored.get(id).map(|node| (*id, node.clone()))).collect::<Vec<_>>();
//!     view.supply(found).unwrap();
//! }
//! let update = view.update(&[Change::put([1; 32], [9; 32]), Change::delete([2; 32])]).unwrap();
//! for (id, node) in update.nodes {
//!     match node {
//!         Some(node) => stored.insert(id, node),
//!         None => stored.remove(&id),
//!     };
//! }
//! assert_ne!(update.root, map::EMPTY);
//! ```

mod node;
mod proof;
mod root;
mod view;

pub use node::{Node, NodeId, Slot};
pub use proof::Proof;
pub use root::RootBuilder;
pub use view::View;

use crate::Hash;
use crate::merkle::sha256;

/// Hash of a subtree without keys, and the root of the empty map: SHA-256("daftar-map/1 empty").
pub const EMPTY: Hash = [
    0x96, 0x36, 0x5b, 0x4b, 0x37, 0x9a, 0x7b, 0x21, 0xe3, 0xf8, 0xf0, 0x6e, 0xbb, 0x6b, 0x60, 0x28, 0x6c,
    0xe1, 0xe8, 0xd0, 0x31, 0x0c, 0xb6, 0x25, 0xa3, 0xb5, 0xaf, 0xc5, 0xc4, 0xe9, 0x54, 0x67,
];
/// Bits of a key.
pub const KEY_BITS: usize = 256;

const LEAF_LABEL: &[u8] = b"daftar-map/1 leaf";
const BRANCH_LABEL: &[u8] = b"daftar-map/1 branch";

/// Hash of a subtree with one key: SHA-256("daftar-map/1 leaf", key, value).
#[must_use]
pub fn leaf_hash(key: &Hash, value: &Hash) -> Hash {
    sha256(&[LEAF_LABEL, key, value])
}

/// Hash of a subtree with more than one key: SHA-256("daftar-map/1 branch", left, right).
#[must_use]
pub fn branch_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[BRANCH_LABEL, left, right])
}

/// Bit number `index` of a key, the most significant bit of the first byte being number 0.
fn bit(key: &Hash, index: usize) -> bool {
    key[index / 8] & (0x80 >> (index % 8)) != 0
}

/// How many leading bits two keys share.
fn common_bits(left: &Hash, right: &Hash) -> usize {
    let differing = left.iter().zip(right).position(|(left, right)| left != right);
    differing.map_or(KEY_BITS, |byte| byte * 8 + (left[byte] ^ right[byte]).leading_zeros() as usize)
}

/// Why nodes or a proof were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// A node that its parent (or the root) refers to was not supplied: the store lost it.
    #[error("map node {0} is missing")]
    Missing(NodeId),
    /// A node does not have the hash its parent (or the root) says: the store was altered.
    #[error("map node {0} was altered")]
    Altered(NodeId),
    /// Bytes that are not a node.
    #[error("not a map node: {0}")]
    Node(&'static str),
    /// Bytes that are not a proof.
    #[error("not a map proof: {0}")]
    Proof(&'static str),
    /// A proof that leads to another root: the value, its absence or the map was altered.
    #[error("the map proof leads to another root")]
    Root,
    /// The same key twice in one batch.
    #[error("the same key is changed twice in one batch")]
    Twice,
    /// A key that the view was not made for, or whose nodes were not all supplied.
    #[error("the view does not cover this key")]
    NotCovered,
    /// Leaves that are not in strictly ascending order of their keys.
    #[error("the keys are not in ascending order")]
    Order,
}

/// A key to set or to remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The key.
    pub key: Hash,
    /// The new value; `None` removes the key.
    pub value: Option<Hash>,
}

impl Change {
    /// Sets a key.
    #[must_use]
    pub const fn put(key: Hash, value: Hash) -> Self {
        Self { key, value: Some(value) }
    }

    /// Removes a key (no change when it is absent).
    #[must_use]
    pub const fn delete(key: Hash) -> Self {
        Self { key, value: None }
    }
}

/// What a batch of changes did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The new root.
    pub root: Hash,
    /// Nodes to store (`Some`) or to delete (`None`), by id.
    pub nodes: Vec<(NodeId, Option<Node>)>,
}

#[cfg(test)]
mod tests;

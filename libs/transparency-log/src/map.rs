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

use crate::Hash;

/// Hash of a subtree without keys, and the root of the empty map: SHA-256("daftar-map/1 empty").
pub const EMPTY: Hash = [0; 32];
/// Most bytes of a stored node.
pub const MAX_NODE_BYTES: usize = 4 + 16 * 64;
/// Most sibling hashes of a proof.
pub const MAX_SIBLINGS: usize = 256;

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

/// Place of a node: how many four-bit steps from the root, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    steps: u8,
    prefix: Hash,
}

/// Sixteen slots, each empty, a key with its value, or the hash of the node below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    slots: [Slot; 16],
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

/// A proof that a key has a value, or that it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Hashes beside the path, from the root down.
    pub siblings: Vec<Hash>,
    /// What is at the end of the path.
    pub end: Slot,
}

/// The nodes of a map along the paths of some keys.
#[derive(Debug, Clone)]
pub struct View {
    root: Hash,
}

impl NodeId {
    /// The root's place.
    pub const ROOT: Self = Self { steps: 0, prefix: [0; 32] };

    /// One byte of steps, then the prefix's bytes: a table's key, ordered by depth and place.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        todo!()
    }

    /// Reads [`NodeId::to_bytes`].
    ///
    /// # Errors
    /// [`MapError::Node`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MapError> {
        todo!()
    }
}

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        todo!()
    }
}

impl Node {
    /// Compact bytes for a table.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        todo!()
    }

    /// Reads [`Node::to_bytes`].
    ///
    /// # Errors
    /// [`MapError::Node`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MapError> {
        todo!()
    }
}

impl View {
    /// A view of the map with this root along the paths of these keys. Nodes are still to be supplied.
    #[must_use]
    pub fn new(root: Hash, keys: impl IntoIterator<Item = Hash>) -> Self {
        todo!()
    }

    /// Nodes to load next; empty when the view is complete.
    #[must_use]
    pub fn wanted(&self) -> Vec<NodeId> {
        todo!()
    }

    /// Adds all nodes of the last [`View::wanted`]. Each is checked against the hash its parent holds.
    ///
    /// # Errors
    /// [`MapError::Missing`], [`MapError::Altered`].
    pub fn supply(&mut self, nodes: impl IntoIterator<Item = (NodeId, Node)>) -> Result<(), MapError> {
        todo!()
    }

    /// The value of a key the view covers.
    ///
    /// # Errors
    /// [`MapError::NotCovered`].
    pub fn get(&self, key: &Hash) -> Result<Option<Hash>, MapError> {
        todo!()
    }

    /// The proof of a key's value or absence.
    ///
    /// # Errors
    /// [`MapError::NotCovered`].
    pub fn prove(&self, key: &Hash) -> Result<Proof, MapError> {
        todo!()
    }

    /// Computes the map after the changes. The order of the changes does not matter; the view stays as it was.
    ///
    /// # Errors
    /// [`MapError::NotCovered`], [`MapError::Twice`].
    pub fn update(&self, changes: &[Change]) -> Result<Update, MapError> {
        todo!()
    }
}

impl Proof {
    /// Checks the proof against a root. Gives the key's value, or `None` when the proof shows that it has none.
    ///
    /// # Errors
    /// [`MapError::Root`], [`MapError::Proof`].
    pub fn verify(&self, key: &Hash, root: &Hash) -> Result<Option<Hash>, MapError> {
        todo!()
    }

    /// Bytes for a file or a database.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        todo!()
    }

    /// Reads [`Proof::to_bytes`].
    ///
    /// # Errors
    /// [`MapError::Proof`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MapError> {
        todo!()
    }
}

/// Computes a map's root from all its leaves in ascending order of keys, in constant memory: for audits.
#[derive(Debug, Clone, Default)]
pub struct RootBuilder {}

impl RootBuilder {
    /// No leaves yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next leaf.
    ///
    /// # Errors
    /// [`MapError::Order`].
    pub fn push(&mut self, key: Hash, value: Hash) -> Result<(), MapError> {
        todo!()
    }

    /// The root over all leaves pushed.
    #[must_use]
    pub fn finish(self) -> Hash {
        todo!()
    }
}

//! The part of a map that some keys touch: loaded level by level, then read, proven or changed.

use std::collections::{BTreeMap, BTreeSet};

use super::node::nibble;
use super::{Change, EMPTY, MapError, Node, NodeId, Proof, Slot, Update};
use crate::Hash;

/// The nodes of a map along the paths of some keys.
#[derive(Debug, Clone)]
pub struct View {
    root: Hash,
    keys: BTreeSet<Hash>,
    nodes: BTreeMap<NodeId, Node>,
    /// Nodes to be supplied next, with the hash each must have. All are on one level.
    wanted: BTreeMap<NodeId, Hash>,
}

/// Nodes that an update changed or removed.
type Changed = BTreeMap<NodeId, Option<Node>>;

impl View {
    /// A view of the map with this root along the paths of these keys. Nodes are still to be supplied.
    #[must_use]
    pub fn new(root: Hash, keys: impl IntoIterator<Item = Hash>) -> Self {
        let keys: BTreeSet<Hash> = keys.into_iter().collect();
        let mut wanted = BTreeMap::new();
        if root != EMPTY && !keys.is_empty() {
            wanted.insert(NodeId::ROOT, root);
        }
        Self { root, keys, nodes: BTreeMap::new(), wanted }
    }

    /// The root the view was made for.
    #[must_use]
    pub const fn root(&self) -> Hash {
        self.root
    }

    /// Nodes to load next, all of one level; empty when the view is complete.
    #[must_use]
    pub fn wanted(&self) -> Vec<NodeId> {
        self.wanted.keys().copied().collect()
    }

    /// Adds all nodes of the last [`View::wanted`] (others are ignored). Each is checked against the hash its parent
    /// holds, so an altered store cannot mislead the view.
    ///
    /// # Errors
    /// [`MapError::Missing`], [`MapError::Altered`]; the view then wants the same nodes as before.
    pub fn supply(&mut self, nodes: impl IntoIterator<Item = (NodeId, Node)>) -> Result<(), MapError> {
        let mut supplied: BTreeMap<NodeId, Node> = nodes.into_iter().collect();
        let mut accepted = BTreeMap::new();
        for (id, expected) in &self.wanted {
            let node = supplied.remove(id).ok_or(MapError::Missing(*id))?;
            if node.fold().hash() != *expected || !node.fits(id) {
                return Err(MapError::Altered(*id));
            }
            accepted.insert(*id, node);
        }
        self.wanted = self.next_level(&accepted);
        self.nodes.append(&mut accepted);
        Ok(())
    }

    /// The branches that the view's keys lead to from these nodes of one level.
    fn next_level(&self, nodes: &BTreeMap<NodeId, Node>) -> BTreeMap<NodeId, Hash> {
        let Some(steps) = nodes.keys().next().map(NodeId::steps) else { return BTreeMap::new() };
        let below = |key: &Hash| {
            let id = NodeId::on_path(key, steps);
            let slot = nibble(key, steps);
            match nodes.get(&id)?.slots[slot] {
                Slot::Branch(hash) => Some((id.below(slot)?, hash)),
                Slot::Empty | Slot::Leaf { .. } => None,
            }
        };
        self.keys.iter().filter_map(below).collect()
    }

    fn check_covered(&self, key: &Hash) -> Result<(), MapError> {
        if self.wanted.is_empty() && self.keys.contains(key) { Ok(()) } else { Err(MapError::NotCovered) }
    }

    /// The value of a key the view covers.
    ///
    /// # Errors
    /// [`MapError::NotCovered`].
    pub fn get(&self, key: &Hash) -> Result<Option<Hash>, MapError> {
        match self.prove(key)?.end {
            Slot::Leaf { key: found, value } if found == *key => Ok(Some(value)),
            _ => Ok(None),
        }
    }

    /// The proof of a key's value or absence.
    ///
    /// # Errors
    /// [`MapError::NotCovered`].
    pub fn prove(&self, key: &Hash) -> Result<Proof, MapError> {
        self.check_covered(key)?;
        let mut siblings = Vec::new();
        if self.root == EMPTY {
            return Ok(Proof { siblings, end: Slot::Empty });
        }
        let mut id = NodeId::ROOT;
        loop {
            let rows = self.nodes.get(&id).ok_or(MapError::NotCovered)?.rows();
            let slot = nibble(key, id.steps());
            let mut here = rows[0][0];
            for (depth, row) in rows.iter().enumerate().skip(1) {
                if !matches!(here, Slot::Branch(_)) {
                    break;
                }
                let place = slot >> (rows.len() - 1 - depth);
                siblings.push(row[place ^ 1].hash());
                here = row[place];
            }
            if !matches!(here, Slot::Branch(_)) {
                return Ok(Proof { siblings, end: here });
            }
            id = id.below(slot).ok_or(MapError::NotCovered)?;
        }
    }

    /// Computes the map after the changes. The order of the changes does not matter; the view stays as it was.
    ///
    /// # Errors
    /// [`MapError::NotCovered`], [`MapError::Twice`].
    pub fn update(&self, changes: &[Change]) -> Result<Update, MapError> {
        let mut sorted = changes.to_vec();
        sorted.sort_by_key(|change| change.key);
        if sorted.windows(2).any(|pair| pair[0].key == pair[1].key) {
            return Err(MapError::Twice);
        }
        sorted.iter().try_for_each(|change| self.check_covered(&change.key))?;
        if sorted.is_empty() {
            return Ok(Update { root: self.root, nodes: Vec::new() });
        }
        let mut changed = Changed::new();
        let mut node = if self.root == EMPTY { Node::default() } else { self.node(&NodeId::ROOT)?.clone() };
        self.apply_to_slots(&NodeId::ROOT, &mut node, &sorted, &mut changed)?;
        let top = node.fold();
        // The root node is kept even for a single key, so that there is a place to begin.
        self.record(&NodeId::ROOT, (top != Slot::Empty).then_some(node), &mut changed);
        Ok(Update { root: top.hash(), nodes: changed.into_iter().collect() })
    }

    fn node(&self, id: &NodeId) -> Result<&Node, MapError> {
        self.nodes.get(id).ok_or(MapError::NotCovered)
    }

    /// Applies changes below one place and gives what is there afterwards.
    fn apply(
        &self,
        id: &NodeId,
        before: Slot,
        changes: &[Change],
        changed: &mut Changed,
    ) -> Result<Slot, MapError> {
        let mut node = match before {
            Slot::Branch(_) => self.node(id)?.clone(),
            Slot::Empty | Slot::Leaf { .. } => match few_keys(before, changes) {
                Few::AtMostOne(slot) => return Ok(slot),
                Few::More(kept) => {
                    let mut node = Node::default();
                    if let Some((key, _)) = kept {
                        node.slots[nibble(&key, id.steps())] = before;
                    }
                    node
                }
            },
        };
        self.apply_to_slots(id, &mut node, changes, changed)?;
        let after = node.fold();
        let keeps_node = matches!(after, Slot::Branch(_));
        self.record(id, keeps_node.then_some(node), changed);
        Ok(after)
    }

    fn apply_to_slots(
        &self,
        id: &NodeId,
        node: &mut Node,
        changes: &[Change],
        changed: &mut Changed,
    ) -> Result<(), MapError> {
        for group in
            changes.chunk_by(|left, right| nibble(&left.key, id.steps()) == nibble(&right.key, id.steps()))
        {
            let slot = nibble(&group[0].key, id.steps());
            let before = node.slots[slot];
            node.slots[slot] = match id.below(slot) {
                Some(below) => self.apply(&below, before, group, changed)?,
                // At the last step a slot stands for one whole key.
                None => match few_keys(before, group) {
                    Few::AtMostOne(after) => after,
                    Few::More(_) => return Err(MapError::Twice),
                },
            };
        }
        Ok(())
    }

    /// Notes a node that differs from the stored one.
    fn record(&self, id: &NodeId, node: Option<Node>, changed: &mut Changed) {
        if self.nodes.get(id) != node.as_ref() {
            changed.insert(*id, node);
        }
    }
}

/// What is below a place that had at most one key.
enum Few {
    /// Still at most one key.
    AtMostOne(Slot),
    /// More than one: the key that stays from before, if any, beside the new ones.
    More(Option<(Hash, Hash)>),
}

fn few_keys(before: Slot, changes: &[Change]) -> Few {
    let kept = match before {
        Slot::Leaf { key, value } if changes.iter().all(|change| change.key != key) => Some((key, value)),
        _ => None,
    };
    let mut puts = changes.iter().filter_map(|change| Some((change.key, change.value?)));
    match (kept, puts.next(), puts.next()) {
        (None, None, _) => Few::AtMostOne(Slot::Empty),
        (Some((key, value)), None, _) | (None, Some((key, value)), None) => {
            Few::AtMostOne(Slot::Leaf { key, value })
        }
        (kept, Some(_), _) => Few::More(kept),
    }
}

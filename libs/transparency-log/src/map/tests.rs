use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A map kept in memory the way a database would keep it: rows of bytes.
#[derive(Default)]
struct Stored {
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    root: Option<Hash>,
    queries: usize,
}

impl Stored {
    fn root(&self) -> Hash {
        self.root.unwrap_or(EMPTY)
    }

    fn view(&mut self, keys: impl IntoIterator<Item = Hash>) -> View {
        let mut view = View::new(self.root(), keys);
        loop {
            let wanted = view.wanted();
            if wanted.is_empty() {
                return view;
            }
            self.queries += 1;
            let found: Vec<(NodeId, Node)> = wanted
                .iter()
                .filter_map(|id| Some((*id, Node::from_bytes(self.rows.get(&id.to_bytes())?).unwrap())))
                .collect();
            view.supply(found).unwrap();
        }
    }

    fn apply(&mut self, changes: &[Change]) {
        let view = self.view(changes.iter().map(|change| change.key));
        let update = view.update(changes).unwrap();
        for (id, node) in update.nodes {
            assert_eq!(NodeId::from_bytes(&id.to_bytes()).unwrap(), id);
            match node {
                Some(node) => self.rows.insert(id.to_bytes(), node.to_bytes()),
                None => self.rows.remove(&id.to_bytes()),
            };
        }
        self.root = Some(update.root);
    }
}

fn root_of(all: &BTreeMap<Hash, Hash>) -> Hash {
    let mut builder = RootBuilder::new();
    all.iter().for_each(|(key, value)| builder.push(*key, *value).unwrap());
    builder.finish()
}

/// The definition, without any cleverness.
fn naive_root(all: &[(Hash, Hash)], depth: usize) -> Hash {
    match all {
        [] => EMPTY,
        [(key, value)] => leaf_hash(key, value),
        _ => {
            let (right, left): (Vec<_>, Vec<_>) = all.iter().partition(|(key, _)| bit(key, depth));
            branch_hash(&naive_root(&left, depth + 1), &naive_root(&right, depth + 1))
        }
    }
}

/// Keys that share long beginnings as well as random ones.
fn key() -> impl Strategy<Value = Hash> {
    prop_oneof![
        any::<Hash>(),
        (0..4_u8, 0..32_usize, any::<u8>()).prop_map(|(fill, place, last)| {
            let mut key = [fill; 32];
            key[place] = last;
            key
        }),
    ]
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::btree_map(key(), prop::option::weighted(0.7, any::<Hash>()), 0..40)
        .prop_map(|map| map.into_iter().map(|(key, value)| Change { key, value }).collect())
}

proptest! {
    #[test]
    fn batches_equal_the_root_from_the_full_list(batches in prop::collection::vec(changes(), 1..6)) {
        let mut stored = Stored::default();
        let mut all: BTreeMap<Hash, Hash> = BTreeMap::new();
        for batch in &batches {
            stored.apply(batch);
            for change in batch {
                match change.value {
                    Some(value) => all.insert(change.key, value),
                    None => all.remove(&change.key),
                };
            }
            let list: Vec<_> = all.iter().map(|(key, value)| (*key, *value)).collect();
            prop_assert_eq!(stored.root(), root_of(&all));
            prop_assert_eq!(stored.root(), naive_root(&list, 0));
        }
        // Removing everything leaves nothing behind in the table.
        let deletes: Vec<Change> = all.keys().map(|key| Change::delete(*key)).collect();
        stored.apply(&deletes);
        prop_assert_eq!(stored.root(), EMPTY);
        prop_assert!(stored.rows.is_empty());
    }

    #[test]
    fn order_and_grouping_do_not_matter(batch in changes(), pieces in 1..5_usize) {
        let (mut one, mut many) = (Stored::default(), Stored::default());
        one.apply(&batch);
        let reversed: Vec<Change> = batch.iter().rev().copied().collect();
        for piece in reversed.chunks(reversed.len().div_ceil(pieces).max(1)) {
            many.apply(piece);
        }
        prop_assert_eq!(one.root(), many.root());
        prop_assert_eq!(one.rows, many.rows);
    }

    #[test]
    fn proofs_hold_for_the_truth_only(batch in changes(), absent in key(), wrong in any::<Hash>()) {
        let mut stored = Stored::default();
        stored.apply(&batch);
        let keys = batch.iter().map(|change| change.key).chain([absent]);
        let view = stored.view(keys.clone());
        for key in keys {
            let value = batch.iter().find(|change| change.key == key).and_then(|change| change.value);
            let proof = view.prove(&key).unwrap();
            prop_assert_eq!(view.get(&key).unwrap(), value);
            prop_assert_eq!(proof.verify(&key, &stored.root()), Ok(value));
            prop_assert_eq!(&Proof::from_bytes(&proof.to_bytes()).unwrap(), &proof);
            prop_assert_eq!(proof.verify(&key, &wrong), Err(MapError::Root));
            // A wrong value, a denied value and a value for an absent key.
            for end in [Slot::Leaf { key, value: wrong }, Slot::Empty, Slot::Branch(wrong)] {
                let forged = Proof { end, ..proof.clone() };
                if forged != proof {
                    prop_assert!(forged.verify(&key, &stored.root()).is_err());
                }
            }
            for place in 0..proof.siblings.len() {
                let mut forged = proof.clone();
                forged.siblings[place][7] ^= 0x10;
                prop_assert_eq!(forged.verify(&key, &stored.root()), Err(MapError::Root));
                let mut shorter = proof.clone();
                shorter.siblings.remove(place);
                prop_assert!(shorter.verify(&key, &stored.root()).is_err());
            }
        }
    }

    #[test]
    fn parsers_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Proof::from_bytes(&bytes);
        if let Ok(node) = Node::from_bytes(&bytes) {
            prop_assert_eq!(node.to_bytes(), bytes.clone());
        }
        if let Ok(id) = NodeId::from_bytes(&bytes) {
            prop_assert_eq!(id.to_bytes(), bytes);
        }
    }
}

fn hashed(number: u32) -> Hash {
    sha256(&[&number.to_be_bytes()])
}

#[test]
fn a_large_map_is_shallow_and_an_update_touches_few_rows() {
    let mut stored = Stored::default();
    let puts: Vec<Change> = (0..20_000).map(|n| Change::put(hashed(n), hashed(n + 1))).collect();
    stored.apply(&puts);
    stored.queries = 0;
    let view = stored.view([hashed(77)]);
    assert!(stored.queries <= 5, "{} queries for 20,000 keys", stored.queries);
    let update = view.update(&[Change::put(hashed(77), [1; 32])]).unwrap();
    assert!(update.nodes.len() <= 5, "{} rows", update.nodes.len());
    assert!(stored.rows.len() < 12_000, "{} rows", stored.rows.len());
}

#[test]
fn keys_that_differ_in_their_last_bit_only() {
    let (mut left, mut right) = ([0x5a; 32], [0x5a; 32]);
    (left[31], right[31]) = (0x10, 0x11);
    let mut stored = Stored::default();
    stored.apply(&[Change::put(left, [1; 32]), Change::put(right, [2; 32])]);
    assert_eq!(stored.rows.len(), 64);
    let view = stored.view([left, right]);
    assert_eq!(view.prove(&left).unwrap().siblings.len(), KEY_BITS);
    assert_eq!(view.prove(&right).unwrap().verify(&right, &stored.root()), Ok(Some([2; 32])));
    stored.apply(&[Change::delete(left)]);
    assert_eq!(stored.root(), leaf_hash(&right, &[2; 32]));
    assert_eq!(stored.rows.len(), 1);
}

#[test]
fn an_altered_or_lost_row_is_found_before_it_is_used() {
    let mut stored = Stored::default();
    let puts: Vec<Change> = (0..300).map(|n| Change::put(hashed(n), hashed(n + 1))).collect();
    stored.apply(&puts);
    let root = NodeId::ROOT.to_bytes();
    let honest = stored.rows[&root].clone();
    let supply = |row: Option<Vec<u8>>| {
        let mut view = View::new(stored.root(), [hashed(5)]);
        view.supply(row.map(|row| (NodeId::ROOT, Node::from_bytes(&row).unwrap())))
    };
    assert_eq!(supply(None), Err(MapError::Missing(NodeId::ROOT)));
    let mut altered = honest.clone();
    altered[40] ^= 1;
    assert_eq!(supply(Some(altered)), Err(MapError::Altered(NodeId::ROOT)));
    assert_eq!(supply(Some(honest)), Ok(()));
}

#[test]
fn a_lone_key_moved_to_another_slot_is_found() {
    // The hash of a node with one key does not say in which slot it is.
    let key = [0x70; 32];
    let mut moved = Node::default();
    moved.slots[3] = Slot::Leaf { key, value: [1; 32] };
    let mut view = View::new(leaf_hash(&key, &[1; 32]), [key]);
    assert_eq!(view.supply([(NodeId::ROOT, moved)]), Err(MapError::Altered(NodeId::ROOT)));
}

#[test]
fn absence_is_not_shown_by_a_key_that_belongs_elsewhere() {
    // A dishonest map puts the leaf of a key that begins with 1 where keys that begin with 0 belong.
    let (astray, value, right) = ([0x80; 32], [1; 32], [7; 32]);
    let root = branch_hash(&leaf_hash(&astray, &value), &right);
    let proof = Proof { siblings: vec![right], end: Slot::Leaf { key: astray, value } };
    assert!(matches!(proof.verify(&[0x00; 32], &root), Err(MapError::Proof(_))));
    let neighbour = Proof { end: Slot::Leaf { key: [0x40; 32], value }, ..proof };
    let root = branch_hash(&leaf_hash(&[0x40; 32], &value), &right);
    assert_eq!(neighbour.verify(&[0x00; 32], &root), Ok(None), "a key on the path does show it");
}

#[test]
fn misuse_is_refused() {
    let view = View::new(EMPTY, [[1; 32]]);
    assert_eq!(view.get(&[2; 32]), Err(MapError::NotCovered));
    assert_eq!(view.update(&[Change::put([2; 32], [0; 32])]), Err(MapError::NotCovered));
    assert_eq!(view.update(&[Change::put([1; 32], [0; 32]), Change::delete([1; 32])]), Err(MapError::Twice));
    let unloaded = View::new([7; 32], [[1; 32]]);
    assert_eq!(unloaded.get(&[1; 32]), Err(MapError::NotCovered));
    let mut builder = RootBuilder::new();
    builder.push([2; 32], [0; 32]).unwrap();
    assert_eq!(builder.push([2; 32], [0; 32]), Err(MapError::Order));
    assert_eq!(builder.push([1; 32], [0; 32]), Err(MapError::Order));
}

#[test]
fn fixed_values_keep_the_format() {
    assert_eq!(EMPTY, sha256(&[b"daftar-map/1 empty"]));
    let mut stored = Stored::default();
    stored.apply(&[Change::put([0x00; 32], [1; 32]), Change::put([0x80; 32], [2; 32])]);
    let expected = branch_hash(&leaf_hash(&[0x00; 32], &[1; 32]), &leaf_hash(&[0x80; 32], &[2; 32]));
    assert_eq!(stored.root(), expected);
    let row = &stored.rows[&vec![0_u8]];
    assert_eq!(row[..4], [0x80, 0x80, 0x80, 0x80]);
    assert_eq!(row.len(), 4 + 2 * 64);
}

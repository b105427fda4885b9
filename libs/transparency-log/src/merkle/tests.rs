use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::encoding::base64_decode;
use crate::tree::Appender;

/// The vectors of transparency-dev/merkle, counted when they were copied.
const VECTORS: usize = 518;

/// The folder of public test data, beside the workspace or where `DAFTAR_DATA` says.
#[expect(clippy::disallowed_methods, reason = "a test finds its corpus through the environment")]
fn corpus(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("DAFTAR_DATA").map_or(beside, PathBuf::from).join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    let set_to = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    let required = set_to("DAFTAR_DATA_REQUIRED", "1") || set_to("CI", "true");
    assert!(!required, "corpus {name} is required and not present at {}", folder.display());
    println!("corpus not present");
    None
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for item in std::fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            files_below(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// A vector's hash; `None` when it is not 32 bytes, which our types cannot even hold.
fn hash(value: &Value) -> Option<Hash> {
    base64_decode(value.as_str()?)?.try_into().ok()
}

/// A root of a consistency vector. Some are words like "don't care 2", where only their equality matters: words stand
/// for their hashes.
fn root_or_word(value: &Value) -> Option<Hash> {
    let bytes = base64_decode(value.as_str()?)?;
    Some(bytes.as_slice().try_into().unwrap_or_else(|_| sha256(&[&bytes])))
}

fn proof(vector: &Value) -> Option<Vec<Hash>> {
    vector["proof"].as_array().map_or_else(|| Some(Vec::new()), |hashes| hashes.iter().map(hash).collect())
}

/// Whether the vector's proof holds.
fn holds(kind: &str, vector: &Value) -> Option<bool> {
    let number = |name: &str| vector[name].as_u64().unwrap();
    let proof = proof(vector)?;
    let result = match kind {
        "inclusion" => {
            let (leaf, root) = (hash(&vector["leafHash"])?, hash(&vector["root"])?);
            verify_inclusion(number("leafIdx"), number("treeSize"), &leaf, &proof, &root)
        }
        "subtreeinclusion" => {
            let (index, start, end) = (number("leafIdx"), number("start"), number("end"));
            let (leaf, root) = (hash(&vector["leafHash"])?, hash(&vector["root"])?);
            if !is_subtree(start, end) {
                return Some(false);
            }
            verify_inclusion(index.checked_sub(start)?, end - start, &leaf, &proof, &root)
        }
        "consistency" => {
            let (old, new) = (root_or_word(&vector["root1"])?, root_or_word(&vector["root2"])?);
            verify_consistency(number("size1"), number("size2"), &old, &proof, &new)
        }
        "subtreeconsistency" => {
            let (subtree, root) = (root_or_word(&vector["root1"])?, root_or_word(&vector["root2"])?);
            verify_subtree(number("start"), number("end"), number("size"), &subtree, &proof, &root)
        }
        other => panic!("unknown kind of vector {other}"),
    };
    Some(result.is_ok())
}

#[test]
fn all_published_vectors_agree() {
    let Some(folder) = corpus("merkle").map(|folder| folder.join("testdata")) else { return };
    let mut files = Vec::new();
    files_below(&folder, &mut files);
    let (mut good, mut bad) = (0, 0);
    for file in &files {
        let kind = file.strip_prefix(&folder).unwrap().iter().next().unwrap().to_str().unwrap();
        let vector: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let expected = !vector["wantErr"].as_bool().unwrap();
        assert_eq!(holds(kind, &vector).unwrap_or(false), expected, "{}: {vector}", file.display());
        *(if expected { &mut good } else { &mut bad }) += 1;
    }
    println!("{good} good and {bad} bad proofs judged rightly");
    assert_eq!(good + bad, VECTORS);
    assert!(good >= 20 && bad >= 400);
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
}

fn tiles(leaves: &[Hash]) -> TileSet {
    let mut tiles = TileSet::new();
    for changed in Appender::new().append(leaves).unwrap().tiles {
        tiles.insert(changed.tile, &changed.bytes).unwrap();
    }
    tiles
}

/// RFC 6962 section 2.1.1, word by word.
fn naive_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let split = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(split);
    let (mut path, sibling) = if index < split {
        (naive_path(index, left), root(right))
    } else {
        (naive_path(index - split, right), root(left))
    };
    path.push(sibling);
    path
}

/// RFC 6962 section 2.1.2, word by word.
fn naive_consistency(old: usize, leaves: &[Hash], known: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if known { Vec::new() } else { vec![root(leaves)] };
    }
    let split = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(split);
    let (mut proof, sibling) = if old <= split {
        (naive_consistency(old, left, known), root(right))
    } else {
        (naive_consistency(old - split, right, false), root(left))
    };
    proof.push(sibling);
    proof
}

#[test]
fn hashes_are_rfc_6962() {
    assert_eq!(sha256(&[]), EMPTY_ROOT);
    // The leaf hash of the empty entry, and of the node over two, from the RFC's reference implementation.
    let hex = |hash: Hash| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(hex(leaf_hash(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    let roots = [root(&[leaf_hash(b"")]), root(&[leaf_hash(b""), leaf_hash(b"\0")])];
    assert_eq!(hex(roots[1]), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
    assert_eq!(node_hash(&leaf_hash(b""), &leaf_hash(b"\0")), roots[1]);
}

#[test]
fn all_proofs_of_small_trees_are_the_rfcs() {
    for size in 1..=40_u64 {
        let leaves = leaves(size);
        let tiles = tiles(&leaves);
        let whole = root(&leaves);
        for index in 0..size {
            let proof = prove_inclusion(index, size, &tiles).unwrap();
            assert_eq!(proof, naive_path(index as usize, &leaves), "{index} in {size}");
            verify_inclusion(index, size, &leaves[index as usize], &proof, &whole).unwrap();
        }
        for old in 1..=size {
            let proof = prove_consistency(old, size, &tiles).unwrap();
            assert_eq!(proof, naive_consistency(old as usize, &leaves, true), "{old} to {size}");
            verify_consistency(old, size, &root(&leaves[..old as usize]), &proof, &whole).unwrap();
        }
        assert_eq!(prove_consistency(0, size, &tiles), Ok(vec![]));
        assert!(matches!(prove_inclusion(size, size, &tiles), Err(ProofError::Range { .. })));
        assert!(matches!(prove_consistency(size + 1, size, &tiles), Err(ProofError::Range { .. })));
    }
}

#[test]
fn proofs_need_only_the_tiles_they_name() {
    let leaves = leaves(70_000);
    let all = tiles(&leaves);
    let whole = root(&leaves);
    let only = |needed: Vec<Tile>| {
        let mut some = TileSet::new();
        for tile in needed {
            some.insert(tile, &crate::tile::encode_tile(&all.hashes(tile).unwrap())).unwrap();
        }
        some
    };
    for index in [0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999] {
        let needed = tiles_for_inclusion(index, 70_000);
        assert!(needed.len() <= 5, "{needed:?}");
        let proof = prove_inclusion(index, 70_000, &only(needed)).unwrap();
        verify_inclusion(index, 70_000, &leaves[index as usize], &proof, &whole).unwrap();
    }
    for old in [1, 255, 256, 257, 40_000, 65_535, 65_536, 65_537, 69_999, 70_000] {
        let needed = tiles_for_consistency(old, 70_000);
        let proof = prove_consistency(old, 70_000, &only(needed)).unwrap();
        verify_consistency(old, 70_000, &root(&leaves[..old as usize]), &proof, &whole).unwrap();
    }
    let missing = Tile { level: 0, index: 273, width: 112 };
    assert_eq!(prove_inclusion(69_999, 70_000, &TileSet::new()), Err(ProofError::Missing(missing)));
    assert!(tiles_for_inclusion(70_000, 70_000).is_empty() && tiles_for_consistency(0, 5).is_empty());
}

#[test]
fn a_wider_tile_serves_for_a_narrower_one() {
    let leaves = leaves(300);
    let proof = prove_inclusion(270, 290, &tiles(&leaves)).unwrap();
    verify_inclusion(270, 290, &leaves[270], &proof, &root(&leaves[..290])).unwrap();
    let mut set = TileSet::new();
    let tile = Tile { level: 0, index: 0, width: 2 };
    assert!(matches!(set.insert(tile, &[0; 63]), Err(ProofError::Tile(_, _))));
}

#[test]
fn ranges_that_are_no_subtree_are_named_as_such() {
    for (start, end, size) in
        [(1, 3, 8), (2, 5, 8), (2, 6, 8), (1, 15, 15), (3, 2, 8), (4, 9, 8), (0, 9, 8), (5, 5, 4)]
    {
        let result = verify_subtree(start, end, size, &EMPTY_ROOT, &[[0; 32]; 3], &[0; 32]);
        assert_eq!(result, Err(ProofError::Range { start, end, size }));
    }
}

#[test]
fn the_largest_numbers_are_handled() {
    let max = u64::MAX;
    for (start, end, size) in
        [(0, max, max), (max, max, max), (max - 1, max, max), (0, max - 1, max), (1 << 63, max, max)]
    {
        let _ = verify_subtree(start, end, size, &[0; 32], &[], &[0; 32]);
        let _ = verify_subtree(start, end, size, &[0; 32], &[[0; 32]; 64], &[0; 32]);
    }
    assert!(matches!(verify_inclusion(max, max, &[0; 32], &[], &[0; 32]), Err(ProofError::Range { .. })));
    assert!(tiles_for_inclusion(max, max).is_empty());
    assert!(tiles_for_inclusion(max - 1, max).len() <= 16 && !tiles_for_consistency(1 << 63, max).is_empty());
}

proptest! {
    #[test]
    fn altered_proofs_fail(size in 2..2000_u64, at in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), bit in 0..256_usize) {
        let leaves = leaves(size);
        let (tiles, whole) = (tiles(&leaves), root(&leaves));
        let index = at.index(leaves.len());
        let leaf = leaves[index];
        let proof = prove_inclusion(index as u64, size, &tiles).unwrap();
        prop_assert!(verify_inclusion(index as u64, size, &leaf, &proof, &whole).is_ok());
        let mut altered = proof.clone();
        altered[place.index(proof.len())][bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(verify_inclusion(index as u64, size, &leaf, &altered, &whole), Err(ProofError::Root));
        for other in [index as u64 ^ 1, index as u64 + 1, size] {
            prop_assert!(verify_inclusion(other, size, &leaf, &proof, &whole).is_err());
        }
        prop_assert!(verify_inclusion(index as u64, size, &leaf, &proof[1..], &whole).is_err());

        let old = index as u64 + 1;
        let old_root = root(&leaves[..=index]);
        let proof = prove_consistency(old, size, &tiles).unwrap();
        prop_assert!(verify_consistency(old, size, &old_root, &proof, &whole).is_ok());
        if !proof.is_empty() {
            let mut altered = proof.clone();
            altered[place.index(proof.len())][bit / 8] ^= 1 << (bit % 8);
            prop_assert!(verify_consistency(old, size, &old_root, &altered, &whole).is_err());
        }
        prop_assert!(verify_consistency(old, size, &leaf_hash(b"x"), &proof, &whole).is_err());
        prop_assert!(verify_consistency(old, size, &old_root, &proof, &leaf_hash(b"x")).is_err());
    }
}

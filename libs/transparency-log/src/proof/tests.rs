use proptest::prelude::*;

use super::*;
use crate::checkpoint::Checkpoint;
use crate::merkle::{TileSet, leaf_hash, prove_inclusion};
use crate::note::Signer;
use crate::tree::Appender;

const ORIGIN: &str = "example.com/fancylog";

fn proof_in_log_of(size: u64, index: u64) -> (TlogProof, Hash, Policy) {
    let signer = Signer::from_seed(ORIGIN, &[1; 32]).unwrap();
    let leaves: Vec<Hash> = (0..size).map(|number| leaf_hash(&number.to_be_bytes())).collect();
    let appended = Appender::new().append(&leaves).unwrap();
    let mut tiles = TileSet::new();
    appended.tiles.iter().for_each(|changed| tiles.insert(changed.tile, &changed.bytes).unwrap());
    let checkpoint = Checkpoint::new(ORIGIN, size, appended.root).sign(&signer).unwrap();
    let hashes = prove_inclusion(index, size, &tiles).unwrap();
    let policy = Policy::parse(format!("log {}\nquorum none\n", signer.verifier_key()).as_bytes()).unwrap();
    let leaf = leaves[usize::try_from(index).unwrap()];
    (TlogProof { extra: None, index, hashes, checkpoint }, leaf, policy)
}

#[test]
fn proofs_round_trip_and_verify() {
    for (size, index) in [(1, 0), (2, 1), (300, 0), (300, 299), (70_000, 12_345)] {
        let (mut proof, leaf, policy) = proof_in_log_of(size, index);
        for extra in [None, Some(vec![]), Some(b"age-v1.2.1".to_vec())] {
            proof.extra = extra;
            let text = proof.to_string();
            let read = TlogProof::parse(text.as_bytes()).unwrap();
            assert_eq!(read, proof, "{text}");
            assert_eq!(read.verify(&leaf, &policy).unwrap().origin, ORIGIN);
        }
    }
}

#[test]
fn the_text_has_the_specifications_lines() {
    let (mut proof, _, _) = proof_in_log_of(3, 2);
    proof.extra = Some(b"xyz".to_vec());
    let text = proof.to_string();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("c2sp.org/tlog-proof@v1"));
    assert_eq!(lines.next(), Some("extra eHl6"));
    assert_eq!(lines.next(), Some("index 2"));
    assert_eq!(lines.next().map(str::len), Some(44));
    assert_eq!(lines.next(), Some(""));
    assert_eq!(lines.next(), Some(ORIGIN));
}

#[test]
fn wrong_claims_are_found() {
    let (proof, leaf, policy) = proof_in_log_of(300, 7);
    assert!(matches!(proof.verify(&[1; 32], &policy), Err(TlogProofError::Inclusion(ProofError::Root))));
    let moved = TlogProof { index: 8, ..proof.clone() };
    assert!(matches!(moved.verify(&leaf, &policy), Err(TlogProofError::Inclusion(_))));
    let outside = TlogProof { index: u64::MAX, ..proof.clone() };
    assert!(matches!(
        outside.verify(&leaf, &policy),
        Err(TlogProofError::Inclusion(ProofError::Range { .. }))
    ));
    let short = TlogProof { hashes: proof.hashes[1..].to_vec(), ..proof.clone() };
    assert!(matches!(
        short.verify(&leaf, &policy),
        Err(TlogProofError::Inclusion(ProofError::Length { .. }))
    ));
    let strangers = Signer::from_seed(ORIGIN, &[2; 32]).unwrap().verifier_key();
    let other = Policy::parse(format!("log {strangers}\nquorum none\n").as_bytes()).unwrap();
    assert!(matches!(proof.verify(&leaf, &other), Err(TlogProofError::Policy(PolicyError::Log(_)))));
}

#[test]
fn malformed_proofs_are_refused() {
    let (proof, _, _) = proof_in_log_of(3, 2);
    let good = proof.to_string();
    let edits = [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("index 2\n", "index 02\n"),
        ("index 2\n", "index -2\n"),
        ("index 2\n", ""),
        ("index 2\n", "extra *\nindex 2\n"),
        ("index 2\n", "index 2\nextra eHl6\n"),
        ("index 2\n", "extra eHl6\nextra eHl6\nindex 2\n"),
        ("index 2\n", "index 2\nAAAA\n"),
        ("\n\nexample", "\nexample"),
        ("\n\nexample", "\n\n\nexample"),
        ("\n3\n", "\n03\n"),
    ];
    for (from, to) in edits {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good);
        assert!(TlogProof::parse(text.as_bytes()).is_err(), "{text}");
    }
    assert_eq!(TlogProof::parse(&vec![b'a'; MAX_PROOF_BYTES + 1]), Err(TlogProofError::TooLong));
    let hash = good.lines().nth(2).unwrap();
    let long = good.replacen(hash, &vec![hash; MAX_PROOF_HASHES + 1].join("\n"), 1);
    assert!(matches!(TlogProof::parse(long.as_bytes()), Err(TlogProofError::Malformed(_))));
}

proptest! {
    #[test]
    fn parsing_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), head in "(\\PC|\n){0,60}") {
        let _ = TlogProof::parse(&bytes);
        let _ = TlogProof::parse(format!("{HEADER}\n{head}").as_bytes());
    }
}

use std::slice;

use proptest::prelude::*;

use super::*;
use crate::checkpoint::Checkpoint;
use crate::cosignature::Cosigner;
use crate::merkle::{TileSet, leaf_hash, prove_consistency};
use crate::note::Signer;
use crate::tree::Appender;

const ORIGIN: &str = "log.example/acts";

fn log() -> Signer {
    Signer::from_seed(ORIGIN, &[1; 32]).unwrap()
}

fn cosigner() -> Cosigner {
    Cosigner::from_seed("witness.example/w1", &[2; 32]).unwrap()
}

/// Root, and tiles, of a log whose entries after the first ten carry a tag.
fn grown(size: u64, tag: u8) -> (Latest, TileSet) {
    let leaves: Vec<Hash> = (0..size).map(|n| leaf_hash(&[if n < 10 { 0 } else { tag }, n as u8])).collect();
    let appended = Appender::new().append(&leaves).unwrap();
    let mut tiles = TileSet::new();
    appended.tiles.iter().for_each(|changed| tiles.insert(changed.tile, &changed.bytes).unwrap());
    (Latest { size, root: appended.root }, tiles)
}

fn request(old_size: u64, size: u64, tag: u8) -> AddCheckpoint {
    let (new, tiles) = grown(size, tag);
    let proof = prove_consistency(old_size, size, &tiles).unwrap_or_default();
    let checkpoint = Checkpoint::new(ORIGIN, size, new.root).sign(&log()).unwrap();
    AddCheckpoint { old_size, proof, checkpoint }
}

fn decision(request: &AddCheckpoint, latest: Option<Latest>) -> Decision {
    decide(request, &[log().verifier_key()], latest)
}

fn latest(size: u64) -> Option<Latest> {
    Some(grown(size, 0).0)
}

#[test]
fn requests_round_trip() {
    for request in [request(0, 20, 0), request(10, 20, 0), request(20, 20, 0), request(0, 0, 0)] {
        let body = request.to_body();
        assert_eq!(AddCheckpoint::parse(body.as_bytes()), Ok(request));
    }
    assert!(request(10, 20, 0).to_body().starts_with("old 10\n"));
}

#[test]
fn growth_is_cosigned() {
    for (old, new) in [(0, 0), (0, 1), (0, 20), (7, 20), (16, 17), (20, 20)] {
        let expected = Decision::Cosign(grown(new, 0).0);
        let known = if old == 0 { None } else { latest(old) };
        assert_eq!(decision(&request(old, new, 0), known), expected, "{old} to {new}");
    }
}

#[test]
fn every_refusal_has_the_specifications_status() {
    let mut forged = request(10, 20, 0);
    let text = forged.checkpoint.to_string().replace("\n20\n", "\n21\n");
    forged.checkpoint = SignedCheckpoint::parse(text.as_bytes()).unwrap();
    let mut unsigned = request(10, 20, 0);
    let stranger = Signer::from_seed(ORIGIN, &[9; 32]).unwrap();
    unsigned.checkpoint = unsigned.checkpoint.checkpoint().sign(&stranger).unwrap();
    let mut larger = request(10, 20, 0);
    larger.old_size = 21;
    let mut bad_proof = request(10, 20, 0);
    bad_proof.proof[0][0] ^= 1;
    let mut no_proof = request(10, 20, 0);
    no_proof.proof.clear();
    let mut proof_from_nothing = request(0, 20, 0);
    proof_from_nothing.proof.push([0; 32]);
    let mut proof_to_itself = request(20, 20, 0);
    proof_to_itself.proof.push([0; 32]);
    let empty_with_root = Checkpoint::new(ORIGIN, 0, [7; 32]).sign(&log()).unwrap();
    let false_empty = AddCheckpoint { old_size: 0, proof: vec![], checkpoint: empty_with_root };

    let cases = [
        ("forged", &forged, latest(10), 403),
        ("unsigned", &unsigned, latest(10), 403),
        ("unsigned beats sizes", &AddCheckpoint { old_size: 99, ..unsigned.clone() }, latest(10), 403),
        ("old larger than new", &larger, latest(10), 400),
        ("behind the witness", &request(10, 20, 0), latest(15), 409),
        ("ahead of the witness", &request(10, 20, 0), latest(5), 409),
        ("unknown to the witness", &request(10, 20, 0), None, 409),
        ("first request again", &request(0, 20, 0), latest(10), 409),
        ("bad proof", &bad_proof, latest(10), 422),
        ("no proof", &no_proof, latest(10), 422),
        ("proof from nothing", &proof_from_nothing, None, 422),
        ("proof to itself", &proof_to_itself, latest(20), 422),
        ("fork at the same size", &request(20, 20, 1), latest(20), 422),
        ("fork that grew", &request(15, 20, 1), latest(15), 422),
        ("empty tree with a root", &false_empty, None, 422),
    ];
    for (name, request, latest, status) in cases {
        let answer = decision(request, latest).refusal().unwrap_or_else(|| panic!("{name}: cosigned"));
        assert_eq!(answer.status, status, "{name}");
        if status == 409 {
            assert_eq!(answer.content_type, "text/x.tlog.size");
            assert_eq!(answer.body, format!("{}\n", latest.map_or(0, |latest| latest.size)));
        }
    }
    let unknown = decide(&request(0, 20, 0), &[], None).refusal().unwrap();
    assert_eq!(unknown.status, 404);
    assert_eq!(malformed_answer(&AddCheckpoint::parse(b"").unwrap_err()).status, 400);
}

#[test]
fn malformed_requests_are_refused() {
    let good = request(10, 20, 0).to_body();
    let first_hash = good.lines().nth(1).unwrap();
    let edits = [
        ("old 10\n", "old 010\n"),
        ("old 10\n", "old\n"),
        ("old 10\n", "Old 10\n"),
        ("old 10\n", "old 10 \n"),
        ("old 10\n", ""),
        (first_hash, "AAAA"),
        ("\n\nlog", "\nlog"),
        ("\n\nlog", "\n\n\nlog"),
        ("\n20\n", "\n020\n"),
    ];
    for (from, to) in edits {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good);
        assert!(AddCheckpoint::parse(text.as_bytes()).is_err(), "{text}");
    }
    let with_hashes = |count| good.replacen(first_hash, &vec![first_hash; count].join("\n"), 1);
    let others = request(10, 20, 0).proof.len() - 1;
    assert!(AddCheckpoint::parse(with_hashes(MAX_PROOF_LINES - others).as_bytes()).is_ok());
    let error = AddCheckpoint::parse(with_hashes(MAX_PROOF_LINES - others + 1).as_bytes());
    assert_eq!(error, Err(RequestError::TooManyHashes));
    assert_eq!(AddCheckpoint::parse(&vec![b'a'; MAX_REQUEST_BYTES + 1]), Err(RequestError::TooLong));
}

#[test]
fn answers_are_read_and_deviations_tolerated() {
    let request = request(10, 20, 0);
    let keys = [cosigner().verifier_key()];
    let line = cosigner().cosign(request.checkpoint.note().text(), 77).unwrap();
    let stranger = Cosigner::from_seed("other.example", &[3; 32]).unwrap().cosign("x\n", 1).unwrap();
    let read = |status, body: &str| read_answer(&request, &keys, status, body.as_bytes());

    assert_eq!(
        read(200, &cosigned_answer(slice::from_ref(&line)).body),
        Outcome::Cosigned(vec![line.clone()])
    );
    assert_eq!(read(200, &format!("{stranger}\n{line}\n")), Outcome::Cosigned(vec![line]));
    assert_eq!(read(409, "15\n"), Outcome::AtSize(15));
    assert_eq!(read(409, "10\n"), Outcome::Inconsistent, "the reference witness: fork at the same size");
    assert_eq!(read(422, "consistency\n"), Outcome::Inconsistent);
    for (status, body) in
        [(409, "15"), (409, "x\n"), (500, "bad signature"), (404, ""), (200, ""), (200, "hello\n")]
    {
        assert!(matches!(read(status, body), Outcome::Failed(_)), "{status} {body:?}");
    }
    assert!(matches!(read(200, &format!("{stranger}\n")), Outcome::Failed(_)), "only strangers signed");
    let other_text = cosigner().cosign("other\n", 77).unwrap();
    assert!(matches!(read(200, &format!("{other_text}\n")), Outcome::Failed(_)), "forged");
    let timeless = cosigner().cosign(request.checkpoint.note().text(), 0).unwrap();
    assert!(matches!(read(200, &format!("{timeless}\n")), Outcome::Failed(_)), "without a time");
    assert!(matches!(read_answer(&request, &keys, 200, b"\xff"), Outcome::Failed(_)));
    match read(500, &format!("a\u{1b}[31m{}", "b".repeat(1000))) {
        Outcome::Failed(text) => assert!(text.len() < 300 && !text.contains('\u{1b}')),
        other => panic!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn parsing_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), rest in "(\\PC|\n){0,60}", status: u16) {
        let _ = AddCheckpoint::parse(&bytes);
        let _ = AddCheckpoint::parse(format!("old 1\n{rest}\n\n{rest}").as_bytes());
        let _ = read_answer(&request(0, 1, 0), &[cosigner().verifier_key()], status, rest.as_bytes());
    }

    #[test]
    fn a_witness_follows_one_history_whatever_is_sent(steps in prop::collection::vec((0..30_u64, 0..30_u64, 0..2_u8), 1..25)) {
        let mut known: Option<(Latest, u8)> = None;
        for (old, new, tag) in steps {
            let request = request(old, new.max(old), tag);
            if let Decision::Cosign(next) = decision(&request, known.map(|(latest, _)| latest)) {
                let (before, history) = known.unwrap_or((Latest { size: 0, root: EMPTY_ROOT }, tag));
                prop_assert!(next.size >= before.size, "never smaller");
                // The histories are the same up to ten entries.
                prop_assert!(before.size <= 10 || tag == history, "never another history");
                known = Some((next, tag));
            }
        }
    }
}

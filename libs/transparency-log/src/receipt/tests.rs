use proptest::prelude::*;

use super::*;
use crate::checkpoint::Checkpoint;
use crate::cosignature::Cosigner;
use crate::map::{Change, View};
use crate::merkle::{self, TileSet};
use crate::note::Signer;
use crate::policy::PolicyError;
use crate::tree::Appender;
use crate::{batch, canonical};

const ORIGIN: &str = "log.example/acts";
const COSIGNED_AT: u64 = 1_800_000_000;

fn signer() -> Signer {
    Signer::from_seed(ORIGIN, &[1; 32]).unwrap()
}

fn witness() -> Cosigner {
    Cosigner::from_seed("witness.example/uni", &[2; 32]).unwrap()
}

fn policy() -> Policy {
    let text =
        format!("log {}\nwitness uni {}\nquorum uni\n", signer().verifier_key(), witness().verifier_key());
    Policy::parse(text.as_bytes()).unwrap()
}

/// The proof of one entry among a few others.
fn logged(entry: &[u8], cosigned: bool) -> TlogProof {
    let leaves = [leaf_hash(b"before"), leaf_hash(entry), leaf_hash(b"after")];
    let mut tree = Appender::new();
    let appended = tree.append(&leaves).unwrap();
    let mut tiles = TileSet::new();
    appended.tiles.iter().for_each(|changed| tiles.insert(changed.tile, &changed.bytes).unwrap());
    let mut checkpoint = Checkpoint::new(ORIGIN, appended.size, appended.root).sign(&signer()).unwrap();
    if cosigned {
        let line = witness().cosign(checkpoint.note().text(), COSIGNED_AT).unwrap();
        checkpoint.add(line).unwrap();
    }
    let hashes = merkle::prove_inclusion(1, appended.size, &tiles).unwrap();
    TlogProof { extra: None, index: 1, hashes, checkpoint }
}

fn receipt(
    entry: &Value,
    opening: Option<Opening>,
    batch: Option<BatchPart>,
    map: Option<MapPart>,
) -> Receipt {
    let log_entry = canonical::to_text(entry).unwrap().into_bytes();
    Receipt { proof: logged(&log_entry, true), log_entry, opening, batch, map }
}

fn opening() -> Opening {
    Opening { record: "{\"name\":\"Amina\",\"purpose\":\"tax\"}".to_owned(), salt: [9; 32] }
}

fn commitment() -> Hash {
    canonical::commit(&opening().salt, opening().record.as_bytes())
}

fn single() -> Receipt {
    receipt(&json!({"commitment": base64_encode(&commitment()), "kind": "x"}), Some(opening()), None, None)
}

fn batched() -> Receipt {
    let commitments = [[3; 32], commitment(), [4; 32]];
    let part = BatchPart { commitment: commitment(), proof: batch::prove(&commitments, 1).unwrap() };
    let entry = json!({"batch_root": base64_encode(&batch::root(&commitments)), "batch_size": 3});
    receipt(&entry, Some(opening()), Some(part), None)
}

fn mapped() -> Receipt {
    let changes = [Change::put([5; 32], commitment()), Change::put([6; 32], [7; 32])];
    let update = View::new(map::EMPTY, [[5; 32], [6; 32]]).update(&changes).unwrap();
    let mut view = View::new(update.root, [[5; 32]]);
    while !view.wanted().is_empty() {
        view.supply(update.nodes.iter().filter_map(|(id, node)| Some((*id, node.clone()?)))).unwrap();
    }
    let part = MapPart { key: [5; 32], proof: view.prove(&[5; 32]).unwrap() };
    receipt(&json!({"map_root": base64_encode(&update.root)}), Some(opening()), None, Some(part))
}

#[test]
fn each_kind_verifies_offline_after_a_round_trip() {
    for receipt in [single(), batched(), mapped()] {
        let read = Receipt::parse(receipt.to_json().as_bytes()).unwrap();
        assert_eq!(read, receipt);
        let verified = read.verify(&policy()).unwrap();
        assert_eq!((verified.origin.as_str(), verified.index, verified.size), (ORIGIN, 1, 3));
        assert_eq!(verified.cosigned.len(), 1);
        assert_eq!((verified.cosigned[0].witness.as_str(), verified.cosigned[0].time), ("uni", COSIGNED_AT));
        assert_eq!(verified.record.unwrap()["name"], "Amina");
    }
    assert_eq!(mapped().verify(&policy()).unwrap().map, Some(([5; 32], Some(commitment()))));
}

#[test]
fn a_receipt_without_an_opening_still_proves_the_entry() {
    let receipt = Receipt { opening: None, ..single() };
    let verified = receipt.verify(&policy()).unwrap();
    assert_eq!((verified.record, verified.entry.commitment), (None, Some(commitment())));
}

#[test]
fn every_altered_part_is_found() {
    let policy = policy();
    let record = |text: &str| Some(Opening { record: text.to_owned(), salt: [9; 32] });
    let other = "{\"name\":\"Amina\",\"purpose\":\"love\"}";
    for good in [single(), batched(), mapped()] {
        let altered = Receipt { opening: record(other), ..good.clone() };
        assert_eq!(altered.verify(&policy), Err(ReceiptError::Opening));
        let salted = Receipt { opening: Some(Opening { salt: [8; 32], ..opening() }), ..good.clone() };
        assert_eq!(salted.verify(&policy), Err(ReceiptError::Opening));
        let spaced = Receipt { opening: record("{ }"), ..good.clone() };
        assert_eq!(spaced.verify(&policy), Err(ReceiptError::Record(CanonicalError::NotCanonical)));
        let mut entry = good.clone();
        entry.log_entry[2] ^= 1;
        assert!(matches!(entry.verify(&policy), Err(ReceiptError::Proof(TlogProofError::Inclusion(_)))));
        let mut moved = good.clone();
        moved.proof.index = 0;
        assert!(matches!(moved.verify(&policy), Err(ReceiptError::Proof(TlogProofError::Inclusion(_)))));
        let lonely = Receipt { proof: logged(&good.log_entry, false), ..good };
        let quorum = TlogProofError::Policy(PolicyError::Quorum { cosigned: vec![] });
        assert_eq!(lonely.verify(&policy), Err(ReceiptError::Proof(quorum)));
    }
}

#[test]
fn parts_that_the_entry_does_not_hold_are_refused() {
    let policy = policy();
    let (single, batched, mapped) = (single(), batched(), mapped());
    let claims = [
        (Receipt { batch: batched.batch.clone(), ..single.clone() }, "batch of commitments"),
        (Receipt { map: mapped.map.clone(), ..single }, "map root"),
        (Receipt { batch: None, ..batched.clone() }, "commitment to a record"),
        (Receipt { map: None, ..mapped.clone() }, "commitment to a record"),
    ];
    for (receipt, missing) in claims {
        assert_eq!(receipt.verify(&policy), Err(ReceiptError::NotInEntry(missing)));
    }
    let mut other_place = batched.clone();
    other_place.batch.as_mut().unwrap().proof.index = 0;
    assert!(matches!(other_place.verify(&policy), Err(ReceiptError::Batch(_))));
    let mut other_size = batched;
    other_size.batch.as_mut().unwrap().proof.size = 4;
    assert!(matches!(other_size.verify(&policy), Err(ReceiptError::Batch(ProofError::Range { .. }))));
    let mut other_key = mapped;
    other_key.map.as_mut().unwrap().key = [7; 32];
    assert!(matches!(other_key.verify(&policy), Err(ReceiptError::Map(_))));
}

#[test]
fn a_proof_of_absence_opens_nothing() {
    // The entry commits to the record too, but this receipt speaks about the map, where the key has no value.
    let view = View::new(map::EMPTY, [[5; 32]]);
    let part = MapPart { key: [5; 32], proof: view.prove(&[5; 32]).unwrap() };
    let entry = json!({"commitment": base64_encode(&commitment()), "map_root": base64_encode(&map::EMPTY)});
    let absent = receipt(&entry, None, None, Some(part));
    assert_eq!(absent.verify(&policy()).unwrap().map, Some(([5; 32], None)));
    let opened = Receipt { opening: Some(opening()), ..absent };
    assert_eq!(opened.verify(&policy()), Err(ReceiptError::NotInEntry("commitment to a record")));
}

#[test]
fn files_of_another_form_are_refused() {
    let good: Value = serde_json::from_str(&single().to_json()).unwrap();
    let edits: [fn(&mut Value); 9] = [
        |file| file["format"] = json!("daftar-receipt/2"),
        |file| file["surprise"] = json!(1),
        |file| file["log_entry"] = json!("*"),
        |file| file["proof"] = Value::Null,
        |file| file["opening"]["salt"] = json!("AA=="),
        |file| file["opening"]["pepper"] = json!(""),
        |file| file["batch"] = json!([]),
        |file| file["map"] = json!({"key": 1}),
        |file| file["batch"] = json!({"commitment": "", "hashes": [7], "index": -1, "size": 1}),
    ];
    for edit in edits {
        let mut file = good.clone();
        edit(&mut file);
        assert!(
            matches!(Receipt::parse(file.to_string().as_bytes()), Err(ReceiptError::Malformed(_))),
            "{file}"
        );
    }
    let both = Receipt { map: mapped().map, ..batched() };
    assert!(matches!(Receipt::parse(both.to_json().as_bytes()), Err(ReceiptError::Malformed(_))));
    assert_eq!(Receipt::parse(&vec![b' '; MAX_RECEIPT_BYTES + 1]), Err(ReceiptError::TooLong));
}

proptest! {
    #[test]
    fn one_flipped_bit_never_verifies_as_something_else(place in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let good = single();
        let text = good.to_json();
        let mut bytes = text.into_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        if let Ok(read) = Receipt::parse(&bytes)
            && let Ok(verified) = read.verify(&policy())
        {
            // The change can only have hit JSON's own spaces or a signature line nobody needs.
            prop_assert_eq!(verified, good.verify(&policy()).unwrap());
        }
    }

    #[test]
    fn parsing_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Receipt::parse(&bytes);
    }
}

use std::slice;

use super::*;
use crate::note::{Note, SignedBy};

const CHECKPOINT: &str =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

fn cosigner() -> Cosigner {
    Cosigner::from_seed("witness.example.com/w1", &[4; 32]).unwrap()
}

fn cosigned(time: u64) -> Note {
    let mut note = Note::new(CHECKPOINT).unwrap();
    note.add(cosigner().cosign(CHECKPOINT, time).unwrap()).unwrap();
    Note::parse(note.to_string().as_bytes()).unwrap()
}

#[test]
fn the_message_is_the_specifications() {
    let expected = "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    assert_eq!(message(CHECKPOINT, 1_679_315_147).unwrap(), expected);
    assert_eq!(message(CHECKPOINT, MAX_TIME + 1), None);
}

#[test]
fn a_cosignature_carries_its_time() {
    let key = cosigner().verifier_key();
    assert_eq!(key.kind(), KeyKind::CosignatureEd25519);
    for time in [0, 1, 1_679_315_147, MAX_TIME] {
        let note = cosigned(time);
        assert_eq!(note.signatures()[0].blob()[..8], time.to_be_bytes());
        assert_eq!(note.signatures()[0].blob().len(), 72);
        assert_eq!(note.verify(slice::from_ref(&key)), Ok(vec![SignedBy { key: 0, time: Some(time) }]));
    }
    assert!(cosigner().cosign(CHECKPOINT, MAX_TIME + 1).is_err());
}

#[test]
fn neither_time_nor_text_can_be_changed() {
    let key = cosigner().verifier_key();
    let note = cosigned(1_679_315_147).to_string();
    let bytes = crate::encoding::base64_decode(note.trim_end().rsplit(' ').next().unwrap()).unwrap();
    for place in 4..bytes.len() {
        let mut altered = bytes.clone();
        altered[place] ^= 1;
        let line = format!("\u{2014} witness.example.com/w1 {}", crate::encoding::base64_encode(&altered));
        let altered = Note::parse(format!("{CHECKPOINT}\n{line}\n").as_bytes()).unwrap();
        assert!(altered.verify(slice::from_ref(&key)).is_err(), "byte {place}");
    }
    let other = Note::parse(note.replace("20852163", "20852164").as_bytes()).unwrap();
    assert!(other.verify(&[key]).is_err());
}

#[test]
fn a_cosigner_is_not_a_log_even_with_the_same_seed() {
    let log = crate::note::Signer::from_seed("witness.example.com/w1", &[4; 32]).unwrap();
    assert_ne!(log.verifier_key().id(), cosigner().verifier_key().id());
    assert!(cosigned(7).verify(&[log.verifier_key()]).is_err());
}

#[test]
fn short_blobs_are_refused() {
    let key = cosigner().verifier_key();
    for length in [1, 7, 8, 64, 71, 73] {
        let mut bytes = key.id().to_be_bytes().to_vec();
        bytes.resize(4 + length, 0);
        let line = format!("\u{2014} witness.example.com/w1 {}", crate::encoding::base64_encode(&bytes));
        let note = Note::parse(format!("{CHECKPOINT}\n{line}\n").as_bytes()).unwrap();
        assert!(note.verify(slice::from_ref(&key)).is_err(), "{length}");
    }
}

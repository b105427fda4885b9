use std::slice;

use proptest::prelude::*;

use super::*;
use crate::merkle::EMPTY_ROOT;

/// The example of the specification.
const EXAMPLE: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

fn signer(name: &str, seed: u8) -> Signer {
    Signer::from_seed(name, &[seed; 32]).unwrap()
}

#[test]
fn the_specifications_example_is_read() {
    let checkpoint = Checkpoint::parse(EXAMPLE).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(checkpoint.to_string(), EXAMPLE);
    let note = format!(
        "{EXAMPLE}\n\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    );
    let signed = SignedCheckpoint::parse(note.as_bytes()).unwrap();
    assert_eq!(signed.checkpoint(), &checkpoint);
    assert_eq!(signed.to_string(), note);
}

#[test]
fn extension_lines_are_kept_and_signed() {
    let text = format!("{EXAMPLE}one\ntwo three\n");
    let checkpoint = Checkpoint::parse(&text).unwrap();
    assert_eq!(checkpoint.extensions, ["one", "two three"]);
    assert_eq!(checkpoint.to_string(), text);
    let signed = checkpoint.sign(&signer(&checkpoint.origin, 1)).unwrap();
    assert_eq!(SignedCheckpoint::parse(signed.to_string().as_bytes()).unwrap(), signed);
}

#[test]
fn malformed_checkpoints_are_refused() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    let cases = [
        String::new(),
        "\n".to_owned(),
        "o\n".to_owned(),
        "o\n1\n".to_owned(),
        format!("o\n1\n{root}"),
        format!("\n1\n{root}\n"),
        format!("o\n01\n{root}\n"),
        format!("o\n-1\n{root}\n"),
        format!("o\n1 \n{root}\n"),
        format!("o\n18446744073709551616\n{root}\n"),
        format!("o\n\n{root}\n"),
        "o\n1\nAAAA\n".to_owned(),
        format!("o\n1\n{}\n", root.trim_end_matches('=')),
        format!("o\n1\n{root}\n\n"),
        format!("o\n1\n{root}\n\nx\n"),
    ];
    for case in cases {
        assert!(Checkpoint::parse(&case).is_err(), "{case:?}");
    }
    assert!(Checkpoint::parse(&format!("o\n18446744073709551615\n{root}\n")).is_ok());
}

#[test]
fn a_log_signs_only_its_own_origin() {
    let checkpoint = Checkpoint::new("log.example/a", 0, EMPTY_ROOT);
    let refused = checkpoint.sign(&signer("log.example/b", 1)).unwrap_err();
    assert!(matches!(refused, CheckpointError::Origin { .. }));
    let multiline = Checkpoint::new("log.example/a\n5", 0, EMPTY_ROOT);
    assert!(multiline.sign(&signer("log.example/a", 1)).is_err(), "an origin cannot smuggle lines");
}

#[test]
fn the_signature_must_be_by_a_key_of_the_origin() {
    let (ours, theirs) = (signer("log.example/a", 1), signer("log.example/b", 2));
    let mut signed = Checkpoint::new("log.example/a", 0, EMPTY_ROOT).sign(&ours).unwrap();
    signed.add(theirs.sign(signed.note().text()).unwrap()).unwrap();
    let (our_key, their_key) = (ours.verifier_key(), theirs.verifier_key());
    assert_eq!(
        signed.verify_log(&[their_key.clone(), our_key.clone()]).unwrap(),
        [SignedBy { key: 1, time: None }]
    );
    assert!(matches!(signed.verify_log(slice::from_ref(&their_key)), Err(CheckpointError::Origin { .. })));
    assert!(matches!(signed.verify_log(&[]), Err(CheckpointError::Origin { .. })));
    let cross = Checkpoint::new("log.example/a", 0, EMPTY_ROOT);
    let text = format!("{cross}\n{}\n", theirs.sign(&cross.to_string()).unwrap());
    let cross = SignedCheckpoint::parse(text.as_bytes()).unwrap();
    let error = cross.verify_log(&[their_key, our_key]).unwrap_err();
    assert_eq!(error, CheckpointError::Note(NoteError::NoKnownSignature), "another log's key is not enough");
}

#[test]
fn the_origin_hash_is_lower_case_sha_256() {
    assert_eq!(origin_hash(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

proptest! {
    #[test]
    fn checkpoints_round_trip(origin in "[^\\x00-\\x1f]{1,40}", size: u64, root: [u8; 32], extensions in prop::collection::vec("[^\\x00-\\x1f]{1,20}", 0..3)) {
        let checkpoint = Checkpoint { origin, size, root, extensions };
        prop_assert_eq!(Checkpoint::parse(&checkpoint.to_string()), Ok(checkpoint));
    }

    #[test]
    fn parsing_never_panics(text in "(\\PC|\n){0,80}") {
        if let Ok(checkpoint) = Checkpoint::parse(&text) {
            prop_assert_eq!(checkpoint.to_string(), text);
        }
    }
}

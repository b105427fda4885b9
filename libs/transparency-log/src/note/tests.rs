use std::slice;

use proptest::prelude::*;

use super::*;

/// The example of the specification.
const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const EXAMPLE_NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

fn example() -> (VerifierKey, Note) {
    (VerifierKey::parse(EXAMPLE_KEY).unwrap(), Note::parse(EXAMPLE_NOTE.as_bytes()).unwrap())
}

#[test]
fn the_specifications_example_verifies() {
    let (key, note) = example();
    assert_eq!((key.name(), key.id(), key.kind()), ("example.com/foo", 0x530d_903a, KeyKind::Ed25519));
    assert_eq!(key.to_string(), EXAMPLE_KEY);
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!(note.verify(&[key]), Ok(vec![SignedBy { key: 0, time: None }]));
    assert_eq!(note.to_string(), EXAMPLE_NOTE);
}

#[test]
fn the_text_may_hold_empty_lines_and_any_script() {
    let text = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned \u{e8} subito sera.\n\n\u{2014} not a signature\n";
    let signer = Signer::from_seed("poem.example/\u{62f}\u{641}\u{62a}\u{631}", &[3; 32]).unwrap();
    let mut note = Note::new(text).unwrap();
    note.add(signer.sign(text).unwrap()).unwrap();
    let read = Note::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(read, note);
    assert!(read.verify(&[signer.verifier_key()]).is_ok());
}

#[test]
fn unknown_signatures_are_ignored_and_known_ones_must_hold() {
    let (key, mut note) = example();
    let stranger = Signer::from_seed("example.com/foo", &[1; 32]).unwrap();
    note.add(stranger.sign("something else\n").unwrap()).unwrap();
    assert_eq!(note.verify(slice::from_ref(&key)).unwrap().len(), 1, "same name, other id: unknown");
    assert_eq!(note.verify(&[]), Err(NoteError::NoKnownSignature));

    let bad =
        NoteError::BadSignature { name: "example.com/foo".to_owned(), id: stranger.verifier_key().id() };
    assert_eq!(
        note.verify(&[key.clone(), stranger.verifier_key()]),
        Err(bad),
        "one known bad line spoils the note"
    );

    let (_, mut same_key_twice) = example();
    let forged = Signature { blob: vec![0; 64], ..same_key_twice.signatures()[0].clone() };
    same_key_twice.add(forged).unwrap();
    assert!(matches!(same_key_twice.verify(&[key]), Err(NoteError::BadSignature { .. })));
}

#[test]
fn a_key_is_listed_once_however_often_it_signed() {
    let signer = Signer::from_seed("log", &[1; 32]).unwrap();
    let mut note = Note::new("text\n").unwrap();
    let line = signer.sign("text\n").unwrap();
    note.add(line.clone()).unwrap();
    note.add(line.clone()).unwrap();
    assert_eq!(note.signatures().len(), 1);
    let twice = Note::parse(format!("text\n\n{line}\n{line}\n").as_bytes()).unwrap();
    assert_eq!(twice.verify(&[signer.verifier_key()]).unwrap().len(), 1);
    assert_eq!(twice.verify(&[signer.verifier_key(), signer.verifier_key()]).unwrap().len(), 1);
}

#[test]
fn colliding_keys_are_refused() {
    let (key, note) = example();
    let other = VerifierKey { public_key: vec![9; 32], ..key.clone() };
    assert!(matches!(note.verify(&[key, other]), Err(NoteError::AmbiguousKey { id: 0x530d_903a, .. })));
}

#[test]
fn long_lines_and_many_signatures_are_read() {
    let mut text = EXAMPLE_NOTE.to_owned();
    let post_quantum = base64_encode(&[7; 4 + 8 + 2420]);
    for number in 1..MAX_SIGNATURES {
        text += &format!("\u{2014} witness.example/{number} {post_quantum}\n");
    }
    let (key, _) = example();
    let note = Note::parse(text.as_bytes()).unwrap();
    assert_eq!(note.signatures().len(), MAX_SIGNATURES);
    assert!(note.verify(&[key]).is_ok());
    text += &format!("\u{2014} one.more {post_quantum}\n");
    assert_eq!(Note::parse(text.as_bytes()), Err(NoteError::TooManySignatures));
}

#[test]
fn ml_dsa_keys_are_read_and_their_lines_count_as_unknown() {
    let key =
        VerifierKey::new("w.example", KeyKind::CosignatureMlDsa44, &[5; ML_DSA_44_PUBLIC_KEY_BYTES]).unwrap();
    assert_eq!(VerifierKey::parse(&key.to_string()), Ok(key.clone()));
    assert!(!key.can_verify());
    let (known, mut note) = example();
    note.add(Signature { name: "w.example".to_owned(), id: key.id(), blob: vec![0; 2428] }).unwrap();
    assert_eq!(note.verify(&[key, known]), Ok(vec![SignedBy { key: 1, time: None }]));
}

#[test]
fn malformed_notes_are_refused() {
    let line = EXAMPLE_NOTE.split_once("\n\n").unwrap().1.trim_end();
    let cases = [
        String::new(),
        "\n".to_owned(),
        "text\n".to_owned(),
        "text\n\n".to_owned(),
        format!("text\n{line}\n"),
        format!("text\n\n{line}"),
        format!("text\n\n{line}\n\n"),
        format!("text\n\n{line}\r\n"),
        format!("te\0xt\n\n{line}\n"),
        format!("te\txt\n\n{line}\n"),
        "text\n\n\u{2014} name\n".to_owned(),
        "text\n\n\u{2014} name AAAAAA==\n".to_owned(),
        "text\n\n\u{2014} name AAAAAAA*\n".to_owned(),
        "text\n\n\u{2014}  AAAAAAAA\n".to_owned(),
        "text\n\n- name AAAAAAAA\n".to_owned(),
        format!("text\n\n{line} more\n"),
    ];
    for case in cases {
        assert!(Note::parse(case.as_bytes()).is_err(), "{case:?}");
    }
    assert!(Note::parse(&[b"text\xff\n\n".as_slice(), line.as_bytes(), b"\n"].concat()).is_err());
    assert_eq!(Note::parse(&vec![b'a'; MAX_NOTE_BYTES + 1]), Err(NoteError::TooLong));
    assert_eq!(Note::new("no newline"), Err(NoteError::Malformed("the text must end in a newline")));
    for name in ["", "a b", "a+b", "a\u{2003}b", "a\nb", "a\u{85}"] {
        assert_eq!(check_key_name(name), Err(NoteError::KeyName(name.to_owned())));
    }
}

#[test]
fn malformed_keys_are_refused() {
    let cases = [
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==",
        "example.com/foo+530d903a+",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+/ekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ];
    for case in cases {
        assert!(VerifierKey::parse(case).is_err(), "{case:?}");
    }
}

#[test]
fn debug_output_never_shows_the_private_key() {
    let signer = Signer::from_seed("log.example", &[0xa5; 32]).unwrap();
    let text = format!("{signer:?}");
    assert_eq!(text, format!("Signer({})", signer.verifier_key()));
}

proptest! {
    #[test]
    fn parsing_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Note::parse(&bytes);
    }

    #[test]
    fn mangled_notes_never_verify_with_another_text(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let (key, note) = example();
        let mut bytes = EXAMPLE_NOTE.as_bytes().to_vec();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(read) = Note::parse(&bytes) && read.verify(&[key]).is_ok() {
            prop_assert_eq!(read.text(), note.text());
        }
    }

    #[test]
    fn signed_texts_round_trip(text in "[^\\x00-\\x1f]{0,60}(\n[^\\x00-\\x1f]{0,60}){0,4}\n", seed in any::<[u8; 32]>(), name in "[a-z0-9./\u{e9}-]{1,20}") {
        let signer = Signer::from_seed(&name, &seed).unwrap();
        let mut note = Note::new(&text).unwrap();
        note.add(signer.sign(&text).unwrap()).unwrap();
        let read = Note::parse(note.to_string().as_bytes()).unwrap();
        prop_assert_eq!(&read, &note);
        let key = VerifierKey::parse(&signer.verifier_key().to_string()).unwrap();
        prop_assert!(read.verify(&[key]).is_ok());
    }
}

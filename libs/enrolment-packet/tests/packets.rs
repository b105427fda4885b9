//! Packets end to end, and everything that can be done to one on its way.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use enrolment_packet::clock::{Contact, Moment, Times};
use enrolment_packet::packet::{
    BEGINNING, DOCUMENT_BYTES_MAX, DOCUMENTS_MAX, ENTRY_BYTES_MAX, HEADER_BYTES, PACKET_BYTES_MAX,
    PHOTO_BYTES_MAX,
};
use enrolment_packet::{Attachment, Body, Draft, Fault, OpeningKey, Signer, hash, open, read_header, seal};
use proptest::prelude::*;

fn signer(byte: u8) -> Signer {
    Signer::from_seed(&[byte; 32]).unwrap()
}
fn registry() -> OpeningKey {
    OpeningKey::from_private(&[9; 32]).unwrap()
}
fn times() -> Times {
    let device = Moment { wall: 5, boot: "b".into(), uptime: 7 };
    Times { made: device.clone(), contact: Some(Contact { registry: 3, device }) }
}
fn body() -> Body {
    Body {
        entry: br#"{"name":"Amina Diallo"}"#.to_vec(),
        photo: Some(vec![0xff, 0xd8, 0xff]),
        documents: vec![Attachment { kind: "birth-notice".into(), bytes: b"%PDF".to_vec() }],
    }
}
fn draft(sequence: u64, previous: [u8; 32], body: &Body) -> Draft<'_> {
    Draft { installation: [2; 16], sequence, previous, times: times(), body }
}
fn sealed(body: &Body) -> Result<Vec<u8>, Fault> {
    seal(&draft(1, BEGINNING, body), (&signer(1), &signer(5)), registry().public(), &[7; 32])
}

#[test]
fn what_was_sealed_is_opened_with_its_signatures() {
    let packet = sealed(&body()).unwrap();
    let opened = open(&packet, &registry()).unwrap();
    assert_eq!((opened.body, opened.times), (body(), times()));
    assert_eq!((opened.operator, opened.header.device), (*signer(5).public(), *signer(1).public()));
    assert_eq!(read_header(&packet).unwrap(), opened.header);
    let empty = Body::default();
    let second = draft(2, hash(&packet), &empty);
    let second = seal(&second, (&signer(1), &signer(5)), registry().public(), &[8; 32]).unwrap();
    assert_eq!(open(&second, &registry()).unwrap().header.previous, hash(&packet));
}

#[test]
fn nothing_of_a_person_is_readable_without_the_key() {
    let packet = sealed(&body()).unwrap();
    for told in [&b"Amina"[..], b"birth-notice", b"%PDF", b"name"] {
        assert!(!packet.windows(told.len()).any(|part| part == told));
    }
    let other = OpeningKey::from_private(&[10; 32]).unwrap();
    assert_eq!(open(&packet, &other), Err(Fault::OtherKey));
}

#[test]
fn every_cut_and_every_flipped_bit_is_found() {
    let packet = sealed(&body()).unwrap();
    for length in 0..packet.len() {
        let fault = open(&packet[..length], &registry()).unwrap_err();
        assert_eq!(fault, Fault::Truncated, "cut at {length}");
    }
    for at in 0..packet.len() {
        for bit in 0..8 {
            let mut changed = packet.clone();
            changed[at] ^= 1 << bit;
            assert!(open(&changed, &registry()).is_err(), "byte {at}, bit {bit}");
        }
    }
    let mut longer = packet;
    longer.push(0);
    assert_eq!(open(&longer, &registry()), Err(Fault::Malformed("bytes behind the end")));
}

#[test]
fn the_header_of_one_packet_does_not_fit_another() {
    let (a, b) = (sealed(&body()).unwrap(), sealed(&Body::default()).unwrap());
    let mut moved = a.clone();
    moved[42..58].copy_from_slice(&[3; 16]);
    assert_eq!(open(&moved, &registry()), Err(Fault::Sealed), "another installation");
    let mut renamed = a[..HEADER_BYTES].to_vec();
    renamed[10..42].copy_from_slice(signer(6).public());
    renamed.extend_from_slice(&b[HEADER_BYTES..]);
    assert_eq!(open(&renamed, &registry()), Err(Fault::Sealed), "another device");
}

#[test]
fn what_is_no_packet_is_told_apart() {
    assert_eq!(open(b"%PDF-1.7 ....", &registry()), Err(Fault::NotAPacket));
    assert_eq!(open(b"", &registry()), Err(Fault::Truncated));
    assert_eq!(open(b"daft", &registry()), Err(Fault::Truncated));
    let mut newer = sealed(&body()).unwrap();
    newer[9] = 2;
    assert_eq!(open(&newer, &registry()), Err(Fault::Version(2)));
    assert_eq!(open(&vec![0; PACKET_BYTES_MAX + 1], &registry()), Err(Fault::TooLarge));
    assert_eq!(open(&vec![0; PACKET_BYTES_MAX], &registry()), Err(Fault::NotAPacket));
    let packet = sealed(&body()).unwrap();
    // A packet inside a packet is one photo too odd to be a photo, and never opened.
    let nested = Body { photo: Some(packet.clone()), ..body() };
    assert_eq!(open(&sealed(&nested).unwrap(), &registry()).unwrap().body.photo, Some(packet));
}

#[test]
fn a_sequence_begins_at_one_and_follows() {
    let body = Body::default();
    for (sequence, previous) in [(0, BEGINNING), (1, [1; 32]), (2, BEGINNING)] {
        let made =
            seal(&draft(sequence, previous, &body), (&signer(1), &signer(5)), registry().public(), &[7; 32]);
        assert_eq!(made, Err(Fault::Malformed("sequence")), "{sequence}");
    }
}

#[test]
fn limits_hold_and_one_past_them_does_not() {
    let entry = |bytes| Body { entry: vec![b' '; bytes], ..Body::default() };
    assert!(sealed(&entry(ENTRY_BYTES_MAX)).is_ok());
    assert_eq!(sealed(&entry(ENTRY_BYTES_MAX + 1)), Err(Fault::Limit("entry")));
    let photo = |bytes| Body { photo: Some(vec![1; bytes]), ..Body::default() };
    assert!(open(&sealed(&photo(PHOTO_BYTES_MAX)).unwrap(), &registry()).is_ok());
    assert_eq!(sealed(&photo(PHOTO_BYTES_MAX + 1)), Err(Fault::Limit("photo")));
    let documents = |count, bytes| Body {
        documents: vec![Attachment { kind: "scan".into(), bytes: vec![1; bytes] }; count],
        ..Body::default()
    };
    assert!(open(&sealed(&documents(DOCUMENTS_MAX, 1)).unwrap(), &registry()).is_ok());
    assert_eq!(sealed(&documents(DOCUMENTS_MAX + 1, 1)), Err(Fault::Limit("documents")));
    assert!(sealed(&documents(1, DOCUMENT_BYTES_MAX)).is_ok());
    assert_eq!(sealed(&documents(1, DOCUMENT_BYTES_MAX + 1)), Err(Fault::Limit("document")));
    assert_eq!(sealed(&documents(3, DOCUMENT_BYTES_MAX)), Err(Fault::TooLarge));
    // To the byte: what sealing adds is constant.
    let over = sealed(&documents(3, 1)).unwrap().len() - 3;
    let last = PACKET_BYTES_MAX - over - 2 * DOCUMENT_BYTES_MAX;
    let three = |last: usize| {
        let mut body = documents(3, DOCUMENT_BYTES_MAX);
        body.documents[2].bytes = vec![1; last];
        sealed(&body)
    };
    assert_eq!(three(last).unwrap().len(), PACKET_BYTES_MAX);
    assert_eq!(three(last + 1), Err(Fault::TooLarge));
    for kind in ["", "Birth", "a b", "../x", &"a".repeat(41)] {
        let bad =
            Body { documents: vec![Attachment { kind: kind.into(), bytes: vec![] }], ..Body::default() };
        assert!(matches!(sealed(&bad), Err(Fault::Malformed("kind of a document"))), "{kind}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn anything_within_the_limits_comes_back(
        entry in proptest::collection::vec(any::<u8>(), 0..300),
        photo in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..300)),
        documents in proptest::collection::vec(("[a-z][a-z0-9-]{0,10}", proptest::collection::vec(any::<u8>(), 0..100)), 0..4),
        ephemeral: [u8; 32], wall: i64, uptime: i64,
    ) {
        let documents = documents.into_iter().map(|(kind, bytes)| Attachment { kind, bytes }).collect();
        let body = Body { entry, photo, documents };
        let times = Times { made: Moment { wall, boot: String::new(), uptime }, contact: None };
        let draft = Draft { times: times.clone(), ..draft(1, BEGINNING, &body) };
        let packet = seal(&draft, (&signer(1), &signer(5)), registry().public(), &ephemeral).unwrap();
        let opened = open(&packet, &registry()).unwrap();
        prop_assert_eq!((opened.body, opened.times), (body.clone(), times));
    }

    #[test]
    fn no_bytes_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..400), as_packet: bool) {
        if as_packet {
            let head = sealed(&Body::default()).unwrap();
            for (to, from) in bytes.iter_mut().zip(head.iter().take(HEADER_BYTES)) {
                *to = *from;
            }
        }
        prop_assert!(open(&bytes, &registry()).is_err());
    }

    #[test]
    fn a_stretch_that_was_overwritten_is_found(at in 0_usize..500, with in proptest::collection::vec(any::<u8>(), 1..40)) {
        let packet = sealed(&body()).unwrap();
        let mut changed = packet.clone();
        let at = at % packet.len();
        for (to, from) in changed[at..].iter_mut().zip(&with) {
            *to = *from;
        }
        if changed != packet {
            prop_assert!(open(&changed, &registry()).is_err());
        }
    }
}

/// Signatures are checked though the sealing holds: whoever knows the registry's public key can seal anything.
#[test]
fn whoever_seals_must_have_signed() {
    let packet = sealed(&body()).unwrap();
    let private = [9; 32];
    let public = registry().public().0;
    let enc: [u8; 32] = packet[HEADER_BYTES..HEADER_BYTES + 32].try_into().unwrap();
    let clear = &packet[..HEADER_BYTES];
    let info = b"daftar enrolment packet 1";
    let plain = enrolment_packet::hpke::open(
        (&private, &public),
        &enc,
        info,
        clear,
        packet[HEADER_BYTES + 36..].to_vec(),
    );
    let plain = plain.unwrap().to_vec();
    let again = |plain: Vec<u8>| {
        let (enc, sealed) = enrolment_packet::hpke::seal(&public, &[11; 32], info, clear, plain).unwrap();
        let length = u32::try_from(sealed.len()).unwrap().to_be_bytes();
        open(&[clear, &enc, &length, &sealed].concat(), &registry())
    };
    assert!(again(plain.clone()).is_ok());
    for at in 0..plain.len() {
        let mut changed = plain.clone();
        changed[at] ^= 1;
        let expected =
            if (64..128).contains(&at) { Fault::OperatorSignature } else { Fault::DeviceSignature };
        assert_eq!(again(changed), Err(expected), "byte {at}");
    }
    for length in 0..plain.len() {
        assert!(again(plain[..length].to_vec()).is_err());
    }
}

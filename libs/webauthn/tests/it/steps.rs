//! Each step of §7.1 and §7.2 refuses what it is there for.

use crate::authenticator::{Authenticator, Made, Secret, Used, bytes, challenge, text};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, RsaKeyPair};
use proptest::prelude::*;
use webauthn::attestation::MAX_OBJECT;
use webauthn::auth_data::{AuthData, MAX_AUTH_DATA};
use webauthn::client_data::MAX_CLIENT_DATA;
use webauthn::{
    Assertion, Challenge, Counter, Credential, Known, MAX_CREDENTIAL_ID, PublicKey, Refusal, Registration,
    RelyingParty, authentication, registration,
};

const ORIGIN: &str = "https://id.example";
const SENT: [u8; 32] = [7; 32];

fn site() -> RelyingParty {
    RelyingParty::of_origin(ORIGIN).unwrap()
}
fn one() -> Authenticator {
    Authenticator::at(ORIGIN, b"a passkey", b"somebody")
}
fn changed(change: impl FnOnce(&mut Authenticator)) -> Authenticator {
    let mut one = one();
    change(&mut one);
    one
}
fn check(made: &Made) -> Result<Credential, Refusal> {
    let sent = Registration { client_data: &made.client_data, attestation_object: &made.attestation_object };
    registration::verify(&site(), &Challenge::of(&SENT), true, &sent)
}
fn make(one: &Authenticator) -> Result<Credential, Refusal> {
    check(&one.make(&challenge(&SENT)))
}
fn verify(key: &PublicKey, stored: u32, used: &Used) -> Result<Counter, Refusal> {
    let known = Known { key, counter: stored, backup_eligible: false };
    let sent = Assertion {
        client_data: &used.client_data,
        authenticator_data: &used.authenticator_data,
        signature: &used.signature,
    };
    authentication::verify(&site(), &Challenge::of(&SENT), true, &known, &sent).map(|done| done.counter)
}
fn use_it(one: &Authenticator) -> Result<Counter, Refusal> {
    let key = PublicKey::from_cose(&one.secret.cose()).unwrap();
    verify(&key, 0, &one.sign(&challenge(&SENT)))
}

#[test]
fn all_three_algorithms_make_and_use() {
    let secrets = [
        Secret::es256(),
        Secret::Ed25519(Ed25519KeyPair::generate().unwrap()),
        Secret::Rs256(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
    ];
    for secret in secrets {
        let one = changed(|one| one.secret = secret);
        let made = make(&one).unwrap();
        assert_eq!(
            (made.id.as_slice(), made.counter, made.user_verified),
            (b"a passkey".as_slice(), 0, true)
        );
        assert_eq!(use_it(&one), Ok(Counter::Good(0)));
    }
}

#[test]
fn what_is_wrong_in_both_ceremonies() {
    type Change = fn(&mut Authenticator);
    let cases: [(&str, Change, Refusal); 11] = [
        ("another site", |one| one.origin = "https://id.example.evil".into(), Refusal::Origin),
        ("a subdomain", |one| one.origin = "https://x.id.example".into(), Refusal::Origin),
        ("another port", |one| one.origin = "https://id.example:8443".into(), Refusal::Origin),
        ("no HTTPS", |one| one.origin = "http://id.example".into(), Refusal::Origin),
        ("a frame", |one| one.cross_origin = true, Refusal::CrossOrigin),
        ("a frame of a named site", |one| one.top_origin = Some("https://evil".into()), Refusal::CrossOrigin),
        ("a passkey of another site", |one| one.rp_id = "evil".into(), Refusal::RpId),
        ("nobody there", |one| one.present = false, Refusal::UserPresence),
        ("not asked who it is", |one| one.verified = false, Refusal::UserVerification),
        ("backed up without leave", |one| one.backed_up = true, Refusal::Backup),
        ("bytes after the end", |one| one.trailing = vec![0], Refusal::Data),
    ];
    for (name, change, refusal) in cases {
        assert_eq!(make(&changed(change)), Err(refusal), "{name}");
        assert_eq!(use_it(&changed(change)), Err(refusal), "{name}");
    }
}

#[test]
fn the_other_ceremony_and_another_challenge() {
    assert_eq!(make(&changed(|one| one.create_type = "webauthn.get".into())), Err(Refusal::Type));
    assert_eq!(use_it(&changed(|one| one.get_type = "webauthn.create".into())), Err(Refusal::Type));
    let one = one();
    let key = PublicKey::from_cose(&one.secret.cose()).unwrap();
    let sent = challenge(&SENT);
    // One text for one run of bytes: no padding, no other alphabet, no bits left over (RFC 4648 §3.5).
    let (head, last) = sent.split_at(sent.len() - 1);
    let left_over = format!("{head}{}", char::from(last.as_bytes()[0] + 1));
    let padded = format!("{sent}=");
    for bad in [challenge(&[8; 32]), challenge(&SENT[..31]), padded, left_over, String::new()] {
        assert_eq!(check(&one.make(&bad)), Err(Refusal::Challenge), "{bad}");
        assert_eq!(verify(&key, 0, &one.sign(&bad)), Err(Refusal::Challenge), "{bad}");
    }
    // Even a challenge that was given out must be long enough.
    let short = one.sign(&challenge(&[1; 15]));
    let sent = Assertion {
        client_data: &short.client_data,
        authenticator_data: &short.authenticator_data,
        signature: &short.signature,
    };
    let known = Known { key: &key, counter: 0, backup_eligible: false };
    assert_eq!(
        authentication::verify(&site(), &Challenge::of(&[1; 15]), true, &known, &sent),
        Err(Refusal::Challenge)
    );
}

#[test]
fn client_data_is_strict() {
    let one = one();
    let good = one.make(&challenge(&SENT));
    let with = |client_data: &[u8]| check(&Made { client_data: client_data.to_vec(), ..good.clone() });
    assert!(with(&good.client_data).is_ok());
    let said = String::from_utf8(good.client_data.clone()).unwrap();
    let twice = said.replacen('{', "{\"origin\":\"https://evil\",", 1);
    for bad in ["", "null", "[]", "{}", &said[1..], &format!("{said}x"), &format!("\u{feff}{said}"), &twice] {
        assert_eq!(with(bad.as_bytes()), Err(Refusal::ClientData), "{bad}");
    }
    let padded = |length: usize| format!("{said}{}", " ".repeat(length - said.len()));
    assert!(with(padded(MAX_CLIENT_DATA).as_bytes()).is_ok());
    assert_eq!(with(padded(MAX_CLIENT_DATA + 1).as_bytes()), Err(Refusal::ClientData));
}

#[test]
fn attestation_that_is_not_taken() {
    let with =
        |format, statement: Vec<u8>| make(&changed(|one| (one.format, one.statement) = (format, statement)));
    assert_eq!(with("none", vec![0xa1, 0x61, b'x', 0]), Err(Refusal::Attestation));
    assert_eq!(with("none", vec![0xbf, 0xff]), Err(Refusal::Attestation), "an empty map has one form");
    assert_eq!(with("fido-u2f", vec![0xa0]), Err(Refusal::Format));
    assert_eq!(with("tpm", vec![0xa0]), Err(Refusal::Format));
    assert_eq!(with("packed", vec![0xa0]), Err(Refusal::Attestation));
    let certified =
        [vec![0xa3], text("alg"), vec![0x26], text("sig"), bytes(b"x"), text("x5c"), vec![0x80]].concat();
    assert_eq!(with("packed", certified), Err(Refusal::Format));
    let own = |change: fn(&mut Authenticator)| {
        make(&changed(|one| {
            (one.format, one.own_signature) = ("packed", true);
            change(one);
        }))
    };
    assert!(own(|_| ()).is_ok());
    let forged = [vec![0xa2], text("alg"), vec![0x26], text("sig"), bytes(&[0x30; 70])].concat();
    assert_eq!(with("packed", forged), Err(Refusal::Attestation));
    let other = [vec![0xa2], text("alg"), vec![0x27], text("sig"), bytes(&[0x30; 70])].concat();
    assert_eq!(with("packed", other), Err(Refusal::Attestation), "the algorithm is not the key's");
}

#[test]
fn attestation_objects_are_strict() {
    let good = one().make(&challenge(&SENT));
    let with = |object: Vec<u8>| check(&Made { attestation_object: object, ..good.clone() });
    let mut object = good.attestation_object.clone();
    assert!(with(object.clone()).is_ok());
    object.push(0);
    assert_eq!(with(object), Err(Refusal::Data), "something follows");
    for cut in 0..good.attestation_object.len() {
        assert!(with(good.attestation_object[..cut].to_vec()).is_err(), "{cut}");
    }
    assert_eq!(with(vec![0; MAX_OBJECT + 1]), Err(Refusal::Data));
    let none = [text("fmt"), text("none")].concat();
    let twice = [vec![0xa3], none.clone(), none, text("attStmt"), vec![0xa0]].concat();
    assert_eq!(with(twice), Err(Refusal::Data));
    // Answers of extensions are skipped; what is no map is not.
    assert!(
        make(&changed(|one| one.extensions = Some([vec![0xa1], text("credProtect"), vec![2]].concat())))
            .is_ok()
    );
    for bad in [vec![], vec![0x01], vec![0xa1], vec![0xbf, 0xff]] {
        assert_eq!(make(&changed(|one| one.extensions = Some(bad.clone()))), Err(Refusal::Data), "{bad:?}");
    }
}

#[test]
fn credential_ids_up_to_their_limit() {
    let with = |length: usize| make(&changed(|one| one.id = vec![9; length])).map(|made| made.id.len());
    assert_eq!(with(0), Err(Refusal::CredentialId));
    assert_eq!(with(1), Ok(1));
    assert_eq!(with(MAX_CREDENTIAL_ID), Ok(MAX_CREDENTIAL_ID));
    assert_eq!(with(MAX_CREDENTIAL_ID + 1), Err(Refusal::CredentialId));
    assert_eq!(AuthData::parse(&vec![0; MAX_AUTH_DATA + 1]), Err(Refusal::Data));
    // A registration without a credential, an authentication with one.
    let one = one();
    let object = [
        vec![0xa3],
        text("fmt"),
        text("none"),
        text("attStmt"),
        vec![0xa0],
        text("authData"),
        bytes(&one.auth_data(false)),
    ]
    .concat();
    let made = Made { attestation_object: object, ..one.make(&challenge(&SENT)) };
    assert_eq!(check(&made), Err(Refusal::Data));
    let used = Used { authenticator_data: one.auth_data(true), ..one.sign(&challenge(&SENT)) };
    assert_eq!(verify(&PublicKey::from_cose(&one.secret.cose()).unwrap(), 0, &used), Err(Refusal::Data));
}

#[test]
fn keys_have_one_form() {
    let good = Secret::es256().cose();
    assert!(PublicKey::from_cose(&good).is_ok());
    let changed = |at: usize, byte: u8| {
        let mut key = good.clone();
        key[at] = byte;
        PublicKey::from_cose(&key)
    };
    assert_eq!(changed(4, 0x38), Err(Refusal::Key), "broken");
    assert_eq!(changed(4, 0x22), Err(Refusal::Algorithm), "not offered");
    assert_eq!(changed(2, 1), Err(Refusal::Key), "ES256 with a key of another type");
    assert_eq!(changed(6, 2), Err(Refusal::Key), "ES256 on another curve");
    assert!(changed(20, good[20] ^ 1).is_err(), "not on the curve");
    let longer = [good.as_slice(), &[0]].concat();
    assert_eq!(PublicKey::from_cose(&longer), Err(Refusal::Key), "something follows");
    // The same numbers, written longer, and in another order.
    let wide = [&[0xa5, 0x18, 1, 2], &good[3..]].concat();
    assert_eq!(PublicKey::from_cose(&wide), Err(Refusal::Key));
    let order = [&[0xa5, 3, 0x26, 1, 2], &good[5..]].concat();
    assert_eq!(PublicKey::from_cose(&order), Err(Refusal::Key));
    let rsa = |n: Vec<u8>, e: &[u8]| {
        let cose = [vec![0xa4, 1, 3, 3, 0x39, 1, 0, 0x20], bytes(&n), vec![0x21], bytes(e)].concat();
        PublicKey::from_cose(&cose).map(|key| key.algorithm())
    };
    let modulus = |length: usize| vec![0xff; length];
    assert_eq!(rsa(modulus(256), &[1, 0, 1]), Ok(-257));
    assert_eq!(rsa(modulus(512), &[1, 0, 1]), Ok(-257));
    assert_eq!(rsa(modulus(255), &[1, 0, 1]), Err(Refusal::Key), "fewer than 2048 bits");
    assert_eq!(rsa(modulus(513), &[1, 0, 1]), Err(Refusal::Key), "more than 4096 bits");
    assert_eq!(rsa(modulus(256), &[3]), Err(Refusal::Key), "another exponent");
    let mut even = modulus(256);
    even[255] = 0xfe;
    assert_eq!(rsa(even, &[1, 0, 1]), Err(Refusal::Key), "an even modulus");
}

#[test]
fn signatures_and_counters() {
    let one = changed(|one| one.counter = 5);
    let key = PublicKey::from_cose(&one.secret.cose()).unwrap();
    let used = one.sign(&challenge(&SENT));
    for (stored, counter) in
        [(0, Counter::Good(5)), (4, Counter::Good(5)), (5, Counter::Back), (6, Counter::Back)]
    {
        assert_eq!(verify(&key, stored, &used), Ok(counter), "{stored}");
    }
    assert_eq!(Counter::of(1, 0), Counter::Back, "one that counted and does so no more");
    let other = PublicKey::from_cose(&Secret::es256().cose()).unwrap();
    assert_eq!(verify(&other, 0, &used), Err(Refusal::Signature), "another key");
    for at in 0..used.signature.len() {
        let mut bent = used.clone();
        bent.signature[at] ^= 1;
        assert_eq!(verify(&key, 0, &bent), Err(Refusal::Signature), "{at}");
    }
    let mut more = used.clone();
    more.authenticator_data[36] = 9;
    assert_eq!(verify(&key, 0, &more), Err(Refusal::Signature), "the counter is signed too");
    let long = Used { signature: vec![0; 513], ..used };
    assert_eq!(verify(&key, 0, &long), Err(Refusal::Signature));
}

proptest! {
    #[test]
    fn nothing_makes_it_fall_over(object in proptest::collection::vec(any::<u8>(), 0..400), at in 0usize..194, byte: u8) {
        let good = one().make(&challenge(&SENT));
        let taken = check(&Made { attestation_object: object.clone(), ..good.clone() });
        prop_assert!(taken.is_err());
        let _ = AuthData::parse(&object);
        let mut bent = good.attestation_object.clone();
        let at = at % bent.len();
        bent[at] = byte;
        let _ = check(&Made { attestation_object: bent, ..good });
    }
}

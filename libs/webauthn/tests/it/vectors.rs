//! W3C Web Authentication Level 3 §16. Those of it that need a certificate are checked in their authentication alone.

use std::collections::BTreeMap;
use webauthn::auth_data::AuthData;
use webauthn::{Assertion, Challenge, Counter, Known, PublicKey, Refusal, Registration, RelyingParty};
use webauthn::{authentication, registration};

type Vector = BTreeMap<&'static str, Vec<u8>>;

fn all() -> BTreeMap<&'static str, Vector> {
    let mut all: BTreeMap<&str, Vector> = BTreeMap::new();
    let mut name = "";
    for line in include_str!("vectors.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some(title) = line.strip_prefix('[') {
            name = title.trim_end_matches(']');
        } else {
            let (key, hex) = line.split_once(' ').unwrap();
            let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
            all.entry(name).or_default().insert(key, (0..hex.len()).step_by(2).map(byte).collect());
        }
    }
    all
}

fn site() -> RelyingParty {
    RelyingParty::of_origin("https://example.org").unwrap()
}

fn register(vector: &Vector, verification: bool) -> Result<webauthn::Credential, Refusal> {
    let sent = Registration { client_data: &vector["create_client"], attestation_object: &vector["object"] };
    registration::verify(&site(), &Challenge::of(&vector["create_challenge"]), verification, &sent)
}

fn use_it(vector: &Vector, key: &PublicKey, backup_eligible: bool) -> Result<Counter, Refusal> {
    let sent = Assertion {
        client_data: &vector["get_client"],
        authenticator_data: &vector["get_data"],
        signature: &vector["signature"],
    };
    let known = Known { key, counter: 0, backup_eligible };
    let challenge = Challenge::of(&vector["get_challenge"]);
    authentication::verify(&site(), &challenge, false, &known, &sent).map(|done| done.counter)
}

#[test]
fn made_and_used_as_the_standard_says() {
    let all = all();
    assert_eq!(all.len(), 7);
    for name in ["none.ES256", "packed-self.ES256", "none.ES256.long-credential-id"] {
        let vector = &all[name];
        let made = register(vector, false).unwrap();
        assert_eq!((&made.id, made.key.as_cose()), (&vector["id"], vector["key"].as_slice()), "{name}");
        assert_eq!(made.key.algorithm(), webauthn::key::ES256);
        assert_eq!(use_it(vector, &made.key, made.backup_eligible), Ok(Counter::Good(0)), "{name}");
        // Another's challenge, and another's signature.
        let other = &all[if name == "none.ES256" { "packed-self.ES256" } else { "none.ES256" }];
        let mixed: Vector = vector
            .iter()
            .map(|(k, v)| (*k, if *k == "signature" { other[k].clone() } else { v.clone() }))
            .collect();
        assert_eq!(use_it(&mixed, &made.key, made.backup_eligible), Err(Refusal::Signature), "{name}");
        let mixed: Vector = vector
            .iter()
            .map(|(k, v)| (*k, if *k == "get_challenge" { other[k].clone() } else { v.clone() }))
            .collect();
        assert_eq!(use_it(&mixed, &made.key, made.backup_eligible), Err(Refusal::Challenge), "{name}");
    }
    assert_eq!(register(&all["none.ES256"], true), Err(Refusal::UserVerification), "its UV bit is not set");
    assert!(register(&all["packed-self.ES256"], true).unwrap().user_verified);
}

#[test]
fn frames_of_other_sites_are_not_taken() {
    for name in ["none.ES256.crossOrigin", "none.ES256.topOrigin"] {
        assert_eq!(register(&all()[name], false), Err(Refusal::CrossOrigin), "{name}");
    }
}

#[test]
fn keys_of_the_other_two_algorithms_sign() {
    for (name, algorithm) in [("packed.RS256", webauthn::key::RS256), ("packed.EdDSA", webauthn::key::EDDSA)]
    {
        let vector = &all()[name];
        let key = PublicKey::from_cose(&vector["key"]).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        let eligible = AuthData::parse(&vector["get_data"]).unwrap().backup_eligible;
        assert_eq!(use_it(vector, &key, eligible), Ok(Counter::Good(0)), "{name}");
        assert_eq!(use_it(vector, &key, !eligible), Err(Refusal::Backup), "{name}");
    }
}

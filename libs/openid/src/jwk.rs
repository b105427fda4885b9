//! Public keys in JSON (RFC 7517), as far as ES256 needs them, and their thumbprints (RFC 7638).

use crate::base64url;
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, UnparsedPublicKey,
};
use serde_json::{Map, Value, json};

/// Most keys of one set that are read.
pub const MAX_KEYS: usize = 20;
/// Most signs of a key's id.
pub const MAX_KID: usize = 200;

/// A public key on P-256 (RFC 7518 §6.2.1), the only kind that can verify ES256.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Jwk {
    /// Its id; the thumbprint when the set gave none.
    pub kid: String,
    x: [u8; 32],
    y: [u8; 32],
}

impl Jwk {
    /// Reads one key.
    ///
    /// `None` when it is of another kind, has private or odd parts, is meant for something else (`use`, `alg`), or its point does
    /// not lie on the curve.
    #[must_use]
    pub fn parse(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let meant =
            text("use").is_none_or(|u| u == "sig") && text("alg").is_none_or(|a| a == crate::jws::ES256);
        if text("kty")? != "EC" || text("crv")? != "P-256" || !meant || value.get("d").is_some() {
            return None;
        }
        let coordinate = |name: &str| base64url::decode(text(name)?)?.try_into().ok();
        let (x, y) = (coordinate("x")?, coordinate("y")?);
        let kid = match text("kid") {
            Some(kid) if kid.len() <= MAX_KID => kid.to_string(),
            Some(_) => return None,
            None => thumbprint(value)?,
        };
        let key = Self { kid, x, y };
        on_curve(&key.point()).then_some(key)
    }
    /// Reads a set (RFC 7517 §5): keys of other kinds are passed over, two keys of one id are refused.
    ///
    /// `None` when it is no set, has more than [`MAX_KEYS`], or none of ours.
    #[must_use]
    pub fn parse_set(value: &Value) -> Option<Vec<Self>> {
        let listed = value.get("keys")?.as_array().filter(|keys| keys.len() <= MAX_KEYS)?;
        let keys: Vec<Self> = listed.iter().filter_map(Self::parse).collect();
        let twice = keys.iter().enumerate().any(|(i, key)| keys[..i].iter().any(|k| k.kid == key.kid));
        (!keys.is_empty() && !twice).then_some(keys)
    }
    /// As JSON, with what it is for.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": crate::jws::ES256, "kid": self.kid,
            "x": base64url::encode(self.x), "y": base64url::encode(self.y),
        })
    }
    /// A set of keys as JSON (RFC 7517 §5).
    #[must_use]
    pub fn set(keys: &[Self]) -> Value {
        json!({ "keys": keys.iter().map(Self::json).collect::<Vec<_>>() })
    }
    /// Uncompressed point (SEC 1 §2.3.3).
    fn point(&self) -> Vec<u8> {
        [&[4], self.x.as_slice(), &self.y].concat()
    }
    /// Whether a signature (two 32-byte numbers, RFC 7518 §3.4) of a message is this key's.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        signature.len() == 64
            && UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.point())
                .verify(message, signature)
                .is_ok()
    }
}

/// Whether an uncompressed point lies on P-256: the library refuses to agree on a secret with one that does not.
fn on_curve(point: &[u8]) -> bool {
    let Ok(any) = PrivateKey::from_private_key(&ECDH_P256, &[1; 32]) else { return false };
    let peer = aws_lc_rs::agreement::UnparsedPublicKey::new(&ECDH_P256, point);
    aws_lc_rs::agreement::agree(&any, peer, (), |_| Ok(())).is_ok()
}

/// The thumbprint of a key of any kind (RFC 7638 §3): SHA-256 of its required members in order.
///
/// `None` for a kind without required members that we know.
#[must_use]
pub fn thumbprint(key: &Value) -> Option<String> {
    let members: &[&str] = match key.get("kty")?.as_str()? {
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        "RSA" => &["e", "kty", "n"],
        "oct" => &["k", "kty"],
        _ => return None,
    };
    let mut canonical = Map::new();
    for name in members {
        canonical.insert((*name).into(), Value::from(key.get(*name)?.as_str()?));
    }
    // The map is ordered by name and these values need no escapes, as §3.3 asks.
    Some(base64url::encode(digest(&SHA256, Value::Object(canonical).to_string().as_bytes())))
}

/// A key pair that signs with ES256.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    public: Jwk,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.public.kid)
    }
}

impl SigningKey {
    /// The pair of a secret of 32 random bytes. Its id is its thumbprint.
    ///
    /// `None` when the number is zero or not below the curve's order (one draw in 2^32): draw again.
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Option<Self> {
        let point = PrivateKey::from_private_key(&ECDH_P256, secret).ok()?.compute_public_key().ok()?;
        let point = point.as_ref();
        let pair =
            EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, secret, point)
                .ok()?;
        let (x, y) = (point.get(1..33)?.try_into().ok()?, point.get(33..65)?.try_into().ok()?);
        let mut public = Jwk { kid: String::new(), x, y };
        public.kid = thumbprint(&public.json())?;
        Some(Self { pair, public })
    }
    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &Jwk {
        &self.public
    }
    /// The signature of a message (RFC 7518 §3.4). The nonce is the library's own (it takes no other), so two signatures of
    /// one message differ; everything else in this crate is a function of its arguments.
    ///
    /// `None` only when the library fails.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        self.pair.sign(&SystemRandom::new(), message).ok().map(|signature| signature.as_ref().to_vec())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The key of RFC 7515 A.3.
    pub(crate) fn rfc_key() -> Value {
        json!({"kty":"EC","crv":"P-256",
            "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})
    }

    #[test]
    fn rfc_7638_section_3_1() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn6\
                 4tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpb\
                 ISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let key = json!({"kty":"RSA","n":n,"e":"AQAB","alg":"RS256","kid":"2011-04-29"});
        assert_eq!(thumbprint(&key).unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn reads_only_public_p256_keys_for_signatures() {
        let good = rfc_key();
        let key = Jwk::parse(&good).unwrap();
        assert_eq!(key.kid, thumbprint(&good).unwrap());
        assert_eq!(Jwk::parse(&key.json()), Some(key));
        let with = |name: &str, value: Value| {
            let mut bent = good.clone();
            bent[name] = value;
            Jwk::parse(&bent)
        };
        for (name, value) in [
            ("kty", json!("RSA")),
            ("crv", json!("P-384")),
            ("use", json!("enc")),
            ("alg", json!("ES384")),
            ("d", json!("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")),
            ("x", json!("AA")),
            ("y", json!("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")),
            ("kid", json!("k".repeat(MAX_KID + 1))),
        ] {
            assert!(with(name, value).is_none(), "{name}");
        }
        assert!(with("kid", json!("k".repeat(MAX_KID))).is_some());
    }

    #[test]
    fn sets_pass_over_other_kinds_and_refuse_doubles() {
        let other = json!({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        assert_eq!(Jwk::parse_set(&json!({"keys":[other.clone(), rfc_key()]})).unwrap().len(), 1);
        assert!(Jwk::parse_set(&json!({"keys":[other]})).is_none());
        assert!(Jwk::parse_set(&json!({"keys":[rfc_key(), rfc_key()]})).is_none());
        assert!(Jwk::parse_set(&json!([])).is_none());
        let many = |n: usize| {
            let keys: Vec<Value> = (0..n)
                .map(|i| {
                    let mut key = rfc_key();
                    key["kid"] = json!(i.to_string());
                    key
                })
                .collect();
            Jwk::parse_set(&json!({ "keys": keys }))
        };
        assert!(many(MAX_KEYS).is_some() && many(MAX_KEYS + 1).is_none());
    }

    #[test]
    fn a_secret_makes_the_pair_of_rfc_7515_a_3() {
        let d: [u8; 32] =
            base64url::decode("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI").unwrap().try_into().unwrap();
        let key = SigningKey::from_secret(&d).unwrap();
        assert_eq!(key.public(), &Jwk::parse(&rfc_key()).unwrap());
        assert!(SigningKey::from_secret(&[0; 32]).is_none());
        assert!(SigningKey::from_secret(&[0xff; 32]).is_none());
        assert!(key.public().verifies(b"m", &key.sign(b"m").unwrap()));
        assert!(!key.public().verifies(b"n", &key.sign(b"m").unwrap()));
    }
}

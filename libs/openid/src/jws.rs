//! Signed tokens: JWS in compact form (RFC 7515 §7.1) with ES256 and a set of claims (RFC 7519).
//!
//! The algorithm is ours, never the token's: what says another one, `none` included, is refused before a key is looked at
//! (RFC 8725 §3.1). A token says its type, so that one kind cannot stand for another (RFC 8725 §3.11).

use crate::base64url;
use crate::jwk::{Jwk, SigningKey};
use serde::Serialize;
use serde::de::{Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

/// The one algorithm.
pub const ES256: &str = "ES256";
/// Longest token that is read, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8192;

/// How long a signature is as text.
const SIGNATURE_SIGNS: usize = 86;

/// The header of what we sign.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    kid: &'a str,
    typ: &'a str,
}

/// Claims of a token.
pub type Claims = Map<String, Value>;

/// Why a token is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// Not three parts of base64url with two JSON objects, or too long, or a name twice (RFC 7515 §4).
    #[error("the token is malformed")]
    Malformed,
    /// Another algorithm than ES256, or none.
    #[error("the token is not signed with ES256")]
    Algorithm,
    /// Another type than asked for.
    #[error("the token is of another type")]
    Type,
    /// The header asks for what we do not do (`crit`), or brings a key of its own (`jwk`, `jku`, `x5c`, `x5u`).
    #[error("the token's header asks for what is not supported")]
    Header,
    /// No key of this id.
    #[error("no key of this id")]
    Key,
    /// The signature is not the key's.
    #[error("the signature does not verify")]
    Signature,
}

/// Signs claims, a JSON object, as a token of this type.
///
/// `None` only when the library fails.
#[must_use]
pub fn sign(key: &SigningKey, typ: &str, claims: &impl Serialize) -> Option<String> {
    let header = serde_json::to_vec(&Header { alg: ES256, kid: &key.public().kid, typ }).ok()?;
    let body = serde_json::to_vec(claims).ok()?;
    let mut token = String::with_capacity((header.len() + body.len()).div_ceil(3) * 4 + SIGNATURE_SIGNS + 4);
    base64url::append(&mut token, header);
    token.push('.');
    base64url::append(&mut token, body);
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    base64url::append(&mut token, signature);
    Some(token)
}

/// The claims of a token, when one of these keys signed it and its type is one of these. A token without type is taken where
/// `""` is among them.
///
/// # Errors
/// The first fault found.
pub fn verify(token: &str, types: &[&str], keys: &[Jwk]) -> Result<Claims, Fault> {
    let (header, claims, message, signature) = parts(token)?;
    if header.get("alg").and_then(Value::as_str) != Some(ES256) {
        return Err(Fault::Algorithm);
    }
    if ["crit", "jwk", "jku", "x5c", "x5u"].iter().any(|name| header.contains_key(*name)) {
        return Err(Fault::Header);
    }
    let typ = match header.get("typ") {
        None => "",
        Some(typ) => typ.as_str().ok_or(Fault::Malformed)?,
    };
    if !types.iter().any(|wanted| same_type(typ, wanted)) {
        return Err(Fault::Type);
    }
    let key = match header.get("kid") {
        Some(kid) => keys.iter().find(|key| Some(key.kid.as_str()) == kid.as_str()),
        // Without an id there must be nothing to choose.
        None => keys.first().filter(|_| keys.len() == 1),
    };
    if key.ok_or(Fault::Key)?.verifies(message.as_bytes(), &signature) {
        Ok(claims)
    } else {
        Err(Fault::Signature)
    }
}

/// The claims of a token that nobody has verified: only to learn whose keys to verify it with.
///
/// # Errors
/// [`Fault::Malformed`].
pub fn peek(token: &str) -> Result<Claims, Fault> {
    parts(token).map(|(_, claims, _, _)| claims)
}

fn parts(token: &str) -> Result<(Claims, Claims, &str, Vec<u8>), Fault> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Fault::Malformed);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(Fault::Malformed)?;
    let (header, body) =
        message.split_once('.').filter(|(_, body)| !body.contains('.')).ok_or(Fault::Malformed)?;
    let signature = base64url::decode(signature).ok_or(Fault::Malformed)?;
    Ok((object(header)?, object(body)?, message, signature))
}

fn object(part: &str) -> Result<Claims, Fault> {
    let bytes = base64url::decode(part).ok_or(Fault::Malformed)?;
    serde_json::from_slice::<Unique>(&bytes).map(|unique| unique.0).map_err(|_| Fault::Malformed)
}

/// Media types compare without case, and `application/` may be left out (RFC 7515 §4.1.9).
fn same_type(typ: &str, wanted: &str) -> bool {
    let short = |text: &str| {
        let lower = text.to_ascii_lowercase();
        lower.strip_prefix("application/").map(str::to_string).unwrap_or(lower)
    };
    short(typ) == short(wanted)
}

/// A JSON object in which no name stands twice: two readers might take different ones.
struct Unique(Claims);

impl<'de> serde::Deserialize<'de> for Unique {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Unique;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object without repeated names")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
                let mut out = Map::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if out.insert(name, value).is_some() {
                        return Err(A::Error::custom("a name stands twice"));
                    }
                }
                Ok(Unique(out))
            }
        }
        from.deserialize_map(Reader)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::jwk::tests::rfc_key;
    use proptest::prelude::*;
    use serde_json::json;

    pub(crate) fn key(seed: u8) -> SigningKey {
        SigningKey::from_secret(&[seed; 32]).unwrap()
    }
    pub(crate) fn claims(value: Value) -> Claims {
        value.as_object().unwrap().clone()
    }
    /// A token with any header, signed over exactly it.
    pub(crate) fn signed(key: &SigningKey, header: &Value, body: &str) -> String {
        let message = format!("{}.{}", base64url::encode(header.to_string()), base64url::encode(body));
        let signature = key.sign(message.as_bytes()).unwrap();
        format!("{message}.{}", base64url::encode(signature))
    }

    #[test]
    fn rfc_7515_appendix_a_3() {
        let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0c\
                     nVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        let keys = [Jwk::parse(&rfc_key()).unwrap()];
        let claims = verify(token, &[""], &keys).unwrap();
        assert_eq!(claims["iss"], "joe");
        assert_eq!(verify(token, &["JWT"], &keys), Err(Fault::Type));
        assert_eq!(verify(&token.replace("DtEh", "EtEh"), &[""], &keys), Err(Fault::Signature));
    }

    #[test]
    fn signed_and_verified_with_the_type() {
        let key = key(1);
        let token = sign(&key, "at+jwt", &claims(json!({"sub": "x"}))).unwrap();
        let keys = [key.public().clone()];
        assert_eq!(verify(&token, &["application/AT+JWT"], &keys).unwrap()["sub"], "x");
        assert_eq!(verify(&token, &["JWT"], &keys), Err(Fault::Type));
    }

    #[test]
    fn what_a_token_may_not_say() {
        let key = key(1);
        let keys = [key.public().clone()];
        let kid = &keys[0].kid;
        let refused = |header: Value| verify(&signed(&key, &header, "{}"), &["JWT"], &keys).unwrap_err();
        for alg in ["none", "None", "HS256", "RS256", "ES384", "es256", ""] {
            assert_eq!(refused(json!({"alg": alg, "typ": "JWT", "kid": kid})), Fault::Algorithm, "{alg}");
        }
        for name in ["crit", "jwk", "jku", "x5c", "x5u"] {
            assert_eq!(refused(json!({"alg": ES256, "typ": "JWT", name: ["exp"]})), Fault::Header, "{name}");
        }
        assert_eq!(refused(json!({"alg": ES256, "typ": "JWT", "kid": "other"})), Fault::Key);
        assert_eq!(refused(json!({"alg": ES256, "typ": "JWT", "kid": 7})), Fault::Key);
        assert_eq!(refused(json!({"alg": ES256, "typ": 7})), Fault::Malformed);
        assert_eq!(refused(json!({"typ": "JWT"})), Fault::Algorithm);
        let two = [keys[0].clone(), tests::key(2).public().clone()];
        let bare = signed(&key, &json!({"alg": ES256, "typ": "JWT"}), "{}");
        assert!(verify(&bare, &["JWT"], &keys).is_ok());
        assert_eq!(verify(&bare, &["JWT"], &two), Err(Fault::Key), "two keys and no id");
    }

    #[test]
    fn an_unsigned_token_is_nothing() {
        let keys = [key(1).public().clone()];
        let part = |value: Value| base64url::encode(value.to_string());
        let none = format!("{}.{}.", part(json!({"alg": "none"})), part(json!({"sub": "x"})));
        assert_eq!(verify(&none, &[""], &keys), Err(Fault::Algorithm));
        let empty = format!("{}.{}.", part(json!({"alg": ES256})), part(json!({"sub": "x"})));
        assert_eq!(verify(&empty, &[""], &keys), Err(Fault::Signature));
        // The public key as an HMAC secret (key confusion) never gets so far.
        let hs = format!("{}.{}.AAAA", part(json!({"alg": "HS256"})), part(json!({"sub": "x"})));
        assert_eq!(verify(&hs, &[""], &keys), Err(Fault::Algorithm));
    }

    #[test]
    fn malformed_tokens() {
        let key = key(1);
        let keys = [key.public().clone()];
        let header = json!({"alg": ES256, "typ": "JWT"});
        for body in ["[]", "7", "", "{\"a\":1,\"a\":2}", "{", "{} x"] {
            assert_eq!(
                verify(&signed(&key, &header, body), &["JWT"], &keys),
                Err(Fault::Malformed),
                "{body}"
            );
        }
        for token in ["", ".", "..", "a.b", "a.b.c.d", "é.é.é"] {
            assert_eq!(verify(token, &[""], &keys), Err(Fault::Malformed), "{token}");
        }
        let long = |n: usize| {
            let frame = signed(&key, &header, "{\"a\":\"\"}").len();
            signed(&key, &header, &format!("{{\"a\":\"{}\"}}", "x".repeat((n - frame) / 4 * 3)))
        };
        let (most, more) = (long(MAX_TOKEN_BYTES), long(MAX_TOKEN_BYTES + 8));
        assert!(most.len() <= MAX_TOKEN_BYTES && more.len() > MAX_TOKEN_BYTES);
        assert!(verify(&most, &["JWT"], &keys).is_ok());
        assert_eq!(verify(&more, &["JWT"], &keys), Err(Fault::Malformed));
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(token in ".{0,200}") {
            let _ = verify(&token, &[""], &[key(1).public().clone()]);
        }
        #[test]
        fn one_bit_changed_anywhere_is_found(at in 0usize..200, bit in 0u8..6) {
            let key = key(1);
            let token = sign(&key, "JWT", &claims(json!({"sub": "somebody", "n": 12345}))).unwrap();
            let mut bytes = token.clone().into_bytes();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            if let Ok(bent) = String::from_utf8(bytes) {
                prop_assert!(verify(&bent, &["JWT"], &[key.public().clone()]).is_err());
            }
        }
    }
}

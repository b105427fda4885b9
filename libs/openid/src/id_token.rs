//! ID tokens (OpenID Connect Core §2).

use crate::base64url;
use crate::jwk::{Jwk, SigningKey};
use crate::jws::{self, Claims, Fault};
use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

/// The header's type.
pub const TYP: &str = "JWT";

/// An ID token's content. Times in seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IdToken {
    /// Who says it.
    pub iss: String,
    /// Of whom, by the token of the client's sector.
    pub sub: String,
    /// To which client.
    pub aud: String,
    /// When it was made.
    pub iat: i64,
    /// Until when it is to be believed.
    pub exp: i64,
    /// When the person signed in.
    pub auth_time: i64,
    /// The request's nonce.
    pub nonce: Option<String>,
    /// How the person signed in, as one word.
    pub acr: String,
    /// With what (RFC 8176).
    pub amr: Vec<String>,
    /// The access token it came with, for `at_hash`.
    pub access_token: Option<String>,
    /// Claims that were asked for in it.
    pub further: Claims,
}

impl IdToken {
    /// Signs it.
    ///
    /// `None` only when the library fails.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Option<String> {
        let mut claims = self.further.clone();
        for (name, value) in [
            ("iss", json!(self.iss)),
            ("sub", json!(self.sub)),
            ("aud", json!(self.aud)),
            ("azp", json!(self.aud)),
            ("iat", json!(self.iat)),
            ("exp", json!(self.exp)),
            ("auth_time", json!(self.auth_time)),
            ("acr", json!(self.acr)),
            ("amr", json!(self.amr)),
        ] {
            claims.insert(name.into(), value);
        }
        if let Some(nonce) = &self.nonce {
            claims.insert("nonce".into(), json!(nonce));
        }
        if let Some(token) = &self.access_token {
            claims.insert("at_hash".into(), json!(at_hash(token)));
        }
        jws::sign(key, TYP, &claims)
    }
}

/// The left half of the access token's SHA-256 (§3.1.3.6).
#[must_use]
pub fn at_hash(access_token: &str) -> String {
    base64url::encode(&digest(&SHA256, access_token.as_bytes()).as_ref()[..16])
}

/// An ID token of ours that came back as a hint (§3.1.2.1, RP-Initiated Logout §2): whose it is and which client's. It may
/// have expired; that it is ours is what counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The person, by the token of the client's sector.
    pub sub: String,
    /// The client.
    pub aud: String,
}

/// Reads a hint.
///
/// # Errors
/// When it is no ID token of this issuer.
pub fn hint(token: &str, issuer: &str, keys: &[Jwk]) -> Result<Hint, Fault> {
    let claims = jws::verify(token, &[TYP], keys)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(issuer) {
        return Err(Fault::Malformed);
    }
    let (sub, aud) = (text("sub").ok_or(Fault::Malformed)?, text("aud").ok_or(Fault::Malformed)?);
    Ok(Hint { sub: sub.into(), aud: aud.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jws::tests::key;

    fn token() -> IdToken {
        IdToken {
            iss: "https://id.example".into(),
            sub: "s".into(),
            aud: "clinic".into(),
            iat: 10,
            exp: 20,
            auth_time: 5,
            nonce: Some("n".into()),
            acr: "otp".into(),
            amr: vec!["pwd".into(), "otp".into()],
            access_token: Some("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y".into()),
            further: Claims::new(),
        }
    }

    #[test]
    fn at_hash_of_openid_connect_core_appendix_a_4() {
        assert_eq!(at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
    }

    #[test]
    fn holds_everything_and_what_was_asked_cannot_change_it() {
        let mut more = token();
        more.further.insert("email".into(), json!("a@b.example"));
        more.further.insert("sub".into(), json!("somebody else"));
        let claims = jws::verify(&more.sign(&key(1)).unwrap(), &[TYP], &[key(1).public().clone()]).unwrap();
        assert_eq!(claims["sub"], "s");
        assert_eq!(claims["email"], "a@b.example");
        assert_eq!(claims["at_hash"], "77QmUPtjPfzWtF2AnpK9RQ");
        for name in ["iss", "aud", "azp", "iat", "exp", "auth_time", "nonce", "acr", "amr"] {
            assert!(claims.contains_key(name), "{name}");
        }
        let bare = IdToken { nonce: None, access_token: None, ..token() };
        let claims = jws::verify(&bare.sign(&key(1)).unwrap(), &[TYP], &[key(1).public().clone()]).unwrap();
        assert!(!claims.contains_key("nonce") && !claims.contains_key("at_hash"));
    }

    #[test]
    fn hints_are_ours_or_nothing() {
        let keys = [key(1).public().clone()];
        let text = token().sign(&key(1)).unwrap();
        let want = Hint { sub: "s".into(), aud: "clinic".into() };
        assert_eq!(hint(&text, "https://id.example", &keys), Ok(want));
        assert!(hint(&text, "https://other.example", &keys).is_err());
        assert!(hint(&text, "https://id.example", &[key(2).public().clone()]).is_err());
        let access = jws::sign(&key(1), "at+jwt", &jws::peek(&text).unwrap()).unwrap();
        assert_eq!(hint(&access, "https://id.example", &keys), Err(Fault::Type));
    }
}

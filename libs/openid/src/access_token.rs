//! Access tokens as signed JWT (RFC 9068), for the issuer's own userinfo endpoint and for partners that ask it.

use crate::jwk::{Jwk, SigningKey};
use crate::jws::{self, Fault};
use crate::scope::Scopes;
use serde::Serialize;
use serde_json::Value;

/// The header's type (§2.1).
pub const TYP: &str = "at+jwt";

/// An access token's content. Times in seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// Who says it; also for whom: the issuer's own endpoints are the resource.
    pub iss: String,
    /// Of whom: a person by the token of the client's sector, or the client itself.
    pub sub: String,
    /// Who may use it.
    pub client_id: String,
    /// When it was made.
    pub iat: i64,
    /// Until when it is valid.
    pub exp: i64,
    /// Its name, by which it is revoked.
    pub jti: String,
    /// What it opens.
    pub scopes: Scopes,
}

/// The claims as they are written (§2.2).
#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    client_id: &'a str,
    exp: i64,
    iat: i64,
    iss: &'a str,
    jti: &'a str,
    scope: &'a str,
    sub: &'a str,
}

impl AccessToken {
    /// Signs it.
    ///
    /// `None` only when the library fails.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> Option<String> {
        let claims = Claims {
            aud: &self.iss,
            client_id: &self.client_id,
            exp: self.exp,
            iat: self.iat,
            iss: &self.iss,
            jti: &self.jti,
            scope: &self.scopes.to_string(),
            sub: &self.sub,
        };
        jws::sign(key, TYP, &claims)
    }
    /// Reads a token of this issuer that is valid now (§4). Whether it was revoked only a store can tell.
    ///
    /// # Errors
    /// A fault of its form or signature; [`Fault::Malformed`] too for another issuer or audience and for one that has expired:
    /// to whoever holds it there is no difference (RFC 6750 §3.1).
    pub fn verify(token: &str, issuer: &str, keys: &[Jwk], now: i64) -> Result<Self, Fault> {
        let claims = jws::verify(token, &[TYP], keys)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).ok_or(Fault::Malformed);
        let time = |name: &str| claims.get(name).and_then(Value::as_i64).ok_or(Fault::Malformed);
        let read = Self {
            iss: text("iss")?.into(),
            sub: text("sub")?.into(),
            client_id: text("client_id")?.into(),
            iat: time("iat")?,
            exp: time("exp")?,
            jti: text("jti")?.into(),
            scopes: Scopes::parse(text("scope")?),
        };
        let good = read.iss == issuer && text("aud")? == issuer && now < read.exp;
        if good { Ok(read) } else { Err(Fault::Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jws::tests::key;
    use serde_json::json;

    #[test]
    fn read_back_until_it_expires() {
        let token = AccessToken {
            iss: "https://id.example".into(),
            sub: "s".into(),
            client_id: "clinic".into(),
            iat: 10,
            exp: 20,
            jti: "j".into(),
            scopes: Scopes::parse("openid email"),
        };
        let text = token.sign(&key(1)).unwrap();
        let keys = [key(1).public().clone()];
        assert_eq!(AccessToken::verify(&text, &token.iss, &keys, 19), Ok(token.clone()));
        assert!(AccessToken::verify(&text, &token.iss, &keys, 20).is_err());
        assert!(AccessToken::verify(&text, "https://other.example", &keys, 19).is_err());
        let mut claims = jws::peek(&text).unwrap();
        claims.insert("aud".into(), json!("https://other.example"));
        let other = jws::sign(&key(1), TYP, &claims).unwrap();
        assert!(AccessToken::verify(&other, &token.iss, &keys, 19).is_err());
        let id_token = jws::sign(&key(1), "JWT", &jws::peek(&text).unwrap()).unwrap();
        assert_eq!(AccessToken::verify(&id_token, &token.iss, &keys, 19), Err(Fault::Type));
    }
}

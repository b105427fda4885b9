//! How a client proves who it is at the token, revocation and introspection endpoints (RFC 6749 §2.3, OpenID Connect Core §9).

use crate::params::form_decode;
use crate::{CLOCK_SKEW_SECONDS, Client, Method, Params, Refusal, jws};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// `client_assertion_type` of RFC 7523 §2.2.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion may be valid at most, in seconds from now: so long must its `jti` be remembered.
pub const MAX_ASSERTION_SECONDS: i64 = 3600;
/// Most signs of a `jti`.
pub const MAX_JTI: usize = 200;

const WRONG: Refusal = Refusal::client("client authentication failed");

/// What a client showed, before anybody looked whether it is right.
#[derive(Clone, PartialEq, Eq)]
pub enum Presented {
    /// A secret.
    Secret {
        /// `client_id`.
        id: String,
        /// The secret as sent.
        secret: String,
    },
    /// An assertion.
    Assertion {
        /// `client_id`, by the assertion's own words.
        id: String,
        /// The assertion.
        jwt: String,
    },
    /// Only a name.
    Name {
        /// `client_id`.
        id: String,
    },
}

// A secret must not slip into a log through a debug print.
impl std::fmt::Debug for Presented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Presented({})", self.client_id())
    }
}

/// An assertion that was taken: remember it until it expires, and refuse it the second time (RFC 7523 §3, item 7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Its id.
    pub jti: String,
    /// When it expires.
    pub exp: i64,
}

impl Presented {
    /// Reads what was shown: the `Authorization` header and the body.
    ///
    /// # Errors
    /// `invalid_request` when more than one way is used at once (§2.3); `invalid_client` when nothing is shown or it is malformed.
    pub fn read(authorization: &str, params: &Params) -> Result<Self, Refusal> {
        params.once_each()?;
        let basic = match authorization.split_once(' ') {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("basic") => Some(basic(rest).ok_or(WRONG)?),
            _ if authorization.is_empty() => None,
            _ => return Err(WRONG),
        };
        let post = params.get("client_secret").is_some();
        let assertion =
            params.get("client_assertion").is_some() || params.get("client_assertion_type").is_some();
        if [basic.is_some(), post, assertion].iter().filter(|used| **used).count() > 1 {
            return Err(Refusal::request("more than one way of client authentication"));
        }
        let named = params.get("client_id");
        let shown = match (basic, params.get("client_secret")) {
            (Some((id, secret)), _) => Self::Secret { id, secret },
            (None, Some(secret)) => {
                Self::Secret { id: named.ok_or(WRONG)?.to_string(), secret: secret.to_string() }
            }
            (None, None) if assertion => Self::assertion(params)?,
            (None, None) => Self::Name { id: named.ok_or(WRONG)?.to_string() },
        };
        if named.is_some_and(|named| named != shown.client_id()) {
            return Err(WRONG);
        }
        Ok(shown)
    }

    fn assertion(params: &Params) -> Result<Self, Refusal> {
        if params.get("client_assertion_type") != Some(JWT_BEARER) {
            return Err(WRONG);
        }
        let jwt = params.get("client_assertion").ok_or(WRONG)?;
        let claims = jws::peek(jwt).map_err(|_| WRONG)?;
        let id = claims.get("sub").and_then(Value::as_str).ok_or(WRONG)?;
        Ok(Self::Assertion { id: id.to_string(), jwt: jwt.to_string() })
    }

    /// Whose it says it is.
    #[must_use]
    pub fn client_id(&self) -> &str {
        match self {
            Self::Secret { id, .. } | Self::Assertion { id, .. } | Self::Name { id } => id,
        }
    }

    /// Checks it against the registration. `is_secret` compares with the stored hash; `audiences` are the issuer and the token
    /// endpoint; `now` is in seconds. What comes back for an assertion must not have been seen before.
    ///
    /// # Errors
    /// `invalid_client`, for every reason alike.
    pub fn check(
        &self,
        client: &Client,
        is_secret: impl FnOnce(&str) -> bool,
        audiences: &[&str],
        now: i64,
    ) -> Result<Option<Used>, Refusal> {
        match (self, client.method) {
            (Self::Secret { secret, .. }, Method::Secret) if is_secret(secret) => Ok(None),
            (Self::Name { .. }, Method::Public) => Ok(None),
            (Self::Assertion { jwt, .. }, Method::PrivateKeyJwt) => {
                assertion_stands(jwt, client, audiences, now).map(Some).ok_or(WRONG)
            }
            _ => Err(WRONG),
        }
    }
}

/// RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
fn basic(encoded: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decode(id)?, form_decode(secret)?)).filter(|(id, _)| !id.is_empty())
}

/// RFC 7523 §3.
fn assertion_stands(jwt: &str, client: &Client, audiences: &[&str], now: i64) -> Option<Used> {
    let claims = jws::verify(jwt, &["", "JWT", "client-authentication+jwt"], &client.keys).ok()?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let time = |name: &str| claims.get(name).map(|v| v.as_i64().unwrap_or(i64::MAX));
    let is_ours = |aud: &Value| aud.as_str().is_some_and(|aud| audiences.contains(&aud));
    let for_us = match claims.get("aud")? {
        // One audience only: a token that others may read too could be replayed by them.
        Value::Array(list) => list.len() == 1 && is_ours(&list[0]),
        one => is_ours(one),
    };
    let exp = claims.get("exp")?.as_i64()?;
    let good = text("iss") == Some(&client.id)
        && text("sub") == Some(&client.id)
        && for_us
        && exp > now - CLOCK_SKEW_SECONDS
        && exp <= now + MAX_ASSERTION_SECONDS + CLOCK_SKEW_SECONDS
        && time("iat").is_none_or(|iat| iat <= now + CLOCK_SKEW_SECONDS)
        && time("nbf").is_none_or(|nbf| nbf <= now + CLOCK_SKEW_SECONDS);
    let jti = text("jti").filter(|jti| !jti.is_empty() && jti.len() <= MAX_JTI)?;
    good.then(|| Used { jti: jti.to_string(), exp })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::clinic;
    use crate::jws::tests::{claims, key};
    use crate::params::form_encode;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;
    const AUD: [&str; 2] = ["https://id.example", "https://id.example/token"];

    fn params(pairs: &[(&str, &str)]) -> Params {
        Params::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())))
    }
    fn code(result: Result<Presented, Refusal>) -> &'static str {
        result.map_or_else(|refusal| refusal.code.name(), |_| "taken")
    }

    #[test]
    fn the_example_of_rfc_6749_section_2_3_1() {
        let shown =
            Presented::read("Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3", &params(&[])).unwrap();
        assert_eq!(
            shown,
            Presented::Secret { id: "s6BhdRkqt3".into(), secret: "7Fjfp0ZBr1KtDRbnfVdmIw".into() }
        );
        assert_eq!(format!("{shown:?}"), "Presented(s6BhdRkqt3)");
    }

    #[test]
    fn header_parts_are_form_encoded() {
        let joined = format!("{}:{}", form_encode("a:b"), form_encode("p% +ü"));
        let header = format!("basic {}", STANDARD.encode(joined));
        let shown = Presented::read(&header, &params(&[])).unwrap();
        assert_eq!(shown, Presented::Secret { id: "a:b".into(), secret: "p% +ü".into() });
    }

    #[test]
    fn one_way_and_a_whole_one() {
        let basic = "Basic Y2xpbmljOnM=";
        let post = [("client_id", "clinic"), ("client_secret", "s")];
        assert_eq!(code(Presented::read("", &params(&post))), "taken");
        assert_eq!(code(Presented::read(basic, &params(&post))), "invalid_request");
        assert_eq!(code(Presented::read(basic, &params(&[("client_id", "other")]))), "invalid_client");
        assert_eq!(code(Presented::read(basic, &params(&[("client_id", "clinic")]))), "taken");
        assert_eq!(code(Presented::read("", &params(&[]))), "invalid_client");
        assert_eq!(code(Presented::read("", &params(&[("client_secret", "s")]))), "invalid_client");
        for header in ["Bearer x", "Basic", "Basic %%", "Basic bm9jb2xvbg==", "Basic OnM=", "Basic /w=="] {
            assert_eq!(code(Presented::read(header, &params(&[]))), "invalid_client", "{header}");
        }
        let twice = params(&[("client_id", "a"), ("client_id", "a")]);
        assert_eq!(code(Presented::read("", &twice)), "invalid_request");
    }

    #[test]
    fn the_registered_way_and_no_other() {
        let secret = Presented::Secret { id: "clinic".into(), secret: "right".into() };
        let name = Presented::Name { id: "clinic".into() };
        let check = |shown: &Presented, method: Method| {
            let client = Client { method, ..clinic() };
            shown.check(&client, |secret| secret == "right", &AUD, NOW).is_ok()
        };
        assert!(check(&secret, Method::Secret) && check(&name, Method::Public));
        assert!(!check(&secret, Method::Public) && !check(&name, Method::Secret));
        assert!(!check(&secret, Method::PrivateKeyJwt) && !check(&name, Method::PrivateKeyJwt));
        let wrong = Presented::Secret { id: "clinic".into(), secret: "wrong".into() };
        assert!(!check(&wrong, Method::Secret));
    }

    /// Whether an assertion with these claims changed is taken.
    fn taken(changes: &[(&str, Value)], typ: &str) -> Option<Used> {
        let client =
            Client { method: Method::PrivateKeyJwt, keys: vec![key(3).public().clone()], ..clinic() };
        let mut body = claims(json!({"iss": "clinic", "sub": "clinic", "aud": AUD[0], "jti": "j1",
            "iat": NOW, "exp": NOW + 60}));
        for (name, value) in changes {
            match value {
                Value::Null => body.remove(*name),
                value => body.insert((*name).into(), value.clone()),
            };
        }
        let jwt = jws::sign(&key(3), typ, &body).unwrap();
        let sent = params(&[("client_assertion_type", JWT_BEARER), ("client_assertion", &jwt)]);
        Presented::read("", &sent).ok()?.check(&client, |_| false, &AUD, NOW).ok()?
    }

    #[test]
    fn assertions_that_stand() {
        assert_eq!(taken(&[], "JWT"), Some(Used { jti: "j1".into(), exp: NOW + 60 }));
        assert!(taken(&[("aud", json!(AUD[1]))], "JWT").is_some());
        assert!(taken(&[("aud", json!([AUD[0]]))], "client-authentication+jwt").is_some());
        assert!(taken(&[("iat", json!(NOW + CLOCK_SKEW_SECONDS))], "JWT").is_some());
        assert!(taken(&[("exp", json!(NOW + MAX_ASSERTION_SECONDS + CLOCK_SKEW_SECONDS))], "JWT").is_some());
        assert!(taken(&[("jti", json!("j".repeat(MAX_JTI)))], "JWT").is_some());
    }

    #[test]
    fn assertions_that_do_not() {
        for (name, value) in [
            ("aud", json!("https://other.example")),
            ("aud", json!([AUD[0], "https://other.example"])),
            ("aud", json!([])),
            ("aud", Value::Null),
            ("iss", json!("other")),
            ("iss", Value::Null),
            ("exp", Value::Null),
            ("exp", json!(NOW - CLOCK_SKEW_SECONDS)),
            ("exp", json!(NOW + MAX_ASSERTION_SECONDS + CLOCK_SKEW_SECONDS + 1)),
            ("exp", json!("soon")),
            ("iat", json!(NOW + CLOCK_SKEW_SECONDS + 1)),
            ("iat", json!("then")),
            ("nbf", json!(NOW + CLOCK_SKEW_SECONDS + 1)),
            ("jti", Value::Null),
            ("jti", json!("")),
            ("jti", json!("j".repeat(MAX_JTI + 1))),
            ("sub", Value::Null),
        ] {
            assert_eq!(taken(&[(name, value.clone())], "JWT"), None, "{name} {value}");
        }
        assert_eq!(taken(&[], "at+jwt"), None, "an access token is no assertion");
    }
}

//! How a token is sent to a resource, and how it is refused (RFC 6750).

use crate::{ErrorCode, Params, Refusal};

/// Finds the token in the header (§2.1) or the body (§2.2); never in the address, which ends up in logs (RFC 9700 §4.3.2).
///
/// `Ok(None)` when there is none at all.
///
/// # Errors
/// `invalid_request` when it is sent twice, or the header is malformed.
pub fn token(authorization: &str, body: &Params) -> Result<Option<String>, Refusal> {
    body.once_each()?;
    let in_header = match authorization.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            if token.is_empty() || !token.bytes().all(is_token_sign) {
                return Err(Refusal::request("the Authorization header is malformed"));
            }
            Some(token.to_string())
        }
        _ => None,
    };
    match (in_header, body.get("access_token")) {
        (Some(_), Some(_)) => Err(Refusal::request("the token is sent twice")),
        (Some(token), None) => Ok(Some(token)),
        (None, token) => Ok(token.map(str::to_string)),
    }
}

/// `b68token` of §2.1.
fn is_token_sign(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b)
}

/// The `WWW-Authenticate` header (§3). Without a token there is no error to name (§3.1).
#[must_use]
pub fn challenge(realm: &str, refusal: Option<&Refusal>) -> String {
    match refusal {
        None => format!("Bearer realm=\"{realm}\""),
        Some(Refusal { code, description }) => {
            let mut header = format!(
                "Bearer realm=\"{realm}\", error=\"{}\", error_description=\"{description}\"",
                code.name()
            );
            if *code == ErrorCode::InsufficientScope {
                header.push_str(", scope=\"openid\"");
            }
            header
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_the_header_or_the_body_and_not_in_both() {
        let body =
            |pairs: &[(&str, &str)]| Params::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())));
        assert_eq!(token("Bearer abc", &body(&[])).unwrap().as_deref(), Some("abc"));
        assert_eq!(token("bearer abc", &body(&[])).unwrap().as_deref(), Some("abc"));
        assert_eq!(token("", &body(&[("access_token", "abc")])).unwrap().as_deref(), Some("abc"));
        assert_eq!(token("", &body(&[])).unwrap(), None);
        assert_eq!(token("Basic x", &body(&[])).unwrap(), None);
        assert!(token("Bearer abc", &body(&[("access_token", "abc")])).is_err());
        assert!(token("Bearer a b", &body(&[])).is_err());
        assert!(token("", &body(&[("access_token", "a"), ("access_token", "a")])).is_err());
    }

    #[test]
    fn challenges_of_section_3() {
        assert_eq!(challenge("id", None), "Bearer realm=\"id\"");
        let expired = Refusal::new(ErrorCode::InvalidToken, "expired");
        assert_eq!(
            challenge("id", Some(&expired)),
            "Bearer realm=\"id\", error=\"invalid_token\", error_description=\"expired\""
        );
    }
}

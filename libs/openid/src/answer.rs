//! The answer of the authorization endpoint: the redirect URI with the answer in its query (RFC 6749 §4.1.2).

use crate::params::form_encode;
use crate::{ErrorCode, Refusal};

/// The redirect URI with a code (§4.1.2), and who answers (RFC 9207 §2), so that a client of several providers cannot be
/// confused about whose code it holds.
#[must_use]
pub fn code(redirect_uri: &str, code: &str, state: Option<&str>, issuer: &str) -> String {
    with_query(redirect_uri, &[("code", Some(code)), ("state", state), ("iss", Some(issuer))])
}

/// The redirect URI with an error (§4.1.2.1).
#[must_use]
pub fn error(redirect_uri: &str, refusal: &Refusal, state: Option<&str>, issuer: &str) -> String {
    let fields = [
        ("error", Some(refusal.code.name())),
        ("error_description", Some(refusal.description)),
        ("state", state),
        ("iss", Some(issuer)),
    ];
    with_query(redirect_uri, &fields)
}

/// The person said no.
#[must_use]
pub const fn declined() -> Refusal {
    Refusal::new(ErrorCode::AccessDenied, "the person declined")
}

/// A URI with further fields in its query; those it has stay (§3.1.2).
#[must_use]
pub fn with_query(uri: &str, fields: &[(&str, Option<&str>)]) -> String {
    let mut out = uri.to_string();
    let mut sign = if uri.contains('?') { '&' } else { '?' };
    for (name, value) in fields {
        if let Some(value) = value {
            out.push(sign);
            out.push_str(&format!("{name}={}", form_encode(value)));
            sign = '&';
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_uri_had_stays() {
        assert_eq!(
            code("https://c.example/b?x=1", "c d", Some("s&t"), "https://id.example"),
            "https://c.example/b?x=1&code=c+d&state=s%26t&iss=https%3A%2F%2Fid.example"
        );
        assert_eq!(
            error("https://c.example/b", &declined(), None, "i"),
            "https://c.example/b?error=access_denied&error_description=the+person+declined&iss=i"
        );
    }
}

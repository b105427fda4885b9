//! Proof Key for Code Exchange (RFC 7636), S256 only: `plain` protects from nothing (RFC 9700 §2.1.1).

use crate::base64url;
use aws_lc_rs::digest::{SHA256, digest};

/// Signs of a challenge: base64url of 32 bytes.
pub const CHALLENGE_SIGNS: usize = 43;
/// Fewest signs of a verifier (RFC 7636 §4.1).
pub const VERIFIER_MIN: usize = 43;
/// Most signs of a verifier (RFC 7636 §4.1).
pub const VERIFIER_MAX: usize = 128;

/// A challenge as the client sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge(String);

impl Challenge {
    /// A challenge (§4.2), when it is base64url of 32 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == CHALLENGE_SIGNS && base64url::decode(text).is_some()).then(|| Self(text.into()))
    }
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Whether this is the verifier the challenge was made of (§4.6).
    #[must_use]
    pub fn answers(&self, verifier: &str) -> bool {
        is_verifier(verifier) && challenge_of(verifier) == self.0
    }
}

/// Whether a text may be a verifier: 43 to 128 unreserved signs (§4.1).
#[must_use]
pub fn is_verifier(text: &str) -> bool {
    (VERIFIER_MIN..=VERIFIER_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

/// `BASE64URL(SHA256(ASCII(verifier)))` (§4.2).
#[must_use]
pub fn challenge_of(verifier: &str) -> String {
    base64url::encode(digest(&SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn rfc_7636_appendix_b() {
        let challenge = Challenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
        assert!(challenge.answers(VERIFIER));
        assert!(!challenge.answers(&VERIFIER.replace('d', "e")));
        assert!(!challenge.answers(challenge.as_str()), "the challenge is not its own verifier (plain)");
    }

    #[test]
    fn lengths_and_signs() {
        for (n, good) in [(42, false), (43, true), (128, true), (129, false)] {
            assert_eq!(is_verifier(&"a".repeat(n)), good, "{n}");
        }
        assert!(!is_verifier(&"é".repeat(30)) && !is_verifier(&" ".repeat(43)));
        assert!(Challenge::parse(&"a".repeat(42)).is_none() && Challenge::parse(&"a".repeat(44)).is_none());
        assert!(Challenge::parse(&"=".repeat(43)).is_none());
    }
}

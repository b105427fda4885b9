#![doc = include_str!("../README.md")]

pub mod attestation;
pub mod auth_data;
pub mod authentication;
pub mod client_data;
pub mod key;
pub mod refusal;
pub mod registration;
pub mod relying_party;

pub use authentication::{Assertion, Counter, Known};
pub use key::{ALGORITHMS, PublicKey};
pub use refusal::Refusal;
pub use registration::{Credential, Registration};
pub use relying_party::RelyingParty;

use aws_lc_rs::digest::{SHA256, digest};

/// Most bytes of a credential's id (§7.1 step 25).
pub const MAX_CREDENTIAL_ID: usize = 1023;
/// Most bytes of a user handle (§4 "User Handle").
pub const MAX_USER_HANDLE: usize = 64;
/// Fewest bytes of a challenge (§13.4.3).
pub const MIN_CHALLENGE: usize = 16;

/// A challenge that was given out, as its SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Challenge(pub [u8; 32]);

impl Challenge {
    /// What is kept of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha256(bytes))
    }
}

/// SHA-256 (FIPS 180-4).
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.iter_mut().zip(digest(&SHA256, bytes).as_ref()).for_each(|(to, from)| *to = *from);
    out
}

//! Canonical JSON (RFC 8785, integers only), so that equal facts are equal bytes, and commitments to them.

use serde_json::Value;

use crate::Hash;

/// Deepest nesting written or read.
pub const MAX_DEPTH: usize = 64;
/// Bytes of a commitment's salt.
pub const SALT_BYTES: usize = 32;

/// Why a value has no canonical form here, or a text is not in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// A number that is not an integer from -(2^53 - 1) to 2^53 - 1: other programs could read it differently.
    #[error("{0} is not an integer between -(2^53-1) and 2^53-1; write it as a text")]
    Number(String),
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels")]
    Depth,
    /// Not JSON at all.
    #[error("not JSON: {0}")]
    Json(String),
    /// JSON, but not in canonical form (spaces, order, escapes, a name twice).
    #[error("the JSON is not in canonical form (RFC 8785)")]
    NotCanonical,
}

/// The canonical text: members sorted by UTF-16 code units, no spaces, shortest escapes.
///
/// # Errors
/// [`CanonicalError::Number`], [`CanonicalError::Depth`].
pub fn to_text(value: &Value) -> Result<String, CanonicalError> {
    todo!()
}

/// Reads a text that must already be canonical.
///
/// # Errors
/// [`CanonicalError`].
pub fn parse(text: &[u8]) -> Result<Value, CanonicalError> {
    todo!()
}

/// The commitment to a canonical text: HMAC-SHA256 with the salt as key. Who does not know the salt learns nothing
/// about the text, even by trying all texts; destroying the salt makes it meaningless.
#[must_use]
pub fn commit(salt: &[u8; SALT_BYTES], canonical_text: &[u8]) -> Hash {
    todo!()
}

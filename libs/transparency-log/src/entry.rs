//! What a receipt needs to read in a log entry: canonical JSON with some of three named claims.
//!
//! The rest of an entry is its writer's business. A verifier looks only at these members of the top-level object:
//!
//! | member | value | meaning |
//! | --- | --- | --- |
//! | `commitment` | base64 of 32 bytes | commits to one record ([`crate::canonical::commit`]) |
//! | `batch_root`, `batch_size` | base64 of 32 bytes; integer | root of a [`crate::batch`] tree of commitments |
//! | `map_root` | base64 of 32 bytes | root of a [`crate::map`] |

use serde_json::Value;

use crate::Hash;
use crate::canonical::{self, CanonicalError};
use crate::encoding::hash_decode;

/// Why an entry was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Not canonical JSON.
    #[error("the log entry: {0}")]
    Canonical(#[from] CanonicalError),
    /// Not an object, or a named member has the wrong form; the text says which.
    #[error("the log entry: {0}")]
    Member(&'static str),
}

/// A parsed entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The whole entry.
    pub json: Value,
    /// The commitment to one private record.
    pub commitment: Option<Hash>,
    /// Root and size of a batch of commitments.
    pub batch: Option<(Hash, u64)>,
    /// Root of a map.
    pub map_root: Option<Hash>,
}

impl Entry {
    /// Reads an entry's bytes.
    ///
    /// # Errors
    /// [`EntryError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        let json = canonical::parse(bytes)?;
        let object = json.as_object().ok_or(EntryError::Member("it is not an object"))?;
        let hash = |name: &str, wrong: &'static str| match object.get(name) {
            None => Ok(None),
            Some(value) => value.as_str().and_then(hash_decode).map(Some).ok_or(EntryError::Member(wrong)),
        };
        let commitment = hash("commitment", "commitment is not 32 bytes in base64")?;
        let map_root = hash("map_root", "map_root is not 32 bytes in base64")?;
        let batch_root = hash("batch_root", "batch_root is not 32 bytes in base64")?;
        let batch = match (batch_root, object.get("batch_size")) {
            (None, None) => None,
            (Some(root), Some(size)) => match size.as_u64() {
                Some(size) if size > 0 => Some((root, size)),
                _ => return Err(EntryError::Member("batch_size is not a positive integer")),
            },
            _ => return Err(EntryError::Member("batch_root and batch_size go together")),
        };
        Ok(Self { commitment, batch, map_root, json })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64_encode;

    #[test]
    fn reads_the_three_claims_and_ignores_the_rest() {
        let hash = base64_encode(&[5; 32]);
        let text = format!(
            "{{\"batch_root\":\"{hash}\",\"batch_size\":3,\"commitment\":\"{hash}\",\"kind\":\"x\",\"map_root\":\"{hash}\"}}"
        );
        let entry = Entry::parse(text.as_bytes()).unwrap();
        assert_eq!(
            (entry.commitment, entry.batch, entry.map_root),
            (Some([5; 32]), Some(([5; 32], 3)), Some([5; 32]))
        );
        let entry = Entry::parse(b"{\"kind\":\"x\"}").unwrap();
        assert_eq!((entry.commitment, entry.batch, entry.map_root), (None, None, None));
    }

    #[test]
    fn refuses_half_and_malformed_claims() {
        let hash = base64_encode(&[5; 32]);
        let texts = [
            "[]".to_owned(),
            "{\"commitment\":null}".to_owned(),
            "{\"commitment\":\"AA==\"}".to_owned(),
            "{\"map_root\":7}".to_owned(),
            format!("{{\"batch_root\":\"{hash}\"}}"),
            "{\"batch_size\":1}".to_owned(),
            format!("{{\"batch_root\":\"{hash}\",\"batch_size\":0}}"),
            format!("{{\"batch_root\":\"{hash}\",\"batch_size\":-1}}"),
        ];
        for text in texts {
            assert!(matches!(Entry::parse(text.as_bytes()), Err(EntryError::Member(_))), "{text}");
        }
        assert!(matches!(Entry::parse(b"{ }"), Err(EntryError::Canonical(_))));
    }
}

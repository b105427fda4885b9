//! What a receipt needs to read in a log entry: canonical JSON with at most one of three named members.
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

/// Why an entry was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Not canonical JSON.
    #[error("the log entry: {0}")]
    Canonical(#[from] crate::canonical::CanonicalError),
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
        todo!()
    }
}

//! Receipts, `daftar-receipt/1`: a log entry, the proof that it is in a witnessed log, and what opens its commitment.

use crate::Hash;
use crate::batch::BatchProof;
use crate::canonical::SALT_BYTES;
use crate::map;
use crate::policy::{Cosigned, Policy};
use crate::proof::{TlogProof, TlogProofError};

/// The `format` member.
pub const FORMAT: &str = "daftar-receipt/1";
/// Longest receipt file read.
pub const MAX_RECEIPT_BYTES: usize = 4 << 20;

/// Why a receipt was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// More than [`MAX_RECEIPT_BYTES`] bytes.
    #[error("the receipt is longer than {MAX_RECEIPT_BYTES} bytes")]
    TooLong,
    /// Not the form of a receipt; the text says what is wrong.
    #[error("not a receipt: {0}")]
    Malformed(String),
    /// The entry is not in a log of the policy, or not sufficiently cosigned.
    #[error(transparent)]
    Proof(#[from] TlogProofError),
    /// The entry is malformed.
    #[error(transparent)]
    Entry(#[from] crate::entry::EntryError),
    /// The commitment is not in the batch.
    #[error("the record is not in the batch that was logged: {0}")]
    Batch(crate::merkle::ProofError),
    /// The map proof does not fit the root that was logged.
    #[error("the map proof does not fit the map that was logged: {0}")]
    Map(crate::map::MapError),
    /// The record or its salt is not what was committed.
    #[error("the record was altered: it does not fit the commitment that was logged")]
    Opening,
    /// The entry has no member for what the receipt claims; the text says which.
    #[error("the log entry holds no {0}")]
    NotInEntry(&'static str),
}

/// What opens a commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The record, canonical JSON text.
    pub record: String,
    /// The salt.
    pub salt: [u8; SALT_BYTES],
}

/// A commitment's place in the batch whose root is in the log entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchPart {
    /// The commitment.
    pub commitment: Hash,
    /// Its place.
    pub proof: BatchProof,
}

/// A key's value (or absence) in the map whose root is in the log entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapPart {
    /// The key.
    pub key: Hash,
    /// The proof.
    pub proof: map::Proof,
}

/// A receipt. At most one of `batch` and `map` is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The entry's bytes as they are in the log.
    pub log_entry: Vec<u8>,
    /// Where it is in the log, and the cosigned checkpoint.
    pub proof: TlogProof,
    /// The private record and its salt, if the holder may see it.
    pub opening: Option<Opening>,
    /// For a record logged in a batch.
    pub batch: Option<BatchPart>,
    /// For a statement about the map.
    pub map: Option<MapPart>,
}

/// What a receipt proves.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// Origin of the log.
    pub origin: String,
    /// Number of the entry in the log.
    pub index: u64,
    /// Entries of the cosigned tree.
    pub size: u64,
    /// Root of the cosigned tree.
    pub root: Hash,
    /// Witnesses and when each cosigned.
    pub cosigned: Vec<Cosigned>,
    /// The entry.
    pub entry: crate::entry::Entry,
    /// The private record that was committed (only when the receipt opens it).
    pub record: Option<serde_json::Value>,
    /// For a map part: the key and its value, or that it has none.
    pub map: Option<(Hash, Option<Hash>)>,
}

impl Receipt {
    /// Reads a `.receipt.json` file.
    ///
    /// # Errors
    /// [`ReceiptError::TooLong`], [`ReceiptError::Malformed`], [`ReceiptError::Proof`] for a malformed proof.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        todo!()
    }

    /// The file's text, ending in a newline.
    #[must_use]
    pub fn to_json(&self) -> String {
        todo!()
    }

    /// Verifies everything with nothing but the policy.
    ///
    /// # Errors
    /// [`ReceiptError`] of every kind.
    pub fn verify(&self, policy: &Policy) -> Result<Verified, ReceiptError> {
        todo!()
    }
}

//! A small RFC 6962 tree over the commitments of one batch, so that many looks cost one log entry.

use crate::Hash;
use crate::merkle::ProofError;

/// Most commitments of one batch.
pub const MAX_BATCH: usize = 1 << 20;

/// Place of a commitment in a batch and the way to the batch's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchProof {
    /// Number of the commitment, from 0.
    pub index: u64,
    /// Commitments of the batch.
    pub size: u64,
    /// Inclusion proof, from the leaf's sibling up.
    pub hashes: Vec<Hash>,
}

/// The root over commitments, in this order (leaf: SHA-256(0x00, commitment)).
#[must_use]
pub fn root(commitments: &[Hash]) -> Hash {
    todo!()
}

/// The proof of one commitment; `None` when the index is past the end.
#[must_use]
pub fn prove(commitments: &[Hash], index: usize) -> Option<BatchProof> {
    todo!()
}

impl BatchProof {
    /// Checks the proof against a batch's root.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn verify(&self, commitment: &Hash, root: &Hash) -> Result<(), ProofError> {
        todo!()
    }
}

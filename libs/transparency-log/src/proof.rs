//! Offline proofs that an entry is in a log, `c2sp.org/tlog-proof`.

use std::fmt;

use crate::Hash;
use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::merkle::ProofError;
use crate::policy::{Confirmed, Policy, PolicyError};

/// First line of a proof.
pub const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// Longest proof read.
pub const MAX_PROOF_BYTES: usize = crate::note::MAX_NOTE_BYTES + (1 << 18);

/// Why a proof was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// More than [`MAX_PROOF_BYTES`] bytes.
    #[error("the proof is longer than {MAX_PROOF_BYTES} bytes")]
    TooLong,
    /// Not the form of a proof; the text says what is wrong.
    #[error("not a transparency log proof: {0}")]
    Malformed(&'static str),
    /// The checkpoint is malformed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint does not satisfy the policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The entry is not in the tree.
    #[error("the entry is not in the signed tree: {0}")]
    Inclusion(#[from] ProofError),
}

/// An entry's place in a log, the way to the root, and the signed root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Opaque bytes beside the proof. Nothing authenticates them.
    pub extra: Option<Vec<u8>>,
    /// Number of the entry, from 0.
    pub index: u64,
    /// Inclusion proof, from the leaf's sibling up.
    pub hashes: Vec<Hash>,
    /// The signed and cosigned tree.
    pub checkpoint: SignedCheckpoint,
}

impl TlogProof {
    /// Reads a `.tlog-proof` text.
    ///
    /// # Errors
    /// [`TlogProofError::TooLong`], [`TlogProofError::Malformed`], [`TlogProofError::Checkpoint`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        todo!()
    }

    /// Verifies that the entry with this leaf hash is in the log at the index, and that the policy is satisfied.
    ///
    /// # Errors
    /// [`TlogProofError::Policy`], [`TlogProofError::Inclusion`].
    pub fn verify(&self, leaf: &Hash, policy: &Policy) -> Result<Confirmed, TlogProofError> {
        todo!()
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

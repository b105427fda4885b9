//! Offline proofs that an entry is in a log, `c2sp.org/tlog-proof`.

use std::fmt;

use crate::Hash;
use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::encoding::{base64_decode, base64_encode, decimal_decode, hash_decode};
use crate::merkle::{MAX_PROOF_HASHES, ProofError, verify_inclusion};
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
        if bytes.len() > MAX_PROOF_BYTES {
            return Err(TlogProofError::TooLong);
        }
        let malformed = TlogProofError::Malformed;
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
        let (head, checkpoint) =
            text.split_once("\n\n").ok_or(malformed("there is no empty line before the checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(malformed("the first line must be c2sp.org/tlog-proof@v1"));
        }
        let extra = match lines.next_if(|line| line.starts_with("extra ")) {
            None => None,
            Some(line) => {
                let decoded = line.strip_prefix("extra ").and_then(base64_decode);
                Some(decoded.ok_or(malformed("the extra data is not base64"))?)
            }
        };
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(decimal_decode)
            .ok_or(malformed("the index line must be `index` and a plain decimal"))?;
        let mut hashes = Vec::new();
        for line in lines {
            if hashes.len() == MAX_PROOF_HASHES {
                return Err(malformed("it has more hashes than any proof needs"));
            }
            hashes.push(hash_decode(line).ok_or(malformed("a proof line is not 32 bytes in base64"))?);
        }
        Ok(Self { extra, index, hashes, checkpoint: SignedCheckpoint::parse(checkpoint.as_bytes())? })
    }

    /// Verifies that the entry with this leaf hash is in the log at the index, and that the policy is satisfied.
    ///
    /// # Errors
    /// [`TlogProofError::Policy`], [`TlogProofError::Inclusion`].
    pub fn verify(&self, leaf: &Hash, policy: &Policy) -> Result<Confirmed, TlogProofError> {
        let confirmed = policy.confirm(&self.checkpoint)?;
        let checkpoint = self.checkpoint.checkpoint();
        verify_inclusion(self.index, checkpoint.size, leaf, &self.hashes, &checkpoint.root)?;
        Ok(confirmed)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", base64_encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{}", base64_encode(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests;

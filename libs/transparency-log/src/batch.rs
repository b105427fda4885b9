//! A small RFC 6962 tree over the commitments of one batch, so that many looks cost one log entry.

use crate::Hash;
use crate::merkle::{self, ProofError};

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
    merkle::root(&leaves(commitments))
}

fn leaves(commitments: &[Hash]) -> Vec<Hash> {
    commitments.iter().map(|commitment| merkle::leaf_hash(commitment)).collect()
}

/// The proof of one commitment; `None` when the index is past the end.
#[must_use]
pub fn prove(commitments: &[Hash], index: usize) -> Option<BatchProof> {
    if index >= commitments.len() {
        return None;
    }
    let mut hashes = Vec::new();
    let (mut row, mut place) = (leaves(commitments), index);
    while row.len() > 1 {
        // The last node of an odd row has no sibling there and is carried up as it is.
        hashes.extend(row.get(place ^ 1));
        row = row.chunks(2).map(merkle::root).collect();
        place /= 2;
    }
    Some(BatchProof {
        index: u64::try_from(index).ok()?,
        size: u64::try_from(commitments.len()).ok()?,
        hashes,
    })
}

impl BatchProof {
    /// Checks the proof against a batch's root.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn verify(&self, commitment: &Hash, root: &Hash) -> Result<(), ProofError> {
        merkle::verify_inclusion(self.index, self.size, &merkle::leaf_hash(commitment), &self.hashes, root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commitments(count: u8) -> Vec<Hash> {
        (0..count).map(|number| [number; 32]).collect()
    }

    #[test]
    fn every_commitment_of_every_small_batch_is_proven() {
        for count in 0..70 {
            let commitments = commitments(count);
            let root = root(&commitments);
            for (index, commitment) in commitments.iter().enumerate() {
                let proof = prove(&commitments, index).unwrap();
                proof.verify(commitment, &root).unwrap();
                assert!(proof.verify(&[0xee; 32], &root).is_err());
                assert!(proof.verify(commitment, &[0xee; 32]).is_err());
            }
            assert_eq!(prove(&commitments, usize::from(count)), None);
        }
    }

    #[test]
    fn a_proof_fits_one_place_and_one_size_only() {
        let commitments = commitments(7);
        let root = root(&commitments);
        let proof = prove(&commitments, 5).unwrap();
        for (index, size) in [(4, 7), (5, 6), (5, 4), (7, 7), (u64::MAX, u64::MAX), (0, 0)] {
            let moved = BatchProof { index, size, ..proof.clone() };
            assert!(moved.verify(&commitments[5], &root).is_err(), "{index} {size}");
        }
    }
}

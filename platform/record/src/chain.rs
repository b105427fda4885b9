//! What makes a missing look visible: each person's chain, and the padded batches in which looks enter the
//! log.

use aws_lc_rs::hmac;
use transparency_log::Hash;
use transparency_log::merkle::sha256;

/// The head of a person nobody has looked at.
pub const EMPTY_HEAD: Hash = [0; 32];

/// Sizes to which a batch is filled up. Few and far apart, so that the public log does not tell how busy an
/// office is from second to second.
pub const BATCH_SIZES: [usize; 5] = [16, 64, 256, 1024, 4096];

/// Most looks of one batch.
pub const MAX_BATCH_LOOKS: usize = BATCH_SIZES[BATCH_SIZES.len() - 1];

/// The next head of a person's chain: it binds all looks before it, their order and number, and the date
/// until which this one stays sealed (seconds since 1970; 0 when it is open).
#[must_use]
pub fn next_head(person: &Hash, before: &Hash, seq: u64, sealed_until: i64, commitment: &Hash) -> Hash {
    sha256(&[b"daftar-head/1\n", person, before, &seq.to_be_bytes(), &sealed_until.to_be_bytes(), commitment])
}

/// What the map holds of a person: it binds how many looks there are, and the head of their chain.
#[must_use]
pub fn map_value(looks: u64, head: &Hash) -> Hash {
    sha256(&[b"daftar-map-value/1\n", &looks.to_be_bytes(), head])
}

/// The leaves of a batch: the commitments, filled up with values that look like commitments to the next of
/// [`BATCH_SIZES`], in ascending order. Commitments are as good as random, so the order says nothing about
/// who came first, and the auditor can rebuild the batch from its rows in any order.
#[must_use]
pub fn batch_leaves(commitments: &[Hash], pad_seed: &Hash) -> Vec<Hash> {
    let padded = padded_size(commitments.len());
    let key = hmac::Key::new(hmac::HMAC_SHA256, pad_seed);
    let mut leaves = commitments.to_vec();
    for number in leaves.len()..padded {
        let mut pad = [0; 32];
        pad.copy_from_slice(hmac::sign(&key, &(number as u64).to_be_bytes()).as_ref());
        leaves.push(pad);
    }
    leaves.sort_unstable();
    leaves
}

/// The size to which so many looks are filled up.
#[must_use]
pub fn padded_size(looks: usize) -> usize {
    BATCH_SIZES.into_iter().find(|size| *size >= looks).unwrap_or(looks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_link_moves_the_head() {
        let base = next_head(&[1; 32], &[2; 32], 3, 4, &[5; 32]);
        let others = [
            next_head(&[9; 32], &[2; 32], 3, 4, &[5; 32]),
            next_head(&[1; 32], &[9; 32], 3, 4, &[5; 32]),
            next_head(&[1; 32], &[2; 32], 9, 4, &[5; 32]),
            next_head(&[1; 32], &[2; 32], 3, 9, &[5; 32]),
            next_head(&[1; 32], &[2; 32], 3, 4, &[9; 32]),
        ];
        assert!(others.iter().all(|other| *other != base));
        assert_ne!(map_value(1, &base), map_value(2, &base));
        assert_ne!(map_value(1, &base), map_value(1, &others[0]));
    }

    #[test]
    fn batches_hide_order_and_number() {
        let looks: Vec<Hash> = (0..17u8).rev().map(|n| sha256(&[&[n]])).collect();
        let leaves = batch_leaves(&looks, &[7; 32]);
        assert_eq!(leaves.len(), 64);
        assert!(leaves.is_sorted());
        let mut other_order = looks.clone();
        other_order.reverse();
        assert_eq!(batch_leaves(&other_order, &[7; 32]), leaves);
        assert_eq!(batch_leaves(&[], &[7; 32]).len(), 16);
        assert_eq!(padded_size(16), 16);
        assert_eq!(padded_size(MAX_BATCH_LOOKS), MAX_BATCH_LOOKS);
    }
}

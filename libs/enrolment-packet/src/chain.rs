//! Where a packet stands among those that came before: new, seen already, behind a gap, or a fork.
//!
//! Packets may arrive in any order and any number of times. Each names the one before it by its hash, so two different
//! packets in one place show: a device that was copied, or brought back to an older state.

/// What is known around the place of a packet, from the same installation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// Hash of the packet that was taken under the same number.
    pub here: Option<[u8; 32]>,
    /// Hash of the packet taken under the number before.
    pub before: Option<[u8; 32]>,
    /// What the packet taken under the next number says of the one before it.
    pub after: Option<[u8; 32]>,
}

/// Where a packet stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It follows on what is known, or is the first.
    Next,
    /// The one before it has not come yet.
    Gap,
    /// The very same packet was taken before.
    Replay,
    /// Another packet was taken in this place, or its neighbours know another.
    Fork,
}

/// Where a packet stands: its number, its own hash and the hash it names as the one before.
#[must_use]
pub fn stand(sequence: u64, own: &[u8; 32], previous: &[u8; 32], around: &Around) -> Standing {
    match around.here {
        Some(here) if here == *own => return Standing::Replay,
        Some(_) => return Standing::Fork,
        None => {}
    }
    if around.after.is_some_and(|named| named != *own) {
        return Standing::Fork;
    }
    match around.before {
        Some(before) if before != *previous => Standing::Fork,
        Some(_) => Standing::Next,
        None if sequence == 1 => Standing::Next,
        None => Standing::Gap,
    }
}

/// The stretches of numbers that are missing among those that came, from 1 on: first and last of each, at most `most`.
#[must_use]
pub fn gaps(mut sequences: Vec<u64>, most: usize) -> Vec<(u64, u64)> {
    sequences.sort_unstable();
    let (mut found, mut expected) = (Vec::new(), 1);
    for sequence in sequences {
        if sequence > expected && found.len() < most {
            found.push((expected, sequence - 1));
        }
        expected = expected.max(sequence.saturating_add(1));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: [u8; 32] = [1; 32];
    const B: [u8; 32] = [2; 32];
    const C: [u8; 32] = [3; 32];

    #[test]
    fn every_standing() {
        let stand = |sequence, here, before, after| stand(sequence, &B, &A, &Around { here, before, after });
        assert_eq!(stand(1, None, None, None), Standing::Next);
        assert_eq!(stand(2, None, Some(A), None), Standing::Next);
        assert_eq!(stand(2, None, None, None), Standing::Gap);
        assert_eq!(stand(2, None, None, Some(B)), Standing::Gap, "the one behind it came first");
        assert_eq!(stand(2, Some(B), Some(A), Some(B)), Standing::Replay);
        assert_eq!(stand(2, Some(C), Some(A), None), Standing::Fork, "another in its place");
        assert_eq!(stand(2, None, Some(C), None), Standing::Fork, "it follows another than we know");
        assert_eq!(stand(2, None, Some(A), Some(C)), Standing::Fork, "another was followed");
    }

    #[test]
    fn missing_stretches() {
        assert_eq!(gaps(vec![], 9), []);
        assert_eq!(gaps(vec![1, 2, 3], 9), []);
        assert_eq!(gaps(vec![3, 7, 2, 7], 9), [(1, 1), (4, 6)]);
        assert_eq!(gaps(vec![3, 7], 1), [(1, 2)]);
        assert_eq!(gaps(vec![u64::MAX], 1), [(1, u64::MAX - 1)]);
    }

    proptest! {
        #[test]
        fn what_is_there_and_what_is_missing_make_the_whole(mut there in proptest::collection::hash_set(1_u64..60, 0..40)) {
            let last = there.iter().copied().max().unwrap_or(0);
            for (from, to) in gaps(there.iter().copied().collect(), 100) {
                for missing in from..=to {
                    prop_assert!(there.insert(missing), "{missing} is there");
                }
            }
            prop_assert_eq!(there.len() as u64, last);
        }
    }
}

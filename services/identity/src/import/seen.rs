//! Which keys the rows of one file have had so far: duplicates within the file, in bounded memory.

use crate::duplicates::Reason;
use crate::keys::KeyKind;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Bytes of a keyed hash that are kept. Twelve bytes make a chance collision among a billion keys rarer than
/// one in 10^10.
type Short = [u8; 12];

/// The first row of every key seen.
#[derive(Default)]
pub struct SeenKeys(HashMap<Short, u32, BuildHasherDefault<FirstBytes>>);

impl SeenKeys {
    /// Takes note of a row's keys and answers the earlier row for each reason, the strongest first.
    ///
    /// Rows past `u32::MAX` are not remembered; the reader refuses files of that length.
    pub fn note(&mut self, row: u64, keys: &[(KeyKind, [u8; 32])]) -> Vec<(Reason, u64)> {
        let mut found: Vec<(Reason, u64)> = Vec::new();
        let Ok(row) = u32::try_from(row) else { return found };
        for (kind, hash) in keys {
            let Some(reason) = reason_of(*kind) else { continue };
            let Some(short) = hash.first_chunk() else { continue };
            let first = *self.0.entry(*short).or_insert(row);
            if first != row && !found.iter().any(|(_, other)| *other == u64::from(first)) {
                found.push((reason, u64::from(first)));
            }
        }
        found.sort();
        found
    }
    /// How many keys are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether nothing was seen yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a shared key of this kind means. Kinds made for searching say too little.
#[must_use]
pub const fn reason_of(kind: KeyKind) -> Option<Reason> {
    match kind {
        KeyKind::NameDate => Some(Reason::Exact),
        KeyKind::SoundDate => Some(Reason::Phonetic),
        KeyKind::DatePlace => Some(Reason::DateKey),
        KeyKind::PairYear | KeyKind::SoundPlace => None,
    }
}

/// The keys are keyed hashes already: their first bytes are as good as any hash of them.
#[derive(Default)]
pub struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk::<8>() {
            self.0 = u64::from_le_bytes(*first);
        }
    }
    // The length prefix of an array's hash says nothing.
    fn write_usize(&mut self, _: usize) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_is_named_with_the_strongest_reason() {
        let mut seen = SeenKeys::default();
        let key = |n: u8| [n; 32];
        let all = [(KeyKind::SoundDate, key(2)), (KeyKind::NameDate, key(1)), (KeyKind::PairYear, key(9))];
        assert!(seen.note(2, &all).is_empty());
        assert_eq!(seen.note(5, &[(KeyKind::SoundDate, key(2))]), [(Reason::Phonetic, 2)]);
        assert_eq!(
            seen.note(6, &[(KeyKind::NameDate, key(1)), (KeyKind::SoundDate, key(3))]),
            [(Reason::Exact, 2)]
        );
        assert_eq!(seen.note(7, &[(KeyKind::SoundDate, key(3))]), [(Reason::Phonetic, 6)]);
        assert!(seen.note(8, &[(KeyKind::PairYear, key(9))]).is_empty());
        assert_eq!(seen.len(), 3);
    }
}

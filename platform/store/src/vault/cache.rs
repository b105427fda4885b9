//! Opened person keys, kept no longer than the transaction that looked them up.
//!
//! A cache that outlived its transaction would give out the key of a person erased meanwhile, here or on another
//! node. Within one transaction it saves the look-ups of a record with many sealed fields.

use super::sealed::Key;
use daftar_kernel::Id;
use std::sync::Arc;

/// How many keys one transaction keeps. When it is full it starts anew.
const KEYS_LIMIT: usize = 256;

#[derive(Default)]
pub(crate) struct KeyCache {
    // So few that looking through them is quicker than hashing.
    keys: Vec<(Id, String, Arc<Key>)>,
    /// Subjects that were drawn in this transaction: what is not among the keys does not exist.
    fresh: Vec<Id>,
    /// The epoch new keys are wrapped under.
    epoch: Option<i64>,
}

impl KeyCache {
    pub(crate) const fn new() -> Self {
        Self { keys: Vec::new(), fresh: Vec::new(), epoch: None }
    }
    pub(crate) fn get(&self, subject: Id, class: &str) -> Option<Arc<Key>> {
        // The newest first: fields of one person come together.
        let found = self.keys.iter().rev().find(|(s, c, _)| *s == subject && c == class);
        found.map(|(_, _, key)| Arc::clone(key))
    }
    pub(crate) fn put(&mut self, subject: Id, class: &str, key: &Arc<Key>) {
        if self.keys.len() == KEYS_LIMIT {
            // A fresh subject whose key is forgotten must be looked up again.
            self.clear();
        }
        self.keys.push((subject, class.into(), Arc::clone(key)));
    }
    pub(crate) fn mark_fresh(&mut self, subject: Id) {
        if self.fresh.len() == KEYS_LIMIT {
            self.fresh.clear();
        }
        self.fresh.push(subject);
    }
    pub(crate) fn is_fresh(&self, subject: Id) -> bool {
        self.fresh.iter().rev().any(|known| *known == subject)
    }
    pub(crate) const fn epoch(&mut self) -> &mut Option<i64> {
        &mut self.epoch
    }
    /// Forgets all; the keys' memory is wiped.
    pub(crate) fn clear(&mut self) {
        self.keys.clear();
        self.fresh.clear();
        self.epoch = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    #[test]
    fn holds_its_limit_and_forgets() {
        let mut cache = KeyCache::new();
        let key = Arc::new(Zeroizing::new([1; 32]));
        let subject = |n: usize| Id::from_bytes([u8::try_from(n % 256).unwrap(); 16]);
        for n in 0..KEYS_LIMIT {
            cache.put(subject(n), "core", &key);
        }
        assert!(cache.get(subject(0), "core").is_some());
        assert!(cache.get(subject(0), "contact").is_none());
        cache.put(subject(7), "contact", &key);
        assert!(cache.get(subject(0), "core").is_none() && cache.get(subject(7), "contact").is_some());
        cache.mark_fresh(subject(8));
        assert!(cache.is_fresh(subject(8)) && !cache.is_fresh(subject(9)));
        cache.clear();
        assert!(cache.get(subject(7), "contact").is_none() && !cache.is_fresh(subject(8)));
        assert_eq!(Arc::strong_count(&key), 1);
    }

    #[test]
    fn a_fresh_subject_whose_key_is_forgotten_is_fresh_no_more() {
        let mut cache = KeyCache::new();
        let key = Arc::new(Zeroizing::new([1; 32]));
        let (mine, other) = (Id::from_bytes([1; 16]), Id::from_bytes([2; 16]));
        cache.mark_fresh(mine);
        for _ in 0..KEYS_LIMIT {
            cache.put(mine, "core", &key);
        }
        assert!(cache.is_fresh(mine));
        cache.put(other, "core", &key);
        assert!(!cache.is_fresh(mine) && cache.get(mine, "core").is_none());
    }
}

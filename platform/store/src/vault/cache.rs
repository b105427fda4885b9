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
}

impl KeyCache {
    pub(crate) const fn new() -> Self {
        Self { keys: Vec::new() }
    }
    pub(crate) fn get(&self, subject: Id, class: &str) -> Option<Arc<Key>> {
        // The newest first: fields of one person come together.
        let found = self.keys.iter().rev().find(|(s, c, _)| *s == subject && c == class);
        found.map(|(_, _, key)| Arc::clone(key))
    }
    pub(crate) fn put(&mut self, subject: Id, class: &str, key: &Arc<Key>) {
        if self.keys.len() == KEYS_LIMIT {
            self.keys.clear();
        }
        self.keys.push((subject, class.into(), Arc::clone(key)));
    }
    /// Forgets all; the keys' memory is wiped.
    pub(crate) fn clear(&mut self) {
        self.keys.clear();
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
        cache.clear();
        assert!(cache.get(subject(7), "contact").is_none());
        assert_eq!(Arc::strong_count(&key), 1);
    }
}

//! Those who are told to come back later: counted, and one line of the log a second, however many they are. A line for each
//! would let anybody fill the disk who asks more than can be carried.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// The count since the last line of the log.
#[derive(Debug, Default)]
pub(crate) struct Told {
    count: AtomicU64,
    second: AtomicI64,
}

impl Told {
    /// Counts one more; in each second the first learns how many there were since the last line, itself among them.
    pub(crate) fn note(&self, second: i64) -> Option<u64> {
        self.count.fetch_add(1, Ordering::Relaxed);
        let last = self.second.load(Ordering::Relaxed);
        let first = last != second
            && self.second.compare_exchange(last, second, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        first.then(|| self.count.swap(0, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_second_and_nobody_left_out() {
        let told = Told::default();
        assert_eq!(told.note(7), Some(1));
        for _ in 0..1000 {
            assert_eq!(told.note(7), None);
        }
        assert_eq!((told.note(8), told.note(8), told.note(9)), (Some(1001), None, Some(2)));
    }
}

//! How often somebody may be wrong. Pure rules; [`crate::sign_in`] says which of them hold for whom.
//!
//! A [`Tries`] holds the times of the last failures, never more than the limit asks for. So "at most N in any hour" is exact:
//! a counter that starts afresh each hour would let 2N through around the stroke.

use daftar_kernel::Timestamp;

/// How often, and how the wait grows.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Failures allowed within the window.
    pub tries: usize,
    /// Length of the window in seconds.
    pub window_seconds: i64,
    /// From which failure on the next try must wait, and how long.
    pub delay: Option<Delay>,
}

/// A wait that doubles with each failure.
#[derive(Clone, Copy, Debug)]
pub struct Delay {
    /// Failures that cost no wait: people mistype.
    pub free: usize,
    /// The first wait, in seconds.
    pub first_seconds: i64,
    /// The longest wait, in seconds.
    pub longest_seconds: i64,
}

/// The times of the last failures, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tries(Vec<i64>);

impl Tries {
    /// From a column: eight bytes a failure. A torn value reads as no failures rather than locking somebody out.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        let times = bytes.chunks_exact(8).map(|chunk| chunk.iter().fold(0u64, |n, b| n << 8 | u64::from(*b)));
        Self(times.map(u64::cast_signed).collect())
    }
    /// For a column.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.0.iter().flat_map(|time| time.to_be_bytes()).collect()
    }
    /// Whether there is nothing to remember.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Seconds until another try is allowed; `None` when it is allowed now.
    #[must_use]
    pub fn wait(&self, limit: &Limit, now: Timestamp) -> Option<u32> {
        let recent = self.recent(limit, now);
        let mut until = i64::MIN;
        if recent.len() >= limit.tries {
            // The window is full until the oldest that counts falls out of it.
            let oldest = recent[recent.len() - limit.tries];
            until = Timestamp(oldest).plus_seconds(limit.window_seconds).0;
        }
        if let (Some(delay), Some(last)) = (&limit.delay, recent.last())
            && recent.len() >= delay.free
        {
            let doublings = u32::try_from(recent.len() - delay.free).unwrap_or(u32::MAX);
            let seconds =
                2i64.checked_pow(doublings).map_or(i64::MAX, |n| n.saturating_mul(delay.first_seconds));
            until = until.max(Timestamp(*last).plus_seconds(seconds.min(delay.longest_seconds)).0);
        }
        let left = until.saturating_sub(now.0);
        (left > 0).then(|| u32::try_from(left.saturating_add(999_999) / 1_000_000).unwrap_or(u32::MAX))
    }
    /// Notes a failure now.
    pub fn charge(&mut self, limit: &Limit, now: Timestamp) {
        self.0 = self.recent(limit, now);
        self.0.push(now.0);
        let keep_from = self.0.len().saturating_sub(limit.tries);
        self.0.drain(..keep_from);
    }
    /// Takes back a failure noted at that time: the try went well after all.
    pub fn refund(&mut self, at: Timestamp) {
        if let Some(index) = self.0.iter().rposition(|time| *time == at.0) {
            self.0.remove(index);
        }
    }
    /// The failures within the window. A time in the future (the clock was set back) counts as now.
    fn recent(&self, limit: &Limit, now: Timestamp) -> Vec<i64> {
        let since = now.plus_seconds(-limit.window_seconds).0;
        self.0.iter().map(|time| (*time).min(now.0)).filter(|time| *time > since).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Limit = Limit { tries: 3, window_seconds: 3600, delay: None };
    const GROWING: Limit = Limit {
        tries: 100,
        window_seconds: 3600,
        delay: Some(Delay { free: 3, first_seconds: 2, longest_seconds: 60 }),
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn never_more_than_the_limit_in_any_window() {
        // A guesser who tries at every second gets exactly three in every stretch of an hour.
        let mut tries = Tries::default();
        let mut allowed = Vec::new();
        for second in 0..10_000 {
            if tries.wait(&PLAIN, at(second)).is_none() {
                tries.charge(&PLAIN, at(second));
                allowed.push(second);
            }
        }
        assert!(allowed.len() >= 8);
        for start in &allowed {
            assert!(allowed.iter().filter(|t| (*start..*start + 3600).contains(*t)).count() <= 3);
        }
    }

    #[test]
    fn says_how_long_to_wait() {
        let mut tries = Tries::default();
        for second in [0, 10, 20] {
            tries.charge(&PLAIN, at(second));
        }
        assert_eq!(tries.wait(&PLAIN, at(20)), Some(3580));
        assert_eq!(tries.wait(&PLAIN, at(3599)), Some(1));
        assert_eq!(tries.wait(&PLAIN, at(3600)), None);
    }

    #[test]
    fn the_wait_doubles_up_to_its_cap() {
        let mut tries = Tries::default();
        let mut waits = Vec::new();
        for _ in 0..9 {
            tries.charge(&GROWING, at(0));
            waits.push(tries.wait(&GROWING, at(0)).unwrap_or(0));
        }
        assert_eq!(waits, [0, 0, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn taken_back_and_stored() {
        let mut tries = Tries::default();
        tries.charge(&PLAIN, at(1));
        tries.charge(&PLAIN, at(2));
        tries.refund(at(1));
        assert_eq!(Tries::decode(&tries.encode()), tries);
        tries.refund(at(9));
        tries.refund(at(2));
        assert!(tries.is_empty());
        assert!(Tries::decode(b"torn").is_empty());
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out_for_long() {
        let mut tries = Tries::default();
        for _ in 0..3 {
            tries.charge(&PLAIN, at(1_000_000));
        }
        assert_eq!(tries.wait(&PLAIN, at(0)), Some(3600));
    }
}

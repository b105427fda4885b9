//! How often: a partner in a minute (in memory, of each node) and in a day (in rows, so that a restart gives no fresh day), and
//! anybody at the public check (in memory, by network prefix).
//!
//! The day's row is written once for a block of requests, a thousandth of the quota: requests of one partner that run beside each
//! other would all change the same row. Quotas below two thousand are counted one by one; after a restart at most one block less
//! one is lost to the partner, never gained.

use daftar_kernel::Timestamp;
use daftar_kernel::pace::{Pace, minute_of, seconds_left};
use daftar_office::Source;
use std::collections::HashMap;

/// Requests a minute that can be granted: at most.
pub const MAX_PER_MINUTE: i64 = 600_000;
/// Requests a day that can be granted: at most.
pub const MAX_PER_DAY: i64 = 20_000_000;
/// Looks at the public check from one network prefix in a minute.
pub const VISITS_PER_MINUTE: u32 = 20;
/// Network prefixes that are counted at once in a minute; when there are more, all further ones wait for the next minute.
pub const MAX_PREFIXES: usize = 20_000;
/// Into how many blocks a day's quota is divided.
const BLOCKS: i64 = 1_000;
/// Cards of nobody that a partner may name in a day before it is stopped: at least.
pub const LEAST_MISSES: i64 = 20;
/// And otherwise one in so many of its quota.
pub const MISSES_SHARE: i64 = 20;

/// Requests that one row stands for.
#[must_use]
pub const fn block(per_day: i64) -> i64 {
    let block = per_day / BLOCKS;
    if block < 2 { 1 } else { block }
}

/// How many cards of nobody a partner may name in a day: numbers of cards are not to be tried out.
#[must_use]
pub const fn misses(per_day: i64) -> i64 {
    let share = per_day / MISSES_SHARE;
    if share < LEAST_MISSES { LEAST_MISSES } else { share }
}

/// The minute of each partner, on this node, with what was granted when it last asked.
#[derive(Debug, Default)]
pub struct Minutes(HashMap<String, (Pace, u32)>);

impl Minutes {
    /// Whether a partner's minute is known to be full: then nothing need be read.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn peek(&self, client: &str, now: Timestamp) -> Result<(), u32> {
        self.0.get(client).map_or(Ok(()), |(pace, granted)| pace.peek(*granted, now))
    }
    /// Counts a request of a registered partner.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn take(&mut self, client: &str, limit: i64, now: Timestamp) -> Result<(), u32> {
        let (pace, granted) = self.0.entry(client.to_string()).or_default();
        *granted = u32::try_from(limit).unwrap_or(0);
        pace.take(*granted, now)
    }
}

/// What is left of the blocks that this node took.
#[derive(Debug, Default)]
pub struct Days(HashMap<String, (String, i64)>);

impl Days {
    /// Takes one of what is left of this day.
    pub fn take(&mut self, client: &str, day: &str) -> bool {
        match self.0.get_mut(client) {
            Some((held, left)) if held == day && *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }
    /// Adds what a block gave beyond the request that took it, or what a failed request gives back.
    pub fn add(&mut self, client: &str, day: &str, more: i64) {
        let held = self.0.entry(client.to_string()).or_insert_with(|| (day.to_string(), 0));
        if held.0 != day {
            *held = (day.to_string(), 0);
        }
        held.1 += more;
    }
    /// Forgets what is left: the quota has changed.
    pub fn forget(&mut self, client: &str) {
        self.0.remove(client);
    }
}

/// Who used the public check in this minute.
#[derive(Debug, Default)]
pub struct Visits {
    minute: i64,
    seen: HashMap<Source, u32>,
}

impl Visits {
    /// Counts one from this prefix.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn take(&mut self, source: Source, now: Timestamp) -> Result<(), u32> {
        let minute = minute_of(now);
        if self.minute != minute {
            self.minute = minute;
            self.seen.clear();
        }
        if !self.seen.contains_key(&source) && self.seen.len() >= MAX_PREFIXES {
            return Err(seconds_left(now));
        }
        let count = self.seen.entry(source).or_default();
        if *count >= VISITS_PER_MINUTE {
            return Err(seconds_left(now));
        }
        *count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    #[test]
    fn a_minute_holds_its_limit_and_not_one_more() {
        let mut minutes = Minutes::default();
        for _ in 0..3 {
            assert_eq!(minutes.peek("a", at(20)), Ok(()));
            assert_eq!(minutes.take("a", 3, at(20)), Ok(()));
        }
        assert_eq!(minutes.peek("a", at(20)), Err(40));
        assert_eq!(minutes.take("a", 3, at(20)), Err(40));
        assert_eq!(minutes.take("b", 3, at(20)), Ok(()), "each partner its own");
        assert_eq!(minutes.take("a", 4, at(20)), Ok(()), "the limit was raised");
        assert_eq!(minutes.peek("a", at(60)), Ok(()));
        assert_eq!(minutes.take("a", 3, at(60)), Ok(()));
    }

    #[test]
    fn blocks_are_small_beside_the_quota() {
        assert_eq!((block(1), block(1_999), block(2_000), block(MAX_PER_DAY)), (1, 1, 2, 20_000));
        assert_eq!((misses(1), misses(400), misses(420)), (20, 20, 21));
    }

    #[test]
    fn what_is_left_belongs_to_its_day() {
        let mut days = Days::default();
        assert!(!days.take("a", "2026-11-28"));
        days.add("a", "2026-11-28", 2);
        assert!(days.take("a", "2026-11-28") && !days.take("b", "2026-11-28"));
        assert!(!days.take("a", "2026-11-29"), "yesterday's is gone");
        days.add("a", "2026-11-29", 1);
        assert!(days.take("a", "2026-11-29") && !days.take("a", "2026-11-29"));
        days.add("a", "2026-11-29", 5);
        days.forget("a");
        assert!(!days.take("a", "2026-11-29"));
    }

    #[test]
    fn visits_are_counted_by_prefix() {
        let source = |text: &str| Source::of(text.parse().unwrap());
        let mut visits = Visits::default();
        for _ in 0..VISITS_PER_MINUTE {
            assert_eq!(visits.take(source("192.0.2.1"), at(0)), Ok(()));
        }
        assert_eq!(visits.take(source("192.0.2.77"), at(30)), Err(30), "a neighbour shares it");
        assert_eq!(visits.take(source("192.0.3.1"), at(30)), Ok(()));
        assert_eq!(visits.take(source("192.0.2.1"), at(60)), Ok(()));
    }

    #[test]
    fn so_many_prefixes_and_not_one_more() {
        let of = |n: u32| Source::of(std::net::IpAddr::V4(std::net::Ipv4Addr::from(n << 8)));
        let mut visits = Visits::default();
        for n in 0..u32::try_from(MAX_PREFIXES).unwrap() {
            assert_eq!(visits.take(of(n), at(0)), Ok(()));
        }
        assert_eq!(visits.take(of(9_999_999), at(0)), Err(60));
        assert_eq!(visits.take(of(0), at(0)), Ok(()), "who is counted already goes on");
    }
}

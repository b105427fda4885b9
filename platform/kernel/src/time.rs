//! Time: microseconds since 1970 in UTC, and the one way to ask what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// From whole seconds since 1970.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }
    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
    /// This time plus so many seconds (which may be negative); saturates at the ends of time.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }
    /// RFC 3339 in UTC to the second: `2026-11-23T10:31:35Z`.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        jiff::Timestamp::from_second(self.seconds()).map_or_else(|_| "out of range".into(), |t| t.to_string())
    }
    /// The civil date and the minute in a time zone of the tz database, as `2026-11-23 10:31`.
    #[must_use]
    pub fn to_local_minute(self, zone: &str) -> String {
        let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
        jiff::Timestamp::from_second(self.seconds()).map_or_else(
            |_| "out of range".into(),
            |t| t.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string(),
        )
    }
    /// The civil date in a time zone of the tz database, as `2026-11-23`.
    #[must_use]
    pub fn to_local_date(self, zone: &str) -> String {
        self.to_local_minute(zone).chars().take(10).collect()
    }
}

/// What time it is. The only source of time in the house.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn now(&self) -> Timestamp {
        let micros = match std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_micros()),
            Err(before) => i64::try_from(before.duration().as_micros()).map(|m| -m),
        };
        Timestamp(micros.unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until it is moved: for tests and the deterministic demo country.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(start.0)))
    }
    /// Moves every copy of this clock forward (or back).
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds.saturating_mul(1_000_000), Ordering::SeqCst);
    }
    /// Sets every copy of this clock.
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.0, Ordering::SeqCst);
    }
}
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_people_and_machines_expect() {
        let t = Timestamp::from_seconds(1_795_775_495);
        assert_eq!(t.to_rfc3339(), "2026-11-27T10:31:35Z");
        assert_eq!(t.to_local_minute("Africa/Tunis"), "2026-11-27 11:31");
        assert_eq!(t.to_local_minute("No/Such"), "2026-11-27 10:31");
        assert_eq!(Timestamp(-1).seconds(), -1);
    }

    #[test]
    fn manual_clock_is_shared() {
        let clock = ManualClock::new(Timestamp(0));
        let copy = clock.clone();
        clock.advance_seconds(2);
        assert_eq!(copy.now(), Timestamp(2_000_000));
    }
}

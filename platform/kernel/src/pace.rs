//! So many a minute and not one more, counted in memory on one node: for what anybody can begin and what is kept a while.

use crate::Timestamp;

/// The minute a time lies in.
#[must_use]
pub const fn minute_of(now: Timestamp) -> i64 {
    now.seconds().div_euclid(60)
}

/// Seconds until the next minute, from 1 to 60.
#[must_use]
pub fn seconds_left(now: Timestamp) -> u32 {
    60 - u32::try_from(now.seconds().rem_euclid(60)).unwrap_or(0)
}

/// How many there were in this minute.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    minute: i64,
    count: u32,
}

impl Pace {
    /// Whether one more would be too many.
    ///
    /// # Errors
    /// The seconds until the next minute, when there were `a_minute` in this one.
    pub fn peek(self, a_minute: u32, now: Timestamp) -> Result<(), u32> {
        if self.minute == minute_of(now) && self.count >= a_minute { Err(seconds_left(now)) } else { Ok(()) }
    }
    /// Counts one more.
    ///
    /// # Errors
    /// As [`Pace::peek`]; then it is not counted.
    pub fn take(&mut self, a_minute: u32, now: Timestamp) -> Result<(), u32> {
        let minute = minute_of(now);
        if minute != self.minute {
            *self = Self { minute, count: 0 };
        }
        self.peek(a_minute, now)?;
        self.count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_a_minute_and_not_one_more() {
        let at = |seconds: i64| Timestamp::from_seconds(1_800_000_000 + seconds);
        let mut pace = Pace::default();
        for _ in 0..3 {
            assert_eq!(pace.peek(3, at(20)), Ok(()));
            assert_eq!(pace.take(3, at(20)), Ok(()));
        }
        assert_eq!((pace.peek(3, at(20)), pace.take(3, at(20))), (Err(40), Err(40)));
        assert_eq!(pace.take(3, at(59)), Err(1));
        assert_eq!(pace.take(4, at(59)), Ok(()), "the limit was raised");
        assert_eq!((pace.peek(4, at(60)), pace.take(4, at(60))), (Ok(()), Ok(())));
        assert_eq!(pace.take(0, at(120)), Err(60));
    }
}

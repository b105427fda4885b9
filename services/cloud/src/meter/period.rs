//! A month in a country's time zone, counted in minutes since 1970.

use super::BillError;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::fmt;
use std::str::FromStr;

/// A month of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    first: Date,
}

impl Month {
    /// Its first minute, and the first minute after it, in this zone of the tz database.
    ///
    /// # Errors
    /// When the zone is not known or the month is at the end of time.
    pub fn minutes(self, zone: &str) -> Result<(i64, i64), BillError> {
        let after =
            self.first.checked_add(jiff::Span::new().months(1)).map_err(|_| BillError::TooLarge("month"))?;
        Ok((first_minute(self.first, zone)?, first_minute(after, zone)?))
    }

    /// The month before.
    ///
    /// # Errors
    /// At the beginning of time.
    pub fn before(self) -> Result<Self, BillError> {
        let first =
            self.first.checked_sub(jiff::Span::new().months(1)).map_err(|_| BillError::TooLarge("month"))?;
        Ok(Self { first })
    }
}

/// The first minute of a day in this zone, since 1970 in UTC.
pub(super) fn first_minute(day: Date, zone: &str) -> Result<i64, BillError> {
    let unknown = |what: String| BillError::File { file: "prices", line: 0, what };
    let zone = TimeZone::get(zone).map_err(|_| unknown(format!("no time zone is called '{zone}'")))?;
    let start = day.to_zoned(zone).map_err(|_| BillError::TooLarge("day"))?;
    Ok(start.timestamp().as_second().div_euclid(60))
}

/// A minute as `2026-11-28T21:05:00Z`.
pub(super) fn rfc3339(minute: i64) -> String {
    daftar_kernel::Timestamp::from_seconds(minute.saturating_mul(60)).to_rfc3339()
}

impl FromStr for Month {
    type Err = BillError;
    fn from_str(text: &str) -> Result<Self, BillError> {
        let wrong = || BillError::File {
            file: "usage",
            line: 0,
            what: format!("'{text}' is no month, such as 2026-11"),
        };
        let first: Date = format!("{text}-01").parse().map_err(|_| wrong())?;
        let month = Self { first };
        if month.to_string() == text { Ok(month) } else { Err(wrong()) }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_and_ends_at_midnight_there() {
        let month: Month = "2026-03".parse().unwrap();
        let (from, to) = month.minutes("Europe/Paris").unwrap();
        assert_eq!(
            (rfc3339(from).as_str(), rfc3339(to).as_str()),
            ("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z")
        );
        assert_eq!(to - from, 31 * 1440 - 60, "an hour is lost in spring");
        for odd in ["2026-13", "2026-3", "26-03", "", "2026-03-01"] {
            assert!(odd.parse::<Month>().is_err(), "{odd}");
        }
        assert!(month.minutes("No/Such").is_err());
    }
}

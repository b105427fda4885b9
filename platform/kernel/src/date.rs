//! Dates as registers meet them: known to the day, the month, the year, or not at all.

use std::fmt;
use std::str::FromStr;

/// A civil date of the Gregorian calendar (ISO 8601), as exact as it is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PartialDate {
    /// Nothing is known.
    Unknown,
    /// `1956`
    Year(i16),
    /// `1956-06`
    Month(i16, i8),
    /// `1956-06-20`
    Day(jiff::civil::Date),
}

/// Why a text is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadDate {
    /// Not of the form `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or empty.
    #[error("'{0}' is not a date: write YYYY-MM-DD, YYYY-MM, YYYY, or leave it empty when unknown")]
    Form(String),
    /// The calendar has no such day, or the year lies outside 1800 to 2200.
    #[error("'{0}' is not in the calendar (years 1800 to 2200)")]
    Calendar(String),
}

impl PartialDate {
    /// From three numbers, the last ones optional; as a form's three boxes give them.
    ///
    /// # Errors
    /// When the calendar has no such date, or a day comes without its month.
    pub fn from_parts(year: Option<i16>, month: Option<i8>, day: Option<i8>) -> Result<Self, BadDate> {
        let shown = || format!("{}-{}-{}", opt(year), opt(month), opt(day));
        let in_range = |y: i16| (1800..=2200).contains(&y);
        match (year, month, day) {
            (None, None, None) => Ok(Self::Unknown),
            (Some(y), None, None) if in_range(y) => Ok(Self::Year(y)),
            (Some(y), Some(m), None) if in_range(y) && (1..=12).contains(&m) => Ok(Self::Month(y, m)),
            (Some(y), Some(m), Some(d)) if in_range(y) => {
                jiff::civil::Date::new(y, m, d).map(Self::Day).map_err(|_| BadDate::Calendar(shown()))
            }
            (Some(_), Some(_), _) | (Some(_), None, None) => Err(BadDate::Calendar(shown())),
            _ => Err(BadDate::Form(shown())),
        }
    }
    /// The year, when known.
    #[must_use]
    pub fn year(self) -> Option<i16> {
        match self {
            Self::Unknown => None,
            Self::Year(y) | Self::Month(y, _) => Some(y),
            Self::Day(d) => Some(d.year()),
        }
    }
    /// The month, when known.
    #[must_use]
    pub fn month(self) -> Option<i8> {
        match self {
            Self::Unknown | Self::Year(_) => None,
            Self::Month(_, m) => Some(m),
            Self::Day(d) => Some(d.month()),
        }
    }
    /// The day of the month, when known.
    #[must_use]
    pub fn day(self) -> Option<i8> {
        match self {
            Self::Day(d) => Some(d.day()),
            _ => None,
        }
    }
}

fn opt<T: fmt::Display>(part: Option<T>) -> String {
    part.map_or_else(|| "?".into(), |p| p.to_string())
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => Ok(()),
            Self::Year(y) => write!(f, "{y:04}"),
            Self::Month(y, m) => write!(f, "{y:04}-{m:02}"),
            Self::Day(d) => write!(f, "{d}"),
        }
    }
}

impl FromStr for PartialDate {
    type Err = BadDate;
    fn from_str(text: &str) -> Result<Self, BadDate> {
        let form = || BadDate::Form(text.chars().take(40).collect());
        if text.is_empty() {
            return Ok(Self::Unknown);
        }
        let widths: Vec<usize> = text.split('-').map(str::len).collect();
        if !text.bytes().all(|b| b.is_ascii_digit() || b == b'-')
            || !matches!(widths[..], [4] | [4, 2] | [4, 2, 2])
        {
            return Err(form());
        }
        let mut parts = text.split('-');
        let year = parts.next().and_then(|p| p.parse().ok());
        let month = parts.next().and_then(|p| p.parse().ok());
        let day = parts.next().and_then(|p| p.parse().ok());
        Self::from_parts(year, month, day).map_err(|_| BadDate::Calendar(text.into()))
    }
}

impl serde::Serialize for PartialDate {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> serde::Deserialize<'de> for PartialDate {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_degree_of_knowledge_round_trips() {
        for text in ["", "1956", "1956-06", "1956-06-20", "2024-02-29"] {
            assert_eq!(text.parse::<PartialDate>().map(|d| d.to_string()), Ok(text.to_string()));
        }
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in
            ["56", "1956-6-20", "20.06.1956", "1956-00", "1956-13", "2023-02-29", "1799", "2201", "-956"]
        {
            assert!(text.parse::<PartialDate>().is_err(), "{text}");
        }
        assert!(PartialDate::from_parts(None, Some(6), None).is_err());
        assert!(PartialDate::from_parts(Some(1956), None, Some(3)).is_err());
    }
}

//! Dates of birth as they stand in records: parts unknown, digits wrong, day and month exchanged, or the first
//! of January for "some day of that year".

use crate::digit::decimal_digit;

/// A date as written. Parts may be unknown (0) or impossible (day 85): a wrong digit is evidence, not a fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct LooseDate {
    /// The year; 0 when unknown.
    pub year: u16,
    /// The month as written; 0 when unknown.
    pub month: u8,
    /// The day as written; 0 when unknown.
    pub day: u8,
}

/// How two dates stand to each other, the strongest agreement first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DateRelation {
    /// The same day.
    SameDay,
    /// The same year, and neither says more: both unknown below it, or both on the first of January.
    SameYearOnly,
    /// The same year; one of them says no more than the year (or the month).
    Partial,
    /// Day and month exchanged.
    Exchanged,
    /// One digit differs, or two neighbouring digits are exchanged.
    OneDigit,
    /// The same day and month, the year off by at most [`NEAR_YEARS`].
    YearOff,
    /// The same year, other day and month.
    SameYear,
    /// Years at most [`NEAR_YEARS`] apart, and one of them says no more than the year.
    NearYear,
    /// Anything else.
    Different,
}

/// Years by which clerks and families miss (the year of the paper, a guessed age).
pub const NEAR_YEARS: u16 = 3;

impl LooseDate {
    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD` (any sign between, digits of any script). `None` for anything
    /// else, and for a year of nothing but zeros.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = [0_u16; 3];
        let mut lengths = [0_usize; 3];
        let mut part = 0;
        for c in text.trim().chars() {
            if let Some(digit) = decimal_digit(c) {
                lengths[part] += 1;
                if lengths[part] > if part == 0 { 4 } else { 2 } {
                    return None;
                }
                parts[part] = parts[part] * 10 + u16::from(digit);
            } else if matches!(c, '-' | '/' | '.') && lengths[part] > 0 && part < 2 {
                part += 1;
            } else {
                return None;
            }
        }
        let whole = lengths[0] == 4 && parts[0] > 0 && lengths[part] > 0;
        whole.then_some(Self { year: parts[0], month: parts[1] as u8, day: parts[2] as u8 })
    }

    /// Whether it says no more than the year: the rest is unknown, or the first of January that registers
    /// write for it.
    #[must_use]
    pub const fn says_only_year(self) -> bool {
        self.month == 0 || self.month == 1 && self.day <= 1
    }

    /// How this date stands to another. Symmetric.
    #[must_use]
    pub fn relate(self, other: Self) -> DateRelation {
        use DateRelation::{
            Different, Exchanged, NearYear, OneDigit, Partial, SameDay, SameYear, SameYearOnly, YearOff,
        };
        let (vague_a, vague_b) = (self.says_only_year(), other.says_only_year());
        let apart = self.year.abs_diff(other.year);
        let same_month = self.month == other.month;
        if apart == 0 {
            return match (vague_a, vague_b) {
                (true, true) => SameYearOnly,
                (true, false) | (false, true) => Partial,
                _ if same_month && self.day == other.day => SameDay,
                _ if same_month && (self.day == 0 || other.day == 0) => Partial,
                _ if self.month == other.day && self.day == other.month => Exchanged,
                _ if self.one_digit_from(other) => OneDigit,
                _ => SameYear,
            };
        }
        // Between two years alone a wrong digit cannot be told from another year: near is near.
        if vague_a || vague_b {
            // A first of January may be a date whose other digits are right: 1850-01-01 and 1850-81-01 are
            // met above; a year that differs leaves nothing to agree.
            return if apart <= NEAR_YEARS { NearYear } else { Different };
        }
        if same_month && self.day == other.day && apart <= NEAR_YEARS {
            return YearOff;
        }
        if self.one_digit_from(other) { OneDigit } else { Different }
    }

    /// In one number.
    pub(crate) const fn packed(self) -> u32 {
        (self.year as u32) << 16 | (self.month as u32) << 8 | self.day as u32
    }
    pub(crate) const fn unpacked(packed: u32) -> Self {
        Self { year: (packed >> 16) as u16, month: (packed >> 8) as u8, day: packed as u8 }
    }

    fn digits(self) -> [u8; 8] {
        let mut digits = [0; 8];
        let mut rest = u32::from(self.year) * 10_000 + u32::from(self.month) * 100 + u32::from(self.day);
        for digit in digits.iter_mut().rev() {
            *digit = (rest % 10) as u8;
            rest /= 10;
        }
        digits
    }

    fn one_digit_from(self, other: Self) -> bool {
        let (a, b) = (self.digits(), other.digits());
        let mut places = (0..8).filter(|place| a[*place] != b[*place]);
        match (places.next(), places.next(), places.next()) {
            (Some(_), None, None) => true,
            (Some(x), Some(y), None) => y == x + 1 && a[x] == b[y] && a[y] == b[x],
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> LooseDate {
        LooseDate::parse(text).unwrap()
    }

    #[test]
    fn reads_what_registers_hold() {
        assert_eq!(date("1856"), LooseDate { year: 1856, month: 0, day: 0 });
        assert_eq!(date("1852-83-26"), LooseDate { year: 1852, month: 83, day: 26 });
        assert_eq!(date("١٩٥٦-٠٦-٢٠"), date("1956-06-20"));
        for bad in ["", "0000", "85", "18560620", "1856-", "1856-06-20-1", "1856-006", "in spring", "-1856"] {
            assert_eq!(LooseDate::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn relations() {
        use DateRelation::*;
        for (a, b, relation) in [
            ("1856-06-20", "1856-06-20", SameDay),
            ("1856", "1856-01-01", SameYearOnly),
            ("1856-01-01", "1856-06-20", Partial),
            ("1856-06", "1856-06-20", Partial),
            ("1856-06-10", "1856-10-06", Exchanged),
            ("1856-06-20", "1856-06-29", OneDigit),
            ("1856-06-20", "1856-06-02", OneDigit),
            ("1859-09-11", "1829-09-11", OneDigit),
            ("1859-06-20", "1861-06-20", YearOff),
            ("1859-06-20", "1862-06-20", YearOff),
            ("1859-06-20", "1863-06-20", Different),
            ("1856-06-20", "1856-11-03", SameYear),
            ("1856", "1859-06-20", NearYear),
            ("1856", "1860", Different),
            ("1856-06-20", "1834-11-03", Different),
        ] {
            assert_eq!(date(a).relate(date(b)), relation, "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn symmetric(y in 1800_u16..1810, z in 1800_u16..1810, m in 0_u8..14, n in 0_u8..14, d in 0_u8..33, e in 0_u8..33) {
            let (a, b) = (LooseDate { year: y, month: m, day: d }, LooseDate { year: z, month: n, day: e });
            prop_assert_eq!(a.relate(b), b.relate(a));
            prop_assert_eq!(LooseDate::unpacked(a.packed()), a);
            prop_assert!(a.relate(a) <= DateRelation::SameYearOnly);
        }
        #[test]
        fn never_trips(text in "\\PC{0,12}") {
            let _ = LooseDate::parse(&text);
        }
    }
}

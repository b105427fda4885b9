//! Who is a child today. The age is the country's; a date that is not known to the day is read in the child's favour, so that
//! nobody loses a guardian too early.

use daftar_kernel::PartialDate;
use jiff::ToSpan;
use jiff::civil::{Date, date};

/// What the country's civil law says in numbers and lists, as far as the register needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Civil {
    /// From which age on somebody answers for themself, in whole years.
    pub age_of_majority: u8,
    /// How many people without papers one adult may introduce in a calendar year.
    pub introductions_a_year: u32,
    /// Codes of the kinds of documents the register keeps.
    pub documents: Vec<String>,
}

impl Civil {
    /// The first day on which somebody born then surely answers for themself; `None` when nothing is known of the birth.
    ///
    /// Somebody born on 29 February comes of age on 1 March of a year without that day. Of a year or a month alone the last
    /// day counts.
    #[must_use]
    pub fn comes_of_age(&self, born: PartialDate) -> Option<Date> {
        let latest = latest(born)?;
        let birthday = latest.checked_add(i64::from(self.age_of_majority).years()).ok()?;
        // The calendar library takes the last day of the month instead of one that does not exist.
        if birthday.day() == latest.day() { Some(birthday) } else { birthday.tomorrow().ok() }
    }

    /// Whether a guardian answers for somebody born then. Whoever's birth is unknown answers for themself: nobody could say
    /// until when not.
    #[must_use]
    pub fn is_child(&self, born: PartialDate, today: Date) -> bool {
        self.comes_of_age(born).is_some_and(|day| today < day)
    }
}

/// The last day on which somebody may have been born.
fn latest(born: PartialDate) -> Option<Date> {
    match born {
        PartialDate::Unknown => None,
        PartialDate::Year(year) => Some(date(year, 12, 31)),
        PartialDate::Month(year, month) => Date::new(year, month, 1).ok().map(Date::last_of_month),
        PartialDate::Day(day) => Some(day),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn civil(age: u8) -> Civil {
        Civil { age_of_majority: age, introductions_a_year: 1, documents: Vec::new() }
    }
    fn of_age(born: &str) -> Option<String> {
        civil(18).comes_of_age(born.parse().unwrap()).map(|day| day.to_string())
    }

    #[test]
    fn a_child_comes_of_age_on_the_birthday() {
        assert_eq!(of_age("2008-11-28").as_deref(), Some("2026-11-28"));
        let born = "2008-11-28".parse().unwrap();
        assert!(civil(18).is_child(born, date(2026, 11, 27)), "the day before");
        assert!(!civil(18).is_child(born, date(2026, 11, 28)), "on the day");
        assert!(civil(21).is_child(born, date(2026, 11, 28)), "the age is the country's");
    }

    #[test]
    fn a_leap_day_that_does_not_come_is_the_first_of_march() {
        assert_eq!(of_age("2008-02-29").as_deref(), Some("2026-03-01"));
        let twenty = civil(20).comes_of_age("2008-02-29".parse().unwrap()).unwrap();
        assert_eq!(twenty, date(2028, 2, 29), "and the day itself where it comes");
        assert_eq!(of_age("2008-02-28").as_deref(), Some("2026-02-28"));
    }

    #[test]
    fn what_is_not_known_is_read_in_favour_of_the_child() {
        assert_eq!(of_age("2008").as_deref(), Some("2026-12-31"));
        assert_eq!(of_age("2008-02").as_deref(), Some("2026-03-01"), "the 29th, which 2026 does not have");
        assert_eq!(of_age("2007-02").as_deref(), Some("2025-02-28"));
        assert_eq!(of_age(""), None);
        let (unknown, today) = (PartialDate::Unknown, date(2026, 11, 28));
        assert!(!civil(18).is_child(unknown, today), "nobody could say until when");
        assert!(civil(18).is_child(PartialDate::Year(2008), date(2026, 12, 30)));
        assert!(!civil(18).is_child(PartialDate::Year(2008), date(2026, 12, 31)));
    }

    proptest! {
        #[test]
        fn somebody_is_a_child_until_one_day_and_never_again(
            year in 1900_i16..2027, month in 1_i8..=12, day in 1_i8..=28, age in 1_u8..=40
        ) {
            let civil = civil(age);
            for born in [
                PartialDate::Year(year),
                PartialDate::Month(year, month),
                PartialDate::Day(date(year, month, day)),
            ] {
                let of_age = civil.comes_of_age(born).unwrap();
                prop_assert!(civil.is_child(born, of_age.yesterday().unwrap()));
                prop_assert!(!civil.is_child(born, of_age) && !civil.is_child(born, of_age.tomorrow().unwrap()));
                prop_assert_eq!(i32::from(of_age.year()) - i32::from(year), i32::from(age));
            }
        }
    }
}

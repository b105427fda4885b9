//! Whether two entries may be one person, and why. The machine proposes and says its reasons; people decide.

use crate::name::{fold, sound};
use crate::person::{Person, Sex};
use daftar_kernel::PartialDate;

/// Years by which a birth date may be off and still be looked at: clerks write the year of a paper, families
/// guess ages (OpenCRVS issue 13703).
pub const NEAR_YEARS: i16 = 3;

/// Why two entries may be one person, the strongest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The same name and the same date of birth (or the same partial date and place).
    Exact,
    /// Names that sound alike and the same date of birth.
    Phonetic,
    /// The same date and place of birth, and names that begin alike.
    DateKey,
    /// The same name, and dates of birth that differ as slips do: one part of the date, day and month
    /// exchanged, or a few years.
    NearDate,
}

impl Reason {
    /// The word in reports and the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Phonetic => "phonetic",
            Self::DateKey => "date-key",
            Self::NearDate => "near-date",
        }
    }
    /// The reason of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Exact, Self::Phonetic, Self::DateKey, Self::NearDate].into_iter().find(|r| r.word() == word)
    }
    /// One English sentence for files and logs; pages use the message `identity-duplicate-<word>`.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Exact => "same name and same date of birth",
            Self::Phonetic => "names that sound alike and the same date of birth",
            Self::DateKey => "same date and place of birth, names that begin alike",
            Self::NearDate => "same name, dates of birth that differ as slips do",
        }
    }
    /// The message on pages.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Exact => "identity-duplicate-exact",
            Self::Phonetic => "identity-duplicate-phonetic",
            Self::DateKey => "identity-duplicate-date-key",
            Self::NearDate => "identity-duplicate-near-date",
        }
    }
}

/// How two dates of birth stand to each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DateRelation {
    /// Equal to the day.
    Same,
    /// Nothing known contradicts; at least the years are known and equal.
    Compatible,
    /// They differ as slips do.
    Near,
    /// One of them says nothing.
    Unknown,
    /// They differ.
    Different,
}

/// Compares two dates of birth.
#[must_use]
pub fn relate_dates(a: PartialDate, b: PartialDate) -> DateRelation {
    let (Some(year_a), Some(year_b)) = (a.year(), b.year()) else { return DateRelation::Unknown };
    let apart = year_a.abs_diff(year_b);
    let agree = |x: Option<i8>, y: Option<i8>| x.is_none() || y.is_none() || x == y;
    let (months, days) = (agree(a.month(), b.month()), agree(a.day(), b.day()));
    if apart == 0 && months && days {
        return if a.day().is_some() && b.day().is_some() {
            DateRelation::Same
        } else {
            DateRelation::Compatible
        };
    }
    let swapped = a.month() == b.day() && a.day() == b.month() && a.day().is_some();
    let one_part = usize::from(apart != 0) + usize::from(!months) + usize::from(!days) == 1;
    if apart == 0 && (swapped || one_part) || one_part && apart <= NEAR_YEARS.unsigned_abs() {
        DateRelation::Near
    } else {
        DateRelation::Different
    }
}

/// The strongest reason to think that two entries are one person, if there is any.
#[must_use]
pub fn compare(a: &Person, b: &Person) -> Option<Reason> {
    let dates = relate_dates(a.born, b.born);
    let (place_a, place_b) = (a.birth_place.key(), b.birth_place.key());
    let same_place = !place_a.is_empty() && place_a == place_b;
    let known_place_differs = !place_a.is_empty() && !place_b.is_empty() && !same_place;
    let same_name = any_pair(a, b, |x, y| fold::key(x) == fold::key(y));
    let alike = same_name || any_pair(a, b, sounds_alike);
    match dates {
        DateRelation::Same if same_name => Some(Reason::Exact),
        DateRelation::Compatible if same_name && same_place => Some(Reason::Exact),
        DateRelation::Same if alike => Some(Reason::Phonetic),
        DateRelation::Compatible if alike && same_place => Some(Reason::Phonetic),
        DateRelation::Same if same_place && !sexes_differ(a, b) && any_pair(a, b, begin_alike) => {
            Some(Reason::DateKey)
        }
        DateRelation::Near | DateRelation::Compatible if same_name && !known_place_differs => {
            Some(Reason::NearDate)
        }
        DateRelation::Unknown if same_name && same_place && !sexes_differ(a, b) => Some(Reason::NearDate),
        _ => None,
    }
}

fn any_pair(a: &Person, b: &Person, test: impl Fn(&str, &str) -> bool) -> bool {
    a.names().any(|x| b.names().any(|y| test(x.as_str(), y.as_str())))
}

/// At least two parts sound alike, or all of a single name.
fn sounds_alike(a: &str, b: &str) -> bool {
    let (a, b) = (sound::tokens(a), sound::tokens(b));
    let shared = a.iter().filter(|x| b.contains(x)).count();
    shared >= 2 || shared == 1 && a.len() == 1 && b.len() == 1
}

fn begin_alike(a: &str, b: &str) -> bool {
    let (a, b) = (sound::initial(a), sound::initial(b));
    a.is_some() && a == b
}

fn sexes_differ(a: &Person, b: &Person) -> bool {
    a.sex != b.sex && a.sex != Sex::Unknown && b.sex != Sex::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::tests::rules;
    use crate::person::Entry;
    use proptest::prelude::*;

    fn person(name: &str, born: &str, place: &str) -> Person {
        let entry = Entry {
            name: name.into(),
            born: born.into(),
            birth_place_text: place.into(),
            ..Entry::default()
        };
        entry.check(&rules()).unwrap()
    }
    fn reason(a: (&str, &str, &str), b: (&str, &str, &str)) -> Option<Reason> {
        compare(&person(a.0, a.1, a.2), &person(b.0, b.1, b.2))
    }

    #[test]
    fn reasons_by_strength() {
        let base = ("John Smith", "1956-06-20", "Leeds");
        assert_eq!(reason(base, ("smith, john", "1956-06-20", "")), Some(Reason::Exact));
        assert_eq!(reason(base, ("Jon Smyth", "1956-06-20", "")), Some(Reason::Phonetic));
        assert_eq!(reason(base, ("John Albert Smith", "1956-06-20", "")), Some(Reason::Phonetic));
        assert_eq!(reason(base, ("Jack Brown", "1956-06-20", "leeds")), Some(Reason::DateKey));
        assert_eq!(
            reason(base, ("Peter Brown", "1956-06-20", "leeds")),
            None,
            "a twin of another name is none"
        );
        assert_eq!(reason(base, ("John Smith", "1956", "leeds")), Some(Reason::Exact));
        for slip in ["1956-06-21", "1959-06-20", "1956-07-20", "1956"] {
            assert_eq!(reason(base, ("John Smith", slip, "")), Some(Reason::NearDate), "{slip}");
        }
        assert_eq!(reason(base, ("John Smith", "1956-07-21", "")), None);
        assert_eq!(reason(base, ("John Smith", "1960-06-20", "")), None);
        assert_eq!(reason(base, ("John Smith", "1957-06-20", "York")), None);
        assert_eq!(reason(base, ("John Smith", "", "")), None, "a common name alone proves nothing");
        assert_eq!(reason(base, ("John Smith", "", "Leeds")), Some(Reason::NearDate));
    }

    #[test]
    fn day_and_month_exchanged() {
        let relate = |a: &str, b: &str| relate_dates(a.parse().unwrap(), b.parse().unwrap());
        assert_eq!(relate("1956-06-10", "1956-10-06"), DateRelation::Near);
        assert_eq!(relate("1956-06", "1956-06-10"), DateRelation::Compatible);
        assert_eq!(relate("1956-06-10", "1956-06-10"), DateRelation::Same);
        assert_eq!(relate("", "1956"), DateRelation::Unknown);
    }

    proptest! {
        #[test]
        fn symmetric_and_reflexive(
            a in "[a-f]{2,5} [a-f]{2,5}", b in "[a-f]{2,5} [a-f]{2,5}",
            x in 1950_i16..1955, y in 1950_i16..1955, m in 1_i8..4, n in 1_i8..4,
        ) {
            let make = |name: &str, year, month| person(name, &format!("{year}-{month:02}-03"), "Leeds");
            let (p, q) = (make(&a, x, m), make(&b, y, n));
            prop_assert_eq!(compare(&p, &q), compare(&q, &p));
            prop_assert_eq!(compare(&p, &p), Some(Reason::Exact));
        }
    }
}

//! What rows of an import have in common with somebody: the keys they share. Whoever comes to a desk is weighed
//! instead; see [`crate::weigh`].

use daftar_kernel::PartialDate;

/// Years by which a birth date may be off and still be looked at: clerks write the year of a paper, families
/// guess ages (OpenCRVS issue 13703).
pub const NEAR_YEARS: i16 = 3;

/// What a row shares with another or with somebody in the register, the strongest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The same name and the same date of birth (or the same partial date and place).
    Exact,
    /// Names that sound alike and the same date of birth.
    Phonetic,
    /// The same date and place of birth, and names that begin alike.
    DateKey,
}

impl Reason {
    /// The word in reports and the API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Phonetic => "phonetic",
            Self::DateKey => "date-key",
        }
    }
    /// The reason of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Exact, Self::Phonetic, Self::DateKey].into_iter().find(|r| r.word() == word)
    }
    /// One English sentence for files and logs.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Exact => "same name and same date of birth",
            Self::Phonetic => "names that sound alike and the same date of birth",
            Self::DateKey => "same date and place of birth, names that begin alike",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_and_month_exchanged() {
        let relate = |a: &str, b: &str| relate_dates(a.parse().unwrap(), b.parse().unwrap());
        assert_eq!(relate("1956-06-10", "1956-10-06"), DateRelation::Near);
        assert_eq!(relate("1956-06", "1956-06-10"), DateRelation::Compatible);
        assert_eq!(relate("1956-06-10", "1956-06-10"), DateRelation::Same);
        assert_eq!(relate("", "1956"), DateRelation::Unknown);
    }
}

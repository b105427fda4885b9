//! Claims laid beside the register: yes, no, or unknown. Pure rules; nothing here knows who asks.

use super::attribute::Attribute;
use crate::name::{Name, fold, sound};
use crate::person::{MAX_PLACE_CODE, Person, Place, Sex};
use daftar_kernel::PartialDate;
use jiff::civil::Date;

/// Ages that can be asked for: at least, at most.
pub const AGES: (u8, u8) = (1, 120);
/// Longest place in words, in characters.
pub const MAX_PLACE_CHARS: usize = 120;

/// What is answered about one claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It is as claimed.
    Yes,
    /// It is not.
    No,
    /// The register cannot tell; or there is nobody to tell it of.
    Unknown,
}

impl Answer {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
    const fn of(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }
}

/// A claim as a partner sends it, read.
#[derive(Clone, PartialEq, Eq)]
pub enum Claim {
    /// Of this name.
    Name(Name),
    /// Born then.
    Born(PartialDate),
    /// At least so many years old.
    OverAge(u8),
    /// Of this sex.
    Sex(Sex),
    /// Born there: a code of the country, or words.
    BirthPlace(String),
    /// Living there: a code of the country.
    AddressPlace(String),
    /// Alive.
    Alive,
    /// The card is valid.
    CardValid,
}

// What is claimed of a person must not slip into a log through a debug print.
impl std::fmt::Debug for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.attribute().word())
    }
}

impl Claim {
    /// Which attribute it is about.
    #[must_use]
    pub const fn attribute(&self) -> Attribute {
        match self {
            Self::Name(_) => Attribute::Name,
            Self::Born(_) => Attribute::Born,
            Self::OverAge(_) => Attribute::OverAge,
            Self::Sex(_) => Attribute::Sex,
            Self::BirthPlace(_) => Attribute::BirthPlace,
            Self::AddressPlace(_) => Attribute::AddressPlace,
            Self::Alive => Attribute::Alive,
            Self::CardValid => Attribute::CardValid,
        }
    }

    /// Reads a claim; `place` gives the code of a place typed by its name.
    ///
    /// # Errors
    /// The message of what is wrong.
    pub fn parse(
        attribute: Attribute,
        value: &str,
        place: impl FnOnce(&str) -> String,
    ) -> Result<Self, &'static str> {
        let text = value.trim();
        let placed = |place: String| -> Result<String, &'static str> {
            let long = place.chars().count() > MAX_PLACE_CHARS.max(MAX_PLACE_CODE);
            if place.is_empty() || long || place.chars().any(char::is_control) {
                Err("identity-verify-fault-place")
            } else {
                Ok(place)
            }
        };
        match attribute {
            Attribute::Name => Name::parse(text).map(Self::Name).map_err(|_| "identity-verify-fault-name"),
            Attribute::Born => match text.parse::<PartialDate>() {
                Ok(date) if date != PartialDate::Unknown => Ok(Self::Born(date)),
                _ => Err("identity-verify-fault-born"),
            },
            Attribute::OverAge => text
                .parse::<u8>()
                .ok()
                .filter(|age| (AGES.0..=AGES.1).contains(age))
                .map(Self::OverAge)
                .ok_or("identity-verify-fault-age"),
            Attribute::Sex => Sex::from_word(text)
                .filter(|sex| *sex != Sex::Unknown)
                .map(Self::Sex)
                .ok_or("identity-verify-fault-sex"),
            // What is too long is refused before every place of the country is laid beside it.
            Attribute::BirthPlace | Attribute::AddressPlace if text.len() > MAX_PLACE_CHARS * 4 => {
                Err("identity-verify-fault-place")
            }
            Attribute::BirthPlace => placed(place(text)).map(Self::BirthPlace),
            Attribute::AddressPlace => placed(place(text)).map(Self::AddressPlace),
            Attribute::Alive if text.is_empty() => Ok(Self::Alive),
            Attribute::CardValid if text.is_empty() => Ok(Self::CardValid),
            Attribute::Alive | Attribute::CardValid => Err("identity-verify-fault-value"),
            Attribute::Photo => Err("identity-verify-fault-attribute"),
        }
    }

    /// What the register says to it. `today` is the country's day; `district_of` knows to which district a place belongs.
    #[must_use]
    pub fn answer(
        &self,
        person: &Person,
        card_valid: bool,
        today: Date,
        district_of: &dyn Fn(&str) -> Option<String>,
    ) -> Answer {
        match self {
            Self::Name(claimed) => name(person, claimed),
            Self::Born(claimed) => born(person.born, *claimed),
            Self::OverAge(years) => over_age(person.born, *years, today),
            Self::Sex(claimed) => match person.sex {
                Sex::Unknown => Answer::Unknown,
                known => Answer::of(known == *claimed),
            },
            Self::BirthPlace(claimed) => place(&person.birth_place, claimed, district_of),
            Self::AddressPlace(claimed) => {
                let place_of = Place { code: person.address.place.clone(), text: None };
                place(&place_of, claimed, district_of)
            }
            Self::Alive => Answer::of(person.died.is_none()),
            Self::CardValid => Answer::of(card_valid),
        }
    }
}

fn is_latin(folded: &str) -> bool {
    folded.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ')
}

/// The sounds of a name's parts across scripts, in no order.
fn spoken(name: &str) -> Vec<String> {
    let mut sounds: Vec<String> = fold::tokens(name).iter().map(|part| sound::shared_key(part)).collect();
    sounds.sort();
    sounds
}

/// By the register's folding: accents, order, vocalisation and the letters that clerks exchange do not matter. A name in another
/// script is compared by its sound, since a script can be written in another in several ways; what does not sound alike there is
/// unknown and not wrong.
fn name(person: &Person, claimed: &Name) -> Answer {
    let (folded, latin) = {
        let folded = fold::key(claimed.as_str());
        let latin = is_latin(&folded);
        (folded, latin)
    };
    let parts = person.given.iter().zip(&person.family).map(|(given, family)| format!("{given} {family}"));
    let known: Vec<String> = person.names().map(ToString::to_string).chain(parts).collect();
    let mut answer = Answer::Unknown;
    for one in &known {
        let own = fold::key(one);
        if own == folded && !own.is_empty() {
            return Answer::Yes;
        }
        if is_latin(&own) == latin {
            answer = Answer::No;
        } else {
            let (a, b) = (spoken(one), spoken(claimed.as_str()));
            if a == b && !a.is_empty() {
                return Answer::Yes;
            }
        }
    }
    answer
}

/// A less exact claim is right when the register's date lies in it; a more exact one than the register knows is unknown, unless
/// what both know differs.
fn born(known: PartialDate, claimed: PartialDate) -> Answer {
    let differs = |a: Option<i16>, b: Option<i16>| matches!((a, b), (Some(a), Some(b)) if a != b);
    let small = |part: Option<i8>| part.map(i16::from);
    if known == PartialDate::Unknown {
        return Answer::Unknown;
    }
    if differs(known.year(), claimed.year())
        || differs(small(known.month()), small(claimed.month()))
        || differs(small(known.day()), small(claimed.day()))
    {
        return Answer::No;
    }
    let reaches = |date: PartialDate| (date.year().is_some(), date.month().is_some(), date.day().is_some());
    if reaches(known) >= reaches(claimed) { Answer::Yes } else { Answer::Unknown }
}

/// Whole years between a day of birth and today. Whoever was born on 29 February is a year older on 1 March of common years.
fn years(born: (i16, i8, i8), today: Date) -> i16 {
    let before_birthday = (today.month(), today.day()) < (born.1, born.2);
    today.year() - born.0 - i16::from(before_birthday)
}

fn over_age(born: PartialDate, wanted: u8, today: Date) -> Answer {
    let (first, last) = match born {
        PartialDate::Unknown => return Answer::Unknown,
        PartialDate::Year(year) => ((year, 1, 1), (year, 12, 31)),
        PartialDate::Month(year, month) => ((year, month, 1), (year, month, 31)),
        PartialDate::Day(day) => {
            let day = (day.year(), day.month(), day.day());
            (day, day)
        }
    };
    let wanted = i16::from(wanted);
    if years(last, today) >= wanted {
        Answer::Yes
    } else if years(first, today) < wanted {
        Answer::No
    } else {
        Answer::Unknown
    }
}

fn place(known: &Place, claimed: &str, district_of: &dyn Fn(&str) -> Option<String>) -> Answer {
    if let Some(code) = &known.code
        && (code == claimed || district_of(code).as_deref() == Some(claimed))
    {
        return Answer::Yes;
    }
    match (&known.code, &known.text) {
        (None, None) => Answer::Unknown,
        (_, Some(text)) if fold::text_key(text) == fold::text_key(claimed) => Answer::Yes,
        // Words for a place may be another name of the one that is claimed.
        (None, Some(_)) => Answer::Unknown,
        (Some(_), _) => Answer::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::Entry;
    use proptest::prelude::*;

    fn person(change: impl FnOnce(&mut Entry)) -> Person {
        let mut entry = Entry {
            name: "Amina Diallo".into(),
            born: "1990-02-13".into(),
            sex: "female".into(),
            ..Entry::default()
        };
        change(&mut entry);
        entry.check(&crate::entry::tests::rules()).unwrap()
    }
    fn ask(person: &Person, attribute: &str, value: &str, today: &str) -> Answer {
        let attribute = Attribute::from_word(attribute).unwrap();
        let claim = Claim::parse(attribute, value, str::to_string).unwrap();
        let district = |code: &str| code.rsplit_once('-').map(|(district, _)| district.to_string());
        claim.answer(person, true, today.parse().unwrap(), &district)
    }
    const TODAY: &str = "2026-11-28";

    #[test]
    fn names_as_the_register_folds_them() {
        for (known, others, claimed, answer) in [
            ("Amina Diallo", "", "DIALLO, Amina", Answer::Yes),
            ("José María Núñez", "", "nunez jose maria", Answer::Yes),
            ("أمينة بنت سالم", "", "امينه بنت سالم", Answer::Yes),
            ("مُحَمَّد علي", "", "محمد على", Answer::Yes),
            ("محمد علي", "", "Mohammed Ali", Answer::Yes),
            ("محمد علي", "", "Muhammad Ali", Answer::Yes),
            ("Mohamed Ali", "محمد علي", "محمد علي", Answer::Yes),
            ("Amina Diallo", "", "Amina Traoré", Answer::No),
            ("Amina Diallo", "", "Amina", Answer::No),
            ("John Smith", "", "Joan Smith", Answer::No),
            ("محمد علي", "", "Amina Diallo", Answer::Unknown),
        ] {
            let person = person(|entry| {
                entry.name = known.into();
                entry.other_names =
                    Some(others.to_string()).filter(|name| !name.is_empty()).into_iter().collect();
            });
            assert_eq!(ask(&person, "name", claimed, TODAY), answer, "{known} / {claimed}");
        }
        let parts = person(|entry| {
            entry.name = "Amina bint Salem Diallo".into();
            entry.given = "Amina".into();
            entry.family = "Diallo".into();
        });
        assert_eq!(ask(&parts, "name", "Diallo Amina", TODAY), Answer::Yes);
    }

    #[test]
    fn dates_of_birth_as_exact_as_both_know() {
        use Answer::{No, Unknown, Yes};
        for (known, claimed, answer) in [
            ("1990-02-13", "1990-02-13", Yes),
            ("1990-02-13", "1990-02", Yes),
            ("1990-02-13", "1990", Yes),
            ("1990-02-13", "1990-02-14", No),
            ("1990-02-13", "1991", No),
            ("1990-02", "1990-02-13", Unknown),
            ("1990-02", "1990-03-13", No),
            ("1990", "1990-02-13", Unknown),
            ("1990", "1989-02-13", No),
            ("", "1990", Unknown),
        ] {
            let person = person(|entry| entry.born = known.into());
            assert_eq!(ask(&person, "born", claimed, TODAY), answer, "{known} / {claimed}");
        }
    }

    #[test]
    fn an_age_is_reached_on_the_birthday() {
        use Answer::{No, Unknown, Yes};
        for (born, age, today, answer) in [
            ("2008-11-28", "18", "2026-11-28", Yes),
            ("2008-11-29", "18", "2026-11-28", No),
            ("2008-11-28", "19", "2026-11-28", No),
            ("2008-02-29", "18", "2026-02-28", No),
            ("2008-02-29", "18", "2026-03-01", Yes),
            ("2008-11", "18", "2026-11-28", Unknown),
            ("2008-10", "18", "2026-11-28", Yes),
            ("2008-12", "18", "2026-11-28", No),
            ("2008", "18", "2026-11-28", Unknown),
            ("2007", "18", "2026-11-28", Yes),
            ("2009", "18", "2026-11-28", No),
            ("", "18", "2026-11-28", Unknown),
        ] {
            let person = person(|entry| entry.born = born.into());
            assert_eq!(ask(&person, "over_age", age, today), answer, "{born} over {age} on {today}");
        }
    }

    #[test]
    fn sex_places_life_and_card() {
        let known = person(|entry| {
            entry.birth_place = "p-n-1".into();
            entry.address_place = "p-n-2".into();
        });
        assert_eq!(ask(&known, "sex", "female", TODAY), Answer::Yes);
        assert_eq!(ask(&known, "sex", "male", TODAY), Answer::No);
        assert_eq!(ask(&known, "birth_place", "p-n-1", TODAY), Answer::Yes);
        assert_eq!(ask(&known, "birth_place", "p-n", TODAY), Answer::Yes, "the district");
        assert_eq!(ask(&known, "birth_place", "p-n-2", TODAY), Answer::No);
        assert_eq!(ask(&known, "address_place", "p-n-2", TODAY), Answer::Yes);
        assert_eq!(ask(&known, "address_place", "p-s-1", TODAY), Answer::No);
        assert_eq!(ask(&known, "alive", "", TODAY), Answer::Yes);
        assert_eq!(ask(&known, "card_valid", "", TODAY), Answer::Yes);
        let words = person(|entry| {
            entry.birth_place_text = "Tambaçounda".into();
            entry.sex = String::new();
            entry.died = "2020".into();
        });
        assert_eq!(ask(&words, "birth_place", "TAMBACOUNDA", TODAY), Answer::Yes);
        assert_eq!(ask(&words, "birth_place", "p-n-1", TODAY), Answer::Unknown);
        assert_eq!(ask(&words, "address_place", "p-n-1", TODAY), Answer::Unknown);
        assert_eq!(ask(&words, "sex", "female", TODAY), Answer::Unknown);
        assert_eq!(ask(&words, "alive", "", TODAY), Answer::No);
    }

    #[test]
    fn what_is_no_claim() {
        let long = "x".repeat(MAX_PLACE_CHARS + 1);
        for (attribute, value) in [
            (Attribute::Name, ""),
            (Attribute::Name, "12"),
            (Attribute::Born, ""),
            (Attribute::Born, "13/02/1990"),
            (Attribute::OverAge, "0"),
            (Attribute::OverAge, "121"),
            (Attribute::OverAge, "-1"),
            (Attribute::Sex, "unknown"),
            (Attribute::Sex, "Female"),
            (Attribute::BirthPlace, ""),
            (Attribute::BirthPlace, long.as_str()),
            (Attribute::AddressPlace, "a\u{0}"),
            (Attribute::Alive, "no"),
            (Attribute::CardValid, "yes"),
            (Attribute::Photo, ""),
        ] {
            assert!(Claim::parse(attribute, value, str::to_string).is_err(), "{attribute:?} {value:?}");
        }
        assert!(Claim::parse(Attribute::OverAge, "1", str::to_string).is_ok());
        assert!(Claim::parse(Attribute::OverAge, "120", str::to_string).is_ok());
        assert!(Claim::parse(Attribute::BirthPlace, &"x".repeat(MAX_PLACE_CHARS), str::to_string).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(value in "\\PC{0,60}", which in 0usize..9) {
            if let Ok(claim) = Claim::parse(Attribute::ALL[which], &value, str::to_string) {
                let _ = claim.answer(&person(|_| ()), true, TODAY.parse().unwrap(), &|_| None);
            }
        }
        #[test]
        fn an_age_once_reached_stays_reached(year in 1900i16..2020, age in 1u8..100, days in 0i32..5000) {
            let born = PartialDate::Day(jiff::civil::date(year, 2, 28));
            let today = jiff::civil::date(2010, 1, 1);
            let later = today.checked_add(jiff::Span::new().days(days)).unwrap();
            prop_assert!(over_age(born, age, today) != Answer::Yes || over_age(born, age, later) == Answer::Yes);
        }
    }
}

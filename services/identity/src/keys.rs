//! What a person can be found by: combinations of fields, each turned into a keyed hash by the store's vault.
//! No single field is ever indexed alone, so that whoever reads the table cannot count how many Fatimas there
//! are; what equality and frequency still leak is published as bucket sizes (`statistics::bucket_sizes`).

use crate::name::{fold, sound};
use crate::person::Person;
use daftar_kernel::PartialDate;

/// Version of the rules that make keys. A change of the rules raises it, and where a key would mean something else its
/// purpose too, so that old keys are never mistaken for new ones; `People::reindex` makes new ones.
pub const RULE_VERSION: u32 = 2;
/// Pairs of name parts that are indexed for one name.
pub const MAX_PAIRS: usize = 6;
/// Keys one person may have.
pub const MAX_KEYS: usize = 24;

/// A combination of fields.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyKind {
    /// The folded whole name and the date of birth.
    NameDate,
    /// The sound of the whole name and the date of birth.
    SoundDate,
    /// Date and place of birth, and the sound the name begins with.
    DatePlace,
    /// The sounds of two parts of the name and the year of birth (or that it is unknown).
    PairYear,
    /// The sound of the whole name and the place of birth.
    SoundPlace,
}

impl KeyKind {
    /// The purpose that separates this kind's hashes from every other's.
    #[must_use]
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::NameDate => "identity/name-date/1",
            Self::SoundDate => "identity/sound-date/1",
            Self::DatePlace => "identity/date-place/1",
            Self::PairYear => "identity/pair-year/1",
            Self::SoundPlace => "identity/sound-place/1",
        }
    }
}

/// One combination of one person, before hashing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which combination.
    pub kind: KeyKind,
    /// Its parts, in the kind's order.
    pub parts: Vec<String>,
}

impl Key {
    fn new(kind: KeyKind, parts: impl IntoIterator<Item = String>) -> Self {
        Self { kind, parts: parts.into_iter().collect() }
    }
}

/// All keys of a person, at most [`MAX_KEYS`], without repetitions.
#[must_use]
pub fn keys_of(person: &Person) -> Vec<Key> {
    let place = person.birth_place.key();
    let mut keys = Vec::with_capacity(8);
    for name in person.names() {
        for key in name_keys(name.as_str(), person.born, &place) {
            if keys.len() < MAX_KEYS && !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    keys
}

/// The keys under which somebody of this name, birth date and birth place (folded; may be empty) is found.
#[must_use]
pub fn name_keys(name: &str, born: PartialDate, place: &str) -> Vec<Key> {
    let folded = fold::key(name);
    if folded.is_empty() {
        return Vec::new();
    }
    let sounds = sound::key(name);
    let mut keys = Vec::with_capacity(8);
    if let PartialDate::Day(_) = born {
        keys.push(Key::new(KeyKind::NameDate, [folded, born.to_string()]));
        keys.push(Key::new(KeyKind::SoundDate, [sounds.clone(), born.to_string()]));
        // A name in another script has its sound in Latin letters beside its own: the two writings of one name meet.
        let shared = shared_sounds(name);
        if shared != sounds {
            keys.push(Key::new(KeyKind::SoundDate, [shared, born.to_string()]));
        }
    } else if !place.is_empty() {
        // A year alone says too little; with the place it says enough.
        keys.push(Key::new(KeyKind::NameDate, [folded, born.to_string(), place.to_string()]));
    }
    keys.extend(date_place_key(name, born, place));
    keys.extend(pair_keys(name, born.year()));
    if !place.is_empty() {
        keys.push(Key::new(KeyKind::SoundPlace, [sounds, place.to_string()]));
    }
    keys
}

/// The sounds of a name's parts by way of Latin letters, in alphabetical order.
fn shared_sounds(name: &str) -> String {
    let mut sounds: Vec<String> = fold::tokens(name).iter().map(|token| sound::shared_key(token)).collect();
    sounds.sort();
    sounds.dedup();
    sounds.join(" ")
}

/// Date and place of birth with the first sound of the name; only for a date known to the day.
#[must_use]
pub fn date_place_key(name: &str, born: PartialDate, place: &str) -> Option<Key> {
    let initial = sound::initial(name)?;
    (born.day().is_some() && !place.is_empty())
        .then(|| Key::new(KeyKind::DatePlace, [born.to_string(), place.to_string(), initial.to_string()]))
}

/// Every two sounds of a name with the year of birth. A name of one part pairs with nothing, so that it is
/// found as a single name only: the part of a longer name never finds its bearer alone.
#[must_use]
pub fn pair_keys(name: &str, year: Option<i16>) -> Vec<Key> {
    let mut sounds = sound::tokens(name);
    sounds.sort();
    let year = year.map_or_else(|| "?".to_string(), |year| year.to_string());
    if let [only] = &sounds[..] {
        return vec![Key::new(KeyKind::PairYear, [only.clone(), String::new(), year])];
    }
    let mut keys = Vec::new();
    for (place, first) in sounds.iter().enumerate() {
        for second in &sounds[place + 1..] {
            if keys.len() < MAX_PAIRS {
                keys.push(Key::new(KeyKind::PairYear, [first.clone(), second.clone(), year.clone()]));
            }
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(name: &str, born: &str, place: &str) -> Vec<KeyKind> {
        name_keys(name, born.parse().unwrap(), place).into_iter().map(|k| k.kind).collect()
    }

    #[test]
    fn no_key_holds_one_field_alone() {
        use KeyKind::*;
        assert_eq!(
            kinds("John Smith", "1856-06-20", "leeds"),
            [NameDate, SoundDate, DatePlace, PairYear, SoundPlace]
        );
        assert_eq!(kinds("John Smith", "1856", ""), [PairYear]);
        assert_eq!(kinds("John Smith", "", "leeds"), [NameDate, PairYear, SoundPlace]);
        assert_eq!(kinds("Sukarno", "", ""), [PairYear]);
        assert_eq!(kinds("A B C D", "1900", "").len(), 6);
        assert_eq!(kinds("John Smith Taylor Brown Wood Baker Cook Miller", "1900", "").len(), MAX_PAIRS);
    }

    #[test]
    fn order_of_parts_does_not_matter() {
        let day: PartialDate = "1856-06-20".parse().unwrap();
        let first_only =
            |keys: Vec<Key>| keys.into_iter().filter(|k| k.kind != KeyKind::DatePlace).collect::<Vec<_>>();
        assert!(
            first_only(name_keys("John Smith", day, "leeds"))
                == first_only(name_keys("Smith, John", day, "leeds"))
        );
    }

    #[test]
    fn two_scripts_meet() {
        let day: PartialDate = "1990-02-13".parse().unwrap();
        let shared = |a: &str, b: &str| {
            let b = name_keys(b, day, "");
            name_keys(a, day, "")
                .into_iter()
                .filter(|key| b.contains(key))
                .map(|key| key.kind)
                .collect::<Vec<_>>()
        };
        assert_eq!(shared("Mohammed Khalid", "محمد خالد"), [KeyKind::SoundDate]);
        assert_eq!(shared("Khalid Mohammed", "محمد خالد"), [KeyKind::SoundDate]);
        assert_eq!(shared("Fatima Khalid", "محمد خالد"), []);
        assert_eq!(kinds("Jon Smyth", "1990-02-13", "").len(), 3, "a Latin name has no second sound");
    }

    #[test]
    fn a_part_of_a_name_is_not_enough() {
        let whole = name_keys("William Pitcairn Campbell", PartialDate::Year(1856), "");
        let two = pair_keys("William Campbell", Some(1856));
        assert!(two.iter().all(|key| whole.contains(key)), "two parts find the person");
        assert!(
            pair_keys("Campbell", Some(1856)).iter().all(|key| !whole.contains(key)),
            "one part does not"
        );
    }

    proptest! {
        #[test]
        fn bounded_and_without_repetition(name in "\\PC{0,80}", year in 1800_i16..2200) {
            let keys = name_keys(&name, PartialDate::Year(year), "p");
            prop_assert!(keys.len() <= MAX_KEYS);
            for (place, key) in keys.iter().enumerate() {
                prop_assert!(!keys[place + 1..].contains(key));
                prop_assert!(key.parts.len() >= 2);
            }
        }
    }
}

//! What the register knows of a person.
//!
//! There is no field for religion, ethnicity, caste, tribe or party, and there will be none.

use crate::name::Name;
use daftar_kernel::{Lang, PartialDate};
use std::fmt;

pub use crate::entry::{Entry, Rules};

/// Names beside the main one: former names, and the name in other scripts.
pub const MAX_OTHER_NAMES: usize = 6;
/// Lines of an address; a place without streets needs words ("behind the blue mosque"), not a postcode.
pub const MAX_ADDRESS_LINES: usize = 5;
/// Characters of one address line or of a place in words.
pub const MAX_LINE_CHARS: usize = 120;
/// Bytes of a place code of the country pack.
pub const MAX_PLACE_CODE: usize = 60;
/// Characters of an e-mail address (RFC 5321 §4.5.3.1.3).
pub const MAX_EMAIL_CHARS: usize = 254;

/// Sex as the person's papers say it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Neither of the two (X in ICAO 9303).
    Other,
    /// Not known.
    Unknown,
}

impl Sex {
    /// All values, in the order of tables.
    pub const ALL: [Self; 4] = [Self::Female, Self::Male, Self::Other, Self::Unknown];
    /// The word in forms, files and columns.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
    /// The value of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sex| sex.word() == word)
    }
}

/// How a person belongs to the country. Every one of them may be registered and hold a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// A citizen.
    Citizen,
    /// A citizen of another country who lives here.
    Foreigner,
    /// A refugee or asylum seeker.
    Refugee,
    /// A person no country counts as its own.
    Stateless,
    /// Not established yet; no reason to refuse anything.
    Unknown,
}

impl Standing {
    /// All values.
    pub const ALL: [Self; 5] =
        [Self::Citizen, Self::Foreigner, Self::Refugee, Self::Stateless, Self::Unknown];
    /// The word in forms and files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Citizen => "citizen",
            Self::Foreigner => "foreigner",
            Self::Refugee => "refugee",
            Self::Stateless => "stateless",
            Self::Unknown => "unknown",
        }
    }
    /// The value of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.word() == word)
    }
}

/// A place: by its code in the country pack, in words, or both.
#[derive(Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// Code in the country pack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// In words, for a place the pack does not list or a place abroad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Place {
    /// What two records of one place have in common: the code, else the folded words; empty when unknown.
    #[must_use]
    pub fn key(&self) -> String {
        match (&self.code, &self.text) {
            (Some(code), _) => code.clone(),
            (None, Some(text)) => crate::name::fold::text_key(text),
            (None, None) => String::new(),
        }
    }
}

/// Where a person can be found.
#[derive(Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Address {
    /// Code of the place in the country pack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Free lines, from the nearest to the farthest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
}

/// A person, as one version of their record says.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Person {
    /// The whole name, as the person writes it.
    pub name: Name,
    /// The given part, when the person's naming has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Name>,
    /// The family part, when the person's naming has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<Name>,
    /// Former names, and the name in other scripts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_names: Vec<Name>,
    /// Date of birth, as exact as it is known.
    pub born: PartialDate,
    /// Place of birth.
    #[serde(default)]
    pub birth_place: Place,
    /// Sex.
    pub sex: Sex,
    /// The mother's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mother: Option<Name>,
    /// The father's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub father: Option<Name>,
    /// Where the person lives.
    #[serde(default)]
    pub address: Address,
    /// Telephone: `+` and digits, or digits of the country's own plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The language letters are written in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Lang>,
    /// How the person belongs to the country.
    pub standing: Standing,
    /// Date of death, when the person has died.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub died: Option<PartialDate>,
    /// The sealed blob of the photo. Having none closes no door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<String>,
}

// A person must not slip into a log through a debug print.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(…)")
    }
}

impl Person {
    /// The entry that would make this person: what a correction form starts from.
    #[must_use]
    pub fn entry(&self) -> Entry {
        let name = |name: &Option<Name>| name.as_ref().map(ToString::to_string).unwrap_or_default();
        Entry {
            name: self.name.to_string(),
            given: name(&self.given),
            family: name(&self.family),
            other_names: self.other_names.iter().map(ToString::to_string).collect(),
            born: self.born.to_string(),
            birth_place: self.birth_place.code.clone().unwrap_or_default(),
            birth_place_text: self.birth_place.text.clone().unwrap_or_default(),
            sex: self.sex.word().into(),
            mother: name(&self.mother),
            father: name(&self.father),
            address_place: self.address.place.clone().unwrap_or_default(),
            address_lines: self.address.lines.clone(),
            phone: self.phone.clone().unwrap_or_default(),
            email: self.email.clone().unwrap_or_default(),
            language: self.language.as_ref().map(|l| l.tag().to_string()).unwrap_or_default(),
            standing: self.standing.word().into(),
            died: self.died.map(|d| d.to_string()).unwrap_or_default(),
            photo: self.photo.clone().unwrap_or_default(),
        }
    }
    /// Every name of the person, the main one first.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        std::iter::once(&self.name).chain(&self.other_names)
    }
    /// The names of the fields in which two versions differ, in the order of [`FIELDS`].
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let differs = |field: &&str| match *field {
            "name" => self.name != other.name || self.given != other.given || self.family != other.family,
            "other_names" => self.other_names != other.other_names,
            "born" => self.born != other.born,
            "birth_place" => self.birth_place != other.birth_place,
            "sex" => self.sex != other.sex,
            "parents" => self.mother != other.mother || self.father != other.father,
            "address" => self.address != other.address,
            "contacts" => {
                self.phone != other.phone || self.email != other.email || self.language != other.language
            }
            "standing" => self.standing != other.standing,
            "died" => self.died != other.died,
            "photo" => self.photo != other.photo,
            _ => false,
        };
        FIELDS.iter().copied().filter(|field| differs(field)).collect()
    }
}

/// The groups of fields a reader can be shown and a correction can change; the words of the access register.
pub const FIELDS: [&str; 11] = [
    "name",
    "other_names",
    "born",
    "birth_place",
    "sex",
    "parents",
    "address",
    "contacts",
    "standing",
    "died",
    "photo",
];

//! The levels of agreement between two values of a field: the columns of Fellegi and Sunter's comparison
//! vector, more than "agrees" and "disagrees" (Winkler 1990).
//!
//! Each level of each field has a *code*, a place in the tables of a model. Names have three sets of levels,
//! one for each role of the parts that were laid side by side.

use crate::schema::{Kind, Schema};

/// How the frequency of the values enters a level's weight (Newcombe 1959; Winkler 2000).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Frequency {
    /// By chance two records agree on this value as often as it occurs.
    OwnShare,
    /// By chance a value lies near a frequent one in proportion to how frequent that is.
    Scaled,
    /// Not at all.
    Ignored,
}

/// A level: its word in explanations, how frequency enters, and the share among true matches that training
/// begins with.
#[derive(Debug)]
pub(crate) struct Level {
    pub word: &'static str,
    pub frequency: Frequency,
    pub start: f64,
}

const fn level(word: &'static str, frequency: Frequency, start: f64) -> Level {
    Level { word, frequency, start }
}

use Frequency::{Ignored, OwnShare, Scaled};

/// Levels of two parts of a name.
pub(crate) const PART: [Level; 8] = [
    level("same", OwnShare, 0.74),
    level("misspelled", Scaled, 0.08),
    level("sounds alike", Scaled, 0.03),
    level("known to stand for each other", Scaled, 0.05),
    level("one letter apart, both names of their own", Scaled, 0.02),
    level("similar", Scaled, 0.04),
    level("initial", Scaled, 0.02),
    level("different", Ignored, 0.02),
];
pub(crate) const PART_DIFFERENT: u8 = 7;

/// Roles of two parts of a name that were laid side by side.
pub(crate) const ROLES: [&str; 3] = ["first part", "last part", "other part"];

/// Levels of two dates, in the order of [`DateRelation`](crate::DateRelation).
pub(crate) const DATE: [Level; 9] = [
    level("same day", OwnShare, 0.55),
    level("same year, no more known", OwnShare, 0.1),
    level("same year, one says no more", Ignored, 0.05),
    level("day and month exchanged", Ignored, 0.02),
    level("one digit apart", Ignored, 0.15),
    level("same day, year off by at most 3", Ignored, 0.03),
    level("same year, another day", Ignored, 0.05),
    level("at most 3 years apart, day unknown", Ignored, 0.03),
    level("different", Ignored, 0.01),
];

/// Levels of two places.
pub(crate) const PLACE: [Level; 5] = [
    level("same", OwnShare, 0.7),
    level("misspelled", Scaled, 0.05),
    level("known to stand for each other", Scaled, 0.05),
    level("share a word", Scaled, 0.05),
    level("different", Ignored, 0.15),
];

/// Levels of two codes.
pub(crate) const CODE: [Level; 5] = [
    level("same", OwnShare, 0.6),
    level("one character apart", Ignored, 0.1),
    level("same first half", Ignored, 0.1),
    level("same beginning", Ignored, 0.1),
    level("different", Ignored, 0.1),
];

/// Levels of two categories.
pub(crate) const CATEGORY: [Level; 4] = [
    level("same", OwnShare, 0.8),
    level("misspelled", Scaled, 0.05),
    level("known to stand for each other", Scaled, 0.05),
    level("different", Ignored, 0.1),
];

const fn levels_of(kind: Kind) -> &'static [Level] {
    match kind {
        Kind::Name => &PART,
        Kind::Date => &DATE,
        Kind::Place => &PLACE,
        Kind::Code => &CODE,
        Kind::Category => &CATEGORY,
    }
}

/// The words of every level, and those of the roles of a name's parts: what whoever translates explanations needs.
#[must_use]
pub fn words() -> Vec<&'static str> {
    let mut words: Vec<&'static str> = ROLES.to_vec();
    for levels in [&PART[..], &DATE, &PLACE, &CODE, &CATEGORY] {
        words.extend(levels.iter().map(|level| level.word));
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// What a code means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meaning {
    pub field: usize,
    /// Which set of levels it belongs to; the shares of a set among matches sum to one.
    pub set: usize,
    pub role: Option<&'static str>,
    /// The level's place in its set.
    pub place: u8,
    pub level: &'static Level,
}

/// All codes of a schema.
#[derive(Clone, Debug)]
pub(crate) struct Codes {
    meanings: Vec<Meaning>,
    first: Vec<u16>,
}

impl Codes {
    pub(crate) fn new(schema: &Schema) -> Self {
        let (mut meanings, mut first, mut set) = (Vec::new(), Vec::new(), 0);
        for (field, spec) in schema.fields().iter().enumerate() {
            first.push(meanings.len() as u16);
            let roles: &[Option<&'static str>] = if spec.kind == Kind::Name {
                &[Some(ROLES[0]), Some(ROLES[1]), Some(ROLES[2])]
            } else {
                &[None]
            };
            for role in roles {
                meanings.extend(levels_of(spec.kind).iter().zip(0..).map(|(level, place)| Meaning {
                    field,
                    set,
                    role: *role,
                    place,
                    level,
                }));
                set += 1;
            }
        }
        Self { meanings, first }
    }
    pub(crate) fn len(&self) -> usize {
        self.meanings.len()
    }
    pub(crate) fn meanings(&self) -> &[Meaning] {
        &self.meanings
    }
    pub(crate) fn of(&self, code: u16) -> &Meaning {
        &self.meanings[usize::from(code)]
    }
    /// The code of a field's level.
    pub(crate) fn code(&self, field: usize, role: u8, level: u8) -> u16 {
        self.first[field] + u16::from(role) * PART.len() as u16 + u16::from(level)
    }
}

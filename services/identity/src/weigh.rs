//! How much speaks for it that two records are one person: Fellegi and Sunter's weights over the fields of a person,
//! with the words for every field. The machine weighs and says why; people decide.

use crate::person::{Person, Place, Sex};
use aws_lc_rs::digest::{SHA256, digest};
use daftar_kernel::{Problem, hex};
use record_linkage::{Explanation, Field, Kind, Model, Schema, Usual, milli_bits};

/// Thousandths of a bit from which somebody is a candidate: even odds, for a register that begins by believing that a
/// tenth of its people come twice.
pub const CANDIDATE_MILLIBITS: i64 = 0;
/// People of the register whose odds a weight gives. A larger register finds more namesakes by chance; that is for
/// people to judge, and hides no double.
pub const PEOPLE: u32 = 8_192;
/// Version of the fields, their texts and the threshold: stands in acts and beside every kept weight.
pub const RULE_VERSION: u32 = 1;
/// The version of the model that comes with the program; learned ones count from 1.
pub const STARTING: i64 = 0;

/// The fields that are weighed, in the order of explanations: word, kind, and one in how many people bears a value that
/// nothing is known of.
///
/// Parents' names are weighed as places are: whole texts with variants, which brothers and sisters share. Standing,
/// e-mail and language say nothing of who somebody is.
const FIELDS: [(&str, Kind, u32); 9] = [
    ("name", Kind::Name, 181),
    ("born", Kind::Date, 29_200),
    ("birth-place", Kind::Place, 64),
    ("sex", Kind::Category, 2),
    ("mother", Kind::Place, 2_048),
    ("father", Kind::Place, 2_048),
    ("home", Kind::Place, 64),
    ("street", Kind::Place, 2_048),
    ("phone", Kind::Code, 100_000),
];
/// Years of birth whose share the starting model knows, and one in how many people was born in one.
const YEARS: std::ops::RangeInclusive<u16> = 1900..=2100;
const ONE_IN_A_YEAR: u32 = 80;

/// The words of the fields, in the order of explanations; the messages are `identity-weigh-<word>`.
#[must_use]
pub fn field_words() -> [&'static str; 9] {
    FIELDS.map(|(word, ..)| word)
}

/// The schema of a person.
///
/// # Errors
/// Never: these fields make a schema.
pub fn schema() -> Result<Schema, Problem> {
    let fields = FIELDS.map(|(word, kind, _)| Field { name: word.into(), kind });
    Schema::new(fields.into()).map_err(Problem::internal)
}

/// The model that comes with the program: first guesses about slips, and values as frequent as they are in a country
/// nobody knows. It holds nobody's data.
///
/// # Errors
/// Never: see [`schema`].
pub fn starting_model() -> Result<Model, Problem> {
    let usual = FIELDS.map(|(word, _, one_in)| Usual {
        one_in,
        known: match word {
            "born" => YEARS.map(|year| (format!("{year:04}"), ONE_IN_A_YEAR)).collect(),
            "sex" => vec![("female".into(), 2), ("male".into(), 2)],
            _ => Vec::new(),
        },
    });
    Model::starting(&schema()?, PEOPLE, &usual)
        .ok_or_else(|| Problem::internal("the starting model has no shape"))
}

/// A place as it is compared: words as they are; a code as its digest, so that two codes that differ by a digit are not
/// one place with a slip.
fn place_text(place: &Place) -> String {
    match (&place.code, &place.text) {
        (Some(code), _) => code_text(code),
        (None, Some(text)) => text.clone(),
        (None, None) => String::new(),
    }
}

fn code_text(code: &str) -> String {
    hex::encode(digest(&SHA256, code.as_bytes()).as_ref().first_chunk::<8>().unwrap_or(&[0; 8]))
}

/// The texts of a person, one list for each of their names.
#[must_use]
pub fn texts(person: &Person) -> Vec<[String; 9]> {
    let parent =
        |name: &Option<crate::name::Name>| name.as_ref().map(ToString::to_string).unwrap_or_default();
    let sex = match person.sex {
        Sex::Unknown => "",
        known => known.word(),
    };
    let home = person.address.place.as_deref().map(code_text).unwrap_or_default();
    let of = |name: &crate::name::Name| {
        [
            name.to_string(),
            person.born.to_string(),
            place_text(&person.birth_place),
            sex.to_string(),
            parent(&person.mother),
            parent(&person.father),
            home.clone(),
            person.address.lines.join(" "),
            person.phone.clone().unwrap_or_default(),
        ]
    };
    person.names().map(of).collect()
}

/// One line of a weighing: a field, or what is not of a field.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Line {
    /// The field's word; `prior` for what any two records begin with; `relatives` for what is taken off because people
    /// of one family agree on much.
    pub about: &'static str,
    /// How the values agree, in the library's English words; a name has one for each two of its parts.
    pub levels: Vec<&'static str>,
    /// For (above 0) or against, in thousandths of a bit.
    pub millibits: i64,
}

/// What speaks for one person, and what against.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Weight {
    /// In thousandths of a bit; 1,000 doubles the odds. The sum of the lines.
    pub millibits: i64,
    /// Version of the model that weighed.
    pub model: i64,
    /// Fields on which both records speak, then `relatives`, then `prior`.
    pub lines: Vec<Line>,
}

/// A model and its version.
#[derive(Clone, Debug)]
pub struct Scales {
    /// The version; [`STARTING`] for the one that comes with the program.
    pub version: i64,
    /// What weighs.
    pub model: Model,
}

impl Scales {
    /// The scales that come with the program.
    ///
    /// # Errors
    /// Never: see [`schema`].
    pub fn starting() -> Result<Self, Problem> {
        Ok(Self { version: STARTING, model: starting_model()? })
    }

    /// Weighs two people; of their names the two that are most alike count. The order of the two does not matter.
    #[must_use]
    pub fn weigh(&self, a: &Person, b: &Person) -> Weight {
        self.weigh_texts(&texts(a), &texts(b))
    }

    /// As [`Scales::weigh`], for texts made before.
    #[must_use]
    pub fn weigh_texts(&self, a: &[[String; 9]], b: &[[String; 9]]) -> Weight {
        let mut best: Option<Weight> = None;
        for x in a {
            for y in b {
                let found = self.told(&self.model.explain(x, y));
                if best.as_ref().is_none_or(|best| found.millibits > best.millibits) {
                    best = Some(found);
                }
            }
        }
        best.unwrap_or(Weight { millibits: i64::MIN, model: self.version, lines: Vec::new() })
    }

    /// In whole thousandths, and so that the lines add up to the weight.
    fn told(&self, why: &Explanation) -> Weight {
        let mut lines = Vec::new();
        for (place, (about, ..)) in FIELDS.iter().enumerate() {
            if let Some((sum, reasons)) = why.of_field(place) {
                let levels = reasons.iter().map(|reason| reason.level).collect();
                lines.push(Line { about, levels, millibits: milli_bits(sum) });
            }
        }
        let bare = |about, weight| Line { about, levels: Vec::new(), millibits: milli_bits(weight) };
        lines.push(bare("relatives", why.relatives));
        lines.push(bare("prior", why.prior));
        Weight { millibits: lines.iter().map(|line| line.millibits).sum(), model: self.version, lines }
    }
}

impl Weight {
    /// Whether people should look.
    #[must_use]
    pub const fn is_candidate(&self) -> bool {
        self.millibits >= CANDIDATE_MILLIBITS
    }
}

/// The end of the message of the library's words: `same day` is `same-day`.
#[must_use]
pub fn level_key(level: &str) -> String {
    level
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
#[path = "weigh_tests.rs"]
mod tests;

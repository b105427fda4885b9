//! A model before any file: what clerks, families and spellings are known to do, for a register that has taught
//! nothing yet. Values weigh as much as a value of a country of some thousands does; learning replaces all of it but
//! the levels' first guesses.

use crate::level::{CATEGORY, CODE, Codes, DATE, Meaning, PART, PLACE};
use crate::model::Model;
use crate::parameters::Parameters;
use crate::schema::{Kind, Schema};
use crate::vocabulary::Vocabulary;

/// What a starting model is told about one field.
#[derive(Clone, PartialEq, Debug)]
pub struct Usual {
    /// A value nothing is known of is borne by one person in so many, 1 or more.
    pub one_in: u32,
    /// Values that are known, each borne by one person in so many: the sexes, say.
    pub known: Vec<(String, u32)>,
}

/// How much more often a level occurs by chance than the same value does: a near spelling of a name is borne by about
/// as many people as the name.
const fn near(kind: Kind, place: usize) -> f64 {
    match (kind, place) {
        // Misspelled; sounds alike; an alias; a letter apart; similar; an initial.
        (Kind::Name, 1) => 0.3,
        (Kind::Name, 2 | 3) => 0.5,
        (Kind::Name, 4) => 1.0,
        (Kind::Name, 5) => 3.0,
        (Kind::Name, 6) => 5.0,
        // Parents share a word with whoever bears their name.
        (Kind::Place, 3) => 20.0,
        _ => 0.5,
    }
}

/// The chance of each level of [`DATE`] among births spread over 80 years: days are counted, and what two families say
/// of a birth nobody wrote down.
const DATE_CHANCE: [f64; 9] =
    [1.0 / 29_200.0, 1.0 / 80.0, 1.0 / 80.0, 1.0 / 60_000.0, 7e-4, 2e-4, 1.0 / 80.0, 6.0 / 80.0, 0.9];
/// The share of each level of [`DATE`] among records of one person. Where day *and* month differ within a year, it is
/// seldom one birth.
const DATE_MATCH: [f64; 9] = [0.6, 0.1, 0.05, 0.02, 0.12, 0.05, 0.015, 0.03, 0.01];
/// The same of [`CODE`].
const CODE_CHANCE: [f64; 5] = [0.0, 0.01, 0.05, 0.1, 0.8];

impl Model {
    /// A model for a register of about `people` people that has learned from none: for each field of the schema what
    /// is usual there. The same arguments give the same model.
    ///
    /// `None` unless there is one entry a field and no number is 0.
    #[must_use]
    pub fn starting(schema: &Schema, people: u32, usual: &[Usual]) -> Option<Self> {
        let is_sound = |usual: &Usual| usual.one_in > 0 && usual.known.iter().all(|(_, one_in)| *one_in > 0);
        if usual.len() != schema.fields().len() || !usual.iter().all(is_sound) {
            return None;
        }
        let codes = Codes::new(schema);
        let mut parameters = crate::train::start(&codes, people as usize);
        for (code, meaning) in codes.meanings().iter().enumerate() {
            let kind = schema.fields()[meaning.field].kind;
            guess(&mut parameters, code, meaning, kind, f64::from(usual[meaning.field].one_in));
        }
        let mut vocabulary = Vocabulary::new(schema);
        vocabulary.people = u64::from(people);
        for (lexicon, usual) in vocabulary.lexicons.iter_mut().zip(usual) {
            for (text, _) in &usual.known {
                lexicon.intern(text);
            }
            lexicon.set_shares(usual.known.iter().map(|(_, one_in)| 1.0 / *one_in as f32), u64::from(people));
            lexicon.set_rarest((usual.one_in as f32).log2());
        }
        Some(Self::new(schema.clone(), codes, vocabulary, parameters))
    }

    /// The same model, for records taken at random from so many people, a tenth of whom are recorded twice: what a
    /// register begins with when somebody new comes, whatever share of doubles the learned sample had.
    #[must_use]
    pub fn for_people(mut self, people: u32) -> Self {
        self.parameters.prior = crate::train::start(&self.codes, people as usize).prior;
        self.parameters.relatives = 0.0;
        let parameters = self.parameters.rounded();
        self.weights = parameters.weights(&self.schema, &self.codes, u64::from(people));
        self.parameters = parameters;
        self
    }
}

fn guess(parameters: &mut Parameters, code: usize, meaning: &Meaning, kind: Kind, one_in: f64) {
    let place = usize::from(meaning.place);
    let mean = 1.0 / one_in;
    let last = |levels: usize| place + 1 == levels;
    parameters.mean_share[code] = mean;
    parameters.u[code] = match kind {
        Kind::Date => DATE_CHANCE[place.min(DATE.len() - 1)],
        Kind::Code => CODE_CHANCE[place.min(CODE.len() - 1)],
        Kind::Name if last(PART.len()) => 0.95,
        Kind::Place if last(PLACE.len()) => 0.9,
        // Of two strangers half are of one sex.
        Kind::Category if last(CATEGORY.len()) => 0.5,
        _ => (near(kind, place) * mean).min(1.0),
    };
    if kind == Kind::Date {
        parameters.m[code] = DATE_MATCH[place.min(DATE.len() - 1)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Field;

    fn usual(one_in: u32) -> Usual {
        Usual { one_in, known: Vec::new() }
    }
    fn schema() -> Schema {
        let field = |kind: Kind| Field { name: kind.word().into(), kind };
        Schema::new(vec![field(Kind::Name), field(Kind::Date), field(Kind::Category)]).unwrap()
    }
    fn model() -> Model {
        let sexes = ["female", "male"].map(|word| (word.to_string(), 2)).into();
        Model::starting(&schema(), 8_000, &[usual(128), usual(29_200), Usual { one_in: 2, known: sexes }])
            .unwrap()
    }

    #[test]
    fn by_hand() {
        let told = model()
            .explain(&["Amina Haddad", "1990-02-13", "female"], &["Amina Haddad", "1990-02-13", "female"]);
        // log2(0.74 * 128) twice, log2(0.6 * 29200), log2(0.8 * 2); two in ten of 8,000 to begin with.
        let by_hand = [6.566, 6.566, 14.097, 0.678];
        assert_eq!(told.reasons.len(), by_hand.len());
        for (reason, weight) in told.reasons.iter().zip(by_hand) {
            assert!((reason.weight - weight).abs() < 0.01, "{reason:?}");
        }
        assert!((told.prior + 15.29).abs() < 0.01, "{}", told.prior);
    }

    #[test]
    fn what_was_written_is_read_again_the_same() {
        let model = model();
        let again: Model = serde_json::from_str(&serde_json::to_string(&model).unwrap()).unwrap();
        let pair = (["Amina Hadad", "1991-02-13", "female"], ["Haddad Amina", "1990-02-13", "female"]);
        assert_eq!(model.explain(&pair.0, &pair.1), again.explain(&pair.0, &pair.1));
        assert!(model.explain(&pair.0, &pair.1).weight > 0.0);
    }

    #[test]
    fn a_prior_is_of_so_many_people() {
        let told = model().for_people(80_000).explain(&["A B", "", ""], &["A B", "", ""]);
        assert!((told.prior + 18.61).abs() < 0.01, "{}", told.prior);
    }

    #[test]
    fn one_in_none_makes_no_model() {
        let known = |one_in| Usual { one_in: 2, known: vec![("x".into(), one_in)] };
        let made = |first, last| Model::starting(&schema(), 10, &[usual(first), usual(2), known(last)]);
        assert!(made(1, 1).is_some());
        assert!(made(0, 1).is_none() && made(1, 0).is_none());
        assert!(Model::starting(&schema(), 10, &[]).is_none());
    }
}

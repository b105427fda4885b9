//! A trained model: it weighs any two records, says why, and can be kept as a file.

use crate::compare::{Comparer, Observation};
use crate::level::Codes;
use crate::parameters::{Parameters, Weights};
use crate::record::Prepared;
use crate::schema::Schema;
use crate::train::chance;
use crate::vocabulary::Vocabulary;

/// What linkage learned from a file. It weighs pairs of records the file never held.
///
/// A model holds values that at least two people of the file bore, with their shares: treat it as personal data.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "crate::saved::Saved", into = "crate::saved::Saved")]
pub struct Model {
    pub(crate) schema: Schema,
    pub(crate) codes: Codes,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) parameters: Parameters,
    pub(crate) weights: Weights,
}

/// Why two records are, or are not, taken for one person. All weights are bits: +1 doubles the odds.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Explanation {
    /// The log2 odds that they are one person: all of the following, added.
    pub weight: f32,
    /// The same as a chance.
    pub chance: f64,
    /// What any two records of the file begin with.
    pub prior: f32,
    /// What is taken off because two people of one family agree on much.
    pub relatives: f32,
    /// Each field on which both records speak; a name has a line for each pair of its parts.
    pub reasons: Vec<Reason>,
}

/// One line of an explanation.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Reason {
    /// Place of the field in the schema.
    pub field: usize,
    /// For names, which parts were laid side by side.
    pub role: Option<&'static str>,
    /// How they agree, in English words.
    pub level: &'static str,
    /// For or against, in bits.
    pub weight: f32,
}

impl Explanation {
    /// What a field weighs in all, and its reasons; `None` when one of the records does not speak on it.
    #[must_use]
    pub fn of_field(&self, field: usize) -> Option<(f32, Vec<&Reason>)> {
        let reasons: Vec<&Reason> = self.reasons.iter().filter(|reason| reason.field == field).collect();
        (!reasons.is_empty()).then(|| (reasons.iter().map(|reason| reason.weight).sum(), reasons))
    }
}

/// A weight in thousandths of a bit, for whoever keeps or adds weights without floating point.
#[must_use]
pub fn milli_bits(weight: f32) -> i64 {
    (f64::from(weight) * 1000.0).round() as i64
}

/// How many times likelier so many thousandths of a bit make one hypothesis than the other, to two digits and at most
/// a million million; the sign does not matter. 7,200 gives 150.
#[must_use]
pub fn times(milli_bits: i64) -> u64 {
    let times = (milli_bits.unsigned_abs().min(39_863) as f64 / 1000.0).exp2();
    let digit = 10_f64.powf((times.log10().floor() - 1.0).max(0.0));
    ((times / digit).round() * digit) as u64
}

impl Model {
    pub(crate) fn new(schema: Schema, codes: Codes, vocabulary: Vocabulary, parameters: Parameters) -> Self {
        let parameters = parameters.rounded();
        let weights = parameters.weights(&schema, &codes, vocabulary.population());
        Self { schema, codes, vocabulary, parameters, weights }
    }
    /// The fields it compares.
    #[must_use]
    pub const fn schema(&self) -> &Schema {
        &self.schema
    }
    /// People it was learned from.
    #[must_use]
    pub const fn people(&self) -> u64 {
        self.vocabulary.people
    }
    /// Weighs two records, given as the texts of the schema's fields.
    #[must_use]
    pub fn explain<S: AsRef<str>>(&self, a: &[S], b: &[S]) -> Explanation {
        let mut fresh = vec![Vec::new(); self.schema.fields().len()];
        let a = self.vocabulary.ask(&self.schema, a, &mut fresh);
        let b = self.vocabulary.ask(&self.schema, b, &mut fresh);
        let mut vector = Vec::new();
        Comparer { fresh: &fresh, ..self.comparer() }.compare(&a, &b, &mut vector);
        self.account(&vector)
    }

    pub(crate) const fn comparer(&self) -> Comparer<'_> {
        Comparer { schema: &self.schema, codes: &self.codes, vocabulary: &self.vocabulary, fresh: &[] }
    }
    pub(crate) fn explain_prepared(&self, a: &Prepared, b: &Prepared) -> Explanation {
        let mut vector = Vec::new();
        self.comparer().compare(a, b, &mut vector);
        self.account(&vector)
    }
    pub(crate) fn account(&self, vector: &[Observation]) -> Explanation {
        let reason = |observation: &Observation| {
            let meaning = self.codes.of(observation.code);
            Reason {
                field: meaning.field,
                role: meaning.role,
                level: meaning.level.word,
                weight: self.weights.of(*observation),
            }
        };
        let relatives = self.weights.relatives(vector);
        let weight = self.weights.against_strangers(vector) + relatives;
        Explanation {
            weight,
            chance: chance(weight),
            prior: self.weights.prior,
            relatives,
            reasons: vector.iter().map(reason).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odds_in_words() {
        let said = [0, 1_000, -1_000, 3_322, 7_200, -10_000, 20_000].map(times);
        assert_eq!(said, [1, 2, 2, 10, 150, 1_000, 1_000_000]);
        assert_eq!(times(i64::MIN), 1_000_000_000_000);
        assert_eq!([7.2, -0.0004, -3.5].map(milli_bits), [7_200, 0, -3_500]);
    }
}

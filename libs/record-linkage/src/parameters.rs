//! The parameters of Fellegi and Sunter's model: for every level, how often it occurs among pairs that are one
//! person (m) and among pairs of strangers (u), and the weight that follows.

use crate::compare::Observation;
use crate::level::{Codes, Frequency};
use crate::relatives::{Kinship, RELATIVES};
use crate::schema::Schema;

/// Weights of one level are kept within this many bits: no single field decides alone.
pub(crate) const MAX_WEIGHT: f32 = 15.0;

/// What was never seen is rare, not impossible.
const LEAST: f64 = 1e-7;

/// m, u and the mean share of the values behind u, for every code.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameters {
    pub m: Vec<f64>,
    pub u: Vec<f64>,
    pub mean_share: Vec<f64>,
    /// The chance that two records of the file, taken at random, are one person.
    pub prior: f64,
    /// The chance that they are two people of one family.
    pub relatives: f64,
}

/// The weights of all codes, ready for adding.
#[derive(Clone, Debug)]
pub(crate) struct Weights {
    base: Vec<f32>,
    /// Whether the logarithm of the share is taken off.
    by_share: Vec<bool>,
    /// log2 of the prior odds of being one person.
    pub prior: f32,
    /// The same of being two people of one family.
    pub prior_of_relatives: f32,
    pub kinship: Kinship,
}

impl Parameters {
    /// Whether the tables have an entry for every code.
    pub(crate) fn fit(&self, codes: &Codes) -> bool {
        [&self.m, &self.u, &self.mean_share].iter().all(|table| table.len() == codes.len())
    }
    /// Whether every number is a share.
    pub(crate) fn are_shares(&self) -> bool {
        let tables =
            self.m.iter().chain(&self.u).chain(&self.mean_share).chain([&self.prior, &self.relatives]);
        tables.into_iter().all(|number| (0.0..=1.0).contains(number))
    }
    /// `people`: of whom the shares are counted.
    pub(crate) fn weights(&self, schema: &Schema, codes: &Codes, people: u64) -> Weights {
        let (mut base, mut by_share) = (Vec::new(), Vec::new());
        for (code, meaning) in codes.meanings().iter().enumerate() {
            let (m, u) = (self.m[code].max(LEAST), self.u[code].max(LEAST));
            let (odds, shared) = match meaning.level.frequency {
                Frequency::OwnShare => (m, true),
                Frequency::Scaled if self.mean_share[code] > 0.0 => (m / u * self.mean_share[code], true),
                Frequency::Scaled | Frequency::Ignored => (m / u, false),
            };
            base.push(odds.log2() as f32);
            by_share.push(shared);
        }
        let prior = self.prior.clamp(1e-14, 0.5);
        let people = people.max(2) as f64;
        Weights {
            base,
            by_share,
            prior: (prior / (1.0 - prior)).log2() as f32,
            prior_of_relatives: self.relatives.max(RELATIVES / people).min(0.5).log2() as f32,
            kinship: Kinship::new(codes, |field| schema.fields()[field].kind),
        }
    }
}

impl Weights {
    /// The weight of one observation, in bits.
    pub(crate) fn of(&self, observation: Observation) -> f32 {
        let code = usize::from(observation.code);
        let mut weight = self.base[code];
        if self.by_share[code] {
            weight += observation.rarity;
        }
        let most = if observation.two_names { self.kinship.most_of_two_names(code) } else { MAX_WEIGHT };
        weight.clamp(-MAX_WEIGHT, most)
    }
    /// The log2 odds that a vector speaks of one person rather than of two strangers.
    pub(crate) fn against_strangers(&self, vector: &[Observation]) -> f32 {
        vector.iter().fold(self.prior, |sum, observation| sum + self.of(*observation))
    }
    /// The log2 odds that a vector speaks of one person, relatives counted in. What is below `floor` anyway
    /// is not looked at twice.
    pub(crate) fn odds(&self, vector: &[Observation], floor: f32) -> f32 {
        let odds = self.against_strangers(vector);
        if odds < floor { odds } else { odds + self.relatives(vector) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Field, Kind};

    /// By hand: Fellegi and Sunter's weight is log2(m/u); a frequent value has its own share for u (Newcombe).
    #[test]
    fn hand_computed_weights() {
        let field = |kind: Kind| Field { name: kind.word().into(), kind };
        let schema = Schema::new(vec![field(Kind::Name), field(Kind::Code)]).unwrap();
        let codes = Codes::new(&schema);
        let mut parameters = crate::train::start(&codes, 4_096);
        parameters.prior = 1.0 / 1025.0;
        let (same, slip, different) = (codes.code(0, 1, 0), codes.code(0, 1, 1), codes.code(1, 0, 4));
        (parameters.m[usize::from(same)], parameters.u[usize::from(same)]) = (0.5, 0.01);
        (parameters.m[usize::from(slip)], parameters.u[usize::from(slip)]) = (0.125, 1.0 / 1024.0);
        parameters.mean_share[usize::from(slip)] = 0.25;
        (parameters.m[usize::from(different)], parameters.u[usize::from(different)]) = (0.125, 1.0);
        let weights = parameters.weights(&schema, &codes, 4096);
        let of = |code, share: f32| {
            weights.of(Observation { code, share, rarity: -share.log2(), two_names: false })
        };
        // Half of matches agree; one person in 64 bears the name: log2(0.5 * 64) = 5.
        assert!((of(same, 1.0 / 64.0) - 5.0).abs() < 1e-4);
        // log2(0.125 * 1024) = 7 at the mean share of a quarter, 4 bits more at a sixteenth of it.
        assert!((of(slip, 0.25) - 7.0).abs() < 1e-4);
        assert!((of(slip, 1.0 / 64.0) - 11.0).abs() < 1e-4);
        assert!((of(different, 1.0) + 3.0).abs() < 1e-4);
        assert!((weights.prior + 10.0).abs() < 1e-4);
        // Never more than the bound, however rare.
        assert!((of(slip, 1e-9) - MAX_WEIGHT).abs() < 1e-4);
    }

    /// By hand: a family name of 9 bits with chance 0.9: log2(0.9 * 512 + 0.1) = 8.848.
    #[test]
    fn hand_computed_relatives() {
        let field = |kind: Kind| Field { name: kind.word().into(), kind };
        let schema = Schema::new(vec![field(Kind::Name), field(Kind::Date)]).unwrap();
        let codes = Codes::new(&schema);
        let mut parameters = crate::train::start(&codes, 4_096);
        let same = codes.code(0, 1, 0);
        parameters.m[usize::from(same)] = 0.5;
        parameters.relatives = 1.0 / 256.0;
        let weights = parameters.weights(&schema, &codes, 4096);
        let vector = [Observation { code: same, share: 0.0, rarity: 10.0, two_names: false }];
        assert!((weights.of(vector[0]) - 9.0).abs() < 1e-4);
        assert!((weights.of_relatives(&vector) - (8.848 - 8.0)).abs() < 0.01);
        // 1 / (1 + 2^0.848): a third of the odds is left.
        assert!((weights.relatives(&vector) + 1.486).abs() < 0.02, "{}", weights.relatives(&vector));
    }
}

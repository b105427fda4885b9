//! Learning the parameters without any label: u from random pairs; m, the chance of being one person and that of
//! being relatives by expectation and maximisation (Dempster, Laird and Rubin 1977; Winkler 1988) over the pairs
//! that met in a block. Pairs that did not meet count as strangers.
//!
//! The chances are those of *all* pairs of the file, not of the pairs in blocks, and guesses are mixed in: in a
//! file without doubles there is nothing to learn, and nothing is learned. (Expectation over one kind of block
//! at a time finds doubles where there are none: people of one street.)

use crate::compare::{Comparer, Observation};
use crate::level::{Codes, Meaning, PART_DIFFERENT, ROLES};
use crate::mix::Dice;
use crate::parameters::{Parameters, Weights};
use crate::record::Records;

/// Random pairs that u is counted over.
pub const RANDOM_PAIRS: usize = 50_000;
/// Pairs that met that m is learned from.
pub const MET_PAIRS: usize = 30_000;
/// Doubles of a record that learning begins with.
const DOUBLES: f64 = 0.1;
/// Pairs' worth of the first guesses that are mixed into what was counted.
pub(crate) const START_PAIRS: f64 = 50.0;
/// Pairs' worth of the guess about strangers.
const STRANGERS: f64 = 20.0;
/// Turns of expectation and maximisation.
pub const TURNS: usize = 15;

/// The parameters to begin with: guesses for m, nothing for u.
pub(crate) fn start(codes: &Codes, records: usize) -> Parameters {
    // A given name is changed less often than a family name: to be called otherwise is to be somebody else.
    let guess = |meaning: &Meaning| match meaning.role {
        Some(role) if role == ROLES[0] && meaning.place == PART_DIFFERENT => 0.01,
        _ => meaning.level.start,
    };
    let m = codes.meanings().iter().map(guess).collect();
    let none = vec![0.0; codes.len()];
    Parameters {
        m,
        u: none.clone(),
        mean_share: none,
        prior: 2.0 * DOUBLES / records.max(2) as f64,
        relatives: 0.0,
    }
}

/// The guess of u that is mixed in: strangers differ, which is the last level of every set.
fn strangers(codes: &Codes) -> Vec<f64> {
    let meanings = codes.meanings();
    let of = |(code, meaning): (usize, &Meaning)| {
        let is_last = meanings.get(code + 1).is_none_or(|next| next.set != meaning.set);
        if is_last { 0.95 } else { 0.01 }
    };
    meanings.iter().enumerate().map(of).collect()
}

/// Counts of levels, in fractions, and the shares that came with them.
pub(crate) struct Counts {
    level: Vec<f64>,
    share: Vec<f64>,
}

impl Counts {
    pub(crate) fn new(codes: &Codes) -> Self {
        Self { level: vec![0.0; codes.len()], share: vec![0.0; codes.len()] }
    }
    pub(crate) fn add(&mut self, vector: &[Observation], part: f64) {
        for observation in vector {
            self.level[usize::from(observation.code)] += part;
            self.share[usize::from(observation.code)] += part * f64::from(observation.share);
        }
    }
    /// The share of each level within its set; `prior` pairs' worth of the shares in `before` are mixed in, so
    /// that what was never seen is rare and not impossible.
    pub(crate) fn shares(&self, codes: &Codes, before: &[f64], prior: f64) -> Vec<f64> {
        let mut sums = vec![0.0; codes.len()];
        for (meaning, (count, before)) in codes.meanings().iter().zip(self.level.iter().zip(before)) {
            sums[meaning.set] += count + prior * before;
        }
        let of = |(code, count): (usize, &f64)| {
            (count + prior * before[code]) / sums[codes.of(code as u16).set].max(f64::MIN_POSITIVE)
        };
        self.level.iter().enumerate().map(of).collect()
    }
    pub(crate) fn mean_share(&self) -> Vec<f64> {
        self.level.iter().zip(&self.share).map(|(n, sum)| if *n > 0.0 { sum / n } else { 0.0 }).collect()
    }
}

/// u and the mean shares, from pairs taken at random; pairs for which `known` holds are left out.
pub(crate) fn random(
    comparer: &Comparer<'_>,
    records: &Records,
    dice: &mut Dice,
    parameters: &mut Parameters,
    known: impl Fn(usize, usize) -> bool,
) {
    let mut counts = Counts::new(comparer.codes);
    let mut vector = Vec::new();
    let all = records.len() * records.len().saturating_sub(1) / 2;
    for _ in 0..RANDOM_PAIRS.min(all) {
        let a = dice.below(records.len());
        let b = (a + 1 + dice.below(records.len() - 1)) % records.len();
        if !known(a, b) {
            comparer.compare(records.get(a), records.get(b), &mut vector);
            counts.add(&vector, 1.0);
        }
    }
    parameters.u = counts.shares(comparer.codes, &strangers(comparer.codes), STRANGERS);
    parameters.mean_share = counts.mean_share();
}

/// Comparison vectors, one after the other.
#[derive(Default)]
pub(crate) struct Vectors {
    observations: Vec<Observation>,
    ends: Vec<u32>,
}

impl Vectors {
    pub(crate) fn push(&mut self, vector: &[Observation]) {
        self.observations.extend_from_slice(vector);
        self.ends.push(self.observations.len() as u32);
    }
    fn iter(&self) -> impl Iterator<Item = &[Observation]> {
        let from = std::iter::once(0).chain(self.ends.iter().map(|end| *end as usize));
        from.zip(&self.ends).map(|(from, end)| &self.observations[from..*end as usize])
    }
}

/// Expectation and maximisation: m and the chances, from a sample of the pairs that met. Each of them stands for
/// `weight` pairs, of `all` pairs of the file.
pub(crate) fn expect(
    codes: &Codes,
    vectors: &Vectors,
    weights_of: impl Fn(&Parameters) -> Weights,
    (weight, all): (f64, f64),
    parameters: &mut Parameters,
) {
    let start = parameters.m.clone();
    for _ in 0..TURNS {
        let weights = weights_of(parameters);
        let (mut counts, mut same, mut families) = (Counts::new(codes), 0.0, 0.0);
        for vector in vectors.iter() {
            let (one, family) = chances(&weights, vector);
            counts.add(vector, one);
            same += one;
            families += family;
        }
        parameters.m = counts.shares(codes, &start, START_PAIRS);
        let chance = |pairs: f64| ((pairs * weight + 0.5) / all).min(0.5);
        (parameters.prior, parameters.relatives) = (chance(same), chance(families));
    }
}

/// The chances that a pair is one person, and two people of one family; the rest is strangers.
fn chances(weights: &Weights, vector: &[Observation]) -> (f64, f64) {
    let (one, kin) = weights.hypotheses(vector);
    let (one, kin) = (f64::from(one).exp2(), f64::from(kin).exp2());
    (one / (1.0 + one + kin), kin / (1.0 + one + kin))
}

/// From bits to a chance.
pub(crate) fn chance(bits: f32) -> f64 {
    1.0 / (1.0 + (-f64::from(bits)).exp2())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Field, Kind, Schema};

    /// A mixture made by known parameters gives them back: two thirds strangers, m of 0.9, 0.8 and 0.7.
    #[test]
    fn expectation_finds_what_made_the_pairs() {
        let field = |n: usize, kind| Field { name: format!("f{n}"), kind };
        let kinds = [Kind::Name, Kind::Code, Kind::Code, Kind::Code];
        let schema =
            Schema::new(kinds.iter().enumerate().map(|(n, kind)| field(n, *kind)).collect()).unwrap();
        let codes = Codes::new(&schema);
        let mut parameters = start(&codes, 1_000);
        let truth = [(1, 0.9, 0.1), (2, 0.8, 0.05), (3, 0.7, 0.2)];
        for (field, _, u) in truth {
            parameters.u[usize::from(codes.code(field, 0, 1))] = u;
            parameters.u[usize::from(codes.code(field, 0, 4))] = 1.0 - u;
        }
        let mut dice = Dice::new(1);
        let mut vectors = Vectors::default();
        for _ in 0..30_000 {
            let one = dice.below(3) == 0;
            let observed = truth.map(|(field, m, u)| {
                let agrees = (dice.below(1_000_000) as f64) < 1e6 * if one { m } else { u };
                let code = codes.code(field, 0, if agrees { 1 } else { 4 });
                Observation { code, share: 0.0, rarity: 0.0, two_names: false }
            });
            vectors.push(&observed);
        }
        parameters.prior = 0.1;
        let weights = |p: &Parameters| p.weights(&schema, &codes, 1_000_000);
        expect(&codes, &vectors, weights, (1.0, 30_000.0), &mut parameters);
        let m = &parameters.m;
        assert!((parameters.prior - 1.0 / 3.0).abs() < 0.03, "{}", parameters.prior);
        for (field, truth, _) in truth {
            let found = m[usize::from(codes.code(field, 0, 1))];
            assert!((found - truth).abs() < 0.03, "field {field}: {found} for {truth}");
        }
    }
}

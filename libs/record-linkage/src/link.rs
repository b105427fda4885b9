//! Linking a whole file with itself, from nothing: keys, pairs, parameters, weights, groups; then once more with
//! what the groups taught.

use crate::block::Blocks;
use crate::cluster::{self, Joining};
use crate::compare::Comparer;
use crate::learn::{self, Groups};
use crate::level::Codes;
use crate::mix::{self, Dice};
use crate::model::{Explanation, Model};
use crate::parameters::{Parameters, Weights};
use crate::record::Records;
use crate::schema::Schema;
use crate::score::{Progress, Stage, weigh};
use crate::train::{self, Vectors};
use crate::vocabulary::Vocabulary;

/// Records of one file that are linked in one go; they lie in memory.
pub const MAX_RECORDS: usize = 5_000_000;
/// Log2 odds below which a pair is not kept: it joins nobody, and is weighed again when groups are compared.
const KEEP: f32 = -4.0;
/// What a pair below [`KEEP`] counts in a turn that only teaches: to weigh all of them once more costs as much as
/// weighing those that met, and teaches nothing new.
const UNKEPT: f32 = KEEP - 2.0;
/// Log2 odds below which a pair is not weighed again after the first turn.
const HOPELESS: f32 = -10.0;

/// What linking may be told. The defaults need no change.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Options {
    /// How pairs become groups.
    pub joining: Joining,
    /// Records of a bucket that are all compared with each other; in a larger one each is compared with its
    /// neighbours only.
    pub bucket: usize,
    /// How often linking learns from its own groups and begins again.
    pub turns: usize,
    /// Threads; the result does not depend on it.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { joining: Joining::default(), bucket: 60, turns: 1, threads: 1 }
    }
}

/// Two records that may be one person.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pair {
    /// The earlier record.
    pub a: u32,
    /// The later record.
    pub b: u32,
    /// The log2 odds that they are one person.
    pub weight: f32,
}

/// More than [`MAX_RECORDS`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("more than 5,000,000 records: link them in parts")]
pub struct TooMany;

const fn fits(records: usize) -> Result<(), TooMany> {
    if records > MAX_RECORDS { Err(TooMany) } else { Ok(()) }
}

/// A linked file. Records are named by their place in it.
#[derive(Clone, Debug)]
pub struct Linked {
    /// What was learned.
    pub model: Model,
    /// For each record, the first record of its group: records of one group are taken for one person.
    pub groups: Vec<u32>,
    /// The pairs that share a key and are not out of the question, the earlier record first, in order.
    pub pairs: Vec<Pair>,
    records: Records,
    /// Where each record of the file lies in `records`.
    places: Vec<u32>,
}

impl Linked {
    /// The pairs of so many bits or more; 0 is even odds.
    pub fn pairs_from(&self, bits: i16) -> impl Iterator<Item = &Pair> {
        let least = f32::from(bits);
        self.pairs.iter().filter(move |pair| pair.weight >= least)
    }
    /// Why two records are, or are not, taken for one person; `None` for a record that is not there.
    #[must_use]
    pub fn explain(&self, a: u32, b: u32) -> Option<Explanation> {
        let record = |of: u32| Some(self.records.get(*self.places.get(of as usize)? as usize));
        Some(self.model.explain_prepared(record(a)?, record(b)?))
    }
}

/// Links the rows of a file: each row holds the texts of the schema's fields. The same rows give the same
/// groups, in whatever order they come.
///
/// # Errors
/// For more than [`MAX_RECORDS`] rows.
pub fn link<S: AsRef<str>>(
    schema: &Schema,
    rows: &[Vec<S>],
    options: &Options,
    mut progress: impl FnMut(Progress),
) -> Result<Linked, TooMany> {
    fits(rows.len())?;
    let turns = options.turns + 1;
    let mut tell = |stage, turn, done, of| progress(Progress { stage, turn, turns, done, of });
    tell(Stage::Preparing, 0, 0, 1);
    // Everything below sees the rows in the order of their texts.
    let mut order: Vec<u32> = (0..rows.len() as u32).collect();
    let texts = |row: u32| rows[row as usize].iter().map(AsRef::as_ref);
    order.sort_by(|a, b| texts(*a).cmp(texts(*b)));
    let mut file = File::read(schema, order.iter().map(|row| &rows[*row as usize][..]));
    let mut pairs = Blocks::new(schema, &file.vocabulary, &file.records).pairs(options.bucket);
    tell(Stage::Training, 0, 0, 1);
    file.train(&pairs);
    let mut turn = 0;
    let (groups, kept) = loop {
        let (weights, of) = (file.weights(), pairs.len() as u64);
        let mut kept =
            weigh(file.comparer(), &weights, &file.records, &pairs, HOPELESS, options.threads, |done| {
                tell(Stage::Weighing, turn, done, of);
            });
        pairs = kept.iter().map(|(a, b, _)| (*a, *b)).collect();
        kept.retain(|(_, _, odds)| *odds >= KEEP);
        tell(Stage::Joining, turn, 0, 1);
        let groups = file.join(&weights, &kept, options.joining);
        if turn == options.turns {
            break (groups, kept);
        }
        file.learn(&Groups::new(groups));
        turn += 1;
    };
    tell(Stage::Joining, turns, 1, 1);
    Ok(file.answer(&order, &groups, &kept))
}

/// A file while it is being linked.
struct File<'a> {
    schema: &'a Schema,
    codes: Codes,
    vocabulary: Vocabulary,
    records: Records,
    parameters: Parameters,
    dice: Dice,
}

impl<'a> File<'a> {
    fn read<'r, S: AsRef<str> + 'r>(schema: &'a Schema, rows: impl Iterator<Item = &'r [S]>) -> Self {
        let mut vocabulary = Vocabulary { is_taught: false, ..Vocabulary::new(schema) };
        let mut records = Records::default();
        rows.for_each(|row| vocabulary.keep(schema, row, &mut records));
        vocabulary.count_records(schema, &records);
        let codes = Codes::new(schema);
        let parameters = train::start(&codes, records.len());
        let dice = Dice::new(mix::mix(records.len() as u64));
        Self { schema, codes, vocabulary, records, parameters, dice }
    }
    const fn comparer(&self) -> Comparer<'_> {
        Comparer { schema: self.schema, codes: &self.codes, vocabulary: &self.vocabulary, fresh: &[] }
    }
    fn weights(&self) -> Weights {
        self.parameters.weights(self.schema, &self.codes, self.vocabulary.population())
    }
    fn all_pairs(&self) -> f64 {
        let n = self.records.len() as f64;
        (n * (n - 1.0) / 2.0).max(1.0)
    }

    /// The first parameters: u from random pairs, the rest from a sample of the pairs that met.
    fn train(&mut self, pairs: &[(u32, u32)]) {
        let mut parameters = self.parameters.clone();
        let mut dice = self.dice.clone();
        let comparer = self.comparer();
        train::random(&comparer, &self.records, &mut dice, &mut parameters, |_, _| false);
        let step = pairs.len().div_ceil(train::MET_PAIRS).max(1);
        let (mut vectors, mut vector) = (Vectors::default(), Vec::new());
        for (a, b) in pairs.iter().step_by(step) {
            comparer.compare(self.records.get(*a as usize), self.records.get(*b as usize), &mut vector);
            vectors.push(&vector);
        }
        let weights = |parameters: &Parameters| {
            parameters.weights(self.schema, &self.codes, self.vocabulary.population())
        };
        train::expect(&self.codes, &vectors, weights, (step as f64, self.all_pairs()), &mut parameters);
        self.parameters = parameters;
        self.dice = dice;
    }

    fn join(&self, weights: &Weights, kept: &[(u32, u32, f32)], joining: Joining) -> Vec<u32> {
        let comparer = self.comparer();
        let mut vector = Vec::new();
        // A turn that only teaches does without the weights of what is known to be below KEEP.
        let is_last = self.vocabulary.is_taught;
        let first = self.records.first_of_same();
        // Rows that say the same are asked for one after the other.
        let (mut before, mut odds) = (None, 0.0);
        cluster::groups(self.records.len(), kept, joining, |a, b| {
            if !is_last {
                return UNKEPT;
            }
            let (a, b) = (first[a as usize], first[b as usize]);
            if before != Some((a, b)) {
                comparer.compare(self.records.get(a as usize), self.records.get(b as usize), &mut vector);
                odds = weights.odds(&vector, -joining.clip);
                before = Some((a, b));
            }
            odds
        })
    }

    fn learn(&mut self, groups: &Groups) {
        self.vocabulary.learn(self.schema, &self.records, groups);
        let mut parameters = self.parameters.clone();
        let mut dice = self.dice.clone();
        let comparer = self.comparer();
        let group = |record: usize| groups.of_record[record];
        train::random(&comparer, &self.records, &mut dice, &mut parameters, |a, b| group(a) == group(b));
        let (counts, within) = learn::within(&comparer, &self.codes, &self.records, groups);
        let start = train::start(&self.codes, self.records.len());
        parameters.m = counts.shares(&self.codes, &start.m, train::START_PAIRS);
        parameters.prior = ((within + 0.5) / self.all_pairs()).min(0.5);
        self.parameters = parameters;
        self.dice = dice;
    }

    /// Everything in the order of the file's rows again.
    fn answer(self, order: &[u32], groups: &[u32], kept: &[(u32, u32, f32)]) -> Linked {
        let mut places = vec![0; order.len()];
        for (place, row) in order.iter().enumerate() {
            places[*row as usize] = place as u32;
        }
        let mut first = vec![u32::MAX; order.len()];
        let mut named = Vec::with_capacity(order.len());
        for (row, place) in places.iter().enumerate() {
            let group = groups[*place as usize] as usize;
            first[group] = first[group].min(row as u32);
            named.push(first[group]);
        }
        let pair = |(a, b, weight): &(u32, u32, f32)| {
            let (a, b) = (order[*a as usize], order[*b as usize]);
            Pair { a: a.min(b), b: a.max(b), weight: *weight }
        };
        let mut pairs: Vec<Pair> = kept.iter().map(pair).collect();
        pairs.sort_unstable_by_key(|pair| (pair.a, pair.b));
        let vocabulary = Vocabulary { is_taught: true, ..self.vocabulary };
        let model = Model::new(self.schema.clone(), self.codes, vocabulary, self.parameters);
        Linked { model, groups: named, pairs, records: self.records, places }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_limit() {
        assert_eq!(fits(MAX_RECORDS), Ok(()));
        assert_eq!(fits(MAX_RECORDS + 1), Err(TooMany));
    }

    #[test]
    fn files_of_nobody_and_of_one() {
        let schema = crate::invented::schema().unwrap();
        let linked = |rows: &[Vec<&str>]| link(&schema, rows, &Options::default(), |_| {}).unwrap();
        assert!(linked(&[]).groups.is_empty());
        assert_eq!(linked(&[vec![]]).groups, [0]);
        let same = vec!["Amina Haddad", "1950-06-20", "Marsa"];
        assert_eq!(linked(&[same.clone(), same]).groups, [0, 0]);
    }
}

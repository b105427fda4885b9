//! Finding, among many records, those that may be the person of one new record.

use crate::block::{Key, keys_of};
use crate::compare::Comparer;
use crate::lexicon::FRESH;
use crate::mix::NumberMap;
use crate::model::{Explanation, Model};
use crate::record::Prepared;

/// Records that one question is compared with, those of the smallest buckets first.
pub const MAX_CANDIDATES: usize = 400;
/// A bucket of more records says too little to be looked at.
pub const MAX_BUCKET: usize = 200;
/// Added records that lie beside the sorted keys before they are sorted in.
const MAX_RECENT: usize = 50_000;

/// A record that may be the person in question.
#[derive(Clone, PartialEq, Debug)]
pub struct Match {
    /// Its number: the how-manieth that was added, from 0.
    pub record: u32,
    /// Why.
    pub explanation: Explanation,
}

/// Records under their keys, and the model that weighs them.
///
/// Keys lie sorted in one list, so that a bucket is found by halving; what was added lately lies in a small map
/// beside it until it is sorted in.
#[derive(Clone, Debug)]
pub struct Index {
    model: Model,
    records: Vec<Prepared>,
    sorted: Vec<(u64, u32)>,
    recent: NumberMap<u64, Vec<u32>>,
    recent_records: usize,
}

/// The records under one key.
struct Bucket<'a> {
    sorted: &'a [(u64, u32)],
    recent: &'a [u32],
}

impl Index {
    /// An empty index for a model.
    #[must_use]
    pub fn new(model: Model) -> Self {
        Self {
            model,
            records: Vec::new(),
            sorted: Vec::new(),
            recent: NumberMap::default(),
            recent_records: 0,
        }
    }
    /// The model.
    #[must_use]
    pub const fn model(&self) -> &Model {
        &self.model
    }
    /// Records in it.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.records.len()
    }
    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Adds a record, given as the texts of the schema's fields, and says its number.
    pub fn add<S: AsRef<str>>(&mut self, texts: &[S]) -> u32 {
        let model = &mut self.model;
        let cells = model.vocabulary.keep(&model.schema, texts);
        let mut keys = Vec::new();
        let lexicons = &model.vocabulary.lexicons;
        keys_of(&model.schema, |field, id| lexicons[field].term(id), &cells, &mut keys);
        let number = self.records.len() as u32;
        for Key { hash, .. } in keys {
            self.recent.entry(hash).or_default().push(number);
        }
        self.records.push(cells);
        self.recent_records += 1;
        if self.recent_records >= MAX_RECENT {
            self.settle();
        }
        number
    }

    /// Sorts in what was added lately. Happens by itself now and then; calling it after a large load makes the
    /// first questions quicker.
    pub fn settle(&mut self) {
        for (hash, records) in self.recent.drain() {
            self.sorted.extend(records.into_iter().map(|record| (hash, record)));
        }
        // Almost all of it is sorted: the stable sort finds the runs and merges them.
        self.sorted.sort();
        self.recent_records = 0;
    }

    /// The records that may be the person of these texts: log2 odds of at least `least`, the strongest first,
    /// at most `most`.
    #[must_use]
    pub fn find<S: AsRef<str>>(&self, texts: &[S], least: f32, most: usize) -> Vec<Match> {
        let model = &self.model;
        let mut fresh = vec![Vec::new(); model.schema.fields().len()];
        let cells = model.vocabulary.ask(&model.schema, texts, &mut fresh);
        let comparer = Comparer { fresh: &fresh, ..model.comparer() };
        let mut keys = Vec::new();
        let term = |field: usize, id: u32| {
            if id & FRESH == 0 {
                model.vocabulary.lexicons[field].term(id)
            } else {
                &fresh[field][(id & !FRESH) as usize]
            }
        };
        keys_of(&model.schema, term, &cells, &mut keys);
        let mut vector = Vec::new();
        let mut found: Vec<(f32, u32)> = Vec::new();
        for candidate in self.candidates(&keys) {
            comparer.compare(&cells, &self.records[candidate as usize], &mut vector);
            let odds = model.weights.odds(&vector, least);
            if odds >= least {
                found.push((odds, candidate));
            }
        }
        found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.truncate(most);
        let explain = |(_, record): (f32, u32)| {
            comparer.compare(&cells, &self.records[record as usize], &mut vector);
            Match { record, explanation: model.account(&vector) }
        };
        found.into_iter().map(explain).collect()
    }

    fn candidates(&self, keys: &[Key]) -> Vec<u32> {
        let mut buckets: Vec<Bucket<'_>> = Vec::with_capacity(keys.len());
        for Key { hash, .. } in keys {
            let from = self.sorted.partition_point(|(other, _)| other < hash);
            // No further than a bucket may reach: a bucket of millions is not walked through.
            let near = &self.sorted[from..self.sorted.len().min(from + MAX_BUCKET + 1)];
            let sorted = &near[..near.partition_point(|(other, _)| other == hash)];
            let recent = self.recent.get(hash).map_or(&[][..], Vec::as_slice);
            let size = sorted.len() + recent.len();
            if (1..=MAX_BUCKET).contains(&size) {
                buckets.push(Bucket { sorted, recent });
            }
        }
        buckets.sort_by_key(|bucket| bucket.sorted.len() + bucket.recent.len());
        let mut out: Vec<u32> = Vec::new();
        for Bucket { sorted, recent } in buckets {
            out.extend(sorted.iter().map(|(_, record)| record).chain(recent));
            if out.len() > MAX_CANDIDATES {
                out.sort_unstable();
                out.dedup();
                if out.len() > MAX_CANDIDATES {
                    out.truncate(MAX_CANDIDATES);
                    break;
                }
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invented;
    use crate::link::{Options, link};

    fn index() -> Index {
        let file = invented::file(200, 5, 1);
        Index::new(link(&invented::schema().unwrap(), &file.rows, &Options::default(), |_| {}).unwrap().model)
    }

    #[test]
    fn a_bucket_has_a_limit() {
        let asked = ["Amina Haddad", "1950-06-20", "", "", ""];
        for (records, found) in [(MAX_BUCKET, MAX_BUCKET), (MAX_BUCKET + 1, 0)] {
            let mut index = index();
            (0..records).for_each(|_| {
                index.add(&asked);
            });
            assert_eq!(index.find(&asked, -50.0, records).len(), found, "{records}, not sorted in");
            index.settle();
            assert_eq!(index.find(&asked, -50.0, records).len(), found, "{records}, sorted in");
        }
    }

    #[test]
    fn a_question_is_compared_with_so_many() {
        let mut index = index();
        // Buckets of 150 that share a name's two parts, or one part and the date, in turn.
        for bucket in 0..5 {
            let row = [
                format!("Amina Haddad{}", ["", "i", "o", "ou", "a"][bucket]),
                format!("19{}0-06-20", bucket + 1),
                String::new(),
                format!("x{bucket}"),
                String::new(),
            ];
            (0..150).for_each(|_| {
                index.add(&row);
            });
        }
        let asked = ["Amina Haddad Haddadi Haddado Haddadou Haddada", "", "", "", ""];
        assert!(index.find(&asked, -99.0, 1_000).len() <= MAX_CANDIDATES);
        assert!(!index.is_empty() && index.len() == 750);
    }
}

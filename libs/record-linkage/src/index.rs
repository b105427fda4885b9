//! Finding, among many records, those that may be the person of one new record.

use crate::block::{Key, keys_of};
use crate::compare::Comparer;
use crate::lexicon::FRESH;
use crate::mix::NumberMap;
use crate::model::{Explanation, Model};
use crate::record::Records;

/// Records that one question is compared with, those of the smallest buckets first.
pub const MAX_CANDIDATES: usize = 400;
/// A bucket of more records says too little to be looked at.
pub const MAX_BUCKET: usize = 200;
/// Added records that lie beside the sorted keys before they are sorted in.
const MAX_RECENT: usize = 10_000;

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
/// Keys lie sorted in a few lists, each at least twice as long as the next, so that a bucket is found by halving and a
/// record is moved a few times only; what was added lately lies in a small map beside them until it is sorted in. Half of
/// a key's hash is kept beside each record: where two keys share it, a question looks at a few records more.
#[derive(Clone, Debug)]
pub struct Index {
    model: Model,
    records: Records,
    sorted: Vec<Vec<Entry>>,
    recent: NumberMap<u32, Vec<u32>>,
    recent_records: usize,
}

/// Half of a key's hash, and a record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Entry(u64);

impl Entry {
    const fn new(half: u32, record: u32) -> Self {
        Self((half as u64) << 32 | record as u64)
    }
    const fn half(self) -> u32 {
        (self.0 >> 32) as u32
    }
    const fn record(self) -> u32 {
        self.0 as u32
    }
}

const fn half(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Sorts a list that is two sorted ones; of a bucket that is too large to be looked at, only enough stays to see that.
fn sort_in(list: &mut Vec<Entry>) {
    // The stable sort finds the runs and merges them.
    list.sort();
    let (mut before, mut size) = (None, 0);
    list.retain(|entry| {
        size = if before == Some(entry.half()) { size + 1 } else { 1 };
        before = Some(entry.half());
        size <= MAX_BUCKET + 1
    });
}

impl Index {
    /// An empty index for a model.
    #[must_use]
    pub fn new(model: Model) -> Self {
        Self {
            model,
            records: Records::default(),
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
        self.records.len() == 0
    }

    /// Adds a record, given as the texts of the schema's fields, and says its number.
    pub fn add<S: AsRef<str>>(&mut self, texts: &[S]) -> u32 {
        let model = &mut self.model;
        let number = self.records.len();
        model.vocabulary.keep(&model.schema, texts, &mut self.records);
        let (mut keys, cells) = (Vec::new(), self.records.get(number));
        let lexicons = &model.vocabulary.lexicons;
        keys_of(&model.schema, |field, id| lexicons[field].term(id), cells, &mut keys);
        let number = number as u32;
        for Key { hash, .. } in keys {
            self.recent.entry(half(hash)).or_default().push(number);
        }
        self.recent_records += 1;
        if self.recent_records >= MAX_RECENT {
            self.sort_recent();
        }
        number
    }

    /// Sorts in what was added lately, all in one list. What was added lately is sorted in by itself now and then;
    /// calling this after a large load makes questions quicker.
    pub fn settle(&mut self) {
        self.sort_recent();
        while self.sorted.len() > 1 {
            self.merge_last();
        }
        self.sorted.iter_mut().for_each(Vec::shrink_to_fit);
    }

    fn sort_recent(&mut self) {
        let recent = self.recent.drain();
        let mut list: Vec<Entry> = recent
            .flat_map(|(half, records)| records.into_iter().map(move |record| Entry::new(half, record)))
            .collect();
        sort_in(&mut list);
        self.recent_records = 0;
        self.sorted.push(list);
        while let [.., long, short] = &self.sorted[..]
            && long.len() < 2 * short.len()
        {
            self.merge_last();
        }
    }

    fn merge_last(&mut self) {
        if let Some(short) = self.sorted.pop()
            && let Some(long) = self.sorted.last_mut()
        {
            long.extend(short);
            sort_in(long);
        }
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
            comparer.compare(&cells, self.records.get(candidate as usize), &mut vector);
            let odds = model.weights.odds(&vector, least);
            if odds >= least {
                found.push((odds, candidate));
            }
        }
        found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.truncate(most);
        let explain = |(_, record): (f32, u32)| {
            comparer.compare(&cells, self.records.get(record as usize), &mut vector);
            Match { record, explanation: model.account(&vector) }
        };
        found.into_iter().map(explain).collect()
    }

    /// The records under a key; `None` when they are too many to be looked at.
    fn bucket(&self, half: u32) -> Option<Vec<u32>> {
        let mut bucket: Vec<u32> = self.recent.get(&half).map_or_else(Vec::new, Clone::clone);
        for sorted in &self.sorted {
            let from = sorted.partition_point(|entry| entry.half() < half);
            // No further than a bucket may reach: a bucket of millions is not walked through.
            let near = &sorted[from..sorted.len().min(from + MAX_BUCKET + 1)];
            bucket.extend(near.iter().take_while(|entry| entry.half() == half).map(|entry| entry.record()));
        }
        (bucket.len() <= MAX_BUCKET).then_some(bucket)
    }

    fn candidates(&self, keys: &[Key]) -> Vec<u32> {
        let mut buckets: Vec<Vec<u32>> = keys.iter().filter_map(|key| self.bucket(half(key.hash))).collect();
        buckets.sort_by_key(Vec::len);
        let mut out: Vec<u32> = Vec::new();
        for bucket in buckets {
            out.extend(bucket);
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
    fn sorted_in_or_not_the_answers_are_the_same() {
        let file = invented::file(1_500, 20, 9);
        let (mut at_once, mut by_and_by) = (index(), index());
        for (n, row) in file.rows.iter().enumerate() {
            at_once.add(row);
            by_and_by.add(row);
            // Lists of every length.
            if n % 97 == 0 {
                by_and_by.sort_recent();
            }
        }
        let lists = by_and_by.sorted.len();
        assert!((2..12).contains(&lists), "{lists} lists");
        let ask = |index: &Index| -> Vec<Vec<Match>> {
            file.rows.iter().step_by(7).map(|row| index.find(row, -5.0, 20)).collect()
        };
        let before = ask(&at_once);
        assert!(before.iter().any(|found| found.len() > 1));
        assert_eq!(before, ask(&by_and_by), "in several lists");
        by_and_by.settle();
        assert_eq!(by_and_by.sorted.len(), 1);
        assert_eq!(before, ask(&by_and_by), "in one list");
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

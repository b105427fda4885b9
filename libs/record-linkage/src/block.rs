//! Blocking: which pairs are compared at all. Every key combines at least two fields, or two parts of a name
//! with a third thing: never a single name alone, so that no bucket is a list of all who bear a name.

use crate::date::LooseDate;
use crate::lexicon::Term;
use crate::mix;
use crate::record::{Prepared, Records, fields};
use crate::schema::{Kind, Schema};
use crate::vocabulary::Vocabulary;

/// Keys one record may have.
pub const MAX_KEYS: usize = 96;

/// A key, and which fields had to agree for it (one bit each).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Key {
    pub hash: u64,
    pub fields: u16,
}

/// The atoms of a field: what two records must share to meet.
struct Atoms {
    field: usize,
    list: Vec<u64>,
}

/// All keys of a record; `term` finds a field's value.
pub(crate) fn keys_of<'t>(
    schema: &Schema,
    term: impl Fn(usize, u32) -> &'t Term,
    record: &Prepared,
    out: &mut Vec<Key>,
) {
    out.clear();
    let speaking = schema.fields().iter().zip(fields(record)).enumerate();
    let atoms: Vec<Atoms> = speaking
        .filter(|(_, (spec, words))| spec.kind != Kind::Category && !words.is_empty())
        .map(|(field, (spec, words))| Atoms { field, list: atoms(spec.kind, words, |id| term(field, id)) })
        .collect();
    for (place, first) in atoms.iter().enumerate() {
        for second in &atoms[place + 1..] {
            for a in &first.list {
                for b in &second.list {
                    push(out, first.field, second.field, mix::join(*a, *b));
                }
            }
        }
        // Two parts of one name are a combination too, rare enough to meet in.
        if schema.fields()[first.field].kind == Kind::Name {
            let mut sorted = first.list.clone();
            sorted.sort_unstable();
            for (i, a) in sorted.iter().enumerate() {
                for b in &sorted[i + 1..] {
                    push(out, first.field, first.field, mix::join(*a, *b));
                }
            }
        }
    }
}

fn push(out: &mut Vec<Key>, a: usize, b: usize, hash: u64) {
    let key = Key { hash: mix::join(hash, (a as u64) << 8 | b as u64), fields: 1 << a | 1 << b };
    if out.len() < MAX_KEYS && !out.contains(&key) {
        out.push(key);
    }
}

/// `words` are those of a field that is not missing.
fn atoms<'t>(kind: Kind, words: &[u32], term: impl Fn(u32) -> &'t Term) -> Vec<u64> {
    match kind {
        Kind::Name => {
            let mut list: Vec<u64> = words.iter().map(|part| term(*part).gist.sound).collect();
            // Two parts that sound the same are no combination.
            list.sort_unstable();
            list.dedup();
            list
        }
        Kind::Date => {
            let date = LooseDate::unpacked(words[0]);
            let (y, m, d) = (u64::from(date.year), u64::from(date.month), u64::from(date.day));
            let mut list = vec![1 << 40 | y];
            if !date.says_only_year() {
                // Any one part of the date may be wrong, and day and month may be exchanged.
                let (low, high) = if m < d { (m, d) } else { (d, m) };
                list.push(2 << 40 | low << 8 | high);
                list.push(3 << 40 | y << 8 | m);
                list.push(4 << 40 | y << 8 | d);
            }
            list
        }
        Kind::Code => vec![mix::of_text(&term(words[0]).text)],
        Kind::Place | Kind::Category => vec![term(words[0]).gist.sound],
    }
}

/// Neighbours that a record of a bucket too large is compared with (sorted neighbourhood, Hernandez and Stolfo
/// 1995): equal records lie side by side and still meet.
const NEIGHBOURS: usize = 3;
/// The keys of all records of a file, those that are equal side by side.
pub(crate) struct Blocks {
    keys: Vec<Entry>,
    records: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    hash: u64,
    record: u32,
}

impl Blocks {
    pub(crate) fn new(schema: &Schema, vocabulary: &Vocabulary, records: &Records) -> Self {
        let (mut keys, mut own) = (Vec::new(), Vec::new());
        for (record, cells) in records.iter().enumerate() {
            keys_of(schema, |field, id| vocabulary.lexicons[field].term(id), cells, &mut own);
            keys.extend(own.iter().map(|key| Entry { hash: key.hash, record: record as u32 }));
        }
        keys.sort_unstable();
        Self { keys, records: records.len() }
    }

    /// The pairs that share a key, each once, in order.
    pub(crate) fn pairs(&self, limit: usize) -> Vec<(u32, u32)> {
        pairs(self.records, &self.keys, limit, NEIGHBOURS)
    }
}

/// `keys` is sorted. In a bucket of more than `limit` records each meets only its next `neighbours`.
fn pairs(records: usize, keys: &[Entry], limit: usize, neighbours: usize) -> Vec<(u32, u32)> {
    // For each record, where the later ones of its buckets lie.
    let mut spans: Vec<(u32, u32, u32)> = Vec::new();
    let mut from = 0;
    for bucket in keys.chunk_by(|a, b| a.hash == b.hash) {
        let reach = if bucket.len() <= limit { bucket.len() } else { neighbours };
        for (place, entry) in bucket.iter().enumerate().take(bucket.len() - 1) {
            let end = bucket.len().min(place + 1 + reach);
            if end > place + 1 {
                spans.push((entry.record, (from + place + 1) as u32, (from + end) as u32));
            }
        }
        from += bucket.len();
    }
    spans.sort_unstable();
    let (mut out, mut seen) = (Vec::new(), vec![u32::MAX; records]);
    for own in spans.chunk_by(|a, b| a.0 == b.0) {
        let start = out.len();
        for (record, from, to) in own {
            for other in &keys[*from as usize..*to as usize] {
                if std::mem::replace(&mut seen[other.record as usize], *record) != *record {
                    out.push((*record, other.record));
                }
            }
        }
        out[start..].sort_unstable();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Field;
    use proptest::prelude::*;

    fn schema() -> Schema {
        let kinds = [Kind::Name, Kind::Date, Kind::Place, Kind::Code, Kind::Category];
        let fields = kinds.map(|kind| Field { name: kind.word().into(), kind });
        Schema::new(fields.into()).unwrap()
    }
    fn keys(vocabulary: &mut Vocabulary, row: &[&str]) -> Vec<Key> {
        let schema = schema();
        let mut records = Records::default();
        vocabulary.keep(&schema, row, &mut records);
        let mut out = Vec::new();
        keys_of(&schema, |field, id| vocabulary.lexicons[field].term(id), records.get(0), &mut out);
        out
    }
    fn meet(a: &[&str], b: &[&str]) -> bool {
        let mut vocabulary = Vocabulary::new(&schema());
        let (a, b) = (keys(&mut vocabulary, a), keys(&mut vocabulary, b));
        a.iter().any(|key| b.contains(key))
    }

    #[test]
    fn slips_still_meet_and_a_name_alone_does_not() {
        let base = ["John Albert Smith", "1956-06-20", "Leeds", "LS12 6DJ", "male"];
        for other in [
            ["Smith John", "", "", "", ""],
            ["Jon Brown", "1956-06-20", "", "", ""],
            ["Smyth", "1958-06-20", "", "", ""],
            ["Smyth", "1956-20-06", "", "", ""],
            ["Smyth", "1956", "", "", ""],
            ["Taylor", "1956-06-29", "Leeds", "", ""],
            ["Taylor", "", "Leeds", "LS12 6DJ", ""],
            ["", "1956-06-20", "Leeds", "", ""],
        ] {
            assert!(meet(&base, &other), "{other:?}");
        }
        for other in [
            ["Smith", "", "", "", "male"],
            ["John", "1990", "York", "", "male"],
            ["", "1956-06-20", "", "", ""],
        ] {
            assert!(!meet(&base, &other), "{other:?}");
        }
    }

    #[test]
    fn a_large_bucket_shows_neighbours_only() {
        let entries = |n: u32| (0..n).map(|record| Entry { hash: 1, record }).collect::<Vec<_>>();
        assert_eq!(pairs(5, &entries(5), 5, 1).len(), 10, "at the limit");
        assert_eq!(pairs(6, &entries(6), 5, 1), [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)], "one past it");
        assert_eq!(pairs(6, &entries(6), 5, 0), []);
    }

    proptest! {
        #[test]
        fn keys_are_bounded_combinations(name in "[a-z]{1,6}( [a-z]{1,6}){0,9}", date in "19[0-9]{2}-[01][0-9]-[0-3][0-9]", place in "[a-z]{0,8}") {
            let mut vocabulary = Vocabulary::new(&schema());
            let keys = keys(&mut vocabulary, &[&name, &date, &place, "x1", "male"]);
            prop_assert!(keys.len() <= MAX_KEYS);
            for (place, key) in keys.iter().enumerate() {
                prop_assert!(!keys[place + 1..].contains(key));
                // Two fields, or two parts of the name; never the category.
                prop_assert!(key.fields.count_ones() == 2 || key.fields == 1);
                prop_assert!(key.fields >> 4 == 0);
            }
        }
    }
}

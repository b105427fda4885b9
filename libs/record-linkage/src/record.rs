//! Records made ready to be compared: texts folded, values numbered, everything of a record side by side.

use crate::date::LooseDate;
use crate::fold;
use crate::schema::{Kind, MAX_FIELDS, Schema};

/// Parts of a name that are compared.
pub const MAX_PARTS: usize = fold::MAX_TOKENS;

/// A record made ready. Two words say how many words each field has, four bits a field; then the fields follow: the
/// numbers of a name's parts, a date and its number, the number of any other value. A field without a word is missing.
pub(crate) type Prepared = [u32];

/// Words that say how long the fields are.
const HEADER: usize = 2;
/// Bits for the length of a field.
const LENGTH_BITS: usize = 4;
const _: () = assert!(MAX_FIELDS * LENGTH_BITS <= HEADER * 32 && MAX_PARTS < 1 << LENGTH_BITS);

/// The words of each field in turn.
pub(crate) struct Fields<'a> {
    lengths: u64,
    rest: &'a [u32],
}

impl<'a> Iterator for Fields<'a> {
    type Item = &'a [u32];
    fn next(&mut self) -> Option<&'a [u32]> {
        let length = (self.lengths & ((1 << LENGTH_BITS) - 1)) as usize;
        self.lengths >>= LENGTH_BITS;
        let (words, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(words)
    }
}

/// The fields of a record; after the last one come empty ones.
pub(crate) fn fields(record: &Prepared) -> Fields<'_> {
    match record {
        [low, high, rest @ ..] => Fields { lengths: u64::from(*low) | u64::from(*high) << 32, rest },
        _ => Fields { lengths: 0, rest: &[] },
    }
}

/// The numbers of the values in a field's words.
pub(crate) fn values(kind: Kind, words: &[u32]) -> &[u32] {
    if kind == Kind::Date { words.get(1..).unwrap_or_default() } else { words }
}

/// The numbers of the values in one field of a record.
pub(crate) fn values_of(kind: Kind, record: &Prepared, field: usize) -> &[u32] {
    values(kind, fields(record).nth(field).unwrap_or_default())
}

/// Many records in one piece of memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Records {
    words: Vec<u32>,
    ends: Vec<u64>,
}

impl Records {
    pub(crate) const fn len(&self) -> usize {
        self.ends.len()
    }
    pub(crate) fn get(&self, record: usize) -> &Prepared {
        let from = if record == 0 { 0 } else { self.ends[record - 1] as usize };
        &self.words[from..self.ends[record] as usize]
    }
    /// Whether a record says just what the one before it says.
    pub(crate) fn repeats(&self, record: u32) -> bool {
        let record = record as usize;
        record > 0 && self.get(record) == self.get(record - 1)
    }
    /// For each record, the first of those side by side that say the same.
    pub(crate) fn first_of_same(&self) -> Vec<u32> {
        let mut first = 0;
        let of = |record: u32| {
            first = if self.repeats(record) { first } else { record };
            first
        };
        (0..self.len() as u32).map(of).collect()
    }
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Prepared> {
        (0..self.len()).map(|record| self.get(record))
    }
    /// Adds a record; `number` gives each folded value its number.
    pub(crate) fn push<S: AsRef<str>>(
        &mut self,
        schema: &Schema,
        texts: &[S],
        number: impl FnMut(usize, &str) -> u32,
    ) {
        prepare(schema, texts, number, &mut self.words);
        self.ends.push(self.words.len() as u64);
    }
}

/// Makes a record ready at the end of `out`; `number` gives each folded value its number. Texts beyond the schema are
/// not looked at; missing ones are missing.
pub(crate) fn prepare<S: AsRef<str>>(
    schema: &Schema,
    texts: &[S],
    mut number: impl FnMut(usize, &str) -> u32,
    out: &mut Vec<u32>,
) {
    let header = out.len();
    out.extend([0; HEADER]);
    let mut lengths = 0_u64;
    for (field, spec) in schema.fields().iter().enumerate() {
        let from = out.len();
        cell(spec.kind, texts.get(field).map_or("", AsRef::as_ref), |text| number(field, text), out);
        lengths |= ((out.len() - from) as u64) << (field * LENGTH_BITS);
    }
    out[header] = lengths as u32;
    out[header + 1] = (lengths >> 32) as u32;
}

fn cell(kind: Kind, text: &str, mut number: impl FnMut(&str) -> u32, out: &mut Vec<u32>) {
    match kind {
        // A part written twice is two parts: who bears the father's name is not called like a brother.
        Kind::Name => fold::each_token(text, |token| out.push(number(token))),
        Kind::Date => {
            if let Some(date) = LooseDate::parse(text) {
                let id = if date.says_only_year() {
                    number(&format!("{:04}", date.year))
                } else {
                    number(&format!("{:04}-{:02}-{:02}", date.year, date.month, date.day))
                };
                out.extend([date.packed(), id]);
            }
        }
        Kind::Code | Kind::Place | Kind::Category => {
            let between = if kind == Kind::Code { "" } else { " " };
            let mut folded = String::with_capacity(text.len());
            fold::each_token(text, |token| {
                if !folded.is_empty() {
                    folded.push_str(between);
                }
                folded.push_str(token);
            });
            if !folded.is_empty() {
                out.push(number(&folded));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Field;

    #[test]
    fn every_field_finds_its_words_again() {
        let kinds = [Kind::Name, Kind::Date, Kind::Place, Kind::Code].iter().cycle().take(MAX_FIELDS);
        let spec = kinds.enumerate().map(|(n, kind)| Field { name: format!("f{n}"), kind: *kind }).collect();
        let schema = Schema::new(spec).unwrap();
        let mut seen: Vec<(usize, String)> = Vec::new();
        let mut number = |field: usize, text: &str| {
            seen.push((field, text.into()));
            seen.len() as u32 - 1
        };
        let nine = "a b c d e f g h i";
        let rows = [
            vec!["b a a", "1956-06-20", "Leeds", "LS1 2AB", nine, "", "", "x", "", "1956", "York", "9"],
            vec!["", "", "", "", "", "", "", "", "", "", "", "z"],
            vec![],
        ];
        let mut records = Records::default();
        rows.iter().for_each(|row| records.push(&schema, row, &mut number));
        let texts = |record: usize, field: usize| -> Vec<&str> {
            let ids = values_of(schema.fields()[field].kind, records.get(record), field);
            assert!(ids.iter().all(|id| seen[*id as usize].0 == field));
            ids.iter().map(|id| &*seen[*id as usize].1).collect()
        };
        assert_eq!(texts(0, 0), ["b", "a", "a"]);
        assert_eq!(texts(0, 1), ["1956-06-20"]);
        assert_eq!(texts(0, 3), ["ls12ab"]);
        assert_eq!(texts(0, 4).len(), MAX_PARTS, "one past the limit is left out");
        assert!(texts(0, 5).is_empty());
        assert_eq!((texts(0, 9), texts(0, 11)), (vec!["1956"], vec!["9"]));
        assert_eq!(texts(1, 11), ["z"]);
        assert!((0..MAX_FIELDS).all(|field| texts(2, field).is_empty()));
        assert_eq!(records.iter().count(), 3);
    }
}

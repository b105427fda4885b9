//! What a file taught about its values: how frequent each is, and which stand for each other.

use crate::lexicon::{FRESH, Lexicon, Term};
use crate::mix::NumberMap;
use crate::record::{Records, prepare, values_of};
use crate::schema::Schema;

/// Persons who bear a value before it counts as a value of its own, and not as somebody's slip.
pub const ESTABLISHED_BY: u32 = 3;

/// People whom every file is taken to be a sample of beside its own, so that two equal rows in a file of two are
/// not "what everybody has".
pub const UNSEEN_PEOPLE: u64 = 100;

/// Pairs of values of one field that stand for each other, and for how many people they did.
pub(crate) type Aliases = NumberMap<u64, u32>;

/// One number for a pair of values, whichever comes first.
pub(crate) const fn alias_key(a: u32, b: u32) -> u64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    (low as u64) << 32 | high as u64
}

/// The values of all fields.
#[derive(Clone, Debug)]
pub(crate) struct Vocabulary {
    pub lexicons: Vec<Lexicon>,
    pub aliases: Vec<Aliases>,
    /// People the shares are counted over.
    pub people: u64,
    /// Whether groups have taught which values stand for each other. Before that nobody can tell Hassan and Hussein
    /// from Mohammed and Muhamad.
    pub is_taught: bool,
}

impl Vocabulary {
    pub(crate) fn new(schema: &Schema) -> Self {
        let fields = schema.fields().len();
        Self {
            lexicons: vec![Lexicon::default(); fields],
            aliases: vec![Aliases::default(); fields],
            people: 1,
            is_taught: true,
        }
    }
    /// Makes a record ready and keeps it and its values.
    pub(crate) fn keep<S: AsRef<str>>(&mut self, schema: &Schema, texts: &[S], records: &mut Records) {
        records.push(schema, texts, |field, text| self.lexicons[field].intern(text));
    }
    /// Makes a record ready; values that are not known go to `fresh`, a list a field.
    pub(crate) fn ask<S: AsRef<str>>(
        &self,
        schema: &Schema,
        texts: &[S],
        fresh: &mut [Vec<Term>],
    ) -> Vec<u32> {
        let mut out = Vec::new();
        let number = |field: usize, text: &str| {
            if let Some(id) = self.lexicons[field].find(text) {
                return id;
            }
            let known = fresh[field].iter().position(|term| &*term.text == text);
            let place = known.unwrap_or_else(|| {
                fresh[field].push(Term::new(text));
                fresh[field].len() - 1
            });
            FRESH | place as u32
        };
        prepare(schema, texts, number, &mut out);
        out
    }
    /// Counts shares over records, each taken for a person of its own.
    pub(crate) fn count_records(&mut self, schema: &Schema, records: &Records) {
        self.people = records.len().max(1) as u64;
        for (field, spec) in schema.fields().iter().enumerate() {
            let lexicon = &mut self.lexicons[field];
            let mut counts = vec![0_u32; lexicon.len()];
            let mut known = 0_u32;
            for record in records.iter() {
                let values = values_of(spec.kind, record, field);
                known += u32::from(!values.is_empty());
                let once =
                    values.iter().enumerate().filter(|(place, value)| !values[..*place].contains(value));
                once.for_each(|(_, value)| counts[*value as usize] += 1);
            }
            lexicon.set_shares(shares(&counts, known), population(self.people));
        }
    }
    /// Of whom the shares are.
    pub(crate) const fn population(&self) -> u64 {
        population(self.people)
    }
    pub(crate) fn is_alias(&self, field: usize, a: u32, b: u32) -> bool {
        !self.aliases[field].is_empty() && self.aliases[field].contains_key(&alias_key(a, b))
    }
    /// The share above which a value is one of its own.
    pub(crate) fn established(&self) -> f32 {
        (ESTABLISHED_BY as f32 - 0.5) / self.population() as f32
    }
}

/// From counts to shares of those who have any value; 0 for what one person alone bears.
pub(crate) fn shares(counts: &[u32], known: u32) -> impl Iterator<Item = f32> {
    let all = population(u64::from(known)) as f32;
    counts.iter().map(move |count| if *count < 2 { 0.0 } else { *count as f32 / all })
}

pub(crate) const fn population(people: u64) -> u64 {
    people + UNSEEN_PEOPLE
}

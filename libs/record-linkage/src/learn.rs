//! What groups teach: how often people bear a value, which values stand for each other, and how records of one
//! person differ when they are the ones that blocks and thresholds would not have shown.

use crate::compare::Comparer;
use crate::level::Codes;
use crate::lexicon::FRESH;
use crate::mix::NumberMap;
use crate::record::{Records, values_of};
use crate::schema::{Kind, Schema};
use crate::train::Counts;
use crate::vocabulary::{Aliases, Vocabulary, alias_key, population, shares};

/// People in whose records two values must stand for each other before that is believed.
pub const ALIAS_PEOPLE: u32 = 2;
/// And so many times as often as people would bear both by chance.
pub const ALIAS_LIFT: f32 = 5.0;
/// Records of a group that are looked at for this; a larger group teaches no more.
pub const MAX_TAUGHT: usize = 64;

/// The groups with their members.
pub(crate) struct Groups {
    pub of_record: Vec<u32>,
    pub members: Vec<Vec<u32>>,
}

impl Groups {
    /// From the first record of each record's group.
    pub(crate) fn new(of_record: Vec<u32>) -> Self {
        let mut lists = vec![Vec::new(); of_record.len()];
        for (record, group) in of_record.iter().enumerate() {
            lists[*group as usize].push(record as u32);
        }
        lists.retain(|members| !members.is_empty());
        Self { of_record, members: lists }
    }
    fn taught(&self) -> impl Iterator<Item = &[u32]> {
        self.members.iter().map(|members| &members[..members.len().min(MAX_TAUGHT)])
    }
}

impl Vocabulary {
    /// Counts shares and aliases over groups, each taken for a person.
    pub(crate) fn learn(&mut self, schema: &Schema, records: &Records, groups: &Groups) {
        self.people = groups.members.len().max(1) as u64;
        self.is_taught = true;
        for (field, spec) in schema.fields().iter().enumerate() {
            let mut bearers = vec![0_u32; self.lexicons[field].len()];
            let mut together = NumberMap::<u64, u32>::default();
            let mut known = 0;
            let (mut values, mut lists, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
            for members in groups.taught() {
                values.clear();
                for record in members {
                    values.extend_from_slice(values_of(spec.kind, records.get(*record as usize), field));
                }
                values.sort_unstable();
                values.dedup();
                known += u32::from(!values.is_empty());
                values.iter().for_each(|value| bearers[*value as usize] += 1);
                if !matches!(spec.kind, Kind::Date | Kind::Code) && values.len() > 1 {
                    lists.clear();
                    let of = |record: &u32| values_of(spec.kind, records.get(*record as usize), field);
                    lists.extend(members.iter().map(of));
                    instead_of_each_other(&mut lists, &mut pairs);
                    pairs.iter().for_each(|pair| *together.entry(*pair).or_insert(0) += 1);
                }
            }
            let by_chance = |pair: u64| {
                let (a, b) = ((pair >> 32) as usize, (pair & u64::from(!FRESH)) as usize);
                bearers[a] as f32 * bearers[b] as f32 / known.max(1) as f32
            };
            self.aliases[field] = together
                .into_iter()
                .filter(|(pair, n)| *n >= ALIAS_PEOPLE && *n as f32 > ALIAS_LIFT * by_chance(*pair))
                .collect::<Aliases>();
            self.lexicons[field].set_shares(shares(&bearers, known), population(self.people));
        }
    }
}

/// The pairs of values of which one record of a group has the one and another record the other, each once; `lists` are
/// the values of each record.
fn instead_of_each_other(lists: &mut Vec<&[u32]>, pairs: &mut Vec<u64>) {
    pairs.clear();
    lists.sort_unstable();
    lists.dedup();
    for (place, a) in lists.iter().enumerate() {
        for b in &lists[place + 1..] {
            for x in a.iter().filter(|x| !b.contains(x)) {
                pairs.extend(b.iter().filter(|y| !a.contains(y)).map(|y| alias_key(*x, *y)));
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
}

/// Pairs within groups that m is counted over.
const WITHIN_PAIRS: usize = 60_000;

/// Levels among pairs within groups, and how many pairs there are in all.
pub(crate) fn within(
    comparer: &Comparer<'_>,
    codes: &Codes,
    records: &Records,
    groups: &Groups,
) -> (Counts, f64) {
    let pairs_of = |members: &Vec<u32>| members.len() * (members.len() - 1) / 2;
    let all: usize = groups.members.iter().map(pairs_of).sum();
    let step = all.div_ceil(WITHIN_PAIRS).max(1);
    let (mut counts, mut place, mut vector) = (Counts::new(codes), 0, Vec::new());
    for members in groups.taught() {
        for (at, a) in members.iter().enumerate() {
            for b in &members[at + 1..] {
                if place % step == 0 {
                    comparer.compare(records.get(*a as usize), records.get(*b as usize), &mut vector);
                    counts.add(&vector, 1.0);
                }
                place += 1;
            }
        }
    }
    (counts, all as f64)
}

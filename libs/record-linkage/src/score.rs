//! Weighing many pairs, on several threads, in an order that does not depend on them.

use crate::compare::Comparer;
use crate::parameters::Weights;
use crate::record::Records;

/// Pairs weighed between two reports of progress.
const SLAB: usize = 1 << 17;

/// What linking is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Folding texts, making keys and pairs.
    Preparing,
    /// Learning the parameters.
    Training,
    /// Weighing pairs.
    Weighing,
    /// Joining pairs to people.
    Joining,
}

/// How far it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// The stage.
    pub stage: Stage,
    /// Turns of weighing and joining that are done, of [`Progress::turns`].
    pub turn: usize,
    /// All turns.
    pub turns: usize,
    /// Parts of the stage that are done, of [`Progress::of`].
    pub done: u64,
    /// All parts of the stage.
    pub of: u64,
}

/// The pairs whose log2 odds are at least `keep`, with these odds, in the order of `pairs`.
pub(crate) fn weigh(
    comparer: Comparer<'_>,
    weights: &Weights,
    records: &Records,
    pairs: &[(u32, u32)],
    keep: f32,
    threads: usize,
    mut tick: impl FnMut(u64),
) -> Vec<(u32, u32, f32)> {
    let part = |pairs: &[(u32, u32)]| {
        let (mut out, mut vector, mut same) = (Vec::new(), Vec::new(), Same::default());
        for (a, b) in pairs {
            let odds = same.odds(records, *a, *b).unwrap_or_else(|| {
                comparer.compare(records.get(*a as usize), records.get(*b as usize), &mut vector);
                weights.odds(&vector, keep)
            });
            same.keep(*b, odds);
            if odds >= keep {
                out.push((*a, *b, odds));
            }
        }
        out
    };
    let (mut out, mut done) = (Vec::new(), 0);
    for slab in pairs.chunks(SLAB) {
        if threads < 2 || slab.len() < 4_096 {
            out.extend(part(slab));
        } else {
            std::thread::scope(|scope| {
                let parts: Vec<_> =
                    slab.chunks(slab.len().div_ceil(threads)).map(|p| scope.spawn(move || part(p))).collect();
                for part in parts {
                    // A thread that panicked has a bug to show: its panic goes on here.
                    out.extend(part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
                }
            });
        }
        done += slab.len() as u64;
        tick(done);
    }
    out
}

/// Rows that say the same are weighed once: what one of them weighs, the next weighs too. Such rows lie side by side,
/// and pairs come in order.
#[derive(Default)]
struct Same {
    /// The first record of the pairs that come now.
    a: u32,
    /// Those pairs' second records and odds, in order.
    now: Vec<(u32, f32)>,
    /// The same of the record before it, if that says the same.
    before: Vec<(u32, f32)>,
    /// How many of those lie behind us.
    passed: usize,
}

impl Same {
    /// The odds of a pair whose like has been weighed.
    fn odds(&mut self, records: &Records, a: u32, b: u32) -> Option<f32> {
        if a != self.a || self.now.is_empty() {
            let is_again = !self.now.is_empty() && records.repeats(a) && a == self.a + 1;
            std::mem::swap(&mut self.now, &mut self.before);
            self.now.clear();
            if !is_again {
                self.before.clear();
            }
            (self.a, self.passed) = (a, 0);
        }
        while self.before.get(self.passed).is_some_and(|pair| pair.0 < b) {
            self.passed += 1;
        }
        match (self.before.get(self.passed), self.now.last()) {
            (Some((other, odds)), _) if *other == b => Some(*odds),
            (_, Some((other, odds))) if other + 1 == b && records.repeats(b) => Some(*odds),
            _ => None,
        }
    }
    fn keep(&mut self, b: u32, odds: f32) {
        self.now.push((b, odds));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invented;
    use crate::level::Codes;
    use crate::train;
    use crate::vocabulary::Vocabulary;

    #[test]
    fn rows_that_say_the_same_weigh_the_same() {
        let schema = invented::schema().unwrap();
        let row = |name| vec![name, "1950-06-20", "Marsa"];
        let names =
            ["Amina Haddad", "Amina Haddad", "Amina Haddad", "Amina Hadad", "Amina Hadad", "Nour Jaziri"];
        let (mut vocabulary, mut records) = (Vocabulary::new(&schema), Records::default());
        names.iter().for_each(|name| vocabulary.keep(&schema, &row(name), &mut records));
        vocabulary.count_records(&schema, &records);
        assert_eq!(
            (0..6).map(|record| records.repeats(record)).collect::<Vec<_>>(),
            [false, true, true, false, true, false]
        );
        let codes = Codes::new(&schema);
        let weights = train::start(&codes, 6).weights(&schema, &codes, 106);
        let comparer = Comparer { schema: &schema, codes: &codes, vocabulary: &vocabulary, fresh: &[] };
        let pairs: Vec<(u32, u32)> = (0..6).flat_map(|a| (a + 1..6).map(move |b| (a, b))).collect();
        // Not every row of a bucket meets every other.
        for left_out in 0..pairs.len() {
            let mut pairs = pairs.clone();
            pairs.remove(left_out);
            let all = weigh(comparer, &weights, &records, &pairs, -99.0, 1, |_| {});
            assert_eq!(all.len(), pairs.len());
            for (a, b, odds) in all {
                let mut vector = Vec::new();
                comparer.compare(records.get(a as usize), records.get(b as usize), &mut vector);
                assert!(odds.total_cmp(&weights.odds(&vector, -99.0)).is_eq(), "{a} {b}");
            }
        }
    }
}

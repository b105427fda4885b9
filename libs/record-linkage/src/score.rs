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
        let (mut out, mut vector) = (Vec::new(), Vec::new());
        for (a, b) in pairs {
            comparer.compare(records.get(*a as usize), records.get(*b as usize), &mut vector);
            let odds = weights.odds(&vector, keep);
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

//! From pairs to people, without chaining strangers together.
//!
//! Connected components join A to C because both resemble B. Here two groups join when their records resemble
//! each other *on average*, contradicting pairs counted in (average linkage, Sokal and Michener 1958, over
//! weights of evidence): one resemblance never outvotes the rest.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// How groups are joined.
#[derive(Clone, Copy, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Joining {
    /// Groups join at this many bits or more.
    pub threshold: f32,
    /// How much the best pair counts beside the average, 0 to 1.
    pub best: f32,
    /// A single pair counts at most this many bits, for or against.
    pub clip: f32,
}

impl Default for Joining {
    fn default() -> Self {
        Self { threshold: 0.0, best: 0.3, clip: 15.0 }
    }
}

/// Records of one group; more are never joined, whatever speaks for it.
pub const MAX_GROUP: usize = 1_000;

#[derive(Clone, Copy)]
struct Link {
    sum: f32,
    best: f32,
}

/// The strongest link of group `a`. Every group has one in the heap at most times; when the other group has changed
/// since, it is looked for again. The strongest of all is the strongest of both its groups, so it is always there.
struct Candidate {
    strength: f32,
    a: u32,
    b: u32,
    version_a: u32,
    version_b: u32,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.strength.total_cmp(&other.strength).then_with(|| (other.a, other.b).cmp(&(self.a, self.b)))
    }
}
impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Candidate {}

struct Groups<F> {
    joining: Joining,
    members: Vec<Vec<u32>>,
    /// For each group, the groups it is linked with, in order.
    links: Vec<Vec<(u32, Link)>>,
    versions: Vec<u32>,
    heap: BinaryHeap<Candidate>,
    weight: F,
}

/// The group of each record, named by its first record. `pairs` are those worth a look, each once and in order,
/// with their weights (prior included); `weight` tells that of any other pair.
pub(crate) fn groups(
    records: usize,
    pairs: &[(u32, u32, f32)],
    joining: Joining,
    weight: impl FnMut(u32, u32) -> f32,
) -> Vec<u32> {
    let mut groups = Groups {
        joining,
        members: (0..records as u32).map(|record| vec![record]).collect(),
        links: room(records, pairs),
        versions: vec![0; records],
        heap: BinaryHeap::new(),
        weight,
    };
    for (a, b, weight) in pairs {
        let clipped = weight.clamp(-joining.clip, joining.clip);
        let link = Link { sum: clipped, best: clipped };
        // The pairs are in order, so these lists are.
        groups.links[*a as usize].push((*b, link));
        groups.links[*b as usize].push((*a, link));
    }
    (0..records as u32).for_each(|record| groups.offer_strongest(record));
    while let Some(next) = groups.heap.pop() {
        if groups.versions[next.a as usize] != next.version_a {
            continue;
        }
        if groups.versions[next.b as usize] == next.version_b {
            groups.join(next.a, next.b);
        } else {
            groups.offer_strongest(next.a);
        }
    }
    let mut out: Vec<u32> = (0..records as u32).collect();
    for members in &groups.members {
        let first = members.iter().min().copied().unwrap_or(0);
        for member in members {
            out[*member as usize] = first;
        }
    }
    out
}

/// Empty lists of links, as long as they will become.
fn room(records: usize, pairs: &[(u32, u32, f32)]) -> Vec<Vec<(u32, Link)>> {
    let mut sizes = vec![0; records];
    for (a, b, _) in pairs {
        sizes[*a as usize] += 1;
        sizes[*b as usize] += 1;
    }
    sizes.into_iter().map(Vec::with_capacity).collect()
}

impl<F: FnMut(u32, u32) -> f32> Groups<F> {
    fn strength(&self, a: u32, b: u32, link: Link) -> Option<f32> {
        let (x, y) = (self.members[a as usize].len(), self.members[b as usize].len());
        let average = link.sum / (x * y) as f32;
        let strength = average * (1.0 - self.joining.best) + link.best * self.joining.best;
        (strength >= self.joining.threshold && x + y <= MAX_GROUP).then_some(strength)
    }

    fn offer_strongest(&mut self, a: u32) {
        let links = self.links[a as usize].iter();
        let strengths = links.filter_map(|(b, link)| Some((self.strength(a, *b, *link)?, *b)));
        // Of equals the first.
        let strongest = strengths.reduce(|best, next| if next.0 > best.0 { next } else { best });
        if let Some((strength, b)) = strongest {
            let (version_a, version_b) = (self.versions[a as usize], self.versions[b as usize]);
            self.heap.push(Candidate { strength, a, b, version_a, version_b });
        }
    }

    fn join(&mut self, a: u32, b: u32) {
        // The group with more links takes the other in.
        let (into, from) =
            if self.links[a as usize].len() >= self.links[b as usize].len() { (a, b) } else { (b, a) };
        let ours = std::mem::take(&mut self.links[into as usize]);
        let theirs = std::mem::take(&mut self.links[from as usize]);
        let mut all = Vec::with_capacity(ours.len() + theirs.len());
        let (mut ours, mut theirs) = (ours.into_iter().peekable(), theirs.into_iter().peekable());
        loop {
            let (one, two) = (ours.peek().map(|link| link.0), theirs.peek().map(|link| link.0));
            let Some(neighbour) = one.into_iter().chain(two).min() else { break };
            let one = ours.next_if(|link| link.0 == neighbour).map(|link| link.1);
            let two = theirs.next_if(|link| link.0 == neighbour).map(|link| link.1);
            if neighbour == into || neighbour == from {
                continue;
            }
            let one = one.unwrap_or_else(|| self.measure(into, neighbour));
            let two = two.unwrap_or_else(|| self.measure(from, neighbour));
            all.push((neighbour, Link { sum: one.sum + two.sum, best: one.best.max(two.best) }));
        }
        let moved = std::mem::take(&mut self.members[from as usize]);
        self.members[into as usize].extend(moved);
        self.versions[into as usize] += 1;
        self.versions[from as usize] += 1;
        for (neighbour, link) in &all {
            let back = &mut self.links[*neighbour as usize];
            if let Ok(place) = back.binary_search_by_key(&from, |link| link.0) {
                back.remove(place);
            }
            match back.binary_search_by_key(&into, |link| link.0) {
                Ok(place) => back[place].1 = *link,
                Err(place) => back.insert(place, (into, *link)),
            }
        }
        self.links[into as usize] = all;
        self.offer_strongest(into);
    }

    /// The link of two groups none of whose pairs were worth a look.
    fn measure(&mut self, a: u32, b: u32) -> Link {
        let clip = self.joining.clip;
        let mut link = Link { sum: 0.0, best: -clip };
        for x in &self.members[a as usize] {
            for y in &self.members[b as usize] {
                let weight = (self.weight)(*x, *y).clamp(-clip, clip);
                link.sum += weight;
                link.best = link.best.max(weight);
            }
        }
        link
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Groups of a square table of weights; pairs of 0 or more are the ones that met.
    fn of(table: &[&[f32]], joining: Joining) -> Vec<u32> {
        let at = |a: u32, b: u32| table[a.max(b) as usize][a.min(b) as usize];
        let n = table.len() as u32;
        let pairs: Vec<_> = (0..n)
            .flat_map(|a| (a + 1..n).map(move |b| (a, b)))
            .map(|(a, b)| (a, b, at(a, b)))
            .filter(|pair| pair.2 >= 0.0)
            .collect();
        groups(table.len(), &pairs, joining, at)
    }

    #[test]
    fn a_chain_of_resemblances_joins_nobody() {
        // 0 is like 1, 1 is like 2, 2 is like 3; the ends contradict each other. Connected components make one.
        let table: &[&[f32]] = &[&[], &[8.0], &[-9.0, 6.0], &[-9.0, -9.0, 8.0]];
        assert_eq!(of(table, Joining::default()), [0, 0, 2, 2]);
    }

    #[test]
    fn one_dirty_pair_does_not_part_a_person() {
        let table: &[&[f32]] = &[&[], &[12.0], &[12.0, 12.0], &[9.0, -3.0, 5.0]];
        assert_eq!(of(table, Joining::default()), [0, 0, 0, 0]);
    }

    #[test]
    fn hand_computed_strength() {
        // 0 and 1 join at 10. Then 2 stands at (4 + -6) / 2 = -1 on average and 4 at best: 0.7 * -1 + 0.3 * 4 = 0.5.
        let table: &[&[f32]] = &[&[], &[10.0], &[4.0, -6.0]];
        let at = |threshold| of(table, Joining { threshold, ..Joining::default() });
        assert_eq!(at(0.49), [0, 0, 0]);
        assert_eq!(at(0.51), [0, 0, 2]);
    }

    #[test]
    fn a_group_has_a_limit() {
        let sizes = |records: usize| {
            let pairs: Vec<_> = (1..records as u32).map(|b| (b - 1, b, 9.0)).collect();
            let mut counts = vec![0; records];
            groups(records, &pairs, Joining::default(), |_, _| 9.0)
                .iter()
                .for_each(|g| counts[*g as usize] += 1);
            counts.into_iter().max()
        };
        assert_eq!(sizes(MAX_GROUP), Some(MAX_GROUP));
        assert!(sizes(MAX_GROUP + 1) < Some(MAX_GROUP + 1));
    }

    proptest! {
        #[test]
        fn groups_hold_together(weights in prop::collection::vec(-12.0_f32..12.0, 45)) {
            let table: Vec<Vec<f32>> = (0..10).map(|a| (0..a).map(|b| weights[a * (a - 1) / 2 + b]).collect()).collect();
            let rows: Vec<&[f32]> = table.iter().map(Vec::as_slice).collect();
            let joining = Joining { best: 0.0, ..Joining::default() };
            let groups = of(&rows, joining);
            for group in 0..10_u32 {
                let members: Vec<usize> = (0..10).filter(|r| groups[*r] == group).collect();
                let pairs: Vec<f32> = members.iter().flat_map(|a| members.iter().filter(move |b| *b < a).map(|b| table[*a][*b])).collect();
                // Every join had an average of 0 or more, so the whole has.
                prop_assert!(pairs.iter().sum::<f32>() >= -0.001);
                prop_assert!(members.first().is_none_or(|first| *first == group as usize));
            }
        }
    }
}

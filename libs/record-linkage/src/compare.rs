//! The comparison vector of two records: for each field on which both speak, the level of agreement and how
//! frequent the values are.

use crate::date::{DateRelation, LooseDate};
use crate::level::{Codes, PART_DIFFERENT};
use crate::lexicon::{FRESH, Gist, Term};
use crate::record::{MAX_PARTS, Prepared, fields};
use crate::schema::{Kind, Schema};
use crate::sound;
use crate::spelling::{distance_within, jaro_winkler};
use crate::vocabulary::Vocabulary;

/// One entry of a comparison vector.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Observation {
    /// Which level of which field.
    pub code: u16,
    /// The share of people who bear the (more frequent) value; 0 where frequency says nothing.
    pub share: f32,
    /// How rare that is: -log2 of the share.
    pub rarity: f32,
    /// Two names that each are borne by people of their own, alike and not known to stand for each other: Hassan
    /// and Hussein.
    pub two_names: bool,
}

/// What comparing needs to know beside the two records.
#[derive(Clone, Copy)]
pub(crate) struct Comparer<'a> {
    pub schema: &'a Schema,
    pub codes: &'a Codes,
    pub vocabulary: &'a Vocabulary,
    /// Values that only the record in question has, a list a field; empty when all are known.
    pub fresh: &'a [Vec<Term>],
}

impl<'a> Comparer<'a> {
    /// Fills `out` with the comparison vector of two records.
    pub(crate) fn compare(&self, a: &Prepared, b: &Prepared, out: &mut Vec<Observation>) {
        out.clear();
        let specs = self.schema.fields().iter().enumerate();
        for ((field, spec), (x, y)) in specs.zip(fields(a).zip(fields(b))) {
            if x.is_empty() || y.is_empty() {
                continue;
            }
            match spec.kind {
                Kind::Name => self.names(field, x, y, out),
                Kind::Date => {
                    let relation = LooseDate::unpacked(x[0]).relate(LooseDate::unpacked(y[0]));
                    let same = relation <= DateRelation::SameYearOnly;
                    let share = if same { self.share(field, x[1]) } else { (0.0, 0.0) };
                    out.push(self.observation(field, 0, relation as u8, share));
                }
                _ => out.push(self.values(field, x[0], y[0])),
            }
        }
    }

    fn observation(&self, field: usize, role: u8, level: u8, (share, rarity): (f32, f32)) -> Observation {
        Observation { code: self.codes.code(field, role, level), share, rarity, two_names: false }
    }
    /// The share of a value and its rarity.
    fn share(&self, field: usize, id: u32) -> (f32, f32) {
        self.vocabulary.lexicons[field].share(id)
    }
    fn larger_share(&self, field: usize, a: u32, b: u32) -> (f32, f32) {
        let (a, b) = (self.share(field, a), self.share(field, b));
        if a.0 >= b.0 { a } else { b }
    }
    fn term(&self, field: usize, id: u32) -> &'a Term {
        if id & FRESH == 0 {
            self.vocabulary.lexicons[field].term(id)
        } else {
            &self.fresh[field][(id & !FRESH) as usize]
        }
    }

    fn gist(&self, field: usize, id: u32) -> Gist {
        if id & FRESH == 0 {
            self.vocabulary.lexicons[field].gist(id)
        } else {
            self.fresh[field][(id & !FRESH) as usize].gist
        }
    }

    /// The parts of two names laid side by side: the best agreements first, then what is left over, first with
    /// first and last with last. Parts that only one name has say nothing.
    fn names(&self, field: usize, a: &[u32], b: &[u32], out: &mut Vec<Observation>) {
        // Level, how far apart the places are, and the places. The order is the same whichever name comes first.
        let mut alike = [(0_u8, 0_u8, 0_u8, 0_u8); MAX_PARTS * MAX_PARTS];
        let mut count = 0;
        for (i, x) in a.iter().enumerate() {
            for (j, y) in b.iter().enumerate() {
                let level = self.parts(field, *x, *y);
                if level < PART_DIFFERENT {
                    alike[count] = (rank(level), i.abs_diff(j) as u8, i as u8, j as u8);
                    count += 1;
                }
            }
        }
        let alike = &mut alike[..count];
        alike.sort_unstable_by_key(|(rank, apart, i, j)| (*rank, *apart, i + j, *i));
        let (mut free_a, mut free_b) = ((1_u16 << a.len()) - 1, (1_u16 << b.len()) - 1);
        for (rank, _, i, j) in alike {
            let level = level_of(*rank);
            if free_a >> *i & free_b >> *j & 1 == 1 {
                free_a &= !(1 << *i);
                free_b &= !(1 << *j);
                let (i, j) = (usize::from(*i), usize::from(*j));
                let share = self.larger_share(field, a[i], b[j]);
                let seen = self.observation(field, role(i, a.len(), j, b.len()), level, share);
                // A family is written in one script: another script is another hand, not another child.
                let two_names = self.vocabulary.is_taught
                    && matches!(level, 2 | 4 | 5)
                    && self.are_two_names(field, a[i], b[j])
                    && sound::share_script(&self.term(field, a[i]).text, &self.term(field, b[j]).text);
                out.push(Observation { two_names, ..seen });
            }
        }
        let mut left = free_a.count_ones().min(free_b.count_ones());
        let both = |i: usize, j: usize| free_a >> i & free_b >> j & 1 == 1;
        if left > 0 && both(a.len() - 1, b.len() - 1) {
            out.push(self.observation(field, 1, PART_DIFFERENT, (0.0, 0.0)));
            left -= 1;
        }
        if left > 0 && a.len() > 1 && b.len() > 1 && both(0, 0) {
            out.push(self.observation(field, 0, PART_DIFFERENT, (0.0, 0.0)));
            left -= 1;
        }
        for _ in 0..left {
            out.push(self.observation(field, 2, PART_DIFFERENT, (0.0, 0.0)));
        }
    }

    fn parts(&self, field: usize, x: u32, y: u32) -> u8 {
        if x == y {
            return 0;
        }
        let (a, b) = (self.gist(field, x), self.gist(field, y));
        let only = a.only(b);
        let misspelled = may_be_misspelled(a, b, only)
            && misspelled(&self.term(field, x).letters, &self.term(field, y).letters);
        if misspelled && !self.are_two_names(field, x, y) {
            1
        } else if a.is_borne && b.is_borne && self.vocabulary.is_alias(field, x, y) {
            3
        } else if misspelled {
            4
        } else if a.length.min(b.length) == 1 {
            let first = |id| self.term(field, id).letters.first();
            if first(x) == first(y) { 6 } else { PART_DIFFERENT }
        } else if a.sound == b.sound {
            2
        } else if may_be_similar(a, b, only) && similar(self.term(field, x), self.term(field, y)) {
            5
        } else {
            PART_DIFFERENT
        }
    }

    /// Whether each of two parts is borne by people enough to be a name of its own.
    fn are_two_names(&self, field: usize, x: u32, y: u32) -> bool {
        self.share(field, x).0.min(self.share(field, y).0) >= self.vocabulary.established()
    }

    fn values(&self, field: usize, x: u32, y: u32) -> Observation {
        let kind = self.schema.fields()[field].kind;
        if x == y {
            return self.observation(field, 0, 0, self.share(field, x));
        }
        let (a, b) = (self.gist(field, x), self.gist(field, y));
        let only = a.only(b);
        let letters = || (&*self.term(field, x).letters, &*self.term(field, y).letters);
        if kind == Kind::Code {
            return self.observation(field, 0, code_level(letters(), only), (0.0, 0.0));
        }
        // An alias was borne by two people at least: most values were not, and end here.
        let is_alias = a.is_borne && b.is_borne && self.vocabulary.is_alias(field, x, y);
        let is_misspelled = || may_be_misspelled(a, b, only) && misspelled(letters().0, letters().1);
        let share_word = || {
            let words = |id| &self.term(field, id).words;
            words(x).iter().any(|word| words(y).contains(word))
        };
        let level = match kind {
            _ if is_alias => 2,
            _ if is_misspelled() => 1,
            Kind::Place if share_word() => 3,
            Kind::Place => 4,
            _ => 3,
        };
        self.observation(field, 0, level, self.larger_share(field, x, y))
    }
}

/// The order in which parts are laid side by side: what is known to stand for each other comes before what only
/// sounds alike. Symmetric to itself.
const fn rank(level: u8) -> u8 {
    match level {
        3 => 1,
        1 | 2 => level + 1,
        other => other,
    }
}
const fn level_of(rank: u8) -> u8 {
    match rank {
        1 => 3,
        2 | 3 => rank - 1,
        other => other,
    }
}

/// The role of part `i` of `n` beside part `j` of `m`. A name of one part stands where the other's part stands.
const fn role(i: usize, n: usize, j: usize, m: usize) -> u8 {
    if i + 1 == n && j + 1 == m {
        1
    } else if i == 0 && j == 0 {
        0
    } else {
        2
    }
}

/// Slips of the pen by which two spellings may differ: one, two in a long text, none in a very short one.
const fn slips(shorter: usize) -> u32 {
    match shorter {
        0..=2 => 0,
        3..=7 => 1,
        _ => 2,
    }
}

/// Whether a look at the letters is worth it: a slip changes at most two letters of the set and one of the length.
fn may_be_misspelled(a: Gist, b: Gist, only: (u32, u32)) -> bool {
    let slips = slips(usize::from(a.length.min(b.length)));
    slips > 0 && only.0 + only.1 <= 2 * slips
}

fn misspelled(a: &[char], b: &[char]) -> bool {
    match slips(a.len().min(b.len())) {
        0 => false,
        slips => distance_within(a, b, slips as usize).is_some(),
    }
}

/// Jaro-Winkler similarity from which two spellings count as similar.
const SIMILAR: f64 = 0.85;
/// [`LEAST_COMMON`] is tabled for spellings shorter than this.
const TABLED: usize = 24;
/// The prefix that Winkler's similarity rewards, at most.
const MAX_PREFIX: usize = 4;

/// The similarity of two spellings that share `common` letters in order, and so many at the beginning.
const fn similarity(shorter: usize, longer: usize, common: usize, prefix: usize) -> f64 {
    let (shorter, longer, common) = (shorter as f64, longer as f64, common as f64);
    let jaro = (common / shorter + common / longer + 1.0) / 3.0;
    jaro + prefix as f64 * 0.1 * (1.0 - jaro)
}

/// How many letters two spellings must share at least to be similar; one more than the shorter has where they never
/// are.
const fn least_common(shorter: usize, longer: usize, prefix: usize) -> u8 {
    let mut common = 0;
    while common <= shorter && similarity(shorter, longer, common, prefix) < SIMILAR {
        common += 1;
    }
    common as u8
}

/// [`least_common`] by prefix, shorter and longer.
static LEAST_COMMON: [[[u8; TABLED]; TABLED]; MAX_PREFIX + 1] = {
    let mut table = [[[0; TABLED]; TABLED]; MAX_PREFIX + 1];
    let mut prefix = 0;
    while prefix <= MAX_PREFIX {
        let mut shorter = 1;
        while shorter < TABLED {
            let mut longer = shorter;
            while longer < TABLED {
                table[prefix][shorter][longer] = least_common(shorter, longer, prefix);
                longer += 1;
            }
            shorter += 1;
        }
        prefix += 1;
    }
    table
};

/// Whether spellings that share at most so many letters can be similar.
fn reaches(shorter: usize, longer: usize, common: usize, prefix: usize) -> bool {
    let prefix = prefix.min(MAX_PREFIX);
    if longer < TABLED {
        common >= usize::from(LEAST_COMMON[prefix][shorter][longer])
    } else {
        similarity(shorter, longer, common, prefix) >= SIMILAR
    }
}

/// At most so many letters can meet: each that occurs in one spelling only is lost to it.
fn most_common(shorter: usize, longer: usize, (only_short, only_long): (u32, u32)) -> usize {
    shorter.saturating_sub(only_short as usize).min(longer.saturating_sub(only_long as usize))
}

/// Whether a look at the letters is worth it. Most pairs end here.
fn may_be_similar(a: Gist, b: Gist, only: (u32, u32)) -> bool {
    let (short, long, only) = if a.length <= b.length { (a, b, only) } else { (b, a, (only.1, only.0)) };
    let (shorter, longer) = (usize::from(short.length), usize::from(long.length));
    // One that begins the other has no letter of its own.
    shorter >= 3 && (only.0 == 0 || reaches(shorter, longer, most_common(shorter, longer, only), MAX_PREFIX))
}

/// Spellings that share most of their letters, or one of which begins the other (Fred, Frederick).
fn similar(a: &Term, b: &Term) -> bool {
    let (short, long) = if a.letters.len() <= b.letters.len() { (a, b) } else { (b, a) };
    let (shorter, longer) = (short.letters.len(), long.letters.len());
    if shorter < 3 {
        return false;
    }
    let prefix = short.letters.iter().zip(&long.letters).take_while(|(x, y)| x == y).count();
    prefix == shorter
        || reaches(shorter, longer, most_common(shorter, longer, short.gist.only(long.gist)), prefix)
            && jaro_winkler(&a.letters, &b.letters) >= SIMILAR
}

fn code_level((a, b): (&[char], &[char]), only: (u32, u32)) -> u8 {
    // One character more, less or other changes at most two of the set.
    if only.0 + only.1 <= 2 && distance_within(a, b, 1).is_some() {
        return 1;
    }
    let common = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let half = a.len().max(b.len()).div_ceil(2);
    if common >= half {
        return 2;
    }
    let letters = |code: &[char]| code.iter().take_while(|c| c.is_alphabetic()).count();
    let beginning = letters(a).max(letters(b)).max(if letters(a) == 0 { 2 } else { 1 });
    if common >= beginning { 3 } else { 4 }
}

//! Relatives: the strangers who agree on half the fields.
//!
//! Fellegi and Sunter weigh "one person" against "two strangers", and a stranger who has the family name, the
//! house and the day of birth is next to impossible. A twin has all three. So there is a third hypothesis: two
//! people of one family. Under it each field agrees as it does for one person with the chance given here, and
//! as for strangers otherwise; what is left to tell people apart are given name, sex and date.
//!
//! In a file with many families and few doubles the file alone cannot say whether "another given name, all else the
//! same" is a twin or a slip: both readings explain it. That is decided here, and not learned: see [`CAUTION`].

use crate::compare::Observation;
use crate::level::{Codes, DATE, PART, ROLES};
use crate::parameters::{MAX_WEIGHT, Weights};
use crate::schema::Kind;

/// Relatives of one person whom a file holds, at least: no file is believed to hold none.
pub const RELATIVES: f64 = 0.3;

/// Bits that are taken off a pair that looks like twins (the same day of birth and given names that have nothing in
/// common, or are two names of their own) or like parent and child of one name (dates that have nothing in common). To join those is the error
/// that hurts most, so a machine asks for sixteen times the evidence.
pub const CAUTION: f32 = 4.0;

/// The most that two alike given names weigh, in bits, when each is borne by people of its own and the file showed
/// no two people who bear both. Parents give twins names that sound alike (Hassan and Hussein) four times as often
/// as a clerk writes one name for another.
pub const TWO_GIVEN_NAMES: f32 = -2.0;

/// What makes a pair look like relatives: bits of a set.
mod sign {
    pub(super) const OTHER_GIVEN_NAME: u8 = 1;
    pub(super) const SAME_DAY: u8 = 2;
    pub(super) const OTHER_DATE: u8 = 4;
    /// Speaks of the given name; whether of another one, the values say.
    pub(super) const GIVEN_NAME: u8 = 8;
}

fn sign_of(kind: Kind, role: Option<usize>, place: usize) -> u8 {
    match (kind, role, place) {
        (Kind::Name, Some(0), _) if place + 1 == PART.len() => sign::GIVEN_NAME | sign::OTHER_GIVEN_NAME,
        (Kind::Name, Some(0), _) => sign::GIVEN_NAME,
        (Kind::Date, _, 0) => sign::SAME_DAY,
        (Kind::Date, _, _) if place + 1 == DATE.len() => sign::OTHER_DATE,
        _ => 0,
    }
}

/// The chance that relatives agree in a field for being relatives, by kind and role.
const fn agreement(kind: Kind, role: Option<usize>) -> f32 {
    match (kind, role) {
        // Named after a parent or grandparent.
        (Kind::Name, Some(0)) => 0.1,
        (Kind::Name, Some(1)) => 0.9,
        // A father's name, where children bear it.
        (Kind::Name, _) => 0.5,
        // Twins. One birth in eighty; but to join twins is the error that hurts, so they are expected more often.
        (Kind::Date, _) => 0.1,
        (Kind::Place, _) => 0.8,
        (Kind::Code, _) => 0.8,
        // Sex is chance; an occupation runs in the family.
        (Kind::Category, _) => 0.2,
    }
}

/// Steps of one bit in which the weights of relatives are tabled.
const STEPS: f32 = 8.0;

/// What each code's weight is worth for being relatives, tabled: logarithms for every pair would cost more than
/// all comparing.
#[derive(Clone, Debug)]
pub(crate) struct Kinship {
    /// By code, the table.
    of_code: Vec<u8>,
    /// By code, the signs of relatives.
    signs: Vec<u8>,
    /// For each chance of agreement, the worth of weights from -[`MAX_WEIGHT`] in steps.
    tables: Vec<Vec<f32>>,
}

impl Kinship {
    pub(crate) fn new(codes: &Codes, kinds: impl Fn(usize) -> Kind) -> Self {
        let (mut of_code, mut signs, mut chances) = (Vec::new(), Vec::new(), Vec::<f32>::new());
        for meaning in codes.meanings() {
            let role = meaning.role.and_then(|role| ROLES.iter().position(|r| *r == role));
            let chance = agreement(kinds(meaning.field), role);
            signs.push(sign_of(kinds(meaning.field), role, usize::from(meaning.place)));
            let known = chances.iter().position(|c| c.total_cmp(&chance).is_eq());
            of_code.push(known.unwrap_or(chances.len()) as u8);
            if known.is_none() {
                chances.push(chance);
            }
        }
        let steps = (2.0 * MAX_WEIGHT * STEPS) as usize;
        let worth = |chance: f32, step: usize| {
            let weight = step as f32 / STEPS - MAX_WEIGHT;
            (chance * weight.exp2() + 1.0 - chance).log2()
        };
        let table = |chance: &f32| (0..=steps).map(|step| worth(*chance, step)).collect();
        Self { of_code, signs, tables: chances.iter().map(table).collect() }
    }
    /// The most that two names of their own weigh for one person.
    pub(crate) fn most_of_two_names(&self, code: usize) -> f32 {
        if self.signs[code] & sign::GIVEN_NAME != 0 { TWO_GIVEN_NAMES } else { MAX_WEIGHT }
    }
    /// Between two steps it is a straight line; the curve lies within a hundredth of a bit of it.
    fn worth(&self, code: u16, weight: f32) -> f32 {
        let table = &self.tables[usize::from(self.of_code[usize::from(code)])];
        let place = (weight + MAX_WEIGHT) * STEPS;
        let step = (place as usize).min(table.len() - 2);
        let part = place - step as f32;
        table[step] + part * (table[step + 1] - table[step])
    }
}

impl Weights {
    /// The log2 odds that a vector speaks of two people of one family rather than of two strangers.
    pub(crate) fn of_relatives(&self, vector: &[Observation]) -> f32 {
        let worth = |observation: &Observation| self.kinship.worth(observation.code, self.of(*observation));
        self.prior_of_relatives + vector.iter().map(worth).sum::<f32>()
    }
    /// The log2 odds of one person, and of two people of one family, each against two strangers.
    pub(crate) fn hypotheses(&self, vector: &[Observation]) -> (f32, f32) {
        vector.iter().fold((self.prior, self.prior_of_relatives), |(one, kin), observation| {
            let weight = self.of(*observation);
            (one + weight, kin + self.kinship.worth(observation.code, weight))
        })
    }
    fn caution(&self, vector: &[Observation]) -> f32 {
        let signs = vector.iter().fold(0, |signs, seen| {
            let of_code = self.kinship.signs[usize::from(seen.code)];
            let is_another = of_code & sign::GIVEN_NAME != 0 && seen.two_names;
            signs | of_code | if is_another { sign::OTHER_GIVEN_NAME } else { 0 }
        });
        let twins = sign::OTHER_GIVEN_NAME | sign::SAME_DAY;
        if signs & twins == twins || signs & sign::OTHER_DATE != 0 { CAUTION } else { 0.0 }
    }
    /// What the chance of being relatives takes off the weight of a pair, in bits: 0 or less.
    pub(crate) fn relatives(&self, vector: &[Observation]) -> f32 {
        let caution = self.caution(vector);
        // Beside the strangers stand the relatives: log2(1 + 2^bits).
        let bits = self.of_relatives(vector);
        if bits < -10.0 { -caution } else { -(bits.exp2() + 1.0).log2() - caution }
    }
}

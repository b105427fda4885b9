//! The different values of a field, each kept once, with how it is spelled, how it sounds and which share of
//! people bear it.

use crate::mix;
use crate::sound;
use std::collections::BTreeMap;

/// Set in the numbers of values that no lexicon holds: those of a record that is only being asked about.
pub(crate) const FRESH: u32 = 1 << 31;

/// One value.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    pub text: Box<str>,
    pub letters: Box<[char]>,
    /// What it sounds like, as a number; equal numbers sound alike.
    pub sound: u64,
    /// Which letters occur, one bit each: two spellings that share few bits are not worth comparing.
    pub mask: u64,
    /// Its words of three letters or more, as numbers.
    pub words: Box<[u64]>,
}

impl Term {
    pub(crate) fn new(text: &str) -> Self {
        let letters: Box<[char]> = text.chars().collect();
        let mask = letters.iter().fold(0, |mask, c| mask | 1 << (u32::from(*c) & 63));
        let mut sounds: Vec<String> = text.split(' ').map(sound::shared_key).collect();
        sounds.sort_unstable();
        let words = text.split(' ').filter(|word| word.chars().nth(2).is_some()).map(mix::of_text).collect();
        Self { text: text.into(), letters, sound: mix::of_text(&sounds.join(" ")), mask, words }
    }
}

/// The values of one field.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lexicon {
    terms: Vec<Term>,
    places: BTreeMap<Box<str>, u32>,
    /// By number, the share of people who bear a value, and its rarity, -log2 of the share. A value without a
    /// share is borne by one person at most.
    shares: Vec<(f32, f32)>,
    /// The rarity of a value without a share.
    rarest: f32,
}

impl Lexicon {
    /// The number of a value, a new one if need be.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        if let Some(id) = self.places.get(text) {
            return *id;
        }
        let id = self.terms.len() as u32;
        self.terms.push(Term::new(text));
        self.places.insert(text.into(), id);
        id
    }
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.places.get(text).copied()
    }
    pub(crate) const fn len(&self) -> usize {
        self.terms.len()
    }
    pub(crate) fn term(&self, id: u32) -> &Term {
        &self.terms[id as usize]
    }
    /// The share of a value and its rarity.
    pub(crate) fn share(&self, id: u32) -> (f32, f32) {
        self.shares.get(id as usize).copied().unwrap_or((0.0, self.rarest))
    }
    pub(crate) const fn rarest(&self) -> f32 {
        self.rarest
    }
    /// How rare a value without a share is, where that does not follow from the number of people.
    pub(crate) const fn set_rarest(&mut self, rarity: f32) {
        self.rarest = rarity;
    }
    /// Takes shares by number; those of nobody, or of one of all these people, are 0.
    pub(crate) fn set_shares(&mut self, shares: impl Iterator<Item = f32>, people: u64) {
        self.rarest = (people.max(2) as f32).log2();
        let with_rarity =
            |share: f32| (share, if share > 0.0 { (-share.log2()).min(self.rarest) } else { self.rarest });
        self.shares = shares.map(with_rarity).collect();
    }
}

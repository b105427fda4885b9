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
    /// What most comparisons end with.
    pub gist: Gist,
    /// Its words of three letters or more, as numbers.
    pub words: Box<[u64]>,
}

/// What is looked at first when two values are compared. Most pairs need no more, so these lie side by side: a file's
/// fit where the processor reaches them quickly, and the spellings do not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Gist {
    /// What it sounds like, as a number; equal numbers sound alike.
    pub sound: u64,
    /// Which letters occur, one bit each (several share a bit): two spellings that share few bits are not worth
    /// comparing.
    pub mask: u32,
    /// Its letters, at most 65,535.
    pub length: u16,
    /// Whether two people or more bear it.
    pub is_borne: bool,
}

impl Gist {
    /// How many bits only the first has, and how many only the second.
    pub(crate) const fn only(self, other: Self) -> (u32, u32) {
        // Both counts in one go.
        let both = ((self.mask & !other.mask) as u64) << 32 | (other.mask & !self.mask) as u64;
        let pairs = both - (both >> 1 & 0x5555_5555_5555_5555);
        let fours = (pairs & 0x3333_3333_3333_3333) + (pairs >> 2 & 0x3333_3333_3333_3333);
        let eights = (fours + (fours >> 4)) & 0x0f0f_0f0f_0f0f_0f0f;
        let sums = eights + (eights >> 8);
        let sums = sums + (sums >> 16);
        ((sums >> 32) as u32 & 63, sums as u32 & 63)
    }
}

/// The bit of a letter: Latin letters have one each, digits share six.
const fn bit(letter: char) -> u32 {
    let code = letter as u32;
    match letter {
        '0'..='9' => 26 + code % 6,
        'a'..='z' => code - 'a' as u32,
        _ => code & 31,
    }
}

impl Term {
    pub(crate) fn new(text: &str) -> Self {
        let letters: Box<[char]> = text.chars().collect();
        let mask = letters.iter().fold(0, |mask, c| mask | 1 << bit(*c));
        let sound = if text.contains(' ') {
            let mut sounds: Vec<String> = text.split(' ').map(sound::shared_key).collect();
            sounds.sort_unstable();
            mix::of_text(&sounds.join(" "))
        } else {
            mix::of_text(&sound::shared_key(text))
        };
        let words = text.split(' ').filter(|word| word.chars().nth(2).is_some()).map(mix::of_text).collect();
        let length = u16::try_from(letters.len()).unwrap_or(u16::MAX);
        Self { text: text.into(), letters, gist: Gist { sound, mask, length, is_borne: false }, words }
    }
}

/// Places for values that were asked for lately.
const RECENT: usize = 4_096;

/// The values of one field.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lexicon {
    terms: Vec<Term>,
    /// By number, the gists of the terms, and who is borne.
    gists: Vec<Gist>,
    places: BTreeMap<Box<str>, u32>,
    /// Numbers of values that were asked for lately, each in the place that its text gives: most texts of a file are
    /// frequent ones. Whoever makes texts meet in one place gains nothing: the ordered map knows all of them.
    recent: Vec<u32>,
    /// By number, the share of people who bear a value, and its rarity, -log2 of the share. A value without a
    /// share is borne by one person at most.
    shares: Vec<(f32, f32)>,
    /// The rarity of a value without a share.
    rarest: f32,
}

impl Lexicon {
    /// The number of a value, a new one if need be.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        let place = mix::of_text(text) as usize % RECENT;
        let recent = self.recent.get(place).copied().unwrap_or(u32::MAX);
        if self.terms.get(recent as usize).is_some_and(|term| &*term.text == text) {
            return recent;
        }
        let id = self.find(text).unwrap_or_else(|| {
            let id = self.terms.len() as u32;
            let term = Term::new(text);
            self.gists.push(term.gist);
            self.terms.push(term);
            self.places.insert(text.into(), id);
            id
        });
        self.recent.resize(RECENT, u32::MAX);
        self.recent[place] = id;
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
    pub(crate) fn gist(&self, id: u32) -> Gist {
        self.gists[id as usize]
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
        for (place, gist) in self.gists.iter_mut().enumerate() {
            gist.is_borne = self.shares.get(place).is_some_and(|share| share.0 > 0.0);
        }
    }
}

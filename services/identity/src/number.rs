//! The numbers of a person: the national number, which stays inside this service, and the card number, which
//! people show and which is replaced with the card.
//!
//! Both are random digits that say nothing about their holder, followed by a Verhoeff check digit
//! (J. Verhoeff, "Error Detecting Decimal Codes", 1969). Verhoeff was chosen over ISO 7064 Mod 11,10 because it
//! detects every single wrong digit **and** every swap of two neighbours; Mod 11,10 misses some swaps.
//! `stdnum.verhoeff` checks both kinds.

use daftar_kernel::World;
use record_linkage::digit::decimal_digit;
use std::fmt;

/// A national number: ten random digits, the first not zero, and a check digit. 9,000,000,000 numbers exist.
pub type NationalNumber = Checked<11>;
/// A card number: twelve random digits, the first not zero, and a check digit. Its length tells it apart.
pub type CardNumber = Checked<13>;

/// How often a fresh number is drawn again when it is taken already. At a billion people a draw misses one
/// time in nine, so 64 draws in a row fail once in 10^61.
pub const MAX_DRAWS: u32 = 64;

/// `LEN` decimal digits, the last a Verhoeff check digit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Checked<const LEN: usize>([u8; LEN]);

/// Why a text is no such number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadNumber {
    /// Too few or too many digits.
    #[error("the number has the wrong length: count the digits again")]
    Length,
    /// Something that is neither a digit nor a separator.
    #[error("the number holds something that is not a digit")]
    Character,
    /// The first digit is zero.
    #[error("the number begins with zero, which none does")]
    LeadingZero,
    /// The check digit does not fit.
    #[error("a digit is wrong or two are swapped: compare it with the card again")]
    CheckDigit,
}

impl BadNumber {
    /// The message for the person who typed it.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Length => "identity-fault-number-length",
            Self::Character => "identity-fault-number-character",
            Self::LeadingZero | Self::CheckDigit => "identity-fault-number-check",
        }
    }
}

impl<const LEN: usize> Checked<LEN> {
    /// How many numbers of this kind exist.
    pub const SPACE: u64 = 9 * 10_u64.pow(LEN as u32 - 2);

    /// A fresh number from the world's randomness, and from nothing else.
    #[must_use]
    pub fn draw(world: &World) -> Self {
        let mut rest = world.below(Self::SPACE) + Self::SPACE / 9;
        let mut digits = [0; LEN];
        for place in digits[..LEN - 1].iter_mut().rev() {
            *place = (rest % 10) as u8;
            rest /= 10;
        }
        digits[LEN - 1] = verhoeff_digit(&digits[..LEN - 1]);
        Self(digits)
    }
    /// Reads a number as people write it: digits of any script, with spaces, hyphens or dots between them.
    ///
    /// # Errors
    /// When it has the wrong length, holds something else, begins with zero or fails its check digit.
    pub fn parse(text: &str) -> Result<Self, BadNumber> {
        let mut digits = [0; LEN];
        let mut count = 0;
        for c in text.chars().filter(|c| !is_separator(*c)) {
            let digit = decimal_digit(c).ok_or(BadNumber::Character)?;
            *digits.get_mut(count).ok_or(BadNumber::Length)? = digit;
            count += 1;
        }
        if count != LEN {
            return Err(BadNumber::Length);
        }
        if digits[0] == 0 {
            return Err(BadNumber::LeadingZero);
        }
        if verhoeff_digit(&digits[..LEN - 1]) != digits[LEN - 1] {
            return Err(BadNumber::CheckDigit);
        }
        Ok(Self(digits))
    }
    /// The digits without separators: the form that is sealed and indexed.
    #[must_use]
    pub fn plain(&self) -> String {
        self.0.iter().map(|d| char::from(b'0' + d)).collect()
    }
    /// The digits in groups of four from the right, for paper and screens.
    #[must_use]
    pub fn grouped(&self) -> String {
        let mut text = String::with_capacity(LEN + LEN / 4);
        for (place, digit) in self.0.iter().enumerate() {
            if place > 0 && (LEN - place).is_multiple_of(4) {
                text.push(' ');
            }
            text.push(char::from(b'0' + digit));
        }
        text
    }
}

// A number must not slip into a log through a debug print.
impl<const LEN: usize> fmt::Debug for Checked<LEN> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Checked(…)")
    }
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '.' | '\u{2010}'..='\u{2015}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// The multiplication of the dihedral group D5.
const MULTIPLY: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];
/// Verhoeff's permutation, applied once more for each place from the right.
const PERMUTE: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];
const INVERSE: [u8; 10] = [0, 4, 3, 2, 1, 5, 6, 7, 8, 9];

fn verhoeff_digit(payload: &[u8]) -> u8 {
    let sum = payload.iter().rev().enumerate().fold(0_u8, |sum, (place, digit)| {
        // The check digit itself takes place 0, so the payload begins at place 1.
        MULTIPLY[usize::from(sum)][usize::from(PERMUTE[(place + 1) % 8][usize::from(*digit)])]
    });
    INVERSE[usize::from(sum)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use daftar_kernel::time::ManualClock;
    use daftar_kernel::{Timestamp, world::SeededRandom};
    use proptest::prelude::*;

    fn world(seed: u64) -> World {
        World::new(ManualClock::new(Timestamp(0)), SeededRandom::new(seed))
    }

    #[test]
    fn known_check_digits() {
        // 236 -> 3 is Verhoeff's own example; 23412341234 -> 6 was computed with python-stdnum.
        let digits = |text: &str| text.bytes().map(|b| b - b'0').collect::<Vec<_>>();
        assert_eq!(verhoeff_digit(&digits("236")), 3);
        assert_eq!(verhoeff_digit(&digits("23412341234")), 6);
        assert_eq!(verhoeff_digit(&digits("1234567890")), 2);
    }

    #[test]
    fn space_and_shape() {
        assert_eq!(NationalNumber::SPACE, 9_000_000_000);
        assert_eq!(CardNumber::SPACE, 900_000_000_000);
        let number = NationalNumber::draw(&world(1));
        assert_eq!(number.grouped().split(' ').map(str::len).collect::<Vec<_>>(), [3, 4, 4]);
        assert_eq!(format!("{number:?}"), "Checked(…)", "a debug print must not show a number");
    }

    #[test]
    fn reads_what_people_write() {
        let number = NationalNumber::draw(&world(2));
        let arabic: String = number
            .grouped()
            .chars()
            .map(|c| c.to_digit(10).and_then(|d| char::from_u32(0x660 + d)).unwrap_or(c))
            .collect();
        assert_eq!(NationalNumber::parse(&arabic), Ok(number));
        assert_eq!(NationalNumber::parse(&number.grouped().replace(' ', "-")), Ok(number));
        assert_eq!(NationalNumber::parse(""), Err(BadNumber::Length));
        assert_eq!(NationalNumber::parse(&"1".repeat(10_000)), Err(BadNumber::Length));
        assert_eq!(NationalNumber::parse("1234567890x"), Err(BadNumber::Character));
        assert_eq!(NationalNumber::parse("00000000000"), Err(BadNumber::LeadingZero));
        assert_eq!(CardNumber::parse(&number.plain()), Err(BadNumber::Length));
    }

    proptest! {
        #[test]
        fn every_single_error_and_swap_is_found(seed: u64, place in 0_usize..11, other in 1_u8..10) {
            let number = NationalNumber::draw(&world(seed));
            prop_assert_eq!(NationalNumber::parse(&number.plain()), Ok(number));
            let mut wrong = number.0;
            wrong[place] = (wrong[place] + other) % 10;
            let text = |digits: [u8; 11]| digits.iter().map(|d| char::from(b'0' + d)).collect::<String>();
            prop_assert!(NationalNumber::parse(&text(wrong)).is_err());
            let mut swapped = number.0;
            swapped.swap(place.min(9), place.min(9) + 1);
            prop_assert_eq!(NationalNumber::parse(&text(swapped)).is_err(), swapped != number.0);
        }
        #[test]
        fn parse_never_panics(text in "\\PC*") {
            let _ = NationalNumber::parse(&text);
        }
    }
}

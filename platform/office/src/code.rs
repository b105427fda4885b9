//! Codes that people read from a letter and type: activation codes with a check character, recovery codes.
//!
//! The alphabet has 31 signs, without `0 1 I L O` that look alike. 31 is prime, so a weighted sum modulo 31 finds every single
//! wrong sign and every two signs swapped, wherever they stand (ISO/IEC 7064 uses the same argument).

use crate::text::ascii_digits;
use daftar_kernel::World;

/// The signs of a code.
pub const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Random signs of a code: 31^10, or 49.5 bits.
pub const CODE_SIGNS: usize = 10;
/// The longest text that is looked at as a code; people write blanks and hyphens into them.
const TYPED_MAX_BYTES: usize = 80;

/// A new code: ten random signs, without its check sign.
#[must_use]
pub fn random(world: &World) -> String {
    (0..CODE_SIGNS)
        .map(|_| {
            let draw = usize::try_from(world.below(31)).unwrap_or(0);
            char::from(ALPHABET[draw])
        })
        .collect()
}

fn value(sign: u8) -> Option<u32> {
    ALPHABET.iter().position(|a| *a == sign).and_then(|v| u32::try_from(v).ok())
}

/// The check sign that belongs behind these signs; `None` for a sign outside the alphabet.
#[must_use]
pub fn check_sign(signs: &str) -> Option<char> {
    // Weights 2, 3, 4 ...: all different and none zero modulo 31, with the check sign's own weight 1.
    let sum =
        signs.bytes().zip(2u32..).try_fold(0, |sum, (sign, weight)| Some(sum + value(sign)? * weight))?;
    let check = (31 - sum % 31) % 31;
    Some(char::from(ALPHABET[usize::try_from(check).ok()?]))
}

/// Ten signs and their check sign in groups, as a letter prints them: `ABCDE-FGHJK-M`.
#[must_use]
pub fn printed(signs: &str) -> Option<String> {
    (signs.len() == CODE_SIGNS && signs.is_ascii())
        .then(|| check_sign(signs).map(|check| format!("{}-{}-{check}", &signs[..5], &signs[5..])))?
}

fn signs_of(typed: &str) -> Option<String> {
    if typed.len() > TYPED_MAX_BYTES {
        return None;
    }
    let signs: String = ascii_digits(typed)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    signs.bytes().all(|b| value(b).is_some()).then_some(signs)
}

/// The ten signs of a typed code whose check sign is right; blanks, hyphens and case do not matter.
#[must_use]
pub fn read_checked(typed: &str) -> Option<String> {
    let mut signs = signs_of(typed).filter(|s| s.len() == CODE_SIGNS + 1)?;
    let check = signs.pop()?;
    (check_sign(&signs) == Some(check)).then_some(signs)
}

/// The ten signs of a typed code without check sign.
#[must_use]
pub fn read(typed: &str) -> Option<String> {
    signs_of(typed).filter(|s| s.len() == CODE_SIGNS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use daftar_kernel::{Timestamp, time::ManualClock, world::SeededRandom};

    fn world() -> World {
        World::new(ManualClock::new(Timestamp(0)), SeededRandom::new(1))
    }

    #[test]
    fn printed_and_typed_in_every_way() {
        let code = random(&world());
        let shown = printed(&code).unwrap();
        assert_eq!(shown.len(), 13);
        assert_eq!(read_checked(&shown), Some(code.clone()));
        assert_eq!(read_checked(&shown.to_lowercase().replace('-', " ")), Some(code.clone()));
        assert_eq!(read(&code.to_lowercase()), Some(code));
    }

    #[test]
    fn every_wrong_sign_and_every_swap_is_found() {
        let world = world();
        for _ in 0..20 {
            let code = random(&world);
            let whole: Vec<u8> = format!("{code}{}", check_sign(&code).unwrap()).into_bytes();
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            for at in 0..whole.len() {
                for sign in ALPHABET.iter().filter(|s| **s != whole[at]) {
                    let mut wrong = whole.clone();
                    wrong[at] = *sign;
                    assert_eq!(read_checked(&text(&wrong)), None);
                }
                for other in (0..at).filter(|o| whole[*o] != whole[at]) {
                    let mut wrong = whole.clone();
                    wrong.swap(at, other);
                    assert_eq!(read_checked(&text(&wrong)), None);
                }
            }
        }
    }

    #[test]
    fn what_is_no_code() {
        for bad in ["", "ABCDE", "ABCDE-FGHJK-MN", "ABCDE-FGHJ0-M", "ABCDE\u{0}FGHJK", &"A".repeat(1000)] {
            assert_eq!(read_checked(bad), None, "{bad:?}");
        }
        assert_eq!(printed("SHORT"), None);
        assert_eq!(printed("ÄÄÄÄÄ"), None);
    }
}

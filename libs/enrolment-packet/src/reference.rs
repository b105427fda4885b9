//! The number on the person's paper: it names a packet without saying anything about the person.
//!
//! Five signs of the installation, the packet's number, and a check sign that finds every single wrong sign and every two
//! signs swapped: the weights are all different modulo the prime 31.

use crate::packet::hash;

/// 31 signs, without those that look alike.
const SIGNS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Signs of the installation.
const INSTALLATION_SIGNS: usize = 5;
/// Least digits of the number.
const DIGITS_MIN: usize = 5;
/// Longest text that is looked at.
const TYPED_BYTES_MAX: usize = 40;

fn installation_signs(installation: &[u8; 16]) -> String {
    let mut number = hash(installation).iter().take(8).fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    (0..INSTALLATION_SIGNS)
        .filter_map(|_| {
            let sign = usize::try_from(number % 31).ok()?;
            number /= 31;
            SIGNS.get(sign).map(|sign| char::from(*sign))
        })
        .collect()
}

/// The check sign behind the signs of the installation and the digits; `None` for other signs. Within either part no two
/// signs weigh the same modulo 31: the first has no `0` and `1`, the second no letters.
fn check_sign(body: &str) -> Option<char> {
    let value = |sign: u8| match sign {
        b'0' | b'1' => Some(u32::from(sign - b'0')),
        sign => SIGNS.iter().position(|known| *known == sign).and_then(|at| u32::try_from(at + 2).ok()),
    };
    let sum = body
        .bytes()
        .zip((2_u32..=30).cycle())
        .try_fold(0_u32, |sum, (sign, weight)| Some((sum + value(sign)? * weight) % 31))?;
    let check = usize::try_from((31 - sum % 31) % 31).ok()?;
    SIGNS.get(check).map(|sign| char::from(*sign))
}

/// The number of a packet as it is printed: `7GHK3-00017-Q`.
#[must_use]
pub fn of(installation: &[u8; 16], sequence: u64) -> String {
    let (signs, digits) = (installation_signs(installation), format!("{sequence:0DIGITS_MIN$}"));
    let check = check_sign(&format!("{signs}{digits}")).unwrap_or('?');
    format!("{signs}-{digits}-{check}")
}

/// A typed number as it is printed, when its check sign is right; blanks, hyphens and case do not matter.
#[must_use]
pub fn read(typed: &str) -> Option<String> {
    if typed.len() > TYPED_BYTES_MAX {
        return None;
    }
    let signs: String =
        typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    if !signs.is_ascii() || signs.len() < INSTALLATION_SIGNS + DIGITS_MIN + 1 {
        return None;
    }
    let (body, check) = signs.split_at(signs.len() - 1);
    let (installation, digits) = body.split_at(INSTALLATION_SIGNS);
    let plain =
        installation.bytes().all(|b| SIGNS.contains(&b)) && digits.bytes().all(|b| b.is_ascii_digit());
    if !plain || check_sign(body).map(String::from).as_deref() != Some(check) {
        return None;
    }
    Some(format!("{installation}-{digits}-{check}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn printed_and_typed_in_every_way() {
        let number = of(&[7; 16], 17);
        assert_eq!(number.len(), 13, "{number}");
        assert_eq!(read(&number), Some(number.clone()));
        assert_eq!(read(&number.to_lowercase().replace('-', " ")), Some(number.clone()));
        assert_ne!(of(&[8; 16], 17), number);
        assert_ne!(of(&[7; 16], 18), number);
        for bad in ["", "7GHK3", "7GHK3-00017", &"2".repeat(41), "ÄÖÜ"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert!(read(&of(&[7; 16], u64::MAX)).is_some());
    }

    proptest! {
        #[test]
        fn every_wrong_sign_and_every_swap_is_found(
            installation: [u8; 16], sequence in 1_u64..100_000, at in 0_usize..10, other in 0_usize..33, second in 0_usize..10,
        ) {
            let number = of(&installation, sequence);
            let signs: Vec<char> = number.chars().filter(|c| *c != '-').collect();
            let alphabet: Vec<char> = ('0'..='9').chain(SIGNS.iter().skip(8).map(|s| char::from(*s))).collect();
            let mut wrong = signs.clone();
            wrong[at] = alphabet[other % alphabet.len()];
            if wrong != signs && wrong[INSTALLATION_SIGNS..].iter().take(5).all(char::is_ascii_digit) {
                prop_assert_eq!(read(&wrong.iter().collect::<String>()), None);
            }
            let mut swapped = signs.clone();
            swapped.swap(at, second);
            if swapped != signs {
                prop_assert_eq!(read(&swapped.iter().collect::<String>()), None);
            }
        }

        #[test]
        fn nothing_typed_panics(typed in "\\PC{0,60}") {
            if let Some(number) = read(&typed) {
                prop_assert_eq!(read(&number), Some(number));
            }
        }
    }
}

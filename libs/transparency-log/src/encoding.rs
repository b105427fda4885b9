//! Strict base64 (RFC 4648 section 4, padded, no stray bits) and strict decimals, as every C2SP text format wants them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Hash;

/// Characters of a 32-byte hash in base64.
pub const HASH_BASE64_CHARS: usize = 44;

/// Standard base64 with padding.
pub fn base64_encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of standard base64; `None` for anything a strict decoder refuses (missing padding, stray bits, spaces).
pub fn base64_decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A 32-byte hash from base64.
pub fn hash_decode(text: &str) -> Option<Hash> {
    if text.len() != HASH_BASE64_CHARS {
        return None;
    }
    base64_decode(text)?.try_into().ok()
}

/// An ASCII decimal without sign or leading zero (`0` itself is allowed), below 2^64.
pub fn decimal_decode(text: &str) -> Option<u64> {
    let digits_only = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let padded = text.len() > 1 && text.starts_with('0');
    if !digits_only || padded {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_strict() {
        assert_eq!(decimal_decode("0"), Some(0));
        assert_eq!(decimal_decode("18446744073709551615"), Some(u64::MAX));
        for bad in ["", "00", "01", "+1", "-1", " 1", "1 ", "18446744073709551616", "1_0", "\u{0661}"] {
            assert_eq!(decimal_decode(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn base64_is_strict() {
        assert_eq!(base64_decode("AA=="), Some(vec![0]));
        for bad in ["AA", "AB==", "AA==\n", "A-==", "AA=", "AA=== "] {
            assert_eq!(base64_decode(bad), None, "{bad:?}");
        }
        assert_eq!(hash_decode(&base64_encode(&[7; 32])), Some([7; 32]));
        assert_eq!(hash_decode(&base64_encode(&[7; 31])), None);
        assert_eq!(hash_decode(&base64_encode(&[7; 33])), None);
    }
}

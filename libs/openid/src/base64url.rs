//! Base64url without padding (RFC 7515 §2), strictly: one text for one run of bytes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The text of these bytes.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Puts the text of these bytes behind another.
pub(crate) fn append(text: &mut String, bytes: impl AsRef<[u8]>) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

/// The bytes of a text; `None` when it has padding, other signs, or bits left over (RFC 4648 §3.5).
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_for_one_run_of_bytes() {
        assert_eq!(encode([3, 236, 255, 224, 193]), "A-z_4ME", "RFC 7515 appendix C");
        assert_eq!(decode("A-z_4ME"), Some(vec![3, 236, 255, 224, 193]));
        for bad in ["A-z_4ME=", "A+z/4ME", "A-z_4MF", "A", "A z", "é"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}

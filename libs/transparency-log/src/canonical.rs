//! Canonical JSON (RFC 8785, integers only), so that equal facts are equal bytes, and commitments to them.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use serde_json::Value;

use crate::Hash;

/// Deepest nesting written or read.
pub const MAX_DEPTH: usize = 64;
/// Largest magnitude of an integer that every JSON reader keeps exact.
const MAX_INTEGER: u64 = (1 << 53) - 1;
/// Bytes of a commitment's salt.
pub const SALT_BYTES: usize = 32;

/// Why a value has no canonical form here, or a text is not in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// A number that is not an integer from -(2^53 - 1) to 2^53 - 1: other programs could read it differently.
    #[error("{0} is not an integer between -(2^53-1) and 2^53-1; write it as a text")]
    Number(String),
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels")]
    Depth,
    /// Not JSON at all.
    #[error("not JSON: {0}")]
    Json(String),
    /// JSON, but not in canonical form (spaces, order, escapes, a name twice).
    #[error("the JSON is not in canonical form (RFC 8785)")]
    NotCanonical,
}

/// The canonical text: members sorted by UTF-16 code units, no spaces, shortest escapes.
///
/// # Errors
/// [`CanonicalError::Number`], [`CanonicalError::Depth`].
pub fn to_text(value: &Value) -> Result<String, CanonicalError> {
    let mut text = String::new();
    write_value(&mut text, value, 0)?;
    Ok(text)
}

/// Reads a text that must already be canonical.
///
/// # Errors
/// [`CanonicalError`].
pub fn parse(text: &[u8]) -> Result<Value, CanonicalError> {
    let value: Value =
        serde_json::from_slice(text).map_err(|error| CanonicalError::Json(error.to_string()))?;
    // Writing it again finds every liberty JSON allows, a member named twice included.
    if to_text(&value)?.as_bytes() == text { Ok(value) } else { Err(CanonicalError::NotCanonical) }
}

/// The commitment to a canonical text: HMAC-SHA256 with the salt as key. Who does not know the salt learns nothing
/// about the text, even by trying all texts; destroying the salt makes it meaningless.
#[must_use]
pub fn commit(salt: &[u8; SALT_BYTES], canonical_text: &[u8]) -> Hash {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt), canonical_text);
    let mut commitment = [0; 32];
    commitment.copy_from_slice(tag.as_ref());
    commitment
}

fn write_value(text: &mut String, value: &Value, depth: usize) -> Result<(), CanonicalError> {
    if depth > MAX_DEPTH {
        return Err(CanonicalError::Depth);
    }
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => match number.as_i64() {
            Some(integer) if integer.unsigned_abs() <= MAX_INTEGER => text.push_str(&integer.to_string()),
            _ => return Err(CanonicalError::Number(number.to_string())),
        },
        Value::String(string) => write_string(text, string),
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write_value(text, item, depth + 1)?;
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
            // Only names outside ASCII can stand in another order in UTF-16 than their bytes do.
            if sorted.iter().all(|(name, _)| name.is_ascii()) {
                sorted.sort_unstable_by_key(|(name, _)| *name);
            } else {
                sorted.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
            }
            text.push('{');
            for (place, (name, member)) in sorted.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write_string(text, name);
                text.push(':');
                write_value(text, member, depth + 1)?;
            }
            text.push('}');
        }
    }
    Ok(())
}

fn write_string(text: &mut String, string: &str) {
    text.push('"');
    let mut rest = string;
    while let Some(at) = rest.find(|c: char| c < ' ' || matches!(c, '"' | '\\')) {
        let (plain, from) = rest.split_at(at);
        text.push_str(plain);
        let mut characters = from.chars();
        match characters.next().unwrap_or_default() {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            control if control < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(control));
            }
            other => text.push(other),
        }
        rest = characters.as_str();
    }
    text.push_str(rest);
    text.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn writes_what_rfc_8785_says() {
        let value = json!({"\u{20ac}": "Euro", "\r": "CR", "1": "One", "\u{1f600}": "Smile", "\u{80}": "C",
            "\u{fb33}": "Dalet", "\u{f6}": "O", "z": [null, true, false, -7, {"b": 1, "a": "\u{1}\u{8}\"\\/\u{7f}"}]});
        // The order of the standard's own example: UTF-16 puts the smile before the Hebrew letter.
        let expected = "{\"\\r\":\"CR\",\"1\":\"One\",\"z\":[null,true,false,-7,{\"a\":\"\\u0001\\b\\\"\\\\/\u{7f}\",\"b\":1}],\
                        \"\u{80}\":\"C\",\"\u{f6}\":\"O\",\"\u{20ac}\":\"Euro\",\"\u{1f600}\":\"Smile\",\"\u{fb33}\":\"Dalet\"}";
        let text = to_text(&value).unwrap();
        assert_eq!(text, expected);
        assert_eq!(parse(text.as_bytes()).unwrap(), value);
    }

    #[test]
    fn refuses_every_other_spelling() {
        for text in [
            "{ }",
            "[1 ]",
            "{\"a\":1,\"a\":1}",
            "{\"b\":1,\"a\":1}",
            "\"\\u0041\"",
            "\"\\/\"",
            "1\n",
            "\"\\u001F\"",
        ] {
            assert_eq!(parse(text.as_bytes()), Err(CanonicalError::NotCanonical), "{text}");
        }
        for text in ["1.5", "1e3", "-0", "9007199254740992", "-9007199254740992", "18446744073709551615"] {
            assert!(matches!(parse(text.as_bytes()), Err(CanonicalError::Number(_))), "{text}");
        }
        assert!(matches!(parse(b"{"), Err(CanonicalError::Json(_))));
        assert!(matches!(parse(b"\xff"), Err(CanonicalError::Json(_))));
        assert!(parse(b"9007199254740991").is_ok() && parse(b"-9007199254740991").is_ok());
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(nested(MAX_DEPTH + 1).as_bytes()).is_ok());
        assert_eq!(parse(nested(MAX_DEPTH + 2).as_bytes()), Err(CanonicalError::Depth));
        assert!(parse(nested(100_000).as_bytes()).is_err());
    }

    #[test]
    fn commitment_is_hmac_sha_256() {
        // RFC 4231, test case 1, whose key is 20 bytes 0x0b: HMAC pads keys with zeros, so 32 bytes say the same.
        let mut salt = [0; 32];
        salt[..20].fill(0x0b);
        let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        let hex: String = commit(&salt, b"Hi There").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
    }
}

//! Parameters of a request: each at most once, an empty one as if it were not there (RFC 6749 §3.1, §3.2).

use crate::Refusal;

/// Most parameters of a request.
pub const MAX_PARAMS: usize = 60;

/// Decoded parameters, in the order they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// From decoded names and values.
    #[must_use]
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect())
    }
    /// The value of a parameter, when it was sent once and is not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(n, _)| n == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }
    /// Whether a parameter was sent, once or more often.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }
    /// A parameter that must be there.
    ///
    /// # Errors
    /// `invalid_request` with these words.
    pub fn need(&self, name: &str, description: &'static str) -> Result<&str, Refusal> {
        self.get(name).ok_or(Refusal::request(description))
    }
    /// Refuses repeated parameters (RFC 6749 §3.1) and too many. `resource` (RFC 8707 §2) may be repeated; we do not read it.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn once_each(&self) -> Result<(), Refusal> {
        if self.0.len() > MAX_PARAMS {
            return Err(Refusal::request("too many parameters"));
        }
        let repeated = |(i, (name, _)): (usize, &(String, String))| {
            name != "resource" && self.0[..i].iter().any(|(n, _)| n == name)
        };
        if self.0.iter().enumerate().any(repeated) {
            return Err(Refusal::request("a parameter is repeated"));
        }
        Ok(())
    }
}

/// `application/x-www-form-urlencoded` of a text (RFC 6749 appendix B).
#[must_use]
pub fn form_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The text of `application/x-www-form-urlencoded`; `None` for a broken escape, bytes that are not UTF-8, or NUL.
#[must_use]
pub fn form_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || u8::try_from(char::from(rest.next()?).to_digit(16)?).ok();
                (digit()? << 4) | digit()?
            }
            other => other,
        });
    }
    String::from_utf8(out).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Params {
        Params::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())))
    }

    #[test]
    fn empty_is_absent_and_twice_is_refused() {
        let p = params(&[("a", ""), ("b", "1"), ("resource", "x"), ("resource", "y")]);
        assert_eq!((p.get("a"), p.get("b"), p.has("a")), (None, Some("1"), false));
        assert!(p.once_each().is_ok());
        let twice = params(&[("b", "1"), ("b", "1")]);
        assert_eq!(twice.get("b"), None, "neither of two can be trusted");
        assert!(twice.once_each().is_err());
    }

    #[test]
    fn no_more_than_the_limit() {
        let many = |n: usize| Params::new((0..n).map(|i| (format!("p{i}"), "x".to_string())));
        assert!(many(MAX_PARAMS).once_each().is_ok());
        assert!(many(MAX_PARAMS + 1).once_each().is_err());
    }

    #[test]
    fn form_encoding_of_rfc_6749_appendix_b() {
        assert_eq!(form_encode(" %&+\u{a3}\u{20ac}"), "+%25%26%2B%C2%A3%E2%82%AC");
        assert_eq!(form_decode("+%25%26%2B%C2%A3%E2%82%AC").as_deref(), Some(" %&+\u{a3}\u{20ac}"));
        for bad in ["%", "%G0", "%ff", "%00"] {
            assert_eq!(form_decode(bad), None, "{bad}");
        }
    }
}

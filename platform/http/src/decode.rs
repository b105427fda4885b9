//! Turns request bytes into fields, strictly: what is not UTF-8, holds NUL or is too much is refused, never repaired.

use daftar_kernel::Problem;
use std::collections::BTreeMap;

/// Most fields a form or query may have.
pub const MAX_FIELDS: usize = 200;
/// Longest value of one field, in bytes (files are not fields).
pub const MAX_FIELD_BYTES: usize = 20_000;

/// Fields of a query or a form, in the order they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The first value of this name, or the empty text.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
    /// The first value of this name, trimmed, when there is one that is not blank.
    #[must_use]
    pub fn some(&self, name: &str) -> Option<&str> {
        let value = self.get(name).trim();
        (!value.is_empty()).then_some(value)
    }
    /// Every value of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// One uploaded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The form field.
    pub field: String,
    /// The file's bytes; type and name as sent are not kept, because nothing may rely on them.
    pub bytes: Vec<u8>,
}

/// Decodes `application/x-www-form-urlencoded` (WHATWG URL §5.1) strictly.
///
/// # Errors
/// `bad-encoding` for broken percent escapes, bytes that are not UTF-8, or NUL; `too-many-fields`; `field-too-long`.
pub fn urlencoded(bytes: &[u8]) -> Result<Fields, Problem> {
    let mut out = Vec::new();
    for pair in bytes.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
        if out.len() == MAX_FIELDS {
            return Err(Problem::malformed("too-many-fields"));
        }
        let split = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
        let name = component(&pair[..split])?;
        let value = component(pair.get(split + 1..).unwrap_or_default())?;
        out.push((name, value));
    }
    Ok(Fields(out))
}

fn component(bytes: &[u8]) -> Result<String, Problem> {
    let bad = || Problem::malformed("bad-encoding");
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || {
                    rest.next().and_then(|d| char::from(*d).to_digit(16)).and_then(|d| u8::try_from(d).ok())
                };
                digit().zip(digit()).map(|(high, low)| high << 4 | low).ok_or_else(bad)?
            }
            other => *other,
        });
    }
    text(out)
}

/// Bytes as text of a form.
///
/// # Errors
/// `bad-encoding` when they are not UTF-8 or hold NUL; `field-too-long`.
pub fn text(bytes: Vec<u8>) -> Result<String, Problem> {
    if bytes.len() > MAX_FIELD_BYTES {
        return Err(Problem::new(daftar_kernel::problem::Kind::TooLarge, "field-too-long"));
    }
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(Problem::malformed("bad-encoding")),
    }
}

/// Decodes `multipart/form-data` (RFC 7578). A part with a file name is an upload, any other a field.
///
/// # Errors
/// As [`urlencoded`], and `bad-form` for a broken body.
pub fn multipart(boundary: &str, body: &[u8]) -> Result<(Fields, Vec<Upload>), Problem> {
    let bad = || Problem::malformed("bad-form");
    let delimiter = format!("\r\n--{boundary}");
    let first = format!("--{boundary}");
    let mut rest = body.strip_prefix(first.as_bytes()).ok_or_else(bad)?;
    let (mut fields, mut uploads) = (Vec::new(), Vec::new());
    loop {
        if rest.starts_with(b"--") {
            return Ok((Fields(fields), uploads));
        }
        rest = rest.strip_prefix(b"\r\n").ok_or_else(bad)?;
        if fields.len() + uploads.len() == MAX_FIELDS {
            return Err(Problem::malformed("too-many-fields"));
        }
        let end = find(rest, delimiter.as_bytes()).ok_or_else(bad)?;
        let part = &rest[..end];
        rest = &rest[end + delimiter.len()..];
        let head_end = find(part, b"\r\n\r\n").ok_or_else(bad)?;
        let head = std::str::from_utf8(&part[..head_end]).map_err(|_| bad())?;
        let content = part[head_end + 4..].to_vec();
        let disposition = head
            .split("\r\n")
            .find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))
            .ok_or_else(bad)?;
        let name = parameter(disposition, "name").ok_or_else(bad)?;
        if parameter(disposition, "filename").is_some() {
            // A browser sends an empty part for a file field left alone.
            if !content.is_empty() {
                uploads.push(Upload { field: name, bytes: content });
            }
        } else {
            fields.push((name, text(content)?));
        }
    }
}

fn parameter(header: &str, name: &str) -> Option<String> {
    let marker = format!("{name}=\"");
    header.split(';').skip(1).find_map(|part| {
        let value = part.trim().strip_prefix(marker.as_str())?;
        value.strip_suffix('"').map(str::to_string)
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// The cookies of a `Cookie` header (RFC 6265 §4.2), names and values as sent; malformed ones are skipped.
#[must_use]
pub fn cookies(header: &str) -> BTreeMap<String, String> {
    header
        .split(';')
        .take(50)
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decodes_what_browsers_send() {
        let f = urlencoded("a=1+2&b=%D8%B3%D9%84%D8%A7%D9%85&a=&c".as_bytes()).unwrap();
        assert_eq!((f.get("a"), f.get("b"), f.get("c")), ("1 2", "سلام", ""));
        assert_eq!(f.all("a").count(), 2);
        assert_eq!(f.some("c"), None);
    }

    #[test]
    fn refuses_what_would_have_to_be_guessed() {
        for bad in ["a=%", "a=%G0", "a=%ff", "a=%00", "%c3=1"] {
            assert_eq!(urlencoded(bad.as_bytes()).unwrap_err().code, "bad-encoding", "{bad}");
        }
    }

    #[test]
    fn limits_hold_at_the_limit_and_one_past() {
        assert!(urlencoded("a=1&".repeat(MAX_FIELDS).as_bytes()).is_ok());
        assert_eq!(urlencoded("a=1&".repeat(MAX_FIELDS + 1).as_bytes()).unwrap_err().code, "too-many-fields");
        assert!(urlencoded(format!("a={}", "x".repeat(MAX_FIELD_BYTES)).as_bytes()).is_ok());
        let long = urlencoded(format!("a={}", "x".repeat(MAX_FIELD_BYTES + 1)).as_bytes());
        assert_eq!(long.unwrap_err().code, "field-too-long");
    }

    #[test]
    fn multipart_fields_and_files() {
        let body = b"--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhello\r\n--B\r\n\
            Content-Disposition: form-data; name=\"p\"; filename=\"../x.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\
            \xff\xd8\r\n\r\n\r\n--B\r\nContent-Disposition: form-data; name=\"q\"; filename=\"\"\r\n\r\n\r\n--B--\r\n";
        let (fields, uploads) = multipart("B", body).unwrap();
        assert_eq!(fields.get("a"), "hello");
        assert_eq!(uploads, [Upload { field: "p".into(), bytes: b"\xff\xd8\r\n\r\n".to_vec() }]);
        assert!(multipart("B", b"--B\r\nno end").is_err());
        assert!(multipart("B", b"").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = urlencoded(&bytes);
            let _ = multipart("B", &bytes);
            let _ = cookies(&String::from_utf8_lossy(&bytes));
        }
    }
}

//! From bytes to text: which encoding a file says it has, and what its rows say instead.

use std::borrow::Cow;

/// The encodings a mapping may name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Deserialize)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// Windows-1252, which also reads every ISO 8859-1 ("Latin-1") text.
    #[serde(rename = "windows-1252", alias = "latin-1")]
    Windows1252,
}

/// Why a field's bytes are no text in the encoding of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadEncoding {
    /// The bytes are not UTF-8; they read as Windows-1252.
    NotUtf8,
    /// The text was taken for Windows-1252 once and encoded to UTF-8 again: `Ã©` for `é`.
    Twice,
}

/// What the first reading of a file learned about its encoding.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// Rows that hold more than ASCII and are UTF-8.
    pub utf8: u64,
    /// Rows that are not UTF-8.
    pub other: u64,
    /// The first row that is not UTF-8.
    pub first_other: Option<u64>,
}

impl Seen {
    /// Takes note of a row's bytes.
    pub fn note<'a>(&mut self, row: u64, fields: impl Iterator<Item = &'a [u8]>) {
        let mut plain = true;
        for field in fields.filter(|f| !f.is_ascii()) {
            plain = false;
            if std::str::from_utf8(field).is_err() {
                self.other += 1;
                self.first_other.get_or_insert(row);
                return;
            }
        }
        self.utf8 += u64::from(!plain);
    }
    /// A sentence for the operator when the file is not what it says, in English.
    #[must_use]
    pub fn remark(&self) -> Option<String> {
        let row = self.first_other?;
        Some(if self.utf8 == 0 {
            format!(
                "the file is not UTF-8 (first in row {row}): it looks like Latin-1 (Windows-1252) throughout. Save it as \
                 UTF-8, or write encoding = \"windows-1252\" in the mapping"
            )
        } else {
            format!(
                "the file mixes encodings: {} rows are UTF-8 and {} are not (first in row {row}). The rows that are not \
                 UTF-8 are refused one by one",
                self.utf8, self.other
            )
        })
    }
}

/// The text of a field.
///
/// # Errors
/// When the bytes are not of this encoding, or were encoded twice.
pub fn decode(bytes: &[u8], encoding: Encoding) -> Result<Cow<'_, str>, BadEncoding> {
    let text = match encoding {
        _ if bytes.is_ascii() => return Ok(String::from_utf8_lossy(bytes)),
        Encoding::Utf8 => Cow::Borrowed(std::str::from_utf8(bytes).map_err(|_| BadEncoding::NotUtf8)?),
        Encoding::Windows1252 => Cow::Owned(bytes.iter().map(|b| windows_1252(*b)).collect()),
    };
    if was_encoded_twice(&text) { Err(BadEncoding::Twice) } else { Ok(text) }
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}',
        '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
    ];
    if (0x80..0xa0).contains(&byte) { HIGH[usize::from(byte - 0x80)] } else { char::from(byte) }
}

/// The lead byte of a two-byte sequence, read as Latin-1, before a continuation byte read as Latin-1. The
/// capital letters Ã and Â before a sign such as © or a control character occur in no name.
fn was_encoded_twice(text: &str) -> bool {
    let mut previous = ' ';
    for c in text.chars() {
        if matches!(previous, 'Ã' | 'Â' | 'Ð' | 'Ñ' | 'Ø' | 'Ù')
            && (matches!(c, '\u{80}'..='\u{bf}') && !matches!(c, 'ª' | 'º' | '\u{a0}' | '·' | '´'))
        {
            return true;
        }
        previous = c;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_encoding() {
        assert_eq!(decode("é".as_bytes(), Encoding::Utf8).as_deref(), Ok("é"));
        assert_eq!(decode(b"\xe9\x80", Encoding::Windows1252).as_deref(), Ok("é€"));
        assert_eq!(decode(b"\xe9", Encoding::Utf8), Err(BadEncoding::NotUtf8));
        assert_eq!(decode("JosÃ©".as_bytes(), Encoding::Utf8), Err(BadEncoding::Twice));
        assert_eq!(
            decode("Ù\u{85}Ø\u{ad}".as_bytes(), Encoding::Utf8),
            Err(BadEncoding::Twice),
            "Arabic, twice"
        );
        assert_eq!(
            decode("IRMÃ ÁGUEDA Ñandú".as_bytes(), Encoding::Utf8).as_deref(),
            Ok("IRMÃ ÁGUEDA Ñandú")
        );
    }

    #[test]
    fn says_what_the_file_is() {
        let mut seen = Seen::default();
        seen.note(2, [&b"abc"[..]].into_iter());
        assert_eq!(seen.remark(), None);
        seen.note(7, [&b"\xe9"[..]].into_iter());
        assert!(seen.remark().is_some_and(|r| r.contains("row 7") && r.contains("throughout")));
        seen.note(8, ["é".as_bytes()].into_iter());
        assert!(seen.remark().is_some_and(|r| r.contains("mixes")));
    }
}

//! Text as people enter it, made canonical: NFC, single spaces, no invisible characters; what could deceive a reader
//! is refused.

use unicode_normalization::UnicodeNormalization;

use super::Kind;

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Control characters, direction overrides, or characters that no text may hold.
    Characters,
}

/// One line: white space of any kind becomes one space.
pub(super) fn line(text: &str) -> Result<String, Refusal> {
    let mut out = String::with_capacity(text.len());
    for c in text.nfc() {
        match class(c)? {
            Class::Space | Class::Break => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            Class::Invisible => {}
            Class::Plain => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    Ok(out)
}

/// Several lines: each is cleaned; empty ones at the ends go.
pub(super) fn lines(text: &str) -> Result<String, Refusal> {
    let joined = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    let cleaned: Vec<String> = joined.split('\n').map(line).collect::<Result<_, _>>()?;
    Ok(cleaned.join("\n").trim_matches('\n').to_string())
}

enum Class {
    Plain,
    Space,
    Break,
    Invisible,
}

fn class(c: char) -> Result<Class, Refusal> {
    Ok(match c {
        '\n' | '\r' | '\t' => Class::Break,
        c if c.is_control() => return Err(Refusal::Characters),
        // Embeddings, overrides and isolates change the order in which a reader sees the rest of a record.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => return Err(Refusal::Characters),
        // Tags, deprecated controls and noncharacters.
        '\u{206a}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}'
        | '\u{fdd0}'..='\u{fdef}' => {
            return Err(Refusal::Characters);
        }
        c if u32::from(c) & 0xfffe == 0xfffe => return Err(Refusal::Characters),
        // Marks that a copied text carries along. ZWNJ and ZWJ stay: Persian and Indic scripts are spelt with them.
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{feff}' | '\u{ad}' | '\u{2060}' => {
            Class::Invisible
        }
        c if c.is_whitespace() => Class::Space,
        _ => Class::Plain,
    })
}

/// A name says something: it has a letter.
pub(super) fn is_name(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// Zeros of the scripts that have decimal digits of their own and are in use.
const ZEROS: [u32; 19] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0,
    0xf20, 0x1040, 0x17e0, 0xff10,
];

/// The text with every decimal digit as a Latin one.
pub(super) fn latin_digits(text: &str) -> String {
    let latin = |c: char| {
        let code = u32::from(c);
        let zero = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code))?;
        char::from_digit(code - zero, 10)
    };
    text.chars().map(|c| latin(c).unwrap_or(c)).collect()
}

/// A telephone number: `+` and up to 15 digits (ITU-T E.164 §6.2), or a local number of at least 3. Spaces, brackets
/// and the like go.
pub(super) fn phone(text: &str) -> Option<String> {
    let mut out = String::new();
    for c in latin_digits(text).chars() {
        match c {
            '0'..='9' => out.push(c),
            '+' if out.is_empty() => out.push('+'),
            ' ' | '(' | ')' | '-' | '.' | '/' | '\u{2010}' | '\u{2011}' | '\u{2013}' => {}
            _ => return None,
        }
    }
    if let Some(international) = out.strip_prefix("00") {
        out = format!("+{international}");
    }
    let digits = out.trim_start_matches('+').len();
    let least = if out.starts_with('+') { 7 } else { 3 };
    (least..=15).contains(&digits).then_some(out)
}

/// An e-mail address that could work: one `@`, a local part of at most 64 bytes, a domain of several labels
/// (RFC 5321 §4.5.3.1). Whether it works, only a letter tells.
pub(super) fn email(text: &str) -> Option<String> {
    let (local, domain) = text.rsplit_once('@')?;
    let local_ok = (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && !local.chars().any(|c| c.is_whitespace() || "@,;:<>()[]\\\"".contains(c));
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let domain_ok = domain.contains('.') && domain.split('.').all(label_ok);
    (local_ok && domain_ok).then(|| format!("{local}@{}", domain.to_lowercase()))
}

/// The text of a field made canonical.
pub(super) fn text(kind: Kind, entered: &str) -> Result<String, Refusal> {
    match kind {
        Kind::LongText | Kind::Address => lines(entered),
        _ => line(entered),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_script_pass_and_become_canonical() {
        for (entered, kept) in [
            ("  Ngũgĩ   wa\tThiong’o ", "Ngũgĩ wa Thiong’o"),
            ("e\u{301}", "é"),
            ("سعاد\u{200f}", "سعاد"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("ሰላማዊት ተስፋዬ", "ሰላማዊት ተስፋዬ"),
            ("क्ष\u{200d}", "क्ष\u{200d}"),
            ("Suharto", "Suharto"),
            ("\u{feff}O'Neil\u{a0}-\u{3000}Ó", "O'Neil - Ó"),
        ] {
            assert_eq!(line(entered).as_deref(), Ok(kept), "{entered:?}");
        }
    }

    #[test]
    fn what_deceives_is_refused() {
        for bad in
            ["a\0b", "a\u{7}b", "a\u{202e}b", "a\u{2067}b", "\u{e0041}", "\u{ffff}", "\u{9f}", "\u{1b}[31m"]
        {
            assert_eq!(line(bad), Err(Refusal::Characters), "{bad:?}");
            assert_eq!(lines(bad), Err(Refusal::Characters), "{bad:?}");
        }
    }

    #[test]
    fn lines_are_kept_and_line_ends_agree() {
        assert_eq!(lines("\r\n a \r\n\r\nb\u{2028}c\r").as_deref(), Ok("a\n\nb\nc"));
        assert_eq!(line("a\r\nb").as_deref(), Ok("a b"));
    }

    #[test]
    fn telephone_numbers_as_people_write_them() {
        for (entered, kept) in [
            ("+216 20 123 456", Some("+21620123456")),
            ("00216-20.123.456", Some("+21620123456")),
            ("٠٢٠١٢٣٤٥٦", Some("020123456")),
            ("(020) 123/456", Some("020123456")),
            ("112", Some("112")),
            ("12", None),
            ("+1234567890123456", None),
            ("+123456789012345", Some("+123456789012345")),
            ("12a", None),
            ("1+2345", None),
            ("", None),
        ] {
            assert_eq!(phone(entered).as_deref(), kept, "{entered}");
        }
    }

    #[test]
    fn e_mail_addresses_that_could_work() {
        for good in ["a@b.org", "a.b+c@x-y.co.tz", "用户@例子.广告", "o'neil@example.org"] {
            assert!(email(good).is_some(), "{good}");
        }
        let long = format!("{}@b.org", "a".repeat(65));
        for bad in [
            "",
            "a",
            "@b.org",
            "a@b",
            "a@.org",
            "a@b..org",
            "a b@c.org",
            ".a@b.org",
            "a@-b.org",
            "a@b@",
            &long,
        ] {
            assert!(email(bad).is_none(), "{bad}");
        }
        assert!(email(&long[1..]).is_some());
        assert_eq!(email("Leila@Example.ORG").as_deref(), Some("Leila@example.org"));
    }
}

//! Names of people, in any script. A name is one text as its bearer writes it; given and family parts are
//! optional, because many people have none or have them in another order.

pub use record_linkage::{fold, sound};

use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// Longest name, in characters (code points). The longest in the corpora we know has 57; patronymic chains of
/// four generations stay under 120.
pub const MAX_NAME_CHARS: usize = 200;
/// Combining marks one letter may carry. Vietnamese needs two, Arabic three, Hebrew with cantillation four.
pub const MAX_MARKS: usize = 4;

/// A name that follows the rules: NFC, single spaces, at least one letter, nothing invisible or directional.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing is left after removing spaces.
    #[error("the name is empty")]
    Empty,
    /// Longer than [`MAX_NAME_CHARS`].
    #[error("the name is longer than 200 characters")]
    TooLong,
    /// No letter of any script.
    #[error("the name holds no letter")]
    NoLetter,
    /// A control character, a direction override or a character without meaning.
    #[error("the name holds an invisible control character")]
    Invisible,
    /// A sign that belongs to no name, such as `<` or `=`.
    #[error("the name holds a sign that belongs to no name")]
    Sign,
    /// The replacement character: the text was damaged by a wrong encoding before it came here.
    #[error("the name was damaged by a wrong character encoding before it came here")]
    Damaged,
    /// More marks on one letter than any script uses, or a mark without a letter.
    #[error("the name stacks more marks on a letter than any script uses")]
    Marks,
}

impl BadName {
    /// The message for the person who typed it.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Empty => "identity-fault-name-empty",
            Self::TooLong => "identity-fault-name-long",
            Self::NoLetter => "identity-fault-name-letter",
            Self::Invisible => "identity-fault-name-invisible",
            Self::Sign => "identity-fault-name-sign",
            Self::Damaged => "identity-fault-name-damaged",
            Self::Marks => "identity-fault-name-marks",
        }
    }
}

impl Name {
    /// Reads a name: runs of space become one space, marks of direction that change nothing are dropped, the
    /// result is in Unicode normalisation form C.
    ///
    /// # Errors
    /// When a rule above is broken.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let text = plain_text(text, MAX_NAME_CHARS).map_err(|fault| match fault {
            BadText::TooLong => BadName::TooLong,
            BadText::Invisible => BadName::Invisible,
            BadText::Damaged => BadName::Damaged,
            BadText::Marks => BadName::Marks,
        })?;
        if text.is_empty() {
            return Err(BadName::Empty);
        }
        if text.chars().any(is_foreign_sign) {
            return Err(BadName::Sign);
        }
        if !text.chars().any(char::is_alphabetic) {
            return Err(BadName::NoLetter);
        }
        Ok(Self(text))
    }
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        Self::parse(&text)
    }
}
impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
// A name must not slip into a log through a debug print.
impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name(…)")
    }
}

/// Why a text of any kind cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadText {
    /// Longer than the limit of its field.
    TooLong,
    /// A control character, a direction override or a code point that is no character.
    Invisible,
    /// U+FFFD.
    Damaged,
    /// Stacked or leading combining marks.
    Marks,
}

/// The rules for every text about a person: NFC, single spaces, no controls, no direction overrides, no
/// private or unassigned-for-ever code points, at most [`MAX_MARKS`] marks in a row.
///
/// # Errors
/// When a rule is broken or more than `max_chars` characters remain.
pub fn plain_text(text: &str, max_chars: usize) -> Result<String, BadText> {
    // Four bytes a character at most, and normalisation may shorten; a megabyte is refused before it is
    // copied.
    if text.len() > max_chars.saturating_mul(16) {
        return Err(BadText::TooLong);
    }
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.nfc().filter(|c| !is_idle(*c)) {
        match c {
            '\u{fffd}' => return Err(BadText::Damaged),
            c if c.is_whitespace() && !matches!(c, '\u{b}' | '\u{c}' | '\u{85}') => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
                marks = 0;
                continue;
            }
            c if is_hostile(c) => return Err(BadText::Invisible),
            c if unicode_normalization::char::is_combining_mark(c) => {
                marks += 1;
                if marks > MAX_MARKS || out.is_empty() || out.ends_with(' ') {
                    return Err(BadText::Marks);
                }
            }
            _ => marks = 0,
        }
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    // Dropping an idle mark may have brought a letter and its accent together.
    let out: String = if unicode_normalization::is_nfc(&out) { out } else { out.nfc().collect() };
    if out.chars().count() > max_chars {
        return Err(BadText::TooLong);
    }
    Ok(out)
}

/// Marks that change nothing a reader sees where they stand alone: direction marks, soft hyphen, byte order
/// mark. (The joiners U+200C and U+200D stay: Persian and the Indic scripts spell with them.)
const fn is_idle(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{ad}' | '\u{feff}' | '\u{2060}')
}

/// Characters that hide something or change the order of what stands around them.
const fn is_hostile(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2061}'..='\u{206f}'
        | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        | '\u{e0000}'..='\u{10ffff}')
}

const fn is_foreign_sign(c: char) -> bool {
    matches!(
        c,
        '<' | '>'
            | '{'
            | '}'
            | '['
            | ']'
            | '|'
            | '\\'
            | '^'
            | '~'
            | '='
            | '@'
            | '#'
            | '$'
            | '%'
            | '*'
            | '+'
            | '_'
            | ';'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_of_the_world_are_names() {
        for name in [
            "Sukarno",
            "X Æ A-12",
            "María José Carreño Quiñones",
            "فاطمة بنت محمد الزهراء",
            "አበበ ቢቂላ",
            "रामानुजन्",
            "王小明",
            "O’Connor",
            "Ngũgĩ wa Thiong'o",
            "فریده می\u{200c}خواهد",
            "Jennifer 8 Lee",
            "!Xóõ",
            "Nguyễn Thị Minh Khai",
        ] {
            assert_eq!(Name::parse(name).map(String::from).as_deref(), Ok(name), "{name}");
        }
    }

    #[test]
    fn spelling_is_made_one() {
        let decomposed = Name::parse("  Jose\u{301}\t\u{a0} de \u{200f}la  Cruz ").unwrap();
        assert_eq!(decomposed.as_str(), "José de la Cruz");
        assert_eq!(format!("{decomposed:?}"), "Name(…)");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for (text, fault) in [
            ("", BadName::Empty),
            (" \u{200e} ", BadName::Empty),
            ("12-34", BadName::NoLetter),
            (".", BadName::NoLetter),
            ("Ali\u{0}", BadName::Invisible),
            ("Ali\u{202e}evil", BadName::Invisible),
            ("Ali\u{2066}x", BadName::Invisible),
            ("A\u{200b}li", BadName::Invisible),
            ("Jos\u{fffd}", BadName::Damaged),
            ("<b>Ali</b>", BadName::Sign),
            ("=cmd()", BadName::Sign),
            ("e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}", BadName::Marks),
            ("\u{301}e", BadName::Marks),
        ] {
            assert_eq!(Name::parse(text), Err(fault), "{text:?}");
        }
        assert!(Name::parse(&"a".repeat(MAX_NAME_CHARS)).is_ok());
        assert_eq!(Name::parse(&"a".repeat(MAX_NAME_CHARS + 1)), Err(BadName::TooLong));
        assert_eq!(Name::parse(&"a".repeat(1 << 20)), Err(BadName::TooLong));
    }

    proptest! {
        #[test]
        fn parsing_twice_changes_nothing(text in "\\PC{0,40}") {
            if let Ok(name) = Name::parse(&text) {
                prop_assert_eq!(Name::parse(name.as_str()), Ok(name.clone()));
                prop_assert!(unicode_normalization::is_nfc(name.as_str()));
                prop_assert!(!name.as_str().contains("  "));
            }
        }
        #[test]
        fn any_bytes_get_an_answer(text in any::<String>()) {
            let _ = Name::parse(&text);
        }
    }
}

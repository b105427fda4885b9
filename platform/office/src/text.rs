//! What people type, made comparable: sign-in names, work names, digits of any script.

use unicode_normalization::UnicodeNormalization;

/// Shortest sign-in name, in characters.
pub const LOGIN_MIN_CHARS: usize = 3;
/// Longest sign-in name, in characters; long enough for any e-mail address people use.
pub const LOGIN_MAX_CHARS: usize = 100;
/// Longest name of an official, in characters.
pub const NAME_MAX_CHARS: usize = 120;

/// Characters that print nothing: with them two sign-in names could look the same.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// The one form of a sign-in name that is compared: NFKC, lower case, no blanks around it.
///
/// `None` when it is no sign-in name: too short, too long, or with blanks, control or invisible characters.
#[must_use]
pub fn fold_login(typed: &str) -> Option<String> {
    // A name is never longer folded than this; a megabyte of it is not worth folding.
    if typed.len() > LOGIN_MAX_CHARS * 8 {
        return None;
    }
    let folded: String = typed.trim().nfkc().flat_map(char::to_lowercase).nfkc().collect();
    let length = folded.chars().count();
    let bad = |c: char| c.is_control() || c.is_whitespace() || is_invisible(c);
    ((LOGIN_MIN_CHARS..=LOGIN_MAX_CHARS).contains(&length) && !folded.chars().any(bad)).then_some(folded)
}

/// The name of an official as it will stand on acts: NFC, inner blanks single.
///
/// `None` when it is empty, too long, or has control or invisible characters. The joiners U+200C and U+200D stay:
/// Persian and Indic names are misspelled without them.
#[must_use]
pub fn clean_name(typed: &str) -> Option<String> {
    if typed.len() > NAME_MAX_CHARS * 8 {
        return None;
    }
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect::<String>();
    let bad = |c: char| c.is_control() || (is_invisible(c) && !matches!(c, '\u{200c}' | '\u{200d}'));
    (!name.is_empty() && name.chars().count() <= NAME_MAX_CHARS && !name.chars().any(bad)).then_some(name)
}

/// A text of one to `max_chars` characters, without control characters except line breaks.
#[must_use]
pub fn clean_text(typed: &str, max_chars: usize) -> Option<String> {
    if typed.len() > max_chars.saturating_mul(4).saturating_add(1024) {
        return None;
    }
    let text = typed.trim().replace("\r\n", "\n").nfc().collect::<String>();
    let bad = |c: char| c.is_control() && c != '\n';
    (!text.is_empty() && text.chars().count() <= max_chars && !text.chars().any(bad)).then_some(text)
}

/// First code points of scripts whose ten digits follow one another, so that a keyboard in Arabic, Persian, Hindi,
/// Bengali, N'Ko, Thai, Lao, Tibetan, Burmese, Khmer or Mongolian types codes too.
const ZEROES: &[u32] =
    &[0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xe50, 0xed0, 0xf20, 0x1040, 0x17e0, 0x1810, 0xff10];

/// The same text with the digits of other scripts as `0` to `9`.
#[must_use]
pub fn ascii_digits(typed: &str) -> String {
    let one = |c: char| {
        let code = u32::from(c);
        ZEROES
            .iter()
            .find_map(|zero| code.checked_sub(*zero).filter(|d| *d < 10))
            .and_then(|d| char::from_digit(d, 10))
            .unwrap_or(c)
    };
    typed.chars().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_name_has_one_form() {
        for typed in ["Amal.Haddad", " amal.haddad ", "ＡＭＡＬ.haddad"] {
            assert_eq!(fold_login(typed).as_deref(), Some("amal.haddad"), "{typed}");
        }
        assert_eq!(fold_login("أمل.حداد").as_deref(), Some("أمل.حداد"));
        for bad in ["", "ab", "a b c", "abc\u{200b}", "abc\u{0}", "a\u{202e}bc"] {
            assert_eq!(fold_login(bad), None, "{bad:?}");
        }
        assert!(fold_login(&"a".repeat(LOGIN_MAX_CHARS)).is_some());
        assert!(fold_login(&"a".repeat(LOGIN_MAX_CHARS + 1)).is_none());
        assert!(fold_login(&"a".repeat(10_000_000)).is_none());
    }

    #[test]
    fn names_keep_their_script_and_lose_their_traps() {
        assert_eq!(clean_name("  Amal \u{a0} Haddad\n").as_deref(), Some("Amal Haddad"));
        assert_eq!(clean_name("می\u{200c}خواهم").as_deref(), Some("می\u{200c}خواهم"));
        for bad in ["", "  ", "a\u{0}b", "a\u{202e}b"] {
            assert_eq!(clean_name(bad), None, "{bad:?}");
        }
        assert!(clean_name(&"é".repeat(NAME_MAX_CHARS)).is_some());
        assert!(clean_name(&"é".repeat(NAME_MAX_CHARS + 1)).is_none());
    }

    #[test]
    fn texts_are_bounded() {
        assert_eq!(clean_text(" a\r\nb ", 3).as_deref(), Some("a\nb"));
        assert_eq!(clean_text("abcd", 3), None);
        assert_eq!(clean_text("a\u{7}b", 3), None);
        assert_eq!(clean_text(" \n ", 3), None);
    }

    #[test]
    fn digits_of_every_keyboard() {
        assert_eq!(ascii_digits("٠١٢٣٤٥٦٧٨٩"), "0123456789");
        assert_eq!(ascii_digits("۴۵۶ १२ x"), "456 12 x");
    }
}

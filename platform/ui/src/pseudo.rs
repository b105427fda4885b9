//! A language nobody speaks: English with every letter disguised, so that text which no language file holds
//! stands out, to the eye and to a test.

use std::borrow::Cow;

use daftar_kernel::Lang;

/// `qps-ploc`, the tag reserved for pseudo-locales.
#[must_use]
pub fn lang() -> Lang {
    Lang::parse("qps-ploc").unwrap_or_else(Lang::english)
}

/// Each ASCII letter as a look-alike. Text grows by about a third, as translations do.
#[must_use]
pub fn disguise(text: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(text.len() * 2);
    for letter in text.chars() {
        match letter {
            'a'..='z' => out.push(LOWER[letter as usize - 'a' as usize]),
            'A'..='Z' => out.push(UPPER[letter as usize - 'A' as usize]),
            other => out.push(other),
        }
        if "aeiou".contains(letter) {
            out.push('·');
        }
    }
    Cow::Owned(out)
}

const LOWER: [char; 26] = [
    'ä', 'ƀ', 'ċ', 'đ', 'ë', 'ƒ', 'ğ', 'ħ', 'ï', 'ĵ', 'ķ', 'ľ', 'ɱ', 'ñ', 'ö', 'þ', 'ɋ', 'ř', 'š', 'ŧ', 'ü',
    'ṽ', 'ŵ', 'ẋ', 'ÿ', 'ž',
];
const UPPER: [char; 26] = [
    'Ä', 'Ɓ', 'Ċ', 'Đ', 'Ë', 'Ƒ', 'Ğ', 'Ħ', 'Ï', 'Ĵ', 'Ķ', 'Ľ', 'Ṁ', 'Ñ', 'Ö', 'Þ', 'Ɋ', 'Ř', 'Š', 'Ŧ', 'Ü',
    'Ṽ', 'Ŵ', 'Ẋ', 'Ÿ', 'Ž',
];

/// Words of a page in the pseudo-language that came from no language file: text outside tags with two ASCII
/// letters in a row, outside isolates (U+2068 to U+2069) and outside `<bdi>`, `<code>`, `<script>` and `<style>`.
#[must_use]
pub fn hard_coded(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = html;
    let mut skip_until: Option<&str> = None;
    while !rest.is_empty() {
        let (text, after) = rest.split_once('<').unwrap_or((rest, ""));
        if skip_until.is_none() {
            found.extend(suspicious(text));
        }
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
        match skip_until {
            Some(end) if name == end => skip_until = None,
            Some(_) => {}
            None => {
                skip_until = SKIPPED.iter().find(|(open, _)| *open == name).map(|(_, close)| *close);
            }
        }
        rest = after;
    }
    found
}

const SKIPPED: [(&str, &str); 4] =
    [("bdi", "/bdi"), ("code", "/code"), ("script", "/script"), ("style", "/style")];

fn suspicious(text: &str) -> Option<String> {
    let mut depth = 0_u32;
    let mut run = 0;
    // Character references such as &amp; are no words.
    let mut reference = false;
    for c in text.chars() {
        match c {
            '\u{2066}'..='\u{2068}' => depth += 1,
            '\u{2069}' => depth = depth.saturating_sub(1),
            '&' => reference = true,
            ';' => reference = false,
            _ => {}
        }
        run = if c.is_ascii_alphabetic() && depth == 0 && !reference { run + 1 } else { 0 };
        if run == 2 {
            return Some(text.trim().to_string());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_no_file_holds() {
        let said = disguise("Who looked");
        assert!(
            hard_coded(&format!("<p title='en'>{said} &amp; \u{2068}Alice\u{2069}<bdi>Bob</bdi></p>"))
                .is_empty()
        );
        assert_eq!(hard_coded("<p>Who <b>looked</b></p>"), ["Who", "looked"]);
    }
}

//! Law of the house: no form asks for religion, ethnicity, caste, tribe or party. The words are data, in many languages.

use daftar_kernel::Lang;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::parse(include_str!("guard/words.toml")));

/// Words by language, folded: (topic, word).
struct Words {
    except: Vec<String>,
    by_language: BTreeMap<String, Vec<(String, Word)>>,
}

enum Word {
    /// Whole words in a row.
    Whole(String),
    /// The beginning of a word.
    Beginning(String),
    /// Anywhere, for scripts without blanks.
    Part(String),
}

impl Words {
    /// The list is part of the program; a test sees to it that it is read whole.
    fn parse(text: &str) -> Self {
        let mut words = Self { except: Vec::new(), by_language: BTreeMap::new() };
        let table: toml::Table = text.parse().unwrap_or_default();
        for (language, topics) in &table {
            for (topic, list) in topics.as_table().into_iter().flatten() {
                for word in list.as_array().into_iter().flatten().filter_map(toml::Value::as_str) {
                    if language == "except" {
                        words.except.push(fold(word));
                        continue;
                    }
                    let word = if let Some(start) = word.strip_suffix('*') {
                        Word::Beginning(fold(start))
                    } else if let Some(part) = word.strip_prefix('~') {
                        Word::Part(fold(part))
                    } else {
                        Word::Whole(fold(word))
                    };
                    words.by_language.entry(language.clone()).or_default().push((topic.clone(), word));
                }
            }
        }
        words
    }

    fn topic<'w>(
        &'w self,
        text: &str,
        languages: impl Iterator<Item = &'w Vec<(String, Word)>>,
    ) -> Option<&'w str> {
        let mut text = format!(" {} ", fold(text));
        for phrase in &self.except {
            text = text.replace(&format!(" {phrase} "), " ");
        }
        let found = |word: &Word| match word {
            Word::Whole(word) => text.contains(&format!(" {word} ")),
            Word::Beginning(start) => text.contains(&format!(" {start}")),
            Word::Part(part) => text.contains(part.as_str()),
        };
        languages.flatten().find(|(_, word)| found(word)).map(|(topic, _)| topic.as_str())
    }
}

/// What a label of this language asks about that no form may: `religion`, `ethnicity`, `caste`, `tribe` or `party`.
///
/// In a language without a list of its own the words of all languages count.
#[must_use]
pub fn topic_of_label(label: &str, lang: &Lang) -> Option<&'static str> {
    let primary = lang.tag().split('-').next().unwrap_or_default().to_ascii_lowercase();
    match WORDS.by_language.get(&primary) {
        Some(own) => WORDS.topic(label, std::iter::once(own)),
        None => WORDS.topic(label, WORDS.by_language.values()),
    }
}

/// What a field of this id asks about that no form may; an id has no language, so the words of all count.
#[must_use]
pub fn topic_of_id(id: &str) -> Option<&'static str> {
    WORDS.topic(id, WORDS.by_language.values())
}

/// Lower case, compatibility forms, without accents and vowel signs, words divided by one blank, without Arabic articles.
fn fold(text: &str) -> String {
    let is_mark =
        |c: char| matches!(c, '\u{300}'..='\u{36f}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}');
    let folded: String = text.nfkd().filter(|c| !is_mark(*c)).flat_map(char::to_lowercase).nfc().collect();
    let is_sign = |c: char| !(c.is_alphanumeric() || in_word(c));
    let words = folded.split(is_sign).filter(|word| !word.is_empty()).map(|word| {
        // "al-", also behind "and", "for" and "by": only when a word of three letters is left.
        let bare = ["وال", "بال", "لل", "ال"].iter().find_map(|article| word.strip_prefix(article));
        bare.filter(|bare| bare.chars().count() >= 2).unwrap_or(word)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Vowel signs and joiners that stand inside words of Indic and other scripts but are no letters.
fn in_word(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c) || matches!(c, '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(tag: &str, text: &str) -> Option<&'static str> {
        topic_of_label(text, &Lang::parse(tag).unwrap())
    }

    #[test]
    fn the_list_is_read_whole() {
        assert!(WORDS.by_language.len() >= 20);
        assert!(!WORDS.except.is_empty());
        for (language, words) in &WORDS.by_language {
            for (topic, word) in words {
                assert!(
                    ["religion", "ethnicity", "caste", "tribe", "party"].contains(&topic.as_str()),
                    "{language} {topic}"
                );
                let (Word::Whole(text) | Word::Beginning(text) | Word::Part(text)) = word;
                assert!(!text.is_empty(), "{language} {topic} holds a word that folds to nothing");
            }
        }
    }

    #[test]
    fn every_topic_is_found_in_every_language_that_lists_it() {
        let table: toml::Table = include_str!("guard/words.toml").parse().unwrap();
        for (language, topics) in table.iter().filter(|(language, _)| *language != "except") {
            for (topic, list) in topics.as_table().unwrap() {
                for word in list.as_array().unwrap() {
                    let word = word.as_str().unwrap().trim_matches(['*', '~']);
                    assert!(label(language, &format!("x {word} ?")).is_some(), "{language} {topic} {word}");
                }
            }
        }
    }

    #[test]
    fn in_any_dress() {
        for (tag, text, topic) in [
            ("en", "Your RELIGION (optional)", "religion"),
            ("fr", "Confession réligieuse", "religion"),
            ("fr", "Appartenance à un parti", "party"),
            ("ar", "الدِّيـن", "religion"),
            ("ar", "القبيلة أو العشيرة", "tribe"),
            ("ar", "اسم الحزب", "party"),
            ("am", "ሃይማኖት", "religion"),
            ("hi", "जाति", "caste"),
            ("sw", "Kabila lako", "tribe"),
            ("zh-Hant", "您的宗教信仰", "religion"),
            ("xx", "Religião", "religion"),
        ] {
            assert_eq!(label(tag, text), Some(topic), "{text}");
        }
        for id in
            ["religion", "father_tribe", "ethnic-group", "sub-caste", "political_party", "dini", "agama"]
        {
            assert!(topic_of_id(id).is_some(), "{id}");
        }
    }

    #[test]
    fn ordinary_questions_pass() {
        for (tag, text) in [
            ("en", "Family name"),
            ("en", "A third party may collect the card"),
            ("en", "Sector of work"),
            ("en", "Trace of an earlier record"),
            ("fr", "Nom de famille"),
            ("fr", "À partir de quelle date ?"),
            ("ar", "الاسم الكامل"),
            ("ar", "مكان الولادة"),
            ("ar", "بيان الوثائق"),
            ("hi", "पूरा नाम"),
            ("am", "ሙሉ ስም"),
            ("pt", "Como se chama?"),
            ("sw", "Jina kamili"),
        ] {
            assert_eq!(label(tag, text), None, "{text}");
        }
        for id in [
            "family-name",
            "given-name",
            "place-of-birth",
            "sex",
            "mother",
            "documents-seen",
            "statement",
            "photo",
        ] {
            assert_eq!(topic_of_id(id), None, "{id}");
        }
    }
}

//! The texts of notices: one TOML file each in the country pack, a subject and a body per language, with
//! `{placeholders}`. `{{` and `}}` stand for the braces themselves.
//!
//! ```toml
//! [en]
//! subject = "Your activation code"
//! body = """
//! Dear {name},
//! your code is {code}.
//! """
//!
//! [ar]
//! subject = "رمز التفعيل"
//! body = "..."
//! ```

use super::{MAX_BODY_BYTES, MAX_SUBJECT_CHARS, Message, Recipient};
use daftar_kernel::{Id, Lang, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

/// The most bytes of a notice's file.
pub const MAX_TEXT_BYTES: usize = 256 * 1024;

/// A thing a service tells people, as the service declares it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Its id, which is the file's name: `identity-activation`.
    pub id: &'static str,
    /// The placeholders that the service fills in and every body must use.
    pub required: &'static [&'static str],
    /// Further placeholders that a text may use.
    pub optional: &'static [&'static str],
}

/// What is wrong with a notice's text, where, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message} {remedy}")]
pub struct TemplateFault {
    /// The file, as it was named to the parser.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub remedy: String,
}

/// The texts of one notice, checked against what its service declares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Template {
    notice: Notice,
    texts: BTreeMap<Lang, Text>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Text {
    subject: Vec<Piece>,
    body: Vec<Piece>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Piece {
    Words(String),
    Value(String),
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    subject: Spanned<String>,
    body: Spanned<String>,
}

impl Template {
    /// Reads a notice's file and checks it: every language of the country, every required placeholder in every
    /// body, no placeholder that nobody fills in.
    ///
    /// # Errors
    /// All faults that were found, each with its line and remedy.
    pub fn parse(
        file: &str,
        text: &str,
        notice: Notice,
        languages: &[Lang],
    ) -> Result<Self, Vec<TemplateFault>> {
        let reader = Reader { file, text, notice };
        if text.len() > MAX_TEXT_BYTES {
            return Err(vec![reader.fault(0, "the file has more than 256 KiB.", "Shorten it.")]);
        }
        let written: BTreeMap<Spanned<String>, Written> = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            vec![reader.fault(
                at,
                error.message(),
                "Write [language] with subject = \"...\" and body = \"...\".",
            )]
        })?;
        let mut faults = Vec::new();
        let mut texts = BTreeMap::new();
        for (tag, written) in &written {
            let at = tag.span().start;
            match Lang::parse(tag.get_ref()).filter(|lang| languages.contains(lang)) {
                Some(lang) => {
                    texts.insert(lang, reader.text(written, at, &mut faults));
                }
                None => faults.push(reader.fault(
                    at,
                    &format!("[{}] is no language of this country.", tag.get_ref()),
                    "Remove it, or add the language to country.toml.",
                )),
            }
        }
        for lang in languages.iter().filter(|lang| !texts.contains_key(lang)) {
            let remedy = format!("Add a section [{lang}] with subject and body.");
            faults.push(reader.fault(0, &format!("the text in '{lang}' is missing."), &remedy));
        }
        if faults.is_empty() { Ok(Self { notice, texts }) } else { Err(faults) }
    }

    /// The notice that this is the text of.
    #[must_use]
    pub const fn notice(&self) -> &Notice {
        &self.notice
    }

    /// The message to a recipient in their language, or in the first of the country's languages that there is a
    /// text for. Control characters in values become spaces; what is too long is cut.
    ///
    /// # Errors
    /// The name of a required placeholder that has no value: a fault of the calling service.
    pub fn fill(
        &self,
        (id, at): (Id, Timestamp),
        to: Recipient,
        lang: &Lang,
        values: &[(&str, &str)],
    ) -> Result<Message, &'static str> {
        let missing = |name: &&&'static str| !values.iter().any(|(known, _)| *known == **name);
        if let Some(name) = self.notice.required.iter().find(missing) {
            return Err(name);
        }
        let (lang, text) =
            self.texts.get_key_value(lang).or_else(|| self.texts.first_key_value()).ok_or("language")?;
        let subject = joined(&text.subject, values).chars().take(MAX_SUBJECT_CHARS).collect();
        let mut body = joined(&text.body, values);
        body.truncate(body.floor_char_boundary(MAX_BODY_BYTES));
        Ok(Message { id, at, to, lang: lang.clone(), subject, body })
    }
}

fn joined(pieces: &[Piece], values: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Words(words) => out.push_str(words),
            Piece::Value(name) => {
                let value = values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value);
                out.extend(value.chars().map(|c| if c.is_control() { ' ' } else { c }));
            }
        }
    }
    out
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    notice: Notice,
}

impl Reader<'_> {
    fn fault(&self, offset: usize, message: &str, remedy: &str) -> TemplateFault {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        TemplateFault { file: self.file.into(), line, message: message.into(), remedy: remedy.into() }
    }

    fn text(&self, written: &Written, section: usize, faults: &mut Vec<TemplateFault>) -> Text {
        let subject = self.pieces(&written.subject, faults);
        let body = self.pieces(&written.body, faults);
        let line_break = |c: char| c.is_control();
        if written.subject.get_ref().trim().is_empty() || written.subject.get_ref().contains(line_break) {
            let at = written.subject.span().start;
            faults.push(self.fault(at, "the subject must be one line of text.", "Write it in one line."));
        }
        if written.body.get_ref().contains(|c: char| c.is_control() && c != '\n' && c != '\t') {
            let at = written.body.span().start;
            faults.push(self.fault(at, "the body holds control characters.", "Remove them."));
        }
        let used: BTreeSet<&str> = body.iter().filter_map(Piece::name).collect();
        for name in self.notice.required.iter().filter(|name| !used.contains(**name)) {
            let remedy = format!("Write {{{name}}} where it belongs in the body.");
            faults.push(self.fault(section, &format!("the body does not use {{{name}}}."), &remedy));
        }
        Text { subject, body }
    }

    fn pieces(&self, written: &Spanned<String>, faults: &mut Vec<TemplateFault>) -> Vec<Piece> {
        let span = written.span();
        // Where a piece stands in the file: escapes move offsets, so it is searched for in the raw text.
        let place = |needle: &str| {
            let raw = self.text.get(span.clone()).unwrap_or_default();
            span.start + raw.find(needle).unwrap_or(0)
        };
        let known: Vec<&str> = self.notice.required.iter().chain(self.notice.optional).copied().collect();
        let mut pieces = Vec::new();
        let mut words = String::new();
        let mut rest = written.get_ref().as_str();
        while let Some(at) = rest.find(['{', '}']) {
            let (before, after) = rest.split_at(at);
            words.push_str(before);
            let brace = if after.starts_with('{') { '{' } else { '}' };
            let inner = after.get(1..).unwrap_or_default();
            if let Some(tail) = inner.strip_prefix(brace) {
                words.push(brace);
                rest = tail;
                continue;
            }
            let name = inner.split_once('}').filter(|(name, _)| brace == '{' && is_name(name));
            let Some((name, tail)) = name else {
                let near: String = after.chars().take(20).collect();
                let message = format!("a brace that belongs to no placeholder, at '{near}'.");
                faults.push(self.fault(
                    place(&near),
                    &message,
                    "Write {name}, or {{ and }} for the braces themselves.",
                ));
                rest = inner;
                continue;
            };
            if !known.contains(&name) {
                let message = format!("nothing fills in {{{name}}}.");
                let remedy = format!("Known here are: {}.", known.join(", "));
                faults.push(self.fault(place(&format!("{{{name}}}")), &message, &remedy));
            }
            pieces.push(Piece::Words(std::mem::take(&mut words)));
            pieces.push(Piece::Value(name.to_string()));
            rest = tail;
        }
        words.push_str(rest);
        pieces.push(Piece::Words(words));
        pieces
    }
}

impl Piece {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Value(name) => Some(name),
            Self::Words(_) => None,
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    const NOTICE: Notice =
        Notice { id: "identity-activation", required: &["name", "code"], optional: &["office"] };

    fn languages() -> Vec<Lang> {
        ["en", "ar"].iter().map(|tag| Lang::parse(tag).unwrap()).collect()
    }
    const GOOD: &str = r#"
[en]
subject = "Code for {name}"
body = """
Dear {name},
your code is {code}. {{braces}} {office}
"""

[ar]
subject = "رمز التفعيل"
body = "السيد {name}: {code}"
"#;

    fn fill(lang: &str, values: &[(&str, &str)]) -> Result<Message, &'static str> {
        let template = Template::parse("notices/x.toml", GOOD, NOTICE, &languages()).unwrap();
        let message = sample();
        template.fill((message.id, message.at), message.to, &Lang::parse(lang).unwrap(), values)
    }

    #[test]
    fn fills_in_each_language_and_falls_back_to_one_there_is() {
        let values = [("name", "Abeba"), ("code", "4711")];
        let english = fill("en", &values).unwrap();
        assert_eq!(english.subject, "Code for Abeba");
        assert_eq!(english.body, "Dear Abeba,\nyour code is 4711. {braces} \n");
        let arabic = fill("ar", &values).unwrap();
        assert_eq!((arabic.body.as_str(), arabic.lang.tag()), ("السيد Abeba: 4711", "ar"));
        assert!(!fill("sw", &values).unwrap().subject.is_empty());
        assert_eq!(fill("en", &[("name", "x")]), Err("code"));
    }

    #[test]
    fn values_cannot_break_out_of_their_place() {
        let values = [("name", "x\r\nBcc: all@example.org"), ("code", "{name}\u{0}")];
        let message = fill("en", &values).unwrap();
        assert_eq!(message.subject, "Code for x  Bcc: all@example.org");
        assert!(message.body.contains("your code is {name} ."), "values are not filled in again");
        let long = fill("en", &[("name", &"é".repeat(MAX_BODY_BYTES)), ("code", "1")]).unwrap();
        assert_eq!(super::super::check(&long), Ok(()));
    }

    #[test]
    fn every_fault_has_its_line_and_a_remedy() {
        let cases: [(&str, usize, &str); 9] = [
            (
                "[en]\nsubject = \"a\"\nbody = \"\"\"\nx {code}\n{nmae} {name}\"\"\"",
                5,
                "nothing fills in {nmae}",
            ),
            ("[en]\nsubject = \"a\"\nbody = \"{name}\"", 1, "does not use {code}"),
            ("[en]\nsubject = \"a\"\nbody = \"{name} {code} { x\"", 3, "a brace"),
            ("[en]\nsubject = \"a\"\nbody = \"{name} {code} }\"", 3, "a brace"),
            ("[en]\nsubject = \"a\\nb\"\nbody = \"{name} {code}\"", 2, "one line"),
            ("[en]\nsubject = \"a\"\nbody = \"{name} {code}\"\nhtml = \"x\"", 4, "unknown field"),
            ("[xx]\nsubject = \"a\"\nbody = \"{name} {code}\"", 1, "no language"),
            ("[en\n", 1, ""),
            ("", 1, "the text in 'en' is missing"),
        ];
        for (text, line, message) in cases {
            let faults = Template::parse("notices/x.toml", text, NOTICE, &languages()).unwrap_err();
            let found = faults.iter().find(|fault| fault.message.contains(message));
            let found = found.unwrap_or_else(|| panic!("{text:?}: {faults:?}"));
            assert_eq!(found.line, line, "{text:?}: {found}");
            assert!(!found.remedy.is_empty() && found.to_string().starts_with("notices/x.toml:"));
        }
        assert!(Template::parse("x", &"#".repeat(MAX_TEXT_BYTES + 1), NOTICE, &languages()).is_err());
    }
}

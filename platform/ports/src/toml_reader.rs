//! Reading the files a ministry owns: TOML, of which every fault is told at once, each with its line and its remedy.

use daftar_kernel::{Label, Lang};
use jiff::civil::Date;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Longest single text in a file, in characters.
pub const TEXT_CHARS_MAX: usize = 4000;

/// What is wrong in a file, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file; in a pack, from its top.
    pub file: String,
    /// Its line from 1; 0 when it is about the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl Fault {
    /// A fault about a file as a whole.
    pub fn of_file(file: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { file: file.into(), line: 0, message: message.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}. {}", self.message, self.remedy)
    }
}
impl std::error::Error for Fault {}

/// One file while it is read; collects what is wrong.
#[derive(Debug)]
pub struct Reader<'i> {
    path: &'i str,
    text: &'i str,
    faults: RefCell<Vec<Fault>>,
}

impl<'i> Reader<'i> {
    /// A reader of this file.
    #[must_use]
    pub const fn new(path: &'i str, text: &'i str) -> Self {
        Self { path, text, faults: RefCell::new(Vec::new()) }
    }
    /// The parsed file; syntax errors become faults, and what could be read around them is still given.
    pub fn parse(&self) -> Spanned<DeTable<'i>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let line = error.span().map_or(0, |span| self.line(span.start));
            self.fault_at(line, format!("not TOML: {}", error.message().trim()), "Mend the line");
        }
        table
    }
    /// The whole file as a table.
    pub fn top<'r>(&'r self, parsed: &'r Spanned<DeTable<'i>>) -> Table<'r, 'i> {
        Table { reader: self, table: parsed.get_ref(), span: 0..0, seen: RefCell::default() }
    }
    /// The number of the line that holds this byte, from 1.
    pub fn line(&self, at: usize) -> usize {
        self.text.as_bytes()[..at.min(self.text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
    }
    /// Adds a fault.
    pub fn fault_at(&self, line: usize, message: impl Into<String>, remedy: impl Into<String>) {
        let fault = Fault { file: self.path.into(), line, message: message.into(), remedy: remedy.into() };
        self.faults.borrow_mut().push(fault);
    }
    /// What was found.
    pub fn into_faults(self) -> Vec<Fault> {
        self.faults.into_inner()
    }
}

/// One table of a file. Every key must be asked for; [`Table::finish`] names those that nobody asked for.
#[derive(Debug)]
pub struct Table<'r, 'i> {
    reader: &'r Reader<'i>,
    table: &'r DeTable<'i>,
    span: Range<usize>,
    seen: RefCell<BTreeSet<&'static str>>,
}

impl<'r, 'i> Table<'r, 'i> {
    fn value(&self, key: &'static str) -> Option<&'r Spanned<DeValue<'i>>> {
        self.seen.borrow_mut().insert(key);
        self.table.get(key)
    }
    /// Whether there is such a key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }
    /// Whether a key holds a text.
    #[must_use]
    pub fn is_text(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| value.get_ref().as_str().is_some())
    }
    /// Adds a fault when there is no such key.
    pub fn require(&self, key: &str, expected: &str) {
        if !self.has(key) {
            let remedy = format!("Add {key} = {expected}");
            self.reader.fault_at(self.line(), format!("'{key}' is missing"), remedy);
        }
    }
    fn wrong(&self, span: &Range<usize>, key: &str, expected: &str) {
        let line = self.reader.line(span.start);
        self.reader.fault_at(line, format!("'{key}' is not {expected}"), format!("Write {expected}"));
    }
    /// Adds a fault at the line of a key.
    pub fn fault(&self, key: &str, message: impl Into<String>, remedy: impl Into<String>) {
        self.reader.fault_at(self.line_of(key), message, remedy);
    }
    /// The line where the table begins.
    pub fn line(&self) -> usize {
        if self.span.end == 0 { 0 } else { self.reader.line(self.span.start) }
    }
    /// The line of a key, or of the table when it has no such key.
    pub fn line_of(&self, key: &str) -> usize {
        self.table.get(key).map_or_else(|| self.line(), |value| self.reader.line(value.span().start))
    }

    /// An optional text.
    pub fn text_opt(&self, key: &'static str) -> Option<String> {
        let value = self.value(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong(&value.span(), key, "a text in quotes");
            return None;
        };
        if text.chars().count() > TEXT_CHARS_MAX || text.contains('\0') {
            self.wrong(&value.span(), key, &format!("a text of at most {TEXT_CHARS_MAX} characters"));
            return None;
        }
        Some(text.to_string())
    }
    /// A text that must be there.
    pub fn text(&self, key: &'static str) -> Option<String> {
        self.require(key, "\"...\"");
        self.text_opt(key)
    }
    /// An optional whole number within bounds.
    pub fn number_opt(&self, key: &'static str, bounds: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let value = self.value(key)?;
        let number =
            value.get_ref().as_integer().and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
        let number = number.filter(|n| bounds.contains(n));
        if number.is_none() {
            self.wrong(
                &value.span(),
                key,
                &format!("a whole number from {} to {}", bounds.start(), bounds.end()),
            );
        }
        number
    }
    /// Whether an optional yes or no is yes.
    pub fn is_set(&self, key: &'static str) -> bool {
        let Some(value) = self.value(key) else { return false };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong(&value.span(), key, "true or false");
            false
        })
    }
    /// An optional date, as a TOML date or a text.
    pub fn date_opt(&self, key: &'static str) -> Option<Date> {
        let value = self.value(key)?;
        let text = match value.get_ref() {
            DeValue::Datetime(date) => date.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => String::new(),
        };
        let date = text.parse().ok().filter(|_| text.len() == 10);
        if date.is_none() {
            self.wrong(&value.span(), key, "a date as YYYY-MM-DD");
        }
        date
    }
    /// A date that must be there.
    pub fn date(&self, key: &'static str) -> Option<Date> {
        self.require(key, "YYYY-MM-DD");
        self.date_opt(key)
    }
    /// An optional list of texts; empty when it is not there.
    pub fn texts(&self, key: &'static str) -> Vec<String> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let list = value.get_ref().as_array();
        let texts =
            list.and_then(|list| list.iter().map(|v| v.get_ref().as_str().map(String::from)).collect());
        texts.unwrap_or_else(|| {
            self.wrong(&value.span(), key, "a list of texts: [\"...\", \"...\"]");
            Vec::new()
        })
    }
    /// A text in several languages that must be there: `{ en = "...", fr = "..." }`.
    pub fn label(&self, key: &'static str) -> Option<Label> {
        self.require(key, "{ en = \"...\" }");
        self.label_opt(key)
    }
    /// An optional text in several languages.
    pub fn label_opt(&self, key: &'static str) -> Option<Label> {
        let value = self.value(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(&value.span(), key, "a text for each language: { en = \"...\" }");
            return None;
        };
        let mut label = Label::default();
        for (tag, text) in table {
            let lang = Lang::parse(tag.get_ref());
            match (lang, text.get_ref().as_str()) {
                (Some(lang), Some(text))
                    if !text.trim().is_empty() && text.chars().count() <= TEXT_CHARS_MAX =>
                {
                    label.0.insert(lang, text.trim().to_string());
                }
                (None, _) => self.wrong(&tag.span(), tag.get_ref(), "a language tag such as en or zh-Hant"),
                _ => self.wrong(&text.span(), tag.get_ref(), "a text that says something"),
            }
        }
        Some(label)
    }
    /// A text in several languages that has all of these; the ones missing are faults.
    pub fn label_in(&self, key: &'static str, languages: &[Lang]) -> Option<Label> {
        let label = self.label(key)?;
        for lang in languages.iter().filter(|lang| !label.0.contains_key(*lang)) {
            self.fault(key, format!("'{key}' has no text in '{lang}'"), "Add the text in this language");
        }
        Some(label)
    }
    /// An optional table inside.
    pub fn table_opt(&self, key: &'static str) -> Option<Self> {
        let value = self.value(key)?;
        let table = value.get_ref().as_table().map(|table| self.inner(table, value.span()));
        if table.is_none() {
            self.wrong(&value.span(), key, &format!("a table: [{key}]"));
        }
        table
    }
    /// The tables of a list `[[key]]`; empty when it is not there.
    pub fn tables(&self, key: &'static str) -> Vec<Self> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let list = value.get_ref().as_array();
        let tables = list.and_then(|list| {
            list.iter().map(|v| v.get_ref().as_table().map(|table| self.inner(table, v.span()))).collect()
        });
        tables.unwrap_or_else(|| {
            self.wrong(&value.span(), key, &format!("a list of tables: [[{key}]]"));
            Vec::new()
        })
    }
    /// Every key of the table that holds a table, with it; keys that hold something else are faults.
    pub fn each_table(&self) -> Vec<(String, Self)> {
        let mut tables = Vec::new();
        for (key, value) in self.table {
            match value.get_ref().as_table() {
                Some(table) => tables.push((key.get_ref().to_string(), self.inner(table, value.span()))),
                None => self.wrong(&value.span(), key.get_ref(), &format!("a table: [{}]", key.get_ref())),
            }
        }
        tables
    }
    const fn inner(&self, table: &'r DeTable<'i>, span: Range<usize>) -> Self {
        Self { reader: self.reader, table, span, seen: RefCell::new(BTreeSet::new()) }
    }
    /// Names the keys nobody asked for: most often spelling mistakes, which must not pass in silence.
    pub fn finish(&self) {
        let seen = self.seen.borrow();
        for (key, _) in self.table {
            if !seen.contains(key.get_ref().as_ref()) {
                let line = self.reader.line(key.span().start);
                let known = seen.iter().copied().collect::<Vec<_>>().join(", ");
                self.reader.fault_at(
                    line,
                    format!("unknown key '{}'", key.get_ref()),
                    format!("Known here: {known}"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str, read: impl Fn(&Table<'_, '_>)) -> Vec<(usize, String)> {
        let reader = Reader::new("x.toml", text);
        let parsed = reader.parse();
        let top = reader.top(&parsed);
        read(&top);
        top.finish();
        reader.into_faults().into_iter().map(|fault| (fault.line, fault.message)).collect()
    }

    #[test]
    fn all_faults_come_at_once_with_their_lines() {
        let text = "a = 1\nb = 'x'\n\n[[c]]\nd = 'y'\ne = 2\n[[c]]\nwhen = 'soon'\n";
        let found = faults(text, |top| {
            top.text("a");
            top.number_opt("b", 0..=9);
            for c in top.tables("c") {
                c.text("d");
                c.date_opt("when");
                c.finish();
            }
        });
        let expected = [
            (1, "'a' is not a text in quotes"),
            (2, "'b' is not a whole number from 0 to 9"),
            (6, "unknown key 'e'"),
            (7, "'d' is missing"),
            (8, "'when' is not a date as YYYY-MM-DD"),
        ];
        assert_eq!(found, expected.map(|(line, text)| (line, text.to_string())));
    }

    #[test]
    fn what_stands_around_a_broken_line_is_still_read() {
        let found = faults("a = \nb = 3\n", |top| {
            top.value("a");
            assert_eq!(top.number_opt("b", 0..=9), Some(3));
        });
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, 1);
    }

    #[test]
    fn dates_and_labels() {
        let found =
            faults("d = 2020-02-29\ne = '2021-02-29'\nl = { en = 'x', 'en_US' = 'y', fr = '' }\n", |top| {
                assert_eq!(top.date_opt("d").map(|d| d.to_string()).as_deref(), Some("2020-02-29"));
                assert_eq!(top.date_opt("e"), None);
                let label = top.label_in("l", &[Lang::english(), Lang::parse("ar").unwrap()]).unwrap();
                assert_eq!(label.get(&Lang::english()), "x");
            });
        assert_eq!(found.len(), 4, "{found:?}");
    }
}

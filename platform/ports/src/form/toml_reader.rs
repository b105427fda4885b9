//! TOML read so that every fault is told at once, each with its line. Every key of a table must be asked for;
//! [`Table::finish`] names those that nobody asked for.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use daftar_kernel::Lang;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Fault, Label};

/// The most characters of one text in a file.
pub(super) const TEXT_CHARS_MAX: usize = 4000;

/// A file while it is read.
pub(super) struct Reader<'i> {
    file: &'i str,
    text: &'i str,
    faults: RefCell<Vec<Fault>>,
}

impl<'i> Reader<'i> {
    pub(super) const fn new(file: &'i str, text: &'i str) -> Self {
        Self { file, text, faults: RefCell::new(Vec::new()) }
    }
    /// The file as a table; a syntax error becomes a fault, and what could be read around it is still given.
    pub(super) fn parse(&self) -> Spanned<DeTable<'i>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let line = error.span().map_or(0, |span| self.line(span.start));
            self.fault(line, format!("this is not TOML: {}", error.message().trim()), "Mend the line");
        }
        table
    }
    pub(super) fn top<'r>(&'r self, parsed: &'r Spanned<DeTable<'i>>) -> Table<'r, 'i> {
        Table { reader: self, table: parsed.get_ref(), line: 0, seen: RefCell::default() }
    }
    fn line(&self, at: usize) -> usize {
        self.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
    }
    pub(super) fn fault(&self, line: usize, message: impl Into<String>, remedy: impl Into<String>) {
        let fault = Fault { file: self.file.into(), line, message: message.into(), remedy: remedy.into() };
        self.faults.borrow_mut().push(fault);
    }
    pub(super) fn into_faults(self) -> Vec<Fault> {
        let mut faults = self.faults.into_inner();
        faults.sort();
        faults.dedup();
        faults
    }
}

/// One table of the file.
pub(super) struct Table<'r, 'i> {
    reader: &'r Reader<'i>,
    table: &'r DeTable<'i>,
    line: usize,
    seen: RefCell<BTreeSet<&'static str>>,
}

impl<'r, 'i> Table<'r, 'i> {
    fn value(&self, key: &'static str) -> Option<&'r Spanned<DeValue<'i>>> {
        self.seen.borrow_mut().insert(key);
        self.table.get(key)
    }
    fn wrong(&self, span: &Range<usize>, key: &str, expected: &str) {
        let line = self.reader.line(span.start);
        self.reader.fault(line, format!("'{key}' is not {expected}"), format!("Write {expected}"));
    }
    /// A fault at the line of a key, or of the table when it has no such key.
    pub(super) fn fault(&self, key: &str, message: impl Into<String>, remedy: impl Into<String>) {
        let line = self.table.get(key).map_or(self.line, |value| self.reader.line(value.span().start));
        self.reader.fault(line, message, remedy);
    }
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }
    pub(super) fn require(&self, key: &str, example: &str) {
        if !self.has(key) {
            self.fault(key, format!("'{key}' is missing"), format!("Add {key} = {example}"));
        }
    }
    /// Whether a key holds a text: for keys that may hold a text or a list.
    pub(super) fn is_text(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| value.get_ref().as_str().is_some())
    }
    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        let value = self.value(key)?;
        let text = value.get_ref().as_str().filter(|text| text.chars().count() <= TEXT_CHARS_MAX);
        if text.is_none() {
            self.wrong(
                &value.span(),
                key,
                &format!("a text in quotes of at most {TEXT_CHARS_MAX} characters"),
            );
        }
        text.map(str::to_string)
    }
    pub(super) fn number(&self, key: &'static str, least: i64, most: i64) -> Option<i64> {
        let value = self.value(key)?;
        let number =
            value.get_ref().as_integer().and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
        let number = number.filter(|n| (least..=most).contains(n));
        if number.is_none() {
            self.wrong(&value.span(), key, &format!("a whole number from {least} to {most}"));
        }
        number
    }
    pub(super) fn is_set(&self, key: &'static str) -> bool {
        let Some(value) = self.value(key) else { return false };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong(&value.span(), key, "true or false");
            false
        })
    }
    pub(super) fn texts(&self, key: &'static str) -> Vec<String> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let list = value.get_ref().as_array();
        let texts =
            list.and_then(|list| list.iter().map(|v| v.get_ref().as_str().map(String::from)).collect());
        texts.unwrap_or_else(|| {
            self.wrong(&value.span(), key, "a list of texts such as [\"yes\"]");
            Vec::new()
        })
    }
    /// A text in several languages, of which English is one: `{ en = "..", fr = ".." }`. Empty when it is not there.
    pub(super) fn label(&self, key: &'static str) -> Label {
        let mut label = Label::default();
        let Some(value) = self.value(key) else { return label };
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(&value.span(), key, "a text for each language, such as { en = \"..\" }");
            return label;
        };
        for (tag, text) in table {
            let words = text.get_ref().as_str().map(str::trim);
            let words = words.filter(|words| !words.is_empty() && words.chars().count() <= TEXT_CHARS_MAX);
            match (Lang::parse(tag.get_ref()), words) {
                (Some(lang), Some(words)) => {
                    label.0.insert(lang, words.to_string());
                }
                (None, _) => self.wrong(&tag.span(), tag.get_ref(), "a language tag such as en or zh-Hant"),
                (Some(_), None) => self.wrong(&text.span(), tag.get_ref(), "a text that says something"),
            }
        }
        if !label.0.contains_key(&Lang::english()) {
            self.fault(
                key,
                format!("'{key}' has no English text"),
                "Add en = \"..\": it stands in where a language lacks",
            );
        }
        label
    }
    /// The tables of a list; empty when it is not there.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Self> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let list = value.get_ref().as_array();
        let tables =
            list.and_then(|list| list.iter().map(|item| self.inner(item)).collect::<Option<Vec<_>>>());
        tables.unwrap_or_else(|| {
            self.wrong(&value.span(), key, &format!("a list of tables: [[{key}]]"));
            Vec::new()
        })
    }
    pub(super) fn table(&self, key: &'static str) -> Option<Self> {
        let value = self.value(key)?;
        let table = self.inner(value);
        if table.is_none() {
            self.wrong(&value.span(), key, "a table in braces");
        }
        table
    }
    fn inner(&self, value: &'r Spanned<DeValue<'i>>) -> Option<Self> {
        let table = value.get_ref().as_table()?;
        let line = self.reader.line(value.span().start);
        Some(Self { reader: self.reader, table, line, seen: RefCell::default() })
    }
    /// Names the keys nobody asked for: most often spelling mistakes, which must not pass in silence.
    pub(super) fn finish(&self) {
        let seen = self.seen.borrow();
        for (key, _) in self.table {
            if !seen.contains(key.get_ref().as_ref()) {
                let known = seen.iter().copied().collect::<Vec<_>>().join(", ");
                let line = self.reader.line(key.span().start);
                self.reader.fault(
                    line,
                    format!("unknown key '{}'", key.get_ref()),
                    format!("Known here: {known}"),
                );
            }
        }
    }
}

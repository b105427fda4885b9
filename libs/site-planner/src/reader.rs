//! Reading TOML with exact numbers: every fault at once, each with its line and its remedy.

use crate::fault::Fault;
use crate::fixed::Fixed;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Longest text of a file, in characters.
const TEXT_MAX: usize = 1000;
/// Largest number of a file.
pub const NUMBER_MAX: i64 = 1_000_000_000;

/// A file being read.
pub struct Reader<'i> {
    file: &'i str,
    text: &'i str,
    faults: RefCell<Vec<Fault>>,
}

impl<'i> Reader<'i> {
    pub const fn new(file: &'i str, text: &'i str) -> Self {
        Self { file, text, faults: RefCell::new(Vec::new()) }
    }
    /// The file's table; what is not TOML becomes faults.
    pub fn parse(&self) -> Spanned<DeTable<'i>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let line = error.span().map_or(0, |span| self.line(span.start));
            self.fault(line, format!("not TOML: {}", error.message().trim()), "Mend the line");
        }
        table
    }
    pub fn line(&self, at: usize) -> usize {
        self.text.as_bytes()[..at.min(self.text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
    }
    pub fn fault(&self, line: usize, message: impl Into<String>, remedy: impl Into<String>) {
        let fault = Fault { file: self.file.into(), line, message: message.into(), remedy: remedy.into() };
        self.faults.borrow_mut().push(fault);
    }
    pub fn into_faults(self) -> Vec<Fault> {
        let mut faults = self.faults.into_inner();
        faults.sort();
        faults
    }
    /// The whole file as a table.
    pub fn top<'r>(&'r self, parsed: &'r Spanned<DeTable<'i>>) -> Table<'r, 'i> {
        Table { reader: self, table: parsed.get_ref(), span: 0..0, seen: RefCell::default() }
    }
}

/// A number as written, without the way through floating point; none when it is not one.
pub fn exact(value: &DeValue<'_>) -> Option<Fixed> {
    let number = match value {
        DeValue::Integer(n) if n.radix() == 10 => Fixed::parse(n.as_str()),
        DeValue::Float(n) => Fixed::parse(n.as_str()),
        _ => None,
    };
    number.filter(|n| *n <= Fixed::int(NUMBER_MAX) && *n >= Fixed::int(-NUMBER_MAX))
}

/// A table of a file; each key must be asked for, and [`Table::finish`] names those that nobody asked for.
pub struct Table<'r, 'i> {
    pub reader: &'r Reader<'i>,
    pub table: &'r DeTable<'i>,
    span: Range<usize>,
    seen: RefCell<BTreeSet<String>>,
}

impl<'r, 'i> Table<'r, 'i> {
    fn value(&self, key: &str) -> Option<&'r Spanned<DeValue<'i>>> {
        self.seen.borrow_mut().insert(key.into());
        self.table.get(key)
    }
    pub fn line(&self) -> usize {
        if self.span.end == 0 { 0 } else { self.reader.line(self.span.start) }
    }
    pub fn line_of(&self, key: &str) -> usize {
        self.table.get(key).map_or_else(|| self.line(), |value| self.reader.line(value.span().start))
    }
    pub fn fault(&self, key: &str, message: impl Into<String>, remedy: impl Into<String>) {
        self.reader.fault(self.line_of(key), message, remedy);
    }
    fn missing(&self, key: &str, example: &str) {
        self.fault(key, format!("'{key}' is missing"), format!("Add {key} = {example}"));
    }
    /// A text that may be absent.
    pub fn text_opt(&self, key: &str) -> Option<String> {
        let value = self.value(key)?;
        let text =
            value.get_ref().as_str().filter(|text| !text.is_empty() && text.chars().count() <= TEXT_MAX);
        if text.is_none() {
            self.fault(
                key,
                format!("'{key}' is not a text of 1 to {TEXT_MAX} characters"),
                "Write it in quotes",
            );
        }
        text.map(String::from)
    }
    /// A text that must be there.
    pub fn text(&self, key: &str, example: &str) -> String {
        if !self.table.contains_key(key) {
            self.missing(key, example);
        }
        self.text_opt(key).unwrap_or_default()
    }
    /// One word of a list; the first when it is absent.
    pub fn word<T: Copy>(&self, key: &str, words: &[(&str, T)], absent: T) -> T {
        let Some(text) = self.text_opt(key) else { return absent };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let known: Vec<_> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        self.fault(key, format!("'{text}' is not a {key}"), format!("Write one of {}", known.join(", ")));
        absent
    }
    /// An exact number within bounds; the given one when it is absent.
    pub fn number(&self, key: &str, bounds: (i64, i64), absent: Option<i64>) -> Fixed {
        let fall_back = Fixed::int(absent.unwrap_or(bounds.0));
        let Some(value) = self.value(key) else {
            if absent.is_none() {
                self.missing(key, &bounds.0.max(1).to_string());
            }
            return fall_back;
        };
        let number =
            exact(value.get_ref()).filter(|n| *n >= Fixed::int(bounds.0) && *n <= Fixed::int(bounds.1));
        number.unwrap_or_else(|| {
            self.fault(
                key,
                format!("'{key}' is not a number from {} to {} with at most six places", bounds.0, bounds.1),
                "Write it without quotes, such as 12 or 2.5",
            );
            fall_back
        })
    }
    /// A whole number within bounds; the given one when it is absent.
    pub fn whole(&self, key: &str, bounds: (i64, i64), absent: Option<i64>) -> u64 {
        let number = self.number(key, bounds, absent);
        let whole = u64::try_from(number.round()).unwrap_or(0);
        if Fixed::count(whole) != number {
            self.fault(key, format!("'{key}' is not a whole number"), "Leave the places after the point out");
        }
        whole
    }
    /// A table inside, when it is there.
    pub fn table_opt(&self, key: &str) -> Option<Self> {
        let value = self.value(key)?;
        let inner = value.get_ref().as_table().map(|table| self.inner(table, value.span()));
        if inner.is_none() {
            self.fault(key, format!("'{key}' is not a table"), format!("Write [{key}] and its lines below"));
        }
        inner
    }
    /// The tables of `[[key]]`.
    pub fn tables(&self, key: &str) -> Vec<Self> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let list = value.get_ref().as_array().and_then(|list| {
            list.iter().map(|v| v.get_ref().as_table().map(|table| self.inner(table, v.span()))).collect()
        });
        list.unwrap_or_else(|| {
            self.fault(key, format!("'{key}' is not a list of tables"), format!("Write [[{key}]] for each"));
            Vec::new()
        })
    }
    /// Every key with its table; what is not one is a fault.
    pub fn each_table(&self) -> Vec<(String, Self)> {
        let mut tables = Vec::new();
        for (key, value) in self.table {
            let name = key.get_ref().to_string();
            self.seen.borrow_mut().insert(name.clone());
            match value.get_ref().as_table() {
                Some(table) => tables.push((name, self.inner(table, value.span()))),
                None => self.fault(&name, format!("'{name}' is not a table"), format!("Write [{name}]")),
            }
        }
        tables
    }
    pub const fn inner(&self, table: &'r DeTable<'i>, span: Range<usize>) -> Self {
        Self { reader: self.reader, table, span, seen: RefCell::new(BTreeSet::new()) }
    }
    /// Names the keys that nobody asked for.
    pub fn finish(&self) {
        let seen = self.seen.borrow();
        for (key, _) in self.table {
            if !seen.contains(key.get_ref().as_ref()) {
                let known = seen.iter().cloned().collect::<Vec<_>>().join(", ");
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

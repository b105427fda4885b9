//! One declared form, many faces: HTML pages one thing at a time, saved drafts, check-your-answers, and JSON with its
//! schema, all from one TOML file that a ministry can read.
//!
//! Pure: no request, no database, no clock. Words come in through [`Words`], long lists of options through
//! [`Sources`]; what goes out is plain data for whoever draws pages.

mod answers;
mod boxes;
mod clean;
mod json;
mod photo;
mod read;
mod schema;
mod view;

use std::collections::BTreeMap;

use daftar_kernel::{Lang, PartialDate};

pub use crate::toml_reader::Fault;
pub use answers::{Address, Answers, Entered};
pub use daftar_kernel::Label;
pub use photo::{PHOTO_BYTES_MAX, check_photo};
pub use view::{AnswerView, FieldView, OptionView, PageView, SummaryView};

/// The words of this module in each language that comes with Daftar, as Fluent texts. Keys start with `ports-form-`.
pub const MESSAGES: [(&str, &str); 3] = [
    ("en", include_str!("../../locales/en.ftl")),
    ("fr", include_str!("../../locales/fr.ftl")),
    ("ar", include_str!("../../locales/ar.ftl")),
];

/// Most pages of a form.
pub const PAGES_MAX: usize = 60;
/// Most fields of a form.
pub const FIELDS_MAX: usize = 200;
/// Most options written into a form; longer lists are sources.
pub const OPTIONS_MAX: usize = 300;
/// The most characters any field can take.
pub const CHARS_MAX: usize = 10_000;
/// Most free lines of an address.
pub const ADDRESS_LINES_MAX: usize = 6;
/// The source of options that a field of kind `place` or `address` has when it names none.
pub const PLACES: &str = "places";

/// What a field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person's name, in any script; one word is enough.
    Name,
    /// One line.
    Text,
    /// Several lines.
    LongText,
    /// A date of which parts may be unknown.
    PartialDate,
    /// One of a few options.
    Choice,
    /// One of many options: a place of the country.
    Place,
    /// Free lines and a place; no street is needed.
    Address,
    /// A picture, answered by the reference of the stored one.
    Photo,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// Yes or no.
    YesNo,
    /// A whole number.
    Number,
}

impl Kind {
    const ALL: [(&'static str, Self); 12] = [
        ("name", Self::Name),
        ("text", Self::Text),
        ("long-text", Self::LongText),
        ("partial-date", Self::PartialDate),
        ("choice", Self::Choice),
        ("place", Self::Place),
        ("address", Self::Address),
        ("photo", Self::Photo),
        ("phone", Self::Phone),
        ("email", Self::Email),
        ("yes-no", Self::YesNo),
        ("number", Self::Number),
    ];
    /// The word in a form's file.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
    }
    /// The most characters when the file names none; 0 for kinds that have no such limit.
    #[must_use]
    pub const fn default_max_chars(self) -> usize {
        match self {
            Self::Name | Self::Text => 200,
            Self::LongText => 2000,
            Self::Address => 500,
            // RFC 5321 §4.5.3.1.3, less the angle brackets.
            Self::Email => 254,
            Self::PartialDate
            | Self::Choice
            | Self::Place
            | Self::Photo
            | Self::Phone
            | Self::YesNo
            | Self::Number => 0,
        }
    }
}

/// One way to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is stored.
    pub value: String,
    /// What is read.
    pub label: Label,
}

/// The ways to answer a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Options {
    /// The kind has none.
    None,
    /// Written into the form.
    Inline(Vec<Choice>),
    /// A list that the caller knows by this name.
    Source(String),
}

/// When a field is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// A field of an earlier page.
    pub field: String,
    /// Answers of which one must be given; `yes` and `no` for a field of kind `yes-no`.
    pub is: Vec<String>,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name, unique in the form.
    pub id: String,
    /// What it asks for.
    pub kind: Kind,
    /// The question.
    pub label: Label,
    /// Help under it.
    pub help: Label,
    /// Whether an answer is needed.
    pub required: bool,
    /// The most characters (Unicode scalar values); 0 when the kind has no such limit.
    pub max_chars: usize,
    /// Smallest and largest number, for the kind `number`.
    pub bounds: (i64, i64),
    /// The ways to answer.
    pub options: Options,
    /// When it is asked; none means always.
    pub show_if: Option<Condition>,
}

/// Questions asked together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Name, unique in the form; part of its address.
    pub id: String,
    /// Title.
    pub title: Label,
    /// Help under it.
    pub help: Label,
    /// The questions.
    pub fields: Vec<Field>,
}

/// A declared form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Name, unique in the country.
    pub id: String,
    /// Grows with every change.
    pub version: i64,
    /// Title; the first page's when the file names none.
    pub title: Label,
    /// Pages in their order.
    pub pages: Vec<Page>,
}

impl Form {
    /// Reads a form's file. `file` is its name, for faults.
    ///
    /// # Errors
    /// Every fault at once: syntax, unknown keys, missing texts, conditions that cannot hold.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Fault>> {
        read::form(file, text)
    }
    /// A page by its name.
    #[must_use]
    pub fn page(&self, id: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.id == id)
    }
    /// Every field in order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.pages.iter().flat_map(|page| &page.fields)
    }
    /// A field by its name.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields().find(|field| field.id == id)
    }
}

/// A value for a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// Words.
    Text(String),
    /// A count, which chooses the plural form.
    Number(i64),
}

/// The reader's language: implemented by whoever holds the texts.
pub trait Words {
    /// The language.
    fn lang(&self) -> &Lang;
    /// A message of [`MESSAGES`].
    fn say(&self, key: &str, args: &[(&str, Arg)]) -> String;
    /// A date in words.
    fn date(&self, date: PartialDate) -> String;
}

/// Long lists of options, by name. The caller answers from the country pack.
pub trait Sources {
    /// The label of a value; none when the list has no such value, and so the answer is refused.
    fn label(&self, source: &str, value: &str, lang: &Lang) -> Option<String>;
    /// All values with their labels, in the order shown.
    fn list(&self, source: &str, lang: &Lang) -> Vec<(String, String)>;
}

impl Sources for BTreeMap<String, Vec<Choice>> {
    fn label(&self, source: &str, value: &str, lang: &Lang) -> Option<String> {
        let choice = self.get(source)?.iter().find(|choice| choice.value == value)?;
        Some(choice.label.get(lang).to_string())
    }
    fn list(&self, source: &str, lang: &Lang) -> Vec<(String, String)> {
        let choices = self.get(source).into_iter().flatten();
        choices.map(|choice| (choice.value.clone(), choice.label.get(lang).to_string())).collect()
    }
}

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerFault {
    /// The field.
    pub field: String,
    /// The message of [`MESSAGES`] that says it.
    pub key: &'static str,
    /// Values for the message, without `label`, which [`AnswerFault::words`] adds.
    pub args: Vec<(&'static str, Arg)>,
}

impl AnswerFault {
    fn new(field: &str, key: &'static str) -> Self {
        Self { field: field.into(), key, args: Vec::new() }
    }
    fn arg(mut self, name: &'static str, value: impl TryInto<i64>) -> Self {
        self.args.push((name, Arg::Number(value.try_into().unwrap_or(i64::MAX))));
        self
    }
    /// In words, beginning with the question.
    #[must_use]
    pub fn words(&self, form: &Form, words: &dyn Words) -> String {
        let label =
            form.field(&self.field).map_or(self.field.as_str(), |field| field.label.get(words.lang()));
        let mut args: Vec<(&str, Arg)> = vec![("label", Arg::Text(label.to_string()))];
        args.extend(self.args.iter().map(|(name, value)| (*name, value.clone())));
        words.say(self.key, &args)
    }
}

#[cfg(test)]
mod tests;

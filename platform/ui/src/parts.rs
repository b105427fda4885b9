//! What the macros of `templates/parts.html` take: plain data, texts already in the reader's language.

use crate::Html;

/// One way to answer: a radio, a checkbox or a line of a select.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// An explanation under it, or empty.
    pub hint: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Choice {
    /// A choice without a hint.
    pub fn new(value: impl Into<String>, label: impl Into<String>, chosen: bool) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new(), chosen }
    }
    /// With an explanation under it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// A link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Where it goes.
    pub href: String,
    /// What is read.
    pub label: String,
    /// Whether it is the page one is on.
    pub current: bool,
}

impl Link {
    /// A link to another page.
    pub fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self { href: href.into(), label: label.into(), current: false }
    }
    /// The page one is on.
    #[must_use]
    pub fn current(mut self, current: bool) -> Self {
        self.current = current;
        self
    }
}

/// A row of a summary list: what it is, what is known, and perhaps a link that changes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SummaryRow {
    /// What it is.
    pub key: String,
    /// What is known.
    pub value: Html,
    /// A link that changes it. The label is the verb; `key` is added for screen readers.
    pub action: Option<Link>,
}

impl SummaryRow {
    /// A row without a link.
    pub fn new(key: impl Into<String>, value: impl Into<Html>) -> Self {
        Self { key: key.into(), value: value.into(), action: None }
    }
    /// With a link.
    #[must_use]
    pub fn action(mut self, href: impl Into<String>, label: impl Into<String>) -> Self {
        self.action = Some(Link::new(href, label));
        self
    }
}

/// A head of a table's column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// What it is.
    pub label: String,
    /// Numbers stand at the end of the line.
    pub numeric: bool,
}

impl Column {
    /// A column of words.
    pub fn text(label: impl Into<String>) -> Self {
        Self { label: label.into(), numeric: false }
    }
    /// A column of numbers.
    pub fn number(label: impl Into<String>) -> Self {
        Self { label: label.into(), numeric: true }
    }
}

/// A table. The first cell of each row is its head. On a narrow screen every row becomes a small list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// What the table shows, read first.
    pub caption: String,
    /// Heads.
    pub columns: Vec<Column>,
    /// Cells, as many in each row as there are columns.
    pub rows: Vec<Vec<Html>>,
}

/// A task of a task list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// What is to be done.
    pub label: String,
    /// Where it is done; none while it cannot be started.
    pub href: Option<String>,
    /// An explanation, or empty.
    pub hint: String,
    /// How far it is, in words.
    pub status: String,
    /// Whether it is done, so that nothing draws the eye.
    pub done: bool,
}

/// A figure worth a large letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tile {
    /// What is counted.
    pub label: String,
    /// The figure, formatted.
    pub value: String,
    /// What it means, or empty.
    pub note: String,
    /// Where more is said.
    pub href: Option<String>,
}

/// How far a receipt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptState {
    /// Committed here, not yet in the signed record.
    Pending,
    /// In the record, signed by the country.
    Signed,
    /// Confirmed by outside witnesses.
    Cosigned,
}

impl ReceiptState {
    /// The message that names it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Pending => crate::key!("ui-receipt-pending"),
            Self::Signed => crate::key!("ui-receipt-signed"),
            Self::Cosigned => crate::key!("ui-receipt-cosigned"),
        }
    }
    /// The tone of its tag.
    #[must_use]
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Pending => "wait",
            Self::Signed => "info",
            Self::Cosigned => "good",
        }
    }
}

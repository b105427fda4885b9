//! What an import has to say about rows, and the two files it says it in: what was refused or left empty, and
//! what may be a duplicate. Neither file holds a person's data: the row number leads to it in the file
//! itself.

use super::csv::safe_line;
use crate::duplicates::Reason;

/// One thing to say about a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The row, the header being row 1.
    pub row: u64,
    /// The column or columns; empty when the whole row is meant.
    pub column: String,
    /// Which rule; see [`FAULTS`].
    pub code: &'static str,
    /// Whether the row is refused; otherwise only the field stays empty.
    pub refuses: bool,
}

impl Finding {
    /// The row is refused.
    #[must_use]
    pub fn refused(row: u64, column: &str, code: &'static str) -> Self {
        Self { row, column: column.into(), code, refuses: true }
    }
    /// The field stays empty.
    #[must_use]
    pub fn left_empty(row: u64, column: &str, code: &'static str) -> Self {
        Self { row, column: column.into(), code, refuses: false }
    }
    /// The line of the report.
    #[must_use]
    pub fn line(&self) -> String {
        let (_, reason, remedy) = fault(self.code);
        let outcome = if self.refuses { "refused" } else { "left empty" };
        safe_line(&[&self.row.to_string(), outcome, &self.column, self.code, reason, remedy])
    }
}

/// First line of the report.
#[must_use]
pub fn header() -> String {
    safe_line(&["row", "outcome", "column", "code", "reason", "remedy"])
}

/// What a row may be a duplicate of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Twin {
    /// A row of the same file.
    Row(u64),
    /// A person in the register, by the reference officials open it with.
    Person(daftar_kernel::Id),
}

/// A row that may be somebody already known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DuplicateFinding {
    /// The row.
    pub row: u64,
    /// Who it may be.
    pub twin: Twin,
    /// Why.
    pub reason: Reason,
    /// Whether the row was held back.
    pub held: bool,
}

impl DuplicateFinding {
    /// The line of the list of duplicates.
    #[must_use]
    pub fn line(&self) -> String {
        let (kind, reference) = match &self.twin {
            Twin::Row(row) => ("row", row.to_string()),
            Twin::Person(person) => ("person", person.to_string()),
        };
        let outcome = if self.held { "held back" } else { "registered" };
        let remedy = if self.held {
            "compare the two; if they are two people, register this row by hand and say why"
        } else {
            "compare the two; if they are one person, merge them"
        };
        let row = self.row.to_string();
        safe_line(&[&row, outcome, kind, &reference, self.reason.word(), self.reason.sentence(), remedy])
    }
}

/// First line of the list of duplicates.
#[must_use]
pub fn duplicates_header() -> String {
    safe_line(&["row", "outcome", "same_as", "reference", "code", "reason", "remedy"])
}

/// Every code with its reason and its remedy.
pub const FAULTS: &[(&str, &str, &str)] = &[
    (
        "column-count",
        "the row has more or fewer fields than the header",
        "look for a separator inside a field: quote it",
    ),
    ("quote", "a quoted field is followed by other text", "double quotation marks inside a quoted field"),
    ("encoding", "bytes that are not UTF-8", "save the file as UTF-8, or name its encoding in the mapping"),
    (
        "encoding-twice",
        "the text was encoded twice (such as Ã© for é)",
        "export the row again from its source",
    ),
    (
        "reference",
        "the reference is too long or holds control characters",
        "correct it, or leave the column out",
    ),
    ("name-empty", "there is no name", "add the name, or a part of it"),
    ("name-long", "the name is longer than 200 characters", "move what is not the name to another column"),
    ("name-letter", "the name holds no letter", "replace the dots or digits with the name"),
    ("name-invisible", "the name holds an invisible control character", "type the name again"),
    ("name-sign", "the name holds a sign that belongs to no name", "remove the sign"),
    (
        "name-damaged",
        "the name was damaged by a wrong encoding",
        "take the name from the paper or the source",
    ),
    ("name-marks", "the name stacks more marks on a letter than any script uses", "type the name again"),
    ("other-names-many", "more than six other names", "keep the six that are needed"),
    (
        "date-form",
        "the date is not written as the mapping says",
        "write it in that form, or leave it empty when unknown",
    ),
    (
        "date-calendar",
        "the calendar has no such date between 1800 and 2200",
        "correct it, or keep only year and month",
    ),
    ("date-future", "the date lies in the future", "correct the year"),
    ("died-before-born", "the date of death lies before the date of birth", "correct one of the two"),
    (
        "choice",
        "the word is not one of those the field takes",
        "correct it, or add it to `values` in the mapping",
    ),
    ("place", "the country pack has no place of this code", "use its code, or import the place in words"),
    ("address-lines", "more than five address lines", "join lines"),
    ("text-long", "the text is longer than 120 characters", "shorten it"),
    ("text-invisible", "the text holds an invisible control character", "type it again"),
    ("text-damaged", "the text was damaged by a wrong encoding", "take it from the source"),
    ("text-marks", "the text stacks more marks on a letter than any script uses", "type it again"),
    ("phone", "not a telephone number: 3 to 15 digits, + only in front", "correct it or leave it empty"),
    ("email", "not an e-mail address", "correct it or leave it empty"),
    ("language", "not a language tag (BCP 47)", "use a tag such as ar or fr"),
    ("photo", "not a photo of this register", "leave photos out of the file"),
    ("duplicate-number", "the row could not be given a number", "import again"),
];

/// The entry of a code.
fn fault(code: &str) -> &'static (&'static str, &'static str, &'static str) {
    const OTHER: &(&str, &str, &str) = &("other", "the row breaks a rule", "look at the row");
    FAULTS.iter().find(|(c, _, _)| *c == code).unwrap_or(OTHER)
}

/// The code of a message key.
#[must_use]
pub fn code_of(message: &str) -> &'static str {
    message.strip_prefix("identity-fault-").map_or("other", |code| fault(code).0)
}

/// The code of a word kept in the database.
#[must_use]
pub fn code_of_word(word: &str) -> &'static str {
    fault(word).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_the_rules_has_a_reason_and_a_remedy() {
        for source in [include_str!("../entry.rs"), include_str!("../name/mod.rs")] {
            for message in source.split('"').filter(|s| s.starts_with("identity-fault-")) {
                assert_ne!(code_of(message), "other", "{message}");
            }
        }
        assert_eq!(code_of("identity-fault-nonsense"), "other");
    }

    #[test]
    fn lines_are_safe_to_open() {
        let finding = Finding::refused(7, "=evil", "choice");
        assert!(finding.line().starts_with("\"7\",\"refused\",\"'=evil\",\"choice\","));
    }
}

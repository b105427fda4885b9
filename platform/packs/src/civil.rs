//! What the country's civil law says in numbers and lists: when somebody comes of age, how many people one may vouch for, and
//! which documents a register keeps.

use crate::forms::refuse_topic;
use daftar_kernel::Lang;
use daftar_office::roster::{Label, is_code};
use daftar_ports::toml_reader::{Reader, Table};

/// Most kinds of documents.
pub const DOCUMENTS_MAX: usize = 60;

/// A kind of document that supports what a register says of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentKind {
    /// Its code.
    pub kind: String,
    /// Its name by language.
    pub label: Label,
}

/// The rules of `civil.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Civil {
    /// From which age on somebody answers for themself, in whole years.
    pub age_of_majority: u8,
    /// How many people without papers one registered adult may introduce in a calendar year.
    pub introductions_a_year: u32,
    /// Kinds of documents a register keeps, in the order they are offered.
    pub documents: Vec<DocumentKind>,
}

impl Civil {
    /// The kind of document with this code.
    #[must_use]
    pub fn document(&self, kind: &str) -> Option<&DocumentKind> {
        self.documents.iter().find(|document| document.kind == kind)
    }
}

/// Reads `civil.toml`.
pub(crate) fn read(reader: &Reader<'_>, top: &Table<'_, '_>, languages: &[Lang]) -> Option<Civil> {
    let needed = |key: &'static str, bounds: std::ops::RangeInclusive<i64>| {
        let number = top.number_opt(key, bounds.clone());
        if number.is_none() && top.line_of(key) == top.line() {
            reader.fault_at(0, format!("'{key}' is missing"), format!("Add {key} = {}", bounds.start()));
        }
        number
    };
    let age = needed("age_of_majority", 1..=40).and_then(|years| u8::try_from(years).ok());
    let introductions =
        needed("introductions_a_year", 0..=10_000).and_then(|count| u32::try_from(count).ok());
    let mut documents: Vec<DocumentKind> = Vec::new();
    for table in top.tables("documents") {
        if let Some(document) = document(&table, languages) {
            if documents.iter().any(|other| other.kind == document.kind) {
                table.fault("kind", format!("'{}' is there twice", document.kind), "Remove one of them");
            }
            documents.push(document);
        }
        table.finish();
    }
    if documents.len() > DOCUMENTS_MAX {
        let message = format!("{} kinds of documents", documents.len());
        top.fault("documents", message, format!("Keep at most {DOCUMENTS_MAX}"));
    }
    if documents.is_empty() {
        reader.fault_at(0, "no kind of document is there", "Add [[documents]] with kind and label");
    }
    Some(Civil { age_of_majority: age?, introductions_a_year: introductions?, documents })
}

fn document(table: &Table<'_, '_>, languages: &[Lang]) -> Option<DocumentKind> {
    let (kind, label) = (table.text("kind"), table.label_in("label", languages));
    if let Some(odd) = kind.as_ref().filter(|kind| !is_code(kind)) {
        let message = format!("'{odd}' is not a code");
        table.fault("kind", message, "Write lower-case letters, digits and single hyphens");
    }
    refuse_topic(table, kind.as_deref(), label.as_ref());
    Some(DocumentKind { kind: kind?, label: label? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "age_of_majority=18\nintroductions_a_year=5\n[[documents]]\nkind='passport'\nlabel={en='Passport'}\n";

    fn read_text(text: &str) -> (Option<Civil>, usize) {
        let reader = Reader::new("civil.toml", text);
        let parsed = reader.parse();
        let top = reader.top(&parsed);
        let civil = read(&reader, &top, &[Lang::english()]);
        top.finish();
        (civil, reader.into_faults().len())
    }

    #[test]
    fn the_rules_are_numbers_and_kinds_with_names() {
        let (civil, faults) = read_text(GOOD);
        let civil = civil.unwrap();
        assert_eq!((civil.age_of_majority, civil.introductions_a_year, faults), (18, 5, 0));
        assert!(civil.document("passport").is_some() && civil.document("").is_none());
        for (from, to) in [
            ("age_of_majority=18", ""),
            ("age_of_majority=18", "age_of_majority=0"),
            ("age_of_majority=18", "age_of_majority=41"),
            ("introductions_a_year=5\n", ""),
            ("introductions_a_year=5", "introductions_a_year=-1"),
            ("'passport'", "'Passport'"),
            ("'passport'", "'religion'"),
            ("'Passport'", "'Certificate of religion'"),
            ("label={en='Passport'}", ""),
            ("[[documents]]\nkind='passport'\nlabel={en='Passport'}\n", ""),
        ] {
            assert!(read_text(&GOOD.replace(from, to)).1 >= 1, "{from} -> {to}");
        }
    }

    #[test]
    fn so_many_kinds_of_documents_and_no_more() {
        let kinds = |count: usize| -> String {
            let one = |n| format!("[[documents]]\nkind='d-{n}'\nlabel={{en='Paper {n}'}}\n");
            let head = "age_of_majority=18\nintroductions_a_year=5\n".to_string();
            (0..count).map(one).fold(head, |all, one| all + &one)
        };
        assert_eq!(read_text(&kinds(DOCUMENTS_MAX)).1, 0);
        assert_eq!(read_text(&kinds(DOCUMENTS_MAX + 1)).1, 1);
        let twice = format!("{}{}", GOOD, &GOOD[GOOD.find("[[").unwrap()..]);
        assert_eq!(read_text(&twice).1, 1);
    }
}

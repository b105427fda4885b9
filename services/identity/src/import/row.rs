//! One row of a file becomes one entry, or a list of findings that say why not.

use super::csv::Record;
use super::findings::Finding;
use super::mapping::{BoundField, Plan, Step, Unreadable};
use super::text::{self, BadEncoding};
use crate::person::{Entry, Person, Rules};

/// Characters of the old register's row reference.
pub const MAX_REFERENCE_CHARS: usize = 100;

/// What became of a row.
pub struct Outcome {
    /// The person, unless the row is refused.
    pub person: Option<Person>,
    /// The old register's own reference of the row.
    pub reference: String,
    /// Why it is refused, or what was left empty.
    pub findings: Vec<Finding>,
}

impl Plan {
    /// Reads a row and checks it against all rules.
    #[must_use]
    pub fn read(&self, record: &Record, rules: &Rules<'_>) -> Outcome {
        let mut row = RowReader { plan: self, record, findings: Vec::new() };
        let refuse =
            |finding: Finding| Outcome { person: None, reference: String::new(), findings: vec![finding] };
        if record.stray_quote {
            return refuse(Finding::refused(record.row, "", "quote"));
        }
        if record.len() != self.header.len() {
            return refuse(Finding::refused(record.row, "", "column-count"));
        }
        let mut entry = Entry::default();
        for field in &self.fields {
            let text = row.field(field);
            set(&mut entry, field.target, text);
        }
        let reference = self.reference.and_then(|column| row.column(column)).unwrap_or_default();
        let reference = crate::name::plain_text(&reference, MAX_REFERENCE_CHARS).unwrap_or_else(|_| {
            row.findings.push(Finding::left_empty(record.row, self.reference_name(), "reference"));
            String::new()
        });
        let person = row.check(entry, rules);
        Outcome { person, reference, findings: row.findings }
    }
    fn reference_name(&self) -> &str {
        self.reference.and_then(|column| self.header.get(column)).map_or("", String::as_str)
    }
    fn names_of(&self, field: &BoundField) -> String {
        field
            .columns
            .iter()
            .filter_map(|c| self.header.get(*c))
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" + ")
    }
}

struct RowReader<'a> {
    plan: &'a Plan,
    record: &'a Record,
    findings: Vec<Finding>,
}

impl RowReader<'_> {
    fn note(&mut self, field: &BoundField, code: &'static str) {
        let columns = self.plan.names_of(field);
        self.findings.push(match field.rule.unreadable {
            Unreadable::Reject => Finding::refused(self.record.row, &columns, code),
            Unreadable::LeaveEmpty => Finding::left_empty(self.record.row, &columns, code),
        });
    }

    /// A column's text; bytes that are no text refuse the row whatever the field's rule, because the other
    /// columns of the row are then not to be trusted either.
    fn column(&mut self, column: usize) -> Option<String> {
        let bytes = self.record.field(column)?;
        match text::decode(bytes, self.plan.encoding) {
            Ok(text) => Some(text.into_owned()),
            Err(fault) => {
                let code = match fault {
                    BadEncoding::NotUtf8 => "encoding",
                    BadEncoding::Twice => "encoding-twice",
                };
                let name = self.plan.header.get(column).map_or("", String::as_str);
                self.findings.push(Finding::refused(self.record.row, name, code));
                None
            }
        }
    }

    fn field(&mut self, field: &BoundField) -> String {
        let mut text = String::new();
        for column in &field.columns {
            let Some(part) = self.column(*column) else { return String::new() };
            if !text.is_empty() && !part.trim().is_empty() {
                text.push_str(&field.rule.join);
            }
            text.push_str(part.trim());
        }
        if text.is_empty() || field.rule.blank.iter().any(|b| b.to_lowercase() == text.to_lowercase()) {
            return String::new();
        }
        if !field.rule.values.is_empty() {
            match field.rule.values.get(&text).or_else(|| field.rule.values.get(&text.to_lowercase())) {
                Some(ours) => text.clone_from(ours),
                None => {
                    self.note(field, "choice");
                    return String::new();
                }
            }
        }
        if let Some(form) = &field.date {
            match form.read(&text) {
                Some(date) => text = date,
                None => {
                    self.note(field, "date-form");
                    return String::new();
                }
            }
        }
        for step in &field.rule.steps {
            text = match step {
                Step::TitleCase => title_case(&text),
                Step::LowerCase => text.to_lowercase(),
                Step::FirstOfJanuaryIsYear => text.strip_suffix("-01-01").unwrap_or(&text).to_string(),
            };
        }
        text
    }

    /// The rules for persons. A fault in a field that may stay empty empties it; then the rules run once
    /// more.
    fn check(&mut self, mut entry: Entry, rules: &Rules<'_>) -> Option<Person> {
        let refused = self.findings.iter().any(|f| f.refuses);
        let faults = match entry.check(rules) {
            Ok(person) => return (!refused).then_some(person),
            Err(faults) => faults,
        };
        let mut fatal = refused;
        for fault in faults {
            let code = super::findings::code_of(&fault.message);
            // A name made of parts has no columns of its own: its parts answer for it.
            let field = self.plan.fields.iter().find(|f| f.target == fault.field).or_else(|| {
                (fault.field == "name")
                    .then(|| self.plan.fields.iter().find(|f| f.target == "given"))
                    .flatten()
            });
            let Some(field) = field else {
                self.findings.push(Finding::refused(self.record.row, &fault.field, code));
                fatal = true;
                continue;
            };
            if fault.field == "name" || field.rule.unreadable == Unreadable::Reject {
                self.findings.push(Finding::refused(self.record.row, &self.plan.names_of(field), code));
                fatal = true;
            } else {
                self.note(field, code);
                set(&mut entry, field.target, String::new());
            }
        }
        if fatal { None } else { entry.check(rules).ok() }
    }
}

/// Puts a text into a field of an entry. Lists are separated by `;` or a line end.
fn set(entry: &mut Entry, target: &str, text: String) {
    let list = |text: String| {
        text.split([';', '\n']).map(str::trim).filter(|t| !t.is_empty()).map(ToString::to_string).collect()
    };
    match target {
        "name" => entry.name = text,
        "given" => entry.given = text,
        "family" => entry.family = text,
        "other_names" => entry.other_names = list(text),
        "born" => entry.born = text,
        "birth_place" => entry.birth_place = text,
        "birth_place_text" => entry.birth_place_text = text,
        "sex" => entry.sex = text,
        "mother" => entry.mother = text,
        "father" => entry.father = text,
        "address_place" => entry.address_place = text,
        "address_lines" => entry.address_lines = list(text),
        "phone" => entry.phone = text,
        "email" => entry.email = text,
        "language" => entry.language = text,
        "standing" => entry.standing = text,
        "died" => entry.died = text,
        _ => {}
    }
}

/// `JOHN o'NEIL-smith` becomes `John O'Neil-Smith`. Scripts without case are left alone.
fn title_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut start = true;
    for c in text.chars() {
        if start {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        start = !(c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::csv::Reader;
    use super::super::mapping::Mapping;
    use super::*;

    const MAPPING: &str = r#"
        format = 1
        source = "s"
        agency = "a"
        office = "o"
        purpose = "p"
        basis = "b"
        reference = "id"
        [field.name]
        columns = ["first", "last"]
        steps = ["title-case"]
        [field.born]
        columns = ["dob"]
        steps = ["first-of-january-is-year"]
        unreadable = "leave-empty"
        [field.sex]
        columns = ["sex"]
        values = { m = "male", f = "female" }
        blank = ["n/a"]
    "#;

    fn read(row: &[u8]) -> Outcome {
        let plan = Mapping::parse(MAPPING)
            .unwrap()
            .bind(&["id", "first", "last", "dob", "sex"].map(String::from))
            .unwrap();
        let mut record = Record::default();
        assert!(Reader::new(row, b',').next(&mut record).unwrap());
        plan.read(&record, &crate::entry::tests::rules())
    }
    fn codes(row: &[u8]) -> (bool, Vec<&'static str>) {
        let outcome = read(row);
        (outcome.person.is_some(), outcome.findings.iter().map(|f| f.code).collect())
    }

    #[test]
    fn a_good_row() {
        let outcome = read("7,JOHN,o'neil-smith,1956-01-01,M".as_bytes());
        let person = outcome.person.unwrap();
        assert_eq!((person.name.as_str(), person.born.to_string().as_str()), ("John O'Neil-Smith", "1956"));
        assert_eq!((person.sex.word(), outcome.reference.as_str()), ("male", "7"));
        assert!(outcome.findings.is_empty());
    }

    #[test]
    fn every_fault_is_named() {
        assert_eq!(codes(b"7,John,Smith,1956-01-01"), (false, vec!["column-count"]));
        assert_eq!(codes(b"\"7\"x,John,Smith,1956-01-01,m"), (false, vec!["quote"]));
        assert_eq!(codes(b"7,.,,1956-01-01,m"), (false, vec!["name-letter"]));
        assert_eq!(codes(b"7,,,,"), (false, vec!["name-empty"]));
        assert_eq!(codes(b"7,Jos\xe9,X,,"), (false, vec!["encoding", "name-empty"]));
        assert_eq!(codes(b"7,John,Smith,,male?"), (false, vec!["choice"]));
        assert_eq!(codes(b"7,John,Smith,,N/A"), (true, vec![]));
        assert_eq!(codes(b"7,John,Smith,1956-02-30,m"), (true, vec!["date-calendar"]));
        assert_eq!(codes(b"7,John,Smith,in spring,m"), (true, vec!["date-form"]));
        assert_eq!(codes(b"7,=HYPERLINK(),Smith,,m"), (false, vec!["name-sign"]));
    }
}

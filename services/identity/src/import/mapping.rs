//! The mapping file of an import: which columns of an old register become which fields here. TOML, so that
//! the person who knows the old register can write and read it.

use super::csv::MAX_FIELDS;
use super::dates::DateForm;
use super::text::Encoding;
use crate::duplicates::Reason;
use std::collections::BTreeMap;

/// Bytes of a mapping file.
pub const MAX_MAPPING_BYTES: usize = 256 * 1024;

/// Fields of [`Entry`](crate::person::Entry) that a column can fill.
pub const TARGETS: [&str; 17] = [
    "name",
    "given",
    "family",
    "other_names",
    "born",
    "birth_place",
    "birth_place_text",
    "sex",
    "mother",
    "father",
    "address_place",
    "address_lines",
    "phone",
    "email",
    "language",
    "standing",
    "died",
];

/// A mapping file, as written.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Version of this format; 1.
    pub format: u32,
    /// What the rows come from, in words; kept as evidence with every person.
    pub source: String,
    /// Code of the agency in whose name people are registered.
    pub agency: String,
    /// Code of its office.
    pub office: String,
    /// Code of the purpose, for the act of the run.
    pub purpose: String,
    /// Legal basis, for the act of the run.
    pub basis: String,
    /// Encoding of the file.
    #[serde(default)]
    pub encoding: Encoding,
    /// What separates fields: one ASCII character; `\t` is written as such.
    #[serde(default = "comma")]
    pub separator: String,
    /// The column with the old register's own row reference, kept sealed as evidence.
    #[serde(default)]
    pub reference: Option<String>,
    /// Columns that are left behind on purpose. A column that is neither used nor named here stops the
    /// import.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// What happens to rows that may be a person already known.
    #[serde(default)]
    pub duplicates: OnDuplicate,
    /// The fields.
    pub field: BTreeMap<String, FieldRule>,
}

fn comma() -> String {
    ",".into()
}

/// What happens to a row that may be a person already known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The row is listed and not registered; a person decides.
    Hold,
    /// The row is listed and registered.
    Register,
}

/// The policy for each reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct OnDuplicate {
    /// For [`Reason::Exact`].
    pub exact: Policy,
    /// For [`Reason::Phonetic`].
    pub phonetic: Policy,
    /// For [`Reason::DateKey`].
    pub date_key: Policy,
}

impl Default for OnDuplicate {
    fn default() -> Self {
        Self { exact: Policy::Hold, phonetic: Policy::Register, date_key: Policy::Register }
    }
}

impl OnDuplicate {
    /// The policy for a reason.
    #[must_use]
    pub const fn of(&self, reason: Reason) -> Policy {
        match reason {
            Reason::Exact => self.exact,
            Reason::Phonetic => self.phonetic,
            Reason::DateKey => self.date_key,
        }
    }
}

/// How one field is made.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRule {
    /// The columns, in order; those that are not empty are joined.
    pub columns: Vec<String>,
    /// What stands between joined columns.
    #[serde(default = "space")]
    pub join: String,
    /// What is done to the text.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Texts (without regard to case) that mean "nothing known".
    #[serde(default)]
    pub blank: Vec<String>,
    /// Words of the old register and ours. With a table, every other word is a fault.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// How dates are written; needed for `born` and `died` unless they are `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
    #[serde(default)]
    pub date: Option<String>,
    /// What happens when the text breaks a rule.
    #[serde(default)]
    pub unreadable: Unreadable,
}

fn space() -> String {
    " ".into()
}

/// What is done to a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// First letters of words become capital, the others small; for registers kept in one case.
    TitleCase,
    /// All letters become small.
    LowerCase,
    /// A date on the first of January becomes its year: old registers wrote it for "year only".
    FirstOfJanuaryIsYear,
}

/// What happens when a text breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unreadable {
    /// The row is refused.
    #[default]
    Reject,
    /// The field stays empty and the report says so. Not for the name.
    LeaveEmpty,
}

/// What is wrong with a mapping file, in English, with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMapping {
    /// Not TOML, an unknown key or a wrong type; the parser names line and column.
    #[error("the mapping file: {0}")]
    Toml(String),
    /// Too large.
    #[error("the mapping file is larger than 262144 bytes")]
    TooLarge,
    /// Anything else.
    #[error("the mapping file, {at}: {what}")]
    Rule {
        /// Where: a key.
        at: String,
        /// What is wrong and how to mend it.
        what: String,
    },
}

fn rule(at: impl Into<String>, what: impl Into<String>) -> BadMapping {
    BadMapping::Rule { at: at.into(), what: what.into() }
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// With the line, or the key, and what to do.
    pub fn parse(text: &str) -> Result<Self, BadMapping> {
        if text.len() > MAX_MAPPING_BYTES {
            return Err(BadMapping::TooLarge);
        }
        let mapping: Self =
            toml::from_str(text).map_err(|e| BadMapping::Toml(e.to_string().trim().replace('\n', "; ")))?;
        mapping.check()?;
        Ok(mapping)
    }

    fn check(&self) -> Result<(), BadMapping> {
        if self.format != 1 {
            return Err(rule("format", "this program reads format 1"));
        }
        for (key, text) in [
            ("source", &self.source),
            ("agency", &self.agency),
            ("office", &self.office),
            ("purpose", &self.purpose),
            ("basis", &self.basis),
        ] {
            if text.trim().is_empty() || text.chars().count() > 200 {
                return Err(rule(key, "needs 1 to 200 characters: the act of the import says it"));
            }
        }
        self.separator_byte()?;
        if !self.field.contains_key("name") && !self.field.contains_key("given") {
            return Err(rule(
                "field",
                "needs [field.name] or [field.given]: nobody is registered without a name",
            ));
        }
        for (target, field) in &self.field {
            field.check(target)?;
        }
        Ok(())
    }

    /// The byte between fields.
    ///
    /// # Errors
    /// When the key holds something else than one ASCII character that is neither a quotation mark nor a line
    /// end.
    pub fn separator_byte(&self) -> Result<u8, BadMapping> {
        match self.separator.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) => Ok(*byte),
            _ => Err(rule("separator", "must be one character, such as \",\" or \";\" or \"\\t\"")),
        }
    }

    /// Fits the mapping to the header of a file.
    ///
    /// # Errors
    /// For a column that is missing, doubled, or neither used nor ignored.
    pub fn bind(&self, header: &[String]) -> Result<Plan, BadMapping> {
        if header.len() > MAX_FIELDS {
            return Err(rule("the file's header", "has too many columns"));
        }
        for (place, name) in header.iter().enumerate() {
            if header[place + 1..].contains(name) {
                return Err(rule(
                    format!("column '{name}'"),
                    "stands twice in the file's header: rename one",
                ));
            }
        }
        let find = |at: String, name: &String| {
            header.iter().position(|h| h == name).ok_or_else(|| {
                rule(at, format!("the file has no column '{name}'; its columns are: {}", header.join(", ")))
            })
        };
        let mut fields = Vec::new();
        for (target, field) in &self.field {
            let place = TARGETS.iter().position(|t| t == target).unwrap_or_default();
            let columns = field
                .columns
                .iter()
                .map(|name| find(format!("[field.{target}] columns"), name))
                .collect::<Result<Vec<_>, _>>()?;
            let date = field.date_form(target)?;
            fields.push(BoundField { target: TARGETS[place], columns, date, rule: field.clone() });
        }
        let reference = self.reference.as_ref().map(|name| find("reference".into(), name)).transpose()?;
        for name in &self.ignore {
            find("ignore".into(), name)?;
        }
        for (place, name) in header.iter().enumerate() {
            let used = fields.iter().any(|f| f.columns.contains(&place)) || reference == Some(place);
            if !used && !self.ignore.contains(name) {
                return Err(rule(
                    format!("column '{name}'"),
                    "is neither used by a field nor listed in ignore: say which, so that nothing is lost unseen",
                ));
            }
        }
        Ok(Plan { header: header.to_vec(), fields, reference, encoding: self.encoding })
    }
}

impl FieldRule {
    fn check(&self, target: &str) -> Result<(), BadMapping> {
        let at = || format!("[field.{target}]");
        if !TARGETS.contains(&target) {
            return Err(rule(
                at(),
                format!("is no field of a person; the fields are: {}", TARGETS.join(", ")),
            ));
        }
        if self.columns.is_empty() {
            return Err(rule(at(), "needs columns = [\"...\"]"));
        }
        if target == "name" && self.unreadable == Unreadable::LeaveEmpty {
            return Err(rule(
                at(),
                "a row without a readable name cannot be registered: remove `unreadable`",
            ));
        }
        let dated = matches!(target, "born" | "died");
        if !dated && (self.date.is_some() || self.steps.contains(&Step::FirstOfJanuaryIsYear)) {
            return Err(rule(at(), "date rules belong to born and died"));
        }
        self.date_form(target).map(|_| ())
    }
    fn date_form(&self, target: &str) -> Result<Option<DateForm>, BadMapping> {
        if !matches!(target, "born" | "died") {
            return Ok(None);
        }
        // Without a form, the house's own: a date that is known to the day, the month or the year.
        let Some(text) = self.date.as_deref() else { return Ok(None) };
        DateForm::parse(text).map(Some).ok_or_else(|| {
            rule(
                format!("[field.{target}] date"),
                "write it with YYYY, MM and DD, such as \"DD/MM/YYYY\" or \"YYYYMMDD\"",
            )
        })
    }
}

/// A mapping fitted to a file's columns.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The file's columns.
    pub header: Vec<String>,
    /// The fields that are filled.
    pub fields: Vec<BoundField>,
    /// The column of the old register's reference.
    pub reference: Option<usize>,
    /// The file's encoding.
    pub encoding: Encoding,
}

/// One field and its columns.
#[derive(Debug, Clone)]
pub struct BoundField {
    /// Name of the field, one of [`TARGETS`].
    pub target: &'static str,
    /// Places of its columns in the file.
    pub columns: Vec<usize>,
    /// How its dates are written.
    pub date: Option<DateForm>,
    /// The rest of its rule.
    pub rule: FieldRule,
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        format = 1
        source = "Parish books"
        agency = "civil-registry"
        office = "north"
        purpose = "migration"
        basis = "Civil Registration Act, s. 4"
        ignore = ["note"]
        reference = "id"
        [field.name]
        columns = ["first", "last"]
        [field.born]
        columns = ["dob"]
        date = "DD/MM/YYYY"
    "#;
    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn binds_to_a_header() {
        let mapping = Mapping::parse(GOOD).unwrap();
        let plan = mapping.bind(&header(&["id", "first", "last", "dob", "note"])).unwrap();
        assert_eq!(plan.fields.iter().find(|f| f.target == "name").unwrap().columns, [1, 2]);
        assert_eq!(plan.reference, Some(0));
    }

    #[test]
    fn faults_name_the_key() {
        let fault = |from: &str, to: &str| Mapping::parse(&GOOD.replace(from, to)).unwrap_err().to_string();
        assert!(fault("format = 1", "format = 2").contains("format"));
        assert!(fault("\"Parish books\"", "\" \"").contains("source"));
        assert!(fault("field.born", "field.religion").contains("no field of a person"));
        assert!(fault("DD/MM/YYYY", "DD/MM/YY").contains("[field.born] date"));
        assert!(fault("ignore =", "ignroe =").contains("ignroe"));
        assert!(fault("[\"first\", \"last\"]", "[]").contains("columns"));
        assert!(fault("reference", "separator = \",,\"\nreference").contains("separator"));
        assert!(matches!(Mapping::parse(&" ".repeat(MAX_MAPPING_BYTES + 1)), Err(BadMapping::TooLarge)));
        let bind =
            |names: &[&str]| Mapping::parse(GOOD).unwrap().bind(&header(names)).unwrap_err().to_string();
        assert!(bind(&["id", "first", "dob", "note"]).contains("no column 'last'"));
        assert!(bind(&["id", "first", "last", "dob", "note", "x"]).contains("column 'x'"));
        assert!(bind(&["id", "first", "last", "dob", "note", "id"]).contains("twice"));
    }
}

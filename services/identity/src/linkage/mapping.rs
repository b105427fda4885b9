//! The mapping file of `daftar identity link`: which columns hold what. A column that it does not name is not
//! read, so an answer key that lies in the file decides nothing.

use crate::import::dates::DateForm;
use crate::import::mapping::{BadMapping, MAX_MAPPING_BYTES};
use crate::import::text::Encoding;
use record_linkage::{Field, Kind, Schema};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// A mapping, checked.
#[derive(Debug, Clone)]
pub struct LinkMapping {
    /// The column that names each row in the answers.
    pub id: String,
    /// The line of the mapping that says so.
    pub id_line: usize,
    /// Encoding of the file.
    pub encoding: Encoding,
    /// The byte between fields.
    pub separator: u8,
    /// The fields, in the order of their names.
    pub fields: Vec<LinkField>,
    /// The same, as linkage sees them.
    pub schema: Schema,
}

/// One field.
#[derive(Debug, Clone)]
pub struct LinkField {
    /// Its name in explanations.
    pub name: String,
    /// The columns, in order; those that are not empty are joined by a blank.
    pub columns: Vec<String>,
    /// How its dates are written; without it they are `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
    pub date: Option<DateForm>,
    /// Texts that mean "nothing known", in lower case.
    pub blank: Vec<String>,
    /// The line of the mapping it stands in.
    pub line: usize,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: Spanned<u32>,
    id: Spanned<String>,
    #[serde(default)]
    encoding: Encoding,
    separator: Option<Spanned<String>>,
    field: Spanned<BTreeMap<String, Spanned<WrittenField>>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenField {
    kind: Kind,
    columns: Spanned<Vec<String>>,
    date: Option<Spanned<String>>,
    #[serde(default)]
    blank: Vec<String>,
}

impl LinkMapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// With the line and what to do.
    pub fn parse(text: &str) -> Result<Self, BadMapping> {
        if text.len() > MAX_MAPPING_BYTES {
            return Err(BadMapping::TooLarge);
        }
        let written: Written =
            toml::from_str(text).map_err(|e| BadMapping::Toml(e.to_string().trim().replace('\n', "; ")))?;
        let rule = |span: Range<usize>, what: &str| BadMapping::Rule {
            at: format!("line {}", line_of(text, span.start)),
            what: what.into(),
        };
        if *written.format.get_ref() != 1 {
            return Err(rule(written.format.span(), "this program reads format = 1"));
        }
        if written.id.get_ref().trim().is_empty() {
            return Err(rule(written.id.span(), "id must name the column that tells rows apart"));
        }
        let separator = match &written.separator {
            None => b',',
            Some(text) => match text.get_ref().as_bytes() {
                [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) => *byte,
                _ => {
                    return Err(rule(
                        text.span(),
                        "separator must be one character, such as \",\" or \";\" or \"\\t\"",
                    ));
                }
            },
        };
        let whole = written.field.span();
        let (mut fields, mut kinds) = (Vec::new(), Vec::new());
        for (name, spanned) in written.field.into_inner() {
            let line = line_of(text, spanned.span().start);
            let field = spanned.into_inner();
            if field.columns.get_ref().is_empty() {
                return Err(rule(field.columns.span(), "columns is empty: name at least one, [\"...\"]"));
            }
            let date = match &field.date {
                None => None,
                Some(form) if field.kind != Kind::Date => {
                    return Err(rule(form.span(), "date belongs to a field of kind = \"date\": remove it"));
                }
                Some(form) => Some(DateForm::parse(form.get_ref()).ok_or_else(|| {
                    rule(form.span(), "write date with YYYY, MM and DD, such as \"DD/MM/YYYY\"")
                })?),
            };
            kinds.push(Field { name: name.clone(), kind: field.kind });
            let blank = field.blank.iter().map(|text| text.trim().to_lowercase()).collect();
            fields.push(LinkField { name, columns: field.columns.into_inner(), date, blank, line });
        }
        let schema = Schema::new(kinds).map_err(|fault| rule(whole, &fault.to_string()))?;
        let id_line = line_of(text, written.id.span().start);
        Ok(Self {
            id: written.id.into_inner(),
            id_line,
            encoding: written.encoding,
            separator,
            fields,
            schema,
        })
    }

    /// Each name of a field or a column with its line, for the guards of the house.
    pub fn words(&self) -> impl Iterator<Item = (usize, &str)> {
        self.fields.iter().flat_map(|field| {
            std::iter::once(&field.name).chain(&field.columns).map(move |word| (field.line, word.as_str()))
        })
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "format = 1\nid = \"id\"\n\n[field.name]\nkind = \"name\"\ncolumns = [\"first\", \"last\"]\n\
                        [field.born]\nkind = \"date\"\ncolumns = [\"dob\"]\ndate = \"DD/MM/YYYY\"\nblank = [\"N/A\"]\n";

    #[test]
    fn reads_the_shipped_mapping() {
        let mapping = LinkMapping::parse(include_str!("../../mappings/historical.toml")).unwrap();
        let columns: Vec<_> = mapping.words().map(|(_, word)| word).collect();
        assert!(!columns.contains(&"cluster"), "the corpus's answer key is not read: {columns:?}");
        assert_eq!(mapping.schema.fields().len(), 6);
    }

    #[test]
    fn faults_name_the_line_and_the_remedy() {
        let fault =
            |from: &str, to: &str| LinkMapping::parse(&GOOD.replace(from, to)).unwrap_err().to_string();
        assert!(LinkMapping::parse(GOOD).is_ok());
        for (from, to, line, says) in [
            ("format = 1", "format = 2", "line 1", "format = 1"),
            ("\"id\"", "\" \"", "line 2", "column that tells rows apart"),
            ("[\"first\", \"last\"]", "[]", "line 6", "at least one"),
            ("DD/MM/YYYY", "DD/MM/YY", "line 10", "YYYY"),
            ("kind = \"date\"", "kind = \"place\"", "line 10", "remove it"),
            ("kind = \"name\"", "kind = \"place\"", "line 4", "needs a field of kind name"),
            ("kind = \"name\"", "kind = \"face\"", "line 5", "face"),
            ("blank", "blonk", "line 11", "blonk"),
            ("id = ", "separator = \",,\"\nid = ", "line 2", "one character"),
            ("[field.born]", "[field.name]", "line 7", "name"),
        ] {
            let said = fault(from, to);
            assert!(said.contains(line) && said.contains(says), "{to}: {said}");
        }
        assert!(matches!(LinkMapping::parse(&" ".repeat(MAX_MAPPING_BYTES + 1)), Err(BadMapping::TooLarge)));
    }
}

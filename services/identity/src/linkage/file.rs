//! The file of `daftar identity link`, read once into memory: only the columns that the mapping names.

use super::mapping::{LinkField, LinkMapping};
use crate::import::csv::{CsvFault, MAX_FIELDS, Reader, Record};
use crate::import::mapping::BadMapping;
use crate::import::source::MAX_FILE_BYTES;
use crate::import::text::{Encoding, decode};
use record_linkage::{LooseDate, MAX_RECORDS};
use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{BufRead, Read};

/// Characters of a row's name in the file.
pub const MAX_ID_CHARS: usize = 200;
/// Rows left out that are named one by one; the rest is only counted.
const MAX_REMARKS: usize = 20;

/// Why a file cannot be linked at all.
#[derive(Debug, thiserror::Error)]
pub enum LinkFault {
    /// Its structure is broken.
    #[error(transparent)]
    Csv(#[from] CsvFault),
    /// The mapping does not fit it.
    #[error(transparent)]
    Mapping(#[from] BadMapping),
    /// No header.
    #[error("the file is empty: its first row must name the columns")]
    Empty,
    /// The header is no text.
    #[error(
        "row 1: the header is not in the mapping's encoding: save the file as UTF-8, or write encoding = \"windows-1252\" in the mapping"
    )]
    Header,
    /// Too many rows.
    #[error("more than 5,000,000 rows: link the file in parts")]
    TooManyRows,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Table {
    /// The name of each row.
    pub ids: Vec<String>,
    /// For each row the texts of the mapping's fields.
    pub rows: Vec<Vec<String>>,
    /// Rows left out.
    pub left_out: u64,
    /// Why, for the first 20 of them.
    pub remarks: Vec<String>,
}

/// Reads a file (CSV, or CSV.gz) by its mapping. `progress` is told the number of rows now and then.
///
/// # Errors
/// For what makes the file unfit as a whole. A row that cannot be read is left out, and the table says why.
pub fn read(
    source: impl Read + Send + 'static,
    mapping: &LinkMapping,
    mut progress: impl FnMut(u64),
) -> Result<Table, LinkFault> {
    let mut source = std::io::BufReader::new(source);
    let packed = source.fill_buf().map_err(CsvFault::Io)?.starts_with(&[0x1f, 0x8b]);
    let plain: Box<dyn Read> =
        if packed { Box::new(flate2::bufread::MultiGzDecoder::new(source)) } else { Box::new(source) };
    let mut reader = Reader::new(plain.take(MAX_FILE_BYTES), mapping.separator);
    let mut record = Record::default();
    if !reader.next(&mut record)? {
        return Err(LinkFault::Empty);
    }
    let plan = Plan::new(mapping, &record)?;
    let (mut table, mut seen) = (Table::default(), HashSet::new());
    while reader.next(&mut record)? {
        if table.rows.len() == MAX_RECORDS {
            return Err(LinkFault::TooManyRows);
        }
        match plan.row(&record) {
            Ok((id, _)) if !seen.insert(id.clone()) => {
                table.leave_out(record.row, &format!("the name '{id}' stands in an earlier row too"));
            }
            Ok((id, row)) => {
                table.ids.push(id);
                table.rows.push(row);
            }
            Err(why) => table.leave_out(record.row, &why),
        }
        if table.rows.len().is_multiple_of(4_096) {
            progress(table.rows.len() as u64);
        }
    }
    Ok(table)
}

impl Table {
    fn leave_out(&mut self, row: u64, why: &str) {
        self.left_out += 1;
        if self.remarks.len() < MAX_REMARKS {
            self.remarks.push(format!("row {row}: left out: {why}"));
        }
    }
}

/// A mapping fitted to a header.
struct Plan<'a> {
    width: usize,
    id: usize,
    fields: Vec<(&'a LinkField, Vec<usize>)>,
    encoding: Encoding,
}

impl<'a> Plan<'a> {
    fn new(mapping: &'a LinkMapping, header: &Record) -> Result<Self, LinkFault> {
        let rule = |at: String, what: String| LinkFault::Mapping(BadMapping::Rule { at, what });
        if header.len() > MAX_FIELDS {
            return Err(rule("the file's header".into(), "has too many columns".into()));
        }
        let name =
            |bytes| Ok(decode(bytes, mapping.encoding).map_err(|_| LinkFault::Header)?.trim().to_string());
        let names = header.fields().map(name).collect::<Result<Vec<String>, LinkFault>>()?;
        let find = |line: usize, column: &str| {
            let mut places =
                names.iter().enumerate().filter(|(_, name)| *name == column).map(|(place, _)| place);
            match (places.next(), places.next()) {
                (Some(place), None) => Ok(place),
                (Some(_), Some(_)) => Err(rule(
                    format!("line {line}"),
                    format!("the column '{column}' stands twice in the file's header: rename one"),
                )),
                (None, _) => Err(rule(
                    format!("line {line}"),
                    format!("the file has no column '{column}'; its columns are: {}", names.join(", ")),
                )),
            }
        };
        let places = |field: &'a LinkField| {
            let places =
                field.columns.iter().map(|column| find(field.line, column)).collect::<Result<_, _>>()?;
            Ok((field, places))
        };
        let fields = mapping.fields.iter().map(places).collect::<Result<_, LinkFault>>()?;
        Ok(Self {
            width: names.len(),
            id: find(mapping.id_line, &mapping.id)?,
            fields,
            encoding: mapping.encoding,
        })
    }

    /// The row's name and the texts of its fields, or why it cannot be read.
    fn row(&self, record: &Record) -> Result<(String, Vec<String>), String> {
        if record.stray_quote {
            return Err("a quoted field is followed by something else than a separator".into());
        }
        if record.len() != self.width {
            return Err(format!("it has {} fields, the header has {}", record.len(), self.width));
        }
        let id = self.column(record, self.id)?.into_owned();
        if id.is_empty() || id.chars().count() > MAX_ID_CHARS {
            return Err("its name must have 1 to 200 characters".into());
        }
        let field = |(field, columns): &(&LinkField, Vec<usize>)| self.field(record, field, columns);
        Ok((id, self.fields.iter().map(field).collect::<Result<_, _>>()?))
    }

    fn column<'r>(&self, record: &'r Record, column: usize) -> Result<Cow<'r, str>, String> {
        let bytes = record.field(column).unwrap_or_default();
        match decode(bytes, self.encoding) {
            Ok(Cow::Borrowed(text)) => Ok(Cow::Borrowed(text.trim())),
            Ok(Cow::Owned(text)) => Ok(Cow::Owned(text.trim().to_string())),
            Err(_) => Err("its text is not in the mapping's encoding".to_string()),
        }
    }

    fn field(&self, record: &Record, field: &LinkField, columns: &[usize]) -> Result<String, String> {
        let mut text = String::new();
        for column in columns {
            let part = self.column(record, *column)?;
            if !text.is_empty() && !part.is_empty() {
                text.push(' ');
            }
            text.push_str(&part);
        }
        if !field.blank.is_empty() && field.blank.contains(&text.to_lowercase()) {
            text.clear();
        }
        // A date that cannot be read says nothing; the row may still say enough.
        if let Some(form) = &field.date {
            text = form.read(&text).filter(|date| LooseDate::parse(date).is_some()).unwrap_or_default();
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPPING: &str = "format = 1\nid = \"id\"\n[field.name]\nkind = \"name\"\ncolumns = [\"first\", \"last\"]\n\
                           [field.born]\nkind = \"date\"\ncolumns = [\"dob\"]\ndate = \"DD/MM/YYYY\"\nblank = [\"N/A\"]\n";

    fn look(bytes: &'static [u8]) -> Result<Table, LinkFault> {
        read(bytes, &LinkMapping::parse(MAPPING).unwrap(), |_| {})
    }

    #[test]
    fn only_named_columns_are_read() {
        let table =
            look(b"truth,id,dob,last,first\nA,1,03/07/1960,Smith,Ann\nB,2,n/a,,Bo\nC,3,1960,Lee,\n").unwrap();
        assert_eq!(table.ids, ["1", "2", "3"]);
        assert_eq!(table.rows, [["1960-07-03", "Ann Smith"], ["", "Bo"], ["", "Lee"]]);
        // Bytes that are no text lie in a column nobody named: they are not even decoded.
        let table = look(b"truth,id,dob,last,first\n\xff\xff,1,,Smith,Ann\n").unwrap();
        assert_eq!((table.ids.len(), table.left_out), (1, 0));
    }

    #[test]
    fn rows_that_cannot_be_read_are_left_out_and_named() {
        let table =
            look(b"id,dob,last,first\n1,,Smith\n,,a,b\n2,,\xff,b\n3,,a,b\n3,,a,b\n\"4\"x,,a,b\n").unwrap();
        assert_eq!((table.ids.len(), table.left_out), (1, 5));
        for (place, part) in
            ["row 2", "row 3", "row 4", "row 6: left out: the name '3'", "row 7"].iter().enumerate()
        {
            assert!(table.remarks[place].starts_with(part), "{}", table.remarks[place]);
        }
        let many = format!("id,dob,last,first\n{}", "x\n".repeat(MAX_REMARKS + 1));
        let table = read(std::io::Cursor::new(many), &LinkMapping::parse(MAPPING).unwrap(), |_| {}).unwrap();
        assert_eq!((table.left_out, table.remarks.len()), (MAX_REMARKS as u64 + 1, MAX_REMARKS));
    }

    #[test]
    fn an_id_has_a_limit() {
        let read_id = |length: usize| {
            let text = format!("id,dob,last,first\n{},,a,b\n", "i".repeat(length));
            read(std::io::Cursor::new(text), &LinkMapping::parse(MAPPING).unwrap(), |_| {}).unwrap().left_out
        };
        assert_eq!((read_id(MAX_ID_CHARS), read_id(MAX_ID_CHARS + 1)), (0, 1));
    }

    #[test]
    fn files_that_do_not_fit_say_why() {
        let said = |bytes| look(bytes).unwrap_err().to_string();
        assert!(said(b"").contains("empty"));
        assert!(said(b"id,dob,last\n").contains("line 3: the file has no column 'first'"));
        assert!(said(b"id,dob,last,first,id\n").contains("stands twice"));
        assert!(said(b"id,d\xffb,last,first\n").contains("header"));
        assert!(said(b"id,dob,last,first\nA\0\n").contains("row 2: a NUL"));
        assert!(said(b"\x1f\x8bgarbage").contains("could not be read"));
    }
}

//! Lines of JSON: one row a line, written and read some at a time, with a digest of all of them.

use crate::schema::{Kind, Table};
use crate::tx::{Text, Tx, Want};
use crate::value::{Cell, Row, Value};
use crate::{StoreError, files};
use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use daftar_kernel::hex;
use serde_json::Value as Json;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The longest line that is read back, in bytes: a row with the largest sealed value in base64.
pub(super) const LINE_LIMIT: u64 = 128 * 1024 * 1024;
/// How many rows are read at once.
const PAGE: i64 = 500;

/// A file being written, with the digest of its bytes.
pub(super) struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
    digest: Context,
}

impl Writer {
    /// A new private file.
    pub(super) fn create(path: &Path) -> Result<Self, StoreError> {
        let file = files::create_file(path)?;
        Ok(Self { path: path.into(), file: BufWriter::new(file), digest: Context::new(&SHA256) })
    }
    pub(super) fn line(&mut self, line: &Json) -> Result<(), StoreError> {
        let mut text = line.to_string();
        text.push('\n');
        self.bytes(text.as_bytes())
    }
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.digest.update(bytes);
        let path = &self.path;
        self.file.write_all(bytes).map_err(|e| StoreError::io(format!("writing {}", path.display()), &e))
    }
    /// The digest so far.
    pub(super) fn sha256(&self) -> String {
        hex::encode(self.digest.clone().finish().as_ref())
    }
    /// Puts the file on the disk; answers its digest.
    pub(super) fn finish(self) -> Result<String, StoreError> {
        let fail = |e: std::io::Error| StoreError::io(format!("writing {}", self.path.display()), &e);
        let digest = hex::encode(self.digest.finish().as_ref());
        self.file.into_inner().map_err(|e| fail(e.into_error()))?.sync_all().map_err(fail)?;
        Ok(digest)
    }
}

/// A file being read line by line.
pub(super) struct Reader {
    path: PathBuf,
    file: BufReader<File>,
    digest: Context,
    number: u64,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(|e| StoreError::io(format!("reading {}", path.display()), &e))?;
        Ok(Self { path: path.into(), file: BufReader::new(file), digest: Context::new(&SHA256), number: 0 })
    }
    /// The next line, or `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Json>, StoreError> {
        let Some(line) = self.next_bytes()? else { return Ok(None) };
        serde_json::from_slice(&line).map(Some).map_err(|e| self.malformed(e))
    }
    /// The digest of the lines before this one.
    pub(super) fn sha256(&self) -> String {
        hex::encode(self.digest.clone().finish().as_ref())
    }
    pub(super) fn malformed(&self, reason: impl std::fmt::Display) -> StoreError {
        StoreError::malformed(format!("{} line {}", self.path.display(), self.number), reason)
    }
    fn next_bytes(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let mut line = Vec::new();
        let mut limited = std::io::Read::take(&mut self.file, LINE_LIMIT);
        limited
            .read_until(b'\n', &mut line)
            .map_err(|e| StoreError::io(format!("reading {}", self.path.display()), &e))?;
        self.number += 1;
        if line.is_empty() {
            return Ok(None);
        }
        if line.last() != Some(&b'\n') {
            return Err(self.malformed("the file is cut off, or the line is too long"));
        }
        self.digest.update(&line);
        Ok(Some(line))
    }
}

/// The SHA-256 of a file, read some bytes at a time.
pub(super) fn file_sha256(path: &Path) -> Result<String, StoreError> {
    let fail = |e: std::io::Error| StoreError::io(format!("reading {}", path.display()), &e);
    let mut file = BufReader::with_capacity(1 << 20, File::open(path).map_err(fail)?);
    let mut digest = Context::new(&SHA256);
    loop {
        let bytes = file.fill_buf().map_err(fail)?;
        if bytes.is_empty() {
            return Ok(hex::encode(digest.finish().as_ref()));
        }
        digest.update(bytes);
        let count = bytes.len();
        file.consume(count);
    }
}

/// The first line of a table: its name and columns. A boolean is an integer here, so that both engines write the
/// same bytes.
pub(super) fn header(table: &Table) -> Json {
    let kind = |kind: Kind| match kind {
        Kind::Integer | Kind::Boolean => "integer",
        Kind::Text => "text",
        Kind::Bytes => "base64",
    };
    let columns: Vec<Json> =
        table.columns.iter().map(|c| serde_json::json!({ "name": c.name, "kind": kind(c.kind) })).collect();
    serde_json::json!({ "table": table.name, "key": table.key, "columns": columns })
}

/// Writes a table's rows in the order of its primary key, and answers how many there are.
pub(super) async fn write_rows(tx: &mut Tx, table: &Table, out: &mut Writer) -> Result<u64, StoreError> {
    let (first, next) = page_texts(table)?;
    let mut count = 0;
    let mut after: Option<Vec<Value>> = None;
    loop {
        let (text, params) = match &after {
            None => (&first, Vec::new()),
            Some(key) => (&next, key.clone()),
        };
        let rows = tx.run(Text::Built(text), &params, Want::Rows).await?.rows;
        for row in &rows {
            out.line(&Json::Array(row.0.iter().map(to_json).collect()))?;
        }
        count += rows.len() as u64;
        match rows.last() {
            Some(last) if rows.len() == PAGE as usize => after = Some(key_of(table, last)?),
            _ => return Ok(count),
        }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The statements that read the first page and the page after a key.
fn page_texts(table: &Table) -> Result<(String, String), StoreError> {
    if table.key.is_empty() {
        return Err(StoreError::malformed(format!("table {}", table.name), "it has no primary key to go by"));
    }
    let list = |names: &mut dyn Iterator<Item = String>| names.collect::<Vec<_>>().join(", ");
    let columns = list(&mut table.columns.iter().map(|c| quoted(&c.name)));
    let key = list(&mut table.key.iter().map(|name| quoted(name)));
    let places = list(&mut (1..=table.key.len()).map(|n| format!("${n}")));
    let from = format!("select {columns} from {}", quoted(&table.name));
    let order = format!("order by {key} limit {PAGE}");
    Ok((format!("{from} {order}"), format!("{from} where ({key}) > ({places}) {order}")))
}

fn key_of(table: &Table, row: &Row) -> Result<Vec<Value>, StoreError> {
    let find = |name: &String| {
        let cell = table.columns.iter().position(|c| c.name == *name).and_then(|at| row.0.get(at));
        match cell {
            Some(Cell::Int(v)) => Ok(Value::from(*v)),
            Some(Cell::Text(v)) => Ok(Value::from(v)),
            Some(Cell::Bytes(v)) => Ok(Value::from(v)),
            Some(Cell::Bool(v)) => Ok(Value::from(*v)),
            Some(Cell::Null) | None => {
                Err(StoreError::malformed(format!("table {}", table.name), "a key is null"))
            }
        }
    };
    table.key.iter().map(find).collect()
}

fn to_json(cell: &Cell) -> Json {
    match cell {
        Cell::Null => Json::Null,
        Cell::Int(v) => Json::from(*v),
        Cell::Bool(v) => Json::from(i64::from(*v)),
        Cell::Text(v) => Json::from(v.as_str()),
        Cell::Bytes(v) => Json::from(BASE64.encode(v)),
    }
}

/// Takes rows in, in the shape a header promised.
pub(super) struct Loader {
    insert: String,
    kinds: Vec<Kind>,
}

impl Loader {
    /// From a table's first line; its columns must be those of the target.
    pub(super) fn new(header_line: &Json, target: &Table) -> Result<Self, StoreError> {
        let expected = header(target);
        if *header_line != expected {
            return Err(StoreError::malformed(
                format!("table {}", target.name),
                format!("its columns are {header_line}, here {expected}: use the release that wrote it"),
            ));
        }
        let columns: Vec<String> = target.columns.iter().map(|c| quoted(&c.name)).collect();
        let places: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
        let insert = format!(
            "insert into {} ({}) values ({})",
            quoted(&target.name),
            columns.join(", "),
            places.join(", ")
        );
        Ok(Self { insert, kinds: target.columns.iter().map(|c| c.kind).collect() })
    }
    /// The values of a line, or `None` when it has another shape.
    pub(super) fn values(&self, line: &Json) -> Option<Vec<Value>> {
        let cells = line.as_array().filter(|cells| cells.len() == self.kinds.len())?;
        cells.iter().zip(&self.kinds).map(|(cell, kind)| from_json(cell, *kind)).collect()
    }
    pub(super) async fn insert(&self, tx: &mut Tx, values: &[Value]) -> Result<(), StoreError> {
        tx.run(Text::Built(&self.insert), values, Want::Count).await.map(|_| ())
    }
}

fn from_json(cell: &Json, kind: Kind) -> Option<Value> {
    let null = cell.is_null();
    match kind {
        Kind::Integer if null => Some(Value::Int(None)),
        Kind::Integer => cell.as_i64().map(Value::from),
        Kind::Boolean if null => Some(Value::Bool(None)),
        Kind::Boolean => match cell.as_i64() {
            Some(0) => Some(Value::from(false)),
            Some(1) => Some(Value::from(true)),
            _ => None,
        },
        Kind::Text if null => Some(Value::Text(None)),
        Kind::Text => cell.as_str().map(Value::from),
        Kind::Bytes if null => Some(Value::Bytes(None)),
        Kind::Bytes => BASE64.decode(cell.as_str()?).ok().map(Value::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_and_wrong_ones_do_not() {
        for (cell, kind) in [
            (Cell::Int(i64::MIN), Kind::Integer),
            (Cell::Text("نور\n\"".into()), Kind::Text),
            (Cell::Bytes(vec![0, 255]), Kind::Bytes),
            (Cell::Bool(true), Kind::Boolean),
        ] {
            let value = from_json(&to_json(&cell), kind).unwrap();
            let again = match value {
                Value::Int(Some(v)) => Cell::Int(v),
                Value::Text(Some(v)) => Cell::Text(v),
                Value::Bytes(Some(v)) => Cell::Bytes(v),
                Value::Bool(Some(v)) => Cell::Bool(v),
                _ => Cell::Null,
            };
            assert!(again == cell);
            assert!(from_json(&Json::Null, kind).is_some());
        }
        for (json, kind) in [
            (Json::from("1"), Kind::Integer),
            (Json::from(1.5), Kind::Integer),
            (Json::from(2), Kind::Boolean),
            (Json::from(1), Kind::Text),
            (Json::from("***"), Kind::Bytes),
        ] {
            assert!(from_json(&json, kind).is_none(), "{json}");
        }
    }

    #[test]
    fn a_cut_off_file_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        std::fs::write(&path, "[1]\n[2").unwrap();
        let mut reader = Reader::open(&path).unwrap();
        assert!(matches!(reader.next(), Ok(Some(_))));
        assert!(matches!(reader.next(), Err(StoreError::Malformed { .. })));
    }
}

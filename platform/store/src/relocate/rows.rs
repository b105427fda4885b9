//! Many rows at once: read in pages or by their keys, written in statements of many rows.

use super::digest::Sum;
use crate::schema::{Kind, Table};
use crate::tx::{Text, Tx, Want};
use crate::value::{Cell, Row};
use crate::{StoreError, Value};
use std::collections::BTreeSet;

/// How many rows one statement reads or writes.
const ROWS: usize = 500;
/// How many bytes of values one statement writes, about.
const BYTES: usize = 8 * 1024 * 1024;
/// How many parameters one statement takes: PostgreSQL's protocol counts them in 16 bits.
const PARAMETERS: usize = 30_000;

/// Tables after those they refer to.
pub(super) fn in_order(mut left: Vec<Table>) -> Vec<Table> {
    let mut ordered: Vec<Table> = Vec::new();
    let mut placed: BTreeSet<String> = BTreeSet::new();
    loop {
        let (now, later): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|t| t.refers.iter().all(|r| *r == t.name || placed.contains(r)));
        if now.is_empty() {
            ordered.extend(later);
            return ordered;
        }
        placed.extend(now.iter().map(|t| t.name.clone()));
        ordered.extend(now);
        left = later;
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

fn columns(table: &Table) -> String {
    table.columns.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ")
}

/// `($1, $2), ($3, $4)`
fn places(rows: usize, width: usize) -> String {
    let row = |n: usize| {
        let row: Vec<String> = (1..=width).map(|at| format!("${}", n * width + at)).collect();
        format!("({})", row.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// The next page of a table after a key, in the order of the key.
pub(super) async fn page(
    tx: &mut Tx,
    table: &Table,
    after: Option<&[Value]>,
) -> Result<Vec<Row>, StoreError> {
    let key = list(&table.key);
    let from = format!("select {} from {}", columns(table), quoted(&table.name));
    let (text, params) = match after {
        None => (format!("{from} order by {key} limit {ROWS}"), Vec::new()),
        Some(after) => {
            let places = places(1, table.key.len());
            (format!("{from} where ({key}) > {places} order by {key} limit {ROWS}"), after.to_vec())
        }
    };
    Ok(tx.run(Text::Built(&text), &params, Want::Rows).await?.rows)
}

/// A row's key, to go on after it.
pub(super) fn key_of(table: &Table, row: &Row) -> Result<Vec<Value>, StoreError> {
    let find = |name: &String| {
        let at = table.columns.iter().position(|column| column.name == *name);
        let found = at.and_then(|at| Some((row.0.get(at)?, table.columns.get(at)?.kind)));
        found.map_or_else(
            || Err(StoreError::malformed(&table.name, "a key is missing")),
            |(cell, kind)| value(cell, kind),
        )
    };
    table.key.iter().map(find).collect()
}

/// The sum of a whole table.
pub(super) async fn sum(tx: &mut Tx, table: &Table) -> Result<Sum, StoreError> {
    let (mut sum, mut after) = (Sum::default(), None);
    loop {
        let rows = page(tx, table, after.as_deref()).await?;
        rows.iter().for_each(|row| sum.add(row));
        match rows.last() {
            Some(last) if rows.len() == ROWS => after = Some(key_of(table, last)?),
            _ => return Ok(sum),
        }
    }
}

/// The rows that have one of these keys.
pub(super) async fn with_keys(
    tx: &mut Tx,
    table: &Table,
    keys: &[Vec<Value>],
) -> Result<Vec<Row>, StoreError> {
    let mut found = Vec::new();
    for keys in keys.chunks(most(table.key.len())) {
        let chosen = among(tx, table, keys.len());
        let text = format!("select {} from {} where {chosen}", columns(table), quoted(&table.name));
        found.extend(tx.run(Text::Built(&text), &keys.concat(), Want::Rows).await?.rows);
    }
    Ok(found)
}

/// Deletes the rows that have one of these keys.
pub(super) async fn delete(tx: &mut Tx, table: &Table, keys: &[Vec<Value>]) -> Result<(), StoreError> {
    for keys in keys.chunks(most(table.key.len())) {
        let text = format!("delete from {} where {}", quoted(&table.name), among(tx, table, keys.len()));
        tx.run(Text::Built(&text), &keys.concat(), Want::Count).await?;
    }
    Ok(())
}

fn among(tx: &Tx, table: &Table, count: usize) -> String {
    let (key, places) = (list(&table.key), places(count, table.key.len()));
    // PostgreSQL infers the types of parameters from the columns beside them, but not inside `values`; SQLite compares rows
    // with `values` alone.
    if tx.is_sqlite() { format!("({key}) in (values {places})") } else { format!("({key}) in ({places})") }
}

fn most(width: usize) -> usize {
    ROWS.min(PARAMETERS / width.max(1)).max(1)
}

/// Writes rows; a table that others refer to keeps the row and changes it, so that nobody refers to nothing meanwhile.
pub(super) async fn insert(tx: &mut Tx, table: &Table, rows: &[Row], over: bool) -> Result<(), StoreError> {
    let mut left = rows;
    while !left.is_empty() {
        let mut bytes = 0;
        let fits = left.iter().take(most(table.columns.len())).take_while(|row| {
            let before = bytes;
            bytes += row.0.iter().map(size).sum::<usize>();
            before < BYTES
        });
        let (now, later) = left.split_at(fits.count().max(1));
        left = later;
        let mut text = format!(
            "insert into {} ({}) values {}",
            quoted(&table.name),
            columns(table),
            places(now.len(), table.columns.len())
        );
        if over {
            let set: Vec<String> = table
                .columns
                .iter()
                .filter(|column| !table.key.contains(&column.name))
                .map(|column| format!("{0} = excluded.{0}", quoted(&column.name)))
                .collect();
            let then =
                if set.is_empty() { "nothing".into() } else { format!("update set {}", set.join(", ")) };
            text.push_str(&format!(" on conflict ({}) do {then}", list(&table.key)));
        }
        let mut params = Vec::with_capacity(now.len() * table.columns.len());
        for row in now {
            for (cell, column) in row.0.iter().zip(&table.columns) {
                params.push(value(cell, column.kind)?);
            }
        }
        tx.run(Text::Built(&text), &params, Want::Count).await?;
    }
    Ok(())
}

fn size(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) => text.len(),
        Cell::Bytes(bytes) => bytes.len(),
        _ => 8,
    }
}

/// A cell as a parameter for a column of this kind.
pub(super) fn value(cell: &Cell, kind: Kind) -> Result<Value, StoreError> {
    Ok(match (cell, kind) {
        (Cell::Null, Kind::Integer) => Value::Int(None),
        (Cell::Null, Kind::Boolean) => Value::Bool(None),
        (Cell::Null, Kind::Text) => Value::Text(None),
        (Cell::Null, Kind::Bytes) => Value::Bytes(None),
        (Cell::Int(0), Kind::Boolean) => Value::from(false),
        (Cell::Int(1), Kind::Boolean) => Value::from(true),
        (Cell::Bool(v), Kind::Boolean) => Value::from(*v),
        (Cell::Bool(v), Kind::Integer) => Value::from(i64::from(*v)),
        (Cell::Int(v), Kind::Integer) => Value::from(*v),
        (Cell::Text(v), Kind::Text) => Value::from(v),
        (Cell::Bytes(v), Kind::Bytes) => Value::from(v),
        _ => return Err(StoreError::malformed("a row", "a column holds another kind than it says")),
    })
}

/// A key as bytes, to look it up.
pub(super) fn print(key: &[Value]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in key {
        let content: &[u8] = match value {
            Value::Int(v) => &v.unwrap_or_default().to_be_bytes(),
            Value::Bool(v) => &[u8::from(v.unwrap_or_default())],
            Value::Text(v) => v.as_deref().unwrap_or_default().as_bytes(),
            Value::Bytes(v) => v.as_deref().unwrap_or_default(),
        };
        bytes.extend_from_slice(&(content.len() as u64).to_be_bytes());
        bytes.extend_from_slice(content);
    }
    bytes
}

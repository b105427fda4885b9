//! All tables as lines of JSON: the same bytes from either engine, loadable into either.

use super::LEFT_OUT;
use super::backup::SchemaNumber;
use super::lines::{Loader, Reader, Writer, file_sha256, header, write_rows};
use crate::database::Database;
use crate::schema::{Table, tables};
use crate::{Store, StoreError, Value, files};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const FORMAT: &str = "daftar-tables/1";
const MANIFEST: &str = "tables.json";
/// How many rows one transaction takes in.
const LOAD_BATCH: usize = 500;
/// How many bytes of values one transaction takes in, about.
const LOAD_BYTES: usize = 16 * 1024 * 1024;

/// What a folder of tables holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TablesManifest {
    /// `daftar-tables/1`
    pub format: String,
    /// Which migrations had been applied; the target must be at the same.
    pub schema: Vec<SchemaNumber>,
    /// The tables, each in the file `<name>.jsonl`.
    pub tables: Vec<DumpedTable>,
}

/// One table of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpedTable {
    /// Its name.
    pub name: String,
    /// How many rows.
    pub rows: u64,
    /// The SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

impl Store {
    /// Writes every table into an empty folder, as of one moment: `<table>.jsonl`, rows in the order of the primary
    /// key, integers as numbers, texts as texts, bytes in base64, and `tables.json` with the digests. Both engines
    /// write the same bytes. Sealed data stays sealed; keys are not among it (see [`Store::export_keys`]).
    ///
    /// # Errors
    /// When the folder is not empty or cannot be written; the store's.
    pub async fn dump_tables(&self, dir: &Path) -> Result<TablesManifest, StoreError> {
        dump(self.database(), dir).await
    }

    /// Takes in what [`Store::dump_tables`] wrote, of this or the other engine. The store must be empty and of the
    /// same release. If it fails half-way, begin again with a new store.
    ///
    /// # Errors
    /// When the store is not empty, the files were changed or do not fit; the store's.
    pub async fn load_tables(&self, dir: &Path) -> Result<TablesManifest, StoreError> {
        load(self.database(), dir).await
    }
}

pub(super) async fn dump(database: &Database, dir: &Path) -> Result<TablesManifest, StoreError> {
    files::make_empty_dir(dir)?;
    let folder: Arc<Path> = dir.into();
    let manifest = database
        .read(move |tx| {
            let folder = Arc::clone(&folder);
            Box::pin(async move {
                let mut dumped = Vec::new();
                for table in tables(tx).await? {
                    if LEFT_OUT.contains(&table.name.as_str()) {
                        continue;
                    }
                    let mut out = Writer::create(&folder.join(format!("{}.jsonl", table.name)))?;
                    out.line(&header(&table))?;
                    let rows = write_rows(tx, &table, &mut out).await?;
                    dumped.push(DumpedTable { name: table.name, rows, sha256: out.finish()? });
                }
                let schema = super::backup::schema_numbers(tx).await?;
                Ok::<_, StoreError>(TablesManifest { format: FORMAT.into(), schema, tables: dumped })
            })
        })
        .await?;
    // Last, so that a folder with this file is whole.
    let text = serde_json::to_vec_pretty(&manifest).map_err(|e| StoreError::malformed(MANIFEST, e))?;
    files::write_private(&dir.join(MANIFEST), &text)?;
    Ok(manifest)
}

pub(super) async fn load(database: &Database, dir: &Path) -> Result<TablesManifest, StoreError> {
    let manifest = read_manifest(dir)?;
    check_files(dir, &manifest).await?;
    let (targets, schema) = database
        .read(|tx| {
            Box::pin(async move {
                let targets = tables(tx).await?;
                let schema = super::backup::schema_numbers(tx).await?;
                Ok::<_, StoreError>((targets, schema))
            })
        })
        .await?;
    if schema != manifest.schema {
        return Err(StoreError::malformed(
            dir.join(MANIFEST).display().to_string(),
            "it was written by another release, or with other services: load it with the same ones",
        ));
    }
    refuse_unless_empty(database, &targets).await?;
    for table in in_order(targets) {
        if manifest.tables.iter().any(|t| t.name == table.name) {
            let rows = load_table(database, dir, &table).await?;
            tracing::info!(table = %table.name, rows, "loaded");
        }
    }
    Ok(manifest)
}

fn read_manifest(dir: &Path) -> Result<TablesManifest, StoreError> {
    let path = dir.join(MANIFEST);
    let what = path.display().to_string();
    let text = std::fs::read(&path).map_err(|e| StoreError::io(format!("reading {what}"), &e))?;
    let manifest: TablesManifest =
        serde_json::from_slice(&text).map_err(|e| StoreError::malformed(what.clone(), e))?;
    if manifest.format != FORMAT {
        return Err(StoreError::malformed(what, format!("its format is {}, not {FORMAT}", manifest.format)));
    }
    Ok(manifest)
}

/// Every file as it was written, before the first row is taken in.
async fn check_files(dir: &Path, manifest: &TablesManifest) -> Result<(), StoreError> {
    for table in &manifest.tables {
        let (path, expected) = (file_of(dir, &table.name)?, table.sha256.clone());
        files::blocking(move || {
            if file_sha256(&path)? == expected {
                Ok(())
            } else {
                Err(StoreError::malformed(path.display().to_string(), "it was changed since it was written"))
            }
        })
        .await?;
    }
    Ok(())
}

/// A table's file; names come from a file too, so they may not lead elsewhere.
fn file_of(dir: &Path, table: &str) -> Result<PathBuf, StoreError> {
    if table.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        Ok(dir.join(format!("{table}.jsonl")))
    } else {
        Err(StoreError::malformed(MANIFEST, "a table's name is not plain"))
    }
}

/// Only into an empty store: two countries must not be mixed.
pub(super) async fn refuse_unless_empty(database: &Database, targets: &[Table]) -> Result<(), StoreError> {
    let names: Vec<String> =
        targets.iter().map(|t| t.name.clone()).filter(|n| !LEFT_OUT.contains(&n.as_str())).collect();
    let full = database
        .read(move |tx| {
            let names = names.clone();
            Box::pin(async move {
                for name in names {
                    let text = format!("select 1 from \"{name}\" limit 1");
                    let rows = tx.run(crate::tx::Text::Built(&text), &[], crate::tx::Want::Rows).await?.rows;
                    if !rows.is_empty() {
                        return Ok::<_, StoreError>(Some(name));
                    }
                }
                Ok(None)
            })
        })
        .await?;
    match full {
        None => Ok(()),
        Some(name) => Err(StoreError::Open {
            reason: format!("the target is not empty: {name} has rows"),
            next: "choose a new database and a new data folder".into(),
        }),
    }
}

/// Tables after those they refer to.
fn in_order(mut left: Vec<Table>) -> Vec<Table> {
    let mut ordered: Vec<Table> = Vec::new();
    let mut placed: BTreeSet<String> = BTreeSet::new();
    loop {
        let ready = |t: &Table, placed: &BTreeSet<String>| {
            t.refers.iter().all(|other| *other == t.name || placed.contains(other))
        };
        let (now, later): (Vec<_>, Vec<_>) = left.into_iter().partition(|t| ready(t, &placed));
        if now.is_empty() {
            // Whatever refers to itself in a circle goes last, and the database says what is wrong with it.
            ordered.extend(later);
            return ordered;
        }
        placed.extend(now.iter().map(|t| t.name.clone()));
        ordered.extend(now);
        left = later;
    }
}

async fn load_table(database: &Database, dir: &Path, table: &Table) -> Result<u64, StoreError> {
    let mut reader = Reader::open(&file_of(dir, &table.name)?)?;
    let first = reader.next()?.ok_or_else(|| reader.malformed("the table has no first line"))?;
    let loader = Arc::new(Loader::new(&first, table)?);
    let mut count = 0;
    loop {
        let with = Arc::clone(&loader);
        // Reading waits for the disk; the reader goes there and comes back.
        let (batch, back) = files::blocking(move || {
            let batch = read_batch(&mut reader, &with)?;
            Ok((batch, reader))
        })
        .await?;
        reader = back;
        if batch.is_empty() {
            return Ok(count);
        }
        count += batch.len() as u64;
        let (batch, loader) = (Arc::new(batch), Arc::clone(&loader));
        database
            .write(move |tx| {
                let (batch, loader) = (Arc::clone(&batch), Arc::clone(&loader));
                Box::pin(async move {
                    for values in batch.iter() {
                        loader.insert(tx, values).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await?;
    }
}

fn read_batch(reader: &mut Reader, loader: &Loader) -> Result<Vec<Vec<Value>>, StoreError> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < LOAD_BATCH && bytes < LOAD_BYTES {
        let Some(line) = reader.next()? else { break };
        let values = loader.values(&line).ok_or_else(|| reader.malformed("the row has another shape"))?;
        bytes += values.iter().map(size).sum::<usize>();
        batch.push(values);
    }
    Ok(batch)
}

fn size(value: &Value) -> usize {
    match value {
        Value::Text(Some(text)) => text.len(),
        Value::Bytes(Some(bytes)) => bytes.len(),
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, refers: &[&str]) -> Table {
        Table {
            name: name.into(),
            refers: refers.iter().map(|r| r.to_string()).collect(),
            ..Table::default()
        }
    }

    #[test]
    fn tables_come_after_those_they_refer_to() {
        let order =
            in_order(vec![table("c", &["b"]), table("b", &["a", "b"]), table("a", &[]), table("d", &[])]);
        let names: Vec<_> = order.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(names, ["a", "d", "b", "c"]);
        assert_eq!(in_order(vec![table("x", &["y"]), table("y", &["x"])]).len(), 2);
    }

    #[test]
    fn a_name_cannot_lead_elsewhere() {
        assert!(file_of(Path::new("/d"), "tax_return").is_ok());
        assert!(file_of(Path::new("/d"), "../x").is_err());
    }
}

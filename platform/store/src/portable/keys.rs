//! The key export: one file with every living person's key and the sealed key files, useless without the root key.
//!
//! It is kept apart from backups, and **only the newest one is kept**: whoever has an older one and the root key can
//! open what was erased since. Restoring any backup takes the keys from here, so that an erased person does not come
//! back with it.

use super::lines::{Loader, Reader, Writer, header, write_rows};
use crate::database::Database;
use crate::schema::{Table, tables};
use crate::tx::{Text, Tx, Want};
use crate::vault::keyring::Keyring;
use crate::{Store, StoreError, files};
use daftar_kernel::Timestamp;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;

const FORMAT: &str = "daftar-key-export/1";
const TABLES: [&str; 3] = ["store_epoch", "store_erased", "store_key"];

/// What a key export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyExport {
    /// When it was made: whoever was erased before is not in it.
    pub at: Timestamp,
}

impl Store {
    /// Writes the key export, in place of an older one: the file is whole or the old one stays.
    ///
    /// # Errors
    /// When it cannot be written; the store's.
    pub async fn export_keys(&self, path: &Path) -> Result<KeyExport, StoreError> {
        let at = self.world().now();
        let mut draft = path.as_os_str().to_owned();
        draft.push(".new");
        let draft = std::path::PathBuf::from(draft);
        let (target, vault) = (draft.clone(), self.vault().clone());
        self.database()
            .read(move |tx| {
                let (target, vault) = (target.clone(), vault.clone());
                Box::pin(async move {
                    let mut out = Writer::create(&target)?;
                    out.line(&json!({ "format": FORMAT, "at": at.0 }))?;
                    for table in key_tables(tx).await? {
                        out.line(&header(&table))?;
                        write_rows(tx, &table, &mut out).await?;
                    }
                    // After the rows: each of their epochs has its file by now.
                    for (name, text) in vault.keyring().sealed_files()? {
                        out.line(&json!({ "file": name, "text": text }))?;
                    }
                    let sha256 = out.sha256();
                    out.line(&json!({ "end": sha256 }))?;
                    out.finish().map(|_| ())
                })
            })
            .await
            .and_then(|()| files::replace(&draft, path))?;
        Ok(KeyExport { at })
    }

    /// Puts the keys of a key export in place of the store's own: for a country that moves (after
    /// [`KeyExport::restore_files`] and [`Store::open`], together with [`Store::load_tables`]).
    ///
    /// # Errors
    /// When the file was changed or cut off; the store's.
    pub async fn load_keys(&self, export: &Path) -> Result<KeyExport, StoreError> {
        load_keys(self.database(), export).await
    }
}

impl KeyExport {
    /// Checks a key export from its first to its last byte.
    ///
    /// # Errors
    /// When it cannot be read, was changed, or is cut off.
    pub fn check(path: &Path) -> Result<Self, StoreError> {
        let mut reader = Reader::open(path)?;
        let first = reader.next()?.unwrap_or_default();
        let at = first.get("at").and_then(Json::as_i64).filter(|_| first["format"] == FORMAT);
        let at = at.ok_or_else(|| reader.malformed(format!("this is no {FORMAT}")))?;
        loop {
            let before = reader.sha256();
            let Some(line) = reader.next()? else { return Err(reader.malformed("it is cut off")) };
            if let Some(end) = line.get("end") {
                return match reader.next()? {
                    None if *end == json!(before) => Ok(Self { at: Timestamp(at) }),
                    _ => Err(reader.malformed("it was changed since it was written")),
                };
            }
        }
    }

    /// Puts the sealed key files of an export into `data_dir/keys`, where the root key must lie already. Files that
    /// are there stay, and must be the same.
    ///
    /// # Errors
    /// When the root key is missing or is not the one of this export.
    pub fn restore_files(
        path: &Path,
        data_dir: &Path,
        world: &daftar_kernel::World,
    ) -> Result<(), StoreError> {
        Self::check(path)?;
        let keyring = Keyring::open(&data_dir.join("keys"), world, false)?;
        let mut reader = Reader::open(path)?;
        while let Some(line) = reader.next()? {
            if let (Some(name), Some(text)) = (line["file"].as_str(), line["text"].as_str()) {
                keyring.restore_file(name, text)?;
            }
        }
        Ok(())
    }
}

async fn key_tables(tx: &mut Tx) -> Result<Vec<Table>, StoreError> {
    Ok(tables(tx).await?.into_iter().filter(|t| TABLES.contains(&t.name.as_str())).collect())
}

/// Replaces all keys by those of the export, in one transaction.
pub(crate) async fn load_keys(database: &Database, export: &Path) -> Result<KeyExport, StoreError> {
    let about = KeyExport::check(export)?;
    let path: Arc<Path> = export.into();
    database
        .write(move |tx| {
            let path = Arc::clone(&path);
            Box::pin(async move { replace_keys(tx, &path).await })
        })
        .await
        .map(|()| about)
}

async fn replace_keys(tx: &mut Tx, export: &Path) -> Result<(), StoreError> {
    let targets = key_tables(tx).await?;
    for text in ["delete from store_key", "delete from store_erased", "delete from store_epoch"] {
        tx.run(Text::Static(text), &[], Want::Count).await?;
    }
    let mut reader = Reader::open(export)?;
    let mut loader = None;
    while let Some(line) = reader.next()? {
        if let Some(name) = line.get("table").and_then(Json::as_str) {
            let target = targets.iter().find(|t| t.name == name);
            let target = target.ok_or_else(|| reader.malformed("a table that holds no keys"))?;
            loader = Some(Loader::new(&line, target)?);
        } else if line.is_array() {
            let loader = loader.as_ref().ok_or_else(|| reader.malformed("a row without its table"))?;
            let values = loader.values(&line).ok_or_else(|| reader.malformed("the row has another shape"))?;
            loader.insert(tx, &values).await?;
        }
    }
    Ok(())
}

//! Online backup: the database as of one moment, then every blob it can name, then a list of digests.
//!
//! ```text
//! manifest.json     format, time, schema numbers, digest of the list
//! files.sha256      one line a file, checked by `sha256sum --check files.sha256`
//! database.db       SQLite, or
//! tables/           PostgreSQL: tables.json and <table>.jsonl
//! blobs/ab/cd/...   as they are stored
//! ```
//!
//! Keys of persons are not in it: they are in the key export beside it.

use super::lines::{Writer, file_sha256};
use super::{LEFT_OUT, tables};
use crate::tx::{Text, Tx, Want};
use crate::{Store, StoreError, files, sqlite};
use aws_lc_rs::digest::{SHA256, digest};
use daftar_kernel::{Timestamp, hex};
use serde::{Deserialize, Serialize};
use std::path::Path;

pub(super) const FORMAT: &str = "daftar-backup/1";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const LIST: &str = "files.sha256";
pub(super) const SQLITE_FILE: &str = "database.db";
pub(super) const TABLES_DIR: &str = "tables";
pub(super) const BLOBS_DIR: &str = "blobs";

/// Which migrations of one owner were applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaNumber {
    /// The table prefix.
    pub owner: String,
    /// The highest step applied.
    pub schema: i64,
    /// The lowest step a program must know.
    pub min_reader: i64,
}

/// What a backup is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupManifest {
    /// `daftar-backup/1`
    pub format: String,
    /// When it was begun, in microseconds since 1970.
    pub at: Timestamp,
    /// Which migrations had been applied.
    pub schema: Vec<SchemaNumber>,
    /// How many blobs it holds.
    pub blobs: u64,
    /// The SHA-256 of `files.sha256`, in hexadecimal.
    pub files_sha256: String,
    /// The SHA-256 of this manifest with this field empty, in hexadecimal.
    pub check: String,
}

impl BackupManifest {
    fn digest(&self) -> Result<String, StoreError> {
        let blank = Self { check: String::new(), ..self.clone() };
        let text = serde_json::to_vec(&blank).map_err(|e| StoreError::malformed(MANIFEST, e))?;
        Ok(hex::encode(digest(&SHA256, &text).as_ref()))
    }
    /// Whether it is as it was written.
    pub(super) fn is_unchanged(&self) -> Result<bool, StoreError> {
        Ok(self.digest()? == self.check)
    }
}

pub(crate) async fn schema_numbers(tx: &mut Tx) -> Result<Vec<SchemaNumber>, StoreError> {
    let text = "select owner, schema, min_reader from store_schema order by owner";
    let rows = tx.run(Text::Static(text), &[], Want::Rows).await?.rows;
    let read = |row: &crate::Row| {
        Ok(SchemaNumber { owner: row.get(0)?, schema: row.get(1)?, min_reader: row.get(2)? })
    };
    rows.iter().map(read).collect()
}

impl Store {
    /// Writes a backup into an empty folder while the store is in use, and the key export beside it, in place of the
    /// older one. Keep the key export elsewhere than the backups, and only the newest; keep the root key apart from
    /// both.
    ///
    /// # Errors
    /// When the folder is not empty, the key export would lie in it, or a file cannot be written; the store's.
    pub async fn backup(&self, dir: &Path, key_export: &Path) -> Result<BackupManifest, StoreError> {
        if key_export.starts_with(dir) {
            return Err(StoreError::malformed(
                key_export.display().to_string(),
                "keep the key export elsewhere than the backup: whoever takes one must not have the other",
            ));
        }
        files::make_empty_dir(dir)?;
        let at = self.world().now();
        let mut list = Writer::create(&dir.join(LIST))?;
        self.backup_database(dir, &mut list).await?;
        let mut blobs = 0;
        let mut listed = Ok(());
        self.blobs()
            .copy_to(&dir.join(BLOBS_DIR), |id, _| {
                blobs += 1;
                if listed.is_ok() {
                    listed = list.bytes(format!("{id}  {BLOBS_DIR}/{}\n", id.path()).as_bytes());
                }
            })
            .await?;
        listed?;
        let schema = self.read(|tx| Box::pin(schema_numbers(tx))).await?;
        let files_sha256 = list.finish()?;
        // The keys after the data: whoever is in the data and not erased meanwhile has their key in the export.
        self.export_keys(key_export).await?;
        let check = String::new();
        let mut manifest = BackupManifest { format: FORMAT.into(), at, schema, blobs, files_sha256, check };
        manifest.check = manifest.digest()?;
        // Last, so that a folder with this file is whole.
        let text = serde_json::to_vec_pretty(&manifest).map_err(|e| StoreError::malformed(MANIFEST, e))?;
        files::write_private(&dir.join(MANIFEST), &text)?;
        Ok(manifest)
    }

    async fn backup_database(&self, dir: &Path, list: &mut Writer) -> Result<(), StoreError> {
        let Some(file) = self.database().sqlite_file() else {
            let tables_dir = dir.join(TABLES_DIR);
            let manifest = tables::dump(self.database(), &tables_dir).await?;
            for table in &manifest.tables {
                list.bytes(format!("{}  {TABLES_DIR}/{}.jsonl\n", table.sha256, table.name).as_bytes())?;
            }
            let sha256 = file_sha256(&tables_dir.join("tables.json"))?;
            return list.bytes(format!("{sha256}  {TABLES_DIR}/tables.json\n").as_bytes());
        };
        let (from, to) = (file.to_path_buf(), dir.join(SQLITE_FILE));
        let sha256 = files::blocking(move || {
            sqlite::copy_online(&from, &to, &LEFT_OUT[3..])?;
            file_sha256(&to)
        })
        .await?;
        list.bytes(format!("{sha256}  {SQLITE_FILE}\n").as_bytes())
    }
}

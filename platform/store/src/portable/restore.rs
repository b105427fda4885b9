//! Restore: a backup, the current key export and the root key make the country again, into an empty place.

use super::backup::{BLOBS_DIR, BackupManifest, FORMAT, LIST, MANIFEST, SQLITE_FILE, TABLES_DIR};
use super::keys::{KeyExport, load_keys};
use super::lines::file_sha256;
use super::tables;
use crate::database::{Address, Archived, Database, address};
use crate::schema;
use crate::{BlobId, Migrations, Store, StoreConfig, StoreError, files};
use daftar_kernel::World;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Restores a backup into an empty database and data folder and opens it. `data_dir/keys/root.key` must be in place.
/// The keys come from `key_export`, which must not be older than the backup: whoever was erased since the backup
/// stays erased.
///
/// # Errors
/// When the target is not empty, the root key or a file is missing, anything was changed, or the key export is too
/// old. Each says what to do; nothing is overwritten.
pub async fn restore(
    backup: &Path,
    key_export: &Path,
    config: StoreConfig,
    world: World,
    migrations: &[Migrations],
) -> Result<Store, StoreError> {
    let (dir, export) = (backup.to_path_buf(), key_export.to_path_buf());
    let manifest = files::blocking(move || {
        let manifest = check_backup(&dir)?;
        let keys = KeyExport::check(&export)?;
        if keys.at < manifest.at {
            return Err(StoreError::Open {
                reason: "the key export is older than the backup: it could bring erased persons back".into(),
                next: "use the newest key export".into(),
            });
        }
        Ok(manifest)
    })
    .await?;
    let source = backup.join(SQLITE_FILE);
    let is_file = source.exists();
    check_target(&config, is_file, &world).await?;
    KeyExport::restore_files(key_export, &config.data_dir, &world)?;
    if let (true, Address::Sqlite(target)) = (is_file, address(&config.url)?) {
        let target = target.to_path_buf();
        files::blocking(move || files::copy_private(&source, &target)).await?;
    }
    let database = Database::open(&config.url, &world, migrations, Archived::No).await?;
    if !is_file {
        tables::load(&database, &backup.join(TABLES_DIR)).await?;
    }
    load_keys(&database, key_export).await?;
    let store = Store::with(database, config, None).await?;
    restore_blobs(&store, backup, manifest.blobs).await?;
    Ok(store)
}

/// The whole backup against its digests, before anything is written.
fn check_backup(dir: &Path) -> Result<BackupManifest, StoreError> {
    let path = dir.join(MANIFEST);
    let what = path.display().to_string();
    let text = std::fs::read(&path).map_err(|e| StoreError::io(format!("reading {what}"), &e))?;
    let manifest: BackupManifest =
        serde_json::from_slice(&text).map_err(|e| StoreError::malformed(what.clone(), e))?;
    if manifest.format != FORMAT {
        return Err(StoreError::malformed(what, format!("its format is {}, not {FORMAT}", manifest.format)));
    }
    if !manifest.is_unchanged()? {
        return Err(StoreError::malformed(what, "it was changed since the backup"));
    }
    if file_sha256(&dir.join(LIST))? != manifest.files_sha256 {
        return Err(StoreError::malformed(dir.join(LIST).display().to_string(), "it was changed"));
    }
    for entry in listed(dir)? {
        let (expected, file) = entry?;
        if file_sha256(&dir.join(&file))? != expected {
            return Err(StoreError::malformed(file.display().to_string(), "it was changed since the backup"));
        }
    }
    Ok(manifest)
}

/// The lines of `files.sha256`.
fn listed(
    dir: &Path,
) -> Result<impl Iterator<Item = Result<(String, PathBuf), StoreError>> + use<>, StoreError> {
    let path = dir.join(LIST);
    let fail = |e: &std::io::Error| StoreError::io(format!("reading {LIST}"), e);
    let file = std::fs::File::open(&path).map_err(|e| fail(&e))?;
    Ok(BufReader::new(file).lines().map(move |line| {
        let line = line.map_err(|e| fail(&e))?;
        let (hash, file) =
            line.split_once("  ").ok_or_else(|| StoreError::malformed(LIST, "a line has no digest"))?;
        if file.starts_with('/') || file.split('/').any(|part| part == "..") {
            return Err(StoreError::malformed(LIST, "a file lies outside the backup"));
        }
        Ok((hash.to_string(), PathBuf::from(file)))
    }))
}

/// Refuses a place that holds a database, tables or blobs already; changes nothing there. For a country that moves in.
///
/// # Errors
/// When something is there, naming it; when the place cannot be read.
pub async fn require_blank(config: &StoreConfig, world: &World) -> Result<(), StoreError> {
    check_target(config, false, world).await
}

pub(crate) async fn check_target(
    config: &StoreConfig,
    is_file: bool,
    world: &World,
) -> Result<(), StoreError> {
    let occupied = |what: String| StoreError::Open {
        reason: format!("{what} is not empty"),
        next: "choose a new database and a new data folder".into(),
    };
    if !crate::blobs::place_is_empty(config).await? {
        return Err(occupied("the place of blobs".into()));
    }
    match address(&config.url)? {
        Address::Sqlite(path) if path.exists() => Err(occupied(path.display().to_string())),
        Address::Sqlite(_) => Ok(()),
        Address::Postgres(_) if is_file => Err(StoreError::Open {
            reason: "this backup is of a SQLite database".into(),
            next: "restore it to SQLite, then move with `daftar export --all` and `daftar import --all`"
                .into(),
        }),
        Address::Postgres(url) => {
            let database = crate::postgres::Database::connect(url, world.clone()).await?;
            let found: Result<_, StoreError> = database.read(|tx| Box::pin(schema::tables(tx))).await;
            database.close().await;
            match found?.first() {
                None => Ok(()),
                Some(table) => Err(occupied(format!("the database (it has {})", table.name))),
            }
        }
    }
}

async fn restore_blobs(store: &Store, backup: &Path, expected: u64) -> Result<(), StoreError> {
    let mut count = 0;
    for entry in listed(backup)? {
        let (hash, file) = entry?;
        if !file.starts_with(BLOBS_DIR) {
            continue;
        }
        let (path, id) = (backup.join(&file), hash.parse::<BlobId>()?);
        let read =
            move || std::fs::read(&path).map_err(|e| StoreError::io("reading a blob of the backup", &e));
        let stored = store.blobs().put(files::blocking(read).await?).await?;
        if stored != id {
            return Err(StoreError::malformed(file.display().to_string(), "it was changed since the backup"));
        }
        count += 1;
    }
    if count == expected { Ok(()) } else { Err(StoreError::malformed(LIST, "blobs are missing from it")) }
}

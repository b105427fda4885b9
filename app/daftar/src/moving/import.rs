//! Reading it back: a blank machine becomes the country again.

use super::manifest::{MANIFEST, Manifest};
use super::{BLOBS, COUNTRY, KEYS, LOG, POLICY, ROOT_KEY, TABLES, files};
use crate::installation::{Installation, MIGRATIONS, Paths, store_config};
use anyhow::{Context, Result, bail};
use daftar_kernel::World;
use daftar_kernel::settings::Settings;
use daftar_record::verify::LogVerified;
use daftar_store::{BlobId, KeyExport, Store, StoreConfig, require_blank};
use std::path::{Path, PathBuf};
use transparency_log::checkpoint::SignedCheckpoint;
use transparency_log::policy::Policy;

/// What may lie in the data directory of a blank machine: settings, and a folder of blobs as long as it is empty, which
/// [`require_blank`] looks after.
const MAY_BE_THERE: [&str; 2] = ["daftar.toml", "blobs"];

/// Where a country moves to.
pub struct Target {
    /// Where it will lie.
    pub paths: Paths,
    /// Its settings: which engine, which blobs.
    pub settings: Settings,
    /// Its time and randomness.
    pub world: World,
}

/// What was taken in.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What the export says about itself.
    pub manifest: Manifest,
    /// SHA-256 of the manifest's file, as the export printed it.
    pub sha256: String,
    /// The policy of witnesses to go on with.
    pub policy: String,
    /// Tables.
    pub tables: usize,
    /// Rows of all tables.
    pub rows: u64,
    /// Blobs.
    pub blobs: u64,
}

/// Rebuilds the country at an empty place, after every file was held against the manifest. The root key comes from
/// `root_key`, or from the export when it was written with it.
///
/// # Errors
/// Names the file that was changed, or what the target already holds; before anything is written. When it fails later, the
/// target is half-filled: begin again with an empty one.
pub async fn import(dir: &Path, root_key: Option<&Path>, target: &Target) -> Result<Imported> {
    let folder = dir.to_path_buf();
    let manifest = files::blocking(move || Manifest::verify(&folder)).await?;
    let root_key = find_root_key(dir, root_key)?;
    let config = store_config(&target.paths, &target.settings);
    check_target(&target.paths.data)?;
    require_blank(&config, &target.world).await?;
    let policy = std::fs::read_to_string(dir.join(POLICY)).with_context(|| format!("reading {POLICY}"))?;
    verify_log(dir).await?;

    // Root key and epoch keys before the store is opened: a store that finds none makes new ones.
    let keys = target.paths.data.join("keys");
    files::copy(&root_key, &keys.join(ROOT_KEY))?;
    if let Err(error) = KeyExport::restore_files(&dir.join(KEYS), &target.paths.data, &target.world) {
        // So that the next try, with the right key, finds the machine blank.
        std::fs::remove_dir_all(&keys).with_context(|| format!("removing {}", keys.display()))?;
        return Err(error)
            .context("the keys do not open. Next: name the root key of this very country with --root-key");
    }
    let (tables, rows, blobs) = fill(dir, config, target).await.with_context(|| {
        format!(
            "{} is half-filled now. Next: empty it and the database, and begin again",
            target.paths.data.display()
        )
    })?;
    place_files(dir, &target.paths)?;
    let sha256 = files::sha256(&dir.join(MANIFEST))?;
    Ok(Imported { manifest, sha256, policy, tables, rows, blobs })
}

fn find_root_key(dir: &Path, named: Option<&Path>) -> Result<PathBuf> {
    let inside = dir.join(ROOT_KEY);
    match named {
        Some(path) => Ok(path.to_path_buf()),
        None if inside.is_file() => Ok(inside),
        None => bail!("the export holds no root key. Next: name it with --root-key FILE"),
    }
}

fn check_target(data: &Path) -> Result<()> {
    if !data.exists() {
        return files::make_dir(data);
    }
    for entry in std::fs::read_dir(data).with_context(|| format!("reading {}", data.display()))? {
        let name = entry?.file_name();
        if !MAY_BE_THERE.iter().any(|known| name == *known) {
            let name = name.to_string_lossy();
            bail!("{} is not empty: it holds {name}. Next: name a new data directory", data.display());
        }
    }
    Ok(())
}

async fn fill(dir: &Path, config: StoreConfig, target: &Target) -> Result<(usize, u64, u64)> {
    let store = Store::open(config, target.world.clone(), &MIGRATIONS).await?;
    let tables = store.load_tables(&dir.join(TABLES)).await?;
    store.load_keys(&dir.join(KEYS)).await?;
    let mut addresses = Vec::new();
    let folder = dir.join(BLOBS);
    let listed = files::blocking(move || {
        files::walk(&folder, &mut |path| {
            addresses.push(path.to_string());
            Ok(())
        })?;
        Ok(addresses)
    })
    .await?;
    let mut blobs = 0;
    for path in listed {
        let name = path.rsplit('/').next().unwrap_or_default();
        let expected: BlobId = name.parse().with_context(|| format!("{BLOBS}/{path}"))?;
        let file = dir.join(BLOBS).join(&path);
        let bytes = files::blocking(move || {
            std::fs::read(&file).with_context(|| format!("reading {}", file.display()))
        })
        .await?;
        if store.blobs().put(bytes).await? != expected {
            bail!("{BLOBS}/{path} is not what its name says");
        }
        blobs += 1;
    }
    store.close().await;
    Ok((tables.tables.len(), tables.tables.iter().map(|table| table.rows).sum(), blobs))
}

/// Country pack and policy, where the settings want them; what is there stays.
fn place_files(dir: &Path, paths: &Paths) -> Result<()> {
    if !paths.policy.exists() {
        files::copy(&dir.join(POLICY), &paths.policy)?;
    }
    if !paths.country.exists() {
        let from = dir.join(COUNTRY);
        files::walk(&from, &mut |path| files::copy(&from.join(path), &paths.country.join(path)))?;
    }
    Ok(())
}

/// The exported logs by themselves: signatures, trees, tiles, entries and heads.
async fn verify_log(dir: &Path) -> Result<()> {
    let log = dir.join(LOG);
    if !log.join("acts/checkpoint").is_file() {
        // Nothing was ever signed: a country just begun.
        return Ok(());
    }
    let verified: Vec<LogVerified> = files::blocking(move || {
        let policy = Policy::parse(&std::fs::read(log.join(POLICY))?)?;
        Ok(daftar_record::verify::verify_dir(&log, &policy.into(), &mut |_, _| {})?)
    })
    .await?;
    match verified.iter().find(|log| !log.is_clean()) {
        None => Ok(()),
        Some(log) => bail!("{} is not whole. Next: daftar log verify {}", log.place, log.place),
    }
}

/// Whether the country that was taken in continues the exported logs, and its database fits them: every entry, look and
/// head. Gives what was found, one line each; nothing when all is well.
///
/// # Errors
/// When something cannot be read; the record's.
pub async fn check(installation: &Installation, dir: &Path) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    let status = installation.record.status().await?;
    for log in &status.logs {
        let path = dir.join(LOG).join(&log.code).join("checkpoint");
        if !path.is_file() {
            continue;
        }
        let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let signed = SignedCheckpoint::parse(&bytes).with_context(|| path.display().to_string())?;
        let exported = signed.checkpoint();
        let root = daftar_kernel::hex::encode(&exported.root);
        if exported.origin != log.origin {
            findings.push(format!(
                "{}: the export's log is {}, this one {}",
                log.log, exported.origin, log.origin
            ));
        } else if log.size < exported.size || (log.size == exported.size && log.root != root) {
            findings.push(format!("{}: the tables do not hold the exported tree", log.log));
        }
    }
    let audit = installation.record.audit_store().await?;
    findings.extend(audit.findings.iter().map(ToString::to_string));
    Ok(findings)
}

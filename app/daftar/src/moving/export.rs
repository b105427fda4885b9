//! Writing it.

use super::manifest::{FORMAT, Manifest, SUMS};
use super::{BLOBS, COUNTRY, DOCUMENTS, KEYS, LOG, PEOPLE, PHOTOS, POLICY, ROOT_KEY, TABLES, files};
use crate::installation::Installation;
use anyhow::{Context, Result};
use daftar_http::with_tx;
use daftar_identity::people::CLASS;
use daftar_kernel::{Actor, Id, Problem, Timestamp};
use daftar_packs::versions;
use daftar_record::Act;
use daftar_store::BlobId;
use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::Path;

/// The act that says that the register left in clear text.
pub const CLEAR_ACT: &str = "app.exported-clear";
const README: &str = include_str!("readme.txt");

/// What an export holds besides the usual.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The root key too: then whoever holds the folder reads everything.
    pub root_key: bool,
    /// The register in clear text too; an act of it is in the record before the first line is written.
    pub clear_text: bool,
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The manifest.
    pub manifest: Manifest,
    /// SHA-256 of the manifest's file: by it the export is recognised.
    pub sha256: String,
}

/// Writes the whole country into an empty folder.
///
/// # Errors
/// When the folder is not empty or cannot be written; the store's and the record's.
pub async fn export(installation: &Installation, dir: &Path, options: Options) -> Result<Exported> {
    files::take_empty_dir(dir)?;
    let at = installation.store.world().now();
    let clear = if options.clear_text { Some(say_so(installation).await?) } else { None };
    // In this order the parts fit together although others work on: the logs show nothing that is not in the tables, blobs
    // lie there before rows name them, and the keys last, so that nobody erased meanwhile is in them.
    installation.record.export_log(&dir.join(LOG), true).await?;
    installation.store.dump_tables(&dir.join(TABLES)).await?;
    files::make_dir(&dir.join(BLOBS))?;
    installation.store.blobs().copy_to(&dir.join(BLOBS), |_, _| {}).await?;
    write_country(installation, at, &dir.join(COUNTRY)).await?;
    let clear_text = match clear {
        Some(until) => Some(write_people(installation, dir, until).await?),
        None => None,
    };
    installation.store.export_keys(&dir.join(KEYS)).await?;
    if options.root_key {
        let from = installation.paths.data.join("keys").join(ROOT_KEY);
        files::copy(&from, &dir.join(ROOT_KEY))?;
    }
    files::write(&dir.join(POLICY), installation.record.config().policy.as_bytes())?;
    files::write(&dir.join("README.txt"), README.as_bytes())?;
    let manifest = Manifest {
        format: FORMAT.into(),
        at: at.to_rfc3339(),
        program: env!("CARGO_PKG_VERSION").into(),
        origin: installation.record.config().origin.clone(),
        formats: formats(options),
        clear_text,
        files: 0,
        sums_sha256: String::new(),
    };
    let dir = dir.to_path_buf();
    let (manifest, sha256) = files::blocking(move || manifest.seal(&dir)).await?;
    Ok(Exported { manifest, sha256 })
}

fn formats(options: Options) -> BTreeMap<String, String> {
    let mut formats = vec![
        (TABLES, "daftar-tables/1"),
        (BLOBS, "daftar-blobs/1"),
        (KEYS, "daftar-key-export/1"),
        (COUNTRY, "daftar-country/1"),
        (LOG, "C2SP tlog-tiles; daftar-heads/1"),
        (POLICY, "witness policy"),
        (SUMS, "sha256sum"),
    ];
    if options.clear_text {
        formats.extend([(PEOPLE, "daftar-people/1"), (PHOTOS, "JPEG"), (DOCUMENTS, "JPEG, PDF")]);
    }
    if options.root_key {
        formats.push((ROOT_KEY, "daftar-root-key/1"));
    }
    formats.into_iter().map(|(part, format)| (part.to_string(), format.to_string())).collect()
}

/// Commits the act before anything can be read; gives its time, up to which people are written.
async fn say_so(installation: &Installation) -> Result<Timestamp> {
    let count = installation.people.registered_count().await?;
    let (store, record) = (installation.store.clone(), installation.record.clone());
    let act = Act {
        kind: CLEAR_ACT,
        service: "app",
        agency: String::new(),
        office: String::new(),
        subject: None,
        public: serde_json::json!({ "count": count }),
        private: None,
    };
    let now = with_tx!(store.write, tx, [record, act] {
        record.act(tx, &Actor::System("export"), &act).await?;
        Ok::<_, Problem>(tx.world().now())
    })?;
    Ok(now)
}

async fn write_country(installation: &Installation, at: Timestamp, dir: &Path) -> Result<()> {
    files::make_dir(dir)?;
    let source = installation
        .store
        .read(move |tx| {
            Box::pin(async move {
                match versions::in_force(tx, at).await? {
                    Some(version) => versions::source_of(tx, &version).await.map(Some),
                    None => Ok::<_, Problem>(None),
                }
            })
        })
        .await?;
    let source = source.context("no version of the country pack is in force")?;
    source.files().try_for_each(|(path, bytes)| files::write(&dir.join(path), bytes))
}

/// One line a person, and their photos beside it; gives how many.
async fn write_people(installation: &Installation, dir: &Path, until: Timestamp) -> Result<u64> {
    let path = dir.join(PEOPLE);
    let writing = || format!("writing {}", path.display());
    let mut file = BufWriter::new(files::create(&path)?);
    let (mut after, mut count) = (Id::from_bytes([0; 16]), 0);
    loop {
        let page = installation.people.clear_page(after, until).await?;
        for person in &page.persons {
            writeln!(file, "{person}").with_context(writing)?;
            write_photos(installation, dir, person).await?;
            write_documents(installation, dir, person).await?;
            count += 1;
        }
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    let file = file.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(writing)?;
    file.sync_all().with_context(writing)?;
    Ok(count)
}

async fn write_documents(installation: &Installation, dir: &Path, person: &serde_json::Value) -> Result<()> {
    if person["documents"].as_array().is_none_or(Vec::is_empty) {
        return Ok(());
    }
    let id: Id = person["person"].as_str().unwrap_or_default().parse()?;
    for (document, file) in installation.people.clear_documents(id).await? {
        let path = dir.join(DOCUMENTS).join(format!("{document}.{}", file.media.extension()));
        files::write(&path, &file.bytes)?;
    }
    Ok(())
}

async fn write_photos(installation: &Installation, dir: &Path, person: &serde_json::Value) -> Result<()> {
    let id: Id = person["person"].as_str().unwrap_or_default().parse()?;
    let versions = person["versions"].as_array().map_or(&[][..], Vec::as_slice);
    for name in versions.iter().filter_map(|version| version["document"]["person"]["photo"].as_str()) {
        let path = dir.join(PHOTOS).join(format!("{name}.jpg"));
        // Most versions keep the photo of the one before.
        if !path.exists() {
            let photo = installation.store.blobs().get_sealed(id, CLASS, name.parse::<BlobId>()?).await?;
            files::write(&path, &photo)?;
        }
    }
    Ok(())
}

//! The database as it was at a past second, made from the archive again. Whoever was erased since stays erased.

use super::archive::{Archive, PieceName, Place, Snapshot};
use super::wal;
use crate::database::{Address, Archived, Database, address};
use crate::portable::{KeyExport, check_target, load_keys};
use crate::vault::Vault;
use crate::{Migrations, Store, StoreConfig, StoreError, files, sqlite};
use aws_lc_rs::digest::{Context, SHA256};
use daftar_kernel::{Timestamp, World, hex};
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What was restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewound {
    /// The moment of the last commit that is in it; none when nothing was committed since the snapshot.
    pub last_commit: Option<Timestamp>,
    /// How many blobs came back.
    pub blobs: u64,
}

/// Up to where a database is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// All there is.
    End,
    /// The last commit made at this moment or before.
    Moment(Timestamp),
    /// The commit that ends at this place of the log.
    Place(Place),
}

/// Restores the database of a past moment (without one: the newest) into an empty place, and opens it.
/// `data_dir/keys/root.key` must lie there already; the other keys come from the key export. Persons erased up to the end of
/// the archive stay erased, whatever the moment.
///
/// # Errors
/// When the place is not empty, the root key or a part of the archive is missing, the archive holds nothing of that moment,
/// or anything was changed. Each says what to do; nothing is overwritten.
pub async fn restore_at(
    archive: &str,
    moment: Option<Timestamp>,
    key_export: &Path,
    config: StoreConfig,
    world: World,
    migrations: &[Migrations],
) -> Result<(Store, Rewound), StoreError> {
    let Address::Sqlite(target) = address(&config.url)? else {
        return Err(StoreError::Open {
            reason: "an archive is of a SQLite database".into(),
            next: "restore it to SQLite, then move with `daftar export --all` and `daftar import --all`"
                .into(),
        });
    };
    let target = target.to_path_buf();
    check_target(&config, true, &world).await?;
    KeyExport::restore_files(key_export, &config.data_dir, &world)?;
    let vault = Vault::of_folder(&config.data_dir, &world)?;
    let archive = Archive::open(archive, &config, vault, world.clone())?;
    let until = moment.map_or(Until::End, Until::Moment);
    let drafts = Drafts::beside(&target)?;
    let last_commit = make(&archive, &drafts.past, until).await?;
    make(&archive, &drafts.newest, Until::End).await?;
    let (past, newest, export) = (drafts.past.clone(), drafts.newest.clone(), key_export.to_path_buf());
    files::blocking({
        let past = past.clone();
        move || sqlite::check_integrity(&past)
    })
    .await?;
    let url = format!("sqlite:{}", past.display());
    let database = Database::open(&url, &world, migrations, Archived::No).await?;
    load_keys(&database, &export).await?;
    database.close().await;
    files::blocking(move || {
        sqlite::keep_erased(&past, &newest)?;
        files::replace(&past, &target)
    })
    .await?;
    drop(drafts);
    let database = Database::open(&config.url, &world, migrations, Archived::No).await?;
    let store = Store::with(database, config, None).await?;
    let blobs = restore_blobs(&archive, &store).await?;
    Ok((store, Rewound { last_commit, blobs }))
}

/// Files that are removed again.
struct Drafts {
    past: PathBuf,
    newest: PathBuf,
}

impl Drafts {
    fn beside(target: &Path) -> Result<Self, StoreError> {
        if let Some(parent) = target.parent().filter(|p| !p.as_os_str().is_empty()) {
            files::make_private_dir(parent)?;
        }
        let drafts = Self { past: target.with_extension("past"), newest: target.with_extension("newest") };
        drafts.clear();
        Ok(drafts)
    }
    fn clear(&self) {
        for draft in [&self.past, &self.newest] {
            for end in ["", "-wal", "-shm"] {
                let mut name = draft.as_os_str().to_owned();
                name.push(end);
                // One that is not there is fine.
                let _ = std::fs::remove_file(PathBuf::from(name));
            }
        }
    }
}

impl Drop for Drafts {
    fn drop(&mut self) {
        self.clear();
    }
}

async fn restore_blobs(archive: &Archive, store: &Store) -> Result<u64, StoreError> {
    let mut count = 0;
    for id in archive.blobs().await? {
        if store.blobs().put(archive.blob(id).await?).await? != id {
            return Err(StoreError::malformed(format!("blob {id} of the archive"), "it has another address"));
        }
        count += 1;
    }
    Ok(count)
}

/// Makes the database file again; answers the moment of the last commit in it.
pub(super) async fn make(
    archive: &Archive,
    target: &Path,
    until: Until,
) -> Result<Option<Timestamp>, StoreError> {
    let (generation, begun, snapshot) = choose(archive, until).await?;
    let file = Arc::new(files::create_file(target)?);
    write_snapshot(archive, &generation, begun, &snapshot, &file).await?;
    let pieces = archive.pieces(&generation).await?;
    let mut replay = Replay { file, place: None, last: None, reached: false };
    let first = pieces.iter().position(|piece| piece.number >= snapshot.first_piece).unwrap_or(pieces.len());
    let end = last_needed(archive, &generation, &pieces, until).await?;
    for name in pieces.iter().take(end).skip(first) {
        replay.piece(archive, &generation, name, until).await?;
        if replay.reached {
            break;
        }
    }
    if matches!(until, Until::Place(_)) && !replay.reached {
        return Err(StoreError::Missing("that commit in the archive".into()));
    }
    let file = Arc::clone(&replay.file);
    files::blocking(move || file.sync_all().map_err(|e| StoreError::io("writing the database", &e))).await?;
    Ok(replay.last)
}

/// The generation and snapshot to begin with.
async fn choose(archive: &Archive, until: Until) -> Result<(String, Timestamp, Snapshot), StoreError> {
    let (mut found, mut oldest) = (None, None);
    let generations = archive.generations().await?;
    for generation in &generations {
        for (begun, snapshot) in archive.snapshots(generation).await? {
            oldest = oldest.or(Some(snapshot.at));
            if !matches!(until, Until::Moment(moment) if snapshot.at > moment) {
                found = Some((generation.clone(), begun, snapshot));
            }
        }
    }
    if let (Until::Moment(moment), Some((generation, ..))) = (until, &found) {
        no_gap(archive, &generations, generation, moment).await?;
    }
    found.ok_or_else(|| match oldest {
        Some(oldest) => StoreError::Missing(format!(
            "that moment: the archive begins at {}. Next: choose a later one",
            oldest.to_rfc3339()
        )),
        None => StoreError::Missing(
            "a whole snapshot in the archive. Next: name the archive's folder or bucket".into(),
        ),
    })
}

/// Refuses a moment after the end of a generation that another followed: what was committed between them is not known.
async fn no_gap(
    archive: &Archive,
    generations: &[String],
    chosen: &String,
    moment: Timestamp,
) -> Result<(), StoreError> {
    let Some(next) = generations.iter().find(|generation| *generation > chosen) else { return Ok(()) };
    let Some(end) = archive.pieces(chosen).await?.last().map(|piece| piece.last) else { return Ok(()) };
    if moment <= end {
        return Ok(());
    }
    let begun = next.parse().map(Timestamp).map_or_else(|_| next.clone(), Timestamp::to_rfc3339);
    Err(StoreError::Missing(format!(
        "that moment: the archive has a gap from {} until the first snapshot after {begun}. Next: choose a moment before or after it",
        end.to_rfc3339()
    )))
}

/// How many of the pieces are needed: up to the last that holds a commit of the wanted time. Names tell the latest moment in
/// each; when the clock was set back, a later piece may be of an earlier moment.
async fn last_needed(
    archive: &Archive,
    generation: &str,
    pieces: &[PieceName],
    until: Until,
) -> Result<usize, StoreError> {
    let Until::Moment(moment) = until else { return Ok(pieces.len()) };
    let whole = pieces.iter().rposition(|piece| piece.last <= moment).map_or(0, |index| index + 1);
    // One piece may reach across the moment.
    for (index, name) in pieces.iter().enumerate().skip(whole).take(2) {
        let (piece, _) = archive.piece(generation, name).await?;
        if !piece.commits.iter().any(|(_, at)| *at <= moment) {
            return Ok(index);
        }
    }
    Ok(pieces.len().min(whole + 2))
}

async fn write_snapshot(
    archive: &Archive,
    generation: &str,
    begun: Timestamp,
    snapshot: &Snapshot,
    file: &Arc<File>,
) -> Result<(), StoreError> {
    let mut sum = Context::new(&SHA256);
    for number in 0..snapshot.parts {
        let bytes = archive.part(generation, begun, number).await?;
        sum.update(&bytes);
        let mut out: &File = file;
        out.write_all(&bytes).map_err(|e| StoreError::io("writing the database", &e))?;
    }
    if hex::encode(sum.finish().as_ref()) == snapshot.sha256 {
        Ok(())
    } else {
        Err(StoreError::malformed("a snapshot of the archive", "it is not what was copied"))
    }
}

struct Replay {
    file: Arc<File>,
    place: Option<Place>,
    last: Option<Timestamp>,
    reached: bool,
}

impl Replay {
    /// Replays the commits of a piece that are wanted.
    async fn piece(
        &mut self,
        archive: &Archive,
        generation: &str,
        name: &PieceName,
        until: Until,
    ) -> Result<(), StoreError> {
        let (piece, frames) = archive.piece(generation, name).await?;
        let follows = match self.place {
            None => piece.from == 0,
            Some(place) if place.salts == piece.end.salts => piece.from == place.frames,
            Some(_) => piece.from == 0,
        };
        if !follows {
            return Err(StoreError::malformed(
                format!("log piece {}", name.number),
                "the piece before it is missing",
            ));
        }
        let wanted = match until {
            Until::End => piece.commits.len(),
            Until::Moment(moment) => {
                piece.commits.iter().rposition(|(_, at)| *at <= moment).map_or(0, |index| index + 1)
            }
            Until::Place(place) if place.salts == piece.end.salts => {
                let found = piece.commits.iter().position(|(frames, _)| *frames == place.frames);
                self.reached = found.is_some();
                found.map_or(piece.commits.len(), |index| index + 1)
            }
            Until::Place(_) => piece.commits.len(),
        };
        let Some((end, at)) = wanted.checked_sub(1).and_then(|index| piece.commits.get(index)).copied()
        else {
            return Ok(());
        };
        let keep = (end - piece.from) as usize * (wal::FRAME_HEADER_BYTES + piece.page_bytes as usize);
        let (file, page_bytes) = (Arc::clone(&self.file), piece.page_bytes);
        files::blocking(move || apply(&file, page_bytes, frames.get(..keep).unwrap_or(&frames))).await?;
        self.last = Some(at);
        self.place = Some(piece.end);
        Ok(())
    }
}

fn apply(file: &File, page_bytes: u32, frames: &[u8]) -> Result<(), StoreError> {
    let fail = |e: std::io::Error| StoreError::io("writing the database", &e);
    let mut length = None;
    for page in wal::pages(page_bytes, frames)? {
        let offset = u64::from(page.number - 1) * u64::from(page_bytes);
        file.write_all_at(page.bytes, offset).map_err(fail)?;
        if page.pages_after > 0 {
            length = Some(u64::from(page.pages_after) * u64::from(page_bytes));
        }
    }
    match length {
        Some(length) => file.set_len(length).map_err(fail),
        None => Ok(()),
    }
}

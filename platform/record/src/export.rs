//! The logs as files: what C2SP tlog-tiles wants to lie on a web server, and for auditors the list of
//! persons' heads.

use crate::Record;
use crate::error::RecordError;
use crate::log::{Log, Volume};
use crate::mark::{blocking, replace};
use crate::tree::{self, column};
use daftar_kernel::hex;
use daftar_store::{Tx, params, sql};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use transparency_log::Hash;
use transparency_log::tile::{Bundle, Tile, tile_width};

/// First words of a list of heads; then the number of its batch.
pub const HEADS_FORMAT: &str = "daftar-heads/1";
/// Name of the list of heads in the folder of the `access` log.
pub const HEADS_FILE: &str = "heads";
/// Name of the policy in the exported folder.
pub const POLICY_FILE: &str = "policy";

/// Bundles read in one transaction.
const BUNDLES_AT_ONCE: u64 = 16;
/// Tiles read in one transaction.
const TILES_AT_ONCE: u64 = 64;
/// Persons read in one transaction.
const PERSONS_AT_ONCE: i64 = 1000;

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Entries of each log, by name.
    pub entries: Vec<(String, u64)>,
    /// Persons in the list of heads, when it was asked for.
    pub heads: Option<u64>,
}

impl Record {
    /// Writes both logs as they are published now into `dir/acts` and `dir/access`, and the policy beside
    /// them. Every volume has its folders: that of a successor `acts.2` and `access.2`; `policy` is that of the newest
    /// volume, `policy.1` that of the first, when it has a successor. With `heads` also the list of all persons' pseudonyms, numbers of looks and heads: it is for
    /// auditors alone (ADR 3).
    ///
    /// What was published never changes, so the files fit together although the logs grow meanwhile.
    ///
    /// # Errors
    /// When a file cannot be written; [`RecordError::Damaged`] when an entry or tile is missing; the store's.
    pub async fn export_log(&self, dir: &Path, heads: bool) -> Result<Exported, RecordError> {
        let mut exported = Exported::default();
        for volume in self.volumes() {
            let head = self.store().read(move |tx| Box::pin(tree::head(tx, volume))).await?;
            // An empty database that was frozen has nothing to show.
            let Some(head) = head.filter(|head| !head.checkpoint.is_empty()) else { continue };
            let (size, text) = head.published();
            let folder = dir.join(volume.code());
            self.export_tiles(volume, size, &folder).await?;
            self.export_bundles(volume, size, &folder).await?;
            if heads && volume == self.volume(Log::Access) && size > 0 {
                exported.heads = self.export_heads(size, &folder).await?;
            }
            // Last: whoever sees the checkpoint finds everything it speaks of.
            publish(folder.join("checkpoint"), text.to_string()).await?;
            exported.entries.push((volume.code(), size));
        }
        for (ended, number) in self.ended().iter().zip(1..) {
            publish(dir.join(format!("{POLICY_FILE}.{number}")), ended.policy_text.clone()).await?;
        }
        publish(dir.join(POLICY_FILE), self.policy_text().to_string()).await?;
        Ok(exported)
    }

    async fn export_tiles(&self, volume: Volume, size: u64, folder: &Path) -> Result<(), RecordError> {
        for level in 0..8 {
            let mut index = 0;
            while tile_width(size, level, index) > 0 {
                let wanted = (index..index + TILES_AT_ONCE)
                    .map(|index| Tile { level, index, width: tile_width(size, level, index) })
                    .filter(|tile| tile.width > 0);
                self.export_pieces(volume, wanted.map(Piece::Tile).collect(), folder).await?;
                index += TILES_AT_ONCE;
            }
        }
        Ok(())
    }

    async fn export_bundles(&self, volume: Volume, size: u64, folder: &Path) -> Result<(), RecordError> {
        let mut index = 0;
        while Bundle::in_log(size, index).is_some() {
            let wanted = (index..index + BUNDLES_AT_ONCE).filter_map(|index| Bundle::in_log(size, index));
            self.export_pieces(volume, wanted.map(Piece::Bundle).collect(), folder).await?;
            index += BUNDLES_AT_ONCE;
        }
        Ok(())
    }

    /// Writes these pieces, read in one transaction.
    async fn export_pieces(
        &self,
        volume: Volume,
        wanted: Vec<Piece>,
        folder: &Path,
    ) -> Result<(), RecordError> {
        let folder = folder.to_path_buf();
        let files = self
            .store()
            .read(move |tx| {
                let (wanted, folder) = (wanted.clone(), folder.clone());
                Box::pin(async move {
                    let mut files = Vec::with_capacity(wanted.len());
                    for piece in wanted {
                        let (path, bytes) = piece.read(tx, volume).await?;
                        files.push((folder.join(&path), there(volume.log, bytes, &path)?));
                    }
                    Ok::<_, RecordError>(files)
                })
            })
            .await?;
        write(files).await
    }

    /// Writes the heads as the map held them after the last batch of a tree of this size; none while a successor has no
    /// batch yet.
    async fn export_heads(&self, size: u64, folder: &Path) -> Result<Option<u64>, RecordError> {
        let number = self.number();
        if number > 1 && size == 1 {
            return Ok(None);
        }
        let epoch: i64 = self
            .store()
            .read(move |tx| {
                Box::pin(async move {
                    let row = tx
                        .query_opt(
                            sql!("select epoch from record_batch where idx = $1 and volume = $2"),
                            &params![column(size - 1), i64::from(number)],
                        )
                        .await?;
                    let row =
                        row.ok_or_else(|| RecordError::damaged(Log::Access, "the newest batch is missing"))?;
                    Ok::<_, RecordError>(row.get(0)?)
                })
            })
            .await?;
        let path = folder.join(HEADS_FILE);
        append(path.clone(), format!("{HEADS_FORMAT} {epoch}\n"), true).await?;
        let (mut after, mut count): (Hash, u64) = ([0; 32], 0);
        loop {
            let page = self.heads_page(epoch, after).await?;
            let mut text = String::new();
            for (person, seq, head) in &page.lines {
                count += 1;
                text.push_str(&format!("{} {seq} {}\n", hex::encode(person), hex::encode(head)));
            }
            append(path.clone(), text, false).await?;
            match page.next {
                Some(next) => after = next,
                None => return Ok(Some(count)),
            }
        }
    }

    async fn heads_page(&self, epoch: i64, after: Hash) -> Result<HeadsPage, RecordError> {
        self.store()
            .read(move |tx| {
                Box::pin(async move {
                    let persons = tx
                        .query(
                            sql!(
                                "select person, subject from record_head where person > $1 order by person \
                                 limit $2"
                            ),
                            &params![after, PERSONS_AT_ONCE],
                        )
                        .await?;
                    let mut page = HeadsPage { lines: Vec::new(), next: None };
                    for row in &persons {
                        let person: Hash = row.get(0)?;
                        if column(persons.len() as u64) == PERSONS_AT_ONCE {
                            page.next = Some(person);
                        }
                        let newest = tx
                            .query_opt(
                                sql!(
                                    "select seq, head from record_look where subject = $1 and batch <= $2 \
                                     order by seq desc limit 1"
                                ),
                                &params![row.get::<&[u8]>(1)?, epoch],
                            )
                            .await?;
                        if let Some(newest) = newest {
                            page.lines.push((person, newest.get(0)?, newest.get(1)?));
                        }
                    }
                    Ok::<_, RecordError>(page)
                })
            })
            .await
    }
}

struct HeadsPage {
    lines: Vec<(Hash, i64, Hash)>,
    next: Option<Hash>,
}

/// A file of a published log (C2SP tlog-tiles).
#[derive(Clone, Copy)]
enum Piece {
    Tile(Tile),
    Bundle(Bundle),
}

impl Piece {
    /// Its path in the log's folder, and its bytes when the log has them whole.
    async fn read(self, tx: &mut Tx, volume: Volume) -> Result<(String, Option<Vec<u8>>), RecordError> {
        Ok(match self {
            Self::Tile(tile) => (tile.path(), tree::tile_bytes(tx, volume, tile).await?),
            Self::Bundle(bundle) => (bundle.path(), tree::bundle_bytes(tx, volume, bundle).await?),
        })
    }
}

fn there(log: Log, bytes: Option<Vec<u8>>, path: &str) -> Result<Vec<u8>, RecordError> {
    bytes.ok_or_else(|| RecordError::damaged(log, format!("{path} is missing or incomplete")))
}

/// Writes files, making the folders they lie in. The last one of an export, the checkpoint, is written by
/// [`publish`]; until then nobody relies on the others.
async fn write(files: Vec<(PathBuf, Vec<u8>)>) -> Result<(), RecordError> {
    blocking(move || {
        for (path, bytes) in files {
            make_parent(&path)?;
            std::fs::write(&path, bytes)
                .map_err(|error| RecordError::io(format!("writing {}", path.display()), &error))?;
        }
        Ok(())
    })
    .await
}

/// Adds lines to a file, or begins it anew.
async fn append(path: PathBuf, text: String, anew: bool) -> Result<(), RecordError> {
    blocking(move || {
        make_parent(&path)?;
        let mut options = std::fs::OpenOptions::new();
        let options =
            if anew { options.create(true).write(true).truncate(true) } else { options.append(true) };
        options
            .open(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| RecordError::io(format!("writing {}", path.display()), &error))
    })
    .await
}

/// Replaces a small file at once, whole and durable.
async fn publish(path: PathBuf, text: String) -> Result<(), RecordError> {
    blocking(move || {
        make_parent(&path)?;
        replace(&path, text.as_bytes())
    })
    .await
}

fn make_parent(path: &Path) -> Result<(), RecordError> {
    let Some(parent) = path.parent() else { return Ok(()) };
    std::fs::create_dir_all(parent)
        .map_err(|error| RecordError::io(format!("making {}", parent.display()), &error))
}

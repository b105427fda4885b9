//! The archive: a folder or an S3 bucket that holds everything needed to make the database of any past second again, sealed
//! before it leaves. Epoch keys are never in it, so what was erased stays erased once its epoch key is destroyed.
//!
//! ```text
//! <generation>/snapshot/<moment>/<part>     pieces of the database file, deflated
//! <generation>/snapshot/<moment>/whole      what the pieces are; written last
//! <generation>/log/<number>-<moment>        frames of the write-ahead log up to a commit of that moment, deflated
//! blobs/ab/cd/<address>                     as they are stored
//! ```
//!
//! A *generation* is a time without a gap: it begins with a snapshot, and each log piece follows on the one before. Moments
//! are microseconds since 1970 in 20 digits, so that names sort. Every object is sealed (AES-256-GCM) under the key `archive`
//! of the keys folder, bound to its own name.

use crate::blobs::{BlobId, fail, place};
use crate::vault::Vault;
use crate::vault::sealed;
use crate::{StoreConfig, StoreError};
use aws_lc_rs::digest::{SHA256, digest};
use daftar_kernel::{Timestamp, World, hex};
use futures_util::TryStreamExt;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The name of the key that seals the archive.
pub(super) const KEY: &str = "archive";
/// How long a piece of a snapshot is, in bytes of the database file.
pub(crate) const PART_BYTES: usize = 8 * 1024 * 1024;

/// Where an era of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) salts: (u32, u32),
    /// Frames of this era up to here.
    pub(crate) frames: u32,
    /// The checksum of the last of them (of the header, when there is none).
    pub(crate) checksum: (u32, u32),
}

/// What a log piece holds besides its frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Piece {
    pub(crate) page_bytes: u32,
    /// How many frames of the era came before it.
    pub(crate) from: u32,
    /// Where the log stands at its end.
    pub(crate) end: Place,
    /// Each commit: frames of the era up to its end, and when it was made.
    pub(crate) commits: Vec<(u32, Timestamp)>,
    /// The piece that its era begins with.
    pub(crate) era_first: u64,
}

/// What a snapshot is: a copy of the database file while nothing was moved into it from the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    /// When the copy was whole: together with the log up to then it is the database of that moment.
    pub(crate) at: Timestamp,
    pub(crate) bytes: u64,
    pub(crate) parts: u32,
    /// The SHA-256 of the copied file, in hexadecimal.
    pub(crate) sha256: String,
    /// The log piece that the era of that moment begins with.
    pub(crate) first_piece: u64,
}

/// A log piece by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PieceName {
    pub(crate) number: u64,
    pub(crate) last: Timestamp,
}

/// An open archive. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Archive {
    objects: Arc<dyn ObjectStore>,
    vault: Vault,
    world: World,
}

fn moment(at: Timestamp) -> String {
    format!("{:020}", at.0.max(0))
}

impl Archive {
    /// Opens the archive at a folder or `s3://bucket/prefix`.
    pub(crate) fn open(
        at: &str,
        config: &StoreConfig,
        vault: Vault,
        world: World,
    ) -> Result<Self, StoreError> {
        Ok(Self { objects: place(at, &config.data_dir)?, vault, world })
    }

    async fn put(&self, name: &str, plain: &[u8]) -> Result<(), StoreError> {
        let key = self.vault.keyring().find_or_create(KEY)?;
        let sealed = sealed::seal(&key, self.world.bytes(), name.as_bytes(), plain)?;
        let place = Key::from(name);
        self.objects
            .put(&place, sealed.into())
            .await
            .map(|_| ())
            .map_err(|e| fail("writing to the archive", e))
    }

    async fn get(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let found =
            self.objects.get(&Key::from(name)).await.map_err(|e| fail("reading from the archive", e))?;
        let bytes = found.bytes().await.map_err(|e| fail("reading from the archive", e))?;
        let key = self.vault.keyring().find(KEY)?.ok_or_else(|| StoreError::Open {
            reason: "the key of the archive is missing".into(),
            next: "use the key export of the country that wrote it".into(),
        })?;
        sealed::open(&key, name.as_bytes(), &bytes)
    }

    async fn names(&self, below: &str) -> Result<Vec<String>, StoreError> {
        let prefix = Key::from(below);
        let list = self.objects.list(Some(&prefix)).map_ok(|meta| meta.location.to_string());
        let mut names: Vec<String> = list.try_collect().await.map_err(|e| fail("listing the archive", e))?;
        names.sort();
        Ok(names)
    }

    /// The generations, oldest first.
    pub(crate) async fn generations(&self) -> Result<Vec<String>, StoreError> {
        let list =
            self.objects.list_with_delimiter(None).await.map_err(|e| fail("listing the archive", e))?;
        let names = list.common_prefixes.iter().map(ToString::to_string);
        let mut found: Vec<String> =
            names.filter(|name| name.len() == 20 && name.bytes().all(|b| b.is_ascii_digit())).collect();
        found.sort();
        Ok(found)
    }

    /// The name of a generation that begins now.
    pub(crate) fn new_generation(&self) -> String {
        moment(self.world.now())
    }

    /// The log pieces of a generation, in order.
    pub(crate) async fn pieces(&self, generation: &str) -> Result<Vec<PieceName>, StoreError> {
        let parse = |name: &String| {
            let (number, last) = name.rsplit('/').next()?.split_once('-')?;
            Some(PieceName { number: number.parse().ok()?, last: Timestamp(last.parse().ok()?) })
        };
        let mut pieces: Vec<_> =
            self.names(&format!("{generation}/log")).await?.iter().filter_map(parse).collect();
        pieces.sort();
        Ok(pieces)
    }

    fn piece_name(generation: &str, name: &PieceName) -> String {
        format!("{generation}/log/{:012}-{}", name.number, moment(name.last))
    }

    /// Writes a log piece.
    pub(crate) async fn put_piece(
        &self,
        generation: &str,
        name: &PieceName,
        piece: &Piece,
        frames: &[u8],
    ) -> Result<(), StoreError> {
        let about = serde_json::to_vec(piece).map_err(|e| StoreError::malformed("a piece of the log", e))?;
        let length = u32::try_from(about.len()).unwrap_or(u32::MAX);
        let mut plain = length.to_be_bytes().to_vec();
        plain.extend_from_slice(&about);
        deflate(&mut plain, frames)?;
        self.put(&Self::piece_name(generation, name), &plain).await
    }

    /// Reads a log piece: what it is, and its frames.
    pub(crate) async fn piece(
        &self,
        generation: &str,
        name: &PieceName,
    ) -> Result<(Piece, Vec<u8>), StoreError> {
        let name = Self::piece_name(generation, name);
        let plain = self.get(&name).await?;
        let cut = || StoreError::malformed(name.clone(), "it is cut off");
        let (length, rest) = plain.split_first_chunk::<4>().ok_or_else(cut)?;
        let (about, deflated) =
            rest.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or_else(cut)?;
        let about: Piece =
            serde_json::from_slice(about).map_err(|e| StoreError::malformed(name.clone(), e))?;
        Ok((about, inflate(deflated, &name)?))
    }

    fn snapshot_folder(generation: &str, at: Timestamp) -> String {
        format!("{generation}/snapshot/{}", moment(at))
    }

    /// Writes one piece of a snapshot that was begun at this moment.
    pub(crate) async fn put_part(
        &self,
        generation: &str,
        begun: Timestamp,
        number: u32,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let mut plain = Vec::new();
        deflate(&mut plain, bytes)?;
        self.put(&format!("{}/{number:06}", Self::snapshot_folder(generation, begun)), &plain).await
    }

    /// Reads one piece of a snapshot.
    pub(crate) async fn part(
        &self,
        generation: &str,
        begun: Timestamp,
        number: u32,
    ) -> Result<Vec<u8>, StoreError> {
        let name = format!("{}/{number:06}", Self::snapshot_folder(generation, begun));
        inflate(&self.get(&name).await?, &name)
    }

    /// Says that a snapshot is whole.
    pub(crate) async fn put_snapshot(
        &self,
        generation: &str,
        begun: Timestamp,
        snapshot: &Snapshot,
    ) -> Result<(), StoreError> {
        let plain = serde_json::to_vec(snapshot).map_err(|e| StoreError::malformed("a snapshot", e))?;
        self.put(&format!("{}/whole", Self::snapshot_folder(generation, begun)), &plain).await
    }

    /// The whole snapshots of a generation, oldest first, each with the moment it was begun.
    pub(crate) async fn snapshots(&self, generation: &str) -> Result<Vec<(Timestamp, Snapshot)>, StoreError> {
        let mut found = Vec::new();
        for name in self.names(&format!("{generation}/snapshot")).await? {
            let Some(folder) = name.strip_suffix("/whole") else { continue };
            let begun = folder.rsplit('/').next().and_then(|digits| digits.parse().ok()).map(Timestamp);
            let begun =
                begun.ok_or_else(|| StoreError::malformed(name.clone(), "its name holds no moment"))?;
            let plain = self.get(&name).await?;
            found.push((begun, serde_json::from_slice(&plain).map_err(|e| StoreError::malformed(name, e))?));
        }
        Ok(found)
    }

    /// Addresses of the blobs it holds.
    pub(crate) async fn blobs(&self) -> Result<Vec<BlobId>, StoreError> {
        let names = self.names("blobs").await?;
        Ok(names.iter().filter_map(|name| name.rsplit('/').next()?.parse().ok()).collect())
    }

    fn blob_name(id: BlobId) -> String {
        format!("blobs/{}", id.path())
    }

    /// Writes a blob.
    pub(crate) async fn put_blob(&self, id: BlobId, bytes: &[u8]) -> Result<(), StoreError> {
        self.put(&Self::blob_name(id), bytes).await
    }

    /// Reads a blob.
    pub(crate) async fn blob(&self, id: BlobId) -> Result<Vec<u8>, StoreError> {
        self.get(&Self::blob_name(id)).await
    }

    /// Removes what no moment since `before` needs: older generations, and within one what came before the newest snapshot
    /// that is older than that.
    pub(crate) async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let (generations, mut removed) = (self.generations().await?, 0);
        for (index, generation) in generations.iter().enumerate() {
            let last = index + 1 == generations.len();
            let pieces = self.pieces(generation).await?;
            let ended = pieces.last().is_none_or(|piece| piece.last < before);
            let snapshots = self.snapshots(generation).await?;
            let kept = snapshots.iter().rfind(|(_, snapshot)| snapshot.at <= before).cloned();
            for name in self.names(generation).await? {
                let number = name.rsplit('/').next().and_then(|n| n.split_once('-')?.0.parse::<u64>().ok());
                let old = match (&kept, name.contains("/log/")) {
                    _ if ended && !last => true,
                    (Some((_, kept)), true) => number.is_some_and(|number| number < kept.first_piece),
                    (Some((begun, _)), false) => name < Self::snapshot_folder(generation, *begun),
                    (None, _) => false,
                };
                if old {
                    self.objects
                        .delete(&Key::from(name.as_str()))
                        .await
                        .map_err(|e| fail("pruning the archive", e))?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

/// The SHA-256 of bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes).as_ref())
}

fn deflate(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), StoreError> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(out, flate2::Compression::fast());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish().map(|_| ()));
    written.map_err(|e| StoreError::io("deflating for the archive", &e))
}

fn inflate(bytes: &[u8], name: &str) -> Result<Vec<u8>, StoreError> {
    use std::io::Read;
    let mut out = Vec::new();
    let read = flate2::read::ZlibDecoder::new(bytes).read_to_end(&mut out);
    read.map_err(|e| StoreError::malformed(name, e))?;
    Ok(out)
}

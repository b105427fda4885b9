//! Blobs: bytes too large for a row, addressed by the SHA-256 of what is stored.
//!
//! Those about a person are sealed first, so that the address says nothing about the content and erasing the person
//! makes every copy unreadable. A blob is durable before its address is given out: put it first, then write the row
//! that names it.

#[cfg(feature = "s3")]
mod s3;

use crate::database::Database;
use crate::vault::Vault;
use crate::{StoreConfig, StoreError, Value, files};
use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use daftar_kernel::{Id, hex};
use futures_util::TryStreamExt;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

/// The largest blob, in bytes.
pub const BLOB_LIMIT: usize = 32 * 1024 * 1024;
/// How many blobs may wait for the shipper.
const NEWS_LIMIT: usize = 1_000_000;

/// A blob's address: the SHA-256 of the stored bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId([u8; 32]);

impl BlobId {
    fn of(bytes: &[u8]) -> Self {
        let mut id = [0; 32];
        id.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self(id)
    }
    /// The address in a database column.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
    /// Where it lies: two levels of folders, so that none grows too long.
    pub(crate) fn path(&self) -> String {
        let name = self.to_string();
        format!("{}/{}/{name}", &name[..2], &name[2..4])
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}
impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
impl FromStr for BlobId {
    type Err = StoreError;
    fn from_str(text: &str) -> Result<Self, StoreError> {
        let id = hex::decode(text).and_then(|bytes| bytes.try_into().ok()).map(Self);
        id.filter(|id| id.to_string() == text)
            .ok_or_else(|| StoreError::malformed("a blob's address", "expected 64 hex digits in lower case"))
    }
}
impl From<BlobId> for Value {
    fn from(id: BlobId) -> Self {
        Self::from(id.0)
    }
}

/// Where blobs are kept. Cheap to clone. Never call it inside a write closure: it waits for a disk or a network.
#[derive(Clone)]
pub struct Blobs {
    objects: Arc<dyn ObjectStore>,
    database: Database,
    vault: Vault,
    /// Blobs put since the shipper last asked; none without an archive.
    news: Option<Arc<Mutex<Vec<BlobId>>>>,
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blobs")
    }
}

impl Blobs {
    pub(crate) fn open(config: &StoreConfig, database: Database, vault: Vault) -> Result<Self, StoreError> {
        let news = config.archive.as_ref().map(|_| Arc::default());
        Ok(Self { objects: objects(config)?, database, vault, news })
    }

    /// Keeps bytes that are not about a person.
    ///
    /// # Errors
    /// When they are too large or cannot be stored.
    pub async fn put(&self, bytes: impl Into<Bytes>) -> Result<BlobId, StoreError> {
        let bytes: Bytes = bytes.into();
        if bytes.len() > BLOB_LIMIT + crate::vault::sealed::OVERHEAD {
            return Err(StoreError::TooLarge { what: "a blob", limit: BLOB_LIMIT });
        }
        let id = BlobId::of(&bytes);
        let key = Key::from(id.path());
        match self.objects.head(&key).await {
            Ok(_) => return Ok(id),
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(fail("looking for a blob", error)),
        }
        self.objects.put(&key, bytes.into()).await.map_err(|e| fail("storing a blob", e))?;
        self.remember(id);
        Ok(id)
    }

    /// The shipper is to look at this blob.
    pub(crate) fn remember(&self, id: BlobId) {
        if let Some(news) = &self.news {
            let mut news = news.lock().unwrap_or_else(PoisonError::into_inner);
            // Past the limit the shipper finds them when it next compares all.
            if news.len() < NEWS_LIMIT {
                news.push(id);
            }
        }
    }

    /// Blobs put since this was last asked.
    pub(crate) fn take_news(&self) -> Vec<BlobId> {
        self.news.as_ref().map_or_else(Vec::new, |news| {
            std::mem::take(&mut *news.lock().unwrap_or_else(PoisonError::into_inner))
        })
    }

    /// The addresses of all blobs.
    pub(crate) async fn all(&self) -> Result<Vec<BlobId>, StoreError> {
        let (mut list, mut found) = (self.objects.list(None), Vec::new());
        while let Some(meta) = list.try_next().await.map_err(|e| fail("listing blobs", e))? {
            found.extend(meta.location.filename().and_then(|name| name.parse::<BlobId>().ok()));
        }
        Ok(found)
    }

    /// The bytes of an address; checked against it.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or [`StoreError::Malformed`] when the stored bytes were changed.
    pub async fn get(&self, id: BlobId) -> Result<Bytes, StoreError> {
        let found = match self.objects.get(&Key::from(id.path())).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => {
                return Err(StoreError::Missing(format!("blob {id}")));
            }
            Err(error) => return Err(fail("reading a blob", error)),
        };
        if found.meta.size > (BLOB_LIMIT + crate::vault::sealed::OVERHEAD) as u64 {
            return Err(StoreError::TooLarge { what: "a stored blob", limit: BLOB_LIMIT });
        }
        let bytes = found.bytes().await.map_err(|e| fail("reading a blob", e))?;
        if BlobId::of(&bytes) == id {
            Ok(bytes)
        } else {
            Err(StoreError::malformed(
                format!("blob {id}"),
                "its bytes were changed; restore it from a backup",
            ))
        }
    }

    /// Seals bytes about a person and keeps them. Sealing the same bytes twice gives two addresses.
    ///
    /// # Errors
    /// [`StoreError::Erased`] for an erased person; as [`Blobs::put`].
    pub async fn put_sealed(&self, subject: Id, class: &str, bytes: &[u8]) -> Result<BlobId, StoreError> {
        if bytes.len() > BLOB_LIMIT {
            return Err(StoreError::TooLarge { what: "a blob", limit: BLOB_LIMIT });
        }
        let (vault, class, plain) = (self.vault.clone(), class.to_string(), Arc::new(bytes.to_vec()));
        let sealed = self
            .database
            .write(move |tx| {
                let (vault, class, plain) = (vault.clone(), class.clone(), Arc::clone(&plain));
                Box::pin(async move { vault.seal(tx, subject, &class, CONTEXT, &plain).await })
            })
            .await?;
        self.put(sealed).await
    }

    /// Opens what [`Blobs::put_sealed`] kept for the same person and class.
    ///
    /// # Errors
    /// [`StoreError::Erased`] when the person's key was destroyed; as [`Blobs::get`].
    pub async fn get_sealed(&self, subject: Id, class: &str, id: BlobId) -> Result<Vec<u8>, StoreError> {
        let (vault, class, sealed) = (self.vault.clone(), class.to_string(), self.get(id).await?);
        self.database
            .read(move |tx| {
                let (vault, class, sealed) = (vault.clone(), class.clone(), sealed.clone());
                Box::pin(async move { vault.open(tx, subject, &class, CONTEXT, &sealed).await })
            })
            .await
    }

    /// Removes a blob; one that is gone already is fine.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub async fn delete(&self, id: BlobId) -> Result<(), StoreError> {
        match self.objects.delete(&Key::from(id.path())).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(fail("removing a blob", error)),
        }
    }

    /// Copies the blobs that lie at one place and not yet at another; gives how many. It opens nothing, and needs no
    /// database.
    ///
    /// # Errors
    /// When a place cannot be reached, or a blob was changed.
    pub async fn carry(from: &StoreConfig, to: &StoreConfig) -> Result<u64, StoreError> {
        let (from, to) = (objects(from)?, objects(to)?);
        let mut there = std::collections::BTreeSet::new();
        let mut list = to.list(None);
        while let Some(meta) = list.try_next().await.map_err(|e| fail("listing blobs", e))? {
            there.insert(meta.location);
        }
        drop(list);
        let mut count = 0;
        let mut list = from.list(None);
        while let Some(meta) = list.try_next().await.map_err(|e| fail("listing blobs", e))? {
            let id = meta.location.filename().and_then(|name| name.parse::<BlobId>().ok());
            let Some(id) = id.filter(|_| !there.contains(&meta.location)) else { continue };
            let bytes = match from.get(&meta.location).await {
                Ok(found) => found.bytes().await.map_err(|e| fail("reading a blob", e))?,
                // Removed since the list was made.
                Err(object_store::Error::NotFound { .. }) => continue,
                Err(error) => return Err(fail("reading a blob", error)),
            };
            if BlobId::of(&bytes) != id {
                return Err(StoreError::malformed(format!("blob {id}"), "its bytes were changed"));
            }
            to.put(&meta.location, bytes.into()).await.map_err(|e| fail("storing a blob", e))?;
            count += 1;
        }
        Ok(count)
    }

    /// Copies every blob, as it is stored, to a folder (`ab/cd/<address>`), calling `copied` with each address and
    /// length in bytes.
    ///
    /// # Errors
    /// When a blob was changed, cannot be read or cannot be written.
    pub async fn copy_to(&self, dir: &Path, mut copied: impl FnMut(BlobId, u64)) -> Result<(), StoreError> {
        let mut list = self.objects.list(None);
        while let Some(meta) = list.try_next().await.map_err(|e| fail("listing blobs", e))? {
            // Others' files in the same place are not ours to copy.
            let Some(id) = meta.location.filename().and_then(|name| name.parse::<BlobId>().ok()) else {
                continue;
            };
            let bytes = match self.get(id).await {
                Err(StoreError::Missing(_)) => continue,
                found => found?,
            };
            let target = dir.join(id.path());
            let length = bytes.len() as u64;
            files::blocking(move || {
                files::make_private_dir(target.parent().unwrap_or_else(|| Path::new(".")))?;
                files::write_private(&target, &bytes)
            })
            .await?;
            copied(id, length);
        }
        Ok(())
    }
}

/// Whether the configured place holds no blob.
pub(crate) async fn place_is_empty(config: &StoreConfig) -> Result<bool, StoreError> {
    let first = objects(config)?.list(None).try_next().await.map_err(|e| fail("listing blobs", e))?;
    Ok(first.is_none())
}

/// A sealed blob's place is its address, which is only known afterwards; the person and class are bound to it.
const CONTEXT: &[u8] = b"blob";

pub(crate) fn fail(what: &str, error: object_store::Error) -> StoreError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(at) = cause {
        if let Some(io) = at.downcast_ref::<std::io::Error>() {
            return StoreError::io(what, io);
        }
        cause = at.source();
    }
    StoreError::Io { what: what.into(), reason: error.to_string() }
}

fn objects(config: &StoreConfig) -> Result<Arc<dyn ObjectStore>, StoreError> {
    match config.blobs.as_deref().unwrap_or_default() {
        "" => folder(&config.data_dir.join("blobs")),
        given => place(given, &config.data_dir),
    }
}

/// What lies at a folder or `s3://bucket/prefix`; the folder is made when it is missing.
pub(crate) fn place(place: &str, data_dir: &Path) -> Result<Arc<dyn ObjectStore>, StoreError> {
    if place.contains("://") { remote(data_dir, place) } else { folder(Path::new(place)) }
}

fn folder(folder: &Path) -> Result<Arc<dyn ObjectStore>, StoreError> {
    files::make_private_dir(folder)?;
    // Also the names of the first level must be on the disk before a blob counts as kept.
    files::sync_dir(folder.parent().unwrap_or_else(|| Path::new(".")))?;
    let local = object_store::local::LocalFileSystem::new_with_prefix(folder)
        .map_err(|e| fail("opening the folder of blobs", e))?
        .with_fsync(true);
    Ok(Arc::new(local))
}

#[cfg(feature = "s3")]
fn remote(data_dir: &Path, place: &str) -> Result<Arc<dyn ObjectStore>, StoreError> {
    s3::open(place, data_dir)
}

#[cfg(not(feature = "s3"))]
fn remote(_data_dir: &Path, _place: &str) -> Result<Arc<dyn ObjectStore>, StoreError> {
    Err(StoreError::Open {
        reason: "store.blobs or backup.archive names a remote place, which this build cannot reach".into(),
        next: "use a folder, or build with --features daftar-store/s3".into(),
    })
}

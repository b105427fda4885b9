//! The archive of a SQLite store: every commit is in it within about a second, sealed, and the database of any second of the
//! kept days can be made from it again. PostgreSQL has archives of its own.

pub(crate) mod archive;
mod drill;
pub(crate) mod gap;
mod moments;
mod rewind;
mod ship;
pub(crate) mod tide;
mod wal;

pub use drill::Drill;
pub use rewind::{Rewound, restore_at};

use crate::{Store, StoreError};
use archive::{Archive, Place};
use daftar_kernel::Timestamp;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

/// How the archive is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shipping {
    /// After how many hours another snapshot is made; restoring replays at most that much.
    pub snapshot_hours: NonZeroU32,
    /// How many days back any second can be restored.
    pub keep_days: NonZeroU32,
}

/// How far the archive has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shipped {
    /// Everything committed before this moment is in the archive.
    pub until: Option<Timestamp>,
    /// The generation that is written.
    pub generation: Option<String>,
    /// When the newest snapshot was whole.
    pub snapshot: Option<Timestamp>,
    /// Why the last look failed, when it did.
    pub failure: Option<String>,
    pub(crate) place: Option<Place>,
}

/// How far the archive has come, to look at from elsewhere. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Gauge(Arc<Mutex<Shipped>>);

impl Gauge {
    /// As it is now.
    #[must_use]
    pub fn read(&self) -> Shipped {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Store {
    /// Ships what is committed to the archive that the store was opened with, until `shutdown` ends. Waits while another
    /// program ships the same database.
    ///
    /// # Errors
    /// [`StoreError::Open`] when the store was opened without an archive or is no SQLite store; when the archive cannot be
    /// opened or read at the beginning. What fails later is tried again and stands in the gauge.
    pub async fn ship(
        &self,
        rhythm: Shipping,
        gauge: Gauge,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), StoreError> {
        let archive = self.archive()?;
        let (Some(path), Some(tide)) = (self.database().sqlite_file(), self.database().tide()) else {
            return Err(unarchived());
        };
        let (blobs, world) = (self.blobs().clone(), self.world().clone());
        let begin = ship::Shipper::begin(path, archive, blobs, tide, world, rhythm, gauge.0);
        let mut shutdown = std::pin::pin!(shutdown);
        let shipper = tokio::select! {
            shipper = begin => shipper?,
            () = &mut shutdown => return Ok(()),
        };
        shipper.run(shutdown).await;
        Ok(())
    }

    pub(crate) fn archive(&self) -> Result<Archive, StoreError> {
        let place = self.config().archive.as_deref().ok_or_else(unarchived)?;
        Archive::open(place, self.config(), self.vault().clone(), self.world().clone())
    }
}

/// Makes the key of the archive, when there is none yet.
pub(crate) fn make_key(vault: &crate::vault::Vault) -> Result<(), StoreError> {
    vault.keyring().find_or_create(archive::KEY).map(|_| ())
}

fn unarchived() -> StoreError {
    StoreError::Open {
        reason: "this store has no archive".into(),
        next: "set backup.archive; a PostgreSQL store keeps archives of its own (archive_command)".into(),
    }
}

//! A restore drill: the database is made from the archive again, in a scratch folder, and compared table by table with the one
//! that is served, both as of the same commit.

use super::rewind::{Until, make};
use super::ship::last_commit;
use super::{Gauge, unarchived};
use crate::shipping::archive::Place;
use crate::sqlite::{self, SqliteSession, TableDigest};
use crate::{Store, StoreError, files};
use daftar_kernel::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the drill waits for the archive to come as far as the commit that is compared.
const ARCHIVE_PATIENCE: Duration = Duration::from_secs(120);
const STEP: Duration = Duration::from_millis(100);

/// What a drill found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drill {
    /// The moment whose state was compared.
    pub at: Timestamp,
    /// How many tables were compared.
    pub tables: u64,
    /// How many rows they hold.
    pub rows: u64,
    /// Tables that differ. None means that the archive is as good as the database.
    pub differing: Vec<String>,
    /// One digest over the digests of all restored tables, in hexadecimal.
    pub root: String,
}

impl Store {
    /// Restores from the archive into `scratch`, which is made and removed again, and compares.
    ///
    /// # Errors
    /// When there is no archive, it does not come up with the database in time, or it cannot be read; then it could not be
    /// restored from now.
    pub async fn drill(&self, gauge: &Gauge, scratch: &Path) -> Result<Drill, StoreError> {
        let archive = self.archive()?;
        let path = self.database().sqlite_file().ok_or_else(unarchived)?.to_path_buf();
        let at = self.world().now();
        let (place, served) = self.pin_last_commit(&path).await?;
        // The pinned state is read while the archive catches up.
        let served = tokio::task::spawn_blocking(move || sqlite::table_digests(&served));
        wait_for(gauge, place).await?;
        files::make_private_dir(scratch)?;
        let file = scratch.join("drill.db");
        let _removed = Removed(scratch.to_path_buf());
        make(&archive, &file, Until::Place(place)).await?;
        let restored = files::blocking(move || {
            sqlite::check_integrity(&file)?;
            sqlite::digests_of(&file)
        })
        .await?;
        let served = served.await.unwrap_or(Err(StoreError::Panicked))?;
        Ok(compare(at, &served, &restored))
    }

    /// A reader on the state of this moment, and the commit it ends with.
    async fn pin_last_commit(&self, path: &Path) -> Result<(Place, SqliteSession), StoreError> {
        let path = path.to_path_buf();
        // Inside a write nobody else commits: reader and place are of one commit.
        self.write(move |_| {
            let path = path.clone();
            Box::pin(async move {
                let place = last_commit(&path)?
                    .ok_or(StoreError::Busy("nothing was committed since the log was emptied"))?;
                Ok((place, sqlite::pin(&path)?))
            })
        })
        .await
    }
}

async fn wait_for(gauge: &Gauge, place: Place) -> Result<(), StoreError> {
    let there = async {
        loop {
            let shipped = gauge.read().place;
            if shipped.is_some_and(|at| at.salts != place.salts || at.frames >= place.frames) {
                return;
            }
            tokio::time::sleep(STEP).await;
        }
    };
    let waited = tokio::time::timeout(ARCHIVE_PATIENCE, there).await;
    waited.map_err(|_| StoreError::Busy("the archive does not come up with the database"))
}

fn compare(
    at: Timestamp,
    served: &BTreeMap<String, TableDigest>,
    restored: &BTreeMap<String, TableDigest>,
) -> Drill {
    let names: std::collections::BTreeSet<&String> = served.keys().chain(restored.keys()).collect();
    let differing: Vec<String> = names
        .iter()
        .filter(|name| served.get(**name) != restored.get(**name))
        .map(ToString::to_string)
        .collect();
    let list: String = restored.iter().map(|(name, table)| format!("{}  {name}\n", table.sha256)).collect();
    Drill {
        at,
        tables: names.len() as u64,
        rows: restored.values().map(|table| table.rows).sum(),
        differing,
        root: super::archive::sha256(list.as_bytes()),
    }
}

struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "the drill's folder stays behind");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: u64, sha256: &str) -> TableDigest {
        TableDigest { rows, sha256: sha256.into() }
    }

    #[test]
    fn tables_that_differ_or_are_missing_are_named() {
        let map = |list: &[(&str, TableDigest)]| {
            list.iter().map(|(name, table)| ((*name).to_string(), table.clone())).collect::<BTreeMap<_, _>>()
        };
        let served = map(&[("a", table(1, "x")), ("b", table(2, "y")), ("c", table(0, ""))]);
        let now = Timestamp::from_seconds(1);
        assert!(compare(now, &served, &served).differing.is_empty());
        let restored = map(&[("a", table(1, "x")), ("b", table(2, "z"))]);
        let drill = compare(now, &served, &restored);
        assert_eq!(drill.differing, ["b", "c"]);
        assert_eq!((drill.tables, drill.rows), (3, 3));
    }
}

//! The archive of a served country: everything committed is shipped there within about a second, the key export is kept fresh
//! beside it, and restoring is tried out at fixed times.

use crate::installation::Installation;
use crate::serving::Serving;
use anyhow::{Context, Result};
use daftar_kernel::Timestamp;
use daftar_kernel::settings::Settings;
use daftar_store::{Drill, Gauge, KeyExport, Shipped, Shipping, Store};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How often it is looked whether a drill or a key export is due.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// How old the key export may grow while no new epoch begins, in seconds.
const EXPORT_SECONDS: i64 = 86_400;
/// After a drill that could not be held, how long until the next try, in seconds.
const AGAIN_SECONDS: i64 = 600;

/// What the last drill came to. Kept in a file, since a restart must not make it look as if none had been.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drilled {
    /// When it was held.
    pub at: Timestamp,
    /// Whether every table came back equal.
    pub good: bool,
    /// How many rows were compared.
    pub rows: u64,
    /// One digest over all restored tables, or what went wrong.
    pub note: String,
}

/// The archive as others may look at it. Cheap to clone.
#[derive(Clone)]
pub struct Archive {
    gauge: Gauge,
    drilled: Arc<RwLock<Option<Drilled>>>,
    rhythm: Rhythm,
}

#[derive(Clone)]
struct Rhythm {
    shipping: Shipping,
    drill_hours: NonZeroU32,
    /// Where the key export goes.
    keys: Option<PathBuf>,
    /// Where the last drill is remembered, and the next one restores to.
    note: PathBuf,
    scratch: PathBuf,
}

impl Archive {
    /// As the settings say; none when nothing is shipped.
    ///
    /// # Errors
    /// When the settings do not read.
    pub fn of(data: &Path, settings: &Settings) -> Result<Option<Self>> {
        if settings.get("backup.archive").is_empty() {
            return Ok(None);
        }
        if !settings.get("store.url").is_empty() && !settings.get("store.url").starts_with("sqlite:") {
            // A country that has moved to PostgreSQL goes on; that it has no archive here stands at /status.
            tracing::error!(
                "backup.archive is for the SQLite store: nothing is shipped. Next: let PostgreSQL keep its own archive, and unset it"
            );
            return Ok(None);
        }
        let hours = |key| settings.parse(key, "a whole number of hours from 1");
        let shipping = Shipping {
            snapshot_hours: hours("backup.snapshot-hours")?,
            keep_days: settings.parse("backup.keep-days", "a whole number of days from 1")?,
        };
        let keys = Some(settings.get("backup.keys")).filter(|path| !path.is_empty()).map(PathBuf::from);
        let note = data.join("drill.json");
        let drilled = std::fs::read(&note).ok().and_then(|text| serde_json::from_slice(&text).ok());
        let rhythm = Rhythm {
            shipping,
            drill_hours: hours("backup.drill-hours")?,
            keys,
            note,
            scratch: data.join("drill"),
        };
        Ok(Some(Self { gauge: Gauge::default(), drilled: Arc::new(RwLock::new(drilled)), rhythm }))
    }

    /// How far it has come.
    #[must_use]
    pub fn shipped(&self) -> Shipped {
        self.gauge.read()
    }

    /// What the last drill came to.
    #[must_use]
    pub fn drilled(&self) -> Option<Drilled> {
        self.drilled.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the last drill is so old that the next one was missed.
    #[must_use]
    pub fn drill_is_late(&self, now: Timestamp) -> bool {
        let every = i64::from(self.rhythm.drill_hours.get()) * 3600;
        self.drilled().is_none_or(|last| last.at.plus_seconds(2 * every) < now)
    }

    /// Ships, exports keys and holds drills beside what is served.
    pub fn keep(&self, installation: &Installation, serving: &mut Serving) {
        let (store, archive) = (installation.store.clone(), self.clone());
        serving.also(|stopped| async move {
            if let Err(error) = store.ship(archive.rhythm.shipping, archive.gauge.clone(), stopped).await {
                tracing::error!(%error, "nothing is shipped to the archive");
            }
        });
        let (store, archive) = (installation.store.clone(), self.clone());
        serving.also(|stopped| async move {
            let mut stopped = std::pin::pin!(stopped);
            let (mut tried, mut exported) = (None, false);
            loop {
                tokio::select! {
                    () = &mut stopped => return,
                    () = archive.look_after(&store, &mut tried, &mut exported) => {}
                }
                tokio::select! {
                    () = &mut stopped => return,
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
        });
    }

    async fn look_after(&self, store: &Store, tried: &mut Option<Timestamp>, exported: &mut bool) {
        match self.export_keys(store, *exported).await {
            Ok(()) => *exported = true,
            Err(error) => {
                tracing::warn!(error = %format!("{error:#}"), "the key export could not be written");
            }
        }
        let now = store.world().now();
        let every = i64::from(self.rhythm.drill_hours.get()) * 3600;
        let due = self.drilled().is_none_or(|last| last.at.plus_seconds(every) <= now || last.at > now);
        let waits =
            tried.is_some_and(|tried: Timestamp| tried.plus_seconds(AGAIN_SECONDS) > now && tried <= now);
        if due && !waits && self.shipped().snapshot.is_some() {
            *tried = Some(now);
            self.drill(store, now).await;
        }
    }

    async fn drill(&self, store: &Store, now: Timestamp) {
        let drilled = match store.drill(&self.gauge, &self.rhythm.scratch).await {
            Ok(Drill { at, rows, differing, root, .. }) if differing.is_empty() => {
                tracing::info!(rows, root, "restoring was tried out: every table came back equal");
                Drilled { at, good: true, rows, note: root }
            }
            Ok(Drill { at, rows, differing, .. }) => {
                tracing::error!(tables = ?differing, "restoring was tried out: tables came back different");
                Drilled { at, good: false, rows, note: differing.join(" ") }
            }
            Err(error) => {
                tracing::error!(%error, "restoring could not be tried out");
                Drilled { at: now, good: false, rows: 0, note: error.to_string() }
            }
        };
        let written = serde_json::to_vec(&drilled)
            .map_err(anyhow::Error::from)
            .and_then(|text| std::fs::write(&self.rhythm.note, text).context("remembering the drill"));
        if let Err(error) = written {
            tracing::warn!(error = %format!("{error:#}"), "what a drill came to is forgotten at the next restart");
        }
        *self.drilled.write().unwrap_or_else(PoisonError::into_inner) = Some(drilled);
    }

    /// Writes the key export when it is missing or old, an epoch began that it does not know, or this program has written
    /// none yet: the one that is there may be of before the archive had a key.
    async fn export_keys(&self, store: &Store, exported: bool) -> Result<()> {
        let Some(path) = self.rhythm.keys.clone() else { return Ok(()) };
        let checked = path.clone();
        let known = tokio::task::spawn_blocking(move || KeyExport::check(&checked)).await?.ok();
        let now = store.world().now();
        let epoch = store.vault().epoch_began(store).await?;
        let fresh = |at: Timestamp| at > epoch && at.plus_seconds(EXPORT_SECONDS) > now && at <= now;
        if !exported || !known.is_some_and(|known| fresh(known.at)) {
            if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                std::fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
            }
            store.export_keys(&path).await?;
            tracing::info!("the key export was written anew");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(lines: &[(&str, &str)]) -> Settings {
        let variables = lines.iter().map(|(key, value)| ((*key).to_string(), (*value).to_string()));
        Settings::read(crate::settings::KNOWN, None, variables).unwrap()
    }

    #[test]
    fn settings_say_whether_and_how_often() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Archive::of(dir.path(), &settings(&[])).unwrap().is_none());
        let archive = ("DAFTAR_BACKUP_ARCHIVE", "/archive");
        let kept = Archive::of(dir.path(), &settings(&[archive])).unwrap().unwrap();
        assert_eq!(kept.rhythm.shipping.snapshot_hours.get(), 24);
        assert!(kept.drilled().is_none() && kept.drill_is_late(Timestamp::from_seconds(1)));
        assert!(Archive::of(dir.path(), &settings(&[archive, ("DAFTAR_BACKUP_KEEP_DAYS", "0")])).is_err());
        let moved = settings(&[archive, ("DAFTAR_STORE_URL", "postgres://x@y/z")]);
        assert!(Archive::of(dir.path(), &moved).unwrap().is_none(), "a country that moved goes on");
    }

    #[test]
    fn what_a_drill_came_to_outlives_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let at = Timestamp::from_seconds(1_800_000_000);
        let drilled = Drilled { at, good: true, rows: 3, note: "ab".into() };
        std::fs::write(dir.path().join("drill.json"), serde_json::to_vec(&drilled).unwrap()).unwrap();
        let kept =
            Archive::of(dir.path(), &settings(&[("DAFTAR_BACKUP_ARCHIVE", "/archive")])).unwrap().unwrap();
        assert_eq!(kept.drilled(), Some(drilled));
        assert!(!kept.drill_is_late(at.plus_seconds(3600)));
        assert!(kept.drill_is_late(at.plus_seconds(49 * 3600)));
    }
}

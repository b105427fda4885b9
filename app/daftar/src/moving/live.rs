//! `daftar move`: the running country leaves its SQLite file for PostgreSQL, and its program follows by itself.
//!
//! What is known of a move under way lies in `moving.toml` beside the data; the moment that counts is the seal in the old
//! file (see `daftar_store::relocate`). Whoever finds the seal, the command or the program at its next start, finishes: the
//! new store is opened to use, and the settings name it, last of all.

use super::files;
use crate::cli::Place;
use crate::installation::{MIGRATIONS, Paths, store_config};
use crate::serving::{Serving, wait_for_signal};
use crate::{say, settings};
use anyhow::{Context, Result, bail, ensure};
use daftar_kernel::World;
use daftar_kernel::settings::Settings;
use daftar_store::relocate::{self, Relocated, Step};
use daftar_store::{Blobs, Store, StoreError};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a running program looks whether its store has moved away.
const LOOK_EVERY: Duration = Duration::from_millis(250);
const FILE: &str = "moving.toml";
const LOCK: &str = "moving.lock";

/// A move under way, or done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moving {
    /// The new store. It may hold a password: the file is the owner's alone.
    pub to: String,
    /// By which the seal in the old store and the new store are known to belong together.
    pub token: String,
    /// Where blobs lie afterwards; none when they stay where they are.
    pub blobs: Option<String>,
    /// Whether another installation goes on, and this one ends.
    pub leave: bool,
}

/// What became of a sealed store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// The settings name the new store.
    Follow,
    /// Another installation goes on.
    Left,
}

impl Moving {
    fn read(data: &Path) -> Result<Option<Self>> {
        let path = data.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => match toml::from_str(&text) {
                Ok(moving) => Ok(Some(moving)),
                // Without the parser's excerpt: it may be a password.
                Err(error) => bail!("{}: {}", path.display(), error.message()),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    fn write(&self, data: &Path) -> Result<()> {
        replace(&data.join(FILE), &toml::to_string(self)?)
    }
}

/// Writes a private file in place of another: whole or not at all.
fn replace(path: &Path, text: &str) -> Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let draft = PathBuf::from(draft);
    match std::fs::remove_file(&draft) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("removing {}", draft.display())),
    }
    files::write(&draft, text.as_bytes())?;
    std::fs::rename(&draft, path).with_context(|| format!("writing {}", path.display()))?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    std::fs::File::open(folder)
        .and_then(|dir| dir.sync_all())
        .with_context(|| format!("writing {}", folder.display()))
}

/// Moves the country while it is served; gives what was moved. Until this says so, or the seal is set, nothing has changed.
///
/// # Errors
/// When the installation is not on SQLite, the target is not empty, something differs, or another move is under way.
pub async fn relocate(
    paths: &Paths,
    settings: &Settings,
    mut moving: Moving,
    world: &World,
    watch: &mut (dyn FnMut(Step) + Send),
) -> Result<Relocated> {
    let config = store_config(paths, settings);
    ensure!(
        config.url.starts_with("sqlite:"),
        "this installation is not on SQLite. Next: move a PostgreSQL database with its own tools"
    );
    let lock = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(paths.data.join(LOCK))
        .with_context(|| format!("opening {LOCK} in {}", paths.data.display()))?;
    ensure!(lock.try_lock().is_ok(), "another `daftar move` is under way. Next: wait for it, or stop it");
    moving.token = daftar_kernel::hex::encode(&world.bytes::<16>());
    moving.write(&paths.data)?;
    let target = moving
        .blobs
        .as_ref()
        .map(|blobs| daftar_store::StoreConfig { blobs: Some(blobs.clone()), ..config.clone() });
    // Most of them now, the few that come meanwhile in the pause.
    if let Some(target) = &target {
        Blobs::carry(&config, target).await?;
    }
    let from = config.clone();
    let in_pause = move || -> daftar_store::BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async move {
            match target {
                Some(target) => Blobs::carry(&from, &target).await.map(|_| ()),
                None => Ok(()),
            }
        })
    };
    let done =
        relocate::relocate(&config.url, &moving.to, &moving.token, world, &MIGRATIONS, watch, in_pause).await;
    if done.is_err() && relocate::seal(&config.url, world).await?.is_none() {
        std::fs::remove_file(paths.data.join(FILE)).context("removing what was known of the move")?;
    }
    Ok(done?)
}

/// Finishes a move whose seal is set: opens the new store to use, then names it in the settings file. Doing it again does
/// no harm; none when nothing was moved.
///
/// # Errors
/// When the new store does not answer, or is not the one; the settings cannot be written.
pub async fn finish(
    paths: &Paths,
    file: &Path,
    settings: &Settings,
    world: &World,
) -> Result<Option<Finished>> {
    let config = store_config(paths, settings);
    let Some(seal) = relocate::seal(&config.url, world).await? else { return Ok(None) };
    let moving = Moving::read(&paths.data)?.with_context(|| {
        format!("this store has moved, and {FILE} that says where is missing. Next: set store.url to the new store")
    })?;
    ensure!(moving.token == seal, "{FILE} is of another move. Next: set store.url to the new store");
    relocate::settle(&moving.to, &moving.token, world).await?;
    if moving.leave {
        return Ok(Some(Finished::Left));
    }
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("reading {}", file.display())),
    };
    replace(file, &named(&text, &moving)?)?;
    Ok(Some(Finished::Follow))
}

/// Finishes a move that was sealed before; whether this installation has ended with it, which is said.
///
/// # Errors
/// As [`finish`].
pub async fn left(place: &Place) -> Result<bool> {
    let settings = settings::read(place)?;
    let paths = Paths::of(place, &settings);
    let left =
        finish(&paths, &settings_file(place), &settings, &World::system()).await? == Some(Finished::Left);
    if left {
        say("This country is served by another installation since daftar move.");
    }
    Ok(left)
}

/// The settings file of an installation, whether it is there or not.
#[must_use]
pub fn settings_file(place: &Place) -> PathBuf {
    place.config.clone().unwrap_or_else(|| settings::data_dir(place).join("daftar.toml"))
}

/// Why serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The operator or the system said so.
    Told,
    /// The store has moved to another database.
    Moved,
}

/// Serves on until told to stop, or until the store was sealed; then everything has stopped.
pub async fn until_told_or_moved(
    serving: Serving,
    store: &Store,
    taken_over: impl Future<Output = ()>,
) -> Ended {
    let ended = tokio::select! {
        () = wait_for_signal() => Ended::Told,
        () = taken_over => Ended::Told,
        () = has_moved(store) => Ended::Moved,
    };
    serving.stop().await;
    if ended == Ended::Moved {
        store.close().await;
        say("the store has moved: changing over");
    }
    ended
}

async fn has_moved(store: &Store) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        match store.moved().await {
            Ok(Some(_)) => return,
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "looking whether the store has moved"),
        }
    }
}

/// The settings with the new store in them. Comments stay where the file has no `[store]` yet.
fn named(text: &str, moving: &Moving) -> Result<String> {
    let mut table: toml::Table =
        toml::from_str(text).map_err(|e| anyhow::anyhow!("the settings: {}", e.message()))?;
    let mut store = toml::Table::new();
    store.insert("url".into(), moving.to.clone().into());
    if let Some(blobs) = &moving.blobs {
        store.insert("blobs".into(), blobs.clone().into());
    }
    match table.get_mut("store").and_then(toml::Value::as_table_mut) {
        Some(there) if store.iter().all(|(key, value)| there.get(key) == Some(value)) => Ok(text.into()),
        Some(there) => {
            there.extend(store);
            Ok(format!("# Written again by daftar move.\n{table}"))
        }
        None => {
            let mut added = toml::Table::new();
            added.insert("store".into(), store.into());
            Ok(format!("{}\n\n# Since daftar move.\n{added}", text.trim_end()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moving() -> Moving {
        Moving { to: "postgres://u:p@h/d".into(), token: "t".into(), blobs: None, leave: false }
    }

    fn url(text: &str) -> String {
        let read = Settings::read(settings::KNOWN, Some(("daftar.toml", text)), []).unwrap();
        read.get("store.url").to_string()
    }

    #[test]
    fn the_settings_name_the_new_store_and_keep_the_rest() {
        let text = "# mine\n[record]\norigin = \"x.example/1\"\n";
        let new = named(text, &moving()).unwrap();
        assert!(new.starts_with(text.trim_end()));
        assert_eq!(url(&new), "postgres://u:p@h/d");
        assert_eq!(url(&named("", &moving()).unwrap()), "postgres://u:p@h/d");
        let again = named("[store]\nurl = \"\"\nblobs = \"/b\"\n", &moving()).unwrap();
        assert_eq!(url(&again), "postgres://u:p@h/d");
        assert!(again.contains("/b"));
        assert_eq!(named(&new, &moving()).unwrap(), new, "again");
    }

    #[test]
    fn what_is_known_of_a_move_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Moving::read(dir.path()).unwrap(), None);
        moving().write(dir.path()).unwrap();
        moving().write(dir.path()).unwrap();
        assert_eq!(Moving::read(dir.path()).unwrap(), Some(moving()));
        let mode = std::fs::metadata(dir.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

//! `daftar backup` and `daftar restore`

use crate::cli::{Backup, Place, Restore};
use crate::installation::{Installation, MIGRATIONS, Paths, store_config};
use crate::{Outcome, say, settings};
use daftar_kernel::World;

/// Copies the running installation.
///
/// # Errors
/// When the directory is not empty or cannot be written.
pub async fn backup(place: &Place, args: &Backup) -> anyhow::Result<Outcome> {
    let installation = Installation::open(place).await?;
    installation.store.backup(&args.dir, &args.keys).await?;
    let file = installation.paths.data.join("daftar.toml");
    if file.is_file() {
        std::fs::copy(&file, args.dir.join("daftar.toml"))?;
    }
    say(&format!("backup in {}, key export in {}", args.dir.display(), args.keys.display()));
    say(
        "Keep them in different places. Restoring takes the newest key export, so that erased persons stay erased.",
    );
    Ok(Outcome::Good)
}

/// Brings a backup back.
///
/// # Errors
/// When the target holds data, or the backup is damaged.
pub async fn restore(place: &Place, args: &Restore) -> anyhow::Result<Outcome> {
    let settings = settings::read(place)?;
    let paths = Paths::of(place, &settings);
    let config = store_config(&paths, &settings);
    let store = daftar_store::restore(&args.dir, &args.keys, config, World::system(), &MIGRATIONS).await?;
    store.close().await;
    let file = args.dir.join("daftar.toml");
    if file.is_file() {
        std::fs::copy(&file, paths.data.join("daftar.toml"))?;
    }
    say(&format!("restored into {}", paths.data.display()));
    say(
        "Next: daftar serve. The record asks its witnesses first, and freezes if they have seen a newer one.",
    );
    Ok(Outcome::Good)
}

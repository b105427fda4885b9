//! `daftar backup` and `daftar restore`

use crate::cli::{Backup, Place, Restore};
use crate::installation::{Installation, MIGRATIONS, Paths, store_config};
use crate::{Outcome, say, settings};
use anyhow::Context;
use daftar_kernel::{Timestamp, World};
use daftar_store::{StoreConfig, restore_at};

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
    let mut config = store_config(&paths, &settings);
    // What is made again is shipped once it is served; while it is made nothing is.
    config.archive = None;
    if args.at.is_some() || !args.dir.join("manifest.json").is_file() {
        return from_archive(args, config).await;
    }
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

/// Makes the country of a past moment again from its archive.
async fn from_archive(args: &Restore, config: StoreConfig) -> anyhow::Result<Outcome> {
    let moment = match &args.at {
        None => None,
        Some(text) => {
            let parsed: jiff::Timestamp = text
                .parse()
                .with_context(|| format!("'{text}' is no moment. Next: write it as 2026-11-28T10:31:35Z"))?;
            Some(Timestamp(parsed.as_microsecond()))
        }
    };
    let archive = args.dir.to_string_lossy();
    let data = config.data_dir.clone();
    let (store, rewound) =
        restore_at(&archive, moment, &args.keys, config, World::system(), &MIGRATIONS).await?;
    store.close().await;
    let last = rewound.last_commit.map_or_else(|| "its snapshot".into(), |at| at.to_rfc3339());
    say(&format!(
        "restored into {}: the last commit in it is of {last}, {} blobs",
        data.display(),
        rewound.blobs
    ));
    say(
        "Its settings are not in an archive: put daftar.toml, the policy and the TLS files back from where you keep them.",
    );
    say(
        "Next: daftar up. The record asks its witnesses first, and freezes if they have seen a newer one; `daftar log succeed` then begins its successor.",
    );
    Ok(Outcome::Good)
}

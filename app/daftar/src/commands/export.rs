//! `daftar export --all` and `daftar import --all`

use crate::cli::{Export, Import, Place};
use crate::installation::{Installation, Paths};
use crate::moving::{self, MANIFEST, Options, Target};
use crate::{Outcome, say, settings};
use anyhow::{Context, Result, bail};
use daftar_kernel::World;
use std::path::Path;

/// Writes the whole country.
///
/// # Errors
/// When the folder is not empty or cannot be written.
pub async fn export(place: &Place, args: &Export) -> Result<Outcome> {
    let installation = Installation::open(place).await?;
    let options = Options { root_key: args.with_root_key, clear_text: args.clear_text };
    let exported = moving::export(&installation, &args.dir, options).await?;
    say(&format!(
        "{} files in {}. {MANIFEST}: sha256 {}",
        exported.manifest.files,
        args.dir.display(),
        exported.sha256
    ));
    if let Some(count) = exported.manifest.clear_text {
        say(&format!(
            "{count} persons in clear text; the record says so. Guard the folder like the paper register."
        ));
    }
    say(if args.with_root_key {
        "The root key is in it: whoever holds this folder reads everything about everybody."
    } else {
        "The root key is not in it: bring it another way. Whoever holds both reads everything about everybody."
    });
    Ok(Outcome::Good)
}

/// Makes the country again on a blank machine.
///
/// # Errors
/// When a file was changed, the target is not empty, or the root key is another's.
pub async fn import(place: &Place, args: &Import) -> Result<Outcome> {
    let settings = settings::read(place)?;
    let paths = Paths::of(place, &settings);
    let expected = moving::Manifest::read(&args.dir)?.origin;
    let name_it = settings.get("record.origin").is_empty();
    let file = place.config.clone().unwrap_or_else(|| paths.data.join("daftar.toml"));
    if name_it && file.exists() {
        bail!("{} has no record.origin. Next: add [record] origin = \"{expected}\" to it", file.display());
    }
    if !name_it && settings.get("record.origin") != expected {
        bail!(
            "the export's record is {expected}, the settings say {}. Next: set record.origin to the former",
            settings.get("record.origin")
        );
    }
    let target = Target { paths, settings, world: World::system() };
    let imported = moving::import(&args.dir, args.root_key.as_deref(), &target).await?;
    if name_it {
        write_settings(&file, &expected, place)?;
    }
    say(&format!(
        "{} tables with {} rows and {} blobs taken in",
        imported.tables, imported.rows, imported.blobs
    ));
    say(&format!("{MANIFEST}: sha256 {}. Compare it with what the export printed.", imported.sha256));
    let names = (expected.as_str(), imported.policy.as_str());
    let installation = Installation::assemble(target.paths, target.settings, target.world, names).await?;
    let findings = moving::check(&installation, &args.dir).await?;
    findings.iter().for_each(|finding| say(finding));
    if !findings.is_empty() {
        return Ok(Outcome::Finding);
    }
    say("The record fits the tables, and continues the exported one.");
    say("Next: daftar doctor, then daftar serve. The old machine must not serve again.");
    Ok(Outcome::Good)
}

fn write_settings(file: &Path, origin: &str, place: &Place) -> Result<()> {
    let mut text = format!(
        "# Settings of this installation; `daftar config explain` lists them all.\n[record]\norigin = \"{origin}\"\n"
    );
    // An address with a password belongs into the environment, or is written here by whoever decides so.
    if place.store.is_some() {
        text.push_str(
            "# The store was named on the command line: name it there again, or here as [store] url.\n",
        );
    }
    std::fs::write(file, text).with_context(|| format!("writing {}", file.display()))
}

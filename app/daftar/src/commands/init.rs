//! `daftar init`

use crate::cli::Place;
use crate::installation::{Installation, Paths};
use crate::{Outcome, say, settings};
use anyhow::{Context, bail};
use daftar_http::with_tx;
use daftar_kernel::World;

/// Prepares an installation and prints the one-time link of its first administrator. Called again, it prints a new link as
/// long as nobody is an administrator.
///
/// # Errors
/// When the country pack is missing or faulty, the data directory cannot be written, or there is an administrator.
pub async fn run(place: &Place) -> anyhow::Result<Outcome> {
    let settings = settings::read(place)?;
    let paths = Paths::of(place, &settings);
    if !paths.country.is_dir() {
        bail!(
            "there is no country pack at {}. Next: copy country/demo there and make it yours, or name one with --country",
            paths.country.display()
        );
    }
    std::fs::create_dir_all(&paths.data).with_context(|| format!("making {}", paths.data.display()))?;
    let mut origin = settings.get("record.origin").to_string();
    if origin.is_empty() {
        origin = name_record(place, &paths, "")?;
    }
    let policy = std::fs::read_to_string(&paths.policy).unwrap_or_else(|_| "quorum none\n".into());
    let installation = Installation::assemble(paths, settings, World::system(), (&origin, &policy)).await?;
    let (store, office) = (installation.store.clone(), installation.office.clone());
    let link = with_tx!(store.write, tx, [office] { office.first_admin_link(tx).await })
        .map_err(|problem| anyhow::anyhow!("{problem}. Next: daftar serve, and sign in"))?;
    say(&format!("{} is ready in {}.", installation.name(), installation.paths.data.display()));
    say(
        "Next: daftar serve, then open this link within 24 hours. It works once and makes the first administrator:",
    );
    say(&format!("  http://{}/enrol/{link}", installation.settings.get("http.listen")));
    Ok(Outcome::Good)
}

/// Gives the record its name in the world, once and for good, and writes it into the settings file, before what else it is to
/// say.
///
/// # Errors
/// When the country pack does not read, or there is a settings file without a name.
pub fn name_record(place: &Place, paths: &Paths, more: &str) -> anyhow::Result<String> {
    let country = crate::installation::load_country(&paths.country)?;
    let mark = daftar_kernel::hex::encode(&World::system().bytes::<4>());
    let origin = format!("daftar.{}.example/{mark}", country.code.to_lowercase());
    let file = place.config.clone().unwrap_or_else(|| paths.data.join("daftar.toml"));
    if file.exists() {
        bail!(
            "{} has no record.origin. Next: add [record] origin = \"{origin}\" or your own name",
            file.display()
        );
    }
    let text = format!(
        "# Settings of this installation; `daftar config explain` lists them all.\n[record]\norigin = \"{origin}\"\n{more}"
    );
    std::fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    Ok(origin)
}

//! `daftar serve`

use crate::cli::{Place, Serve};
use crate::installation::Installation;
use crate::moving::live::{self, Ended};
use crate::services::Services;
use crate::up::Ready;
use crate::up::certificates::Certificates;
use crate::{Outcome, demo, say};
use anyhow::bail;

/// Serves the installation until told to stop. When its store moves to another database meanwhile, it changes over.
///
/// # Errors
/// When the installation cannot be opened, is a demo, or the address is taken.
pub async fn run(place: &Place, args: &Serve) -> anyhow::Result<Outcome> {
    while !live::left(place).await? && serve(place, args).await? == Ended::Moved {}
    Ok(Outcome::Good)
}

async fn serve(place: &Place, args: &Serve) -> anyhow::Result<Ended> {
    let installation = Installation::open(place).await?;
    if demo::is_demo(&installation).await? {
        bail!(
            "{} holds a demo country, where anybody can become anybody. Next: daftar demo serves it; daftar init makes a real one",
            installation.paths.data.display()
        );
    }
    let listen = args.listen.clone().unwrap_or_else(|| installation.settings.get("http.listen").to_string());
    let services = Services::named(&args.services)?;
    let world = installation.store.world().clone();
    let certificates = Certificates::open(&installation.paths.data, &installation.settings, &world)?;
    let scheme = if certificates.is_some() { "https" } else { "http" };
    let ready = Ready { installation, certificates, listen, example_country: false, services };
    let serving = ready.begin().await?;
    say(&format!("serving {} on {scheme}://{}", ready.installation.name(), serving.address));
    if services.identity && ready.installation.openid.issuer().is_err() {
        say("Sign in with Daftar is off: the setting openid.issuer names no address.");
    }
    Ok(live::until_told_or_moved(serving, &ready.installation.store, std::future::pending()).await)
}

//! `daftar serve`

use crate::cli::{Place, Serve};
use crate::installation::Installation;
use crate::serving::{self, Serving};
use crate::{Outcome, demo, say};
use anyhow::bail;

/// Serves the installation until told to stop.
///
/// # Errors
/// When the installation cannot be opened, is a demo, or the address is taken.
pub async fn run(place: &Place, args: &Serve) -> anyhow::Result<Outcome> {
    let installation = Installation::open(place).await?;
    if demo::is_demo(&installation).await? {
        bail!(
            "{} holds a demo country, where anybody can become anybody. Next: daftar demo serves it; daftar init makes a real one",
            installation.paths.data.display()
        );
    }
    let listen = args.listen.clone().unwrap_or_else(|| installation.settings.get("http.listen").to_string());
    let mut site = installation.site();
    site.secure = installation.settings.parse("http.secure", "true or false")?;
    let serving = Serving::start(&installation, site, serving::routes(), &listen).await?;
    say(&format!("serving {} on http://{}", installation.name(), serving.address));
    if installation.openid.issuer().is_err() {
        say("Sign in with Daftar is off: the setting openid.issuer names no address.");
    }
    serving.until_told().await;
    Ok(Outcome::Good)
}

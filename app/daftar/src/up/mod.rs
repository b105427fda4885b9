//! `daftar up`: one machine from nothing to a served country. It makes what is missing, each thing once: the data folder, the
//! country pack (the example country, when none is given), keys, database, and certificates of an authority of its own.
//!
//! [`prepare`] makes, [`Ready::serve`] serves; whoever runs several machines prepares each and serves it by its own settings.

pub mod authority;
pub mod certificates;
pub mod cluster;
mod names;
mod next;
mod successor;

use crate::cli::{self, Place};
use crate::health::Token;
use crate::installation::{Installation, Paths};
use crate::moving::live::{self, Ended};
use crate::services::Services;
use crate::serving::Serving;
use crate::{Outcome, commands, demo, door, say, settings};
use anyhow::{Context, Result, bail};
use certificates::Certificates;
use daftar_http::serve::Door;
use daftar_http::with_tx;
use daftar_kernel::settings::Source;
use daftar_office::first_admin::FirstLink;
use std::os::fd::AsFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use tokio::net::TcpListener;

/// Where `daftar up` listens when nobody says otherwise: every address, a port that needs no privileges.
const USUAL_LISTEN: &str = "0.0.0.0:8443";
/// Where it listens without TLS: for a proxy on the same machine.
const PLAIN_LISTEN: &str = "127.0.0.1:8080";

/// A machine on which nothing is missing.
pub struct Ready {
    /// The installation.
    pub installation: Installation,
    /// The certificate it shows; none when TLS is a proxy's business.
    pub certificates: Option<Certificates>,
    /// Where it is to listen.
    pub listen: String,
    /// Whether the example country was put in, since none was given.
    pub example_country: bool,
    /// Which services it serves.
    pub services: Services,
}

/// Makes what is missing and serves until told to stop. When the store moves to another database meanwhile, it changes over.
///
/// # Errors
/// When something cannot be made or opened; each error names the next step.
pub async fn run(place: &Place, args: &cli::Up) -> Result<Outcome> {
    if args.cluster.ha.is_some() {
        return cluster::run(place, &args.cluster).await;
    }
    while !live::left(place).await? && prepare(place, args).await?.serve().await? == Ended::Moved {}
    Ok(Outcome::Good)
}

/// Makes what is missing, each thing once, and opens the installation.
///
/// # Errors
/// When something cannot be made or opened; each error names the next step.
pub async fn prepare(place: &Place, args: &cli::Up) -> Result<Ready> {
    let mut place = place.clone();
    let data = settings::data_dir(&place);
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&data);
    made.with_context(|| format!("making {}", data.display()))?;
    let example_country = put_country(&mut place)?;
    let known = settings::read(&place)?;
    if known.get("record.origin").is_empty() {
        let paths = Paths::of(&place, &known);
        commands::init::name_record(&place, &paths, &first_settings(args))?;
    }
    let told = told(&place, args)?;
    let told: Vec<(&str, &str)> = told.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let installation = Installation::open_with(&place, settings::read_with(&place, &told)?).await?;
    if demo::is_demo(&installation).await? {
        bail!(
            "{} holds a demo country, where anybody can become anybody. Next: daftar demo serves it",
            installation.paths.data.display()
        );
    }
    let world = installation.store.world().clone();
    Token::make(&installation.paths.metrics_token(&installation.settings), &world)?;
    let certificates = Certificates::open(&data, &installation.settings, &world)?;
    let listen = installation.settings.get("http.listen").to_string();
    let services = Services::ALL;
    Ok(Ready { installation, certificates, listen, example_country, services })
}

/// What the command line says over the settings; where both are silent, TLS is on and every address is listened at.
fn told(place: &Place, args: &cli::Up) -> Result<Vec<(&'static str, String)>> {
    let settings = settings::read(place)?;
    let silent =
        |key: &str| settings.explain().any(|(known, _, from)| known == key && *from == Source::Default);
    let mut told = Vec::new();
    if args.plain {
        told.push(("http.tls", "off".to_string()));
    } else if silent("http.tls") {
        told.push(("http.tls", "own".to_string()));
    }
    match &args.listen {
        Some(listen) => told.push(("http.listen", listen.clone())),
        None if silent("http.listen") && !args.plain => told.push(("http.listen", USUAL_LISTEN.to_string())),
        None => {}
    }
    if !args.name.is_empty() {
        told.push(("http.names", args.name.join(" ")));
    }
    Ok(told)
}

impl Ready {
    /// Serves until told to stop, or until the store has moved.
    ///
    /// # Errors
    /// When the address is taken, or the record cannot start.
    pub async fn serve(self) -> Result<Ended> {
        let listener = door::open(&self.listen).await?;
        let socket = listener.as_fd().try_clone_to_owned().context("keeping the socket for a successor")?;
        let serving = self.begin_at(listener).await?;
        for line in next::lines(&self, serving.address).await? {
            say(&line);
        }
        let store = &self.installation.store;
        Ok(live::until_told_or_moved(serving, store, successor::take_over(socket)).await)
    }

    /// Starts serving; returns once connections are accepted.
    ///
    /// # Errors
    /// When the address is taken, or the record cannot start.
    pub async fn begin(&self) -> Result<Serving> {
        self.begin_at(door::open(&self.listen).await?).await
    }

    async fn begin_at(&self, listener: TcpListener) -> Result<Serving> {
        let installation = &self.installation;
        let mut site = installation.site_of(self.services);
        site.secure =
            self.certificates.is_some() || installation.settings.parse("http.secure", "true or false")?;
        let tls = self.certificates.as_ref().map(Certificates::tls);
        if let Some(certificates) = &self.certificates {
            site.add_service(certificates.clone());
        }
        let door = Door { listener, tls };
        let mut serving = Serving::start_at(installation, site, self.services.routes(), door).await?;
        if let Some(certificates) = &self.certificates {
            serving.also(|stopped| certificates.clone().keep(stopped));
        }
        Ok(serving)
    }

    /// The one-time link that makes the first administrator; none when there is one.
    async fn first_admin_link(&self) -> Option<FirstLink> {
        let (store, office) = (self.installation.store.clone(), self.installation.office.clone());
        with_tx!(store.write, tx, [office] { office.first_admin_link_once(tx).await }).ok()
    }
}

/// Puts the example country where the pack belongs, when none was named and none is there.
fn put_country(place: &mut Place) -> Result<bool> {
    let settings = settings::read(place)?;
    let paths = Paths::of(place, &settings);
    if paths.country.is_dir() {
        return Ok(false);
    }
    let named = place.country.is_some() || !settings.get("country").is_empty();
    if named {
        bail!("there is no country pack at {}. Next: name the folder it lies in", paths.country.display());
    }
    demo::example_pack(&paths.data)?;
    Ok(true)
}

/// What the settings of a new machine say besides its record's name.
fn first_settings(args: &cli::Up) -> String {
    if args.plain {
        return format!("[http]\nlisten = {PLAIN_LISTEN:?}\ntls = \"off\"\n");
    }
    // Written down once: were they guessed at each start, another address would make another authority.
    let names: Vec<String> = names::of_machine(&args.name.join(" "));
    let listen = args.listen.as_deref().filter(|listen| *listen != door::HANDED_OVER).unwrap_or(USUAL_LISTEN);
    format!("[http]\nlisten = {listen:?}\ntls = \"own\"\nnames = {:?}\n", names.join(" "))
}

/// Whether the policy names somebody outside who watches the record.
fn is_watched(policy: &Path) -> bool {
    std::fs::read_to_string(policy).is_ok_and(|text| text.lines().any(|line| line.starts_with("witness ")))
}

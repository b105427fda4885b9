//! The demo country: a small, made-up one to try everything in, and to break.

mod agency;
mod card;
mod cast;
mod check;
mod clinic;
mod deeds;
mod entrance;
mod field;
mod journal;
mod later;
mod neighbour;
mod operator;
mod outbox;
mod pack;
mod raw;
mod routes_list;
mod seed;
mod strip;
mod tour;

pub use cast::{Cast, OFFICIALS};
pub use entrance::start_page;
pub use pack::example as example_pack;
pub use routes_list::{FIXTURES, part};

use crate::cli::{Demo, Place};
use crate::installation::{Installation, Paths};
use crate::serving::{self, Serving};
use crate::{Outcome, say, settings};
use anyhow::{Context, Result};
use daftar_http::{Routes, with_tx};
use daftar_kernel::Problem;
use daftar_ports::notify::MemoryOutbox;
use daftar_post::Post;
use neighbour::Neighbour;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a demo lies when nobody says otherwise.
const USUAL_PLACE: &str = "daftar-demo";
/// The name of the demo's record in the world.
const ORIGIN: &str = "demo.daftar.example/1";

/// Whether a store is marked as a demo country's.
///
/// # Errors
/// When the store cannot be read.
pub async fn is_demo(installation: &Installation) -> Result<bool, Problem> {
    let (store, office) = (installation.store.clone(), installation.office.clone());
    with_tx!(store.read, tx, [office] { office.is_demo(tx).await })
}

/// The demo's own routes, which no other country has.
#[must_use]
pub fn routes() -> Routes {
    let mut routes = Routes::new();
    entrance::add(&mut routes);
    tour::add(&mut routes);
    deeds::add(&mut routes);
    card::add(&mut routes);
    outbox::add(&mut routes);
    clinic::add(&mut routes);
    routes.file("GET", "/demo/routes.json", routes_list::routes_json);
    routes.file("GET", "/demo/fixtures.json", routes_list::fixtures_json);
    routes
}

/// `daftar demo`: makes the country when it is not there, and serves it until told to stop.
///
/// # Errors
/// When the place cannot be written, holds a real country, or the address is taken.
pub async fn run(place: &Place, args: &Demo) -> Result<Outcome> {
    if args.check {
        return check::run(place).await;
    }
    let mut place = place.clone();
    let data = place.data.get_or_insert_with(|| PathBuf::from(USUAL_PLACE)).clone();
    let (installation, neighbour) = open(&place, &data, args.days_later).await?;
    let cast = seed::country(&installation, args.population).await?;
    if args.seed_only {
        say(&format!("{} lies in {}.", installation.name(), data.display()));
        installation.store.close().await;
        return Ok(Outcome::Good);
    }
    let mut site = installation.site();
    site.strip = Some(Box::new(strip::strip));
    site.add_service(cast);
    site.add_service(strip::Days(later::days(&data)?));
    site.add_service(operator::Operator::open(&data)?);
    site.add_service(journal::Journal::open(&data)?);
    let outbox = MemoryOutbox::new();
    site.add_service(outbox.clone());
    // Nothing leaves the machine: what would be mailed or posted is shown as a page.
    let reach = Arc::new(daftar_identity::notices::Reach(installation.people.clone()));
    site.add_service(Post::demo(reach, outbox));
    let clinic = Arc::new(clinic::Clinic::open(&data));
    site.add_service(Arc::clone(&clinic));
    let pulse = Arc::new(strip::Pulse::default());
    site.add_service(Arc::clone(&pulse));
    let mut all = serving::routes();
    all.merge(routes());
    site.add_service(routes_list::RouteList(all.clone()));
    let serving = Serving::start(&installation, site, all, &args.listen).await?;
    if installation.openid.issuer().is_err() {
        installation.openid.set_issuer(&format!("http://{}", serving.address))?;
    }
    // A passkey belongs to a name: this machine's own is `localhost`.
    if installation.office.passkey_site().is_none() {
        installation.office.set_passkey_origin(&format!("http://localhost:{}", serving.address.port()))?;
    }
    clinic.settle(&installation.openid).await?;
    let pulse = tokio::spawn(pulse.keep(Arc::clone(&serving.site)));
    say(&format!("{} is open: http://{}", installation.name(), serving.address));
    say("Be someone: a citizen, a clerk, a police officer, an auditor, or the dishonest operator.");
    say(&format!(
        "It lies in {}; Ctrl-C stops it, and running this again goes on where you were.",
        data.display()
    ));
    serving.until_told().await;
    pulse.abort();
    drop(neighbour);
    Ok(Outcome::Good)
}

/// Opens the country at a place with its witness beside it; makes the place when it is not there.
async fn open(place: &Place, data: &Path, days_later: u32) -> Result<(Installation, Neighbour)> {
    std::fs::create_dir_all(data).with_context(|| format!("making {}", data.display()))?;
    let world = later::world(data, days_later)?;
    keep_settings(place, data)?;
    let mut settings = settings::read(place)?;
    settings.otherwise("cloud.engine", "simulator");
    let mut paths = Paths::of(place, &settings);
    if place.country.is_none() {
        paths.country = pack::unfold(data)?;
    }
    let assemble = async |policy: &str| {
        Installation::assemble(paths.clone(), settings.clone(), world.clone(), (ORIGIN, policy)).await
    };
    // The logs' keys come first: the witness must know whom it follows, and the record must know its witness.
    let blind = assemble("quorum none\n").await?;
    let neighbour = Neighbour::start(&data.join("witness"), blind.record.policy_text()).await?;
    blind.store.close().await;
    let policy = neighbour.policy();
    std::fs::write(data.join("policy"), &policy).context("writing the policy")?;
    Ok((assemble(&policy).await?, neighbour))
}

/// Writes what the other commands need to know of the country, once: its name in the world, and its database.
fn keep_settings(place: &Place, data: &Path) -> Result<()> {
    let file = data.join("daftar.toml");
    if file.exists() {
        return Ok(());
    }
    let mut text = format!("# A demo country; `daftar demo` serves it.\n[record]\norigin = \"{ORIGIN}\"\n");
    if let Some(url) = &place.store {
        text.push_str(&format!("[store]\nurl = {url:?}\n"));
    }
    // The address of a database may hold a password.
    keep_private(&file, text.as_bytes())
}

/// Writes a file that holds a secret: nobody else on the machine may read it.
fn keep_private(file: &Path, text: &[u8]) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let written = options.write(true).create(true).truncate(true).mode(0o600).open(file);
    written.and_then(|mut open| open.write_all(text)).with_context(|| format!("writing {}", file.display()))
}

//! The demo country: a small, made-up one to try everything in, and to break.

mod cast;
mod neighbour;
mod operator;
mod pack;
mod pages;
mod routes_list;
mod seed;

pub use cast::Cast;
pub use pages::start_page;

use crate::cli::{Demo, Place};
use crate::installation::{Installation, Paths};
use crate::serving::{self, Serving};
use crate::{Outcome, say, settings};
use anyhow::{Context, Result};
use daftar_http::with_tx;
use daftar_kernel::{Problem, World};
use neighbour::Neighbour;
use std::path::PathBuf;

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

/// `daftar demo`: makes the country when it is not there, and serves it until told to stop.
///
/// # Errors
/// When the place cannot be written, holds a real country, or the address is taken.
pub async fn run(place: &Place, args: &Demo) -> Result<Outcome> {
    let mut place = place.clone();
    let data = place.data.get_or_insert_with(|| PathBuf::from(USUAL_PLACE)).clone();
    std::fs::create_dir_all(&data).with_context(|| format!("making {}", data.display()))?;
    let settings = settings::read(&place)?;
    let mut paths = Paths::of(&place, &settings);
    if place.country.is_none() {
        paths.country = pack::unfold(&data)?;
    }
    // The logs' keys come first: the witness must know whom it follows, and the record must know its witness.
    let blind =
        Installation::assemble(paths.clone(), settings.clone(), World::system(), (ORIGIN, "quorum none\n"))
            .await?;
    let neighbour = Neighbour::start(&data.join("witness"), blind.record.policy_text()).await?;
    blind.store.close().await;
    let policy = neighbour.policy();
    std::fs::write(data.join("policy"), &policy)?;
    let installation = Installation::assemble(paths, settings, World::system(), (ORIGIN, &policy)).await?;
    let cast = seed::country(&installation, args.population).await?;
    if args.seed_only {
        say(&format!("{} lies in {}.", installation.name(), data.display()));
        installation.store.close().await;
        return Ok(Outcome::Good);
    }
    let mut site = installation.site();
    site.strip = Some(Box::new(pages::strip));
    site.add_service(cast);
    site.add_service(operator::Operator::default());
    let mut routes = serving::routes();
    routes.merge(pages::routes());
    site.add_service(routes_list::RouteList(routes.clone()));
    let serving = Serving::start(&installation, site, routes, &args.listen).await?;
    say(&format!("{} is open: http://{}", installation.name(), serving.address));
    say("Be someone: a citizen, a clerk, a police officer, an auditor, or the dishonest operator.");
    say(&format!(
        "It lies in {}; Ctrl-C stops it, and running this again goes on where you were.",
        data.display()
    ));
    serving.until_told().await;
    drop(neighbour);
    Ok(Outcome::Good)
}

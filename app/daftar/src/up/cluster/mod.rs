//! `daftar up --ha`: several machines that survive the loss of one, without losing an acknowledged act.
//!
//! On each machine: etcd (who leads), PostgreSQL under Patroni (the data, on two machines before a commit is
//! acknowledged), HAProxy (leads to the leader), and a Daftar that keeps nothing of its own. Debian's programs do the
//! work; here their configuration is written and they are kept running. `docs/surviving.md` says what survives what.

mod child;
mod etcd;
mod places;
mod plan;
mod secrets;
mod start;
mod texts;

pub use etcd::Etcd;
pub use plan::{NODES, Node, Plan};

use crate::cli::{Cluster, Place};
use crate::{Outcome, say, settings};
use anyhow::{Context, Result, bail, ensure};
use daftar_kernel::World;
use daftar_kernel::settings::Settings;
use daftar_store::SharedKeys;
use std::path::Path;
use std::sync::Arc;

/// Where this node's keys are held in common with others, if they are.
///
/// # Errors
/// When the file that says so cannot be used.
pub fn shared_keys(settings: &Settings) -> Result<Option<Arc<dyn SharedKeys>>> {
    match settings.get("keys.shared") {
        "" => Ok(None),
        path => Ok(Some(Arc::new(Etcd::open(Path::new(path))?))),
    }
}

/// Runs the nodes of this machine until told to stop, or prepares the folder of secrets.
///
/// # Errors
/// When the cluster's file or folder cannot be used; each error names the next step.
pub async fn run(place: &Place, args: &Cluster) -> Result<Outcome> {
    let cluster = std::path::absolute(settings::data_dir(place)).context("finding the data directory")?;
    let plan = match (&args.file, args.ha) {
        (Some(file), _) => Plan::read(file)?,
        (None, Some(0) | None) => bail!(
            "no machines are named. Next: daftar up --ha 3 (all on this machine), or daftar up --ha --node 1 cluster.toml"
        ),
        (None, Some(count)) => Plan::loopback(usize::from(count))?,
    };
    ensure!(place.store.is_none(), "a cluster has a store of its own. Next: leave --store out");
    let world = World::system();
    let country = place.country.clone().unwrap_or_else(|| cluster.join("country"));
    let country = std::path::absolute(country).context("finding the country pack")?;
    if args.prepare || plan.is_local() {
        let origin = match &args.from {
            Some(data) => origin_of(data)?,
            None => origin(&country, &world)?,
        };
        secrets::prepare(&cluster, &plan, &world, &origin, args.from.as_deref())?;
    }
    if args.prepare {
        say(&format!("The cluster's secrets are in {}.", secrets::folder(&cluster).display()));
        say("Next: carry this folder to the same place on every machine, by hand; then, on machine N:");
        say(&format!("  daftar --data {} up --ha --node N cluster.toml", cluster.display()));
        return Ok(Outcome::Good);
    }
    let nodes: Vec<Node> = match args.node {
        Some(number) => vec![plan.node(number)?.clone()],
        None if plan.is_local() => plan.nodes.clone(),
        None => bail!("which machine is this? Next: add --node with its number in the file, from 1"),
    };
    start::run(&cluster, &plan, &nodes, (&country, args.join), &world).await?;
    Ok(Outcome::Good)
}

/// The name of the logs of an installation.
fn origin_of(data: &Path) -> Result<String> {
    let place = Place { data: Some(data.into()), store: None, config: None, country: None };
    let origin = settings::read(&place)?.get("record.origin").to_string();
    ensure!(!origin.is_empty(), "{} holds no installation", data.display());
    Ok(origin)
}

/// A name for a new country's logs.
fn origin(country: &Path, world: &World) -> Result<String> {
    let mark = daftar_kernel::hex::encode(&world.bytes::<4>());
    let code = crate::installation::load_country(country)
        .with_context(|| {
            format!("there is no country pack at {}. Next: name one with --country", country.display())
        })?
        .code
        .to_lowercase();
    Ok(format!("daftar.{code}.example/{mark}"))
}

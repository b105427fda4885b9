//! Bringing the nodes of this machine up, in order, and down again.

use super::child::{self, Kept, Program};
use super::etcd::{self, Etcd};
use super::places::{self, Places};
use super::plan::{Node, Plan};
use super::{secrets, texts};
use crate::cli::Place;
use crate::installation::Installation;
use crate::say;
use crate::serving::wait_for_signal;
use anyhow::{Context, Result, ensure};
use daftar_http::with_tx;
use daftar_kernel::World;
use daftar_store::relocate;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How often something that is not ready is asked again.
const ASK_EVERY: Duration = Duration::from_millis(250);
/// How often the operator is told what is being waited for.
const SAY_EVERY: u32 = 40;
/// How long HAProxy and Daftar may take to end.
const GRACE: Duration = Duration::from_secs(15);
/// How long etcd may take: it looks for a successor, and there may be none. What it was told is on its disk already.
const GRACE_ETCD: Duration = Duration::from_secs(2);
/// How long PostgreSQL may take: it writes down what is in its memory first.
const GRACE_POSTGRES: Duration = Duration::from_secs(60);

/// The file of the store's address, for `daftar move --to-file`.
const STORE_URL: &str = "store-url";

/// What runs on this machine, in the order of its start.
#[derive(Default)]
struct Running {
    etcd: Vec<Kept>,
    postgres: Vec<Kept>,
    routers: Vec<Kept>,
    daftar: Vec<Kept>,
}

/// Brings the nodes up, serves until told to stop, and brings them down.
pub(super) async fn run(
    cluster: &Path,
    plan: &Plan,
    nodes: &[Node],
    (country, join): (&Path, bool),
    world: &World,
) -> Result<()> {
    let secrets = secrets::read(cluster)?;
    let mut locks = Vec::new();
    let mut placed = Vec::new();
    for node in nodes {
        let places = Places::of(cluster, node)?;
        places.make()?;
        locks.push(child::take(&cluster.join(node.name()).join("lock"))?);
        child::clear(&places.marks());
        write(cluster, plan, node, &places, &secrets, (country, join))?;
        placed.push((node.clone(), places));
    }
    let mut running = Running::default();
    let outcome = tokio::select! {
        outcome = bring_up(plan, &placed, secrets.awaits_country, world, &mut running) => outcome,
        () = wait_for_signal() => Ok(()),
    };
    tokio::task::spawn_blocking(move || bring_down(running)).await?;
    outcome
}

/// Everything that the programs read.
fn write(
    cluster: &Path,
    plan: &Plan,
    node: &Node,
    places: &Places,
    secrets: &secrets::Secrets,
    (country, join): (&Path, bool),
) -> Result<()> {
    let name = node.name();
    let (certificate, key) =
        (secrets::file(cluster, &format!("{name}.pem"))?, secrets::file(cluster, &format!("{name}.key"))?);
    let authority = secrets::file(cluster, "ca.pem")?;
    for (path, text) in [
        (places.authority(), authority),
        (places.certificate(), certificate.clone()),
        (places.key(), key.clone()),
        (places.bundle(), format!("{certificate}{key}")),
        (places.config("etcd.yml"), texts::etcd(plan, node, places, join)),
        (places.config("patroni.yml"), texts::patroni(plan, node, places, secrets)),
        (places.config("haproxy.cfg"), texts::haproxy(plan, node, places)),
        (places.first_words(), texts::first_words(secrets)),
        (places.again(), texts::AGAIN.to_string()),
    ] {
        places.write_for_programs(&path, &text)?;
    }
    let data = places.data();
    places::write(Path::new(&places.shared_keys()), &texts::shared_keys(plan, places), 0o600)?;
    let country = country.display().to_string();
    places::write(&data.join("daftar.toml"), &texts::settings(plan, node, places, secrets, &country), 0o600)?;
    let keys = data.join("keys");
    if !keys.join("root.key").exists() {
        places::make_dir(&keys, 0o700)?;
        for (name, text) in secrets::keys(cluster)? {
            places::write(&keys.join(name), &text, 0o600)?;
        }
    }
    places::write(&data.join(STORE_URL), &texts::store_url(node, places, secrets), 0o600)
}

fn program(places: &Places, node: &Node, name: &str, program: &str, arguments: &[&str]) -> Program {
    Program {
        name: format!("{name}-{}", node.number),
        program: program.into(),
        arguments: arguments.iter().map(ToString::to_string).collect(),
        user: places.user,
        home: PathBuf::from(places.config("")),
        is_tree: false,
        log: places.log(name),
        grace: GRACE,
    }
}

/// Ends only with an error, or never.
async fn bring_up(
    plan: &Plan,
    placed: &[(Node, Places)],
    awaits_country: bool,
    world: &World,
    running: &mut Running,
) -> Result<()> {
    for (node, places) in placed {
        let config = places.config("etcd.yml");
        let mut etcd = program(places, node, "etcd", "etcd", &["--config-file", &config]);
        etcd.grace = GRACE_ETCD;
        running.etcd.push(Kept::start(etcd, world)?);
    }
    for (node, places) in placed {
        let config = places.config("patroni.yml");
        let mut patroni = program(places, node, "patroni", "patroni", &[&config]);
        patroni.is_tree = true;
        patroni.grace = GRACE_POSTGRES;
        running.postgres.push(Kept::start(patroni, world)?);
        let config = places.config("haproxy.cfg");
        let haproxy = program(places, node, "haproxy", "haproxy", &["-db", "-f", &config]);
        running.routers.push(Kept::start(haproxy, world)?);
    }
    let (_, first) = placed.first().context("no node runs here")?;
    let etcd = Arc::new(Etcd::open(Path::new(&first.shared_keys()))?);
    wait("a majority of the machines", || {
        let etcd = Arc::clone(&etcd);
        async move { blocking(move || Ok(etcd.check()?)).await }
    })
    .await;
    found(plan, placed, awaits_country, &etcd).await;
    let here = std::env::current_exe().context("finding this program")?;
    for (node, places) in placed {
        let data = places.data().display().to_string();
        let mut daftar =
            program(places, node, "daftar", &here.display().to_string(), &["--data", &data, "serve"]);
        daftar.user = None;
        running.daftar.push(Kept::start(daftar, world)?);
    }
    for (node, places) in placed {
        let front = format!("{}://{}", if plan.is_local() { "http" } else { "https" }, node.front());
        wait("Daftar's first answer", || {
            answers(format!("{front}{}", texts::SIGN_OF_LIFE), places.authority())
        })
        .await;
        say(&format!("serving on {front}"));
    }
    std::future::pending().await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await?
}

/// Asks until it is so; tells the operator what is missing now and then.
async fn wait<F: Future<Output = Result<()>>>(what: &str, ask: impl Fn() -> F) {
    let mut asked: u32 = 0;
    while let Err(error) = ask().await {
        asked += 1;
        if asked.is_multiple_of(SAY_EVERY) {
            say(&format!("waiting for {what}: {error:#}"));
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

/// Whether the front finds a Daftar behind it.
async fn answers(url: String, authority: String) -> Result<()> {
    blocking(move || {
        let answer = etcd::agent(Path::new(&authority), None)?.get(&url).call()?;
        ensure!(answer.status().as_u16() < 500, "{url} answers {}", answer.status());
        Ok(())
    })
    .await
}

/// The first node makes the tables and names the first administrator; the others wait for that.
async fn found(plan: &Plan, placed: &[(Node, Places)], awaits_country: bool, etcd: &Arc<Etcd>) {
    let first = placed.iter().find(|(node, _)| node.number == 1);
    wait("the first start of node 1", || {
        let etcd = Arc::clone(etcd);
        let scheme = if plan.is_local() { "http" } else { "https" };
        let first = first.map(|(node, places)| (format!("{scheme}://{}", node.front()), places.data()));
        async move {
            let asked = Arc::clone(&etcd);
            if blocking(move || Ok(asked.is_founded()?)).await? {
                return Ok(());
            }
            let (front, data) = first.context("it has not begun")?;
            if awaits_country {
                let url =
                    std::fs::read_to_string(data.join(STORE_URL)).context("reading the store's address")?;
                ensure!(
                    relocate::has_arrived(&url, &World::system()).await?,
                    "a country moves here. Next: daftar --data OLD move --leave --to-file {}",
                    data.join(STORE_URL).display()
                );
            }
            begin(data, front).await?;
            blocking(move || Ok(etcd.set_founded()?)).await
        }
    })
    .await;
}

async fn begin(data: PathBuf, front: String) -> Result<()> {
    let place = Place { data: Some(data), store: None, config: None, country: None };
    let installation = Installation::open(&place).await?;
    let (store, office) = (installation.store.clone(), installation.office.clone());
    let link = with_tx!(store.write, tx, [office] { office.first_admin_link(tx).await });
    store.close().await;
    match link {
        Ok(link) => {
            say(&format!(
                "{} is ready. Open this link within 24 hours; it works once and makes the first administrator:",
                installation.name()
            ));
            say(&format!("  {front}/enrol/{link}"));
        }
        // A country that moved here has one.
        Err(problem) if problem.kind.status() < 500 => say(&format!("{} is ready.", installation.name())),
        Err(problem) => return Err(anyhow::anyhow!("{problem}")),
    }
    Ok(())
}

/// Daftar first, so that nobody is promised anything any more; etcd last, so that Patroni can say who led.
fn bring_down(running: Running) {
    for row in [running.daftar, running.routers, running.postgres, running.etcd] {
        row.iter().for_each(Kept::tell);
        row.into_iter().for_each(Kept::join);
    }
}

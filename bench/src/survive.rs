//! Three nodes on this machine: acts acknowledged beside pgbench through the same router, and how long nobody can write when
//! a node is lost or another leads on purpose.

use crate::country::{Country, root};
use crate::load;
use crate::report::{Goal, Report, median};
use crate::store::{Case, Peer};
use crate::{ROUNDS, machine};
use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Connections of the load.
const CONNECTIONS: usize = 32;
/// What of bare Patroni is to be reached, in hundredths.
const OF_PATRONI: u64 = 80;
/// How often each fault befalls the leader; the median is reported.
const FAULTS: usize = 3;
/// The first port of the first node: not those of a cluster that may run here.
const FIRST_PORT: u16 = 17_400;
/// How long the nodes may take to come up, or to be whole again.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Runs the area's share about surviving.
///
/// # Errors
/// When the cluster or pgbench cannot be run.
pub async fn run(report: Report) -> Result<()> {
    let bin = PathBuf::from(std::env::var("DAFTAR_PG_BIN").context("start it with cargo xtask bench cloud")?);
    report.say(&machine::load());
    report.say("three nodes on one machine and one disk: synchronous_mode_strict, TLS, fsync; record and register on");
    let mut cluster = Cluster::start(&bin)?;
    let url = cluster.database().await?;
    let ours = Case::open(Country::open(Some(&url)).await?).await?;
    let peer = Peer::of(&url, &ours.official)?;
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        mine.push(ours.stretch(CONNECTIONS).await?);
        theirs.push(peer.stretch(CONNECTIONS)?);
    }
    report.head();
    let workload =
        format!("acts over HTTP, {CONNECTIONS} connections, three nodes; pgbench through the same HAProxy");
    report.line(&workload, median(&mine), Some(median(&theirs)), Goal::TimesPeer(OF_PATRONI), "acts/s");
    let (mut lost, mut switched) = (Vec::new(), Vec::new());
    for _ in 0..FAULTS {
        lost.push(cluster.outage(&ours, Cluster::lose_leader).await?);
        switched.push(cluster.outage(&ours, Cluster::switch_over).await?);
    }
    report.alone(
        "no act acknowledged when the leading node is lost",
        median(&lost),
        Goal::AtMost(25_000),
        "ms",
    );
    report.alone(
        "no act acknowledged when another leads on purpose",
        median(&switched),
        Goal::AtMost(3_000),
        "ms",
    );
    ours.country.close().await;
    cluster.stop();
    Ok(())
}

/// Three nodes, each with a supervisor of its own, so that one can be lost as a machine is.
struct Cluster {
    folder: tempfile::TempDir,
    program: PathBuf,
    psql: PathBuf,
    nodes: Vec<Option<Child>>,
}

impl Cluster {
    fn start(bin: &Path) -> Result<Self> {
        let program = match std::env::var_os("DAFTAR_BIN") {
            Some(path) => PathBuf::from(path),
            None => std::env::current_exe()?.with_file_name("daftar"),
        };
        // On a disk: /tmp may be memory. Others must pass, PostgreSQL's user among them.
        let folder = tempfile::Builder::new().prefix("daftar-bench-").tempdir_in("/var/tmp")?;
        let nodes: String = (0..3)
            .map(|n| format!("[[node]]\nhost = \"127.0.0.1\"\nport = {}\n", FIRST_PORT + 10 * n))
            .collect();
        std::fs::write(folder.path().join("cluster.toml"), nodes)?;
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        }
        let mut cluster = Self { folder, program, psql: bin.join("psql"), nodes: vec![None, None, None] };
        let done = cluster.command().args(["up", "--ha", "--prepare"]).arg(cluster.file()).output()?;
        if !done.status.success() {
            bail!("preparing the cluster: {}", String::from_utf8_lossy(&done.stderr));
        }
        for number in 1..=3 {
            cluster.start_node(number)?;
        }
        let begun = Instant::now();
        while !(1..=3).all(|number| cluster.said(number).contains("serving on")) {
            if begun.elapsed() > PATIENCE {
                bail!("the cluster does not serve: {}", cluster.said(1));
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(cluster)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("cluster.toml")
    }
    fn log(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("up-{number}.log"))
    }
    fn said(&self, number: usize) -> String {
        std::fs::read_to_string(self.log(number)).unwrap_or_default()
    }
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--data").arg(self.folder.path()).arg("--country").arg(root().join("country/demo"));
        command.stdin(Stdio::null());
        command
    }

    fn start_node(&mut self, number: usize) -> Result<()> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log(number))?;
        let mut command = self.command();
        command.args(["up", "--ha", "--node", &number.to_string()]).arg(self.file());
        let child = command.stdout(log.try_clone()?).stderr(log).spawn()?;
        if let Some(node) = self.nodes.get_mut(number - 1) {
            *node = Some(child);
        }
        Ok(())
    }

    /// A node's configuration file.
    fn config(&self, number: usize, file: &str) -> PathBuf {
        self.folder.path().join(format!("node-{number}/engine/{file}"))
    }

    /// The superuser's address, by the router of a node.
    fn admin(&self, number: usize) -> Result<String> {
        let secrets = std::fs::read_to_string(self.folder.path().join("secrets/secrets.toml"))?;
        let word = secrets.lines().find_map(|line| line.strip_prefix("superuser = \"")?.strip_suffix('"'));
        let word = word.context("no password of the superuser")?;
        let router = FIRST_PORT + 10 * u16::try_from(number - 1)? + 4;
        let authority = self.config(number, "ca.pem");
        let tls = format!("sslmode=verify-ca&sslrootcert={}", authority.display());
        Ok(format!("postgres://postgres:{word}@127.0.0.1:{router}/postgres?{tls}"))
    }

    /// A database of its own beside the cluster's, by the same router.
    async fn database(&self) -> Result<String> {
        Ok(daftar_store::admin::create_database(&self.admin(1)?, "bench").await?)
    }

    /// Which node leads; none while nobody does.
    fn leader(&self) -> Option<usize> {
        let said = Command::new(&self.psql)
            .args(["-XAtq", "-d", &self.admin(1).ok()?, "-c", "select inet_server_port()"])
            .stderr(Stdio::null())
            .output()
            .ok()?;
        let port: u16 = String::from_utf8_lossy(&said.stdout).trim().parse().ok()?;
        Some(usize::from((port - FIRST_PORT) / 10) + 1)
    }

    /// Waits until one leads and two follow, one of them holding all that is acknowledged.
    fn settle(&self) -> Result<()> {
        let begun = Instant::now();
        let text = "select count(*), count(*) filter (where sync_state = 'sync') from pg_stat_replication";
        loop {
            let said =
                Command::new(&self.psql).args(["-XAtq", "-d", &self.admin(1)?, "-c", text]).output()?;
            if String::from_utf8_lossy(&said.stdout).trim() == "2|1" {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                bail!("the cluster is not whole again");
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// The longest time without an acknowledged act around a fault, in milliseconds.
    async fn outage(&mut self, case: &Case, fault: fn(&mut Self, usize) -> Result<()>) -> Result<u64> {
        self.settle()?;
        let mut leader = self.leader().context("nobody leads")?;
        if leader == 1 {
            // The bench goes by the router of the first node, which must stay.
            self.switch_over(leader)?;
            self.settle()?;
            leader = self.leader().context("nobody leads")?;
        }
        let address = case.country.address();
        let writer = Acknowledged::watch(address, case.requests.clone(), case.numbers.clone());
        tokio::time::sleep(Duration::from_secs(1)).await;
        fault(self, leader)?;
        let longest = writer.until_they_flow().await?;
        for number in 1..=3 {
            if self.nodes.get(number - 1).is_some_and(Option::is_none) {
                self.start_node(number)?;
            }
        }
        Ok(longest)
    }

    fn lose_leader(&mut self, leader: usize) -> Result<()> {
        if let Some(mut node) = self.nodes.get_mut(leader - 1).and_then(Option::take) {
            node.kill()?;
            node.wait()?;
        }
        Ok(())
    }

    fn switch_over(&mut self, leader: usize) -> Result<()> {
        let done = Command::new("patronictl")
            .arg("-c")
            .arg(self.config(leader, "patroni.yml"))
            .args(["switchover", "--force"])
            .output()
            .context("running patronictl")?;
        if done.status.success() { Ok(()) } else { bail!("{}", String::from_utf8_lossy(&done.stderr)) }
    }

    fn stop(&mut self) {
        for node in self.nodes.iter_mut().filter_map(Option::take) {
            // The kernel ends with the supervisor whatever it had started.
            let mut node = node;
            let _ = node.kill();
            let _ = node.wait();
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// One client that writes one act after the other, whatever it is answered.
struct Acknowledged {
    task: tokio::task::JoinHandle<Result<u64>>,
    enough: tokio::sync::watch::Sender<bool>,
}

impl Acknowledged {
    fn watch(
        address: SocketAddr,
        requests: load::Requests,
        numbers: std::sync::Arc<std::sync::atomic::AtomicU64>,
    ) -> Self {
        let (enough, told) = tokio::sync::watch::channel(false);
        let task = tokio::spawn(async move {
            let (mut last, mut longest, mut since) = (Instant::now(), 0, 0);
            loop {
                let number = numbers.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let answer = tokio::time::timeout(PATIENCE, load::ask(address, &requests(number))).await;
                if matches!(answer, Ok(Ok(answer)) if answer.status == 303) {
                    longest = longest.max(u64::try_from(last.elapsed().as_millis())?);
                    last = Instant::now();
                    since = if *told.borrow() { since + 1 } else { 0 };
                    // Some more after the gap, so that it was the gap.
                    if since > 200 {
                        return Ok(longest);
                    }
                } else {
                    since = 0;
                    tokio::time::sleep(LOOK_EVERY).await;
                }
                if last.elapsed() > PATIENCE {
                    bail!("no act is acknowledged any more");
                }
            }
        });
        Self { task, enough }
    }

    async fn until_they_flow(self) -> Result<u64> {
        let _ = self.enough.send(true);
        self.task.await?
    }
}

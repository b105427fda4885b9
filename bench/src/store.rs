//! Acts acknowledged over HTTP, in turns with pgbench running the same statements.

use crate::country::{Country, Official};
use crate::load::{self, Drive, Requests};
use crate::report::{Goal, Report, median};
use crate::{ROUNDS, machine};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// How long one stretch lasts, ours and the peer's.
const STRETCH: Duration = Duration::from_secs(5);
/// Connections, and what of the peer is to be reached with so many, in hundredths.
const CONNECTIONS: [(usize, u64); 2] = [(32, 150), (256, 300)];

/// Runs the area.
///
/// # Errors
/// When the country, the server or pgbench cannot be run.
pub async fn run(report: Report) -> Result<()> {
    let url = std::env::var("DAFTAR_BENCH_PG").context("start it with cargo xtask bench store")?;
    report.say(&machine::load());
    report.say(
        "SQLite: WAL, synchronous=FULL; PostgreSQL: its defaults (fsync, synchronous_commit on), on a socket",
    );
    report.say(
        "on: session, permission, CSRF, sealing, the act in the same transaction, the sequencer beside it",
    );
    let ours = Case::open(Country::open(None).await?).await?;
    let on_postgres = Case::open(Country::open(Some(&url)).await?).await?;
    let peer = Peer::of(&url, &on_postgres.official)?;
    let mut found = CONNECTIONS.map(|_| [Vec::new(), Vec::new(), Vec::new()]);
    for _ in 0..ROUNDS {
        for ((connections, _), [mine, others, theirs]) in CONNECTIONS.iter().zip(&mut found) {
            mine.push(ours.stretch(*connections).await?);
            others.push(peer.stretch(*connections)?);
            theirs.push(on_postgres.stretch(*connections).await?);
        }
    }
    report.head();
    for ((connections, goal), [mine, others, theirs]) in CONNECTIONS.iter().zip(&found) {
        let peer = Some(median(others));
        let workload = format!("acts over HTTP, {connections} connections, SQLite; pgbench");
        report.line(&workload, median(mine), peer, Goal::TimesPeer(*goal), "acts/s");
        let workload = format!("acts over HTTP, {connections} connections, PostgreSQL; pgbench");
        report.line(&workload, median(theirs), peer, Goal::None, "acts/s");
    }
    ours.country.close().await;
    on_postgres.country.close().await;
    Ok(())
}

/// A police officer who opens one case after the other.
pub(crate) struct Case {
    pub(crate) country: Country,
    pub(crate) official: Official,
    pub(crate) requests: Requests,
    pub(crate) numbers: Arc<AtomicU64>,
}

impl Case {
    pub(crate) async fn open(country: Country) -> Result<Self> {
        let official = country.official("police-central", "police-officer").await?;
        let csrf = country.csrf("/desk/cases", &official).await?;
        let headers = format!(
            "cookie: daftar_session={}\r\ncontent-type: application/x-www-form-urlencoded\r\n",
            official.token
        );
        let requests: Requests = Arc::new(move |number| {
            load::request("POST", "/desk/cases", &headers, &format!("csrf={csrf}&number=B-{number}"))
        });
        Ok(Self { country, official, requests, numbers: Arc::default() })
    }

    pub(crate) async fn stretch(&self, connections: usize) -> Result<u64> {
        let address = self.country.address();
        let how = Drive { connections, time: STRETCH, offered: None, expect: 303 };
        let done = load::drive(address, how, &self.numbers, &self.requests).await?;
        Ok(done.per_second)
    }
}

/// pgbench on the tables that Daftar made in PostgreSQL.
pub(crate) struct Peer {
    bin: PathBuf,
    url: String,
    token: String,
    official: String,
}

impl Peer {
    pub(crate) fn of(url: &str, official: &Official) -> Result<Self> {
        let bin = std::env::var("DAFTAR_PG_BIN").context("start it with cargo xtask bench store")?;
        let bin = PathBuf::from(bin);
        // The session's row is found by its token's hash, as ours is.
        let select = "select encode(token, 'hex') from office_session limit 1";
        let token = text(Command::new(bin.join("psql")).args(["-XAtq", "-d", url, "-c", select]))?;
        let account = daftar_kernel::hex::encode(official.account.as_bytes());
        Ok(Self { bin, url: url.into(), token: token.trim().into(), official: account })
    }

    pub(crate) fn stretch(&self, connections: usize) -> Result<u64> {
        let script = crate::country::root().join("bench/src/act.pgbench");
        let mut command = Command::new(self.bin.join("pgbench"));
        command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2"]);
        command.arg(format!("--client={connections}")).arg(format!("--time={}", STRETCH.as_secs()));
        command.arg("--file").arg(script);
        command.arg(format!("--define=token={}", self.token));
        command.arg(format!("--define=official={}", self.official)).arg(&self.url);
        let said = text(&mut command)?;
        let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")).context("pgbench said no tps")?;
        tps.split('.').next().unwrap_or_default().parse().context("pgbench's tps")
    }
}

fn text(command: &mut Command) -> Result<String> {
    let done = command.output().with_context(|| format!("running {command:?}"))?;
    if !done.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

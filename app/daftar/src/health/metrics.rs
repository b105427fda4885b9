//! `/metrics`: what an operator's monitoring reads, in the OpenMetrics or the Prometheus text format. Only whoever shows the token
//! of `metrics.token-file` is answered; without that file there is no such page.

use super::Health;
use crate::archive::Archive;
use crate::up::certificates::Certificates;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use daftar_http::{Cx, Reply, Routes};
use daftar_kernel::{Problem, Timestamp, World, hex};
use prometheus_client::encoding::{EncodeLabelSet, prometheus_text, text};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Adds the route.
pub(super) fn add(routes: &mut Routes) {
    routes.file("GET", "/metrics", |cx| async move { answer(&cx).await });
}

/// Who shows this may read the metrics.
pub struct Token(String);

impl Token {
    /// The first line of a file; none when there is no such file.
    ///
    /// # Errors
    /// When it cannot be read, or is so short that it could be guessed.
    pub fn read(path: &Path) -> anyhow::Result<Option<Self>> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let token = text.lines().next().unwrap_or_default().trim().to_string();
        anyhow::ensure!(token.len() >= 16, "{} holds no token of at least 16 characters", path.display());
        Ok(Some(Self(token)))
    }

    /// Makes a file with a token, when there is none.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn make(path: &Path, world: &World) -> anyhow::Result<()> {
        let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        match made {
            Ok(mut file) => Ok(writeln!(file, "{}", hex::encode(&world.bytes::<24>()))?),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn opens(&self, authorization: &str) -> bool {
        let shown = authorization.strip_prefix("Bearer ").unwrap_or_default();
        verify_slices_are_equal(shown.as_bytes(), self.0.as_bytes()).is_ok()
    }
}

async fn answer(cx: &Cx) -> Result<Reply, Problem> {
    let token = cx.site.service::<Token>().ok_or_else(Problem::not_found)?;
    if !token.opens(&cx.authorization) {
        // As if there were nothing: whoever has no token need not know.
        return Err(Problem::not_found());
    }
    let registry = gather(cx).await?;
    let mut out = String::new();
    let (written, content_type) = if cx.accepts.contains("application/openmetrics-text") {
        (text::encode(&mut out, &registry), OPEN_METRICS)
    } else {
        (prometheus_text::encode(&mut out, &registry), prometheus_text::CONTENT_TYPE)
    };
    written.map_err(Problem::internal)?;
    Ok(Reply::new(content_type, out.into_bytes()).header("cache-control", "no-store"))
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Version {
    version: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Log {
    log: &'static str,
}

/// A gauge with its present value.
fn put(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge: Gauge = Gauge::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

fn seconds(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::seconds)
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

async fn gather(cx: &Cx) -> Result<Registry, Problem> {
    let site = &cx.site;
    let mut registry = Registry::with_prefix("daftar");
    let build: Family<Version, Gauge> = Family::default();
    build.get_or_create(&Version { version: env!("CARGO_PKG_VERSION") }).set(1);
    registry.register("build_info", "The version that runs", build);
    site.meter.register(&mut registry);
    let seen = site.service::<Health>().map(|health| health.seen()).unwrap_or_default();
    put(&mut registry, "store_writable", "1 when a commit was tried out and worked", i64::from(seen.writes));
    put(
        &mut registry,
        "store_tried_timestamp_seconds",
        "When a commit was last tried out",
        seconds(seen.tried),
    );
    let (waiting, dead) =
        site.store.read(|tx| Box::pin(async move { daftar_store::jobs::count(tx).await })).await?;
    put(&mut registry, "jobs_waiting", "Jobs that wait for their turn", waiting);
    put(&mut registry, "jobs_dead", "Jobs that failed for good", dead);
    record(cx, &mut registry).await?;
    if let Some(certificates) = site.service::<Certificates>() {
        let ends = certificates.ends().seconds();
        put(
            &mut registry,
            "certificate_end_timestamp_seconds",
            "When the certificate that is shown ends",
            ends,
        );
    }
    if let Some(archive) = site.service::<Archive>() {
        copies(&archive, &mut registry);
    }
    if let Some(bytes) = resident_bytes() {
        put(&mut registry, "resident_memory_bytes", "Memory that the program takes", bytes);
    }
    Ok(registry)
}

fn copies(archive: &Archive, registry: &mut Registry) {
    let shipped = archive.shipped();
    put(
        registry,
        "archive_until_timestamp_seconds",
        "Everything committed before this is in the archive",
        seconds(shipped.until),
    );
    put(
        registry,
        "archive_snapshot_timestamp_seconds",
        "When the newest snapshot was whole",
        seconds(shipped.snapshot),
    );
    let (at, good) = archive.drilled().map_or((None, false), |last| (Some(last.at), last.good));
    put(registry, "drill_timestamp_seconds", "When restoring was last tried out", seconds(at));
    put(registry, "drill_good", "1 when every table came back equal then", i64::from(good));
}

async fn record(cx: &Cx, registry: &mut Registry) -> Result<(), Problem> {
    let status = cx.site.record.status().await?;
    let family = |registry: &mut Registry, name: &str, help: &str| {
        let family: Family<Log, Gauge> = Family::default();
        registry.register(name, help, family.clone());
        family
    };
    let entries = family(registry, "record_entries", "Entries in the newest signed tree");
    let waiting = family(registry, "record_waiting_entries", "Entries that wait for the sequencer");
    let signed = family(registry, "record_signed_timestamp_seconds", "When the newest tree was signed");
    let cosigned =
        family(registry, "record_cosigned_timestamp_seconds", "When a quorum of witnesses last cosigned");
    let frozen = family(registry, "record_frozen", "1 when the log is frozen");
    for log in &status.logs {
        let label = Log { log: log.log };
        entries.get_or_create(&label).set(count(log.size));
        waiting.get_or_create(&label).set(count(log.waiting));
        signed.get_or_create(&label).set(seconds(log.signed_at));
        cosigned.get_or_create(&label).set(seconds(log.cosigned_at));
        frozen.get_or_create(&label).set(i64::from(log.frozen.is_some()));
    }
    Ok(())
}

/// What the system says the program takes of memory.
fn resident_bytes() -> Option<i64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<i64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_only_to_itself_and_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.token");
        assert!(Token::read(&path).unwrap().is_none());
        Token::make(&path, &World::system()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        Token::make(&path, &World::system()).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        let token = Token::read(&path).unwrap().unwrap();
        assert!(token.opens(&format!("Bearer {}", text.trim())));
        for wrong in ["", "Bearer ", "Bearer x", text.trim()] {
            assert!(!token.opens(wrong), "{wrong}");
        }
        std::fs::write(&path, "short\n").unwrap();
        assert!(Token::read(&path).is_err());
    }

    #[test]
    fn the_system_says_how_much_memory_there_is() {
        assert!(resident_bytes().unwrap() > 1_000_000);
    }
}

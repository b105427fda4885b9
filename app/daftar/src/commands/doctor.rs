//! `daftar doctor`: looks at machine and installation; every finding says what to do next.

use crate::cli::Place;
use crate::installation::{Installation, Paths, load_country, store_config};
use crate::{Outcome, say, settings};
use daftar_kernel::World;
use daftar_kernel::settings::Settings;
use pdf_writing::Fonts;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Space below which the disk counts as nearly full, in bytes.
const LEAST_FREE_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// A clock before this day cannot be right: 2026-01-01, in seconds since 1970.
const PROGRAM_BORN_SECONDS: i64 = 1_767_225_600;

/// One thing looked at.
struct Check {
    what: &'static str,
    /// What is wrong and the next step, or nothing.
    finding: Option<(String, String)>,
}

fn good(what: &'static str) -> Check {
    Check { what, finding: None }
}

fn bad(what: &'static str, found: impl Into<String>, next: impl Into<String>) -> Check {
    Check { what, finding: Some((found.into(), next.into())) }
}

/// Checks everything and prints each check, good or not.
///
/// # Errors
/// When settings cannot be read; everything else is a finding.
pub async fn run(place: &Place) -> anyhow::Result<Outcome> {
    let settings = settings::read(place)?;
    let paths = Paths::of(place, &settings);
    let mut checks = vec![good("settings"), clock(), data_dir(&paths.data), disk(&paths.data).await];
    checks.push(root_key(&paths.data.join("keys")));
    checks.push(country(&paths.country));
    checks.extend(fonts());
    checks.push(store_address(&paths, &settings));
    checks.push(origin(&settings));
    checks.push(policy(&paths));
    checks.push(https(&settings));
    checks.push(mail(&settings));
    if !settings.get("record.origin").is_empty() {
        checks.extend(installation(place).await);
    }
    let mut findings = 0;
    for check in &checks {
        match &check.finding {
            None => say(&format!("ok    {}", check.what)),
            Some((found, next)) => {
                findings += 1;
                say(&format!("look  {}: {found}. Next: {next}", check.what));
            }
        }
    }
    say(&format!("{} checks, {findings} to look at", checks.len()));
    Ok(if findings == 0 { Outcome::Good } else { Outcome::Finding })
}

fn clock() -> Check {
    if World::system().now().seconds() < PROGRAM_BORN_SECONDS {
        return bad(
            "clock",
            "the machine's clock lies before this program was made",
            "set it, and keep it set with an NTP service",
        );
    }
    good("clock")
}

fn data_dir(dir: &Path) -> Check {
    match std::fs::metadata(dir) {
        Err(_) => bad("data directory", format!("{} is not there", dir.display()), "daftar init"),
        Ok(found) if found.permissions().mode() & 0o077 != 0 => bad(
            "data directory",
            format!("{} can be read by others", dir.display()),
            format!("chmod 700 {}", dir.display()),
        ),
        Ok(_) => good("data directory"),
    }
}

async fn disk(dir: &Path) -> Check {
    let output = tokio::process::Command::new("df").arg("--output=avail").arg("-B1").arg(dir).output().await;
    let free = output.ok().and_then(|out| String::from_utf8(out.stdout).ok());
    let free = free.and_then(|text| text.lines().nth(1).and_then(|line| line.trim().parse::<u64>().ok()));
    match free {
        Some(free) if free < LEAST_FREE_BYTES => bad(
            "disk",
            format!("{} MiB are free", free >> 20),
            "make room: a full disk stops every act until the program is restarted",
        ),
        Some(_) => good("disk"),
        None => bad("disk", "df does not answer for the data directory", "look at the disk by hand"),
    }
}

fn root_key(keys: &Path) -> Check {
    let key = keys.join("root.key");
    match std::fs::metadata(&key) {
        Err(_) => bad(
            "root key",
            format!("{} is not there", key.display()),
            "daftar init makes it; afterwards keep a copy apart from the machine",
        ),
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            bad("root key", "others can read it", format!("chmod 600 {}", key.display()))
        }
        Ok(_) => good("root key"),
    }
}

fn country(folder: &Path) -> Check {
    match load_country(folder) {
        Ok(_) => good("country pack"),
        Err(error) => {
            let first = format!("{error:#}").lines().take(2).collect::<Vec<_>>().join(" ");
            bad("country pack", first, format!("daftar country check {}", folder.display()))
        }
    }
}

/// One check for each script that no font of the system covers, or one good one.
fn fonts() -> Vec<Check> {
    let reports = Fonts::of_system(None).coverage();
    let missing: Vec<Check> = reports
        .iter()
        .filter(|report| report.font.is_none())
        .map(|report| {
            bad(
                "fonts",
                format!("no font for {}", report.name),
                format!("apt-get install {}", report.package),
            )
        })
        .collect();
    if missing.is_empty() { vec![good("fonts")] } else { missing }
}

fn store_address(paths: &Paths, settings: &Settings) -> Check {
    let url = store_config(paths, settings).url;
    if url.starts_with("postgres") && url.contains("sslmode=disable") && !url.contains("host=/") {
        return bad(
            "store",
            "the database is reached without TLS",
            "remove sslmode=disable, or use a socket on this machine",
        );
    }
    good("store")
}

fn origin(settings: &Settings) -> Check {
    match settings.get("record.origin") {
        "" => bad("record", "this installation has no name in the world yet", "daftar init"),
        name if name.contains(".example") => bad(
            "record",
            format!("'{name}' is a made-up name"),
            "before real use, set record.origin to a name of your own and begin anew",
        ),
        _ => good("record"),
    }
}

fn policy(paths: &Paths) -> Check {
    match std::fs::read_to_string(&paths.policy) {
        Ok(text) if text.lines().any(|line| line.starts_with("witness ")) => good("witnesses"),
        _ => bad(
            "witnesses",
            "nobody outside watches the record",
            format!(
                "ask a university, the press, the bar or a neighbour country to run `daftar witness`, and list them in {}",
                paths.policy.display()
            ),
        ),
    }
}

fn https(settings: &Settings) -> Check {
    let local =
        settings.get("http.listen").starts_with("127.") || settings.get("http.listen").starts_with("[::1]");
    if settings.get("http.secure") != "true" && settings.get("http.tls") == "off" && !local {
        return bad(
            "https",
            "pages go out unencrypted",
            "daftar up, which has certificates of its own; or put a TLS proxy before it and set http.secure = true",
        );
    }
    good("https")
}

fn mail(settings: &Settings) -> Check {
    if settings.get("mail.server").is_empty() {
        return bad(
            "mail",
            "no SMTP server is set",
            "set mail.server and mail.from, or go on with printed letters only",
        );
    }
    match crate::mail::server(settings) {
        Ok(_) => good("mail"),
        Err(error) => bad("mail", format!("{error:#}"), "mend the [mail] settings; daftar config explain"),
    }
}

async fn installation(place: &Place) -> Vec<Check> {
    let installation = match Installation::open(place).await {
        Ok(installation) => installation,
        Err(error) => return vec![bad("installation", format!("{error:#}"), "mend what the message names")],
    };
    let mut checks = vec![good("installation")];
    match installation.record.status().await {
        Ok(status) if status.logs.iter().any(|log| log.frozen.is_some()) => {
            checks.push(bad(
                "record state",
                "a log is frozen",
                "bring back the newest copy of the database; nothing else helps",
            ));
        }
        Ok(_) => checks.push(good("record state")),
        Err(error) => checks.push(bad("record state", error.to_string(), "daftar log audit")),
    }
    let store = installation.store.clone();
    match store.read(|tx| Box::pin(async move { daftar_store::jobs::count(tx).await })).await {
        Ok((_, 0)) => checks.push(good("jobs")),
        Ok((_, dead)) => checks.push(bad("jobs", format!("{dead} failed for good"), "daftar jobs dead")),
        Err(error) => checks.push(bad("jobs", error.to_string(), "look at the store")),
    }
    checks
}

//! `daftar kit`: enrolling people where there is no network.

use crate::cli::{Kit as Args, KitDir, OperatorPin, Place};
use crate::installation::authorities;
use crate::kit::enrol::Enrolment;
use crate::kit::page::{self, Pages};
use crate::kit::send::Outcome as Sent;
use crate::kit::{Kit, Wristwatch, folder};
use crate::{Outcome, remark, say, settings};
use anyhow::{Context, Result, ensure};
use daftar_kernel::{Timestamp, World};
use enrolment_packet::pin::Cost;
use serde_json::json;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Most bytes of a file that is given.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Does what a kit is told.
///
/// # Errors
/// What is wrong, with the next step.
pub async fn run(place: &Place, args: &Args) -> Result<Outcome> {
    match args {
        Args::Init { kit, name } => {
            Kit::init(&kit.dir, name, World::system(), watch())?;
            say(&format!("{name}: a kit in {}", kit.dir.display()));
            say("Next: daftar kit operator for everybody who works with it, then daftar kit request");
        }
        Args::Operator { kit, operator } => {
            open(kit)?.add_operator(&operator.login, &pin(operator)?, Cost::FIELD)?;
            say(&format!("{} has a key on this kit, under their PIN", operator.login));
        }
        Args::Request(kit) => say(&open(kit)?.request()?),
        Args::Authorise { kit, file } => authorise(kit, file)?,
        Args::Serve { kit, listen } => {
            let pages = Arc::new(Pages::new(open(kit)?, &World::system())?);
            let ready =
                |address: &str| say(&format!("Open {address} in a browser on this machine; Ctrl-C ends."));
            page::serve(pages, listen, ready, crate::serving::wait_for_signal()).await?;
        }
        Args::Add { kit, operator, entry, photo, document } => {
            ensure!(
                entry != Path::new("-") || operator.pin_file != Path::new("-"),
                "entry and PIN cannot both come from standard input. Next: give --pin-file or --entry a file"
            );
            let photo = photo.as_deref().map(read).transpose()?;
            let documents = document.iter().map(|text| document_of(text)).collect::<Result<_>>()?;
            let enrolment = Enrolment { entry: read(entry)?, photo, documents };
            let done = open(kit)?.enrol((&operator.login, &pin(operator)?), &enrolment)?;
            say(&done.reference);
            remark(&format!(
                "packet {} of {} bytes is on the disk; write its number on the person's paper",
                done.sequence, done.bytes
            ));
        }
        Args::Status { kit, json } => return status(kit, *json),
        Args::Check(args) => {
            let (packets, findings) = folder::check(&args.dir)?;
            findings.iter().for_each(|finding| say(finding));
            say(&format!("{packets} packets, {} findings", findings.len()));
            return Ok(if findings.is_empty() { Outcome::Good } else { Outcome::Finding });
        }
        Args::Send { kit, url } => {
            let authorities = authorities(&settings::read(place)?)?;
            return Ok(told(&open(kit)?.send(url, &authorities).await?));
        }
        Args::Settle { kit, folder } => return Ok(told(&open(kit)?.settle(folder)?)),
        Args::Reinstall(kit) => {
            Kit::reinstall(&kit.dir, World::system(), watch())?;
            say("A new installation: its numbers begin at 1. The registry lists it beside the old one.");
        }
    }
    Ok(Outcome::Good)
}

fn watch() -> Arc<Wristwatch> {
    Arc::new(Wristwatch(World::system()))
}

fn open(kit: &KitDir) -> Result<Kit> {
    Kit::open(&kit.dir, World::system(), watch())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path)
            .with_context(|| format!("reading {}", path.display()))?
            .take(FILE_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
    };
    let count = read.with_context(|| format!("reading {}", path.display()))?;
    ensure!(
        u64::try_from(count)? <= FILE_BYTES_MAX,
        "{} is larger than {FILE_BYTES_MAX} bytes",
        path.display()
    );
    Ok(bytes)
}

fn pin(operator: &OperatorPin) -> Result<String> {
    let bytes = if operator.pin_file == Path::new("-") {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).context("reading the PIN")?;
        line.into_bytes()
    } else {
        read(&operator.pin_file)?
    };
    let text = String::from_utf8(bytes).context("the PIN is not text")?;
    Ok(text.lines().next().unwrap_or_default().to_string())
}

fn document_of(text: &str) -> Result<(String, Vec<u8>)> {
    let (kind, path) =
        text.split_once('=').with_context(|| format!("'{text}' is no document. Next: write KIND=FILE"))?;
    Ok((kind.into(), read(Path::new(path))?))
}

fn authorise(kit: &KitDir, file: &Path) -> Result<()> {
    let mut kit = open(kit)?;
    let allowed = kit.authorise(&read(file)?)?;
    let until = Timestamp(allowed.until).to_local_minute(&allowed.zone);
    let operators: Vec<&str> = allowed.operators.iter().map(|one| one.login.as_str()).collect();
    say(&format!(
        "{} may enrol people for {} until {until}: {}",
        allowed.name,
        allowed.country,
        operators.join(", ")
    ));
    say(&format!("Key of the registry: {}", kit.registry_key().unwrap_or_default()));
    say("Next: compare it with the key on the kit's page at the desk, before you leave");
    Ok(())
}

fn told(outcome: &Sent) -> Outcome {
    let count = |state: &str| outcome.get(state).copied().unwrap_or(0);
    let (merged, held, refused) = (count("merged"), count("held"), count("refused"));
    say(&format!("{merged} registered, {held} held for a decision, {refused} refused"));
    if refused > 0 {
        remark("refused packets stay on the kit. Next: daftar kit status names the reasons; tell the office");
    }
    if refused == 0 { Outcome::Good } else { Outcome::Finding }
}

fn status(args: &KitDir, as_json: bool) -> Result<Outcome> {
    let kit = open(args)?;
    let rows = kit.standing()?;
    let waiting = rows.iter().filter(|row| row.state == "waiting").count();
    let until = kit.authorisation().ok().map(|allowed| Timestamp(allowed.until).to_rfc3339());
    if as_json {
        let told = json!({
            "name": kit.name(), "until": until, "registry": kit.registry_key(),
            "last": kit.tail()?.sequence, "waiting": waiting, "packets": rows,
        });
        say(&told.to_string());
        return Ok(Outcome::Good);
    }
    let until = until.unwrap_or_else(|| "not allowed yet".into());
    say(&format!(
        "{}: last number {}, {waiting} waiting, allowed until {until}",
        kit.name(),
        kit.tail()?.sequence
    ));
    for row in rows {
        say(&format!("{}  {}  {}", row.reference, row.state, row.reason));
    }
    Ok(Outcome::Good)
}

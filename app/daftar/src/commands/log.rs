//! `daftar log ...`: audits and receipts. Everything but `prove`, `audit`, `succeed` and `export` works without an installation.

use crate::cli::{Log as Args, Place};
use crate::installation::Installation;
use crate::{Outcome, say};
use anyhow::{Context, Result};
use daftar_record::succession::SuccessionEntry;
use daftar_record::transport::HttpTransport;
use daftar_record::verify::Against;
use std::path::Path;
use transparency_log::checkpoint::SignedCheckpoint;
use transparency_log::policy::Policy;
use transparency_log::receipt::Receipt;

/// Runs one of the verbs.
///
/// # Errors
/// When something cannot be read, or a receipt does not verify.
pub async fn run(place: &Place, args: &Args) -> Result<Outcome> {
    match args {
        Args::Verify { log, policy, old_policy, seen, json } => {
            let before = old_policy.as_deref().map(read_policy).transpose()?;
            let seen = seen.iter().map(|path| read_checkpoint(path)).collect::<Result<_>>()?;
            verify(log, Against { policy: read_policy(policy)?, before, seen }, *json).await
        }
        Args::Prove { id, out } => prove(place, id, out).await,
        Args::Check { file, policy } => check(file, policy),
        Args::Audit { json } => audit(place, *json).await,
        Args::Succeed(args) => super::succeed::run(place, args).await,
        Args::Export { dir, heads } => {
            let installation = Installation::open(place).await?;
            installation.record.export_log(dir, *heads).await?;
            say(&format!("wrote {}", dir.display()));
            Ok(Outcome::Good)
        }
    }
}

fn read_policy(path: &Path) -> Result<Policy> {
    let text = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    Policy::parse(&text).with_context(|| path.display().to_string())
}

fn read_checkpoint(path: &Path) -> Result<SignedCheckpoint> {
    let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    SignedCheckpoint::parse(&bytes).with_context(|| path.display().to_string())
}

async fn verify(log: &str, against: Against, json: bool) -> Result<Outcome> {
    let log = log.to_string();
    // Hashing and fetching block.
    let verified = tokio::task::spawn_blocking(move || {
        let mut quiet = |_: &str, _: u64| {};
        if log.starts_with("http://") || log.starts_with("https://") {
            let transport = HttpTransport::new(&[])?;
            daftar_record::verify::verify_url(&log, &transport, &against, &mut quiet)
        } else {
            daftar_record::verify::verify_dir(Path::new(&log), &against, &mut quiet)
        }
    })
    .await??;
    let mut clean = true;
    for one in &verified {
        clean &= one.is_clean();
        let mut findings: Vec<String> = one.report.findings.iter().map(ToString::to_string).collect();
        findings.extend(one.problems.iter().cloned());
        for finding in findings {
            say(&if json {
                serde_json::json!({"log": one.place, "finding": finding}).to_string()
            } else {
                format!("{}: {finding}", one.place)
            });
        }
        if !json {
            let heads = one.heads.map_or_else(|| "heads not part of it".into(), |n| format!("{n} heads"));
            let state = if one.is_clean() { "whole" } else { "NOT whole" };
            say(&format!("{}: {state}, {} entries, {heads}", one.place, one.report.entries));
            if let Some(before) = &one.succession {
                say(&format!("{}: {}", one.place, said(before)));
            }
        }
    }
    Ok(if clean { Outcome::Good } else { Outcome::Finding })
}

/// What a successor says of its beginning, in one sentence.
fn said(entry: &SuccessionEntry) -> String {
    let forked = if entry.forked { "; earlier entries may be others, too" } else { "" };
    format!(
        "it succeeds {} since {}: {} entries seen by others, {} kept, {} missing{forked}",
        entry.origin, entry.at, entry.seen_size, entry.local_size, entry.missing
    )
}

async fn prove(place: &Place, id: &str, out: &Path) -> Result<Outcome> {
    let installation = Installation::open(place).await?;
    let receipt = installation.record.receipt(id.parse()?).await?;
    let text =
        receipt.json().context("the entry is not in a signed tree yet. Next: try again in a few seconds")?;
    if out == Path::new("-") {
        say(&text);
    } else {
        std::fs::write(out, text).with_context(|| format!("writing {}", out.display()))?;
    }
    Ok(Outcome::Good)
}

/// A receipt, or the proof that a person's list of looks is complete: the file says which.
fn check(file: &Path, policy: &Path) -> Result<Outcome> {
    let policy = read_policy(policy)?;
    let bytes = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let is_proof = serde_json::from_slice::<serde_json::Value>(&bytes)
        .is_ok_and(|value| value["format"] == daftar_record::person::PROOF_FORMAT);
    let verdict = if is_proof { check_proof(&bytes, &policy) } else { check_receipt(&bytes, &policy) };
    match verdict {
        Ok(good) => {
            say(&format!("good: {good}"));
            Ok(Outcome::Good)
        }
        Err(reason) => {
            say(&format!("not proven: {reason}"));
            Ok(Outcome::Finding)
        }
    }
}

fn check_receipt(bytes: &[u8], policy: &Policy) -> Result<String, String> {
    let verified =
        Receipt::parse(bytes).and_then(|receipt| receipt.verify(policy)).map_err(|e| e.to_string())?;
    Ok(format!("entry {} of {} entries in {}", verified.index, verified.size, verified.origin))
}

fn check_proof(bytes: &[u8], policy: &Policy) -> Result<String, String> {
    let verified = daftar_record::verify_person_proof(bytes, policy).map_err(|e| e.to_string())?;
    Ok(format!("{} looks until {}, none missing, in {}", verified.looks, verified.at, verified.log.origin))
}

async fn audit(place: &Place, json: bool) -> Result<Outcome> {
    let installation = Installation::open(place).await?;
    let audit = installation.record.audit_store().await?;
    for finding in &audit.findings {
        say(&if json { serde_json::to_string(finding)? } else { finding.to_string() });
    }
    if !json {
        say(&format!(
            "{} entries, {} looks of {} persons, {} contents compared, {} erased, {} findings",
            audit.entries,
            audit.looks,
            audit.persons,
            audit.opened,
            audit.erased,
            audit.findings.len()
        ));
    }
    Ok(if audit.is_whole() { Outcome::Good } else { Outcome::Finding })
}

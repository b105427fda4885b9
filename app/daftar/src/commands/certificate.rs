//! `daftar certificate check|keys`

use crate::cli::{Certificate, Place};
use crate::installation::Installation;
use crate::{Outcome, say};
use anyhow::Context;
use daftar_ports::certificate::{check, keys_from_pem};
use std::io::Read;

/// Longest text read from standard input, in bytes: no QR code holds more.
const TEXT_BYTES_MAX: u64 = 16 * 1024;

/// Checks the text of a code without network, or prints the public keys.
///
/// # Errors
/// When keys cannot be read.
pub async fn run(place: &Place, args: &Certificate) -> anyhow::Result<Outcome> {
    match args {
        Certificate::Check { text, keys } => {
            let pem = std::fs::read_to_string(keys).with_context(|| format!("reading {}", keys.display()))?;
            let keys = keys_from_pem(&pem)?;
            let mut given = text.clone();
            if given == "-" {
                given.clear();
                std::io::stdin().take(TEXT_BYTES_MAX).read_to_string(&mut given)?;
            }
            match check(given.trim(), &keys) {
                Ok(checked) => {
                    say(&format!("good: {} {}, issued by {}", checked.kind, checked.serial, checked.issuer));
                    for (label, value) in &checked.fields {
                        say(&format!("  {label}: {value}"));
                    }
                    Ok(Outcome::Good)
                }
                Err(fault) => {
                    say(&format!("not good: {fault}"));
                    Ok(Outcome::Finding)
                }
            }
        }
        Certificate::Keys => {
            let installation = Installation::open(place).await?;
            say(installation.people.papers_public_key()?.to_pem().trim_end());
            Ok(Outcome::Good)
        }
    }
}

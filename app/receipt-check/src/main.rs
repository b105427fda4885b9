#![doc = include_str!("../README.md")]

mod report;

use std::fs::File;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use transparency_log::policy::{MAX_POLICY_BYTES, Policy};
use transparency_log::receipt::{MAX_RECEIPT_BYTES, Receipt};

const USAGE: &str = "\
Verifies a Daftar receipt, offline.

Usage: receipt-check RECEIPT.json POLICY

  RECEIPT.json  the receipt (- reads standard input)
  POLICY        whom you trust: log and witness keys, and how many must have cosigned

Exit code: 0 genuine, 1 not genuine, 2 wrong usage or unreadable file.
";

const GENUINE: u8 = 0;
const FINDING: u8 = 1;
const MISUSE: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (code, text) = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["-h" | "--help"] => (GENUINE, USAGE.to_owned()),
        ["-V" | "--version"] => (GENUINE, format!("receipt-check {}\n", env!("CARGO_PKG_VERSION"))),
        [receipt, policy] => check(receipt, policy),
        _ => (MISUSE, USAGE.to_owned()),
    };
    let written = if code == MISUSE {
        io::stderr().write_all(text.as_bytes())
    } else {
        io::stdout().write_all(text.as_bytes())
    };
    // A verdict nobody could read must not look like success.
    if written.is_ok() { ExitCode::from(code) } else { ExitCode::from(MISUSE) }
}

/// The exit code and what to say.
fn check(receipt_path: &str, policy_path: &str) -> (u8, String) {
    let files = read(policy_path, MAX_POLICY_BYTES)
        .and_then(|policy| Ok((policy, read(receipt_path, MAX_RECEIPT_BYTES)?)));
    let (policy, receipt) = match files {
        Ok(files) => files,
        Err(text) => return (MISUSE, text),
    };
    let policy = match Policy::parse(&policy) {
        Ok(policy) => policy,
        Err(error) => return (MISUSE, format!("{policy_path}: not a policy: {error}\n")),
    };
    let verified = Receipt::parse(&receipt).and_then(|receipt| receipt.verify(&policy));
    match verified {
        Ok(verified) => (GENUINE, report::genuine(&verified, &policy)),
        Err(error) => (FINDING, report::finding(&error)),
    }
}

/// Reads a file whole, but never much more than the longest one that would be accepted.
fn read(path: &str, most: usize) -> Result<Vec<u8>, String> {
    let cannot = |error: io::Error| format!("{path}: {error}\n");
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    if path == "-" {
        io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(cannot)?;
    } else {
        File::open(path).map_err(cannot)?.take(limit).read_to_end(&mut bytes).map_err(cannot)?;
    }
    Ok(bytes)
}

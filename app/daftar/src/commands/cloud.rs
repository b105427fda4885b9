//! `daftar cloud bill check|make|focus`: bills from plain files, without a server; `daftar cloud engine`.

use crate::cli::{Bill, BillFiles, Cloud};
use crate::{Outcome, remark, say};
use anyhow::{Context, ensure};
use daftar_cloud::meter::check::{Verdict, bound, check};
use daftar_cloud::meter::focus::{self, Names};
use daftar_cloud::meter::{Invoice, PriceList};
use std::io::Read;
use std::path::Path;
use transparency_log::policy::Policy;
use transparency_log::receipt::Receipt;

/// The largest file that is read, in bytes: a month of a few thousand instances.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024 * 1024;

/// Checks, makes or rewrites a bill.
///
/// # Errors
/// Never for what stands in the files: that is a finding, or wrong usage.
pub async fn run(args: &Cloud) -> anyhow::Result<Outcome> {
    let done = match args {
        Cloud::Bill(args) => bill(args),
        Cloud::Engine { socket, pool } => super::engine::run(socket.as_deref(), pool).await,
    };
    Ok(done.unwrap_or_else(|error| {
        remark(&format!("{error:#}"));
        Outcome::Usage
    }))
}

fn bill(bill: &Bill) -> anyhow::Result<Outcome> {
    match bill {
        Bill::Check { files, invoice, receipt, policy } => {
            let (usage, prices, invoice) = (read(&files.usage)?, read(&files.prices)?, read(invoice)?);
            let mut differences = match check(&usage, &prices, &invoice)? {
                Verdict::Equal => Vec::new(),
                Verdict::Differs(differences) => differences,
            };
            if let (Some(receipt), Some(policy)) = (receipt, policy) {
                let policy = Policy::parse(read(policy)?.as_bytes())?;
                match Receipt::parse(read(receipt)?.as_bytes())?.verify(&policy) {
                    Ok(verified) => {
                        differences.extend(bound(&verified.entry.json, &usage, &prices, &invoice))
                    }
                    Err(error) => differences.push(format!("the receipt does not verify: {error}")),
                }
            }
            if !differences.is_empty() {
                differences.iter().for_each(|difference| say(difference));
                return Ok(Outcome::Finding);
            }
            say("equal: usage and prices make this invoice to the last unit");
            if receipt.is_some() {
                say("bound: the public record holds these three files' hashes");
            }
            Ok(Outcome::Good)
        }
        Bill::Make { files } => {
            say(made(files)?.0.write().trim_end());
            Ok(Outcome::Good)
        }
        Bill::Focus { files, provider, agency } => {
            let (invoice, prices) = made(files)?;
            let agency = agency.clone().unwrap_or_else(|| invoice.agency.clone());
            say(focus::write(&invoice, &prices, &Names { provider: provider.clone(), agency }).trim_end());
            Ok(Outcome::Good)
        }
    }
}

fn made(files: &BillFiles) -> anyhow::Result<(Invoice, PriceList)> {
    let (usage, prices) = (read(&files.usage)?, read(&files.prices)?);
    Ok((Invoice::make(&usage, &prices)?, PriceList::parse(&prices)?))
}

fn read(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let context = || format!("reading {}", path.display());
    if path == Path::new("-") {
        std::io::stdin().take(FILE_BYTES_MAX).read_to_string(&mut text).with_context(context)?;
    } else {
        let file = std::fs::File::open(path).with_context(context)?;
        file.take(FILE_BYTES_MAX).read_to_string(&mut text).with_context(context)?;
    }
    ensure!((text.len() as u64) < FILE_BYTES_MAX, "{} is larger than {FILE_BYTES_MAX} bytes", path.display());
    Ok(text)
}

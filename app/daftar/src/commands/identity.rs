//! `daftar identity import`, `learn` and `sweep`; `link` and `packets` have modules of their own.

use crate::cli::{Identity, InTheNameOf, Place};
use crate::installation::Installation;
use crate::{Outcome, say};
use anyhow::Context;
use daftar_identity::import::{ImportOrder, Progress};
use indicatif::{ProgressBar, ProgressStyle};
use std::ops::ControlFlow;

/// Imports people from a CSV file, or says what would happen; or links a file.
///
/// # Errors
/// When file, mapping or register cannot be read or written.
pub async fn run(place: &Place, args: &Identity) -> anyhow::Result<Outcome> {
    let (file, mapping, commit, report, duplicates) = match args {
        Identity::Import { file, mapping, commit, report, duplicates, dry_run: _ } => {
            (file, mapping, commit, report, duplicates)
        }
        Identity::Link(args) => return super::link::run(args),
        Identity::Learn(args) => return learn(place, args).await,
        Identity::Sweep(args) => return sweep(place, args).await,
        Identity::Packets(args) => return super::packets::run(place, &args.dir).await,
    };
    let installation = Installation::open(place).await?;
    let mapping =
        std::fs::read_to_string(mapping).with_context(|| format!("reading {}", mapping.display()))?;
    let order = ImportOrder {
        file: file.clone(),
        mapping,
        commit: *commit,
        report: report.clone(),
        duplicates: duplicates.clone(),
    };
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} rows  {per_sec}  {eta} left")?);
    let summary = installation
        .people
        .import(&order, |Progress { rows, of }| {
            bar.set_length(of);
            bar.set_position(rows);
            ControlFlow::Continue(())
        })
        .await?;
    bar.finish_and_clear();
    let would = if *commit { "registered" } else { "would be registered" };
    say(&format!(
        "{} rows: {} {would}, {} refused ({}), {} held back as duplicates ({})",
        summary.rows,
        summary.registered,
        summary.refused,
        report.display(),
        summary.held,
        duplicates.display()
    ));
    if let Some(remark) = &summary.remark {
        say(remark);
    }
    if let Some(receipt) = summary.receipt {
        say(&format!("receipt {receipt}"));
    }
    Ok(if summary.refused == 0 { Outcome::Good } else { Outcome::Finding })
}

async fn learn(place: &Place, args: &InTheNameOf) -> anyhow::Result<Outcome> {
    let installation = Installation::open(place).await?;
    let learned = installation.people.learn("learn", &args.office).await?;
    say(&format!("model {} learned from {} people", learned.version, learned.people));
    say(&format!("receipt {}", learned.receipt));
    Ok(Outcome::Good)
}

async fn sweep(place: &Place, args: &InTheNameOf) -> anyhow::Result<Outcome> {
    let installation = Installation::open(place).await?;
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{pos} people compared  {per_sec}")?);
    let swept = installation
        .people
        .sweep_doubles("sweep", &args.office, |swept| {
            bar.set_position(swept.compared);
            ControlFlow::Continue(())
        })
        .await?;
    bar.finish_and_clear();
    say(&format!("{} people compared, {} new pairs: see /desk/doubles", swept.compared, swept.found));
    if let Some(receipt) = swept.receipt {
        say(&format!("receipt {receipt}"));
    }
    Ok(Outcome::Good)
}

//! `daftar country check|diff|propose`

use crate::cli::{Country, Place};
use crate::installation::{Installation, load_country, load_pack};
use crate::{Outcome, say};
use anyhow::anyhow;
use daftar_http::with_tx;
use daftar_kernel::{Actor, Lang, Problem, hex};
use daftar_packs::{Version, diff, versions};
use jiff::civil::Date;
use std::path::Path;
use std::sync::Arc;

/// Who proposes what the command is given: whoever runs the machine, who is no official and cannot approve.
const OPERATOR: Actor = Actor::System("system operator");

/// Checks, compares or proposes country packs.
///
/// # Errors
/// With all faults of a pack; what the installation answers to a proposal.
pub async fn run(place: &Place, args: &Country) -> anyhow::Result<Outcome> {
    match args {
        Country::Check(args) => {
            let (_, country) = load_pack(&args.dir)?;
            let name = country.names.get(&Lang::english());
            let (places, forms) = (country.places.all().count(), country.forms.len());
            say(&format!("{name}, version {}: {places} places, {forms} forms, no faults", country.version));
            Ok(Outcome::Good)
        }
        Country::Diff { old, new } => {
            let changes = diff(&load_country(old)?, &load_country(new)?);
            for change in &changes {
                say(&change.to_string());
            }
            Ok(if changes.is_empty() { Outcome::Good } else { Outcome::Finding })
        }
        Country::Propose { dir, from } => {
            let installation = Installation::open(place).await?;
            let version = propose(&installation, dir, *from).await?;
            let approval = version.approval.map(|id| id.to_string()).unwrap_or_default();
            say(&format!("Version {} is proposed, to be in force from {from}.", version.label));
            say(&format!("Fingerprint of its files: {}", hex::encode(&version.digest)));
            say(&format!(
                "Next: two officials who hold '{}' approve it within 7 days at /desk/approvals/{approval}",
                versions::PROPOSE
            ));
            installation.store.close().await;
            Ok(Outcome::Good)
        }
    }
}

/// Checks a pack, stores it, and asks for two approvals, in the name of whoever runs the machine.
///
/// # Errors
/// With all faults of the pack; `packs-foreign`, `packs-day`, `packs-unchanged` in words.
pub async fn propose(installation: &Installation, dir: &Path, from: Date) -> anyhow::Result<Version> {
    let pack = Arc::new(load_pack(dir)?);
    let (store, office) = (installation.store.clone(), installation.office.clone());
    // Another process may have put a newer version into force: what counts is the database.
    let live = installation.live.country.clone();
    let proposed = with_tx!(store.write, tx, [office, pack, live] {
        versions::propose(tx, &office, &OPERATOR, (&pack.0, &pack.1), (&live, from)).await
    });
    proposed.map_err(|problem| in_words(installation, &problem))
}

/// A problem as the pages would say it.
fn in_words(installation: &Installation, problem: &Problem) -> anyhow::Error {
    let words = installation.live.catalog.english().problem(problem);
    anyhow!("{} Next: {}", words.what, words.next)
}

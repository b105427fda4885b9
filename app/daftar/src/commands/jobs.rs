//! `daftar jobs dead|retry|discard`

use crate::cli::{Jobs, Place};
use crate::installation::Installation;
use crate::{Outcome, say};
use daftar_kernel::Id;
use daftar_store::jobs;

/// Shows or decides the jobs that failed for good.
///
/// # Errors
/// When there is no such job.
pub async fn run(place: &Place, args: &Jobs) -> anyhow::Result<Outcome> {
    let installation = Installation::open(place).await?;
    let store = &installation.store;
    match args {
        Jobs::Dead => {
            let dead = store.read(|tx| Box::pin(async move { jobs::list_dead(tx, None).await })).await?;
            for job in &dead {
                say(&format!(
                    "{} {} {} after {} tries: {}",
                    job.id, job.kind, job.aggregate, job.attempts, job.last_error
                ));
            }
            if dead.is_empty() {
                say("no job has failed for good");
            }
            Ok(if dead.is_empty() { Outcome::Good } else { Outcome::Finding })
        }
        Jobs::Retry { id } => {
            let (id, now) = (id.parse::<Id>()?, store.world().now());
            let found =
                store.write(move |tx| Box::pin(async move { jobs::retry_dead(tx, id, now).await })).await?;
            decided(found)
        }
        Jobs::Discard { id } => {
            let id = id.parse::<Id>()?;
            let found =
                store.write(move |tx| Box::pin(async move { jobs::discard_dead(tx, id).await })).await?;
            decided(found)
        }
    }
}

fn decided(found: bool) -> anyhow::Result<Outcome> {
    anyhow::ensure!(found, "no such failed job. Next: daftar jobs dead lists them");
    Ok(Outcome::Good)
}

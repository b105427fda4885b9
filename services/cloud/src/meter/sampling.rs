//! Once a minute, on the minute, the engine is asked what everybody used; after the first of a month the bills are made.

use super::ledger::{self, Owners};
use crate::cloud::Cloud;
use daftar_kernel::Problem;
use daftar_store::{params, sql};
use std::sync::Arc;
use std::time::Duration;

impl Cloud {
    /// Asks the engine and writes what it says; false when this minute is written already or the engine does not answer,
    /// which leaves a gap.
    ///
    /// # Errors
    /// The store's; where there is no cloud.
    pub async fn sample(&self) -> Result<bool, Problem> {
        let at = self.now();
        let usage = match self.engine()?.usage().await {
            Ok(usage) => Arc::new(usage),
            Err(error) => {
                tracing::warn!(%error, "a minute of the cloud was not counted");
                return Ok(false);
            }
        };
        let written = self.store().write(move |tx| {
            let usage = usage.clone();
            Box::pin(async move {
                let text = sql!(
                    "select agency_id, project, id from cloud_resource where kind = $1 and gone_at = 0 \
                     order by agency_id, project, id"
                );
                let mut owners = Owners::new();
                for row in tx.query(text, &params!["instance"]).await? {
                    owners.insert((row.get(1)?, row.get(2)?), row.get(0)?);
                }
                Ok::<_, Problem>(ledger::record(tx, at, &usage, &owners).await?)
            })
        });
        written.await
    }

    /// Samples each minute, and makes the bills that are due, until told to stop.
    pub(crate) async fn sample_each_minute(&self, mut stop: tokio::sync::watch::Receiver<bool>) {
        loop {
            if let Err(problem) = self.sample().await {
                tracing::warn!(%problem, "a minute of the cloud was not counted");
            }
            match self.issue_bills().await {
                Ok(0) => {}
                Ok(made) => tracing::info!(made, "bills of a month that is over were made"),
                Err(problem) => tracing::warn!(%problem, "a bill was not made"),
            }
            let into_the_minute = self.now().seconds().rem_euclid(60);
            let left = u64::try_from(60 - into_the_minute).unwrap_or(60);
            tokio::select! {
                _ = stop.changed() => return,
                () = tokio::time::sleep(Duration::from_secs(left)) => {}
            }
        }
    }
}

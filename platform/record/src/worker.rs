//! The worker: sequences, and asks the witnesses, for as long as the program runs.

use crate::Record;
use crate::error::RecordError;
use std::time::Duration;
use tokio::time::sleep;

/// How often the worker looks for what waits. One small read when nothing does.
pub const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long it waits after a round in which witnesses were missing, so as not to flood those who struggle.
pub const ASK_AGAIN_AFTER: Duration = Duration::from_secs(3);
/// How long it waits after an error, such as a database that is away.
pub const TRY_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// How often it says again that a log is frozen.
pub const REMIND_EVERY: Duration = Duration::from_secs(60);

impl Record {
    /// Sequences and cosigns until `shutdown` ends. Never gives up: what fails is logged and tried again; a
    /// frozen log is left alone and said so. To stop in the middle harms nothing: a pass commits whole or not
    /// at all.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        // Two loops, so that a slow witness never keeps acts from being signed.
        tokio::select! {
            () = shutdown => {}
            () = Box::pin(self.keep_sequencing()) => {}
            () = Box::pin(self.keep_cosigning()) => {}
        }
    }

    async fn keep_sequencing(&self) {
        loop {
            let pause = match self.sequence_once().await {
                Ok(done) if done.more => Duration::ZERO,
                Ok(_) => LOOK_EVERY,
                Err(error) => said(&error),
            };
            sleep(pause).await;
        }
    }

    async fn keep_cosigning(&self) {
        loop {
            let pause = match self.cosign_once().await {
                Ok(round) if round.missed() => ASK_AGAIN_AFTER,
                Ok(_) => LOOK_EVERY,
                Err(error) => said(&error),
            };
            sleep(pause).await;
        }
    }
}

/// Tells the operator and gives how long to wait.
fn said(error: &RecordError) -> Duration {
    match error {
        RecordError::Frozen { .. } => {
            tracing::error!(%error, "the record");
            REMIND_EVERY
        }
        RecordError::Held(_) => {
            tracing::warn!(%error, "the record");
            TRY_AGAIN_AFTER
        }
        _ => {
            tracing::error!(%error, "the record");
            TRY_AGAIN_AFTER
        }
    }
}

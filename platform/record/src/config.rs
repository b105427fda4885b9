//! What an installation sets for its record.

use crate::transport::Transport;
use std::path::PathBuf;
use std::sync::Arc;

/// Settings of the record.
#[derive(Clone)]
pub struct RecordConfig {
    /// Name under which the world knows this installation's logs, such as `registry.example.org/2026`. The
    /// logs' origins are this and `/acts` or `/access`. It never changes while the logs live.
    pub origin: String,
    /// Witnesses, groups and quorum in the form of C2SP tlog-policy, without `log` lines: this record adds
    /// its own. A witness is asked at the address on its line. `quorum none` needs no witness.
    pub policy: String,
    /// How witnesses are reached.
    pub transport: Arc<dyn Transport>,
    /// Folder of the mark (see README), outside the database; without it the witnesses are asked at every
    /// start.
    pub mark_dir: Option<PathBuf>,
    /// Least seconds between two batches of looks. A larger number hides better when somebody looked, and
    /// makes receipts wait longer.
    pub batch_seconds: i64,
    /// Seconds after which an empty batch enters the `access` log as a sign of life.
    pub heartbeat_seconds: i64,
    /// Seconds after which witnesses are asked again although a tree has not grown, so that everyone sees
    /// they are there.
    pub cosign_seconds: i64,
}

impl RecordConfig {
    /// Settings with the usual intervals: batches each second, a sign of life and fresh cosignatures each
    /// minute.
    pub fn new(origin: impl Into<String>, policy: impl Into<String>, transport: Arc<dyn Transport>) -> Self {
        Self {
            origin: origin.into(),
            policy: policy.into(),
            transport,
            mark_dir: None,
            batch_seconds: 1,
            heartbeat_seconds: 60,
            cosign_seconds: 60,
        }
    }
}

impl std::fmt::Debug for RecordConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordConfig").field("origin", &self.origin).finish_non_exhaustive()
    }
}

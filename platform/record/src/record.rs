//! The record itself: its keys, its policy, its settings.

use crate::config::RecordConfig;
use crate::error::RecordError;
use crate::freeze::Start;
use crate::log::Log;
use daftar_kernel::Id;
use daftar_store::Store;
use std::sync::{Arc, Mutex, PoisonError};
use transparency_log::note::{Signer, VerifierKey};
use transparency_log::policy::Policy;

/// The public record and the access register over one store. Cheap to clone.
#[derive(Clone)]
pub struct Record {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    config: RecordConfig,
    acts: Signer,
    access: Signer,
    policy_text: String,
    policy: Policy,
    holder: Id,
    start: Mutex<Start>,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("origin", &self.inner.config.origin).finish_non_exhaustive()
    }
}

impl Record {
    /// Opens the record of a store whose migrations include [`MIGRATIONS`](crate::MIGRATIONS). Makes the
    /// logs' keys on the first call; they lie in files under the root key, outside the database.
    ///
    /// # Errors
    /// For a policy or origin that does not read, and when the keys cannot be read.
    pub fn new(store: Store, config: RecordConfig) -> Result<Self, RecordError> {
        let signer = |log: Log| -> Result<Signer, RecordError> {
            let pair = store.vault().sign_key(&format!("record-{}", log.code()))?;
            Ok(Signer::from_key_pair(&format!("{}/{}", config.origin, log.code()), pair)?)
        };
        let (acts, access) = (signer(Log::Acts)?, signer(Log::Access)?);
        let policy_text = format!(
            "log {}\nlog {}\n{}\n",
            acts.verifier_key(),
            access.verifier_key(),
            config.policy.trim_end()
        );
        let policy = Policy::parse(policy_text.as_bytes())?;
        let holder = store.world().id();
        let start = Mutex::new(Start::Unchecked);
        let inner = Inner { store, config, acts, access, policy_text, policy, holder, start };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The store it stands on.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }
    /// Its settings.
    #[must_use]
    pub fn config(&self) -> &RecordConfig {
        &self.inner.config
    }
    /// The policy file for whoever verifies: the logs' keys, the witnesses, the quorum. Hand it out by
    /// another way than the logs themselves, on paper for instance.
    #[must_use]
    pub fn policy_text(&self) -> &str {
        &self.inner.policy_text
    }
    /// The same, parsed.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.inner.policy
    }
    /// Whether a checkpoint needs any witness at all before it counts as cosigned.
    #[must_use]
    pub fn needs_witnesses(&self) -> bool {
        !self.inner.policy.is_quorum(|_| false)
    }
    /// Origin of a log, such as `registry.example.org/2026/acts`.
    #[must_use]
    pub fn origin(&self, log: Log) -> String {
        format!("{}/{}", self.inner.config.origin, log.code())
    }
    /// The key others verify a log's checkpoints with; what a witness is told to follow.
    #[must_use]
    pub fn log_key(&self, log: Log) -> VerifierKey {
        self.signer(log).verifier_key()
    }
    pub(crate) fn signer(&self, log: Log) -> &Signer {
        match log {
            Log::Acts => &self.inner.acts,
            Log::Access => &self.inner.access,
        }
    }
    /// Who this process is to the sequencer's lease.
    pub(crate) fn holder(&self) -> Id {
        self.inner.holder
    }
    pub(crate) fn start_state(&self) -> Start {
        self.inner.start.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    pub(crate) fn set_start_state(&self, start: Start) {
        *self.inner.start.lock().unwrap_or_else(PoisonError::into_inner) = start;
    }
}

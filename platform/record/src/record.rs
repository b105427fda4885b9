//! The record itself: its keys, its policy, its settings.

use crate::config::RecordConfig;
use crate::error::RecordError;
use crate::freeze::Start;
use crate::log::{Log, Volume};
use crate::tree::column;
use daftar_kernel::{Id, hex};
use daftar_store::{Row, Store, StoreError, Tx, params, sql};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use transparency_log::merkle::sha256;
use transparency_log::note::{Signer, VerifierKey};
use transparency_log::policy::Policy;

/// Acts of one era: the openings of so many lie together in the index by person.
pub const ERA_ACTS: u64 = 1 << 20;

/// The public record and the access register over one store. Cheap to clone.
#[derive(Clone)]
pub struct Record {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    config: RecordConfig,
    origin: String,
    acts: Signer,
    access: Signer,
    policy_text: String,
    policy: Policy,
    ended: Vec<Ended>,
    holder: Id,
    start: Mutex<Start>,
    acts_size: AtomicU64,
}

/// A volume that has a successor: nothing is signed in it any more, and it stays readable.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The policy its receipts verify with, as it was when it ended.
    pub policy_text: String,
    /// The same, parsed.
    pub policy: Policy,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("origin", &self.inner.origin).finish_non_exhaustive()
    }
}

impl Record {
    /// Opens the record of a store whose migrations include [`MIGRATIONS`](crate::MIGRATIONS). Makes the
    /// logs' keys on the first call; they lie in files under the root key, outside the database.
    ///
    /// The origin of the settings names the first volume. After a succession the database names the newest.
    ///
    /// # Errors
    /// For a policy or origin that does not read, when the keys cannot be read, and [`RecordError::Origin`] when the
    /// logs in the database bear another name than the settings say.
    pub async fn open(store: Store, config: RecordConfig) -> Result<Self, RecordError> {
        let (volumes, began) = store
            .read(|tx| {
                Box::pin(
                    async move { Ok::<_, RecordError>((volumes(tx).await?, origin_of_first(tx).await?)) },
                )
            })
            .await?;
        if let Some(found) = began.filter(|found| *found != config.origin) {
            return Err(RecordError::Origin { found, named: config.origin.clone() });
        }
        let mut ended = Vec::new();
        for (_, text) in &volumes {
            ended.push(Ended { policy: Policy::parse(text.as_bytes())?, policy_text: text.clone() });
        }
        let (origin, number) = match volumes.last() {
            Some((origin, _)) => (origin.clone(), u32::try_from(volumes.len() + 1).unwrap_or(u32::MAX)),
            None => (config.origin.clone(), 1),
        };
        let [acts, access] = signers(&store, &origin, number)?;
        let policy_text = policy_text(&acts, &access, &config.policy);
        let policy = Policy::parse(policy_text.as_bytes())?;
        let holder = store.world().id();
        let start = Mutex::new(Start::Unchecked);
        let acts_size = AtomicU64::new(0);
        let inner = Inner {
            store,
            config,
            origin,
            acts,
            access,
            policy_text,
            policy,
            ended,
            holder,
            start,
            acts_size,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The era in which an act of this moment is filed (README): how many [`ERA_ACTS`] the log held when this node
    /// last saw it. A node that is behind files in an earlier one, where the act is found as well.
    pub(crate) fn era(&self) -> i64 {
        column(self.inner.acts_size.load(Ordering::Relaxed) / ERA_ACTS)
    }
    /// Notes how many acts the log holds.
    pub(crate) fn note_size(&self, acts: u64) {
        self.inner.acts_size.fetch_max(acts, Ordering::Relaxed);
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
        self.inner.policy.needs_witnesses()
    }
    /// Number of the volume that is being written, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        u32::try_from(self.inner.ended.len() + 1).unwrap_or(u32::MAX)
    }
    /// The volume of a log that is being written.
    #[must_use]
    pub fn volume(&self, log: Log) -> Volume {
        Volume { log, number: self.number() }
    }
    /// All volumes of both logs, the oldest first.
    pub fn volumes(&self) -> impl Iterator<Item = Volume> + use<> {
        (1..=self.number()).flat_map(|number| Log::ALL.map(|log| Volume { log, number }))
    }
    /// The volumes that have a successor, the first one first.
    #[must_use]
    pub fn ended(&self) -> &[Ended] {
        &self.inner.ended
    }
    /// The policy with which receipts of a volume verify; `None` for a volume there is not.
    #[must_use]
    pub fn policy_of(&self, number: u32) -> Option<(&Policy, &str)> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        match self.inner.ended.get(place) {
            Some(ended) => Some((&ended.policy, &ended.policy_text)),
            None if number == self.number() => Some((self.policy(), self.policy_text())),
            None => None,
        }
    }
    /// Name of the logs in the world, without `/acts` or `/access`: the newest volume's.
    #[must_use]
    pub fn base_origin(&self) -> &str {
        &self.inner.origin
    }
    /// Origin of a log, such as `registry.example.org/2026/acts`.
    #[must_use]
    pub fn origin(&self, log: Log) -> String {
        format!("{}/{}", self.inner.origin, log.code())
    }
    /// The key others verify a log's checkpoints with; what a witness is told to follow.
    #[must_use]
    pub fn log_key(&self, log: Log) -> VerifierKey {
        self.signer(log).verifier_key()
    }
    /// The keys with which a volume's checkpoints verify; none for a volume there is not.
    pub(crate) fn keys_of(&self, volume: Volume) -> Vec<VerifierKey> {
        let ending = format!("/{}", volume.log.code());
        let logs = self.policy_of(volume.number).map_or(&[][..], |(policy, _)| policy.logs());
        logs.iter().map(|log| log.key.clone()).filter(|key| key.name().ends_with(&ending)).collect()
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

/// The signers of both logs of a volume. Their keys are made on the first call and lie outside the database. Those of a
/// successor belong to its origin, not to its number: an older database that begins another successor never signs with
/// the keys of one that was begun before.
pub(crate) fn signers(store: &Store, origin: &str, number: u32) -> Result<[Signer; 2], RecordError> {
    let signer = |log: Log| -> Result<Signer, RecordError> {
        let key = match number {
            1 => format!("record-{}", log.code()),
            _ => format!("record-{}-{}", log.code(), hex::encode(&sha256(&[origin.as_bytes()])[..16])),
        };
        let pair = store.vault().sign_key(&key)?;
        Ok(Signer::from_key_pair(&format!("{origin}/{}", log.code()), pair)?)
    };
    Ok([signer(Log::Acts)?, signer(Log::Access)?])
}

/// The policy file of a volume: its logs' keys before the lines that name the witnesses.
pub(crate) fn policy_text(acts: &Signer, access: &Signer, lines: &str) -> String {
    format!("log {}\nlog {}\n{}\n", acts.verifier_key(), access.verifier_key(), lines.trim_end())
}

/// Origin of each successor, and the policy of the volume it ended.
async fn volumes(tx: &mut Tx) -> Result<Vec<(String, String)>, StoreError> {
    let rows =
        tx.query(sql!("select origin, ended_policy from record_volume order by number"), &params![]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// How many volumes there are. A process that was opened before a succession finds one more than it knows.
pub(crate) async fn newest_number(tx: &mut Tx) -> Result<u32, StoreError> {
    let row = tx.query_one(sql!("select count(*) from record_volume"), &params![]).await?;
    Ok(u32::try_from(row.get::<i64>(0)? + 1).unwrap_or(u32::MAX))
}

/// Origin of the first volume, as its own checkpoints say; `None` before the first.
async fn origin_of_first(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    let row = tx
        .query_opt(sql!("select checkpoint from record_log where log = $1"), &params![Log::Acts.code()])
        .await?;
    let text: Option<String> = row.as_ref().map(|row: &Row| row.get(0)).transpose()?;
    let line = text.and_then(|text| text.lines().next().map(str::to_string));
    // What is no origin of ours is damage: the audit names it, and nothing here must stand in its way.
    Ok(line.and_then(|line| line.strip_suffix("/acts").map(str::to_string)))
}

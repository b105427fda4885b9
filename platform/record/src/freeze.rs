//! The rule that makes a restored backup harmless: before a tree is signed, this machine shows that its
//! database is the newest, by its own mark or by what its witnesses hold. Evidence to the contrary freezes
//! the log for good.
//!
//! Evidence is a tree signed by this log's own key. A witness that only *claims* to hold more cannot freeze
//! anything (one bad witness could otherwise end a country's log), but while the machine has no mark of its
//! own, signing waits until the claim is withdrawn or the witness leaves the policy.

use crate::Record;
use crate::error::RecordError;
use crate::log::{Log, Volume};
use crate::mark::{self, blocking};
use crate::transport::{Answer, MAX_WITNESS_ANSWER_BYTES, TransportError};
use crate::tree;
use daftar_kernel::Timestamp;
use daftar_store::{StoreError, Tx, params, sql};
use transparency_log::Hash;
use transparency_log::checkpoint::{Checkpoint, SignedCheckpoint, origin_hash};
use transparency_log::merkle::EMPTY_ROOT;
use transparency_log::note::VerifierKey;
use transparency_log::policy::Witness;
use transparency_log::witness::{AddCheckpoint, Outcome, read_answer};

/// Whether this process may sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Nobody has looked yet.
    Unchecked,
    /// The database is the newest as far as anybody knows.
    Allowed,
    /// Not shown yet; the text says what is missing.
    Held(String),
}

/// What a witness holds of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitnessHolds {
    /// Nothing: it never saw this log.
    Nothing,
    /// A tree that this log signed and the witness cosigned.
    Tree(SignedCheckpoint),
    /// Nothing newer than the checkpoint it was shown.
    NotMore,
    /// It says that it holds more or something else, and shows no signature.
    Claims(String),
    /// It did not answer, or not as the protocol says.
    NoAnswer(String),
}

impl Record {
    /// Whether a tree may be signed now; asks the witnesses the first time, and again while it is held.
    pub(crate) async fn may_sign(&self) -> Result<(), RecordError> {
        if self.start_state() == Start::Allowed {
            return Ok(());
        }
        self.check_witnesses().await.map(|_| ())
    }

    /// Compares the database with this machine's mark and with every witness of the policy, and freezes a log
    /// that is behind or another. Runs before the first signature of a process; a restore calls it too.
    ///
    /// Gives what each witness holds, by name in the policy.
    ///
    /// # Errors
    /// [`RecordError::Frozen`]; [`RecordError::Held`]; or the store's.
    pub async fn check_witnesses(&self) -> Result<Vec<(Log, String, WitnessHolds)>, RecordError> {
        let mut all = Vec::new();
        let mut missing = Vec::new();
        for log in Log::ALL {
            self.refuse_frozen(log).await?;
            let marked = self.check_mark(log).await?;
            let mut answered = Vec::new();
            for (witness, holds) in self.ask_all(log).await? {
                if let WitnessHolds::Tree(tree) = &holds {
                    self.compare(log, tree.checkpoint(), &format!("the witness '{witness}'")).await?;
                }
                answered.push(!matches!(holds, WitnessHolds::NoAnswer(_) | WitnessHolds::Claims(_)));
                if let (WitnessHolds::Claims(claim), false) = (&holds, marked) {
                    missing.push(format!("the witness '{witness}' {claim} of '{}'", log.code()));
                }
                all.push((log, witness, holds));
            }
            // Any tree that was ever cosigned by a quorum is known to one of those who answered, unless those
            // who did not could be a quorum by themselves.
            let silent_quorum =
                self.policy().is_quorum(|witness| !answered.get(witness).copied().unwrap_or(false));
            if !marked && silent_quorum && self.needs_witnesses() {
                missing.push(format!("too few witnesses answered for '{}'", log.code()));
            }
        }
        if missing.is_empty() {
            self.set_start_state(Start::Allowed);
            return Ok(all);
        }
        let reason = missing.join("; ");
        self.set_start_state(Start::Held(reason.clone()));
        Err(RecordError::Held(reason))
    }

    async fn refuse_frozen(&self, log: Log) -> Result<(), RecordError> {
        let volume = self.volume(log);
        let head = self.store().read(move |tx| Box::pin(tree::head(tx, volume))).await?;
        match head.and_then(|head| head.frozen) {
            Some(reason) => Err(RecordError::Frozen { log, reason }),
            None => Ok(()),
        }
    }

    /// Whether this machine's mark vouches for the database.
    async fn check_mark(&self, log: Log) -> Result<bool, RecordError> {
        let Some(dir) = self.config().mark_dir.clone() else { return Ok(false) };
        let record = self.clone();
        let Some(mark) = blocking(move || mark::read(&dir, &record, log)).await? else { return Ok(false) };
        self.compare(log, mark.checkpoint(), "this machine's mark").await?;
        Ok(true)
    }

    /// Freezes the log when a tree it signed is not the beginning of the one in the database.
    pub(crate) async fn compare(&self, log: Log, seen: &Checkpoint, who: &str) -> Result<(), RecordError> {
        let (size, root, volume) = (seen.size, seen.root, self.volume(log));
        let (ours, same) = self
            .store()
            .read(move |tx| {
                Box::pin(async move {
                    let head = tree::head(tx, volume).await?;
                    let (ours, _) = tree::size_and_root(head.as_ref());
                    let same = size <= ours && is_beginning(tx, volume, size, root).await?;
                    Ok::<_, RecordError>((ours, same))
                })
            })
            .await?;
        if same {
            return Ok(());
        }
        let reason = if size > ours {
            format!("{who} holds a tree of {size} entries signed by this log; the database has {ours}")
        } else {
            format!("{who} holds another tree of {size} entries signed by this log")
        };
        self.freeze(log, &reason).await?;
        Err(RecordError::Frozen { log, reason })
    }

    /// Stops the log for good. The first reason stands.
    async fn freeze(&self, log: Log, reason: &str) -> Result<(), RecordError> {
        tracing::error!(log = log.code(), reason, "the log is frozen: nothing is signed any more");
        let (reason, volume) = (reason.to_string(), self.volume(log));
        let now = self.store().world().now();
        self.store()
            .write(move |tx| {
                let reason = reason.clone();
                Box::pin(async move { freeze_in(tx, volume, &reason, now).await })
            })
            .await?;
        Ok(())
    }

    /// What every witness with an address holds, in the policy's order.
    pub(crate) async fn ask_all(&self, log: Log) -> Result<Vec<(String, WitnessHolds)>, RecordError> {
        let volume = self.volume(log);
        let head = self.store().read(move |tx| Box::pin(tree::head(tx, volume))).await?;
        let probe = match head.filter(|head| !head.checkpoint.is_empty()) {
            Some(head) => SignedCheckpoint::parse(head.checkpoint.as_bytes()),
            // The empty tree is the beginning of every tree: to sign it forks nothing.
            None => Checkpoint::new(&self.origin(log), 0, EMPTY_ROOT).sign(self.signer(log)),
        }
        .map_err(|error| RecordError::damaged(log, error))?;
        self.ask_about(self.log_key(log), probe).await
    }

    /// What every witness with an address holds of the log with this key.
    pub(crate) async fn ask_about(
        &self,
        key: VerifierKey,
        probe: SignedCheckpoint,
    ) -> Result<Vec<(String, WitnessHolds)>, RecordError> {
        let mut asked = Vec::new();
        for witness in self.policy().witnesses().iter().cloned() {
            let (record, probe, key) = (self.clone(), probe.clone(), key.clone());
            let name = witness.name.clone();
            let task = tokio::task::spawn_blocking(move || record.holds(&key, &witness, Some(probe)));
            asked.push((name, task));
        }
        let mut all = Vec::new();
        for (name, task) in asked {
            all.push((name, task.await.unwrap_or_else(|error| WitnessHolds::NoAnswer(error.to_string()))));
        }
        Ok(all)
    }

    /// Asks one witness what it holds: by its monitoring address, which shows signatures, else by showing it
    /// a checkpoint it must already know. Blocks.
    pub(crate) fn holds(
        &self,
        key: &VerifierKey,
        witness: &Witness,
        probe: Option<SignedCheckpoint>,
    ) -> WitnessHolds {
        let Some(url) = witness.url.as_deref() else {
            return WitnessHolds::NoAnswer("the policy gives no address".into());
        };
        let url = url.trim_end_matches('/');
        let latest = format!("{url}/{}/checkpoint", origin_hash(key.name()));
        let transport = &self.config().transport;
        let seen = transport.get(&latest, MAX_WITNESS_ANSWER_BYTES);
        let why = match shown(key, witness, seen) {
            Ok(tree) => return WitnessHolds::Tree(tree),
            Err(why) => why,
        };
        let Some(checkpoint) = probe else { return WitnessHolds::NoAnswer(why) };
        let size = checkpoint.checkpoint().size;
        let request = AddCheckpoint { old_size: size, proof: Vec::new(), checkpoint };
        let url = format!("{url}/add-checkpoint");
        match transport.post(&url, request.to_body().as_bytes(), MAX_WITNESS_ANSWER_BYTES) {
            Err(error) => WitnessHolds::NoAnswer(error.to_string()),
            Ok(answer) if answer.status == 404 => WitnessHolds::Nothing,
            Ok(answer) => {
                match read_answer(&request, std::slice::from_ref(&witness.key), answer.status, &answer.body) {
                    Outcome::Cosigned(_) => WitnessHolds::NotMore,
                    Outcome::AtSize(theirs) if theirs <= size => WitnessHolds::NotMore,
                    Outcome::AtSize(theirs) => WitnessHolds::Claims(format!("claims {theirs} entries")),
                    Outcome::Inconsistent => WitnessHolds::Claims("claims another history".into()),
                    Outcome::Failed(reason) => WitnessHolds::NoAnswer(reason),
                }
            }
        }
    }
}

/// Whether our tree of this volume had this root when it had so many entries.
pub(crate) async fn is_beginning(
    tx: &mut Tx,
    volume: Volume,
    size: u64,
    root: Hash,
) -> Result<bool, RecordError> {
    match tree::root_at(tx, volume, size).await {
        Ok(before) => Ok(before == root),
        // Tiles that do not even make a tree are not the ones that were signed.
        Err(RecordError::Damaged { .. }) => Ok(false),
        Err(other) => Err(other),
    }
}

/// Marks a volume of a log as one in which nothing is signed any more. The first reason stands.
pub(crate) async fn freeze_in(
    tx: &mut Tx,
    volume: Volume,
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    // An empty database that is behind has no row yet, and no checkpoint to show.
    tx.execute(
        sql!(
            "insert into record_log (log, size, root, checkpoint, signed_at, frozen, frozen_at) \
             values ($1, 0, $2, '', $3, $4, $3) on conflict (log) do update \
             set frozen = coalesce(record_log.frozen, excluded.frozen), \
             frozen_at = coalesce(record_log.frozen_at, excluded.frozen_at)"
        ),
        &params![volume.code(), EMPTY_ROOT, now, reason],
    )
    .await?;
    Ok(())
}

/// The tree an answer shows, when this log and the witness both signed it.
fn shown(
    key: &VerifierKey,
    witness: &Witness,
    answer: Result<Answer, TransportError>,
) -> Result<SignedCheckpoint, String> {
    let answer = answer.map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!("status {}", answer.status));
    }
    let signed = SignedCheckpoint::parse(&answer.body).map_err(|error| error.to_string())?;
    signed.verify_log([key]).map_err(|error| error.to_string())?;
    signed.note().verify(std::slice::from_ref(&witness.key)).map_err(|error| error.to_string())?;
    Ok(signed)
}

//! A successor: how a country goes on honestly after its log was frozen, or ended on purpose.
//!
//! There is no way to make a frozen log sign again. A successor is another pair of logs, with another origin and other
//! keys, whose entry 0 says what witnesses hold of the old pair, what this database holds, and what is missing.

use crate::Record;
use crate::act::Act;
use crate::audit::StoreAudit;
use crate::entry::minute;
use crate::error::RecordError;
use crate::freeze::{WitnessHolds, freeze_in, is_beginning};
use crate::log::{Log, MAX_VOLUMES, Volume};
use crate::mark::{self, blocking};
use crate::record::{newest_number, signers};
use crate::sequence::{LEASE, LEASE_SECONDS, set_indexes};
use crate::tree;
use daftar_kernel::{Actor, Id, Timestamp, hex};
use daftar_store::{StoreError, Tx, lease, params, sql};
use serde_json::json;
use transparency_log::checkpoint::{Checkpoint, SignedCheckpoint};
use transparency_log::merkle::{EMPTY_ROOT, leaf_hash, sha256};
use transparency_log::note::{Signer, VerifierKey, check_key_name};
use transparency_log::{Hash, canonical};

pub use crate::succession_entry::{Cause, SUCCEEDED, SUCCESSION_FORMAT, SuccessionEntry};

/// Longest origin, and longest text of who begins a successor and why, in characters.
pub const MAX_ASK_CHARS: usize = 300;
/// Most checkpoints of others shown in entry 0.
const MAX_SEEN: usize = 8;

/// What an operator asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Name of the successor in the world: never used before.
    pub origin: String,
    /// Who begins it, as everybody will read it.
    pub by: String,
    /// Why, in words for everybody.
    pub reason: String,
    /// Whether to end a log that is not frozen.
    pub end: bool,
}

/// What a succession will write, for the operator to read before it happens.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What was asked.
    pub ask: Ask,
    /// Name of the logs that end.
    pub before: String,
    /// Entry 0 of the new `acts` and `access` log.
    pub entries: [SuccessionEntry; 2],
    /// The keys of the new logs: what every witness is to follow.
    pub keys: [VerifierKey; 2],
    /// Repeat this to confirm: it changes when anything that will be written changes, but for the minute.
    pub code: String,
    /// Size and root of both trees as they are in the database.
    trees: [(u64, Hash); 2],
}

/// What is known of one log before it ends.
struct Known {
    entry: SuccessionEntry,
    tree: (u64, Hash),
}

fn refused<T>(text: impl Into<String>) -> Result<T, RecordError> {
    Err(RecordError::Succession(text.into()))
}

impl Record {
    /// Asks the witnesses and says what a succession would write. Nothing is written, but that a log found to be behind is
    /// frozen, and one that is to end on purpose is brought up to date first.
    ///
    /// # Errors
    /// [`RecordError::Succession`] when the log is neither frozen nor to be ended, when a text or the new origin will not
    /// do, or when a witness knows the new origin; [`RecordError::Held`] when too few witnesses answer: entry 0 must hold
    /// the largest tree that any quorum has seen; [`RecordError::Superseded`]; the store's.
    pub async fn plan_succession(&self, ask: &Ask) -> Result<Plan, RecordError> {
        let ask = self.check_ask(ask)?;
        if self.store().read(|tx| Box::pin(newest_number(tx))).await? != self.number() {
            return Err(RecordError::Superseded);
        }
        let found = match self.check_witnesses().await {
            Err(RecordError::Frozen { reason, .. }) => reason,
            Err(other) => return Err(other),
            Ok(_) if !ask.end => {
                return refused(
                    "the log is not frozen, so it needs no successor. Next: daftar serve; only to end it on purpose, --end",
                );
            }
            Ok(_) => {
                while self.sequence_once().await?.more {}
                self.cosign_once().await?;
                String::new()
            }
        };
        let [acts, access] = signers(self.store(), &ask.origin, self.number() + 1)?;
        self.refuse_known_origin(&acts).await?;
        let acts_known = self.known(Log::Acts, &found).await?;
        let access_known = self.known(Log::Access, &found).await?;
        let trees = [acts_known.tree, access_known.tree];
        let entries = [acts_known.entry, access_known.entry];
        let code = code_of(&ask, &entries)?;
        let keys = [acts.verifier_key(), access.verifier_key()];
        Ok(Plan { before: self.base_origin().into(), ask, entries, keys, code, trees })
    }

    fn check_ask(&self, ask: &Ask) -> Result<Ask, RecordError> {
        let clean = |what: &str, text: &str| -> Result<String, RecordError> {
            let text = text.trim();
            let fits = !text.is_empty() && text.chars().count() <= MAX_ASK_CHARS;
            if fits && !text.chars().any(char::is_control) {
                return Ok(text.into());
            }
            refused(format!("{what} must be one line of 1 to {MAX_ASK_CHARS} characters"))
        };
        let (origin, by, reason) =
            (clean("--origin", &ask.origin)?, clean("--by", &ask.by)?, clean("--reason", &ask.reason)?);
        let origin = origin.trim_end_matches('/').to_string();
        check_key_name(&format!("{origin}/acts"))?;
        let used = |name: &str| name.rsplit_once('/').is_some_and(|(base, _)| base == origin);
        let ended = self.ended().iter().flat_map(|ended| ended.policy.logs());
        if ended.chain(self.policy().logs()).any(|log| used(log.key.name())) {
            return refused(format!(
                "'{origin}' is the name of a log there was. Next: choose another --origin"
            ));
        }
        if self.number() >= MAX_VOLUMES {
            return refused(format!("there are {MAX_VOLUMES} volumes, and no more are made"));
        }
        Ok(Ask { origin, by, reason, end: ask.end })
    }

    /// A name that a witness follows already belongs to a successor that was begun before, maybe in a database that was
    /// lost since: to begin it again would be a second history under one name.
    async fn refuse_known_origin(&self, acts: &Signer) -> Result<(), RecordError> {
        let key = acts.verifier_key();
        let probe = Checkpoint::new(key.name(), 0, EMPTY_ROOT)
            .sign(acts)
            .map_err(|error| RecordError::damaged(Log::Acts, error))?;
        for (witness, holds) in self.ask_about(key, probe).await? {
            let known = match &holds {
                WitnessHolds::Tree(tree) => tree.checkpoint().size > 0,
                WitnessHolds::Claims(_) => true,
                WitnessHolds::Nothing | WitnessHolds::NotMore | WitnessHolds::NoAnswer(_) => false,
            };
            if known {
                return refused(format!(
                    "the witness '{witness}' knows that origin already. Next: choose another --origin"
                ));
            }
        }
        Ok(())
    }

    async fn known(&self, log: Log, found: &str) -> Result<Known, RecordError> {
        let mut seen = self.seen_by_witnesses(log).await?;
        if let Some(dir) = self.config().mark_dir.clone() {
            let record = self.clone();
            let mark = blocking(move || mark::read(&dir, &record, log)).await?;
            if let Some(mark) = mark.filter(|mark| seen.iter().all(|tree| !same_tree(tree, mark))) {
                seen.push(mark);
            }
        }
        seen.truncate(MAX_SEEN);
        let (volume, now) = (self.volume(log), self.store().world().now());
        let trees: Vec<Checkpoint> = seen.iter().map(|signed| signed.checkpoint().clone()).collect();
        let local = self
            .store()
            .read(move |tx| {
                let trees = trees.clone();
                Box::pin(async move { local(tx, volume, &trees).await })
            })
            .await?;
        let seen_size = seen.iter().map(|tree| tree.checkpoint().size).max().unwrap_or(0);
        let entry = SuccessionEntry {
            format: SUCCESSION_FORMAT.into(),
            at: minute(now),
            cause: if found.is_empty() { Cause::Ended } else { Cause::Frozen },
            found: found.into(),
            origin: self.origin(log),
            key: self.log_key(log).to_string(),
            seen: seen.iter().map(ToString::to_string).collect(),
            seen_size,
            local_at: local.at.map(minute).unwrap_or_default(),
            local: local.checkpoint,
            local_size: local.size,
            missing: seen_size.saturating_sub(local.size),
            forked: local.forked,
            epoch: local.epoch,
            before: local.before,
        };
        Ok(Known { tree: (local.size, local.root), entry })
    }

    /// The trees that witnesses hold, the largest first, each with the cosignatures of all who hold it.
    async fn seen_by_witnesses(&self, log: Log) -> Result<Vec<SignedCheckpoint>, RecordError> {
        let mut trees: Vec<SignedCheckpoint> = Vec::new();
        let mut answered = Vec::new();
        for (_, holds) in self.ask_all(log).await? {
            answered.push(!matches!(holds, WitnessHolds::NoAnswer(_) | WitnessHolds::Claims(_)));
            let WitnessHolds::Tree(tree) = holds else { continue };
            match trees.iter_mut().find(|known| same_tree(known, &tree)) {
                None => trees.push(tree),
                Some(known) => {
                    for line in tree.note().signatures() {
                        if !known.note().signatures().contains(line) {
                            known.add(line.clone())?;
                        }
                    }
                }
            }
        }
        let silent = |witness: usize| !answered.get(witness).copied().unwrap_or(false);
        if self.needs_witnesses() && self.policy().is_quorum(silent) {
            return Err(RecordError::Held(format!(
                "too few witnesses answered for '{}': those who did not may hold more than is known here",
                log.code()
            )));
        }
        trees.sort_by_key(|tree| std::cmp::Reverse(tree.checkpoint().size));
        Ok(trees)
    }

    /// Ends the logs and begins their successor, in one transaction: entry 0 of both, and the act that says who did it.
    /// Gives the record as it is from now on, and the act's receipt.
    ///
    /// # Errors
    /// [`RecordError::Succession`] when the database changed since the plan was made, or another process is sequencing;
    /// [`RecordError::Superseded`]; the store's.
    pub async fn succeed(&self, plan: &Plan) -> Result<(Self, Id), RecordError> {
        let [acts, access] = signers(self.store(), &plan.ask.origin, self.number() + 1)?;
        let signers = std::sync::Arc::new([acts, access]);
        let (record, what) = (self.clone(), plan.clone());
        let act = self
            .store()
            .write(move |tx| {
                let (record, plan, signers) = (record.clone(), what.clone(), signers.clone());
                Box::pin(async move { record.succeed_in(tx, &plan, &signers).await })
            })
            .await?;
        let next = Self::open(self.store().clone(), self.config().clone()).await?;
        next.write_marks(Log::ALL.to_vec()).await?;
        Ok((next, act))
    }

    async fn succeed_in(&self, tx: &mut Tx, plan: &Plan, signers: &[Signer; 2]) -> Result<Id, RecordError> {
        let (now, number) = (self.store().world().now(), self.number() + 1);
        if newest_number(tx).await? != self.number() {
            return Err(RecordError::Superseded);
        }
        let Some(fence) = lease::acquire(tx, LEASE, self.holder(), LEASE_SECONDS, now).await? else {
            return refused("another process is writing the record. Next: stop daftar serve, and try again");
        };
        for (log, tree) in Log::ALL.into_iter().zip(plan.trees) {
            if tree::size_and_root(tree::head(tx, self.volume(log)).await?.as_ref()) != tree {
                return refused("the log has grown since it was looked at. Next: run the command again");
            }
            freeze_in(tx, self.volume(log), &format!("succeeded by {}", plan.ask.origin), now).await?;
        }
        tx.execute(
            sql!("insert into record_volume (number, origin, ended_policy, began) values ($1, $2, $3, $4)"),
            &params![i64::from(number), &plan.ask.origin, self.policy_text(), now],
        )
        .await?;
        let mut leaves = [Vec::new(), Vec::new()];
        for ((log, entry), leaves) in Log::ALL.into_iter().zip(&plan.entries).zip(&mut leaves) {
            let body = SuccessionEntry { at: minute(now), ..entry.clone() }.to_bytes()?;
            tx.execute(
                sql!("insert into record_entry (id, log, body, at, idx) values ($1, $2, $3, $4, 0)"),
                &params![self.store().world().id(), Volume { log, number }.code(), &body, now],
            )
            .await?;
            leaves.push(leaf_hash(&body));
        }
        let act = self.act(tx, &Actor::System("daftar log succeed"), &act_of(plan)).await?;
        set_indexes(tx, Volume { log: Log::Acts, number }, &[(act, 1)]).await?;
        let row = tx.query_one(sql!("select body from record_entry where id = $1"), &params![act]).await?;
        leaves[0].push(leaf_hash(row.get::<&[u8]>(0)?));
        for ((log, signer), leaves) in Log::ALL.into_iter().zip(signers).zip(&leaves) {
            tree::grow(tx, Volume { log, number }, signer, None, leaves, now).await?;
        }
        // Whoever serves the country next need not wait for it to run out.
        lease::release(tx, &fence).await?;
        Ok(act)
    }

    /// Every succession against the volume it ended: what entry 0 says, the rows it speaks of, and who follows.
    pub(crate) async fn audit_successions(
        &self,
        tx: &mut Tx,
        audit: &mut StoreAudit,
    ) -> Result<(), RecordError> {
        for (ended, number) in self.ended().iter().zip(2..) {
            for log in Log::ALL {
                let (volume, old) = (Volume { log, number }, Volume { log, number: number - 1 });
                // One that is missing or unreadable is a finding of the tree's check.
                let Some(entry) = entry(tx, volume).await? else { continue };
                let mut problems = entry.check(&ended.policy, true, &[]);
                let head = tree::head(tx, old).await?;
                let (size, _) = tree::size_and_root(head.as_ref());
                let checkpoint = head.map(|head| own_checkpoint(&head)).unwrap_or_default();
                if (size, checkpoint.as_str()) != (entry.local_size, entry.local.as_str()) {
                    problems.push("the volume it ended is not in the state it speaks of".into());
                }
                if entry.before != hash(tx, old).await? {
                    problems.push("it does not name the succession before".into());
                }
                for problem in problems {
                    audit.add(log, Some(0), format!("record_entry {} 0", volume.code()), problem);
                }
            }
        }
        Ok(())
    }
}

/// What the database holds of a volume.
struct Local {
    size: u64,
    root: Hash,
    checkpoint: String,
    at: Option<Timestamp>,
    forked: bool,
    epoch: u64,
    before: Option<Hash>,
}

async fn local(tx: &mut Tx, volume: Volume, seen: &[Checkpoint]) -> Result<Local, RecordError> {
    let head = tree::head(tx, volume).await?;
    let (size, root) = tree::size_and_root(head.as_ref());
    let mut forked = false;
    for tree in seen.iter().filter(|tree| tree.size <= size) {
        forked |= !is_beginning(tx, volume, tree.size, tree.root).await?;
    }
    let epoch = match volume.log {
        Log::Acts => 0,
        Log::Access => tx
            .query_opt(sql!("select epoch from record_batch order by epoch desc limit 1"), &params![])
            .await?
            .map_or(Ok(0), |row| row.get::<i64>(0))?
            .unsigned_abs(),
    };
    let before = hash(tx, volume).await?;
    let checkpoint = head.as_ref().map(own_checkpoint).unwrap_or_default();
    let at = head.filter(|head| !head.checkpoint.is_empty()).map(|head| head.signed_at);
    Ok(Local { size, root, checkpoint, at, forked, epoch, before })
}

/// The newest checkpoint of a volume, with the witnesses' lines when they cosigned that very tree.
fn own_checkpoint(head: &tree::Head) -> String {
    match &head.cosigned {
        Some(cosigned) if head.cosigned_size == Some(head.size) => cosigned.clone(),
        _ => head.checkpoint.clone(),
    }
}

fn same_tree(one: &SignedCheckpoint, other: &SignedCheckpoint) -> bool {
    one.checkpoint() == other.checkpoint()
}

fn act_of(plan: &Plan) -> Act {
    let [acts, access] = &plan.entries;
    Act {
        kind: SUCCEEDED,
        service: "record",
        agency: String::new(),
        office: String::new(),
        subject: None,
        public: json!({
            "by": plan.ask.by,
            "reason": plan.ask.reason,
            "origin": plan.ask.origin,
            "before": plan.before,
            "missing": {"acts": acts.missing, "access": access.missing},
        }),
        private: None,
    }
}

/// Eight letters that stand for everything that will be written but the minute. Cosignatures are left out too: a witness
/// may give fresh ones of the same tree. A log that is ended on purpose grows until it ends, and nothing of it is missing:
/// its trees are left out as well.
fn code_of(ask: &Ask, entries: &[SuccessionEntry; 2]) -> Result<String, RecordError> {
    let trees = |entry: &SuccessionEntry| -> Vec<String> {
        if entry.cause == Cause::Ended {
            return Vec::new();
        }
        let texts = entry.seen.iter().chain([&entry.local]);
        texts.map(|text| text.split("\n\n").next().unwrap_or_default().to_string()).collect()
    };
    let what = json!({
        "origin": ask.origin, "by": ask.by, "reason": ask.reason, "end": ask.end,
        "trees": entries.each_ref().map(trees),
        "missing": entries.each_ref().map(|entry| entry.missing),
        "forked": entries.each_ref().map(|entry| entry.forked),
        "found": entries[0].found,
    });
    let text = canonical::to_text(&what)
        .map_err(|error| RecordError::Succession(format!("a text cannot be written down: {error}")))?;
    Ok(hex::encode(&sha256(&[text.as_bytes()])[..4]))
}

/// Entry 0 of a successor's log; `None` in the first volume, and when it does not read.
pub(crate) async fn entry(tx: &mut Tx, volume: Volume) -> Result<Option<SuccessionEntry>, StoreError> {
    Ok(bytes(tx, volume).await?.and_then(|bytes| SuccessionEntry::from_bytes(&bytes)))
}

/// Leaf hash of entry 0 of a successor's log; `None` in the first volume.
pub(crate) async fn hash(tx: &mut Tx, volume: Volume) -> Result<Option<Hash>, StoreError> {
    Ok(bytes(tx, volume).await?.map(|bytes| leaf_hash(&bytes)))
}

/// Entry 0 of this volume and of each before it that is a successor, the newest first.
pub(crate) async fn texts(tx: &mut Tx, volume: Volume) -> Result<Vec<String>, RecordError> {
    let mut texts = Vec::new();
    for number in (2..=volume.number).rev() {
        let bytes = bytes(tx, Volume { number, ..volume }).await?;
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        texts.push(text.ok_or_else(|| RecordError::damaged(volume.log, "entry 0 is missing"))?);
    }
    Ok(texts)
}

async fn bytes(tx: &mut Tx, volume: Volume) -> Result<Option<Vec<u8>>, StoreError> {
    if !volume.begins_at(0) {
        return Ok(None);
    }
    let row = tx
        .query_opt(sql!("select body from record_entry where log = $1 and idx = 0"), &params![volume.code()])
        .await?;
    row.map(|row| row.get(0)).transpose()
}

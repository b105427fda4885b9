//! Asking witnesses to cosign what was signed: after the commit, over the network, as often as it takes.

use crate::Record;
use crate::error::{OfLog as _, RecordError};
use crate::freeze::WitnessHolds;
use crate::log::Log;
use crate::mark::blocking;
use crate::transport::MAX_WITNESS_ANSWER_BYTES;
use crate::tree::{self, Head, column};
use daftar_kernel::Timestamp;
use daftar_store::{params, sql};
use std::collections::BTreeMap;
use transparency_log::checkpoint::SignedCheckpoint;
use transparency_log::note::Signature;
use transparency_log::policy::Witness;
use transparency_log::witness::{AddCheckpoint, Outcome, read_answer};

/// How often a witness that is at another size than we thought is asked again, with another proof.
const MAX_TRIES: usize = 3;

/// What a round of asking came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CosignRound {
    /// Trees for which witnesses were asked.
    pub asked: usize,
    /// Trees that a quorum cosigned.
    pub reached: usize,
}

impl CosignRound {
    /// Whether witnesses were asked and a tree did not get its quorum.
    #[must_use]
    pub const fn missed(&self) -> bool {
        self.reached < self.asked
    }
}

/// How one witness answered.
struct Asked {
    witness: String,
    signatures: Vec<Signature>,
    /// The size it is at, as far as it said so.
    size: Option<u64>,
    outcome: String,
}

impl Record {
    /// Asks the policy's witnesses to cosign each log's newest tree, when it is not cosigned yet or not
    /// lately. A checkpoint that reaches the quorum is stored; everyone's answer is kept for
    /// [`status`](Self::status).
    ///
    /// # Errors
    /// [`RecordError::Frozen`] when a witness shows a tree that this log signed and the database does not
    /// hold; the store's. That witnesses do not answer is no error.
    pub async fn cosign_once(&self) -> Result<CosignRound, RecordError> {
        let mut round = CosignRound::default();
        if self.policy().witnesses().is_empty() {
            return Ok(round);
        }
        for log in Log::ALL {
            let now = self.store().world().now();
            let volume = self.volume(log);
            let head = self.store().read(move |tx| Box::pin(tree::head(tx, volume))).await?;
            let Some(head) = head.filter(|head| head.frozen.is_none() && self.is_due(head, now)) else {
                continue;
            };
            round.asked += 1;
            if self.cosign(log, &head, now).await? {
                round.reached += 1;
            }
        }
        Ok(round)
    }

    fn is_due(&self, head: &Head, now: Timestamp) -> bool {
        let age_seconds = head.cosigned_at.map_or(i64::MAX, |at| (now.0 - at.0).abs() / 1_000_000);
        head.cosigned_size != Some(head.size) || age_seconds >= self.config().cosign_seconds
    }

    async fn cosign(&self, log: Log, head: &Head, now: Timestamp) -> Result<bool, RecordError> {
        let known = self.known_sizes(log).await?;
        let mut tasks = Vec::new();
        for witness in self.policy().witnesses().iter().cloned() {
            let (record, head) = (self.clone(), head.clone());
            let old = known.get(&witness.name).copied().unwrap_or(0).min(head.size);
            // All at once: a slow witness must not make the others' cosignatures late.
            tasks.push(tokio::spawn(async move { record.ask(log, &head, witness, old).await }));
        }
        let mut answers = Vec::new();
        for task in tasks {
            match task.await {
                Ok(answer) => answers.push(answer?),
                Err(error) => {
                    return Err(RecordError::Io {
                        what: "asking a witness".into(),
                        reason: error.to_string(),
                    });
                }
            }
        }
        let mut checkpoint = SignedCheckpoint::parse(head.checkpoint.as_bytes()).of(log)?;
        for signature in answers.iter().flat_map(|answer| answer.signatures.iter().cloned()) {
            checkpoint.add(signature).of(log)?;
        }
        let reached = self.policy().confirm(&checkpoint).is_ok();
        self.store_answers(log, head.size, answers, reached.then(|| checkpoint.to_string()), now).await?;
        Ok(reached)
    }

    /// The size each witness said it was at, the last time it said so.
    async fn known_sizes(&self, log: Log) -> Result<BTreeMap<String, u64>, RecordError> {
        let volume = self.volume(log);
        self.store()
            .read(move |tx| {
                Box::pin(async move {
                    let rows = tx
                        .query(
                            sql!(
                                "select witness, size from record_witness where log = $1 and size is not null"
                            ),
                            &params![volume.code()],
                        )
                        .await?;
                    let sizes = rows.iter().map(|row| Ok((row.get(0)?, row.get::<i64>(1)?.unsigned_abs())));
                    sizes.collect()
                })
            })
            .await
    }

    /// Asks one witness, again with a better proof when it is at another size than thought.
    async fn ask(&self, log: Log, head: &Head, witness: Witness, mut old: u64) -> Result<Asked, RecordError> {
        let mut asked = Asked {
            witness: witness.name.clone(),
            signatures: Vec::new(),
            size: None,
            outcome: String::new(),
        };
        let Some(url) = witness.url.as_deref() else {
            asked.outcome = "the policy gives no address".into();
            return Ok(asked);
        };
        let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        for _ in 0..MAX_TRIES {
            let request = AddCheckpoint {
                old_size: old,
                proof: self.proof_from(log, old, head.size).await?,
                checkpoint: SignedCheckpoint::parse(head.checkpoint.as_bytes()).of(log)?,
            };
            let (transport, url, body) = (self.config().transport.clone(), url.clone(), request.to_body());
            let answer =
                blocking(move || Ok(transport.post(&url, body.as_bytes(), MAX_WITNESS_ANSWER_BYTES))).await?;
            let outcome = match answer {
                Err(error) => Outcome::Failed(error.to_string()),
                Ok(answer) => {
                    read_answer(&request, std::slice::from_ref(&witness.key), answer.status, &answer.body)
                }
            };
            match outcome {
                Outcome::Cosigned(signatures) => {
                    asked.outcome = "cosigned".into();
                    asked.size = Some(head.size);
                    asked.signatures = signatures;
                    return Ok(asked);
                }
                Outcome::AtSize(theirs) if theirs <= head.size => old = theirs,
                Outcome::AtSize(theirs) => {
                    asked.outcome = format!("says it is at {theirs} entries");
                    self.look_for_evidence(log, witness).await?;
                    return Ok(asked);
                }
                Outcome::Inconsistent => {
                    asked.outcome = "says that the history is another".into();
                    self.look_for_evidence(log, witness).await?;
                    return Ok(asked);
                }
                Outcome::Failed(reason) => {
                    asked.outcome = reason;
                    return Ok(asked);
                }
            }
        }
        asked.outcome = "keeps changing its size".into();
        Ok(asked)
    }

    async fn proof_from(
        &self,
        log: Log,
        old: u64,
        size: u64,
    ) -> Result<Vec<transparency_log::Hash>, RecordError> {
        if old == 0 || old == size {
            return Ok(Vec::new());
        }
        let volume = self.volume(log);
        self.store().read(move |tx| Box::pin(tree::consistency(tx, volume, old, size))).await
    }

    /// A witness contradicts us: if it can show a tree we signed that the database does not hold, the log is
    /// frozen.
    async fn look_for_evidence(&self, log: Log, witness: Witness) -> Result<(), RecordError> {
        let (record, name, key) = (self.clone(), witness.name.clone(), self.log_key(log));
        let holds = blocking(move || Ok(record.holds(&key, &witness, None))).await?;
        match holds {
            WitnessHolds::Tree(tree) => {
                self.compare(log, tree.checkpoint(), &format!("the witness '{name}'")).await
            }
            _ => Ok(()),
        }
    }

    async fn store_answers(
        &self,
        log: Log,
        size: u64,
        answers: Vec<Asked>,
        cosigned: Option<String>,
        now: Timestamp,
    ) -> Result<(), RecordError> {
        let volume = self.volume(log);
        let rows: Vec<_> = answers
            .into_iter()
            .map(|asked| {
                let at = (!asked.signatures.is_empty()).then_some(now);
                (
                    asked.witness,
                    at,
                    asked.size.map(column),
                    asked.outcome.chars().take(300).collect::<String>(),
                )
            })
            .collect();
        self.store()
            .write(move |tx| {
                let (rows, cosigned) = (rows.clone(), cosigned.clone());
                Box::pin(async move {
                    for (witness, at, witness_size, outcome) in rows {
                        tx.execute(
                            sql!(
                                "insert into record_witness (log, witness, asked_at, cosigned_at, size, \
                                 outcome) values ($1, $2, $3, $4, $5, $6) on conflict (log, witness) do \
                                 update set asked_at = excluded.asked_at, outcome = excluded.outcome, \
                                 cosigned_at = coalesce(excluded.cosigned_at, record_witness.cosigned_at), \
                                 size = coalesce(excluded.size, record_witness.size)"
                            ),
                            &params![volume.code(), witness, now, at, witness_size, outcome],
                        )
                        .await?;
                    }
                    if let Some(cosigned) = cosigned {
                        // Another node may have brought a larger tree to its quorum meanwhile.
                        tx.execute(
                            sql!(
                                "update record_log set cosigned = $2, cosigned_size = $3, cosigned_at = $4 \
                                 where log = $1 and (cosigned_size is null or cosigned_size <= $3)"
                            ),
                            &params![volume.code(), cosigned, column(size), now],
                        )
                        .await?;
                    }
                    Ok::<_, RecordError>(())
                })
            })
            .await
    }
}

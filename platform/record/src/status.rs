//! How the record is doing, for everyone to see: sizes, who cosigned when, how stale it is, whether it is
//! frozen.

use crate::Record;
use crate::entry::ActEntry;
use crate::error::RecordError;
use crate::freeze::Start;
use crate::log::{Log, Volume};
use crate::succession::{self, SUCCEEDED, SuccessionEntry};
use crate::tree;
use daftar_kernel::{Id, Timestamp, hex};
use daftar_store::{Tx, params, sql};
use serde::Serialize;

/// The whole record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Each log.
    pub logs: Vec<LogStatus>,
    /// Why nothing is signed for the moment, if so.
    pub held: Option<String>,
    /// Whether the policy asks for any witness.
    pub needs_witnesses: bool,
    /// The successions there were, the newest first.
    pub successions: Vec<SuccessionStatus>,
}

/// One succession, for everyone to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SuccessionStatus {
    /// Number of the volume that was begun, from 2.
    pub number: u32,
    /// When, by this machine's clock.
    pub at: Timestamp,
    /// When the last look that was kept entered the log before; `None` when none was.
    pub kept_until: Option<Timestamp>,
    /// Name of the logs that ended.
    pub before: String,
    /// Entry 0 of the new `acts` log; `None` when it does not read, which an audit names.
    pub acts: Option<SuccessionEntry>,
    /// Entry 0 of the new `access` log; `None` as above.
    pub access: Option<SuccessionEntry>,
    /// Who began it, in their own words.
    pub by: String,
    /// Why, in their own words.
    pub reason: String,
}

impl SuccessionStatus {
    /// Whether looks were lost, as far as anybody can know: also when entry 0 was altered.
    #[must_use]
    pub fn lost_looks(&self) -> bool {
        self.access.as_ref().is_none_or(|entry| entry.missing > 0 || entry.forked)
    }
}

/// One log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogStatus {
    /// `acts` or `access`.
    pub log: &'static str,
    /// Its name in URLs and folders: `acts`, or `acts.2` for a successor.
    pub code: String,
    /// Its name in the world.
    pub origin: String,
    /// Entries in the newest signed tree.
    pub size: u64,
    /// Root of the newest signed tree, in hexadecimal.
    pub root: String,
    /// When it was signed, in microseconds since 1970; `None` before the first.
    pub signed_at: Option<Timestamp>,
    /// Entries in the newest tree that a quorum cosigned.
    pub cosigned_size: Option<u64>,
    /// When a quorum last cosigned.
    pub cosigned_at: Option<Timestamp>,
    /// Seconds since a quorum last cosigned: the public staleness clock. `None` when none ever did.
    pub stale_seconds: Option<i64>,
    /// Acts or looks that wait for the sequencer.
    pub waiting: u64,
    /// Why the log is frozen, if it is.
    pub frozen: Option<String>,
    /// Each witness of the policy.
    pub witnesses: Vec<WitnessStatus>,
}

/// One witness and one log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WitnessStatus {
    /// Its name in the policy.
    pub name: String,
    /// When it was last asked.
    pub asked_at: Option<Timestamp>,
    /// When it last cosigned.
    pub cosigned_at: Option<Timestamp>,
    /// Entries of the largest tree it cosigned.
    pub size: Option<u64>,
    /// What its last answer came to: `cosigned`, or why not.
    pub outcome: String,
}

/// Numbers about looks that anyone may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LookCounts {
    /// Looks in all.
    pub looks: u64,
    /// Looks that were sealed when they were made.
    pub sealed_ever: u64,
    /// Looks that are sealed still.
    pub sealed_now: u64,
}

/// Numbers about sealed looks that anyone may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SealCounts {
    /// Looks that were sealed when they were made.
    pub ever: u64,
    /// Looks that are sealed still.
    pub now: u64,
    /// How often a second institution agreed to a later date.
    pub extensions: u64,
}

/// How often one official looked, for one purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReaderCount {
    /// The official's account; `None` for other systems.
    pub reader: Option<Id>,
    /// Code of the agency.
    pub agency: String,
    /// Code of the purpose.
    pub purpose: String,
    /// Looks.
    pub looks: u64,
}

/// Most rows of [`Record::busiest_readers`].
pub const MAX_READERS: u32 = 200;

impl Record {
    /// How the record is doing.
    ///
    /// # Errors
    /// The store's.
    pub async fn status(&self) -> Result<Status, RecordError> {
        let record = self.clone();
        let now = self.store().world().now();
        let (logs, successions) = self
            .store()
            .read(move |tx| {
                let record = record.clone();
                Box::pin(async move {
                    let mut logs = Vec::new();
                    for log in Log::ALL {
                        logs.push(record.log_status(tx, log, now).await?);
                    }
                    Ok::<_, RecordError>((logs, record.succession_status(tx).await?))
                })
            })
            .await?;
        let held = match self.start_state() {
            Start::Held(reason) => Some(reason),
            Start::Allowed | Start::Unchecked => None,
        };
        Ok(Status { logs, held, needs_witnesses: self.needs_witnesses(), successions })
    }

    /// What everyone may know of each succession, the newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn successions(&self) -> Result<Vec<SuccessionStatus>, RecordError> {
        if self.number() == 1 {
            return Ok(Vec::new());
        }
        let record = self.clone();
        self.store()
            .read(move |tx| {
                let record = record.clone();
                Box::pin(async move { record.succession_status(tx).await })
            })
            .await
    }

    async fn succession_status(&self, tx: &mut Tx) -> Result<Vec<SuccessionStatus>, RecordError> {
        let mut list = Vec::new();
        for (ended, number) in self.ended().iter().zip(2..) {
            let acts = Volume { log: Log::Acts, number };
            let row = tx
                .query_opt(
                    sql!("select body from record_entry where log = $1 and idx = 1"),
                    &params![acts.code()],
                )
                .await?;
            let body: Vec<u8> = row.map_or(Ok(Vec::new()), |row| row.get(0))?;
            let public =
                ActEntry::from_bytes(&body).filter(|act| act.kind == SUCCEEDED).map(|act| act.public);
            let told = |name: &str| {
                let text = public.as_ref().and_then(|public| public.get(name)?.as_str());
                text.unwrap_or_default().to_string()
            };
            let key = ended.policy.logs().first().map(|log| log.key.name());
            let began = tx
                .query_one(
                    sql!("select began from record_volume where number = $1"),
                    &params![i64::from(number)],
                )
                .await?;
            let kept = tree::head(tx, Volume { log: Log::Access, number: number - 1 }).await?;
            list.push(SuccessionStatus {
                number,
                at: began.get(0)?,
                kept_until: kept.filter(|head| head.size > 0).map(|head| head.signed_at),
                before: key.and_then(|name| Some(name.rsplit_once('/')?.0)).unwrap_or_default().into(),
                acts: succession::entry(tx, acts).await?,
                access: succession::entry(tx, Volume { log: Log::Access, number }).await?,
                by: told("by"),
                reason: told("reason"),
            });
        }
        list.reverse();
        Ok(list)
    }

    async fn log_status(&self, tx: &mut Tx, log: Log, now: Timestamp) -> Result<LogStatus, RecordError> {
        let volume = self.volume(log);
        let head = tree::head(tx, volume).await?;
        let (size, root) = tree::size_and_root(head.as_ref());
        let waiting = match log {
            Log::Acts => {
                sql!("select count(*) from record_entry where log = 'acts' and idx is null")
            }
            Log::Access => sql!("select count(*) from record_look where batch is null"),
        };
        let waiting: i64 = tx.query_one(waiting, &params![]).await?.get(0)?;
        let rows = tx
            .query(
                sql!(
                    "select witness, asked_at, cosigned_at, size, outcome from record_witness where log = $1"
                ),
                &params![volume.code()],
            )
            .await?;
        let mut witnesses = Vec::new();
        for witness in self.policy().witnesses() {
            let row = rows.iter().find(|row| row.get::<&str>(0).is_ok_and(|name| name == witness.name));
            witnesses.push(match row {
                Some(row) => WitnessStatus {
                    name: witness.name.clone(),
                    asked_at: Some(row.get(1)?),
                    cosigned_at: row.get(2)?,
                    size: row.get::<Option<i64>>(3)?.map(i64::unsigned_abs),
                    outcome: row.get(4)?,
                },
                None => WitnessStatus {
                    name: witness.name.clone(),
                    asked_at: None,
                    cosigned_at: None,
                    size: None,
                    outcome: "not asked yet".into(),
                },
            });
        }
        let cosigned_at = head.as_ref().and_then(|head| head.cosigned_at);
        Ok(LogStatus {
            log: log.code(),
            code: volume.code(),
            origin: self.origin(log),
            size,
            root: hex::encode(&root),
            signed_at: head.as_ref().map(|head| head.signed_at),
            cosigned_size: head.as_ref().and_then(|head| head.cosigned_size),
            cosigned_at,
            stale_seconds: cosigned_at.map(|at| ((now.0 - at.0) / 1_000_000).max(0)),
            waiting: waiting.unsigned_abs(),
            frozen: head.and_then(|head| head.frozen),
            witnesses,
        })
    }

    /// Who looked most from `from` up to, not including, `to`, most first: for oversight, which thereby opens
    /// nobody's row.
    ///
    /// # Errors
    /// The store's.
    pub async fn busiest_readers(
        &self,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<ReaderCount>, RecordError> {
        let limit = limit.clamp(1, MAX_READERS);
        self.store()
            .read(move |tx| {
                Box::pin(async move {
                    let rows = tx
                        .query(
                            sql!(
                                "select reader, agency, purpose, count(*) as looks from record_look \
                                 where at >= $1 and at < $2 group by reader, agency, purpose \
                                 order by looks desc, agency, purpose, reader limit $3"
                            ),
                            &params![from, to, limit],
                        )
                        .await?;
                    rows.iter()
                        .map(|row| {
                            Ok(ReaderCount {
                                reader: row.get(0)?,
                                agency: row.get(1)?,
                                purpose: row.get(2)?,
                                looks: row.get::<i64>(3)?.unsigned_abs(),
                            })
                        })
                        .collect()
                })
            })
            .await
    }

    /// Public numbers about looks from `from` up to, not including, `to`: among them how many are sealed.
    ///
    /// # Errors
    /// The store's.
    pub async fn look_counts(&self, from: Timestamp, to: Timestamp) -> Result<LookCounts, RecordError> {
        let now = self.store().world().now();
        self.store()
            .read(move |tx| {
                Box::pin(async move {
                    let row = tx
                        .query_one(
                            sql!(
                                "select count(*), count(sealed_until), cast(coalesce(sum(case when until > $3 \
                                 then 1 else 0 end), 0) as bigint) from (select l.sealed_until, case when \
                                 l.sealed_until is not null then coalesce((select max(s.until) from record_seal \
                                 s where s.look = l.id), l.sealed_until) end as until from record_look l \
                                 where l.at >= $1 and l.at < $2) as looks"
                            ),
                            &params![from, to, now],
                        )
                        .await?;
                    let number = |index| Ok::<_, RecordError>(row.get::<i64>(index)?.unsigned_abs());
                    Ok(LookCounts { looks: number(0)?, sealed_ever: number(1)?, sealed_now: number(2)? })
                })
            })
            .await
    }

    /// Public numbers about all sealed looks there ever were. Reads none of the others, so that a public page can ask.
    ///
    /// # Errors
    /// The store's.
    pub async fn seal_counts(&self) -> Result<SealCounts, RecordError> {
        let now = self.store().world().now();
        self.store()
            .read(move |tx| {
                Box::pin(async move {
                    let row = tx
                        .query_one(
                            sql!(
                                "select count(*), cast(coalesce(sum(case when until > $1 then 1 else 0 end), 0) \
                                 as bigint), (select count(*) from record_seal) from (select \
                                 coalesce((select max(s.until) from record_seal s where s.look = l.id), \
                                 l.sealed_until) as until from record_look l where l.sealed_until is not \
                                 null) as sealed"
                            ),
                            &params![now],
                        )
                        .await?;
                    let number = |index| Ok::<_, RecordError>(row.get::<i64>(index)?.unsigned_abs());
                    Ok(SealCounts { ever: number(0)?, now: number(1)?, extensions: number(2)? })
                })
            })
            .await
    }
}

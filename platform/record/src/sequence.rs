//! The sequencer: the one place where entries get their index and trees are signed.
//!
//! A pass is a single transaction under a lease: two sequencers can never both commit, a killed one leaves
//! nothing behind, and no signature leaves the process before the tree it signs is durable.

use crate::Record;
use crate::chain::{MAX_BATCH_LOOKS, batch_leaves, map_value};
use crate::entry::{ACCESS_FORMAT, AccessEntry, minute};
use crate::error::RecordError;
use crate::log::{Log, Volume};
use crate::map;
use crate::record::newest_number;
use crate::succession;
use crate::tree::{self, Head, column};
use daftar_kernel::{Id, Timestamp, World};
use daftar_store::{StoreError, Tx, Value, lease, params, sql};
use std::collections::BTreeMap;
use transparency_log::merkle::leaf_hash;
use transparency_log::note::Signer;
use transparency_log::{Hash, batch, map as log_map};

/// Most acts of one pass.
pub const MAX_ACTS_PER_PASS: i64 = 10_000;
/// Most bytes of acts in one pass; bounds the memory of a pass whose entries are large.
pub const MAX_BYTES_PER_PASS: i64 = 16 << 20;
/// Name of the sequencer's lease.
pub const LEASE: &str = "record-sequencer";
/// How long the lease lasts without renewal: after a crash the next sequencer waits no longer than this.
pub const LEASE_SECONDS: i64 = 3;

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sequenced {
    /// Acts that got their index.
    pub acts: usize,
    /// Looks that entered the log.
    pub looks: usize,
    /// Whether a batch entered the `access` log (also an empty one, as a sign of life).
    pub batch: bool,
    /// Whether more was waiting than one pass takes.
    pub more: bool,
}

/// What a pass needs beside its transaction.
#[derive(Clone)]
struct Pass {
    record: Record,
    now: Timestamp,
}

impl Record {
    /// One pass over both logs. Cheap when nothing waits: one read.
    ///
    /// # Errors
    /// [`RecordError::Frozen`]; [`RecordError::Held`] while this machine cannot show that its database is the
    /// newest; [`RecordError::Damaged`] when tiles and signed root disagree; or the store's.
    pub async fn sequence_once(&self) -> Result<Sequenced, RecordError> {
        self.may_sign().await?;
        if !self.something_waits().await? {
            return Ok(Sequenced::default());
        }
        let record = self.clone();
        let done = self
            .store()
            .write(move |tx| {
                let pass = Pass { now: record.store().world().now(), record: record.clone() };
                Box::pin(async move { pass.run(tx).await })
            })
            .await?;
        let grown = [(done.acts > 0, Log::Acts), (done.batch, Log::Access)];
        let grown: Vec<Log> = grown.into_iter().filter(|(grew, _)| *grew).map(|(_, log)| log).collect();
        if !grown.is_empty() {
            self.write_marks(grown).await?;
        }
        Ok(done)
    }

    async fn something_waits(&self) -> Result<bool, RecordError> {
        let (record, now) = (self.clone(), self.store().world().now());
        self.store()
            .read(move |tx| {
                let pass = Pass { record: record.clone(), now };
                Box::pin(async move {
                    let acts = tx
                        .query_opt(
                            sql!("select id from record_entry where log = $1 and idx is null limit 1"),
                            &params![Log::Acts.code()],
                        )
                        .await?;
                    let head = tree::head(tx, pass.record.volume(Log::Acts)).await?;
                    pass.record.note_size(tree::size_and_root(head.as_ref()).0);
                    Ok(acts.is_some() || head.is_none() || pass.batch_due(tx).await?.is_some())
                })
            })
            .await
    }
}

/// The newest batch.
struct LastBatch {
    epoch: u64,
    map_root: Hash,
}

impl Pass {
    async fn run(&self, tx: &mut Tx) -> Result<Sequenced, RecordError> {
        let holder = self.record.holder();
        let Some(_fence) = lease::acquire(tx, LEASE, holder, LEASE_SECONDS, self.now).await? else {
            // Another node sequences; the lease row in this transaction is the fence.
            return Ok(Sequenced::default());
        };
        if newest_number(tx).await? != self.record.number() {
            return Err(RecordError::Superseded);
        }
        let acts_head = tree::head(tx, self.record.volume(Log::Acts)).await?;
        let access_head = tree::head(tx, self.record.volume(Log::Access)).await?;
        for (log, head) in [(Log::Acts, &acts_head), (Log::Access, &access_head)] {
            if let Some(reason) = head.as_ref().and_then(|head| head.frozen.clone()) {
                return Err(RecordError::Frozen { log, reason });
            }
        }
        let acts = self.acts(tx, acts_head.as_ref()).await?;
        let mut done =
            Sequenced { acts, more: column(acts as u64) == MAX_ACTS_PER_PASS, ..Default::default() };
        if let Some(last) = self.batch_due(tx).await? {
            done.looks = self.batch(tx, access_head.as_ref(), &last).await?;
            done.batch = true;
            done.more |= done.looks == MAX_BATCH_LOOKS;
        }
        Ok(done)
    }

    /// Gives pending acts their indexes in the order of their ids and appends them.
    async fn acts(&self, tx: &mut Tx, head: Option<&Head>) -> Result<usize, RecordError> {
        let (size, _) = tree::size_and_root(head);
        let rows = tx
            .query(
                sql!(
                    "select id, body from (select id, body, \
                       cast(sum(length(body)) over (order by id) as bigint) as total \
                       from (select id, body from record_entry where log = $1 and idx is null \
                         order by id limit $2) as waiting) as bounded \
                     where total <= $3 order by id"
                ),
                &params![Log::Acts.code(), MAX_ACTS_PER_PASS, MAX_BYTES_PER_PASS],
            )
            .await?;
        let mut leaves = Vec::with_capacity(rows.len());
        let mut indexes = Vec::with_capacity(rows.len());
        for (row, index) in rows.iter().zip(size..) {
            leaves.push(leaf_hash(row.get::<&[u8]>(1)?));
            indexes.push((row.get::<Id>(0)?, column(index)));
        }
        let volume = self.record.volume(Log::Acts);
        set_indexes(tx, volume, &indexes).await?;
        if !leaves.is_empty() || head.is_none() {
            tree::grow(tx, volume, self.record.signer(Log::Acts), head, &leaves, self.now).await?;
        }
        Ok(leaves.len())
    }

    /// The newest batch, when the next one is due: looks wait and the least interval has passed, or it is
    /// time for a sign of life.
    async fn batch_due(&self, tx: &mut Tx) -> Result<Option<LastBatch>, StoreError> {
        let last = tx
            .query_opt(
                sql!("select epoch, map_root, at, volume from record_batch order by epoch desc limit 1"),
                &params![],
            )
            .await?;
        let Some(last) = last else {
            return Ok(Some(LastBatch { epoch: 0, map_root: log_map::EMPTY }));
        };
        let batch = LastBatch { epoch: last.get::<i64>(0)?.unsigned_abs(), map_root: last.get(1)? };
        let at: Timestamp = last.get(2)?;
        if last.get::<i64>(3)? != i64::from(self.record.number()) {
            // A successor begins with a batch: until then nobody has a proof in it.
            return Ok(Some(batch));
        }
        // The distance, not the difference: a clock set back must not silence the log until it has caught up.
        let seconds = (self.now.0 - at.0).abs() / 1_000_000;
        if seconds >= self.record.config().heartbeat_seconds {
            return Ok(Some(batch));
        }
        // Within the least interval only a full batch goes: otherwise the backlog of a busy country would
        // grow.
        let least = if seconds < self.record.config().batch_seconds { MAX_BATCH_LOOKS } else { 1 };
        let waiting = tx
            .query_opt(
                sql!("select id from record_look where batch is null order by id limit 1 offset $1"),
                &params![column(least as u64 - 1)],
            )
            .await?;
        Ok(waiting.map(|_| batch))
    }

    /// Gathers waiting looks into one batch, brings the map up to date, and appends the entry that holds both
    /// roots.
    async fn batch(&self, tx: &mut Tx, head: Option<&Head>, last: &LastBatch) -> Result<usize, RecordError> {
        let world: &World = self.record.store().world();
        let epoch = last.epoch + 1;
        let commitments = take_looks(tx, epoch).await?;
        let seed: Hash = world.bytes();
        let leaves = batch_leaves(&commitments, &seed);
        let root = batch::root(&leaves);
        let volume = self.record.volume(Log::Access);
        let cosigned = cosigned_epoch(tx, volume, head.and_then(|head| head.cosigned_size)).await?;
        let persons = touched_persons(tx, epoch).await?;
        let map_root = map::update(tx, last.map_root, &persons, epoch, cosigned).await?;
        let entry = AccessEntry {
            format: ACCESS_FORMAT.into(),
            at: minute(self.now),
            epoch,
            batch_root: root,
            batch_size: leaves.len() as u64,
            map_root,
            succession: succession::hash(tx, volume).await?,
        }
        .to_bytes()?;
        let (index, _) = tree::size_and_root(head);
        let id: Id = world.id();
        tx.execute(
            sql!("insert into record_entry (id, log, body, at, idx) values ($1, $2, $3, $4, $5)"),
            &params![id, volume.code(), &entry, self.now, column(index)],
        )
        .await?;
        tx.execute(
            sql!(
                "insert into record_batch (epoch, entry, idx, at, looks, padded, pad_seed, root, map_root, \
                 volume) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            ),
            &params![
                column(epoch),
                id,
                column(index),
                self.now,
                column(commitments.len() as u64),
                column(leaves.len() as u64),
                seed,
                root,
                map_root,
                i64::from(volume.number)
            ],
        )
        .await?;
        let signer: &Signer = self.record.signer(Log::Access);
        tree::grow(tx, volume, signer, head, &[leaf_hash(&entry)], self.now).await?;
        Ok(commitments.len())
    }
}

/// Rows changed by one statement. Naming them by key, in a list of known length, keeps PostgreSQL on the
/// key's index: a join with the list of what waits could be planned as a scan of the whole table, which is
/// neither flat nor free of collisions with everybody who inserts.
const CHUNK: usize = 32;

/// Gives these entries their indexes, in this volume.
pub(crate) async fn set_indexes(
    tx: &mut Tx,
    volume: Volume,
    indexes: &[(Id, i64)],
) -> Result<(), StoreError> {
    for chunk in indexes.chunks(CHUNK) {
        // A list that is too short ends in repetitions of its last pair, which change nothing.
        let pairs = (0..CHUNK).filter_map(|place| chunk.get(place).or_else(|| chunk.last()));
        let mut params: Vec<Value> = pairs.flat_map(|(id, index)| params![*id, *index]).collect();
        params.push(volume.code().into());
        tx.execute(
            sql!(
                "update record_entry set log = $65, idx = case id when $1 then cast($2 as bigint) when $3 then \
                 cast($4 as bigint) when $5 then cast($6 as bigint) when $7 then cast($8 as bigint) \
                 when $9 then cast($10 as bigint) when $11 then cast($12 as bigint) when $13 then \
                 cast($14 as bigint) when $15 then cast($16 as bigint) when $17 then cast($18 as \
                 bigint) when $19 then cast($20 as bigint) when $21 then cast($22 as bigint) when \
                 $23 then cast($24 as bigint) when $25 then cast($26 as bigint) when $27 then \
                 cast($28 as bigint) when $29 then cast($30 as bigint) when $31 then cast($32 as \
                 bigint) when $33 then cast($34 as bigint) when $35 then cast($36 as bigint) when \
                 $37 then cast($38 as bigint) when $39 then cast($40 as bigint) when $41 then \
                 cast($42 as bigint) when $43 then cast($44 as bigint) when $45 then cast($46 as \
                 bigint) when $47 then cast($48 as bigint) when $49 then cast($50 as bigint) when \
                 $51 then cast($52 as bigint) when $53 then cast($54 as bigint) when $55 then \
                 cast($56 as bigint) when $57 then cast($58 as bigint) when $59 then cast($60 as \
                 bigint) when $61 then cast($62 as bigint) when $63 then cast($64 as bigint) end \
                 where id in ($1, $3, $5, $7, $9, $11, $13, $15, $17, $19, $21, $23, $25, $27, $29, \
                 $31, $33, $35, $37, $39, $41, $43, $45, $47, $49, $51, $53, $55, $57, $59, $61, \
                 $63)"
            ),
            &params,
        )
        .await?;
    }
    Ok(())
}

/// Puts waiting looks, oldest ids first, into the batch and gives their commitments. A person's ids ascend
/// with their numbers, so a batch never holds a look without the person's earlier ones.
async fn take_looks(tx: &mut Tx, epoch: u64) -> Result<Vec<Hash>, StoreError> {
    let rows = tx
        .query(
            sql!("select id, commitment from record_look where batch is null order by id limit $1"),
            &params![column(MAX_BATCH_LOOKS as u64)],
        )
        .await?;
    let looks = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?)));
    let looks = looks.collect::<Result<Vec<(Id, Hash)>, StoreError>>()?;
    for chunk in looks.chunks(CHUNK) {
        let ids = (0..CHUNK).filter_map(|place| chunk.get(place).or_else(|| chunk.last()));
        let mut params: Vec<Value> = ids.map(|(id, _)| (*id).into()).collect();
        params.push(column(epoch).into());
        tx.execute(
            sql!(
                "update record_look set batch = $33 where id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, \
                 $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, \
                 $26, $27, $28, $29, $30, $31, $32)"
            ),
            &params,
        )
        .await?;
    }
    Ok(looks.into_iter().map(|(_, commitment)| commitment).collect())
}

/// The newest batch that lies in a volume's tree of this size; 0 for none.
pub(crate) async fn cosigned_epoch(
    tx: &mut Tx,
    volume: Volume,
    cosigned_size: Option<u64>,
) -> Result<u64, StoreError> {
    let row = tx
        .query_opt(
            sql!("select epoch from record_batch where idx < $1 and volume = $2 order by idx desc limit 1"),
            &params![column(cosigned_size.unwrap_or(0)), i64::from(volume.number)],
        )
        .await?;
    row.map_or(Ok(0), |row| Ok(row.get::<i64>(0)?.unsigned_abs()))
}

/// Pseudonym and new map value of each person with a look in this batch.
async fn touched_persons(tx: &mut Tx, epoch: u64) -> Result<Vec<(Hash, Hash)>, StoreError> {
    let rows = tx
        .query(
            sql!(
                "select h.person, l.seq, l.head from record_look l \
                 join record_head h on h.subject = l.subject \
                 where l.batch = $1"
            ),
            &params![column(epoch)],
        )
        .await?;
    let mut newest: BTreeMap<Hash, (i64, Hash)> = BTreeMap::new();
    for row in &rows {
        let (person, seq): (Hash, i64) = (row.get(0)?, row.get(1)?);
        if newest.get(&person).is_none_or(|(known, _)| *known < seq) {
            newest.insert(person, (seq, row.get(2)?));
        }
    }
    let values = newest.into_iter();
    Ok(values.map(|(person, (seq, head))| (person, map_value(seq.unsigned_abs(), &head))).collect())
}

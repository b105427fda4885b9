//! The whole record checked from the database: does every row still say what was logged?
//!
//! An operator who changes, drops or adds a row without being able to forge the witnesses' signatures leaves
//! a finding here that names the log, the index and the row.

use crate::Record;
use crate::act::opening_context;
use crate::chain::{EMPTY_HEAD, batch_leaves, map_value, next_head};
use crate::entry::{AccessEntry, ActEntry};
use crate::error::{OfLog as _, RecordError};
use crate::log::{Log, Volume};
use crate::look::look_context;
use crate::succession_entry::SuccessionEntry;
use crate::tree::{self, column};
use daftar_kernel::{Id, Timestamp, hex};
use daftar_store::{Row, StoreError, Tx, params, sql};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use transparency_log::checkpoint::SignedCheckpoint;
use transparency_log::map::RootBuilder;
use transparency_log::merkle::leaf_hash;
use transparency_log::tile::Bundle;
use transparency_log::tree::{Appender, ChangedTile};
use transparency_log::{Hash, batch, canonical, map as log_map};

/// Most findings listed; the rest is counted.
pub const MAX_FINDINGS: usize = 1000;
/// Rows read at once.
const PAGE: i64 = 1000;

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The log it concerns: `acts` or `access`.
    pub log: &'static str,
    /// Index in that log, where there is one.
    pub index: Option<u64>,
    /// Table and key of the row, such as `record_look 0198...`.
    pub row: String,
    /// What does not fit.
    pub what: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.log)?;
        if let Some(index) = self.index {
            write!(f, " {index}")?;
        }
        write!(f, ": {}: {}", self.row, self.what)
    }
}

/// What an audit of the database came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StoreAudit {
    /// Entries hashed, of both logs.
    pub entries: u64,
    /// Openings and looks that were opened and fit.
    pub opened: u64,
    /// Openings and looks whose person was erased: their commitments were checked alone.
    pub erased: u64,
    /// Looks checked.
    pub looks: u64,
    /// Persons whose chain was checked.
    pub persons: u64,
    /// What does not fit; empty when the record is whole.
    pub findings: Vec<Finding>,
    /// Findings past [`MAX_FINDINGS`].
    pub more: u64,
}

impl StoreAudit {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty() && self.more == 0
    }
    pub(crate) fn add(
        &mut self,
        log: Log,
        index: Option<u64>,
        row: impl Into<String>,
        what: impl Into<String>,
    ) {
        if self.findings.len() == MAX_FINDINGS {
            self.more += 1;
            return;
        }
        self.findings.push(Finding { log: log.code(), index, row: row.into(), what: what.into() });
    }
}

impl Record {
    /// Checks the database against its own logs: every entry against the tree, tiles against entries, the signed and
    /// the cosigned checkpoint against the tree, every opening against its commitment, every batch against its
    /// looks, every person's chain, and the map's root. Reads one snapshot, in pages.
    ///
    /// # Errors
    /// The store's. What does not fit is a finding, not an error.
    pub async fn audit_store(&self) -> Result<StoreAudit, RecordError> {
        let record = self.clone();
        self.store()
            .read(move |tx| {
                let record = record.clone();
                Box::pin(async move { record.audit_in(tx).await })
            })
            .await
    }

    /// As [`audit_store`](Self::audit_store), of what a transaction sees.
    ///
    /// # Errors
    /// As [`audit_store`](Self::audit_store).
    pub async fn audit_in(&self, tx: &mut Tx) -> Result<StoreAudit, RecordError> {
        let mut audit = StoreAudit::default();
        for volume in self.volumes() {
            self.audit_tree(tx, volume, &mut audit).await?;
        }
        self.audit_successions(tx, &mut audit).await?;
        self.audit_openings(tx, &mut audit).await?;
        self.audit_batches(tx, &mut audit).await?;
        self.audit_persons(tx, &mut audit).await?;
        self.audit_seals(tx, &mut audit).await?;
        Ok(audit)
    }

    /// Entries, tiles and checkpoints of one log.
    async fn audit_tree(
        &self,
        tx: &mut Tx,
        volume: Volume,
        audit: &mut StoreAudit,
    ) -> Result<(), RecordError> {
        let log = volume.log;
        let Some(head) = tree::head(tx, volume).await? else { return Ok(()) };
        let row = format!("record_log {}", volume.code());
        let mut claims = Vec::new();
        for (what, text) in
            [("checkpoint", Some(&head.checkpoint)), ("cosigned checkpoint", head.cosigned.as_ref())]
        {
            let Some(text) = text.filter(|text| !text.is_empty()) else { continue };
            match self.claim(volume, text, what == "cosigned checkpoint") {
                Ok((size, root)) => claims.push((size, root, what)),
                Err(reason) => audit.add(log, None, &row, format!("the {what} does not verify: {reason}")),
            }
        }
        claims.push((head.size, head.root, "size and root"));
        let mut appender = Appender::new();
        let mut edge: BTreeMap<u8, ChangedTile> = BTreeMap::new();
        for index in 0..head.size.div_ceil(256) {
            let Some(bundle) = Bundle::in_log(head.size, index) else { break };
            let leaves = self.audit_bundle(tx, volume, bundle, audit).await?;
            let first = index * 256;
            // A checkpoint may end within this bundle: its root is checked on a copy grown that far.
            let here =
                claims.iter().filter(|(size, ..)| *size > first && *size <= first + leaves.len() as u64);
            for (size, root, what) in here {
                let mut until = appender.clone();
                let count = usize::try_from(size - first).unwrap_or(leaves.len());
                until.append(&leaves[..count]).of(log)?;
                if until.root() != *root {
                    audit.add(
                        log,
                        None,
                        &row,
                        format!("the entries do not lead to the root of the {what} ({size})"),
                    );
                }
            }
            let grown = appender.append(&leaves).of(log)?;
            // Partial tiles on the way are parts of later ones: only full ones and those of the last edge are
            // compared.
            for changed in grown.tiles {
                edge.remove(&changed.tile.level);
                if changed.tile.is_full() {
                    audit_tile(tx, volume, &changed, audit).await?;
                } else {
                    edge.insert(changed.tile.level, changed);
                }
            }
        }
        for changed in edge.values() {
            audit_tile(tx, volume, changed, audit).await?;
        }
        let beyond = tx
            .query(
                sql!("select id, idx from record_entry where log = $1 and idx >= $2 order by idx limit 10"),
                &params![volume.code(), column(head.size)],
            )
            .await?;
        for row in &beyond {
            let index = row.get::<i64>(1)?.unsigned_abs();
            audit.add(log, Some(index), entry_row(row)?, "the entry lies past the signed tree");
        }
        Ok(())
    }

    /// Leaf hashes of a bundle; where an entry is missing, what the stored tile says, so that one hole is one
    /// finding.
    async fn audit_bundle(
        &self,
        tx: &mut Tx,
        volume: Volume,
        bundle: Bundle,
        audit: &mut StoreAudit,
    ) -> Result<Vec<Hash>, RecordError> {
        let log = volume.log;
        let first = bundle.index * 256;
        let tile = transparency_log::tile::Tile { level: 0, index: bundle.index, width: bundle.width };
        let stored = tree::tile_bytes(tx, volume, tile).await?.unwrap_or_default();
        let (stored, _) = stored.as_chunks::<32>();
        let rows = tx
            .query(
                sql!(
                    "select id, idx, body from record_entry where log = $1 and idx >= $2 and idx < $3 \
                      order by idx"
                ),
                &params![volume.code(), column(first), column(first + u64::from(bundle.width))],
            )
            .await?;
        let mut leaves = stored.to_vec();
        leaves.resize(usize::from(bundle.width), [0; 32]);
        let mut seen = vec![false; leaves.len()];
        for row in &rows {
            let index = row.get::<i64>(1)?.unsigned_abs();
            let place = usize::try_from(index - first).unwrap_or(usize::MAX);
            let body: &[u8] = row.get(2)?;
            let (Some(leaf), Some(seen)) = (leaves.get_mut(place), seen.get_mut(place)) else { continue };
            *seen = true;
            audit.entries += 1;
            let hash = leaf_hash(body);
            if hash != *leaf {
                audit.add(log, Some(index), entry_row(row)?, "the entry is not the one that was logged");
            }
            let readable = match log {
                _ if volume.begins_at(index) => SuccessionEntry::from_bytes(body).is_some(),
                Log::Acts => ActEntry::from_bytes(body).is_some(),
                Log::Access => AccessEntry::from_bytes(body).is_some(),
            };
            if hash == *leaf && !readable {
                audit.add(log, Some(index), entry_row(row)?, "the entry does not have the form of its log");
            }
        }
        for (index, _) in (first..).zip(&seen).filter(|(_, seen)| !**seen) {
            audit.add(log, Some(index), "record_entry", "the entry is missing");
        }
        Ok(leaves)
    }

    /// Size and root of a checkpoint whose signatures hold.
    fn claim(&self, volume: Volume, text: &str, cosigned: bool) -> Result<(u64, Hash), String> {
        let signed = SignedCheckpoint::parse(text.as_bytes()).map_err(|e| e.to_string())?;
        signed.verify_log(&self.keys_of(volume)).map_err(|e| e.to_string())?;
        if cosigned {
            let (policy, _) = self.policy_of(volume.number).ok_or("there is no such volume")?;
            policy.confirm(&signed).map_err(|e| e.to_string())?;
        }
        Ok((signed.checkpoint().size, signed.checkpoint().root))
    }

    /// Every act's opening against the commitment in its entry.
    async fn audit_openings(&self, tx: &mut Tx, audit: &mut StoreAudit) -> Result<(), RecordError> {
        let mut after = Id::from_bytes([0; 16]);
        loop {
            let rows = tx
                .query(
                    sql!(
                        "select e.id, e.idx, e.body, o.subject, o.sealed, e.log from record_entry e \
                         left join record_opening o on o.entry = e.id \
                         where e.id > $1 order by e.id limit $2"
                    ),
                    &params![after, PAGE],
                )
                .await?;
            for row in &rows {
                after = row.get(0)?;
                // Not in the statement: with the log in it, SQLite would sort the whole table for every page.
                let volume = Volume::from_column(row.get(5)?)?;
                let begins = row.get::<Option<i64>>(1)? == Some(0) && volume.begins_at(0);
                if volume.log == Log::Acts && !begins {
                    self.audit_opening(tx, row, audit).await?;
                }
            }
            if column(rows.len() as u64) < PAGE {
                return Ok(());
            }
        }
    }

    async fn audit_opening(&self, tx: &mut Tx, row: &Row, audit: &mut StoreAudit) -> Result<(), RecordError> {
        let id: Id = row.get(0)?;
        let index = row.get::<Option<i64>>(1)?.map(i64::unsigned_abs);
        let name = format!("record_opening {id}");
        let (Some(subject), Some(sealed)) = (row.get::<Option<Id>>(3)?, row.get::<Option<Vec<u8>>>(4)?)
        else {
            audit.add(Log::Acts, index, name, "the opening is missing");
            return Ok(());
        };
        let Some(entry) = ActEntry::from_bytes(row.get(2)?) else {
            // The tree's check names an entry that was altered; one that waits is named here.
            if index.is_none() {
                audit.add(Log::Acts, None, format!("record_entry {id}"), "the waiting entry is no act");
            }
            return Ok(());
        };
        match self.unseal(tx, subject, &opening_context(id), &sealed).await {
            Ok(Some(opening)) => {
                audit.opened += 1;
                if canonical::commit(&opening.salt, opening.record.as_bytes()) != entry.commitment {
                    audit.add(Log::Acts, index, name, "the opening does not fit the commitment in the entry");
                }
            }
            Ok(None) => audit.erased += 1,
            Err(StoreError::Sealed(reason)) => audit.add(Log::Acts, index, name, reason),
            Err(other) => return Err(other.into()),
        }
        Ok(())
    }

    /// Every entry of the `access` log against its batch, every batch against its looks.
    async fn audit_batches(&self, tx: &mut Tx, audit: &mut StoreAudit) -> Result<(), RecordError> {
        let mut after = 0_i64;
        let mut next = 1_i64;
        loop {
            let rows = tx
                .query(
                    sql!(
                        "select b.epoch, b.idx, b.looks, b.padded, b.pad_seed, b.root, b.map_root, e.body \
                         from record_batch b left join record_entry e on e.idx = b.idx and e.log = case \
                         when b.volume = 1 then 'access' else 'access.' || cast(b.volume as text) end \
                         where b.epoch > $1 order by b.epoch limit $2"
                    ),
                    &params![after, PAGE],
                )
                .await?;
            for row in &rows {
                after = row.get(0)?;
                if after != next {
                    audit.add(Log::Access, None, format!("record_batch {next}"), "the batch is missing");
                }
                next = after + 1;
                audit_batch(tx, row, audit).await?;
            }
            if column(rows.len() as u64) < PAGE {
                break;
            }
        }
        let mut size = 0;
        for volume in self.volumes().filter(|volume| volume.log == Log::Access) {
            let (entries, _) = tree::size_and_root(tree::head(tx, volume).await?.as_ref());
            // Entry 0 of a successor is no batch.
            size += if volume.begins_at(0) { entries.saturating_sub(1) } else { entries };
        }
        if column(size) != next - 1 {
            let what = format!("{} batches for {size} entries of the log", next - 1);
            audit.add(Log::Access, None, "record_batch", what);
        }
        Ok(())
    }

    /// Every person's chain, and from the heads the root of the map.
    async fn audit_persons(&self, tx: &mut Tx, audit: &mut StoreAudit) -> Result<(), RecordError> {
        let newest = tx
            .query_opt(
                sql!("select epoch, idx, map_root from record_batch order by epoch desc limit 1"),
                &params![],
            )
            .await?;
        let (epoch, index, root) = match &newest {
            Some(row) => (row.get(0)?, Some(row.get::<i64>(1)?.unsigned_abs()), row.get(2)?),
            None => (0, None, log_map::EMPTY),
        };
        let mut builder = RootBuilder::new();
        let mut after: Hash = [0; 32];
        loop {
            let rows = tx
                .query(
                    sql!(
                        "select person, subject, seq, head from record_head where person > $1 order by \
                          person limit $2"
                    ),
                    &params![after, PAGE],
                )
                .await?;
            for row in &rows {
                after = row.get(0)?;
                audit.persons += 1;
                if let Some((seq, head)) = self.audit_person(tx, row, epoch, audit).await? {
                    builder.push(after, map_value(seq, &head)).of(Log::Access)?;
                }
            }
            if column(rows.len() as u64) < PAGE {
                break;
            }
        }
        if builder.finish() != root {
            audit.add(
                Log::Access,
                index,
                "record_head",
                "the persons' heads do not lead to the map root that was logged: a person or a look was \
                 dropped or altered",
            );
        }
        let orphans = tx
            .query(
                sql!(
                    "select l.id from record_look l where not exists \
                     (select 1 from record_head h where h.subject = l.subject) limit 10"
                ),
                &params![],
            )
            .await?;
        for row in &orphans {
            let id: Id = row.get(0)?;
            audit.add(Log::Access, None, format!("record_look {id}"), "the person's head is missing");
        }
        Ok(())
    }

    /// One person's chain. Gives number and head of the newest look that the map must hold.
    async fn audit_person(
        &self,
        tx: &mut Tx,
        person: &Row,
        epoch: i64,
        audit: &mut StoreAudit,
    ) -> Result<Option<(u64, Hash)>, RecordError> {
        let key: Hash = person.get(0)?;
        let subject: Id = person.get(1)?;
        let (mut seq, mut head, mut logged) = (0_i64, EMPTY_HEAD, None);
        loop {
            let rows = tx
                .query(
                    sql!(
                        "select seq, id, commitment, sealed_until, head, batch, sealed, at, reader, \
                         agency, purpose from record_look where subject = $1 and seq > $2 order by seq \
                         limit 1000"
                    ),
                    &params![subject, seq],
                )
                .await?;
            for row in &rows {
                audit.looks += 1;
                let (number, id): (i64, Id) = (row.get(0)?, row.get(1)?);
                let name = format!("record_look {id}");
                for missing in seq + 1..number {
                    let what = format!("look {missing} of person {} is missing", hex::encode(&key));
                    audit.add(Log::Access, None, &name, what);
                }
                let until = row.get::<Option<Timestamp>>(3)?.map_or(0, Timestamp::seconds);
                head = next_head(&key, &head, number.unsigned_abs(), until, &row.get(2)?);
                if head != row.get::<Hash>(4)? {
                    audit.add(
                        Log::Access,
                        None,
                        &name,
                        "the chain does not lead here: this look or one before it was altered",
                    );
                    head = row.get(4)?;
                }
                if row.get::<Option<i64>>(5)?.is_some_and(|batch| batch <= epoch) {
                    logged = Some((number.unsigned_abs(), head));
                }
                self.audit_look(tx, subject, &key, row, audit).await?;
                seq = number;
            }
            if rows.len() < 1000 {
                break;
            }
        }
        if (seq, head) != (person.get::<i64>(2)?, person.get::<Hash>(3)?) {
            let what = format!("the newest look is {seq}, the head says {}", person.get::<i64>(2)?);
            audit.add(Log::Access, None, format!("record_head {}", hex::encode(&key)), what);
        }
        Ok(logged)
    }

    /// One look: its content against the commitment, the columns in the clear against its content.
    async fn audit_look(
        &self,
        tx: &mut Tx,
        subject: Id,
        person: &Hash,
        row: &Row,
        audit: &mut StoreAudit,
    ) -> Result<(), RecordError> {
        let id: Id = row.get(1)?;
        let name = format!("record_look {id}");
        let sealed: Vec<u8> = row.get(6)?;
        let opening = match self.unseal(tx, subject, &look_context(id), &sealed).await {
            Ok(Some(opening)) => opening,
            Ok(None) => {
                audit.erased += 1;
                return Ok(());
            }
            Err(StoreError::Sealed(reason)) => {
                audit.add(Log::Access, None, name, reason);
                return Ok(());
            }
            Err(other) => return Err(other.into()),
        };
        audit.opened += 1;
        if canonical::commit(&opening.salt, opening.record.as_bytes()) != row.get::<Hash>(2)? {
            audit.add(Log::Access, None, &name, "the content does not fit the commitment");
            return Ok(());
        }
        let record: Value = serde_json::from_str(&opening.record).unwrap_or_default();
        let text = |path: &str| record.pointer(path).and_then(Value::as_str).map(str::to_string);
        let at: Timestamp = row.get(7)?;
        let until = row.get::<Option<Timestamp>>(3)?;
        let columns = [
            ("person", text("/person") == Some(hex::encode(person))),
            ("seq", record.get("seq").and_then(Value::as_i64) == Some(row.get::<i64>(0)?)),
            ("at", text("/at") == Some(at.to_rfc3339())),
            ("reader", text("/reader/id") == row.get::<Option<Id>>(8)?.map(|id| id.to_string())),
            ("agency", text("/reader/agency").unwrap_or_default() == row.get::<&str>(9)?),
            ("purpose", text("/purpose").as_deref() == Some(row.get::<&str>(10)?)),
            ("sealed_until", text("/sealed_until") == until.map(Timestamp::to_rfc3339)),
        ];
        for (column, _) in columns.into_iter().filter(|(_, fits)| !fits) {
            audit.add(Log::Access, None, &name, format!("the column {column} is not what was committed"));
        }
        Ok(())
    }
}

async fn audit_tile(
    tx: &mut Tx,
    volume: Volume,
    expected: &ChangedTile,
    audit: &mut StoreAudit,
) -> Result<(), RecordError> {
    if tree::tile_bytes(tx, volume, expected.tile).await?.as_ref() != Some(&expected.bytes) {
        let path = expected.tile.path();
        audit.add(
            volume.log,
            None,
            format!("record_tile {path}"),
            "the tile does not hold the entries' hashes",
        );
    }
    Ok(())
}

async fn audit_batch(tx: &mut Tx, row: &Row, audit: &mut StoreAudit) -> Result<(), RecordError> {
    let epoch: i64 = row.get(0)?;
    let index = Some(row.get::<i64>(1)?.unsigned_abs());
    let name = format!("record_batch {epoch}");
    let looks = tx
        .query(sql!("select commitment from record_look where batch = $1"), &params![epoch])
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect::<Result<Vec<Hash>, StoreError>>()?;
    let said: i64 = row.get(2)?;
    if column(looks.len() as u64) != said {
        audit.add(Log::Access, index, &name, format!("it holds {} looks, {said} were logged", looks.len()));
    }
    let leaves = batch_leaves(&looks, &row.get(4)?);
    let root: Hash = row.get(5)?;
    if batch::root(&leaves) != root {
        audit.add(Log::Access, index, &name, "its looks do not lead to the root that was logged");
    }
    // A missing entry is a finding of the tree's check.
    let Some(entry) = row.get::<Option<Vec<u8>>>(7)?.and_then(|body| AccessEntry::from_bytes(&body)) else {
        return Ok(());
    };
    let columns = BTreeMap::from([
        ("epoch", column(entry.epoch) == epoch),
        ("padded", column(entry.batch_size) == row.get::<i64>(3)?),
        ("root", entry.batch_root == root),
        ("map_root", entry.map_root == row.get::<Hash>(6)?),
    ]);
    for (column, _) in columns.into_iter().filter(|(_, fits)| !fits) {
        audit.add(Log::Access, index, &name, format!("the column {column} is not what was logged"));
    }
    Ok(())
}

fn entry_row(row: &Row) -> Result<String, StoreError> {
    Ok(format!("record_entry {}", row.get::<Id>(0)?))
}

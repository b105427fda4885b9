//! Receipts: what a citizen takes home. One file holds entry, proof and opening, and verifies offline.

use crate::Record;
use crate::act::{INSTALLATION, opening_context};
use crate::chain::batch_leaves;
use crate::entry::ActEntry;
use crate::error::{OfLog as _, RecordError};
use crate::log::{Log, Volume};
use crate::look::look_context;
use crate::tree::{self, Head, column};
use daftar_kernel::{Id, Timestamp};
use daftar_store::{StoreError, Tx, params, sql};
use transparency_log::Hash;
use transparency_log::batch;
use transparency_log::checkpoint::SignedCheckpoint;
use transparency_log::proof::TlogProof;
use transparency_log::receipt::{BatchPart, Opening, Receipt as ReceiptFile};

/// Most acts listed for a person at once.
pub const MAX_ACTS_PER_PAGE: u32 = 200;

/// How far a receipt has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Committed, not yet in a signed tree.
    Pending,
    /// In a tree that this installation signed; not yet by a quorum of witnesses.
    Signed,
    /// In a tree that the policy's quorum of witnesses cosigned.
    Cosigned,
}

/// A receipt and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its id.
    pub id: Id,
    /// How far it has come.
    pub state: State,
    /// The log it is in.
    pub log: Log,
    /// Number of the volume it is in: its file verifies with the policy of that volume.
    pub number: u32,
    /// When it was committed.
    pub at: Timestamp,
    /// Kind of the act; `record.look` for a look.
    pub kind: String,
    /// Whether the person's data was erased: the receipt then proves the commitment alone.
    pub erased: bool,
    /// Whether it is a look that is still sealed: as with erasure, until its date.
    pub sealed: bool,
    /// The file, once it is signed.
    pub file: Option<ReceiptFile>,
}

impl Receipt {
    /// Text of the `.receipt.json` file, once it is signed.
    #[must_use]
    pub fn json(&self) -> Option<String> {
        self.file.as_ref().map(ReceiptFile::to_json)
    }
    /// What the file is called.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}.receipt.json", self.id)
    }
}

/// An act about a person, as the person reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActRow {
    /// Id of its receipt.
    pub id: Id,
    /// When.
    pub at: Timestamp,
    /// What everyone may know.
    pub entry: ActEntry,
    /// Who acted, exactly when, and the private record; `None` after erasure.
    pub opening: Option<serde_json::Value>,
}

impl Record {
    /// The receipt of an act or a look, with what opens its commitment unless that was erased or is still
    /// sealed. The caller has checked that whoever asks may see it.
    ///
    /// # Errors
    /// [`RecordError::NotFound`]; [`RecordError::Damaged`] when rows do not fit together; the store's.
    pub async fn receipt(&self, id: Id) -> Result<Receipt, RecordError> {
        self.receipt_of(id, true).await
    }

    /// The receipt without its opening: it proves that something was committed, and shows nothing of it.
    ///
    /// # Errors
    /// As [`receipt`](Self::receipt).
    pub async fn public_receipt(&self, id: Id) -> Result<Receipt, RecordError> {
        self.receipt_of(id, false).await
    }

    /// The proof of one entry of a log by its index, for `daftar log prove`: the entry and where it is, no
    /// opening.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] past the signed tree; [`RecordError::Damaged`]; the store's.
    pub async fn prove_entry(&self, volume: Volume, index: u64) -> Result<(State, ReceiptFile), RecordError> {
        self.store()
            .read(move |tx| {
                Box::pin(async move {
                    let head = tree::head(tx, volume).await?;
                    let head = head.filter(|head| index < head.size).ok_or(RecordError::NotFound)?;
                    let log_entry = entry_at(tx, volume, index).await?;
                    let (state, proof) = proof(tx, volume, &head, index).await?;
                    Ok((state, ReceiptFile { log_entry, proof, opening: None, batch: None, map: None }))
                })
            })
            .await
    }

    async fn receipt_of(&self, id: Id, open: bool) -> Result<Receipt, RecordError> {
        let record = self.clone();
        let now = self.store().world().now();
        self.store()
            .read(move |tx| {
                let record = record.clone();
                Box::pin(async move {
                    match record.act_receipt(tx, id, open).await? {
                        Some(receipt) => Ok(receipt),
                        None => record.look_receipt(tx, id, open, now).await?.ok_or(RecordError::NotFound),
                    }
                })
            })
            .await
    }

    async fn act_receipt(&self, tx: &mut Tx, id: Id, open: bool) -> Result<Option<Receipt>, RecordError> {
        let row = tx
            .query_opt(
                sql!(
                    "select e.log, e.body, e.at, e.idx, o.subject, o.sealed from record_entry e \
                     left join record_opening o on o.entry = e.id where e.id = $1"
                ),
                &params![id],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let index = row.get::<Option<i64>>(3)?.map(i64::unsigned_abs);
        let mut volume = Volume::from_column(row.get(0)?)?;
        if index.is_none() {
            // What waits enters the volume that is being written.
            volume.number = self.number();
        }
        let body: Vec<u8> = row.get(1)?;
        let opening = match (row.get::<Option<Id>>(4)?, row.get::<Option<Vec<u8>>>(5)?) {
            (Some(subject), Some(sealed)) => self.unseal(tx, subject, &opening_context(id), &sealed).await?,
            _ => None,
        };
        let mut receipt = Receipt {
            id,
            state: State::Pending,
            log: volume.log,
            number: volume.number,
            at: row.get(2)?,
            kind: ActEntry::from_bytes(&body).map_or_else(|| "record.batch".into(), |entry| entry.kind),
            erased: volume.log == Log::Acts && opening.is_none(),
            sealed: false,
            file: None,
        };
        if let Some(index) = index {
            let opening = opening.filter(|_| open);
            self.attach(tx, &mut receipt, index, body, opening, None).await?;
        }
        Ok(Some(receipt))
    }

    async fn look_receipt(
        &self,
        tx: &mut Tx,
        id: Id,
        open: bool,
        now: Timestamp,
    ) -> Result<Option<Receipt>, RecordError> {
        let row = tx
            .query_opt(
                sql!(
                    "select l.subject, l.at, coalesce((select max(s.until) from record_seal s where s.look = \
                     l.id), l.sealed_until), l.sealed, l.commitment, l.batch from record_look l where \
                     l.id = $1"
                ),
                &params![id],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let subject: Id = row.get(0)?;
        let sealed = row.get::<Option<Timestamp>>(2)?.is_some_and(|until| until > now);
        let bytes: Vec<u8> = row.get(3)?;
        let opening = self.unseal(tx, subject, &look_context(id), &bytes).await?;
        let mut receipt = Receipt {
            id,
            state: State::Pending,
            log: Log::Access,
            number: self.number(),
            at: row.get(1)?,
            kind: "record.look".into(),
            erased: opening.is_none(),
            sealed,
            file: None,
        };
        if let Some(epoch) = row.get::<Option<i64>>(5)? {
            let (volume, index, part) = batch_part(tx, epoch, row.get(4)?).await?;
            receipt.number = volume.number;
            let entry = entry_at(tx, volume, index).await?;
            let opening = opening.filter(|_| open && !sealed);
            self.attach(tx, &mut receipt, index, entry, opening, Some(part)).await?;
        }
        Ok(Some(receipt))
    }

    async fn attach(
        &self,
        tx: &mut Tx,
        receipt: &mut Receipt,
        index: u64,
        log_entry: Vec<u8>,
        opening: Option<Opening>,
        batch: Option<BatchPart>,
    ) -> Result<(), RecordError> {
        let volume = Volume { log: receipt.log, number: receipt.number };
        let head = tree::head(tx, volume).await?;
        let Some(head) = head.filter(|head| index < head.size) else {
            let what = format!("entry {index} lies past the signed tree");
            return Err(RecordError::damaged(volume.log, what));
        };
        let (state, proof) = proof(tx, volume, &head, index).await?;
        receipt.state = state;
        receipt.file = Some(ReceiptFile { log_entry, proof, opening, batch, map: None });
        Ok(())
    }

    /// Acts about a person, newest first, at most `limit` and [`MAX_ACTS_PER_PAGE`], those before the receipt
    /// `before`.
    ///
    /// # Errors
    /// The store's.
    pub async fn acts_of(
        &self,
        subject: Id,
        before: Option<Id>,
        limit: u32,
    ) -> Result<Vec<ActRow>, RecordError> {
        let record = self.clone();
        let before = before.unwrap_or(Id::from_bytes([0xff; 16]));
        let limit = limit.clamp(1, MAX_ACTS_PER_PAGE);
        if subject == INSTALLATION {
            return Ok(Vec::new());
        }
        self.store()
            .read(move |tx| {
                let record = record.clone();
                Box::pin(async move {
                    let rows = tx
                        .query(
                            // One look into each era's part of the index, whatever the planner thinks.
                            sql!(
                                "with recursive eras (era) as (select cast(0 as bigint) union all \
                                   select era + 1 from eras where era < (select max(era) from record_opening)) \
                                 select e.id, e.at, e.body, o.sealed from (select o.entry, o.sealed \
                                   from eras cross join record_opening o where o.era = eras.era \
                                   and o.subject = $1 and o.entry < $2 order by o.entry desc limit $3) as o \
                                 join record_entry e on e.id = o.entry order by e.id desc"
                            ),
                            &params![subject, before, limit],
                        )
                        .await?;
                    let mut acts = Vec::with_capacity(rows.len());
                    for row in &rows {
                        let id: Id = row.get(0)?;
                        let entry = ActEntry::from_bytes(row.get(2)?).ok_or_else(|| {
                            RecordError::damaged(Log::Acts, format!("entry {id} is no act"))
                        })?;
                        let sealed: Vec<u8> = row.get(3)?;
                        let opening = record.unseal(tx, subject, &opening_context(id), &sealed).await?;
                        let opening = opening.and_then(|o| serde_json::from_str(&o.record).ok());
                        acts.push(ActRow { id, at: row.get(1)?, entry, opening });
                    }
                    Ok(acts)
                })
            })
            .await
    }
}

/// Bytes of entry `index`.
pub(crate) async fn entry_at(tx: &mut Tx, volume: Volume, index: u64) -> Result<Vec<u8>, RecordError> {
    let row = tx
        .query_opt(
            sql!("select body from record_entry where log = $1 and idx = $2"),
            &params![volume.code(), column(index)],
        )
        .await?;
    match row {
        Some(row) => Ok(row.get(0)?),
        None => Err(RecordError::damaged(volume.log, format!("entry {index} is missing"))),
    }
}

/// The proof of an entry in the newest cosigned tree that holds it, else in the newest signed one.
pub(crate) async fn proof(
    tx: &mut Tx,
    volume: Volume,
    head: &Head,
    index: u64,
) -> Result<(State, TlogProof), RecordError> {
    let (state, size, text) = match (&head.cosigned, head.cosigned_size) {
        (Some(text), Some(size)) if index < size => (State::Cosigned, size, text),
        _ => (State::Signed, head.size, &head.checkpoint),
    };
    let checkpoint = SignedCheckpoint::parse(text.as_bytes()).of(volume.log)?;
    let hashes = tree::inclusion(tx, volume, index, size).await?;
    Ok((state, TlogProof { extra: None, index, hashes, checkpoint }))
}

/// The place of a commitment in its batch, with the volume and the index of the batch's entry.
async fn batch_part(
    tx: &mut Tx,
    epoch: i64,
    commitment: Hash,
) -> Result<(Volume, u64, BatchPart), RecordError> {
    let missing = |what: &str| RecordError::damaged(Log::Access, format!("batch {epoch}: {what}"));
    let row = tx
        .query_opt(sql!("select idx, pad_seed, volume from record_batch where epoch = $1"), &params![epoch])
        .await?
        .ok_or_else(|| missing("its row is missing"))?;
    let commitments = tx
        .query(sql!("select commitment from record_look where batch = $1"), &params![epoch])
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect::<Result<Vec<Hash>, StoreError>>()?;
    let leaves = batch_leaves(&commitments, &row.get(1)?);
    let proof = leaves
        .binary_search(&commitment)
        .ok()
        .and_then(|place| batch::prove(&leaves, place))
        .ok_or_else(|| missing("the look is not in it"))?;
    let number = u32::try_from(row.get::<i64>(2)?).map_err(|_| missing("it is of no volume"))?;
    let volume = Volume { log: Log::Access, number };
    Ok((volume, row.get::<i64>(0)?.unsigned_abs(), BatchPart { commitment, proof }))
}

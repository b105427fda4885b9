//! What a citizen gets: who looked, and the proof that the list is whole.

use crate::Record;
use crate::act::CLASS;
use crate::chain::{EMPTY_HEAD, map_value, next_head};
use crate::error::{OfLog as _, RecordError};
use crate::log::{Log, Volume};
use crate::look::{LookContent, content_of, look_context};
use crate::map;
use crate::receipt::{self, State};
use crate::sequence::cosigned_epoch;
use crate::succession;
use crate::succession_entry::SuccessionEntry;
use crate::tree::{self, Head, column};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use daftar_kernel::{Id, Timestamp, World, hex};
use daftar_store::{Row, StoreError, Tx, params, sql};
use serde::{Deserialize, Serialize};
use transparency_log::Hash;
use transparency_log::canonical;
use transparency_log::merkle::leaf_hash;
use transparency_log::policy::Policy;
use transparency_log::receipt::{MapPart, Opening, Receipt, ReceiptError, Verified};

/// Most rows of one page of looks.
pub const MAX_LOOKS_PER_PAGE: u32 = 200;
/// What a person's proof is, and of which version.
pub const PROOF_FORMAT: &str = "daftar-person-proof/1";
/// Longest proof read.
pub const MAX_PROOF_BYTES: usize = 64 << 20;

/// A person's newest link.
pub(crate) struct Newest {
    pub person: Hash,
    pub seq: i64,
    pub head: Hash,
    pub newest: Id,
}

/// The person's newest link; makes the chain, still empty, on the first call.
///
/// One statement that writes, not a read and then a write: PostgreSQL remembers a serializable read by the page of
/// the index, so that every two persons on one page would collide; a write is remembered by the row.
pub(crate) async fn newest(tx: &mut Tx, world: &World, subject: Id) -> Result<Newest, StoreError> {
    // Random, not derived: nobody who learns the token can compute the pseudonym.
    let pseudonym: Hash = world.bytes();
    let row = tx
        .query_one(
            sql!(
                "insert into record_head (subject, person, seq, head, newest) values ($1, $2, 0, $3, $4) \
                 on conflict (subject) do update set newest = record_head.newest \
                 returning person, seq, head, newest"
            ),
            &params![subject, pseudonym, EMPTY_HEAD, Id::from_bytes([0; 16])],
        )
        .await?;
    Ok(Newest { person: row.get(0)?, seq: row.get(1)?, head: row.get(2)?, newest: row.get(3)? })
}

/// The pseudonym under which the person's looks are chained.
pub(crate) async fn pseudonym(tx: &mut Tx, world: &World, subject: Id) -> Result<Hash, StoreError> {
    Ok(newest(tx, world, subject).await?.person)
}

/// One look, as the person reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookRow {
    /// Id of its receipt.
    pub id: Id,
    /// Its number among the person's looks, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who, why and what; `None` when the person's data was erased.
    pub content: Option<LookContent>,
}

/// A page of looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looks {
    /// Newest first. Sealed ones are left out until their date.
    pub rows: Vec<LookRow>,
    /// How many there are in all, sealed ones included.
    pub total: u64,
    /// How many are sealed still.
    pub sealed: u64,
    /// How many of those would be open by now, had a second institution not agreed to a later date.
    pub prolonged: u64,
    /// Pass this as `before` for the next page; `None` at the end.
    pub next: Option<u64>,
}

/// One link of a person's chain in a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Commitment to the look.
    #[serde(with = "crate::entry::base64_hash")]
    pub commitment: Hash,
    /// Until when the look is sealed, in seconds since 1970; 0 when it never was.
    pub sealed_until: i64,
    /// The look itself, canonical JSON; absent while sealed, and after erasure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The salt that opens the commitment, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
}

/// All looks at a person, and the proof that none is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonProof {
    /// [`PROOF_FORMAT`].
    pub format: String,
    /// The person's pseudonym in the map, in hexadecimal; the opening of every receipt about the person names
    /// it.
    pub person: String,
    /// Looks 1, 2, 3 ...
    pub looks: Vec<Link>,
    /// In a successor log, entry 0 of the `access` log of each volume, the newest first: what was lost, and when. The
    /// register is complete up to each of these gaps and from each of them on, and the proof without one does not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub successions: Vec<String>,
    /// A `daftar-receipt/1`: the entry of the `access` log whose map holds the person's head.
    pub receipt: serde_json::Value,
}

/// What [`verify_person_proof`] found to be true.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonVerified {
    /// How many looks the chain has, none missing.
    pub looks: u64,
    /// How many of them were opened and fit their commitment.
    pub opened: u64,
    /// The minute of the log entry: looks after it are not part of the statement.
    pub at: String,
    /// Gaps in the register, the newest first: looks that were recorded in one are not part of the statement.
    pub gaps: Vec<Gap>,
    /// What the receipt proves.
    pub log: Verified,
}

/// A time of which the register lost looks, because an older copy of the database was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The minute up to which the register was kept, RFC 3339; empty when nothing was kept.
    pub from: String,
    /// The minute of the succession, RFC 3339: from then on the register is complete again.
    pub to: String,
    /// Batches of looks that witnesses had seen and the register does not hold.
    pub batches: u64,
}

/// Why a person's proof does not hold.
#[derive(Debug, thiserror::Error)]
pub enum PersonProofError {
    /// Not the form of a proof.
    #[error("not a person's proof: {0}")]
    Malformed(String),
    /// The receipt in it does not hold.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// A look does not fit its commitment, or belongs elsewhere.
    #[error("look {0} was altered or is not in its place")]
    Look(u64),
    /// The log is a successor, and what it says of its beginning is missing or altered.
    #[error("the log succeeds another one, and what was lost then is not shown as it was logged")]
    Succession,
    /// The chain of looks does not lead to the head that was logged: one is missing, added or altered.
    #[error(
        "the {looks} looks shown do not lead to the head that was logged: one was dropped, added or altered"
    )]
    Chain {
        /// How many are shown.
        looks: u64,
    },
}

impl Record {
    /// The looks at a person, newest first, those with a number below `before` (or all), at most `limit` and
    /// [`MAX_LOOKS_PER_PAGE`] rows.
    ///
    /// # Errors
    /// The store's.
    pub async fn looks_of(&self, subject: Id, before: Option<u64>, limit: u32) -> Result<Looks, RecordError> {
        let record = self.clone();
        let now = self.store().world().now();
        let limit = limit.clamp(1, MAX_LOOKS_PER_PAGE);
        self.store()
            .read(move |tx| {
                let record = record.clone();
                Box::pin(async move {
                    let counts = tx
                        .query_one(
                            sql!(
                                "select count(*), cast(coalesce(sum(case when until > $2 then 1 else 0 end), \
                                 0) as bigint), cast(coalesce(sum(case when until > $2 and sealed_until <= $2 \
                                 then 1 else 0 end), 0) as bigint) from (select l.sealed_until, \
                                 case when l.sealed_until is not null then coalesce((select max(s.until) \
                                 from record_seal s where s.look = l.id), l.sealed_until) end as until \
                                 from record_look l where l.subject = $1) as looks"
                            ),
                            &params![subject, now],
                        )
                        .await?;
                    let rows = tx
                        .query(
                            sql!(
                                "select l.id, l.seq, l.at, l.sealed from record_look l where l.subject = $1 \
                                 and l.seq < $2 and (l.sealed_until is null or coalesce((select max(s.until) \
                                 from record_seal s where s.look = l.id), l.sealed_until) <= $3) \
                                 order by l.seq desc limit $4"
                            ),
                            &params![subject, before.map_or(i64::MAX, column), now, limit],
                        )
                        .await?;
                    let mut looks = Vec::with_capacity(rows.len());
                    for row in &rows {
                        looks.push(record.look_row(tx, subject, row).await?);
                    }
                    let full = looks.len() == limit as usize;
                    let next = looks.last().filter(|_| full).map(|row| row.seq);
                    Ok(Looks {
                        total: counts.get::<i64>(0)?.unsigned_abs(),
                        sealed: counts.get::<i64>(1)?.unsigned_abs(),
                        prolonged: counts.get::<i64>(2)?.unsigned_abs(),
                        rows: looks,
                        next,
                    })
                })
            })
            .await
    }

    /// One look by its id, with the person it is about: what a complaint names. `content` is also `None`
    /// while it is sealed.
    ///
    /// # Errors
    /// [`RecordError::NotFound`]; the store's.
    pub async fn look_by_id(&self, id: Id) -> Result<(Id, LookRow), RecordError> {
        let record = self.clone();
        let now = self.store().world().now();
        self.store()
            .read(move |tx| {
                let record = record.clone();
                Box::pin(async move {
                    let row = tx
                        .query_opt(
                            sql!(
                                "select l.id, l.seq, l.at, l.sealed, l.subject, coalesce((select max(s.until) \
                                 from record_seal s where s.look = l.id), l.sealed_until) from record_look l \
                                 where l.id = $1"
                            ),
                            &params![id],
                        )
                        .await?
                        .ok_or(RecordError::NotFound)?;
                    let subject: Id = row.get(4)?;
                    let mut look = record.look_row(tx, subject, &row).await?;
                    if row.get::<Option<Timestamp>>(5)?.is_some_and(|until| until > now) {
                        look.content = None;
                    }
                    Ok((subject, look))
                })
            })
            .await
    }

    async fn look_row(&self, tx: &mut Tx, subject: Id, row: &Row) -> Result<LookRow, RecordError> {
        let id: Id = row.get(0)?;
        let sealed: Vec<u8> = row.get(3)?;
        let opening = self.unseal(tx, subject, &look_context(id), &sealed).await?;
        let content = opening.and_then(|opening| content_of(&serde_json::from_str(&opening.record).ok()?));
        Ok(LookRow { id, seq: row.get::<i64>(1)?.unsigned_abs(), at: row.get(2)?, content })
    }

    /// Opens what was sealed under a person's key: salt and canonical record; `None` after erasure.
    pub(crate) async fn unseal(
        &self,
        tx: &mut Tx,
        subject: Id,
        context: &[u8],
        sealed: &[u8],
    ) -> Result<Option<Opening>, StoreError> {
        let plain = match self.store().vault().open(tx, subject, CLASS, context, sealed).await {
            Ok(plain) => plain,
            Err(StoreError::Erased) => return Ok(None),
            Err(other) => return Err(other),
        };
        let broken = StoreError::Sealed("it is no salt and record");
        let (salt, record) = plain.split_first_chunk::<32>().ok_or_else(|| broken.clone())?;
        let record = String::from_utf8(record.to_vec()).map_err(|_| broken)?;
        Ok(Some(Opening { record, salt: *salt }))
    }

    /// All looks at a person with the proof that none is missing: against the newest batch that a quorum
    /// cosigned, or the newest signed one when no quorum has been reached for long. `None` while the person
    /// is in no batch yet.
    ///
    /// # Errors
    /// [`RecordError::Damaged`] when the map in the database was altered; the store's.
    pub async fn person_proof(&self, subject: Id) -> Result<Option<(State, PersonProof)>, RecordError> {
        let record = self.clone();
        let now = self.store().world().now();
        self.store()
            .read(move |tx| {
                let record = record.clone();
                Box::pin(async move { record.person_proof_in(tx, subject, now).await })
            })
            .await
    }

    async fn person_proof_in(
        &self,
        tx: &mut Tx,
        subject: Id,
        now: Timestamp,
    ) -> Result<Option<(State, PersonProof)>, RecordError> {
        let Some(row) = tx
            .query_opt(sql!("select person from record_head where subject = $1"), &params![subject])
            .await?
        else {
            return Ok(None);
        };
        let person: Hash = row.get(0)?;
        let volume = self.volume(Log::Access);
        let Some(head) = tree::head(tx, volume).await? else { return Ok(None) };
        let Some((epoch, index, map_root)) = shown_batch(tx, volume, &head).await? else { return Ok(None) };
        let view = map::view(tx, map_root, [person], Some(epoch)).await?;
        let map = MapPart { key: person, proof: view.prove(&person).of(Log::Access)? };
        let looks = self.links(tx, subject, epoch, now).await?;
        let log_entry = receipt::entry_at(tx, volume, index).await?;
        let (state, proof) = receipt::proof(tx, volume, &head, index).await?;
        let receipt = Receipt { log_entry, proof, opening: None, batch: None, map: Some(map) };
        let receipt = serde_json::from_str(&receipt.to_json())
            .map_err(|error| RecordError::damaged(Log::Access, error))?;
        let successions = succession::texts(tx, volume).await?;
        let format = PROOF_FORMAT.into();
        let proof = PersonProof { format, person: hex::encode(&person), looks, successions, receipt };
        Ok(Some((if self.needs_witnesses() { state } else { State::Signed }, proof)))
    }

    /// The person's links in batches up to `epoch`, in order, opened as far as they may be.
    async fn links(
        &self,
        tx: &mut Tx,
        subject: Id,
        epoch: u64,
        now: Timestamp,
    ) -> Result<Vec<Link>, RecordError> {
        let mut links = Vec::new();
        let mut after = 0_i64;
        loop {
            let rows = tx
                .query(
                    sql!(
                        "select l.seq, l.id, l.commitment, l.sealed_until, l.sealed, case when \
                         l.sealed_until is not null then coalesce((select max(s.until) from record_seal s \
                         where s.look = l.id), l.sealed_until) end from record_look l where l.subject = $1 and l.seq > $2 and l.batch <= $3 \
                         order by l.seq limit 1000"
                    ),
                    &params![subject, after, column(epoch)],
                )
                .await?;
            for row in &rows {
                after = row.get(0)?;
                let until: Option<Timestamp> = row.get(3)?;
                // What counts may be later than the date the chain binds.
                let opening = if row.get::<Option<Timestamp>>(5)?.is_some_and(|until| until > now) {
                    None
                } else {
                    let sealed: Vec<u8> = row.get(4)?;
                    self.unseal(tx, subject, &look_context(row.get(1)?), &sealed).await?
                };
                let (record, salt) = opening.map(|o| (o.record, hex::encode(&o.salt))).unzip();
                let sealed_until = until.map_or(0, Timestamp::seconds);
                links.push(Link { commitment: row.get(2)?, sealed_until, record, salt });
            }
            if rows.len() < 1000 {
                return Ok(links);
            }
        }
    }
}

/// Epoch, log index and map root of the batch a proof is made against.
async fn shown_batch(
    tx: &mut Tx,
    volume: Volume,
    head: &Head,
) -> Result<Option<(u64, u64, Hash)>, RecordError> {
    let newest = tx
        .query_opt(sql!("select epoch from record_batch order by epoch desc limit 1"), &params![])
        .await?
        .map_or(Ok(0), |row| row.get::<i64>(0))?
        .unsigned_abs();
    let cosigned = cosigned_epoch(tx, volume, head.cosigned_size).await?;
    let epoch = if cosigned > newest.saturating_sub(map::MAX_KEPT_EPOCHS) { cosigned } else { newest };
    let row = tx
        .query_opt(
            sql!("select idx, map_root from record_batch where epoch = $1 and volume = $2"),
            &params![column(epoch), i64::from(volume.number)],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((epoch, row.get::<i64>(0)?.unsigned_abs(), row.get(1)?)))
}

/// Verifies a person's proof with nothing but the policy: every look in its place, none missing, and the
/// chain's head in the witnessed log. No network, no clock, no database.
///
/// # Errors
/// [`PersonProofError`] says what does not hold.
pub fn verify_person_proof(bytes: &[u8], policy: &Policy) -> Result<PersonVerified, PersonProofError> {
    let malformed = |reason: String| PersonProofError::Malformed(reason);
    if bytes.len() > MAX_PROOF_BYTES {
        return Err(malformed(format!("longer than {MAX_PROOF_BYTES} bytes")));
    }
    let proof: PersonProof = serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
    if proof.format != PROOF_FORMAT {
        return Err(malformed(format!("the format is not {PROOF_FORMAT}")));
    }
    let person: Hash = hex::decode(&proof.person)
        .and_then(|person| person.try_into().ok())
        .ok_or_else(|| malformed("the pseudonym is not 32 bytes in hexadecimal".into()))?;
    let mut head = EMPTY_HEAD;
    let mut opened = 0;
    for (seq, link) in (1_u64..).zip(&proof.looks) {
        opened += u64::from(opens(link, &proof.person, seq)?);
        head = next_head(&person, &head, seq, link.sealed_until, &link.commitment);
    }
    let looks = proof.looks.len() as u64;
    let log = Receipt::parse(proof.receipt.to_string().as_bytes())?.verify(policy)?;
    let (key, value) = log.map.ok_or_else(|| malformed("the receipt holds no map proof".into()))?;
    let expected = (looks > 0).then(|| map_value(looks, &head));
    if key != person || value != expected {
        return Err(PersonProofError::Chain { looks });
    }
    let at = log.entry.json.get("at").and_then(serde_json::Value::as_str).unwrap_or_default().to_string();
    let gaps = gaps(&log.entry.json, &proof.successions).ok_or(PersonProofError::Succession)?;
    Ok(PersonVerified { looks, opened, at, gaps, log })
}

/// The gaps that a batch's entry binds: it names entry 0 of its log by hash, and each entry 0 that of the volume before.
/// `None` unless exactly those are shown.
fn gaps(batch: &serde_json::Value, successions: &[String]) -> Option<Vec<Gap>> {
    let mut wanted = match batch.get("succession") {
        None => None,
        Some(hash) => Some(hash.as_str()?.to_string()),
    };
    let mut gaps = Vec::new();
    for text in successions {
        let entry = SuccessionEntry::from_bytes(text.as_bytes())?;
        if wanted? != STANDARD.encode(leaf_hash(text.as_bytes())) {
            return None;
        }
        wanted = entry.before.map(|before| STANDARD.encode(before));
        if entry.missing > 0 || entry.forked {
            gaps.push(Gap { from: entry.local_at, to: entry.at, batches: entry.missing });
        }
    }
    wanted.is_none().then_some(gaps)
}

/// Whether the link shows its look, which then must fit the commitment, the person, the number and the date.
fn opens(link: &Link, person: &str, seq: u64) -> Result<bool, PersonProofError> {
    let (Some(record), Some(salt)) = (&link.record, &link.salt) else { return Ok(false) };
    let fits = || {
        let salt: [u8; 32] = hex::decode(salt)?.try_into().ok()?;
        let json: serde_json::Value = canonical::parse(record.as_bytes()).ok()?;
        let sealed_until = match json.get("sealed_until")? {
            serde_json::Value::Null => None,
            text => Some(text.as_str()?),
        };
        let until = (link.sealed_until != 0).then(|| Timestamp::from_seconds(link.sealed_until).to_rfc3339());
        Some(
            canonical::commit(&salt, record.as_bytes()) == link.commitment
                && json.get("person")?.as_str()? == person
                && json.get("seq")?.as_u64()? == seq
                && sealed_until == until.as_deref(),
        )
    };
    if fits() == Some(true) { Ok(true) } else { Err(PersonProofError::Look(seq)) }
}

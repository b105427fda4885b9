//! Looks that stay sealed longer than was ordered when they were made.
//!
//! The look's row, its commitment and the person's chain keep the first date for ever. What prolongs it is an act of the
//! public record of its own, and a row that names it: without the act there is nothing that keeps the look closed, and an
//! audit finds a row that has none.

use crate::Record;
use crate::act::{Act, INSTALLATION, opening_context};
use crate::audit::StoreAudit;
use crate::entry::ActEntry;
use crate::error::RecordError;
use crate::log::Log;
use daftar_kernel::{Actor, Id, Timestamp};
use daftar_store::{Row, StoreError, Tx, params, sql};
use serde_json::{Value, json};

/// Kind of the act that prolongs a seal.
pub const SEAL_EXTENDED: &str = "record.seal-extended";
/// Farthest new date, in days from the decision: each extension is for a year at most, as the first order is.
pub const MAX_EXTENSION_DAYS: i64 = 366;
/// Most sealed looks of one page of an agency's list.
pub const MAX_SEALS: u32 = 50;

/// A sealed look, without the person and without what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// The look.
    pub look: Id,
    /// Code of the agency that looked.
    pub agency: String,
    /// Code of the purpose.
    pub purpose: String,
    /// When it was made.
    pub at: Timestamp,
    /// The date that was ordered when it was made.
    pub ordered: Timestamp,
    /// The date that counts: the ordered one, or that of the newest extension.
    pub until: Timestamp,
    /// How often it was prolonged.
    pub extensions: u64,
}

/// A decision to keep a look closed for longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The look.
    pub look: Id,
    /// The new date.
    pub until: Timestamp,
    /// Reference of the order; private.
    pub reference: String,
    /// Code of the agency that looked.
    pub agency: String,
    /// Code of the second institution that agreed; public.
    pub second: String,
    /// Code of the office that carries it out.
    pub office: String,
}

fn read(row: &Row) -> Result<Seal, StoreError> {
    Ok(Seal {
        look: row.get(0)?,
        agency: row.get(1)?,
        purpose: row.get(2)?,
        at: row.get(3)?,
        ordered: row.get(4)?,
        until: row.get(5)?,
        extensions: row.get::<i64>(6)?.unsigned_abs(),
    })
}

impl Record {
    /// What is known of a sealed look; `None` for a look that never was sealed, and for none at all.
    ///
    /// # Errors
    /// The store's.
    pub async fn seal(&self, tx: &mut Tx, look: Id) -> Result<Option<Seal>, StoreError> {
        tx.query_opt(
            sql!(
                "select l.id, l.agency, l.purpose, l.at, l.sealed_until, coalesce((select max(s.until) from \
                 record_seal s where s.look = l.id), l.sealed_until), (select count(*) from record_seal s \
                 where s.look = l.id) from record_look l where l.id = $1 and l.sealed_until is not null"
            ),
            &params![look],
        )
        .await?
        .as_ref()
        .map(read)
        .transpose()
    }

    /// Looks of an agency that are sealed still, the next to be opened first; at most [`MAX_SEALS`].
    ///
    /// # Errors
    /// The store's.
    pub async fn seals_of(&self, tx: &mut Tx, agency: &str) -> Result<Vec<Seal>, StoreError> {
        let now = self.store().world().now();
        tx.query(
            sql!(
                "select id, agency, purpose, at, sealed_until, until, extensions from (select l.id, l.agency, \
                 l.purpose, l.at, l.sealed_until, coalesce((select max(s.until) from record_seal s where \
                 s.look = l.id), l.sealed_until) as until, (select count(*) from record_seal s where s.look = \
                 l.id) as extensions from record_look l where l.agency = $1 and l.sealed_until is not null) \
                 as sealed where until > $2 order by until, id limit $3"
            ),
            &params![agency, now, MAX_SEALS],
        )
        .await?
        .iter()
        .map(read)
        .collect()
    }

    /// Keeps a look closed until a later date, and commits the act that says so. Who may decide it is the office's rule:
    /// two officials, one of them of a second institution.
    ///
    /// # Errors
    /// When the look is not sealed any more, or the date is not later than the present one and within a year; the store's.
    pub async fn extend_seal(&self, tx: &mut Tx, actor: &Actor, asked: &Extension) -> Result<Id, StoreError> {
        let now = self.store().world().now();
        let malformed = |reason: &str| StoreError::Malformed { what: "seal".into(), reason: reason.into() };
        let seal = self.seal(tx, asked.look).await?.ok_or_else(|| malformed("no look is sealed there"))?;
        if seal.until <= now {
            return Err(malformed("the look is open already"));
        }
        if asked.until <= seal.until || asked.until > now.plus_seconds(MAX_EXTENSION_DAYS * 86_400) {
            return Err(malformed("the new date must be later than the present one, and within a year"));
        }
        let act = Act {
            kind: SEAL_EXTENDED,
            service: "record",
            agency: asked.agency.clone(),
            office: asked.office.clone(),
            // Not under the person's key: the person would then read who has looked.
            subject: None,
            public: json!({"second": asked.second}),
            private: Some(json!({
                "look": asked.look,
                "until": asked.until.to_rfc3339(),
                "reference": asked.reference,
            })),
        };
        let act = self.act(tx, actor, &act).await?;
        tx.execute(
            sql!("insert into record_seal (look, number, until, at, act) values ($1, $2, $3, $4, $5)"),
            &params![
                asked.look,
                i64::try_from(seal.extensions + 1).unwrap_or(i64::MAX),
                asked.until,
                now,
                act
            ],
        )
        .await?;
        Ok(act)
    }

    /// Every extension against its act: an operator who adds or moves one without the act is found.
    pub(crate) async fn audit_seals(&self, tx: &mut Tx, audit: &mut StoreAudit) -> Result<(), RecordError> {
        let (mut after, mut number, mut before) = (Id::from_bytes([0; 16]), 0_i64, None);
        loop {
            let rows = tx
                .query(
                    sql!(
                        "select s.look, s.number, s.until, e.body, o.sealed, l.sealed_until, e.id \
                         from record_seal s left join record_entry e on e.id = s.act \
                         left join record_opening o on o.entry = s.act \
                         left join record_look l on l.id = s.look \
                         where s.look > $1 or (s.look = $1 and s.number > $2) \
                         order by s.look, s.number limit 1000"
                    ),
                    &params![after, number],
                )
                .await?;
            for row in &rows {
                let (look, this): (Id, i64) = (row.get(0)?, row.get(1)?);
                if look != after {
                    (number, before) = (0, row.get::<Option<Timestamp>>(5)?);
                }
                let until: Timestamp = row.get(2)?;
                let follows = this == number + 1 && before.is_some_and(|before| until > before);
                if !follows || !self.seal_has_its_act(tx, row, look, until).await? {
                    let name = format!("record_seal {look} {this}");
                    audit.add(Log::Access, None, name, "no act of the record prolongs this seal so");
                }
                (after, number, before) = (look, this, Some(until));
            }
            if rows.len() < 1000 {
                return Ok(());
            }
        }
    }

    async fn seal_has_its_act(
        &self,
        tx: &mut Tx,
        row: &Row,
        look: Id,
        until: Timestamp,
    ) -> Result<bool, RecordError> {
        let (Some(body), Some(sealed), Some(act)) =
            (row.get::<Option<Vec<u8>>>(3)?, row.get::<Option<Vec<u8>>>(4)?, row.get::<Option<Id>>(6)?)
        else {
            return Ok(false);
        };
        if ActEntry::from_bytes(&body).is_none_or(|entry| entry.kind != SEAL_EXTENDED) {
            return Ok(false);
        }
        let opening = match self.unseal(tx, INSTALLATION, &opening_context(act), &sealed).await {
            Ok(opening) => opening,
            Err(StoreError::Sealed(_)) => None,
            Err(other) => return Err(other.into()),
        };
        let record: Value =
            opening.and_then(|opening| serde_json::from_str(&opening.record).ok()).unwrap_or_default();
        let text = |path: &str| record.pointer(path).and_then(Value::as_str).map(str::to_string);
        Ok(text("/record/look") == Some(look.to_string())
            && text("/record/until") == Some(until.to_rfc3339()))
    }
}

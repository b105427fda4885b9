//! The access register: who looked at a person's data. The row is committed before bytes leave.

use crate::Record;
use crate::act::{CLASS, official_json};
use crate::chain::next_head;
use crate::person::{self, Newest};
use daftar_kernel::{Actor, Id, Official, Timestamp, World};
use daftar_store::{StoreError, Tx, params, sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use transparency_log::Hash;
use transparency_log::canonical;

/// What a look's record is, and of which version.
pub const LOOK_FORMAT: &str = "daftar-look/1";
/// Most persons of one act of looking, such as a page of search results.
pub const MAX_LOOKS_AT_ONCE: usize = 100;
/// Most fields named in one look.
pub const MAX_FIELDS: usize = 100;
/// Longest text of purpose, basis, case or a field's name, in characters.
pub const MAX_TEXT_CHARS: usize = 500;
/// Farthest unseal date, in days from the look. Longer needs a second institution.
pub const MAX_SEALED_DAYS: i64 = 366;

/// Who looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reader {
    /// An official at work.
    Official(Official),
    /// Another system or a person who is no official; the text is what the citizen reads.
    Other {
        /// Name as the citizen reads it.
        name: String,
        /// Code of the agency that answers for it; empty when none does.
        agency: String,
    },
}

impl From<&Official> for Reader {
    fn from(official: &Official) -> Self {
        Self::Official(official.clone())
    }
}

impl From<&Actor> for Reader {
    fn from(actor: &Actor) -> Self {
        let other = |name: &str| Self::Other { name: name.into(), agency: String::new() };
        match actor {
            Actor::Official(official) => official.into(),
            Actor::Citizen(_) => other("citizen"),
            Actor::Public => other("public"),
            Actor::System(name) => other(name),
        }
    }
}

/// One look at one person's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The person, by the record's own token.
    pub subject: Id,
    /// Who looks.
    pub reader: Reader,
    /// The service whose data is looked at.
    pub service: &'static str,
    /// Code of the purpose in the country pack.
    pub purpose: String,
    /// Legal basis, in words a citizen can look up.
    pub basis: String,
    /// The case it belongs to; needed when the look is sealed.
    pub case: Option<String>,
    /// What was shown: names of fields, never values.
    pub fields: Vec<String>,
    /// Until when the person may not read who looked (police, court); the look itself is counted at once.
    pub sealed_until: Option<Timestamp>,
}

/// What a look says when it may be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookContent {
    /// Name of the reader.
    pub reader: String,
    /// Role of the official; empty for another system.
    pub role: String,
    /// Code of the agency.
    pub agency: String,
    /// Code of the office; empty for another system.
    pub office: String,
    /// The service whose data was looked at.
    pub service: String,
    /// Code of the purpose.
    pub purpose: String,
    /// Legal basis.
    pub basis: String,
    /// The case.
    pub case: Option<String>,
    /// Names of the fields that were shown.
    pub fields: Vec<String>,
}

impl Record {
    /// Commits one look in the caller's transaction and gives its receipt's id. Law 6: the caller lets no
    /// byte out before this transaction has committed.
    ///
    /// # Errors
    /// When purpose or basis is empty, a text or list is beyond its limit, a sealed look has no case or too
    /// far a date; when the person was erased; or when the store fails.
    pub async fn look(&self, tx: &mut Tx, look: &Look) -> Result<Id, StoreError> {
        let world = self.store().world();
        let (now, salt) = (world.now(), world.bytes::<32>());
        check(look, now)?;
        let Newest { person, seq, head, newest } = person::newest(tx, world, look.subject).await?;
        let id = id_after(newest, world);
        let seq = seq + 1;
        let record = canonical::to_text(&record_json(look, &person, seq, now))
            .map_err(|e| StoreError::Malformed { what: "look".into(), reason: e.to_string() })?;
        let commitment = canonical::commit(&salt, record.as_bytes());
        let sealed_seconds = look.sealed_until.map_or(0, Timestamp::seconds);
        let head = next_head(&person, &head, seq.unsigned_abs(), sealed_seconds, &commitment);
        let mut plain = salt.to_vec();
        plain.extend_from_slice(record.as_bytes());
        let sealed = self.store().vault().seal(tx, look.subject, CLASS, &look_context(id), &plain).await?;
        let (reader, agency) = match &look.reader {
            Reader::Official(official) => (Some(official.id), official.agency.clone()),
            Reader::Other { agency, .. } => (None, agency.clone()),
        };
        tx.execute(
            sql!(
                "insert into record_look (id, subject, seq, at, reader, agency, purpose, sealed_until, \
                 sealed, commitment, head) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
            ),
            &params![
                id,
                look.subject,
                seq,
                now,
                reader,
                agency,
                &look.purpose,
                look.sealed_until,
                sealed,
                commitment,
                head
            ],
        )
        .await?;
        // Written as an insert that always conflicts, for the reason given at `newest`.
        tx.execute(
            sql!(
                "insert into record_head (subject, person, seq, head, newest) values ($1, $2, $3, $4, $5) \
                 on conflict (subject) do update set seq = excluded.seq, head = excluded.head, \
                 newest = excluded.newest"
            ),
            &params![look.subject, person, seq, head, id],
        )
        .await?;
        Ok(id)
    }

    /// As [`look`](Self::look) for several persons at once, such as a page of search results: all rows or
    /// none.
    ///
    /// # Errors
    /// As [`look`](Self::look), and for more than [`MAX_LOOKS_AT_ONCE`].
    pub async fn look_many(&self, tx: &mut Tx, looks: &[Look]) -> Result<Vec<Id>, StoreError> {
        if looks.len() > MAX_LOOKS_AT_ONCE {
            return Err(StoreError::TooLarge { what: "one act of looking", limit: MAX_LOOKS_AT_ONCE });
        }
        let mut ids = Vec::with_capacity(looks.len());
        for look in looks {
            ids.push(self.look(tx, look).await?);
        }
        Ok(ids)
    }
}

/// An id above the person's newest. Batches are taken in the order of ids, so a person's looks enter the log
/// in the order of their numbers even when the clock steps back or two fall into the same millisecond.
fn id_after(newest: Id, world: &World) -> Id {
    let id = world.id();
    if id > newest {
        return id;
    }
    // The first six bytes of a UUIDv7 are its milliseconds.
    let millis = newest.as_bytes()[..6].iter().fold(0, |millis, byte| millis << 8 | u64::from(*byte));
    Id::from_parts(millis + 1, world.bytes())
}

/// What a look's sealed content is bound to, so that it cannot be moved to another row.
pub(crate) fn look_context(id: Id) -> Vec<u8> {
    [b"record_look.sealed/".as_slice(), id.as_bytes()].concat()
}

fn check(look: &Look, now: Timestamp) -> Result<(), StoreError> {
    let malformed = |reason: &str| Err(StoreError::Malformed { what: "look".into(), reason: reason.into() });
    if look.purpose.is_empty() || look.basis.is_empty() {
        return malformed("a look needs a purpose and a legal basis");
    }
    let texts = [Some(&look.purpose), Some(&look.basis), look.case.as_ref()];
    let too_long = |text: &String| text.chars().count() > MAX_TEXT_CHARS;
    if texts.into_iter().flatten().chain(&look.fields).any(too_long) || look.fields.len() > MAX_FIELDS {
        return Err(StoreError::TooLarge { what: "a text or list of a look", limit: MAX_TEXT_CHARS });
    }
    if let Some(until) = look.sealed_until {
        if look.case.as_deref().unwrap_or_default().is_empty() {
            return malformed("a sealed look needs a case");
        }
        if until <= now || until > now.plus_seconds(MAX_SEALED_DAYS * 86_400) {
            return malformed("a sealed look needs an unseal date within twelve months");
        }
    }
    Ok(())
}

fn record_json(look: &Look, person: &Hash, seq: i64, now: Timestamp) -> Value {
    let reader = match &look.reader {
        Reader::Official(official) => official_json(official),
        Reader::Other { name, agency } => json!({"kind": "other", "name": name, "agency": agency}),
    };
    json!({
        "format": LOOK_FORMAT,
        "person": daftar_kernel::hex::encode(person),
        "seq": seq,
        "at": now.to_rfc3339(),
        "reader": reader,
        "service": look.service,
        "purpose": look.purpose,
        "basis": look.basis,
        "case": look.case,
        "fields": look.fields,
        "sealed_until": look.sealed_until.map(Timestamp::to_rfc3339),
    })
}

/// The content out of a record that was opened; `None` when it is no look.
pub(crate) fn content_of(record: &Value) -> Option<LookContent> {
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_string();
    let reader = record.get("reader")?;
    if record.get("format")?.as_str()? != LOOK_FORMAT {
        return None;
    }
    Some(LookContent {
        reader: text(reader, "name"),
        role: text(reader, "role"),
        agency: text(reader, "agency"),
        office: text(reader, "office"),
        service: text(record, "service"),
        purpose: text(record, "purpose"),
        basis: text(record, "basis"),
        case: record.get("case").and_then(Value::as_str).map(str::to_string),
        fields: record
            .get("fields")?
            .as_array()?
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_string)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look() -> Look {
        Look {
            subject: Id::from_bytes([1; 16]),
            reader: (&Actor::System("import")).into(),
            service: "identity",
            purpose: "correction".into(),
            basis: "Registration Act, section 4".into(),
            case: None,
            fields: vec!["name".into()],
            sealed_until: None,
        }
    }

    #[test]
    fn a_look_says_why() {
        let now = Timestamp::from_seconds(1000);
        assert!(check(&look(), now).is_ok());
        assert!(check(&Look { purpose: String::new(), ..look() }, now).is_err());
        assert!(check(&Look { basis: String::new(), ..look() }, now).is_err());
        assert!(check(&Look { case: Some("é".repeat(MAX_TEXT_CHARS)), ..look() }, now).is_ok());
        assert!(check(&Look { case: Some("é".repeat(MAX_TEXT_CHARS + 1)), ..look() }, now).is_err());
        assert!(check(&Look { fields: vec![String::new(); MAX_FIELDS], ..look() }, now).is_ok());
        assert!(check(&Look { fields: vec![String::new(); MAX_FIELDS + 1], ..look() }, now).is_err());
    }

    #[test]
    fn a_sealed_look_has_a_case_and_a_near_date() {
        let now = Timestamp::from_seconds(1000);
        let sealed = |case: Option<&str>, days| Look {
            case: case.map(Into::into),
            sealed_until: Some(now.plus_seconds(days * 86_400)),
            ..look()
        };
        assert!(check(&sealed(Some("P-1"), MAX_SEALED_DAYS), now).is_ok());
        assert!(check(&sealed(Some("P-1"), MAX_SEALED_DAYS + 1), now).is_err());
        assert!(check(&sealed(Some("P-1"), 0), now).is_err());
        assert!(check(&sealed(None, 1), now).is_err());
        assert!(check(&sealed(Some(""), 1), now).is_err());
    }

    #[test]
    fn ids_of_a_person_ascend_whatever_the_clock_does() {
        let clock = daftar_kernel::time::ManualClock::new(Timestamp::from_seconds(1_800_000_000));
        let world = World::new(clock.clone(), daftar_kernel::world::SeededRandom::new(1));
        let mut newest = world.id();
        for step in [0, 0, -3600, 5, -1] {
            clock.advance_seconds(step);
            let next = id_after(newest, &world);
            assert!(next > newest);
            newest = next;
        }
    }

    #[test]
    fn content_reads_back() {
        let record = record_json(&look(), &[2; 32], 7, Timestamp::from_seconds(0));
        let content = content_of(&record).unwrap();
        assert_eq!((content.reader.as_str(), content.purpose.as_str()), ("import", "correction"));
        assert_eq!(content.fields, ["name"]);
        assert!(content_of(&json!({"format": "other", "reader": {}})).is_none());
    }
}

//! Correcting a record: a new version with reason and evidence; the old ones stay as they were written.

use crate::documents::KeptDocument;
use crate::enroll::write_hashes;
use crate::notices::News;
use crate::people::{Desk, People, SERVICE};
use crate::permission;
use crate::person::{Entry, Person};
use crate::photos::Kept;
use crate::register::{Key, Registered, needed_text};
use crate::statistics::{Changes, counters};
use crate::version::{self, Cause, Document, MAX_VERSIONS, Marks, Version, Writer};
use crate::{problems, tokens};
use daftar_kernel::{Actor, Id, Problem};
use daftar_record::Act;
use daftar_store::{Tx, params, sql};
use serde_json::json;

/// What becomes of a photo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PhotoChange {
    /// It stays as it is.
    #[default]
    Keep,
    /// It goes; the earlier version still names it.
    Remove,
    /// A new one, JPEG or PNG as it was taken.
    New(Vec<u8>),
}

/// What a desk sends to have a record corrected.
#[derive(Clone, Debug)]
pub struct Correction {
    /// Whose record.
    pub person: Id,
    /// The version the official looked at; another one meanwhile is a conflict.
    pub expected_version: i64,
    /// The whole record as it is to be; its photo is changed by `photo` alone.
    pub entry: Entry,
    /// What becomes of the photo.
    pub photo: PhotoChange,
    /// Why.
    pub reason: String,
    /// What it rests on.
    pub evidence: String,
    /// As for a registration.
    pub idempotency_key: String,
}

/// A correction that passed the rules.
#[derive(Clone)]
struct Wanted {
    person: Id,
    expected_version: i64,
    document: Document,
    keeps_photo: bool,
}

/// A version about to be written.
pub(crate) struct Change {
    pub(crate) before: Version,
    pub(crate) document: Document,
    pub(crate) documents: Vec<KeptDocument>,
}

impl People {
    /// Writes a new version of a record.
    ///
    /// # Errors
    /// [`problems::changed`] when the record is no longer at the expected version, [`problems::unchanged`]
    /// when nothing would change, [`problems::entry`], [`problems::reason_text`],
    /// [`problems::evidence_text`], [`problems::unknown`], 403 without the permission, and the store's.
    pub async fn correct(&self, actor: &Actor, correction: Correction) -> Result<Registered, Problem> {
        self.office.need(actor, permission::CORRECT)?;
        let Correction { person, expected_version, entry, photo, reason, evidence, idempotency_key } =
            correction;
        let photo_digest = match &photo {
            PhotoChange::New(bytes) => Some(self.store.vault().blind_index("identity/photo/1", &[bytes])?),
            PhotoChange::Keep | PhotoChange::Remove => None,
        };
        let keeps = photo == PhotoChange::Keep;
        let asked = (&entry, person, expected_version, &reason, &evidence, photo_digest, keeps);
        let key = Key::new(self, actor, "correct", &idempotency_key, &asked)?;
        let mut document = Document {
            person: self.check(&Entry { photo: String::new(), ..entry })?,
            cause: Cause::Corrected,
            reason: needed_text(&reason, problems::reason_text)?,
            evidence: needed_text(&evidence, problems::evidence_text)?,
            marks: Marks::default(),
            writer: Writer::at(&Desk::of(actor)),
        };
        let kept = match photo {
            PhotoChange::New(bytes) => Some(self.keep_photo(person, bytes).await?),
            PhotoChange::Keep | PhotoChange::Remove => None,
        };
        document.person.photo = kept.map(Kept::name);
        let wanted = Wanted { person, expected_version, document, keeps_photo: keeps };
        let outcome = self.correct_once(Desk::of(actor), wanted, key).await;
        if let (Some(kept), Err(_)) = (kept, &outcome) {
            self.drop_photo(kept).await;
        }
        outcome
    }

    async fn correct_once(&self, desk: Desk, wanted: Wanted, key: Key) -> Result<Registered, Problem> {
        let people = self.clone();
        self.store
            .write(move |tx| {
                let (people, desk, wanted, key) = (people.clone(), desk.clone(), wanted.clone(), key.clone());
                Box::pin(async move {
                    if let Some(before) = key.begin(tx, &people).await? {
                        return Ok(before);
                    }
                    let done = people.add_version(tx, &desk, wanted).await?;
                    key.finish(tx, &done).await?;
                    Ok(done)
                })
            })
            .await
    }

    async fn add_version(&self, tx: &mut Tx, desk: &Desk, wanted: Wanted) -> Result<Registered, Problem> {
        let Wanted { person, expected_version: expected, mut document, keeps_photo } = wanted;
        let before = version::current(&self.store, tx, person).await?.ok_or_else(problems::unknown)?;
        if before.version != expected || expected >= MAX_VERSIONS {
            return Err(problems::changed());
        }
        if keeps_photo {
            document.person.photo.clone_from(&before.document.person.photo);
        }
        document.marks = before.document.marks;
        if before.document.person.differences(&document.person).is_empty() {
            return Err(problems::unchanged());
        }
        match (before.document.person.died, document.person.died) {
            // However a death comes into the record, it ends what it ends.
            (None, Some(_)) => {
                self.close_life(tx, desk, person).await?;
            }
            // Only two officials undo one.
            (Some(_), None) => return Err(problems::dead()),
            _ => {}
        }
        let done =
            self.write_version(tx, desk, person, Change { before, document, documents: Vec::new() }).await?;
        self.tell(tx, desk, person, done.receipt, &News::Corrected).await?;
        Ok(done)
    }

    /// Writes the version after `before`, with its act, keys, counts and documents. Whoever calls this tells the person.
    pub(crate) async fn write_version(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        person: Id,
        change: Change,
    ) -> Result<Registered, Problem> {
        let Change { before, document, documents } = change;
        let fields = before.document.person.differences(&document.person);
        let subject = tokens::of(tx, person, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
        let (version, now) = (before.version + 1, self.store.world().now());
        if version > MAX_VERSIONS {
            return Err(problems::changed());
        }
        let mut private = json!({ "version": version, "fields": fields, "document": document });
        if !documents.is_empty() {
            private["documents"] = crate::documents::said(&documents);
        }
        let act = Act {
            kind: document.cause.act(),
            service: SERVICE,
            agency: desk.agency.clone(),
            office: desk.office.clone(),
            subject: Some(subject),
            public: json!({}),
            private: Some(private),
        };
        let receipt = self.record.act(tx, &desk.actor, &act).await?;
        let update =
            sql!("update identity_person set version = $2, changed_at = $3 where id = $1 and version = $4");
        if tx.execute(update, &params![person, version, now, before.version]).await? != 1 {
            return Err(problems::changed());
        }
        if !fields.is_empty() {
            self.replace_keys(tx, person, &document.person).await?;
            let mut changes = Changes::default();
            changes.remove(&before.document.person);
            changes.add(&document.person);
            counters::apply(tx, &changes).await?;
            self.renew_age_due(tx, person, &document.person).await?;
        }
        version::add(&self.store, tx, person, &Version { version, at: now, receipt, document }).await?;
        self.attach(tx, (person, version, receipt), &documents).await?;
        Ok(Registered { person, receipt, version })
    }

    /// Replaces the keys a person is found by.
    async fn replace_keys(&self, tx: &mut Tx, person: Id, now_is: &Person) -> Result<(), Problem> {
        tx.execute(sql!("delete from identity_index where person = $1"), &params![person]).await?;
        Ok(write_hashes(tx, person, &self.hashes_of(now_is)?).await?)
    }
}

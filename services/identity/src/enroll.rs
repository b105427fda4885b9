//! The core of registering: one person or a thousand, in one transaction. Everything that brings people in
//! (the desk, an import, the demo) ends here, so that nobody is in the register without number, tokens and
//! receipt.

use crate::documents::{self, KeptDocument};
use crate::keys::{KeyKind, keys_of};
use crate::number::{CardNumber, Checked, MAX_DRAWS, NationalNumber};
use crate::people::{Desk, People, SERVICE};
use crate::person::Person;
use crate::statistics::{Changes, counters};
use crate::version::{Cause, Document, Marks, Version, Writer};
use crate::{cards, problems, tokens, version};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_record::Act;
use daftar_store::{StoreError, Tx, params, sql};
use serde_json::json;

/// Most people registered in one transaction.
pub const MAX_BATCH: usize = 5_000;

/// Somebody about to be registered.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// The person's own identifier in this service, made beforehand so that blobs can be sealed for it.
    pub id: Id,
    /// Who they are.
    pub person: Person,
    /// How they come.
    pub cause: Cause,
    /// Why, in words; needed when they may be registered already.
    pub reason: String,
    /// What it rests on.
    pub evidence: String,
    /// The keyed hashes they are found by.
    pub hashes: Vec<(KeyKind, [u8; 32])>,
    /// The import they come with, and the row.
    pub import: Option<(Id, i64)>,
    /// Documents that were sealed for them beforehand.
    pub documents: Vec<KeptDocument>,
    /// Whether something was sealed for their identifier, or tokens were drawn, before: a packet that was held.
    pub known_before: bool,
}

/// What a registered person was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// The person, inside this service.
    pub person: Id,
    /// The national number.
    pub number: NationalNumber,
    /// The first card's number.
    pub card: CardNumber,
    /// Receipt of the act.
    pub receipt: Id,
}

impl People {
    /// The keyed hashes a person is found by.
    ///
    /// # Errors
    /// When the index key cannot be read.
    pub fn hashes_of(&self, person: &Person) -> Result<Vec<(KeyKind, [u8; 32])>, StoreError> {
        keys_of(person).iter().map(|key| Ok((key.kind, self.hash(key)?))).collect()
    }

    pub(crate) fn hash(&self, key: &crate::keys::Key) -> Result<[u8; 32], StoreError> {
        let parts: Vec<&[u8]> = key.parts.iter().map(String::as_bytes).collect();
        self.store.vault().blind_index(key.kind.purpose(), &parts)
    }

    /// A newcomer with a fresh identifier.
    ///
    /// # Errors
    /// When the index key cannot be read.
    pub fn newcomer(
        &self,
        person: Person,
        cause: Cause,
        reason: &str,
        evidence: &str,
    ) -> Result<Newcomer, StoreError> {
        let hashes = self.hashes_of(&person)?;
        let (id, reason, evidence) = (self.store.world().id(), reason.into(), evidence.into());
        let (import, documents, known_before) = (None, Vec::new(), false);
        Ok(Newcomer { id, person, cause, reason, evidence, hashes, import, documents, known_before })
    }

    /// Registers everybody of the list, in the caller's transaction.
    ///
    /// # Errors
    /// [`problems::numbers_out`], and the store's; nothing is kept then.
    pub async fn enroll(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        newcomers: &[Newcomer],
    ) -> Result<Vec<Enrolled>, Problem> {
        if newcomers.len() > MAX_BATCH {
            return Err(StoreError::TooLarge { what: "a batch of people", limit: MAX_BATCH }.into());
        }
        let now = self.store.world().now();
        let mut changes = Changes::default();
        newcomers.iter().for_each(|newcomer| changes.add(&newcomer.person));
        // First, while the transaction is small: an upsert keeps a journal of its own in SQLite, and its
        // upkeep grows with what the transaction has written.
        counters::apply(tx, &changes).await?;
        let mut enrolled = Vec::with_capacity(newcomers.len());
        for newcomer in newcomers {
            enrolled.push(self.enroll_one(tx, desk, newcomer, now).await?);
        }
        let hashes = newcomers.iter().flat_map(|one| one.hashes.iter().map(|(_, hash)| (one.id, *hash)));
        write_index(tx, hashes.collect()).await?;
        Ok(enrolled)
    }

    async fn enroll_one(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        newcomer: &Newcomer,
        now: Timestamp,
    ) -> Result<Enrolled, Problem> {
        let (world, person) = (self.store.world(), newcomer.id);
        // Only who was known before has tokens already: the others are spared the look.
        let drawn = if newcomer.known_before { tokens::of(tx, person, tokens::RECORD).await? } else { None };
        let (record, office) = (drawn.unwrap_or_else(|| tokens::draw(world)), tokens::draw(world));
        // A photo or document was sealed for the person beforehand, so the key of their own identifier may be there already.
        if newcomer.person.photo.is_none() && newcomer.documents.is_empty() && !newcomer.known_before {
            self.store.vault().expect_new(tx, person);
        }
        if drawn.is_none() {
            self.store.vault().expect_new(tx, record);
        }
        let number = self.take_number(tx, person, now, || NationalNumber::draw(world)).await?;
        let sealed = seal_number(self, tx, person, number).await?;
        let insert = sql!(
            "insert into identity_person \
             (id, version, state, number, registered_at, changed_at, import, import_row) \
             values ($1, 1, 'registered', $2, $3, $3, $4, $5)"
        );
        let (import, row) = newcomer.import.unzip();
        tx.execute(insert, &params![person, sealed, now, import, row]).await?;
        if drawn.is_none() {
            tokens::add(tx, person, record, office).await?;
        }
        let card = cards::issue(self, tx, person, now).await?;
        let document = Document {
            person: newcomer.person.clone(),
            cause: newcomer.cause,
            reason: newcomer.reason.clone(),
            evidence: newcomer.evidence.clone(),
            marks: Marks::default(),
            writer: Writer::at(desk),
        };
        let mut private = json!({ "version": 1, "document": document });
        if !newcomer.documents.is_empty() {
            private["documents"] = documents::said(&newcomer.documents);
        }
        let act = Act {
            kind: "identity.person-registered",
            service: SERVICE,
            agency: desk.agency.clone(),
            office: desk.office.clone(),
            subject: Some(record),
            public: json!({ "cause": newcomer.cause }),
            // The whole document: with this receipt the person can prove what was written about them that
            // day.
            private: Some(private),
        };
        let receipt = self.record.act(tx, &desk.actor, &act).await?;
        self.attach(tx, (person, 1, receipt), &newcomer.documents).await?;
        version::add(&self.store, tx, person, &Version { version: 1, at: now, receipt, document }).await?;
        Ok(Enrolled { person, number, card, receipt })
    }

    /// Takes a number nobody has or ever had. The unique key of the table decides, not a look beforehand, so
    /// two desks at once cannot get the same one; a miss is drawn again.
    pub(crate) async fn take_number(
        &self,
        tx: &mut Tx,
        person: Id,
        now: Timestamp,
        mut draw: impl FnMut() -> NationalNumber,
    ) -> Result<NationalNumber, Problem> {
        let insert = sql!(
            "insert into identity_number (hash, person, issued_at) values ($1, $2, $3) on conflict (hash) do nothing"
        );
        for _ in 0..MAX_DRAWS {
            let number = draw();
            if tx.execute(insert, &params![self.number_hash(number)?, person, now]).await? == 1 {
                return Ok(number);
            }
        }
        Err(problems::numbers_out())
    }

    pub(crate) fn number_hash(&self, number: NationalNumber) -> Result<[u8; 32], StoreError> {
        self.checked_hash("identity/number/1", number)
    }
    pub(crate) fn card_hash(&self, number: CardNumber) -> Result<[u8; 32], StoreError> {
        self.checked_hash("identity/card/1", number)
    }
    fn checked_hash<const LEN: usize>(
        &self,
        purpose: &str,
        number: Checked<LEN>,
    ) -> Result<[u8; 32], StoreError> {
        self.store.vault().blind_index(purpose, &[number.plain().as_bytes()])
    }
}

const NUMBER_CONTEXT: &[u8] = b"identity_person.number/";

async fn seal_number(
    people: &People,
    tx: &mut Tx,
    person: Id,
    number: NationalNumber,
) -> Result<Vec<u8>, StoreError> {
    let context = [NUMBER_CONTEXT, person.as_bytes()].concat();
    people.store.vault().seal(tx, person, crate::people::CLASS, &context, number.plain().as_bytes()).await
}

/// The national number of a person; `None` when there is none such or the data was erased.
pub(crate) async fn number_of(
    people: &People,
    tx: &mut Tx,
    person: Id,
) -> Result<Option<NationalNumber>, StoreError> {
    let select = sql!("select number from identity_person where id = $1 and state <> 'erased'");
    let Some(row) = tx.query_opt(select, &params![person]).await? else { return Ok(None) };
    let context = [NUMBER_CONTEXT, person.as_bytes()].concat();
    let plain = people.store.vault().open(tx, person, crate::people::CLASS, &context, row.get(0)?).await?;
    let text = String::from_utf8_lossy(&plain);
    NationalNumber::parse(&text)
        .map(Some)
        .map_err(|e| StoreError::Malformed { what: "sealed national number".into(), reason: e.to_string() })
}

/// Bytes of a keyed hash that the table keeps: enough that two different keys never meet.
pub(crate) const HASH_BYTES: usize = 16;

/// Writes the index rows of a person.
pub(crate) async fn write_hashes(
    tx: &mut Tx,
    person: Id,
    hashes: &[(KeyKind, [u8; 32])],
) -> Result<(), StoreError> {
    write_index(tx, hashes.iter().map(|(_, hash)| (person, *hash)).collect()).await
}

/// Writes index rows in the order of their hashes, so that a batch goes through the index once instead of back and
/// forth. One row a statement: in SQLite a statement of several rows keeps a journal of its own.
async fn write_index(tx: &mut Tx, mut rows: Vec<(Id, [u8; 32])>) -> Result<(), StoreError> {
    let insert = sql!(
        "insert into identity_index (person, hash) values ($1, $2) on conflict (person, hash) do nothing"
    );
    rows.sort_unstable_by_key(|(_, hash)| *hash);
    for (person, hash) in rows {
        tx.execute(insert, &params![person, &hash[..HASH_BYTES]]).await?;
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::people::Gazetteer;
    use daftar_office::roster::{Parts, Roster};
    use daftar_record::transport::{Answer, Transport, TransportError};
    use daftar_testing::for_each_engine;
    use std::sync::Arc;

    struct Nobody;
    impl Transport for Nobody {
        fn post(&self, url: &str, _: &[u8], _: usize) -> Result<Answer, TransportError> {
            Err(TransportError::Url(url.into()))
        }
        fn get(&self, url: &str, _: usize) -> Result<Answer, TransportError> {
            Err(TransportError::Url(url.into()))
        }
    }
    impl Gazetteer for Nobody {
        fn knows(&self, _: &str) -> bool {
            false
        }
        fn district_of(&self, _: &str) -> Option<String> {
            None
        }
        fn civil(&self) -> crate::age::Civil {
            crate::age::Civil { age_of_majority: 18, introductions_a_year: 1, documents: Vec::new() }
        }
    }

    /// The register on a fresh store.
    pub(crate) async fn people_on(store: &daftar_testing::TestStore) -> People {
        let config = daftar_record::RecordConfig::new("example.org/t", "quorum none\n", Arc::new(Nobody));
        let record = daftar_record::Record::open(store.store(), config).await.unwrap();
        let roster = Roster::new(Parts::default(), &[daftar_kernel::Lang::english()], &[]).unwrap();
        let office = daftar_office::Office::new(store.store(), record, Arc::new(roster), "t");
        People::new(office, Arc::new(Nobody), "UTC")
    }

    /// Takes a number from a list of draws, the last repeated for ever.
    async fn take(people: &People, draws: &[NationalNumber]) -> Result<NationalNumber, Problem> {
        let (people, draws, person) = (people.clone(), draws.to_vec(), people.store.world().id());
        let store = people.store.clone();
        store
            .write(move |tx| {
                let (people, draws) = (people.clone(), draws.clone());
                Box::pin(async move {
                    let mut next = draws.iter().chain(std::iter::repeat(draws.last().unwrap()));
                    let now = people.store.world().now();
                    people.take_number(tx, person, now, || *next.next().unwrap()).await
                })
            })
            .await
    }

    #[tokio::test]
    async fn a_number_that_is_taken_is_drawn_again_and_not_for_ever() {
        let migrations = [daftar_record::MIGRATIONS, daftar_office::MIGRATIONS, crate::MIGRATIONS];
        for_each_engine(&migrations, async |store| {
            let people = people_on(&store).await;
            let world = store.world();
            let (a, b) = (NationalNumber::draw(world), NationalNumber::draw(world));
            assert_eq!(take(&people, &[a]).await, Ok(a));
            assert_eq!(take(&people, &[a, a, b]).await, Ok(b), "the third draw is free");
            assert_eq!(take(&people, &[a, b]).await.map_err(|p| p.code), Err("identity-numbers-out"));
        })
        .await;
    }
}

//! Coming of age: on the day nobody answers for a person any more, the bonds end, with an act, and both are told.

use super::Ground;
use crate::bonds::{EndedBy, Side};
use crate::enroll::HASH_BYTES;
use crate::notices::News;
use crate::people::{Desk, People, SERVICE};
use crate::version::{self, Cause};
use crate::{problems, tokens};
use daftar_kernel::{Id, Problem};
use daftar_record::Act;
use daftar_store::{StoreError, Tx, params, sql};
use jiff::civil::Date;
use serde_json::json;

/// Days looked back at most in one pass, when nobody looked for so long: ten years.
pub const MAX_DAYS: usize = 3_660;
/// People of one day asked for at once.
const AT_ONCE: i64 = 200;

impl People {
    /// Ends the guardianships of everybody who has come of age since the last time; gives how many. Doing it twice, or on two
    /// nodes, does it once.
    ///
    /// # Errors
    /// The store's; what was done until then stays done.
    pub async fn end_childhoods(&self) -> Result<u64, Problem> {
        let today = self.today();
        let Some(mut day) = self.watched_until().await? else { return Ok(0) };
        let mut count = 0;
        for _ in 0..MAX_DAYS {
            if day >= today {
                break;
            }
            day = day.tomorrow().map_err(Problem::internal)?;
            count += self.end_childhoods_of(day).await?;
            self.watch_until(day).await?;
        }
        Ok(count)
    }

    async fn watched_until(&self) -> Result<Option<Date>, Problem> {
        let found: Option<String> = self
            .store
            .read(|tx| {
                Box::pin(async move {
                    let select = sql!("select day from identity_age_watch where id = 1");
                    tx.query_opt(select, &params![]).await?.map(|row| row.get::<String>(0)).transpose()
                })
            })
            .await
            .map_err(|error: StoreError| Problem::from(error))?;
        found.map(|day| day.parse().map_err(Problem::internal)).transpose()
    }

    async fn watch_until(&self, day: Date) -> Result<(), Problem> {
        let day = day.to_string();
        self.store
            .write(move |tx| {
                let day = day.clone();
                Box::pin(async move {
                    let update = sql!("update identity_age_watch set day = $1 where id = 1 and day < $1");
                    tx.execute(update, &params![day]).await
                })
            })
            .await
            .map(|_| ())
            .map_err(|error: StoreError| Problem::from(error))
    }

    async fn end_childhoods_of(&self, day: Date) -> Result<u64, Problem> {
        let hash = self.age_hash(day)?;
        let mut count = 0;
        loop {
            let due: Vec<Id> = self
                .store
                .read(move |tx| {
                    Box::pin(async move {
                        let select = sql!(
                            "select person from identity_age_due where day = $1 order by person limit $2"
                        );
                        let rows = tx.query(select, &params![&hash[..HASH_BYTES], AT_ONCE]).await?;
                        rows.iter().map(|row| row.get(0)).collect::<Result<Vec<Id>, StoreError>>()
                    })
                })
                .await
                .map_err(|error: StoreError| Problem::from(error))?;
            if due.is_empty() {
                return Ok(count);
            }
            for person in due {
                count += u64::from(self.end_childhood(person).await?);
            }
        }
    }

    /// One person, in one transaction. Whoever's row is gone already was dealt with by another node.
    async fn end_childhood(&self, person: Id) -> Result<bool, Problem> {
        let people = self.clone();
        self.store
            .write(move |tx| {
                let people = people.clone();
                Box::pin(async move {
                    let delete = sql!("delete from identity_age_due where person = $1");
                    if tx.execute(delete, &params![person]).await? == 0 {
                        return Ok(false);
                    }
                    people.come_of_age(tx, person).await
                })
            })
            .await
    }

    async fn come_of_age(&self, tx: &mut Tx, person: Id) -> Result<bool, Problem> {
        let Some(before) = version::current(&self.store, tx, person).await? else { return Ok(false) };
        let record = before.document.person.clone();
        if self.civil().is_child(record.born, self.today()) {
            // The country's age was raised meanwhile: the day is another one.
            self.note_age_due(tx, person, &record).await?;
            return Ok(false);
        }
        // The office that answers is the one that wrote the record last.
        let writer = before.document.writer.clone();
        let desk = Desk::program("coming-of-age", &writer.agency, &writer.office);
        let mut guardians = Vec::new();
        for bond in self.bonds_in(tx, person).await? {
            if bond.guards(Side::Has) {
                self.end_bond(tx, person, &bond, EndedBy::Age).await?;
                guardians.push(bond.other);
            }
        }
        self.strike_unguarded(tx, person).await?;
        if record.died.is_some() || guardians.is_empty() {
            return Ok(false);
        }
        let marks = before.document.marks;
        let ground = Ground { reason: String::new(), evidence: String::new(), documents: Vec::new() };
        let done =
            self.write_event(tx, &desk, person, (before, record, marks), (Cause::CameOfAge, ground)).await?;
        self.tell(tx, &desk, person, done.receipt, &News::Event("came-of-age")).await?;
        for guardian in guardians {
            let subject = tokens::of(tx, guardian, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
            let act = Act {
                kind: "identity.guardianship-ended",
                service: SERVICE,
                agency: desk.agency.clone(),
                office: desk.office.clone(),
                subject: Some(subject),
                public: json!({}),
                private: Some(json!({"by": "age"})),
            };
            let receipt = self.record.act(tx, &desk.actor, &act).await?;
            self.tell(tx, &desk, guardian, receipt, &News::Event("ward-of-age")).await?;
        }
        Ok(true)
    }
}

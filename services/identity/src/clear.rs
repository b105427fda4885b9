//! The register in clear text: for a country that takes its register elsewhere and must be able to read it without us.
//! Whoever calls this has the act in the record first; nobody's look is counted, since no official reads here.

use crate::documents::{File, Held};
use crate::mine::version_json;
use crate::people::People;
use crate::{cards, enroll, version};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{StoreError, Tx, params, sql};
use serde_json::{Value, json};

/// Persons of one page.
const PAGE: i64 = 200;

/// Some persons in clear text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClearPage {
    /// One document a person: `person`, `national_number`, `registered_at`, `card`, `bonds` (each with
    /// the `other` person), `documents`, `versions`; of an absorbed record also `merged_into`, the person it belongs to.
    pub persons: Vec<Value>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<Id>,
}

fn with_other(mut bond: Value, other: Id) -> Value {
    bond["other"] = json!(other);
    bond
}

impl People {
    /// A person's documents with their files, for an export in clear text.
    ///
    /// # Errors
    /// The store's.
    pub async fn clear_documents(&self, person: Id) -> Result<Vec<(Id, File)>, Problem> {
        let people = self.clone();
        let held: Vec<Held> = self
            .store
            .read(move |tx| {
                let people = people.clone();
                Box::pin(async move { people.documents_in(tx, person).await })
            })
            .await?;
        let mut files = Vec::with_capacity(held.len());
        for one in &held {
            files.push((one.id, self.open_document(person, one).await?));
        }
        Ok(files)
    }

    /// How many records there are now, absorbed ones among them; erased ones do not count.
    ///
    /// # Errors
    /// The store's.
    pub async fn registered_count(&self) -> Result<u64, Problem> {
        let count: Result<i64, StoreError> = self
            .store
            .read(|tx| {
                Box::pin(async move {
                    let text = sql!("select count(*) from identity_person where state <> 'erased'");
                    tx.query_one(text, &[]).await?.get(0)
                })
            })
            .await;
        Ok(u64::try_from(count?).unwrap_or(0))
    }

    /// The next persons after `after` (all zeros to begin with) that were registered up to `until`, with every version
    /// of their record.
    ///
    /// # Errors
    /// The store's.
    pub async fn clear_page(&self, after: Id, until: Timestamp) -> Result<ClearPage, Problem> {
        let people = self.clone();
        self.store
            .read(move |tx| {
                let people = people.clone();
                Box::pin(async move { people.clear_page_in(tx, after, until).await })
            })
            .await
    }

    async fn clear_page_in(&self, tx: &mut Tx, after: Id, until: Timestamp) -> Result<ClearPage, Problem> {
        let text = sql!(
            "select id, registered_at, merged_into from identity_person \
             where id > $1 and state <> 'erased' and registered_at <= $2 order by id limit $3"
        );
        let rows = tx.query(text, &params![after, until, PAGE]).await?;
        let mut page = ClearPage::default();
        for row in &rows {
            let (person, registered): (Id, Timestamp) = (row.get(0)?, row.get(1)?);
            let versions = version::all(&self.store, tx, person).await?;
            let number = enroll::number_of(self, tx, person).await?;
            let card = cards::valid(self, tx, person).await?;
            let bonds = self.bonds_in(tx, person).await?;
            let bonds: Vec<Value> = bonds.iter().map(|bond| with_other(bond.json(), bond.other)).collect();
            let documents = self.documents_in(tx, person).await?;
            let merged_into: Option<Id> = row.get(2)?;
            let mut document = json!({
                "person": person,
                "national_number": number.map(|n| n.plain()),
                "registered_at": registered.to_rfc3339(),
                "card": card.map(|c| json!({"number": c.number.plain(), "issued_at": c.issued_at.to_rfc3339()})),
                "bonds": bonds,
                "documents": documents.iter().map(|held| held.json()).collect::<Vec<_>>(),
                "versions": versions.iter().map(version_json).collect::<Vec<_>>(),
            });
            if let Some(kept) = merged_into {
                document["merged_into"] = json!(kept);
            }
            page.persons.push(document);
            if rows.len() as i64 == PAGE {
                page.next = Some(person);
            }
        }
        Ok(page)
    }
}

//! What a guardian sees of a child: the record, who looked, the receipts, as the child itself would. Every such view is a look
//! in the child's list. It ends on the day the child comes of age, whether or not anybody has closed the bond by then.

use super::{Bond, Side};
use crate::cards::{self, Card};
use crate::documents::{File, Held};
use crate::mine::record_problem;
use crate::people::{People, SERVICE};
use crate::read::DOCUMENTS;
use crate::version::{self, Version};
use crate::{problems, tokens};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_record::look::{Look, Reader};
use daftar_record::person::Looks;
use daftar_record::receipt::ActRow;
use daftar_store::{Tx, params, sql};
use pdf_writing::Photo;

/// The purpose of a guardian's look; no country pack lists it, since no official looks for it.
pub const PURPOSE: &str = "guardianship";
/// Its basis.
pub const BASIS: &str = "guardian of the child";

/// A child as its guardian sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ward {
    /// The guardian's side of the bond: by this the guardian names the child.
    pub bond: Id,
    /// Since when the guardian answers for the child.
    pub since: Timestamp,
    /// The newest version of the record.
    pub version: Version,
    /// The valid card.
    pub card: Option<Card>,
    pub(crate) person: Id,
    pub(super) subject: Id,
}

impl People {
    /// The children a citizen answers for, by name: a look at each.
    ///
    /// # Errors
    /// [`problems::unknown`]; the store's.
    pub async fn my_wards(&self, citizen: Id) -> Result<Vec<Ward>, Problem> {
        let people = self.clone();
        self.store
            .write(move |tx| {
                let people = people.clone();
                Box::pin(async move {
                    let guardian = people.own_person(tx, citizen).await?;
                    let (mut wards, mut seen): (Vec<Ward>, Vec<Id>) = (Vec::new(), Vec::new());
                    for (_, bond) in people.bonds_of_all(tx, guardian).await? {
                        // A child may be bound to two records that were joined since; it is one child.
                        let child = tokens::living(tx, bond.other).await?;
                        if seen.contains(&child) {
                            continue;
                        }
                        if let Some(ward) = people.ward_of(tx, guardian, &bond, &["name"]).await? {
                            seen.push(child);
                            wards.push(ward);
                        }
                    }
                    Ok(wards)
                })
            })
            .await
    }

    /// One child a citizen answers for. The look, with these fields, is committed before anything is answered.
    ///
    /// # Errors
    /// 404 when the bond is not theirs or has ended; the store's.
    pub async fn my_ward(&self, citizen: Id, bond: Id, fields: &[&'static str]) -> Result<Ward, Problem> {
        let (people, fields) = (self.clone(), fields.to_vec());
        self.store
            .write(move |tx| {
                let (people, fields) = (people.clone(), fields.clone());
                Box::pin(async move {
                    let guardian = people.own_person(tx, citizen).await?;
                    let bonds = people.bonds_of_all(tx, guardian).await?;
                    let found = bonds.iter().find(|(_, one)| one.id == bond);
                    let (_, bond) = found.ok_or_else(Problem::not_found)?;
                    people.ward_of(tx, guardian, bond, &fields).await?.ok_or_else(Problem::not_found)
                })
            })
            .await
    }

    /// The child at the other end of a guardian's bond, after the look; `None` when the guardian answers for it no more.
    async fn ward_of(
        &self,
        tx: &mut Tx,
        guardian: Id,
        bond: &Bond,
        fields: &[&str],
    ) -> Result<Option<Ward>, Problem> {
        if !bond.guards(Side::Of) {
            return Ok(None);
        }
        let Some(own) = version::current(&self.store, tx, guardian).await? else { return Ok(None) };
        let child = tokens::living(tx, bond.other).await?;
        let found = version::current_with_token(&self.store, tx, child, tokens::RECORD).await?;
        let Some((version, subject)) = found else { return Ok(None) };
        let born = version.document.person.born;
        if own.document.person.died.is_some() || !self.civil().is_child(born, self.today()) {
            return Ok(None);
        }
        let look = Look {
            subject,
            reader: Reader::Other { name: own.document.person.name.to_string(), agency: String::new() },
            service: SERVICE,
            purpose: PURPOSE.into(),
            basis: BASIS.into(),
            case: None,
            fields: fields.iter().map(ToString::to_string).collect(),
            sealed_until: None,
        };
        self.record.look(tx, &look).await?;
        let card = cards::valid(self, tx, child).await?;
        Ok(Some(Ward { bond: bond.id, since: bond.since, version, card, person: child, subject }))
    }

    /// Who looked at a child's data, newest first.
    ///
    /// # Errors
    /// As [`People::my_ward`]; the record's.
    pub async fn ward_looks(
        &self,
        citizen: Id,
        bond: Id,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Looks, Problem> {
        let ward = self.my_ward(citizen, bond, &[crate::read::LOOKS]).await?;
        self.record.looks_of(ward.subject, before, limit).await.map_err(record_problem)
    }

    /// Acts about a child, newest first.
    ///
    /// # Errors
    /// As [`People::my_ward`]; the record's.
    pub async fn ward_acts(
        &self,
        citizen: Id,
        bond: Id,
        before: Option<Id>,
        limit: u32,
    ) -> Result<Vec<ActRow>, Problem> {
        let ward = self.my_ward(citizen, bond, &[crate::read::RECEIPTS]).await?;
        self.record.acts_of(ward.subject, before, limit).await.map_err(record_problem)
    }

    /// A child's photo.
    ///
    /// # Errors
    /// As [`People::my_ward`].
    pub async fn ward_photo(&self, citizen: Id, bond: Id) -> Result<Option<Photo>, Problem> {
        let ward = self.my_ward(citizen, bond, &[crate::photos::PHOTO]).await?;
        self.open_photo(ward.person, ward.version.document.person.photo.as_deref()).await
    }

    /// A child's documents, oldest first.
    ///
    /// # Errors
    /// As [`People::my_ward`].
    pub async fn ward_documents(&self, citizen: Id, bond: Id) -> Result<Vec<Held>, Problem> {
        let person = self.my_ward(citizen, bond, &[DOCUMENTS]).await?.person;
        let people = self.clone();
        let held = self
            .store
            .read(move |tx| {
                let people = people.clone();
                Box::pin(async move { people.documents_in(tx, person).await })
            })
            .await?;
        Ok(held)
    }

    /// One of a child's documents.
    ///
    /// # Errors
    /// As [`People::my_ward`]; [`problems::document_unknown`].
    pub async fn ward_document(&self, citizen: Id, bond: Id, document: Id) -> Result<File, Problem> {
        let person = self.my_ward(citizen, bond, &[DOCUMENTS]).await?.person;
        let people = self.clone();
        let held: Vec<Held> = self
            .store
            .read(move |tx| {
                let people = people.clone();
                Box::pin(async move { people.documents_in(tx, person).await })
            })
            .await?;
        let held = held.iter().find(|held| held.id == document);
        self.open_document(person, held.ok_or_else(problems::document_unknown)?).await
    }

    /// Children nobody answers for, the longest first, at most 200, for the office that has to find somebody. No name: whoever
    /// opens one says why, as for anybody.
    ///
    /// # Errors
    /// 403 without the permission; the store's.
    pub async fn unguarded(&self, actor: &daftar_kernel::Actor) -> Result<Vec<(Id, Timestamp)>, Problem> {
        self.office.need(actor, crate::permission::CORRECT)?;
        let rows = self
            .store
            .read(|tx| {
                Box::pin(async move {
                    let select =
                        sql!("select person, since from identity_unguarded order by since, person limit 200");
                    let rows = tx.query(select, &params![]).await?;
                    rows.iter()
                        .map(|row| Ok((row.get(0)?, row.get(1)?)))
                        .collect::<Result<Vec<_>, daftar_store::StoreError>>()
                })
            })
            .await?;
        Ok(rows)
    }
}

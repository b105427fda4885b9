//! A birth: a newborn registered with its parents, whose names come from their own records, and whose guardians they are.

use super::Words;
use crate::bonds::Ties;
use crate::people::{People, SERVICE};
use crate::permission;
use crate::person::{Address, Entry};
use crate::read::PARENT_FIELDS;
use crate::register::{Extra, Registered};
use crate::version::Cause;
use crate::{problems, tokens};
use daftar_kernel::{Actor, Id, Official, Problem};
use daftar_office::permit::Ask;
use daftar_store::Tx;
use serde::Serialize;

/// What a desk sends to have a newborn registered.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Birth {
    /// The child: name, date and place of birth, sex, standing; what is filled from the parents may be empty.
    pub child: Entry,
    /// Number of the mother's card; empty when she has none or is not known.
    pub mother_card: String,
    /// Number of the father's card; empty when he has none or is not known.
    pub father_card: String,
    /// A further guardian's card, when neither parent can answer for the child.
    pub guardian_card: String,
    /// Why nobody answers for the child, and who brings it.
    pub without_guardian: String,
    /// Why the child is registered although somebody alike is in the register: a twin.
    pub despite: String,
}

/// What a parent's record gives.
struct Parent {
    name: String,
    address: Address,
    of_age: bool,
}

impl People {
    /// Registers a newborn. The parents' records are looked at for it, which both see; both are told of the birth.
    ///
    /// # Errors
    /// As [`People::register`]; [`problems::card_unknown`]; [`problems::parents_same`].
    pub async fn register_birth(
        &self,
        official: &Official,
        ask: &Ask,
        birth: Birth,
        words: Words,
    ) -> Result<Registered, Problem> {
        let actor = Actor::Official(official.clone());
        self.office.need(&actor, permission::REGISTER)?;
        let (mother, father) = self.parents(official, ask, &birth).await?;
        let mut entry = birth.child.clone();
        let mut ties = Ties {
            mother: birth.mother_card.clone(),
            father: birth.father_card.clone(),
            without_guardian: birth.without_guardian.clone(),
            ..Ties::default()
        };
        for (parent, card) in [(&mother, &birth.mother_card), (&father, &birth.father_card)] {
            let Some(parent) = parent else { continue };
            // A mother who is a child herself is the mother; somebody else answers for both.
            if parent.of_age {
                ties.guardians.push(card.clone());
            }
            if entry.address_place.is_empty() && entry.address_lines.is_empty() {
                entry.address_place = parent.address.place.clone().unwrap_or_default();
                entry.address_lines.clone_from(&parent.address.lines);
            }
        }
        if let Some(mother) = mother {
            entry.mother = mother.name;
        }
        if let Some(father) = father {
            entry.father = father.name;
        }
        ties.guardians.extend(Some(birth.guardian_card).filter(|card| !card.trim().is_empty()));
        let Words { reason, evidence, documents, idempotency_key } = words;
        let evidence =
            [reason, evidence].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
        let registration = crate::register::Registration {
            entry,
            evidence,
            despite: birth.despite,
            photo: None,
            documents,
            ties,
            preregistration: None,
            idempotency_key,
        };
        self.register_as(&actor, registration, Extra { verb: "birth", cause: Cause::Born }).await
    }

    /// Reads both parents: a look at each, committed before their names are used.
    async fn parents(
        &self,
        official: &Official,
        ask: &Ask,
        birth: &Birth,
    ) -> Result<(Option<Parent>, Option<Parent>), Problem> {
        let (people, official, ask) = (self.clone(), official.clone(), ask.clone());
        let (mother, father) = (birth.mother_card.clone(), birth.father_card.clone());
        self.store
            .write(move |tx| {
                let (people, official, ask) = (people.clone(), official.clone(), ask.clone());
                let (mother, father) = (mother.clone(), father.clone());
                Box::pin(async move {
                    let permit = people.office.permit(tx, &official, &ask).await?;
                    let mut found: Vec<(Option<Id>, Option<Parent>)> = Vec::new();
                    for (card, field) in [(mother, "mother_card"), (father, "father_card")] {
                        found.push(people.parent(tx, &permit, &card, field).await?);
                    }
                    let father = found.pop().unwrap_or_default();
                    let mother = found.pop().unwrap_or_default();
                    if mother.0.is_some() && mother.0 == father.0 {
                        return Err(
                            problems::parents_same().field("father_card", "identity-fault-parents-same")
                        );
                    }
                    Ok((mother.1, father.1))
                })
            })
            .await
    }

    async fn parent(
        &self,
        tx: &mut Tx,
        permit: &daftar_office::permit::Permit,
        card: &str,
        field: &'static str,
    ) -> Result<(Option<Id>, Option<Parent>), Problem> {
        if card.trim().is_empty() {
            return Ok((None, None));
        }
        let (person, current) = self.holder_of(tx, card, field).await?;
        let subject = tokens::of(tx, person, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
        self.office.look(tx, permit, subject, SERVICE, &PARENT_FIELDS).await?;
        let record = current.document.person;
        let of_age = !self.civil().is_child(record.born, self.today());
        Ok((Some(person), Some(Parent { name: record.name.to_string(), address: record.address, of_age })))
    }
}

//! What happens in a life: a birth, coming of age, another name, a lost card, a suspension and its end, deceit, death. Each is a
//! version of the record with its cause, an act with a receipt, and somebody is told.

mod age;
mod birth;
mod decide;
mod guardianship;

use crate::bonds::EndedBy;
use crate::correct::Change;
use crate::documents::{Document, KeptDocument};
use crate::name::Name;
use crate::notices::News;
use crate::people::{Desk, People};
use crate::person::{MAX_OTHER_NAMES, Person};
use crate::register::{Key, Registered, needed_text, optional_text};
use crate::version::{self, Cause, Document as Written, Marks, Version, Writer};
use crate::{cards, permission, problems, tokens};
use daftar_kernel::{Actor, Id, PartialDate, Problem};
use daftar_office::Principal;
use daftar_store::Tx;
use serde::Serialize;

pub use birth::Birth;
pub use decide::{Decision, Request};
pub(crate) use guardianship::erase as erase_asked;
pub use guardianship::{APPROVAL, Asked, Court, Guarding, MAX_ASKED, Pending, Wish};

/// Something that happens to somebody who is registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Happening {
    /// Another name; the old one is kept as a former name, so that a search finds it.
    Name {
        /// The whole name.
        name: String,
        /// The given part, if there is one.
        given: String,
        /// The family part, if there is one.
        family: String,
    },
    /// The card is lost: it holds no more from this moment on.
    CardLost,
    /// Death, on this date as exactly as it is known.
    Died {
        /// `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
        date: String,
    },
}

/// Why, and on what it rests.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Why.
    pub reason: String,
    /// What it rests on, in words; may be empty when a document is handed in.
    pub evidence: String,
    /// Documents.
    pub documents: Vec<Document>,
    /// As for a registration.
    pub idempotency_key: String,
}

/// Checked words with the documents kept.
#[derive(Clone)]
struct Ground {
    reason: String,
    evidence: String,
    documents: Vec<KeptDocument>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Happened {
    /// The version and receipt.
    pub done: Registered,
    /// Children nobody answers for now.
    pub alone: Vec<Id>,
}

impl Happening {
    const fn cause(&self) -> Cause {
        match self {
            Self::Name { .. } => Cause::NameChanged,
            Self::CardLost => Cause::CardLost,
            Self::Died { .. } => Cause::Died,
        }
    }

    const fn permission(&self) -> &'static str {
        match self {
            Self::Name { .. } | Self::Died { .. } => permission::CORRECT,
            Self::CardLost => permission::CARD,
        }
    }
}

/// The person with another name; the one they had becomes a former name.
fn renamed(
    person: &Person,
    name: Name,
    given: Option<Name>,
    family: Option<Name>,
) -> Result<Person, Problem> {
    let mut now = Person { name, given, family, ..person.clone() };
    if now.name == person.name && now.given == person.given && now.family == person.family {
        return Err(problems::unchanged());
    }
    if now.name != person.name {
        // Somebody who takes back an earlier name has it once.
        now.other_names.retain(|other| *other != now.name && *other != person.name);
        now.other_names.insert(0, person.name.clone());
        if now.other_names.len() > MAX_OTHER_NAMES {
            return Err(problems::entry().field("name", "identity-fault-other-names-many"));
        }
    }
    Ok(now)
}

impl People {
    /// Records what happened to a person.
    ///
    /// # Errors
    /// [`problems::entry`] with the fault, [`problems::unchanged`], [`problems::dead`] for somebody who has died,
    /// [`problems::card_none`], [`problems::reason_text`], [`problems::evidence_text`] when there is neither a word nor a
    /// document, [`problems::document`], [`problems::unknown`]; 403 without the permission; the store's. Nothing changes then.
    pub async fn happen(
        &self,
        actor: &Actor,
        person: Id,
        happening: Happening,
        words: Words,
    ) -> Result<Happened, Problem> {
        self.office.need(actor, happening.permission())?;
        let Words { reason, evidence, documents, idempotency_key } = words;
        let digest = self.documents_digest(&documents)?;
        let asked = (person, &happening, &reason, &evidence, digest);
        let key = Key::new(self, actor, "happen", &idempotency_key, &asked)?;
        let reason = needed_text(&reason, problems::reason_text)?;
        let evidence = match documents.is_empty() && happening != Happening::CardLost {
            true => needed_text(&evidence, problems::evidence_text)?,
            false => optional_text(&evidence, problems::evidence_text)?,
        };
        self.need_known(person).await?;
        let documents = self.keep_documents(person, documents).await?;
        let ground = Ground { reason, evidence, documents: documents.clone() };
        let outcome = self.happen_once(Desk::of(actor), person, happening, (ground, key)).await;
        if !outcome.as_ref().is_ok_and(|(_, fresh)| *fresh) {
            self.drop_documents(&documents).await;
        }
        outcome.map(|(happened, _)| happened)
    }

    /// A citizen reports their own card lost: from then on nobody proves anything with it. Whoever finds out too late that it
    /// was only mislaid gets a new one at any desk.
    ///
    /// # Errors
    /// [`problems::card_none`] when there is no valid card; [`problems::unknown`]; the store's.
    pub async fn lose_my_card(&self, citizen: Id, key: &str) -> Result<Registered, Problem> {
        let person = self.my_record(citizen).await?.person;
        let actor = Actor::Citizen(citizen);
        let key = Key::new(self, &actor, "card-lost", key, &person)?;
        let ground = Ground { reason: String::new(), evidence: String::new(), documents: Vec::new() };
        let lost = self.happen_once(Desk::of(&actor), person, Happening::CardLost, (ground, key)).await;
        lost.map(|(happened, _)| happened.done)
    }

    /// As [`People::lose_my_card`], in the transaction of an official who acts for the person; `reference` is what it rests on.
    pub(crate) async fn lose_card_in(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        person: Id,
        reference: String,
    ) -> Result<Registered, Problem> {
        let ground = Ground { reason: String::new(), evidence: reference, documents: Vec::new() };
        Ok(self.happen_in(tx, desk, person, &Happening::CardLost, ground).await?.done)
    }

    /// The answer, and whether it is new.
    async fn happen_once(
        &self,
        desk: Desk,
        person: Id,
        happening: Happening,
        (ground, key): (Ground, Key),
    ) -> Result<(Happened, bool), Problem> {
        let people = self.clone();
        self.store
            .write(move |tx| {
                let (people, desk, happening) = (people.clone(), desk.clone(), happening.clone());
                let (ground, key) = (ground.clone(), key.clone());
                Box::pin(async move {
                    if let Some(before) = key.begin(tx, &people).await? {
                        return Ok((before, false));
                    }
                    let happened = people.happen_in(tx, &desk, person, &happening, ground).await?;
                    key.finish(tx, &happened).await?;
                    Ok((happened, true))
                })
            })
            .await
    }

    async fn happen_in(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        person: Id,
        happening: &Happening,
        ground: Ground,
    ) -> Result<Happened, Problem> {
        let before = version::current(&self.store, tx, person).await?.ok_or_else(problems::unknown)?;
        if before.document.person.died.is_some() {
            return Err(problems::dead());
        }
        let now_is = self.after(&before.document.person, happening)?;
        let marks = before.document.marks;
        let mut alone = Vec::new();
        match happening {
            Happening::Name { .. } => {}
            Happening::CardLost => {
                if cards::end(tx, person, "lost", self.store.world().now()).await? == 0 {
                    return Err(problems::card_none());
                }
            }
            Happening::Died { .. } => alone = self.close_life(tx, desk, person).await?,
        }
        let done =
            self.write_event(tx, desk, person, (before, now_is, marks), (happening.cause(), ground)).await?;
        match happening {
            Happening::Name { .. } => {
                self.tell(tx, desk, person, done.receipt, &News::Event("name-changed")).await?
            }
            Happening::CardLost => {
                self.tell(tx, desk, person, done.receipt, &News::Event("card-lost")).await?
            }
            // Nobody writes to the dead; those who lost a guardian are told.
            Happening::Died { .. } => {}
        }
        Ok(Happened { done, alone })
    }

    /// The person after it.
    fn after(&self, person: &Person, happening: &Happening) -> Result<Person, Problem> {
        match happening {
            Happening::CardLost => Ok(person.clone()),
            Happening::Name { name, given, family } => {
                let mut entry = person.entry();
                (entry.name, entry.given, entry.family) = (name.clone(), given.clone(), family.clone());
                let checked = self.check(&entry)?;
                renamed(person, checked.name, checked.given, checked.family)
            }
            Happening::Died { date } => {
                if date.trim().is_empty() {
                    return Err(problems::entry().field("died", "identity-fault-date-form"));
                }
                let mut entry = person.entry();
                entry.died.clone_from(date);
                let died = self.check(&entry)?.died;
                if died.is_none_or(|died| died == PartialDate::Unknown) {
                    return Err(problems::entry().field("died", "identity-fault-date-form"));
                }
                Ok(Person { died, ..person.clone() })
            }
        }
    }

    /// Writes the version of something that happened.
    async fn write_event(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        person: Id,
        (before, now_is, marks): (Version, Person, Marks),
        (cause, ground): (Cause, Ground),
    ) -> Result<Registered, Problem> {
        let Ground { reason, evidence, documents } = ground;
        let document = Written { person: now_is, cause, reason, evidence, marks, writer: Writer::at(desk) };
        self.write_version(tx, desk, person, Change { before, document, documents }).await
    }

    /// What ends with a life: cards, sign-ins, and answering for children. Gives the children nobody answers for now.
    pub(crate) async fn close_life(&self, tx: &mut Tx, desk: &Desk, person: Id) -> Result<Vec<Id>, Problem> {
        cards::end(tx, person, cards::DIED, self.store.world().now()).await?;
        if let Some(citizen) = tokens::of(tx, person, tokens::OFFICE).await? {
            self.office.bar_citizen(tx, Principal::Citizen(citizen)).await?;
        }
        let wards: Vec<Id> = self
            .bonds_in(tx, person)
            .await?
            .iter()
            .filter(|bond| bond.guards(crate::bonds::Side::Of))
            .map(|bond| bond.other)
            .collect();
        let alone = self.end_guardianships_of(tx, person, EndedBy::Death).await?;
        for ward in wards {
            self.say_guardian_gone(tx, desk, ward).await?;
        }
        self.strike_unguarded(tx, person).await?;
        Ok(alone)
    }

    /// An act in a child's list: a guardian died; the child is told.
    async fn say_guardian_gone(&self, tx: &mut Tx, desk: &Desk, child: Id) -> Result<(), Problem> {
        let subject = tokens::of(tx, child, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
        let act = daftar_record::Act {
            kind: "identity.guardian-gone",
            service: crate::people::SERVICE,
            agency: desk.agency.clone(),
            office: desk.office.clone(),
            subject: Some(subject),
            public: serde_json::json!({}),
            private: Some(serde_json::json!({})),
        };
        let receipt = self.record.act(tx, &desk.actor, &act).await?;
        Ok(self.tell(tx, desk, child, receipt, &News::Event("guardian-gone")).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::Entry;

    fn person(name: &str, others: &[&str]) -> Person {
        let other_names = others.iter().map(ToString::to_string).collect();
        let entry = Entry { name: name.into(), other_names, ..Entry::default() };
        entry.check(&crate::entry::tests::rules()).unwrap()
    }
    fn take(from: &Person, name: &str) -> Result<Vec<String>, &'static str> {
        let now = renamed(from, Name::parse(name).unwrap(), None, None).map_err(|problem| problem.code)?;
        Ok(now.names().map(ToString::to_string).collect())
    }

    #[test]
    fn an_old_name_is_kept_and_never_twice() {
        let amina = person("Amina Diallo", &["أمينة ديالو"]);
        assert_eq!(take(&amina, "Amina Traoré").unwrap(), ["Amina Traoré", "Amina Diallo", "أمينة ديالو"]);
        assert_eq!(take(&amina, "Amina Diallo"), Err("identity-unchanged"));
        let back = person("Amina Traoré", &["Amina Diallo"]);
        assert_eq!(take(&back, "Amina Diallo").unwrap(), ["Amina Diallo", "Amina Traoré"]);
    }

    #[test]
    fn so_many_former_names_and_no_more() {
        let names: Vec<String> =
            (0..MAX_OTHER_NAMES).map(|n| format!("Name {}", char::from(b'A' + n as u8))).collect();
        let refs: Vec<&str> = names.iter().map(String::as_str).collect();
        assert!(take(&person("Old", &refs[1..]), "New").is_ok());
        assert_eq!(take(&person("Old", &refs), "New"), Err("identity-entry"), "none is dropped in silence");
    }
}

//! Packets that wait for a decision: opened through the access gate, and decided by somebody who did not enrol the person.

use super::Carried;
use super::held_files::{Picture, picture};
use super::kits::Kit;
use super::list::{PacketRow, packet_row};
use super::receive::{State, document_of, evidence_of};
use crate::bonds::Ties;
use crate::documents::KeptDocument;
use crate::double::FoundBy;
use crate::enroll::Newcomer;
use crate::people::{CLASS, Desk, People, SERVICE};
use crate::person::{Entry, Person};
use crate::photos::Kept;
use crate::read::DOCUMENTS;
use crate::refuse::{Refusal, Refused};
use crate::register::needed_text;
use crate::search::Candidate;
use crate::version::{self, Cause};
use crate::{permission, problems, tokens};
use daftar_kernel::problem::FieldFault;
use daftar_kernel::{Actor, Id, Official, PartialDate, Problem};
use daftar_office::permit::Ask;
use daftar_record::Act;
use daftar_store::{BlobId, Tx, params, sql};
use enrolment_packet::{Body, packet};
use serde_json::json;

/// What the page of a held packet shows, and what its look says was shown: the form, and a list of the documents. The photo and
/// each document are looks of their own.
const SHOWN: [&str; 11] = [
    "name",
    "other_names",
    "born",
    "birth_place",
    "sex",
    "parents",
    "address",
    "contacts",
    "standing",
    "died",
    DOCUMENTS,
];

/// What an official sees of a held packet.
#[derive(Clone, Debug)]
pub struct Held {
    /// Where it stands.
    pub row: PacketRow,
    /// What the form said; `None` when it does not read.
    pub carried: Option<Carried>,
    /// What of it breaks the rules.
    pub faults: Vec<FieldFault>,
    /// What there is of a photo; [`People::held_photo`] shows it.
    pub picture: Picture,
    /// Kinds of the documents, in their order; [`People::held_document`] hands them out.
    pub documents: Vec<String>,
    /// Who in the register may be the same person.
    pub candidates: Vec<Candidate>,
}

/// What an official decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Register as a new person, whatever spoke against it, with the reason.
    Register {
        /// Why.
        reason: String,
    },
    /// It is this person, who is in the register already.
    Same {
        /// Who.
        person: Id,
        /// Why.
        reason: String,
    },
    /// Refuse, with a reason of the country's law; the paper gives recourse.
    Refuse {
        /// Code of the reason.
        reason: String,
        /// What the person is told.
        words: String,
    },
}

/// What came of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// The person is registered.
    Registered(Id),
    /// The packet belongs to this person now.
    Same(Id),
    /// The person is refused; the paper is to be handed over.
    Refused(Refused),
}

impl People {
    /// Shows a held packet to an official. The person it is about will see the look, and so does everybody who may be the same.
    ///
    /// # Errors
    /// 404 when the agency has none such; `identity-packet-decided` when it is not held; 403 without the permissions; the gate's.
    pub async fn held_packet(&self, official: &Official, id: Id) -> Result<Held, Problem> {
        let row = self.look_at_held(official, id, &SHOWN).await?;
        let body = self.packet_body(&row).await?;
        let carried = carried_of(&body);
        let faults = match &carried {
            Some(carried) => {
                self.check(&carried.person).err().map_or_else(Vec::new, |problem| problem.fields)
            }
            None => Vec::new(),
        };
        let candidates = match &carried {
            Some(carried) if faults.is_empty() => self.candidates(official, &ask(), &carried.person).await?,
            _ => Vec::new(),
        };
        let documents = body.documents.iter().map(|one| one.kind.clone()).collect();
        let picture = picture(&body).await?;
        Ok(Held { row, carried, faults, picture, documents, candidates })
    }

    /// Decides about a held packet.
    ///
    /// # Errors
    /// `identity-packet-own` for whoever enrolled the person; `identity-packet-decided`, `identity-packet-choice`,
    /// `identity-packet-entry`, `identity-reason`; those of a refusal; 403, 404; the store's.
    pub async fn decide_packet(
        &self,
        official: &Official,
        id: Id,
        decision: Decision,
    ) -> Result<Decided, Problem> {
        let actor = Actor::Official(official.clone());
        self.office.need(&actor, permission::KIT)?;
        self.office.need(&actor, permission::REGISTER)?;
        let (people, by) = (self.clone(), actor.clone());
        let (row, kit) = self
            .store
            .read(move |tx| {
                let (people, by) = (people.clone(), by.clone());
                Box::pin(async move { people.held_in(tx, &by, id).await })
            })
            .await?;
        if row.operator == Some(official.id) {
            return Err(problems::packet_own());
        }
        let body = self.packet_body(&row).await?;
        match decision {
            Decision::Register { reason } => {
                let reason = needed_text(&reason, problems::reason_text)?;
                self.register_held(&actor, (&row, &kit), &body, &reason).await
            }
            Decision::Same { person, reason } => {
                let reason = needed_text(&reason, problems::reason_text)?;
                self.same_person(&actor, &row, &body, (person, &reason)).await
            }
            Decision::Refuse { reason, words } => {
                self.refuse_held(&actor, &row, &body, (reason, words)).await
            }
        }
    }

    pub(super) async fn held_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: Id,
    ) -> Result<(PacketRow, Kit), Problem> {
        let row = packet_row(tx, id).await?;
        let kit = self.kit_in(tx, actor, row.kit).await?;
        if row.state == Some(State::Held) { Ok((row, kit)) } else { Err(problems::packet_decided()) }
    }

    pub(super) async fn packet_body(&self, row: &PacketRow) -> Result<Body, Problem> {
        let content = row.content.as_deref().ok_or_else(problems::unknown)?;
        let plain = self.store.blobs().get_sealed(row.subject, CLASS, content.parse()?).await?;
        packet::unpack(&plain).map_err(Problem::internal)
    }

    async fn register_held(
        &self,
        actor: &Actor,
        (row, kit): (&PacketRow, &Kit),
        body: &Body,
        reason: &str,
    ) -> Result<Decided, Problem> {
        let carried = carried_of(body).ok_or_else(problems::packet_entry)?;
        let person = self.check(&carried.person).map_err(|problem| {
            let mut entry = problems::packet_entry();
            entry.fields = problem.fields;
            entry
        })?;
        let kept = match &body.photo {
            // A photo that cannot be kept is left out: the official has read that it cannot.
            Some(photo) => self.keep_if_photo(row.subject, photo.clone()).await?,
            None => None,
        };
        let person = Person { photo: kept.map(Kept::name), ..person };
        let evidence = evidence_of(&[&carried.evidence, &kit.name, &row.reference]);
        let made = self.newcomer(person, Cause::Offline, reason, &evidence)?;
        let documents = self.keep_what_can_be(row.subject, body).await?;
        let newcomer = Newcomer { id: row.subject, known_before: true, documents: documents.clone(), ..made };
        let (people, desk, actor, row) = (self.clone(), Desk::of(actor), actor.clone(), row.clone());
        let (id, subject, old) = (row.id, row.subject, row.content.clone());
        let (beside, reason) = (carried.beside, reason.to_string());
        let done = self.store.write(move |tx| {
            let (people, desk, actor) = (people.clone(), desk.clone(), actor.clone());
            let (row, newcomer, reason, beside) =
                (row.clone(), newcomer.clone(), reason.clone(), beside.clone());
            Box::pin(async move {
                people.settle_row(tx, id, (State::Merged, Some(subject)), None).await?;
                people.enroll_held(tx, &desk, newcomer, (&beside, &reason)).await?;
                people.decided_act(tx, (&actor, &desk), &row, ("registered", subject, &reason)).await?;
                Ok(())
            })
        });
        let done = done.await;
        if done.is_err() {
            self.drop_documents(&documents).await;
        }
        self.tidy_blobs(done, old, None, kept).await?;
        Ok(Decided::Registered(subject))
    }

    /// As at a desk that registers somebody although something speaks against it: pairs that may be one person are noted, and who
    /// stands beside a child is written; where nobody does, the official's reason is why.
    async fn enroll_held(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        mut newcomer: Newcomer,
        (beside, reason): (&Ties, &str),
    ) -> Result<(), Problem> {
        let matches = self.matches(tx, &newcomer.person).await?;
        let checked = match self.check_ties(tx, &newcomer.person, beside).await {
            Ok(checked) => checked,
            Err(problem) if problem.kind.status() < 500 => {
                let alone = Ties { without_guardian: reason.into(), ..Ties::default() };
                self.check_ties(tx, &newcomer.person, &alone).await?
            }
            Err(problem) => return Err(problem),
        };
        if checked.alone != reason {
            newcomer.evidence = evidence_of(&[&newcomer.evidence, &checked.alone]);
        }
        let enrolled = self.enroll(tx, desk, std::slice::from_ref(&newcomer)).await?;
        let one = enrolled.first().ok_or_else(|| Problem::internal("nobody was enrolled"))?;
        for found in &matches {
            self.note_double(tx, (found.person, one.person), FoundBy::Desk, &found.weight).await?;
        }
        self.write_ties(tx, desk, (one.person, one.receipt), &newcomer.person, &checked).await
    }

    /// The documents that can be kept: the official has read that the others cannot.
    async fn keep_what_can_be(&self, person: Id, body: &Body) -> Result<Vec<KeptDocument>, Problem> {
        let mut kept = Vec::new();
        for one in &body.documents {
            match self.keep_document(person, document_of(one)).await {
                Ok(document) => kept.push(document),
                Err(problem) if problem.code == problems::document().code => {}
                Err(problem) => {
                    self.drop_documents(&kept).await;
                    return Err(problem);
                }
            }
        }
        Ok(kept)
    }

    async fn same_person(
        &self,
        actor: &Actor,
        row: &PacketRow,
        body: &Body,
        (person, reason): (Id, &str),
    ) -> Result<Decided, Problem> {
        let carried = carried_of(body).ok_or_else(problems::packet_choice)?;
        let entry = self.check(&carried.person).map_err(|_| problems::packet_choice())?;
        // Nothing is sealed for somebody who is not there.
        self.need_known(person).await.map_err(|problem| {
            if problem.code == problems::unknown().code { problems::packet_choice() } else { problem }
        })?;
        let documents = self.keep_what_can_be(person, body).await?;
        // What the form said is evidence about the person it belongs to, and goes with them when they are erased.
        let said = Body { documents: Vec::new(), ..body.clone() };
        let plain = packet::pack(&said).map_err(Problem::internal)?;
        let content = self.store.blobs().put_sealed(person, CLASS, &plain).await?;
        let (people, desk, actor, row) = (self.clone(), Desk::of(actor), actor.clone(), row.clone());
        let (old, reason, kept) = (row.content.clone(), reason.to_string(), documents.clone());
        let done = self.store.write(move |tx| {
            let (people, desk, actor, row) = (people.clone(), desk.clone(), actor.clone(), row.clone());
            let (entry, reason, kept) = (entry.clone(), reason.clone(), kept.clone());
            Box::pin(async move {
                let matches = people.matches(tx, &entry).await?;
                if !matches.iter().any(|one| one.person == person) {
                    return Err(problems::packet_choice());
                }
                people.settle_row(tx, row.id, (State::Merged, Some(person)), Some(content)).await?;
                let moved = sql!("update identity_packet set subject = $2 where id = $1");
                tx.execute(moved, &params![row.id, person]).await?;
                people.forget_subject(tx, row.subject).await?;
                let decision = ("same-person", person, reason.as_str());
                let receipt = people.decided_act(tx, (&actor, &desk), &row, decision).await?;
                let current =
                    version::current(&people.store, tx, person).await?.ok_or_else(problems::unknown)?;
                people.attach(tx, (person, current.version, receipt), &kept).await
            })
        });
        let done = done.await;
        if done.is_err() {
            self.drop_documents(&documents).await;
        }
        self.tidy_blobs(done, old, Some(content), None).await?;
        Ok(Decided::Same(person))
    }

    async fn refuse_held(
        &self,
        actor: &Actor,
        row: &PacketRow,
        body: &Body,
        (reason, words): (String, String),
    ) -> Result<Decided, Problem> {
        let entry = carried_of(body).map(|carried| carried.person).unwrap_or_default();
        // What does not read counts as unknown: a refusal must not fail for a slip of the form.
        let good = |faulty: bool, text: String| if faulty { String::new() } else { text };
        let refusal = Refusal {
            reason,
            words,
            name: good(
                crate::name::plain_text(&entry.name, crate::person::MAX_LINE_CHARS).is_err(),
                entry.name,
            ),
            born: good(entry.born.parse::<PartialDate>().is_err(), entry.born),
            sex: good(crate::person::Sex::from_word(&entry.sex).is_none(), entry.sex),
            place: good(!self.places.knows(&entry.address_place), entry.address_place),
        };
        // The key is the packet's: a crash between the two transactions refuses once, with the same paper.
        let refused = self.refuse(actor, refusal, &format!("packet-{}", row.id)).await?;
        let (people, desk, actor, row) = (self.clone(), Desk::of(actor), actor.clone(), row.clone());
        let old = row.content.clone();
        let done = self.store.write(move |tx| {
            let (people, desk, actor, row) = (people.clone(), desk.clone(), actor.clone(), row.clone());
            Box::pin(async move {
                people.settle_row(tx, row.id, (State::Refused, None), None).await?;
                people.decided_act(tx, (&actor, &desk), &row, ("refused", row.subject, "")).await?;
                people.forget_subject(tx, row.subject).await
            })
        });
        self.tidy_blobs(done.await, old, None, None).await?;
        Ok(Decided::Refused(refused))
    }

    async fn settle_row(
        &self,
        tx: &mut Tx,
        id: Id,
        (state, person): (State, Option<Id>),
        content: Option<BlobId>,
    ) -> Result<(), Problem> {
        let now = self.store.world().now();
        let update = sql!(
            "update identity_packet set state = $2, person = $3, content = $4, decided_at = $5 \
             where id = $1 and state = 'held'"
        );
        let content = content.map(|blob| blob.to_string());
        let done = tx.execute(update, &params![id, state.word(), person, content, now]).await?;
        if done == 1 { Ok(()) } else { Err(problems::packet_decided()) }
    }

    /// Destroys the keys of somebody who is not to be registered under this identifier, and what names them to other services.
    async fn forget_subject(&self, tx: &mut Tx, subject: Id) -> Result<(), Problem> {
        self.store.vault().erase(tx, subject).await?;
        tx.execute(sql!("delete from identity_token where person = $1"), &params![subject]).await?;
        Ok(())
    }

    async fn decided_act(
        &self,
        tx: &mut Tx,
        (actor, desk): (&Actor, &Desk),
        row: &PacketRow,
        (decision, about, reason): (&str, Id, &str),
    ) -> Result<Id, Problem> {
        let act = Act {
            kind: "identity.packet-decided",
            service: SERVICE,
            agency: desk.agency.clone(),
            office: desk.office.clone(),
            subject: tokens::of(tx, about, tokens::RECORD).await?,
            public: json!({ "kit": row.kit, "sequence": row.sequence, "decision": decision }),
            private: Some(json!({ "reference": row.reference, "held": row.reason, "reason": reason })),
        };
        Ok(self.record.act(tx, actor, &act).await?)
    }

    /// What lies outside the tables follows what the transaction decided.
    async fn tidy_blobs(
        &self,
        done: Result<(), Problem>,
        old: Option<String>,
        new: Option<BlobId>,
        photo: Option<Kept>,
    ) -> Result<(), Problem> {
        match &done {
            Ok(()) => {
                if let Some(old) = old.and_then(|name| name.parse().ok()) {
                    self.drop_content(old).await;
                }
            }
            Err(_) => {
                if let Some(new) = new {
                    self.drop_content(new).await;
                }
                if let Some(photo) = photo {
                    self.drop_photo(photo).await;
                }
            }
        }
        done
    }
}

/// Possible doubles are shown for the same purpose as at a desk.
pub(super) fn ask() -> Ask {
    Ask { purpose: crate::pages::REGISTRATION_PURPOSE.into(), case: None, order: None }
}

fn carried_of(body: &Body) -> Option<Carried> {
    let carried: Carried = serde_json::from_slice(&body.entry).ok()?;
    Some(Carried { person: Entry { photo: String::new(), ..carried.person }, ..carried })
}

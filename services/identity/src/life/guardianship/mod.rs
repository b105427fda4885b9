//! What a court decides about who answers for a child: one guardianship ends, somebody else is named, or both. Two officials approve
//! exactly that; nobody is left without anybody; and what was taken is given back by another such decision alone.
//!
//! While it waits it is sealed under the child's key, since it names two people. The request that the two approve holds the digest of
//! those sealed bytes: a row that somebody edits, or puts in its place, decides nothing.

mod seen;

use super::Ground;
use crate::bonds::{Bond, EndedBy, Kind, MAX_GUARDIANS, Side};
use crate::documents::{Document, KeptDocument};
use crate::notices::News;
use crate::people::{CLASS, Desk, People, SERVICE};
use crate::register::{Key, Registered, needed_text, optional_text};
use crate::version::{self, Cause, Version};
use crate::{permission, problems, tokens};
use aws_lc_rs::digest::{SHA256, digest};
use daftar_kernel::{Actor, Id, Problem, Timestamp, hex};
use daftar_office::approval::{APPROVAL_SECONDS, Request as Approval};
use daftar_office::text::ascii_digits;
use daftar_record::Act;
use daftar_store::{Tx, params, sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The kind of approval.
pub const APPROVAL: &str = "identity.guardianship";
/// Decisions that can wait for one child at a time.
pub const MAX_ASKED: i64 = 5;
/// Longest name of a court and longest number of a decision, in characters.
const COURT_CHARS: usize = 120;

/// The decision of a court, as its paper says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Court {
    /// Which court.
    pub court: String,
    /// The number of the decision.
    pub number: String,
    /// Its day, `YYYY-MM-DD`.
    pub date: String,
    /// What it says, in a sentence.
    pub words: String,
}

/// What is asked of the two.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The child.
    pub child: Id,
    /// Whose guardianship ends: the row on the child's side. None when somebody is only named.
    pub bond: Option<Id>,
    /// Number of the new guardian's card; may be empty.
    pub card: String,
    /// Who stands beside the child when nobody answers for it afterwards.
    pub alone: String,
    /// The court's decision.
    pub court: Court,
    /// The paper itself.
    pub document: Option<Document>,
    /// As for a registration.
    pub idempotency_key: String,
}

/// What is sealed while it waits.
#[derive(Clone, Serialize, Deserialize)]
struct Sealed {
    bond: Option<Id>,
    new: Option<Id>,
    alone: String,
    court: Court,
    document: KeptDocument,
}

/// A request that was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Its row.
    pub id: Id,
    /// The approval that waits for two officials.
    pub approval: Id,
}

/// Somebody who answers for a child, as the form names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guarding {
    /// The row on the child's side.
    pub bond: Id,
    /// Their name.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
}

/// What waits, as the two who decide read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its row.
    pub id: Id,
    /// The child's name.
    pub child: String,
    /// Who answers no more, and since when they did.
    pub ends: Option<(String, Timestamp)>,
    /// Who is named.
    pub new: Option<String>,
    /// Who stands beside the child instead.
    pub alone: String,
    /// The court's decision.
    pub court: Court,
    /// When it was asked for.
    pub asked_at: Timestamp,
}

impl Court {
    /// The decision, checked: its day is one that has been.
    fn checked(&self, today: jiff::civil::Date) -> Result<Self, Problem> {
        let mut problem = problems::guardianship_court();
        let mut line = |text: &str, field: &'static str, message: &'static str| {
            let checked = crate::name::plain_text(text, COURT_CHARS).ok().filter(|text| !text.is_empty());
            if checked.is_none() {
                problem = problem.clone().field(field, message);
            }
            checked.unwrap_or_default()
        };
        let court = line(&self.court, "decision_court", "identity-fault-court");
        let number = line(&self.number, "decision_number", "identity-fault-court-number");
        let date = ascii_digits(self.date.trim());
        let day = date.parse::<jiff::civil::Date>().ok().filter(|day| *day <= today);
        if day.is_none_or(|day| day.to_string() != date) {
            problem = problem.field("decided", "identity-fault-court-date");
        }
        let words = needed_text(&self.words, problems::reason_text);
        if words.is_err() {
            problem = problem.field("words", "identity-fault-court-words");
        }
        if !problem.fields.is_empty() {
            return Err(problem);
        }
        Ok(Self { court, number, date, words: words? })
    }
    /// As the version of the record names it.
    fn evidence(&self, alone: &str) -> String {
        let decision = format!("{}, {}, {}", self.court, self.number, self.date);
        if alone.is_empty() { decision } else { format!("{decision}; {alone}") }
    }
}

fn context(child: Id, row: Id) -> Vec<u8> {
    [b"identity_guardianship.sealed/".as_slice(), child.as_bytes(), row.as_bytes()].concat()
}

fn digest_of(sealed: &[u8]) -> String {
    hex::encode(digest(&SHA256, sealed).as_ref())
}

/// What a child's bonds will be.
struct After {
    /// The bonds that end, each with the record it belongs to.
    ending: Vec<(Id, Bond)>,
    /// Who answered in them.
    old: Option<Id>,
    /// Who goes on answering.
    others: Vec<Id>,
}

impl People {
    /// Asks two officials to decide. The request is about one version of the child's record: whatever changes it meanwhile makes it
    /// void.
    ///
    /// # Errors
    /// [`problems::guardianship_court`] and [`problems::document`] with their fields, [`problems::guardianship_nothing`],
    /// [`problems::guardianship_bond`], [`problems::guardian_needed`] when nobody would stand beside the child,
    /// [`problems::guardian_already`], [`problems::guardian_child`], [`problems::guardian_adult`], [`problems::guardians_many`],
    /// [`problems::card_unknown`], [`problems::decision_moot`] when [`MAX_ASKED`] wait already, [`problems::unknown`]; 403 without
    /// the permission; the store's. Nothing is kept then.
    pub async fn request_guardianship(&self, actor: &Actor, wish: Wish) -> Result<Asked, Problem> {
        self.office.need(actor, permission::SUSPEND)?;
        let Wish { child, bond, card, alone, court, document, idempotency_key } = wish;
        let documents: Vec<Document> = document.into_iter().collect();
        let hash = self.documents_digest(&documents)?;
        let asked = (child, bond, &card, &alone, &court, hash);
        let key = Key::new(self, actor, "guardianship", &idempotency_key, &asked)?;
        let court = court.checked(self.today())?;
        let alone = optional_text(&alone, problems::reason_text)
            .map_err(|problem| problem.field("alone", "identity-fault-court-words"))?;
        if documents.is_empty() {
            let message = crate::documents::DocumentFault::Empty.message();
            return Err(problems::guardianship_court().field("document", message));
        }
        self.need_known(child).await?;
        let kept = self.keep_documents(child, documents).await?;
        let Some(document) = kept.first().cloned() else { return Err(problems::document()) };
        let sealed = Sealed { bond, new: None, alone, court, document };
        let outcome = self.ask_once(actor, child, (sealed, card), key).await;
        if !outcome.as_ref().is_ok_and(|(_, fresh)| *fresh) {
            self.drop_documents(&kept).await;
        }
        outcome.map(|(asked, _)| asked)
    }

    /// The answer, and whether it is new.
    async fn ask_once(
        &self,
        actor: &Actor,
        child: Id,
        (sealed, card): (Sealed, String),
        key: Key,
    ) -> Result<(Asked, bool), Problem> {
        let (people, actor) = (self.clone(), actor.clone());
        self.store
            .write(move |tx| {
                let (people, actor, key) = (people.clone(), actor.clone(), key.clone());
                let (sealed, card) = (sealed.clone(), card.clone());
                Box::pin(async move {
                    if let Some(before) = key.begin(tx, &people).await? {
                        return Ok((before, false));
                    }
                    let asked = people.ask_guardianship_in(tx, &actor, child, (sealed, &card)).await?;
                    key.finish(tx, &asked).await?;
                    Ok((asked, true))
                })
            })
            .await
    }

    async fn ask_guardianship_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        child: Id,
        (mut sealed, card): (Sealed, &str),
    ) -> Result<Asked, Problem> {
        let current = self.child_in(tx, child).await?;
        if !card.trim().is_empty() {
            sealed.new = Some(self.adult_of(tx, card, "card").await?);
        }
        self.after_guardianship(tx, child, &sealed).await?;
        let waiting = sql!("select count(*) from identity_guardianship where person = $1");
        if tx.query_one(waiting, &params![child]).await?.get::<i64>(0)? >= MAX_ASKED {
            return Err(problems::decision_moot());
        }
        let (id, now) = (self.store.world().id(), self.store.world().now());
        let plain = serde_json::to_vec(&sealed).map_err(Problem::internal)?;
        let bytes = self.store.vault().seal(tx, child, CLASS, &context(child, id), &plain).await?;
        let payload = json!({
            "asked": id, "person": child, "version": current.version, "sealed_sha256": digest_of(&bytes),
        });
        let insert =
            sql!("insert into identity_guardianship (id, person, asked_at, sealed) values ($1, $2, $3, $4)");
        tx.execute(insert, &params![id, child, now, bytes]).await?;
        let request = Approval { kind: APPROVAL, permission: permission::SUSPEND, payload };
        let approval = self.office.request_approval(tx, actor, &request).await?;
        Ok(Asked { id, approval })
    }

    /// The newest version of somebody who is a child and lives.
    async fn child_in(&self, tx: &mut Tx, child: Id) -> Result<Version, Problem> {
        let current = version::current(&self.store, tx, child).await?.ok_or_else(problems::unknown)?;
        let person = &current.document.person;
        if person.died.is_some() || !self.civil().is_child(person.born, self.today()) {
            return Err(problems::guardian_adult());
        }
        Ok(current)
    }

    /// What would become of the child's bonds, when the rules allow it: the same when it is asked for and when it is carried out.
    async fn after_guardianship(&self, tx: &mut Tx, child: Id, wish: &Sealed) -> Result<After, Problem> {
        if wish.bond.is_none() && wish.new.is_none() {
            return Err(problems::guardianship_nothing().field("bond", "identity-fault-guardianship-nothing"));
        }
        let mut guards = Vec::new();
        for (record, bond) in self.bonds_of_all(tx, child).await? {
            if bond.guards(Side::Has) {
                guards.push((record, tokens::living(tx, bond.other).await?, bond));
            }
        }
        let old = match wish.bond {
            None => None,
            Some(row) => {
                let found = guards.iter().find(|(_, _, bond)| bond.id == row);
                let gone = || problems::guardianship_bond().field("bond", "identity-fault-guardianship-bond");
                Some(found.map(|(_, guardian, _)| *guardian).ok_or_else(gone)?)
            }
        };
        let mut after = After { ending: Vec::new(), old, others: Vec::new() };
        for (record, guardian, bond) in guards {
            // Two records of one guardian, joined since, are one guardian.
            if Some(guardian) == old {
                after.ending.push((record, bond));
            } else if !after.others.contains(&guardian) {
                after.others.push(guardian);
            }
        }
        if let Some(new) = wish.new {
            if new == child || Some(new) == old || after.others.contains(&new) {
                return Err(problems::guardian_already().field("card", "identity-fault-guardian-already"));
            }
            if after.others.len() >= MAX_GUARDIANS {
                return Err(problems::guardians_many());
            }
        } else if after.others.is_empty() && wish.alone.is_empty() {
            return Err(problems::guardian_needed().field("alone", "identity-fault-guardian-needed"));
        }
        Ok(after)
    }

    /// A row that waits: what it says, since when, and the digest of its sealed bytes.
    async fn waiting(&self, tx: &mut Tx, child: Id, id: Id) -> Result<(Sealed, Timestamp, String), Problem> {
        let select = sql!("select asked_at, sealed from identity_guardianship where id = $1 and person = $2");
        let row = tx.query_opt(select, &params![id, child]).await?;
        let row = row.ok_or_else(problems::guardianship_unknown)?;
        let bytes: Vec<u8> = row.get(1)?;
        let opened = self.store.vault().open(tx, child, CLASS, &context(child, id), &bytes).await;
        let plain = opened.map_err(|error| problems::guardianship_altered().detail(error))?;
        let sealed = serde_json::from_slice(&plain).map_err(Problem::internal)?;
        Ok((sealed, row.get(0)?, digest_of(&bytes)))
    }

    /// Carries out what two officials approved. From the commit on the old guardian sees nothing of the child, and the new one does.
    ///
    /// # Errors
    /// The office's about approvals; [`problems::guardianship_altered`] when the row is not what was approved;
    /// [`problems::changed`] when the record was changed after the request; those of the rules of
    /// [`People::request_guardianship`], which are asked again; the store's.
    pub async fn decide_guardianship(&self, actor: &Actor, approval: Id) -> Result<Registered, Problem> {
        self.execute(actor, (approval, APPROVAL), move |tx, people, desk, payload| {
            Box::pin(async move { people.guardianship_in(tx, &desk, &payload).await })
        })
        .await
    }

    async fn guardianship_in(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        payload: &Value,
    ) -> Result<Registered, Problem> {
        let id = |key: &str| payload[key].as_str().and_then(|text| text.parse::<Id>().ok());
        let (Some(child), Some(row)) = (id("person"), id("asked")) else { return Err(problems::unknown()) };
        let before = self.child_in(tx, child).await?;
        if payload["version"].as_i64() != Some(before.version) {
            return Err(problems::changed());
        }
        let (mut wish, _, found) = self.waiting(tx, child, row).await?;
        if payload["sealed_sha256"].as_str() != Some(found.as_str()) {
            return Err(problems::guardianship_altered());
        }
        if let Some(new) = wish.new {
            wish.new = Some(self.still_fit(tx, new).await?);
        }
        let after = self.after_guardianship(tx, child, &wish).await?;
        for (record, bond) in &after.ending {
            self.end_bond(tx, *record, bond, EndedBy::Court).await?;
        }
        let gone = sql!("delete from identity_guardianship where id = $1");
        tx.execute(gone, &params![row]).await?;
        let ground = Ground {
            reason: wish.court.words.clone(),
            evidence: wish.court.evidence(&wish.alone),
            documents: vec![wish.document.clone()],
        };
        let (person, marks) = (before.document.person.clone(), before.document.marks);
        let now_is = (before, person.clone(), marks);
        let done = self.write_event(tx, desk, child, now_is, (Cause::Guardianship, ground)).await?;
        match wish.new {
            Some(new) => {
                self.tie(tx, desk, Kind::Guardian, new, (child, done.receipt)).await?;
            }
            None if after.others.is_empty() => self.list_unguarded(tx, child).await?,
            None => {}
        }
        if wish.new.is_some() || !after.others.is_empty() {
            self.note_age_due(tx, child, &person).await?;
            self.strike_unguarded(tx, child).await?;
        }
        self.tell(tx, desk, child, done.receipt, &News::Event("guardianship-decided")).await?;
        if let Some(old) = after.old {
            self.tell_guardian(tx, desk, old, ("identity.guardianship-taken", "guardianship-taken"), &wish)
                .await?;
        }
        for other in after.others {
            self.tell_guardian(tx, desk, other, ("identity.ward-shared", "ward-shared"), &wish).await?;
        }
        Ok(done)
    }

    /// Whoever was named is alive, of age and not suspended still; the record that stands for them now.
    async fn still_fit(&self, tx: &mut Tx, guardian: Id) -> Result<Id, Problem> {
        let guardian = tokens::living(tx, guardian).await?;
        let current = version::current(&self.store, tx, guardian).await?;
        let document = current.ok_or_else(problems::card_unknown)?.document;
        if document.person.died.is_some() || document.marks.suspended {
            return Err(problems::card_unknown());
        }
        if self.civil().is_child(document.person.born, self.today()) {
            return Err(problems::guardian_child());
        }
        Ok(guardian)
    }

    /// An act in a guardian's own list, with the court's decision and without the child, and the promise to tell them.
    async fn tell_guardian(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        guardian: Id,
        (kind, news): (&'static str, &'static str),
        wish: &Sealed,
    ) -> Result<(), Problem> {
        let subject = tokens::of(tx, guardian, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
        let Court { court, number, date, .. } = &wish.court;
        let act = Act {
            kind,
            service: SERVICE,
            agency: desk.agency.clone(),
            office: desk.office.clone(),
            subject: Some(subject),
            public: json!({}),
            private: Some(json!({ "by": "court", "court": court, "number": number, "date": date })),
        };
        let receipt = self.record.act(tx, &desk.actor, &act).await?;
        Ok(self.tell(tx, desk, guardian, receipt, &News::Event(news)).await?)
    }

    /// Deletes what was asked for and never decided, with its papers. Meant for the housekeeper of every node; doing it twice is
    /// harmless.
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep_guardianships(&self) -> Result<u64, Problem> {
        let before = self.store.world().now().plus_seconds(-APPROVAL_SECONDS);
        let people = self.clone();
        let papers = self.store.write(move |tx| {
            let people = people.clone();
            Box::pin(async move {
                let select = sql!(
                    "select id, person from identity_guardianship where asked_at <= $1 order by asked_at, id limit 200"
                );
                let mut papers = Vec::new();
                for row in tx.query(select, &params![before]).await? {
                    let (id, child): (Id, Id) = (row.get(0)?, row.get(1)?);
                    // A row that was edited names no paper any more; it goes all the same.
                    papers.push(people.waiting(tx, child, id).await.ok().map(|(sealed, ..)| sealed.document));
                    let gone = sql!("delete from identity_guardianship where id = $1");
                    tx.execute(gone, &params![id]).await?;
                }
                Ok::<_, Problem>(papers)
            })
        });
        let papers = papers.await?;
        let count = u64::try_from(papers.len()).unwrap_or(u64::MAX);
        self.drop_documents(&papers.into_iter().flatten().collect::<Vec<_>>()).await;
        Ok(count)
    }

    /// Decisions that wait about somebody, for what they can take along: never whom they name.
    pub(crate) async fn guardianships_waiting(&self, tx: &mut Tx, child: Id) -> Result<Vec<Value>, Problem> {
        let select =
            sql!("select id from identity_guardianship where person = $1 order by asked_at, id limit $2");
        let mut list = Vec::new();
        for row in tx.query(select, &params![child, MAX_ASKED]).await? {
            let (sealed, at, _) = self.waiting(tx, child, row.get(0)?).await?;
            list.push(
                json!({ "asked_at": at.to_rfc3339(), "decision": sealed.court, "beside": sealed.alone }),
            );
        }
        Ok(list)
    }
}

/// For an erasure, before the keys go: removes what waits, and gives the blobs of its papers.
pub(crate) async fn erase(people: &People, tx: &mut Tx, person: Id) -> Result<Vec<String>, Problem> {
    let select = sql!("select id from identity_guardianship where person = $1");
    let mut blobs = Vec::new();
    for row in tx.query(select, &params![person]).await? {
        let waiting = people.waiting(tx, person, row.get(0)?).await;
        blobs.extend(waiting.ok().map(|(sealed, ..)| sealed.document.blob_name()));
    }
    tx.execute(sql!("delete from identity_guardianship where person = $1"), &params![person]).await?;
    Ok(blobs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn court(court: &str, number: &str, date: &str, words: &str) -> Court {
        let [court, number, date, words] = [court, number, date, words].map(str::to_string);
        Court { court, number, date, words }
    }

    #[test]
    fn a_decision_names_court_number_day_and_what_it_says() {
        let today = jiff::civil::date(2026, 11, 23);
        let faults = |one: &Court| match one.checked(today) {
            Ok(_) => Vec::new(),
            Err(problem) => problem.fields.into_iter().map(|fault| fault.field).collect(),
        };
        let good = court("Family court of Marsa Nour", "12/2026", "2026-11-23", "He left the country.");
        assert!(faults(&good).is_empty(), "today is the last day");
        assert_eq!(
            faults(&court("", " ", "2026-11-24", "")),
            ["decision_court", "decision_number", "decided", "words"]
        );
        for date in ["2026-11", "2026", "", "23.11.2026", "2026-11-31", "2026-11-23T10:00:00"] {
            assert_eq!(faults(&Court { date: date.into(), ..good.clone() }), ["decided"], "{date}");
        }
        let arabic = Court { date: "٢٠٢٦-١١-٢٠".into(), ..good.clone() };
        assert_eq!(arabic.checked(today).unwrap().date, "2026-11-20", "as an Arabic keyboard types it");
        let long = |chars: usize| Court { court: "c".repeat(chars), ..good.clone() };
        assert!(faults(&long(COURT_CHARS)).is_empty());
        assert_eq!(faults(&long(COURT_CHARS + 1)), ["decision_court"]);
        assert_eq!(good.evidence(""), "Family court of Marsa Nour, 12/2026, 2026-11-23");
    }
}

//! Making bonds: at the registration of a child or of somebody introduced, and when a guardian is named later.

use super::{Bond, Kind, Side};
use crate::cards;
use crate::notices::News;
use crate::number::CardNumber;
use crate::people::{Desk, People, SERVICE};
use crate::person::Person;
use crate::register::{Key, Registered, needed_text, optional_text};
use crate::version::{self, Version};
use crate::{permission, problems, tokens};
use daftar_kernel::{Actor, Id, Problem, hex};
use daftar_record::Act;
use daftar_store::{Tx, counter};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Most guardians of one child.
pub const MAX_GUARDIANS: usize = 4;

/// Who stands beside somebody about to be registered, by the numbers of their cards.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ties {
    /// The guardians of a child, at most [`MAX_GUARDIANS`].
    pub guardians: Vec<String>,
    /// The mother.
    pub mother: String,
    /// The father.
    pub father: String,
    /// A registered adult who vouches for somebody without papers.
    pub introducer: String,
    /// Why a child has no guardian, and who or which agency brings it.
    pub without_guardian: String,
}

/// A guardian named for a child that is registered already.
#[derive(Clone, Debug, Serialize)]
pub struct NewGuardian {
    /// The child.
    pub child: Id,
    /// Number of the guardian's card.
    pub card: String,
    /// Why.
    pub reason: String,
    /// What it rests on.
    pub evidence: String,
    /// As for a registration.
    #[serde(skip)]
    pub idempotency_key: String,
}

/// Bonds that passed the rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checked {
    bonds: Vec<(Kind, Id)>,
    pub(crate) child: bool,
    /// Why a child has no guardian.
    pub(crate) alone: String,
}

/// The act with which somebody is told that they are bound.
const fn act_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Guardian => "identity.guardian-named",
        Kind::Mother | Kind::Father => "identity.parent-named",
        Kind::Introducer => "identity.introduction-made",
    }
}

const fn news_of(kind: Kind) -> News {
    News::Event(match kind {
        Kind::Guardian => "guardian",
        Kind::Mother | Kind::Father => "parent",
        Kind::Introducer => "introducer",
    })
}

fn card_unknown(field: &'static str) -> Problem {
    problems::card_unknown().field(field, "identity-fault-card-unknown")
}

impl People {
    /// Whose valid card this is, with the newest version of their record.
    ///
    /// # Errors
    /// [`problems::card_unknown`] when nobody living holds a valid card of this number.
    pub(crate) async fn holder_of(
        &self,
        tx: &mut Tx,
        typed: &str,
        field: &'static str,
    ) -> Result<(Id, Version), Problem> {
        let number = CardNumber::parse(typed)
            .map_err(|fault| problems::card_unknown().field(field, fault.message()))?;
        let person = cards::holder(self, tx, number).await?.ok_or_else(|| card_unknown(field))?;
        let current = version::current(&self.store, tx, person).await?.ok_or_else(|| card_unknown(field))?;
        let document = &current.document;
        if document.person.died.is_some() || document.marks.suspended {
            return Err(card_unknown(field));
        }
        Ok((person, current))
    }

    /// An adult who may answer or vouch for somebody.
    pub(crate) async fn adult_of(
        &self,
        tx: &mut Tx,
        typed: &str,
        field: &'static str,
    ) -> Result<Id, Problem> {
        let (person, current) = self.holder_of(tx, typed, field).await?;
        if self.civil().is_child(current.document.person.born, self.today()) {
            return Err(problems::guardian_child().field(field, "identity-fault-guardian-child"));
        }
        Ok(person)
    }

    /// Checks who stands beside a newcomer. Nobody is refused for having nobody: a child without a guardian needs a sentence
    /// that says so.
    pub(crate) async fn check_ties(
        &self,
        tx: &mut Tx,
        person: &Person,
        ties: &Ties,
    ) -> Result<Checked, Problem> {
        let child = self.civil().is_child(person.born, self.today());
        let alone = optional_text(&ties.without_guardian, problems::reason_text)?;
        let cards: Vec<&str> =
            ties.guardians.iter().map(|card| card.trim()).filter(|card| !card.is_empty()).collect();
        if cards.len() > MAX_GUARDIANS {
            return Err(problems::guardians_many());
        }
        if !child && !cards.is_empty() {
            return Err(problems::guardian_adult().field("guardian", "identity-fault-guardian-adult"));
        }
        if child && cards.is_empty() && alone.is_empty() {
            return Err(problems::guardian_needed().field("guardian", "identity-fault-guardian-needed"));
        }
        let mut checked = Checked { bonds: Vec::new(), child, alone };
        for card in cards {
            let guardian = self.adult_of(tx, card, "guardian").await?;
            // One card given twice is one guardian.
            if !checked.bonds.contains(&(Kind::Guardian, guardian)) {
                checked.bonds.push((Kind::Guardian, guardian));
            }
        }
        for (kind, card, field) in
            [(Kind::Mother, &ties.mother, "mother_card"), (Kind::Father, &ties.father, "father_card")]
        {
            if !card.trim().is_empty() {
                checked.bonds.push((kind, self.holder_of(tx, card, field).await?.0));
            }
        }
        if !ties.introducer.trim().is_empty() {
            let introducer = self.adult_of(tx, &ties.introducer, "introducer_card").await?;
            self.count_introduction(tx, introducer).await?;
            checked.bonds.push((Kind::Introducer, introducer));
        }
        Ok(checked)
    }

    /// Counts an introduction of this calendar year. Two desks at once count one after the other, so that the limit holds.
    async fn count_introduction(&self, tx: &mut Tx, introducer: Id) -> Result<(), Problem> {
        let hash = self.store.vault().blind_index("identity/introductions/1", &[introducer.as_bytes()])?;
        let name = format!("identity-introductions-{}-{}", self.today().year(), hex::encode(&hash[..16]));
        let most = self.civil().introductions_a_year;
        if counter::next(tx, &name).await? > i64::from(most) {
            return Err(problems::introductions_many()
                .arg("limit", most)
                .field("introducer_card", "identity-fault-introductions-many"));
        }
        Ok(())
    }

    /// Writes the bonds of somebody who was just registered, in the same transaction; everybody bound is told.
    pub(crate) async fn write_ties(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        (person, receipt): (Id, Id),
        newcomer: &Person,
        checked: &Checked,
    ) -> Result<(), Problem> {
        for (kind, other) in &checked.bonds {
            self.tie(tx, desk, *kind, *other, (person, receipt)).await?;
        }
        if !checked.child {
            return Ok(());
        }
        if checked.bonds.iter().any(|(kind, _)| *kind == Kind::Guardian) {
            self.note_age_due(tx, person, newcomer).await
        } else {
            self.list_unguarded(tx, person).await
        }
    }

    /// One bond: the act in the other person's list, both sides, and the promise to tell them.
    pub(crate) async fn tie(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        kind: Kind,
        other: Id,
        (person, receipt): (Id, Id),
    ) -> Result<Id, Problem> {
        let subject = tokens::of(tx, other, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
        let act = Act {
            kind: act_of(kind),
            service: SERVICE,
            agency: desk.agency.clone(),
            office: desk.office.clone(),
            subject: Some(subject),
            public: json!({}),
            // Who the other is does not belong here: what is opened here must not outlive their erasure.
            private: Some(json!({ "bond": kind.word() })),
        };
        let theirs = self.record.act(tx, &desk.actor, &act).await?;
        self.bind(tx, kind, (other, theirs), (person, receipt)).await?;
        self.tell(tx, desk, other, theirs, &news_of(kind)).await?;
        Ok(theirs)
    }

    /// Names a guardian for a child that is registered already: an act in both lists; both are told.
    ///
    /// # Errors
    /// [`problems::guardian_adult`] when nobody need answer for the person, [`problems::guardian_child`],
    /// [`problems::guardian_already`], [`problems::guardian_taken`], [`problems::guardians_many`], [`problems::card_unknown`],
    /// [`problems::reason_text`], [`problems::evidence_text`], [`problems::unknown`]; 403 without the permission; the store's.
    pub async fn name_guardian(&self, actor: &Actor, new: NewGuardian) -> Result<Registered, Problem> {
        self.office.need(actor, permission::CORRECT)?;
        let key = Key::new(self, actor, "guardian", &new.idempotency_key, &new)?;
        let reason = needed_text(&new.reason, problems::reason_text)?;
        let evidence = needed_text(&new.evidence, problems::evidence_text)?;
        let (people, desk) = (self.clone(), Desk::of(actor));
        self.store
            .write(move |tx| {
                let (people, desk, key, new) = (people.clone(), desk.clone(), key.clone(), new.clone());
                let words = (reason.clone(), evidence.clone());
                Box::pin(async move {
                    if let Some(before) = key.begin(tx, &people).await? {
                        return Ok(before);
                    }
                    let done = people.name_guardian_in(tx, &desk, &new, words).await?;
                    key.finish(tx, &done).await?;
                    Ok(done)
                })
            })
            .await
    }

    /// Whether a court took this guardian's bond with this child, and nothing gave it back since. What two officials decided, one
    /// alone does not undo.
    pub(crate) async fn was_taken(&self, tx: &mut Tx, child: Id, guardian: Id) -> Result<bool, Problem> {
        let mut newest: Option<Bond> = None;
        for (_, bond) in self.bonds_of_all(tx, child).await? {
            let theirs = bond.kind == Kind::Guardian && bond.side == Side::Has;
            let later =
                newest.as_ref().is_none_or(|before| (before.since, before.id) <= (bond.since, bond.id));
            if theirs && later && tokens::living(tx, bond.other).await? == guardian {
                newest = Some(bond);
            }
        }
        Ok(newest.is_some_and(|bond| bond.taken()))
    }

    async fn name_guardian_in(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        new: &NewGuardian,
        (reason, evidence): (String, String),
    ) -> Result<Registered, Problem> {
        let found = version::current_with_token(&self.store, tx, new.child, tokens::RECORD).await?;
        let (current, subject) = found.ok_or_else(problems::unknown)?;
        let child = &current.document.person;
        if child.died.is_some() || !self.civil().is_child(child.born, self.today()) {
            return Err(problems::guardian_adult().field("card", "identity-fault-guardian-adult"));
        }
        let guardian = self.adult_of(tx, &new.card, "card").await?;
        let guards: Vec<Bond> =
            self.bonds_in(tx, new.child).await?.into_iter().filter(|bond| bond.guards(Side::Has)).collect();
        if guardian == new.child || guards.iter().any(|bond| bond.other == guardian) {
            return Err(problems::guardian_already().field("card", "identity-fault-guardian-already"));
        }
        if guards.len() >= MAX_GUARDIANS {
            return Err(problems::guardians_many());
        }
        if self.was_taken(tx, new.child, guardian).await? {
            return Err(problems::guardian_taken().field("card", "identity-fault-guardian-taken"));
        }
        let act = Act {
            kind: "identity.guardian-given",
            service: SERVICE,
            agency: desk.agency.clone(),
            office: desk.office.clone(),
            subject: Some(subject),
            public: json!({}),
            private: Some(json!({ "bond": Kind::Guardian.word(), "reason": reason, "evidence": evidence })),
        };
        let receipt = self.record.act(tx, &desk.actor, &act).await?;
        self.tie(tx, desk, Kind::Guardian, guardian, (new.child, receipt)).await?;
        self.note_age_due(tx, new.child, child).await?;
        self.strike_unguarded(tx, new.child).await?;
        self.tell(tx, desk, new.child, receipt, &News::Event("guarded")).await?;
        Ok(Registered { person: new.child, receipt, version: current.version })
    }
}

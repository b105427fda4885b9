//! What one official alone must not do to a record: suspend it and lift that, say that it rests on deceit and take that back,
//! undo a death. Two officials approve exactly one decision about one version.
//!
//! A suspension ends what a record proves: cards do not hold, nobody signs in to services for the person. It stops no alert and
//! no benefit that is under way, closes no account under `/me`, and leaves the way to a complaint open.

use super::Ground;
use crate::bonds::EndedBy;
use crate::notices::News;
use crate::people::{Desk, People};
use crate::register::{Registered, needed_text};
use crate::version::{self, Cause, Version};
use crate::{cards, permission, problems, tokens};
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::Principal;
use daftar_office::approval::Request as Approval;
use daftar_store::Tx;
use serde_json::{Value, json};

/// What two officials decide.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// Suspend the record.
    Suspend,
    /// Lift the suspension.
    Lift,
    /// Mark the record as resting on deceit.
    MarkFraud,
    /// Take that mark away.
    ClearFraud,
    /// Undo a death that was recorded by mistake.
    UndoDeath,
}

/// What is asked of the two.
#[derive(Clone, Debug)]
pub struct Request {
    /// About whom.
    pub person: Id,
    /// What.
    pub decision: Decision,
    /// The law and the paper, never the person: it lies beside the request for two officials to read.
    pub ground: String,
}

impl Decision {
    /// All values.
    pub const ALL: [Self; 5] =
        [Self::Suspend, Self::Lift, Self::MarkFraud, Self::ClearFraud, Self::UndoDeath];

    /// The word in paths.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Lift => "lift",
            Self::MarkFraud => "mark-fraud",
            Self::ClearFraud => "clear-fraud",
            Self::UndoDeath => "undo-death",
        }
    }
    /// The decision of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.word() == word)
    }
    /// The kind of approval.
    #[must_use]
    pub const fn approval(self) -> &'static str {
        match self {
            Self::Suspend => "identity.suspend",
            Self::Lift => "identity.lift",
            Self::MarkFraud => "identity.mark-fraud",
            Self::ClearFraud => "identity.clear-fraud",
            Self::UndoDeath => "identity.undo-death",
        }
    }
    const fn cause(self) -> Cause {
        match self {
            Self::Suspend => Cause::Suspended,
            Self::Lift => Cause::Lifted,
            Self::MarkFraud => Cause::FraudFound,
            Self::ClearFraud => Cause::FraudCleared,
            Self::UndoDeath => Cause::DeathUndone,
        }
    }
    /// Whether there is something to decide about a record that stands so.
    #[must_use]
    pub fn fits(self, version: &Version) -> bool {
        let (marks, died) = (version.document.marks, version.document.person.died.is_some());
        match self {
            Self::Suspend => !marks.suspended && !died,
            Self::Lift => marks.suspended,
            Self::MarkFraud => !marks.fraud,
            Self::ClearFraud => marks.fraud,
            Self::UndoDeath => died,
        }
    }
}

impl People {
    /// Asks two officials to decide. A request is about one version: whatever changes the record meanwhile makes it void.
    ///
    /// # Errors
    /// [`problems::decision_moot`] when there is nothing to decide, [`problems::reason_text`], [`problems::unknown`]; 403 without
    /// the permission; the store's.
    pub async fn request_decision(&self, actor: &Actor, request: Request) -> Result<Id, Problem> {
        self.office.need(actor, permission::SUSPEND)?;
        let ground = needed_text(&request.ground, problems::reason_text)?;
        let (people, actor, decision, person) =
            (self.clone(), actor.clone(), request.decision, request.person);
        self.store
            .write(move |tx| {
                let (people, actor, ground) = (people.clone(), actor.clone(), ground.clone());
                Box::pin(async move {
                    let current =
                        version::current(&people.store, tx, person).await?.ok_or_else(problems::unknown)?;
                    if !decision.fits(&current) {
                        return Err(problems::decision_moot());
                    }
                    let payload = json!({"person": person, "version": current.version, "ground": ground});
                    let approval =
                        Approval { kind: decision.approval(), permission: permission::SUSPEND, payload };
                    people.office.request_approval(tx, &actor, &approval).await
                })
            })
            .await
    }

    /// Carries out what two officials approved.
    ///
    /// # Errors
    /// The office's about approvals; [`problems::changed`] when the record was changed after the request;
    /// [`problems::decision_moot`]; [`problems::unknown`]; the store's.
    pub async fn carry_out(
        &self,
        actor: &Actor,
        decision: Decision,
        approval: Id,
    ) -> Result<Registered, Problem> {
        self.execute(actor, (approval, decision.approval()), move |tx, people, desk, payload| {
            Box::pin(async move { people.decide_in(tx, &desk, decision, &payload).await })
        })
        .await
    }

    async fn decide_in(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        decision: Decision,
        payload: &Value,
    ) -> Result<Registered, Problem> {
        let id = payload["person"].as_str().and_then(|text| text.parse::<Id>().ok());
        let person = id.ok_or_else(problems::unknown)?;
        let before = version::current(&self.store, tx, person).await?.ok_or_else(problems::unknown)?;
        if payload["version"].as_i64() != Some(before.version) {
            return Err(problems::changed());
        }
        if !decision.fits(&before) {
            return Err(problems::decision_moot());
        }
        let (mut now_is, mut marks) = (before.document.person.clone(), before.document.marks);
        let news = match decision {
            Decision::Suspend => {
                marks.suspended = true;
                cards::turn(tx, person, cards::VALID, cards::SUSPENDED).await?;
                "suspended"
            }
            Decision::Lift => {
                marks.suspended = false;
                cards::turn(tx, person, cards::SUSPENDED, cards::VALID).await?;
                "lifted"
            }
            Decision::MarkFraud => {
                marks.fraud = true;
                "fraud-found"
            }
            Decision::ClearFraud => {
                marks.fraud = false;
                "fraud-cleared"
            }
            Decision::UndoDeath => {
                now_is.died = None;
                self.open_life(tx, person, marks.suspended).await?;
                "death-undone"
            }
        };
        let ground = Ground {
            reason: payload["ground"].as_str().unwrap_or_default().into(),
            evidence: String::new(),
            documents: Vec::new(),
        };
        let done =
            self.write_event(tx, desk, person, (before, now_is, marks), (decision.cause(), ground)).await?;
        self.tell(tx, desk, person, done.receipt, &News::Event(news)).await?;
        Ok(done)
    }

    /// What a recorded death ended begins again: the card, the account, answering for children who are children still.
    async fn open_life(&self, tx: &mut Tx, person: Id, suspended: bool) -> Result<(), Problem> {
        cards::turn(tx, person, cards::DIED, if suspended { cards::SUSPENDED } else { cards::VALID }).await?;
        if let Some(citizen) = tokens::of(tx, person, tokens::OFFICE).await? {
            self.office.unbar_citizen(tx, Principal::Citizen(citizen)).await?;
        }
        for (record, bond) in self.bonds_of_all(tx, person).await? {
            if bond.ended.is_some_and(|(_, by)| by == EndedBy::Death) {
                self.reopen_bond(tx, record, &bond).await?;
            }
        }
        Ok(())
    }
}

//! Doing it: the agreement is spent in the transaction that acts, by the functions with which people do it themselves.

use super::{Choice, Said, Stored, What, ask};
use crate::notices::News;
use crate::openid::{grant, history};
use crate::people::{Desk, People, SERVICE};
use crate::{problems, tokens, version};
use daftar_kernel::{Actor, Id, Official, Problem, Timestamp};
use daftar_office::complaint::{About, NewComplaint};
use daftar_record::Act;
use daftar_store::{Tx, params, sql};
use serde_json::json;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assisted {
    /// The number on the slip.
    pub reference: String,
    /// Which thing.
    pub what: What,
    /// For whom.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// Receipt of the act.
    pub receipt: Id,
    /// The number of the complaint that was made.
    pub complaint: Option<String>,
    /// The service whose consent was taken back; empty for other things.
    pub service: String,
    /// The account of the person, under which what is held about them is put together.
    pub(crate) account: Id,
}

impl People {
    /// Does for a person the one thing they agreed to. The agreement is spent in this transaction: of two that arrive at once
    /// one does it.
    ///
    /// # Errors
    /// [`problems::assist_unknown`] when this official asked this person nothing of the sort; [`problems::assist_other`] when the
    /// agreement is for another thing; [`problems::assist_over`] when there is none, it is over or was used; 403 without the
    /// permission or the purpose; those of what is done; the store's. Nothing changes then.
    pub async fn assist(
        &self,
        official: &Official,
        asked: (Id, Id),
        what: What,
    ) -> Result<Assisted, Problem> {
        self.assist_with(official, asked, what, None).await
    }

    /// As [`People::assist`]; [`What::Consent`] needs the consent that the person pointed to.
    ///
    /// # Errors
    /// As [`People::assist`]; [`problems::assist_consent`] when the person allows nothing of the sort now.
    pub async fn assist_with(
        &self,
        official: &Official,
        (person, id): (Id, Id),
        what: What,
        choice: Option<Choice>,
    ) -> Result<Assisted, Problem> {
        self.need_assist(official)?;
        let (people, official) = (self.clone(), official.clone());
        self.store
            .write(move |tx| {
                let (people, official, choice) = (people.clone(), official.clone(), choice.clone());
                Box::pin(async move { people.assist_in(tx, &official, (person, id), (what, choice)).await })
            })
            .await
    }

    async fn assist_in(
        &self,
        tx: &mut Tx,
        official: &Official,
        asked: (Id, Id),
        (what, choice): (What, Option<Choice>),
    ) -> Result<Assisted, Problem> {
        let (stored, person) = self.assistance_of(tx, official, asked).await?;
        if stored.what != what {
            return Err(problems::assist_other());
        }
        let now = self.store.world().now();
        let spend = sql!(
            "update identity_assistance set state = 'used', used_at = $2 \
             where id = $1 and state = 'given' and expires > $2"
        );
        if tx.execute(spend, &params![stored.id, now]).await? != 1 {
            return Err(problems::assist_over());
        }
        let permit = self.office.permit(tx, official, &ask()).await?;
        let found = version::current_with_token(&self.store, tx, person, tokens::RECORD).await?;
        let (version, subject) = found.ok_or_else(problems::unknown)?;
        if version.document.person.died.is_some() {
            return Err(problems::dead());
        }
        let look = self.office.look(tx, &permit, subject, SERVICE, what.fields()).await?;
        let account = tokens::of(tx, person, tokens::OFFICE).await?.ok_or_else(problems::unknown)?;
        let desk = Desk::of(&Actor::Official(official.clone()));
        let Stored { id, person: sealed_under, way, mut said, .. } = stored;
        self.do_for(tx, &desk, (person, account), (what, choice), &mut said).await?;
        let name = version.document.person.name.to_string();
        let mut private = json!({
            "for": name, "by": official.name, "reference": said.reference, "witness": said.witness,
            "complaint": said.complaint, "look": look,
        });
        if !said.service.is_empty() {
            private["consent_of"] = json!(said.service);
        }
        let act = Act {
            kind: "identity.assisted",
            service: SERVICE,
            agency: desk.agency.clone(),
            office: desk.office.clone(),
            subject: Some(subject),
            public: json!({ "what": what.word(), "way": way.map_or("", super::Way::word) }),
            private: Some(private),
        };
        let receipt = self.record.act(tx, &desk.actor, &act).await?;
        let news = News::Assisted { what, by: official.name.clone(), service: said.service.clone() };
        self.tell(tx, &desk, person, receipt, &news).await?;
        let sealed = self.seal_said(tx, (sealed_under, id), &said).await?;
        let note = sql!("update identity_assistance set receipt = $2, look = $3, sealed = $4 where id = $1");
        tx.execute(note, &params![id, receipt, look, sealed]).await?;
        let Said { reference, complaint, service, .. } = said;
        Ok(Assisted { reference, what, name, at: now, receipt, complaint, service, account })
    }

    /// The one thing, by what the person's own page calls.
    async fn do_for(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        (person, account): (Id, Id),
        (what, choice): (What, Option<Choice>),
        said: &mut Said,
    ) -> Result<(), Problem> {
        match what {
            What::Complaint => said.complaint = Some(self.complain_for(tx, account, said).await?),
            What::CardLost => {
                self.lose_card_in(tx, desk, person, said.reference.clone()).await?;
            }
            What::Data => {}
            // Whoever locked it already has what they wanted.
            What::Lock => {
                if !grant::is_locked(tx, person).await? {
                    history::lock(tx, person, self.store.world().now()).await?;
                }
            }
            What::Consent => {
                let choice = choice.ok_or_else(problems::assist_consent)?;
                said.service = self.withdraw_in(tx, person, &choice).await?;
            }
        }
        Ok(())
    }

    /// Opens the complaint, and gives its number. From here on its words lie at the desk alone.
    async fn complain_for(&self, tx: &mut Tx, account: Id, said: &mut Said) -> Result<String, Problem> {
        let new = NewComplaint {
            about: said.about_look.map_or(About::Other, About::Look),
            agency: said.about_agency.clone(),
            office: said.about_office.clone(),
            words: std::mem::take(&mut said.words),
        };
        Ok(self.office.complain(tx, account, &new).await?.reference)
    }
}

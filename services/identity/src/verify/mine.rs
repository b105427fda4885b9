//! What the citizen does with consents: reads a question, answers it, takes it back, and sees all of them.

use super::Verifier;
use super::consent::{MAX_LISTED, Permission, State, asked, read, signs_of};
use super::partner;
use crate::{problems, tokens};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::Tx;
use daftar_store::{params, sql};
use serde_json::{Value, json};

impl Verifier {
    /// What a code asks the citizen.
    ///
    /// # Errors
    /// `identity-consent-over` when there is no such question, or it is over; the store's.
    pub async fn question(&self, typed: &str) -> Result<Permission, Problem> {
        let (signs, now) = (signs_of(typed)?, self.now());
        self.store()
            .read(move |tx| {
                let signs = signs.clone();
                Box::pin(async move { asked(tx, &signs, now).await })
            })
            .await
    }

    /// The citizen's answer to a code. Answers the receipt of the act.
    ///
    /// # Errors
    /// `identity-consent-over`; `identity-unknown`; the store's.
    pub async fn answer(&self, citizen: Id, typed: &str, yes: bool) -> Result<Id, Problem> {
        let (me, signs) = (self.clone(), signs_of(typed)?);
        self.store()
            .write(move |tx| {
                let (me, signs) = (me.clone(), signs.clone());
                Box::pin(async move { me.answer_in(tx, citizen, &signs, yes).await })
            })
            .await
    }

    async fn answer_in(&self, tx: &mut Tx, citizen: Id, signs: &str, yes: bool) -> Result<Id, Problem> {
        let now = self.now();
        let Permission { consent, partner } = asked(tx, signs, now).await?;
        let person = tokens::person(tx, tokens::OFFICE, citizen).await?.ok_or_else(problems::unknown)?;
        if !self.provider.is_alive(tx, person).await? {
            return Err(problems::consent_over());
        }
        let (state, kind) = match yes {
            true => (State::Given, "identity.permission-given"),
            false => (State::Declined, "identity.permission-declined"),
        };
        let until = now.plus_seconds(consent.days * 86_400);
        let said = json!({
            "consent": consent.id, "client": partner.client, "name": partner.name, "purpose": consent.purpose,
            "attributes": consent.attributes.words(), "until": until.to_rfc3339(), "uses": consent.max_uses,
        });
        let receipt = self.provider.citizen_act(tx, citizen, person, kind, said).await?;
        if yes {
            self.pairwise(tx, &partner, person).await?;
        }
        let (given, until) = (Some(now), yes.then_some(until));
        let update = sql!(
            "update identity_verify_consent set state = $2, person = $3, given_at = $4, until = $5, receipt = $6 \
             where id = $1 and state = 'asked'"
        );
        tx.execute(update, &params![consent.id, state.word(), person, given, until, receipt]).await?;
        Ok(receipt)
    }

    /// Takes a consent back: it opens nothing any more when this returns. Answers the receipt of the act.
    ///
    /// # Errors
    /// 404 when the citizen has none of this name that could still be used; the store's.
    pub async fn revoke(&self, citizen: Id, id: Id) -> Result<Id, Problem> {
        let me = self.clone();
        self.store()
            .write(move |tx| {
                let me = me.clone();
                Box::pin(async move {
                    let person =
                        tokens::person(tx, tokens::OFFICE, citizen).await?.ok_or_else(problems::unknown)?;
                    if !revoke_in(tx, person, id, me.now()).await? {
                        return Err(Problem::not_found());
                    }
                    let said = json!({ "consent": id });
                    me.provider.citizen_act(tx, citizen, person, "identity.permission-revoked", said).await
                })
            })
            .await
    }

    /// What a citizen allowed or declined, the newest first.
    ///
    /// # Errors
    /// `identity-unknown`; the store's.
    pub async fn permissions(&self, citizen: Id) -> Result<Vec<Permission>, Problem> {
        self.store()
            .read(move |tx| {
                Box::pin(async move {
                    let person =
                        tokens::person(tx, tokens::OFFICE, citizen).await?.ok_or_else(problems::unknown)?;
                    given_by(tx, person).await
                })
            })
            .await
    }

    /// Everything this room holds about a citizen, as JSON.
    ///
    /// # Errors
    /// `identity-unknown`; the store's.
    pub async fn my_data(&self, citizen: Id) -> Result<Value, Problem> {
        let now = self.now();
        let time = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
        let list = self.permissions(citizen).await?;
        let one = |permission: &Permission| {
            let Permission { consent, partner } = permission;
            json!({
                "consent": consent.id, "partner": partner.name, "organisation": partner.organisation,
                "purpose": consent.purpose, "attributes": consent.attributes.words(), "state": consent.state_word(now),
                "answered": time(consent.given_at), "until": time(consent.until), "uses": consent.uses,
                "most_uses": consent.max_uses, "last_used": time(consent.used_at), "taken_back": time(consent.ended_at),
                "receipt": consent.receipt,
            })
        };
        Ok(list.iter().map(one).collect())
    }

    /// The consent of a citizen, for its receipt.
    ///
    /// # Errors
    /// 404 when they have none of this name; the store's.
    pub async fn permission(&self, citizen: Id, id: Id) -> Result<Permission, Problem> {
        let list = self.permissions(citizen).await?;
        list.into_iter().find(|permission| permission.consent.id == id).ok_or_else(Problem::not_found)
    }
}

/// What the holder of a record allowed or declined, the newest first.
pub(crate) async fn given_by(tx: &mut Tx, person: Id) -> Result<Vec<Permission>, Problem> {
    let select = sql!(
        "select id, client, purpose, attributes, days, max_uses, state, asked_at, answer_by, person, \
         given_at, until, uses, used_at, ended_at, receipt from identity_verify_consent \
         where person = $1 order by given_at desc, id limit $2"
    );
    let mut list = Vec::new();
    for row in tx.query(select, &params![person, MAX_LISTED]).await? {
        let consent = read(&row)?;
        let Some(partner) = partner::find_with_ended(tx, &consent.client).await? else { continue };
        list.push(Permission { consent, partner });
    }
    Ok(list)
}

/// Takes a consent back; whether there was one that could still be used. The caller writes the act.
pub(crate) async fn revoke_in(tx: &mut Tx, person: Id, id: Id, now: Timestamp) -> Result<bool, Problem> {
    let end = sql!(
        "update identity_verify_consent set state = 'revoked', ended_at = $3 \
         where id = $1 and person = $2 and state = 'given'"
    );
    Ok(tx.execute(end, &params![id, person, now]).await? > 0)
}

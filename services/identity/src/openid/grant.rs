//! Consents: what a citizen allowed a service, until they take it back. Giving and taking back are acts about the citizen, so
//! each leaves a receipt.

use super::client::{self, Registered};
use super::decide::Known;
use super::items::Items;
use super::{Provider, kept};
use crate::people::SERVICE;
use crate::version::Version;
use crate::{problems, tokens, version};
use daftar_kernel::{Actor, Id, Problem, Timestamp};
use daftar_office::session::Way;
use daftar_record::Act;
use daftar_store::{Tx, params, sql};
use openid::authorize::Request;
use openid::base64url;
use openid::scope::Scope;
use serde_json::{Value, json};

/// How long a code is valid, in seconds. FAPI 2.0 §5.3.2.1 allows 60.
pub const CODE_SECONDS: i64 = 60;
/// How long a sign-in can be kept alive by refresh tokens, in seconds: 30 days.
pub const AWAY_SECONDS: i64 = 30 * 86_400;

/// A service a citizen allowed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The service.
    pub client: Registered,
    /// What it may know.
    pub items: Items,
    /// Since when.
    pub since: Timestamp,
}

/// How a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The person has just said yes.
    Given,
    /// An earlier yes must cover it.
    Before,
}

impl Provider {
    /// What is known of a citizen for a client; `signed_in` says when and how they signed in.
    ///
    /// # Errors
    /// `identity-unknown`; the store's.
    pub async fn known(
        &self,
        citizen: Id,
        client: &Registered,
        signed_in: (Timestamp, Way),
    ) -> Result<Known, Problem> {
        let (provider, client) = (self.clone(), client.clone());
        self.store()
            .read(move |tx| {
                let (provider, client) = (provider.clone(), client.clone());
                Box::pin(async move { provider.known_in(tx, citizen, &client, signed_in).await })
            })
            .await
    }

    async fn known_in(
        &self,
        tx: &mut Tx,
        citizen: Id,
        client: &Registered,
        signed_in: (Timestamp, Way),
    ) -> Result<Known, Problem> {
        let person = tokens::holder(tx, tokens::OFFICE, citizen).await?.ok_or_else(problems::unknown)?;
        let sub = tokens::of(tx, person, &client.token_service()).await?;
        let items = items_of(tx, person, &client.client.id).await?;
        let (locked, alive) = (is_locked(tx, person).await?, self.is_alive(tx, person).await?);
        // A token of the sector without a consent for this client is no consent.
        let sub = sub.filter(|_| items.is_some());
        let ((signed_in_at, way), items) = (signed_in, items.unwrap_or_default());
        Ok(Known { person, sub, items, locked, alive, signed_in_at, way })
    }

    /// Answers a request with a code: notes the consent, gives the person a token for the sector, and enters the sign-in into
    /// their history, all in one transaction.
    ///
    /// # Errors
    /// `identity-openid-over` when the consent or the client is gone meanwhile, or the person locked this; the store's.
    pub async fn issue(
        &self,
        client: &Registered,
        request: &Request,
        citizen: Id,
        signed_in: (Timestamp, Way),
        consent: Consent,
    ) -> Result<String, Problem> {
        let code = base64url::encode(self.store().world().bytes::<32>());
        let (provider, client, request, hash) = (self.clone(), client.clone(), request.clone(), kept(&code));
        self.store()
            .write(move |tx| {
                let (provider, client, request) = (provider.clone(), client.clone(), request.clone());
                Box::pin(async move {
                    let client =
                        client::find(tx, &client.client.id).await?.ok_or_else(problems::openid_over)?;
                    let known = provider.known_in(tx, citizen, &client, signed_in).await?;
                    if known.locked || !known.alive {
                        return Err(problems::openid_over());
                    }
                    let asked = Items::of(&request);
                    match consent {
                        Consent::Given => provider.consent(tx, citizen, &known, &client, &asked).await?,
                        Consent::Before if known.sub.is_some() && asked.within(&known.items) => {}
                        Consent::Before => return Err(problems::openid_over()),
                    }
                    provider.note_signin(tx, &known, &client, &request, &hash).await?;
                    provider.note_history(tx, known.person, &client).await
                })
            })
            .await?;
        Ok(code)
    }

    /// Whether the register believes a person alive, and two officials have not suspended the record.
    pub(crate) async fn is_alive(&self, tx: &mut Tx, person: Id) -> Result<bool, Problem> {
        let living = tokens::living(tx, person).await?;
        let current = version::current(&self.people.store, tx, living).await?;
        Ok(current.is_some_and(|Version { document, .. }| {
            document.person.died.is_none() && !document.marks.suspended
        }))
    }

    async fn consent(
        &self,
        tx: &mut Tx,
        citizen: Id,
        known: &Known,
        client: &Registered,
        asked: &Items,
    ) -> Result<(), Problem> {
        let person = known.person;
        if tokens::of(tx, person, &client.token_service()).await?.is_none() {
            let token = tokens::draw(self.store().world());
            tokens::give(tx, person, &client.token_service(), token).await?;
        }
        if known.sub.is_some() && asked.within(&known.items) {
            return Ok(());
        }
        let items = known.items.with(asked);
        let said = json!({ "client": client.client.id, "name": client.name, "items": items.to_text() });
        let receipt = self.citizen_act(tx, citizen, person, "identity.consent-given", said).await?;
        let put = sql!(
            "insert into identity_openid_grant (person, client, items, since, receipt) values ($1, $2, $3, $4, $5) \
             on conflict (person, client) do update set items = excluded.items, since = excluded.since, \
             receipt = excluded.receipt"
        );
        tx.execute(put, &params![person, &client.client.id, items.to_text(), self.now(), receipt]).await?;
        Ok(())
    }

    async fn note_signin(
        &self,
        tx: &mut Tx,
        known: &Known,
        client: &Registered,
        request: &Request,
        hash: &[u8; 32],
    ) -> Result<(), Problem> {
        let (now, id) = (self.now(), self.store().world().id());
        let away = request.scopes.has(Scope::OfflineAccess);
        let expires =
            now.plus_seconds(if away { AWAY_SECONDS } else { super::token::ACCESS_SECONDS + CODE_SECONDS });
        let insert = sql!(
            "insert into identity_openid_signin (id, person, client, code, code_used, created, expires, redirect_uri, \
             challenge, scopes, claims, nonce, auth_time, way) \
             values ($1, $2, $3, $4, null, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        );
        tx.execute(
            insert,
            &params![
                id,
                known.person,
                &client.client.id,
                *hash,
                now,
                expires,
                &request.redirect_uri,
                request.challenge.as_str(),
                request.scopes.to_string(),
                request.claims.to_text(),
                request.nonce.clone(),
                known.signed_in_at,
                known.way.word()
            ],
        )
        .await?;
        Ok(())
    }

    /// The services a citizen allowed something, the newest consent first.
    ///
    /// # Errors
    /// `identity-unknown`; the store's.
    pub async fn grants(&self, citizen: Id) -> Result<Vec<Grant>, Problem> {
        self.store()
            .read(move |tx| {
                Box::pin(async move {
                    let person =
                        tokens::holder(tx, tokens::OFFICE, citizen).await?.ok_or_else(problems::unknown)?;
                    of_person(tx, person).await
                })
            })
            .await
    }

    /// Takes a consent back: every token given under it is dead when this returns.
    ///
    /// # Errors
    /// 404 when there is none; the store's.
    pub async fn revoke_grant(&self, citizen: Id, client: &str) -> Result<Id, Problem> {
        let (provider, client) = (self.clone(), client.to_string());
        self.store()
            .write(move |tx| {
                let (provider, client) = (provider.clone(), client.clone());
                Box::pin(async move {
                    let person =
                        tokens::holder(tx, tokens::OFFICE, citizen).await?.ok_or_else(problems::unknown)?;
                    if !revoke_in(tx, person, &client).await? {
                        return Err(Problem::not_found());
                    }
                    let said = json!({ "client": client });
                    provider.citizen_act(tx, citizen, person, "identity.consent-revoked", said).await
                })
            })
            .await
    }

    /// An act of a citizen about themselves. Which service it was stays in the private part.
    pub(crate) async fn citizen_act(
        &self,
        tx: &mut Tx,
        citizen: Id,
        person: Id,
        kind: &'static str,
        said: Value,
    ) -> Result<Id, Problem> {
        let subject = tokens::of(tx, person, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
        let act = Act {
            kind,
            service: SERVICE,
            agency: String::new(),
            office: String::new(),
            subject: Some(subject),
            public: json!({}),
            private: Some(said),
        };
        Ok(self.people.record.act(tx, &Actor::Citizen(citizen), &act).await?)
    }
}

/// The services the holder of a record allowed something, the newest consent first.
pub(crate) async fn of_person(tx: &mut Tx, person: Id) -> Result<Vec<Grant>, Problem> {
    let select = sql!(
        "select client, items, since from identity_openid_grant where person = $1 \
         order by since desc, client limit $2"
    );
    let mut grants = Vec::new();
    for row in tx.query(select, &params![person, client::MAX_CLIENTS]).await? {
        let Some(client) = client::find(tx, row.get(0)?).await? else { continue };
        grants.push(Grant { client, items: Items::parse(row.get(1)?), since: row.get(2)? });
    }
    Ok(grants)
}

/// Takes a consent back, with every sign-in and token given under it; whether there was one. The caller writes the act.
pub(crate) async fn revoke_in(tx: &mut Tx, person: Id, client: &str) -> Result<bool, Problem> {
    let gone = sql!("delete from identity_openid_grant where person = $1 and client = $2");
    if tx.execute(gone, &params![person, client]).await? == 0 {
        return Ok(false);
    }
    let tokens = sql!(
        "delete from identity_openid_token where signin in \
         (select id from identity_openid_signin where person = $1 and client = $2)"
    );
    tx.execute(tokens, &params![person, client]).await?;
    let signins = sql!("delete from identity_openid_signin where person = $1 and client = $2");
    tx.execute(signins, &params![person, client]).await?;
    Ok(true)
}

/// What a person allowed a client; `None` without a consent.
pub(super) async fn items_of(tx: &mut Tx, person: Id, client: &str) -> Result<Option<Items>, Problem> {
    let select = sql!("select items from identity_openid_grant where person = $1 and client = $2");
    let row = tx.query_opt(select, &params![person, client]).await?;
    Ok(row.map(|row| row.get::<&str>(0).map(Items::parse)).transpose()?)
}

/// Whether a person has locked signing in to services, by this account or by that of the record that absorbed it.
pub(crate) async fn is_locked(tx: &mut Tx, person: Id) -> Result<bool, Problem> {
    let select = sql!("select since from identity_openid_lock where person = $1 or person = $2");
    let living = tokens::living(tx, person).await?;
    Ok(tx.query_opt(select, &params![person, living]).await?.is_some())
}

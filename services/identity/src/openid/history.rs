//! To which services a citizen signed in, and when: theirs alone to read, sealed under their key, and gone after 90 days. And the
//! lock with which they shut this way.

use super::Provider;
use super::client::Registered;
use super::grant::is_locked;
use crate::{problems, tokens};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{Tx, params, sql};
use serde_json::{Value, json};

/// How long a sign-in is remembered, in seconds: 90 days.
pub const KEEP_SECONDS: i64 = 90 * 86_400;
/// Sign-ins of one page of the list.
pub const PAGE: i64 = 50;
/// Retention class under which the history is sealed.
pub const CLASS: &str = "signin";

/// A sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// When.
    pub at: Timestamp,
    /// To which service.
    pub name: String,
    /// Who ran it.
    pub organisation: String,
}

fn context(id: Id) -> Vec<u8> {
    [b"identity_openid_history.sealed/".as_slice(), id.as_bytes()].concat()
}

/// Locks signing in to services for a person who has not; the caller writes the act.
pub(crate) async fn lock(tx: &mut Tx, person: Id, now: Timestamp) -> Result<(), Problem> {
    let put = sql!("insert into identity_openid_lock (person, since) values ($1, $2)");
    tx.execute(put, &params![person, now]).await?;
    Ok(())
}

impl Provider {
    pub(super) async fn note_history(
        &self,
        tx: &mut Tx,
        person: Id,
        client: &Registered,
    ) -> Result<(), Problem> {
        let id = self.store().world().id();
        let plain = json!({ "name": client.name, "organisation": client.organisation }).to_string();
        let sealed = self.store().vault().seal(tx, person, CLASS, &context(id), plain.as_bytes()).await?;
        let insert =
            sql!("insert into identity_openid_history (id, person, at, sealed) values ($1, $2, $3, $4)");
        tx.execute(insert, &params![id, person, self.now(), sealed]).await?;
        Ok(())
    }

    /// The citizen's sign-ins of the last 90 days, newest first; `before` is the time of the last one of the page before.
    ///
    /// # Errors
    /// `identity-unknown`; the store's.
    pub async fn history(&self, citizen: Id, before: Option<Timestamp>) -> Result<Vec<SignIn>, Problem> {
        let provider = self.clone();
        self.store()
            .read(move |tx| {
                let provider = provider.clone();
                Box::pin(async move {
                    let person =
                        tokens::holder(tx, tokens::OFFICE, citizen).await?.ok_or_else(problems::unknown)?;
                    let since = provider.now().plus_seconds(-KEEP_SECONDS);
                    let before = before.unwrap_or(Timestamp(i64::MAX));
                    let select = sql!(
                        "select id, at, sealed from identity_openid_history \
                         where person = $1 and at > $2 and at < $3 order by at desc, id desc limit $4"
                    );
                    let mut list = Vec::new();
                    for row in tx.query(select, &params![person, since, before, PAGE]).await? {
                        let (id, sealed): (Id, &[u8]) = (row.get(0)?, row.get(2)?);
                        let plain =
                            provider.store().vault().open(tx, person, CLASS, &context(id), sealed).await?;
                        let said: Value = serde_json::from_slice(&plain).map_err(Problem::internal)?;
                        let text = |name: &str| said[name].as_str().unwrap_or_default().to_string();
                        let at = row.get(1)?;
                        list.push(SignIn { at, name: text("name"), organisation: text("organisation") });
                    }
                    Ok(list)
                })
            })
            .await
    }

    /// Everything this room holds about a citizen, as JSON: consents, sign-ins, the lock.
    ///
    /// # Errors
    /// `identity-unknown`; the store's.
    pub async fn my_data(&self, citizen: Id) -> Result<Value, Problem> {
        let (mut signins, mut before) = (Vec::new(), None);
        loop {
            let page = self.history(citizen, before).await?;
            let Some(last) = page.last() else { break };
            before = Some(last.at);
            signins.extend(page.iter().map(|one| {
                json!({ "at": one.at.to_rfc3339(), "service": one.name, "organisation": one.organisation })
            }));
        }
        let grants = self.grants(citizen).await?;
        let grants = grants.iter().map(|grant| {
            json!({ "service": grant.client.name, "since": grant.since.to_rfc3339(), "items": grant.items.to_text() })
        });
        Ok(json!({
            "consents": grants.collect::<Vec<_>>(), "sign_ins": signins, "locked": self.locked(citizen).await?,
        }))
    }

    /// Whether the citizen has locked signing in to services.
    ///
    /// # Errors
    /// `identity-unknown`; the store's.
    pub async fn locked(&self, citizen: Id) -> Result<bool, Problem> {
        self.store()
            .read(move |tx| {
                Box::pin(async move {
                    let person =
                        tokens::holder(tx, tokens::OFFICE, citizen).await?.ok_or_else(problems::unknown)?;
                    is_locked(tx, person).await
                })
            })
            .await
    }

    /// Locks or unlocks signing in to services. While it is locked no service gets a token or reads anything; consents stay.
    /// Whoever unlocks has just given a one-time code: the caller asks for it.
    ///
    /// # Errors
    /// `identity-unknown`; the store's.
    pub async fn set_locked(&self, citizen: Id, locked: bool) -> Result<(), Problem> {
        let provider = self.clone();
        self.store()
            .write(move |tx| {
                let provider = provider.clone();
                Box::pin(async move {
                    let person =
                        tokens::holder(tx, tokens::OFFICE, citizen).await?.ok_or_else(problems::unknown)?;
                    if is_locked(tx, person).await? == locked {
                        return Ok(());
                    }
                    let kind = if locked {
                        lock(tx, person, provider.now()).await?;
                        "identity.services-locked"
                    } else {
                        let gone = sql!("delete from identity_openid_lock where person = $1 or person = $2");
                        let living = tokens::living(tx, person).await?;
                        tx.execute(gone, &params![person, living]).await?;
                        "identity.services-unlocked"
                    };
                    provider.citizen_act(tx, citizen, person, kind, json!({})).await?;
                    Ok(())
                })
            })
            .await
    }
}

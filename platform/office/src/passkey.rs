//! Passkeys (W3C Web Authentication): a way to sign in that cannot be given away to a false site, beside password and one-time
//! code. One that asks who its holder is counts as both factors. The rules of the standard are in `libs/webauthn`.

mod adding;
mod ceremony;
mod told;
mod using;

pub use adding::{Adding, Created};
pub use ceremony::{CEREMONY_SECONDS, Ceremony, MAX_A_MINUTE, Purpose};
pub use told::{NOTICE_JOB, Told};
pub use using::{Answer, Asked, Use};

use crate::office::{CLASS, Office, Proven};
use crate::{Principal, problems, text};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use daftar_kernel::{Actor, Id, Pace, Problem, Timestamp};
use daftar_record::Act;
use daftar_store::{Row, Tx, params, sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
pub use webauthn::ALGORITHMS;
use webauthn::{PublicKey, RelyingParty};

/// Passkeys of one account.
pub const PASSKEYS_MAX: i64 = 10;
/// Longest name somebody gives a passkey, in characters.
pub const NAME_MAX_CHARS: usize = 40;

/// The part of the office floor that is about passkeys.
#[derive(Default)]
pub(crate) struct Passkeys {
    site: RwLock<Option<Arc<RelyingParty>>>,
    pub(crate) pace: Mutex<Pace>,
}

/// A passkey, for its holder's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// To remove it with [`Office::remove_passkey`].
    pub id: Id,
    /// What its holder calls it.
    pub name: String,
    /// Whether it may live in several devices.
    pub copied: bool,
    /// When it was added.
    pub created: Timestamp,
    /// The last use.
    pub used: Option<Timestamp>,
    /// Since when it is blocked: its counter went back, so there may be a copy of it.
    pub blocked: Option<Timestamp>,
}

/// What is sealed of a passkey. With the key of it under a seal, nobody adds one by writing into the database.
#[derive(Serialize, Deserialize)]
pub(crate) struct Sealed {
    /// The credential's id, base64url.
    pub(crate) credential: String,
    /// The public key's COSE form, base64url.
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) eligible: bool,
}

impl Sealed {
    pub(crate) fn key(&self) -> Result<PublicKey, Problem> {
        let cose = URL_SAFE_NO_PAD.decode(&self.key).ok();
        let key = cose.as_deref().map(PublicKey::from_cose);
        key.and_then(Result::ok).ok_or_else(|| Problem::internal("a passkey of another form"))
    }
}

fn context(id: Id) -> Vec<u8> {
    [b"office_passkey.sealed/".as_slice(), id.as_bytes()].concat()
}

/// Whose credentials somebody may change: their own.
fn principal(by: &Actor) -> Result<Principal, Problem> {
    match by {
        Actor::Official(official) => Ok(Principal::Official(official.id)),
        Actor::Citizen(token) => Ok(Principal::Citizen(*token)),
        Actor::Public | Actor::System(_) => Err(problems::not_official()),
    }
}

impl Office {
    /// Turns passkeys on: they belong to the name under which people open this country. It comes from the settings, never from
    /// a request.
    ///
    /// # Errors
    /// `office-passkey-origin` for what is no origin with a name: `https` and a host, or `http://localhost`.
    pub fn set_passkey_origin(&self, origin: &str) -> Result<(), Problem> {
        let site =
            RelyingParty::of_origin(origin).ok_or_else(|| problems::passkey_origin().detail(origin))?;
        *self.passkey_floor().site.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(site));
        Ok(())
    }
    /// The name passkeys belong to; `None` when they are off.
    #[must_use]
    pub fn passkey_site(&self) -> Option<Arc<RelyingParty>> {
        self.passkey_floor().site.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    pub(crate) fn need_site(&self) -> Result<Arc<RelyingParty>, Problem> {
        self.passkey_site().ok_or_else(problems::passkey_off)
    }

    /// Somebody's passkeys, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn passkeys(&self, tx: &mut Tx, principal: Principal) -> Result<Vec<Passkey>, Problem> {
        let mut list = Vec::new();
        for (row, sealed) in self.sealed_passkeys(tx, principal.id()).await? {
            list.push(Passkey {
                id: row.get(0)?,
                name: sealed.name,
                copied: sealed.eligible,
                created: row.get(2)?,
                used: row.get(3)?,
                blocked: row.get(4)?,
            });
        }
        Ok(list)
    }

    pub(crate) async fn sealed_passkeys(
        &self,
        tx: &mut Tx,
        account: Id,
    ) -> Result<Vec<(Row, Sealed)>, Problem> {
        let rows = tx
            .query(
                sql!(
                    "select id, sealed, created, used, blocked from office_passkey where account = $1 \
                     order by created, id limit $2"
                ),
                &params![account, PASSKEYS_MAX],
            )
            .await?;
        let mut list = Vec::with_capacity(rows.len());
        for row in rows {
            let sealed = self.open_passkey(tx, account, row.get(0)?, row.get(1)?).await?;
            list.push((row, sealed));
        }
        Ok(list)
    }

    pub(crate) async fn open_passkey(
        &self,
        tx: &mut Tx,
        account: Id,
        id: Id,
        sealed: &[u8],
    ) -> Result<Sealed, Problem> {
        let plain = self.store().vault().open(tx, account, CLASS, &context(id), sealed).await?;
        serde_json::from_slice(&plain).map_err(Problem::internal)
    }

    pub(crate) async fn seal_passkey(
        &self,
        tx: &mut Tx,
        account: Id,
        id: Id,
        content: &Sealed,
    ) -> Result<Vec<u8>, Problem> {
        let plain = serde_json::to_vec(content).map_err(Problem::internal)?;
        Ok(self.store().vault().seal(tx, account, CLASS, &context(id), &plain).await?)
    }

    /// Takes one of one's own passkeys away; a citizen is told. Password and one-time code stay, so nobody is left without a way; with the last
    /// passkey that works, the wish to sign in with passkeys only goes too. An act of the record: `subject` is the token under
    /// which it knows a citizen.
    ///
    /// # Errors
    /// 404 for another's.
    pub async fn remove_passkey(
        &self,
        tx: &mut Tx,
        by: &Proven,
        subject: Option<Id>,
        id: Id,
    ) -> Result<(), Problem> {
        let account = principal(by.actor())?.id();
        let find = sql!("select sealed from office_passkey where id = $1 and account = $2");
        let row = tx.query_opt(find, &params![id, account]).await?.ok_or_else(Problem::not_found)?;
        let name = self.open_passkey(tx, account, id, row.get(0)?).await?.name;
        tx.execute(sql!("delete from office_passkey where id = $1"), &params![id]).await?;
        if !has_working(tx, account).await? {
            let lift = sql!("update office_passkey_user set only_since = null where account = $1");
            tx.execute(lift, &params![account]).await?;
        }
        let receipt = self.passkey_act(tx, by.actor(), subject, "office.passkey-removed", &name).await?;
        self.tell_of_passkey(tx, by.actor(), Told::Removed, receipt).await
    }

    /// Whether the account wishes to sign in with passkeys only, and can.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn passkeys_only(&self, tx: &mut Tx, principal: Principal) -> Result<bool, Problem> {
        self.only(tx, principal.id()).await
    }

    pub(crate) async fn only(&self, tx: &mut Tx, account: Id) -> Result<bool, Problem> {
        // Where no passkey can be used, the wish would lock its holder out.
        if self.passkey_site().is_none() {
            return Ok(false);
        }
        let find = sql!("select only_since from office_passkey_user where account = $1");
        let row = tx.query_opt(find, &params![account]).await?;
        let wished = row.map(|row| row.get::<Option<i64>>(0)).transpose()?.flatten().is_some();
        Ok(wished && has_working(tx, account).await?)
    }

    /// Refuses the password from now on, or takes it again. An act of the record.
    ///
    /// # Errors
    /// `office-passkey-none` without a passkey that works; `office-passkey-off`.
    pub async fn set_passkeys_only(
        &self,
        tx: &mut Tx,
        by: &Proven,
        subject: Option<Id>,
        only: bool,
    ) -> Result<(), Problem> {
        let account = principal(by.actor())?.id();
        if only {
            self.need_site()?;
            if !has_working(tx, account).await? {
                return Err(problems::passkey_none());
            }
        }
        let since = only.then(|| self.now());
        let set = sql!("update office_passkey_user set only_since = $2 where account = $1");
        tx.execute(set, &params![account, since]).await?;
        let kind = if only { "office.passkey-only" } else { "office.password-again" };
        self.passkey_act(tx, by.actor(), subject, kind, "").await.map(|_| ())
    }

    /// An act about somebody's own credentials. What a passkey is called stays in the private part.
    pub(crate) async fn passkey_act(
        &self,
        tx: &mut Tx,
        by: &Actor,
        subject: Option<Id>,
        kind: &'static str,
        name: &str,
    ) -> Result<Id, Problem> {
        let (agency, office) = match by {
            Actor::Official(official) => (official.agency.clone(), official.office.clone()),
            _ => (String::new(), String::new()),
        };
        let mut private = match by {
            Actor::Official(official) => json!({"official": official.id, "name": official.name}),
            _ => json!({}),
        };
        if !name.is_empty() {
            private["passkey"] = Value::from(name);
        }
        let (service, public) = (crate::SERVICE, json!({}));
        let act = Act { kind, service, agency, office, subject, public, private: Some(private) };
        Ok(self.record().act(tx, by, &act).await?)
    }
}

/// Whether an account has a passkey that is not blocked.
async fn has_working(tx: &mut Tx, account: Id) -> Result<bool, Problem> {
    let find = sql!("select id from office_passkey where account = $1 and blocked is null limit 1");
    Ok(tx.query_opt(find, &params![account]).await?.is_some())
}

/// Forgets all passkeys of an account, and its wish to use nothing else: its credentials are set anew, or it is erased. Gives how
/// many there were.
pub(crate) async fn forget_all(tx: &mut Tx, account: Id) -> Result<u64, Problem> {
    let gone = tx.execute(sql!("delete from office_passkey where account = $1"), &params![account]).await?;
    for delete in [
        sql!("delete from office_passkey_user where account = $1"),
        sql!("delete from office_passkey_challenge where account = $1"),
    ] {
        tx.execute(delete, &params![account]).await?;
    }
    Ok(gone)
}

/// What somebody calls a passkey.
fn clean_name(typed: &str) -> Result<String, Problem> {
    let name = text::clean_name(typed).filter(|name| name.chars().count() <= NAME_MAX_CHARS);
    name.ok_or_else(|| problems::in_field(problems::passkey_name_bad(), "name"))
}

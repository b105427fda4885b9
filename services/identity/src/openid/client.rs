//! Clients: services whose people sign in here. An official registers each, with a fresh one-time code; it is an act of the
//! record.

use super::{Provider, kept};
use crate::people::SERVICE;
use crate::{permission, problems};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use daftar_kernel::{Actor, Id, Problem, Timestamp, hex};
use daftar_office::Proven;
use daftar_office::roster::Label;
use daftar_record::Act;
use daftar_store::{Row, Sql, StoreError, Tx, params, sql};
use openid::jwk::Jwk;
use openid::{Client, Method, Refusal, Scopes, base64url};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Most clients that are registered at once.
pub const MAX_CLIENTS: i64 = 500;
/// Longest name of a service or organisation, in characters.
pub const MAX_NAME_CHARS: usize = 80;
/// Longest reason a service gives for asking, in characters and language.
pub const MAX_WHY_CHARS: usize = 300;
/// Longest key set, in bytes.
pub const MAX_KEYS_BYTES: usize = 10_000;

/// The answer to a client that cannot prove who it is, whatever the reason (RFC 6749 §5.2).
pub(super) const UNPROVEN: Refusal = Refusal::client("client authentication failed");

/// What an official registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewClient {
    /// What the service is called: people read it when they sign in.
    pub name: String,
    /// Who runs it, by its legal name.
    pub organisation: String,
    /// Code of the agency that answers for it; empty when none does.
    pub agency: String,
    /// Why it asks, in the country's languages.
    pub why: Label,
    /// How it proves who it is.
    pub method: Method,
    /// Whether it runs on the person's own machine.
    pub native: bool,
    /// Whether it may keep access while the person is away.
    pub refresh: bool,
    /// Whether it may have tokens of its own.
    pub own_tokens: bool,
    /// What it may ask for.
    pub scopes: Scopes,
    /// Where people are sent back to.
    pub redirect_uris: Vec<String>,
    /// Where people are sent after signing out.
    pub logout_uris: Vec<String>,
    /// Its public keys as a JSON key set; empty unless it proves itself with one.
    pub keys: String,
}

/// Most clients that a process keeps in memory: those withdrawn meanwhile are among them.
const MAX_KNOWN: usize = 1000;

/// Clients as this process read them last.
#[derive(Default)]
pub(super) struct Known(RwLock<HashMap<String, Arc<Registered>>>);

/// A client that was just registered. The secret is shown now and never again.
#[derive(Clone, PartialEq, Eq)]
pub struct Made {
    /// `client_id`.
    pub id: String,
    /// `client_secret`, when it has one.
    pub secret: Option<String>,
    /// Receipt of the act.
    pub receipt: Id,
}

impl std::fmt::Debug for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Made({})", self.id)
    }
}

/// A registered client.
#[derive(Clone, PartialEq, Eq)]
pub struct Registered {
    /// What the standards ask of it.
    pub client: Client,
    /// What the service is called.
    pub name: String,
    /// Who runs it.
    pub organisation: String,
    /// Code of the agency that answers for it.
    pub agency: String,
    /// Why it asks.
    pub why: Label,
    /// Whose people's tokens it shares.
    pub sector: String,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    secret: Option<[u8; 32]>,
}

impl std::fmt::Debug for Registered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Registered({})", self.client.id)
    }
}

impl Registered {
    /// Whether this is its secret. Compared without leaking where it differs.
    #[must_use]
    pub fn is_secret(&self, sent: &str) -> bool {
        self.secret.is_some_and(|right| verify_slices_are_equal(&right, &kept(sent)).is_ok())
    }
    /// The name under which its people's tokens lie in `identity_token`.
    pub(crate) fn token_service(&self) -> String {
        token_service(&self.sector)
    }
}

/// The name under which a sector's people's tokens lie in `identity_token`.
pub(crate) fn token_service(sector: &str) -> String {
    format!("rp:{sector}")
}

fn text_fault(text: &str, max_chars: usize) -> bool {
    text.trim().is_empty() || text.chars().count() > max_chars || text.chars().any(char::is_control)
}

/// The client as it would be, and the keys; every fault by the form's field.
fn check(new: &NewClient, id: &str, agency_known: bool) -> Result<Client, Problem> {
    let keys = match new.keys.trim() {
        "" => Some(Vec::new()),
        text if text.len() > MAX_KEYS_BYTES => None,
        text => serde_json::from_str::<Value>(text).ok().and_then(|set| Jwk::parse_set(&set)),
    };
    let mut problem = problems::openid_client();
    if keys.is_none() {
        problem = problem.field("keys", "identity-openid-fault-keys");
    }
    if text_fault(&new.name, MAX_NAME_CHARS) {
        problem = problem.field("name", "identity-openid-fault-name");
    }
    if text_fault(&new.organisation, MAX_NAME_CHARS) {
        problem = problem.field("organisation", "identity-openid-fault-name");
    }
    let Label(why) = &new.why;
    if why.is_empty() || why.values().any(|text| text_fault(text, MAX_WHY_CHARS)) {
        problem = problem.field("why", "identity-openid-fault-why");
    }
    if !agency_known {
        problem = problem.field("agency", "identity-openid-fault-agency");
    }
    let client = Client {
        id: id.into(),
        method: new.method,
        native: new.native,
        redirect_uris: new.redirect_uris.clone(),
        logout_uris: new.logout_uris.clone(),
        scopes: new.scopes.clone(),
        refresh: new.refresh,
        own_tokens: new.own_tokens,
        keys: keys.unwrap_or_default(),
    };
    match client.check() {
        Err("redirect_uris") => problem = problem.field("redirect_uris", "identity-openid-fault-redirect"),
        Err("logout_uris") => problem = problem.field("logout_uris", "identity-openid-fault-redirect"),
        // A key set that does not read is said above.
        Err("keys") if !problem.fields.iter().any(|fault| fault.field == "keys") => {
            problem = problem.field("keys", "identity-openid-fault-keys");
        }
        Err("method") => problem = problem.field("method", "identity-openid-fault-method"),
        _ => {}
    }
    if problem.fields.is_empty() { Ok(client) } else { Err(problem) }
}

impl Provider {
    /// Registers a client.
    ///
    /// # Errors
    /// 403 without the permission; `identity-openid-client` with its fields; `identity-openid-clients-many`; the store's.
    pub async fn register_client(&self, by: &Proven, new: &NewClient) -> Result<Made, Problem> {
        self.people.office.need(by.actor(), permission::CLIENT)?;
        let world = self.store().world();
        let id = hex::encode(&world.bytes::<12>());
        let known = new.agency.is_empty() || self.people.office.roster().agency(&new.agency).is_some();
        let client = check(new, &id, known)?;
        let sector = client.sector().ok_or_else(problems::openid_client)?;
        let secret = (new.method == Method::Secret).then(|| base64url::encode(world.bytes::<32>()));
        let row = Registered {
            name: new.name.trim().into(),
            organisation: new.organisation.trim().into(),
            agency: new.agency.clone(),
            why: new.why.clone(),
            secret: secret.as_deref().map(kept),
            registered_at: world.now(),
            withdrawn_at: None,
            sector,
            client,
        };
        let (provider, actor) = (self.clone(), by.actor().clone());
        let write = self.store().write(move |tx| {
            let (provider, actor, row) = (provider.clone(), actor.clone(), row.clone());
            Box::pin(async move { provider.insert_client(tx, &actor, &row).await })
        });
        Ok(Made { receipt: write.await?, id, secret })
    }

    async fn insert_client(&self, tx: &mut Tx, actor: &Actor, row: &Registered) -> Result<Id, Problem> {
        let count = sql!("select count(*) from identity_openid_client where withdrawn_at is null");
        if tx.query_one(count, &[]).await?.get::<i64>(0)? >= MAX_CLIENTS {
            return Err(problems::openid_clients_many());
        }
        // Which services people can sign in to is public: nothing of a person is in it.
        let public = json!({
            "client": row.client.id, "name": row.name, "organisation": row.organisation,
            "sector": row.sector, "scopes": row.client.scopes.to_string(),
        });
        let receipt = self.client_act(tx, actor, "identity.client-registered", public).await?;
        let why = serde_json::to_string(&row.why).map_err(Problem::internal)?;
        let insert = sql!(
            "insert into identity_openid_client (id, name, organisation, agency, why, sector, method, secret, keys, \
             native, refresh, own_tokens, scopes, redirect_uris, logout_uris, registered_at, receipt, withdrawn_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, null)"
        );
        let c = &row.client;
        let flag = i64::from;
        let secret = row.secret.map(|hash| hash.to_vec());
        tx.execute(
            insert,
            &params![
                &c.id,
                &row.name,
                &row.organisation,
                &row.agency,
                why,
                &row.sector,
                c.method.word(),
                secret,
                Jwk::set(&c.keys).to_string(),
                flag(c.native),
                flag(c.refresh),
                flag(c.own_tokens),
                c.scopes.to_string(),
                c.redirect_uris.join("\n"),
                c.logout_uris.join("\n"),
                row.registered_at,
                receipt
            ],
        )
        .await?;
        Ok(receipt)
    }

    /// Withdraws a client: nobody signs in to it any more, its consents and tokens are gone.
    ///
    /// # Errors
    /// 403 without the permission; 404 when there is none; the store's.
    pub async fn withdraw_client(&self, by: &Proven, id: &str) -> Result<Id, Problem> {
        self.people.office.need(by.actor(), permission::CLIENT)?;
        let (provider, actor, id) = (self.clone(), by.actor().clone(), id.to_string());
        self.store()
            .write(move |tx| {
                let (provider, actor, id) = (provider.clone(), actor.clone(), id.clone());
                Box::pin(async move {
                    let now = provider.now();
                    let end = sql!(
                        "update identity_openid_client set withdrawn_at = $2 where id = $1 and withdrawn_at is null"
                    );
                    if tx.execute(end, &params![&id, now]).await? == 0 {
                        return Err(Problem::not_found());
                    }
                    for statement in [
                        sql!("delete from identity_openid_token where client = $1"),
                        sql!("delete from identity_openid_signin where client = $1"),
                        sql!("delete from identity_openid_authorization where client = $1"),
                        sql!("delete from identity_openid_grant where client = $1"),
                        sql!("delete from identity_verify_partner where client = $1"),
                        sql!("delete from identity_verify_count where client = $1"),
                        sql!("delete from identity_verify_consent where client = $1"),
                    ] {
                        tx.execute(statement, &params![&id]).await?;
                    }
                    let public = json!({ "client": id });
                    Ok(provider.client_act(tx, &actor, "identity.client-withdrawn", public).await?)
                })
            })
            .await
    }

    pub(crate) async fn client_act(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        kind: &'static str,
        public: Value,
    ) -> Result<Id, StoreError> {
        let desk = crate::Desk::of(actor);
        let (agency, office) = (desk.agency, desk.office);
        let act = Act { kind, service: SERVICE, agency, office, subject: None, public, private: None };
        self.people.record.act(tx, actor, &act).await
    }

    /// A client as this process read it last. Only for who asks [`still_stands`] in the transaction that answers: what
    /// changed since is found there.
    pub(super) async fn known_client(&self, id: &str) -> Result<Option<Arc<Registered>>, Problem> {
        let known = self.shared.clients.0.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if known.is_some() { Ok(known) } else { self.read_client(id).await }
    }

    /// Reads a client anew, and knows it from then on.
    pub(super) async fn read_client(&self, id: &str) -> Result<Option<Arc<Registered>>, Problem> {
        let found = self.client(id).await?.map(Arc::new);
        let mut clients = self.shared.clients.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = &found {
            if clients.len() >= MAX_KNOWN {
                clients.clear();
            }
            clients.insert(id.to_string(), Arc::clone(found));
        } else {
            clients.remove(id);
        }
        Ok(found)
    }

    /// A client that may be used. It is looked up by each request anew: one that was withdrawn, or may do less, is so at once.
    ///
    /// # Errors
    /// The store's.
    pub async fn client(&self, id: &str) -> Result<Option<Registered>, Problem> {
        if !may_be_id(id) {
            return Ok(None);
        }
        self.store().look_up(ONE, params![id].to_vec()).await?.first().map(read).transpose()
    }

    /// All clients that are registered, by name.
    ///
    /// # Errors
    /// The store's.
    pub async fn clients(&self) -> Result<Vec<Registered>, Problem> {
        self.store()
            .read(|tx| {
                Box::pin(async move {
                    let all = sql!(
                        "select id, name, organisation, agency, why, sector, method, secret, keys, native, refresh, own_tokens, \
                         scopes, redirect_uris, logout_uris, registered_at, withdrawn_at from identity_openid_client \
                         where withdrawn_at is null order by name, id limit $1"
                    );
                    tx.query(all, &params![MAX_CLIENTS]).await?.iter().map(read).collect()
                })
            })
            .await
    }
}

const ONE: Sql = sql!(
    "select id, name, organisation, agency, why, sector, method, secret, keys, native, refresh, own_tokens, scopes, \
     redirect_uris, logout_uris, registered_at, withdrawn_at from identity_openid_client \
     where id = $1 and withdrawn_at is null"
);

/// What no client of ours is called must not reach the database: NUL, or a megabyte.
fn may_be_id(id: &str) -> bool {
    id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// A client that may be used.
pub(crate) async fn find(tx: &mut Tx, id: &str) -> Result<Option<Registered>, Problem> {
    if !may_be_id(id) {
        return Ok(None);
    }
    tx.query_opt(ONE, &params![id]).await?.map(|row| read(&row)).transpose()
}

/// Whether a client that has proven who it is was neither withdrawn nor changed since it was read. Nothing but its scopes and
/// its tokens of its own can change (`verify::partner`).
pub(super) async fn still_stands(tx: &mut Tx, client: &Registered) -> Result<bool, Problem> {
    let one =
        sql!("select scopes, own_tokens from identity_openid_client where id = $1 and withdrawn_at is null");
    let Client { id, scopes, own_tokens, .. } = &client.client;
    let Some(row) = tx.query_opt(one, &params![id]).await? else { return Ok(false) };
    Ok(row.get::<bool>(1)? == *own_tokens && Scopes::parse(row.get(0)?) == *scopes)
}

fn read(row: &Row) -> Result<Registered, Problem> {
    let lines = |text: &str| text.lines().map(str::to_string).collect::<Vec<_>>();
    let torn = |what: &str| Problem::internal(format!("a client's {what} does not read"));
    let keys: Value = serde_json::from_str(row.get(8)?).map_err(|_| torn("key set"))?;
    let client = Client {
        id: row.get(0)?,
        method: Method::from_word(row.get(6)?).ok_or_else(|| torn("method"))?,
        native: row.get(9)?,
        refresh: row.get(10)?,
        own_tokens: row.get(11)?,
        scopes: Scopes::parse(row.get(12)?),
        redirect_uris: lines(row.get(13)?),
        logout_uris: lines(row.get(14)?),
        keys: Jwk::parse_set(&keys).unwrap_or_default(),
    };
    Ok(Registered {
        client,
        name: row.get(1)?,
        organisation: row.get(2)?,
        agency: row.get(3)?,
        why: serde_json::from_str(row.get(4)?).map_err(|_| torn("reason"))?,
        sector: row.get(5)?,
        secret: row.get(7)?,
        registered_at: row.get(15)?,
        withdrawn_at: row.get(16)?,
    })
}

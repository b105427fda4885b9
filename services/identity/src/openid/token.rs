//! Codes, access tokens and refresh tokens: given, rotated, revoked, asked about.
//!
//! A sign-in (`identity_openid_signin`) is the family of everything given for it. Whoever brings a code or a refresh token a
//! second time ends the family: one of the two who held it is a thief (RFC 6749 §4.1.2, RFC 9700 §4.14.2). A transaction that ends
//! a family commits although the answer is a refusal, so refusals are values here.

use super::client::{self, Registered};
use super::decide::{acr, amr};
use super::grant::{CODE_SECONDS, is_locked, items_of};
use super::release::Released;
use super::{Provider, kept};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_office::session::Way;
use daftar_store::{Row, Tx, params, sql};
use openid::access_token::AccessToken;
use openid::claims::ClaimsRequest;
use openid::client_auth::Used;
use openid::id_token::IdToken;
use openid::pkce::Challenge;
use openid::token::{Ask, Issued};
use openid::{ErrorCode, Refusal, Scope, Scopes, base64url};
use serde_json::{Value, json};
use std::sync::Arc;

/// How long an access token is valid, in seconds.
pub const ACCESS_SECONDS: i64 = 600;
/// How long an ID token is to be believed, in seconds.
pub const ID_TOKEN_SECONDS: i64 = 600;

/// A refusal that is an answer, not a failure of ours.
pub type Answer<T> = Result<Result<T, Refusal>, Problem>;

const CODE: Refusal = Refusal::grant("the code is not valid");
const REFRESH: Refusal = Refusal::grant("the refresh token is not valid");

/// The family of everything given for one sign-in.
pub(super) struct SignIn {
    pub(super) id: Id,
    pub(super) person: Id,
    pub(super) client: String,
    pub(super) claims: ClaimsRequest,
    pub(super) sub: Id,
    scopes: Scopes,
    nonce: Option<String>,
    auth_time: Timestamp,
    way: Way,
    code_used: bool,
    created: Timestamp,
    expires: Timestamp,
    redirect_uri: String,
    challenge: String,
}

/// What a transaction gave, before it is signed.
struct Given {
    scopes: Scopes,
    jti: Id,
    refresh: Option<String>,
    /// None for a client's own token.
    id: Option<(SignIn, Option<Released>)>,
}

impl Provider {
    /// Answers the token endpoint for a client that has proven who it is; none when the client changed since it was read, and
    /// must be read anew.
    ///
    /// # Errors
    /// `identity-openid-off`; the store's. Refusals are values.
    pub async fn answer(&self, client: Arc<Registered>, ask: Ask) -> Answer<Option<Issued>> {
        let (provider, ask) = (self.clone(), Arc::new(ask));
        let row = Arc::clone(&client);
        let given = self.store().write(move |tx| {
            let (provider, row, ask) = (provider.clone(), Arc::clone(&row), Arc::clone(&ask));
            Box::pin(async move {
                let row = &*row;
                if !client::still_stands(tx, row).await? {
                    return Ok::<_, Problem>(Ok(None));
                }
                match &*ask {
                    Ask::Code { code, redirect_uri, verifier } => {
                        let given = provider.exchange(tx, row, code, redirect_uri, verifier).await?;
                        Ok(given.map(Some))
                    }
                    Ask::Refresh { token, scopes } => {
                        Ok(provider.refresh(tx, row, token, scopes.as_ref()).await?.map(Some))
                    }
                    Ask::Own { scopes } => {
                        let jti = provider.access(tx, None, row, scopes, "own").await?;
                        Ok(Ok(Some(Given { scopes: scopes.clone(), jti, refresh: None, id: None })))
                    }
                }
            })
        });
        match given.await? {
            Ok(Some(given)) => Ok(Ok(Some(self.sign(&client, given).await?))),
            Ok(None) => Ok(Ok(None)),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Signs what was given, after the commit: no key works in the writer's thread.
    async fn sign(&self, client: &Registered, given: Given) -> Result<Issued, Problem> {
        let (issuer, ring, iat) = (self.issuer()?, self.keys().await?, self.now().seconds());
        let failed = || Problem::internal("a token could not be signed");
        let sub = match &given.id {
            Some((signin, _)) => signin.sub.to_string(),
            None => client.client.id.clone(),
        };
        let access = AccessToken {
            iss: issuer.to_string(),
            sub: sub.clone(),
            client_id: client.client.id.clone(),
            iat,
            exp: iat + ACCESS_SECONDS,
            jti: given.jti.to_string(),
            scopes: given.scopes.clone(),
        };
        let access_token = access.sign(&ring.active).ok_or_else(failed)?;
        let id_token = match given.id {
            None => None,
            Some((signin, released)) => {
                let token = IdToken {
                    iss: issuer.to_string(),
                    sub,
                    aud: client.client.id.clone(),
                    iat,
                    exp: iat + ID_TOKEN_SECONDS,
                    auth_time: signin.auth_time.seconds(),
                    nonce: signin.nonce,
                    acr: acr(signin.way).into(),
                    amr: amr(signin.way),
                    access_token: Some(access_token.clone()),
                    further: released.map(|released| released.claims()).unwrap_or_default(),
                };
                Some(token.sign(&ring.active).ok_or_else(failed)?)
            }
        };
        let expires_in = ACCESS_SECONDS;
        Ok(Issued { access_token, expires_in, id_token, refresh_token: given.refresh, scopes: given.scopes })
    }

    async fn exchange(
        &self,
        tx: &mut Tx,
        client: &Registered,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
    ) -> Answer<Given> {
        let find = sql!(
            "select s.id, s.person, s.client, s.scopes, s.claims, s.nonce, s.auth_time, s.code_used, s.created, s.expires, \
             s.redirect_uri, s.challenge, t.token, s.way from identity_openid_signin s \
             join identity_openid_client c on c.id = s.client \
             join identity_token t on t.person = s.person and t.service = ('rp:' || c.sector) \
             where s.code = $1 and s.client = $2"
        );
        let Some(row) = tx.query_opt(find, &params![kept(code), &client.client.id]).await? else {
            return Ok(Err(CODE));
        };
        let signin = read(&row)?;
        if signin.code_used {
            end(tx, signin.id).await?;
            return Ok(Err(CODE));
        }
        // Whether it fits or not: a code is good for one try.
        let used = sql!("update identity_openid_signin set code_used = $2 where id = $1");
        tx.execute(used, &params![signin.id, self.now()]).await?;
        let fits = self.now() < signin.created.plus_seconds(CODE_SECONDS)
            && signin.redirect_uri == redirect_uri
            && Challenge::parse(&signin.challenge).is_some_and(|challenge| challenge.answers(verifier));
        if !fits || !self.stands(tx, signin.person, &signin.client).await? {
            return Ok(Err(CODE));
        }
        let names = signin.claims.id_token.keys().cloned().collect();
        let released = self.release_in(tx, &signin, client, names).await?;
        let scopes = signin.scopes.clone();
        let jti = self.access(tx, Some(&signin), client, &scopes, "access").await?;
        let away = client.client.refresh && scopes.has(Scope::OfflineAccess);
        let refresh = if away { Some(self.fresh_refresh(tx, &signin, &scopes).await?) } else { None };
        Ok(Ok(Given { scopes, jti, refresh, id: Some((signin, released)) }))
    }

    async fn refresh(
        &self,
        tx: &mut Tx,
        client: &Registered,
        token: &str,
        wanted: Option<&Scopes>,
    ) -> Answer<Given> {
        let find = sql!(
            "select s.id, s.person, s.client, s.scopes, s.claims, s.nonce, s.auth_time, s.code_used, s.created, s.expires, \
             s.redirect_uri, s.challenge, p.token, s.way, t.spent from identity_openid_token t \
             join identity_openid_signin s on s.id = t.signin \
             join identity_openid_client c on c.id = s.client \
             join identity_token p on p.person = s.person and p.service = ('rp:' || c.sector) \
             where t.name = $1 and t.kind = 'refresh' and t.client = $2"
        );
        let Some(row) = tx.query_opt(find, &params![kept(token), &client.client.id]).await? else {
            return Ok(Err(REFRESH));
        };
        let mut signin = read(&row)?;
        if row.get::<Option<i64>>(14)?.is_some() {
            end(tx, signin.id).await?;
            return Ok(Err(REFRESH));
        }
        if self.now() >= signin.expires || !self.stands(tx, signin.person, &signin.client).await? {
            return Ok(Err(REFRESH));
        }
        let scopes = match wanted {
            Some(wanted) if wanted.is_empty() || !wanted.within(&signin.scopes) => {
                return Ok(Err(Refusal::new(ErrorCode::InvalidScope, "more than was granted")));
            }
            Some(wanted) => wanted.clone(),
            None => signin.scopes.clone(),
        };
        let spend = sql!("update identity_openid_token set spent = $2 where name = $1");
        tx.execute(spend, &params![kept(token), self.now()]).await?;
        let jti = self.access(tx, Some(&signin), client, &scopes, "access").await?;
        // The refresh token keeps all that was granted (RFC 6749 §6).
        let refresh = Some(self.fresh_refresh(tx, &signin, &signin.scopes).await?);
        // The nonce belongs to the first ID token alone (OpenID Connect Core §12.2).
        signin.nonce = None;
        Ok(Ok(Given { scopes, jti, refresh, id: Some((signin, None)) }))
    }

    async fn access(
        &self,
        tx: &mut Tx,
        signin: Option<&SignIn>,
        client: &Registered,
        scopes: &Scopes,
        kind: &str,
    ) -> Result<Id, Problem> {
        let jti = self.store().world().id();
        let expires = self.now().plus_seconds(ACCESS_SECONDS);
        let name = jti.as_bytes().to_vec();
        self.put_token(tx, name, kind, signin.map(|s| s.id), &client.client.id, (scopes, expires)).await?;
        Ok(jti)
    }

    async fn fresh_refresh(&self, tx: &mut Tx, signin: &SignIn, scopes: &Scopes) -> Result<String, Problem> {
        let token = base64url::encode(self.store().world().bytes::<32>());
        let content = (scopes, signin.expires);
        self.put_token(tx, kept(&token).to_vec(), "refresh", Some(signin.id), &signin.client, content)
            .await?;
        Ok(token)
    }

    async fn put_token(
        &self,
        tx: &mut Tx,
        name: Vec<u8>,
        kind: &str,
        signin: Option<Id>,
        client: &str,
        (scopes, expires): (&Scopes, Timestamp),
    ) -> Result<(), Problem> {
        let insert = sql!(
            "insert into identity_openid_token (name, kind, signin, client, scopes, issued, expires, spent) \
             values ($1, $2, $3, $4, $5, $6, $7, null)"
        );
        let now = self.now();
        tx.execute(insert, &params![name, kind, signin, client, scopes.to_string(), now, expires]).await?;
        Ok(())
    }

    /// Notes that an assertion was used; false when it was before.
    ///
    /// # Errors
    /// The store's.
    pub async fn note_assertion(&self, client: &str, used: &Used) -> Result<bool, Problem> {
        let (client, jti) = (client.to_string(), kept(&used.jti));
        let expires = Timestamp::from_seconds(used.exp + openid::CLOCK_SKEW_SECONDS);
        self.store()
            .write(move |tx| {
                let client = client.clone();
                Box::pin(async move {
                    let insert = sql!(
                        "insert into identity_openid_assertion (client, jti, expires) values ($1, $2, $3) \
                         on conflict do nothing"
                    );
                    Ok(tx.execute(insert, &params![client, jti, expires]).await? == 1)
                })
            })
            .await
    }

    /// Revokes a token of this client (RFC 7009): a refresh token with its whole family, an access token alone. One that is
    /// unknown is as good as revoked.
    ///
    /// # Errors
    /// The store's. Another client's token is a refusal.
    pub async fn revoke(&self, client: &Registered, token: &str) -> Answer<()> {
        let name = self.name_of(token).await?;
        let mine = client.client.id.clone();
        self.store()
            .write(move |tx| {
                let (mine, name) = (mine.clone(), name.clone());
                Box::pin(async move {
                    let find = sql!("select client, kind, signin from identity_openid_token where name = $1");
                    let Some(row) = tx.query_opt(find, &params![&name]).await? else { return Ok(Ok(())) };
                    if row.get::<&str>(0)? != mine {
                        return Ok(Err(Refusal::grant("the token is another client's")));
                    }
                    match row.get::<Option<Id>>(2)? {
                        Some(signin) if row.get::<&str>(1)? == "refresh" => end(tx, signin).await?,
                        _ => {
                            let gone = sql!("delete from identity_openid_token where name = $1");
                            tx.execute(gone, &params![&name]).await?;
                        }
                    }
                    Ok(Ok(()))
                })
            })
            .await
    }

    /// Tells a client about a token of its own (RFC 7662 §2.2); nothing about any other.
    ///
    /// # Errors
    /// `identity-openid-off`; the store's.
    pub async fn introspect(&self, client: &Registered, token: &str) -> Result<Value, Problem> {
        let (issuer, name, now) = (self.issuer()?, self.name_of(token).await?, self.now());
        let (provider, mine) = (self.clone(), client.client.id.clone());
        self.store()
            .read(move |tx| {
                let (provider, mine, issuer) = (provider.clone(), mine.clone(), issuer.clone());
                let name = name.clone();
                Box::pin(async move {
                    let find = sql!(
                        "select t.kind, t.scopes, t.issued, t.expires, p.token, s.person from identity_openid_token t \
                         left join identity_openid_signin s on s.id = t.signin \
                         left join identity_openid_client c on c.id = s.client \
                         left join identity_token p on p.person = s.person and p.service = ('rp:' || c.sector) \
                         where t.name = $1 and t.client = $2 and t.expires > $3 and t.spent is null"
                    );
                    let Some(row) = tx.query_opt(find, &params![name, &mine, now]).await? else {
                        return Ok(openid::token::inactive());
                    };
                    let sub: Option<Id> = row.get(4)?;
                    if let Some(person) = row.get::<Option<Id>>(5)?
                        && !provider.stands(tx, person, &mine).await?
                    {
                        return Ok(openid::token::inactive());
                    }
                    let kind = if row.get::<&str>(0)? == "refresh" { "refresh_token" } else { "access_token" };
                    Ok(json!({
                        "active": true,
                        "token_type": if kind == "access_token" { "Bearer" } else { kind },
                        "scope": row.get::<&str>(1)?,
                        "client_id": mine,
                        "sub": sub.map_or_else(|| mine.clone(), |sub| sub.to_string()),
                        "iat": row.get::<Timestamp>(2)?.seconds(),
                        "exp": row.get::<Timestamp>(3)?.seconds(),
                        "iss": &*issuer,
                        "aud": &*issuer,
                    }))
                })
            })
            .await
    }

    /// Whether what was given still counts: the consent stands, the person has not locked this, and is believed alive.
    async fn stands(&self, tx: &mut Tx, person: Id, client: &str) -> Result<bool, Problem> {
        let consent = items_of(tx, person, client).await?.is_some();
        Ok(consent && !is_locked(tx, person).await? && self.is_alive(tx, person).await?)
    }

    /// The name a token's row lies under. One that does not verify as an access token may be a refresh token.
    async fn name_of(&self, token: &str) -> Result<Vec<u8>, Problem> {
        let (issuer, ring, now) = (self.issuer()?, self.keys().await?, self.now().seconds());
        let read = AccessToken::verify(token, &issuer, &ring.public, now);
        Ok(read.map_or_else(|_| kept(token).to_vec(), |read| access_name(&read.jti)))
    }

    /// The family of an access token that is alive.
    pub(super) async fn signin_of(&self, tx: &mut Tx, jti: &str) -> Result<Option<SignIn>, Problem> {
        let find = sql!(
            "select s.id, s.person, s.client, s.scopes, s.claims, s.nonce, s.auth_time, s.code_used, s.created, s.expires, \
             s.redirect_uri, s.challenge, p.token, s.way from identity_openid_token t \
             join identity_openid_signin s on s.id = t.signin \
             join identity_openid_client c on c.id = s.client \
             join identity_token p on p.person = s.person and p.service = ('rp:' || c.sector) \
             where t.name = $1 and t.kind = 'access' and t.expires > $2"
        );
        let Some(row) = tx.query_opt(find, &params![access_name(jti), self.now()]).await? else {
            return Ok(None);
        };
        let signin = read(&row)?;
        Ok(if self.stands(tx, signin.person, &signin.client).await? { Some(signin) } else { None })
    }
}

/// The name an access token's row lies under: its own `jti`, which opens nothing without the signature, and sorts by time, so
/// that rows given together lie together. Of a refresh token, which is the secret itself, only the hash is kept.
pub(crate) fn access_name(jti: &str) -> Vec<u8> {
    // What is not one of ours is the name of nothing.
    jti.parse::<Id>().map_or_else(|_| kept(jti).to_vec(), |id| id.as_bytes().to_vec())
}

fn read(row: &Row) -> Result<SignIn, Problem> {
    let claims = match row.get::<&str>(4)? {
        "" => ClaimsRequest::default(),
        text => ClaimsRequest::parse(text).map_err(Problem::internal)?,
    };
    Ok(SignIn {
        id: row.get(0)?,
        person: row.get(1)?,
        client: row.get(2)?,
        scopes: Scopes::parse(row.get(3)?),
        claims,
        nonce: row.get(5)?,
        auth_time: row.get(6)?,
        code_used: row.get::<Option<i64>>(7)?.is_some(),
        created: row.get(8)?,
        expires: row.get(9)?,
        redirect_uri: row.get(10)?,
        challenge: row.get(11)?,
        sub: row.get(12)?,
        way: Way::read(row.get(13)?),
    })
}

/// Ends a family: every token of it is dead. The row stays until it expires, so that its code is known as used.
async fn end(tx: &mut Tx, signin: Id) -> Result<(), Problem> {
    let gone = sql!("delete from identity_openid_token where signin = $1");
    tx.execute(gone, &params![signin]).await?;
    Ok(())
}

/// Everything of a person that this room holds goes with the person.
pub(crate) async fn erase(tx: &mut Tx, person: Id) -> Result<(), Problem> {
    for statement in [
        sql!(
            "delete from identity_openid_token where signin in (select id from identity_openid_signin where person = $1)"
        ),
        sql!("delete from identity_openid_signin where person = $1"),
        sql!("delete from identity_openid_grant where person = $1"),
        sql!("delete from identity_openid_history where person = $1"),
        sql!("delete from identity_openid_lock where person = $1"),
    ] {
        tx.execute(statement, &params![person]).await?;
    }
    Ok(())
}

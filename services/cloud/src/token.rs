//! Tokens of programs: of one official, for a day at most, and revoked at once. Only their hash is stored.

use crate::cloud::{Cloud, Who};
use crate::permission::{READ, USE};
use crate::problems;
use daftar_kernel::{Id, Official, Problem, Timestamp};
use daftar_office::account::State;
use daftar_office::token;
use daftar_store::{Row, Tx, params, sql};
use serde_json::json;

/// The longest a token holds, in seconds: a day.
pub const SECONDS_MAX: i64 = 86_400;
/// Most tokens of an official that hold at one time.
pub const TOKENS_MAX: usize = 20;
/// Longest name of a token, in characters.
pub const LABEL_CHARS: usize = 60;

/// A token, as its official sees it in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its identifier; no secret.
    pub id: Id,
    /// What its official calls it.
    pub label: String,
    /// Whether it may change things.
    pub may_change: bool,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// A new token, with what is told once and never again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The token.
    pub token: Token,
    /// The secret that a program sends.
    pub secret: String,
}

impl Cloud {
    /// Makes a token of the official who asks. Sent again, the same request is refused: the secret is told once.
    ///
    /// # Errors
    /// `cloud-entry`, `cloud-tokens-many`, `cloud-key-used`; 403 without the permission to read, or to change for a token that
    /// may; the store's.
    pub async fn make_token(
        &self,
        who: &Who,
        (label, may_change): (&str, bool),
        seconds: i64,
        key: &str,
    ) -> Result<Made, Problem> {
        self.office().need(&who.actor(), if may_change { USE } else { READ })?;
        let label = crate::project::clean_name(label).filter(|label| label.chars().count() <= LABEL_CHARS);
        let mut wrong: Option<Problem> = None;
        if label.is_none() {
            wrong = Some(problems::entry().field("label", "cloud-fault-label"));
        }
        if !(60..=SECONDS_MAX).contains(&seconds) {
            wrong = Some(wrong.unwrap_or_else(problems::entry).field("seconds", "cloud-fault-seconds"));
        }
        let Some(label) = label.filter(|_| wrong.is_none()) else {
            return Err(wrong.unwrap_or_else(problems::entry));
        };
        let (secret, hash) = token::fresh(self.store().world());
        let (id, made_at) = (self.store().world().id(), self.now());
        let token =
            Token { id, label: label.clone(), may_change, made_at, ends_at: made_at.plus_seconds(seconds) };
        let kept = self
            .once(who, ("token-made", key), &(&label, may_change, seconds), {
                let token = token.clone();
                move |tx, cloud, who| {
                    let token = token.clone();
                    Box::pin(async move {
                        cloud.keep_token(tx, &who, &token, hash).await?;
                        Ok(token.id)
                    })
                }
            })
            .await?;
        if kept == id { Ok(Made { token, secret }) } else { Err(problems::key_used()) }
    }

    async fn keep_token(&self, tx: &mut Tx, who: &Who, token: &Token, hash: [u8; 32]) -> Result<(), Problem> {
        if held(tx, who, self.now()).await?.len() >= TOKENS_MAX {
            return Err(problems::tokens_many());
        }
        let text = sql!(
            "insert into cloud_token (agency_id, id, secret, official, name, office, role, label, may_change, made_at, \
             ends_at, revoked_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)"
        );
        let Official { id, name, agency, office, role } = &who.official;
        let params = params![
            agency,
            token.id,
            hash,
            *id,
            name,
            office,
            role,
            &token.label,
            i64::from(token.may_change),
            token.made_at,
            token.ends_at
        ];
        tx.execute(text, &params).await?;
        let public = json!({"may_change": token.may_change, "ends": token.ends_at.to_rfc3339()});
        self.act(tx, who, "cloud.token-made", public, json!({"token": token.id, "label": token.label}))
            .await?;
        Ok(())
    }

    /// The official's tokens that hold, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn tokens(&self, who: &Who) -> Result<Vec<Token>, Problem> {
        self.read(who, |tx, cloud, who| Box::pin(async move { held(tx, &who, cloud.now()).await })).await
    }

    /// Revokes a token of the official's own: the next request with it is refused.
    ///
    /// # Errors
    /// 404 for one that is not theirs, or holds no more; `cloud-key-used`; the store's.
    pub async fn revoke_token(&self, who: &Who, id: Id, key: &str) -> Result<Id, Problem> {
        self.once(who, ("token-revoked", key), &id, move |tx, cloud, who| {
            Box::pin(async move {
                let now = cloud.now();
                let text = sql!(
                    "update cloud_token set revoked_at = $4 where agency_id = $1 and id = $2 and official = $3 \
                     and revoked_at = 0 and ends_at > $4"
                );
                if tx.execute(text, &params![who.agency(), id, who.official.id, now]).await? == 0 {
                    return Err(Problem::not_found());
                }
                cloud.act(tx, &who, "cloud.token-revoked", json!({}), json!({"token": id})).await
            })
        })
        .await
    }

    /// Whose program sends this `Authorization`. The official must still work in the office and role the token was made in.
    ///
    /// # Errors
    /// `cloud-off`; `cloud-token` (401) when it is none of ours, over, revoked, or its official is gone; the store's.
    pub async fn bearer(&self, authorization: &str) -> Result<Who, Problem> {
        self.engine()?;
        let sent = authorization.strip_prefix("Bearer ").and_then(token::stored);
        let hash = sent.ok_or_else(problems::token)?;
        let (cloud, now) = (self.clone(), self.now());
        self.store()
            .read(move |tx| {
                let cloud = cloud.clone();
                Box::pin(async move { cloud.bearer_in(tx, hash, now).await })
            })
            .await
    }

    async fn bearer_in(&self, tx: &mut Tx, hash: [u8; 32], now: Timestamp) -> Result<Who, Problem> {
        let text = sql!(
            "select official, name, agency_id, office, role, may_change from cloud_token \
             where secret = $1 and revoked_at = 0 and ends_at > $2"
        );
        let row = tx.query_opt(text, &params![hash, now]).await?.ok_or_else(problems::token)?;
        let official = Official {
            id: row.get(0)?,
            name: row.get(1)?,
            agency: row.get(2)?,
            office: row.get(3)?,
            role: row.get(4)?,
        };
        let account = self.office().official(tx, official.id).await?;
        let works = self.office().assignments_of(tx, official.id).await?;
        let still = works.iter().any(|one| {
            (&one.agency, &one.office, &one.role) == (&official.agency, &official.office, &official.role)
        });
        let roster = self.office().roster();
        if account.state == State::Suspended || !still || !roster.allows(&official.role, READ) {
            return Err(problems::token());
        }
        let may_change = row.get::<i64>(5)? != 0 && roster.allows(&official.role, USE);
        Ok(Who { official, may_change })
    }

    /// Forgets tokens that ended more than a day ago; answers how many.
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep_tokens(&self) -> Result<u64, Problem> {
        let before = self.now().plus_seconds(-SECONDS_MAX);
        self.store()
            .write(move |tx| {
                Box::pin(async move {
                    let text = sql!("delete from cloud_token where ends_at < $1");
                    Ok(tx.execute(text, &params![before]).await?)
                })
            })
            .await
    }
}

async fn held(tx: &mut Tx, who: &Who, now: Timestamp) -> Result<Vec<Token>, Problem> {
    let text = sql!(
        "select id, label, may_change, made_at, ends_at from cloud_token \
         where agency_id = $1 and official = $2 and revoked_at = 0 and ends_at > $3 order by id desc"
    );
    let read = |row: &Row| {
        Ok(Token {
            id: row.get(0)?,
            label: row.get(1)?,
            may_change: row.get::<i64>(2)? != 0,
            made_at: row.get(3)?,
            ends_at: row.get(4)?,
        })
    };
    tx.query(text, &params![who.agency(), who.official.id, now]).await?.iter().map(read).collect()
}

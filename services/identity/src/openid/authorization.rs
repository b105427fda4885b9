//! Sign-ins under way: what a client asked, kept here while the person signs in and reads. Bound to the browser that came with
//! it, so that nobody can be led into a sign-in somebody else began (RFC 9700 §4.7).

use super::client::{self, Registered};
use super::{Provider, kept};
use crate::problems;
use daftar_http::decode;
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{params, sql};
use openid::Params;
use openid::authorize::{Request, target};
use openid::params::form_encode;
use std::sync::PoisonError;

/// How long a person may take, in seconds.
pub const TAKES_SECONDS: i64 = 600;

/// Most sign-ins that begin on one node in a minute: anybody can begin one, and each is kept for ten minutes.
pub const MAX_A_MINUTE: u32 = 3000;

/// A sign-in under way.
#[derive(Clone, Debug)]
pub struct Underway {
    /// Its name in addresses; no secret.
    pub id: Id,
    /// The client.
    pub client: Registered,
    /// What it asked.
    pub request: Request,
    /// When it came.
    pub created: Timestamp,
}

impl Provider {
    /// Keeps a request that was found valid.
    ///
    /// # Errors
    /// 503 with a time to come back after [`MAX_A_MINUTE`]; the store's.
    pub async fn begin(&self, client: &str, sent: &[(String, String)], browser: &str) -> Result<Id, Problem> {
        let now = self.now();
        let paced = self.shared.pace.lock().unwrap_or_else(PoisonError::into_inner).take(MAX_A_MINUTE, now);
        paced.map_err(|wait| Problem::unavailable("busy").retry_after(wait))?;
        let id = crate::tokens::draw(self.store().world());
        let request = sent
            .iter()
            .map(|(n, v)| format!("{}={}", form_encode(n), form_encode(v)))
            .collect::<Vec<_>>()
            .join("&");
        let (client, browser) = (client.to_string(), kept(browser));
        self.store()
            .write(move |tx| {
                let (client, request) = (client.clone(), request.clone());
                Box::pin(async move {
                    let insert = sql!(
                        "insert into identity_openid_authorization (id, browser, client, request, created) \
                         values ($1, $2, $3, $4, $5)"
                    );
                    tx.execute(insert, &params![id, browser, client, request, now]).await?;
                    Ok::<_, Problem>(id)
                })
            })
            .await
    }

    /// A sign-in under way in this browser. The client is looked at again: it may have been withdrawn or changed.
    ///
    /// # Errors
    /// `identity-openid-over` (404) when there is none, it is over, or it is another browser's.
    pub async fn underway(&self, id: Id, browser: &str) -> Result<Underway, Problem> {
        let (browser, since) = (kept(browser), self.now().plus_seconds(-TAKES_SECONDS));
        self.store()
            .read(move |tx| {
                Box::pin(async move {
                    let select = sql!(
                        "select client, request, created from identity_openid_authorization \
                         where id = $1 and browser = $2 and created > $3"
                    );
                    let row = tx.query_opt(select, &params![id, browser, since]).await?;
                    let row = row.ok_or_else(problems::openid_over)?;
                    let client = client::find(tx, row.get(0)?).await?.ok_or_else(problems::openid_over)?;
                    let sent = Params::new(decode::urlencoded(row.get::<&str>(1)?.as_bytes())?.0);
                    let again = target(&sent, Some(&client.client))
                        .and_then(|uri| Request::parse(&sent, &client.client, uri));
                    let request = again.map_err(|_| problems::openid_over())?;
                    Ok(Underway { id, client, request, created: row.get(2)? })
                })
            })
            .await
    }

    /// Forgets a sign-in: it was answered.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget(&self, id: Id) -> Result<(), Problem> {
        self.store()
            .write(move |tx| {
                Box::pin(async move {
                    let gone = sql!("delete from identity_openid_authorization where id = $1");
                    tx.execute(gone, &params![id]).await?;
                    Ok(())
                })
            })
            .await
    }
}

//! What programs ask: discovery, keys, tokens, userinfo. None of it takes a cookie; clients prove who they are, and tokens open
//! what they open.

use super::client::{Registered, UNPROVEN};
use super::{PATHS, Provider, RETRY_SECONDS};
use daftar_http::{Cx, Reply, Routes, decode};
use daftar_kernel::Problem;
use openid::client_auth::{Presented, Used};
use openid::jwk::Jwk;
use openid::token::Ask;
use openid::{ErrorCode, Method, Params, Refusal, bearer, metadata};
use serde_json::{Value, json};
use std::sync::Arc;

/// How long documents that change rarely may be kept, in seconds: shorter than a key is published before it signs.
const DOCUMENT_CACHE: &str = "public, max-age=3600";
/// The realm of challenges.
const REALM: &str = "Daftar";
const FORM: &str = "application/x-www-form-urlencoded";

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        routes.file("GET", path, |cx| async move { discovery(&cx) });
    }
    routes.file("GET", PATHS.jwks, keys);
    routes.file("POST", PATHS.token, |cx| async move { shed(cx, token).await });
    routes.file("POST", PATHS.revoke, |cx| async move { shed(cx, revoke).await });
    routes.file("POST", PATHS.introspect, |cx| async move { shed(cx, introspect).await });
    routes.file("GET", PATHS.userinfo, |cx| async move { shed(cx, userinfo).await });
    routes.file("POST", PATHS.userinfo, |cx| async move { shed(cx, userinfo).await });
    for path in [PATHS.token, PATHS.userinfo] {
        routes.file("OPTIONS", path, |_| async move { Ok(preflight()) });
    }
}

/// Why a request was not served.
enum Fail {
    Refused(Refusal),
    Problem(Problem),
}
impl From<Refusal> for Fail {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
impl From<Problem> for Fail {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// Works on at most [`MAX_AT_ONCE`](super::MAX_AT_ONCE) such requests at once.
async fn shed<A>(cx: Cx, work: impl FnOnce(Cx, Arc<Provider>) -> A) -> Result<Reply, Problem>
where
    A: Future<Output = Result<Reply, Problem>>,
{
    let provider = cx.service::<Provider>()?;
    provider.issuer()?;
    let places = Arc::clone(&provider);
    let Ok(_place) = places.places().try_acquire() else {
        cx.site.told_to_come_back("openid");
        let busy = Refusal::new(ErrorCode::TemporarilyUnavailable, "too many requests at once");
        return Ok(refused(&busy)?.header("retry-after", RETRY_SECONDS.to_string()));
    };
    work(cx, provider).await
}

fn discovery(cx: &Cx) -> Result<Reply, Problem> {
    let issuer = cx.service::<Provider>()?.issuer()?;
    let languages: Vec<String> =
        cx.site.live().pages.languages.iter().map(|(lang, _)| lang.tag().to_string()).collect();
    document(&metadata::document(&issuer, &PATHS, &languages))
}

async fn keys(cx: Cx) -> Result<Reply, Problem> {
    let provider = cx.service::<Provider>()?;
    provider.issuer()?;
    document(&Jwk::set(&provider.keys().await?.public))
}

fn document(value: &Value) -> Result<Reply, Problem> {
    Ok(Reply::json(value)?.header("cache-control", DOCUMENT_CACHE).header("access-control-allow-origin", "*"))
}

/// A browser asks before it sends (Fetch §3.2.2): programs that run in pages are public clients.
fn preflight() -> Reply {
    Reply { status: 204, headers: Vec::new(), body: Vec::new() }
        .header("access-control-allow-origin", "*")
        .header("access-control-allow-methods", "GET, POST")
        .header("access-control-allow-headers", "authorization, content-type")
        .header("access-control-max-age", "3600")
}

/// The body's parameters.
fn params(cx: &Cx) -> Result<Params, Refusal> {
    let essence = cx.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence != FORM {
        return Err(Refusal::request("the body is not application/x-www-form-urlencoded"));
    }
    let fields = decode::urlencoded(&cx.body).map_err(|_| Refusal::request("the body does not decode"))?;
    Ok(Params::new(fields.0))
}

/// The client that asks, once it has proven who it is.
async fn client(cx: &Cx, provider: &Provider, params: &Params) -> Result<Registered, Fail> {
    let shown = Presented::read(&cx.authorization, params)?;
    let found = provider.client(shown.client_id()).await?.ok_or(UNPROVEN)?;
    let used = check(cx, provider, &shown, &found)?;
    note(provider, &found, used).await?;
    Ok(found)
}

/// Checks what a client showed against what is known of it.
fn check(cx: &Cx, provider: &Provider, shown: &Presented, found: &Registered) -> Result<Option<Used>, Fail> {
    let issuer = provider.issuer()?;
    let endpoint = format!("{issuer}{}", PATHS.token);
    let now = cx.now().seconds();
    let audiences = [&*issuer, endpoint.as_str()];
    Ok(shown.check(&found.client, |secret| found.is_secret(secret), &audiences, now)?)
}

/// Notes an assertion, which is good for one time.
async fn note(provider: &Provider, client: &Registered, used: Option<Used>) -> Result<(), Fail> {
    match used {
        Some(used) if !provider.note_assertion(&client.client.id, &used).await? => {
            Err(Refusal::client("the assertion was used before").into())
        }
        _ => Ok(()),
    }
}

/// An error as the body of an answer (RFC 6749 §5.2).
fn refused(refusal: &Refusal) -> Result<Reply, Problem> {
    let reply = Reply::json(&refusal.body())?.status(refusal.code.status());
    Ok(match refusal.code {
        ErrorCode::InvalidClient => reply.header("www-authenticate", format!("Basic realm=\"{REALM}\"")),
        _ => reply,
    })
}

fn settle(done: Result<Reply, Fail>) -> Result<Reply, Problem> {
    match done {
        Ok(reply) => Ok(reply),
        Err(Fail::Refused(refusal)) => refused(&refusal),
        Err(Fail::Problem(problem)) => Err(problem),
    }
}

async fn token(cx: Cx, provider: Arc<Provider>) -> Result<Reply, Problem> {
    let mut public = false;
    let done = async {
        let params = params(&cx)?;
        let shown = Presented::read(&cx.authorization, &params)?;
        let mut client = provider.known_client(shown.client_id()).await?.ok_or(UNPROVEN)?;
        public = client.client.method == Method::Public;
        let asks = |client: &Registered| {
            let used = check(&cx, &provider, &shown, client)?;
            Ok::<_, Fail>((used, Ask::parse(&params, &client.client)?))
        };
        let (used, mut ask) = match asks(&client) {
            Ok(asks) => asks,
            // It may be allowed more since this process read it.
            Err(_) => {
                client = provider.read_client(shown.client_id()).await?.ok_or(UNPROVEN)?;
                asks(&client)?
            }
        };
        note(&provider, &client, used).await?;
        let issued = loop {
            if let Some(issued) = provider.answer(Arc::clone(&client), ask).await?? {
                break issued;
            }
            // It was withdrawn, or may do other things now. What it proved still holds: its secret and keys never change.
            client = provider.read_client(shown.client_id()).await?.ok_or(UNPROVEN)?;
            ask = Ask::parse(&params, &client.client)?;
        };
        Ok::<_, Fail>(Reply::json(&issued.body())?.header("pragma", "no-cache"))
    };
    let reply = settle(done.await)?;
    Ok(if public { reply.header("access-control-allow-origin", "*") } else { reply })
}

async fn revoke(cx: Cx, provider: Arc<Provider>) -> Result<Reply, Problem> {
    let done = async {
        let params = params(&cx)?;
        let client = client(&cx, &provider, &params).await?;
        provider.revoke(&client, openid::token::named(&params)?).await??;
        Ok(Reply { status: 200, headers: Vec::new(), body: Vec::new() })
    };
    settle(done.await)
}

async fn introspect(cx: Cx, provider: Arc<Provider>) -> Result<Reply, Problem> {
    let done = async {
        let params = params(&cx)?;
        let client = client(&cx, &provider, &params).await?;
        if client.client.method == Method::Public {
            // Whoever only has a name could try tokens (RFC 7662 §2.1).
            return Err(Refusal::client("introspection needs a proof of who asks").into());
        }
        let about = provider.introspect(&client, openid::token::named(&params)?).await?;
        Ok(Reply::json(&about)?)
    };
    settle(done.await)
}

async fn userinfo(cx: Cx, provider: Arc<Provider>) -> Result<Reply, Problem> {
    let done = async {
        // A POST may carry the token in its body (RFC 6750 §2.2), or nothing at all beside the header.
        let body = if cx.body.is_empty() { Params::default() } else { params(&cx)? };
        let Some(token) = bearer::token(&cx.authorization, &body)? else { return Ok::<_, Fail>(None) };
        let released = provider.userinfo(&token).await??;
        let mut claims = released.claims();
        claims.insert("sub".into(), json!(released.sub));
        Ok(Some(Reply::json(&claims)?))
    };
    let reply = match done.await {
        Ok(Some(reply)) => reply,
        Ok(None) => {
            Reply::json(&json!({}))?.status(401).header("www-authenticate", bearer::challenge(REALM, None))
        }
        Err(Fail::Refused(refusal)) => Reply::json(&refusal.body())?
            .status(refusal.code.status())
            .header("www-authenticate", bearer::challenge(REALM, Some(&refusal))),
        Err(Fail::Problem(problem)) => return Err(problem),
    };
    Ok(reply
        .header("access-control-allow-origin", "*")
        .header("access-control-expose-headers", "www-authenticate"))
}

//! A clinic that lets people sign in with Daftar: a service like any other, which knows the country only by its address and
//! talks to it over HTTP. It has no session of the country's and reads none of its tables.

use anyhow::{Context, Result, bail, ensure};
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_identity::openid::Provider;
use daftar_identity::openid::client::NewClient;
use daftar_kernel::{Id, Lang, Problem, hex};
use daftar_office::Proven;
use daftar_office::roster::Label;
use daftar_ui::parts::{Link, SummaryRow};
use daftar_ui::{Block, Form, Html, Sheet, Tone};
use openid::jwk::Jwk;
use openid::params::form_encode;
use openid::{Method, Scopes, base64url, jws, pkce};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use ureq::Agent;

/// What the clinic is called.
pub const NAME: &str = "Clinic Marsa Nour";
/// Cookie of the clinic's own visit; it has nothing to do with the country's.
const COOKIE: &str = "daftar_clinic";
/// Most visits the clinic remembers; the oldest goes.
const MAX_VISITS: usize = 100;
/// Longest answer the clinic reads.
const ANSWER_BYTES: u64 = 100_000;
/// Longest time one answer may take.
const ANSWER_SECONDS: u64 = 10;
const BACK: &str = "/demo/clinic/back";

/// What the clinic knows of itself at the country.
#[derive(Clone, Serialize, Deserialize)]
struct Account {
    issuer: String,
    id: String,
    secret: String,
}

/// One visitor of the clinic.
#[derive(Clone, Default)]
struct Visit {
    state: String,
    nonce: String,
    verifier: String,
    access_token: String,
    person: Option<Value>,
    /// Whether it could not read again.
    shut: bool,
}

/// The clinic.
pub struct Clinic {
    file: PathBuf,
    account: Mutex<Option<Account>>,
    visits: Mutex<BTreeMap<String, Visit>>,
    agent: Agent,
}

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/demo/clinic", Access::Public, |cx| async move { page(&cx) });
    routes.page("POST", "/demo/clinic/sign-in", Access::Public, sign_in);
    routes.page("GET", BACK, Access::Public, back);
    routes.page("POST", "/demo/clinic/read", Access::Public, read_again);
}

impl Clinic {
    /// The clinic of this country.
    #[must_use]
    pub fn open(data: &Path) -> Self {
        let config = Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(ANSWER_SECONDS)))
            .user_agent(NAME)
            .build();
        Self {
            file: data.join("clinic.json"),
            account: Mutex::new(None),
            visits: Mutex::new(BTreeMap::new()),
            agent: config.new_agent(),
        }
    }

    /// Has the clinic registered under the country's address. When the country moved, it is registered anew: its way back is
    /// part of what is registered.
    ///
    /// # Errors
    /// When the country refuses, or the file cannot be written.
    pub async fn settle(&self, provider: &Provider) -> Result<()> {
        let issuer = provider.issuer()?.to_string();
        let by = Proven::system("demo");
        let kept =
            std::fs::read(&self.file).ok().and_then(|text| serde_json::from_slice::<Account>(&text).ok());
        let account = match kept {
            Some(kept) if kept.issuer == issuer && provider.client(&kept.id).await?.is_some() => kept,
            kept => {
                if let Some(old) = kept
                    && provider.client(&old.id).await?.is_some()
                {
                    provider.withdraw_client(&by, &old.id).await?;
                }
                let made = provider.register_client(&by, &registration(&issuer)).await?;
                Account { issuer, id: made.id, secret: made.secret.context("a clinic without secret")? }
            }
        };
        super::keep_private(&self.file, &serde_json::to_vec_pretty(&account)?)?;
        *self.account.lock().unwrap_or_else(PoisonError::into_inner) = Some(account);
        Ok(())
    }

    /// Begins a sign-in in the browser of this name, for whoever walks the list of routes.
    ///
    /// # Errors
    /// When the clinic is not registered yet; the provider's.
    pub async fn begin(&self, provider: &Provider, browser: &str) -> Result<Id, Problem> {
        let account = self.account()?;
        let verifier = "0".repeat(43);
        let visit = Visit { state: "judge".into(), nonce: "judge".into(), verifier, ..Visit::default() };
        provider.begin(&account.id, &asking(&account, &visit), browser).await
    }

    fn account(&self) -> Result<Account, Problem> {
        let account = self.account.lock().unwrap_or_else(PoisonError::into_inner).clone();
        account.ok_or_else(|| Problem::unavailable("busy").retry_after(2))
    }
    fn visit(&self, name: &str) -> Option<Visit> {
        self.visits.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
    fn keep(&self, name: &str, visit: Visit) {
        let mut visits = self.visits.lock().unwrap_or_else(PoisonError::into_inner);
        if visits.len() >= MAX_VISITS && !visits.contains_key(name) {
            visits.pop_first();
        }
        visits.insert(name.into(), visit);
    }

    /// Asks the country, as any service does. Blocks.
    fn ask(&self, url: &str, authorization: Option<&str>, form: Option<&str>) -> Result<(u16, Value)> {
        let answer = match form {
            Some(form) => {
                let mut request = self.agent.post(url).content_type("application/x-www-form-urlencoded");
                if let Some(authorization) = authorization {
                    request = request.header("authorization", authorization);
                }
                request.send(form)
            }
            None => {
                let mut request = self.agent.get(url);
                if let Some(authorization) = authorization {
                    request = request.header("authorization", authorization);
                }
                request.call()
            }
        };
        let mut answer = answer.with_context(|| format!("asking {url}"))?;
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec()?;
        Ok((answer.status().as_u16(), serde_json::from_slice(&body)?))
    }

    /// Trades a code for what the country says of the person: discovery, token, keys, ID token, userinfo. Blocks.
    fn trade(&self, account: &Account, visit: &Visit, code: &str, now: i64) -> Result<(String, Value)> {
        let (_, about) =
            self.ask(&format!("{}/.well-known/openid-configuration", account.issuer), None, None)?;
        let place =
            |name: &str| about[name].as_str().map(str::to_string).context("discovery lacks an address");
        let redirect_uri = format!("{}{BACK}", account.issuer);
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", visit.verifier.as_str()),
            ("client_id", account.id.as_str()),
            ("client_secret", account.secret.as_str()),
        ];
        let form: Vec<String> = fields.iter().map(|(n, v)| format!("{n}={}", form_encode(v))).collect();
        let (status, tokens) = self.ask(&place("token_endpoint")?, None, Some(&form.join("&")))?;
        if status != 200 {
            bail!("the country gives no tokens: {tokens}");
        }
        let (_, keys) = self.ask(&place("jwks_uri")?, None, None)?;
        let keys = Jwk::parse_set(&keys).context("the country's keys do not read")?;
        let id_token = tokens["id_token"].as_str().context("no ID token")?;
        let claims = jws::verify(id_token, &["JWT"], &keys)?;
        ensure!(claims.get("iss").and_then(Value::as_str) == Some(&account.issuer), "another issuer");
        ensure!(claims.get("aud").and_then(Value::as_str) == Some(&account.id), "for another service");
        ensure!(claims.get("nonce").and_then(Value::as_str) == Some(&visit.nonce), "another sign-in");
        ensure!(claims.get("exp").and_then(Value::as_i64).is_some_and(|exp| exp > now), "too old");
        let access_token = tokens["access_token"].as_str().context("no access token")?.to_string();
        let (status, person) = self.read(&place("userinfo_endpoint")?, &access_token)?;
        ensure!(status == 200, "the country says nothing of the person: {person}");
        ensure!(person.get("sub") == claims.get("sub"), "somebody else");
        Ok((access_token, person))
    }

    fn read(&self, userinfo: &str, access_token: &str) -> Result<(u16, Value)> {
        self.ask(userinfo, Some(&format!("Bearer {access_token}")), None)
    }
}

fn registration(issuer: &str) -> NewClient {
    let why = [
        ("en", "To find your file, and to tell you apart from others of your name."),
        ("fr", "Pour retrouver votre dossier et vous distinguer de vos homonymes."),
        ("ar", "لإيجاد ملفك وتمييزك عمّن يحملون اسمك."),
    ];
    NewClient {
        name: NAME.into(),
        organisation: "Marsa Nour Hospital Trust".into(),
        agency: "health".into(),
        why: Label(
            why.into_iter().filter_map(|(tag, text)| Some((Lang::parse(tag)?, text.into()))).collect(),
        ),
        method: Method::Secret,
        native: false,
        refresh: false,
        own_tokens: false,
        scopes: Scopes::parse("openid profile phone"),
        redirect_uris: vec![format!("{issuer}{BACK}")],
        logout_uris: vec![format!("{issuer}/demo/clinic")],
        keys: String::new(),
    }
}

fn page(cx: &Cx) -> Result<Reply, Problem> {
    let clinic = cx.service::<Arc<Clinic>>()?;
    let mut f = cx.frame("app-demo-clinic");
    f.offer_sign_in = false;
    let t = f.t.clone();
    let mut sheet = Sheet::new(f)
        .back("/demo")
        .caption(NAME)
        .add(Block::Lead(t.get("app-demo-clinic-lead").into_owned()));
    let visit = cx.cookie(COOKIE).and_then(|name| clinic.visit(name));
    match visit.as_ref().and_then(|visit| visit.person.as_ref().map(|person| (visit, person))) {
        None => {
            let form = Form::post("/demo/clinic/sign-in", t.get("app-demo-clinic-sign-in"));
            sheet = sheet.add(Block::Form(form)).text(t.get("app-demo-clinic-how").into_owned());
        }
        Some((visit, person)) => {
            let row = |key: &str, name: &str| {
                let value = person[name].as_str().unwrap_or_default();
                SummaryRow::new(t.get(key), Html::isolated(value))
            };
            let rows = vec![
                row("app-demo-clinic-name", "name"),
                row("app-demo-clinic-born", "birthdate"),
                row("app-demo-clinic-phone", "phone_number"),
                row("app-demo-clinic-number", "sub"),
            ];
            let read = Form::post("/demo/clinic/read", t.get("app-demo-clinic-read")).kind("second");
            if visit.shut {
                let text = Html::text(t.get("app-demo-clinic-shut"));
                sheet = sheet.add(Block::Note(Tone::Warning, String::new(), text));
            }
            sheet = sheet
                .add(Block::Heading(t.get("app-demo-clinic-knows").into_owned()))
                .add(Block::Summary(rows))
                .add(Block::Form(read))
                .add(Block::Form(
                    Form::post("/demo/be/citizen", t.get("app-demo-be-citizen"))
                        .hidden("next", "/me/services"),
                ))
                .add(Block::Links(vec![Link::new("/me/looks", t.get("app-demo-clinic-looks"))]));
        }
    }
    Reply::page(&sheet)
}

/// What the clinic asks of the country for a visitor.
fn asking(account: &Account, visit: &Visit) -> Vec<(String, String)> {
    [
        ("client_id", account.id.clone()),
        ("redirect_uri", format!("{}{BACK}", account.issuer)),
        ("response_type", "code".into()),
        ("scope", "openid profile phone".into()),
        ("state", visit.state.clone()),
        ("nonce", visit.nonce.clone()),
        ("code_challenge", pkce::challenge_of(&visit.verifier)),
        ("code_challenge_method", "S256".into()),
    ]
    .map(|(name, value)| (name.to_string(), value))
    .to_vec()
}

async fn sign_in(cx: Cx) -> Result<Reply, Problem> {
    let clinic = cx.service::<Arc<Clinic>>()?;
    let account = clinic.account()?;
    let world = cx.site.world();
    let fresh = || base64url::encode(world.bytes::<32>());
    let visit = Visit { state: fresh(), nonce: fresh(), verifier: fresh(), ..Visit::default() };
    let query: Vec<String> =
        asking(&account, &visit).iter().map(|(n, v)| format!("{n}={}", form_encode(v))).collect();
    let name = hex::encode(&world.bytes::<16>());
    clinic.keep(&name, visit);
    let to = format!("{}/openid/authorize?{}", account.issuer, query.join("&"));
    Ok(Reply::redirect_away(&to).cookie(COOKIE, &name, None, cx.site.secure))
}

async fn back(cx: Cx) -> Result<Reply, Problem> {
    let clinic = cx.service::<Arc<Clinic>>()?;
    let account = clinic.account()?;
    let name = cx.cookie(COOKIE).unwrap_or_default().to_string();
    let visit = clinic.visit(&name).filter(|visit| visit.state == cx.query.get("state"));
    let from_us = cx.query.get("iss") == account.issuer;
    let Some(mut visit) = visit.filter(|_| from_us) else { return refused(&cx) };
    let code = cx.query.get("code").to_string();
    if code.is_empty() {
        // She said no.
        return cx.go("/demo/clinic");
    }
    let (worker, now, tried) = (Arc::clone(&clinic), cx.now().seconds(), visit.clone());
    let done = tokio::task::spawn_blocking(move || worker.trade(&account, &tried, &code, now)).await;
    match done.map_err(Problem::internal)? {
        Ok((access_token, person)) => {
            (visit.access_token, visit.person, visit.state) = (access_token, Some(person), String::new());
            clinic.keep(&name, visit);
            cx.go("/demo/clinic")
        }
        Err(error) => {
            tracing::warn!(%error, "the clinic could not sign somebody in");
            refused(&cx)
        }
    }
}

fn refused(cx: &Cx) -> Result<Reply, Problem> {
    let f = cx.frame("app-demo-clinic");
    let text = Html::text(f.t.get("app-demo-clinic-refused"));
    let sheet = Sheet::new(f).back("/demo/clinic").add(Block::Note(Tone::Warning, String::new(), text));
    Ok(Reply::page(&sheet)?.status(400))
}

/// The clinic reads once more with the token it has: it can, until she takes it back.
async fn read_again(cx: Cx) -> Result<Reply, Problem> {
    let clinic = cx.service::<Arc<Clinic>>()?;
    let account = clinic.account()?;
    let name = cx.cookie(COOKIE).unwrap_or_default().to_string();
    let Some(mut visit) = clinic.visit(&name).filter(|visit| visit.person.is_some()) else {
        return cx.go("/demo/clinic");
    };
    let (worker, token) = (Arc::clone(&clinic), visit.access_token.clone());
    let url = format!("{}/openid/userinfo", account.issuer);
    let read = tokio::task::spawn_blocking(move || worker.read(&url, &token)).await;
    let (status, person) = read.map_err(Problem::internal)?.map_err(Problem::internal)?;
    visit.shut = status != 200;
    if status == 200 {
        visit.person = Some(person);
    }
    clinic.keep(&name, visit);
    cx.go("/demo/clinic")
}

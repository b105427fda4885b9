//! A country with a cloud in a test: officials of two agencies, an engine that can be made moody, and a client for the router.

use crate::moody::Moody;
use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request};
use daftar_cloud::catalogue::Catalogue;
use daftar_cloud::{Cloud, Shelf, Who, pages};
use daftar_http::{Live, Pipeline, Routes, Site, serve};
use daftar_kernel::{Id, Problem};
use daftar_office::assignment::NewAssignment;
use daftar_office::password::Cost;
use daftar_office::{Office, Permission, Principal, Proven};
use daftar_packs::Country;
use daftar_record::transport::{Answer, Transport, TransportError};
use daftar_record::{Record, RecordConfig};
use daftar_store::jobs::Worker;
use daftar_store::{Migrations, Store, params, sql};
use daftar_testing::{Engine, TestStore};
use daftar_ui::{Catalog, Options};
use http_body_util::BodyExt;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt;

pub const MIGRATIONS: [Migrations; 3] =
    [daftar_record::MIGRATIONS, daftar_office::MIGRATIONS, daftar_cloud::MIGRATIONS];

/// Who there is: name, office, role.
pub const OFFICIALS: [(&str, &str, &str); 7] = [
    ("hana", "health-informatics", "cloud-user"),
    ("omar", "health-informatics", "cloud-user"),
    ("rita", "health-informatics", "cloud-reader"),
    ("sami", "statistics-census", "cloud-user"),
    ("dana", "interior-systems", "cloud-operator"),
    ("emil", "interior-systems", "cloud-operator"),
    ("clerk", "civil-registry-north", "registrar"),
];

/// Nobody is reached in these tests.
struct Nobody;
impl Transport for Nobody {
    fn post(&self, url: &str, _: &[u8], _: usize) -> Result<Answer, TransportError> {
        Err(TransportError::NoAnswer { url: url.into(), reason: "a test".into() })
    }
    fn get(&self, url: &str, _: usize) -> Result<Answer, TransportError> {
        Err(TransportError::NoAnswer { url: url.into(), reason: "a test".into() })
    }
}

struct Shop(Arc<Catalogue>, Arc<Country>);
impl Shelf for Shop {
    fn catalogue(&self) -> Option<Arc<Catalogue>> {
        Some(Arc::clone(&self.0))
    }
    fn country(&self) -> Arc<Country> {
        Arc::clone(&self.1)
    }
}

pub struct Bed {
    pub store: TestStore,
    pub cloud: Arc<Cloud>,
    pub engine: Arc<Moody>,
    pub routes: Routes,
    pub worker: Worker,
    pub tokens: BTreeMap<&'static str, String>,
    pub accounts: BTreeMap<&'static str, Id>,
    catalogue: Arc<Catalogue>,
    country: Country,
    router: axum::Router,
}

/// An answer, read whole.
pub struct Got {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Got {
    pub fn location(&self) -> &str {
        self.headers.get("location").and_then(|v| v.to_str().ok()).unwrap_or("")
    }
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} no JSON: {}", self.status, self.body))
    }
    /// The status, and the problem's code.
    pub fn outcome(&self) -> String {
        let code = serde_json::from_str::<Value>(&self.body).ok();
        let code = code.and_then(|body| body["code"].as_str().map(str::to_string));
        code.map_or_else(|| self.status.to_string(), |code| format!("{} {code}", self.status))
    }
}

/// Runs a test in a country on each database.
pub async fn on_each<F>(test: F)
where
    F: AsyncFn(Bed),
{
    for engine in [Engine::Sqlite, Engine::Postgres] {
        test(Bed::on(TestStore::on(engine, &MIGRATIONS).await).await).await;
    }
}

impl Bed {
    pub async fn on(store: TestStore) -> Self {
        let country = country();
        let record = RecordConfig::new("example.org/test", "quorum none\n", Arc::new(Nobody));
        let record = Record::open(store.store(), record).await.unwrap();
        let office =
            Office::with_cost(store.store(), record, Arc::clone(&country.roster), "Test", Cost::TEST);
        let languages: Vec<_> = country.tags().cloned().collect();
        let catalogue = Arc::new(Catalogue::parse(&country.services["cloud.toml"], &languages).unwrap());
        let engine = Arc::new(Moody::new(store.store().world()));
        let mut bed = Self::around(store, office, catalogue, engine, country);
        bed.populate().await;
        bed
    }

    fn around(
        store: TestStore,
        office: Office,
        catalogue: Arc<Catalogue>,
        engine: Arc<Moody>,
        country: Country,
    ) -> Self {
        let shop = Arc::new(Shop(Arc::clone(&catalogue), Arc::new(country.clone())));
        let driver: Arc<dyn daftar_cloud::engine::Engine> = Arc::clone(&engine) as _;
        let cloud = Arc::new(Cloud::new(office.clone(), Some(driver), shop));
        let mut site = Site::new(store.store(), office.record().clone(), office, live(&country));
        site.add_service((*cloud).clone());
        site.executors = pages::executors();
        site.explainers = pages::explainers();
        site.nav = pages::NAV.to_vec();
        let mut routes = Routes::new();
        routes.merge(pages::routes());
        routes.merge(daftar_desk::routes());
        let router = serve::router(&Pipeline::new(routes.clone(), Arc::new(site)));
        let mut worker = Worker::new();
        daftar_cloud::saga::register(&mut worker, &cloud);
        let (tokens, accounts) = (BTreeMap::new(), BTreeMap::new());
        Self { store, cloud, engine, routes, worker, tokens, accounts, catalogue, country, router }
    }

    /// The program was killed and is started again: the same data, the same engine, nothing of the process.
    pub async fn restarted(self) -> Self {
        let mut store = self.store;
        store.reopen().await;
        let record = RecordConfig::new("example.org/test", "quorum none\n", Arc::new(Nobody));
        let record = Record::open(store.store(), record).await.unwrap();
        let roster = Arc::clone(&self.country.roster);
        let office = Office::with_cost(store.store(), record, roster, "Test", Cost::TEST);
        let (tokens, accounts) = (self.tokens, self.accounts);
        let bed = Self::around(store, office, self.catalogue, self.engine, self.country);
        Self { tokens, accounts, ..bed }
    }

    async fn populate(&mut self) {
        for (name, place, role) in OFFICIALS {
            let office = self.cloud.office().clone();
            let account = self
                .store
                .write(move |tx| {
                    let office = office.clone();
                    Box::pin(async move {
                        if name == OFFICIALS[0].0 {
                            office.mark_demo(tx).await?;
                        }
                        let by = Proven::system("test");
                        let account = office.invite(tx, &by, name, name).await?.account;
                        let (place, role) = (place.to_string(), role.to_string());
                        let new = NewAssignment { account, office: place, role, since: None, until: None };
                        office.assign(tx, &by, &new).await?;
                        Ok::<_, Problem>(account)
                    })
                })
                .await
                .unwrap();
            self.accounts.insert(name, account);
        }
        self.sign_in().await;
    }

    /// Everybody signs in, anew when their sessions are over.
    pub async fn sign_in(&mut self) {
        for (name, account) in &self.accounts {
            let (office, principal) = (self.cloud.office().clone(), Principal::Official(*account));
            let signed_in = self.store.write(move |tx| {
                let office = office.clone();
                Box::pin(async move { office.demo_sign_in(tx, principal, "test", None).await })
            });
            self.tokens.insert(name, signed_in.await.unwrap().token);
        }
    }

    /// Somebody, as the functions of the service know them.
    pub async fn who(&self, name: &str) -> Who {
        let session = self.cloud.office().session(&self.tokens[name]).await.unwrap().unwrap();
        Who::official(session.actor.official().unwrap())
    }

    /// A project of somebody's.
    pub async fn project(&self, name: &str, called: &str) -> Id {
        self.cloud.begin_project(&self.who(name).await, called, &self.key()).await.unwrap().id
    }

    /// Runs every saga that is due.
    pub async fn settle(&self) {
        while self.worker.run_due(&self.store).await.unwrap() > 0 {}
    }

    pub fn key(&self) -> String {
        self.store.store().world().id().to_string()
    }

    pub async fn send(&self, request: Request<Body>) -> Got {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Got { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    pub async fn get(&self, path: &str, who: &str) -> Got {
        self.send(self.request("GET", path, who).body(Body::empty()).unwrap()).await
    }

    fn request(&self, method: &str, path: &str, who: &str) -> Builder {
        let mut request = Request::builder().method(method).uri(path).header("host", "test");
        if let Some(token) = self.tokens.get(who) {
            request = request.header("cookie", format!("daftar_session={token}"));
        }
        request
    }

    /// Sends a form as somebody, with the token of their own pages.
    pub async fn post(&self, path: &str, who: &str, fields: &[(&str, &str)]) -> Got {
        let page = self.get("/trust", who).await.body;
        let csrf =
            page.split_once("name=\"csrf\" value=\"").map_or("", |(_, rest)| rest.split('"').next().unwrap());
        let mut body = format!("csrf={csrf}");
        let key = self.key();
        let with_key = fields.iter().copied().chain([("key", key.as_str())]);
        for (name, value) in with_key {
            body.push_str(&format!("&{}={}", escape(name), escape(value)));
        }
        let request =
            self.request("POST", path, who).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Sends JSON with a token of the service's own.
    pub async fn api(&self, method: &str, path: &str, token: &str, (key, body): (&str, Value)) -> Got {
        let mut request = Request::builder().method(method).uri(path).header("host", "test");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        };
        self.send(request.body(body).unwrap()).await
    }
}

/// How much of each measure a project has reserved, by its rows and by what its resources hold.
pub async fn reserved(store: &Store, project: Id) -> BTreeMap<String, (i64, i64)> {
    store
        .read(move |tx| {
            Box::pin(async move {
                let held = sql!(
                    "select q.measure, q.reserved, (select cast(coalesce(sum(r.amount), 0) as bigint) \
                     from cloud_reservation r where r.project = q.project and r.measure = q.measure) \
                     from cloud_quota q where q.project = $1"
                );
                let rows = tx.query(held, &params![project]).await?;
                rows.iter()
                    .map(|row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))
                    .collect::<Result<_, Problem>>()
            })
        })
        .await
        .unwrap()
}

/// The demo's pack, with whatever permissions its roles name: what other services declare is no matter here.
fn country() -> Country {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../country/demo");
    let roles: toml::Table = std::fs::read_to_string(folder.join("roles.toml")).unwrap().parse().unwrap();
    let named =
        roles["roles"].as_array().unwrap().iter().flat_map(|role| role["permissions"].as_array().unwrap());
    let known: Vec<Permission> = named
        .map(|code| Permission {
            code: Box::leak(code.as_str().unwrap().to_string().into_boxed_str()),
            help: "",
        })
        .collect();
    Country::load(&folder, &known).unwrap()
}

fn live(country: &Country) -> Live {
    let made = [daftar_ui::BUNDLES, daftar_http::BUNDLES, daftar_desk::BUNDLES, daftar_cloud::BUNDLES];
    let plain =
        daftar_office::LOCALES.map(|(lang, text)| daftar_ui::Bundle { crate_name: "office", lang, text });
    let bundles: Vec<_> = made.into_iter().flatten().chain(plain).collect();
    let options = Options { zone: country.time_zone.clone(), ..Options::default() };
    let catalog = Catalog::with(&bundles, &options).unwrap();
    let languages = country.languages.iter().map(|l| (l.lang.clone(), l.name.clone())).collect();
    let pages = daftar_ui::Site { names: country.names.0.clone(), languages, ..daftar_ui::Site::default() };
    Live { country: Arc::new(country.clone()), catalog, pages: Arc::new(pages) }
}

/// Percent-encodes everything but letters and digits.
pub fn escape(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

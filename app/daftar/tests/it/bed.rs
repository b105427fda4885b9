//! A small country in a test: officials of several roles, two citizens, and a client for the router.

use axum::body::Body;
use axum::http::{Request, Response};
use daftar::installation::{Installation, Paths};
use daftar::settings::KNOWN;
use daftar_http::{Pipeline, Routes, Site, serve, with_tx};
use daftar_identity::person::Entry;
use daftar_identity::register::Registration;
use daftar_kernel::settings::Settings;
use daftar_kernel::time::ManualClock;
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::assignment::NewAssignment;
use daftar_office::{Principal, Proven};
use daftar_ports::notify::Notifier;
use daftar_testing::{Engine, Place, world};
use http_body_util::BodyExt;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt;

/// Officials of the test country: name, office, role.
pub const OFFICIALS: [(&str, &str, &str); 11] = [
    ("registrar", "civil-registry-north", "registrar"),
    ("senior", "civil-registry-north", "senior-registrar"),
    ("second", "civil-registry-central", "senior-registrar"),
    ("police", "police-central", "police-officer"),
    ("investigator", "police-investigations", "investigator"),
    ("court", "court-registry", "court-clerk"),
    ("auditor", "audit-systems", "auditor"),
    ("ombudsman", "ombudsman-desk", "ombudsman-officer"),
    ("administrator", "interior-systems", "administrator"),
    ("cloud", "health-informatics", "cloud-user"),
    ("engineer", "interior-systems", "cloud-operator"),
];

/// A running country.
pub struct Bed {
    pub installation: Installation,
    pub routes: Routes,
    /// Session tokens by the name of who is signed in: an official's, `amina` or `bilal`.
    pub tokens: BTreeMap<String, String>,
    /// Identifiers for paths.
    pub ids: BTreeMap<String, String>,
    /// What handlers use.
    pub site: Arc<Site>,
    /// Moves the time.
    pub clock: ManualClock,
    principals: BTreeMap<String, Principal>,
    router: axum::Router,
    place: Place,
}

/// An answer, read whole.
pub struct Got {
    pub status: u16,
    pub headers: axum::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Got {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("")
    }
}

impl Bed {
    pub async fn new(engine: Engine) -> Self {
        Self::with(engine, |_| {}).await
    }

    /// A country whose mail goes this way.
    pub async fn with_mail(engine: Engine, mail: Option<Arc<dyn Notifier>>) -> Self {
        Self::with(engine, |installation| installation.mail = mail).await
    }

    /// A country with something changed before it is served.
    pub async fn with(engine: Engine, change: impl FnOnce(&mut Installation)) -> Self {
        let place = Place::on(engine).await;
        let (world, clock) = world();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let data = place.dir().join("country-data");
        std::fs::create_dir_all(&data).unwrap();
        let settings = Settings::read(
            KNOWN,
            None,
            [
                ("DAFTAR_STORE_URL".to_string(), place.config().url.clone()),
                ("DAFTAR_OPENID_ISSUER".to_string(), "https://id.example".to_string()),
                ("DAFTAR_CLOUD_ENGINE".to_string(), "simulator".to_string()),
            ],
        )
        .unwrap();
        let paths = Paths { country: root.join("country/demo"), policy: data.join("policy"), data };
        let names = ("test.example/1", "quorum none\n");
        let mut installation = Installation::assemble(paths, settings, world, names).await.unwrap();
        change(&mut installation);
        let mut site = installation.site();
        site.strip = None;
        let routes = daftar::serving::routes();
        let site = Arc::new(site);
        let router = serve::router(&Pipeline::new(routes.clone(), Arc::clone(&site)));
        let (tokens, ids, principals) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut bed = Self { installation, routes, tokens, ids, site, clock, principals, router, place };
        bed.populate().await;
        bed
    }

    async fn populate(&mut self) {
        let (store, office) = (self.installation.store.clone(), self.installation.office.clone());
        with_tx!(store.write, tx, [office] { office.mark_demo(tx).await }).unwrap();
        let system = Proven::system("test");
        for (name, place, role) in OFFICIALS {
            let login = name.to_string();
            let account = with_tx!(store.write, tx, [office, system, login] {
                let made = office.invite(tx, &system, &login, &login).await?;
                let new = NewAssignment { account: made.account, office: place.into(), role: role.into(), since: None, until: None };
                office.assign(tx, &system, &new).await?;
                Ok::<_, Problem>(made.account)
            })
            .unwrap();
            self.ids.insert(format!("official-{name}"), account.to_string());
            self.sign_in(name, Principal::Official(account)).await;
        }
        for (key, name, born) in
            [("amina", "أمينة بنت سالم", "1990-02-03"), ("bilal", "Bilal Ould Cheikh", "1984")]
        {
            let person = self.register(name, born, key).await;
            let citizen = self.installation.people.office_token(person).await.unwrap();
            self.ids.insert(format!("person-{key}"), person.to_string());
            self.sign_in(key, Principal::Citizen(citizen)).await;
        }
    }

    async fn register(&self, name: &str, born: &str, key: &str) -> Id {
        let entry = Entry {
            name: name.into(),
            born: born.into(),
            sex: "female".into(),
            standing: "citizen".into(),
            ..Entry::default()
        };
        let registration =
            Registration { entry, idempotency_key: format!("test-{key}"), ..Registration::default() };
        self.installation.people.register(&Actor::System("test"), registration).await.unwrap().person
    }

    /// Signs somebody in under a name.
    pub async fn sign_in(&mut self, name: &str, principal: Principal) {
        let (store, office) = (self.installation.store.clone(), self.installation.office.clone());
        let signed_in =
            with_tx!(store.write, tx, [office] { office.demo_sign_in(tx, principal, "test", None).await })
                .unwrap();
        self.tokens.insert(name.into(), signed_in.token);
        self.principals.insert(name.into(), principal);
    }

    /// Signs everybody in again: sessions end while time passes.
    pub async fn sign_in_again(&mut self) {
        for (name, principal) in self.principals.clone() {
            self.sign_in(&name, principal).await;
        }
    }

    /// A folder for the test's own files, which goes with the country.
    pub fn dir(&self) -> &Path {
        self.place.dir()
    }

    /// A path with its parameters filled from the examples: a `$word` from the country's identifiers.
    pub fn example(&self, route: &daftar_http::Route) -> String {
        let mut path = route.path.to_string();
        for (name, value) in &route.examples {
            let filled = match value.strip_prefix('$') {
                Some("person") => self.ids["person-amina"].clone(),
                Some("official") => self.ids["official-registrar"].clone(),
                // Any identifier of nothing: the tests that use it ask who may, not what is there.
                Some(_) => "0198c2f0-5a3c-7d1e-8a00-1f2e3d4c5b6a".to_string(),
                None => (*value).to_string(),
            };
            path = path.replace(&format!("{{{name}}}"), &filled).replace(&format!("{{*{name}}}"), &filled);
        }
        path.replace("{log}", "acts").replace("{*tile}", "0/000.p/1").replace("{file}", "x")
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Got {
        let response: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        Got { status, headers, body }
    }

    /// A request builder as somebody, by cookie for pages and bearer for the API; empty for anybody.
    pub fn request(&self, method: &str, path: &str, who: &str) -> axum::http::request::Builder {
        let mut request = Request::builder().method(method).uri(path).header("host", "test");
        if let Some(token) = self.tokens.get(who) {
            request = request.header("cookie", format!("daftar_session={token}"));
            request = request.header("authorization", format!("Bearer {token}"));
        }
        request
    }

    pub async fn get(&self, path: &str, who: &str) -> Got {
        self.send(self.request("GET", path, who).body(Body::empty()).unwrap()).await
    }

    /// Sends a form with the token taken from a page of the same person.
    pub async fn post(&self, path: &str, who: &str, fields: &[(&str, &str)]) -> Got {
        let csrf = self.csrf(who).await;
        let mut body = format!("csrf={csrf}");
        for (name, value) in fields {
            body.push_str(&format!("&{}={}", escape(name), escape(value)));
        }
        let request =
            self.request("POST", path, who).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// The token of somebody's forms, as their own pages carry it.
    pub async fn csrf(&self, who: &str) -> String {
        let page = self.get("/trust", who).await.text();
        let mark = "name=\"csrf\" value=\"";
        let start = page.find(mark).unwrap_or_else(|| panic!("no form on /trust for {who}")) + mark.len();
        page[start..].split('"').next().unwrap().to_string()
    }
}

/// Percent-encodes everything but letters and digits.
pub fn escape(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

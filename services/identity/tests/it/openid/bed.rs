//! A small country with a provider, browsers, and services that sign people in.

use crate::country;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use daftar_http::{Live, Pipeline, Routes, Site, serve};
use daftar_identity::openid::Provider;
use daftar_identity::openid::client::{Made, NewClient};
use daftar_identity::person::Entry;
use daftar_identity::verify::Verifier;
use daftar_identity::{People, pages};
use daftar_kernel::{Id, Problem};
use daftar_office::roster::Label;
use daftar_office::{Permission, Principal, Proven};
use daftar_packs::Country;
use daftar_testing::TestStore;
use daftar_ui::{Catalog, Options};
use http_body_util::BodyExt;
use openid::params::form_encode;
use openid::{Method, Scopes};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt;

pub const ISSUER: &str = "https://id.example";
pub const BACK: &str = "https://clinic.example/back";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// Permissions of the program itself and of another service, which the demo's pack names.
const OWN: &[Permission] = &[
    Permission { code: "record.audit", help: "" },
    Permission { code: "store.jobs", help: "" },
    Permission { code: "cloud.project.read", help: "" },
    Permission { code: "cloud.project.use", help: "" },
    Permission { code: "cloud.order.approve", help: "" },
    Permission { code: "cloud.engine.operate", help: "" },
];

pub struct Bed {
    pub store: TestStore,
    pub people: People,
    pub provider: Provider,
    pub verifier: Verifier,
    /// The citizen, as the office floor knows her.
    pub amina: Id,
    pub person: Id,
    router: axum::Router,
}

/// An answer, read whole.
pub struct Got {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("")
    }
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} no JSON: {}", self.status, self.body))
    }
    /// A parameter of the address this leads to.
    pub fn param(&self, name: &str) -> Option<String> {
        let query = self.header("location").split_once('?')?.1;
        let fields = daftar_http::decode::urlencoded(query.as_bytes()).unwrap();
        fields.0.into_iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }
    /// What became of a request, in one line: where it led, or the status and the standard's error.
    pub fn outcome(&self) -> String {
        if self.status == 303 {
            let away = self.header("location").starts_with("https://");
            return match self.param("error") {
                Some(error) => format!("redirect {error}"),
                None if self.param("code").is_some() => "redirect code".into(),
                None if away => format!("away {}", self.header("location")),
                None => {
                    format!("page {}", self.header("location").split(['?', '#']).next().unwrap_or_default())
                }
            };
        }
        match serde_json::from_str::<Value>(&self.body)
            .ok()
            .and_then(|v| v["error"].as_str().map(str::to_string))
        {
            Some(error) => format!("{} {error}", self.status),
            None => format!("{}", self.status),
        }
    }
}

impl Bed {
    pub async fn on(store: TestStore) -> Self {
        let people = country::people(&store).await;
        let provider = Provider::new(people.clone());
        provider.set_issuer(ISSUER).unwrap();
        let entry = Entry {
            given: "Amina".into(),
            phone: "+22312345678".into(),
            address_lines: vec!["by the mill".into()],
            ..country::amina()
        };
        let made = people.register(&country::clerk(), country::registration(entry, "k1")).await.unwrap();
        let amina = people.office_token(made.person).await.unwrap();
        let office = people.office().clone();
        let marked = store.write(move |tx| {
            let office = office.clone();
            Box::pin(async move { office.mark_demo(tx).await })
        });
        marked.await.unwrap();
        let mut site = Site::new(store.store(), people.record().clone(), people.office().clone(), live());
        site.add_service(people.clone());
        site.add_service(provider.clone());
        let verifier = Verifier::new(provider.clone());
        site.add_service(verifier.clone());
        site.persons = Some(Arc::new(pages::Tokens(people.clone())));
        let mut routes = Routes::new();
        routes.merge(pages::routes());
        routes.merge(daftar_desk::routes());
        let router = serve::router(&Pipeline::new(routes, Arc::new(site)));
        Self { store, people, provider, verifier, amina, person: made.person, router }
    }

    pub fn later(&self, seconds: i64) {
        self.store.clock.advance_seconds(seconds);
    }

    pub async fn send(&self, request: Request<Body>) -> Got {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Got { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    /// A request of a program: a form, with these headers.
    pub async fn call(&self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Got {
        let mut request = Request::builder()
            .method("POST")
            .uri(path)
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(form(fields))).unwrap()).await
    }

    pub async fn userinfo(&self, token: &str) -> Got {
        let request =
            Request::builder().uri("/openid/userinfo").header("authorization", format!("Bearer {token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A browser nobody is signed in with.
    pub fn browser(&self) -> Browser<'_> {
        Browser { bed: self, cookies: BTreeMap::new() }
    }

    /// A browser in which a citizen has just signed in.
    pub async fn signed_in(&self, citizen: Id) -> Browser<'_> {
        let mut browser = self.browser();
        browser.sign_in(citizen).await;
        browser
    }

    pub async fn register(&self, change: impl FnOnce(&mut NewClient)) -> Result<Made, Problem> {
        let mut new = NewClient {
            name: "Clinic of the North".into(),
            organisation: "North Health Trust".into(),
            agency: "registry".into(),
            why: Label::english("To find your file."),
            method: Method::Secret,
            native: false,
            refresh: true,
            own_tokens: false,
            scopes: Scopes::parse("openid profile email phone address offline_access"),
            redirect_uris: vec![BACK.into()],
            logout_uris: vec!["https://clinic.example/bye".into()],
            keys: String::new(),
        };
        change(&mut new);
        self.provider.register_client(&Proven::system("test"), &new).await
    }

    pub async fn clinic(&self) -> Rp<'_> {
        self.rp(|_| {}).await
    }

    pub async fn rp(&self, change: impl FnOnce(&mut NewClient)) -> Rp<'_> {
        let mut back = BACK.to_string();
        let made = self
            .register(|new| {
                change(new);
                back = new.redirect_uris[0].clone();
            })
            .await
            .unwrap();
        Rp { bed: self, id: made.id, secret: made.secret.unwrap_or_default(), back }
    }
}

/// The country's texts and pages, in its three languages.
fn live() -> Live {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../country/demo");
    let known = [
        daftar_office::PERMISSIONS,
        daftar_packs::PERMISSIONS,
        daftar_identity::permission::PERMISSIONS,
        daftar_post::PERMISSIONS,
        OWN,
    ]
    .concat();
    let country = Country::load(&folder, &known).unwrap();
    let made = [daftar_ui::BUNDLES, daftar_http::BUNDLES, daftar_desk::BUNDLES, pages::BUNDLES];
    let plain =
        daftar_office::LOCALES.map(|(lang, text)| daftar_ui::Bundle { crate_name: "office", lang, text });
    let bundles: Vec<_> = made.into_iter().flatten().chain(plain).collect();
    let options = Options { zone: country.time_zone.clone(), ..Options::default() };
    let catalog = Catalog::with(&bundles, &options).unwrap();
    let languages = country.languages.iter().map(|l| (l.lang.clone(), l.name.clone())).collect();
    let pages = daftar_ui::Site { names: country.names.0.clone(), languages, ..daftar_ui::Site::default() };
    Live { country: Arc::new(country), catalog, pages: Arc::new(pages) }
}

/// Fields as a form's body or an address's query.
pub fn form(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(n, v)| format!("{}={}", form_encode(n), form_encode(v))).collect::<Vec<_>>().join("&")
}

/// A browser: cookies, and the token of the page it read last.
pub struct Browser<'b> {
    pub bed: &'b Bed,
    pub cookies: BTreeMap<String, String>,
}

impl Browser<'_> {
    pub async fn get(&mut self, path: &str) -> Got {
        let request = self.request("GET", path).body(Body::empty()).unwrap();
        self.keep(self.bed.send(request).await)
    }
    /// Sends a form of the page, with the page's own token.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Got {
        // A page with a form for everybody, signed in or not.
        let page = self.get("/claim").await.body;
        let csrf =
            page.split_once("name=\"csrf\" value=\"").map_or("", |(_, rest)| rest.split('"').next().unwrap());
        let mut all = vec![("csrf", csrf)];
        all.extend(fields);
        let request = self.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
        let got = self.bed.send(request.body(Body::from(form(&all))).unwrap()).await;
        self.keep(got)
    }
    fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "id.example")
            .header("cookie", cookies.join("; "))
    }
    fn keep(&mut self, got: Got) -> Got {
        for cookie in got.headers.get_all("set-cookie") {
            let (pair, _) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.into(), value.into());
        }
        got
    }
    /// As the demo's one click does.
    pub async fn sign_in(&mut self, citizen: Id) {
        let office = self.bed.people.office().clone();
        let signed_in = self.bed.store.write(move |tx| {
            let office = office.clone();
            Box::pin(async move { office.demo_sign_in(tx, Principal::Citizen(citizen), "test", None).await })
        });
        self.cookies.insert("daftar_session".into(), signed_in.await.unwrap().token);
    }
}

/// A service that signs people in.
pub struct Rp<'b> {
    pub bed: &'b Bed,
    pub id: String,
    pub secret: String,
    pub back: String,
}

impl Rp<'_> {
    /// The address of an authorization request with these parameters changed; an empty value leaves one out.
    pub fn ask(&self, changes: &[(&str, &str)]) -> String {
        format!("/openid/authorize?{}", form(&self.fields(changes)))
    }
    pub fn fields<'a>(&'a self, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut fields = vec![
            ("client_id", self.id.as_str()),
            ("redirect_uri", self.back.as_str()),
            ("response_type", "code"),
            ("scope", "openid profile email"),
            ("state", "af0ifjsldkj"),
            ("nonce", "n-0S6_WzA2Mj"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            fields.retain(|(n, _)| n != name);
            if !value.is_empty() {
                fields.push((name, value));
            }
        }
        fields
    }
    /// Asks, consents, and comes back with a code.
    pub async fn code(&self, browser: &mut Browser<'_>, changes: &[(&str, &str)]) -> String {
        let got = browser.get(&self.ask(changes)).await;
        if let Some(code) = got.param("code") {
            return code;
        }
        let path = got.header("location").split('?').next().unwrap().to_string();
        assert!(path.starts_with("/openid/authorization/"), "{} {}", got.outcome(), got.body);
        let done = browser.post(&path, &[]).await;
        done.param("code").unwrap_or_else(|| panic!("no code: {} {}", done.outcome(), done.body))
    }
    pub fn basic(&self) -> String {
        use base64::Engine;
        let pair = format!("{}:{}", form_encode(&self.id), form_encode(&self.secret));
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
    }
    /// A request of this client to an endpoint, by its secret.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Got {
        self.bed.call(path, &[("authorization", &self.basic())], fields).await
    }
    pub async fn exchange(&self, code: &str) -> Got {
        self.exchange_with(code, &[]).await
    }
    pub async fn exchange_with(&self, code: &str, changes: &[(&str, &str)]) -> Got {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.back.as_str()),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in changes {
            fields.retain(|(n, _)| n != name);
            if !value.is_empty() {
                fields.push((name, value));
            }
        }
        self.post("/openid/token", &fields).await
    }
    /// A whole sign-in.
    pub async fn tokens(&self, browser: &mut Browser<'_>, changes: &[(&str, &str)]) -> Value {
        let code = self.code(browser, changes).await;
        let got = self.exchange(&code).await;
        assert_eq!(got.status, 200, "{}", got.body);
        got.json()
    }
    pub async fn refresh(&self, token: &str) -> Got {
        self.post("/openid/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }
}

/// A token's claims, once the published keys verify it.
pub async fn claims(bed: &Bed, token: &str, typ: &str) -> Value {
    let keys =
        bed.send(Request::builder().uri("/openid/keys.json").body(Body::empty()).unwrap()).await.json();
    let keys = openid::jwk::Jwk::parse_set(&keys).unwrap();
    Value::Object(openid::jws::verify(token, &[typ], &keys).unwrap())
}

pub fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}")).to_string()
}

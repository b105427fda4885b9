//! A session that somebody else chose is worthless, on every route and through signing in.

use crate::bed::{Bed, Got};
use axum::body::Body;
use axum::http::Request;
use daftar_http::{Access, with_tx};
use daftar_kernel::Problem;
use daftar_office::Proven;
use daftar_office::assignment::NewAssignment;
use daftar_office::totp::{Secret, step_at};
use daftar_testing::Engine;

const PASSWORD: &str = "seven quiet tulips by the gate";
/// What an attacker put into the victim's browser: of the right form, and known to them.
const PLANTED: &str = "6f0c5e0b9a7d4c3f2e1d0c9b8a7f6e5d4c3b2a1f0e9d8c7b6a5f4e3d2c1b0a9f";

fn cookies(got: &Got) -> Vec<String> {
    let all = got.headers.get_all("set-cookie").iter();
    all.map(|value| value.to_str().unwrap().to_string()).collect()
}

pub fn session_cookie(got: &Got) -> Option<String> {
    let all = cookies(got);
    let found = all.iter().find_map(|cookie| cookie.strip_prefix("daftar_session="))?;
    Some(found.split(';').next().unwrap().to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_takes_up_a_session_that_was_planted() {
    let bed = Bed::new(Engine::Sqlite).await;
    let mut closed = 0;
    for route in bed.routes.iter() {
        let path = bed.example(route);
        for address in [path.clone(), format!("{path}?daftar_session={PLANTED}&session={PLANTED}")] {
            let request = Request::builder()
                .method(route.method)
                .uri(&address)
                .header("cookie", format!("daftar_session={PLANTED}"))
                .header("authorization", format!("Bearer {PLANTED}"));
            let got = bed.send(request.body(Body::empty()).unwrap()).await;
            let name = format!("{} {address}", route.method);
            assert!(cookies(&got).iter().all(|cookie| !cookie.contains(PLANTED)), "{name} keeps it");
            assert_ne!(session_cookie(&got).as_deref(), Some(PLANTED), "{name}");
            if route.access != Access::Public {
                let to_sign_in = got.status == 303 && got.header("location").starts_with("/sign-in");
                assert!(matches!(got.status, 401 | 403) || to_sign_in, "{name}: {}", got.status);
                closed += 1;
            }
        }
    }
    assert!(closed > 100, "only {closed} closed doors");
}

/// A browser that keeps its cookies, with some that were planted.
pub struct Browser<'b> {
    pub bed: &'b Bed,
    pub jar: std::collections::BTreeMap<String, String>,
}

impl Browser<'_> {
    pub async fn send(&mut self, method: &str, path: &str, body: Option<String>) -> Got {
        let jar: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "test")
            .header("cookie", jar.join("; "));
        if body.is_some() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let got = self.bed.send(request.body(Body::from(body.unwrap_or_default())).unwrap()).await;
        for cookie in cookies(&got) {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.jar.insert(name.into(), value.into());
        }
        got
    }
    pub async fn post(&mut self, path: &str, page: &Got, fields: &[(&str, &str)]) -> Got {
        let mut body = format!("csrf={}", hidden(&page.text(), "csrf"));
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", crate::bed::escape(value)));
        }
        self.send("POST", path, Some(body)).await
    }
}

fn hidden(html: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let start = html.find(&mark).unwrap_or_else(|| panic!("no {name} in {html}")) + mark.len();
    html[start..].split('"').next().unwrap().to_string()
}

/// The bytes of the secret that a page shows in groups of base32 (RFC 4648 §6).
fn secret(html: &str) -> Secret {
    let shown = html.split("<code dir=\"ltr\">").nth(1).unwrap().split("</code>").next().unwrap();
    let (mut bits, mut count, mut bytes) = (0_u64, 0, Vec::new());
    for sign in shown.bytes().filter(|sign| *sign != b' ') {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == sign).unwrap();
        bits = bits << 5 | u64::try_from(value).unwrap();
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    Secret::from_slice(&bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_makes_a_session_that_nobody_knew_before() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        let (store, office) = (bed.installation.store.clone(), bed.installation.office.clone());
        let by = Proven::system("test");
        let link = with_tx!(store.write, tx, [office, by] {
            let invited = office.invite(tx, &by, "fatou", "Fatou").await?;
            let (since, until) = (None, None);
            let (place, role) = ("civil-registry-north".into(), "registrar".into());
            let new = NewAssignment { account: invited.account, office: place, role, since, until };
            office.assign(tx, &by, &new).await?;
            Ok::<_, Problem>(invited.link)
        })
        .unwrap();
        let mut browser = Browser { bed: &bed, jar: std::collections::BTreeMap::new() };
        let page = browser.send("GET", &format!("/enrol/{link}"), None).await;
        let app = browser.post(&format!("/enrol/{link}"), &page, &[("password", PASSWORD)]).await;
        let secret = secret(&app.text());
        let code = || secret.code(step_at(bed.installation.store.world().now()));
        let ready = browser.post(&format!("/enrol/{link}/code"), &app, &[("code", &code())]).await;
        assert_eq!(ready.status, 200, "{}", ready.text());
        bed.clock.advance_seconds(30);

        // The attacker's session, theirs and alive, lies in the victim's browser when she signs in.
        let theirs = bed.tokens["bilal"].clone();
        let mut browser = Browser { bed: &bed, jar: std::collections::BTreeMap::new() };
        let page = browser.send("GET", "/sign-in", None).await;
        browser.jar.insert("daftar_session".into(), PLANTED.into());
        let page_with = browser.send("GET", "/sign-in", None).await;
        assert_eq!((page.status, page_with.status), (200, 200));
        browser.jar.insert("daftar_session".into(), theirs.clone());
        let page = browser.send("GET", "/sign-in", None).await;
        let asked = browser.post("/sign-in", &page, &[("login", "fatou"), ("password", PASSWORD)]).await;
        assert_eq!(asked.status, 200, "{}", asked.text());
        assert_eq!(session_cookie(&asked), None, "half of signing in makes no session");
        let challenge = hidden(&asked.text(), "challenge");
        let fields = [("challenge", challenge.as_str()), ("code", &code())];
        let done = browser.post("/sign-in/code", &asked, &fields).await;
        let hers = session_cookie(&done).unwrap_or_else(|| panic!("{}", done.text()));
        assert_ne!(hers, theirs);
        let desk = browser.send("GET", "/desk", None).await;
        assert_eq!(desk.status, 200);
        // The one that lay there opens nothing any more, least of all what is hers.
        assert!(bed.installation.office.session(&theirs).await.unwrap().is_none());
        assert!(bed.installation.office.session(&hers).await.unwrap().is_some());
        // A form that was shown before she signed in does nothing now.
        let stale = browser.post("/sign-out", &page, &[]).await;
        assert_eq!(stale.status, 403);
        // Proving to be there again changes the session once more, and the old token is dead.
        bed.clock.advance_seconds(30);
        let page = browser.send("GET", "/step-up", None).await;
        let proven = browser.post("/step-up", &page, &[("code", &code())]).await;
        let newer = session_cookie(&proven).unwrap_or_else(|| panic!("{}", proven.text()));
        assert_ne!(newer, hers);
        assert!(bed.installation.office.session(&hers).await.unwrap().is_none());
    }
}

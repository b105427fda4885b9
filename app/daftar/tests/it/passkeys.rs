//! Passkeys through the pages, with an authenticator in software.

use crate::bed::{Bed, Got};
use crate::sessions::{Browser, session_cookie};
use daftar_identity::person::Entry;
use daftar_identity::register::Registration;
use daftar_office::Principal;
use daftar_store::{StoreError, jobs, sql};
use daftar_testing::Engine;
use daftar_testing::authenticator::Authenticator;
use openid::base64url;
use std::collections::BTreeMap;

const ORIGIN: &str = "https://id.example";

fn browser<'b>(bed: &'b Bed, who: &str) -> Browser<'b> {
    let session = bed.tokens.get(who).map(|token| ("daftar_session".to_string(), token.clone()));
    Browser { bed, jar: session.into_iter().collect::<BTreeMap<_, _>>() }
}
fn attribute(page: &Got, name: &str) -> String {
    let text = page.text();
    let mark = format!(" {name}=\"");
    let start = text.find(&mark).unwrap_or_else(|| panic!("no {name} in {text}")) + mark.len();
    text[start..].split('"').next().unwrap().to_string()
}

/// Makes a passkey on the pages, as the script does.
async fn add(browser: &mut Browser<'_>, phone: &mut Authenticator, name: &str) -> Got {
    let page = browser.send("GET", "/passkeys", None).await;
    let page = browser.post("/passkeys/new", &page, &[("name", name)]).await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(
        (attribute(&page, "data-passkey"), attribute(&page, "data-rp")),
        ("create".into(), "id.example".into())
    );
    assert_eq!(
        (attribute(&page, "data-origin"), attribute(&page, "data-algorithms")),
        (ORIGIN.into(), "-8 -7 -257".into())
    );
    phone.user = base64url::decode(&attribute(&page, "data-user")).unwrap();
    let made = phone.make(&attribute(&page, "data-challenge"));
    let (client, data) = (base64url::encode(made.client_data), base64url::encode(made.attestation_object));
    browser.post("/passkeys", &page, &[("name", name), ("client", &client), ("data", &data)]).await
}

/// Answers a page that asks for a passkey.
async fn answer(browser: &mut Browser<'_>, page: &Got, phone: &Authenticator, to: &str) -> Got {
    let used = phone.sign(&attribute(page, "data-challenge"));
    let parts = [&used.id, &used.client_data, &used.authenticator_data, &used.signature, &used.user];
    let parts = parts.map(base64url::encode);
    let names = ["id", "client", "data", "signature", "user"];
    let fields: Vec<(&str, &str)> = names.into_iter().zip(parts.iter().map(String::as_str)).collect();
    browser.post(to, page, &fields).await
}

async fn ask_sign_in(browser: &mut Browser<'_>) -> Got {
    let page = browser.send("GET", "/sign-in", None).await;
    assert_eq!(attribute(&page, "data-origin"), ORIGIN);
    let page = browser.post("/sign-in/passkey", &page, &[]).await;
    assert_eq!((page.status, attribute(&page, "data-known")), (200, String::new()), "it names nobody");
    page
}

/// The letters about passkeys that wait at the desk of whoever wrote the record, after every job that is due has run.
async fn letters(bed: &Bed) -> usize {
    let store = &bed.installation.store;
    daftar::serving::worker(&bed.site).run_due(store).await.unwrap();
    let left = store.read(|tx| {
        Box::pin(
            async move { tx.query_one(sql!("select count(*) from store_job"), &[]).await?.get::<i64>(0) },
        )
    });
    let left: Result<i64, StoreError> = left.await;
    assert_eq!(left.unwrap(), 0, "everything was delivered");
    let dead = store.read(|tx| Box::pin(async move { jobs::list_dead(tx, None).await })).await.unwrap();
    assert!(dead.is_empty(), "{dead:?}");
    let page = bed.get("/desk/letters?lang=en", "senior").await;
    assert_eq!(page.status, 200, "{}", page.text());
    page.text().matches("A passkey added or taken away").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_tells_of_each_change() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut bed = Bed::new(engine).await;
        let entry = Entry { name: "Selam Haile".into(), born: "1991".into(), ..Entry::default() };
        let registration = Registration { entry, idempotency_key: "selam".into(), ..Registration::default() };
        let people = bed.installation.people.clone();
        let made = people.register(&crate::post::senior(&bed), registration).await.unwrap();
        let account = people.office_token(made.person).await.unwrap();
        bed.sign_in("selam", Principal::Citizen(account)).await;
        assert_eq!(letters(&bed).await, 0);
        let mut selam = browser(&bed, "selam");
        let mut phone = Authenticator::at(ORIGIN, b"selam", b"");
        assert_eq!(add(&mut selam, &mut phone, "Phone").await.status, 303);
        // A letter is printed once for each title in the table and each button's own words.
        let one = letters(&bed).await;
        assert!(one > 0, "the office that wrote her record prints it");
        let list = selam.send("GET", "/passkeys", None).await;
        let remove = list.text().split('"').find(|part| part.ends_with("/remove")).unwrap().to_string();
        assert_eq!(selam.post(&remove, &list, &[]).await.status, 303);
        assert_eq!(letters(&bed).await, 2 * one);
        // An official's own is told to nobody: there is no address.
        let mut registrar = browser(&bed, "registrar");
        let mut key = Authenticator::at(ORIGIN, b"registrar", b"");
        assert_eq!(add(&mut registrar, &mut key, "Key").await.status, 303);
        assert_eq!(letters(&bed).await, 2 * one);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_adds_one_signs_in_with_it_and_takes_it_away() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        let mut amina = browser(&bed, "amina");
        let mut phone = Authenticator::at(ORIGIN, b"amina", b"");
        let added = add(&mut amina, &mut phone, "هاتفي").await;
        assert_eq!((added.status, added.header("location")), (303, "/passkeys"), "{}", added.text());
        let list = amina.send("GET", "/passkeys?lang=en", None).await.text();
        assert!(list.contains("هاتفي") && list.contains("On one device"), "{list}");
        assert!(amina.send("GET", "/me/receipts?lang=en", None).await.text().contains("You added a passkey"));
        let held: serde_json::Value =
            serde_json::from_slice(&bed.get("/me/data.json", "amina").await.body).unwrap();
        assert_eq!(held["passkeys"][0]["name"], "هاتفي");

        let mut elsewhere = browser(&bed, "");
        let asked = ask_sign_in(&mut elsewhere).await;
        let done = answer(&mut elsewhere, &asked, &phone, "/sign-in/passkey/check").await;
        assert_eq!((done.status, done.header("location")), (303, "/me"), "{}", done.text());
        assert!(session_cookie(&done).is_some());
        assert_eq!(elsewhere.send("GET", "/me", None).await.status, 200);

        // Five minutes later she proves to be there with it, and goes on where she was.
        bed.clock.advance_seconds(301);
        let page = elsewhere.send("GET", "/passkeys", None).await.text();
        assert!(page.contains("/step-up?next=/passkeys") && !page.contains("/remove"), "{page}");
        let page = elsewhere.send("GET", "/step-up?next=/passkeys", None).await;
        let page = elsewhere.post("/step-up/passkey", &page, &[("next", "/passkeys")]).await;
        let known = attribute(&page, "data-known");
        assert_eq!(known, base64url::encode(b"amina"));
        let done = answer(&mut elsewhere, &page, &phone, "/step-up/passkey/check").await;
        assert_eq!(done.status, 303, "{}", done.text());
        let list = elsewhere.send("GET", "/passkeys", None).await;
        let remove = list.text().split('"').find(|part| part.ends_with("/remove")).unwrap().to_string();

        // Not Bilal's to take away.
        assert_eq!(bed.post(&remove, "bilal", &[]).await.status, 403, "he has to prove himself first");
        let only = elsewhere.post("/passkeys/only", &list, &[("only", "on")]).await;
        assert_eq!(only.status, 303, "{}", only.text());
        let page = elsewhere.send("GET", "/passkeys?lang=en", None).await;
        assert!(page.text().contains("can be opened with a passkey only"));
        let gone = elsewhere.post(&remove, &page, &[]).await;
        assert_eq!(gone.status, 303, "{}", gone.text());
        let mut again = browser(&bed, "");
        let asked = ask_sign_in(&mut again).await;
        let refused = answer(&mut again, &asked, &phone, "/sign-in/passkey/check").await;
        assert_eq!((refused.status, session_cookie(&refused)), (422, None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_browser_a_false_site_and_a_repeated_answer_open_nothing() {
    let bed = Bed::new(Engine::Sqlite).await;
    let mut phone = Authenticator::at(ORIGIN, b"amina", b"");
    assert_eq!(add(&mut browser(&bed, "amina"), &mut phone, "Phone").await.status, 303);
    let check = "/sign-in/passkey/check";

    let mut elsewhere = browser(&bed, "");
    let asked = ask_sign_in(&mut elsewhere).await;
    let cookie = elsewhere.jar.remove("daftar_ceremony").unwrap();
    let without = answer(&mut elsewhere, &asked, &phone, check).await;
    assert_eq!((without.status, session_cookie(&without)), (422, None), "without the cookie");
    elsewhere.jar.insert("daftar_ceremony".into(), cookie.clone());
    assert_eq!(answer(&mut elsewhere, &asked, &phone, check).await.status, 303);
    elsewhere.jar.remove("daftar_session");
    let page = elsewhere.send("GET", "/sign-in", None).await;
    elsewhere.jar.insert("daftar_ceremony".into(), cookie);
    let used = phone.sign(&attribute(&asked, "data-challenge"));
    let parts = [&used.id, &used.client_data, &used.authenticator_data, &used.signature, &used.user]
        .map(base64url::encode);
    let fields = [
        ("id", &*parts[0]),
        ("client", &*parts[1]),
        ("data", &*parts[2]),
        ("signature", &*parts[3]),
        ("user", &*parts[4]),
    ];
    let twice = elsewhere.post(check, &page, &fields).await;
    assert_eq!((twice.status, session_cookie(&twice)), (422, None), "replayed");

    let asked = ask_sign_in(&mut elsewhere).await;
    phone.origin = "https://id-example.evil".into();
    let refused = answer(&mut elsewhere, &asked, &phone, check).await;
    assert_eq!((refused.status, session_cookie(&refused)), (422, None), "a false site");
    phone.origin = ORIGIN.into();
    // What the request says of itself changes nothing: the host of these requests is "test".
    let asked = ask_sign_in(&mut elsewhere).await;
    phone.origin = "https://test".into();
    phone.rp_id = "test".into();
    let refused = answer(&mut elsewhere, &asked, &phone, check).await;
    assert_eq!((refused.status, session_cookie(&refused)), (422, None), "the request's own host");
    for junk in ["", "%%%", &"A".repeat(12_000)] {
        let asked = ask_sign_in(&mut elsewhere).await;
        let fields = [("id", junk), ("client", junk), ("data", junk), ("signature", junk), ("user", junk)];
        let refused = elsewhere.post(check, &asked, &fields).await;
        assert_eq!((refused.status, session_cookie(&refused)), (422, None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_official_works_with_one_too() {
    let bed = Bed::new(Engine::Sqlite).await;
    let mut phone = Authenticator::at(ORIGIN, b"registrar", b"");
    let mut registrar = browser(&bed, "registrar");
    assert_eq!(add(&mut registrar, &mut phone, "Key").await.status, 303);
    let mut elsewhere = browser(&bed, "");
    let asked = ask_sign_in(&mut elsewhere).await;
    let done = answer(&mut elsewhere, &asked, &phone, "/sign-in/passkey/check").await;
    assert_eq!((done.status, done.header("location")), (303, "/desk"), "{}", done.text());
    // The same authenticator makes no second one: its id is among those to leave out.
    let page = registrar.send("GET", "/passkeys", None).await;
    let page = registrar.post("/passkeys/new", &page, &[("name", "Key")]).await;
    assert_eq!(attribute(&page, "data-known"), base64url::encode(b"registrar"));
    assert_eq!(attribute(&page, "data-user-name"), "registrar");
    let bad = registrar.post("/passkeys/new", &page, &[("name", "")]).await;
    assert_eq!(bad.status, 422);
}

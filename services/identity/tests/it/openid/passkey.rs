//! A service that takes nothing less than a passkey.

use super::bed::{BACK, Bed, Browser, ISSUER, claims, text};
use crate::country;
use daftar_testing::authenticator::Authenticator;
use daftar_testing::for_each_engine;
use openid::base64url;
use serde_json::json;

const STRICT: (&str, &str) = ("claims", r#"{"id_token":{"acr":{"essential":true,"values":["phr","iris"]}}}"#);

fn attribute(page: &str, name: &str) -> String {
    let start = page.split(&format!(" {name}=\"")).nth(1).unwrap_or_else(|| panic!("no {name} in {page}"));
    start.split('"').next().unwrap().to_string()
}

/// She makes a passkey on her account page.
async fn add(browser: &mut Browser<'_>) -> Authenticator {
    let page = browser.post("/passkeys/new", &[("name", "Phone")]).await;
    let mut phone = Authenticator::at(ISSUER, b"phone", b"");
    phone.user = base64url::decode(&attribute(&page.body, "data-user")).unwrap();
    let made = phone.make(&attribute(&page.body, "data-challenge"));
    let (client, data) = (base64url::encode(made.client_data), base64url::encode(made.attestation_object));
    let fields = [("name", "Phone"), ("client", client.as_str()), ("data", data.as_str())];
    assert_eq!(browser.post("/passkeys", &fields).await.status, 303);
    phone
}

async fn sign_in(browser: &mut Browser<'_>, phone: &Authenticator, next: &str) {
    let page = browser.post("/sign-in/passkey", &[("next", next)]).await;
    let used = phone.sign(&attribute(&page.body, "data-challenge"));
    let parts = [used.id, used.client_data, used.authenticator_data, used.signature, used.user];
    let parts = parts.map(base64url::encode);
    let names = ["id", "client", "data", "signature", "user"];
    let mut fields: Vec<(&str, &str)> = names.into_iter().zip(parts.iter().map(String::as_str)).collect();
    fields.push(("next", next));
    let done = browser.post("/sign-in/passkey/check", &fields).await;
    assert_eq!((done.status, done.header("location")), (303, next), "{}", done.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn she_is_asked_for_a_passkey_and_the_token_says_that_she_used_it() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        bed.people.office().set_passkey_origin(ISSUER).unwrap();
        let clinic = bed.clinic().await;
        let mut browser = bed.signed_in(bed.amina).await;
        let phone = add(&mut browser).await;

        // Her session was begun in another way: she is told, and with prompt=none the clinic is.
        let none = browser.get(&clinic.ask(&[STRICT, ("prompt", "none")])).await;
        assert_eq!(none.outcome(), "redirect login_required");
        let got = browser.get(&clinic.ask(&[STRICT])).await;
        let question = got.header("location").split('?').next().unwrap().to_string();
        let page = browser.get(&format!("{question}?lang=en")).await;
        assert!(page.body.contains("Sign in with a passkey") && page.body.contains("Clinic of the North"));
        assert!(page.body.contains(&format!("/sign-in?next={question}")), "{}", page.body);
        let pressed = browser.post(&question, &[]).await;
        assert_eq!(pressed.outcome(), format!("page {question}"), "a form sent all the same gives no code");

        sign_in(&mut browser, &phone, &question).await;
        let done = browser.post(&question, &[]).await;
        assert!(done.header("location").starts_with(BACK), "{} {}", done.outcome(), done.body);
        let tokens = clinic.exchange(&done.param("code").unwrap()).await.json();
        let id = claims(&bed, &text(&tokens, "id_token"), "JWT").await;
        assert_eq!((&id["acr"], &id["amr"]), (&json!("phr"), &json!(["pop", "user", "mfa"])));

        // The other way round, and a wish that binds nobody.
        let code = ("claims", r#"{"id_token":{"acr":{"essential":true,"value":"otp"}}}"#);
        let got = browser.get(&clinic.ask(&[code, ("prompt", "none")])).await;
        assert_eq!(got.outcome(), "redirect login_required");
        let mut other = bed.signed_in(bed.amina).await;
        let wish = clinic.code(&mut other, &[("acr_values", "phr")]).await;
        let tokens = clinic.exchange(&wish).await.json();
        let id = claims(&bed, &text(&tokens, "id_token"), "JWT").await;
        assert_eq!((&id["acr"], &id["amr"]), (&json!("otp"), &json!(["pwd", "otp", "mfa"])));
    })
    .await;
}

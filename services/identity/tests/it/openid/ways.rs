//! Further ways that work: a program on one's own machine, a request by POST, signing out at a service's wish.

use super::bed::{Bed, VERIFIER, form, text};
use crate::country;
use axum::body::Body;
use axum::http::Request;
use daftar_testing::for_each_engine;
use openid::Method;

#[tokio::test(flavor = "multi_thread")]
async fn a_program_on_her_own_machine_chooses_its_port_and_needs_no_secret() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let program = bed
            .rp(|new| {
                new.method = Method::Public;
                new.native = true;
                new.redirect_uris = vec!["http://127.0.0.1/back".into()];
            })
            .await;
        assert!(program.secret.is_empty());
        let mut browser = bed.signed_in(bed.amina).await;
        let back = "http://127.0.0.1:51004/back";
        let question =
            browser.get(&program.ask(&[("redirect_uri", back)])).await.header("location").to_string();
        let page = browser.get(&question).await;
        assert!(
            page.header("content-security-policy").contains("form-action 'self' http://127.0.0.1:51004;")
        );
        let done = browser.post(&question, &[]).await;
        assert!(done.header("location").starts_with(&format!("{back}?code=")), "{}", done.header("location"));
        let code = done.param("code").unwrap();
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", program.id.as_str()),
            ("code", code.as_str()),
            ("redirect_uri", back),
            ("code_verifier", VERIFIER),
        ];
        let got = bed.call("/openid/token", &[], &fields).await;
        assert_eq!((got.status, got.header("access-control-allow-origin")), (200, "*"), "{}", got.body);
        let clinic = bed.clinic().await;
        let got = clinic.exchange("x").await;
        assert_eq!(got.header("access-control-allow-origin"), "", "a service with a secret is no page");
        let other = browser.get(&program.ask(&[("redirect_uri", "http://localhost:51004/back")])).await;
        assert_eq!(other.status, 400);
        let asked = [("token", "x"), ("client_id", program.id.as_str())];
        assert_eq!(bed.call("/openid/introspect", &[], &asked).await.outcome(), "401 invalid_client");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_by_post_is_kept_until_the_browser_comes_with_its_cookies() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clinic = bed.clinic().await;
        let mut browser = bed.signed_in(bed.amina).await;
        // From the clinic's own page: no cookie of ours comes with it.
        let got = bed.call("/openid/authorize", &[], &clinic.fields(&[])).await;
        let question = got.header("location").to_string();
        assert!(question.starts_with("/openid/authorization/"), "{}", got.outcome());
        let cookie = got.header("set-cookie");
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        browser.cookies.insert(name.into(), value.into());
        let code = browser.post(&question, &[]).await.param("code").unwrap();
        assert_eq!(clinic.exchange(&code).await.status, 200);
        let silent = bed.call("/openid/authorize", &[], &clinic.fields(&[("prompt", "none")])).await;
        let mut nobody = bed.browser();
        let cookie =
            silent.header("set-cookie").split(';').next().unwrap().split_once('=').unwrap().1.to_string();
        nobody.cookies.insert("daftar_browser".into(), cookie);
        let got = nobody.get(silent.header("location")).await;
        assert_eq!(got.outcome(), "redirect login_required", "prompt=none shows no page");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_at_a_services_wish_asks_her_first() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clinic = bed.clinic().await;
        let mut browser = bed.signed_in(bed.amina).await;
        let hint = text(&clinic.tokens(&mut browser, &[]).await, "id_token");
        // Even an ID token that has expired names the session (RP-Initiated Logout 1.0 §2).
        bed.later(700);
        let wish = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", "https://clinic.example/bye"),
            ("state", "s9"),
        ];
        let page = browser.get(&format!("/openid/logout?{}", form(&wish))).await;
        assert_eq!(page.status, 200);
        assert!(
            page.header("content-security-policy").contains("form-action 'self' https://clinic.example;")
        );
        assert_eq!(browser.get("/me").await.status, 200, "asking alone signs nobody out");
        let done = browser.post("/openid/logout/confirm", &wish).await;
        assert_eq!(done.header("location"), "https://clinic.example/bye?state=s9");
        assert!(browser.get("/me").await.header("location").starts_with("/sign-in"));
        // By POST it becomes the same address.
        let posted = bed.call("/openid/logout", &[], &wish).await;
        assert!(posted.header("location").starts_with("/openid/logout?id_token_hint="));
        let bare = Request::builder().uri("/openid/logout").body(Body::empty()).unwrap();
        assert_eq!(bed.send(bare).await.status, 200, "nobody is signed in, and nobody is sent anywhere");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_asked_one_by_one_arrive_where_they_were_asked() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clinic = bed.clinic().await;
        let mut browser = bed.signed_in(bed.amina).await;
        let wishes = r#"{"id_token":{"birthdate":{"essential":true}},"userinfo":{"address":null}}"#;
        let tokens = clinic.tokens(&mut browser, &[("scope", "openid"), ("claims", wishes)]).await;
        let id = super::bed::claims(&bed, &text(&tokens, "id_token"), "JWT").await;
        assert_eq!(id["birthdate"], "1990-02-13");
        assert!(id.get("address").is_none() && id.get("name").is_none());
        assert_eq!(
            bed.people.my_looks(bed.amina, None, 10).await.unwrap().total,
            1,
            "claims in an ID token are a look"
        );
        let info = bed.userinfo(&text(&tokens, "access_token")).await.json();
        assert_eq!(info["address"]["formatted"], "by the mill");
        assert!(info.get("birthdate").is_none() && info.get("name").is_none());
        assert_eq!(bed.people.my_looks(bed.amina, None, 10).await.unwrap().total, 2);
    })
    .await;
}

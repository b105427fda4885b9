//! One person's story: a clinic is registered, she signs in with password and one-time code, reads, consents, sees who looked,
//! finds her sign-in, and takes it back.

use super::bed::{BACK, Bed, Browser, ISSUER, Rp, claims, text};
use crate::country;
use axum::body::Body;
use axum::http::Request;
use daftar_office::Source;
use daftar_office::enrol::Choice;
use daftar_office::totp::{Secret, step_at};
use daftar_testing::for_each_engine;
use serde_json::json;

const PASSWORD: &str = "seven quiet tulips";

/// The bytes of a base32 text (RFC 4648 §6).
fn secret_of(grouped: &str) -> Secret {
    let (mut bits, mut count, mut bytes) = (0u64, 0, Vec::new());
    for sign in grouped.bytes().filter(|b| *b != b' ') {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|s| *s == sign).unwrap();
        bits = bits << 5 | u64::try_from(value).unwrap();
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    Secret::from_slice(&bytes).unwrap()
}

/// Opens her account with the code of her letter.
pub async fn account(bed: &Bed) -> Secret {
    let letter = bed.people.issue_activation(&country::clerk(), bed.person).await.unwrap();
    let link = bed.people.claim(&letter.code, Source::of("192.0.2.7".parse().unwrap())).await.unwrap();
    let choice = Choice { login: "amina@example".into(), name: String::new(), password: PASSWORD.into() };
    let office = bed.people.office();
    let secret = secret_of(&office.enrol_password(&link, &choice).await.unwrap().secret);
    let now = bed.store.store().world().now();
    office.enrol_confirm(&link, &secret.code(step_at(now))).await.unwrap();
    bed.later(30);
    secret
}

/// The clinic sends her; she is led to sign in, and from there back to the question, whose address this gives.
async fn by_hand(bed: &Bed, browser: &mut Browser<'_>, clinic: &Rp<'_>, secret: &Secret) -> String {
    let got = browser.get(&clinic.ask(&[("ui_locales", "xx fr")])).await;
    let question = got.header("location").to_string();
    assert!(question.ends_with("?lang=fr"), "{question}");
    let question = question.split('?').next().unwrap().to_string();
    let got = browser.get(&question).await;
    let sign_in = format!("/sign-in?next={question}");
    assert_eq!(got.header("location"), sign_in);
    assert_eq!(browser.get(&sign_in).await.status, 200);
    let typed = [("login", "amina@example"), ("password", PASSWORD), ("next", question.as_str())];
    let got = browser.post("/sign-in", &typed).await;
    assert_eq!(got.status, 200, "{}", got.body);
    let challenge = got.body.split("name=\"challenge\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let code = secret.code(step_at(bed.store.store().world().now()));
    let typed = [("challenge", challenge), ("code", code.as_str()), ("next", question.as_str())];
    let got = browser.post("/sign-in/code", &typed).await;
    assert_eq!((got.status, got.header("location")), (303, question.as_str()));
    question
}

/// She reads in plain words who asks, why, and for what; nothing has left yet.
async fn reads(bed: &Bed, browser: &mut Browser<'_>, question: &str) {
    for (lang, words) in [
        ("fr", ["Votre nom", "Votre adresse électronique", "Non, revenir sans"]),
        ("ar", ["اسمك", "بريدك الإلكتروني", "لا، ارجع دون ذلك"]),
        ("en", ["Your name", "Your e-mail address", "No, go back without"]),
    ] {
        let page = browser.get(&format!("{question}?lang={lang}")).await;
        assert_eq!(page.status, 200);
        for words in words.iter().chain(&["Clinic of the North", "North Health Trust", "To find your file."])
        {
            assert!(page.body.contains(words), "{lang} lacks {words}");
        }
        let policy = page.header("content-security-policy");
        assert!(policy.contains("form-action 'self' https://clinic.example;"), "{policy}");
    }
    assert_eq!(bed.people.my_looks(bed.amina, None, 10).await.unwrap().total, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn she_signs_in_to_the_clinic_and_takes_it_back() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clinic = bed.clinic().await;
        let secret = account(&bed).await;
        let mut browser = bed.browser();

        let question = by_hand(&bed, &mut browser, &clinic, &secret).await;
        reads(&bed, &mut browser, &question).await;

        // She allows it and is back at the clinic, which trades the code for tokens.
        let done = browser.post(&question, &[]).await;
        assert!(done.header("location").starts_with(BACK), "{} {}", done.outcome(), done.body);
        assert_eq!(done.param("state").as_deref(), Some("af0ifjsldkj"));
        assert_eq!(done.param("iss").as_deref(), Some(ISSUER));
        let got = clinic.exchange(&done.param("code").unwrap()).await;
        assert_eq!(got.header("cache-control"), "no-store");
        let tokens = got.json();
        let id = claims(&bed, &text(&tokens, "id_token"), "JWT").await;
        assert_eq!(
            (&id["iss"], &id["aud"], &id["nonce"]),
            (&json!(ISSUER), &json!(clinic.id), &json!("n-0S6_WzA2Mj"))
        );
        assert_eq!((&id["acr"], &id["azp"]), (&json!("otp"), &json!(clinic.id)));
        let access = text(&tokens, "access_token");
        assert_eq!(id["at_hash"], openid::id_token::at_hash(&access));
        assert_eq!(claims(&bed, &access, "at+jwt").await["sub"], id["sub"]);
        assert!(tokens.get("refresh_token").is_none(), "she did not allow anything while she is away");

        // What it reads is what she allowed, and the look stands in her list.
        let info = bed.userinfo(&access).await.json();
        assert_eq!((&info["sub"], &info["name"]), (&id["sub"], &json!("Amina Diallo")));
        assert_eq!(
            (&info["email"], &info["birthdate"]),
            (&json!("amina@post.example"), &json!("1990-02-13"))
        );
        assert!(info.get("phone_number").is_none() && info.get("address").is_none());
        let looks = bed.people.my_looks(bed.amina, None, 10).await.unwrap();
        assert_eq!(looks.total, 1);
        let look = looks.rows[0].content.clone().unwrap();
        assert_eq!((look.reader.as_str(), look.basis.as_str()), ("Clinic of the North", "consent"));
        assert_eq!(look.fields, ["born", "contacts", "name", "sex"]);
        let page = browser.get("/me/looks?lang=en").await;
        assert!(
            page.body.contains("Clinic of the North") && page.body.contains("a service you signed in to")
        );

        // Her sign-in stands in her history; she takes the consent back, and every token is dead.
        assert!(browser.get("/me/services/history").await.body.contains("Clinic of the North"));
        assert!(browser.get("/me/services").await.body.contains("Clinic of the North"));
        let revoke = format!("/me/services/{}/revoke", clinic.id);
        assert_eq!(browser.post(&revoke, &[]).await.header("location"), "/me/services");
        assert_eq!(bed.userinfo(&access).await.outcome(), "401 invalid_token");
        assert!(!browser.get("/me/services").await.body.contains("Clinic of the North"));
        assert_eq!(browser.post(&revoke, &[]).await.status, 404);
        let acts: Vec<String> = bed
            .people
            .my_acts(bed.amina, None, 10)
            .await
            .unwrap()
            .into_iter()
            .map(|a| a.entry.kind)
            .collect();
        assert!(
            acts.contains(&"identity.consent-given".into())
                && acts.contains(&"identity.consent-revoked".into())
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn declining_is_as_easy_and_tells_the_clinic_nothing() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clinic = bed.clinic().await;
        let mut browser = bed.signed_in(bed.amina).await;
        let question = browser.get(&clinic.ask(&[])).await.header("location").to_string();
        let got = browser.post(&format!("{question}/decline"), &[]).await;
        assert_eq!(got.outcome(), "redirect access_denied");
        assert_eq!(got.param("state").as_deref(), Some("af0ifjsldkj"));
        assert!(bed.provider.grants(bed.amina).await.unwrap().is_empty());
        assert!(bed.provider.history(bed.amina, None).await.unwrap().is_empty());
        assert_eq!(browser.post(&question, &[]).await.status, 404, "it was answered");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_sign_in_asks_nothing_and_one_thing_more_asks_again() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clinic = bed.clinic().await;
        let mut browser = bed.signed_in(bed.amina).await;
        clinic.tokens(&mut browser, &[]).await;
        assert_eq!(browser.get(&clinic.ask(&[])).await.outcome(), "redirect code");
        assert_eq!(browser.get(&clinic.ask(&[("prompt", "none")])).await.outcome(), "redirect code");
        assert_eq!(browser.get(&clinic.ask(&[("scope", "openid")])).await.outcome(), "redirect code");
        let more = browser.get(&clinic.ask(&[("scope", "openid phone")])).await;
        assert!(more.header("location").starts_with("/openid/authorization/"));
        let claims = r#"{"userinfo":{"address":{"essential":true}}}"#;
        let more = browser.get(&clinic.ask(&[("claims", claims), ("prompt", "none")])).await;
        assert_eq!(more.outcome(), "redirect consent_required");
        assert_eq!(bed.provider.grants(bed.amina).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sectors_share_no_name_for_her_and_one_sector_does() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (clinic, ward) = (
            bed.clinic().await,
            bed.rp(|new| new.redirect_uris = vec!["https://clinic.example/ward".into()]).await,
        );
        let bank = bed.rp(|new| new.redirect_uris = vec!["https://bank.example/back".into()]).await;
        let mut browser = bed.signed_in(bed.amina).await;
        let mut subs = Vec::new();
        for rp in [&clinic, &ward, &bank] {
            let tokens = rp.tokens(&mut browser, &[]).await;
            subs.push(text(&claims(&bed, &text(&tokens, "id_token"), "JWT").await, "sub"));
        }
        assert_eq!(subs[0], subs[1]);
        assert_ne!(subs[0], subs[2]);
        for known in [bed.amina, bed.person, bed.people.own_subject(bed.amina).await.unwrap()] {
            assert!(!subs.contains(&known.to_string()), "no service learns a name another room uses");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_tokens_rotate_and_the_old_one_ends_the_family() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clinic = bed.clinic().await;
        let mut browser = bed.signed_in(bed.amina).await;
        let asked = [("scope", "openid profile offline_access"), ("prompt", "consent")];
        let first = clinic.tokens(&mut browser, &asked).await;
        let one = text(&first, "refresh_token");
        let second = clinic.refresh(&one).await;
        assert_eq!(second.status, 200, "{}", second.body);
        let second = second.json();
        let two = text(&second, "refresh_token");
        assert_ne!(one, two);
        let id = claims(&bed, &text(&second, "id_token"), "JWT").await;
        assert!(id.get("nonce").is_none() && id.get("auth_time").is_some());
        let access = text(&second, "access_token");
        assert_eq!(bed.userinfo(&access).await.status, 200);
        assert_eq!(clinic.refresh(&one).await.outcome(), "400 invalid_grant", "used before");
        assert_eq!(clinic.refresh(&two).await.outcome(), "400 invalid_grant", "the family ended");
        assert_eq!(bed.userinfo(&access).await.outcome(), "401 invalid_token");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_shuts_everything_until_a_fresh_code() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clinic = bed.clinic().await;
        let mut browser = bed.signed_in(bed.amina).await;
        let asked = [("scope", "openid profile offline_access"), ("prompt", "consent")];
        let tokens = clinic.tokens(&mut browser, &asked).await;
        let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
        assert_eq!(browser.post("/me/services/lock", &[]).await.status, 303);
        assert_eq!(bed.userinfo(&access).await.outcome(), "401 invalid_token");
        assert_eq!(clinic.refresh(&refresh).await.outcome(), "400 invalid_grant");
        let about = clinic.post("/openid/introspect", &[("token", &access)]).await.json();
        assert_eq!(about, json!({"active": false}));
        assert_eq!(
            browser.get(&clinic.ask(&[("prompt", "none")])).await.outcome(),
            "redirect interaction_required"
        );
        let question = browser.get(&clinic.ask(&[])).await.header("location").to_string();
        let page = browser.get(&format!("{question}?lang=en")).await;
        assert!(page.body.contains("You have locked signing in to services"));
        assert_eq!(browser.post(&question, &[]).await.header("location"), question, "no button gets past it");
        // The one-time code of her sign-in is too old by now.
        bed.later(6 * 60);
        assert_eq!(
            browser.get("/me/services/unlock").await.header("location"),
            "/step-up?next=/me/services/unlock"
        );
        assert_eq!(browser.post("/me/services/unlock", &[]).await.status, 403);
        browser.sign_in(bed.amina).await;
        assert_eq!(browser.post("/me/services/unlock", &[]).await.status, 303);
        assert_eq!(bed.userinfo(&access).await.status, 200, "what was allowed is allowed again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_proves_itself_with_a_key_and_has_tokens_of_its_own() {
    use openid::client_auth::JWT_BEARER;
    use openid::jwk::{Jwk, SigningKey};
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let key = SigningKey::from_secret(&[9; 32]).unwrap();
        let partner = bed
            .rp(|new| {
                new.method = openid::Method::PrivateKeyJwt;
                new.own_tokens = true;
                new.keys = Jwk::set(&[key.public().clone()]).to_string();
            })
            .await;
        let now = bed.store.store().world().now().seconds();
        let body = json!({"iss": partner.id, "sub": partner.id, "aud": ISSUER, "jti": "1", "exp": now + 60});
        let jwt = openid::jws::sign(&key, "JWT", body.as_object().unwrap()).unwrap();
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", jwt.as_str()),
        ];
        let got = bed.call("/openid/token", &[], &fields).await;
        assert_eq!(got.status, 200, "{}", got.body);
        let access = text(&got.json(), "access_token");
        assert_eq!(claims(&bed, &access, "at+jwt").await["sub"], json!(partner.id));
        assert_eq!(bed.userinfo(&access).await.outcome(), "403 insufficient_scope", "it speaks of no person");
        assert_eq!(bed.call("/openid/token", &[], &fields).await.outcome(), "401 invalid_client", "replayed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_discovery_documents_agree_and_browsers_may_read_them() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let get =
            async |path: &str| bed.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await;
        let one = get("/.well-known/openid-configuration").await;
        let two = get("/.well-known/oauth-authorization-server").await;
        assert_eq!((one.status, &one.body), (200, &two.body));
        assert_eq!(one.json()["issuer"], ISSUER);
        assert_eq!(one.header("access-control-allow-origin"), "*");
        let asked = Request::builder().method("OPTIONS").uri("/openid/userinfo").body(Body::empty()).unwrap();
        assert_eq!(
            bed.send(asked).await.header("access-control-allow-headers"),
            "authorization, content-type"
        );
    })
    .await;
}

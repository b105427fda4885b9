//! From a partner's registration to the last answer.

use super::bed::{Partner, agency, bank, card_of, looks, nobodys, outcome, send};
use crate::country;
use crate::openid::bed::{Bed, Browser, ISSUER, claims, text};
use daftar_identity::person::Entry;
use daftar_identity::register::Registration;
use daftar_testing::for_each_engine;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_fund_asks_by_law_and_she_sees_each_question() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let fund = agency(&bed).await;
        let card = card_of(&bed, bed.amina).await;
        let asked = [
            ("name", "DIALLO, Amina"),
            ("born", "1990"),
            ("over_age", "36"),
            ("over_age", "37"),
            ("sex", "male"),
            ("birth_place", "north-1"),
            ("address_place", "south-1"),
            ("alive", ""),
            ("card_valid", ""),
        ];
        let (first, second): (Vec<_>, Vec<_>) =
            asked.iter().copied().partition(|claim| *claim != ("over_age", "37"));
        // She is 36 until the 13th of February.
        assert_eq!(bed.people.today().to_string(), "2026-11-23");
        assert_eq!(fund.answers(&card, None, &first).await, "yes yes yes no yes no yes yes");
        assert_eq!(fund.answers(&card, None, &second).await, "no");
        bed.later(82 * 86_400);
        let mut fund = fund;
        fund.renew().await;
        assert_eq!(fund.answers(&card, None, &second).await, "yes", "on her birthday");
        let seen = looks(&bed, bed.amina).await;
        assert_eq!(seen[0], "Pension Fund/registration/Registration Act, section 4/checked_over_age");
        assert_eq!(seen.len(), 3);
        assert!(seen[2].ends_with("checked_address_place,checked_alive,checked_card_valid"), "{}", seen[2]);
        let page = bed.signed_in(bed.amina).await.get("/me/looks").await.body;
        assert!(page.contains("Pension Fund") && page.contains("whether you have reached an age"), "{page}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_of_nobody_is_answered_as_any_other_and_leaves_no_look() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (fund, bank) = (agency(&bed).await, bank(&bed).await);
        let other = bed
            .people
            .register(
                &country::clerk(),
                country::registration(Entry { name: "Omar Keita".into(), ..country::amina() }, "k2"),
            )
            .await
            .unwrap();
        let omar = bed.people.office_token(other.person).await.unwrap();
        let asked = [("name", "Omar Keita"), ("alive", "")];
        let wrong = fund.verify(&nobodys(&bed), None, &asked).await;
        let right = fund.verify(&card_of(&bed, omar).await, None, &asked).await;
        assert_eq!((wrong.status, right.status), (200, 200));
        let shape = |got: &crate::openid::bed::Got| {
            got.json().as_object().unwrap().keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(shape(&wrong), shape(&right));
        assert_eq!(wrong.json()["answers"][1], json!({"attribute": "alive", "answer": "unknown"}));
        // Amina's consent says nothing about Omar's card, and not whether it is anybody's.
        let consent =
            bank.consent(bed.amina, &json!({"attributes": ["name", "alive"], "days": 1, "uses": 1})).await;
        let omars = bank.answers(&card_of(&bed, omar).await, Some(&consent), &asked).await;
        let nobody = bank.answers(&nobodys(&bed), Some(&consent), &asked).await;
        assert_eq!((omars.as_str(), nobody.as_str()), ("unknown unknown", "unknown unknown"));
        assert_eq!(looks(&bed, omar).await.len(), 1, "only the fund's");
        let hers = card_of(&bed, bed.amina).await;
        assert_eq!(
            bank.answers(&hers, Some(&consent), &asked).await,
            "no yes",
            "the wrong cards used nothing up"
        );
        assert_eq!(
            outcome(&bank.verify(&hers, Some(&consent), &asked).await),
            "403 identity-consent-used-up"
        );
        let seen = looks(&bed, bed.amina).await;
        assert_eq!(seen, ["Bank of the North/registration/consent/checked_name,checked_alive"]);
    })
    .await;
}

/// What the bank is handed, and what not; answers its name for her.
async fn she_is_handed_over(bed: &Bed, bank: &Partner<'_>, consent: &str) -> String {
    let card = card_of(bed, bed.amina).await;
    let document = bank.post("/api/v1/kyc", &json!({"consent": consent, "over_age": 18})).await;
    assert_eq!(
        (document.status, document.header("content-type")),
        (200, "application/jwt"),
        "{}",
        document.body
    );
    let told = claims(bed, &document.body, "kyc+jwt").await;
    assert_eq!((&told["iss"], &told["aud"]), (&json!(ISSUER), &json!(bank.rp.id)));
    assert_eq!((&told["name"], &told["age_over_18"]), (&json!("Amina Diallo"), &json!(true)));
    assert_eq!(told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap(), 300);
    let sub = text(&told, "sub");
    for absent in ["birthdate", "gender", "picture", "alive", "card_valid", "place_of_birth"] {
        assert!(told.get(absent).is_none(), "{absent} was not allowed");
    }
    let whole = told.to_string();
    for secret in [&card, &bed.person.to_string(), &bed.amina.to_string(), &"by the mill".to_string()] {
        assert!(!whole.contains(secret.as_str()));
    }
    assert_eq!(text(&told, "consent"), consent);
    sub
}

/// The same receipt for both, signed.
async fn both_have_the_receipt(
    bed: &Bed,
    bank: &Partner<'_>,
    browser: &mut Browser<'_>,
    (consent, sub): (&str, &str),
) {
    let theirs = bank.get(&format!("/api/v1/consents/{consent}/receipt")).await;
    let hers = browser.get(&format!("/me/permissions/{consent}/receipt.jwt")).await;
    for got in [&theirs, &hers] {
        let receipt = claims(bed, &got.body, "consent-receipt+jwt").await;
        assert_eq!((&receipt["record_id"], &receipt["sub"]), (&json!(consent), &json!(sub)));
        assert_eq!((&receipt["receipt_id"], &receipt["pii_principal_id"]), (&receipt["jti"], &json!(sub)));
        assert_eq!(receipt["schema_version"], "daftar-consent-receipt/2");
        let purpose = &receipt["pii_processing"]["purposes"][0];
        let about = json!([{"pii_type": "name"}, {"pii_type": "over_age"}, {"pii_type": "address_place"}]);
        assert_eq!((&purpose["purpose"], &purpose["pii_information"]), (&json!("registration"), &about));
        assert_eq!(
            (&purpose["lawful_basis"], &purpose["services"][0]),
            (&json!("consent"), &json!("Bank of the North"))
        );
        // A controller is named by its id and described once, among the parties.
        let party = &receipt["parties"][0];
        assert_eq!(
            (&purpose["pii_controllers"][0], &party["party_id"]),
            (&party["party_id"], &json!(bank.rp.id))
        );
        assert_eq!(
            (&party["party_name"], &party["party_role"]),
            (&json!("North Health Trust"), &json!("pii_controller"))
        );
        let given = &receipt["events"][0];
        assert_eq!((&given["event_state"], &given["validity_duration"]), (&json!("given"), &json!("P30D")));
        assert_eq!((&given["entity_id"], &given["event_type"]), (&json!(sub), &json!("explicit")));
        assert_eq!(
            (&receipt["daftar"]["state"], &receipt["daftar"]["uses_allowed"]),
            (&json!("given"), &json!(5))
        );
        for left in daftar_identity::verify::receipt::LEFT_OUT {
            let whole = receipt.to_string();
            assert_eq!(
                whole.matches(&format!("\"{left}\"")).count(),
                1,
                "{left} is named as left out: {whole}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_asks_her_she_allows_it_and_takes_it_back() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let bank = bank(&bed).await;
        let card = card_of(&bed, bed.amina).await;
        let body = json!({"attributes": ["address_place", "name", "over_age"], "days": 30, "uses": 5});
        let (consent, code) = bank.ask("order-1", &body).await;
        assert_eq!(bank.ask("order-1", &body).await, (consent.clone(), code.clone()), "sent again");
        let state = bank.get(&format!("/api/v1/consents/{consent}")).await.json();
        assert_eq!((&state["state"], &state["until"]), (&json!("asked"), &json!(null)));
        let asked = [("name", "amina diallo")];
        assert_eq!(outcome(&bank.verify(&card, Some(&consent), &asked).await), "409 identity-consent-waits");

        let mut browser = bed.signed_in(bed.amina).await;
        let led = browser.post("/me/permissions", &[("code", &format!(" {} ", code.to_lowercase()))]).await;
        assert_eq!(led.header("location"), format!("/me/permissions/asked/{code}"));
        let page = browser.get(led.header("location")).await;
        for words in [
            "Bank of the North",
            "North Health Trust",
            "To find your file.",
            "without the street",
            "Times it may be used",
        ] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        assert_eq!(browser.post(&format!("/me/permissions/asked/{code}"), &[]).await.status, 303);
        assert_eq!(browser.get(&format!("/me/permissions/asked/{code}")).await.status, 404, "answered once");

        assert_eq!(bank.answers(&card, Some(&consent), &asked).await, "yes");
        let sub = she_is_handed_over(&bed, &bank, &consent).await;
        both_have_the_receipt(&bed, &bank, &mut browser, (&consent, &sub)).await;

        let list = browser.get("/me/permissions").await.body;
        let plain: String = list.chars().filter(|c| !matches!(c, '\u{2068}' | '\u{2069}')).collect();
        assert!(plain.contains("2 of 5"), "{list}");
        assert_eq!(browser.post(&format!("/me/permissions/{consent}/revoke"), &[]).await.status, 303);
        assert_eq!(browser.post(&format!("/me/permissions/{consent}/revoke"), &[]).await.status, 404);
        for got in [
            bank.verify(&card, Some(&consent), &asked).await,
            bank.post("/api/v1/kyc", &json!({"consent": consent})).await,
        ] {
            assert_eq!(outcome(&got), "403 identity-consent-revoked");
        }
        let receipt = bank.get(&format!("/api/v1/consents/{consent}/receipt")).await;
        let receipt = claims(&bed, &receipt.body, "consent-receipt+jwt").await;
        assert_eq!(
            (&receipt["daftar"]["state"], &receipt["events"][1]["event_state"]),
            (&json!("revoked"), &json!("withdrawn"))
        );
        let acts = bed.people.my_acts(bed.amina, None, 9).await.unwrap();
        let mut kinds: Vec<&str> = acts.iter().map(|act| act.entry.kind.as_str()).collect();
        // Acts of one moment stand in any order.
        kinds.retain(|kind| kind.starts_with("identity.permission"));
        kinds.sort_unstable();
        assert_eq!(kinds, ["identity.permission-given", "identity.permission-revoked"]);
        let seen = looks(&bed, bed.amina).await;
        assert_eq!(seen[0], "Bank of the North/registration/consent/name,checked_over_age,address");
        let data: serde_json::Value = browser.get("/me/data.json").await.json();
        assert_eq!(data["permissions"][0]["state"], "revoked");
        assert_eq!(data["permissions"][0]["uses"], 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_partners_know_her_by_two_names() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let one = bank(&bed).await;
        let two = super::bed::partner(&bed, "Telecom", super::bed::granted(true)).await;
        let mut subs = Vec::new();
        for partner in [&one, &two, &one] {
            let consent = partner
                .consent(
                    bed.amina,
                    &json!({"attributes": ["name", "photo", "card_valid", "sex"], "days": 365}),
                )
                .await;
            let got = partner.post("/api/v1/kyc", &json!({"consent": consent})).await;
            let told = claims(&bed, &got.body, "kyc+jwt").await;
            assert_eq!((&told["card_valid"], &told["gender"]), (&json!(true), &json!("female")));
            assert!(told.get("picture").is_none(), "she has no photo");
            subs.push(text(&told, "sub"));
        }
        assert!(subs[0] != subs[1] && subs[0] == subs[2]);
        // She declines the next question.
        let (consent, code) = one.ask("again", &json!({"attributes": ["born"], "days": 1})).await;
        let mut browser = bed.signed_in(bed.amina).await;
        assert_eq!(browser.post(&format!("/me/permissions/asked/{code}/decline"), &[]).await.status, 303);
        let got = one.post("/api/v1/kyc", &json!({"consent": consent})).await;
        assert_eq!(outcome(&got), "403 identity-consent-declined");
        let state = one.get(&format!("/api/v1/consents/{consent}")).await.json();
        assert_eq!(state["state"], "declined");
        let got =
            send(&bed, "POST", "/api/v1/kyc", &two.token, ("", json!({"consent": consent}).to_string()))
                .await;
        assert_eq!(outcome(&got), "404 identity-consent-unknown");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_photo_is_handed_over_only_with_consent_to_it() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let bank = bank(&bed).await;
        let entry = Entry { name: "Omar Keita".into(), ..country::amina() };
        let with = Registration { photo: Some(crate::mine::picture()), ..country::registration(entry, "k2") };
        let made = bed.people.register(&country::clerk(), with).await.unwrap();
        let omar = bed.people.office_token(made.person).await.unwrap();
        for (attributes, handed) in [(json!(["name"]), false), (json!(["name", "photo"]), true)] {
            let consent = bank.consent(omar, &json!({"attributes": attributes, "days": 1})).await;
            let got = bank.post("/api/v1/kyc", &json!({"consent": consent})).await;
            // Longer than any token we take ourselves: read as a partner's library reads it.
            let body = openid::base64url::decode(got.body.split('.').nth(1).unwrap()).unwrap();
            let told: serde_json::Value = serde_json::from_slice(&body).unwrap();
            let picture = told["picture"].as_str().unwrap_or_default();
            assert_eq!(picture.starts_with("data:image/jpeg;base64,/9j/"), handed, "{attributes}");
            let seen = looks(&bed, omar).await;
            assert_eq!(seen[0].ends_with("/name,photo"), handed, "{}", seen[0]);
        }
    })
    .await;
}

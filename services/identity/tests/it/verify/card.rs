//! Whether a card is valid: for partners, officials, and whoever holds its code.

use super::bed::{agency, bank, card_of, looks, outcome};
use crate::country;
use crate::openid::bed::Bed;
use daftar_identity::correct::{Correction, PhotoChange};
use daftar_identity::life::{Decision, Request};
use daftar_identity::papers::{Paper, PaperTexts};
use daftar_identity::person::Entry;
use daftar_identity::verify::quota::VISITS_PER_MINUTE;
use daftar_kernel::{Id, Lang};
use daftar_ports::certificate::sign;
use daftar_testing::for_each_engine;
use pdf_writing::Colour;
use serde_json::json;

/// The text of the code on a citizen's card, as it is printed now.
pub async fn code_of(bed: &Bed, citizen: Id) -> String {
    let data = bed.people.my_paper_data(citizen).await.unwrap();
    let texts = PaperTexts {
        lang: Lang::english(),
        text: &|key| key.to_string(),
        place: &|code| code.to_string(),
        issuer: "Test".into(),
        zone: "Africa/Tunis".into(),
        accent: Colour::rgb(0, 0, 0),
    };
    sign(&data.paper(Paper::Card, &texts), &bed.people.papers_key().unwrap()).unwrap().text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_valid_until_it_is_replaced_or_its_holder_dies() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (mut fund, bank) = (agency(&bed).await, bank(&bed).await);
        let (code, card) = (code_of(&bed, bed.amina).await, card_of(&bed, bed.amina).await);
        let status = async |partner: &super::bed::Partner<'_>, body: serde_json::Value| {
            let got = partner.post("/api/v1/card-status", &body).await;
            if got.status == 200 { got.json()["status"].as_str().unwrap().to_string() } else { outcome(&got) }
        };
        assert_eq!(status(&bank, json!({"code": code})).await, "valid");
        assert_eq!(status(&fund, json!({"card": card})).await, "valid");
        assert_eq!(status(&bank, json!({"card": card})).await, "422 identity-card-code-needed");
        assert_eq!(status(&bank, json!({"code": format!("{code}A")})).await, "422 identity-card-code");
        assert_eq!(status(&bank, json!({"code": "https://example.org"})).await, "422 identity-card-code");
        assert_eq!(status(&fund, json!({})).await, "422 identity-verify-ask");
        let seen = looks(&bed, bed.amina).await;
        assert_eq!(seen[0], "Pension Fund/registration/Registration Act, section 4/checked_card_valid");
        assert_eq!(seen[1], "Bank of the North/registration/card-shown/checked_card_valid");

        bed.people.replace_card(&country::clerk(), bed.person, "lost", "r1").await.unwrap();
        let got = bank.post("/api/v1/card-status", &json!({"code": code})).await.json();
        assert_eq!(got["status"], "replaced");
        assert!(got["since"].is_string());
        assert_eq!(fund.answers(&card, None, &[("card_valid", "")]).await, "unknown");
        let (new_code, new_card) = (code_of(&bed, bed.amina).await, card_of(&bed, bed.amina).await);
        assert_eq!(status(&bank, json!({"code": new_code})).await, "valid");
        // Ten years on, to the day.
        bed.later(3_652 * 86_400);
        fund.renew().await;
        assert_eq!(
            fund.answers(&new_card, None, &[("card_valid", "")]).await,
            "yes",
            "{}",
            bed.people.today()
        );
        bed.later(86_400);
        fund.renew().await;
        assert_eq!(fund.answers(&new_card, None, &[("card_valid", ""), ("alive", "")]).await, "no yes");
        assert_eq!(status(&fund, json!({"card": new_card})).await, "ended");

        bed.people.replace_card(&country::clerk(), bed.person, "over", "r2").await.unwrap();
        let last = card_of(&bed, bed.amina).await;
        assert_eq!(status(&fund, json!({"card": last})).await, "valid");
        let entry = Entry {
            died: "2030".into(),
            phone: "+22312345678".into(),
            address_lines: vec!["by the mill".into()],
            ..country::amina()
        };
        let died = Correction {
            person: bed.person,
            expected_version: 1,
            entry,
            photo: PhotoChange::Keep,
            reason: "died".into(),
            evidence: "notice".into(),
            idempotency_key: "d1".into(),
        };
        bed.people.correct(&country::clerk(), died).await.unwrap();
        assert_eq!(status(&fund, json!({"card": last})).await, "ended");
        assert_eq!(fund.answers(&last, None, &[("alive", "")]).await, "no");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_record_has_no_valid_card_and_its_holder_lives_all_the_same() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let fund = agency(&bed).await;
        let card = card_of(&bed, bed.amina).await;
        let two = country::colleagues(&bed.people).await;
        for (decision, valid, standing) in
            [(Decision::Suspend, "no", "ended"), (Decision::Lift, "yes", "valid")]
        {
            let request = Request { person: bed.person, decision, ground: "article 40".into() };
            let approval = bed.people.request_decision(&country::clerk(), request).await.unwrap();
            country::approve(&bed.people, approval, &two).await;
            bed.people.carry_out(&country::clerk(), decision, approval).await.unwrap();
            let told = fund.answers(&card, None, &[("card_valid", ""), ("alive", "")]).await;
            assert_eq!(told, format!("{valid} yes"), "a suspended card stops no pension");
            let got = fund.post("/api/v1/card-status", &json!({"card": card})).await.json();
            assert_eq!(got["status"], standing);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_the_code_learns_valid_or_not_and_nothing_else() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let (code, card) = (code_of(&bed, bed.amina).await, card_of(&bed, bed.amina).await);
        let mut visitor = bed.browser();
        let valid = visitor.post("/card", &[("code", &code)]).await;
        assert!(valid.status == 200 && valid.body.contains(">Valid<"), "{}", valid.body);
        for secret in ["Amina", "Diallo", "1990", &card, &card[..4]] {
            assert!(!valid.body.contains(secret), "{secret}");
        }
        assert_eq!(looks(&bed, bed.amina).await, ["public/card-check/card-shown/checked_card_valid"]);
        let page = bed.signed_in(bed.amina).await.get("/me/looks").await.body;
        assert!(page.contains("Somebody who holds the code of your card"), "{page}");
        // A bare number is no question, whosever it is.
        for bad in [card.as_str(), "", "DFT1:", "<script>", &code[..code.len() - 1]] {
            let got = visitor.post("/card", &[("code", bad)]).await;
            assert!(got.status == 200 && got.body.contains("Not valid"), "{bad}: {}", got.body);
        }
        assert_eq!(looks(&bed, bed.amina).await.len(), 1);
        bed.people.replace_card(&country::clerk(), bed.person, "lost", "r1").await.unwrap();
        assert!(visitor.post("/card", &[("code", &code)]).await.body.contains("Not valid"));
        for _ in 7..VISITS_PER_MINUTE {
            assert_eq!(visitor.post("/card", &[("code", "x")]).await.status, 200);
        }
        let got = visitor.post("/card", &[("code", "x")]).await;
        assert_eq!(got.status, 429);
        let wait: i64 = got.header("retry-after").parse().unwrap();
        bed.later(wait);
        assert_eq!(visitor.post("/card", &[("code", "x")]).await.status, 200);
    })
    .await;
}

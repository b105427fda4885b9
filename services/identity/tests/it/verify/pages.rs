//! The official's pages, and whose permissions are whose.

use super::bed::{bank, card_of, looks};
use super::card::code_of;
use crate::country;
use crate::openid::bed::{Bed, Browser};
use daftar_identity::person::Entry;
use daftar_office::assignment::NewAssignment;
use daftar_office::{Principal, Proven};
use daftar_testing::for_each_engine;
use serde_json::json;

/// A browser in which an official of this role has just signed in, with a one-time code.
async fn official<'b>(bed: &'b Bed, login: &'static str, role: &'static str) -> Browser<'b> {
    let office = bed.people.office().clone();
    let token = bed.store.write(move |tx| {
        let office = office.clone();
        Box::pin(async move {
            let by = Proven::system("test");
            let account = office.invite(tx, &by, login, "An official").await?.account;
            let new = NewAssignment {
                account,
                office: "registry-north".into(),
                role: role.into(),
                since: None,
                until: None,
            };
            office.assign(tx, &by, &new).await?;
            let signed_in = office.demo_sign_in(tx, Principal::Official(account), "test", None).await?;
            Ok::<_, daftar_kernel::Problem>(signed_in.token)
        })
    });
    let mut browser = bed.browser();
    browser.cookies.insert("daftar_session".into(), token.await.unwrap());
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn an_official_lets_a_service_ask_and_ends_it() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let rp = bed.clinic().await;
        let path = format!("/desk/services/{}/partner", rp.id);
        let mut admin = official(&bed, "adam", "admin").await;
        let page = admin.get(&path).await;
        assert!(page.status == 200 && page.body.contains("Registration Act, section 4"), "{}", page.body);
        let fields = [
            ("purpose", "registration"),
            ("ground", "law"),
            ("name", "yes"),
            ("photo", "yes"),
            ("per_minute", "10"),
            ("per_day", "1,000"),
        ];
        let refused = admin.post(&path, &fields).await;
        assert!(refused.status == 422 && refused.body.contains("only with consent"), "{}", refused.body);
        assert!(refused.body.contains("value=\"1,000\""), "what was typed stays");
        let wrong = admin.post(&path, &[("purpose", "patrol"), ("name", "yes"), ("per_minute", "0")]).await;
        assert!(
            wrong.body.contains("from 1 to 600,000") && wrong.body.contains("gives to partners"),
            "{}",
            wrong.body
        );
        assert!(bed.verifier.partner(&rp.id).await.unwrap().is_none());

        // Asked before it was allowed: the process knows the service from then on, and must see what changes.
        let ask = [("grant_type", "client_credentials"), ("scope", "verify")];
        assert_eq!(rp.post("/openid/token", &ask).await.outcome(), "400 unauthorized_client");

        let good: Vec<_> = fields.iter().copied().filter(|(name, _)| *name != "photo").collect();
        assert_eq!(admin.post(&path, &good).await.header("location"), "/desk/services");
        let granted = bed.verifier.partner(&rp.id).await.unwrap().unwrap();
        assert_eq!((granted.partner.per_day, granted.partner.consent), (1_000, false));
        let token = rp.post("/openid/token", &ask).await;
        assert_eq!(token.status, 200, "{}", token.body);
        let list = admin.get("/desk/services").await.body;
        assert!(list.contains("Questions today") && list.contains("Registration Act, section 4"), "{list}");

        assert_eq!(admin.post(&format!("{path}/end"), &[]).await.status, 303);
        assert_eq!(admin.post(&format!("{path}/end"), &[]).await.status, 404);
        let token = rp.post("/openid/token", &ask).await;
        assert_eq!(token.outcome(), "400 invalid_scope");
        // Neither a registrar nor a citizen may.
        assert_eq!(official(&bed, "rim", "registrar").await.get(&path).await.status, 403);
        assert_eq!(bed.signed_in(bed.amina).await.get(&path).await.status, 403);
        assert_eq!(admin.get("/desk/services/none/partner").await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_official_checks_a_card_with_a_reason_and_the_holder_sees_it() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let mut rim = official(&bed, "rim", "registrar").await;
        let (code, card) = (code_of(&bed, bed.amina).await, card_of(&bed, bed.amina).await);
        for typed in [&code, &card] {
            let got = rim.post("/desk/card", &[("purpose", "registration"), ("card", typed)]).await;
            assert!(got.status == 200 && got.body.contains("The card is valid"), "{}", got.body);
            assert!(!got.body.contains("Amina"));
        }
        let seen = looks(&bed, bed.amina).await;
        assert_eq!(seen, ["An official/registration/Registration Act, section 4/card"; 2]);
        for (purpose, typed) in [("registration", "123"), ("patrol", card.as_str()), ("", card.as_str())] {
            let got = rim.post("/desk/card", &[("purpose", purpose), ("card", typed)]).await;
            assert!((400..500).contains(&got.status), "{purpose} {typed}: {}", got.status);
            assert!(!got.body.contains("The card is valid"));
        }
        assert_eq!(looks(&bed, bed.amina).await.len(), 2);
        bed.people.replace_card(&country::clerk(), bed.person, "lost", "r1").await.unwrap();
        let got = rim.post("/desk/card", &[("purpose", "registration"), ("card", &card)]).await;
        assert!(got.body.contains("replaced by another"), "{}", got.body);
        assert_eq!(official(&bed, "adam", "admin").await.get("/desk/card").await.status, 403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_permission_opens_for_another_citizen() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let bank = bank(&bed).await;
        let entry = Entry { name: "Omar Keita".into(), ..country::amina() };
        let other = bed.people.register(&country::clerk(), country::registration(entry, "k2")).await.unwrap();
        let omar = bed.people.office_token(other.person).await.unwrap();
        let consent = bank.consent(bed.amina, &json!({"attributes": ["name"], "days": 30})).await;
        let mut his = bed.signed_in(omar).await;
        assert_eq!(his.get(&format!("/me/permissions/{consent}/receipt.jwt")).await.status, 404);
        assert_eq!(his.post(&format!("/me/permissions/{consent}/revoke"), &[]).await.status, 404);
        assert!(!his.get("/me/permissions").await.body.contains("Bank of the North"));
        let mut hers = bed.signed_in(bed.amina).await;
        assert_eq!(hers.get(&format!("/me/permissions/{consent}/receipt.jwt")).await.status, 200);
        for lang in ["en", "fr", "ar"] {
            for path in ["/me/permissions", "/card"] {
                let page = hers.get(&format!("{path}?lang={lang}")).await;
                assert!(
                    page.status == 200 && page.body.contains(&format!("lang=\"{lang}\"")),
                    "{path} {lang}"
                );
                assert!(!page.body.contains("identity-permission"), "a key instead of words in {lang}");
            }
        }
        hers.get("/me/permissions?lang=en").await;
        let wrong = hers.post("/me/permissions", &[("code", "AAAAA-AAAAA-A")]).await;
        assert!(wrong.status == 404 && wrong.body.contains("No question waits"), "{}", wrong.body);
    })
    .await;
}

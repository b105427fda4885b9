//! What is kept, for how long, and what goes: keys, history, codes, the erased.

use super::bed::{Bed, claims, text};
use crate::country;
use axum::body::Body;
use axum::http::Request;
use daftar_identity::correct::{Correction, PhotoChange};
use daftar_identity::life::{self, Decision};
use daftar_identity::openid::{MAX_AT_ONCE, Provider, authorization, client, history, keys};
use daftar_identity::person::Entry;
use daftar_kernel::Problem;
use daftar_office::Principal;
use daftar_office::Proven;
use daftar_store::{StoreError, params, sql};
use daftar_testing::{TestStore, for_each_engine};

macro_rules! count {
    ($bed:expr, $text:literal) => {{
        let counted = $bed
            .store
            .read(|tx| Box::pin(async move { tx.query_one(sql!($text), &[]).await?.get::<i64>(0) }));
        counted.await.map_err(|e: StoreError| e).unwrap()
    }};
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_turn_with_overlap_and_old_tokens_verify_meanwhile() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let first = bed.provider.keys().await.unwrap();
        assert_eq!(first.public.len(), 1);
        bed.later(keys::SIGNS_SECONDS - keys::LEAD_SECONDS);
        bed.provider.sweep().await.unwrap();
        let next = bed.provider.keys().await.unwrap();
        assert_eq!(next.public.len(), 2, "the next is published a day before it signs");
        assert_eq!(next.active.public(), first.active.public());
        let clinic = bed.clinic().await;
        bed.later(keys::LEAD_SECONDS - 60);
        let tokens = clinic.tokens(&mut bed.signed_in(bed.amina).await, &[]).await;
        bed.later(61);
        let turned = bed.provider.keys().await.unwrap();
        assert_ne!(turned.active.public(), first.active.public());
        let access = text(&tokens, "access_token");
        assert_eq!(bed.userinfo(&access).await.status, 200, "signed before the turn");
        claims(&bed, &access, "at+jwt").await;
        bed.later(keys::KEEP_SECONDS);
        bed.provider.sweep().await.unwrap();
        assert_eq!(bed.provider.keys().await.unwrap().public.len(), 1, "the old one is gone a day later");
        let sealed = bed.store.read(|tx| {
            Box::pin(async move {
                let row = tx.query_one(sql!("select sealed from identity_openid_key"), &[]).await?;
                Ok::<_, StoreError>(row.get::<Vec<u8>>(0)?.len())
            })
        });
        assert!(sealed.await.unwrap() > 32, "the secret does not lie there bare");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_remembered_for_90_days_and_not_one_more() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clinic = bed.clinic().await;
        clinic.tokens(&mut bed.signed_in(bed.amina).await, &[]).await;
        bed.later(history::KEEP_SECONDS - 1);
        bed.provider.sweep().await.unwrap();
        assert_eq!(bed.provider.history(bed.amina, None).await.unwrap().len(), 1);
        bed.later(1);
        assert!(bed.provider.history(bed.amina, None).await.unwrap().is_empty(), "even before the sweep");
        assert_eq!(count!(bed, "select count(*) from identity_openid_history"), 1);
        bed.provider.sweep().await.unwrap();
        assert_eq!(count!(bed, "select count(*) from identity_openid_history"), 0);
        assert_eq!(count!(bed, "select count(*) from identity_openid_signin"), 0);
        assert_eq!(count!(bed, "select count(*) from identity_openid_token"), 0);
        assert_eq!(count!(bed, "select count(*) from identity_openid_authorization"), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_may_take_ten_minutes_and_a_code_59_seconds() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clinic = bed.clinic().await;
        let mut browser = bed.browser();
        let question = browser.get(&clinic.ask(&[])).await.header("location").to_string();
        bed.later(authorization::TAKES_SECONDS - 1);
        assert_eq!(browser.get(&question).await.status, 303);
        bed.later(1);
        assert_eq!(browser.get(&question).await.status, 404);
        let code = clinic.code(&mut bed.signed_in(bed.amina).await, &[]).await;
        bed.later(59);
        assert_eq!(clinic.exchange(&code).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_sign_ins_begin_in_a_minute_and_not_one_more() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clinic = bed.clinic().await;
        for _ in 0..authorization::MAX_A_MINUTE {
            bed.provider.begin(&clinic.id, &[], "browser").await.unwrap();
        }
        let over = bed.browser().get(&clinic.ask(&[])).await;
        assert_eq!((over.status, over.header("retry-after").is_empty()), (503, false));
        bed.later(60);
        assert_eq!(bed.browser().get(&clinic.ask(&[])).await.status, 303);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_erased_person_stays() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clinic = bed.clinic().await;
        let asked = [("scope", "openid profile offline_access"), ("prompt", "consent")];
        let tokens = clinic.tokens(&mut bed.signed_in(bed.amina).await, &asked).await;
        let approval = bed
            .people
            .request_erasure(&country::clerk(), bed.person, "Court of First Instance 12/2026")
            .await
            .unwrap();
        let approvers = country::colleagues(&bed.people).await;
        country::approve(&bed.people, approval, &approvers).await;
        bed.people.erase(&country::clerk(), approval).await.unwrap();
        assert_eq!(count!(bed, "select count(*) from identity_openid_grant"), 0);
        assert_eq!(count!(bed, "select count(*) from identity_openid_signin"), 0);
        assert_eq!(count!(bed, "select count(*) from identity_openid_token"), 0);
        assert_eq!(count!(bed, "select count(*) from identity_openid_history"), 0);
        assert_eq!(count!(bed, "select count(*) from identity_token where service = 'rp:clinic.example'"), 0);
        assert_eq!(bed.userinfo(&text(&tokens, "access_token")).await.outcome(), "401 invalid_token");
        assert_eq!(clinic.refresh(&text(&tokens, "refresh_token")).await.outcome(), "400 invalid_grant");
    })
    .await;
}

/// Two accounts of one person after their records were joined: each service keeps the name it knew, and reads the record
/// that stands.
#[tokio::test(flavor = "multi_thread")]
async fn a_merge_changes_no_sub_and_parts_again() {
    use daftar_identity::double::{Decision, Standing, Wish};
    use daftar_identity::register::Registration;
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let twice = Registration {
            despite: "says she was never here".into(),
            ..country::registration(Entry { born: "1992-02-13".into(), ..country::amina() }, "twice")
        };
        let other = bed.people.register(&country::clerk(), twice).await.unwrap().person;
        let account = bed.people.office_token(other).await.unwrap();
        let clinic = bed.clinic().await;
        let asked = [("scope", "openid profile offline_access"), ("prompt", "consent")];
        let hers = clinic.tokens(&mut bed.signed_in(bed.amina).await, &asked).await;
        let others = clinic.tokens(&mut bed.signed_in(account).await, &asked).await;
        let told =
            async |tokens: &serde_json::Value| bed.userinfo(&text(tokens, "access_token")).await.json();
        let (first, second) = (told(&hers).await, told(&others).await);
        assert_ne!(first["sub"], second["sub"]);
        assert_eq!((&first["birthdate"], &second["birthdate"]), (&"1990-02-13".into(), &"1992-02-13".into()));

        let by = country::colleagues(&bed.people).await;
        let decided = async |decision, keep| {
            let mut pairs = bed.people.doubles(&country::clerk(), Standing::Open, None).await.unwrap();
            pairs.extend(bed.people.doubles(&country::clerk(), Standing::Merged, None).await.unwrap());
            let wish = Wish { decision, keep, ground: "article 33".into() };
            let approval =
                bed.people.request_pair_decision(&country::clerk(), pairs[0].id, &wish).await.unwrap();
            country::approve(&bed.people, approval, &by).await;
            bed.people.decide(&country::clerk(), approval, decision).await.unwrap();
        };
        decided(Decision::Merge, Some(bed.person)).await;
        assert_eq!(told(&hers).await, first);
        let merged = told(&others).await;
        assert_eq!((&merged["sub"], &merged["birthdate"]), (&second["sub"], &first["birthdate"]));
        let again = clinic.tokens(&mut bed.signed_in(account).await, &[("scope", "openid profile")]).await;
        assert_eq!(told(&again).await["sub"], second["sub"], "the old account signs in under the old name");
        let looks = bed.people.my_looks(bed.amina, None, 20).await.unwrap();
        assert!(
            looks.rows.iter().any(|look| look.content.as_ref().is_some_and(|c| c.reader.contains("linic")))
        );

        // A lock of the account that stands shuts out the other one, too.
        bed.provider.set_locked(bed.amina, true).await.unwrap();
        assert_eq!(bed.userinfo(&text(&again, "access_token")).await.outcome(), "401 invalid_token");
        bed.provider.set_locked(bed.amina, false).await.unwrap();
        decided(Decision::Split, None).await;
        assert_eq!((told(&hers).await, told(&others).await), (first, second));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_signs_in_for_the_dead() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clinic = bed.clinic().await;
        let mut browser = bed.signed_in(bed.amina).await;
        let asked = [("scope", "openid profile offline_access"), ("prompt", "consent")];
        let tokens = clinic.tokens(&mut browser, &asked).await;
        let death = Correction {
            person: bed.person,
            expected_version: 1,
            entry: Entry { died: "2026-11-20".into(), ..country::amina() },
            photo: PhotoChange::Keep,
            reason: "Death".into(),
            evidence: "Certificate 7".into(),
            idempotency_key: "c1".into(),
        };
        bed.people.correct(&country::clerk(), death).await.unwrap();
        assert_eq!(bed.userinfo(&text(&tokens, "access_token")).await.outcome(), "401 invalid_token");
        assert_eq!(clinic.refresh(&text(&tokens, "refresh_token")).await.outcome(), "400 invalid_grant");
        let about = clinic.post("/openid/introspect", &[("token", &text(&tokens, "access_token"))]).await;
        assert_eq!(about.json()["active"], false);
        let asked = browser.get(&clinic.ask(&[])).await.outcome();
        assert!(asked.starts_with("page /openid/authorization/"), "her browser is signed out: {asked}");
        let (office, amina) = (bed.people.office().clone(), bed.amina);
        let again = bed.store.write(move |tx| {
            let office = office.clone();
            Box::pin(async move { office.demo_sign_in(tx, Principal::Citizen(amina), "test", None).await })
        });
        assert_eq!(again.await.err().map(|problem| problem.code), Some("office-account-suspended"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_record_signs_in_to_no_service_until_that_is_lifted() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clinic = bed.clinic().await;
        let mut browser = bed.signed_in(bed.amina).await;
        let tokens = clinic.tokens(&mut browser, &[]).await;
        let two = country::colleagues(&bed.people).await;
        for (decision, read) in [(Decision::Suspend, 401), (Decision::Lift, 200)] {
            let request = life::Request { person: bed.person, decision, ground: "article 40".into() };
            let approval = bed.people.request_decision(&country::clerk(), request).await.unwrap();
            country::approve(&bed.people, approval, &two).await;
            bed.people.carry_out(&country::clerk(), decision, approval).await.unwrap();
            assert_eq!(bed.userinfo(&text(&tokens, "access_token")).await.status, read, "{decision:?}");
            let asked = browser.get(&clinic.ask(&[])).await.outcome();
            assert_eq!(asked == "redirect access_denied", read == 401, "{decision:?}: {asked}");
            assert_eq!(browser.get("/me/record").await.status, 200, "her own pages stay open");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_read_without_reason_can_be_complained_about() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        for (agency, answers) in [("registry", "registry"), ("", "")] {
            let clinic = bed.rp(|new| new.agency = agency.into()).await;
            let mut browser = bed.signed_in(bed.amina).await;
            let tokens = clinic.tokens(&mut browser, &[]).await;
            assert_eq!(bed.userinfo(&text(&tokens, "access_token")).await.status, 200);
            let look = bed.people.my_looks(bed.amina, None, 1).await.unwrap().rows.remove(0);
            assert_eq!(look.content.unwrap().agency, answers);
            let path = format!("/me/complaints/new?look={}", look.id);
            assert_eq!(browser.get(&path).await.status, 200);
            let sent = [("look", look.id.to_string()), ("words", "I was never there.".to_string())];
            let sent: Vec<(&str, &str)> = sent.iter().map(|(n, v)| (*n, v.as_str())).collect();
            let got = browser.post("/me/complaints/new", &sent).await;
            assert!(matches!(got.status, 200 | 303), "{} {}", got.outcome(), got.body);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_service_is_gone_at_once() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let clinic = bed.clinic().await;
        let mut browser = bed.signed_in(bed.amina).await;
        let tokens = clinic.tokens(&mut browser, &[]).await;
        bed.provider.withdraw_client(&Proven::system("test"), &clinic.id).await.unwrap();
        assert_eq!(bed.userinfo(&text(&tokens, "access_token")).await.outcome(), "401 invalid_token");
        assert_eq!(browser.get(&clinic.ask(&[])).await.status, 400);
        assert!(bed.provider.grants(bed.amina).await.unwrap().is_empty());
        let again = bed.provider.withdraw_client(&Proven::system("test"), &clinic.id).await;
        assert_eq!(again.unwrap_err().kind.status(), 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_services_than_the_limit() {
    let bed = Bed::on(TestStore::sqlite(&country::MIGRATIONS).await).await;
    for _ in 0..client::MAX_CLIENTS {
        bed.register(|_| {}).await.unwrap();
    }
    assert_eq!(bed.register(|_| {}).await.unwrap_err().code, "identity-openid-clients-many");
    let one = bed.provider.clients().await.unwrap().remove(0).client.id;
    bed.provider.withdraw_client(&Proven::system("test"), &one).await.unwrap();
    assert!(bed.register(|_| {}).await.is_ok(), "a withdrawn one leaves its place");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_at_once_are_told_when_to_come_back() {
    let bed = Bed::on(TestStore::sqlite(&country::MIGRATIONS).await).await;
    let clinic = bed.clinic().await;
    let fields = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    let all_but_one =
        bed.provider.places().acquire_many(u32::try_from(MAX_AT_ONCE).unwrap() - 1).await.unwrap();
    assert_eq!(clinic.post("/openid/token", &fields).await.outcome(), "400 invalid_grant", "at the limit");
    let last = bed.provider.places().acquire().await.unwrap();
    let got = clinic.post("/openid/token", &fields).await;
    assert_eq!((got.outcome().as_str(), got.header("retry-after")), ("503 temporarily_unavailable", "1"));
    drop((all_but_one, last));
    assert_eq!(clinic.post("/openid/token", &fields).await.status, 400, "it recovers");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_issuer_it_is_off_and_says_so() {
    let bed = Bed::on(TestStore::sqlite(&country::MIGRATIONS).await).await;
    let off = Provider::new(bed.people.clone());
    assert_eq!(off.issuer().unwrap_err().code, "identity-openid-off");
    for bad in ["", "http://id.example", "https://id.example/", "https://id.example/x"] {
        assert_eq!(off.set_issuer(bad).unwrap_err().code, "identity-openid-issuer", "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_registers_services_and_the_secret_is_kept_nowhere() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let bed = Bed::on(store).await;
        let made = bed.register(|_| {}).await.unwrap();
        let secret = made.secret.clone().unwrap();
        assert!(!format!("{made:?}").contains(&secret));
        let kept = bed.store.read(|tx| {
            Box::pin(async move {
                let row = tx
                    .query_one(sql!("select secret from identity_openid_client limit $1"), &params![1_i64])
                    .await?;
                Ok::<_, Problem>(row.get::<Vec<u8>>(0)?)
            })
        });
        assert_ne!(kept.await.unwrap(), secret.as_bytes());
        let page = Request::builder().uri("/desk/services").body(Body::empty()).unwrap();
        assert!(bed.send(page).await.header("location").starts_with("/sign-in"));
        let mut citizen = bed.signed_in(bed.amina).await;
        assert_eq!(citizen.get("/desk/services").await.status, 403);
        assert_eq!(citizen.post("/desk/services/new", &[]).await.status, 403);
        let faults = bed.register(|new| {
            new.name = String::new();
            new.agency = "nobody".into();
            new.redirect_uris = vec!["http://clinic.example/".into()];
            new.keys = "{".into();
        });
        let faults = faults.await.unwrap_err();
        let fields: Vec<&str> = faults.fields.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["keys", "name", "agency", "redirect_uris"]);
    })
    .await;
}

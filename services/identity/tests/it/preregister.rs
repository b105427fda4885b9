//! Written down at home: without an account, opened at the desk with number and code, destroyed when it is over.

use crate::country::{self, amina, clerk, official, registration};
use daftar_identity::People;
use daftar_identity::preregister::{MAX_BYTES, OPEN_SECONDS, WAIT_SECONDS};
use daftar_identity::register::Registration;
use daftar_kernel::{Id, Problem};
use daftar_office::Source;
use daftar_office::permit::Ask;
use daftar_store::{params, sql};
use daftar_testing::{TestStore, for_each_engine};
use serde_json::{Value, json};

const BROWSER: &str = "11111111111111111111111111111111";
const OTHER: &str = "22222222222222222222222222222222";

fn source(last: u8) -> Source {
    Source::of([192, 0, last, 1].into())
}
fn why() -> Ask {
    Ask { purpose: "registration".into(), ..Ask::default() }
}
fn answers() -> Value {
    json!({ "name": "Amina Diallo", "born": "1990-02" })
}

/// Handed in: its identifier, number and code.
async fn handed_in(people: &People) -> (Id, String, String) {
    let id = people.begin_preregistration(BROWSER, source(1)).await.unwrap();
    people.save_preregistration(id, BROWSER, answers()).await.unwrap();
    let paper = people.hand_in(id, BROWSER).await.unwrap();
    (id, paper.reference, paper.code)
}
async fn rows(store: &TestStore) -> i64 {
    let count = sql!("select count(*) from identity_preregistration");
    let row = store.read(move |tx| Box::pin(async move { tx.query_one(count, &params![]).await })).await;
    row.unwrap().get(0).unwrap()
}
fn code<T>(result: Result<T, Problem>) -> &'static str {
    result.err().map_or("ok", |problem| problem.code)
}

#[tokio::test]
async fn from_home_to_the_register() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let (id, reference, paper) = handed_in(&people).await;
        let again = people.hand_in(id, BROWSER).await.unwrap();
        assert_eq!((&again.reference, &again.code), (&reference, &paper), "sent twice, the same paper");
        assert_eq!(
            code(people.save_preregistration(id, BROWSER, json!({})).await),
            "not-found",
            "handed in is handed in"
        );

        let clerk_official = official("Amal", "registrar");
        let typed = (reference.to_lowercase(), paper.replace('-', " ").to_lowercase());
        let opened = people
            .open_preregistration(&clerk_official, &why(), (&typed.0, &typed.1), source(2))
            .await
            .unwrap();
        assert_eq!((opened.id, &opened.answers), (id, &answers()));
        people.record().receipt(opened.receipt).await.unwrap();

        let new = Registration { preregistration: Some(id), ..registration(amina(), "k1") };
        let made = people.register(&clerk(), new.clone()).await.unwrap();
        assert_eq!(people.register(&clerk(), new).await.unwrap(), made, "sent twice, registered once");
        assert_eq!(rows(&store).await, 0);
        let gone =
            people.open_preregistration(&clerk_official, &why(), (&reference, &paper), source(2)).await;
        assert_eq!(code(gone), "identity-preregistration-code");
        let second = Registration {
            preregistration: Some(id),
            despite: "a test".into(),
            ..registration(amina(), "k2")
        };
        assert_eq!(code(people.register(&clerk(), second).await), "identity-preregistration-over");
    })
    .await;
}

#[tokio::test]
async fn only_the_paper_and_the_browser_open_it() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let open = people.begin_preregistration(BROWSER, source(1)).await.unwrap();
        for (id, browser) in [(open, OTHER), (store.world().id(), BROWSER)] {
            assert_eq!(code(people.preregistration(id, browser).await), "not-found");
            assert_eq!(code(people.save_preregistration(id, browser, answers()).await), "not-found");
            assert_eq!(code(people.hand_in(id, browser).await), "not-found");
        }
        let (_, reference, paper) = handed_in(&people).await;
        let (_, _, other) = handed_in(&people).await;
        let amal = official("Amal", "registrar");
        for wrong in [(reference.as_str(), other.as_str()), ("P-2026-999", paper.as_str()), ("", "")] {
            assert_eq!(
                code(people.preregistration_waits(wrong.0, wrong.1, source(1)).await),
                "identity-preregistration-code"
            );
            assert_eq!(
                code(people.take_back(wrong.0, wrong.1, source(1)).await),
                "identity-preregistration-code"
            );
            let opened = people.open_preregistration(&amal, &why(), wrong, source(3)).await;
            assert_eq!(code(opened), "identity-preregistration-code");
        }
        let police = official("Sami", "officer");
        let refused = people.open_preregistration(&police, &why(), (&reference, &paper), source(3)).await;
        assert_eq!(refused.unwrap_err().kind.status(), 403);
        let bad = Ask { purpose: "curiosity".into(), ..Ask::default() };
        let refused = people.open_preregistration(&amal, &bad, (&reference, &paper), source(3)).await;
        assert_eq!(code(refused), "office-purpose");
        for _ in 0..20 {
            let _wrong = people.preregistration_waits(&reference, &other, source(9)).await;
        }
        assert_eq!(code(people.preregistration_waits(&reference, &paper, source(9)).await), "office-slow");
        // What is under way is in nobody's paper.
        assert_eq!(
            code(
                people
                    .register(
                        &clerk(),
                        Registration { preregistration: Some(open), ..registration(amina(), "k") }
                    )
                    .await
            ),
            "identity-preregistration-over"
        );
    })
    .await;
}

#[tokio::test]
async fn it_is_destroyed_when_it_is_over() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let open = people.begin_preregistration(BROWSER, source(1)).await.unwrap();
        let (_, reference, paper) = handed_in(&people).await;
        let (_, taken, its) = handed_in(&people).await;
        people.take_back(&taken, &its, source(1)).await.unwrap();
        assert_eq!(
            code(people.preregistration_waits(&taken, &its, source(1)).await),
            "identity-preregistration-code"
        );
        assert_eq!(rows(&store).await, 2);

        store.clock.advance_seconds(OPEN_SECONDS - 1);
        people.preregistration(open, BROWSER).await.unwrap();
        assert_eq!(people.sweep_preregistrations().await, Ok(0));
        store.clock.advance_seconds(1);
        assert_eq!(code(people.preregistration(open, BROWSER).await), "not-found");
        assert_eq!(people.sweep_preregistrations().await, Ok(1));

        store.clock.advance_seconds(WAIT_SECONDS - OPEN_SECONDS - 1);
        people.preregistration_waits(&reference, &paper, source(1)).await.unwrap();
        store.clock.advance_seconds(1);
        assert_eq!(
            code(people.preregistration_waits(&reference, &paper, source(1)).await),
            "identity-preregistration-code"
        );
        assert_eq!(people.sweep_preregistrations().await, Ok(1));
        assert_eq!(rows(&store).await, 0);
    })
    .await;
}

#[tokio::test]
async fn limits() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let id = people.begin_preregistration(BROWSER, source(1)).await.unwrap();
        // {"name":"…"} is the text and eleven bytes.
        for (bytes, expected) in [(MAX_BYTES, "ok"), (MAX_BYTES + 1, "identity-preregistration-large")] {
            let answers = json!({ "name": "x".repeat(bytes - 11) });
            assert_eq!(code(people.save_preregistration(id, BROWSER, answers).await), expected);
        }
        for begun in 1..=300 {
            let expected = if begun < 300 { "ok" } else { "office-slow" };
            assert_eq!(code(people.begin_preregistration(BROWSER, source(1)).await), expected, "{begun}");
        }
        people.begin_preregistration(BROWSER, source(2)).await.unwrap();
    })
    .await;
}

//! Erasing a person needs two people, and leaves nothing that can be read.

use crate::country::{self, amina, ask, clerk, registrar, registration};
use daftar_identity::person::Entry;
use daftar_kernel::Actor;
use daftar_store::{StoreError, params, sql};
use daftar_testing::for_each_engine;

#[tokio::test]
async fn one_official_alone_erases_nobody() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let one = people.register(&clerk(), registration(amina(), "k1")).await.unwrap();
        let approval =
            people.request_erasure(&clerk(), one.person, "Court of First Instance 12/2026").await.unwrap();
        assert_eq!(people.erase(&clerk(), approval).await.unwrap_err().code, "office-approval-open");
        let officer = Actor::Official(country::official("Sami", "officer"));
        assert_eq!(people.request_erasure(&officer, one.person, "x").await.unwrap_err().kind.status(), 403);
        assert!(people.read(&registrar(), &ask(), one.person, &[]).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn what_two_approved_is_gone() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let one = people.register(&clerk(), registration(amina(), "k1")).await.unwrap();
        let other = people
            .register(&clerk(), registration(Entry { name: "Omar Keita".into(), ..amina() }, "k2"))
            .await
            .unwrap();
        let mine = people.office_token(one.person).await.unwrap();
        let approval =
            people.request_erasure(&clerk(), one.person, "Court of First Instance 12/2026").await.unwrap();
        let approvers = country::approvers(&people).await;
        country::approve(&people, approval, &approvers).await;
        people.erase(&clerk(), approval).await.unwrap();
        assert_eq!(
            people.read(&registrar(), &ask(), one.person, &[]).await.unwrap_err().code,
            "identity-unknown"
        );
        assert_eq!(people.my_record(mine).await.unwrap_err().code, "identity-unknown");
        assert!(people.read(&registrar(), &ask(), other.person, &[]).await.is_ok(), "nobody else is touched");
        let rows = store.read(move |tx| {
            Box::pin(async move {
                let row = tx
                    .query_one(
                        sql!(
                            "select (select count(*) from identity_index where person = $1), \
                             (select count(*) from identity_token where person = $1), \
                             (select count(*) from identity_person_version where person = $1), \
                             (select count(*) from identity_number where person = $1), \
                             (select count(*) from identity_number)"
                        ),
                        &params![one.person],
                    )
                    .await?;
                (0..5).map(|column| row.get::<i64>(column)).collect::<Result<Vec<_>, StoreError>>()
            })
        });
        assert_eq!(rows.await.unwrap(), [0, 0, 0, 0, 2], "the number stays taken");
        assert!(people.register(&clerk(), registration(amina(), "k3")).await.is_ok());
    })
    .await;
}

//! Documents that wait with a form at the desk, and go into the act of the registration.

use crate::country::{self, amina, clerk, official, registration};
use crate::life::pdf;
use daftar_identity::People;
use daftar_identity::documents::{Document, MAX_DOCUMENTS_AT_ONCE};
use daftar_identity::register::Registration;
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::Principal;
use daftar_office::draft::DRAFT_SECONDS;
use daftar_store::{BlobId, StoreError, sql};
use daftar_testing::for_each_engine;

/// Saves the clerk's draft, a new one or the same again.
async fn draft(people: &People, id: Option<Id>) -> Id {
    let owner = Principal::Official(country::registrar().id);
    let office = people.office().clone();
    let saved = people.store().write(move |tx| {
        let office = office.clone();
        Box::pin(async move { office.save_draft(tx, owner, id, "person-registration", b"{}").await })
    });
    saved.await.unwrap()
}

fn paper(words: &str) -> Document {
    Document { kind: "passport".into(), bytes: pdf(words) }
}

/// The blobs of all documents that wait.
async fn blobs(people: &People) -> Vec<BlobId> {
    let read = people.store().read(|tx| {
        Box::pin(async move {
            let rows = tx.query(sql!("select blob from identity_draft_document order by id"), &[]).await?;
            rows.iter().map(|row| row.get::<&str>(0).map(str::to_string)).collect()
        })
    });
    let names: Result<Vec<String>, StoreError> = read.await;
    names.unwrap().iter().map(|name| name.parse().unwrap()).collect()
}

fn code<T>(result: Result<T, Problem>) -> Result<(), &'static str> {
    result.map(|_| ()).map_err(|problem| problem.code)
}

#[tokio::test]
async fn they_wait_with_the_draft_and_enter_with_the_person() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let (clerk, draft) = (clerk(), draft(&people, None).await);
        people.attach_to_draft(&clerk, draft, paper("one")).await.unwrap();
        people.attach_to_draft(&clerk, draft, paper("one")).await.unwrap();
        assert_eq!(
            people.draft_documents(&clerk, draft).await.unwrap().len(),
            1,
            "sent again, it waits once"
        );
        // A hostile file is refused with its reason, and what waits goes on waiting.
        for (bytes, why) in [
            (b"MZ an executable".to_vec(), "identity-fault-document-unknown"),
            (Vec::new(), "identity-fault-document-empty"),
            (pdf("x /JavaScript"), "identity-fault-document-acts"),
        ] {
            let hostile = Document { kind: "passport".into(), bytes };
            let refused = people.attach_to_draft(&clerk, draft, hostile).await.unwrap_err();
            assert_eq!((refused.code, refused.fields[0].message.as_str()), ("identity-document", why));
        }
        let kind = Document { kind: "voucher".into(), ..paper("two") };
        let refused = people.attach_to_draft(&clerk, draft, kind).await.unwrap_err();
        assert_eq!(refused.fields[0].message, "identity-fault-document-kind");
        assert_eq!(people.draft_documents(&clerk, draft).await.unwrap().len(), 1);

        for n in 1..MAX_DOCUMENTS_AT_ONCE {
            people.attach_to_draft(&clerk, draft, paper(&n.to_string())).await.unwrap();
        }
        let many = people.attach_to_draft(&clerk, draft, paper("one more")).await;
        assert_eq!(code(many), Err("identity-documents-many"), "one past the limit");
        let waiting = people.draft_documents(&clerk, draft).await.unwrap();
        assert_eq!(waiting.len(), MAX_DOCUMENTS_AT_ONCE);
        // The clock stands still here, and with it the order in which they came.
        let away = waiting.iter().find(|one| one.bytes != paper("one").bytes.len()).unwrap().id;
        for _ in 0..2 {
            people.detach_from_draft(&clerk, draft, away).await.unwrap();
        }
        assert_eq!(people.draft_documents(&clerk, draft).await.unwrap().len(), MAX_DOCUMENTS_AT_ONCE - 1);

        let documents = people.documents_of_draft(&clerk, draft).await.unwrap();
        assert!(documents.contains(&paper("one")), "as it came");
        let before = blobs(&people).await;
        let registration = Registration { documents, ..registration(amina(), "k1") };
        let done = people.register(&clerk, registration).await.unwrap();
        people.forget_draft(draft).await.unwrap();
        assert_eq!(blobs(&people).await, before, "the draft is there still");
        let (office, owner) = (people.office().clone(), Principal::Official(country::registrar().id));
        let deleted = store.write(move |tx| {
            let office = office.clone();
            Box::pin(async move { office.delete_draft(tx, owner, draft).await })
        });
        deleted.await.unwrap();
        people.forget_draft(draft).await.unwrap();
        assert!(blobs(&people).await.is_empty());
        for blob in before {
            assert!(store.store().blobs().get(blob).await.is_err(), "nothing is left of what waited");
        }
        let citizen = people.office_token(done.person).await.unwrap();
        let held = people.my_documents(citizen).await.unwrap();
        assert_eq!(held.len(), MAX_DOCUMENTS_AT_ONCE - 1);
        assert!(held.iter().all(|one| (one.receipt, one.version) == (done.receipt, 1)), "one act");
    })
    .await;
}

#[tokio::test]
async fn they_are_there_for_whoever_wrote_the_draft_and_nobody_else() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let (clerk, draft) = (clerk(), draft(&people, None).await);
        people.attach_to_draft(&clerk, draft, paper("one")).await.unwrap();
        let colleague = Actor::Official(official("Ana", "registrar"));
        let officer = Actor::Official(official("Sami", "officer"));
        for (who, status) in [(colleague, 404), (officer, 403)] {
            let refused = |result: Result<(), Problem>| result.unwrap_err().kind.status();
            assert_eq!(refused(people.attach_to_draft(&who, draft, paper("x")).await), status);
            assert_eq!(refused(people.draft_documents(&who, draft).await.map(|_| ())), status);
            assert_eq!(refused(people.documents_of_draft(&who, draft).await.map(|_| ())), status);
            assert_eq!(refused(people.detach_from_draft(&who, draft, draft).await), status);
        }
        assert_eq!(people.draft_documents(&clerk, draft).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn they_go_with_a_draft_that_is_too_old_and_stay_with_one_that_lives() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let clerk = clerk();
        let (old, living) = (draft(&people, None).await, draft(&people, None).await);
        for id in [old, living] {
            people.attach_to_draft(&clerk, id, paper("one")).await.unwrap();
        }
        store.clock.advance_seconds(DRAFT_SECONDS / 2);
        draft(&people, Some(living)).await;
        store.clock.advance_seconds(DRAFT_SECONDS / 2);
        let office = people.office().clone();
        let swept = store.write(move |tx| {
            let office = office.clone();
            Box::pin(async move { office.sweep(tx).await })
        });
        swept.await.unwrap();
        assert_eq!(people.sweep_draft_documents().await.unwrap(), 1);
        assert_eq!(blobs(&people).await.len(), 1);
        assert_eq!(people.sweep_draft_documents().await.unwrap(), 0, "once");
        assert_eq!(people.draft_documents(&clerk, living).await.unwrap().len(), 1);
        assert_eq!(people.draft_documents(&clerk, old).await.unwrap_err().kind.status(), 404);
    })
    .await;
}

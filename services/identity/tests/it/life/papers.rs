//! Documents: sealed, shown through the gate, and gone with the person; what is refused leaves nothing.

use super::*;
use crate::country::{amina, approvers, official};
use daftar_identity::documents::{MAX_DOCUMENTS, MAX_DOCUMENTS_AT_ONCE};
use daftar_testing::for_each_engine;

fn passport(word: &str) -> Document {
    Document { kind: "passport".into(), bytes: pdf(word) }
}

fn holds(dir: &std::path::Path, word: &[u8]) -> bool {
    std::fs::read_dir(dir).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return holds(&path, word);
        }
        std::fs::read(&path).unwrap().windows(word.len()).any(|part| part == word)
    })
}

#[tokio::test]
async fn documents_are_sealed_and_shown_through_the_gate() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let (one, two) = (adult(&people, "Amina Diallo").await, adult(&people, "Fatou Keita").await);
        let (me, other) = (citizen(&people, one).await, citizen(&people, two).await);
        let add = async || people.add_document(&clerk(), one, document("mine"), ("her birth", "d1")).await;
        let done = add().await.unwrap();
        assert_eq!(add().await.unwrap(), done);
        assert_eq!((count(&store, "documents").await, files(&store)), (1, 1), "sent twice, kept once");
        let held = people.my_documents(me).await.unwrap();
        assert_eq!((held[0].version, held[0].receipt), (1, done.receipt));
        assert_eq!(people.my_document(me, held[0].id).await.unwrap().bytes, pdf("mine"));
        let theirs = people.my_document(other, held[0].id).await.map(|_| ()).unwrap_err();
        assert_eq!(theirs.code, "identity-document-unknown");
        let shown = people.document(&registrar(), &ask(), one, held[0].id).await.unwrap();
        assert_eq!(shown.bytes, pdf("mine"));
        let wrong = people.document(&official("Sami", "officer"), &ask(), one, held[0].id).await;
        assert_eq!(wrong.map(|_| ()).unwrap_err().code, "office-purpose");
        let swapped = people.document(&registrar(), &ask(), two, held[0].id).await;
        assert_eq!(swapped.map(|_| ()).unwrap_err().code, "identity-document-unknown");
        let looks = people.my_looks(me, None, 10).await.unwrap();
        assert_eq!(looks.rows[0].content.as_ref().unwrap().fields, ["name", "documents"]);
        let data = people.my_data(me).await.unwrap().json();
        assert_eq!(data["documents"][0]["kind"], "birth-certificate");
        assert!(!holds(&store.dir().join("data").join("blobs"), b"%PDF"), "it lies there sealed");
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_half_kept() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let one = adult(&people, "Fatou Keita").await;
        let bad = [
            Document { kind: "none-of-the-country".into(), bytes: pdf("x") },
            Document { kind: "passport".into(), bytes: b"PK\x03\x04".to_vec() },
            Document { kind: "passport".into(), bytes: b"\xff\xd8\xff\xe0 cut off".to_vec() },
            Document { kind: "passport".into(), bytes: [pdf("x"), b"PK\x05\x06\0\0\0\0".to_vec()].concat() },
        ];
        for document in bad {
            let refused =
                people.add_document(&clerk(), one, document.clone(), ("x", "d2")).await.unwrap_err();
            assert_eq!((refused.code, refused.fields.len()), ("identity-document", 1));
            let documents = vec![passport("fine"), document];
            let both = Registration { documents, ..registration(amina(), "k9") };
            assert_eq!(people.register(&clerk(), both).await.unwrap_err().code, "identity-document");
        }
        // Somebody alike is there: the document of the refused registration goes again.
        let twin = Registration {
            documents: vec![passport("twin")],
            ..registration(named("Fatou Keita", "1990-02-13"), "k8")
        };
        assert_eq!(people.register(&clerk(), twin).await.unwrap_err().code, "identity-candidates");
        assert_eq!((count(&store, "documents").await, files(&store)), (0, 0));
        assert!(
            people.register(&clerk(), registration(amina(), "k9")).await.is_ok(),
            "the key was not used up"
        );
    })
    .await;
}

#[tokio::test]
async fn so_many_documents_and_no_more_and_they_go_with_the_person() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let with = |count: usize, key: &str| {
            let documents = (0..count).map(|n| passport(&format!("d{n}"))).collect();
            Registration { documents, ..registration(named("Many Papers", "1970-01-01"), key) }
        };
        let over = people.register(&clerk(), with(MAX_DOCUMENTS_AT_ONCE + 1, "m1")).await.unwrap_err();
        assert_eq!(over.code, "identity-documents-many");
        let full = people.register(&clerk(), with(MAX_DOCUMENTS_AT_ONCE, "m2")).await.unwrap().person;
        for n in MAX_DOCUMENTS_AT_ONCE..MAX_DOCUMENTS {
            let key = format!("e{n}");
            people.add_document(&clerk(), full, passport(&key), ("x", &key)).await.unwrap();
        }
        let over = people.add_document(&clerk(), full, passport("over"), ("x", "over")).await.unwrap_err();
        assert_eq!(over.code, "identity-documents-many");
        assert_eq!(files(&store), MAX_DOCUMENTS);
        let approval = people.request_erasure(&clerk(), full, "Court 1/2026").await.unwrap();
        approve(&people, approval, &approvers(&people).await).await;
        people.erase(&clerk(), approval).await.unwrap();
        assert_eq!((count(&store, "documents").await, files(&store)), (0, 0), "they go with the person");
    })
    .await;
}

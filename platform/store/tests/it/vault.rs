//! Sealing, erasing, epochs: what is gone must be gone from every byte on the disk.

use daftar_kernel::Id;
use daftar_store::{Store, StoreError, params, sql};
use daftar_testing::{Engine, START, TestStore, for_each_engine};
use std::path::Path;

const AMINA: Id = Id::from_bytes([1; 16]);
const BORIS: Id = Id::from_bytes([2; 16]);

async fn seal(
    store: &Store,
    subject: Id,
    class: &'static str,
    plain: &'static [u8],
) -> Result<Vec<u8>, StoreError> {
    let vault = store.vault().clone();
    store
        .write(move |tx| {
            let vault = vault.clone();
            Box::pin(async move { vault.seal(tx, subject, class, b"here", plain).await })
        })
        .await
}

async fn open(store: &Store, subject: Id, class: &'static str, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let (vault, sealed) = (store.vault().clone(), sealed.to_vec());
    store
        .read(move |tx| {
            let (vault, sealed) = (vault.clone(), sealed.clone());
            Box::pin(async move { vault.open(tx, subject, class, b"here", &sealed).await })
        })
        .await
}

async fn erase(store: &Store, subject: Id) -> u64 {
    let vault = store.vault().clone();
    store
        .write(move |tx| {
            let vault = vault.clone();
            Box::pin(async move { vault.erase(tx, subject).await })
        })
        .await
        .unwrap_or_else(|e: StoreError| panic!("{e}"))
}

/// Seals in one transaction for somebody said to be new, twice and for two classes.
async fn seal_as_new(store: &Store, subject: Id) -> Result<Vec<Vec<u8>>, StoreError> {
    let vault = store.vault().clone();
    store
        .write(move |tx| {
            let vault = vault.clone();
            Box::pin(async move {
                vault.expect_new(tx, subject);
                let mut sealed = Vec::new();
                for (class, plain) in [("core", "Amina"), ("contact", "+216"), ("core", "Amina Diallo")] {
                    sealed.push(vault.seal(tx, subject, class, b"here", plain.as_bytes()).await?);
                }
                Ok(sealed)
            })
        })
        .await
}

#[tokio::test]
async fn somebody_new_gets_keys_without_a_look_and_nobody_loses_theirs_by_a_mistake() {
    for_each_engine(&[], async |store| {
        let sealed = seal_as_new(&store, AMINA).await.unwrap();
        assert_eq!(open(&store, AMINA, "core", &sealed[0]).await.unwrap(), b"Amina");
        assert_eq!(open(&store, AMINA, "contact", &sealed[1]).await.unwrap(), b"+216");
        assert_eq!(open(&store, AMINA, "core", &sealed[2]).await.unwrap(), b"Amina Diallo");
        let again = seal_as_new(&store, AMINA).await;
        assert!(matches!(again, Err(StoreError::Unique { .. })), "{again:?}");
        assert_eq!(open(&store, AMINA, "core", &sealed[0]).await.unwrap(), b"Amina");
    })
    .await;
}

#[tokio::test]
async fn opens_for_the_same_person_class_and_place_only() {
    for_each_engine(&[], async |store| {
        let sealed = seal(&store, AMINA, "core", b"Amina").await.unwrap();
        let other = seal(&store, AMINA, "contact", b"+216").await.unwrap();
        seal(&store, BORIS, "core", b"Boris").await.unwrap();
        assert_eq!(open(&store, AMINA, "core", &sealed).await.unwrap(), b"Amina");
        assert!(matches!(open(&store, AMINA, "contact", &sealed).await, Err(StoreError::Sealed(_))));
        assert!(matches!(open(&store, BORIS, "core", &sealed).await, Err(StoreError::Sealed(_))));
        assert!(matches!(open(&store, BORIS, "contact", &other).await, Err(StoreError::Sealed(_))));
        let vault = store.vault().clone();
        let elsewhere: Result<Vec<u8>, StoreError> = store
            .read(move |tx| {
                let (vault, sealed) = (vault.clone(), sealed.clone());
                Box::pin(async move { vault.open(tx, AMINA, "core", b"elsewhere", &sealed).await })
            })
            .await;
        assert!(matches!(elsewhere, Err(StoreError::Sealed(_))));
    })
    .await;
}

#[tokio::test]
async fn a_key_made_in_a_transaction_that_failed_does_not_live_on() {
    for_each_engine(&[], async |store| {
        let vault = store.vault().clone();
        let failed: Result<(), StoreError> = store
            .write(move |tx| {
                let vault = vault.clone();
                Box::pin(async move {
                    vault.seal(tx, AMINA, "core", b"here", b"lost").await?;
                    Err(StoreError::Missing("x".into()))
                })
            })
            .await;
        assert!(failed.is_err());
        let sealed = seal(&store, AMINA, "core", b"Amina").await.unwrap();
        assert_eq!(open(&store, AMINA, "core", &sealed).await.unwrap(), b"Amina");
    })
    .await;
}

#[tokio::test]
async fn an_erased_person_stays_erased() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut store = TestStore::on(engine, &[]).await;
        let core = seal(&store, AMINA, "core", b"Amina").await.unwrap();
        let contact = seal(&store, AMINA, "contact", b"+216").await.unwrap();
        let boris = seal(&store, BORIS, "core", b"Boris").await.unwrap();
        assert_eq!(erase(&store, AMINA).await, 2);
        assert_eq!(erase(&store, AMINA).await, 0);
        store.scrub().await.unwrap();
        store.reopen().await;
        assert_eq!(open(&store, AMINA, "core", &core).await, Err(StoreError::Erased));
        assert_eq!(open(&store, AMINA, "contact", &contact).await, Err(StoreError::Erased));
        assert_eq!(seal(&store, AMINA, "other", b"again").await, Err(StoreError::Erased));
        assert_eq!(open(&store, BORIS, "core", &boris).await.unwrap(), b"Boris");
        let vault = store.vault().clone();
        let at = store.read(move |tx| {
            let vault = vault.clone();
            Box::pin(async move { vault.erased_at(tx, AMINA).await })
        });
        assert_eq!(at.await, Ok::<_, StoreError>(Some(START)));
    }
}

#[tokio::test]
async fn one_class_can_be_erased_alone() {
    for_each_engine(&[], async |store| {
        let core = seal(&store, AMINA, "core", b"Amina").await.unwrap();
        let contact = seal(&store, AMINA, "contact", b"+216").await.unwrap();
        let vault = store.vault().clone();
        let erased = store.write(move |tx| {
            let vault = vault.clone();
            Box::pin(async move {
                Ok::<_, StoreError>((
                    vault.erase_class(tx, AMINA, "contact").await?,
                    vault.erase_class(tx, AMINA, "contact").await?,
                ))
            })
        });
        assert_eq!(erased.await, Ok((true, false)));
        assert_eq!(open(&store, AMINA, "contact", &contact).await, Err(StoreError::Erased));
        assert_eq!(seal(&store, AMINA, "contact", b"new").await, Err(StoreError::Erased));
        assert_eq!(open(&store, AMINA, "core", &core).await.unwrap(), b"Amina");
    })
    .await;
}

#[tokio::test]
async fn the_living_outlive_their_epochs_and_old_epoch_keys_are_destroyed_in_time() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut store = TestStore::on(engine, &[]).await;
        let mut people = Vec::new();
        // More than one batch, with a person who has two classes at a batch's edge.
        for n in 0..510_u16 {
            let mut id = [9; 16];
            id[..2].copy_from_slice(&n.to_be_bytes());
            people.push((Id::from_bytes(id), seal(&store, Id::from_bytes(id), "core", b"x").await.unwrap()));
        }
        let edge = people[499].0;
        let contact = seal(&store, edge, "contact", b"y").await.unwrap();
        let rotation = store.vault().rotate_epoch(&store).await.unwrap();
        assert_eq!((rotation.epoch, rotation.rewrapped), (2, 511));
        assert_eq!(store.vault().finish_rotation(&store).await.unwrap().rewrapped, 0);

        let keys = store.config().data_dir.join("keys");
        let first = keys.join("epoch-000001.key");
        let days = |n: i64| START.plus_seconds(n * 86_400);
        assert_eq!(store.vault().destroy_old_epochs(&store, days(29), 30).await, Ok(vec![]));
        assert!(first.exists());
        assert_eq!(store.vault().destroy_old_epochs(&store, days(30), 30).await, Ok(vec![1]));
        assert!(!first.exists() && keys.join("epoch-000002.key").exists());

        store.reopen().await;
        for (person, sealed) in &people {
            assert_eq!(open(&store, *person, "core", sealed).await.unwrap(), b"x");
        }
        assert_eq!(open(&store, edge, "contact", &contact).await.unwrap(), b"y");
        seal(&store, AMINA, "core", b"new").await.unwrap();
    }
}

#[tokio::test]
async fn foreign_or_missing_keys_are_refused_at_the_door() {
    for_each_engine(&[], async |store| {
        seal(&store, AMINA, "core", b"Amina").await.unwrap();
        let again =
            async || Store::open(store.config().clone(), store.world().clone(), &[]).await.map(|_| ());
        assert_eq!(again().await, Ok(()));
        let keys = store.config().data_dir.join("keys");
        let epoch = std::fs::read(keys.join("epoch-000001.key")).unwrap();
        std::fs::remove_file(keys.join("epoch-000001.key")).unwrap();
        assert!(matches!(again().await, Err(StoreError::Open { .. })));
        std::fs::write(keys.join("epoch-000001.key"), epoch).unwrap();
        std::fs::rename(keys.join("root.key"), keys.join("away")).unwrap();
        assert!(matches!(again().await, Err(StoreError::Open { .. })));
        std::fs::rename(keys.join("away"), keys.join("root.key")).unwrap();
        assert_eq!(again().await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn blind_indexes_and_signing_keys_stay_the_same() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut store = TestStore::on(engine, &[]).await;
        let index = |store: &Store, purpose: &str, parts: &[&[u8]]| {
            store.vault().blind_index(purpose, parts).unwrap()
        };
        let before = index(&store, "search", &[b"amina", b"1990"]);
        assert_ne!(before, index(&store, "linkage", &[b"amina", b"1990"]));
        assert_ne!(before, index(&store, "search", &[b"amin", b"a1990"]));
        assert_ne!(before, index(&store, "search", &[b"amina1990"]));
        let public = |store: &Store, name: &str| {
            use aws_lc_rs::signature::KeyPair;
            store.vault().sign_key(name).unwrap().public_key().as_ref().to_vec()
        };
        let log = public(&store, "acts-log");
        assert_ne!(log, public(&store, "access-log"));
        store.reopen().await;
        assert_eq!(index(&store, "search", &[b"amina", b"1990"]), before);
        assert_eq!(public(&store, "acts-log"), log);
        assert!(store.vault().sign_key("../x").is_err());
    }
}

fn bytes_below(dir: &Path, found: &mut Vec<u8>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes_below(&path, found);
        } else {
            found.extend(std::fs::read(&path).unwrap());
        }
    }
}

#[tokio::test]
async fn nothing_of_an_erased_person_is_left_on_the_disk() {
    let store = TestStore::sqlite(&[]).await;
    let sealed = seal(&store, AMINA, "core", b"Amina Ben Salah 1990").await.unwrap();
    let photo = store.blobs().put_sealed(AMINA, "core", b"a photo of Amina Ben Salah").await.unwrap();
    let wrapped: Vec<u8> = store
        .read(|tx| {
            Box::pin(async move {
                let text = sql!("select wrapped from store_key where subject = $1");
                tx.query_one(text, &params![AMINA]).await?.get(0)
            })
        })
        .await
        .unwrap_or_else(|e: StoreError| panic!("{e}"));
    let has = |needle: &[u8]| {
        let mut bytes = Vec::new();
        bytes_below(store.dir(), &mut bytes);
        bytes.windows(needle.len()).any(|window| window == needle)
    };
    assert!(has(&wrapped), "the search works");
    assert!(!has(b"Amina Ben Salah"), "plain text never reaches the disk");
    erase(&store, AMINA).await;
    store.scrub().await.unwrap();
    assert!(!has(&wrapped) && !has(&wrapped[13..45]), "database, log and free pages");
    assert_eq!(open(&store, AMINA, "core", &sealed).await, Err(StoreError::Erased));
    assert_eq!(store.blobs().get_sealed(AMINA, "core", photo).await, Err(StoreError::Erased));
}

#[tokio::test]
async fn limits_hold_at_and_past_the_limit() {
    let store = TestStore::sqlite(&[]).await;
    let try_class = async |length: usize| {
        let vault = store.vault().clone();
        let sealed = store.write(move |tx| {
            let vault = vault.clone();
            Box::pin(async move { vault.seal(tx, AMINA, &"c".repeat(length), b"", b"").await })
        });
        sealed.await.map(|_| ())
    };
    assert_eq!(try_class(daftar_store::CLASS_LIMIT).await, Ok(()));
    assert!(matches!(try_class(daftar_store::CLASS_LIMIT + 1).await, Err(StoreError::TooLarge { .. })));
    let past = vec![0; daftar_store::BLOB_LIMIT + 1];
    assert!(store.blobs().put_sealed(AMINA, "core", &past[1..]).await.is_ok());
    assert!(matches!(store.blobs().put_sealed(AMINA, "core", &past).await, Err(StoreError::TooLarge { .. })));
}

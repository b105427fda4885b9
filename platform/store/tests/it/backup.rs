//! Backups, restores, and moving between engines.

use crate::{TRIAL, add, count};
use daftar_kernel::Id;
use daftar_store::jobs::{self, Job};
use daftar_store::{BlobId, KeyExport, Store, StoreConfig, StoreError, counter, params, restore, sql};
use daftar_testing::{Engine, Place, START, TestStore, for_each_engine};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const AMINA: Id = Id::from_bytes([1; 16]);
const BORIS: Id = Id::from_bytes([2; 16]);

/// A small country: plain rows over several pages, sealed fields, blobs, a job, a counter.
async fn fill(store: &TestStore) -> (BlobId, BlobId) {
    for n in 0..3 {
        add(store, i64::MAX - n, &format!("غرفة {n} \"quoted\"\n")).await.unwrap();
    }
    let many = store.write(|tx| {
        Box::pin(async move {
            for n in 0..1200_i64 {
                let insert = sql!("insert into trial_row (id, name, note, done) values ($1, $2, $3, $4)");
                let note = (n % 3 == 0).then(|| n.to_be_bytes().to_vec());
                tx.execute(insert, &params![n, format!("row {n}"), note, n % 2 == 0]).await?;
            }
            counter::next(tx, "receipt").await?;
            let payload = serde_json::json!({ "to": "x" });
            let job = Job { kind: "note".into(), aggregate: "a".into(), payload, run_at: START };
            jobs::enqueue(tx, &job).await.map(|_| ())
        })
    });
    many.await.unwrap_or_else(|e: StoreError| panic!("{e}"));
    for (n, subject) in [(5000, AMINA), (5001, BORIS)] {
        let vault = store.vault().clone();
        let sealed = store.write(move |tx| {
            let vault = vault.clone();
            Box::pin(async move {
                let sealed = vault.seal(tx, subject, "core", b"trial_row.note", b"a secret").await?;
                let insert = sql!("insert into trial_row (id, name, note, done) values ($1, $2, $3, $4)");
                tx.execute(insert, &params![i64::from(n), n.to_string(), sealed, true]).await.map(|_| ())
            })
        });
        sealed.await.unwrap_or_else(|e: StoreError| panic!("{e}"));
    }
    let photo = store.blobs().put_sealed(AMINA, "core", b"photo of Amina").await.unwrap();
    let plain = store.blobs().put(&b"a crest"[..]).await.unwrap();
    (photo, plain)
}

async fn secret(store: &Store, subject: Id, row: i64) -> Result<Vec<u8>, StoreError> {
    let vault = store.vault().clone();
    store
        .read(move |tx| {
            let vault = vault.clone();
            Box::pin(async move {
                let sealed =
                    tx.query_one(sql!("select note from trial_row where id = $1"), &params![row]).await?;
                vault.open(tx, subject, "core", b"trial_row.note", sealed.get(0)?).await
            })
        })
        .await
}

async fn erase(store: &Store, subject: Id) {
    let vault = store.vault().clone();
    let erased = store.write(move |tx| {
        let vault = vault.clone();
        Box::pin(async move { vault.erase(tx, subject).await })
    });
    erased.await.map(|_| ()).unwrap_or_else(|e: StoreError| panic!("{e}"));
}

/// A second machine, empty but for the root key.
async fn blank(engine: Engine, from: &TestStore) -> Place {
    let place = Place::on(engine).await;
    copy_root_key(from, &place.config().data_dir);
    place
}

fn copy_root_key(from: &TestStore, data_dir: &Path) {
    std::fs::create_dir_all(data_dir.join("keys")).unwrap();
    std::fs::copy(from.config().data_dir.join("keys/root.key"), data_dir.join("keys/root.key")).unwrap();
}

fn files_below(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(dir).unwrap().into(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[tokio::test]
async fn a_backup_taken_while_others_write_restores_the_country() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let store = TestStore::on(engine, &[TRIAL]).await;
        let (photo, plain) = fill(&store).await;
        let (dir, keys) = (store.dir().join("backup"), store.dir().join("keys.export"));
        let writing = async {
            for n in 0..50 {
                add(&store, 10_000 + n, &format!("meanwhile {n}")).await.unwrap();
            }
        };
        let (manifest, ()) = tokio::join!(store.backup(&dir, &keys), writing);
        assert_eq!(manifest.unwrap().blobs, 2);

        let target = blank(engine, &store).await;
        let (world, _) = daftar_testing::world();
        let restored = restore(&dir, &keys, target.config().clone(), world, &[TRIAL]).await.unwrap();
        let rows = count(&restored).await;
        assert!((1205..=1255).contains(&rows), "{rows}");
        assert_eq!(secret(&restored, AMINA, 5000).await.unwrap(), b"a secret");
        assert_eq!(restored.blobs().get_sealed(AMINA, "core", photo).await.unwrap(), b"photo of Amina");
        assert_eq!(&restored.blobs().get(plain).await.unwrap()[..], b"a crest");
        assert_eq!(restored.vault().sign_seed("log").unwrap().len(), 32);
        add(&restored, -1, "life goes on").await.unwrap();
    }
}

#[tokio::test]
async fn whoever_was_erased_does_not_come_back_with_an_older_backup() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let store = TestStore::on(engine, &[TRIAL]).await;
        fill(&store).await;
        let (dir, keys) = (store.dir().join("backup"), store.dir().join("keys.export"));
        store.backup(&dir, &keys).await.unwrap();
        let old_keys = store.dir().join("old.export");
        std::fs::copy(&keys, &old_keys).unwrap();

        store.clock.advance_seconds(86_400);
        erase(&store, AMINA).await;
        store.vault().rotate_epoch(&store).await.unwrap();
        let later = store.world().now().plus_seconds(31 * 86_400);
        assert_eq!(store.vault().destroy_old_epochs(&store, later, 30).await, Ok(vec![1]));
        store.export_keys(&keys).await.unwrap();

        let target = blank(engine, &store).await;
        let (world, _) = daftar_testing::world();
        let restored = restore(&dir, &keys, target.config().clone(), world, &[TRIAL]).await.unwrap();
        assert_eq!(secret(&restored, AMINA, 5000).await, Err(StoreError::Erased));
        assert_eq!(secret(&restored, BORIS, 5001).await.unwrap(), b"a secret");
        assert!(!target.config().data_dir.join("keys/epoch-000001.key").exists());
    }
}

#[tokio::test]
async fn no_key_of_a_person_is_in_a_backup() {
    for_each_engine(&[TRIAL], async |store| {
        fill(&store).await;
        let wrapped = store.read(|tx| {
            Box::pin(async move {
                let text = sql!("select wrapped from store_key where subject = $1");
                tx.query_one(text, &params![AMINA]).await?.get::<Vec<u8>>(0)
            })
        });
        let wrapped = wrapped.await.unwrap_or_else(|e: StoreError| panic!("{e}"));
        let (dir, keys) = (store.dir().join("backup"), store.dir().join("keys.export"));
        store.backup(&dir, &keys).await.unwrap();
        use base64::Engine as _;
        let coded = base64::engine::general_purpose::STANDARD.encode(&wrapped);
        let has = |bytes: &[u8]| {
            bytes.windows(32).any(|w| w == &wrapped[13..45])
                || bytes.windows(coded.len()).any(|w| w == coded.as_bytes())
        };
        assert!(has(&std::fs::read(&keys).unwrap()), "the search works");
        for (path, bytes) in files_below(&dir) {
            assert!(!has(&bytes), "{}", path.display());
        }
    })
    .await;
}

#[tokio::test]
async fn a_restore_refuses_what_is_not_right_and_says_why() {
    for_each_engine(&[TRIAL], async |store| {
        fill(&store).await;
        let (dir, keys) = (store.dir().join("backup"), store.dir().join("keys.export"));
        store.export_keys(&keys).await.unwrap();
        let old_keys = store.dir().join("old.export");
        std::fs::rename(&keys, &old_keys).unwrap();
        store.clock.advance_seconds(1);
        store.backup(&dir, &keys).await.unwrap();
        let target = blank(store.engine, &store).await;
        let attempt = async |config: &StoreConfig, keys: &Path| {
            let (world, _) = daftar_testing::world();
            restore(&dir, keys, config.clone(), world, &[TRIAL]).await.map(|_| ()).unwrap_err().to_string()
        };
        assert!(attempt(target.config(), &old_keys).await.contains("older than the backup"));
        assert!(attempt(store.config(), &keys).await.contains("not empty"));
        let no_root = StoreConfig { data_dir: store.dir().join("elsewhere"), ..target.config().clone() };
        assert!(attempt(&no_root, &keys).await.contains("root.key"));

        // Every file of the backup and the key export: one changed byte is noticed before anything is written.
        for path in files_below(&dir).into_keys().map(|p| dir.join(p)).chain([keys.clone()]) {
            let good = std::fs::read(&path).unwrap();
            let mut bad = good.clone();
            let middle = bad.len() / 2;
            bad[middle] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            attempt(target.config(), &keys).await;
            std::fs::write(&path, &good[..good.len() - 1]).unwrap();
            attempt(target.config(), &keys).await;
            std::fs::write(&path, good).unwrap();
        }
        let (world, _) = daftar_testing::world();
        restore(&dir, &keys, target.config().clone(), world, &[TRIAL]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn both_engines_write_the_same_tables_and_each_reads_the_others() {
    let mut dumps = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let store = TestStore::on(engine, &[TRIAL]).await;
        fill(&store).await;
        let (dir, keys) = (store.dir().join("dump"), store.dir().join("keys.export"));
        store.dump_tables(&dir).await.unwrap();
        store.export_keys(&keys).await.unwrap();
        let first = files_below(&dir);

        let other = if engine == Engine::Sqlite { Engine::Postgres } else { Engine::Sqlite };
        let target = blank(other, &store).await;
        let (world, _) = daftar_testing::world();
        KeyExport::restore_files(&keys, &target.config().data_dir, &world).unwrap();
        let moved = Store::open(target.config().clone(), world, &[TRIAL]).await.unwrap();
        moved.load_tables(&dir).await.unwrap();
        moved.load_keys(&keys).await.unwrap();
        assert_eq!(secret(&moved, AMINA, 5000).await.unwrap(), b"a secret");
        let again = store.dir().join("again");
        moved.dump_tables(&again).await.unwrap();
        assert!(files_below(&again) == first, "to {other:?} and out again");
        assert!(moved.load_tables(&dir).await.unwrap_err().to_string().contains("not empty"));
        dumps.push(first);
    }
    assert!(dumps[0] == dumps[1], "the same bytes from both");
}

#[tokio::test]
async fn a_table_file_that_does_not_fit_is_refused() {
    let store = TestStore::sqlite(&[TRIAL]).await;
    fill(&store).await;
    let dir = store.dir().join("dump");
    store.dump_tables(&dir).await.unwrap();
    let target = TestStore::sqlite(&[TRIAL]).await;
    let path = dir.join("trial_row.jsonl");
    let good = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, good.replacen("row 7", "row 8", 1)).unwrap();
    assert!(matches!(target.load_tables(&dir).await, Err(StoreError::Malformed { .. })));
    assert_eq!(count(&target).await, 0);
    let other_release = TestStore::sqlite(&[]).await;
    std::fs::write(&path, good).unwrap();
    assert!(matches!(other_release.load_tables(&dir).await, Err(StoreError::Malformed { .. })));
    target.load_tables(&dir).await.unwrap();
    assert!(matches!(store.dump_tables(&dir).await, Err(StoreError::Open { .. })), "the folder is not empty");
}

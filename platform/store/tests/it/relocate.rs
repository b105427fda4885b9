//! A store that moves to PostgreSQL while it is written to.

use crate::{TRIAL, add, count};
use daftar_kernel::Id;
use daftar_store::relocate::{Relocated, Step, has_arrived, relocate, seal, settle};
use daftar_store::{Store, StoreConfig, StoreError, params, sql};
use daftar_testing::{Engine, Place, TestStore};
use std::path::Path;

const TOKEN: &str = "0123456789abcdef";
const AMINA: Id = Id::from_bytes([1; 16]);

/// Runs something to its end inside a callback that cannot wait.
fn now<T>(work: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(work))
}

async fn run(store: &Store, text: daftar_store::Sql, id: i64) {
    let done = store.write(move |tx| Box::pin(async move { tx.execute(text, &params![id]).await }));
    done.await.unwrap_or_else(|e: StoreError| panic!("{e}"));
}

/// Rows over several pages, and somebody's sealed field.
async fn filled() -> TestStore {
    let store = TestStore::sqlite(&[TRIAL]).await;
    for n in 0..1300 {
        add(&store, n, &format!("غرفة {n}")).await.unwrap();
    }
    let vault = store.vault().clone();
    let sealed = store.write(move |tx| {
        let vault = vault.clone();
        Box::pin(async move {
            let sealed = vault.seal(tx, AMINA, "core", b"trial_row.note", b"a secret").await?;
            let insert = sql!("insert into trial_row (id, name, note, done) values ($1, $2, $3, $4)");
            tx.execute(insert, &params![5000_i64, "Amina", sealed, true]).await.map(|_| ())
        })
    });
    sealed.await.unwrap_or_else(|e: StoreError| panic!("{e}"));
    store
}

async fn move_to(
    store: &TestStore,
    place: &Place,
    watch: &mut (dyn FnMut(Step) + Send),
    in_pause: Result<(), StoreError>,
) -> Result<Relocated, StoreError> {
    let (from, to) = (store.config().url.clone(), place.config().url.clone());
    let in_pause = || -> daftar_store::BoxFuture<'static, _> { Box::pin(async { in_pause }) };
    relocate(&from, &to, TOKEN, store.world(), &[TRIAL], watch, in_pause).await
}

async fn open(place: &Place, keys_of: &TestStore) -> Result<Store, StoreError> {
    let data_dir = keys_of.config().data_dir.clone();
    let config = StoreConfig { data_dir, ..place.config().clone() };
    Store::open(config, keys_of.world().clone(), &[TRIAL]).await
}

fn tables(dir: &Path) -> String {
    std::fs::read_to_string(dir.join("tables.json")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_meanwhile_is_followed_and_nothing_is_written_afterwards() {
    let store = filled().await;
    let place = Place::on(Engine::Postgres).await;
    let (writer, mut late) = (store.store(), None);
    let mut steps = Vec::new();
    let mut watch = |step: Step| {
        match &step {
            Step::Copied { table, .. } if table == "trial_row" => now(async {
                add(&writer, 9000, "new").await.unwrap();
                run(&writer, sql!("update trial_row set name = 'renamed' where id = $1"), 7).await;
                run(&writer, sql!("update trial_row set id = 9001 where id = $1"), 8).await;
                run(&writer, sql!("delete from trial_row where id = $1"), 9).await;
                // A name that moves from one row to another: unique all the while.
                run(&writer, sql!("update trial_row set name = 'away' where id = $1"), 10).await;
                run(&writer, sql!("update trial_row set name = 'غرفة 10' where id = $1"), 11).await;
            }),
            Step::Compared(_) => now(async { add(&writer, 9002, "after the comparison").await.unwrap() }),
            Step::Stopped => {
                let writer = writer.clone();
                late = Some(tokio::spawn(async move { add(&writer, 9003, "too late").await }));
            }
            _ => {}
        }
        steps.push(step);
    };
    let moved = move_to(&store, &place, &mut watch, Ok(())).await.unwrap();
    assert!(moved.followed >= 8, "{moved:?}");
    let row = moved.tables.iter().find(|table| table.name == "trial_row").unwrap();
    assert_eq!(row.rows, 1302);
    assert_eq!(late.unwrap().await.unwrap(), Err(StoreError::Moved), "whoever waited is told so");
    assert_eq!(add(&store, 9004, "later").await, Err(StoreError::Moved));
    assert_eq!(store.moved().await.unwrap().as_deref(), Some(TOKEN));
    assert_eq!(seal(&store.config().url, store.world()).await.unwrap().as_deref(), Some(TOKEN));

    assert!(!has_arrived(&place.config().url, store.world()).await.unwrap());
    assert!(matches!(open(&place, &store).await, Err(StoreError::Open { .. })), "not before it is settled");
    assert!(settle(&place.config().url, "another", store.world()).await.is_err());
    for _ in 0..2 {
        settle(&place.config().url, TOKEN, store.world()).await.unwrap();
    }
    assert!(has_arrived(&place.config().url, store.world()).await.unwrap());
    let new = open(&place, &store).await.unwrap();
    let (old_dump, new_dump) = (store.dir().join("old"), store.dir().join("new"));
    store.dump_tables(&old_dump).await.unwrap();
    new.dump_tables(&new_dump).await.unwrap();
    assert_eq!(tables(&old_dump), tables(&new_dump), "the same bytes of every table");
    assert_eq!(count(&new).await, 1302);
    let vault = new.vault().clone();
    let secret = new.read(move |tx| {
        let vault = vault.clone();
        Box::pin(async move {
            let row = tx.query_one(sql!("select note from trial_row where id = 5000"), &[]).await?;
            vault.open(tx, AMINA, "core", b"trial_row.note", row.get(0)?).await
        })
    });
    assert_eq!(secret.await, Ok::<_, StoreError>(b"a secret".to_vec()), "keys moved too");
    add(&new, 9004, "life goes on").await.unwrap();
    assert!(matches!(
        Store::open(store.config().clone(), store.world().clone(), &[TRIAL]).await,
        Err(StoreError::Moved)
    ));
    new.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_fails_leaves_nothing_behind() {
    let store = filled().await;
    let place = Place::on(Engine::Postgres).await;
    let failed = move_to(&store, &place, &mut |_| {}, Err(StoreError::Full)).await;
    assert_eq!(failed.map(|_| ()), Err(StoreError::Full));
    add(&store, 9000, "the old store goes on").await.unwrap();
    assert_eq!(store.moved().await.unwrap(), None);
    let again = move_to(&store, &place, &mut |_| {}, Ok(())).await.unwrap_err().to_string();
    assert!(
        again.contains("new database") || again.contains("moving"),
        "a half-filled target is refused: {again}"
    );
    let other = Place::on(Engine::Postgres).await;
    move_to(&store, &other, &mut |_| {}, Ok(())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_noticed_and_nothing_is_moved() {
    let store = filled().await;
    let place = Place::on(Engine::Postgres).await;
    let url = place.config().url.clone();
    let mut watch = |step: Step| {
        if matches!(&step, Step::Copied { table, .. } if table == "trial_row") {
            // Somebody else writes into the target, which our own store refuses to open.
            let text = "update trial_row set name = 'changed' where id = 3";
            let done = std::process::Command::new("psql").args(["-qX", &url, "-c", text]).status();
            assert!(done.unwrap().success());
        }
    };
    let failed = move_to(&store, &place, &mut watch, Ok(())).await.unwrap_err().to_string();
    assert!(failed.contains("trial_row"), "{failed}");
    add(&store, 9000, "the old store goes on").await.unwrap();
}

#[tokio::test]
async fn only_sqlite_moves_and_only_to_an_empty_database() {
    let (old, full) = (TestStore::sqlite(&[TRIAL]).await, TestStore::postgres(&[TRIAL]).await);
    let go = async |from: &TestStore, to: &str| {
        let in_pause = || -> daftar_store::BoxFuture<'static, _> { Box::pin(async { Ok(()) }) };
        let from_url = from.config().url.clone();
        relocate(&from_url, to, TOKEN, from.world(), &[TRIAL], &mut |_| {}, in_pause)
            .await
            .unwrap_err()
            .to_string()
    };
    assert!(go(&full, &old.config().url).await.contains("does not use SQLite"));
    assert!(go(&old, &old.config().url).await.contains("name a PostgreSQL database"));
    assert!(go(&old, &full.config().url).await.contains("not empty"));
}

#[tokio::test]
async fn a_store_that_is_yet_to_be_made_has_not_moved() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("data/daftar.db").display());
    assert_eq!(seal(&url, &daftar_kernel::World::system()).await.unwrap(), None);
    assert!(!dir.path().join("data").exists(), "looking makes nothing");
}

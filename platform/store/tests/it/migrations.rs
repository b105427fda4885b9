//! Migrations: applied once, never edited, refused when the database is too new.

use crate::TRIAL;
use daftar_store::{Migrations, STORE_MIGRATIONS, Step, Store, StoreError};
use daftar_testing::{
    Engine, TestStore, check_migration_files, check_schemas, check_statements, for_each_engine,
};
use std::path::Path;

const fn step(number: u32, text: &'static str) -> Step {
    Step { number, name: "step", sqlite: text, postgres: text }
}

async fn open(store: &TestStore, migrations: &[Migrations]) -> Result<(), StoreError> {
    Store::open(store.config().clone(), store.world().clone(), migrations).await.map(|_| ())
}

#[tokio::test]
async fn the_stores_own_files_are_in_order() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert_eq!(
        check_migration_files(&dir.join("migrations"), &STORE_MIGRATIONS).unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(check_schemas(&[TRIAL]).await.unwrap(), Vec::<String>::new());
    let findings = check_statements(&[TRIAL], &[&dir.join("src"), &dir.join("tests")]).await.unwrap();
    assert_eq!(findings, Vec::<String>::new());
}

#[tokio::test]
async fn steps_are_applied_once_and_may_be_added() {
    const ONE: Migrations =
        Migrations { owner: "trial", steps: &[step(1, "create table trial_a (id integer)")] };
    const TWO: Migrations = Migrations {
        owner: "trial",
        steps: &[step(1, "create table trial_a (id integer)"), step(2, "create table trial_b (id integer)")],
    };
    for_each_engine(&[ONE], async |store| {
        open(&store, &[ONE]).await.unwrap();
        open(&store, &[TWO]).await.unwrap();
        // The release before still runs: nothing says otherwise.
        open(&store, &[ONE]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_edited_step_is_refused() {
    const ONE: Migrations =
        Migrations { owner: "trial", steps: &[step(1, "create table trial_a (id integer)")] };
    const EDITED: Migrations =
        Migrations { owner: "trial", steps: &[step(1, "create table trial_b (id integer)")] };
    for_each_engine(&[ONE], async |store| {
        let refused = open(&store, &[EDITED]).await.unwrap_err();
        assert!(
            matches!(&refused, StoreError::Migration { number: 1, reason, .. } if reason.contains("changed")),
            "{refused}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_contracting_step_shuts_older_programs_out() {
    const OLD: Migrations =
        Migrations { owner: "trial", steps: &[step(1, "create table trial_a (id integer)")] };
    const NEW: Migrations = Migrations {
        owner: "trial",
        steps: &[
            step(1, "create table trial_a (id integer)"),
            step(2, "-- min_reader: 2\ndrop table trial_a"),
        ],
    };
    for_each_engine(&[NEW], async |store| {
        let refused = open(&store, &[OLD]).await.unwrap_err();
        assert!(
            matches!(&refused, StoreError::Migration { reason, .. } if reason.contains("newer")),
            "{refused}"
        );
        open(&store, &[NEW]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_failing_step_leaves_the_step_before_it() {
    const GOOD: Migrations =
        Migrations { owner: "trial", steps: &[step(1, "create table trial_a (id integer)")] };
    const BAD: Migrations = Migrations {
        owner: "trial",
        steps: &[
            step(1, "create table trial_a (id integer)"),
            step(2, "create table trial_b (id integer); create table trial_a (id integer)"),
        ],
    };
    for_each_engine(&[GOOD], async |store| {
        assert!(matches!(open(&store, &[BAD]).await, Err(StoreError::Migration { number: 2, .. })));
        open(&store, &[GOOD]).await.unwrap();
        let names: Vec<String> = store.tables().await.unwrap().into_iter().map(|t| t.name).collect();
        assert!(names.contains(&"trial_a".into()) && !names.contains(&"trial_b".into()), "{names:?}");
    })
    .await;
}

#[tokio::test]
async fn numbers_have_no_gaps() {
    const GAP: Migrations =
        Migrations { owner: "trial", steps: &[step(2, "create table trial_a (id integer)")] };
    let store = TestStore::on(Engine::Sqlite, &[]).await;
    assert!(matches!(open(&store, &[GAP]).await, Err(StoreError::Migration { .. })));
}

#[tokio::test]
async fn two_nodes_may_start_at_once() {
    const ONE: Migrations =
        Migrations { owner: "trial", steps: &[step(1, "create table trial_a (id integer)")] };
    for_each_engine(&[], async |store| {
        let (a, b, c) = tokio::join!(open(&store, &[ONE]), open(&store, &[ONE]), open(&store, &[ONE]));
        assert_eq!((a, b, c), (Ok(()), Ok(()), Ok(())), "{:?}", store.engine);
    })
    .await;
}

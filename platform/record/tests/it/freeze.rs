//! A restored backup, a changed past: the node freezes and signs nothing more.

use crate::common::*;
use daftar_record::{Log, MIGRATIONS, Record, RecordError};
use daftar_store::{Store, StoreConfig, sql};
use daftar_testing::TestStore;

/// The same installation (keys, witnesses) on another, empty database: what a restore of an early backup
/// gives.
async fn early_backup(f: &Fixture, store: &TestStore, fresh: &TestStore, mark: bool) -> Record {
    let config = StoreConfig { data_dir: store.config().data_dir.clone(), ..fresh.config().clone() };
    let restored = Store::open(config, store.world().clone(), &[MIGRATIONS]).await.unwrap();
    let dir = store.dir().join("mark");
    open(&restored, &f.policy_lines, &f.net, mark.then_some(dir.as_path())).await
}

async fn act_on(record: &Record, number: u8) {
    let of = record.clone();
    record
        .store()
        .write(move |tx| {
            let record = of.clone();
            Box::pin(async move { record.act(tx, &clerk(), &registration(person(number))).await })
        })
        .await
        .unwrap();
}

async fn settled(store: &TestStore, witnesses: u8, mark: bool) -> Fixture {
    let mut f = Fixture::new(store, witnesses, &witnesses.max(1).to_string()).await;
    if mark {
        f.record = open(&store.store(), &f.policy_lines, &f.net, Some(&store.dir().join("mark"))).await;
    }
    for number in 0..3 {
        f.act(registration(person(number))).await;
        f.settle().await;
    }
    f
}

#[tokio::test]
async fn a_node_behind_its_witnesses_freezes_for_good() {
    on_both(async |store| {
        let f = settled(&store, 2, false).await;
        let fresh = TestStore::on(store.engine, &[MIGRATIONS]).await;
        let restored = early_backup(&f, &store, &fresh, false).await;
        act_on(&restored, 7).await;
        let refused = restored.sequence_once().await;
        let Err(RecordError::Frozen { log: Log::Acts, reason }) = refused else { panic!("{refused:?}") };
        assert!(reason.contains("holds a tree of 3 entries"), "{reason}");
        // Nothing was signed, and another process on the database cannot sign either, witnesses or not.
        assert_eq!(count(restored.store(), sql!("select size from record_log where log = 'acts'")).await, 0);
        let again = open(restored.store(), "quorum none", &f.net, None).await;
        assert!(matches!(again.sequence_once().await, Err(RecordError::Frozen { .. })));
        let status = again.status().await.unwrap();
        assert!(status.logs[0].frozen.as_ref().is_some_and(|reason| reason.contains("w1")));
        assert_eq!(again.serve(again.volume(Log::Acts), "checkpoint").await.unwrap().status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_fork_freezes() {
    on_both(async |store| {
        let f = settled(&store, 1, false).await;
        let fresh = TestStore::on(store.engine, &[MIGRATIONS]).await;
        let restored = early_backup(&f, &store, &fresh, false).await;
        // An operator who first signs another history without asking anyone, as long as the true one.
        let alone = open(restored.store(), "quorum none", &f.net, None).await;
        for number in 10..14 {
            act_on(&alone, number).await;
            f.clock.advance_seconds(4);
            alone.sequence_once().await.unwrap();
        }
        let refused = restored.sequence_once().await;
        let Err(RecordError::Frozen { reason, .. }) = refused else { panic!("{refused:?}") };
        assert!(reason.contains("holds another tree of 3 entries"), "{reason}");
    })
    .await;
}

#[tokio::test]
async fn a_fork_is_also_found_while_running() {
    on_both(async |store| {
        let f = settled(&store, 1, false).await;
        let fresh = TestStore::on(store.engine, &[MIGRATIONS]).await;
        let other = early_backup(&f, &store, &fresh, false).await;
        let alone = open(other.store(), "quorum none", &f.net, None).await;
        for number in 10..20 {
            act_on(&alone, number).await;
        }
        alone.sequence_once().await.unwrap();
        // Straight to the witness, as if the check at the start had been patched out.
        assert!(matches!(other.cosign_once().await, Err(RecordError::Frozen { .. })));
        assert!(matches!(other.sequence_once().await, Err(RecordError::Frozen { .. })));
    })
    .await;
}

#[tokio::test]
async fn the_mark_freezes_an_older_database_even_when_no_witness_answers() {
    on_both(async |store| {
        let f = settled(&store, 1, true).await;
        f.net.take_down("w1");
        let fresh = TestStore::on(store.engine, &[MIGRATIONS]).await;
        let restored = early_backup(&f, &store, &fresh, true).await;
        let refused = restored.sequence_once().await;
        let Err(RecordError::Frozen { reason, .. }) = refused else { panic!("{refused:?}") };
        assert!(reason.contains("mark"), "{reason}");
    })
    .await;
}

#[tokio::test]
async fn a_restart_on_the_same_machine_needs_no_witness() {
    on_both(async |store| {
        let f = settled(&store, 1, true).await;
        f.net.take_down("w1");
        f.clock.advance_seconds(10);
        let restarted = open(&store.store(), &f.policy_lines, &f.net, Some(&store.dir().join("mark"))).await;
        act_on(&restarted, 9).await;
        assert_eq!(restarted.sequence_once().await.unwrap().acts, 1);
    })
    .await;
}

#[tokio::test]
async fn a_machine_without_a_mark_waits_for_enough_witnesses() {
    on_both(async |store| {
        let f = Fixture::new(&store, 3, "2").await;
        f.act(registration(person(1))).await;
        f.net.take_down("w1");
        f.net.take_down("w2");
        // The two that are silent could have cosigned more than this database holds.
        assert!(matches!(f.record.sequence_once().await, Err(RecordError::Held(_))));
        assert!(f.record.status().await.unwrap().held.is_some());
        f.net.bring_up("w2");
        assert_eq!(f.record.sequence_once().await.unwrap().acts, 1);
        assert_eq!(f.record.status().await.unwrap().held, None);
    })
    .await;
}

#[tokio::test]
async fn an_honest_restart_passes_the_check() {
    on_both(async |store| {
        let f = settled(&store, 2, false).await;
        f.clock.advance_seconds(10);
        let restarted = open(&store.store(), &f.policy_lines, &f.net, None).await;
        let holds = restarted.check_witnesses().await.unwrap();
        assert_eq!(holds.len(), 4);
        act_on(&restarted, 9).await;
        assert_eq!(restarted.sequence_once().await.unwrap().acts, 1);
        assert!(!restarted.cosign_once().await.unwrap().missed());
    })
    .await;
}

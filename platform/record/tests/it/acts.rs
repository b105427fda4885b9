//! Acts: one entry each, in the caller's transaction; receipts that verify with nothing but the policy.

use crate::common::*;
use daftar_record::sequence::MAX_ACTS_PER_PASS;
use daftar_record::{Act, ERA_ACTS, Log, MachineRun, RecordError, State};
use daftar_store::{StoreError, params, sql};
use daftar_testing::TestStore;
use serde_json::json;
use transparency_log::receipt::Receipt;

#[tokio::test]
async fn a_receipt_goes_from_pending_to_cosigned_and_verifies_offline() {
    on_both(async |store| {
        let f = Fixture::new(&store, 2, "2").await;
        let id = f.act(registration(person(1))).await;
        let pending = f.record.receipt(id).await.unwrap();
        assert_eq!((pending.state, pending.json()), (State::Pending, None));

        assert_eq!(f.record.sequence_once().await.unwrap().acts, 1);
        assert_eq!(f.record.receipt(id).await.unwrap().state, State::Signed);
        f.record.cosign_once().await.unwrap();
        let receipt = f.record.receipt(id).await.unwrap();
        assert_eq!(
            (receipt.state, receipt.log, receipt.kind.as_str()),
            (State::Cosigned, Log::Acts, "identity.person-registered")
        );

        let file = Receipt::parse(receipt.json().unwrap().as_bytes()).unwrap();
        let verified = file.verify(&f.policy()).unwrap();
        assert_eq!((verified.index, verified.size, verified.cosigned.len()), (0, 1, 2));
        let record = verified.record.unwrap();
        assert_eq!(record["record"]["name"], "Layla ليلى");
        assert_eq!(record["actor"]["name"], "Amina Haddad");
        assert_eq!(record["at"], "2026-11-23T08:00:00Z");
        // What the world sees names nobody.
        let public = String::from_utf8(file.log_entry).unwrap();
        assert!(!public.contains("Layla") && !public.contains("Amina") && public.contains("registration/3"));

        let shown = f.record.public_receipt(id).await.unwrap().file.unwrap();
        assert_eq!(shown.opening, None);
        shown.verify(&f.policy()).unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_altered_receipt_does_not_verify() {
    on_both(async |store| {
        let f = Fixture::new(&store, 1, "1").await;
        let id = f.act(registration(person(1))).await;
        f.settle().await;
        let text = f.record.receipt(id).await.unwrap().json().unwrap();
        let forged = text.replacen("1990", "1991", 1);
        assert_ne!(text, forged);
        assert!(Receipt::parse(forged.as_bytes()).unwrap().verify(&f.policy()).is_err());
    })
    .await;
}

#[tokio::test]
async fn an_act_that_is_rolled_back_leaves_no_entry() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        let record = f.record.clone();
        let result: Result<(), StoreError> = store
            .write(move |tx| {
                let record = record.clone();
                Box::pin(async move {
                    record.act(tx, &clerk(), &registration(person(1))).await?;
                    Err(StoreError::Missing("the rest of the act".into()))
                })
            })
            .await;
        assert!(result.is_err());
        assert_eq!(count(&store, sql!("select count(*) from record_entry")).await, 0);
        assert_eq!(count(&store, sql!("select count(*) from record_opening")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn entries_keep_the_order_of_their_ids_and_get_each_index_once() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        let mut ids = Vec::new();
        for round in 0..3 {
            for number in 0..40 {
                ids.push(f.act(registration(person(round * 40 + number))).await);
                f.clock.advance_seconds(1);
            }
            f.record.sequence_once().await.unwrap();
        }
        for (index, id) in (0_u64..).zip(&ids) {
            let receipt = f.record.receipt(*id).await.unwrap();
            let verified = receipt.file.unwrap().verify(&f.policy()).unwrap();
            assert_eq!((verified.index, verified.size), (index, 120));
            let (state, proven) = f.record.prove_entry(f.record.volume(Log::Acts), index).await.unwrap();
            assert_eq!(state, State::Signed);
            proven.verify(&f.policy()).unwrap();
        }
        assert!(matches!(
            f.record.prove_entry(f.record.volume(Log::Acts), 120).await,
            Err(RecordError::NotFound)
        ));
    })
    .await;
}

async fn eras(store: &TestStore) -> Vec<i64> {
    let rows = store
        .read(|tx| {
            Box::pin(async move {
                tx.query(sql!("select era from record_opening order by entry"), &params![]).await
            })
        })
        .await;
    rows.unwrap().iter().map(|row| row.get(0).unwrap()).collect()
}

#[tokio::test]
async fn an_era_begins_when_the_log_has_grown_by_so_many() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        f.act(registration(person(1))).await;
        f.record.sequence_once().await.unwrap();
        let size = i64::try_from(ERA_ACTS).unwrap();
        for (size, era) in [(size - 1, 0), (size, 1), (2 * size, 2), (5, 2)] {
            meddle(&store, sql!("update record_log set size = $1 where log = 'acts'"), &params![size]).await;
            // The tree is not there, so nothing can be signed; how large it is said to be was seen all the same.
            let _damaged = f.record.sequence_once().await;
            f.act(registration(person(1))).await;
            assert_eq!(eras(&store).await.last(), Some(&era), "{size}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_persons_acts_are_listed_in_order_whatever_era_they_were_filed_in() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        let mut ids = Vec::new();
        for number in 0..30_i64 {
            let id = f.act(registration(person(1))).await;
            f.act(registration(person(2))).await;
            // A node that is behind files in an earlier era.
            let file = sql!("update record_opening set era = $1 where entry = $2");
            meddle(&store, file, &params![number / 10 + number % 2, id]).await;
            ids.push(id);
        }
        ids.sort();
        ids.reverse();
        let mut listed = Vec::new();
        while listed.len() < ids.len() {
            let page = f.record.acts_of(person(1), listed.last().copied(), 7).await.unwrap();
            assert_eq!(page.len(), 7.min(ids.len() - listed.len()));
            listed.extend(page.iter().map(|act| act.id));
        }
        assert_eq!(listed, ids);
        assert!(f.record.acts_of(person(1), listed.last().copied(), 7).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn two_sequencers_never_fork_the_log() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        let other = open(&store.store(), &f.policy_lines, &f.net, None).await;
        for number in 0..60 {
            f.act(registration(person(number))).await;
            let (one, two) = tokio::join!(f.record.sequence_once(), other.sequence_once());
            one.unwrap();
            two.unwrap();
        }
        // While one holds the lease the other does nothing, and takes over when it lapses.
        f.act(registration(person(99))).await;
        assert_eq!(
            other.sequence_once().await.unwrap().acts + f.record.sequence_once().await.unwrap().acts,
            1
        );
        assert_eq!(count(&store, sql!("select size from record_log where log = 'acts'")).await, 61);
        assert!(f.record.audit_store().await.unwrap().is_whole());
    })
    .await;
}

#[tokio::test]
async fn one_pass_takes_no_more_than_its_limit() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        f.act(registration(person(1))).await;
        f.record.sequence_once().await.unwrap();
        // One row becomes many by doubling its id's bytes: no opening, which only an audit would miss.
        let more = MAX_ACTS_PER_PASS + 1;
        store
            .write(move |tx| {
                Box::pin(async move {
                    for number in 0..more {
                        let mut id = [0xf0; 16];
                        id[8..].copy_from_slice(&number.to_be_bytes());
                        tx.execute(
                            sql!("insert into record_entry (id, log, body, at) values ($1, 'acts', $2, 0)"),
                            &params![daftar_kernel::Id::from_bytes(id), number.to_string().into_bytes()],
                        )
                        .await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
        let first = f.record.sequence_once().await.unwrap();
        assert_eq!((i64::try_from(first.acts).unwrap(), first.more), (MAX_ACTS_PER_PASS, true));
        let second = f.record.sequence_once().await.unwrap();
        assert_eq!((second.acts, second.more), (1, false));
        let last = count(&store, sql!("select max(idx) from record_entry where log = 'acts'")).await;
        assert_eq!(last, MAX_ACTS_PER_PASS + 1);
    })
    .await;
}

#[tokio::test]
async fn acts_of_a_person_and_of_a_machine() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        let first = f.act(registration(person(1))).await;
        f.clock.advance_seconds(1);
        let second =
            f.act(Act { kind: "identity.corrected", private: None, ..registration(person(1)) }).await;
        f.act(registration(person(2))).await;
        let run = MachineRun {
            service: "identity",
            agency: "civil-registry".into(),
            office: "centre".into(),
            purpose: "find-duplicates".into(),
            basis: "Registration Act, section 9".into(),
            rule_version: "2026.1".into(),
            count: 20_000,
        };
        let record = f.record.clone();
        let run_id = store
            .write(move |tx| {
                let (record, run) = (record.clone(), run.clone());
                Box::pin(async move { record.machine_act(tx, &clerk(), &run).await })
            })
            .await
            .unwrap();
        let acts = f.record.acts_of(person(1), None, 10).await.unwrap();
        assert_eq!(acts.iter().map(|act| act.id).collect::<Vec<_>>(), [second, first]);
        assert_eq!(acts[1].opening.as_ref().unwrap()["record"]["born"], "1990");
        assert_eq!(f.record.acts_of(person(1), Some(second), 10).await.unwrap().len(), 1);
        f.settle().await;
        let entry = f.record.receipt(run_id).await.unwrap().file.unwrap().log_entry;
        let entry: serde_json::Value = serde_json::from_slice(&entry).unwrap();
        assert_eq!(entry["public"]["count"], 20_000);
        assert!(matches!(f.record.receipt(person(9)).await, Err(RecordError::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_an_entry_is_refused_and_changes_nothing() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        let record = f.record.clone();
        let bad = [
            Act { public: json!({"rate": 0.5}), ..registration(person(1)) },
            Act { private: Some(json!(0.5)), ..registration(person(1)) },
            Act { public: json!("x".repeat(70_000)), ..registration(person(1)) },
        ];
        for act in bad {
            let record = record.clone();
            let result = store
                .write(move |tx| {
                    let (record, act) = (record.clone(), act.clone());
                    Box::pin(async move { record.act(tx, &clerk(), &act).await })
                })
                .await;
            assert!(
                matches!(result, Err(StoreError::Malformed { .. } | StoreError::TooLarge { .. })),
                "{result:?}"
            );
        }
        assert_eq!(count(&store, sql!("select count(*) from record_entry")).await, 0);
    })
    .await;
}

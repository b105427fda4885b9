//! How pairs are found without a desk: in an import, by a sweep; and with which model they are weighed.

use crate::bulk::recipe;
use crate::country::{self, amina, ask, clerk, registrar, registration};
use crate::import::{Desk, GO};
use daftar_identity::People;
use daftar_identity::double::{FoundBy, SWEEP_BATCH, Standing};
use daftar_identity::model::{KEPT, SAMPLE_LEAST};
use daftar_identity::person::Entry;
use daftar_identity::register::Registration;
use daftar_store::{StoreError, sql};
use daftar_testing::for_each_engine;
use std::ops::ControlFlow;

/// Sweeps that came to their end, each with the receipt of its act.
async fn machine_runs(people: &People) -> i64 {
    let read = people.store().read(|tx| {
        Box::pin(async move {
            tx.query_one(sql!("select count(*) from identity_sweep where receipt is not null"), &[])
                .await?
                .get(0)
        })
    });
    let counted: Result<i64, StoreError> = read.await;
    counted.unwrap()
}

#[tokio::test]
async fn an_import_that_holds_nobody_back_notes_whom_it_brought_twice() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        people.register(&clerk(), registration(amina(), "k1")).await.unwrap();
        let desk = Desk::new();
        let file = desk.write(b"id,name,born,place\n1,Amina Dialo,1990-02-13,\n2,Omar Keita,1950-01-03,\n");
        let summary = people.import(&desk.order(file, true), GO).await.unwrap();
        assert_eq!((summary.registered, summary.held), (2, 0));
        let pairs = people.doubles(&clerk(), Standing::Open, None).await.unwrap();
        assert_eq!(pairs.iter().map(|pair| pair.found).collect::<Vec<_>>(), [FoundBy::Import]);
    })
    .await;
}

#[tokio::test]
async fn a_sweep_finds_each_pair_once_and_goes_on_where_it_stopped() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let desk = daftar_identity::Desk::program("demo", "registry", "registry-north");
        let count = u64::try_from(SWEEP_BATCH).unwrap() * 2 + 1;
        // Bulk brings doubles in unseen.
        let twice = |n: u64| Entry { born: format!("{}-02-13", 1900 + n % 2), ..amina() };
        let bring = people.store().write({
            let people = people.clone();
            move |tx| {
                let (people, desk) = (people.clone(), desk.clone());
                Box::pin(async move {
                    let cause = daftar_identity::version::Cause::MadeUp;
                    let mut all = Vec::new();
                    for n in 0..count {
                        let entry = match n {
                            0 | 1 => twice(n),
                            other => Entry {
                                name: format!("Stranger Number{other}"),
                                born: format!("{}", 1900 + other),
                                ..Entry::default()
                            },
                        };
                        all.push(people.newcomer(people.check(&entry)?, cause, "", "")?);
                    }
                    people.enroll(tx, &desk, &all).await
                })
            }
        });
        assert_eq!(bring.await.unwrap().len() as u64, count);
        let cut = people.sweep_doubles("sweep", "registry-north", |_| ControlFlow::Break(())).await.unwrap();
        assert_eq!((cut.compared, cut.receipt), (u64::try_from(SWEEP_BATCH).unwrap(), None));
        assert_eq!(machine_runs(&people).await, 0);
        let mut steps = Vec::new();
        let whole = people
            .sweep_doubles("sweep", "registry-north", |swept| {
                steps.push(swept.compared);
                ControlFlow::Continue(())
            })
            .await
            .unwrap();
        assert_eq!((whole.compared, whole.found), (count, 1), "{steps:?}");
        assert!(whole.receipt.is_some() && steps.len() == 2);
        assert_eq!(machine_runs(&people).await, 1, "one act for the whole run");
        let pairs = people.doubles(&clerk(), Standing::Open, None).await.unwrap();
        assert_eq!(pairs.iter().map(|pair| pair.found).collect::<Vec<_>>(), [FoundBy::Sweep]);
        let again =
            people.sweep_doubles("sweep", "registry-north", |_| ControlFlow::Continue(())).await.unwrap();
        assert_eq!((again.compared, again.found), (count, 0));
        assert_eq!(
            people.sweep_doubles("sweep", "nowhere", |_| ControlFlow::Continue(())).await.unwrap_err().code,
            "identity-desk-unknown"
        );
    })
    .await;
}

#[tokio::test]
async fn the_register_teaches_a_model_and_every_node_weighs_with_it() {
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let other_node = country::people(&store).await;
        let few = people.learn("learn", "registry-north").await.unwrap_err();
        assert_eq!(few.code, "identity-learn-few");
        let one = people.register(&clerk(), registration(amina(), "k1")).await.unwrap();
        let twin = Entry { born: "1992-02-13".into(), ..amina() };
        let before = other_node.candidates(&registrar(), &ask(), &twin).await.unwrap();
        assert_eq!(before[0].weight.model, 0);
        let desk = daftar_identity::Desk::program("demo", "registry", "registry-north");
        let size = u64::try_from(SAMPLE_LEAST).unwrap();
        people.settle(&desk, recipe(), (size + 50, 0), |_| {}).await.unwrap();
        let learned = people.learn("learn", "registry-north").await.unwrap();
        assert!(learned.version == 1 && learned.people >= SAMPLE_LEAST);
        let after = other_node.candidates(&registrar(), &ask(), &twin).await.unwrap();
        let found = after.iter().find(|candidate| candidate.found.person == one.person).unwrap();
        assert_eq!(found.weight.model, 1);
        let name = |weight: &daftar_identity::weigh::Weight| {
            weight.lines.iter().find(|line| line.about == "name").unwrap().millibits
        };
        assert!(
            name(&found.weight) < name(&before[0].weight) - 1_000,
            "a frequent name weighs less: {} {}",
            name(&found.weight),
            name(&before[0].weight)
        );
        for version in 2..=KEPT + 2 {
            assert_eq!(people.learn("learn", "registry-north").await.unwrap().version, version);
        }
        let kept = store.read(|tx| {
            Box::pin(async move {
                tx.query_one(sql!("select count(*) from identity_model"), &[]).await?.get::<i64>(0)
            })
        });
        let kept: Result<i64, StoreError> = kept.await;
        assert_eq!(kept.unwrap(), KEPT);
        let despite = Registration { despite: "a test".into(), ..registration(twin, "k2") };
        people.register(&clerk(), despite).await.unwrap();
        let pairs = people.doubles(&clerk(), Standing::Open, None).await.unwrap();
        assert!(pairs.iter().all(|pair| pair.model == KEPT + 2) && !pairs.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_question_is_not_lost_with_the_record_it_was_about() {
    use crate::country::{approve, approvers};
    use daftar_identity::double::{Decision, Wish};
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        // The first and the third are too far apart to be alike; each is like the second.
        let mut records = Vec::new();
        for (key, born) in [("k1", "1988-02-13"), ("k2", "1991-02-13"), ("k3", "1994-02-13")] {
            let entry = Entry { born: born.into(), ..amina() };
            let despite = Registration { despite: "a test".into(), ..registration(entry, key) };
            records.push(people.register(&clerk(), despite).await.unwrap().person);
        }
        let pairs = people.doubles(&clerk(), Standing::Open, None).await.unwrap();
        let of = |one: usize, other: usize| {
            let (one, other) = (records[one], records[other]);
            pairs.iter().find(|pair| [pair.a, pair.b] == [one.min(other), one.max(other)])
        };
        assert!(of(0, 2).is_none() && of(1, 2).is_some());
        let wish = Wish { decision: Decision::Merge, keep: Some(records[0]), ground: "article 33".into() };
        let approval = people.request_pair_decision(&clerk(), of(0, 1).unwrap().id, &wish).await.unwrap();
        approve(&people, approval, &approvers(&people).await).await;
        people.decide(&clerk(), approval, Decision::Merge).await.unwrap();
        let left = people.doubles(&clerk(), Standing::Open, None).await.unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].other(records[0]), records[2]);
        assert_eq!(left[0].millibits, of(1, 2).unwrap().millibits);
    })
    .await;
}

#[tokio::test]
async fn a_record_absorbs_so_many_and_not_one_more() {
    use crate::country::{approve, approvers};
    use daftar_identity::double::{Decision, Wish};
    use daftar_identity::tokens::MAX_ABSORBED;
    for_each_engine(&country::MIGRATIONS, async |store| {
        let people = country::people(&store).await;
        let mut records = Vec::new();
        for n in 0..MAX_ABSORBED + 2 {
            let despite =
                Registration { despite: "a test".into(), ..registration(amina(), &format!("k{n}")) };
            records.push(people.register(&clerk(), despite).await.unwrap().person);
        }
        let (kept, by) = (records[0], approvers(&people).await);
        let mut merged = 0;
        let mut before = None;
        loop {
            let page = people.doubles(&clerk(), Standing::Open, before).await.unwrap();
            let Some(last) = page.last() else { break };
            before = Some((last.millibits, last.id));
            for pair in page.into_iter().filter(|pair| pair.a == kept || pair.b == kept) {
                let wish = Wish { decision: Decision::Merge, keep: Some(kept), ground: "article 33".into() };
                let asked = people.request_pair_decision(&clerk(), pair.id, &wish).await;
                if merged == MAX_ABSORBED {
                    assert_eq!(asked.unwrap_err().code, "identity-double-state", "one past the limit");
                } else {
                    let approval = asked.unwrap();
                    approve(&people, approval, &by).await;
                    people.decide(&clerk(), approval, Decision::Merge).await.unwrap();
                }
                merged += 1;
            }
        }
        assert_eq!(merged, MAX_ABSORBED + 1);
        let citizen = people.office_token(records[1]).await.unwrap();
        assert!(people.own_subjects(citizen).await.unwrap().len() > 1);
    })
    .await;
}

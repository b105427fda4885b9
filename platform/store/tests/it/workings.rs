//! Counters, idempotency keys, leases, jobs and events.

use crate::{TRIAL, count};
use daftar_kernel::Id;
use daftar_store::events::{self, Event};
use daftar_store::idempotency::{self, Idempotent};
use daftar_store::jobs::{self, ATTEMPTS_LIMIT, Failed, Job, Worker};
use daftar_store::{BoxFuture, Store, StoreError, Tx, counter, lease, params, sql};
use daftar_testing::{START, for_each_engine};
use serde_json::json;
use std::sync::{Arc, Mutex};

async fn write<T: Send + 'static>(
    store: &Store,
    f: impl for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
) -> T {
    store.write(f).await.unwrap_or_else(|e| panic!("{e}"))
}

#[tokio::test]
async fn numbers_run_without_gaps_under_concurrency_and_failures() {
    for_each_engine(&[TRIAL], async |store| {
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..40_i64 {
            let store = store.store();
            tasks.spawn(async move {
                let taken = store.write(move |tx| {
                    Box::pin(async move {
                        let number = counter::next(tx, "receipt").await?;
                        // Every fourth gives up after taking its number.
                        if n % 4 == 0 { Err(StoreError::Missing("x".into())) } else { Ok(number) }
                    })
                });
                taken.await.ok()
            });
        }
        let mut numbers: Vec<i64> = tasks.join_all().await.into_iter().flatten().collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=30).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer_and_is_done_once() {
    for_each_engine(&[], async |store| {
        let ask = async |key: &'static str, digest: [u8; 32]| {
            let asked = store.write(move |tx| {
                Box::pin(async move {
                    let begun = idempotency::begin(tx, "a", key, &digest, START).await?;
                    if begun == Idempotent::New {
                        counter::next(tx, "done").await?;
                        idempotency::finish(tx, "a", key, b"answer").await?;
                    }
                    Ok::<_, StoreError>(begun)
                })
            });
            asked.await
        };
        assert_eq!(ask("k", [1; 32]).await, Ok(Idempotent::New));
        assert_eq!(ask("k", [1; 32]).await, Ok(Idempotent::Replay(b"answer".to_vec())));
        assert_eq!(ask("k", [2; 32]).await, Ok(Idempotent::Mismatch));
        let (a, b) = tokio::join!(ask("both", [3; 32]), ask("both", [3; 32]));
        let news = [a.unwrap(), b.unwrap()].into_iter().filter(|i| *i == Idempotent::New).count();
        assert_eq!(news, 1);
        assert_eq!(write(&store, |tx| Box::pin(counter::next(tx, "done"))).await, 3);

        let forgotten =
            write(&store, |tx| Box::pin(idempotency::forget_before(tx, START.plus_seconds(1)))).await;
        assert_eq!(forgotten, 2);
        assert_eq!(ask("k", [2; 32]).await, Ok(Idempotent::New));
    })
    .await;
}

#[tokio::test]
async fn idempotency_limits_hold_at_and_past_the_limit() {
    for_each_engine(&[], async |store| {
        let begin = async |length: usize, answer: usize| {
            let asked = store.write(move |tx| {
                Box::pin(async move {
                    let key = "k".repeat(length);
                    idempotency::begin(tx, "a", &key, &[0; 32], START).await?;
                    idempotency::finish(tx, "a", &key, &vec![0; answer]).await
                })
            });
            asked.await
        };
        assert_eq!(begin(idempotency::KEY_LIMIT, idempotency::RESPONSE_LIMIT).await, Ok(()));
        assert!(matches!(begin(idempotency::KEY_LIMIT + 1, 1).await, Err(StoreError::TooLarge { .. })));
        assert!(matches!(begin(1, idempotency::RESPONSE_LIMIT + 1).await, Err(StoreError::TooLarge { .. })));
    })
    .await;
}

#[tokio::test]
async fn one_holder_at_a_time_and_a_late_one_is_fenced_off() {
    for_each_engine(&[], async |store| {
        let (a, b) = (Id::from_bytes([1; 16]), Id::from_bytes([2; 16]));
        let at = |s| START.plus_seconds(s);
        let take = async |who, s| {
            write(&store, move |tx| {
                Box::pin(async move { lease::acquire(tx, "sequencer", who, 10, at(s)).await })
            })
            .await
        };
        let first = take(a, 0).await.unwrap();
        assert_eq!(take(b, 5).await, None);
        assert_eq!(take(a, 8).await.unwrap().number, first.number, "renewed in time");
        let second = take(b, 19).await.unwrap();
        assert!(second.number > first.number);

        let (late, now) = (first.clone(), second.clone());
        let held = write(&store, move |tx| {
            let (late, now) = (late.clone(), now.clone());
            Box::pin(async move {
                Ok((lease::check(tx, &late, at(20)).await?, lease::check(tx, &now, at(20)).await?))
            })
        });
        assert_eq!(held.await, (false, true));

        let late = first.clone();
        write(&store, move |tx| {
            let late = late.clone();
            Box::pin(async move { lease::release(tx, &late).await })
        })
        .await;
        assert_eq!(take(a, 20).await, None, "a late holder cannot release another's lease");
        let now = second.clone();
        write(&store, move |tx| {
            let now = now.clone();
            Box::pin(async move { lease::release(tx, &now).await })
        })
        .await;
        assert!(take(a, 20).await.unwrap().number > second.number);
    })
    .await;
}

async fn enqueue(store: &Store, kind: &'static str, aggregate: &'static str, n: i64) -> Id {
    write(store, move |tx| {
        Box::pin(async move {
            let (kind, aggregate) = (kind.to_string(), aggregate.to_string());
            jobs::enqueue(tx, &Job { kind, aggregate, payload: json!({ "n": n }), run_at: START }).await
        })
    })
    .await
}

/// A worker whose handler notes what it runs and fails when told to.
fn noting(
    fails: impl Fn(i64, i64) -> Option<Failed> + Send + Sync + Clone + 'static,
) -> (Worker, Arc<Mutex<Vec<i64>>>) {
    let noted = Arc::new(Mutex::new(Vec::new()));
    let mut worker = Worker::new();
    let note = Arc::clone(&noted);
    worker.register("note", move |_store, job| {
        let (note, fails) = (Arc::clone(&note), fails.clone());
        async move {
            let n = job.payload["n"].as_i64().unwrap_or(-1);
            note.lock().unwrap().push(n);
            fails(n, job.attempt).map_or(Ok(()), Err)
        }
    });
    (worker, noted)
}

#[tokio::test]
async fn jobs_of_one_aggregate_run_in_order_and_wait_for_a_failing_one() {
    for_each_engine(&[], async |store| {
        for n in 1..=3 {
            enqueue(&store, "note", "a", n).await;
        }
        enqueue(&store, "note", "b", 10).await;
        enqueue(&store, "unknown", "c", 20).await;
        let (worker, noted) =
            noting(|n, attempt| (n == 1 && attempt == 1).then(|| Failed::try_again("the first time")));
        assert_eq!(worker.run_due(&store).await, Ok(2));
        assert_eq!(worker.run_due(&store).await, Ok(0), "1 pauses, 2 and 3 wait for it");
        store.clock.advance_seconds(2);
        while worker.run_due(&store).await.unwrap() > 0 {}
        let mut noted = noted.lock().unwrap().clone();
        noted.retain(|n| *n < 10);
        assert_eq!(noted, [1, 1, 2, 3]);
        let counts = write(&store, |tx| Box::pin(jobs::count(tx))).await;
        assert_eq!(counts, (1, 0), "nobody here knows the kind `unknown`");
    })
    .await;
}

#[tokio::test]
async fn a_hopeless_job_dies_and_the_operator_decides() {
    for_each_engine(&[], async |store| {
        let id = enqueue(&store, "note", "a", 1).await;
        enqueue(&store, "note", "a", 2).await;
        let (worker, noted) = noting(|n, _| (n == 1).then(|| Failed::try_again("never")));
        for _ in 0..ATTEMPTS_LIMIT {
            assert_eq!(worker.run_due(&store).await, Ok(1));
            store.clock.advance_seconds(4 * 3600);
        }
        assert_eq!(worker.run_due(&store).await, Ok(0));
        let dead = write(&store, |tx| Box::pin(jobs::list_dead(tx, None))).await;
        assert_eq!(
            (dead.len(), dead[0].id, dead[0].attempts, dead[0].last_error.as_str()),
            (1, id, ATTEMPTS_LIMIT, "never")
        );
        assert!(write(&store, move |tx| Box::pin(jobs::list_dead(tx, Some(id)))).await.is_empty());

        let now = store.world().now();
        assert!(write(&store, move |tx| Box::pin(jobs::retry_dead(tx, id, now))).await);
        assert_eq!(worker.run_due(&store).await, Ok(1));
        assert!(!write(&store, move |tx| Box::pin(jobs::discard_dead(tx, id))).await, "it is alive again");

        let (hopeless, _) = noting(|n, _| (n == 1).then(|| Failed::for_good("no such address")));
        store.clock.advance_seconds(10);
        assert_eq!(hopeless.run_due(&store).await, Ok(1));
        assert!(write(&store, move |tx| Box::pin(jobs::discard_dead(tx, id))).await);
        assert_eq!(worker.run_due(&store).await, Ok(1));
        assert_eq!(noted.lock().unwrap().last(), Some(&2));
    })
    .await;
}

#[tokio::test]
async fn a_panicking_handler_is_a_failure_like_another() {
    for_each_engine(&[], async |store| {
        enqueue(&store, "note", "a", 1).await;
        let (worker, noted) = noting(|_, attempt| if attempt == 1 { panic!("a mistake") } else { None });
        assert_eq!(worker.run_due(&store).await, Ok(1));
        store.clock.advance_seconds(2);
        assert_eq!(worker.run_due(&store).await, Ok(1));
        assert_eq!(noted.lock().unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn two_workers_share_the_work() {
    for_each_engine(&[], async |store| {
        for _ in 0..20 {
            enqueue(&store, "note", "a", 1).await;
            enqueue(&store, "note", "b", 1).await;
        }
        let (worker, noted) = noting(|_, _| None);
        let all = async |worker: Worker| while worker.run_due(&store).await.unwrap() > 0 {};
        tokio::join!(all(worker.clone()), all(worker.clone()));
        all(worker).await;
        assert_eq!(noted.lock().unwrap().len(), 40);
    })
    .await;
}

fn event(aggregate: &str, n: i64) -> Event {
    Event { name: "trial.happened".into(), version: 1, aggregate: aggregate.into(), body: json!({ "n": n }) }
}

fn keeping(handler: &str) -> Worker {
    let mut worker = Worker::new();
    worker.subscribe(handler, "trial.happened", |tx, delivered| {
        Box::pin(async move {
            let n = delivered.event.body["n"].as_i64().unwrap_or(-1);
            let insert = sql!("insert into trial_row (id, name, done) values ($1, $2, $3)");
            tx.execute(insert, &params![n, n.to_string(), true]).await.map(|_| ())
        })
    });
    worker
}

#[tokio::test]
async fn an_event_is_applied_exactly_once_by_each_handler() {
    for_each_engine(&[TRIAL], async |store| {
        let worker = keeping("trial.keeper");
        write(&store, |tx| Box::pin(async move { events::publish(tx, &event("a", 99)).await })).await;
        worker.install(&store).await.unwrap();
        worker.install(&store).await.unwrap();
        write(&store, |tx| {
            Box::pin(async move {
                for n in 0..10 {
                    events::publish(tx, &event("a", n)).await?;
                }
                Ok(())
            })
        })
        .await;
        let all = async |worker: &Worker| while worker.run_due(&store).await.unwrap() > 0 {};
        tokio::join!(all(&worker), all(&worker));
        all(&worker).await;
        // A second application would break the table's key and leave a job behind.
        assert_eq!(count(&store).await, 10, "99 was published before anybody had subscribed");
        assert_eq!(write(&store, |tx| Box::pin(jobs::count(tx))).await, (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_rolled_back_publication_reaches_nobody_and_unsubscribing_drops_the_rest() {
    for_each_engine(&[TRIAL], async |store| {
        let worker = keeping("trial.keeper");
        worker.install(&store).await.unwrap();
        let failed: Result<(), StoreError> = store
            .write(|tx| {
                Box::pin(async move {
                    events::publish(tx, &event("a", 1)).await?;
                    Err(StoreError::Missing("x".into()))
                })
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(worker.run_due(&store).await, Ok(0));
        write(&store, |tx| Box::pin(async move { events::publish(tx, &event("a", 2)).await })).await;
        write(&store, |tx| Box::pin(async move { events::unsubscribe(tx, "trial.keeper").await })).await;
        write(&store, |tx| Box::pin(async move { events::publish(tx, &event("a", 3)).await })).await;
        assert_eq!(worker.run_due(&store).await, Ok(0));
        assert_eq!(count(&store).await, 0);
    })
    .await;
}

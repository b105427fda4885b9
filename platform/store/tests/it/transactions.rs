//! Writing and reading: what is kept, what is not, and who is told.

use crate::{TRIAL, add, count};
use daftar_kernel::{Id, Timestamp};
use daftar_store::{Store, StoreError, Value, params, sql};
use daftar_testing::{TestStore, for_each_engine};

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_went_in() {
    for_each_engine(&[], async |store| {
        let id = Id::from_bytes([7; 16]);
        let row = store.read(move |tx| {
            Box::pin(async move {
                let text = sql!(
                    "select cast($1 as bigint), cast($2 as text), $3, cast($4 as bigint), $5, cast($1 as bigint)"
                );
                tx.query_one(text, &params![i64::MIN, "نور", id, Timestamp(5), None::<Vec<u8>>]).await
            })
        });
        let row = row.await.unwrap_or_else(|e: StoreError| panic!("{:?}: {e}", store.engine));
        assert_eq!(row.get::<i64>(0).unwrap(), i64::MIN);
        assert_eq!(row.get::<String>(1).unwrap(), "نور");
        assert_eq!(row.get::<Id>(2).unwrap(), id);
        assert_eq!(row.get::<Timestamp>(3).unwrap(), Timestamp(5));
        assert_eq!(row.get::<Option<Vec<u8>>>(4).unwrap(), None);
        assert_eq!(row.get::<i64>(5).unwrap(), i64::MIN);
        assert!(matches!(row.get::<i64>(1), Err(StoreError::Column { index: 1, .. })));
    })
    .await;
}

#[tokio::test]
async fn parameters_go_by_their_number_wherever_they_stand() {
    for_each_engine(&[TRIAL], async |store| {
        let write = store.write(|tx| {
            Box::pin(async move {
                let text = sql!(
                    "insert into trial_row (done, name, id) values ($3, $2, $1) returning id, name, done"
                );
                tx.query_one(text, &params![1_i64, "a", true]).await
            })
        });
        let row = write.await.unwrap_or_else(|e: StoreError| panic!("{e}"));
        assert_eq!(
            (row.get::<i64>(0).unwrap(), row.get::<&str>(1).unwrap(), row.get::<bool>(2).unwrap()),
            (1, "a", true)
        );
    })
    .await;
}

#[tokio::test]
async fn what_returns_an_error_changes_nothing() {
    for_each_engine(&[TRIAL], async |store| {
        let refused: Result<(), StoreError> = store
            .write(|tx| {
                Box::pin(async move {
                    let insert = sql!("insert into trial_row (id, name, done) values ($1, 'a', $2)");
                    tx.execute(insert, &params![1_i64, false]).await?;
                    Err(StoreError::Missing("something".into()))
                })
            })
            .await;
        assert_eq!(refused, Err(StoreError::Missing("something".into())));
        assert_eq!(count(&store).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_failed_statement_loses_the_transaction_even_if_the_closure_carries_on() {
    for_each_engine(&[TRIAL], async |store| {
        add(&store, 1, "a").await.unwrap();
        let result: Result<(), StoreError> = store
            .write(|tx| {
                Box::pin(async move {
                    let insert = sql!("insert into trial_row (id, name, done) values ($1, $2, $3)");
                    tx.execute(insert, &params![2_i64, "b", false]).await?;
                    let twice = tx.execute(insert, &params![3_i64, "a", false]).await;
                    assert!(matches!(twice, Err(StoreError::Unique { .. })), "{twice:?}");
                    let after = tx.execute(insert, &params![4_i64, "d", false]).await;
                    assert!(matches!(after, Err(StoreError::Unique { .. })), "{after:?}");
                    Ok(())
                })
            })
            .await;
        assert!(matches!(result, Err(StoreError::Unique { .. })), "{result:?}");
        assert_eq!(count(&store).await, 1);
    })
    .await;
}

#[tokio::test]
async fn errors_carry_no_values() {
    for_each_engine(&[TRIAL], async |store| {
        add(&store, 1, "Amina").await.unwrap();
        let twice = add(&store, 2, "Amina").await.unwrap_err();
        assert!(!format!("{twice} {twice:?}").contains("Amina"), "{twice:?}");
        let cast = store.read(|tx| {
            Box::pin(async move {
                tx.query(sql!("select cast(cast($1 as text) as bigint) / 0"), &params!["Amina"]).await
            })
        });
        if let Err(error) = cast.await {
            let error: StoreError = error;
            assert!(!format!("{error} {error:?}").contains("Amina"), "{error:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_read_cannot_write() {
    for_each_engine(&[TRIAL], async |store| {
        let write = store.read(|tx| {
            Box::pin(async move {
                let insert = sql!("insert into trial_row (id, name, done) values (1, 'a', $1)");
                tx.execute(insert, &params![false]).await
            })
        });
        assert!(matches!(write.await, Err(StoreError::Statement { .. })));
        assert_eq!(count(&store).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_panic_fails_one_closure_alone() {
    for_each_engine(&[TRIAL], async |store| {
        let panicking = |store: Store| async move {
            let write = store.write(|tx| {
                Box::pin(async move {
                    let insert = sql!("insert into trial_row (id, name, done) values (99, 'lost', $1)");
                    tx.execute(insert, &params![false]).await?;
                    if tx.execute(insert, &params![false]).await.is_err() {
                        panic!("a mistake in a service");
                    }
                    Ok::<_, StoreError>(())
                })
            });
            write.await
        };
        let (before, middle, after) = (store.store(), store.store(), store.store());
        let (a, b, c) = tokio::join!(add(&before, 1, "a"), panicking(middle), add(&after, 2, "b"));
        assert_eq!((a, b, c), (Ok(()), Err(StoreError::Panicked), Ok(())));
        assert_eq!(count(&store).await, 2);
    })
    .await;
}

#[tokio::test]
async fn of_many_at_once_those_that_fail_after_writing_leave_nothing() {
    for_each_engine(&[TRIAL], async |store| {
        // Twice: after the first failure every closure runs guarded for some batches.
        for round in 0..2_i64 {
            let mut tasks = tokio::task::JoinSet::new();
            for id in round * 100..round * 100 + 60 {
                let store = store.store();
                tasks.spawn(async move {
                    let write = store.write(move |tx| {
                        Box::pin(async move {
                            let insert = sql!("insert into trial_row (id, name, done) values ($1, $2, $3)");
                            tx.execute(insert, &params![id, id.to_string(), false]).await?;
                            if id % 3 == 0 { Err(StoreError::Missing(id.to_string())) } else { Ok(id) }
                        })
                    });
                    (id, write.await)
                });
            }
            for (id, outcome) in tasks.join_all().await {
                let expected = if id % 3 == 0 { Err(StoreError::Missing(id.to_string())) } else { Ok(id) };
                assert_eq!(outcome, expected);
            }
            assert_eq!(count(&store).await, (round + 1) * 40);
        }
    })
    .await;
}

#[tokio::test]
async fn a_look_up_sees_what_was_acknowledged_and_changes_nothing() {
    for_each_engine(&[TRIAL], async |store| {
        let find = sql!("select id from trial_row where name = $1");
        assert!(store.look_up(find, params!["a"].to_vec()).await.unwrap().is_empty());
        add(&store, 7, "a").await.unwrap();
        let rows = store.look_up(find, params!["a"].to_vec()).await.unwrap();
        assert_eq!(rows.first().unwrap().get::<i64>(0).unwrap(), 7);
        let drop = sql!("delete from trial_row where name = $1");
        let refused = store.look_up(drop, params!["a"].to_vec()).await;
        assert!(matches!(refused, Err(StoreError::Statement { .. })), "{refused:?}");
        let nul = store.look_up(find, params!["a\0"].to_vec()).await;
        assert!(matches!(nul, Err(StoreError::Parameter { index: 1, .. })), "{nul:?}");
        let few = store.look_up(find, Vec::new()).await;
        assert!(few.is_err());
        assert_eq!(count(&store).await, 1);
        store.close().await;
        assert!(store.look_up(find, params!["a"].to_vec()).await.is_err(), "closed");
    })
    .await;
}

#[tokio::test]
async fn a_closure_on_sqlite_may_await_only_its_transaction() {
    let store = TestStore::sqlite(&[TRIAL]).await;
    let write: Result<(), StoreError> = store
        .write(|_tx| {
            Box::pin(async move {
                tokio::task::yield_now().await;
                Ok(())
            })
        })
        .await;
    assert_eq!(write, Err(StoreError::Awaited));
    add(&store, 1, "a").await.unwrap();
}

#[tokio::test]
async fn a_read_sees_one_moment() {
    for_each_engine(&[TRIAL], async |store| {
        let (started, wait_started) = std::sync::mpsc::channel::<()>();
        let (go_on, wait_go_on) = std::sync::mpsc::channel::<()>();
        let wait = std::sync::Arc::new(std::sync::Mutex::new(wait_go_on));
        let reader = store.store();
        let reading = tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(reader.read(move |tx| {
                let (started, wait) = (started.clone(), std::sync::Arc::clone(&wait));
                Box::pin(async move {
                    let rows = sql!("select count(*) from trial_row");
                    let first = tx.query_one(rows, &[]).await?.get::<i64>(0)?;
                    started.send(()).unwrap();
                    wait.lock().unwrap().recv().unwrap();
                    let second = tx.query_one(rows, &[]).await?.get::<i64>(0)?;
                    Ok::<_, StoreError>((first, second))
                })
            }))
        });
        tokio::task::spawn_blocking(move || wait_started.recv().unwrap()).await.unwrap();
        add(&store, 1, "a").await.unwrap();
        go_on.send(()).unwrap();
        // On PostgreSQL the pool belongs to the first runtime; both run until the read is done.
        assert_eq!(reading.await.unwrap(), Ok((0, 0)));
        assert_eq!(count(&store).await, 1);
    })
    .await;
}

#[tokio::test]
async fn mistakes_in_parameters_are_named() {
    for_each_engine(&[TRIAL], async |store| {
        let run = async |params: Vec<Value>| {
            let read = store.read(move |tx| {
                let params = params.clone();
                Box::pin(
                    async move { tx.query(sql!("select cast($1 as text), cast($2 as text)"), &params).await },
                )
            });
            read.await.map(|_| ()).unwrap_err()
        };
        let nul = run(params!["a\0b", "c"].to_vec()).await;
        assert!(matches!(nul, StoreError::Parameter { index: 1, .. }), "{nul:?}");
        let too_few: StoreError = run(params!["a"].to_vec()).await;
        assert!(!matches!(too_few, StoreError::Parameter { .. }), "{too_few:?}");
    })
    .await;
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_reopening() {
    for engine in [daftar_testing::Engine::Sqlite, daftar_testing::Engine::Postgres] {
        let mut store = TestStore::on(engine, &[TRIAL]).await;
        add(&store, 1, "a").await.unwrap();
        store.reopen().await;
        assert_eq!(count(&store).await, 1);
    }
}

#[tokio::test]
async fn a_closed_store_says_so() {
    for_each_engine(&[TRIAL], async |store| {
        store.close().await;
        let late = add(&store, 1, "a").await.unwrap_err();
        assert!(late.is_temporary(), "{late:?}");
    })
    .await;
}

#[tokio::test]
async fn concurrent_writers_lose_and_double_nothing() {
    const WRITERS: i64 = 64;
    const EACH: i64 = 10;
    for_each_engine(&[TRIAL], async |store| {
        add(&store, 0, "0").await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let store = store.store();
            tasks.spawn(async move {
                for n in 0..EACH {
                    let id = 1 + writer * EACH + n;
                    let write = store.write(move |tx| {
                        Box::pin(async move {
                            // Everybody reads and changes the same row: on PostgreSQL they collide.
                            let name =
                                tx.query_one(sql!("select name from trial_row where id = 0"), &[]).await?;
                            let seen: i64 = name.get::<&str>(0)?.parse().unwrap_or(-1);
                            tx.execute(
                                sql!("update trial_row set name = $1 where id = 0"),
                                &params![(seen + 1).to_string()],
                            )
                            .await?;
                            let insert = sql!("insert into trial_row (id, name, done) values ($1, $2, $3)");
                            tx.execute(insert, &params![id, format!("row {id}"), true]).await?;
                            Ok::<_, StoreError>(())
                        })
                    });
                    write.await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        assert_eq!(count(&store).await, 1 + WRITERS * EACH);
        let name = store.read(|tx| {
            Box::pin(async move {
                tx.query_one(sql!("select name from trial_row where id = 0"), &[]).await?.get::<String>(0)
            })
        });
        assert_eq!(name.await, Ok::<_, StoreError>((WRITERS * EACH).to_string()));
    })
    .await;
}

/// Two that each read what the other writes: on one engine they wait for each other, on the other one collides at
/// its commit and runs again. Either way the outcome is that of one after the other.
#[tokio::test]
async fn write_skew_does_not_happen() {
    for_each_engine(&[TRIAL], async |store| {
        for round in 0..20_i64 {
            let (a, b) = (round * 2, round * 2 + 1);
            add(&store, a, &format!("a {round}")).await.unwrap();
            add(&store, b, &format!("b {round}")).await.unwrap();
            // Each may be done only while the other is not.
            let finish = async |mine: i64, other: i64| {
                let store = store.store();
                let write = store.write(move |tx| {
                    Box::pin(async move {
                        let row = tx
                            .query_one(sql!("select done from trial_row where id = $1"), &params![other])
                            .await?;
                        if !row.get::<bool>(0)? {
                            let done = sql!("update trial_row set done = $2 where id = $1");
                            tx.execute(done, &params![mine, true]).await?;
                        }
                        Ok::<_, StoreError>(())
                    })
                });
                write.await.unwrap();
            };
            tokio::join!(finish(a, b), finish(b, a));
            let done = store.read(move |tx| {
                Box::pin(async move {
                    let text = sql!("select count(*) from trial_row where id in ($1, $2) and done = $3");
                    tx.query_one(text, &params![a, b, true]).await?.get::<i64>(0)
                })
            });
            assert_eq!(done.await, Ok::<_, StoreError>(1));
        }
    })
    .await;
}

#[tokio::test]
async fn a_database_that_goes_away_is_a_reason_to_wait_not_a_mistake() {
    let store = TestStore::postgres(&[TRIAL]).await;
    add(&store, 1, "a").await.unwrap();
    let url = &store.config().url;
    let name =
        url.split('/').find(|part| part.starts_with("daftar_test_")).unwrap().split('?').next().unwrap();
    daftar_store::admin::drop_database(&url.replace(name, "postgres"), name).await.unwrap();
    let error = add(&store, 2, "b").await.unwrap_err();
    assert!(error.is_temporary(), "{error:?}");
}

//! Looks: numbered, chained, batched; readable by the person; and a dropped one is always found.

use crate::common::*;
use daftar_kernel::Actor;
use daftar_record::chain::MAX_BATCH_LOOKS;
use daftar_record::look::MAX_LOOKS_AT_ONCE;
use daftar_record::person::PersonProofError;
use daftar_record::{Log, Look, Reader, State, verify_person_proof};
use daftar_store::{Sql, Store, StoreError, params, sql};
use transparency_log::receipt::Receipt;

async fn proof_of(f: &Fixture, number: u8) -> (State, Vec<u8>) {
    let (state, proof) = f.record.person_proof(person(number)).await.unwrap().unwrap();
    (state, serde_json::to_vec(&proof).unwrap())
}

#[tokio::test]
async fn a_person_reads_who_looked_and_why() {
    on_both(async |store| {
        let f = Fixture::new(&store, 1, "1").await;
        f.look(look_at(person(1))).await;
        f.look(look_at(person(2))).await;
        f.clock.advance_seconds(60);
        let reader: Reader = (&Actor::System("statistics")).into();
        let second =
            f.look(Look { reader, case: None, purpose: "statistics".into(), ..look_at(person(1)) }).await;
        let looks = f.record.looks_of(person(1), None, 10).await.unwrap();
        assert_eq!((looks.total, looks.sealed, looks.next), (2, 0, None));
        let newest = &looks.rows[0];
        assert_eq!(
            (newest.id, newest.seq, newest.at.to_rfc3339().as_str()),
            (second, 2, "2026-11-23T08:01:00Z")
        );
        assert_eq!(newest.content.as_ref().unwrap().reader, "statistics");
        let oldest = looks.rows[1].content.as_ref().unwrap();
        assert_eq!((oldest.reader.as_str(), oldest.office.as_str()), ("Amina Haddad", "north"));
        assert_eq!((oldest.purpose.as_str(), oldest.case.as_deref()), ("correction", Some("C-17")));
        assert_eq!(oldest.fields, ["name", "address"]);

        let page = f.record.looks_of(person(1), None, 1).await.unwrap();
        assert_eq!((page.rows[0].seq, page.next), (2, Some(2)));
        let page = f.record.looks_of(person(1), page.next, 1).await.unwrap();
        assert_eq!(page.rows[0].seq, 1);
        assert_eq!(f.record.looks_of(person(3), None, 10).await.unwrap().total, 0);
    })
    .await;
}

#[tokio::test]
async fn a_look_has_a_receipt_of_its_own() {
    on_both(async |store| {
        let f = Fixture::new(&store, 1, "1").await;
        let id = f.look(look_at(person(1))).await;
        for number in 2..20 {
            f.look(look_at(person(number))).await;
        }
        assert_eq!(f.record.receipt(id).await.unwrap().state, State::Pending);
        f.settle().await;
        let receipt = f.record.receipt(id).await.unwrap();
        assert_eq!((receipt.state, receipt.log), (State::Cosigned, Log::Access));
        let file = Receipt::parse(receipt.json().unwrap().as_bytes()).unwrap();
        let verified = file.verify(&f.policy()).unwrap();
        assert_eq!(verified.record.unwrap()["reader"]["name"], "Amina Haddad");
        assert_eq!(verified.entry.batch.unwrap().1, 64, "nineteen looks are filled up to the next size");
        let forged = receipt.json().unwrap().replacen("Amina", "Amira", 1);
        assert!(Receipt::parse(forged.as_bytes()).unwrap().verify(&f.policy()).is_err());
    })
    .await;
}

#[tokio::test]
async fn the_proof_holds_for_everyone_also_for_those_nobody_looked_at() {
    on_both(async |store| {
        let f = Fixture::new(&store, 2, "2").await;
        assert!(f.record.person_proof(person(1)).await.unwrap().is_none());
        f.act(registration(person(9))).await;
        for round in 0..5 {
            for number in 1..=6 {
                if number > round {
                    f.look(look_at(person(number))).await;
                }
            }
            f.settle().await;
        }
        for number in 1..=6_u8 {
            let (state, bytes) = proof_of(&f, number).await;
            let verified = verify_person_proof(&bytes, &f.policy()).unwrap();
            let expected = u64::from(number.min(5));
            assert_eq!((state, verified.looks, verified.opened), (State::Cosigned, expected, expected));
        }
        // Registered, never looked at: the map shows that there is nothing, under the pseudonym of the
        // receipt.
        let (_, bytes) = proof_of(&f, 9).await;
        assert_eq!(verify_person_proof(&bytes, &f.policy()).unwrap().looks, 0);
        let opening = f.record.acts_of(person(9), None, 1).await.unwrap()[0].opening.clone().unwrap();
        let proof: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(opening["person"], proof["person"]);
        assert!(f.record.audit_store().await.unwrap().is_whole());
    })
    .await;
}

#[tokio::test]
async fn proofs_follow_the_cosigned_tree_while_witnesses_are_away() {
    on_both(async |store| {
        let f = Fixture::new(&store, 1, "1").await;
        f.look(look_at(person(1))).await;
        f.settle().await;
        f.net.take_down("w1");
        for _ in 0..3 {
            f.look(look_at(person(1))).await;
            f.look(look_at(person(2))).await;
            f.settle().await;
        }
        let (state, bytes) = proof_of(&f, 1).await;
        assert_eq!(state, State::Cosigned);
        assert_eq!(verify_person_proof(&bytes, &f.policy()).unwrap().looks, 1, "as the witness saw it");
        f.net.bring_up("w1");
        f.record.cosign_once().await.unwrap();
        let (_, bytes) = proof_of(&f, 1).await;
        assert_eq!(verify_person_proof(&bytes, &f.policy()).unwrap().looks, 4);
    })
    .await;
}

/// Three looks at person 1 among others, all in cosigned trees.
async fn three_looks(f: &Fixture) {
    for _ in 0..3 {
        f.look(look_at(person(1))).await;
        f.look(look_at(person(2))).await;
        f.settle().await;
    }
    let (_, bytes) = proof_of(f, 1).await;
    assert_eq!(verify_person_proof(&bytes, &f.policy()).unwrap().looks, 3);
}

async fn drop_look(store: &Store, seq: i64) {
    let statement = sql!("delete from record_look where subject = $1 and seq = $2");
    assert_eq!(meddle(store, statement, &params![person(1), seq]).await, 1);
}

#[tokio::test]
async fn a_dropped_look_is_found_by_the_person_and_by_the_auditor() {
    for seq in [1, 2, 3] {
        on_both(async |store| {
            let f = Fixture::new(&store, 1, "1").await;
            three_looks(&f).await;
            drop_look(&store, seq).await;
            let (_, bytes) = proof_of(&f, 1).await;
            let found = verify_person_proof(&bytes, &f.policy());
            assert!(
                matches!(found, Err(PersonProofError::Chain { looks: 2 } | PersonProofError::Look(_))),
                "{seq}: {found:?}"
            );
            let audit = f.record.audit_store().await.unwrap();
            assert!(audit.findings.iter().any(|f| f.row.starts_with("record_batch")), "{:?}", audit.findings);
            assert!(
                audit.findings.iter().any(|f| {
                    let missing = format!("look {seq} of person");
                    f.what.starts_with(&missing) || f.row.starts_with("record_head")
                }),
                "{seq}: {:?}",
                audit.findings
            );
        })
        .await;
    }
}

/// What an operator who knows the tables would do to hide the drop.
async fn cover_up(store: &Store, seq: i64) {
    let statements: [(Sql, bool); 4] = [
        // Number the later looks anew, from the lowest up.
        (sql!("update record_look set seq = 2 where subject = $1 and seq = 3 and $2 = 2"), true),
        (sql!("update record_look set seq = seq - 1 where subject = $1 and seq > $2 and $2 = 1"), true),
        (
            sql!(
                "update record_head set seq = 2, head = (select l.head from record_look l where l.subject \
                 = $1 and l.seq = 2) where subject = $1"
            ),
            false,
        ),
        (
            sql!(
                "update record_batch set looks = looks - 1 where epoch = (select max(epoch) from \
                 record_batch)"
            ),
            false,
        ),
    ];
    for (index, (statement, with_seq)) in statements.into_iter().enumerate() {
        let params = match (index, with_seq) {
            (3, _) => params![].to_vec(),
            (_, true) => params![person(1), seq].to_vec(),
            (_, false) => params![person(1)].to_vec(),
        };
        if index == 1 && seq == 1 {
            // Both engines check uniqueness row by row: step by step.
            meddle(
                store,
                sql!("update record_look set seq = 1 where subject = $1 and seq = 2"),
                &params[..1],
            )
            .await;
            meddle(
                store,
                sql!("update record_look set seq = 2 where subject = $1 and seq = 3"),
                &params[..1],
            )
            .await;
            continue;
        }
        if index == 1 {
            continue;
        }
        meddle(store, statement, &params).await;
    }
}

#[tokio::test]
async fn covering_up_a_dropped_look_does_not_help() {
    for seq in [1, 2, 3] {
        on_both(async |store| {
            let f = Fixture::new(&store, 1, "1").await;
            three_looks(&f).await;
            drop_look(&store, seq).await;
            cover_up(&store, seq).await;
            let (_, bytes) = proof_of(&f, 1).await;
            let found = verify_person_proof(&bytes, &f.policy());
            assert!(found.is_err(), "{seq}: {found:?}");
            assert!(!f.record.audit_store().await.unwrap().is_whole(), "{seq}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_sealed_look_is_counted_at_once_and_read_after_its_date() {
    on_both(async |store| {
        let f = Fixture::new(&store, 1, "1").await;
        f.look(look_at(person(1))).await;
        let until = f.clock.clone();
        let day = daftar_kernel::Clock::now(&until).plus_seconds(86_400);
        let id = f.look(sealed(look_at(person(1)), day)).await;
        f.settle().await;
        let looks = f.record.looks_of(person(1), None, 10).await.unwrap();
        assert_eq!((looks.rows.len(), looks.total, looks.sealed), (1, 2, 1));
        let receipt = f.record.receipt(id).await.unwrap();
        assert!(receipt.sealed && receipt.file.unwrap().opening.is_none());
        let (_, bytes) = proof_of(&f, 1).await;
        let verified = verify_person_proof(&bytes, &f.policy()).unwrap();
        assert_eq!((verified.looks, verified.opened), (2, 1));
        assert!(!String::from_utf8(bytes).unwrap().contains("investigation"));
        let public = f.record.look_counts(daftar_testing::START, day).await.unwrap();
        assert_eq!((public.looks, public.sealed_ever, public.sealed_now), (2, 1, 1));

        // Nobody can move the date: it is part of the chain.
        meddle(
            &store,
            sql!("update record_look set sealed_until = sealed_until + 1000000 where id = $1"),
            &params![id],
        )
        .await;
        let (_, bytes) = proof_of(&f, 1).await;
        assert!(verify_person_proof(&bytes, &f.policy()).is_err());
        meddle(
            &store,
            sql!("update record_look set sealed_until = sealed_until - 1000000 where id = $1"),
            &params![id],
        )
        .await;

        f.clock.set(day);
        let looks = f.record.looks_of(person(1), None, 10).await.unwrap();
        assert_eq!((looks.rows.len(), looks.sealed), (2, 0));
        assert_eq!(looks.rows[0].content.as_ref().unwrap().purpose, "investigation");
        let (_, bytes) = proof_of(&f, 1).await;
        assert_eq!(verify_person_proof(&bytes, &f.policy()).unwrap().opened, 2);
    })
    .await;
}

#[tokio::test]
async fn oversight_counts_readers_and_a_complaint_names_one_look() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        for number in 0..3 {
            f.look(look_at(person(number))).await;
        }
        let reader: Reader = (&Actor::System("statistics")).into();
        let other = f.look(Look { reader, ..look_at(person(1)) }).await;
        let until = daftar_testing::START.plus_seconds(10);
        let counts = f.record.busiest_readers(daftar_testing::START, until, 10).await.unwrap();
        assert_eq!(counts.len(), 2);
        assert_eq!((counts[0].reader, counts[0].looks), (Some(official().id), 3));
        assert_eq!((counts[1].reader, counts[1].looks), (None, 1));
        assert!(f.record.busiest_readers(until, until, 10).await.unwrap().is_empty());
        let (subject, look) = f.record.look_by_id(other).await.unwrap();
        assert_eq!((subject, look.content.unwrap().reader.as_str()), (person(1), "statistics"));
        let hidden = f.look(sealed(look_at(person(1)), until)).await;
        assert_eq!(f.record.look_by_id(hidden).await.unwrap().1.content, None);
        assert!(f.record.look_by_id(person(9)).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_full_batch_does_not_wait_for_the_interval() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        f.record.sequence_once().await.unwrap();
        f.look(look_at(person(1))).await;
        assert!(!f.record.sequence_once().await.unwrap().batch, "the second is not over");
        let copy = sql!(
            "insert into record_look (id, subject, seq, at, agency, purpose, sealed, commitment, head) \
             select $1, subject, $2, at, agency, purpose, sealed, commitment, head from record_look where \
             seq = 1"
        );
        store
            .write(move |tx| {
                Box::pin(async move {
                    for seq in 2..=i64::try_from(MAX_BATCH_LOOKS).unwrap() {
                        let mut id = [0xf0; 16];
                        id[8..].copy_from_slice(&seq.to_be_bytes());
                        tx.execute(copy, &params![daftar_kernel::Id::from_bytes(id), seq]).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
        let done = f.record.sequence_once().await.unwrap();
        assert_eq!((done.looks, done.more), (MAX_BATCH_LOOKS, true));
        assert!(!f.record.sequence_once().await.unwrap().batch);
    })
    .await;
}

#[tokio::test]
async fn several_persons_at_once_or_none() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        let look_many = async |looks: Vec<Look>| {
            let record = f.record.clone();
            store
                .write(move |tx| {
                    let (record, looks) = (record.clone(), looks.clone());
                    Box::pin(async move { record.look_many(tx, &looks).await })
                })
                .await
        };
        let looks: Vec<_> = (0..20).map(|number| look_at(person(number))).collect();
        assert_eq!(look_many(looks).await.unwrap().len(), 20);
        let mut one_bad: Vec<_> = (0..20).map(|number| look_at(person(number))).collect();
        one_bad[19].purpose.clear();
        assert!(matches!(look_many(one_bad).await, Err(StoreError::Malformed { .. })));
        assert_eq!(count(&store, sql!("select count(*) from record_look")).await, 20);
        let many = |count| (0..count).map(|_| look_at(person(1))).collect::<Vec<_>>();
        assert!(look_many(many(MAX_LOOKS_AT_ONCE)).await.is_ok());
        assert!(matches!(look_many(many(MAX_LOOKS_AT_ONCE + 1)).await, Err(StoreError::TooLarge { .. })));
    })
    .await;
}

#[tokio::test]
async fn the_public_log_tells_neither_persons_nor_readers_nor_numbers() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        f.look(look_at(person(1))).await;
        f.settle().await;
        f.look(look_at(person(1))).await;
        f.look(look_at(person(2))).await;
        f.settle().await;
        let entries = f.record.serve(f.record.volume(Log::Access), "tile/entries/000.p/2").await.unwrap();
        assert_eq!(entries.status, 200);
        let text = String::from_utf8_lossy(&entries.body).into_owned();
        assert_eq!(text.matches("\"batch_size\":16").count(), 2);
        for secret in ["Amina", "correction", "civil-registry", "C-17", &person(1).to_string()] {
            assert!(!text.contains(secret), "{secret}");
        }
        // One look or two: the entries have the same length, the times are whole minutes.
        assert!(text.matches("\"at\":\"2026-11-23T08:00:00Z\"").count() == 2);
    })
    .await;
}

#[tokio::test]
async fn a_quiet_log_still_shows_that_it_lives() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        f.record.sequence_once().await.unwrap();
        f.clock.advance_seconds(59);
        assert!(!f.record.sequence_once().await.unwrap().batch);
        f.clock.advance_seconds(1);
        assert!(f.record.sequence_once().await.unwrap().batch);
        // A clock set back an hour does not silence it either.
        f.clock.advance_seconds(-3600);
        assert!(f.record.sequence_once().await.unwrap().batch);
        assert_eq!(count(&store, sql!("select size from record_log where log = 'access'")).await, 3);
    })
    .await;
}

//! The dishonest operator: whatever row is changed, dropped or added behind the record's back, the audit
//! names it.

use crate::common::*;
use daftar_record::RecordError;
use daftar_record::audit::StoreAudit;
use daftar_store::{Sql, StoreError, params, sql};

/// Two persons, five acts, five looks in two batches, one act and one look still waiting, a quorum of one.
async fn country(store: &daftar_testing::TestStore) -> Fixture {
    let f = Fixture::new(store, 1, "1").await;
    for number in 0..5 {
        f.act(registration(person(number % 2))).await;
        f.clock.advance_seconds(1);
    }
    f.settle().await;
    for number in 0..5 {
        f.look(look_at(person(number % 2))).await;
        if number == 2 {
            f.settle().await;
        }
    }
    f.settle().await;
    f.act(registration(person(1))).await;
    f.look(look_at(person(1))).await;
    f
}

fn names(audit: &StoreAudit, row: &str, what: &str) -> bool {
    audit.findings.iter().any(|finding| finding.row.starts_with(row) && finding.what.contains(what))
}

#[tokio::test]
async fn an_honest_record_is_whole() {
    on_both(async |store| {
        let f = country(&store).await;
        let audit = f.record.audit_store().await.unwrap();
        assert!(audit.is_whole(), "{:?}", audit.findings);
        assert_eq!((audit.entries, audit.opened, audit.looks, audit.persons), (5 + 3, 6 + 6, 6, 2));
    })
    .await;
}

/// What is done, and the row and the words of the finding it must give.
const MEDDLING: &[(&str, Sql, &str, &str)] = &[
    (
        "an entry is changed",
        sql!(
            "update record_entry set body = (select o.body from record_entry o where o.log = 'acts' \
                 and o.idx = 1) where log = 'acts' and idx = 3"
        ),
        "record_entry",
        "not the one that was logged",
    ),
    (
        "an entry is dropped",
        sql!("delete from record_entry where log = 'acts' and idx = 2"),
        "record_entry",
        "missing",
    ),
    (
        "the newest entry is dropped",
        sql!("delete from record_entry where log = 'acts' and idx = 4"),
        "record_entry",
        "missing",
    ),
    (
        "a batch's entry is dropped",
        sql!("delete from record_entry where log = 'access' and idx = 1"),
        "record_entry",
        "missing",
    ),
    (
        "an entry is slipped in behind the signed tree",
        sql!("update record_entry set idx = 5 where log = 'acts' and idx is null"),
        "record_entry",
        "past the signed tree",
    ),
    (
        "an opening is dropped",
        sql!(
            "delete from record_opening where entry = (select id from record_entry where log = 'acts' \
                 and idx = 0)"
        ),
        "record_opening",
        "missing",
    ),
    (
        "an opening is exchanged for another of the same person",
        sql!(
            "update record_opening set sealed = (select o.sealed from record_opening o where o.entry = \
                  (select id from record_entry where log = 'acts' and idx = 2)) where entry = \
                  (select id from record_entry where log = 'acts' and idx = 0)"
        ),
        "record_opening",
        "",
    ),
    (
        "an opening is moved to another person",
        sql!(
            "update record_opening set subject = (select o.subject from record_opening o where o.entry = \
                  (select id from record_entry where log = 'acts' and idx = 1)) where entry = \
                  (select id from record_entry where log = 'acts' and idx = 0)"
        ),
        "record_opening",
        "",
    ),
    (
        "a tile is changed",
        sql!(
            "update record_tile set bytes = (select o.bytes from record_tile o where o.log = 'access' \
                 and o.level = 0) where log = 'acts' and level = 0"
        ),
        "record_tile",
        "does not hold",
    ),
    ("a tile is dropped", sql!("delete from record_tile where log = 'acts'"), "record_tile", "does not hold"),
    (
        "the root is changed",
        sql!(
            "update record_log set root = (select root from record_log where log = 'access') where log \
                 = 'acts'"
        ),
        "record_log acts",
        "size and root",
    ),
    (
        "the signed checkpoint is another's",
        sql!(
            "update record_log set checkpoint = (select checkpoint from record_log where log = 'access') \
                  where log = 'acts'"
        ),
        "record_log acts",
        "checkpoint does not verify",
    ),
    (
        "the cosigned checkpoint is one without cosignatures",
        sql!("update record_log set cosigned = checkpoint where log = 'acts'"),
        "record_log acts",
        "cosigned checkpoint does not verify",
    ),
    (
        "a look is moved to another person",
        sql!(
            "update record_look set subject = (select l.subject from record_look l where l.batch is \
                 null), seq = 9 where seq = 3 and batch is not null"
        ),
        "record_look",
        "",
    ),
    (
        "a look's content is another's",
        sql!(
            "update record_look set sealed = (select o.sealed from record_look o where o.seq = 2 and \
                 o.subject = record_look.subject) where seq = 1"
        ),
        "record_look",
        "",
    ),
    (
        "a look's commitment is another's",
        sql!(
            "update record_look set commitment = (select o.commitment from record_look o where o.seq = \
                 2 and o.subject = record_look.subject) where seq = 1"
        ),
        "record_look",
        "chain does not lead here",
    ),
    (
        "a look's head is another's",
        sql!(
            "update record_look set head = (select o.head from record_look o where o.seq = 2 and \
                  o.subject = record_look.subject) where seq = 1"
        ),
        "record_look",
        "chain does not lead here",
    ),
    (
        "a look is back-dated",
        sql!("update record_look set at = at - 86400000000 where seq = 1"),
        "record_look",
        "the column at",
    ),
    (
        "a look gets another purpose",
        sql!("update record_look set purpose = 'statistics' where seq = 2"),
        "record_look",
        "the column purpose",
    ),
    (
        "a look gets another agency",
        sql!("update record_look set agency = 'tax' where seq = 2"),
        "record_look",
        "the column agency",
    ),
    (
        "a look loses its reader",
        sql!("update record_look set reader = null where seq = 2"),
        "record_look",
        "the column reader",
    ),
    (
        "a look is sealed afterwards",
        sql!("update record_look set sealed_until = 1900000000000000 where seq = 2"),
        "record_look",
        "",
    ),
    (
        "a look is put into another batch",
        sql!("update record_look set batch = 3 where batch = 2 and seq = 1"),
        "record_batch",
        "looks",
    ),
    ("a batch is dropped", sql!("delete from record_batch where epoch = 2"), "record_batch", "missing"),
    (
        "the newest batch is dropped",
        sql!("delete from record_batch where epoch = 3"),
        "record_batch",
        "2 batches",
    ),
    (
        "a batch's filling is another",
        sql!("update record_batch set pad_seed = root where epoch = 2"),
        "record_batch",
        "do not lead to the root",
    ),
    (
        "a batch's map root is another",
        sql!("update record_batch set map_root = root where epoch = 3"),
        "record_batch",
        "map_root",
    ),
    (
        "a person is dropped with all looks",
        sql!(
            "delete from record_head where subject <> (select l.subject from record_look l where \
                 l.batch is null)"
        ),
        "record_head",
        "map root",
    ),
    (
        "a person's head is set back",
        sql!(
            "update record_head set seq = 1, head = (select l.head from record_look l where l.seq = 1 \
                 and l.subject = record_head.subject) \
                  where subject <> (select l.subject from record_look l where l.batch is null)"
        ),
        "record_head",
        "the newest look is 3",
    ),
    (
        "a person gets another pseudonym",
        sql!(
            "update record_head set person = head \
                  where subject <> (select l.subject from record_look l where l.batch is null)"
        ),
        "record_look",
        "chain",
    ),
];

/// What the audit found in a transaction that is then rolled back.
enum Undo {
    Found(u64, StoreAudit),
    Failed(String),
}

impl From<StoreError> for Undo {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<RecordError> for Undo {
    fn from(error: RecordError) -> Self {
        Self::Failed(error.to_string())
    }
}

#[tokio::test]
async fn every_kind_of_meddling_is_named() {
    on_both(async |store| {
        let f = country(&store).await;
        for (case, statement, row, what) in MEDDLING {
            let (record, statement) = (f.record.clone(), *statement);
            let result: Result<(), Undo> = store
                .write(move |tx| {
                    let record = record.clone();
                    Box::pin(async move {
                        let changed = tx.execute(statement, &params![]).await?;
                        let audit = record.audit_in(tx).await?;
                        Err(Undo::Found(changed, audit))
                    })
                })
                .await;
            match result {
                Err(Undo::Found(changed, audit)) => {
                    assert!(changed > 0, "{case}: the statement changed nothing");
                    assert!(names(&audit, row, what), "{case}: {:#?}", audit.findings);
                }
                Err(Undo::Failed(error)) => panic!("{case}: {error}"),
                Ok(()) => unreachable!(),
            }
        }
        assert!(f.record.audit_store().await.unwrap().is_whole(), "all of it was undone");
    })
    .await;
}

#[tokio::test]
async fn a_damaged_tree_is_not_signed_further() {
    on_both(async |store| {
        let f = country(&store).await;
        meddle(
            &store,
            sql!(
                "update record_log set root = (select root from record_log where log = 'access') where \
                  log = 'acts'"
            ),
            &params![],
        )
        .await;
        let refused = f.record.sequence_once().await;
        assert!(matches!(refused, Err(RecordError::Damaged { .. })), "{refused:?}");
        assert_eq!(count(&store, sql!("select size from record_log where log = 'acts'")).await, 5);
    })
    .await;
}

#[tokio::test]
async fn an_altered_map_makes_no_proof_and_is_not_built_upon() {
    on_both(async |store| {
        let f = country(&store).await;
        // Root node and all: each is checked against the hash its parent, or the log, holds.
        meddle(&store, sql!("delete from record_map_node"), &params![]).await;
        meddle(&store, sql!("delete from record_map_old"), &params![]).await;
        assert!(f.record.person_proof(person(1)).await.is_err());
        f.clock.advance_seconds(1);
        assert!(f.record.sequence_once().await.is_err());
    })
    .await;
}

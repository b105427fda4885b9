//! Where a run stands, and what it found, in the database.

use super::findings::{DuplicateFinding, Finding, Twin, code_of_word};
use super::reader::ReadRow;
use super::source::Inspection;
use crate::duplicates::Reason;
use crate::people::People;
use crate::problems;
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{StoreError, Tx, params, sql};

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImportState {
    pub(super) id: Id,
    pub(super) file_sha256: [u8; 32],
    pub(super) mapping_sha256: [u8; 32],
    /// The first row that is not dealt with yet; the header is row 1.
    pub(super) next_row: u64,
    pub(super) read_rows: u64,
    pub(super) registered: u64,
    pub(super) refused: u64,
    pub(super) held: u64,
    pub(super) receipt: Option<Id>,
}

impl ImportState {
    pub(super) fn new(people: &People, inspection: &Inspection, mapping: &str) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, mapping.as_bytes());
        let mut mapping_sha256 = [0; 32];
        mapping_sha256.copy_from_slice(digest.as_ref());
        Self {
            id: people.store.world().id(),
            file_sha256: inspection.sha256,
            mapping_sha256,
            next_row: 2,
            read_rows: 0,
            registered: 0,
            refused: 0,
            held: 0,
            receipt: None,
        }
    }
    pub(super) fn count(&mut self, row: &ReadRow, findings: &[Finding], held: bool) {
        self.read_rows += 1;
        let refused = row.newcomer.is_none() || findings.iter().any(|f| f.refuses);
        self.refused += u64::from(refused);
        self.held += u64::from(!refused && held);
        self.registered += u64::from(!refused && !held);
    }
}

fn column(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Begins a run, or finds the one that was cut off.
pub(super) async fn begin(people: &People, fresh: ImportState) -> Result<ImportState, Problem> {
    let now = people.store.world().now();
    people.store.write(move |tx| {
        let fresh = fresh.clone();
        Box::pin(async move {
            let found = tx
                .query_opt(
                    sql!(
                        "select id, mapping_sha256, state, next_row, read_rows, registered, refused, held, receipt \
                         from identity_import where file_sha256 = $1"
                    ),
                    &params![fresh.file_sha256],
                )
                .await?;
            let Some(row) = found else {
                tx.execute(
                    sql!(
                        "insert into identity_import (id, file_sha256, mapping_sha256, state, next_row, read_rows, \
                         registered, refused, held, started_at, changed_at) \
                         values ($1, $2, $3, 'running', 2, 0, 0, 0, 0, $4, $4)"
                    ),
                    &params![fresh.id, fresh.file_sha256, fresh.mapping_sha256, now],
                )
                .await?;
                return Ok(fresh);
            };
            if row.get::<&str>(2)? == "finished" {
                return Err(problems::import_done().detail(row.get::<Id>(0)?));
            }
            if row.get::<[u8; 32]>(1)? != fresh.mapping_sha256 {
                return Err(problems::import_running());
            }
            let count = |index: usize| row.get::<i64>(index).map(i64::unsigned_abs);
            Ok(ImportState {
                id: row.get(0)?,
                next_row: count(3)?,
                read_rows: count(4)?,
                registered: count(5)?,
                refused: count(6)?,
                held: count(7)?,
                receipt: row.get(8)?,
                ..fresh
            })
        })
    }).await
}

/// Moves a run on from row `before`. When another process has moved it meanwhile, nothing of this batch is
/// kept.
pub(super) async fn advance(
    tx: &mut Tx,
    state: &ImportState,
    before: u64,
    now: Timestamp,
) -> Result<(), Problem> {
    let update = sql!(
        "update identity_import set next_row = $3, read_rows = $4, registered = $5, refused = $6, held = $7, \
         changed_at = $8 where id = $1 and next_row = $2 and state = 'running'"
    );
    let parameters = params![
        state.id,
        column(before),
        column(state.next_row),
        column(state.read_rows),
        column(state.registered),
        column(state.refused),
        column(state.held),
        now
    ];
    if tx.execute(update, &parameters).await? == 1 { Ok(()) } else { Err(problems::import_running()) }
}

pub(super) async fn finish(tx: &mut Tx, state: &ImportState, now: Timestamp) -> Result<(), Problem> {
    let update = sql!(
        "update identity_import set state = 'finished', receipt = $2, changed_at = $3 \
         where id = $1 and state = 'running'"
    );
    let done = tx.execute(update, &params![state.id, state.receipt, now]).await?;
    if done == 1 { Ok(()) } else { Err(problems::import_running()) }
}

/// Keeps what was found about one row.
pub(super) async fn keep_findings(
    tx: &mut Tx,
    import: Id,
    findings: &[Finding],
    duplicates: &[DuplicateFinding],
) -> Result<(), StoreError> {
    let insert = sql!(
        "insert into identity_import_finding \
         (import, row_number, place, kind, code, column_name, twin_row, twin_person) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)"
    );
    let mut place = 0_i64;
    for finding in findings {
        let kind = if finding.refuses { "refused" } else { "empty" };
        let (none, nobody) = (None::<i64>, None::<Id>);
        let row = column(finding.row);
        tx.execute(insert, &params![import, row, place, kind, finding.code, &finding.column, none, nobody])
            .await?;
        place += 1;
    }
    for duplicate in duplicates {
        let kind = if duplicate.held { "held" } else { "alike" };
        let (row, person) = match duplicate.twin {
            Twin::Row(row) => (Some(column(row)), None),
            Twin::Person(person) => (None, Some(person)),
        };
        let (at, code) = (column(duplicate.row), duplicate.reason.word());
        tx.execute(insert, &params![import, at, place, kind, code, "", row, person]).await?;
        place += 1;
    }
    Ok(())
}

/// What was found, a page at a time, in the order of rows.
pub(super) async fn findings_after(
    tx: &mut Tx,
    import: Id,
    after: (i64, i64),
) -> Result<(Vec<Finding>, Vec<DuplicateFinding>, Option<(i64, i64)>), StoreError> {
    let select = sql!(
        "select row_number, place, kind, code, column_name, twin_row, twin_person from identity_import_finding \
         where import = $1 and (row_number > $2 or (row_number = $2 and place > $3)) \
         order by row_number, place limit 5000"
    );
    let (mut findings, mut duplicates, mut last) = (Vec::new(), Vec::new(), None);
    for row in tx.query(select, &params![import, after.0, after.1]).await? {
        let number: i64 = row.get(0)?;
        last = Some((number, row.get(1)?));
        let (number, kind, code): (u64, &str, &str) = (number.unsigned_abs(), row.get(2)?, row.get(3)?);
        match kind {
            "refused" | "empty" => findings.push(Finding {
                row: number,
                column: row.get(4)?,
                code: code_of_word(code),
                refuses: kind == "refused",
            }),
            _ => {
                let twin = match (row.get::<Option<i64>>(5)?, row.get::<Option<Id>>(6)?) {
                    (_, Some(person)) => Twin::Person(person),
                    (twin, None) => Twin::Row(twin.unwrap_or_default().unsigned_abs()),
                };
                let reason = Reason::from_word(code).unwrap_or(Reason::DateKey);
                duplicates.push(DuplicateFinding { row: number, twin, reason, held: kind == "held" });
            }
        }
    }
    Ok((findings, duplicates, last))
}

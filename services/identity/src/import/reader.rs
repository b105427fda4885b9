//! The second reading, on a thread of its own: rows become batches ready to be written, while the one before
//! is being written.

use super::csv::Record;
use super::findings::Finding;
use super::mapping::Mapping;
use super::seen::{SeenKeys, reason_of};
use super::source::{Source, SourceFault};
use crate::duplicates::Reason;
use crate::enroll::Newcomer;
use crate::keys::KeyKind;
use crate::people::People;
use crate::version::Cause;
use std::path::PathBuf;
use tokio::sync::mpsc::Sender;

/// Rows of one batch, and so of one transaction.
pub const BATCH_ROWS: usize = 1000;

/// One row, read.
#[derive(Clone)]
pub(super) struct ReadRow {
    pub(super) row: u64,
    pub(super) newcomer: Option<Newcomer>,
    pub(super) findings: Vec<Finding>,
    /// Earlier rows of the file that may be the same person.
    pub(super) twins: Vec<(Reason, u64)>,
}

impl ReadRow {
    /// The keys that tell duplicates.
    pub(super) fn telling(&self) -> impl Iterator<Item = (KeyKind, [u8; 32])> + '_ {
        let hashes = self.newcomer.iter().flat_map(|newcomer| &newcomer.hashes);
        hashes.copied().filter(|(kind, _)| reason_of(*kind).is_some())
    }
}

/// Rows that are written together.
#[derive(Clone)]
pub(super) struct Batch {
    /// The first row that follows.
    pub(super) next_row: u64,
    pub(super) rows: Vec<ReadRow>,
}

pub(super) struct Job {
    pub(super) people: People,
    pub(super) path: PathBuf,
    pub(super) mapping: Mapping,
    /// Rows before this one were written by an earlier run: they are read for their keys alone.
    pub(super) from_row: u64,
    pub(super) import: daftar_kernel::Id,
}

/// Reads the file and sends batches until the end, or until nobody takes them any more.
pub(super) fn run(job: &Job, batches: &Sender<Batch>) -> Result<(), SourceFault> {
    let mut source = Source::open(&job.path, &job.mapping)?;
    let plan = source.plan(&job.mapping)?;
    let today = job.people.today();
    let knows = |code: &str| job.people.places.knows(code);
    let rules = crate::person::Rules { today, knows_place: &knows };
    let (mut record, mut seen) = (Record::default(), SeenKeys::default());
    let mut rows = Vec::with_capacity(BATCH_ROWS);
    while source.next(&mut record)? {
        let outcome = plan.read(&record, &rules);
        let mut newcomer = None;
        if let Some(person) = outcome.person {
            let evidence = evidence(&job.mapping.source, record.row, &outcome.reference);
            let mut made = job.people.newcomer(person, Cause::Imported, "", &evidence)?;
            made.import = i64::try_from(record.row).ok().map(|row| (job.import, row));
            newcomer = Some(made);
        }
        let mut row = ReadRow { row: record.row, newcomer, findings: outcome.findings, twins: Vec::new() };
        let telling: Vec<_> = row.telling().collect();
        row.twins = seen.note(record.row, &telling);
        if record.row < job.from_row {
            continue;
        }
        rows.push(row);
        if rows.len() == BATCH_ROWS {
            let batch = Batch { next_row: record.row + 1, rows: std::mem::take(&mut rows) };
            if batches.blocking_send(batch).is_err() {
                return Ok(());
            }
        }
    }
    if !rows.is_empty() {
        let next_row = record.row.max(rows.last().map_or(0, |row| row.row)) + 1;
        // Nobody takes it when the run was stopped: then it is read again next time.
        let _ = batches.blocking_send(Batch { next_row, rows });
    }
    Ok(())
}

fn evidence(source: &str, row: u64, reference: &str) -> String {
    if reference.is_empty() {
        format!("{source}, row {row}")
    } else {
        format!("{source}, row {row}, reference {reference}")
    }
}

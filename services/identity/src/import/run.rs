//! A run of an import: batch after batch, each in one transaction with the place it has come to, so that a
//! run that was cut off anywhere goes on where it stopped and brings nobody in twice.

use super::findings::{DuplicateFinding, Finding, Twin};
use super::mapping::{BadMapping, Mapping, Policy};
use super::reader::{self, Batch, Job, ReadRow};
use super::report::{Reports, write_stored};
use super::seen::reason_of;
use super::source::{Inspection, SourceFault, digest, inspect};
use super::state::{self, ImportState};
use crate::double::FoundBy;
use crate::enroll::{HASH_BYTES, Newcomer};
use crate::keys::RULE_VERSION;
use crate::lookup::known_before;
use crate::people::{Desk, People, SERVICE};
use crate::version;
use daftar_kernel::{Id, Problem};
use daftar_record::MachineRun;
use daftar_store::{StoreError, Tx};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

/// Between two batches: time for a server that runs beside the import on the same file to write something too.
const BREATH: Duration = Duration::from_millis(5);

/// What is to be imported, and how.
#[derive(Debug, Clone)]
pub struct ImportOrder {
    /// The CSV file, plain or gzip.
    pub file: PathBuf,
    /// Text of the mapping file.
    pub mapping: String,
    /// Whether people are registered; otherwise only the reports are written.
    pub commit: bool,
    /// Where refused rows and fields left empty are listed.
    pub report: PathBuf,
    /// Where possible duplicates are listed.
    pub duplicates: PathBuf,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows dealt with, in this run and those before.
    pub rows: u64,
    /// Rows of the file.
    pub of: u64,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Rows of the file.
    pub rows: u64,
    /// People registered; in a dry run, who would be.
    pub registered: u64,
    /// Rows refused.
    pub refused: u64,
    /// Rows held back as duplicates.
    pub held: u64,
    /// Receipt of the run's act; `None` when the run was stopped before its end.
    pub receipt: Option<Id>,
    /// What the operator should know of the file's encoding.
    pub remark: Option<String>,
}

/// Why a run failed. Batches before stay written; the same order goes on after them.
#[derive(Debug, thiserror::Error)]
pub enum ImportFault {
    /// The file or the mapping.
    #[error(transparent)]
    Source(#[from] SourceFault),
    /// A report could not be written.
    #[error("{path}: {error}")]
    Report {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The register refused or failed.
    #[error("{}", in_words(.0))]
    Register(Problem),
    /// The reading thread broke down.
    #[error("reading the file broke off")]
    Reader,
}

/// At a terminal a code is no answer: its meaning in English, where this service knows it.
fn in_words(problem: &Problem) -> String {
    let known = crate::problems::ALL.iter().find(|(code, _)| *code == problem.code);
    known.map_or_else(|| problem.to_string(), |(code, meaning)| format!("{meaning} ({code})"))
}

impl From<Problem> for ImportFault {
    fn from(problem: Problem) -> Self {
        Self::Register(problem)
    }
}
impl From<StoreError> for ImportFault {
    fn from(error: StoreError) -> Self {
        Self::Register(error.into())
    }
}
impl From<BadMapping> for ImportFault {
    fn from(fault: BadMapping) -> Self {
        Self::Source(fault.into())
    }
}

/// What is done with one row of a batch.
struct Decision {
    findings: Vec<Finding>,
    duplicates: Vec<DuplicateFinding>,
    held: bool,
}

impl Decision {
    /// People of the register, from before this import, whom the row is alike.
    fn known(&self) -> impl Iterator<Item = Id> {
        self.duplicates.iter().filter_map(|duplicate| match duplicate.twin {
            Twin::Person(person) => Some(person),
            Twin::Row(_) => None,
        })
    }
}

type Known = HashMap<[u8; HASH_BYTES], Vec<Id>>;

impl People {
    /// Runs an import. `progress` is called after every batch; when it answers `Break`, the run stops there
    /// and can be taken up again with the same order.
    ///
    /// # Errors
    /// [`ImportFault`]. A file that is broken as a whole changes nothing.
    pub async fn import(
        &self,
        order: &ImportOrder,
        mut progress: impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Summary, ImportFault> {
        let mapping = Mapping::parse(&order.mapping)?;
        self.check_desk(&mapping)?;
        let inspection = self.inspect(order, &mapping).await?;
        let fresh = ImportState::new(self, &inspection, &order.mapping);
        let mut state = if order.commit { state::begin(self, fresh).await? } else { fresh };
        let mut reports = if order.commit { None } else { Some(Reports::create(order)?) };
        let (sender, mut batches) = tokio::sync::mpsc::channel(2);
        let job = Job {
            people: self.clone(),
            path: order.file.clone(),
            mapping: mapping.clone(),
            from_row: state.next_row,
            import: state.id,
        };
        let reading = tokio::task::spawn_blocking(move || reader::run(&job, &sender));
        let mut stopped = false;
        while let Some(batch) = batches.recv().await {
            match &mut reports {
                None => {
                    state = self.write_batch(state, &mapping, batch).await?;
                    tokio::time::sleep(BREATH).await;
                }
                Some(reports) => self.list_batch(&mut state, &mapping, batch, reports).await?,
            }
            if progress(Progress { rows: state.read_rows, of: inspection.rows }).is_break() {
                stopped = true;
                break;
            }
        }
        drop(batches);
        reading.await.map_err(|_| ImportFault::Reader)??;
        if !stopped && digest(&order.file)? != inspection.sha256 {
            return Err(SourceFault::Changed.into());
        }
        if !stopped {
            state = self.finish(state, &mapping, order.commit).await?;
        }
        match reports {
            Some(reports) => reports.keep(order)?,
            None => write_stored(self, state.id, order).await?,
        }
        Ok(Summary {
            rows: inspection.rows,
            registered: state.registered,
            refused: state.refused,
            held: state.held,
            receipt: state.receipt,
            remark: inspection.seen.remark(),
        })
    }

    /// Whether the country has the office and the purpose in whose name the act is done.
    fn check_desk(&self, mapping: &Mapping) -> Result<(), BadMapping> {
        let roster = self.office.roster();
        let rule = |at: &str, what: String| BadMapping::Rule { at: at.into(), what };
        if roster.office(&mapping.office).is_none_or(|office| office.agency != mapping.agency) {
            let what =
                format!("agency '{}' has no office '{}' in this country", mapping.agency, mapping.office);
            return Err(rule("office", what));
        }
        if roster.purpose(&mapping.purpose).is_none() {
            return Err(rule("purpose", format!("the country has no purpose '{}'", mapping.purpose)));
        }
        Ok(())
    }

    async fn inspect(&self, order: &ImportOrder, mapping: &Mapping) -> Result<Inspection, ImportFault> {
        let (file, mapping) = (order.file.clone(), mapping.clone());
        let inspected = tokio::task::spawn_blocking(move || inspect(&file, &mapping)).await;
        Ok(inspected.map_err(|_| ImportFault::Reader)??)
    }

    /// One batch: decided, registered, its findings kept and the run moved on, in one transaction.
    async fn write_batch(
        &self,
        state: ImportState,
        mapping: &Mapping,
        batch: Batch,
    ) -> Result<ImportState, Problem> {
        let (people, mapping) = (self.clone(), mapping.clone());
        self.store
            .write(move |tx| {
                let (people, mapping, state, batch) =
                    (people.clone(), mapping.clone(), state.clone(), batch.clone());
                Box::pin(async move {
                    let known = people.known(tx, &state, &batch).await?;
                    let desk = Desk::program("import", &mapping.agency, &mapping.office);
                    let (mut state, mut newcomers, mut alike) = (state, Vec::new(), Vec::new());
                    let before = state.next_row;
                    for row in batch.rows {
                        let decision = decide(&row, &known, &mapping);
                        state.count(&row, &decision.findings, decision.held);
                        state::keep_findings(tx, state.id, &decision.findings, &decision.duplicates).await?;
                        if let Some(newcomer) = row.newcomer.filter(|_| !decision.held) {
                            alike.extend(decision.known().map(|known| (known, newcomer.id)));
                            newcomers.push(newcomer);
                        }
                    }
                    people.enroll(tx, &desk, &newcomers).await?;
                    people.note_alike(tx, &newcomers, &alike).await?;
                    state.next_row = batch.next_row;
                    state::advance(tx, &state, before, people.store.world().now()).await?;
                    Ok(state)
                })
            })
            .await
    }

    /// Pairs of somebody brought in although they share a key with somebody who was there before. Two rows of one file
    /// that are alike are found by a sweep.
    async fn note_alike(
        &self,
        tx: &mut Tx,
        newcomers: &[Newcomer],
        alike: &[(Id, Id)],
    ) -> Result<(), Problem> {
        if alike.is_empty() {
            return Ok(());
        }
        let scales = self.scales(tx).await?;
        for (known, came) in alike {
            let Some(newcomer) = newcomers.iter().find(|newcomer| newcomer.id == *came) else { continue };
            let Some(version) = version::current(&self.store, tx, *known).await? else { continue };
            let weight = scales.weigh(&newcomer.person, &version.document.person);
            if weight.is_candidate() {
                self.note_double(tx, (*known, *came), FoundBy::Import, &weight).await?;
            }
        }
        Ok(())
    }

    /// The same without changing anything: the findings go to the reports.
    async fn list_batch(
        &self,
        state: &mut ImportState,
        mapping: &Mapping,
        batch: Batch,
        reports: &mut Reports,
    ) -> Result<(), ImportFault> {
        let (people, asked, run) = (self.clone(), batch.clone(), state.clone());
        let known = self
            .store
            .read(move |tx| {
                let (people, run, batch) = (people.clone(), run.clone(), asked.clone());
                Box::pin(async move { people.known(tx, &run, &batch).await })
            })
            .await?;
        for row in &batch.rows {
            let decision = decide(row, &known, mapping);
            state.count(row, &decision.findings, decision.held);
            reports.write(&decision.findings, &decision.duplicates)?;
        }
        Ok(())
    }

    async fn known(&self, tx: &mut Tx, state: &ImportState, batch: &Batch) -> Result<Known, StoreError> {
        let hashes: Vec<_> = batch.rows.iter().flat_map(ReadRow::telling).collect();
        known_before(tx, state.id, &hashes).await
    }

    /// The run's one act: a machine compared so many rows with the register.
    async fn finish(
        &self,
        state: ImportState,
        mapping: &Mapping,
        commit: bool,
    ) -> Result<ImportState, Problem> {
        let (people, mapping) = (self.clone(), mapping.clone());
        self.store
            .write(move |tx| {
                let (people, mapping, mut state) = (people.clone(), mapping.clone(), state.clone());
                Box::pin(async move {
                    if state.receipt.is_none() {
                        let run = MachineRun {
                            service: SERVICE,
                            agency: mapping.agency.clone(),
                            office: mapping.office.clone(),
                            purpose: mapping.purpose.clone(),
                            basis: mapping.basis.clone(),
                            rule_version: format!("identity-duplicates/{RULE_VERSION}"),
                            count: state.read_rows,
                        };
                        let desk = Desk::program("import", &mapping.agency, &mapping.office);
                        state.receipt = Some(people.record.machine_act(tx, &desk.actor, &run).await?);
                        if commit {
                            state::finish(tx, &state, people.store.world().now()).await?;
                        }
                    }
                    Ok(state)
                })
            })
            .await
    }
}

/// Whether a row is registered, and what is said about it. Pure.
fn decide(row: &ReadRow, known: &Known, mapping: &Mapping) -> Decision {
    let mut twins: Vec<(crate::duplicates::Reason, Twin)> =
        row.twins.iter().map(|(reason, row)| (*reason, Twin::Row(*row))).collect();
    for (kind, hash) in row.telling() {
        let short = hash.first_chunk::<HASH_BYTES>();
        let (Some(reason), Some(people)) = (reason_of(kind), short.and_then(|short| known.get(short))) else {
            continue;
        };
        for person in people {
            let twin = Twin::Person(*person);
            if !twins.iter().any(|(_, other)| *other == twin) {
                twins.push((reason, twin));
            }
        }
    }
    let held = twins.iter().any(|(reason, _)| mapping.duplicates.of(*reason) == Policy::Hold);
    let duplicates = twins
        .into_iter()
        .map(|(reason, twin)| DuplicateFinding { row: row.row, twin, reason, held })
        .collect();
    Decision { findings: row.findings.clone(), duplicates, held }
}

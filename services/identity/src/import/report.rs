//! The two files of a run. They are written under another name and renamed when they are whole, so that
//! nobody takes half a report for a report.

use super::findings::{DuplicateFinding, Finding, duplicates_header, header};
use super::run::{ImportFault, ImportOrder};
use super::state::findings_after;
use crate::people::People;
use daftar_kernel::Id;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

pub(super) struct Reports {
    findings: Draft,
    duplicates: Draft,
}

struct Draft {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Draft {
    fn create(target: &Path, header: &str) -> Result<Self, ImportFault> {
        let mut name = target.as_os_str().to_owned();
        name.push(".part");
        let path = PathBuf::from(name);
        let file = File::create(&path).map_err(|error| ImportFault::Report { path: path.clone(), error })?;
        let mut draft = Self { path, file: BufWriter::new(file) };
        draft.write(header)?;
        Ok(draft)
    }
    fn write(&mut self, text: &str) -> Result<(), ImportFault> {
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| ImportFault::Report { path: self.path.clone(), error })
    }
    fn keep(mut self, target: &Path) -> Result<(), ImportFault> {
        let kept = self.file.flush().and_then(|()| std::fs::rename(&self.path, target));
        kept.map_err(|error| ImportFault::Report { path: target.into(), error })
    }
}

impl Reports {
    pub(super) fn create(order: &ImportOrder) -> Result<Self, ImportFault> {
        Ok(Self {
            findings: Draft::create(&order.report, &header())?,
            duplicates: Draft::create(&order.duplicates, &duplicates_header())?,
        })
    }
    pub(super) fn write(
        &mut self,
        findings: &[Finding],
        duplicates: &[DuplicateFinding],
    ) -> Result<(), ImportFault> {
        for finding in findings {
            self.findings.write(&finding.line())?;
        }
        for duplicate in duplicates {
            self.duplicates.write(&duplicate.line())?;
        }
        Ok(())
    }
    pub(super) fn keep(self, order: &ImportOrder) -> Result<(), ImportFault> {
        self.findings.keep(&order.report)?;
        self.duplicates.keep(&order.duplicates)
    }
}

/// Writes both files from what a run kept in the database: after a cut they are whole all the same.
pub(super) async fn write_stored(
    people: &People,
    import: Id,
    order: &ImportOrder,
) -> Result<(), ImportFault> {
    let mut reports = Reports::create(order)?;
    let mut after = (0, -1);
    loop {
        let (findings, duplicates, last) =
            people.store.read(move |tx| Box::pin(findings_after(tx, import, after))).await?;
        reports.write(&findings, &duplicates)?;
        match last {
            Some(place) => after = place,
            None => return reports.keep(order),
        }
    }
}

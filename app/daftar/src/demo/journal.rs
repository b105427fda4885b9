//! What the visitor has done so far, where the country itself does not tell: kept beside the country, for the tour.

use daftar_kernel::{Problem, Timestamp};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What was done.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Done {
    /// When the visitor last was the citizen, in microseconds since 1970.
    pub was_citizen: Option<i64>,
    /// The audit named a deed of the operator.
    pub named: bool,
    /// Everything was put back, and the audit found it whole.
    pub restored: bool,
    /// The card was checked.
    pub card: bool,
}

impl Done {
    /// Whether the visitor was the citizen after this time.
    #[must_use]
    pub fn was_citizen_after(&self, at: Timestamp) -> bool {
        self.was_citizen.is_some_and(|was| was > at.0)
    }
}

/// The visitor's journal.
pub struct Journal {
    file: PathBuf,
    done: Mutex<Done>,
}

impl Journal {
    /// The journal of this country.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        let file = data.join("tour.json");
        let done = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Done::default(),
            Err(error) => return Err(error.into()),
        };
        Ok(Self { file, done: Mutex::new(done) })
    }

    /// What was done so far.
    #[must_use]
    pub fn read(&self) -> Done {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes something.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn note(&self, what: impl FnOnce(&mut Done)) -> Result<(), Problem> {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        what(&mut done);
        let text = serde_json::to_vec(&*done).map_err(Problem::internal)?;
        std::fs::write(&self.file, text).map_err(Problem::internal)
    }
}

//! What can go wrong with the record beyond the store's own troubles.

use crate::log::Log;
use crate::transport::TransportError;
use daftar_kernel::Problem;
use daftar_store::StoreError;
use transparency_log::checkpoint::CheckpointError;
use transparency_log::map::MapError;
use transparency_log::merkle::ProofError;
use transparency_log::note::NoteError;
use transparency_log::policy::PolicyError;
use transparency_log::tree::TreeError;

/// A failure of the record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The store's.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The trust policy or a name in it does not read.
    #[error("the witness policy: {0}. Next: mend the line and start again")]
    Policy(#[from] PolicyError),
    /// A key's name or bytes were refused.
    #[error("a key of the record: {0}")]
    Key(#[from] NoteError),
    /// Signing has stopped for good: the database is not the one whose trees were published.
    #[error("the log '{}' is frozen for good: {reason}. Next: daftar log succeed", log.code())]
    Frozen {
        /// Which log.
        log: Log,
        /// What a witness or the mark holds against it.
        reason: String,
    },
    /// The settings give the record another name than its logs bear. A new name alone would begin a new log over an old
    /// database, with nobody told what is missing.
    #[error(
        "the logs in the database are those of '{found}', the settings name '{named}'. Next: set record.origin to \
         '{found}'; a new name needs daftar log succeed"
    )]
    Origin {
        /// What the logs are called.
        found: String,
        /// What the settings say.
        named: String,
    },
    /// Another process began a successor log since this one was started.
    #[error("a successor of this log was begun since this program was started. Next: start it again")]
    Superseded,
    /// A succession is not possible, or not now; the text says why and what to do.
    #[error("{0}")]
    Succession(String),
    /// Signing waits: this machine cannot yet show that its database is the newest.
    #[error("the record is not signed yet: {0}")]
    Held(String),
    /// Stored parts do not fit together: somebody or something changed the database.
    #[error("the log '{}' is damaged: {what}. Next: `daftar log verify` names the rows", log.code())]
    Damaged {
        /// Which log.
        log: Log,
        /// What does not fit.
        what: String,
    },
    /// Another machine did not answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// No such receipt, entry or person.
    #[error("there is no such receipt")]
    NotFound,
    /// A file could not be read or written.
    #[error("{what}: {reason}")]
    Io {
        /// What was being done with which file.
        what: String,
        /// What the system says.
        reason: String,
    },
}

impl RecordError {
    pub(crate) fn io(what: impl Into<String>, error: &std::io::Error) -> Self {
        Self::Io { what: what.into(), reason: error.to_string() }
    }
    pub(crate) fn damaged(log: Log, what: impl std::fmt::Display) -> Self {
        Self::Damaged { log, what: what.to_string() }
    }
}

/// Adds the log to what the pure library says about parts that do not fit.
pub(crate) trait OfLog<T> {
    /// The same result, as the record's error.
    fn of(self, log: Log) -> Result<T, RecordError>;
}

macro_rules! of_log {
    ($($error:ty),*) => {
        $(impl<T> OfLog<T> for Result<T, $error> {
            fn of(self, log: Log) -> Result<T, RecordError> {
                self.map_err(|error| RecordError::damaged(log, error))
            }
        })*
    };
}
of_log!(CheckpointError, MapError, ProofError, TreeError, NoteError);

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Store(error) => error.into(),
            RecordError::NotFound => Self::not_found(),
            RecordError::Frozen { .. } => Self::unavailable("record-frozen").detail(error),
            RecordError::Superseded => Self::unavailable("record-superseded").detail(error),
            RecordError::Held(_) => Self::unavailable("record-held").detail(error).retry_after(5),
            other => Self::internal(other),
        }
    }
}

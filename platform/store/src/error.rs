//! What can go wrong with the store. No variant carries a value of a statement: they may be personal data.

use daftar_kernel::Problem;

/// A failure of the store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The store could not be opened.
    #[error("cannot open the store: {reason}. Next: {next}")]
    Open {
        /// What is the matter.
        reason: String,
        /// What the operator can do.
        next: String,
    },
    /// The store was moved away: nothing is written to it any more.
    #[error(
        "this store has moved to another database. Next: daftar serve finishes the move, with the settings beside the data"
    )]
    Moved,
    /// A migration failed, or does not fit what is already applied.
    #[error("migration {owner}/{number:04}: {reason}")]
    Migration {
        /// The table prefix of the crate whose migration it is.
        owner: String,
        /// Its number.
        number: u32,
        /// What is the matter and what to do.
        reason: String,
    },
    /// Too many writes or reads wait already; nothing was done. Try again in a moment.
    #[error("the store is busy: {0}")]
    Busy(&'static str),
    /// The disk or the database is full; nothing was acknowledged.
    #[error("the disk is full: make room, then restart")]
    Full,
    /// A commit failed earlier. Nothing is written any more until the operator has looked and restarted.
    #[error("writing has stopped until a restart: {0}")]
    Stopped(String),
    /// The transaction kept colliding with others and was given up; nothing was done.
    #[error("the transaction collided with others {0} times and was given up")]
    Contended(u32),
    /// The database cannot be reached, or not now.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// The connection broke while committing: the write may or may not have happened. Ask again with the same
    /// idempotency key.
    #[error("the connection broke during the commit; whether it happened is unknown")]
    Uncertain,
    /// A row with this key exists already. (Better: `on conflict do nothing` and look at the count.)
    #[error("a row with the same key exists: {constraint}")]
    Unique {
        /// Which rule: SQLite names the columns, PostgreSQL the constraint.
        constraint: String,
    },
    /// The statement is wrong or was refused.
    #[error("{reason} in: {sql}")]
    Statement {
        /// The text, which holds no values.
        sql: String,
        /// What the engine says.
        reason: String,
    },
    /// A row was expected and there is none, or there are several.
    #[error("expected one row, found {found} in: {sql}")]
    NotOneRow {
        /// The text.
        sql: String,
        /// How many there are.
        found: usize,
    },
    /// More rows than one answer may hold. Read in pages.
    #[error("more than {limit} rows in: {sql}")]
    TooManyRows {
        /// The limit.
        limit: usize,
        /// The text.
        sql: String,
    },
    /// A column holds something else than what was asked for.
    #[error("column {index} is {found}, not {expected}")]
    Column {
        /// The column, from 0.
        index: usize,
        /// What was asked for.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A parameter that cannot be stored.
    #[error("parameter {index} cannot be stored: {reason}")]
    Parameter {
        /// Which, from 1 as in the text.
        index: usize,
        /// Why.
        reason: &'static str,
    },
    /// The closure panicked; its transaction was rolled back and nobody else was harmed.
    #[error("the transaction's closure panicked")]
    Panicked,
    /// The closure awaited something else than its transaction, which would hold up every other writer.
    #[error("a write closure may await only its transaction")]
    Awaited,
    /// The personal data was erased: its key no longer exists.
    #[error("the data was erased")]
    Erased,
    /// Sealed data does not open: another context, a changed byte, or a missing key.
    #[error("sealed data does not open: {0}")]
    Sealed(&'static str),
    /// Something that must exist does not.
    #[error("not found: {0}")]
    Missing(String),
    /// Reading or writing a file failed.
    #[error("{what}: {reason}")]
    Io {
        /// What was being done with which file.
        what: String,
        /// What the system says.
        reason: String,
    },
    /// A file, an event or another input does not have the form it must have.
    #[error("{what}: {reason}")]
    Malformed {
        /// Which file or input.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// Text or bytes beyond a named limit.
    #[error("{what} is larger than {limit}")]
    TooLarge {
        /// What.
        what: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
}

impl StoreError {
    pub(crate) fn io(what: impl Into<String>, error: &std::io::Error) -> Self {
        // A full disk deserves its own answer wherever it shows.
        if matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded) {
            return Self::Full;
        }
        Self::Io { what: what.into(), reason: error.to_string() }
    }
    pub(crate) fn malformed(what: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Malformed { what: what.into(), reason: reason.to_string() }
    }
    /// Whether the same write may succeed later, without anybody changing the request.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Busy(_)
                | Self::Full
                | Self::Stopped(_)
                | Self::Contended(_)
                | Self::Unavailable(_)
                | Self::Uncertain
                | Self::Moved
        )
    }
}

/// How long a client should wait before it asks a busy store again.
const RETRY_AFTER_SECONDS: u32 = 2;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_temporary() {
            Self::unavailable("store-unavailable").detail(&error).retry_after(RETRY_AFTER_SECONDS)
        } else {
            Self::internal(&error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_503_and_the_rest_500() {
        let status = |e: StoreError| Problem::from(e).kind.status();
        assert_eq!(status(StoreError::Full), 503);
        assert_eq!(status(StoreError::Stopped("x".into())), 503);
        assert_eq!(status(StoreError::Contended(9)), 503);
        assert_eq!(status(StoreError::Panicked), 500);
        assert_eq!(status(StoreError::Unique { constraint: "x".into() }), 500);
    }

    #[test]
    fn a_full_disk_is_known_wherever_it_shows() {
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        assert_eq!(StoreError::io("blob", &full), StoreError::Full);
    }
}

//! SQLite: one file, one writer thread, several readers.

#[cfg(test)]
mod faults;
mod files;
mod session;
mod threads;

pub(crate) use files::{TableDigest, check_integrity, digests_of, keep_erased, pin, table_digests};
pub(crate) use session::{Role, SqliteSession, copy_online, empty_log};
pub(crate) use threads::Database;
pub use threads::{READ_QUEUE_LIMIT, WRITE_QUEUE_LIMIT};

use crate::StoreError;
use rusqlite::ErrorCode;

/// Unique, primary key and rowid: three names of one thing (sqlite3.h, extended result codes).
const UNIQUE_CODES: [i32; 3] = [2067, 1555, 2579];

/// What SQLite says, without values: its messages name tables and columns only.
pub(crate) fn error(sql: &str, error: rusqlite::Error) -> StoreError {
    let statement = |reason: String| StoreError::Statement { sql: sql.into(), reason };
    let rusqlite::Error::SqliteFailure(failure, message) = error else {
        return statement(match error {
            rusqlite::Error::ExecuteReturnedResults => "it gives rows: use query".into(),
            rusqlite::Error::MultipleStatement => "more than one statement".into(),
            rusqlite::Error::SqlInputError { msg, .. } => msg,
            rusqlite::Error::Utf8Error(..) => "a text column does not hold UTF-8".into(),
            _ => "refused by the driver".into(),
        });
    };
    let reason = message.unwrap_or_else(|| failure.to_string());
    match failure.code {
        ErrorCode::ConstraintViolation if reason == crate::relocate::SEALED => StoreError::Moved,
        ErrorCode::DiskFull => StoreError::Full,
        ErrorCode::ConstraintViolation if UNIQUE_CODES.contains(&failure.extended_code) => {
            StoreError::Unique { constraint: reason }
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            StoreError::Unavailable("another program holds the database's write lock".into())
        }
        ErrorCode::SystemIoFailure
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::CannotOpen
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::OutOfMemory => StoreError::Io { what: "the database file".into(), reason },
        _ => statement(reason),
    }
}

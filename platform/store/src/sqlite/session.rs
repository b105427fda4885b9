//! One connection to the file.

use super::error;
use crate::StoreError;
use crate::tx::{Answer, ROWS_LIMIT, Text, Want};
use crate::value::{Cell, Row, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How often to ask again while another program (a command beside the server) is writing: about ten seconds long.
const BUSY_TRIES: i32 = 10_000;
/// The wait between two tries. SQLite's own waits grow to a tenth of a second, so that a command that writes batch
/// after batch would be met between two of them only by chance.
const BUSY_PAUSE: Duration = Duration::from_millis(1);
/// More texts than the whole program has: each is prepared once a connection.
const STATEMENTS_CACHED: usize = 1024;

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Writer,
    Reader,
}

thread_local! {
    /// SQLite tells a function without a memory of its own; each thread has at most one connection that commits.
    static FRAMES: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// Frames in the log after the last commit of this thread.
pub(crate) fn frames_in_log() -> u32 {
    FRAMES.get()
}

pub(crate) struct SqliteSession {
    pub(super) connection: Connection,
    /// Of every text run so far, by its address: which parameter stands at each of SQLite's places.
    places: HashMap<(usize, usize), Arc<[usize]>>,
}

impl SqliteSession {
    /// Opens the file; a writer makes it when it is missing, readable by its owner alone.
    pub(crate) fn open(path: &Path, role: Role) -> Result<Self, StoreError> {
        let fail = |e: rusqlite::Error| StoreError::Open {
            reason: format!("{}: {e}", path.display()),
            next: "check the path in store.url, its folder's permissions and the disk".into(),
        };
        let flags = match role {
            Role::Writer => {
                create_private(path)?;
                OpenFlags::SQLITE_OPEN_READ_WRITE
            }
            Role::Reader => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        let connection =
            Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(fail)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
        connection.busy_handler(Some(wait_for_other)).map_err(fail)?;
        connection
            .execute_batch(
                "pragma trusted_schema = off; pragma temp_store = memory; pragma cache_size = -8192;",
            )
            .map_err(fail)?;
        if role == Role::Reader {
            connection.execute_batch("pragma query_only = on;").map_err(fail)?;
            return Ok(Self { connection, places: HashMap::new() });
        }
        let mode: String =
            connection.query_row("pragma journal_mode = wal", [], |row| row.get(0)).map_err(fail)?;
        if mode != "wal" {
            return Err(StoreError::Open {
                reason: format!("{} cannot use a write-ahead log (mode '{mode}')", path.display()),
                next: "keep the database on a local disk, not on a network file system".into(),
            });
        }
        // FULL: a commit returns only when the log is on the disk. secure_delete: what is deleted is overwritten.
        connection
            .execute_batch(
                "pragma synchronous = full; pragma fullfsync = on; pragma secure_delete = on; pragma cache_size = -65536;
                 pragma foreign_keys = on; pragma wal_autocheckpoint = 4000; pragma journal_size_limit = 67108864;",
            )
            .map_err(fail)?;
        Ok(Self { connection, places: HashMap::new() })
    }

    pub(crate) fn run(&mut self, sql: Text<'_>, params: &[Value], want: Want) -> Result<Answer, StoreError> {
        let text = sql.as_str();
        let fail = |e| error(text, e);
        let mut statement = self.connection.prepare_cached(text).map_err(fail)?;
        let places = match sql {
            Text::Built(_) => places(&statement, text)?,
            // A text of the program keeps its address.
            Text::Static(text) => match self.places.get(&(text.as_ptr().addr(), text.len())) {
                Some(known) => Arc::clone(known),
                None => {
                    let found = places(&statement, text)?;
                    self.places.insert((text.as_ptr().addr(), text.len()), Arc::clone(&found));
                    found
                }
            },
        };
        bind(&mut statement, text, &places, params)?;
        if want == Want::Count {
            let changed = statement.raw_execute().map_err(fail)?;
            return Ok(Answer { changed: changed as u64, rows: Vec::new() });
        }
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        let mut out = Vec::new();
        while let Some(row) = rows.next().map_err(fail)? {
            if out.len() == ROWS_LIMIT {
                return Err(StoreError::TooManyRows { limit: ROWS_LIMIT, sql: text.into() });
            }
            let mut cells = Vec::with_capacity(columns);
            for index in 0..columns {
                cells.push(cell(text, row.get_ref(index).map_err(fail)?)?);
            }
            out.push(Row(cells));
        }
        Ok(Answer { changed: 0, rows: out })
    }

    pub(crate) fn prepare(&mut self, text: &str) -> Result<(), StoreError> {
        self.connection.prepare(text).map(|_| ()).map_err(|e| error(text, e))
    }

    pub(crate) fn run_script(&mut self, script: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(script).map_err(|e| error(script, e))
    }

    /// One of the statements that open and close transactions.
    pub(crate) fn control(&mut self, text: &'static str) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(text).map_err(|e| error(text, e))?;
        statement.raw_execute().map(|_| ()).map_err(|e| error(text, e))
    }

    /// Closing the connection will not copy the write-ahead log into the database.
    pub(crate) fn leave_log_on_close(&self) {
        let config = rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        if let Err(error) = self.connection.set_db_config(config, true) {
            tracing::error!(%error, "leaving the write-ahead log as it is");
        }
    }

    /// The log is the shipper's business: this connection never moves it into the database, neither when it grows nor when
    /// it is closed.
    pub(crate) fn leave_log(&self) -> Result<(), StoreError> {
        self.leave_log_on_close();
        let text = "pragma wal_autocheckpoint = 0";
        self.connection.execute_batch(text).map_err(|e| error(text, e))
    }

    /// From now on [`frames_in_log`] tells, on the thread that commits, how long the log is.
    pub(crate) fn watch_commits(&self) {
        self.connection.wal_hook(Some(|_, frames| {
            FRAMES.set(u32::try_from(frames).unwrap_or(0));
            Ok(())
        }));
    }

    /// Copies the log into the database; says whether all of it could be.
    pub(crate) fn move_log(&self) -> Result<bool, StoreError> {
        let text = "pragma wal_checkpoint(passive)";
        let moved = |row: &rusqlite::Row<'_>| {
            Ok(row.get::<_, i64>(0)? == 0 && row.get::<_, i64>(1)? == row.get::<_, i64>(2)?)
        };
        self.connection.query_row(text, [], moved).map_err(|e| error(text, e))
    }

    /// Moves the write-ahead log into the database and cuts it to nothing.
    pub(crate) fn empty_log(&self) -> Result<(), StoreError> {
        let text = "pragma wal_checkpoint(truncate)";
        let busy: i64 = self.connection.query_row(text, [], |row| row.get(0)).map_err(|e| error(text, e))?;
        if busy == 0 { Ok(()) } else { Err(StoreError::Busy("a long read still needs the log")) }
    }

    /// Rows changed by this connection so far. A statement that failed counts for nothing.
    pub(crate) fn changes(&self) -> u64 {
        self.connection.total_changes()
    }

    /// Whether SQLite has no transaction open; it ends one by itself after the gravest errors.
    pub(crate) fn has_no_transaction(&self) -> bool {
        self.connection.is_autocommit()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "another program holds the file; nothing tells us when it lets go"
)]
fn wait_for_other(tries: i32) -> bool {
    if tries < BUSY_TRIES {
        std::thread::sleep(BUSY_PAUSE);
    }
    tries < BUSY_TRIES
}

/// SQLite takes `$1` for a name and numbers names as they come: gives the parameter of each place.
fn places(statement: &rusqlite::Statement<'_>, text: &str) -> Result<Arc<[usize]>, StoreError> {
    let places = statement.parameter_count();
    let number =
        |place| statement.parameter_name(place).and_then(|name| name.get(1..)?.parse::<usize>().ok());
    let numbers = (1..=places).map(|place| {
        number(place).filter(|number| (1..=places).contains(number)).ok_or_else(|| StoreError::Statement {
            sql: text.into(),
            reason: format!("parameters must be $1 to ${places}, without gaps"),
        })
    });
    numbers.collect()
}

fn bind(
    statement: &mut rusqlite::Statement<'_>,
    text: &str,
    places: &[usize],
    params: &[Value],
) -> Result<(), StoreError> {
    if places.len() != params.len() {
        return Err(StoreError::Statement {
            sql: text.into(),
            reason: format!("{} parameters in the text, {} given", places.len(), params.len()),
        });
    }
    for (place, number) in (1..).zip(places) {
        let Some(value) = params.get(number - 1) else { continue };
        statement.raw_bind_parameter(place, Bound(value)).map_err(|e| error(text, e))?;
    }
    Ok(())
}

struct Bound<'a>(&'a Value);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Int(Some(v)) => ValueRef::Integer(*v),
            Value::Text(Some(v)) => ValueRef::Text(v.as_bytes()),
            Value::Bytes(Some(v)) => ValueRef::Blob(v),
            Value::Bool(Some(v)) => ValueRef::Integer(i64::from(*v)),
            Value::Int(None) | Value::Text(None) | Value::Bytes(None) | Value::Bool(None) => ValueRef::Null,
        }))
    }
}

fn cell(text: &str, value: ValueRef<'_>) -> Result<Cell, StoreError> {
    let refuse = |reason: &str| StoreError::Statement { sql: text.into(), reason: reason.into() };
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(v) => Cell::Int(v),
        ValueRef::Text(v) => Cell::Text(
            String::from_utf8(v.to_vec()).map_err(|_| refuse("a text column does not hold UTF-8"))?,
        ),
        ValueRef::Blob(v) => Cell::Bytes(v.to_vec()),
        ValueRef::Real(_) => {
            return Err(refuse("it gives a floating-point number, which no column may hold"));
        }
    })
}

/// The file holds a country: only its owner may read it, also before SQLite first writes to it.
fn create_private(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        crate::files::make_private_dir(parent)?;
    }
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map(|_| ())
        .map_err(|e| StoreError::io(format!("creating {}", path.display()), &e))
}

/// Copies the whole database as of one moment into a new file, while others read and write. The rows of some tables
/// are left out, also from the free pages.
pub(crate) fn copy_online(from: &Path, to: &Path, without_rows_of: &[&str]) -> Result<(), StoreError> {
    let fail = |e| error("online backup", e);
    let source = SqliteSession::open(from, Role::Reader)?;
    create_private(to)?;
    let mut copy = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(fail)?;
    // All pages in one step: in steps, every write in between would make it begin again.
    let backup = rusqlite::backup::Backup::new(&source.connection, &mut copy).map_err(fail)?;
    match backup.step(-1).map_err(fail)? {
        rusqlite::backup::StepResult::Done => {}
        _ => return Err(StoreError::Busy("the database is locked")),
    }
    drop(backup);
    copy.execute_batch("pragma secure_delete = on").map_err(fail)?;
    for table in without_rows_of {
        copy.execute_batch(&format!("delete from {table}")).map_err(fail)?;
    }
    // A single file, without a log beside it.
    let mode: String = copy.query_row("pragma journal_mode = delete", [], |row| row.get(0)).map_err(fail)?;
    copy.close().map_err(|(_, e)| fail(e))?;
    if mode != "delete" {
        return Err(StoreError::Io {
            what: to.display().to_string(),
            reason: "its log cannot be folded in".into(),
        });
    }
    std::fs::File::open(to)
        .and_then(|file| file.sync_all())
        .map_err(|e| StoreError::io(format!("syncing {}", to.display()), &e))
}

/// Moves the write-ahead log into the database and cuts it to nothing.
pub(crate) fn empty_log(path: &Path) -> Result<(), StoreError> {
    SqliteSession::open(path, Role::Writer)?.empty_log()
}

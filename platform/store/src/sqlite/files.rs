//! Database files that nobody serves: checked, compared and mended by the archive.

use super::error;
use crate::StoreError;
use crate::sqlite::{Role, SqliteSession};
use aws_lc_rs::digest::{Context, SHA256};
use daftar_kernel::hex;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::collections::BTreeMap;
use std::path::Path;

/// One table's rows in one number and one digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableDigest {
    pub(crate) rows: u64,
    /// SHA-256 over every cell in the order of the key.
    pub(crate) sha256: String,
}

/// A reader that stays on the state of this moment.
pub(crate) fn pin(path: &Path) -> Result<SqliteSession, StoreError> {
    let mut session = SqliteSession::open(path, Role::Reader)?;
    session.control("BEGIN")?;
    // The snapshot is taken by the first statement.
    session
        .connection
        .query_row("select count(*) from sqlite_schema", [], |_| Ok(()))
        .map_err(|e| error("select from sqlite_schema", e))?;
    Ok(session)
}

/// SQLite's own check of a whole file.
pub(crate) fn check_integrity(path: &Path) -> Result<(), StoreError> {
    let fail = |e| error("pragma integrity_check", e);
    let connection = Connection::open(path).map_err(fail)?;
    let answer: String =
        connection.query_row("pragma integrity_check(1)", [], |row| row.get(0)).map_err(fail)?;
    if answer == "ok" { Ok(()) } else { Err(StoreError::malformed(path.display().to_string(), answer)) }
}

/// The digests of a file's tables.
pub(crate) fn digests_of(path: &Path) -> Result<BTreeMap<String, TableDigest>, StoreError> {
    digests(&Connection::open(path).map_err(|e| error("opening a restored file", e))?)
}

/// The digest of every table, as this session sees it.
pub(crate) fn table_digests(session: &SqliteSession) -> Result<BTreeMap<String, TableDigest>, StoreError> {
    digests(&session.connection)
}

fn digests(connection: &Connection) -> Result<BTreeMap<String, TableDigest>, StoreError> {
    let text = "select name from sqlite_schema where type = 'table' order by name";
    let mut names = connection.prepare(text).map_err(|e| error(text, e))?;
    let names: Vec<String> =
        names.query_map([], |row| row.get(0)).and_then(Iterator::collect).map_err(|e| error(text, e))?;
    names.into_iter().map(|name| Ok((name.clone(), table_digest(connection, &name)?))).collect()
}

fn table_digest(connection: &Connection, table: &str) -> Result<TableDigest, StoreError> {
    let text = format!("select * from \"{}\"", table.replace('"', "\"\""));
    let fail = |e| error("select of a whole table", e);
    let mut statement = connection.prepare(&text).map_err(fail)?;
    let columns = statement.column_count();
    let mut rows = statement.query([]).map_err(fail)?;
    let (mut sum, mut count) = (Context::new(&SHA256), 0);
    while let Some(row) = rows.next().map_err(fail)? {
        for index in 0..columns {
            let (kind, bytes) = match row.get_ref(index).map_err(fail)? {
                ValueRef::Null => (0, Vec::new()),
                ValueRef::Integer(value) => (1, value.to_be_bytes().to_vec()),
                ValueRef::Real(value) => (2, value.to_bits().to_be_bytes().to_vec()),
                ValueRef::Text(value) => (3, value.to_vec()),
                ValueRef::Blob(value) => (4, value.to_vec()),
            };
            sum.update(&[kind]);
            sum.update(&(bytes.len() as u64).to_be_bytes());
            sum.update(&bytes);
        }
        count += 1;
    }
    Ok(TableDigest { rows: count, sha256: hex::encode(sum.finish().as_ref()) })
}

/// Carries erasures of the newest state into a past one, and the keys of persons that the past one's key export did not know
/// yet. Keys of an epoch whose own key is not there would open nothing: they stay behind.
pub(crate) fn keep_erased(past: &Path, newest: &Path) -> Result<(), StoreError> {
    let fail = |e| error("carrying erasures into a restored database", e);
    let connection = Connection::open(past).map_err(fail)?;
    connection.execute("attach database ?1 as newest", [newest.to_string_lossy()]).map_err(fail)?;
    connection
        .execute_batch(
            "pragma secure_delete = on;
             begin immediate;
             insert or ignore into main.store_erased select subject, erased_at from newest.store_erased;
             insert or ignore into main.store_key (subject, class, epoch, wrapped)
                 select subject, class, epoch, wrapped from newest.store_key
                 where epoch in (select number from main.store_epoch where destroyed_at is null);
             update main.store_key set wrapped = null where exists
                 (select 1 from newest.store_key there where there.subject = store_key.subject
                  and there.class = store_key.class and there.wrapped is null);
             delete from main.store_key where subject in (select subject from main.store_erased);
             commit;
             detach database newest;",
        )
        .map_err(fail)?;
    connection.close().map_err(|(_, e)| fail(e))
}

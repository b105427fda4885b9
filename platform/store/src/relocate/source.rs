//! The SQLite file that is left, while another program writes to it: what changed is noted by triggers, and in the end it is
//! sealed.

use super::NOTES;
use crate::schema::{Table, tables};
use crate::sqlite::{Role, SqliteSession};
use crate::tx::{Engine, Text, Tx, Want};
use crate::value::Cell;
use crate::{StoreError, Value, params};
use daftar_kernel::World;
use std::collections::BTreeMap;
use std::path::Path;

/// The most columns a primary key has.
const KEY_LIMIT: usize = 6;
/// How many notes are read at once.
const NOTES_PAGE: usize = 20_000;
/// What a sealed store says to whoever writes to it.
pub(crate) const SEALED: &str = "this store has moved";

/// Two connections of ours beside those of the server.
pub(super) struct Source {
    reader: Tx,
    writer: Tx,
    pub(super) tables: Vec<Table>,
}

impl Source {
    pub(super) async fn open(path: &Path, world: &World) -> Result<Self, StoreError> {
        let open = |role| {
            Ok::<_, StoreError>(Tx::new(Engine::Sqlite(SqliteSession::open(path, role)?), world.clone()))
        };
        let (mut reader, writer) = (open(Role::Reader)?, open(Role::Writer)?);
        let tables: Vec<Table> =
            tables(&mut reader).await?.into_iter().filter(|table| super::is_carried(&table.name)).collect();
        if let Some(wide) = tables.iter().find(|table| table.key.len() > KEY_LIMIT) {
            return Err(StoreError::malformed(&wide.name, "its key has too many columns to move"));
        }
        Ok(Self { reader, writer, tables: super::rows::in_order(tables) })
    }

    pub(super) const fn reader(&mut self) -> &mut Tx {
        &mut self.reader
    }
    pub(super) const fn writer(&mut self) -> &mut Tx {
        &mut self.writer
    }

    pub(super) fn begin_reading(&mut self) -> Result<(), StoreError> {
        control(&mut self.reader, "BEGIN")
    }
    pub(super) fn end_reading(&mut self) -> Result<(), StoreError> {
        self.reader.end_closure();
        control(&mut self.reader, "ROLLBACK")
    }

    /// From here on nobody else writes.
    pub(super) fn stop_writes(&mut self) -> Result<(), StoreError> {
        control(&mut self.writer, "BEGIN IMMEDIATE")
    }
    /// As if we had never been there.
    pub(super) fn let_write(&mut self) -> Result<(), StoreError> {
        self.writer.end_closure();
        control(&mut self.writer, "ROLLBACK")
    }

    /// Has every change noted from now on.
    pub(super) async fn watch(&mut self) -> Result<(), StoreError> {
        self.forget_all().await?;
        let keys: Vec<String> = (1..=KEY_LIMIT).map(|n| format!("k{n} any")).collect();
        let mut script = format!(
            "begin immediate; create table {NOTES} (seq integer primary key autoincrement, tbl text not null, {}) strict;",
            keys.join(", ")
        );
        for (number, table) in self.tables.iter().enumerate() {
            let name = quoted(&table.name);
            let row = |which: &str| {
                let key: Vec<String> =
                    table.key.iter().map(|column| format!("{which}.{}", quoted(column))).collect();
                key.join(", ")
            };
            let columns: Vec<String> = (1..=table.key.len()).map(|n| format!("k{n}")).collect();
            let note = |which: &str, suffix: &str| {
                format!(
                    "insert into {NOTES} (tbl, {}) select '{}', {}{suffix};",
                    columns.join(", "),
                    table.name,
                    row(which)
                )
            };
            let moved = format!(" where ({}) is not ({})", row("new"), row("old"));
            for (event, body) in [
                ("insert", note("new", "")),
                ("delete", note("old", "")),
                ("update", format!("{} {}", note("old", ""), note("new", &moved))),
            ] {
                script.push_str(&format!(
                    " create trigger store_move_note_{number}_{event} after {event} on {name} begin {body} end;"
                ));
            }
        }
        script.push_str(" commit;");
        let done = self.writer.run_script(&script).await;
        if done.is_err() {
            // Nothing of it stays, whatever failed.
            let _ = control(&mut self.writer, "ROLLBACK");
        }
        done
    }

    /// Takes away whatever a move put there.
    pub(super) async fn forget_all(&mut self) -> Result<(), StoreError> {
        let triggers =
            "select name from sqlite_master where type = 'trigger' and substr(name, 1, 11) = 'store_move_'";
        let found = self.writer.run(Text::Static(triggers), &[], Want::Rows).await?.rows;
        let mut script = String::from("begin immediate;");
        for row in &found {
            script.push_str(&format!(" drop trigger if exists {};", quoted(row.get(0)?)));
        }
        script.push_str(&format!(" drop table if exists {NOTES}; commit;"));
        self.writer.run_script(&script).await
    }

    /// The last note so far.
    pub(super) async fn last_note(tx: &mut Tx) -> Result<i64, StoreError> {
        let text = format!("select coalesce(max(seq), 0) from {NOTES}");
        let rows = tx.run(Text::Built(&text), &[], Want::Rows).await?.rows;
        rows.first().map_or(Ok(0), |row| row.get(0))
    }

    /// The keys that were noted up to this one, by table; a key may come several times.
    pub(super) async fn noted(
        tx: &mut Tx,
        upto: i64,
    ) -> Result<BTreeMap<String, Vec<Vec<Cell>>>, StoreError> {
        let columns: Vec<String> = (1..=KEY_LIMIT).map(|n| format!("k{n}")).collect();
        let text = format!(
            "select seq, tbl, {} from {NOTES} where seq > $1 and seq <= $2 order by seq limit {NOTES_PAGE}",
            columns.join(", ")
        );
        let (mut found, mut after) = (BTreeMap::<String, Vec<Vec<Cell>>>::new(), 0);
        loop {
            let rows = tx.run(Text::Built(&text), &params![after, upto], Want::Rows).await?.rows;
            let count = rows.len();
            for row in rows {
                after = row.get(0)?;
                let table: String = row.get(1)?;
                found.entry(table).or_default().push(row.0.into_iter().skip(2).collect());
            }
            if count < NOTES_PAGE {
                return Ok(found);
            }
        }
    }

    /// Drops the notes up to this one: they were followed.
    pub(super) async fn drop_notes(&mut self, upto: i64) -> Result<(), StoreError> {
        let text = format!("delete from {NOTES} where seq <= $1");
        self.writer.run(Text::Built(&text), &[Value::from(upto)], Want::Count).await.map(|_| ())
    }

    /// Seals the file and lets go of it: the moment from which the other store is the country's.
    pub(super) async fn seal(&mut self, token: &str) -> Result<(), StoreError> {
        let mut script = format!("create table {} (token text not null primary key) strict;", super::SEAL);
        let text = "select name from sqlite_master where type = 'table' and substr(name, 1, 7) <> 'sqlite_'
                    and substr(name, 1, 11) <> 'store_move_'";
        let all = self.writer.run(Text::Static(text), &[], Want::Rows).await?.rows;
        for (number, row) in all.iter().enumerate() {
            let name = quoted(row.get(0)?);
            for event in ["insert", "update", "delete"] {
                script.push_str(&format!(
                    " create trigger store_move_stop_{number}_{event} before {event} on {name}
                      begin select raise(abort, '{SEALED}'); end;"
                ));
            }
        }
        self.writer.run_script(&script).await?;
        let text = format!("insert into {} (token) values ($1)", super::SEAL);
        self.writer.run(Text::Built(&text), &params![token], Want::Count).await?;
        control(&mut self.writer, "COMMIT")
    }
}

/// The token under which a SQLite file was sealed; none when it was not.
pub(crate) async fn seal_of(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    let text = "select 1 from sqlite_master where type = 'table' and name = 'store_move_seal'";
    if tx.run(Text::Static(text), &[], Want::Rows).await?.rows.is_empty() {
        return Ok(None);
    }
    let rows = tx.run(Text::Static("select token from store_move_seal"), &[], Want::Rows).await?.rows;
    rows.first().map(|row| row.get(0)).transpose()
}

fn control(tx: &mut Tx, text: &'static str) -> Result<(), StoreError> {
    match &mut tx.engine {
        Engine::Sqlite(session) => session.control(text),
        Engine::Postgres(_) => Err(StoreError::Unavailable("a source of the wrong engine".into())),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Store, StoreConfig, sql};

    async fn ours(source: &mut Source) -> i64 {
        let text = "select count(*) from sqlite_master where substr(name, 1, 10) = 'store_move'";
        let rows = source.reader.run(Text::Static(text), &[], Want::Rows).await.unwrap().rows;
        rows.first().unwrap().get(0).unwrap()
    }

    #[tokio::test]
    async fn what_is_watched_is_noted_and_forgetting_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let config = StoreConfig {
            url: format!("sqlite:{}", path.display()),
            data_dir: dir.path().into(),
            blobs: None,
            archive: None,
        };
        let store = Store::open(config, World::system(), &[]).await.unwrap();
        let mut source = Source::open(&path, &World::system()).await.unwrap();
        let write = |text| store.write(move |tx| Box::pin(async move { tx.execute(text, &[]).await }));
        for _ in 0..2 {
            // The second time over what a broken-off move left.
            source.watch().await.unwrap();
        }
        assert!(ours(&mut source).await > 3);
        write(sql!("insert into store_counter (name, value) values ('a', 1)")).await.unwrap();
        write(sql!("update store_counter set name = 'b' where name = 'a'")).await.unwrap();
        let upto = Source::last_note(&mut source.reader).await.unwrap();
        let noted = Source::noted(&mut source.reader, upto).await.unwrap();
        assert_eq!(noted.get("store_counter").unwrap().len(), 3, "new, old, new");
        source.drop_notes(upto).await.unwrap();
        assert!(Source::noted(&mut source.reader, upto).await.unwrap().is_empty());
        source.forget_all().await.unwrap();
        assert_eq!(ours(&mut source).await, 0);
        write(sql!("delete from store_counter")).await.unwrap();
    }
}

//! What tables there are: read from the database itself, the same words for both engines.

use crate::tx::{Text, Tx, Want};
use crate::value::Row;
use crate::{Store, StoreError, params};
use std::collections::BTreeSet;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// BIGINT; on SQLite INTEGER, which also stands for BOOLEAN.
    Integer,
    /// BOOLEAN, on PostgreSQL alone.
    Boolean,
    /// TEXT.
    Text,
    /// BYTEA or BLOB.
    Bytes,
}

/// A column.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be null.
    pub nullable: bool,
}

/// A table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns in order.
    pub columns: Vec<Column>,
    /// The columns of its primary key in order.
    pub key: Vec<String>,
    /// Every other set of columns that must be unique.
    pub unique: BTreeSet<Vec<String>>,
    /// Every index that is not unique; one with a condition ends with the word `partial`.
    pub indexes: BTreeSet<Vec<String>>,
    /// Other tables its foreign keys refer to.
    pub refers: BTreeSet<String>,
    /// What breaks the house's rules: a column of another type, a table that is not STRICT, a text column whose
    /// order is not that of its bytes, a table without a primary key.
    pub faults: Vec<String>,
}

impl Store {
    /// All tables by name.
    ///
    /// # Errors
    /// The store's.
    pub async fn tables(&self) -> Result<Vec<Table>, StoreError> {
        self.read(|tx| Box::pin(tables(tx))).await
    }

    /// Has the engine prepare a statement without running it: does it parse, do its tables and columns exist?
    ///
    /// # Errors
    /// [`StoreError::Statement`] when not.
    pub async fn check_text(&self, sql: &str) -> Result<(), StoreError> {
        let sql = sql.to_string();
        self.read(move |tx| {
            let sql = sql.clone();
            Box::pin(async move { tx.prepare(&sql).await })
        })
        .await
    }
}

pub(crate) async fn tables(tx: &mut Tx) -> Result<Vec<Table>, StoreError> {
    let mut tables = if tx.is_sqlite() { sqlite_tables(tx).await? } else { postgres_tables(tx).await? };
    for table in &mut tables {
        if table.key.is_empty() {
            table.faults.push("it has no primary key".into());
        }
    }
    Ok(tables)
}

async fn rows(tx: &mut Tx, text: &'static str, params: &[crate::Value]) -> Result<Vec<Row>, StoreError> {
    Ok(tx.run(Text::Static(text), params, Want::Rows).await?.rows)
}

async fn sqlite_tables(tx: &mut Tx) -> Result<Vec<Table>, StoreError> {
    let list = "select name, strict from pragma_table_list
                where schema = 'main' and type = 'table' and substr(name, 1, 7) <> 'sqlite_'
                  and substr(name, 1, 11) <> 'store_move_' order by name";
    let mut tables = Vec::new();
    for row in rows(tx, list, &[]).await? {
        let mut table = Table { name: row.get(0)?, ..Table::default() };
        if !row.get::<bool>(1)? {
            table.faults.push("it is not STRICT".into());
        }
        let columns = "select name, upper(type), \"notnull\", pk from pragma_table_info($1) order by cid";
        let mut key = Vec::new();
        for row in rows(tx, columns, &params![&table.name]).await? {
            let (name, place) = (row.get::<String>(0)?, row.get::<i64>(3)?);
            let kind = match row.get::<&str>(1)? {
                "INTEGER" | "INT" => Kind::Integer,
                "TEXT" => Kind::Text,
                "BLOB" => Kind::Bytes,
                other => {
                    table.faults.push(format!("column {name} is {other}"));
                    Kind::Text
                }
            };
            if place > 0 {
                key.push((place, name.clone()));
            }
            table.columns.push(Column { name, kind, nullable: !row.get::<bool>(2)? && place == 0 });
        }
        key.sort();
        table.key = key.into_iter().map(|(_, name)| name).collect();
        let deferred = "select count(*) from sqlite_master
                        where type = 'table' and name = $1 and instr(lower(sql), 'deferrable') > 0";
        let deferred = rows(tx, deferred, &params![&table.name]).await?;
        table.note_deferred(deferred.first().map_or(Ok(0), |row| row.get::<i64>(0))?);
        sqlite_indexes(tx, &mut table).await?;
        let refers = "select distinct \"table\" from pragma_foreign_key_list($1)";
        for row in rows(tx, refers, &params![&table.name]).await? {
            table.refers.insert(row.get(0)?);
        }
        tables.push(table);
    }
    Ok(tables)
}

async fn sqlite_indexes(tx: &mut Tx, table: &mut Table) -> Result<(), StoreError> {
    let list = "select name, \"unique\", origin, partial from pragma_index_list($1)";
    for row in rows(tx, list, &params![&table.name]).await? {
        if row.get::<&str>(2)? == "pk" {
            continue;
        }
        let columns = "select coalesce(name, 'expression') from pragma_index_info($1) order by seqno";
        let columns = rows(tx, columns, &params![row.get::<&str>(0)?]).await?;
        let columns = columns.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        table.add_index(columns, row.get(1)?, row.get(3)?);
    }
    Ok(())
}

impl Table {
    fn note_deferred(&mut self, count: i64) {
        if count > 0 {
            // It would fail at the commit, which many closures share: one's mistake would fail all.
            self.faults.push("a constraint is deferrable".into());
        }
    }
    fn add_index(&mut self, mut columns: Vec<String>, unique: bool, partial: bool) {
        if partial {
            columns.push("partial".into());
        }
        if unique {
            self.unique.insert(columns)
        } else {
            self.indexes.insert(columns)
        };
    }
}

async fn postgres_tables(tx: &mut Tx) -> Result<Vec<Table>, StoreError> {
    let list = "select c.relname from pg_class c
                where c.relnamespace = cast(current_schema() as regnamespace) and c.relkind in ('r', 'p')
                  and substr(c.relname, 1, 11) <> 'store_move_'
                order by c.relname collate \"C\"";
    let mut tables = Vec::new();
    for row in rows(tx, list, &[]).await? {
        let mut table = Table { name: row.get(0)?, ..Table::default() };
        let columns =
            "select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, coalesce(l.collname, '')
                       from pg_attribute a join pg_class c on c.oid = a.attrelid
                       left join pg_collation l on l.oid = a.attcollation
                       where c.relnamespace = cast(current_schema() as regnamespace) and c.relname = $1
                         and a.attnum > 0 and not a.attisdropped order by a.attnum";
        for row in rows(tx, columns, &params![&table.name]).await? {
            let name: String = row.get(0)?;
            let kind = match row.get::<&str>(1)? {
                "bigint" => Kind::Integer,
                "boolean" => Kind::Boolean,
                "text" => Kind::Text,
                "bytea" => Kind::Bytes,
                other => {
                    table.faults.push(format!("column {name} is {other}"));
                    Kind::Text
                }
            };
            if kind == Kind::Text && row.get::<&str>(3)? != "C" {
                table.faults.push(format!("column {name} lacks collate \"C\""));
            }
            table.columns.push(Column { name, kind, nullable: !row.get::<bool>(2)? });
        }
        let deferred = "select count(*) from pg_constraint k join pg_class c on c.oid = k.conrelid
                        where k.condeferrable and c.relnamespace = cast(current_schema() as regnamespace)
                          and c.relname = $1";
        let deferred = rows(tx, deferred, &params![&table.name]).await?;
        table.note_deferred(deferred.first().map_or(Ok(0), |row| row.get::<i64>(0))?);
        postgres_indexes(tx, &mut table).await?;
        let refers = "select distinct f.relname from pg_constraint k join pg_class c on c.oid = k.conrelid
                      join pg_class f on f.oid = k.confrelid
                      where k.contype = 'f' and c.relnamespace = cast(current_schema() as regnamespace)
                        and c.relname = $1";
        for row in rows(tx, refers, &params![&table.name]).await? {
            table.refers.insert(row.get(0)?);
        }
        tables.push(table);
    }
    Ok(tables)
}

async fn postgres_indexes(tx: &mut Tx, table: &mut Table) -> Result<(), StoreError> {
    let list = "select x.relname, i.indisunique, i.indisprimary, i.indpred is not null, coalesce(a.attname, 'expression')
                from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
                cross join lateral unnest(i.indkey) with ordinality as part (attnum, place)
                left join pg_attribute a on a.attrelid = c.oid and a.attnum = part.attnum and part.attnum > 0
                where c.relnamespace = cast(current_schema() as regnamespace) and c.relname = $1
                order by x.relname, part.place";
    let parts = rows(tx, list, &params![&table.name]).await?;
    let mut at = 0;
    while let Some(first) = parts.get(at) {
        let name: &str = first.get(0)?;
        let mut columns = Vec::new();
        while let Some(row) = parts.get(at).filter(|row| row.get::<&str>(0).is_ok_and(|n| n == name)) {
            columns.push(row.get(4)?);
            at += 1;
        }
        if first.get(2)? {
            table.key = columns;
        } else {
            table.add_index(columns, first.get(1)?, first.get(3)?);
        }
    }
    Ok(())
}

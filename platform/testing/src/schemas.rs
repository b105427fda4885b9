//! Do both engines end up with the same tables?

use crate::{Engine, TestStore};
use daftar_store::schema::{Column, Kind, Table};
use daftar_store::{Migrations, StoreError};
use std::collections::BTreeMap;

/// Applies the migrations on both engines and answers every difference and every breach of the house's rules: tables,
/// columns with their kind and whether they may be null, primary keys, unique keys, indexes, STRICT, `COLLATE "C"`,
/// the owner's prefix. A test asserts that the answer is empty.
///
/// # Errors
/// When a store cannot be read.
///
/// # Panics
/// When a store cannot be made.
pub async fn check_schemas(migrations: &[Migrations]) -> Result<Vec<String>, StoreError> {
    let sqlite = TestStore::on(Engine::Sqlite, migrations).await.tables().await?;
    let postgres = TestStore::on(Engine::Postgres, migrations).await.tables().await?;
    let mut findings = differences(&sqlite, &postgres);
    let owners: Vec<&str> = migrations.iter().map(|m| m.owner).chain(["store"]).collect();
    for table in &sqlite {
        if !owners.iter().any(|o| table.name.strip_prefix(o).is_some_and(|rest| rest.starts_with('_'))) {
            findings.push(format!("{}: no owner of these migrations has this prefix", table.name));
        }
    }
    Ok(findings)
}

/// Everything in which two descriptions of the same tables differ, and their own faults.
fn differences(sqlite: &[Table], postgres: &[Table]) -> Vec<String> {
    let mut findings = Vec::new();
    for (engine, tables) in [("SQLite", sqlite), ("PostgreSQL", postgres)] {
        let faults =
            |t: &Table| t.faults.iter().map(|f| format!("{} on {engine}: {f}", t.name)).collect::<Vec<_>>();
        findings.extend(tables.iter().flat_map(faults));
    }
    let by_name =
        |tables: &[Table]| tables.iter().map(|t| (t.name.clone(), plain(t))).collect::<BTreeMap<_, _>>();
    let (left, right) = (by_name(sqlite), by_name(postgres));
    for (name, table) in &left {
        match right.get(name) {
            None => findings.push(format!("{name}: only on SQLite")),
            Some(other) => compare(table, other, &mut findings),
        }
    }
    findings
        .extend(right.keys().filter(|n| !left.contains_key(*n)).map(|n| format!("{n}: only on PostgreSQL")));
    findings
}

/// Without what the engines call differently: SQLite has no boolean.
fn plain(table: &Table) -> Table {
    let column = |c: &Column| match c.kind {
        Kind::Boolean => Column { kind: Kind::Integer, ..c.clone() },
        _ => c.clone(),
    };
    Table { columns: table.columns.iter().map(column).collect(), ..table.clone() }
}

fn compare(sqlite: &Table, postgres: &Table, findings: &mut Vec<String>) {
    let mut differ = |what: &str, left: String, right: String| {
        if left != right {
            findings.push(format!("{}: {what} on SQLite {left}, on PostgreSQL {right}", sqlite.name));
        }
    };
    differ("columns", list(&sqlite.columns), list(&postgres.columns));
    differ("primary key", format!("{:?}", sqlite.key), format!("{:?}", postgres.key));
    differ("unique", format!("{:?}", sqlite.unique), format!("{:?}", postgres.unique));
    differ("foreign keys", format!("{:?}", sqlite.refers), format!("{:?}", postgres.refers));
    differ("indexes", format!("{:?}", sqlite.indexes), format!("{:?}", postgres.indexes));
}

fn list(columns: &[Column]) -> String {
    let one = |c: &Column| format!("{} {:?}{}", c.name, c.kind, if c.nullable { "" } else { " not null" });
    columns.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use daftar_store::Step;

    #[tokio::test]
    async fn the_stores_own_tables_agree() {
        assert_eq!(check_schemas(&[]).await, Ok(Vec::<String>::new()));
    }

    #[tokio::test]
    async fn every_planted_difference_is_found() {
        const PLANTED: Migrations = Migrations {
            owner: "planted",
            steps: &[Step {
                number: 1,
                name: "0001_planted",
                sqlite: "create table planted_null (id integer not null primary key, a text) strict;
                         create table planted_unique (id integer not null primary key, a text not null unique) strict;
                         create table planted_index (id integer not null primary key, a integer not null) strict;
                         create index planted_index_a on planted_index (a);
                         create table planted_key (a integer not null, b integer not null, primary key (a, b)) strict;
                         create table planted_loose (id integer not null primary key);
                         create table planted_alone (id integer not null primary key) strict;
                         create table foreign_prefix (id integer not null primary key) strict;",
                postgres: "create table planted_null (id bigint not null primary key, a text collate \"C\" not null);
                           create table planted_unique (id bigint not null primary key, a text collate \"C\" not null);
                           create table planted_index (id bigint not null primary key, a bigint not null);
                           create table planted_key (a bigint not null, b bigint not null, primary key (b, a));
                           create table planted_loose (id bigint not null primary key);
                           create table planted_type (id uuid not null, a text not null);
                           create table foreign_prefix (id bigint not null primary key);",
            }],
        };
        let findings = check_schemas(&[PLANTED]).await.unwrap();
        for expected in [
            "planted_null: columns on SQLite",
            "planted_unique: unique on SQLite",
            "planted_index: indexes on SQLite",
            "planted_key: primary key on SQLite",
            "planted_loose on SQLite: it is not STRICT",
            "planted_alone: only on SQLite",
            "planted_type: only on PostgreSQL",
            "planted_type on PostgreSQL: column id is uuid",
            "planted_type on PostgreSQL: column a lacks collate",
            "planted_type on PostgreSQL: it has no primary key",
            "foreign_prefix: no owner",
        ] {
            assert!(findings.iter().any(|f| f.starts_with(expected)), "{expected} in {findings:#?}");
        }
    }
}

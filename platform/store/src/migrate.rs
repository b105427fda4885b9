//! Migrations: numbered steps of each crate, applied once, never edited after release.

use crate::postgres;
use crate::sqlite::SqliteSession;
use crate::tx::{Engine, Text, Tx, Want};
use crate::value::{FromCell, Row, Value};
use crate::{StoreError, params};
use daftar_kernel::{Timestamp, World};

/// The migrations of one crate.
#[derive(Clone, Copy, Debug)]
pub struct Migrations {
    /// The prefix of the crate's tables, e.g. `tax`.
    pub owner: &'static str,
    /// The steps, numbered 1, 2, 3 ... without gaps.
    pub steps: &'static [Step],
}

/// One step: the same change, written for each engine.
///
/// A text may hold a line `-- min_reader: N`. It says that programs which know fewer than N steps of this owner can
/// no longer run on the result; without it they can (expand first, contract a release later).
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Its number.
    pub number: u32,
    /// What it does, as in the file's name.
    pub name: &'static str,
    /// The text for SQLite.
    pub sqlite: &'static str,
    /// The text for PostgreSQL.
    pub postgres: &'static str,
}

/// One migration step from `migrations/{sqlite,postgres}/NNNN_name.sql` of the calling crate:
/// `step!(1, "0001_first")`.
#[macro_export]
macro_rules! step {
    ($number:literal, $file:literal) => {
        $crate::Step {
            number: $number,
            name: $file,
            sqlite: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite/", $file, ".sql")),
            postgres: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/migrations/postgres/",
                $file,
                ".sql"
            )),
        }
    };
}

impl Step {
    /// The lowest step a program must know to run on the result, if this step raises it.
    fn min_reader(&self) -> Option<u32> {
        self.sqlite.lines().find_map(|line| line.trim().strip_prefix("-- min_reader:")?.trim().parse().ok())
    }
}

/// The tables that say what was applied. They must exist before the first migration and never change.
const BOOTSTRAP_SQLITE: &str = "
create table if not exists store_migration (
    owner text not null, number integer not null, name text not null, sha256 blob not null,
    applied_at integer not null, primary key (owner, number)) strict;
create table if not exists store_schema (
    owner text not null primary key, schema integer not null, min_reader integer not null) strict;";
const BOOTSTRAP_POSTGRES: &str = "
create table if not exists store_migration (
    owner text collate \"C\" not null, number bigint not null, name text collate \"C\" not null,
    sha256 bytea not null, applied_at bigint not null, primary key (owner, number));
create table if not exists store_schema (
    owner text collate \"C\" not null primary key, schema bigint not null, min_reader bigint not null);";

/// What one owner's part of the database is at.
struct Applied {
    schema: u32,
    min_reader: u32,
    digests: Vec<Vec<u8>>,
}

/// Where migrations are applied.
pub(crate) enum Target<'a> {
    Sqlite(&'a mut Tx),
    Postgres(&'a postgres::Database),
}

pub(crate) async fn apply(
    mut target: Target<'_>,
    world: &World,
    all: &[Migrations],
) -> Result<(), StoreError> {
    for migrations in all {
        check_numbers(migrations)?;
    }
    in_transaction(&mut target, Change::Bootstrap, world.now()).await?;
    for migrations in all {
        for step in migrations.steps {
            let owner = migrations.owner;
            let known = u32::try_from(migrations.steps.len()).unwrap_or(u32::MAX);
            in_transaction(&mut target, Change::Step { owner, step, known }, world.now()).await?;
        }
    }
    Ok(())
}

fn refuse(owner: &str, number: u32, reason: impl Into<String>) -> StoreError {
    StoreError::Migration { owner: owner.into(), number, reason: reason.into() }
}

fn check_numbers(migrations: &Migrations) -> Result<(), StoreError> {
    let fits = |(step, number): (&Step, u32)| step.number == number;
    if !migrations.steps.iter().zip(1..).all(fits) {
        return Err(refuse(migrations.owner, 0, "steps must be numbered 1, 2, 3 ... without gaps"));
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Change<'a> {
    Bootstrap,
    Step { owner: &'static str, step: &'a Step, known: u32 },
}

/// Each step in a transaction of its own, so that a failing one leaves the database at the step before it.
async fn in_transaction(
    target: &mut Target<'_>,
    change: Change<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    match target {
        Target::Sqlite(tx) => {
            // A step may rebuild a table that others refer to; the references are checked below, before the commit.
            control(tx, "PRAGMA foreign_keys = OFF")?;
            control(tx, "BEGIN IMMEDIATE")?;
            let mut done = run(tx, change, now, true).await;
            if done.is_ok() {
                done = check_references(tx).await;
            }
            tx.end_closure();
            let end = control(tx, if done.is_ok() { "COMMIT" } else { "ROLLBACK" });
            control(tx, "PRAGMA foreign_keys = ON")?;
            done.and(end)
        }
        Target::Postgres(database) => {
            let mut tx = database.begin_migration().await?;
            // Two nodes may start at once: the second waits here and then finds nothing to do. (This is the one
            // advisory lock in the house: before the first start there is no table to lock.)
            let lock = "select cast(pg_advisory_xact_lock(71102616) as text)";
            tx.run(Text::Static(lock), &[], Want::Count).await?;
            run(&mut tx, change, now, false).await?;
            postgres::commit(tx).await
        }
    }
}

fn control(tx: &mut Tx, text: &'static str) -> Result<(), StoreError> {
    match &mut tx.engine {
        Engine::Sqlite(session) => SqliteSession::control(session, text),
        Engine::Postgres(_) => Err(refuse("store", 0, "a transaction of the wrong engine")),
    }
}

async fn check_references(tx: &mut Tx) -> Result<(), StoreError> {
    let broken = tx
        .run(Text::Static("select \"table\" from pragma_foreign_key_check limit 1"), &[], Want::Rows)
        .await?;
    match broken.rows.first() {
        Some(row) => Err(refuse("store", 0, format!("rows of {} refer to nothing", row.get::<&str>(0)?))),
        None => Ok(()),
    }
}

async fn run(tx: &mut Tx, change: Change<'_>, now: Timestamp, sqlite: bool) -> Result<(), StoreError> {
    let Change::Step { owner, step, known } = change else {
        return tx.run_script(if sqlite { BOOTSTRAP_SQLITE } else { BOOTSTRAP_POSTGRES }).await;
    };
    let text = if sqlite { step.sqlite } else { step.postgres };
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let applied = applied(tx, owner).await?;
    if applied.schema > known && applied.min_reader > known {
        return Err(refuse(
            owner,
            applied.schema,
            format!(
                "the database is newer than this program: it needs one that knows step {}, this one knows {known}. \
                 Next: install the newer release, or restore the backup made before it",
                applied.min_reader
            ),
        ));
    }
    if let Some(before) = applied.digests.get(step.number as usize - 1) {
        if before != digest.as_ref() {
            return Err(refuse(
                owner,
                step.number,
                "its text was changed after it was applied. Next: restore the released file and put the change \
                 into a new step",
            ));
        }
        return Ok(());
    }
    tx.run_script(text).await.map_err(|e| match e {
        StoreError::Full => StoreError::Full,
        other => refuse(owner, step.number, other.to_string()),
    })?;
    let number = i64::from(step.number);
    let min_reader = i64::from(step.min_reader().unwrap_or(applied.min_reader).max(applied.min_reader));
    change_row(
        tx,
        "insert into store_migration (owner, number, name, sha256, applied_at) values ($1, $2, $3, $4, $5)",
        &params![owner, number, step.name, digest.as_ref(), now],
    )
    .await?;
    change_row(
        tx,
        "insert into store_schema (owner, schema, min_reader) values ($1, $2, $3)
         on conflict (owner) do update set schema = excluded.schema, min_reader = excluded.min_reader",
        &params![owner, number, min_reader],
    )
    .await
}

async fn change_row(tx: &mut Tx, text: &'static str, params: &[Value]) -> Result<(), StoreError> {
    tx.run(Text::Static(text), params, Want::Count).await.map(|_| ())
}

async fn applied(tx: &mut Tx, owner: &str) -> Result<Applied, StoreError> {
    let state = "select schema, min_reader from store_schema where owner = $1";
    let state = tx.run(Text::Static(state), &params![owner], Want::Rows).await?.rows;
    let steps = "select sha256 from store_migration where owner = $1 order by number";
    let steps = tx.run(Text::Static(steps), &params![owner], Want::Rows).await?.rows;
    let (schema, min_reader) = match state.first() {
        Some(row) => (number(row, 0)?, number(row, 1)?),
        None => (0, 0),
    };
    let digests = steps.iter().map(|row| get(row, 0)).collect::<Result<_, _>>()?;
    Ok(Applied { schema, min_reader, digests })
}

fn get<'r, T: FromCell<'r>>(row: &'r Row, index: usize) -> Result<T, StoreError> {
    row.get(index)
}

fn number(row: &Row, index: usize) -> Result<u32, StoreError> {
    u32::try_from(get::<i64>(row, index)?).map_err(|_| StoreError::Column {
        index,
        expected: "a step's number",
        found: "another number",
    })
}

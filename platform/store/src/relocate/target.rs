//! The empty PostgreSQL database that is filled. Until it is settled it says that it is not whole, and nothing opens it.

use super::digest::Sum;
use super::{Change, is_carried, rows};
use crate::database::{Address, Database, address};
use crate::migrate::Migrations;
use crate::portable::schema_numbers;
use crate::schema::{Table, tables};
use crate::tx::{Text, Tx, Want};
use crate::value::Row;
use crate::{BoxFuture, StoreError, params};
use daftar_kernel::World;
use std::sync::Arc;

/// Whose move it is, and how far: `filling`, then `ready`.
const STATE: &str = "store_move_state";

pub(super) struct Target {
    database: Database,
    /// The same tables in PostgreSQL's words: their kinds of column.
    tables: Arc<Vec<Table>>,
}

impl Target {
    pub(super) async fn open(
        url: &str,
        token: &str,
        world: &World,
        migrations: &[Migrations],
        source: &mut Tx,
    ) -> Result<Self, StoreError> {
        if matches!(address(url)?, Address::Sqlite(_)) {
            return Err(StoreError::Open {
                reason: "the new store is SQLite".into(),
                next: "name a PostgreSQL database: postgres://USER@HOST/DATABASE".into(),
            });
        }
        let database = Database::open(url, world, migrations, crate::database::Archived::No).await?;
        let made = schema_numbers(source).await?;
        let (targets, schema) = database
            .read(|tx| {
                Box::pin(async move { Ok::<_, StoreError>((tables(tx).await?, schema_numbers(tx).await?)) })
            })
            .await?;
        if schema != made {
            return Err(StoreError::Open {
                reason: "the running store is of another release".into(),
                next: "bring the running program to this release first".into(),
            });
        }
        let carried = targets.into_iter().filter(|table| is_carried(&table.name)).collect();
        let target = Self { database, tables: Arc::new(rows::in_order(carried)) };
        target.refuse_unless_empty().await?;
        let script = format!("create table {STATE} (token text not null primary key, state text not null)");
        target.script(script).await?;
        target.state(token, "filling").await?;
        Ok(target)
    }

    async fn refuse_unless_empty(&self) -> Result<(), StoreError> {
        let tables = Arc::clone(&self.tables);
        self.database
            .read(move |tx| {
                let tables = Arc::clone(&tables);
                Box::pin(async move {
                    for table in tables.iter() {
                        if !rows::page(tx, table, None).await?.is_empty() {
                            return Err(StoreError::Open {
                                reason: format!("the new database is not empty: {} has rows", table.name),
                                next: "make a new one: a move that was broken off leaves one half filled"
                                    .into(),
                            });
                        }
                    }
                    Ok(())
                })
            })
            .await
    }

    async fn script(&self, script: String) -> Result<(), StoreError> {
        self.database
            .write(move |tx| {
                let script = script.clone();
                Box::pin(async move { tx.run_script(&script).await })
            })
            .await
    }

    async fn state(&self, token: &str, state: &'static str) -> Result<(), StoreError> {
        let token = token.to_string();
        self.database
            .write(move |tx| {
                let token = token.clone();
                Box::pin(async move {
                    let text = format!(
                        "insert into {STATE} (token, state) values ($1, $2)
                         on conflict (token) do update set state = excluded.state"
                    );
                    tx.run(Text::Built(&text), &params![token, state], Want::Count).await.map(|_| ())
                })
            })
            .await
    }

    /// Everything is there and was compared.
    pub(super) async fn set_ready(&self, token: &str) -> Result<(), StoreError> {
        self.state(token, "ready").await
    }

    fn own(&self, name: &str) -> Result<Table, StoreError> {
        let found = self.tables.iter().find(|table| table.name == name);
        found.cloned().ok_or_else(|| StoreError::Missing(format!("the table {name} in the new store")))
    }

    pub(super) async fn insert(&self, table: &Table, rows: Vec<Row>) -> Result<(), StoreError> {
        let (table, rows) = (self.own(&table.name)?, Arc::new(rows));
        self.database
            .write(move |tx| {
                let (table, rows) = (table.clone(), Arc::clone(&rows));
                Box::pin(async move { rows::insert(tx, &table, &rows, false).await })
            })
            .await
    }

    /// Makes the changed rows those of the old store, reads them back and compares; gives the sums with them.
    pub(super) async fn follow(
        &self,
        order: Arc<Vec<Table>>,
        changes: Arc<Vec<Change>>,
        sums: Vec<Sum>,
    ) -> Result<Vec<Sum>, StoreError> {
        if changes.iter().all(|change| change.keys.is_empty()) {
            return Ok(sums);
        }
        let own: Vec<Table> = order.iter().map(|table| self.own(&table.name)).collect::<Result<_, _>>()?;
        let own = Arc::new(own);
        self.database
            .write(move |tx| {
                let (own, changes, sums) = (Arc::clone(&own), Arc::clone(&changes), sums.clone());
                Box::pin(async move { follow(tx, &own, &changes, sums).await })
            })
            .await
    }

    pub(super) async fn sums(&self, order: Arc<Vec<Table>>) -> Result<Vec<Sum>, StoreError> {
        let own: Vec<Table> = order.iter().map(|table| self.own(&table.name)).collect::<Result<_, _>>()?;
        let own = Arc::new(own);
        self.database
            .read(move |tx| {
                let own = Arc::clone(&own);
                let work: BoxFuture<'_, Result<Vec<Sum>, StoreError>> =
                    Box::pin(async move { super::sums(tx, &own).await });
                work
            })
            .await
    }

    pub(super) async fn close(&self) {
        self.database.close().await;
    }
}

async fn follow(
    tx: &mut Tx,
    tables: &[Table],
    changes: &[Change],
    mut sums: Vec<Sum>,
) -> Result<Vec<Sum>, StoreError> {
    let is_referred =
        |name: &str| tables.iter().any(|other| other.name != name && other.refers.contains(name));
    // Those that refer before those they refer to.
    for ((table, change), sum) in tables.iter().zip(changes).zip(&mut sums).rev() {
        for row in rows::with_keys(tx, table, &change.keys).await? {
            sum.remove(&row);
        }
        if is_referred(&table.name) {
            let mut gone = Vec::new();
            let stays: std::collections::HashSet<Vec<u8>> = change
                .rows
                .iter()
                .map(|row| rows::key_of(table, row).map(|key| rows::print(&key)))
                .collect::<Result<_, _>>()?;
            gone.extend(change.keys.iter().filter(|key| !stays.contains(&rows::print(key))).cloned());
            rows::delete(tx, table, &gone).await?;
        } else {
            rows::delete(tx, table, &change.keys).await?;
        }
    }
    for ((table, change), sum) in tables.iter().zip(changes).zip(&mut sums) {
        rows::insert(tx, table, &change.rows, is_referred(&table.name)).await?;
        let now = rows::with_keys(tx, table, &change.keys).await?;
        if Sum::of_all(&now) != Sum::of_all(&change.rows) {
            return Err(StoreError::malformed(
                format!("table {}", table.name),
                "a changed row differs in the copy",
            ));
        }
        now.iter().for_each(|row| sum.add(row));
    }
    Ok(sums)
}

/// Whether a move to this database has not been settled.
pub(crate) async fn unsettled(tx: &mut Tx) -> Result<bool, StoreError> {
    let text = "select 1 from pg_class c where c.relnamespace = cast(current_schema() as regnamespace)
                and c.relname = 'store_move_state'";
    Ok(!tx.run(Text::Static(text), &[], Want::Rows).await?.rows.is_empty())
}

/// Whether a country lives in this database: it was moved there and settled, or began there.
///
/// # Errors
/// The store's.
pub async fn has_arrived(url: &str, world: &World) -> Result<bool, StoreError> {
    let Address::Postgres(url) = address(url)? else { return Ok(false) };
    let database = crate::postgres::Database::connect(url, world.clone()).await?;
    let arrived = database
        .read(|tx| {
            Box::pin(async move {
                if unsettled(tx).await? || !tables(tx).await?.iter().any(|table| table.name == "store_epoch")
                {
                    return Ok(false);
                }
                let rows =
                    tx.run(Text::Static("select number from store_epoch limit 1"), &[], Want::Rows).await?;
                Ok::<_, StoreError>(!rows.rows.is_empty())
            })
        })
        .await;
    database.close().await;
    arrived
}

/// Opens the new store, for whoever shows the seal's token; one that is open already is fine.
///
/// # Errors
/// When the database holds another move, or one that was not finished; the store's.
pub async fn settle(url: &str, token: &str, world: &World) -> Result<(), StoreError> {
    let Address::Postgres(url) = address(url)? else {
        return Err(StoreError::Missing("the PostgreSQL database that was moved to".into()));
    };
    let database = crate::postgres::Database::connect(url, world.clone()).await?;
    let token = token.to_string();
    let done = database
        .write(move |tx| {
            let token = token.clone();
            Box::pin(async move {
                if !unsettled(tx).await? {
                    return Ok(());
                }
                let text = format!("select state from {STATE} where token = $1");
                let rows = tx.run(Text::Built(&text), &params![token], Want::Rows).await?.rows;
                match rows.first().map(|row| row.get::<String>(0)).transpose()?.as_deref() {
                    Some("ready") => tx.run_script(&format!("drop table {STATE}")).await,
                    _ => Err(StoreError::Missing("a finished move with this token in the new store".into())),
                }
            })
        })
        .await;
    database.close().await;
    done
}

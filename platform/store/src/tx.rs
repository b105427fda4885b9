//! A transaction, as a closure sees it: one SQL text, two engines.

use crate::StoreError;
use crate::postgres::PgSession;
use crate::sqlite::SqliteSession;
use crate::value::{Row, Sql, Value};
use crate::vault::KeyCache;
use daftar_kernel::World;
use std::any::Any;

/// The most rows one answer may hold. Whoever needs more reads in pages, by key.
pub const ROWS_LIMIT: usize = 100_000;

/// A transaction. It is handed to the closures of [`Store::write`](crate::Store::write) and
/// [`Store::read`](crate::Store::read), and owns its connection while they run.
///
/// Once a statement has failed, the transaction is lost, on both engines: every later statement answers with the
/// same error and nothing is committed, even if the closure returns `Ok`. To try something that may fail, write it
/// so that it does not: `on conflict do nothing`, and look at the count.
pub struct Tx {
    pub(crate) engine: Engine,
    failure: Option<StoreError>,
    world: World,
    keys: KeyCache,
}

#[expect(
    clippy::large_enum_variant,
    reason = "one lives on each thread of the store: a box would only add a pointer to follow"
)]
pub(crate) enum Engine {
    Sqlite(SqliteSession),
    Postgres(Box<PgSession>),
}

/// A statement's text: known when the program is built, or made inside this crate from names of tables.
#[derive(Clone, Copy)]
pub(crate) enum Text<'a> {
    Static(&'static str),
    Built(&'a str),
}

impl<'a> Text<'a> {
    pub(crate) const fn as_str(self) -> &'a str {
        match self {
            Self::Static(text) => text,
            Self::Built(text) => text,
        }
    }
}

/// What a statement is run for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    Count,
    Rows,
}

/// What came of it.
pub(crate) struct Answer {
    pub(crate) changed: u64,
    pub(crate) rows: Vec<Row>,
}

impl Tx {
    pub(crate) const fn new(engine: Engine, world: World) -> Self {
        Self { engine, failure: None, world, keys: KeyCache::new() }
    }

    /// The time and randomness of the store.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// Runs a statement that gives no rows; answers how many rows it changed.
    ///
    /// # Errors
    /// When the statement is refused; the transaction is then lost.
    pub async fn execute(&mut self, sql: Sql, params: &[Value]) -> Result<u64, StoreError> {
        Ok(self.run(Text::Static(sql.text()), params, Want::Count).await?.changed)
    }

    /// Runs a statement and answers its rows, at most [`ROWS_LIMIT`].
    ///
    /// # Errors
    /// When the statement is refused or gives too many rows; the transaction is then lost.
    pub async fn query(&mut self, sql: Sql, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        Ok(self.run(Text::Static(sql.text()), params, Want::Rows).await?.rows)
    }

    /// Runs a statement that gives one row or none.
    ///
    /// # Errors
    /// As [`Tx::query`], and when there are several rows.
    pub async fn query_opt(&mut self, sql: Sql, params: &[Value]) -> Result<Option<Row>, StoreError> {
        let mut rows = self.query(sql, params).await?;
        if rows.len() > 1 {
            return Err(StoreError::NotOneRow { sql: sql.text().into(), found: rows.len() });
        }
        Ok(rows.pop())
    }

    /// Runs a statement that gives exactly one row.
    ///
    /// # Errors
    /// As [`Tx::query`], and when there is no row or there are several.
    pub async fn query_one(&mut self, sql: Sql, params: &[Value]) -> Result<Row, StoreError> {
        self.query_opt(sql, params)
            .await?
            .ok_or_else(|| StoreError::NotOneRow { sql: sql.text().into(), found: 0 })
    }

    pub(crate) async fn run(
        &mut self,
        sql: Text<'_>,
        params: &[Value],
        want: Want,
    ) -> Result<Answer, StoreError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        check(params)?;
        let answer = match &mut self.engine {
            Engine::Sqlite(session) => session.run(sql, params, want),
            Engine::Postgres(session) => session.run(sql, params, want).await,
        };
        if let Err(error) = &answer {
            self.failure = Some(error.clone());
        }
        answer
    }

    /// Runs several statements without parameters: a migration.
    pub(crate) async fn run_script(&mut self, script: &str) -> Result<(), StoreError> {
        match &mut self.engine {
            Engine::Sqlite(session) => session.run_script(script),
            Engine::Postgres(session) => session.run_script(script).await,
        }
    }

    /// Prepares a statement without running it.
    pub(crate) async fn prepare(&mut self, text: &str) -> Result<(), StoreError> {
        match &mut self.engine {
            Engine::Sqlite(session) => session.prepare(text),
            Engine::Postgres(session) => session.prepare(text).await,
        }
    }

    /// For this crate alone: outside, both engines look alike.
    pub(crate) const fn is_sqlite(&self) -> bool {
        matches!(self.engine, Engine::Sqlite(_))
    }

    /// The person keys this transaction has looked up.
    pub(crate) const fn keys(&mut self) -> &mut KeyCache {
        &mut self.keys
    }

    /// Ends a closure, for the next one on the same connection: forgets its keys, and answers why the transaction is
    /// lost, if it is.
    pub(crate) fn end_closure(&mut self) -> Option<StoreError> {
        self.keys.clear();
        self.failure.take()
    }
}

/// PostgreSQL cannot store the character NUL, so SQLite must not either.
pub(crate) fn check(params: &[Value]) -> Result<(), StoreError> {
    for (index, value) in params.iter().enumerate() {
        if matches!(value, Value::Text(Some(text)) if text.as_bytes().contains(&0)) {
            return Err(StoreError::Parameter { index: index + 1, reason: "it holds the character NUL" });
        }
    }
    Ok(())
}

/// What a closure's run comes to: its own result, unless it panicked or carried on after a failed statement.
pub(crate) fn settle<T, E: From<StoreError>>(
    run: Result<Result<T, E>, Box<dyn Any + Send>>,
    failure: Option<StoreError>,
) -> Result<T, E> {
    match (run, failure) {
        (Err(_panic), _) => Err(StoreError::Panicked.into()),
        (Ok(Ok(_)), Some(failure)) => Err(failure.into()),
        (Ok(result), _) => result,
    }
}

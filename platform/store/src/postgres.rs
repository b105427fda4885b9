//! PostgreSQL: a pool of connections, SERIALIZABLE writes retried as a whole.

mod pool;

use crate::tx::{Answer, Engine, ROWS_LIMIT, Text, Tx, Want, settle};
use crate::value::{Cell, Row, Value};
use crate::{BoxFuture, Sql, StoreError};
use daftar_kernel::World;
use futures_util::{FutureExt, StreamExt};
use pool::{CONNECTIONS, Connection, Pool};
use sqlx::postgres::{
    PgArguments, PgConnectOptions, PgConnection, PgDatabaseError, PgRow, PgSslMode, Postgres,
};
use sqlx::{
    Arguments, AssertSqlSafe, Column, ConnectOptions, Executor, Row as _, SqlSafeStr, TypeInfo, ValueRef,
};
use std::panic::AssertUnwindSafe;
use std::str::FromStr;
use std::time::Duration;
use tokio::sync::Mutex;

/// How often a colliding transaction is run before it is given up.
const WRITE_ATTEMPTS: u32 = 30;
/// From this attempt on, the node's colliding transactions go one at a time.
const ALONE_FROM: u32 = 3;
/// The longest pause between two attempts.
const PAUSE_LIMIT_MICROS: u64 = 50_000;

const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// One open transaction.
pub(crate) struct PgSession {
    connection: Connection,
}

impl PgSession {
    pub(crate) async fn run(
        &mut self,
        sql: Text<'_>,
        params: &[Value],
        want: Want,
    ) -> Result<Answer, StoreError> {
        run(self.connection.get()?, sql, params, want).await
    }

    pub(crate) async fn run_script(&mut self, script: &str) -> Result<(), StoreError> {
        let text = AssertSqlSafe(script.to_string());
        sqlx::raw_sql(text).execute(self.connection.get()?).await.map(|_| ()).map_err(|e| error(script, e))
    }
}

impl PgSession {
    /// One of the statements that open and close transactions.
    async fn control(&mut self, text: &'static str) -> Result<(), StoreError> {
        self.connection.get()?.execute(text).await.map(|_| ()).map_err(|e| error(text, e))
    }

    pub(crate) async fn prepare(&mut self, text: &str) -> Result<(), StoreError> {
        let statement = AssertSqlSafe(text.to_string()).into_sql_str();
        self.connection.get()?.prepare(statement).await.map(|_| ()).map_err(|e| error(text, e))
    }
}

async fn run(
    connection: &mut PgConnection,
    sql: Text<'_>,
    params: &[Value],
    want: Want,
) -> Result<Answer, StoreError> {
    let text = match sql {
        Text::Static(text) => text.into_sql_str(),
        Text::Built(text) => AssertSqlSafe(text).into_sql_str(),
    };
    let query = sqlx::query_with::<Postgres, _>(text, arguments(params)?);
    let fail = |e| error(sql.as_str(), e);
    if want == Want::Count {
        let done = query.execute(connection).await.map_err(fail)?;
        return Ok(Answer { changed: done.rows_affected(), rows: Vec::new() });
    }
    let mut stream = query.fetch(connection);
    let mut rows = Vec::new();
    while let Some(row) = stream.next().await {
        if rows.len() == ROWS_LIMIT {
            return Err(StoreError::TooManyRows { limit: ROWS_LIMIT, sql: sql.as_str().into() });
        }
        rows.push(decode(sql.as_str(), &row.map_err(fail)?)?);
    }
    Ok(Answer { changed: 0, rows })
}

fn arguments(params: &[Value]) -> Result<PgArguments, StoreError> {
    let mut arguments = PgArguments::default();
    for (index, value) in params.iter().enumerate() {
        match value {
            Value::Int(v) => arguments.add(*v),
            Value::Text(v) => arguments.add(v.as_deref()),
            Value::Bytes(v) => arguments.add(v.as_deref()),
            Value::Bool(v) => arguments.add(*v),
        }
        .map_err(|_| StoreError::Parameter { index: index + 1, reason: "the driver cannot encode it" })?;
    }
    Ok(arguments)
}

fn decode(sql: &str, row: &PgRow) -> Result<Row, StoreError> {
    let mut cells = Vec::with_capacity(row.columns().len());
    for (index, column) in row.columns().iter().enumerate() {
        let fail = |e| error(sql, e);
        if row.try_get_raw(index).map_err(fail)?.is_null() {
            cells.push(Cell::Null);
            continue;
        }
        cells.push(match column.type_info().name() {
            "INT8" => Cell::Int(row.try_get(index).map_err(fail)?),
            "INT4" => Cell::Int(i64::from(row.try_get::<i32, _>(index).map_err(fail)?)),
            "INT2" => Cell::Int(i64::from(row.try_get::<i16, _>(index).map_err(fail)?)),
            "TEXT" | "VARCHAR" | "NAME" => Cell::Text(row.try_get(index).map_err(fail)?),
            "BYTEA" => Cell::Bytes(row.try_get(index).map_err(fail)?),
            "BOOL" => Cell::Bool(row.try_get(index).map_err(fail)?),
            other => {
                return Err(StoreError::Statement {
                    sql: sql.into(),
                    reason: format!("column {index} is {other}: cast it to bigint, text, bytea or boolean"),
                });
            }
        });
    }
    Ok(Row(cells))
}

/// What PostgreSQL says, without values: the code, and the names of what is concerned. Its message is kept only
/// where it can hold nothing but the text itself (class 42, syntax or access rule).
pub(crate) fn error(sql: &str, error: sqlx::Error) -> StoreError {
    let statement = |reason: String| StoreError::Statement { sql: sql.into(), reason };
    let database = match error {
        sqlx::Error::Database(database) => database,
        sqlx::Error::Io(e) => return StoreError::Unavailable(e.kind().to_string()),
        sqlx::Error::PoolTimedOut => return StoreError::Busy("no connection became free"),
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            return StoreError::Unavailable("the pool is closed".into());
        }
        sqlx::Error::ColumnDecode { index, .. } => {
            return statement(format!("column {index} does not decode"));
        }
        sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => {
            return StoreError::Unavailable("the connection does not speak PostgreSQL's protocol".into());
        }
        _ => return statement("refused by the driver".into()),
    };
    let Some(pg) = database.try_downcast_ref::<PgDatabaseError>() else {
        return statement("refused by the database".into());
    };
    let names =
        [pg.table(), pg.column(), pg.constraint()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    match pg.code() {
        "40001" | "40P01" => StoreError::Contended(1),
        "23505" => StoreError::Unique { constraint: names },
        "53100" => StoreError::Full,
        "58030" => StoreError::Io { what: "the database's files".into(), reason: pg.code().into() },
        // What a standby says to the first statement of a write: the leader changed under us.
        "0A000" if sql == BEGIN_WRITE => StoreError::Unavailable("a standby answers".into()),
        code if ["08", "57P", "53", "3D", "28"].iter().any(|class| code.starts_with(class)) => {
            StoreError::Unavailable(format!("SQLSTATE {code}"))
        }
        code if code.starts_with("42") => statement(format!("{} (SQLSTATE {code})", pg.message())),
        code => statement(format!("refused with SQLSTATE {code}, {names}")),
    }
}

/// The connections, and what colliding writers need.
pub(crate) struct Database {
    pool: Pool,
    alone: Mutex<()>,
    world: World,
}

impl Database {
    pub(crate) async fn connect(url: &str, world: World) -> Result<Self, StoreError> {
        let refuse = |reason: String| StoreError::Open {
            reason,
            next: "check store.url, that PostgreSQL runs, and that the database exists and is yours".into(),
        };
        let options = connect_options(url)?;
        let pool = Pool::connect(options).await.map_err(|e| refuse(connect_error(&e)))?;
        let mut first = pool.acquire().await?;
        let encoding: (String,) = sqlx::query_as("select current_setting('server_encoding')")
            .fetch_one(first.get()?)
            .await
            .map_err(|e| refuse(connect_error(&e)))?;
        first.give_back();
        if encoding.0 != "UTF8" {
            return Err(StoreError::Open {
                reason: format!("the database's encoding is {}", encoding.0),
                next: "create it with: createdb --encoding=UTF8 --locale=C.UTF-8 --template=template0 NAME"
                    .into(),
            });
        }
        Ok(Self { pool, alone: Mutex::new(()), world })
    }

    async fn begin(&self, statement: &'static str) -> Result<Tx, StoreError> {
        // After a restart of the server every idle connection is dead. Nothing has begun yet, so another is taken,
        // until they are used up and a new one is made.
        let mut dead = 0;
        loop {
            let mut session = PgSession { connection: self.pool.acquire().await? };
            match session.control(statement).await {
                Ok(()) => return Ok(Tx::new(Engine::Postgres(Box::new(session)), self.world.clone())),
                Err(StoreError::Unavailable(_)) if dead < CONNECTIONS => dead += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// A transaction for migrations: after waiting for another node's, it must see what that one did.
    pub(crate) async fn begin_migration(&self) -> Result<Tx, StoreError> {
        self.begin("BEGIN ISOLATION LEVEL READ COMMITTED").await
    }

    /// One statement, in a transaction of its own that the server ends with it.
    pub(crate) async fn look_up(&self, sql: Sql, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        crate::tx::check(params)?;
        let mut dead = 0;
        loop {
            let mut connection = self.pool.acquire().await?;
            match run(connection.get()?, Text::Static(sql.text()), params, Want::Rows).await {
                Ok(answer) => {
                    connection.give_back();
                    return Ok(answer.rows);
                }
                // As in `begin`: it changes nothing, so it may be asked again on another connection.
                Err(StoreError::Unavailable(_)) if dead < CONNECTIONS => dead += 1,
                Err(error) => return Err(error),
            }
        }
    }

    pub(crate) async fn read<T, E, F>(&self, mut closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let mut tx = self.begin(BEGIN_READ).await?;
        let ran = AssertUnwindSafe(async { closure(&mut tx).await }).catch_unwind().await;
        let failure = tx.end_closure();
        roll_back(tx).await;
        settle(ran, failure)
    }

    pub(crate) async fn write<T, E, F>(&self, mut closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let mut alone = None;
        for attempt in 1..=WRITE_ATTEMPTS {
            if attempt >= ALONE_FROM && alone.is_none() {
                alone = Some(self.alone.lock().await);
            }
            let mut tx = self.begin(BEGIN_WRITE).await?;
            let ran = AssertUnwindSafe(async { closure(&mut tx).await }).catch_unwind().await;
            let failure = tx.end_closure();
            // Whatever the closure made of a collision, it must run again.
            if matches!(failure, Some(StoreError::Contended(_))) {
                roll_back(tx).await;
            } else {
                let result = settle(ran, failure);
                if result.is_err() {
                    roll_back(tx).await;
                    return result;
                }
                match commit(tx).await {
                    Ok(()) => return result,
                    Err(StoreError::Contended(_)) => {}
                    Err(other) => return Err(other.into()),
                }
            }
            self.pause(attempt).await;
        }
        Err(StoreError::Contended(WRITE_ATTEMPTS).into())
    }

    /// Waits a random while that grows with the attempts, so that two that collided do not collide again.
    async fn pause(&self, attempt: u32) {
        let most = (500_u64 << attempt.min(8)).min(PAUSE_LIMIT_MICROS);
        tokio::time::sleep(Duration::from_micros(self.world.below(most))).await;
    }

    /// Clears a table's dead rows.
    pub(crate) async fn vacuum(&self, table: &'static str) -> Result<(), StoreError> {
        let text = format!("vacuum {table}");
        let mut connection = self.pool.acquire().await?;
        let done = sqlx::raw_sql(AssertSqlSafe(text.clone())).execute(connection.get()?).await;
        done.map_err(|e| error(&text, e))?;
        connection.give_back();
        Ok(())
    }

    pub(crate) async fn close(&self) {
        self.pool.close();
    }
}

fn session(tx: Tx) -> Result<PgSession, StoreError> {
    match tx.engine {
        Engine::Postgres(session) => Ok(*session),
        Engine::Sqlite(_) => Err(StoreError::Unavailable("a transaction of the wrong engine".into())),
    }
}

/// Commits; an error here means that nothing was committed, except [`StoreError::Uncertain`].
pub(crate) async fn commit(tx: Tx) -> Result<(), StoreError> {
    let mut session = session(tx)?;
    match session.control("COMMIT").await {
        // A collision ends the transaction as cleanly as success does.
        Ok(()) => session.connection.give_back(),
        Err(StoreError::Contended(attempts)) => {
            session.connection.give_back();
            return Err(StoreError::Contended(attempts));
        }
        Err(StoreError::Unavailable(_) | StoreError::Busy(_)) => return Err(StoreError::Uncertain),
        Err(other) => return Err(other),
    }
    Ok(())
}

async fn roll_back(tx: Tx) {
    let Ok(mut session) = session(tx) else { return };
    match session.control("ROLLBACK").await {
        Ok(()) => session.connection.give_back(),
        // The connection is broken and is thrown away; the server rolls back on its own.
        Err(error) => tracing::debug!(%error, "rolling back"),
    }
}

/// How one connects: the URL, and what every session must hold to.
pub(crate) fn connect_options(url: &str) -> Result<PgConnectOptions, StoreError> {
    let options = PgConnectOptions::from_str(url).map_err(|_| StoreError::Open {
        // The driver's message may repeat the password.
        reason: "the PostgreSQL URL cannot be read".into(),
        next: "write postgres://USER:PASSWORD@HOST/DATABASE, or postgres:///DATABASE?host=/run/postgresql"
            .into(),
    })?;
    // Over a network the server must prove who it is, unless the operator decides otherwise.
    let options = if is_remote(&options) && !url.contains("sslmode=") {
        options.ssl_mode(PgSslMode::VerifyFull)
    } else {
        options
    };
    // Acknowledge after durable commit; and a program that hangs must not hold its locks for ever.
    Ok(options
        .application_name("daftar")
        .statement_cache_capacity(1024)
        .disable_statement_logging()
        .options([("synchronous_commit", "on"), ("idle_in_transaction_session_timeout", "60s")]))
}

fn is_remote(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let here = host.starts_with('/') || matches!(host, "localhost" | "127.0.0.1" | "::1" | "[::1]");
    options.get_socket().is_none() && !here
}

pub(crate) fn connect_error(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) => format!("PostgreSQL says: {}", database.message()),
        other => error_kind(other),
    }
}

fn error_kind(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(e) => e.to_string(),
        sqlx::Error::PoolTimedOut => "no connection in time".into(),
        sqlx::Error::Tls(_) => {
            "the server does not prove who it is (TLS): name its authority with ?sslrootcert=/path/ca.pem"
                .into()
        }
        _ => "the connection failed".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_server_must_prove_who_it_is_unless_the_operator_says_otherwise() {
        let mode = |url| format!("{:?}", connect_options(url).unwrap().get_ssl_mode());
        assert_eq!(mode("postgres://u:p@db.example/d"), "VerifyFull");
        assert_eq!(mode("postgres://u:p@db.example/d?sslmode=require"), "Require");
        for here in
            ["postgres://u@localhost/d", "postgres://u@127.0.0.1:5433/d", "postgres:///d?host=/run/pg"]
        {
            assert_eq!(mode(here), "Prefer", "{here}");
        }
    }

    /// One statement of a transaction of its own.
    async fn run_alone(database: &Database, text: &'static str) -> Result<i64, StoreError> {
        database
            .write(move |tx| {
                Box::pin(async move {
                    let rows = tx.run(Text::Static(text), &[], Want::Rows).await?.rows;
                    rows.first().map_or(Ok(0), |row| row.get(0))
                })
            })
            .await
    }

    #[tokio::test]
    async fn connections_that_the_server_ended_are_replaced_unnoticed() {
        let place = daftar_testing::Place::on(daftar_testing::Engine::Postgres).await;
        let database = Database::connect(&place.config().url, World::system()).await.unwrap();
        // Eight in hands at once are eight that wait afterwards.
        let mut held = Vec::new();
        for _ in 0..8 {
            held.push(database.pool.acquire().await.unwrap());
        }
        held.into_iter().for_each(Connection::give_back);
        for ended_before in [7, 0] {
            // The timeout, in milliseconds, has it wait until they are gone.
            let ended = run_alone(
                &database,
                "select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity where \
                 datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'",
            );
            // How many the first round made anew depends on who came first.
            assert!(ended.await.unwrap() >= ended_before);
            let found = (0..8).map(|_| database.look_up(crate::sql!("select cast(7 as bigint)"), &[]));
            for rows in futures_util::future::join_all(found).await {
                assert_eq!(rows.unwrap().first().map(|row| row.get(0)), Some(Ok(7_i64)));
            }
        }
        database.close().await;
        assert!(matches!(run_alone(&database, "select 1::bigint").await, Err(StoreError::Unavailable(_))));
    }

    #[test]
    fn a_password_is_never_repeated() {
        let error = connect_options("postgres://u:secret@h:not-a-port/d").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}

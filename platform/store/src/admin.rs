//! Making and dropping whole databases on a PostgreSQL server: for tests, the demo and restores.

use crate::StoreError;
use crate::postgres::{connect_error, connect_options};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

/// Makes an empty database on the server of `admin_url` (a role that may create databases) and answers its URL.
///
/// # Errors
/// When the server cannot be reached or refuses, or the name is not plain (`a-z`, `0-9`, `_`, at most 63 bytes).
pub async fn create_database(admin_url: &str, name: &str) -> Result<String, StoreError> {
    let url = with_database(admin_url, plain(name)?)?;
    run(
        admin_url,
        format!("create database {name} encoding 'UTF8' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8' template template0"),
    )
    .await?;
    Ok(url)
}

/// Drops a database and whatever connections it still has; it need not exist.
///
/// # Errors
/// As [`create_database`].
pub async fn drop_database(admin_url: &str, name: &str) -> Result<(), StoreError> {
    run(admin_url, format!("drop database if exists {} with (force)", plain(name)?)).await
}

fn plain(name: &str) -> Result<&str, StoreError> {
    let fits = (1..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if fits { Ok(name) } else { Err(StoreError::malformed("database name", "use a-z, 0-9 and _")) }
}

/// The same URL with another database in its path.
fn with_database(url: &str, name: &str) -> Result<String, StoreError> {
    let no_url = || StoreError::malformed("PostgreSQL URL", "expected postgres://USER@HOST/DATABASE");
    let (scheme, rest) = url.split_once("://").ok_or_else(no_url)?;
    let (before_query, query) = rest.split_once('?').map_or((rest, None), |(a, b)| (a, Some(b)));
    let authority = before_query.split('/').next().unwrap_or_default();
    Ok(query.map_or_else(
        || format!("{scheme}://{authority}/{name}"),
        |query| format!("{scheme}://{authority}/{name}?{query}"),
    ))
}

async fn run(admin_url: &str, statement: String) -> Result<(), StoreError> {
    let refuse = |e: &sqlx::Error| StoreError::Open {
        reason: connect_error(e),
        next: "check that the server runs and that the role may create databases".into(),
    };
    let mut connection = connect_options(admin_url)?.connect().await.map_err(|e| refuse(&e))?;
    let done = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await;
    // The statement is done either way; a failing goodbye changes nothing.
    let _ = connection.close().await;
    done.map(|_| ()).map_err(|e| refuse(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_of_the_same_server() {
        let of = |url| with_database(url, "b").unwrap();
        assert_eq!(of("postgres://u:p@h:1/a?sslmode=disable"), "postgres://u:p@h:1/b?sslmode=disable");
        assert_eq!(of("postgres:///a?host=/run/pg"), "postgres:///b?host=/run/pg");
        assert_eq!(of("postgres://u@h"), "postgres://u@h/b");
        assert!(with_database("a", "b").is_err());
    }

    #[test]
    fn names_are_plain() {
        assert!(plain("daftar_1").is_ok());
        for bad in ["", "a b", "a;drop", "A", "a\"", &"x".repeat(64)] {
            assert!(plain(bad).is_err(), "{bad}");
        }
    }
}

//! The dishonest operator: writes into the database past the program, as somebody with root could, and the audit names it.
//! Every deed can be undone, because the demo keeps what stood there.

use daftar_http::with_tx;
use daftar_kernel::{Id, Problem};
use daftar_store::{Row, Store, Tx, Value, params, sql};
use std::sync::{Mutex, PoisonError};

/// What the operator can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// Removes the newest look at the citizen.
    DropNewest,
    /// Removes the first look at the citizen.
    DropFirst,
    /// Rewrites the newest act of the public record.
    RewriteAct,
}

impl Deed {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::DropNewest, Self::DropFirst, Self::RewriteAct];
    /// The word in addresses and message keys.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::DropNewest => "drop-newest",
            Self::DropFirst => "drop-first",
            Self::RewriteAct => "rewrite-act",
        }
    }
    /// The deed of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.word() == word)
    }
}

/// What stood there before.
#[derive(Clone)]
enum Before {
    Look(Vec<Value>),
    Act(Id, Vec<u8>),
}

/// The operator's memory: how to undo.
#[derive(Default)]
pub struct Operator(Mutex<Vec<Before>>);

impl Operator {
    /// How many deeds are not undone.
    #[must_use]
    pub fn deeds(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Does a deed against the person whom the record knows by this token; false when there is nothing to do it to.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn commit(&self, store: &Store, subject: Id, deed: Deed) -> Result<bool, Problem> {
        let done = with_tx!(store.write, tx, [] {
            match deed {
                Deed::DropNewest => drop_look(tx, subject, true).await,
                Deed::DropFirst => drop_look(tx, subject, false).await,
                Deed::RewriteAct => rewrite_act(tx).await,
            }
        })?;
        let found = done.is_some();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(done);
        Ok(found)
    }

    /// Puts everything back as it stood.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn undo(&self, store: &Store) -> Result<(), Problem> {
        let before = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for deed in before.into_iter().rev() {
            with_tx!(store.write, tx, [deed] {
                match deed {
                    Before::Look(row) => put_look(tx, &row).await,
                    Before::Act(id, body) => set_body(tx, id, &body).await,
                }
            })?;
        }
        Ok(())
    }
}

async fn drop_look(tx: &mut Tx, subject: Id, newest: bool) -> Result<Option<Before>, Problem> {
    let select = if newest {
        sql!(
            "select id, subject, seq, at, reader, agency, purpose, sealed_until, sealed, commitment, head, batch \
             from record_look where subject = $1 order by seq desc limit 1"
        )
    } else {
        sql!(
            "select id, subject, seq, at, reader, agency, purpose, sealed_until, sealed, commitment, head, batch \
             from record_look where subject = $1 order by seq limit 1"
        )
    };
    let Some(row) = tx.query_opt(select, &params![subject]).await? else { return Ok(None) };
    let kept = columns(&row)?;
    let id: Id = row.get(0)?;
    tx.execute(sql!("delete from record_look where id = $1"), &params![id]).await?;
    Ok(Some(Before::Look(kept)))
}

/// A look's columns in the order of the table.
fn columns(row: &Row) -> Result<Vec<Value>, Problem> {
    Ok(vec![
        row.get::<Id>(0)?.into(),
        row.get::<Id>(1)?.into(),
        row.get::<i64>(2)?.into(),
        row.get::<i64>(3)?.into(),
        row.get::<Option<Vec<u8>>>(4)?.into(),
        row.get::<String>(5)?.into(),
        row.get::<String>(6)?.into(),
        row.get::<Option<i64>>(7)?.into(),
        row.get::<Vec<u8>>(8)?.into(),
        row.get::<Vec<u8>>(9)?.into(),
        row.get::<Vec<u8>>(10)?.into(),
        row.get::<Option<i64>>(11)?.into(),
    ])
}

async fn put_look(tx: &mut Tx, row: &[Value]) -> Result<(), Problem> {
    let insert = sql!(
        "insert into record_look (id, subject, seq, at, reader, agency, purpose, sealed_until, sealed, commitment, head, \
         batch) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (id) do nothing"
    );
    tx.execute(insert, row).await?;
    Ok(())
}

async fn rewrite_act(tx: &mut Tx) -> Result<Option<Before>, Problem> {
    let select = sql!(
        "select id, body from record_entry where log = 'acts' and idx is not null order by idx desc limit 1"
    );
    let Some(row) = tx.query_opt(select, &[]).await? else { return Ok(None) };
    let (id, body): (Id, Vec<u8>) = (row.get(0)?, row.get(1)?);
    let mut forged = body.clone();
    // One letter of the act's kind is enough: every byte is under the signed root.
    if let Some(letter) = forged.iter_mut().rev().find(|byte| byte.is_ascii_lowercase()) {
        *letter = if *letter == b'x' { b'y' } else { b'x' };
    }
    set_body(tx, id, &forged).await?;
    Ok(Some(Before::Act(id, body)))
}

async fn set_body(tx: &mut Tx, id: Id, body: &[u8]) -> Result<(), Problem> {
    tx.execute(sql!("update record_entry set body = $2 where id = $1"), &params![id, body]).await?;
    Ok(())
}

//! What the demo does to the record's tables behind the record's back: the only place of the program that does, and only here
//! because the dishonest operator must be shown.

use super::operator::Deed;
use daftar_kernel::{Id, Problem, hex};
use daftar_store::{Row, Tx, Value, params, sql};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What stood there before a deed.
#[derive(Clone, Serialize, Deserialize)]
pub enum Before {
    /// A look.
    Look(Look),
    /// An act.
    Act(Act),
}

/// A row of `record_look`, bytes in hexadecimal.
#[derive(Clone, Serialize, Deserialize)]
pub struct Look {
    id: Id,
    subject: Id,
    seq: i64,
    at: i64,
    reader: Option<Id>,
    agency: String,
    purpose: String,
    sealed_until: Option<i64>,
    sealed: String,
    commitment: String,
    head: String,
    batch: Option<i64>,
}

/// A row of `record_entry`, bytes in hexadecimal.
#[derive(Clone, Serialize, Deserialize)]
pub struct Act {
    id: Id,
    log: String,
    body: String,
    at: i64,
    idx: Option<i64>,
}

/// The row a deed is about.
///
/// # Errors
/// When the store fails.
pub async fn find(tx: &mut Tx, subject: Id, deed: Deed) -> Result<Option<Before>, Problem> {
    let looks = params![subject];
    let row = match deed {
        Deed::DropNewest | Deed::BlameOther => tx.query_opt(
            sql!(
                "select id, subject, seq, at, reader, agency, purpose, sealed_until, sealed, commitment, head, batch \
                 from record_look where subject = $1 and batch is not null order by seq desc limit 1"
            ),
            &looks,
        ),
        Deed::DropMiddle => tx.query_opt(
            sql!(
                "select id, subject, seq, at, reader, agency, purpose, sealed_until, sealed, commitment, head, batch \
                 from record_look where subject = $1 and batch is not null \
                 and seq > (select min(seq) from record_look where subject = $1) \
                 and seq < (select max(seq) from record_look where subject = $1) order by seq limit 1"
            ),
            &looks,
        ),
        Deed::RewriteAct => {
            let newest = sql!(
                "select id, log, body, at, idx from record_entry where log = 'acts' and idx is not null \
                 order by idx desc limit 1"
            );
            return tx.query_opt(newest, &[]).await?.as_ref().map(kept_act).transpose();
        }
        Deed::DropAct => {
            let earlier = sql!(
                "select id, log, body, at, idx from record_entry where log = 'acts' and idx is not null \
                 order by idx desc limit 1 offset 1"
            );
            return tx.query_opt(earlier, &[]).await?.as_ref().map(kept_act).transpose();
        }
    };
    row.await?.as_ref().map(kept_look).transpose()
}

/// Does a deed to a row.
///
/// # Errors
/// When the store fails.
pub async fn act(tx: &mut Tx, deed: Deed, before: &Before) -> Result<(), Problem> {
    match (deed, before) {
        (Deed::BlameOther, Before::Look(look)) => {
            let other = if look.agency == "health" { "police" } else { "health" };
            let blame = sql!("update record_look set agency = $2 where id = $1");
            tx.execute(blame, &params![look.id, other]).await?;
        }
        (_, Before::Look(look)) => {
            tx.execute(sql!("delete from record_look where id = $1"), &params![look.id]).await?;
        }
        (Deed::RewriteAct, Before::Act(act)) => {
            let mut forged = bytes(&act.body)?;
            // One letter is enough: every byte is under the signed root.
            if let Some(letter) = forged.iter_mut().rev().find(|byte| byte.is_ascii_lowercase()) {
                *letter = if *letter == b'x' { b'y' } else { b'x' };
            }
            let forge = sql!("update record_entry set body = $2 where id = $1");
            tx.execute(forge, &params![act.id, forged]).await?;
        }
        (_, Before::Act(act)) => {
            tx.execute(sql!("delete from record_entry where id = $1"), &params![act.id]).await?;
        }
    }
    Ok(())
}

/// Puts a row back as it stood.
///
/// # Errors
/// When the store fails, or what was kept does not read.
pub async fn put_back(tx: &mut Tx, before: &Before) -> Result<(), Problem> {
    match before {
        Before::Look(look) => {
            tx.execute(sql!("delete from record_look where id = $1"), &params![look.id]).await?;
            let insert = sql!(
                "insert into record_look (id, subject, seq, at, reader, agency, purpose, sealed_until, sealed, commitment, \
                 head, batch) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
            );
            let row: Vec<Value> = params![
                look.id,
                look.subject,
                look.seq,
                look.at,
                look.reader,
                &look.agency,
                &look.purpose,
                look.sealed_until,
                bytes(&look.sealed)?,
                bytes(&look.commitment)?,
                bytes(&look.head)?,
                look.batch
            ]
            .into();
            tx.execute(insert, &row).await?;
        }
        Before::Act(act) => {
            tx.execute(sql!("delete from record_entry where id = $1"), &params![act.id]).await?;
            let insert =
                sql!("insert into record_entry (id, log, body, at, idx) values ($1, $2, $3, $4, $5)");
            tx.execute(insert, &params![act.id, &act.log, bytes(&act.body)?, act.at, act.idx]).await?;
        }
    }
    Ok(())
}

fn bytes(text: &str) -> Result<Vec<u8>, Problem> {
    hex::decode(text).ok_or_else(|| Problem::internal("undo.json holds what is no hexadecimal"))
}

fn kept_look(row: &Row) -> Result<Before, Problem> {
    Ok(Before::Look(Look {
        id: row.get(0)?,
        subject: row.get(1)?,
        seq: row.get(2)?,
        at: row.get(3)?,
        reader: row.get(4)?,
        agency: row.get(5)?,
        purpose: row.get(6)?,
        sealed_until: row.get(7)?,
        sealed: hex::encode(&row.get::<Vec<u8>>(8)?),
        commitment: hex::encode(&row.get::<Vec<u8>>(9)?),
        head: hex::encode(&row.get::<Vec<u8>>(10)?),
        batch: row.get(11)?,
    }))
}

fn kept_act(row: &Row) -> Result<Before, Problem> {
    Ok(Before::Act(Act {
        id: row.get(0)?,
        log: row.get(1)?,
        body: hex::encode(&row.get::<Vec<u8>>(2)?),
        at: row.get(3)?,
        idx: row.get(4)?,
    }))
}

/// The kinds of the newest acts since this identifier.
///
/// # Errors
/// When the store fails.
pub async fn kinds_since(tx: &mut Tx, ready: Id) -> Result<BTreeSet<String>, Problem> {
    let newest =
        sql!("select body from record_entry where log = 'acts' and id > $1 order by id desc limit 500");
    let mut kinds = BTreeSet::new();
    for row in &tx.query(newest, &params![ready]).await? {
        let act: serde_json::Value = serde_json::from_slice(row.get(0)?).unwrap_or_default();
        kinds.extend(act["kind"].as_str().map(str::to_string));
    }
    Ok(kinds)
}

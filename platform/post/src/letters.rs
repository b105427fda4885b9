//! The queue of letters: sealed until they are posted.

use crate::post::Told;
use crate::{FIELD, SERVICE};
use daftar_kernel::problem::Kind;
use daftar_kernel::{Actor, Id, Official, Problem, Timestamp};
use daftar_office::Office;
use daftar_office::permit::Permit;
use daftar_ports::notify::Message;
use daftar_record::Act;
use daftar_store::jobs::Running;
use daftar_store::{Row, Store, StoreError, Tx, params, sql};
use serde_json::json;
use std::sync::Arc;

/// Retention class under which letters are sealed.
pub const CLASS: &str = "contact";
/// Letters of one page, and of one file to print: as many looks as one act of looking may be.
pub const PAGE: usize = 50;
const _: () = assert!(PAGE <= daftar_record::look::MAX_LOOKS_AT_ONCE);

/// A letter that is to be printed or posted; its words stay sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its identifier.
    pub id: Id,
    /// The post room's token of the person.
    pub person: Id,
    /// In whose name it is written.
    pub office: String,
    /// What it tells.
    pub notice: String,
    /// When it was written.
    pub made: Timestamp,
    /// When it was last printed.
    pub printed: Option<Timestamp>,
}

fn read(row: &Row) -> Result<Letter, StoreError> {
    Ok(Letter {
        id: row.get(0)?,
        person: row.get(1)?,
        office: row.get(2)?,
        notice: row.get(3)?,
        made: row.get(4)?,
        printed: row.get(5)?,
    })
}

fn context(id: Id) -> Vec<u8> {
    [b"post_letter.sealed/".as_slice(), id.as_bytes()].concat()
}

/// Queues a letter and ends its job in one transaction. Somebody who was erased meanwhile gets none.
///
/// # Errors
/// The store's.
pub async fn put(
    store: &Store,
    job: &Running,
    person: Id,
    agency: &str,
    told: &Told,
    message: &Message,
) -> Result<(), StoreError> {
    let plain = serde_json::to_vec(message)
        .map_err(|e| StoreError::Malformed { what: "a letter".into(), reason: e.to_string() })?;
    let (job, plain, vault) = (job.clone(), Arc::new(plain), store.clone());
    let (agency, office, notice, at) = (agency.to_string(), told.office.clone(), told.notice.id, told.at);
    store
        .write(move |tx| {
            let (job, plain, store) = (job.clone(), Arc::clone(&plain), vault.clone());
            let (agency, office) = (agency.clone(), office.clone());
            Box::pin(async move {
                // The claim has passed to another worker: the letter is theirs to queue.
                if !job.finish(tx).await? {
                    return Ok(());
                }
                let sealed = match store.vault().seal(tx, person, CLASS, &context(job.id), &plain).await {
                    Err(StoreError::Erased) => return Ok(()),
                    sealed => sealed?,
                };
                let insert = sql!(
                    "insert into post_letter (id, person, agency, office, notice, sealed, made, printed, posted, \
                     posted_by) values ($1, $2, $3, $4, $5, $6, $7, null, null, null) on conflict (id) do nothing"
                );
                tx.execute(insert, &params![job.id, person, agency, office, notice, sealed, at]).await?;
                Ok(())
            })
        })
        .await
}

/// Letters of an agency that are not posted yet, oldest first, at most [`PAGE`], and how many there are in all.
///
/// # Errors
/// The store's.
pub async fn waiting(tx: &mut Tx, agency: &str) -> Result<(Vec<Letter>, i64), StoreError> {
    let select = sql!(
        "select id, person, office, notice, made, printed from post_letter \
         where agency = $1 and posted is null order by made, id limit $2"
    );
    let page = i64::try_from(PAGE).unwrap_or(i64::MAX);
    let list = tx.query(select, &params![agency, page]).await?.iter().map(read).collect::<Result<_, _>>()?;
    let count = sql!("select count(*) from post_letter where agency = $1 and posted is null");
    Ok((list, tx.query_one(count, &params![agency]).await?.get(0)?))
}

/// A letter of an agency that is not posted yet.
///
/// # Errors
/// The store's.
pub async fn find(tx: &mut Tx, agency: &str, id: Id) -> Result<Option<Letter>, StoreError> {
    let select = sql!(
        "select id, person, office, notice, made, printed from post_letter \
         where id = $1 and agency = $2 and posted is null"
    );
    tx.query_opt(select, &params![id, agency]).await?.as_ref().map(read).transpose()
}

/// Opens a letter to be printed: a look at the person, whom the record knows by `subject`. None when the person was erased;
/// the letter then leaves the queue.
///
/// # Errors
/// The office's about looks; the store's.
pub async fn open(
    tx: &mut Tx,
    office: &Office,
    permit: &Permit,
    letter: &Letter,
    subject: Option<Id>,
) -> Result<Option<Message>, Problem> {
    let select = sql!("select sealed from post_letter where id = $1 and posted is null");
    let row = tx.query_opt(select, &params![letter.id]).await?;
    let (Some(row), Some(subject)) = (row, subject) else { return forget(tx, letter.id).await };
    let sealed: Option<Vec<u8>> = row.get(0)?;
    let Some(sealed) = sealed else { return Ok(None) };
    let vault = office.store().vault();
    let plain = match vault.open(tx, letter.person, CLASS, &context(letter.id), &sealed).await {
        Err(StoreError::Erased) => return forget(tx, letter.id).await,
        plain => plain?,
    };
    let message: Message = serde_json::from_slice(&plain).map_err(Problem::internal)?;
    office.look(tx, permit, subject, SERVICE, &[FIELD]).await?;
    let now = office.store().world().now();
    tx.execute(sql!("update post_letter set printed = $2 where id = $1"), &params![letter.id, now]).await?;
    Ok(Some(message))
}

async fn forget(tx: &mut Tx, id: Id) -> Result<Option<Message>, Problem> {
    tx.execute(sql!("delete from post_letter where id = $1 and posted is null"), &params![id]).await?;
    Ok(None)
}

/// Marks a printed letter as posted: its words go, and the person gets a receipt that it was sent. An act of the record.
///
/// # Errors
/// `post-not-printed` when it was not printed, is another agency's, or is posted already; the store's.
pub async fn post(
    tx: &mut Tx,
    office: &Office,
    by: &Official,
    letter: &Letter,
    subject: Option<Id>,
) -> Result<(), Problem> {
    let now = office.store().world().now();
    let update = sql!(
        "update post_letter set posted = $3, posted_by = $4, sealed = null \
         where id = $1 and agency = $2 and printed is not null and posted is null"
    );
    if tx.execute(update, &params![letter.id, &by.agency, now, by.id]).await? != 1 {
        return Err(Problem::new(Kind::Conflict, "post-not-printed"));
    }
    let act = Act {
        kind: "post.letter-posted",
        service: SERVICE,
        agency: by.agency.clone(),
        office: by.office.clone(),
        subject,
        public: json!({"notice": letter.notice}),
        private: Some(json!({"letter": letter.id, "written": letter.made.to_rfc3339()})),
    };
    office.record().act(tx, &Actor::Official(by.clone()), &act).await?;
    Ok(())
}

//! Forms half filled in: sealed under a key of their own, seen by their owner only, gone after 30 days.

use crate::office::{CLASS, Office};
use crate::{Principal, problems};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{Row, Tx, params, sql};

/// How long a draft lies after its last change: 30 days.
pub const DRAFT_SECONDS: i64 = 30 * 86_400;
/// Largest draft, in bytes.
pub const DRAFT_MAX_BYTES: usize = 256 * 1024;
/// Longest id of a form, in bytes.
pub const FORM_MAX_BYTES: usize = 100;
/// Drafts of one owner.
pub const DRAFTS_MAX: i64 = 20;

/// A draft.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its identifier.
    pub id: Id,
    /// The form's id, as its owner saved it.
    pub form: String,
    /// The answers, as the form wrote them.
    pub body: Vec<u8>,
    /// The last change.
    pub updated: Timestamp,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Draft").field("id", &self.id).field("form", &self.form).finish_non_exhaustive()
    }
}

/// A draft without its answers, for a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    /// Its identifier.
    pub id: Id,
    /// The form's id.
    pub form: String,
    /// The last change.
    pub updated: Timestamp,
}

fn context(id: Id) -> Vec<u8> {
    [b"office_draft.body/".as_slice(), id.as_bytes()].concat()
}

impl Office {
    /// Saves a draft: a new one, or the one of this id again. Gives its id.
    ///
    /// # Errors
    /// `office-draft-large`, `office-drafts-many`; 404 for an id that is not the owner's, or has expired, and for what is no form's id.
    pub async fn save_draft(
        &self,
        tx: &mut Tx,
        owner: Principal,
        id: Option<Id>,
        form: &str,
        body: &[u8],
    ) -> Result<Id, Problem> {
        if body.len() > DRAFT_MAX_BYTES {
            return Err(problems::draft_large());
        }
        // The id may come from an address: what is too long is no form of ours.
        if form.len() > FORM_MAX_BYTES {
            return Err(Problem::not_found());
        }
        let now = self.now();
        let (id, known) = match id {
            Some(id) => (id, true),
            None => (self.world().id(), false),
        };
        if !known {
            let count = sql!("select count(*) from office_draft where owner = $1 and expires > $2");
            if tx.query_one(count, &params![owner.id(), now]).await?.get::<i64>(0)? >= DRAFTS_MAX {
                return Err(problems::drafts_many());
            }
        } else if self.find_draft(tx, owner, id).await?.is_none() {
            return Err(Problem::not_found());
        }
        let sealed = self.store().vault().seal(tx, id, CLASS, &context(id), body).await?;
        tx.execute(
            sql!(
                "insert into office_draft (id, owner, form, body, updated, expires) values ($1, $2, $3, $4, $5, $6) \
                 on conflict (id) do update set form = excluded.form, body = excluded.body, \
                 updated = excluded.updated, expires = excluded.expires"
            ),
            &params![id, owner.id(), form, sealed, now, now.plus_seconds(DRAFT_SECONDS)],
        )
        .await?;
        Ok(id)
    }

    async fn find_draft(&self, tx: &mut Tx, owner: Principal, id: Id) -> Result<Option<Row>, Problem> {
        let find = sql!(
            "select form, body, updated from office_draft where id = $1 and owner = $2 and expires > $3"
        );
        Ok(tx.query_opt(find, &params![id, owner.id(), self.now()]).await?)
    }

    /// A draft of this owner.
    ///
    /// # Errors
    /// 404 for any other.
    pub async fn draft(&self, tx: &mut Tx, owner: Principal, id: Id) -> Result<Draft, Problem> {
        let row = self.find_draft(tx, owner, id).await?.ok_or_else(Problem::not_found)?;
        let body = self.store().vault().open(tx, id, CLASS, &context(id), row.get(1)?).await?;
        Ok(Draft { id, form: row.get(0)?, body, updated: row.get(2)? })
    }

    /// The drafts of an owner, the last changed first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drafts(&self, tx: &mut Tx, owner: Principal) -> Result<Vec<DraftRow>, Problem> {
        let rows = tx
            .query(
                sql!(
                    "select id, form, updated from office_draft where owner = $1 and expires > $2 \
                     order by updated desc, id desc limit $3"
                ),
                &params![owner.id(), self.now(), DRAFTS_MAX],
            )
            .await?;
        let read = |row: &Row| Ok(DraftRow { id: row.get(0)?, form: row.get(1)?, updated: row.get(2)? });
        rows.iter().map(read).collect()
    }

    /// Deletes a draft and erases its key, so that no backup opens it later. One that is gone is no failure.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete_draft(&self, tx: &mut Tx, owner: Principal, id: Id) -> Result<(), Problem> {
        let delete = sql!("delete from office_draft where id = $1 and owner = $2");
        if tx.execute(delete, &params![id, owner.id()]).await? == 1 {
            self.store().vault().erase(tx, id).await?;
        }
        Ok(())
    }

    pub(crate) async fn delete_drafts_of(&self, tx: &mut Tx, owner: Id) -> Result<(), Problem> {
        let rows = tx.query(sql!("select id from office_draft where owner = $1"), &params![owner]).await?;
        tx.execute(sql!("delete from office_draft where owner = $1"), &params![owner]).await?;
        for row in &rows {
            self.store().vault().erase(tx, row.get(0)?).await?;
        }
        Ok(())
    }

    /// Deletes up to `limit` drafts that have expired, with their keys; gives how many.
    pub(crate) async fn sweep_drafts(&self, tx: &mut Tx, limit: i64) -> Result<u64, Problem> {
        let rows = tx
            .query(
                sql!("select id from office_draft where expires <= $1 order by expires, id limit $2"),
                &params![self.now(), limit],
            )
            .await?;
        let mut swept = 0;
        for row in &rows {
            let id: Id = row.get(0)?;
            swept += tx.execute(sql!("delete from office_draft where id = $1"), &params![id]).await?;
            self.store().vault().erase(tx, id).await?;
        }
        Ok(swept)
    }
}

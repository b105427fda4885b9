//! Documents of a form at the desk that is not sent yet. Each is looked through at once and sealed under the draft's own key:
//! when the draft is sent, discarded or too old, that key is destroyed, and they with it.

use super::{Document, KeptDocument, MAX_DOCUMENTS_AT_ONCE, Media};
use crate::people::{CLASS, People};
use crate::{permission, problems};
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::Principal;
use daftar_office::draft::DRAFT_SECONDS;
use daftar_store::{BlobId, Tx, params, sql};
use serde::{Deserialize, Serialize};

/// Rows that one sweep looks at.
pub const SWEEP_BATCH: i64 = 200;

/// A document that waits with a draft.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Its identifier.
    pub id: Id,
    /// Code of its kind.
    pub kind: String,
    /// What the file is.
    pub media: Media,
    /// Its size in bytes.
    pub bytes: usize,
    sha256: String,
    blob: String,
}

/// What is sealed of one.
#[derive(Serialize, Deserialize)]
struct Sealed {
    kind: String,
    media: Media,
    bytes: usize,
    sha256: String,
}

fn context(draft: Id, id: Id) -> Vec<u8> {
    [b"identity_draft_document.sealed/".as_slice(), draft.as_bytes(), id.as_bytes()].concat()
}

impl People {
    /// Adds a document to an official's draft. The same one sent again waits once.
    ///
    /// # Errors
    /// [`problems::document`] with the fault; [`problems::documents_many`]; 403 without the permission, 404 for a draft that is
    /// not the official's; the store's. Nothing is kept then.
    pub async fn attach_to_draft(&self, actor: &Actor, draft: Id, document: Document) -> Result<(), Problem> {
        let here = self.draft_documents(actor, draft).await?;
        if here.len() >= MAX_DOCUMENTS_AT_ONCE {
            return Err(problems::documents_many());
        }
        let kept = self.keep_document(draft, document).await?;
        let owner = owner(self, actor)?;
        let (people, one) = (self.clone(), kept.clone());
        let written = self.store.write(move |tx| {
            let (people, one) = (people.clone(), one.clone());
            Box::pin(async move {
                let waiting = people.draft_documents_in(tx, owner, draft).await?;
                if waiting.iter().any(|known| (&known.kind, &known.sha256) == (&one.kind, &one.sha256)) {
                    return Ok(false);
                }
                if waiting.len() >= MAX_DOCUMENTS_AT_ONCE {
                    return Err(problems::documents_many());
                }
                let (id, now) = (people.store.world().id(), people.store.world().now());
                let KeptDocument { blob, kind, media, bytes, sha256 } = one;
                let sealed = Sealed { kind, media, bytes, sha256 };
                let plain = serde_json::to_vec(&sealed).map_err(Problem::internal)?;
                let sealed =
                    people.store.vault().seal(tx, draft, CLASS, &context(draft, id), &plain).await?;
                let insert = sql!(
                    "insert into identity_draft_document (id, draft, blob, expires, sealed) values ($1, $2, $3, $4, $5)"
                );
                let expires = now.plus_seconds(DRAFT_SECONDS);
                tx.execute(insert, &params![id, draft, blob.to_string(), expires, sealed]).await?;
                Ok(true)
            })
        });
        let written = written.await;
        if !written.as_ref().is_ok_and(|fresh| *fresh) {
            self.drop_document(&kept).await;
        }
        written.map(|_| ())
    }

    /// The documents that wait with an official's draft, oldest first.
    ///
    /// # Errors
    /// 403 without the permission, 404 for a draft that is not the official's; the store's.
    pub async fn draft_documents(&self, actor: &Actor, draft: Id) -> Result<Vec<Waiting>, Problem> {
        let (people, owner) = (self.clone(), owner(self, actor)?);
        self.store
            .read(move |tx| {
                let people = people.clone();
                Box::pin(async move { people.draft_documents_in(tx, owner, draft).await })
            })
            .await
    }

    async fn draft_documents_in(
        &self,
        tx: &mut Tx,
        owner: Principal,
        draft: Id,
    ) -> Result<Vec<Waiting>, Problem> {
        self.office.draft(tx, owner, draft).await?;
        let select = sql!(
            "select id, blob, sealed from identity_draft_document where draft = $1 order by id limit $2"
        );
        let most = i64::try_from(MAX_DOCUMENTS_AT_ONCE).unwrap_or(i64::MAX);
        let mut waiting = Vec::new();
        for row in tx.query(select, &params![draft, most]).await? {
            let id: Id = row.get(0)?;
            let context = context(draft, id);
            let plain = self.store.vault().open(tx, draft, CLASS, &context, row.get(2)?).await?;
            let Sealed { kind, media, bytes, sha256 } =
                serde_json::from_slice(&plain).map_err(Problem::internal)?;
            waiting.push(Waiting { id, kind, media, bytes, sha256, blob: row.get(1)? });
        }
        Ok(waiting)
    }

    /// The documents of a draft with their files, as a registration takes them.
    ///
    /// # Errors
    /// As [`People::draft_documents`].
    pub async fn documents_of_draft(&self, actor: &Actor, draft: Id) -> Result<Vec<Document>, Problem> {
        let mut documents = Vec::new();
        for one in self.draft_documents(actor, draft).await? {
            let bytes = self.store.blobs().get_sealed(draft, CLASS, one.blob.parse::<BlobId>()?).await?;
            documents.push(Document { kind: one.kind, bytes });
        }
        Ok(documents)
    }

    /// Takes a document away from an official's draft again. One that is gone is no failure.
    ///
    /// # Errors
    /// As [`People::draft_documents`].
    pub async fn detach_from_draft(&self, actor: &Actor, draft: Id, document: Id) -> Result<(), Problem> {
        let waiting = self.draft_documents(actor, draft).await?;
        match waiting.iter().find(|one| one.id == document) {
            Some(one) => self.forget_draft_document(one.id, &one.blob).await,
            None => Ok(()),
        }
    }

    /// Removes what is left of the documents of a draft that is gone. With its key gone they can be read no more; of a draft that
    /// is still there nothing is removed.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget_draft(&self, draft: Id) -> Result<(), Problem> {
        let people = self.clone();
        let left: Vec<(Id, String)> = self
            .store
            .read(move |tx| {
                let people = people.clone();
                Box::pin(async move {
                    if people.store.vault().erased_at(tx, draft).await?.is_none() {
                        return Ok(Vec::new());
                    }
                    let select = sql!("select id, blob from identity_draft_document where draft = $1");
                    let rows = tx.query(select, &params![draft]).await?;
                    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_, Problem>>()
                })
            })
            .await?;
        for (id, blob) in &left {
            self.forget_draft_document(*id, blob).await?;
        }
        Ok(())
    }

    async fn forget_draft_document(&self, id: Id, blob: &str) -> Result<(), Problem> {
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(sql!("delete from identity_draft_document where id = $1"), &params![id]).await
                })
            })
            .await?;
        if let Ok(blob) = blob.parse::<BlobId>()
            && let Err(error) = self.store.blobs().delete(blob).await
        {
            tracing::warn!(%error, "a document of a draft that is gone stays in the blob store");
        }
        Ok(())
    }

    /// Removes what is left of documents whose draft is gone; answers how many. Until then they lie there and cannot be read.
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep_draft_documents(&self) -> Result<usize, Problem> {
        let people = self.clone();
        let gone: Vec<(Id, String)> = self
            .store
            .write(move |tx| {
                let people = people.clone();
                Box::pin(async move {
                    let now = people.store.world().now();
                    let select = sql!(
                        "select id, draft, blob from identity_draft_document where expires <= $1 order by expires, id limit $2"
                    );
                    let mut gone = Vec::new();
                    for row in tx.query(select, &params![now, SWEEP_BATCH]).await? {
                        let (id, draft): (Id, Id) = (row.get(0)?, row.get(1)?);
                        if people.store.vault().erased_at(tx, draft).await?.is_some() {
                            gone.push((id, row.get(2)?));
                            continue;
                        }
                        // A draft lives on for as long as somebody works at it.
                        let later = now.plus_seconds(DRAFT_SECONDS);
                        let put_off = sql!("update identity_draft_document set expires = $2 where id = $1");
                        tx.execute(put_off, &params![id, later]).await?;
                    }
                    Ok::<_, Problem>(gone)
                })
            })
            .await?;
        for (id, blob) in &gone {
            self.forget_draft_document(*id, blob).await?;
        }
        Ok(gone.len())
    }
}

/// Whose draft it may be.
fn owner(people: &People, actor: &Actor) -> Result<Principal, Problem> {
    people.office.need(actor, permission::REGISTER)?;
    let official = actor.official().ok_or_else(Problem::not_found)?;
    Ok(Principal::Official(official.id))
}

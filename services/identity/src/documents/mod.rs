//! Documents that support what a record says: a birth certificate, a passport, a judgement, a witness's statement. Each is
//! looked through, sealed under the person's key before it is stored, and tied to the version it supports. Nobody needs one to
//! be registered.

pub mod draft;
pub mod sniff;

use crate::people::{CLASS, Desk, People, SERVICE};
use crate::read::DOCUMENTS;
use crate::register::{Key, Registered, needed_text};
use crate::{permission, problems, tokens, version};
use daftar_kernel::{Actor, Id, Official, Problem, Timestamp, hex};
use daftar_office::permit::Ask;
use daftar_record::Act;
use daftar_store::{BlobId, StoreError, Tx, params, sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
pub use sniff::{DOCUMENT_BYTES_MAX, DocumentFault, Media};

/// Most documents one person may have.
pub const MAX_DOCUMENTS: usize = 100;
/// Most documents of one act.
pub const MAX_DOCUMENTS_AT_ONCE: usize = 10;

/// A document as somebody hands it in.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// Code of its kind, one of the country's.
    pub kind: String,
    /// The file: JPEG, PNG or PDF, at most [`DOCUMENT_BYTES_MAX`].
    pub bytes: Vec<u8>,
}

// A document must not slip into a log through a debug print.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({}, {} bytes)", self.kind, self.bytes.len())
    }
}

/// A document that was looked through, sealed and stored, before the record that names it is written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeptDocument {
    #[serde(with = "blob_text")]
    blob: BlobId,
    kind: String,
    media: Media,
    bytes: usize,
    sha256: String,
}

impl KeptDocument {
    /// The blob of the file, for an erasure.
    pub(crate) fn blob_name(&self) -> String {
        self.blob.to_string()
    }
}

/// A blob's address as text, where a kept document waits for a decision.
mod blob_text {
    use daftar_store::BlobId;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(blob: &BlobId, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(blob)
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BlobId, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// What is sealed of a document.
#[derive(Serialize, Deserialize)]
struct Sealed {
    kind: String,
    media: Media,
    bytes: usize,
    sha256: String,
    at: Timestamp,
    receipt: Id,
    blob: String,
}

/// A document of a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// Its identifier.
    pub id: Id,
    /// The version of the record it supports.
    pub version: i64,
    /// Code of its kind.
    pub kind: String,
    /// What the file is.
    pub media: Media,
    /// Its size in bytes.
    pub bytes: usize,
    /// SHA-256 of the file as it is kept, in hexadecimal.
    pub sha256: String,
    /// When it was taken in.
    pub at: Timestamp,
    /// Receipt of the act it came with.
    pub receipt: Id,
    blob: String,
}

impl Held {
    /// As it stands in what a citizen can take along.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "document": self.id, "version": self.version, "kind": self.kind, "media_type": self.media.media_type(),
            "bytes": self.bytes, "sha256": self.sha256, "at": self.at.to_rfc3339(), "receipt": self.receipt,
        })
    }
    /// The blob of the file, for an export.
    #[must_use]
    pub fn blob(&self) -> &str {
        &self.blob
    }
}

/// A file to be handed out.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// What it is.
    pub media: Media,
    /// Code of the document's kind.
    pub kind: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

fn context(person: Id, document: Id) -> Vec<u8> {
    [b"identity_document.sealed/".as_slice(), person.as_bytes(), document.as_bytes()].concat()
}

/// What an act says of the documents it came with, for its private part.
pub(crate) fn said(kept: &[KeptDocument]) -> Value {
    kept.iter().map(|one| json!({"kind": one.kind, "sha256": one.sha256})).collect()
}

/// Which of several documents a problem is about, from 0, in the names of its fields.
fn of_many(mut problem: Problem, place: usize) -> Problem {
    for fault in &mut problem.fields {
        fault.field = format!("documents.{place}.{}", fault.field);
    }
    problem
}

impl People {
    /// Looks a document through, seals it for a person and stores it. It belongs to nothing yet: whoever calls this writes the
    /// record that names it, or drops it by [`People::drop_document`].
    ///
    /// # Errors
    /// [`problems::document`] with the fault of the field `document`; the store's. Nothing is kept then.
    pub async fn keep_document(&self, person: Id, document: Document) -> Result<KeptDocument, Problem> {
        let Document { kind, bytes } = document;
        if !self.civil().documents.contains(&kind) {
            return Err(problems::document().field("kind", "identity-fault-document-kind"));
        }
        let cleaned =
            tokio::task::spawn_blocking(move || sniff::clean(bytes)).await.map_err(Problem::internal)?;
        let (media, bytes) =
            cleaned.map_err(|fault| problems::document().detail(fault).field("document", fault.message()))?;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
        let blob = self.store.blobs().put_sealed(person, CLASS, &bytes).await?;
        Ok(KeptDocument { blob, kind, media, bytes: bytes.len(), sha256: hex::encode(digest.as_ref()) })
    }

    /// Several at once: all of them, or none.
    pub(crate) async fn keep_documents(
        &self,
        person: Id,
        documents: Vec<Document>,
    ) -> Result<Vec<KeptDocument>, Problem> {
        if documents.len() > MAX_DOCUMENTS_AT_ONCE {
            return Err(problems::documents_many());
        }
        let (mut kept, count) = (Vec::new(), documents.len());
        for document in documents {
            match self.keep_document(person, document).await {
                Ok(one) => kept.push(one),
                Err(problem) => {
                    self.drop_documents(&kept).await;
                    return Err(if count > 1 { of_many(problem, kept.len()) } else { problem });
                }
            }
        }
        Ok(kept)
    }

    /// Removes a document whose record was not written after all. When that fails too, what stays is sealed and unnamed.
    pub async fn drop_document(&self, kept: &KeptDocument) {
        if let Err(error) = self.store.blobs().delete(kept.blob).await {
            tracing::warn!(%error, "an unused document stays in the blob store");
        }
    }

    pub(crate) async fn drop_documents(&self, kept: &[KeptDocument]) {
        for one in kept {
            self.drop_document(one).await;
        }
    }

    /// A keyed hash of documents: what tells whether a request is sent again.
    pub(crate) fn documents_digest(&self, documents: &[Document]) -> Result<Vec<[u8; 32]>, StoreError> {
        let digest = |one: &Document| {
            self.store.vault().blind_index("identity/document/1", &[one.kind.as_bytes(), &one.bytes])
        };
        documents.iter().map(digest).collect()
    }

    /// Ties documents to a version of a record, in the transaction of the act with this receipt.
    pub(crate) async fn attach(
        &self,
        tx: &mut Tx,
        (person, version, receipt): (Id, i64, Id),
        kept: &[KeptDocument],
    ) -> Result<(), Problem> {
        if kept.is_empty() {
            return Ok(());
        }
        let count = tx
            .query_one(sql!("select count(*) from identity_document where person = $1"), &params![person])
            .await?
            .get::<i64>(0)?;
        if usize::try_from(count).unwrap_or(usize::MAX).saturating_add(kept.len()) > MAX_DOCUMENTS {
            return Err(problems::documents_many());
        }
        let world = self.store.world();
        for one in kept {
            let id = world.id();
            let sealed = Sealed {
                kind: one.kind.clone(),
                media: one.media,
                bytes: one.bytes,
                sha256: one.sha256.clone(),
                at: world.now(),
                receipt,
                blob: one.blob.to_string(),
            };
            let plain = serde_json::to_vec(&sealed).map_err(Problem::internal)?;
            let sealed = self.store.vault().seal(tx, person, CLASS, &context(person, id), &plain).await?;
            let insert =
                sql!("insert into identity_document (id, person, version, sealed) values ($1, $2, $3, $4)");
            tx.execute(insert, &params![id, person, version, sealed]).await?;
        }
        Ok(())
    }

    /// A person's documents, oldest first.
    pub(crate) async fn documents_in(&self, tx: &mut Tx, person: Id) -> Result<Vec<Held>, StoreError> {
        let select = sql!(
            "select id, version, sealed from identity_document where person = $1 order by version, id limit $2"
        );
        let most = i64::try_from(MAX_DOCUMENTS).unwrap_or(i64::MAX);
        let mut held = Vec::new();
        for row in tx.query(select, &params![person, most]).await? {
            let (id, version) = (row.get(0)?, row.get(1)?);
            let plain = self.store.vault().open(tx, person, CLASS, &context(person, id), row.get(2)?).await?;
            let Sealed { kind, media, bytes, sha256, at, receipt, blob } = serde_json::from_slice(&plain)
                .map_err(|e| StoreError::Malformed {
                    what: "sealed document".into(),
                    reason: e.to_string(),
                })?;
            held.push(Held { id, version, kind, media, bytes, sha256, at, receipt, blob });
        }
        Ok(held)
    }

    pub(crate) async fn open_document(&self, person: Id, held: &Held) -> Result<File, Problem> {
        let bytes = self.store.blobs().get_sealed(person, CLASS, held.blob.parse::<BlobId>()?).await?;
        Ok(File { media: held.media, kind: held.kind.clone(), bytes })
    }

    /// The file of a document that waits for a decision.
    pub(crate) async fn open_kept(&self, person: Id, kept: &KeptDocument) -> Result<File, Problem> {
        let bytes = self.store.blobs().get_sealed(person, CLASS, kept.blob).await?;
        Ok(File { media: kept.media, kind: kept.kind.clone(), bytes })
    }

    /// Adds a document to the newest version of a record: an act, with what it shows in words.
    ///
    /// # Errors
    /// [`problems::document`], [`problems::documents_many`], [`problems::evidence_text`], [`problems::unknown`]; 403 without
    /// the permission; the store's.
    pub async fn add_document(
        &self,
        actor: &Actor,
        person: Id,
        document: Document,
        (words, key): (&str, &str),
    ) -> Result<Registered, Problem> {
        self.office.need(actor, permission::CORRECT)?;
        let digest = self.documents_digest(std::slice::from_ref(&document))?;
        let key = Key::new(self, actor, "document", key, &(person, words, digest))?;
        let words = needed_text(words, problems::evidence_text)?;
        self.need_known(person).await?;
        let kept = self.keep_document(person, document).await?;
        let outcome = self.add_kept(Desk::of(actor), person, kept.clone(), (words, key)).await;
        if !outcome.as_ref().is_ok_and(|(_, fresh)| *fresh) {
            self.drop_document(&kept).await;
        }
        outcome.map(|(done, _)| done)
    }

    /// Whether there is such a person, asked before anything is sealed for them.
    pub(crate) async fn need_known(&self, person: Id) -> Result<(), Problem> {
        let store = self.store.clone();
        self.store
            .read(move |tx| {
                let store = store.clone();
                Box::pin(async move {
                    version::current(&store, tx, person).await?.map(|_| ()).ok_or_else(problems::unknown)
                })
            })
            .await
    }

    /// The answer, and whether it is new: a repeated request keeps no second document.
    async fn add_kept(
        &self,
        desk: Desk,
        person: Id,
        kept: KeptDocument,
        (words, key): (String, Key),
    ) -> Result<(Registered, bool), Problem> {
        let people = self.clone();
        self.store
            .write(move |tx| {
                let (people, desk, kept) = (people.clone(), desk.clone(), kept.clone());
                let (words, key) = (words.clone(), key.clone());
                Box::pin(async move {
                    if let Some(before) = key.begin(tx, &people).await? {
                        return Ok((before, false));
                    }
                    let found =
                        version::current_with_token(&people.store, tx, person, tokens::RECORD).await?;
                    let (current, subject) = found.ok_or_else(problems::unknown)?;
                    let kept = [kept];
                    let act = Act {
                        kind: "identity.document-added",
                        service: SERVICE,
                        agency: desk.agency.clone(),
                        office: desk.office.clone(),
                        subject: Some(subject),
                        public: json!({}),
                        private: Some(
                            json!({"version": current.version, "evidence": words, "documents": said(&kept)}),
                        ),
                    };
                    let receipt = people.record.act(tx, &desk.actor, &act).await?;
                    people.attach(tx, (person, current.version, receipt), &kept).await?;
                    let done = Registered { person, receipt, version: current.version };
                    key.finish(tx, &done).await?;
                    Ok((done, true))
                })
            })
            .await
    }

    /// Hands a person's document to an official: a look like any other.
    ///
    /// # Errors
    /// [`problems::document_unknown`]; as [`People::read`].
    pub async fn document(
        &self,
        official: &Official,
        ask: &Ask,
        person: Id,
        document: Id,
    ) -> Result<File, Problem> {
        let shown = self.read(official, ask, person, &[DOCUMENTS]).await?;
        let held = shown.documents.iter().find(|held| held.id == document);
        self.open_document(person, held.ok_or_else(problems::document_unknown)?).await
    }

    /// A citizen's own documents, oldest first.
    ///
    /// # Errors
    /// [`problems::unknown`]; the store's.
    pub async fn my_documents(&self, citizen: Id) -> Result<Vec<Held>, Problem> {
        Ok(self.own_documents(citizen).await?.into_iter().map(|(_, held)| held).collect())
    }

    /// A citizen's documents, each with the record it lies under: the one that stands, or one it absorbed.
    async fn own_documents(&self, citizen: Id) -> Result<Vec<(Id, Held)>, Problem> {
        let people = self.clone();
        self.store
            .read(move |tx| {
                let people = people.clone();
                Box::pin(async move {
                    let mut all = Vec::new();
                    for record in people.own_records(tx, citizen).await? {
                        let held = people.documents_in(tx, record).await?;
                        all.extend(held.into_iter().map(|held| (record, held)));
                    }
                    Ok(all)
                })
            })
            .await
    }

    /// One of a citizen's own documents.
    ///
    /// # Errors
    /// [`problems::document_unknown`] for what is not theirs; as [`People::my_documents`].
    pub async fn my_document(&self, citizen: Id, document: Id) -> Result<File, Problem> {
        let held = self.own_documents(citizen).await?;
        let found = held.iter().find(|(_, held)| held.id == document);
        let (record, held) = found.ok_or_else(problems::document_unknown)?;
        self.open_document(*record, held).await
    }
}

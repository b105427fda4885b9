//! Photos: decoded, turned upright, made small and freed of what cameras add, then sealed under the person's
//! key. No search by face exists, and none can be built from a sealed blob.

use crate::people::{CLASS, People};
use crate::problems;
use daftar_kernel::{Id, Official, Problem};
use daftar_office::permit::Ask;
use daftar_store::BlobId;
use pdf_writing::Photo;

/// The field of a look that showed the photo.
pub const PHOTO: &str = "photo";

/// A photo that was taken in, sealed and named, before the record that names it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept(BlobId);

impl Kept {
    pub(crate) fn name(self) -> String {
        self.0.to_string()
    }
}

impl People {
    /// Takes a photo in for a person. Decoding takes up to a second, so it is done off the threads that
    /// serve.
    pub(crate) async fn keep_photo(&self, person: Id, bytes: Vec<u8>) -> Result<Kept, Problem> {
        let decoded = tokio::task::spawn_blocking(move || pdf_writing::photo::normalise(&bytes)).await;
        let photo = decoded.map_err(Problem::internal)?.map_err(|fault| problems::photo().detail(fault))?;
        Ok(Kept(self.store.blobs().put_sealed(person, CLASS, &photo.jpeg).await?))
    }

    /// Removes a photo whose record was not written after all. When that fails too, what stays is sealed and
    /// unnamed.
    pub(crate) async fn drop_photo(&self, kept: Kept) {
        if let Err(error) = self.store.blobs().delete(kept.0).await {
            tracing::warn!(%error, "an unused photo stays in the blob store");
        }
    }

    /// The JPEG of a person's photo; `None` when there is none.
    pub(crate) async fn open_photo(&self, person: Id, name: Option<&str>) -> Result<Option<Photo>, Problem> {
        let Some(name) = name else { return Ok(None) };
        let id: BlobId = name.parse()?;
        let jpeg = self.store.blobs().get_sealed(person, CLASS, id).await?;
        // It was made by `normalise`, which gives the same picture again and its size.
        let decoded = tokio::task::spawn_blocking(move || pdf_writing::photo::normalise(&jpeg)).await;
        decoded.map_err(Problem::internal)?.map(Some).map_err(Problem::internal)
    }

    /// Shows an official a person's photo.
    ///
    /// # Errors
    /// As [`People::read`].
    pub async fn photo(&self, official: &Official, ask: &Ask, person: Id) -> Result<Option<Photo>, Problem> {
        let shown = self.read(official, ask, person, &[PHOTO]).await?;
        self.open_photo(person, shown.record.photo.as_deref()).await
    }

    /// A citizen's own photo.
    ///
    /// # Errors
    /// As [`People::my_record`].
    pub async fn my_photo(&self, citizen: Id) -> Result<Option<Photo>, Problem> {
        let mine = self.my_record(citizen).await?;
        self.open_photo(mine.person, mine.version.document.person.photo.as_deref()).await
    }
}

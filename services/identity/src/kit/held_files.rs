//! What a held packet carries beside its form, the photo and documents: each is handed to an official as a look of its own, made
//! safe first, since a kit's word for what a file is counts for nothing.

use super::held::ask;
use super::receive::document_of;
use crate::documents::{Document, File, sniff};
use crate::people::{People, SERVICE};
use crate::photos::PHOTO;
use crate::read::DOCUMENTS;
use crate::{permission, problems, tokens};
use daftar_kernel::{Actor, Id, Official, Problem};
use enrolment_packet::Body;
use pdf_writing::Photo;

use super::list::PacketRow;

/// What there is of a photo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Picture {
    /// None came.
    None,
    /// One came and can be shown.
    Here,
    /// What came is no photo that can be kept, or shown.
    Unreadable,
}

impl People {
    /// The photo of a held packet. The person it is about will see the look.
    ///
    /// # Errors
    /// 404 without a photo; [`problems::photo`] when what came is none; as [`People::held_packet`].
    pub async fn held_photo(&self, official: &Official, id: Id) -> Result<Photo, Problem> {
        let (_, body) = self.held_body(official, id).await?;
        let bytes = body.photo.ok_or_else(Problem::not_found)?;
        let photo = made_safe(bytes).await?.map_err(|fault| problems::photo().detail(fault))?;
        self.look_at_held(official, id, &[PHOTO]).await?;
        Ok(photo)
    }

    /// One of a held packet's documents, by its place from 0. The person it is about will see the look.
    ///
    /// # Errors
    /// [`problems::document_unknown`]; [`problems::document`] for a file that cannot be kept, which is not handed out either; as
    /// [`People::held_packet`].
    pub async fn held_document(&self, official: &Official, id: Id, place: usize) -> Result<File, Problem> {
        let (_, body) = self.held_body(official, id).await?;
        let one = body.documents.get(place).ok_or_else(problems::document_unknown)?;
        let Document { kind, bytes } = document_of(one);
        let cleaned = tokio::task::spawn_blocking(move || sniff::clean(bytes)).await;
        let (media, bytes) = cleaned
            .map_err(Problem::internal)?
            .map_err(|fault| problems::document().detail(fault).field("document", fault.message()))?;
        self.look_at_held(official, id, &[DOCUMENTS]).await?;
        Ok(File { media, kind, bytes })
    }

    /// A packet that is held and what it carries. Nothing of it may leave before [`People::look_at_held`].
    async fn held_body(&self, official: &Official, id: Id) -> Result<(PacketRow, Body), Problem> {
        let actor = self.may_see_held(official)?;
        let people = self.clone();
        let row = self
            .store
            .read(move |tx| {
                let (people, actor) = (people.clone(), actor.clone());
                Box::pin(async move { Ok::<_, Problem>(people.held_in(tx, &actor, id).await?.0) })
            })
            .await?;
        let body = self.packet_body(&row).await?;
        Ok((row, body))
    }

    fn may_see_held(&self, official: &Official) -> Result<Actor, Problem> {
        let actor = Actor::Official(official.clone());
        self.office.need(&actor, permission::KIT)?;
        self.office.need(&actor, permission::REGISTER)?;
        Ok(actor)
    }

    /// Commits a look at these fields of a packet that is held; answers the packet.
    pub(super) async fn look_at_held(
        &self,
        official: &Official,
        id: Id,
        fields: &'static [&'static str],
    ) -> Result<PacketRow, Problem> {
        let actor = self.may_see_held(official)?;
        let (people, by) = (self.clone(), official.clone());
        self.store
            .write(move |tx| {
                let (people, by, actor) = (people.clone(), by.clone(), actor.clone());
                Box::pin(async move {
                    let (row, _) = people.held_in(tx, &actor, id).await?;
                    let permit = people.office.permit(tx, &by, &ask()).await?;
                    let subject = tokens::of(tx, row.subject, tokens::RECORD).await?;
                    let subject = subject.ok_or_else(problems::unknown)?;
                    people.office.look(tx, &permit, subject, SERVICE, fields).await?;
                    Ok(row)
                })
            })
            .await
    }
}

/// Whether a photo came that can be shown.
pub(super) async fn picture(body: &Body) -> Result<Picture, Problem> {
    let Some(bytes) = body.photo.clone() else { return Ok(Picture::None) };
    Ok(if made_safe(bytes).await?.is_ok() { Picture::Here } else { Picture::Unreadable })
}

/// Decoding takes up to a second, so it is done off the threads that serve.
async fn made_safe(bytes: Vec<u8>) -> Result<Result<Photo, pdf_writing::photo::PhotoFault>, Problem> {
    let decoded = tokio::task::spawn_blocking(move || pdf_writing::photo::normalise(&bytes)).await;
    decoded.map_err(Problem::internal)
}

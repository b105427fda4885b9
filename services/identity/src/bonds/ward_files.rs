//! What a guardian may take along of a child: the files of receipts, the proof that no look is missing, the papers, and everything
//! that is held, as the child grown up could, for as long as the bond lives. Each is a look in the child's list.
//!
//! What the child does with an account of its own stays the child's: its sessions and passkeys, and what it complained about,
//! perhaps about the guardian.

use super::Ward;
use crate::assist::{EVERYTHING, What};
use crate::mine::MyData;
use crate::papers::{PAPER_FIELDS, PaperData};
use crate::people::People;
use crate::read::{LOOKS, RECEIPTS};
use crate::{problems, tokens};
use daftar_kernel::{Id, Problem};

/// What a guardian's file of everything leaves out, by the words of that file.
pub const LEFT_OUT: [&str; 4] = ["sessions", "passkeys", "complaints", "guardianships_waiting"];

/// Everything that is held about a child.
pub struct WardData {
    /// What this service, the record and the office floor hold.
    pub data: MyData,
    /// The child's accounts, under which consents to services are held.
    pub accounts: Vec<Id>,
}

impl People {
    /// Finds that a receipt is of an act or a look about the child, before it is handed out.
    ///
    /// # Errors
    /// As [`People::my_ward`]; 404 for a receipt about somebody else.
    pub async fn ward_receipt(&self, citizen: Id, bond: Id, receipt: Id) -> Result<(), Problem> {
        let ward = self.my_ward(citizen, bond, &[RECEIPTS]).await?;
        for subject in self.subjects_of_ward(&ward).await? {
            if self.is_about(subject, receipt).await? {
                return Ok(());
            }
        }
        Err(Problem::not_found())
    }

    /// The token under which the record knows the child, for the proof that no look is missing. It is handed to nobody.
    ///
    /// # Errors
    /// As [`People::my_ward`].
    pub async fn ward_subject(&self, citizen: Id, bond: Id) -> Result<Id, Problem> {
        Ok(self.my_ward(citizen, bond, &[LOOKS]).await?.subject)
    }

    /// What a guardian prints a child's card or certificate from.
    ///
    /// # Errors
    /// As [`People::my_ward`]; [`problems::card_none`].
    pub async fn ward_paper_data(&self, citizen: Id, bond: Id) -> Result<PaperData, Problem> {
        let ward = self.my_ward(citizen, bond, &PAPER_FIELDS).await?;
        let person = ward.version.document.person;
        let photo = self.open_photo(ward.person, person.photo.as_deref()).await?;
        Ok(PaperData { person, card: ward.card.ok_or_else(problems::card_none)?, photo })
    }

    /// Everything that is held about a child, without what is the child's alone ([`LEFT_OUT`]).
    ///
    /// # Errors
    /// As [`People::my_ward`]; the record's.
    pub async fn ward_data(&self, citizen: Id, bond: Id) -> Result<WardData, Problem> {
        let ward = self.my_ward(citizen, bond, &["name", EVERYTHING]).await?;
        let person = ward.person;
        let account = self
            .store
            .read(move |tx| Box::pin(async move { tokens::of(tx, person, tokens::OFFICE).await }))
            .await?
            .ok_or_else(problems::unknown)?;
        let mut data = self.my_data(account).await?;
        (data.sessions, data.passkeys, data.complaints) = (Vec::new(), Vec::new(), Vec::new());
        data.guardianships = Vec::new();
        // A complaint made at the counter is one as well.
        data.assistances.retain(|one| one.what != What::Complaint);
        data.left_out = &LEFT_OUT;
        Ok(WardData { data, accounts: self.own_accounts(account).await? })
    }

    /// The tokens of the child's record and of those it absorbed.
    async fn subjects_of_ward(&self, ward: &Ward) -> Result<Vec<Id>, Problem> {
        let (person, mut subjects) = (ward.person, vec![ward.subject]);
        let absorbed = self.store.read(move |tx| {
            Box::pin(async move {
                let mut subjects = Vec::new();
                for record in tokens::absorbed(tx, person).await? {
                    subjects.extend(tokens::of(tx, record, tokens::RECORD).await?);
                }
                Ok::<_, Problem>(subjects)
            })
        });
        subjects.extend(absorbed.await?);
        Ok(subjects)
    }
}

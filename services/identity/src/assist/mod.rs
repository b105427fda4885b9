//! Assisted service: an official does one thing for somebody who stands at the counter without a phone or without skill. The
//! person agrees to exactly that, once; both names stand on the act, and nobody shares a password.
//!
//! `consent.rs` asks and records the agreement, `act.rs` spends it in the transaction that acts, `mine.rs` shows the person what
//! was done in their name.

mod act;
mod consent;
mod mine;
mod withdraw;

use crate::people::{CLASS, People};
use crate::{problems, tokens};
use daftar_kernel::{Id, Official, Problem, Timestamp};
use daftar_office::permit::Ask;
use daftar_store::{Row, Tx, params, sql};
use serde::{Deserialize, Serialize};

pub use act::Assisted;
pub use consent::{Asked, Wish};
pub use mine::{Assistance, MAX_LISTED};
pub use withdraw::{Allowed, Choice};

/// The purpose of every look for the sake of it; a country pack whose roles may assist has it.
pub const PURPOSE: &str = "assistance";
/// How long an agreement holds once it was given, in seconds: 15 minutes.
pub const CONSENT_SECONDS: i64 = 15 * 60;
/// How long there is to read it out, and to sign the slip, in seconds: an hour.
pub const ASKED_SECONDS: i64 = 60 * 60;

/// What can be done for somebody: each is something they can do themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Complain about an authority, or about a look.
    Complaint,
    /// Report their card lost.
    CardLost,
    /// Hand out on paper everything that is held about them.
    Data,
    /// Lock signing in to services; only they themselves unlock it.
    Lock,
    /// Take back what one service may know about them.
    Consent,
}

impl What {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Complaint, Self::CardLost, Self::Data, Self::Consent, Self::Lock];
    /// The word in the table, in the record and in the names of texts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Complaint => "complaint",
            Self::CardLost => "card-lost",
            Self::Data => "data",
            Self::Lock => "lock",
            Self::Consent => "consent",
        }
    }
    /// The thing of a word; `None` when it is none that can be done for somebody.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.word() == word)
    }
    /// What an official is shown, or hands out, when it is done.
    const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Complaint | Self::Lock => &["name"],
            Self::CardLost => &["name", crate::read::CARD],
            Self::Data => &["name", EVERYTHING],
            Self::Consent => &["name", CONSENTS],
        }
    }
}

/// The field of a look that showed which services may know something.
pub const CONSENTS: &str = "consents";
/// The field of a look that handed out everything that is held.
pub const EVERYTHING: &str = "everything";

/// By which way somebody agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// With a one-time code of their own account.
    Code,
    /// On a paper slip, by hand or thumb, before a witness.
    Paper,
}

impl Way {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Code, Self::Paper];
    /// The word in the table, in the record and in the names of texts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Paper => "paper",
        }
    }
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.word() == word)
    }
}

/// What is sealed of it, under the person's key.
#[derive(Clone, Serialize, Deserialize)]
struct Said {
    /// `A-2026-17`, the number on the slip.
    reference: String,
    /// Who acts for the person, at which desk.
    official: String,
    agency: String,
    office: String,
    /// Who saw the slip signed; empty when a code was typed.
    witness: String,
    /// The words of a complaint, while it is not made yet; then the desk keeps them.
    words: String,
    /// The agency and the office complained about.
    about_agency: String,
    about_office: String,
    /// The receipt of the look complained about.
    about_look: Option<Id>,
    /// The number of the complaint that was made.
    complaint: Option<String>,
    /// The service whose consent was taken back.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    service: String,
}

/// A row of the table.
struct Stored {
    id: Id,
    person: Id,
    what: What,
    way: Option<Way>,
    state: String,
    asked_at: Timestamp,
    used_at: Option<Timestamp>,
    receipt: Option<Id>,
    look: Option<Id>,
    said: Said,
}

fn context(id: Id) -> Vec<u8> {
    [b"identity_assistance.sealed/".as_slice(), id.as_bytes()].concat()
}

fn ask() -> Ask {
    Ask { purpose: PURPOSE.into(), case: None, order: None }
}

impl People {
    /// A row: id, person, what, way, state, asked at, used at, receipt, look, sealed.
    async fn stored_of(&self, tx: &mut Tx, row: &Row) -> Result<Stored, Problem> {
        let (id, person): (Id, Id) = (row.get(0)?, row.get(1)?);
        let what = What::from_word(row.get(2)?);
        let plain = self.store.vault().open(tx, person, CLASS, &context(id), row.get(9)?).await?;
        Ok(Stored {
            id,
            person,
            what: what.ok_or_else(|| Problem::internal("an assistance of no known kind"))?,
            way: Way::from_word(row.get(3)?),
            state: row.get(4)?,
            asked_at: row.get(5)?,
            used_at: row.get(6)?,
            receipt: row.get(7)?,
            look: row.get(8)?,
            said: serde_json::from_slice(&plain).map_err(Problem::internal)?,
        })
    }

    /// What this official asked this person; with the record that stands for the person now.
    async fn assistance_of(
        &self,
        tx: &mut Tx,
        official: &Official,
        (person, id): (Id, Id),
    ) -> Result<(Stored, Id), Problem> {
        let select = sql!(
            "select id, person, what, way, state, asked_at, used_at, receipt, look, sealed \
             from identity_assistance where id = $1 and official = $2"
        );
        let row = tx.query_opt(select, &params![id, official.id]).await?;
        let row = row.ok_or_else(problems::assist_unknown)?;
        let living = tokens::living(tx, row.get(1)?).await?;
        if tokens::living(tx, person).await? != living {
            return Err(problems::assist_unknown());
        }
        Ok((self.stored_of(tx, &row).await?, living))
    }

    /// Whether the person has agreed, and the agreement holds still.
    async fn agreed_now(&self, tx: &mut Tx, id: Id) -> Result<bool, Problem> {
        let select =
            sql!("select id from identity_assistance where id = $1 and state = 'given' and expires > $2");
        Ok(tx.query_opt(select, &params![id, self.store.world().now()]).await?.is_some())
    }

    async fn seal_said(&self, tx: &mut Tx, (person, id): (Id, Id), said: &Said) -> Result<Vec<u8>, Problem> {
        let plain = serde_json::to_vec(said).map_err(Problem::internal)?;
        Ok(self.store.vault().seal(tx, person, CLASS, &context(id), &plain).await?)
    }
}

/// Removes what is kept of a record, for its erasure.
pub(crate) async fn erase(tx: &mut Tx, person: Id) -> Result<(), Problem> {
    tx.execute(sql!("delete from identity_assistance where person = $1"), &params![person]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_and_nothing_else_does() {
        for what in What::ALL {
            assert_eq!(What::from_word(what.word()), Some(what));
            assert!(what.fields().contains(&"name"), "whoever acts knows for whom");
        }
        for way in Way::ALL {
            assert_eq!(Way::from_word(way.word()), Some(way));
        }
        for other in ["", "death", "Complaint", "password"] {
            assert_eq!(What::from_word(other), None, "{other}");
            assert_eq!(Way::from_word(other), None, "{other}");
        }
    }
}

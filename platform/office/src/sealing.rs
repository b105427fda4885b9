//! Keeping a look from a person longer than a court first ordered: never by the agency that looked alone.
//!
//! It is a request like any other that two people approve, with one more rule: one of the two works for the agency that
//! looked, the other for another one, in a role that the country names for this purpose.

use crate::office::Office;
use crate::permission::SEAL_EXTEND;
use crate::permit::{COURT_MAX_CHARS, UNSEAL_MAX_DAYS};
use crate::{Roster, approval, problems, text};
use daftar_kernel::{Actor, Id, Problem, Timestamp};
use daftar_record::seal::{Extension, MAX_EXTENSION_DAYS, Seal};
use daftar_store::Tx;
use serde_json::{Value, json};

/// The kind of request.
pub const APPROVAL: &str = "office.seal-extend";
// The record refuses what lies farther; we must refuse it first, with an answer people understand.
const _: () = assert!(UNSEAL_MAX_DAYS <= MAX_EXTENSION_DAYS);

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later {
    /// The look.
    pub look: Id,
    /// The new date.
    pub until: Timestamp,
    /// Reference of the court's order.
    pub reference: String,
}

/// Whether a seal may get this date, at all and now.
///
/// # Errors
/// `office-seal-over`, `office-seal-final`, `office-unseal-date`.
pub fn may_extend(roster: &Roster, seal: &Seal, until: Timestamp, now: Timestamp) -> Result<(), Problem> {
    if seal.until <= now {
        return Err(problems::seal_over());
    }
    if roster.purpose(&seal.purpose).is_none_or(|purpose| purpose.extended_by.is_empty()) {
        return Err(problems::seal_final());
    }
    if until <= seal.until || until > now.plus_seconds(UNSEAL_MAX_DAYS * 86_400) {
        return Err(problems::unseal_date());
    }
    Ok(())
}

impl Office {
    /// Sealed looks of the official's own agency, the next to be opened first: who and whom they concern is not in them.
    ///
    /// # Errors
    /// `office-not-official`, `office-not-permitted`.
    pub async fn seals(&self, tx: &mut Tx, by: &Actor) -> Result<Vec<Seal>, Problem> {
        let official = by.official().ok_or_else(problems::not_official)?;
        self.need(by, SEAL_EXTEND)?;
        Ok(self.record().seals_of(tx, &official.agency).await?)
    }

    /// Asks for a later date of a look of the official's own agency. Nothing changes until both institutions have agreed.
    ///
    /// # Errors
    /// `office-not-official`, `office-not-permitted`, `office-court-needed`, and as [`may_extend`]; 404 for a look that is
    /// not sealed, or another agency's.
    pub async fn ask_later(&self, tx: &mut Tx, by: &Actor, later: &Later) -> Result<Id, Problem> {
        let official = by.official().ok_or_else(problems::not_official)?;
        self.need(by, SEAL_EXTEND)?;
        let seal = self.record().seal(tx, later.look).await?;
        let seal = seal.filter(|seal| seal.agency == official.agency).ok_or_else(Problem::not_found)?;
        let reference = text::clean_name(&later.reference)
            .filter(|text| text.chars().count() <= COURT_MAX_CHARS)
            .ok_or_else(problems::court_needed)?;
        may_extend(&self.roster(), &seal, later.until, self.now())?;
        let payload = json!({
            "look": later.look,
            "purpose": seal.purpose,
            "looked_at": seal.at.to_rfc3339(),
            "hidden_until": seal.until.to_rfc3339(),
            "until": later.until.to_rfc3339(),
            "until_seconds": later.until.seconds(),
            "reference": reference,
        });
        let request = approval::Request { kind: APPROVAL, permission: SEAL_EXTEND, payload };
        self.request_approval(tx, by, &request).await
    }

    /// Gives the look its later date, once an official of the agency that looked and one of the second institution have
    /// agreed. The act of the record names that institution to everybody, and no person to anybody.
    ///
    /// # Errors
    /// `office-seal-second` while one of the two is missing; as [`may_extend`] when time has passed; and as
    /// [`Office::execute`].
    pub async fn extend_seal(&self, tx: &mut Tx, by: &Actor, id: Id) -> Result<Id, Problem> {
        let approval = self.approval(tx, by, id).await?;
        if approval.kind != APPROVAL {
            return Err(Problem::not_found());
        }
        let later = read(&approval.payload).ok_or_else(problems::approval_altered)?;
        let seal = self.record().seal(tx, later.look).await?.ok_or_else(Problem::not_found)?;
        let roster = self.roster();
        may_extend(&roster, &seal, later.until, self.now())?;
        let purpose = roster.purpose(&seal.purpose).ok_or_else(problems::seal_final)?;
        let (mut own, mut second) = (false, None);
        for vote in &approval.votes {
            if !self.may_still(tx, vote, SEAL_EXTEND).await? {
                continue;
            }
            if vote.official.agency == seal.agency {
                own = true;
            } else if purpose.extended_by.contains(&vote.official.role) {
                second = Some(vote.official.agency.clone());
            }
        }
        let (true, Some(second)) = (own, second) else { return Err(problems::seal_second()) };
        let extension = Extension {
            look: later.look,
            until: later.until,
            reference: later.reference,
            agency: seal.agency,
            second,
            office: by.official().map(|official| official.office.clone()).unwrap_or_default(),
        };
        let (record, actor) = (self.record().clone(), by.clone());
        self.execute(tx, by, (id, APPROVAL), move |tx, _| {
            Box::pin(async move { Ok(record.extend_seal(tx, &actor, &extension).await?) })
        })
        .await
    }
}

fn read(payload: &Value) -> Option<Later> {
    Some(Later {
        look: payload["look"].as_str()?.parse().ok()?,
        until: Timestamp::from_seconds(payload["until_seconds"].as_i64()?),
        reference: payload["reference"].as_str()?.to_string(),
    })
}

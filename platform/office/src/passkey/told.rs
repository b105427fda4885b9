//! A citizen is told when a passkey is added to their account or taken away: whoever had the account for a moment may have left one.
//! An official has no address here; the act in the public record is what tells.

use crate::Principal;
use crate::office::Office;
use daftar_kernel::{Actor, Id, Problem};
use daftar_store::Tx;
use daftar_store::jobs::{self, Job};
use serde_json::json;

/// The kind of the jobs that tell a citizen what became of the passkeys of their account.
pub const NOTICE_JOB: &str = "office.passkey-notice";

/// What there is to tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    /// A passkey was added.
    Added,
    /// A passkey was taken away.
    Removed,
    /// The account's credentials were set anew, which took all passkeys away.
    Reset,
}

impl Told {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Added, Self::Removed, Self::Reset];
    /// The word in jobs and in the names of texts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Reset => "reset",
        }
    }
    /// What a word says; `None` when it is none.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|told| told.word() == word)
    }
}

impl Office {
    /// Promises, in the transaction of the act with this receipt, that a citizen will be told. The job names the account alone: not
    /// what the passkey is called.
    pub(crate) async fn tell_of_passkey(
        &self,
        tx: &mut Tx,
        by: &Actor,
        told: Told,
        receipt: Id,
    ) -> Result<(), Problem> {
        match by.citizen() {
            Some(account) => self.promise_passkey_notice(tx, account, told, Some(receipt)).await,
            None => Ok(()),
        }
    }

    /// The same when credentials were set anew by a link, and `gone` passkeys went with the old ones.
    pub(crate) async fn tell_of_reset(
        &self,
        tx: &mut Tx,
        principal: Principal,
        gone: u64,
    ) -> Result<(), Problem> {
        match principal {
            Principal::Citizen(account) if gone > 0 => {
                self.promise_passkey_notice(tx, account, Told::Reset, None).await
            }
            _ => Ok(()),
        }
    }

    async fn promise_passkey_notice(
        &self,
        tx: &mut Tx,
        account: Id,
        told: Told,
        receipt: Option<Id>,
    ) -> Result<(), Problem> {
        let now = self.now();
        let payload = json!({"account": account, "what": told.word(), "receipt": receipt, "at": now.0});
        // One letter does not wait for another: each is an aggregate of its own.
        let aggregate = format!("passkey:{}", self.world().id());
        let job = Job { kind: NOTICE_JOB.into(), aggregate, payload, run_at: now };
        jobs::enqueue(tx, &job).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Told;

    #[test]
    fn words_lead_back_and_nothing_else_does() {
        for told in Told::ALL {
            assert_eq!(Told::from_word(told.word()), Some(told));
        }
        for other in ["", "Added", "blocked"] {
            assert_eq!(Told::from_word(other), None, "{other}");
        }
    }
}

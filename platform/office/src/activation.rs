//! Activation codes: a citizen gets one in a letter or at the counter and claims their account with it.
//!
//! Ten signs and a check sign. The first five find the code, all ten together must fit: whoever knows the first half (it was read
//! over a shoulder) has five tries for the second, and whoever knows nothing faces 31^10 possibilities. Slips of the keyboard
//! fail the check sign and cost no try.

use crate::allowance;
use crate::link::{LinkPurpose, NewLink, OWN_LINK_SECONDS};
use crate::office::Office;
use crate::{Principal, Source, code, problems};
use daftar_kernel::{Id, Problem};
use daftar_store::{Tx, params, sql};

/// How long a code holds: 30 days.
pub const CODE_SECONDS: i64 = 30 * 86_400;
/// Wrong second halves after which a code is dead.
pub const CODE_TRIES: i64 = 5;

impl Office {
    /// A new activation code, as it is printed: `ABCDE-FGHJK-M`. It voids an earlier one of the same citizen; an account that
    /// exists keeps working until the code is used.
    ///
    /// # Errors
    /// `office-not-official` for an official, who gets a link instead; when the store fails.
    pub async fn issue_activation(&self, tx: &mut Tx, principal: Principal) -> Result<String, Problem> {
        let Principal::Citizen(account) = principal else { return Err(problems::not_permitted()) };
        let signs = code::random(self.world());
        let printed =
            code::printed(&signs).ok_or_else(|| Problem::internal("an activation code of odd signs"))?;
        let (locator, whole) = self.activation_keys(&signs)?;
        tx.execute(
            sql!(
                "insert into office_activation (account, kind, locator, code, tries, expires) \
                 values ($1, $2, $3, $4, 0, $5) on conflict (account) do update set locator = excluded.locator, \
                 code = excluded.code, tries = 0, expires = excluded.expires"
            ),
            &params![account, principal.kind(), locator, whole, self.now().plus_seconds(CODE_SECONDS)],
        )
        .await?;
        Ok(printed)
    }

    /// Claims an account: gives a link token for [`Office::enrol_password`]. The code stays good until that is done.
    ///
    /// # Errors
    /// `office-activation-wrong`, `office-slow`.
    pub async fn claim_activation(&self, typed: &str, source: Source) -> Result<String, Problem> {
        let Some(signs) = code::read_checked(typed) else { return Err(problems::activation_wrong()) };
        let (office, keys) = (self.clone(), self.activation_keys(&signs)?);
        let claimed = self.store().write(move |tx| {
            let office = office.clone();
            Box::pin(async move { office.claim(tx, keys, source).await })
        });
        claimed.await?.ok_or_else(problems::activation_wrong)
    }

    async fn claim(
        &self,
        tx: &mut Tx,
        (locator, whole): ([u8; 32], [u8; 32]),
        source: Source,
    ) -> Result<Option<String>, Problem> {
        let now = self.now();
        let counter = [self.counter("activation", allowance::ACTIVATION, &[source.as_bytes()], false)?];
        allowance::charge(tx, &counter, now).await?;
        let found = tx
            .query_opt(
                sql!(
                    "select account from office_activation \
                     where locator = $1 and code = $2 and tries < $3 and expires > $4"
                ),
                &params![locator, whole, CODE_TRIES, now],
            )
            .await?;
        let Some(row) = found else {
            let count = sql!("update office_activation set tries = tries + 1 where locator = $1");
            tx.execute(count, &params![locator]).await?;
            return Ok(None);
        };
        allowance::refund(tx, &counter, now).await?;
        let account: Id = row.get(0)?;
        self.issue_link(tx, &NewLink::plain(account, LinkPurpose::Citizen, OWN_LINK_SECONDS)).await.map(Some)
    }

    fn activation_keys(&self, signs: &str) -> Result<([u8; 32], [u8; 32]), Problem> {
        let half = signs.get(..5).unwrap_or_default();
        let located = self.keyed("office-activation", &[b"half", half.as_bytes()])?;
        Ok((located, self.keyed("office-activation", &[b"whole", signs.as_bytes()])?))
    }
}

//! Devices on which somebody has signed in before: they are exempt from the slow-down that guessers elsewhere cause (OWASP,
//! "Device Cookies").

use crate::office::Office;
use crate::token;
use daftar_kernel::{Id, Problem};
use daftar_store::{Tx, params, sql};

/// How long a device is known after a sign-in.
pub const KNOWN_SECONDS: i64 = 180 * 86_400;
/// Known devices of one account; the oldest goes.
pub const DEVICES_MAX: i64 = 10;

impl Office {
    /// Whether this account has signed in on the device of this stored token.
    pub(crate) async fn knows_device(
        &self,
        tx: &mut Tx,
        device: Option<[u8; 32]>,
        account: Id,
    ) -> Result<bool, Problem> {
        let Some(device) = device else { return Ok(false) };
        let row = tx
            .query_opt(
                sql!("select expires from office_device where token = $1 and account = $2 and expires > $3"),
                &params![device, account, self.now()],
            )
            .await?;
        Ok(row.is_some())
    }

    /// Makes the device known for the account and gives it a new token. A token that somebody planted in the browser
    /// beforehand is thereby worth nothing; other accounts that use the device keep it.
    pub(crate) async fn remember_device(
        &self,
        tx: &mut Tx,
        old: Option<[u8; 32]>,
        account: Id,
    ) -> Result<String, Problem> {
        let now = self.now();
        let (token, kept) = token::fresh(self.world());
        if let Some(old) = old {
            let rename = sql!("update office_device set token = $2 where token = $1");
            tx.execute(rename, &params![old, kept]).await?;
        }
        tx.execute(
            sql!(
                "insert into office_device (token, account, created, expires) values ($1, $2, $3, $4) \
                 on conflict (token, account) do update set expires = excluded.expires, created = excluded.created"
            ),
            &params![kept, account, now, now.plus_seconds(KNOWN_SECONDS)],
        )
        .await?;
        tx.execute(
            sql!(
                "delete from office_device where account = $1 and token in (select token from office_device \
                 where account = $1 order by created desc, token limit 1000 offset $2)"
            ),
            &params![account, DEVICES_MAX],
        )
        .await?;
        Ok(token)
    }
}

//! What a browser is asked: challenges. Each is good for one answer, in the browser it was given to, for a few minutes.

use crate::office::Office;
use crate::{problems, token};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{Tx, params, sql};
use std::sync::PoisonError;
use webauthn::Challenge;

/// How long an answer may take, in seconds: §15.1 of the standard recommends five minutes where the user is verified.
pub const CEREMONY_SECONDS: i64 = 5 * 60;
/// Most challenges one node gives out in a minute: anybody can ask for one, and each is kept for five minutes.
pub const MAX_A_MINUTE: u32 = 3000;

/// What a challenge is for. An answer to one is none to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// A new passkey of somebody signed in.
    Add,
    /// Signing in.
    SignIn,
    /// Somebody signed in proves to be there.
    StepUp,
}

impl Purpose {
    /// The word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::SignIn => "sign-in",
            Self::StepUp => "step-up",
        }
    }
}

/// What to hand to a browser.
#[derive(Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// The challenge, base64url.
    pub challenge: String,
    /// A token for a cookie: the answer counts only together with it.
    pub browser: String,
    /// The RP id.
    pub rp_id: String,
    /// The one origin at which it works.
    pub origin: String,
}

impl std::fmt::Debug for Ceremony {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ceremony")
    }
}

impl Office {
    /// A fresh challenge.
    pub(crate) async fn begin_ceremony(
        &self,
        purpose: Purpose,
        account: Option<Id>,
    ) -> Result<Ceremony, Problem> {
        let site = self.need_site()?;
        let now = self.now();
        let paced =
            self.passkey_floor().pace.lock().unwrap_or_else(PoisonError::into_inner).take(MAX_A_MINUTE, now);
        paced.map_err(|wait| problems::busy().retry_after(wait))?;
        let challenge = self.world().bytes::<32>();
        let (browser, kept) = token::fresh(self.world());
        let hash = Challenge::of(&challenge).0;
        self.store()
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(
                        sql!(
                            "insert into office_passkey_challenge (token, purpose, account, challenge, expires) \
                             values ($1, $2, $3, $4, $5)"
                        ),
                        &params![kept, purpose.word(), account, hash, now.plus_seconds(CEREMONY_SECONDS)],
                    )
                    .await?;
                    Ok::<_, Problem>(())
                })
            })
            .await?;
        let (rp_id, origin) = (site.id().to_string(), site.origin().to_string());
        Ok(Ceremony { challenge: URL_SAFE_NO_PAD.encode(challenge), browser, rp_id, origin })
    }

    /// Uses up the challenge of a browser, whatever comes of it.
    ///
    /// # Errors
    /// `office-passkey-over` when there is none for this purpose and account, or it is too old.
    pub(crate) async fn take_challenge(
        &self,
        tx: &mut Tx,
        (purpose, account): (Purpose, Option<Id>),
        browser: Option<&str>,
    ) -> Result<Challenge, Problem> {
        let token = browser.and_then(token::stored).ok_or_else(problems::passkey_over)?;
        let row = tx
            .query_opt(
                sql!(
                    "delete from office_passkey_challenge where token = $1 and purpose = $2 \
                     returning account, challenge, expires"
                ),
                &params![token, purpose.word()],
            )
            .await?
            .ok_or_else(problems::passkey_over)?;
        let expires: Timestamp = row.get(2)?;
        if self.now() >= expires || row.get::<Option<Id>>(0)? != account {
            return Err(problems::passkey_over());
        }
        Ok(Challenge(row.get(1)?))
    }
}

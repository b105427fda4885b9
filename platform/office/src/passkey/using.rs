//! Using a passkey: to sign in, which asks for nothing else, or to prove to be there before a dangerous act.

use super::adding::told;
use super::{Ceremony, Purpose};
use crate::allowance::{self, Counter};
use crate::office::Office;
use crate::session::Way;
use crate::sign_in::{CodeStep, SignedIn};
use crate::{Principal, Source, problems, token};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{Tx, params, sql};
use webauthn::authentication::{self, Assertion, Authenticated, Known};
use webauthn::{Challenge, MAX_CREDENTIAL_ID, MAX_USER_HANDLE, PublicKey};

/// What to ask somebody signed in for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The challenge and its cookie.
    pub ceremony: Ceremony,
    /// Ids of their passkeys, base64url.
    pub known: Vec<String>,
}

/// What the browser answers, each part in base64url.
#[derive(Clone, Default)]
pub struct Answer {
    /// `rawId`
    pub id: String,
    /// `clientDataJSON`
    pub client_data: String,
    /// `authenticatorData`
    pub data: String,
    /// `signature`
    pub signature: String,
    /// `userHandle`; empty when there is none.
    pub user: String,
}

/// A passkey is used.
#[derive(Clone)]
pub struct Use {
    /// The cookie's token.
    pub browser: Option<String>,
    /// What the browser answers.
    pub answer: Answer,
    /// Where the request comes from.
    pub source: Source,
    /// The device token in the browser's cookie.
    pub device: Option<String>,
    /// What the browser says it is, for the list of sessions.
    pub device_label: String,
    /// The session token the browser still holds, which ends.
    pub replaces: Option<String>,
}

impl std::fmt::Debug for Use {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Use")
    }
}

/// The parts of an answer, decoded.
#[derive(Clone)]
struct Parts {
    id: Vec<u8>,
    client_data: Vec<u8>,
    data: Vec<u8>,
    signature: Vec<u8>,
    user: Vec<u8>,
}

/// A passkey as it is stored.
#[derive(Clone)]
struct Stored {
    id: Id,
    account: Id,
    kind: String,
    state: String,
    key: PublicKey,
    counter: u32,
    eligible: bool,
    blocked: bool,
    handle: Option<[u8; 32]>,
}

/// A try that was counted and is to be judged.
#[derive(Clone)]
struct Tried {
    challenge: Challenge,
    stored: Option<Stored>,
    counters: Vec<Counter>,
    at: Timestamp,
}

/// A try that was judged, and was right.
#[derive(Clone)]
struct Right {
    stored: Stored,
    counters: Vec<Counter>,
    at: Timestamp,
    done: Authenticated,
}

/// What comes of a right answer. A refusal is no error for the transaction: what it wrote must be kept.
type Outcome<T> = Result<T, Problem>;

impl Answer {
    fn decode(&self) -> Result<Parts, Problem> {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| problems::passkey_wrong());
        let parts = Parts {
            id: decode(&self.id)?,
            client_data: decode(&self.client_data)?,
            data: decode(&self.data)?,
            signature: decode(&self.signature)?,
            user: decode(&self.user)?,
        };
        let fits = (1..=MAX_CREDENTIAL_ID).contains(&parts.id.len()) && parts.user.len() <= MAX_USER_HANDLE;
        if fits { Ok(parts) } else { Err(problems::passkey_wrong()) }
    }
}

impl Office {
    /// Begins signing in with a passkey. It asks for no name and names no passkey, so it tells nobody who has an account.
    ///
    /// # Errors
    /// `office-passkey-off`; `office-busy` after so many in a minute.
    pub async fn begin_passkey_sign_in(&self) -> Result<Ceremony, Problem> {
        self.begin_ceremony(Purpose::SignIn, None).await
    }

    /// Begins proving to be there with one of one's own passkeys.
    ///
    /// # Errors
    /// `office-passkey-off`, `office-passkey-none`; `office-busy`.
    pub async fn begin_passkey_step_up(&self, principal: Principal) -> Result<Asked, Problem> {
        self.need_site()?;
        let (office, account) = (self.clone(), principal.id());
        let known = self
            .store()
            .read(move |tx| {
                let office = office.clone();
                Box::pin(async move {
                    let list = office.sealed_passkeys(tx, account).await?;
                    Ok::<_, Problem>(
                        list.into_iter().map(|(_, sealed)| sealed.credential).collect::<Vec<_>>(),
                    )
                })
            })
            .await?;
        if known.is_empty() {
            return Err(problems::passkey_none());
        }
        let ceremony = self.begin_ceremony(Purpose::StepUp, Some(account)).await?;
        Ok(Asked { ceremony, known })
    }

    /// Signs in with a passkey: both factors in one step. Opens a session.
    ///
    /// # Errors
    /// `office-passkey-over`, `office-passkey-wrong`, `office-passkey-unverified`, `office-passkey-blocked`, `office-slow`;
    /// `office-account-suspended`, `office-no-assignment`.
    pub async fn sign_in_passkey(&self, used: &Use) -> Result<SignedIn, Problem> {
        let right = self.judge_passkey((Purpose::SignIn, None), used).await?;
        let (office, used) = (self.clone(), used.clone());
        let outcome = self.store().write(move |tx| {
            let (office, used, right) = (office.clone(), used.clone(), right.clone());
            Box::pin(async move { office.enter(tx, &used, &right).await })
        });
        outcome.await?
    }

    async fn enter(&self, tx: &mut Tx, used: &Use, right: &Right) -> Result<Outcome<SignedIn>, Problem> {
        let account = right.stored.account;
        if let Err(problem) = self.settle(tx, right).await? {
            return Ok(Err(problem));
        }
        let principal =
            Principal::from_parts(&right.stored.kind, account).ok_or_else(problems::passkey_wrong)?;
        let wrong = sql!("select wrong_codes from office_account where id = $1");
        let wrong_codes: i64 = tx.query_one(wrong, &params![account]).await?.get(0)?;
        let update = sql!("update office_account set wrong_codes = 0, signed_in = $2 where id = $1");
        tx.execute(update, &params![account, self.now()]).await?;
        let old = used.device.as_deref().and_then(token::stored);
        let device = self.remember_device(tx, old, account).await?;
        let step = CodeStep {
            challenge: String::new(),
            code: String::new(),
            device_label: used.device_label.clone(),
            replaces: used.replaces.clone(),
        };
        let signed_in = self.begin(tx, principal, &step, device, Some(Way::Passkey)).await?;
        Ok(Ok(SignedIn { wrong_codes, ..signed_in }))
    }

    /// A passkey in an open session, before a dangerous act. Gives the session's new token.
    ///
    /// # Errors
    /// As [`Self::sign_in_passkey`]; 401 when the session is over.
    pub async fn step_up_passkey(&self, sent: &str, used: &Use) -> Result<String, Problem> {
        let session = self.session(sent).await?.ok_or_else(Problem::sign_in)?;
        let kept = token::stored(sent).ok_or_else(Problem::sign_in)?;
        let right = self.judge_passkey((Purpose::StepUp, Some(session.principal.id())), used).await?;
        let office = self.clone();
        let outcome = self.store().write(move |tx| {
            let (office, right) = (office.clone(), right.clone());
            Box::pin(async move {
                if let Err(problem) = office.settle(tx, &right).await? {
                    return Ok::<Outcome<String>, Problem>(Err(problem));
                }
                office.prove(tx, kept).await.map(Ok)
            })
        });
        outcome.await?
    }

    /// Counts the try, uses up the challenge, and judges the answer outside the transaction: no key works in the writer's thread.
    async fn judge_passkey(&self, whose: (Purpose, Option<Id>), used: &Use) -> Result<Right, Problem> {
        let site = self.need_site()?;
        let parts = used.answer.decode()?;
        let (office, used, id) = (self.clone(), used.clone(), parts.id.clone());
        let tried = self
            .store()
            .write(move |tx| {
                let (office, used, id) = (office.clone(), used.clone(), id.clone());
                Box::pin(async move { office.try_passkey(tx, whose, &used, &id).await })
            })
            .await?;
        let stored = tried.stored.ok_or_else(|| problems::passkey_wrong().detail("no such passkey"))?;
        // §7.2 step 6: with nobody named before, the user handle names the account, and it must be the passkey's.
        let handle = if parts.user.is_empty() { None } else { Some(self.handle_index(&parts.user)?) };
        let named = handle.is_some() && handle == stored.handle;
        if !named && (whose.1.is_none() || handle.is_some()) {
            return Err(problems::passkey_wrong().detail("the user handle is another account's"));
        }
        let known = Known { key: &stored.key, counter: stored.counter, backup_eligible: stored.eligible };
        let sent = Assertion {
            client_data: &parts.client_data,
            authenticator_data: &parts.data,
            signature: &parts.signature,
        };
        let done = authentication::verify(&site, &tried.challenge, true, &known, &sent)
            .map_err(|refusal| told(&refusal))?;
        Ok(Right { stored, counters: tried.counters, at: tried.at, done })
    }

    async fn try_passkey(
        &self,
        tx: &mut Tx,
        (purpose, holder): (Purpose, Option<Id>),
        used: &Use,
        id: &[u8],
    ) -> Result<Tried, Problem> {
        let challenge = self.take_challenge(tx, (purpose, holder), used.browser.as_deref()).await?;
        let stored = self.stored_passkey(tx, id).await?;
        let stored = stored.filter(|stored| holder.is_none_or(|holder| holder == stored.account));
        let account = holder.or_else(|| stored.as_ref().map(|stored| stored.account));
        let device = used.device.as_deref().and_then(token::stored);
        let known = match account {
            Some(account) => self.knows_device(tx, device, account).await?,
            None => false,
        };
        let counters = self.passkey_counters(account, used.source, device.filter(|_| known), purpose)?;
        let at = self.now();
        allowance::charge(tx, &counters, at).await?;
        Ok(Tried { challenge, stored, counters, at })
    }

    /// What a try is counted against: as a password's is, so that a passkey is no way around those limits. Wrong answers in
    /// an open session count like wrong codes there.
    fn passkey_counters(
        &self,
        account: Option<Id>,
        source: Source,
        known: Option<[u8; 32]>,
        purpose: Purpose,
    ) -> Result<Vec<Counter>, Problem> {
        let of_source = self.counter("source", allowance::SOURCE, &[source.as_bytes()], false)?;
        let Some(account) = account else { return Ok(vec![of_source]) };
        let account = account.as_bytes();
        if purpose == Purpose::StepUp {
            return Ok(vec![self.counter("passkey-step-up", allowance::KNOWN_CODE, &[account], true)?]);
        }
        if let Some(device) = known {
            return Ok(vec![self.counter("passkey-device", allowance::DEVICE, &[account, &device], true)?]);
        }
        Ok(vec![
            self.counter("passkey-pair", allowance::PAIR, &[account, source.as_bytes()], true)?,
            self.counter("passkey-account", allowance::ACCOUNT, &[account], false)?,
            of_source,
        ])
    }

    async fn stored_passkey(&self, tx: &mut Tx, id: &[u8]) -> Result<Option<Stored>, Problem> {
        let find = sql!(
            "select p.id, p.account, p.sealed, p.counter, p.blocked, a.kind, a.state, u.handle \
             from office_passkey p join office_account a on a.id = p.account \
             left join office_passkey_user u on u.account = p.account where p.credential = $1"
        );
        let Some(row) = tx.query_opt(find, &params![self.credential_index(id)?]).await? else {
            return Ok(None);
        };
        let (id, account): (Id, Id) = (row.get(0)?, row.get(1)?);
        let sealed = self.open_passkey(tx, account, id, row.get(2)?).await?;
        Ok(Some(Stored {
            id,
            account,
            kind: row.get(5)?,
            state: row.get(6)?,
            key: sealed.key()?,
            counter: u32::try_from(row.get::<i64>(3)?).map_err(Problem::internal)?,
            eligible: sealed.eligible,
            blocked: row.get::<Option<i64>>(4)?.is_some(),
            handle: row.get(7)?,
        }))
    }

    /// Writes what a right answer changes: the try is taken back, and the counter moves on; one that went back blocks the
    /// passkey (§7.2 step 22). Two answers at once cannot both move it.
    async fn settle(&self, tx: &mut Tx, right: &Right) -> Result<Outcome<()>, Problem> {
        let (stored, now) = (&right.stored, self.now());
        allowance::refund(tx, &right.counters, right.at).await?;
        if stored.state == "suspended" {
            return Ok(Err(problems::suspended()));
        }
        if stored.blocked {
            return Ok(Err(problems::passkey_blocked()));
        }
        if let authentication::Counter::Good(counter) = right.done.counter {
            let moved = tx
                .execute(
                    sql!(
                        "update office_passkey set counter = $2, used = $3 where id = $1 and blocked is null \
                         and (counter < $2 or (counter = 0 and $2 = 0))"
                    ),
                    &params![stored.id, i64::from(counter), now],
                )
                .await?;
            if moved == 1 {
                return Ok(Ok(()));
            }
        }
        let block = sql!("update office_passkey set blocked = $2 where id = $1 and blocked is null");
        let blocked = tx.execute(block, &params![stored.id, now]).await?;
        if blocked == 1 {
            tracing::warn!(passkey = %stored.id, "a passkey's counter went back; it is blocked");
            return Ok(Err(problems::passkey_blocked()));
        }
        let left = sql!("select id from office_passkey where id = $1");
        let there = tx.query_opt(left, &params![stored.id]).await?.is_some();
        Ok(Err(if there { problems::passkey_blocked() } else { problems::passkey_wrong() }))
    }
}

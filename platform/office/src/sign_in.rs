//! Signing in: name and password, then a one-time code. What is counted against whom is said in README.md, "Guessing".

use crate::allowance::{self, Counter};
use crate::office::Office;
use crate::password::{Password, Verdict};
use crate::session::{NewSession, Way};
use crate::totp::Secret;
use crate::{Principal, Source, code, problems, text, token, totp};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{Row, Tx, params, sql};

/// How long the second step may take.
pub const CHALLENGE_SECONDS: i64 = 10 * 60;

/// The first step.
#[derive(Clone)]
pub struct Attempt {
    /// The sign-in name as typed.
    pub login: String,
    /// The password as typed.
    pub password: String,
    /// Where the request comes from.
    pub source: Source,
    /// The device token in the browser's cookie.
    pub device: Option<String>,
}

/// The second step.
#[derive(Clone)]
pub struct CodeStep {
    /// What the first step gave.
    pub challenge: String,
    /// The one-time code or a recovery code, as typed.
    pub code: String,
    /// What the browser says it is, for the list of sessions.
    pub device_label: String,
    /// The session token the browser still holds, which ends.
    pub replaces: Option<String>,
}

// Both hold what somebody typed: neither is ever printed.
impl std::fmt::Debug for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attempt")
    }
}
impl std::fmt::Debug for CodeStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeStep")
    }
}

/// Signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// For the session cookie.
    pub token: String,
    /// The session's id.
    pub session: Id,
    /// For the device cookie, which lives half a year.
    pub device: String,
    /// Who.
    pub principal: Principal,
    /// Whether an official has yet to choose in which office to work.
    pub needs_choice: bool,
    /// Wrong codes after the right password since the last sign-in. More than one's own slips: somebody knows the
    /// password, and the page says so.
    pub wrong_codes: i64,
}

/// The account as the first step finds it.
#[derive(Clone)]
struct Found {
    account: Id,
    suspended: bool,
    password: Option<String>,
}

#[derive(Clone)]
struct Charged {
    found: Option<Found>,
    known: bool,
    counters: Vec<Counter>,
    at: Timestamp,
}

/// An account's second factor.
struct Factor {
    account: Id,
    sealed: Option<Vec<u8>>,
    last_step: i64,
}

enum Outcome<T> {
    Right(T),
    Wrong,
}

impl<T> Outcome<T> {
    /// A wrong code is an error for whoever typed it, but not for the transaction: the count of it must be kept.
    fn into_result(self) -> Result<T, Problem> {
        match self {
            Self::Right(value) => Ok(value),
            Self::Wrong => Err(problems::code_wrong()),
        }
    }
}

impl Office {
    /// What stands for a sign-in name in look-ups.
    pub(crate) fn login_index(&self, folded: &str) -> Result<[u8; 32], Problem> {
        self.keyed("office-login", &[folded.as_bytes()])
    }
    /// What is hashed of a password: keyed, so that a stolen database alone cannot be guessed at.
    pub(crate) fn keyed_password(&self, password: &Password) -> Result<[u8; 32], Problem> {
        self.keyed("office-password", &[password.as_bytes()])
    }

    /// The first step. Gives the challenge for the second.
    ///
    /// A wrong name and a wrong password answer alike and take equally long.
    ///
    /// # Errors
    /// `office-sign-in-wrong`, `office-slow` with a time to wait, `office-busy`; `office-account-suspended` and
    /// `office-passkey-only` after the right password.
    pub async fn sign_in_password(&self, attempt: &Attempt) -> Result<String, Problem> {
        let index = self.login_index(&text::fold_login(&attempt.login).unwrap_or_default())?;
        let charged = self.charge_attempt(index, attempt).await?;
        let stored = charged.found.as_ref().and_then(|found| found.password.clone());
        let password = Password::typed(&attempt.password);
        let keyed = password.as_ref().map(|p| self.keyed_password(p)).transpose()?.unwrap_or_default();
        let verdict = match self.hashing().verify(keyed, stored.clone().filter(|_| password.is_some())).await
        {
            Ok(verdict) => verdict,
            Err(problem) => {
                // Nothing was judged, so nothing may be counted.
                self.take_back(charged).await?;
                return Err(problem);
            }
        };
        let Some(found) = charged.found.clone().filter(|_| verdict != Verdict::Wrong) else {
            return Err(problems::sign_in_wrong());
        };
        let renewed = match verdict {
            Verdict::RightButOld => Some((self.hashing().hash(keyed, self.world()).await?, stored)),
            _ => None,
        };
        let device = attempt.device.as_deref().and_then(token::stored);
        let (office, account, suspended) = (self.clone(), found.account, found.suspended);
        let challenge = self.store().write(move |tx| {
            let (office, charged, renewed) = (office.clone(), charged.clone(), renewed.clone());
            Box::pin(async move {
                allowance::refund(tx, &charged.counters, charged.at).await?;
                if suspended {
                    return Ok(Err(problems::suspended()));
                }
                if office.only(tx, account).await? {
                    return Ok(Err(problems::passkey_only()));
                }
                if let Some((new, old)) = renewed {
                    let update =
                        sql!("update office_account set password = $2 where id = $1 and password = $3");
                    tx.execute(update, &params![account, new, old]).await?;
                }
                office.open_challenge(tx, account, device, charged.known).await.map(Ok)
            })
        });
        // A refusal is no error for the transaction: the try was right, and is taken back.
        challenge.await.and_then(|challenge: Result<String, Problem>| challenge)
    }

    /// Counts the try before it is judged.
    async fn charge_attempt(&self, index: [u8; 32], attempt: &Attempt) -> Result<Charged, Problem> {
        let (office, source) = (self.clone(), attempt.source);
        let device = attempt.device.as_deref().and_then(token::stored);
        self.store()
            .write(move |tx| {
                let office = office.clone();
                Box::pin(async move {
                    let row = tx
                        .query_opt(
                            sql!("select id, state, password from office_account where login_index = $1"),
                            &params![index],
                        )
                        .await?;
                    let read = |row: &Row| -> Result<Found, Problem> {
                        let suspended = row.get::<&str>(1)? == "suspended";
                        Ok(Found { account: row.get(0)?, suspended, password: row.get(2)? })
                    };
                    let found = row.as_ref().map(read).transpose()?;
                    let known = match &found {
                        Some(found) => office.knows_device(tx, device, found.account).await?,
                        None => false,
                    };
                    let known_device = device.filter(|_| known);
                    let (counters, at) =
                        (office.attempt_counters(&index, source, known_device)?, office.now());
                    allowance::charge(tx, &counters, at).await?;
                    Ok(Charged { found, known, counters, at })
                })
            })
            .await
    }

    async fn take_back(&self, charged: Charged) -> Result<(), Problem> {
        self.store()
            .write(move |tx| {
                let charged = charged.clone();
                Box::pin(async move { allowance::take_back(tx, &charged.counters, charged.at).await })
            })
            .await
    }

    fn attempt_counters(
        &self,
        index: &[u8; 32],
        source: Source,
        known: Option<[u8; 32]>,
    ) -> Result<Vec<Counter>, Problem> {
        if let Some(device) = known {
            return Ok(vec![self.counter("device", allowance::DEVICE, &[index, &device], true)?]);
        }
        Ok(vec![
            self.counter("pair", allowance::PAIR, &[index, source.as_bytes()], true)?,
            self.counter("account", allowance::ACCOUNT, &[index], false)?,
            self.counter("source", allowance::SOURCE, &[source.as_bytes()], false)?,
        ])
    }

    async fn open_challenge(
        &self,
        tx: &mut Tx,
        account: Id,
        device: Option<[u8; 32]>,
        known: bool,
    ) -> Result<String, Problem> {
        let (challenge, kept) = token::fresh(self.world());
        tx.execute(
            sql!("insert into office_challenge (token, account, device, known, expires) values ($1, $2, $3, $4, $5)"),
            &params![kept, account, device, i64::from(known), self.now().plus_seconds(CHALLENGE_SECONDS)],
        )
        .await?;
        Ok(challenge)
    }

    /// The second step. Opens a session.
    ///
    /// # Errors
    /// `office-code-wrong`, `office-slow`, `office-challenge-over`, `office-account-suspended`, `office-no-assignment`.
    pub async fn sign_in_code(&self, step: &CodeStep) -> Result<SignedIn, Problem> {
        let challenge = token::stored(&step.challenge).ok_or_else(problems::challenge_over)?;
        let (office, step) = (self.clone(), step.clone());
        let outcome = self.store().write(move |tx| {
            let (office, step) = (office.clone(), step.clone());
            Box::pin(async move { office.take_code(tx, challenge, &step).await })
        });
        outcome.await?.into_result()
    }

    async fn take_code(
        &self,
        tx: &mut Tx,
        challenge: [u8; 32],
        step: &CodeStep,
    ) -> Result<Outcome<SignedIn>, Problem> {
        let row = tx
            .query_opt(
                sql!(
                    "select c.account, c.device, c.known, a.kind, a.state, a.totp, a.totp_step, a.wrong_codes \
                     from office_challenge c join office_account a on a.id = c.account \
                     where c.token = $1 and c.expires > $2"
                ),
                &params![challenge, self.now()],
            )
            .await?
            .ok_or_else(problems::challenge_over)?;
        let account: Id = row.get(0)?;
        if row.get::<&str>(4)? != "active" {
            return Err(problems::suspended());
        }
        let known = row.get::<i64>(2)? != 0;
        let factor = Factor { account, sealed: row.get(5)?, last_step: row.get(6)? };
        if !self.judge_code(tx, &factor, &step.code, known, "sign-in").await? {
            let count = sql!("update office_account set wrong_codes = wrong_codes + 1 where id = $1");
            tx.execute(count, &params![account]).await?;
            return Ok(Outcome::Wrong);
        }
        let principal = Principal::from_parts(row.get(3)?, account).ok_or_else(problems::challenge_over)?;
        tx.execute(sql!("delete from office_challenge where account = $1"), &params![account]).await?;
        tx.execute(
            sql!("update office_account set wrong_codes = 0, signed_in = $2 where id = $1"),
            &params![account, self.now()],
        )
        .await?;
        let device = self.remember_device(tx, row.get(1)?, account).await?;
        let mut signed_in = self.begin(tx, principal, step, device, Some(Way::Code)).await?;
        signed_in.wrong_codes = row.get(7)?;
        Ok(Outcome::Right(signed_in))
    }

    /// Opens the session of somebody whose identity is settled.
    pub(crate) async fn begin(
        &self,
        tx: &mut Tx,
        principal: Principal,
        step: &CodeStep,
        device: String,
        proven: Option<Way>,
    ) -> Result<SignedIn, Problem> {
        let mut assignment = None;
        let mut needs_choice = false;
        if let Principal::Official(id) = principal {
            let open = self.assignments_of(tx, id).await?;
            match open.as_slice() {
                [] => return Err(problems::no_assignment()),
                [only] => assignment = Some(only.id),
                _ => needs_choice = true,
            }
        }
        if let Some(old) = step.replaces.as_deref().and_then(token::stored) {
            tx.execute(sql!("delete from office_session where token = $1"), &params![old]).await?;
        }
        let new = NewSession {
            account: principal.id(),
            assignment,
            device: &step.device_label,
            proven: proven.map(|_| self.now()),
            way: proven.unwrap_or(Way::Code),
        };
        let opened = self.open_session(tx, &new).await?;
        let (token, session) = (opened.token, opened.id);
        Ok(SignedIn { token, session, device, principal, needs_choice, wrong_codes: 0 })
    }

    /// Whether a code is the account's, charging the try. A right one is used up.
    async fn judge_code(
        &self,
        tx: &mut Tx,
        factor: &Factor,
        typed: &str,
        known: bool,
        class: &str,
    ) -> Result<bool, Problem> {
        let limit = if known { allowance::KNOWN_CODE } else { allowance::CODE };
        let place: &[u8] = if known { b"known" } else { b"unknown" };
        let counter =
            [self.counter("code", limit, &[factor.account.as_bytes(), class.as_bytes(), place], true)?];
        let now = self.now();
        allowance::charge(tx, &counter, now).await?;
        let right = self.use_totp(tx, factor, typed, now).await?
            || (class == "sign-in" && self.use_recovery(tx, factor.account, typed).await?);
        if right {
            allowance::refund(tx, &counter, now).await?;
        }
        Ok(right)
    }

    /// Whether an account can give one-time codes now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn gives_codes(&self, tx: &mut Tx, citizen: Id) -> Result<bool, Problem> {
        Ok(self.factor_of(tx, citizen).await?.is_some())
    }

    async fn factor_of(&self, tx: &mut Tx, account: Id) -> Result<Option<Factor>, Problem> {
        let select = sql!(
            "select totp, totp_step from office_account \
             where id = $1 and state = 'active' and totp is not null"
        );
        let row = tx.query_opt(select, &params![account]).await?;
        row.map(|row| Ok(Factor { account, sealed: row.get(0)?, last_step: row.get(1)? })).transpose()
    }

    /// Judges a one-time code that a citizen types on a machine that is not theirs, to agree to one thing. A right one is used up;
    /// no session is opened or proven by it. `None` without an account that has such codes. A wrong code is an answer and no
    /// error: call it in a write that succeeds, so that its count is kept. The counter is one of its own: whoever guesses at a
    /// counter locks nobody out of their account.
    ///
    /// # Errors
    /// `office-slow` after ten wrong codes in a day; when the store fails.
    pub async fn agree_with_code(
        &self,
        tx: &mut Tx,
        citizen: Id,
        typed: &str,
    ) -> Result<Option<bool>, Problem> {
        let Some(factor) = self.factor_of(tx, citizen).await? else { return Ok(None) };
        self.judge_code(tx, &factor, typed, false, "agree").await.map(Some)
    }

    async fn use_totp(
        &self,
        tx: &mut Tx,
        factor: &Factor,
        typed: &str,
        now: Timestamp,
    ) -> Result<bool, Problem> {
        // Anything but six digits is no one-time code: the secret stays sealed.
        let Some(sealed) = factor.sealed.as_deref().filter(|_| totp::read(typed).is_some()) else {
            return Ok(false);
        };
        let secret = self.open_totp(tx, factor.account, sealed).await?;
        let Some(step) = secret.verify(typed, now, Some(factor.last_step)) else { return Ok(false) };
        let used = tx
            .execute(
                sql!("update office_account set totp_step = $2 where id = $1 and totp_step < $2"),
                &params![factor.account, step],
            )
            .await?;
        Ok(used == 1)
    }

    async fn use_recovery(&self, tx: &mut Tx, account: Id, typed: &str) -> Result<bool, Problem> {
        let Some(signs) = code::read(typed) else { return Ok(false) };
        let kept = self.recovery_hash(account, &signs)?;
        let spend = sql!("delete from office_recovery where account = $1 and code = $2");
        Ok(tx.execute(spend, &params![account, kept]).await? == 1)
    }

    pub(crate) fn recovery_hash(&self, account: Id, signs: &str) -> Result<[u8; 32], Problem> {
        self.keyed("office-recovery", &[account.as_bytes(), signs.as_bytes()])
    }

    async fn open_totp(&self, tx: &mut Tx, account: Id, sealed: &[u8]) -> Result<Secret, Problem> {
        let context = totp_context(account);
        let plain = self.store().vault().open(tx, account, crate::office::CLASS, &context, sealed).await?;
        Secret::from_slice(&plain)
            .ok_or_else(|| Problem::internal("a one-time code secret of the wrong length"))
    }

    /// A fresh one-time code in an open session, before a dangerous act. Gives the session's new token.
    ///
    /// # Errors
    /// `office-code-wrong`, `office-slow`; 401 when the session is over.
    pub async fn step_up(&self, sent: &str, typed: &str) -> Result<String, Problem> {
        let session = self.session(sent).await?.ok_or_else(Problem::sign_in)?;
        let kept = token::stored(sent).ok_or_else(Problem::sign_in)?;
        let (office, typed, account) = (self.clone(), typed.to_string(), session.principal.id());
        let outcome = self.store().write(move |tx| {
            let (office, typed) = (office.clone(), typed.clone());
            Box::pin(async move {
                let row = tx
                    .query_opt(
                        sql!("select totp, totp_step from office_account where id = $1 and state = 'active'"),
                        &params![account],
                    )
                    .await?
                    .ok_or_else(Problem::sign_in)?;
                let factor = Factor { account, sealed: row.get(0)?, last_step: row.get(1)? };
                if !office.judge_code(tx, &factor, &typed, true, "step-up").await? {
                    return Ok(Outcome::Wrong);
                }
                office.prove(tx, kept).await.map(Outcome::Right)
            })
        });
        outcome.await?.into_result()
    }

    /// Marks a session as freshly proven and gives it a new token.
    pub(crate) async fn prove(&self, tx: &mut Tx, kept: [u8; 32]) -> Result<String, Problem> {
        let (token, new) = token::fresh(self.world());
        let rotate = sql!("update office_session set token = $2, proven = $3, seen = $3 where token = $1");
        let rotated = tx.execute(rotate, &params![kept, new, self.now()]).await?;
        if rotated == 0 { Err(Problem::sign_in()) } else { Ok(token) }
    }
}

/// What a sealed secret is bound to, so that it cannot be moved to another account.
pub(crate) fn totp_context(account: Id) -> Vec<u8> {
    [b"office_account.totp/".as_slice(), account.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::Cost;
    use daftar_record::transport::HttpTransport;
    use daftar_record::{Record, RecordConfig};
    use std::sync::Arc;

    #[tokio::test]
    async fn a_try_that_was_never_judged_is_not_counted() {
        daftar_testing::for_each_engine(&[daftar_record::MIGRATIONS, crate::MIGRATIONS], async |store| {
            let transport = Arc::new(HttpTransport::new(&[]).unwrap());
            let config = RecordConfig::new("office.test/1", "quorum none\n", transport);
            let record = Record::open(store.store(), config).await.unwrap();
            let office =
                Office::with_cost(store.store(), record, crate::testbed::roster(), "Test", Cost::TEST);
            let attempt = Attempt {
                login: "amal".into(),
                password: "seven quiet tulips".into(),
                source: Source::of("192.0.2.7".parse().unwrap()),
                device: None,
            };
            let busy = office.hashing().full();
            for _ in 0..allowance::SOURCE.tries + 1 {
                assert_eq!(office.sign_in_password(&attempt).await.map_err(|p| p.code), Err("office-busy"));
            }
            drop(busy);
            assert_eq!(
                office.sign_in_password(&attempt).await.map_err(|p| p.code),
                Err("office-sign-in-wrong")
            );
        })
        .await;
    }
}

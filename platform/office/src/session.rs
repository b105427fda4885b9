//! Sessions: a random token in a cookie, its hash in one row.
//!
//! They end after [`IDLE_SECONDS`] without a request and [`LONGEST_SECONDS`] in any case. The token changes at sign-in, so that one
//! planted before is worthless (session fixation), and again when the holder proves to be there. The id stays through the
//! latter, so that forms open in other windows stay valid; it is no secret.

use crate::office::{Office, Proven};
use crate::{Principal, problems, token};
use daftar_kernel::{Actor, Id, Official, Problem, Timestamp};
use daftar_store::{Row, Tx, params, sql};

/// A session without a request for this long is over.
pub const IDLE_SECONDS: i64 = 15 * 60;
/// No session lasts longer.
pub const LONGEST_SECONDS: i64 = 8 * 3600;
/// How long a one-time code counts as fresh for dangerous acts.
pub const PROVEN_SECONDS: i64 = 5 * 60;
/// The time of the last request is written at most this often. So a session may end up to so much before
/// [`IDLE_SECONDS`], never after.
pub const TOUCH_SECONDS: i64 = 60;
/// Sessions of one account at once; the oldest goes.
pub const SESSIONS_MAX: i64 = 20;
/// Longest text that is kept of the device a session runs on, in characters.
const DEVICE_MAX_CHARS: usize = 80;

/// How a session's holder signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Password and one-time code.
    Code,
    /// A passkey that asked who its holder is: no false site could have got it.
    Passkey,
}

impl Way {
    /// The word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Code => "otp",
            Self::Passkey => "passkey",
        }
    }
    /// The way of a row. A word no release has written is the weaker one.
    #[must_use]
    pub fn read(word: &str) -> Self {
        if word == Self::Passkey.word() { Self::Passkey } else { Self::Code }
    }
}

/// Somebody signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names the session in its holder's list; no secret. Another one after each sign-in.
    pub id: Id,
    /// Whose it is.
    pub principal: Principal,
    /// As whom requests act. [`Actor::Public`] for an official who has yet to choose an office.
    pub actor: Actor,
    /// Whether an official has yet to choose in which office to work: [`Office::choose_assignment`].
    pub needs_choice: bool,
    /// When it began.
    pub created: Timestamp,
    /// The last request, to [`TOUCH_SECONDS`].
    pub seen: Timestamp,
    /// The last one-time code or passkey.
    pub proven_at: Option<Timestamp>,
    /// How it was begun.
    pub way: Way,
}

impl Session {
    /// Whether a one-time code was given within the last [`PROVEN_SECONDS`].
    #[must_use]
    pub fn stepped_up(&self, now: Timestamp) -> bool {
        self.proven_at.is_some_and(|at| now < at.plus_seconds(PROVEN_SECONDS))
    }
    /// The actor, for dangerous acts.
    ///
    /// # Errors
    /// `office-step-up` (403) when the last one-time code is too old: ask for one, then [`Office::step_up`].
    pub fn proven(&self, now: Timestamp) -> Result<Proven, Problem> {
        if self.stepped_up(now) { Ok(Proven::of(self.actor.clone())) } else { Err(problems::step_up()) }
    }
}

/// One of somebody's own sessions, for their list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// To end it with [`Office::end_session`].
    pub id: Id,
    /// What the browser said it is.
    pub device: String,
    /// When it began.
    pub created: Timestamp,
    /// The last request.
    pub seen: Timestamp,
}

/// A new session, with the token to put into the cookie.
pub(crate) struct Opened {
    pub(crate) token: String,
    pub(crate) id: Id,
}

pub(crate) struct NewSession<'a> {
    pub(crate) account: Id,
    pub(crate) assignment: Option<Id>,
    pub(crate) device: &'a str,
    pub(crate) proven: Option<Timestamp>,
    pub(crate) way: Way,
}

impl Office {
    /// The session of a token, by one indexed read; `None` when there is none, it is over, or its holder may no longer work.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn session(&self, sent: &str) -> Result<Option<Session>, Problem> {
        let Some(token) = token::stored(sent) else { return Ok(None) };
        let find = sql!(
            "select s.id, s.account, s.created, s.seen, s.proven, a.kind, a.state, a.name, g.agency, g.office, \
             g.role, g.until, g.ended, s.way from office_session s join office_account a on a.id = s.account \
             left join office_assignment g on g.id = s.assignment and g.account = s.account where s.token = $1"
        );
        // The token is the table's key: one row or none.
        let row = self.store().look_up(find, params![token].to_vec()).await?.pop();
        let now = self.now();
        let Some(session) = row.map(|row| self.check(&row, now)).transpose()?.flatten() else {
            return Ok(None);
        };
        if now >= session.seen.plus_seconds(TOUCH_SECONDS) {
            self.store().write(move |tx| Box::pin(touch(tx, token, now))).await?;
        }
        Ok(Some(session))
    }

    fn check(&self, row: &Row, now: Timestamp) -> Result<Option<Session>, Problem> {
        let (id, account): (Id, Id) = (row.get(0)?, row.get(1)?);
        let (created, seen): (Timestamp, Timestamp) = (row.get(2)?, row.get(3)?);
        let over = now >= created.plus_seconds(LONGEST_SECONDS) || now >= seen.plus_seconds(IDLE_SECONDS);
        let way = Way::read(row.get(13)?);
        let Some(principal) = Principal::from_parts(row.get(5)?, account) else { return Ok(None) };
        if over || row.get::<&str>(6)? == "suspended" {
            return Ok(None);
        }
        let (actor, needs_choice) = match principal {
            Principal::Citizen(token) => (Actor::Citizen(token), false),
            Principal::Official(id) => {
                let Some(agency) = row.get::<Option<String>>(8)? else {
                    let proven_at = row.get(4)?;
                    let (actor, needs_choice) = (Actor::Public, true);
                    return Ok(Some(Session {
                        id: row.get(0)?,
                        principal,
                        actor,
                        needs_choice,
                        created,
                        seen,
                        proven_at,
                        way,
                    }));
                };
                let (office, role): (String, String) = (row.get(9)?, row.get(10)?);
                let until: Option<Timestamp> = row.get(11)?;
                let ended: Option<Timestamp> = row.get(12)?;
                let agency_now = self.roster().office(&office).map(|o| o.agency.clone());
                let stands =
                    self.roster().fits(&office, &role) && agency_now.as_deref() == Some(agency.as_str());
                if ended.is_some() || until.is_some_and(|until| now >= until) || !stands {
                    return Ok(None);
                }
                let name = row.get::<Option<String>>(7)?.unwrap_or_default();
                (Actor::Official(Official { id, name, agency, office, role }), false)
            }
        };
        let proven_at = row.get(4)?;
        Ok(Some(Session { id, principal, actor, needs_choice, created, seen, proven_at, way }))
    }

    /// Ends the session of a token. An unknown token is no failure: signed out is signed out.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sign_out(&self, sent: &str) -> Result<(), Problem> {
        let Some(token) = token::stored(sent) else { return Ok(()) };
        self.store()
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(sql!("delete from office_session where token = $1"), &params![token]).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Ends all sessions of an account and forgets its known devices.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sign_out_everywhere(&self, tx: &mut Tx, principal: Principal) -> Result<(), Problem> {
        end_all(tx, principal.id()).await
    }

    /// The open sessions of an account, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sessions_of(&self, tx: &mut Tx, principal: Principal) -> Result<Vec<SessionRow>, Problem> {
        let now = self.now();
        let rows = tx
            .query(
                sql!(
                    "select id, device, created, seen from office_session \
                     where account = $1 and seen > $2 and created > $3 order by created desc, id desc"
                ),
                &params![principal.id(), now.plus_seconds(-IDLE_SECONDS), now.plus_seconds(-LONGEST_SECONDS)],
            )
            .await?;
        let read = |row: &Row| {
            Ok(SessionRow { id: row.get(0)?, device: row.get(1)?, created: row.get(2)?, seen: row.get(3)? })
        };
        rows.iter().map(read).collect()
    }

    /// Ends one of somebody's own sessions.
    ///
    /// # Errors
    /// 404 when they have no such session.
    pub async fn end_session(&self, tx: &mut Tx, principal: Principal, id: Id) -> Result<(), Problem> {
        let ended = tx
            .execute(
                sql!("delete from office_session where id = $1 and account = $2"),
                &params![id, principal.id()],
            )
            .await?;
        if ended == 0 { Err(Problem::not_found()) } else { Ok(()) }
    }

    pub(crate) async fn open_session(&self, tx: &mut Tx, new: &NewSession<'_>) -> Result<Opened, Problem> {
        let (now, id) = (self.now(), self.world().id());
        let (token, kept) = token::fresh(self.world());
        let device: String = new.device.chars().filter(|c| !c.is_control()).take(DEVICE_MAX_CHARS).collect();
        // Sign-in may be repeated by whoever knows how; the table may not grow with it.
        tx.execute(
            sql!(
                "delete from office_session where account = $1 and token in (select token from office_session \
                 where account = $1 order by created desc, id desc limit 1000 offset $2)"
            ),
            &params![new.account, SESSIONS_MAX - 1],
        )
        .await?;
        tx.execute(
            sql!(
                "insert into office_session (token, id, account, assignment, device, created, seen, proven, way) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
            ),
            &params![kept, id, new.account, new.assignment, device, now, now, new.proven, new.way.word()],
        )
        .await?;
        Ok(Opened { token, id })
    }
}

async fn touch(tx: &mut Tx, token: [u8; 32], now: Timestamp) -> Result<(), Problem> {
    tx.execute(
        sql!("update office_session set seen = $2 where token = $1 and seen < $2"),
        &params![token, now],
    )
    .await?;
    Ok(())
}

/// Ends all sessions and unfinished sign-ins of an account and forgets its devices.
pub(crate) async fn end_all(tx: &mut Tx, account: Id) -> Result<(), Problem> {
    tx.execute(sql!("delete from office_session where account = $1"), &params![account]).await?;
    tx.execute(sql!("delete from office_challenge where account = $1"), &params![account]).await?;
    tx.execute(sql!("delete from office_passkey_challenge where account = $1"), &params![account]).await?;
    tx.execute(sql!("delete from office_device where account = $1"), &params![account]).await?;
    Ok(())
}

//! Two people for one act: two distinct officials approve the digest of exactly what will happen.
//!
//! What lies in the tables is sealed with a key outside the database (HMAC): a payload, a digest, a name or a vote that somebody
//! edits there, or adds, makes execution fail. Two people without the key cannot be made of one.

mod seal;

use crate::office::{Office, Proven};
use crate::problems;
use daftar_kernel::{Actor, Id, Official, Problem, Timestamp};
use daftar_store::{BoxFuture, Row, Tx, params, sql};
use seal::{digest_of, row_seal, vote_seal};
use serde_json::{Value, json};
use transparency_log::canonical;

/// How long a request stays open: 7 days.
pub const APPROVAL_SECONDS: i64 = 7 * 86_400;
/// Officials who must approve.
pub const VOTES_NEEDED: usize = 2;
/// Largest payload, as canonical JSON, in bytes.
pub const PAYLOAD_MAX_BYTES: usize = 1024 * 1024;
/// Open requests of one page of the list.
pub const PAGE: usize = 50;
const REASON_MAX_CHARS: usize = 500;
/// Stands for the account of whoever asks when it is the program: nobody's.
const PROGRAM: Id = Id::from_bytes([0; 16]);

/// What is to be approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What kind of act, as `service.verb`, e.g. `packs.publish`.
    pub kind: &'static str,
    /// The permission whoever approves must hold; the same for whoever asks.
    pub permission: &'static str,
    /// Exactly what will happen.
    pub payload: Value,
}

/// Where a request stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Waiting for votes or for execution.
    Open,
    /// Done.
    Executed,
    /// Turned down.
    Rejected,
}

impl State {
    /// The word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Executed => "executed",
            Self::Rejected => "rejected",
        }
    }
}

/// A request, read and found unaltered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Its identifier.
    pub id: Id,
    /// What kind of act.
    pub kind: String,
    /// The permission needed.
    pub permission: String,
    /// What will happen.
    pub payload: Value,
    /// SHA-256 over kind, permission, payload and all else that was asked for: what is approved.
    pub digest: [u8; 32],
    /// Account of whoever asked; all zeros for the program.
    pub requested_by: Id,
    /// Their name.
    pub requested_name: String,
    /// Their agency.
    pub agency: String,
    /// Their office.
    pub office: String,
    /// When.
    pub requested: Timestamp,
    /// Until when it can be executed.
    pub expires: Timestamp,
    /// Where it stands.
    pub state: State,
    /// When it was executed or rejected.
    pub closed: Option<Timestamp>,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// Who has approved, in the order of their votes.
    pub votes: Vec<Vote>,
}

/// One official's approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// Who, as they worked then.
    pub official: Official,
    /// When.
    pub voted: Timestamp,
}

/// The canonical text of the payload lies beside the parsed one, since that is what is hashed.
struct Stored {
    approval: Approval,
    text: String,
}

impl Office {
    /// Asks for two approvals. The official who asks may be one of the two, by [`Office::approve`]. The program may ask for
    /// whoever runs the machine, and can be neither: its requests take two officials besides.
    ///
    /// # Errors
    /// `office-not-official`, `office-not-permitted`, `office-approval-payload`.
    pub async fn request_approval(&self, tx: &mut Tx, by: &Actor, request: &Request) -> Result<Id, Problem> {
        self.need(by, request.permission)?;
        let (account, name, agency, office) = match by {
            Actor::Official(o) => (o.id, o.name.as_str(), o.agency.as_str(), o.office.as_str()),
            Actor::System(name) => (PROGRAM, *name, "", ""),
            Actor::Public | Actor::Citizen(_) => return Err(problems::not_official()),
        };
        let text =
            canonical::to_text(&request.payload).map_err(|e| problems::approval_payload().detail(e))?;
        if text.len() > PAYLOAD_MAX_BYTES {
            return Err(problems::approval_payload());
        }
        let now = self.now();
        let mut approval = Approval {
            id: self.world().id(),
            kind: request.kind.into(),
            permission: request.permission.into(),
            payload: request.payload.clone(),
            digest: [0; 32],
            requested_by: account,
            requested_name: name.into(),
            agency: agency.into(),
            office: office.into(),
            requested: now,
            expires: now.plus_seconds(APPROVAL_SECONDS),
            state: State::Open,
            closed: None,
            reason: None,
            votes: Vec::new(),
        };
        approval.digest = digest_of(&approval, &text);
        let seal = row_seal(self, &approval, &text)?;
        tx.execute(
            sql!(
                "insert into office_approval (id, kind, permission, payload, digest, requested_by, requested_name, \
                 agency, office, requested, expires, state, closed, closed_by, reason, seal) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open', null, null, null, $12)"
            ),
            &params![
                approval.id,
                &approval.kind,
                &approval.permission,
                text,
                approval.digest,
                approval.requested_by,
                &approval.requested_name,
                &approval.agency,
                &approval.office,
                now,
                approval.expires,
                seal
            ],
        )
        .await?;
        let public = json!({"request": daftar_kernel::hex::encode(&approval.digest), "of": approval.kind});
        self.act(tx, by, "office.approval-requested", public, json!({"name": name})).await?;
        Ok(approval.id)
    }

    /// Approves what was seen: `digest` is that of the request as it was shown.
    ///
    /// # Errors
    /// `office-not-official`, `office-not-permitted`, `office-approval-altered` when the request is not what was seen,
    /// `office-approval-twice`, `office-approval-closed`; 404.
    pub async fn approve(&self, tx: &mut Tx, by: &Proven, id: Id, digest: &[u8; 32]) -> Result<(), Problem> {
        let official = by.actor().official().ok_or_else(problems::not_official)?;
        let Stored { approval, .. } = self.intact(tx, id).await?;
        self.need(by.actor(), &approval.permission)?;
        self.check_open(&approval)?;
        if &approval.digest != digest {
            return Err(problems::approval_altered());
        }
        let voted = self.now();
        let vote = Vote { official: official.clone(), voted };
        let seal = vote_seal(self, id, &approval.digest, &vote)?;
        let counted = tx
            .execute(
                sql!(
                    "insert into office_vote (approval, official, name, agency, office, role, digest, voted, seal) \
                     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (approval, official) do nothing"
                ),
                &params![
                    id,
                    official.id,
                    &official.name,
                    &official.agency,
                    &official.office,
                    &official.role,
                    approval.digest,
                    voted,
                    seal
                ],
            )
            .await?;
        if counted == 0 { Err(problems::approval_twice()) } else { Ok(()) }
    }

    /// Turns a request down. An act of the record.
    ///
    /// # Errors
    /// `office-not-official`, `office-not-permitted`, `office-approval-closed`, `office-approval-altered`; 404.
    pub async fn reject(&self, tx: &mut Tx, by: &Proven, id: Id, reason: &str) -> Result<(), Problem> {
        let official = by.actor().official().ok_or_else(problems::not_official)?;
        let mut stored = self.intact(tx, id).await?;
        self.need(by.actor(), &stored.approval.permission)?;
        self.check_open(&stored.approval)?;
        stored.approval.reason = crate::text::clean_text(reason, REASON_MAX_CHARS);
        self.close(tx, &mut stored, State::Rejected, by.actor()).await?;
        let public = json!({"request": daftar_kernel::hex::encode(&stored.approval.digest), "of": stored.approval.kind});
        let private = json!({"by": official.name, "reason": stored.approval.reason});
        self.act(tx, by.actor(), "office.approval-rejected", public, private).await?;
        Ok(())
    }

    /// Does what two officials have approved: runs `executor` with the payload, in this transaction, once.
    ///
    /// The approvers must still work, in roles that still hold the permission. Both names are in the act.
    ///
    /// # Errors
    /// `office-approval-altered` when anything in the rows is not as it was approved, `office-approval-open` with fewer than
    /// two votes, `office-approval-closed`; 404, also for another kind; and what the executor answers.
    pub async fn execute<T, F>(
        &self,
        tx: &mut Tx,
        by: &Actor,
        (id, kind): (Id, &'static str),
        executor: F,
    ) -> Result<T, Problem>
    where
        F: for<'t> FnOnce(&'t mut Tx, Value) -> BoxFuture<'t, Result<T, Problem>> + Send,
    {
        let mut stored = self.intact(tx, id).await?;
        if stored.approval.kind != kind {
            return Err(Problem::not_found());
        }
        self.need(by, &stored.approval.permission)?;
        self.check_open(&stored.approval)?;
        let mut names = Vec::new();
        for vote in &stored.approval.votes {
            if self.may_still(tx, vote, &stored.approval.permission).await? {
                names.push(vote.official.name.clone());
            }
        }
        if names.len() < VOTES_NEEDED {
            return Err(problems::approval_open());
        }
        let payload = stored.approval.payload.clone();
        self.close(tx, &mut stored, State::Executed, by).await?;
        let done = executor(tx, payload).await?;
        let digest = daftar_kernel::hex::encode(&stored.approval.digest);
        let public = json!({"request": digest, "of": stored.approval.kind, "approvals": names.len()});
        let private = json!({"approved_by": names, "requested_by": stored.approval.requested_name});
        self.act(tx, by, "office.approval-executed", public, private).await?;
        Ok(done)
    }

    pub(crate) async fn may_still(
        &self,
        tx: &mut Tx,
        vote: &Vote,
        permission: &str,
    ) -> Result<bool, Problem> {
        let active = sql!(
            "select id from office_account where id = $1 and kind = 'official' and state <> 'suspended'"
        );
        let works = tx.query_opt(active, &params![vote.official.id]).await?.is_some();
        Ok(works && self.roster().allows(&vote.official.role, permission))
    }

    fn check_open(&self, approval: &Approval) -> Result<(), Problem> {
        let open = approval.state == State::Open && self.now() < approval.expires;
        if open { Ok(()) } else { Err(problems::approval_closed()) }
    }

    async fn close(&self, tx: &mut Tx, stored: &mut Stored, state: State, by: &Actor) -> Result<(), Problem> {
        stored.approval.state = state;
        stored.approval.closed = Some(self.now());
        let seal = row_seal(self, &stored.approval, &stored.text)?;
        let approval = &stored.approval;
        tx.execute(
            sql!(
                "update office_approval set state = $2, closed = $3, closed_by = $4, reason = $5, seal = $6 \
                 where id = $1"
            ),
            &params![
                approval.id,
                state.word(),
                approval.closed,
                by.official().map(|official| official.id),
                approval.reason.clone(),
                seal
            ],
        )
        .await?;
        Ok(())
    }

    /// A request with its votes, for its page.
    ///
    /// # Errors
    /// `office-approval-altered` when the rows are not what was written; 404; `office-not-permitted`.
    pub async fn approval(&self, tx: &mut Tx, by: &Actor, id: Id) -> Result<Approval, Problem> {
        let stored = self.intact(tx, id).await?;
        self.need(by, &stored.approval.permission)?;
        Ok(stored.approval)
    }

    /// Open requests that the actor may approve, oldest first, at most [`PAGE`]. Altered ones are left out of the list and
    /// named in the log.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open_approvals(&self, tx: &mut Tx, by: &Actor) -> Result<Vec<Approval>, Problem> {
        let rows = tx
            .query(
                sql!(
                    "select id, permission from office_approval where state = 'open' and expires > $1 \
                     order by id limit 1000"
                ),
                &params![self.now()],
            )
            .await?;
        let mut list = Vec::new();
        for row in &rows {
            if list.len() == PAGE || self.need(by, row.get(1)?).is_err() {
                continue;
            }
            let id: Id = row.get(0)?;
            match self.intact(tx, id).await {
                Ok(stored) => list.push(stored.approval),
                Err(problem) if problem.code == problems::approval_altered().code => {
                    tracing::error!(approval = %id, "the row of a request for approval was altered");
                }
                Err(problem) => return Err(problem),
            }
        }
        Ok(list)
    }

    /// Reads a request and refuses it when anything in its rows is not what was written.
    async fn intact(&self, tx: &mut Tx, id: Id) -> Result<Stored, Problem> {
        let row = tx
            .query_opt(
                sql!(
                    "select id, kind, permission, payload, digest, requested_by, requested_name, agency, office, \
                     requested, expires, state, closed, reason, seal from office_approval where id = $1"
                ),
                &params![id],
            )
            .await?
            .ok_or_else(Problem::not_found)?;
        let mut stored = read_request(&row)?;
        let sealed: Option<[u8; 32]> = row.get::<&[u8]>(14)?.try_into().ok();
        let right = sealed == Some(row_seal(self, &stored.approval, &stored.text)?)
            && stored.approval.digest == digest_of(&stored.approval, &stored.text);
        if !right {
            return Err(problems::approval_altered());
        }
        let votes = tx
            .query(
                sql!(
                    "select official, name, agency, office, role, digest, voted, seal from office_vote \
                     where approval = $1 order by voted, official"
                ),
                &params![id],
            )
            .await?;
        for row in &votes {
            let vote = read_vote(row)?;
            let digest: Option<[u8; 32]> = row.get::<&[u8]>(5)?.try_into().ok();
            let sealed: Option<[u8; 32]> = row.get::<&[u8]>(7)?.try_into().ok();
            let right = vote_seal(self, id, &stored.approval.digest, &vote)?;
            if digest != Some(stored.approval.digest) || sealed != Some(right) {
                return Err(problems::approval_altered());
            }
            stored.approval.votes.push(vote);
        }
        Ok(stored)
    }
}

fn read_request(row: &Row) -> Result<Stored, Problem> {
    let text: String = row.get(3)?;
    let altered = || problems::approval_altered();
    let state: &str = row.get(11)?;
    let states = [State::Open, State::Executed, State::Rejected];
    let approval = Approval {
        id: row.get(0)?,
        kind: row.get(1)?,
        permission: row.get(2)?,
        payload: serde_json::from_str(&text).map_err(|_| altered())?,
        digest: row.get::<&[u8]>(4)?.try_into().map_err(|_| altered())?,
        requested_by: row.get(5)?,
        requested_name: row.get(6)?,
        agency: row.get(7)?,
        office: row.get(8)?,
        requested: row.get(9)?,
        expires: row.get(10)?,
        state: states.into_iter().find(|s| s.word() == state).ok_or_else(altered)?,
        closed: row.get(12)?,
        reason: row.get(13)?,
        votes: Vec::new(),
    };
    Ok(Stored { approval, text })
}

fn read_vote(row: &Row) -> Result<Vote, Problem> {
    let official = Official {
        id: row.get(0)?,
        name: row.get(1)?,
        agency: row.get(2)?,
        office: row.get(3)?,
        role: row.get(4)?,
    };
    Ok(Vote { official, voted: row.get(6)? })
}

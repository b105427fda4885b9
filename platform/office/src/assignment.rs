//! In which office an official works, in which role, from when until when.

use crate::office::{Office, Proven};
use crate::permission::ASSIGN;
use crate::{problems, token};
use daftar_kernel::{Actor, Id, Problem, Timestamp};
use daftar_store::{Row, Tx, params, sql};
use serde_json::json;

/// A role in an office for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Its identifier.
    pub id: Id,
    /// The official.
    pub account: Id,
    /// The agency's code.
    pub agency: String,
    /// The office's code.
    pub office: String,
    /// The role's code.
    pub role: String,
    /// From when.
    pub since: Timestamp,
    /// Until when, when a date was set.
    pub until: Option<Timestamp>,
    /// When it was ended before its time.
    pub ended: Option<Timestamp>,
}

impl Assignment {
    /// Whether it holds at this time.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now >= self.since && self.until.is_none_or(|until| now < until)
    }
    fn read(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            id: row.get(0)?,
            account: row.get(1)?,
            agency: row.get(2)?,
            office: row.get(3)?,
            role: row.get(4)?,
            since: row.get(5)?,
            until: row.get(6)?,
            ended: row.get(7)?,
        })
    }
}

/// What to assign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAssignment {
    /// The official.
    pub account: Id,
    /// The office's code.
    pub office: String,
    /// The role's code.
    pub role: String,
    /// From when; now when none is given.
    pub since: Option<Timestamp>,
    /// Until when, if it is to end by itself.
    pub until: Option<Timestamp>,
}

impl Office {
    /// Gives an official a role in an office. An act of the record.
    ///
    /// # Errors
    /// `office-not-permitted`, `office-own-account`, `office-roster-unknown`, `office-dates`, `office-assigned-already`; 404 for
    /// an unknown account.
    pub async fn assign(&self, tx: &mut Tx, by: &Proven, new: &NewAssignment) -> Result<Id, Problem> {
        let now = self.now();
        self.need(by.actor(), ASSIGN)?;
        not_oneself(by.actor(), new.account)?;
        let since = new.since.unwrap_or(now);
        if new.until.is_some_and(|until| until <= since || until <= now) {
            return Err(problems::dates());
        }
        let official = sql!("select id from office_account where id = $1 and kind = 'official'");
        tx.query_opt(official, &params![new.account]).await?.ok_or_else(Problem::not_found)?;
        let held = self.all_assignments(tx, new.account).await?;
        // A later stretch of the same work is fine, one beside it is a slip.
        let beside = |a: &Assignment| {
            a.ended.is_none()
                && (&a.office, &a.role) == (&new.office, &new.role)
                && a.until.is_none_or(|until| since < until && now < until)
                && new.until.is_none_or(|until| a.since < until)
        };
        if held.iter().any(beside) {
            return Err(problems::assigned_already());
        }
        self.insert_assignment(tx, by.actor(), new, since).await
    }

    pub(crate) async fn insert_assignment(
        &self,
        tx: &mut Tx,
        by: &Actor,
        new: &NewAssignment,
        since: Timestamp,
    ) -> Result<Id, Problem> {
        let roster = self.roster();
        let place = roster.office(&new.office).filter(|_| roster.fits(&new.office, &new.role));
        let place = place.ok_or_else(problems::roster_unknown)?;
        let (id, now) = (self.world().id(), self.now());
        let by_whom = by.official().map(|official| official.id);
        tx.execute(
            sql!(
                "insert into office_assignment (id, account, agency, office, role, since, until, ended, given_by, given) \
                 values ($1, $2, $3, $4, $5, $6, $7, null, $8, $9)"
            ),
            &params![id, new.account, &place.agency, &new.office, &new.role, since, new.until, by_whom, now],
        )
        .await?;
        let until = new.until.map(Timestamp::to_rfc3339);
        let public = json!({"in_agency": place.agency, "in_office": new.office, "role": new.role,
            "since": since.to_rfc3339(), "until": until});
        let private = json!({"official": new.account, "name": self.name_of(tx, new.account).await?});
        self.act(tx, by, "office.role-assigned", public, private).await?;
        Ok(id)
    }

    /// Ends an assignment now; whoever works in it is signed out of it. An act of the record.
    ///
    /// # Errors
    /// `office-not-permitted`, `office-own-account`; `office-state` when it is over already; 404 when unknown.
    pub async fn end_assignment(&self, tx: &mut Tx, by: &Proven, id: Id) -> Result<(), Problem> {
        self.need(by.actor(), ASSIGN)?;
        let row = tx
            .query_opt(
                sql!(
                    "select id, account, agency, office, role, since, until, ended from office_assignment \
                     where id = $1"
                ),
                &params![id],
            )
            .await?
            .ok_or_else(Problem::not_found)?;
        let held = Assignment::read(&row)?;
        not_oneself(by.actor(), held.account)?;
        let now = self.now();
        if held.ended.is_some() || held.until.is_some_and(|until| now >= until) {
            return Err(problems::state());
        }
        tx.execute(sql!("update office_assignment set ended = $2 where id = $1"), &params![id, now]).await?;
        tx.execute(sql!("delete from office_session where assignment = $1"), &params![id]).await?;
        let public = json!({"in_agency": held.agency, "in_office": held.office, "role": held.role});
        let private = json!({"official": held.account, "name": self.name_of(tx, held.account).await?});
        self.act(tx, by.actor(), "office.role-ended", public, private).await?;
        Ok(())
    }

    /// Everything an official was assigned to, oldest first, also what is over.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn all_assignments(&self, tx: &mut Tx, account: Id) -> Result<Vec<Assignment>, Problem> {
        let rows = tx
            .query(
                sql!(
                    "select id, account, agency, office, role, since, until, ended from office_assignment \
                     where account = $1 order by since, id"
                ),
                &params![account],
            )
            .await?;
        rows.iter().map(Assignment::read).collect()
    }

    /// The assignments an official can work in now, in a country that still has the office and the role.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn assignments_of(&self, tx: &mut Tx, account: Id) -> Result<Vec<Assignment>, Problem> {
        let (now, roster) = (self.now(), self.roster());
        let mut open = self.all_assignments(tx, account).await?;
        open.retain(|a| {
            a.holds(now)
                && roster.fits(&a.office, &a.role)
                && roster.office(&a.office).is_some_and(|o| o.agency == a.agency)
        });
        Ok(open)
    }

    /// Chooses, once in a session, in which office its official works.
    ///
    /// # Errors
    /// 401 when the session is over, `office-assignment-chosen` when it was chosen before, 404 for an assignment that is not
    /// theirs or does not hold now.
    pub async fn choose_assignment(&self, sent: &str, assignment: Id) -> Result<(), Problem> {
        let session = self.session(sent).await?.ok_or_else(Problem::sign_in)?;
        if !session.needs_choice {
            return Err(problems::assignment_chosen());
        }
        let kept = token::stored(sent).ok_or_else(Problem::sign_in)?;
        let (office, account) = (self.clone(), session.principal.id());
        self.store()
            .write(move |tx| {
                let office = office.clone();
                Box::pin(async move {
                    let open = office.assignments_of(tx, account).await?;
                    if !open.iter().any(|a| a.id == assignment) {
                        return Err(Problem::not_found());
                    }
                    let choose = sql!(
                        "update office_session set assignment = $2 where token = $1 and assignment is null"
                    );
                    let chosen = tx.execute(choose, &params![kept, assignment]).await?;
                    if chosen == 0 { Err(problems::assignment_chosen()) } else { Ok(()) }
                })
            })
            .await
    }
}

/// Nobody gives themselves a role or lifts their own suspension.
pub(crate) fn not_oneself(by: &Actor, account: Id) -> Result<(), Problem> {
    if by.official().is_some_and(|official| official.id == account) {
        Err(problems::own_account())
    } else {
        Ok(())
    }
}

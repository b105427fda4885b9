//! Eyes on those who look: alarms about unusual readers, and reviews of looks by a second office.

use crate::office::Office;
use crate::permission::{ALARM_SEE, LOOK_REVIEW};
use crate::permit::Permit;
use crate::{problems, text};
use daftar_kernel::{Actor, Id, Official, Problem, Timestamp};
use daftar_store::{Row, Tx, params, sql};
use serde_json::json;

/// Entries of one page of a list.
pub const PAGE: usize = 50;
const NOTE_MAX_CHARS: usize = 1_000;

/// Somebody looked at more persons within an hour than their role usually needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Its identifier.
    pub id: Id,
    /// The reader, as they worked then.
    pub official: Official,
    /// Looks they have made in that hour so far.
    pub looks: i64,
    /// Looks an hour that are usual in the role.
    pub usual: i64,
    /// When.
    pub raised: Timestamp,
}

/// A look that was drawn for review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewCase {
    /// Its identifier.
    pub id: Id,
    /// The reader, as they worked then.
    pub official: Official,
    /// The look's receipt.
    pub look: Id,
    /// The purpose's code.
    pub purpose: String,
    /// The case's number.
    pub case: Option<String>,
    /// When it was drawn.
    pub drawn: Timestamp,
}

/// What a reviewer finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Finding {
    /// The look was needed for its purpose.
    Justified,
    /// It was not.
    Unjustified,
}

impl Finding {
    /// The word in the table and in the record.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::Unjustified => "unjustified",
        }
    }
}

/// Public counts of reviews.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReviewCounts {
    /// Drawn and not yet reviewed.
    pub open: i64,
    /// Found to be justified.
    pub justified: i64,
    /// Found not to be.
    pub unjustified: i64,
}

fn page() -> i64 {
    i64::try_from(PAGE).unwrap_or(50)
}

/// Agency, office, role, account and name, in this order from a column on.
fn read_official(row: &Row, from: usize) -> Result<Official, Problem> {
    Ok(Official {
        agency: row.get(from)?,
        office: row.get(from + 1)?,
        role: row.get(from + 2)?,
        id: row.get(from + 3)?,
        name: row.get(from + 4)?,
    })
}

impl Office {
    /// One alarm a reader and hour, however many looks follow.
    pub(crate) async fn raise_alarm(
        &self,
        tx: &mut Tx,
        official: &Official,
        hour: i64,
        usual: u32,
    ) -> Result<(), Problem> {
        tx.execute(
            sql!(
                "insert into office_alarm (id, agency, office, role, official, name, hour, usual, raised, closed, \
                 closed_by, note) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, null, null, null) \
                 on conflict (official, hour) do nothing"
            ),
            &params![
                self.world().id(),
                &official.agency,
                &official.office,
                &official.role,
                official.id,
                &official.name,
                hour,
                usual,
                self.now()
            ],
        )
        .await?;
        Ok(())
    }

    /// Open alarms, oldest first.
    ///
    /// # Errors
    /// `office-not-permitted`.
    pub async fn alarms(&self, tx: &mut Tx, by: &Actor) -> Result<Vec<Alarm>, Problem> {
        self.need(by, ALARM_SEE)?;
        let rows = tx
            .query(
                sql!(
                    "select a.id, a.agency, a.office, a.role, a.official, a.name, r.looks, a.usual, a.raised \
                     from office_alarm a join office_reading r on r.official = a.official and r.hour = a.hour \
                     where a.closed is null order by a.raised, a.id limit $1"
                ),
                &params![page()],
            )
            .await?;
        let read = |row: &Row| {
            Ok(Alarm {
                id: row.get(0)?,
                official: read_official(row, 1)?,
                looks: row.get(6)?,
                usual: row.get(7)?,
                raised: row.get(8)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Closes an alarm with what was found out. An act of the record.
    ///
    /// # Errors
    /// `office-not-permitted`; `office-own-account` for an alarm about oneself; 404 when there is none open.
    pub async fn close_alarm(&self, tx: &mut Tx, by: &Actor, id: Id, note: &str) -> Result<(), Problem> {
        self.need(by, ALARM_SEE)?;
        let row = tx
            .query_opt(
                sql!("select agency, office, role, official, name from office_alarm where id = $1 and closed is null"),
                &params![id],
            )
            .await?
            .ok_or_else(Problem::not_found)?;
        let reader = read_official(&row, 0)?;
        crate::assignment::not_oneself(by, reader.id)?;
        let note = text::clean_text(note, NOTE_MAX_CHARS);
        tx.execute(
            sql!("update office_alarm set closed = $2, closed_by = $3, note = $4 where id = $1"),
            &params![id, self.now(), by.official().map(|o| o.id), note.clone()],
        )
        .await?;
        let public = json!({"about_agency": reader.agency, "about_office": reader.office});
        self.act(tx, by, "office.alarm-closed", public, json!({"reader": reader.name, "note": note})).await?;
        Ok(())
    }

    pub(crate) async fn draw_review(&self, tx: &mut Tx, permit: &Permit, look: Id) -> Result<(), Problem> {
        let official = permit.official();
        tx.execute(
            sql!(
                "insert into office_review (id, agency, office, role, official, name, look, purpose, case_number, \
                 drawn, reviewed, reviewed_by, reviewed_office, verdict, note) values ($1, $2, $3, $4, $5, $6, $7, \
                 $8, $9, $10, null, null, null, null, null)"
            ),
            &params![
                self.world().id(),
                &official.agency,
                &official.office,
                &official.role,
                official.id,
                &official.name,
                look,
                permit.purpose(),
                permit.case(),
                self.now()
            ],
        )
        .await?;
        Ok(())
    }

    /// Looks of other offices that wait for review, oldest first.
    ///
    /// # Errors
    /// `office-not-official`, `office-not-permitted`.
    pub async fn reviews(&self, tx: &mut Tx, by: &Actor) -> Result<Vec<ReviewCase>, Problem> {
        let reviewer = by.official().ok_or_else(problems::not_official)?;
        self.need(by, LOOK_REVIEW)?;
        let rows = tx
            .query(
                sql!(
                    "select id, agency, office, role, official, name, look, purpose, case_number, drawn \
                     from office_review where reviewed is null and office <> $1 and official <> $2 \
                     order by drawn, id limit $3"
                ),
                &params![&reviewer.office, reviewer.id, page()],
            )
            .await?;
        rows.iter().map(read_review).collect()
    }

    /// Decides a review. An act of the record, with the finding in public and the names in private.
    ///
    /// # Errors
    /// `office-not-official`, `office-not-permitted`; `office-same-office` for a look of the own office or one's own; 404
    /// when there is none open.
    pub async fn decide_review(
        &self,
        tx: &mut Tx,
        by: &Actor,
        id: Id,
        finding: Finding,
        note: &str,
    ) -> Result<(), Problem> {
        let reviewer = by.official().ok_or_else(problems::not_official)?;
        self.need(by, LOOK_REVIEW)?;
        let row = tx
            .query_opt(
                sql!(
                    "select id, agency, office, role, official, name, look, purpose, case_number, drawn \
                     from office_review where id = $1 and reviewed is null"
                ),
                &params![id],
            )
            .await?
            .ok_or_else(Problem::not_found)?;
        let case = read_review(&row)?;
        if case.official.office == reviewer.office || case.official.id == reviewer.id {
            return Err(problems::same_office());
        }
        let note = text::clean_text(note, NOTE_MAX_CHARS);
        tx.execute(
            sql!(
                "update office_review set reviewed = $2, reviewed_by = $3, reviewed_office = $4, verdict = $5, \
                 note = $6 where id = $1"
            ),
            &params![id, self.now(), reviewer.id, &reviewer.office, finding.word(), note.clone()],
        )
        .await?;
        let public = json!({"about_agency": case.official.agency, "about_office": case.official.office,
            "finding": finding.word()});
        let private = json!({"reader": case.official.name, "look": case.look, "note": note});
        self.act(tx, by, "office.look-reviewed", public, private).await?;
        Ok(())
    }

    /// Reviews by what came of them. Public.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn review_counts(&self, tx: &mut Tx) -> Result<ReviewCounts, Problem> {
        let rows = tx
            .query(
                sql!("select verdict, count(*) from office_review group by verdict order by verdict"),
                &params![],
            )
            .await?;
        let mut counts = ReviewCounts::default();
        for row in &rows {
            let count = row.get(1)?;
            match row.get::<Option<&str>>(0)? {
                None => counts.open = count,
                Some("justified") => counts.justified = count,
                Some(_) => counts.unjustified = count,
            }
        }
        Ok(counts)
    }
}

fn read_review(row: &Row) -> Result<ReviewCase, Problem> {
    Ok(ReviewCase {
        id: row.get(0)?,
        official: read_official(row, 1)?,
        look: row.get(6)?,
        purpose: row.get(7)?,
        case: row.get(8)?,
        drawn: row.get(9)?,
    })
}

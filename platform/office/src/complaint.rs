//! Recourse: a citizen complains, somebody outside the agency answers, by a date the law sets.
//!
//! Words are sealed under the citizen's key. Whoever answers reads them through the access gate, like anything else about a person.

use crate::office::{CLASS, Office, SERVICE};
use crate::permission::COMPLAINT_ANSWER;
use crate::permit::Permit;
use crate::roster::is_code;
use crate::{problems, text};
use daftar_kernel::{Actor, Id, Official, Problem, Timestamp};
use daftar_store::jobs::{self, Job};
use daftar_store::{Row, Tx, counter, params, sql};
use serde_json::json;

/// Longest complaint and longest answer, in characters.
pub const TEXT_MAX_CHARS: usize = 4_000;
/// Open complaints of one citizen.
pub const OPEN_MAX: i64 = 20;
/// The kind of the jobs that tell a citizen how their complaint stands.
pub const NOTICE_JOB: &str = "office.complaint-notice";
/// Complaints of one page of a desk's list.
pub const PAGE: i64 = 50;

/// What a complaint is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// "I do not recognise this look", by the look's receipt.
    Look(Id),
    /// A refusal, by its receipt.
    Refusal(Id),
    /// Two records that were made one, by the receipt.
    Merge(Id),
    /// Anything else.
    Other,
}

impl About {
    /// The word in the table and in the record.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Look(_) => "look",
            Self::Refusal(_) => "refusal",
            Self::Merge(_) => "merge",
            Self::Other => "other",
        }
    }
    /// The receipt of what it is about.
    #[must_use]
    pub const fn receipt(self) -> Option<Id> {
        match self {
            Self::Look(id) | Self::Refusal(id) | Self::Merge(id) => Some(id),
            Self::Other => None,
        }
    }
    fn read(word: &str, receipt: Option<Id>) -> Self {
        match (word, receipt) {
            ("look", Some(id)) => Self::Look(id),
            ("refusal", Some(id)) => Self::Refusal(id),
            ("merge", Some(id)) => Self::Merge(id),
            _ => Self::Other,
        }
    }
}

/// A complaint to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewComplaint {
    /// What it is about.
    pub about: About,
    /// Code of the agency complained about; empty when a program did it and none stands behind.
    pub agency: String,
    /// Code of the office complained about; may be empty.
    pub office: String,
    /// The citizen's words.
    pub words: String,
}

/// How a complaint ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The citizen was right.
    Upheld,
    /// The citizen was not.
    Dismissed,
}

impl Outcome {
    /// The word in the table and in the record.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Upheld => "upheld",
            Self::Dismissed => "dismissed",
        }
    }
    fn read(word: Option<&str>) -> Option<Self> {
        [Self::Upheld, Self::Dismissed].into_iter().find(|outcome| Some(outcome.word()) == word)
    }
}

/// A complaint without its words: what lists show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Its identifier.
    pub id: Id,
    /// The number people quote: `C-2026-17`.
    pub reference: String,
    /// What it is about.
    pub about: About,
    /// The agency complained about.
    pub agency: String,
    /// The office complained about.
    pub office: String,
    /// The office that answers.
    pub desk: String,
    /// When it was opened.
    pub opened: Timestamp,
    /// When the answer is due by law.
    pub due: Timestamp,
    /// When it was answered.
    pub answered: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

impl Complaint {
    /// Whether the answer came, or is still missing, after it was due.
    #[must_use]
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.answered.unwrap_or(now) > self.due
    }
}

/// What was said.
#[derive(Clone, PartialEq, Eq)]
pub struct Words {
    /// The citizen's.
    pub complaint: String,
    /// The desk's.
    pub answer: Option<String>,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words")
    }
}

/// Public counts of complaints about one agency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The agency's code; empty for complaints about no agency.
    pub agency: String,
    /// Waiting, and not late.
    pub open: i64,
    /// Waiting, and late.
    pub open_late: i64,
    /// Answered in time.
    pub in_time: i64,
    /// Answered late.
    pub late: i64,
    /// Of the answered: the citizen was right.
    pub upheld: i64,
}

fn read(row: &Row) -> Result<Complaint, Problem> {
    Ok(Complaint {
        id: row.get(0)?,
        reference: row.get(1)?,
        about: About::read(row.get(2)?, row.get(3)?),
        agency: row.get(4)?,
        office: row.get(5)?,
        desk: row.get(6)?,
        opened: row.get(7)?,
        due: row.get(8)?,
        answered: row.get(9)?,
        outcome: Outcome::read(row.get(10)?),
    })
}

fn context(column: &str, id: Id) -> Vec<u8> {
    [b"office_complaint.", column.as_bytes(), b"/", id.as_bytes().as_slice()].concat()
}

impl Office {
    /// Opens a citizen's complaint at a desk outside the agency complained about. An act of the record, without the citizen.
    ///
    /// # Errors
    /// `office-complaint-text`, `office-roster-unknown`, `office-complaints-many`, `office-no-desk`.
    pub async fn complain(&self, tx: &mut Tx, citizen: Id, new: &NewComplaint) -> Result<Complaint, Problem> {
        let words = text::clean_text(&new.words, TEXT_MAX_CHARS).ok_or_else(problems::complaint_text)?;
        // An agency that has left the country can still be complained about; whatever is no code cannot.
        if [&new.agency, &new.office].iter().any(|code| !code.is_empty() && !is_code(code)) {
            return Err(problems::roster_unknown());
        }
        let roster = self.roster();
        let desk = roster.complaint_desk(&new.agency).ok_or_else(problems::no_desk)?;
        let open = sql!("select count(*) from office_complaint where citizen = $1 and answered is null");
        if tx.query_one(open, &params![citizen]).await?.get::<i64>(0)? >= OPEN_MAX {
            return Err(problems::complaints_many());
        }
        let (id, opened) = (self.world().id(), self.now());
        let due = opened.plus_seconds(i64::from(roster.complaints().answer_days) * 86_400);
        let year: String = opened.to_rfc3339().chars().take(4).collect();
        let number = counter::next(tx, &format!("office-complaint-{year}")).await?;
        let reference = format!("C-{year}-{number}");
        let sealed =
            self.store().vault().seal(tx, citizen, CLASS, &context("words", id), words.as_bytes()).await?;
        tx.execute(
            sql!(
                "insert into office_complaint (id, reference, citizen, about, about_id, agency, office, desk_agency, \
                 desk, words, opened, due, answered, answered_by, outcome, answer) values ($1, $2, $3, $4, $5, $6, \
                 $7, $8, $9, $10, $11, $12, null, null, null, null)"
            ),
            &params![
                id,
                &reference,
                citizen,
                new.about.word(),
                new.about.receipt(),
                &new.agency,
                &new.office,
                &desk.agency,
                &desk.code,
                sealed,
                opened,
                due
            ],
        )
        .await?;
        let public = json!({"reference": reference, "about": new.about.word(), "about_agency": new.agency,
            "about_office": new.office, "desk": desk.code, "due": due.to_rfc3339()});
        // The citizen acts, but not even their token may stay in a record that is never erased.
        let program = Actor::System("complaints desk");
        self.act(tx, &program, "office.complaint-opened", public, json!({"receipt": new.about.receipt()}))
            .await?;
        self.tell(tx, id, false).await?;
        Ok(Complaint {
            id,
            reference,
            about: new.about,
            agency: new.agency.clone(),
            office: new.office.clone(),
            desk: desk.code.clone(),
            opened,
            due,
            answered: None,
            outcome: None,
        })
    }

    /// Promises, in the transaction of the act, that the citizen will be told. The job names the complaint alone.
    async fn tell(&self, tx: &mut Tx, complaint: Id, answered: bool) -> Result<(), Problem> {
        let payload = json!({"complaint": complaint, "answered": answered});
        let aggregate = format!("complaint:{complaint}:{answered}");
        let job = Job { kind: NOTICE_JOB.into(), aggregate, payload, run_at: self.now() };
        jobs::enqueue(tx, &job).await?;
        Ok(())
    }

    /// A complaint with what was said and its citizen's token: for the letter to that citizen alone, which the program writes.
    /// None when there is no such complaint, or the citizen was erased.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn complaint_to_tell(
        &self,
        tx: &mut Tx,
        id: Id,
    ) -> Result<Option<(Complaint, Words, Id)>, Problem> {
        let select = sql!(
            "select id, reference, about, about_id, agency, office, desk, opened, due, answered, outcome, citizen \
             from office_complaint where id = $1"
        );
        let Some(row) = tx.query_opt(select, &params![id]).await? else { return Ok(None) };
        let citizen: Id = row.get(11)?;
        if self.store().vault().erased_at(tx, citizen).await?.is_some() {
            return Ok(None);
        }
        let words = self.words(tx, id, citizen).await?;
        Ok(Some((read(&row)?, words, citizen)))
    }

    /// A citizen's own complaints with what was said, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn complaints_of(&self, tx: &mut Tx, citizen: Id) -> Result<Vec<(Complaint, Words)>, Problem> {
        let rows = tx
            .query(
                sql!(
                    "select id, reference, about, about_id, agency, office, desk, opened, due, answered, outcome \
                     from office_complaint where citizen = $1 order by opened desc, id desc limit 200"
                ),
                &params![citizen],
            )
            .await?;
        let mut list = Vec::with_capacity(rows.len());
        for row in &rows {
            let complaint = read(row)?;
            let words = self.words(tx, complaint.id, citizen).await?;
            list.push((complaint, words));
        }
        Ok(list)
    }

    async fn words(&self, tx: &mut Tx, id: Id, citizen: Id) -> Result<Words, Problem> {
        let select = sql!("select words, answer from office_complaint where id = $1");
        let row = tx.query_one(select, &params![id]).await?;
        let complaint = self.open_words(tx, citizen, "words", id, row.get(0)?).await?;
        let answer = match row.get::<Option<&[u8]>>(1)? {
            Some(sealed) => Some(self.open_words(tx, citizen, "answer", id, sealed).await?),
            None => None,
        };
        Ok(Words { complaint, answer })
    }

    async fn open_words(
        &self,
        tx: &mut Tx,
        citizen: Id,
        column: &str,
        id: Id,
        sealed: &[u8],
    ) -> Result<String, Problem> {
        let plain = self.store().vault().open(tx, citizen, CLASS, &context(column, id), sealed).await?;
        String::from_utf8(plain).map_err(Problem::internal)
    }

    fn desk_worker<'a>(&self, by: &'a Actor) -> Result<&'a Official, Problem> {
        let official = by.official().ok_or_else(problems::not_official)?;
        self.need(by, COMPLAINT_ANSWER).map(|()| official)
    }

    /// What waits at the official's desk, the soonest due first; without words and without names.
    ///
    /// # Errors
    /// `office-not-official`, `office-not-permitted`.
    pub async fn complaints_at_desk(&self, tx: &mut Tx, by: &Actor) -> Result<Vec<Complaint>, Problem> {
        let official = self.desk_worker(by)?;
        let rows = tx
            .query(
                sql!(
                    "select id, reference, about, about_id, agency, office, desk, opened, due, answered, outcome \
                     from office_complaint where desk = $1 and answered is null order by due, id limit $2"
                ),
                &params![&official.office, PAGE],
            )
            .await?;
        rows.iter().map(read).collect()
    }

    /// The number of a complaint that waits at the official's desk, as typed: looks for its sake name it as their case.
    pub(crate) async fn open_complaint_of(
        &self,
        tx: &mut Tx,
        official: &Official,
        typed: &str,
    ) -> Result<Option<String>, Problem> {
        let Some(reference) = crate::case::clean_number(typed) else { return Ok(None) };
        let select = sql!(
            "select reference from office_complaint where reference = $1 and desk = $2 and answered is null"
        );
        let row = tx.query_opt(select, &params![reference, &official.office]).await?;
        Ok(row.map(|row| row.get(0)).transpose()?)
    }

    /// A complaint at the official's desk, and its citizen's token, which `ports` turns into the record's for
    /// [`Office::read_complaint`].
    ///
    /// # Errors
    /// `office-not-official`, `office-not-permitted`; 404 for one of another desk.
    pub async fn complaint_at_desk(
        &self,
        tx: &mut Tx,
        by: &Actor,
        id: Id,
    ) -> Result<(Complaint, Id), Problem> {
        let official = self.desk_worker(by)?;
        let row = tx
            .query_opt(
                sql!(
                    "select id, reference, about, about_id, agency, office, desk, opened, due, answered, outcome, \
                     citizen from office_complaint where id = $1 and desk = $2"
                ),
                &params![id, &official.office],
            )
            .await?
            .ok_or_else(Problem::not_found)?;
        Ok((read(&row)?, row.get(11)?))
    }

    /// What the citizen said: a look at a person, so it needs a permit and leaves a row in the access register. `subject` is
    /// the citizen by the record's token.
    ///
    /// # Errors
    /// As [`Office::complaint_at_desk`] and [`Office::look`].
    pub async fn read_complaint(
        &self,
        tx: &mut Tx,
        permit: &Permit,
        id: Id,
        subject: Id,
    ) -> Result<(Complaint, Words), Problem> {
        let by = Actor::Official(permit.official().clone());
        let (complaint, citizen) = self.complaint_at_desk(tx, &by, id).await?;
        self.look(tx, permit, subject, SERVICE, &["complaint"]).await?;
        let words = self.words(tx, id, citizen).await?;
        Ok((complaint, words))
    }

    /// Answers a complaint at the official's desk. An act of the record, which says whether it came in time.
    ///
    /// # Errors
    /// `office-not-official`, `office-not-permitted`, `office-complaint-text`; `office-state` when answered before; 404 for
    /// one of another desk.
    pub async fn answer_complaint(
        &self,
        tx: &mut Tx,
        by: &Actor,
        id: Id,
        outcome: Outcome,
        words: &str,
    ) -> Result<(), Problem> {
        let (complaint, citizen) = self.complaint_at_desk(tx, by, id).await?;
        let words = text::clean_text(words, TEXT_MAX_CHARS).ok_or_else(problems::complaint_text)?;
        if complaint.answered.is_some() {
            return Err(problems::state());
        }
        let now = self.now();
        let sealed =
            self.store().vault().seal(tx, citizen, CLASS, &context("answer", id), words.as_bytes()).await?;
        tx.execute(
            sql!(
                "update office_complaint set answered = $2, answered_by = $3, outcome = $4, answer = $5 \
                 where id = $1"
            ),
            &params![id, now, by.official().map(|o| o.id), outcome.word(), sealed],
        )
        .await?;
        let late = complaint.is_late(now);
        let public = json!({"reference": complaint.reference, "outcome": outcome.word(), "late": late});
        self.act(tx, by, "office.complaint-answered", public, json!({})).await?;
        self.tell(tx, id, true).await
    }

    /// Complaints by the agency complained about: open, answered in time, late. Public.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn complaint_counts(&self, tx: &mut Tx) -> Result<Vec<Counts>, Problem> {
        let rows = tx
            .query(
                sql!(
                    "select agency, \
                     cast(sum(case when answered is null and due >= $1 then 1 else 0 end) as bigint), \
                     cast(sum(case when answered is null and due < $1 then 1 else 0 end) as bigint), \
                     cast(sum(case when answered <= due then 1 else 0 end) as bigint), \
                     cast(sum(case when answered > due then 1 else 0 end) as bigint), \
                     cast(sum(case when outcome = 'upheld' then 1 else 0 end) as bigint) \
                     from office_complaint group by agency order by agency"
                ),
                &params![self.now()],
            )
            .await?;
        let read = |row: &Row| {
            Ok(Counts {
                agency: row.get(0)?,
                open: row.get(1)?,
                open_late: row.get(2)?,
                in_time: row.get(3)?,
                late: row.get(4)?,
                upheld: row.get(5)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

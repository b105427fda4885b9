//! Refusals: somebody is turned away, is told why, and can have it judged by somebody outside the office.
//!
//! Whoever is refused need not be registered and has no account. So a refusal is a data subject of its own: its words are
//! sealed under its own key, it has tokens as a person has, and a code on paper opens it. A complaint then takes the same
//! way as a citizen's, with the same legal deadline, and reading it leaves a look.

use crate::people::{CLASS, Desk, People, SERVICE};
use crate::person::Sex;
use crate::register::{Key, needed_text};
use crate::statistics::Cell;
use crate::{permission, problems, tokens};
use daftar_kernel::{Actor, Id, PartialDate, Problem, Timestamp};
use daftar_office::Source;
use daftar_office::complaint::{About, Complaint, NewComplaint, Words};
use daftar_record::Act;
use daftar_store::{Row, Tx, counter, params, sql};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The country pack's form with the reasons for which somebody may be refused.
pub const FORM: &str = "refusal";
/// Characters of a reason's code in the country's form.
pub const MAX_REASON_CODE: usize = 60;
/// Keeps the codes of refusals apart from other codes on paper.
const CODE_KIND: &str = "identity/refusal";

/// What a desk sends to refuse somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Code of the reason, one of the country's form.
    pub reason: String,
    /// What the official says to the person, in words.
    pub words: String,
    /// The person's name as they say it; may be empty.
    pub name: String,
    /// Year, month or date of birth as the person says it; may be empty.
    pub born: String,
    /// Sex, as for a registration.
    pub sex: String,
    /// Code of the place the person lives in; may be empty.
    pub place: String,
}

/// What a refused person is given on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The number people quote: `R-2026-17`.
    pub reference: String,
    /// The code that opens it, as printed: `ABCDE-FGHJK-M`.
    pub code: String,
    /// Receipt of the act.
    pub receipt: Id,
}

/// What the refused person may read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MyRefusal {
    /// The number people quote.
    pub reference: String,
    /// Code of the reason.
    pub reason: String,
    /// What the official said.
    pub words: String,
    /// Code of the office that refused.
    pub office: String,
    /// When.
    pub at: Timestamp,
    /// Receipt of the act.
    pub receipt: Id,
    /// The complaint about it, if there is one, with what was said.
    pub complaint: Option<(Complaint, Words)>,
}

/// What is sealed of a refusal.
#[derive(Clone, Serialize, Deserialize)]
struct Said {
    name: String,
    words: String,
    by: String,
}

/// A refusal as it is stored.
struct Stored {
    id: Id,
    reason: String,
    agency: String,
    office: String,
    at: Timestamp,
    receipt: Id,
    sealed: Vec<u8>,
}

impl Stored {
    fn of(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            id: row.get(0)?,
            reason: row.get(1)?,
            agency: row.get(2)?,
            office: row.get(3)?,
            at: row.get(4)?,
            receipt: row.get(5)?,
            sealed: row.get(6)?,
        })
    }
}

/// What an idempotent answer keeps: the code is computed anew, never stored.
#[derive(Serialize, Deserialize)]
struct Kept {
    id: Id,
    reference: String,
    receipt: Id,
}

fn context(id: Id) -> Vec<u8> {
    [b"identity_refusal.sealed/".as_slice(), id.as_bytes()].concat()
}

/// The quarter of a year a day lies in: `2026-4`.
#[must_use]
pub fn quarter(day: jiff::civil::Date) -> String {
    format!("{:04}-{}", day.year(), (day.month() - 1) / 3 + 1)
}

impl People {
    /// Refuses somebody: an act of the record with the reason, a paper with a number and a code, and a place in the public
    /// counts. The same idempotency key gives the same answer.
    ///
    /// # Errors
    /// [`problems::refusal_reason`], [`problems::reason_text`] without words, [`problems::entry`] for a date, sex or place that
    /// cannot be; [`problems::key_used`]; 403 without the permission; the store's.
    pub async fn refuse(&self, actor: &Actor, refusal: Refusal, key: &str) -> Result<Refused, Problem> {
        self.office.need(actor, permission::REGISTER)?;
        let key = Key::new(self, actor, "refuse", key, &refusal)?;
        let code = &refusal.reason;
        let signs = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if code.is_empty() || code.len() > MAX_REASON_CODE || !code.chars().all(signs) {
            return Err(problems::refusal_reason());
        }
        let words = needed_text(&refusal.words, problems::reason_text)?;
        let cell = self.cell_of(&refusal)?;
        let desk = Desk::of(actor);
        let name = crate::name::plain_text(&refusal.name, crate::person::MAX_LINE_CHARS)
            .map_err(|_| problems::entry())?;
        let by = actor.official().map(|official| official.name.clone()).unwrap_or_default();
        let said = Said { name, words, by };
        let (people, reason) = (self.clone(), refusal.reason);
        let kept: Kept = self
            .store
            .write(move |tx| {
                let (people, desk, key) = (people.clone(), desk.clone(), key.clone());
                let (reason, said, cell) = (reason.clone(), said.clone(), cell.clone());
                Box::pin(async move {
                    if let Some(before) = key.begin(tx, &people).await? {
                        return Ok(before);
                    }
                    let kept = people.keep_refusal(tx, &desk, &reason, &said, &cell).await?;
                    key.finish(tx, &kept).await?;
                    Ok::<_, Problem>(kept)
                })
            })
            .await?;
        let code = self.office.paper_code(CODE_KIND, kept.id)?;
        Ok(Refused { reference: kept.reference, code, receipt: kept.receipt })
    }

    /// What the refused person counts as; whatever is not said counts as unknown.
    fn cell_of(&self, refusal: &Refusal) -> Result<Cell, Problem> {
        let born: PartialDate = refusal.born.parse().map_err(|_| problems::entry())?;
        let sex = if refusal.sex.is_empty() { "unknown" } else { &refusal.sex };
        let sex = Sex::from_word(sex).ok_or_else(problems::entry)?;
        if !refusal.place.is_empty() && !self.places.knows(&refusal.place) {
            return Err(problems::entry());
        }
        Ok(Cell { place: refusal.place.clone(), sex, birth_year: born.year().unwrap_or(0) })
    }

    async fn keep_refusal(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        reason: &str,
        said: &Said,
        cell: &Cell,
    ) -> Result<Kept, Problem> {
        let (world, today) = (self.store.world(), self.today());
        let (id, now) = (world.id(), world.now());
        let (record, account) = (tokens::draw(world), tokens::draw(world));
        tokens::add(tx, id, record, account).await?;
        let number = counter::next(tx, &format!("identity-refusal-{}", today.year())).await?;
        let reference = format!("R-{}-{number}", today.year());
        let act = Act {
            kind: "identity.refused",
            service: SERVICE,
            agency: desk.agency.clone(),
            office: desk.office.clone(),
            subject: Some(record),
            public: json!({ "reference": reference, "reason": reason }),
            private: Some(json!({ "said": said })),
        };
        let receipt = self.record.act(tx, &desk.actor, &act).await?;
        let plain = serde_json::to_vec(said).map_err(Problem::internal)?;
        let sealed = self.store.vault().seal(tx, id, CLASS, &context(id), &plain).await?;
        tx.execute(
            sql!(
                "insert into identity_refusal (id, reference, reason, agency, office, at, receipt, sealed) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8)"
            ),
            &params![id, &reference, reason, &desk.agency, &desk.office, now, receipt, sealed],
        )
        .await?;
        tx.execute(
            sql!(
                "insert into identity_refusal_count (quarter, reason, place, sex, birth_year, refusals) \
                 values ($1, $2, $3, $4, $5, 1) on conflict (quarter, reason, place, sex, birth_year) \
                 do update set refusals = identity_refusal_count.refusals + 1"
            ),
            &params![quarter(today), reason, &cell.place, cell.sex.word(), i64::from(cell.birth_year)],
        )
        .await?;
        Ok(Kept { id, reference, receipt })
    }

    /// What somebody was refused, for whoever holds the paper.
    ///
    /// # Errors
    /// [`problems::refusal_code`] when number and code do not belong together; `office-slow` after too many wrong tries.
    pub async fn my_refusal(
        &self,
        reference: &str,
        code: &str,
        source: Source,
    ) -> Result<MyRefusal, Problem> {
        let (people, reference, code) = (self.clone(), reference.trim().to_uppercase(), code.to_string());
        let found = self.store.write(move |tx| {
            let (people, reference, code) = (people.clone(), reference.clone(), code.clone());
            Box::pin(async move {
                // A wrong try must be committed, so it is an answer and no error.
                let Some(stored) = people.open_refusal(tx, &reference, &code, source).await? else {
                    return Ok(None);
                };
                people.shown_refusal(tx, reference, stored).await.map(Some)
            })
        });
        found.await?.ok_or_else(problems::refusal_code)
    }

    /// Complains about a refusal. The answer comes from outside the agency, by the legal deadline.
    ///
    /// # Errors
    /// As [`People::my_refusal`]; [`problems::refusal_complained`] when there is a complaint already; those of the complaint.
    pub async fn complain_of_refusal(
        &self,
        (reference, code): (&str, &str),
        words: &str,
        source: Source,
    ) -> Result<Complaint, Problem> {
        let (people, reference) = (self.clone(), reference.trim().to_uppercase());
        let (code, words) = (code.to_string(), words.to_string());
        let made = self.store.write(move |tx| {
            let (people, reference) = (people.clone(), reference.clone());
            let (code, words) = (code.clone(), words.clone());
            Box::pin(async move {
                let Some(stored) = people.open_refusal(tx, &reference, &code, source).await? else {
                    return Ok(None);
                };
                let account = people.refused_account(tx, stored.id).await?;
                if !people.office.complaints_of(tx, account).await?.is_empty() {
                    return Err(problems::refusal_complained());
                }
                let about = About::Refusal(stored.receipt);
                let new = NewComplaint { about, agency: stored.agency, office: stored.office, words };
                people.office.complain(tx, account, &new).await.map(Some)
            })
        });
        made.await?.ok_or_else(problems::refusal_code)
    }

    async fn open_refusal(
        &self,
        tx: &mut Tx,
        reference: &str,
        code: &str,
        source: Source,
    ) -> Result<Option<Stored>, Problem> {
        let select = sql!(
            "select id, reason, agency, office, at, receipt, sealed from identity_refusal where reference = $1"
        );
        let stored =
            tx.query_opt(select, &params![reference]).await?.map(|row| Stored::of(&row)).transpose()?;
        let thing = stored.as_ref().map(|stored| stored.id);
        let fits = self.office.paper_code_fits(tx, (CODE_KIND, thing), code, source).await?;
        Ok(stored.filter(|_| fits))
    }

    async fn refused_account(&self, tx: &mut Tx, refusal: Id) -> Result<Id, Problem> {
        tokens::of(tx, refusal, tokens::OFFICE).await?.ok_or_else(problems::refusal_code)
    }

    async fn shown_refusal(
        &self,
        tx: &mut Tx,
        reference: String,
        stored: Stored,
    ) -> Result<MyRefusal, Problem> {
        let Stored { id, reason, office, at, receipt, sealed, .. } = stored;
        let plain = self.store.vault().open(tx, id, CLASS, &context(id), &sealed).await?;
        let said: Said = serde_json::from_slice(&plain).map_err(Problem::internal)?;
        let account = self.refused_account(tx, id).await?;
        let complaint = self.office.complaints_of(tx, account).await?.into_iter().next();
        Ok(MyRefusal { reference, reason, words: said.words, office, at, receipt, complaint })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_begin_where_people_expect_them() {
        let quarter_of = |month, day| quarter(jiff::civil::date(2026, month, day));
        assert_eq!(quarter_of(1, 1), "2026-1");
        assert_eq!(quarter_of(3, 31), "2026-1");
        assert_eq!(quarter_of(4, 1), "2026-2");
        assert_eq!(quarter_of(12, 31), "2026-4");
    }
}

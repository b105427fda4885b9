//! Cases: the reason, with a number, why an agency looks at somebody.

use crate::office::Office;
use crate::permission::CASE_MANAGE;
use crate::problems;
use daftar_kernel::{Actor, Id, Official, Problem, Timestamp};
use daftar_store::{Row, Tx, params, sql};
use serde_json::json;

/// Longest case number, in characters.
pub const NUMBER_MAX_CHARS: usize = 60;
/// Cases of one page of the list.
pub const PAGE: usize = 50;

/// A case of an agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its number, unique in the agency.
    pub number: String,
    /// The agency's code.
    pub agency: String,
    /// The office's code.
    pub office: String,
    /// Who opened it.
    pub opened_by: Id,
    /// Their name.
    pub opened_name: String,
    /// When.
    pub opened: Timestamp,
    /// When it was closed.
    pub closed: Option<Timestamp>,
}

/// The one form of a case number: upper case, single blanks.
///
/// `None` when it is none.
#[must_use]
pub fn clean_number(typed: &str) -> Option<String> {
    let number = crate::text::clean_name(typed)?.to_uppercase();
    (number.chars().count() <= NUMBER_MAX_CHARS).then_some(number)
}

fn read(row: &Row) -> Result<Case, Problem> {
    Ok(Case {
        number: row.get(0)?,
        agency: row.get(1)?,
        office: row.get(2)?,
        opened_by: row.get(3)?,
        opened_name: row.get(4)?,
        opened: row.get(5)?,
        closed: row.get(6)?,
    })
}

impl Office {
    /// Opens a case of the official's own agency. An act of the record, with the number in its private part.
    ///
    /// # Errors
    /// `office-not-official`, `office-not-permitted`, `office-case-bad`, `office-case-taken`.
    pub async fn open_case(&self, tx: &mut Tx, by: &Actor, typed: &str) -> Result<String, Problem> {
        let official = self.case_worker(by)?;
        let number = clean_number(typed).ok_or_else(problems::case_bad)?;
        let opened = tx
            .execute(
                sql!(
                    "insert into office_case (agency, number, office, opened_by, opened_name, opened, closed, closed_by) \
                     values ($1, $2, $3, $4, $5, $6, null, null) on conflict (agency, number) do nothing"
                ),
                &params![&official.agency, &number, &official.office, official.id, &official.name, self.now()],
            )
            .await?;
        if opened == 0 {
            return Err(problems::case_taken());
        }
        self.act(tx, by, "office.case-opened", json!({}), json!({"number": number})).await?;
        Ok(number)
    }

    /// Closes a case of the official's own agency: nobody looks at anybody for it any more.
    ///
    /// # Errors
    /// `office-not-official`, `office-not-permitted`; 404 for a case the agency does not have; `office-state` when closed.
    pub async fn close_case(&self, tx: &mut Tx, by: &Actor, typed: &str) -> Result<(), Problem> {
        let official = self.case_worker(by)?;
        let case = self.case_of(tx, &official.agency, typed).await?.ok_or_else(Problem::not_found)?;
        if case.closed.is_some() {
            return Err(problems::state());
        }
        tx.execute(
            sql!("update office_case set closed = $3, closed_by = $4 where agency = $1 and number = $2"),
            &params![&case.agency, &case.number, self.now(), official.id],
        )
        .await?;
        self.act(tx, by, "office.case-closed", json!({}), json!({"number": case.number})).await?;
        Ok(())
    }

    fn case_worker<'a>(&self, by: &'a Actor) -> Result<&'a Official, Problem> {
        // A case belongs to an agency, and only officials have one.
        let official = by.official().ok_or_else(problems::not_official)?;
        self.need(by, CASE_MANAGE).map(|()| official)
    }

    /// A case of an agency.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn case_of(&self, tx: &mut Tx, agency: &str, typed: &str) -> Result<Option<Case>, Problem> {
        let Some(number) = clean_number(typed) else { return Ok(None) };
        let row = tx
            .query_opt(
                sql!(
                    "select number, agency, office, opened_by, opened_name, opened, closed from office_case \
                     where agency = $1 and number = $2"
                ),
                &params![agency, number],
            )
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The cases of the official's agency, newest first, [`PAGE`] at a time, opened before the given time.
    ///
    /// # Errors
    /// `office-not-official`.
    pub async fn cases(
        &self,
        tx: &mut Tx,
        by: &Actor,
        before: Option<Timestamp>,
    ) -> Result<Vec<Case>, Problem> {
        let official = by.official().ok_or_else(problems::not_official)?;
        let rows = tx
            .query(
                sql!(
                    "select number, agency, office, opened_by, opened_name, opened, closed from office_case \
                     where agency = $1 and opened < $2 order by opened desc, number limit $3"
                ),
                &params![
                    &official.agency,
                    before.unwrap_or(Timestamp(i64::MAX)),
                    i64::try_from(PAGE).unwrap_or(50)
                ],
            )
            .await?;
        rows.iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_of_a_number() {
        assert_eq!(clean_number(" p-12/  2026 ").as_deref(), Some("P-12/ 2026"));
        assert_eq!(clean_number("١٢/ق").as_deref(), Some("١٢/ق"));
        assert_eq!(clean_number(""), None);
        assert_eq!(clean_number("a\u{0}"), None);
        assert!(clean_number(&"9".repeat(NUMBER_MAX_CHARS)).is_some());
        assert!(clean_number(&"9".repeat(NUMBER_MAX_CHARS + 1)).is_none());
    }
}

//! Pre-registration: people write down at home what the office will ask, and come with a number and a code.
//!
//! Nobody needs an account for it, and nobody needs it: an office registers whoever comes. What was written down is sealed under
//! a key of its own and destroyed when the person is registered, when they take it back, or 60 days after it was handed in. It
//! is no registration and no act of the State; an official who opens it leaves a look all the same.

use crate::people::{CLASS, People, SERVICE};
use crate::{permission, problems, tokens};
use daftar_kernel::{Actor, Id, Official, Problem, Timestamp};
use daftar_office::Source;
use daftar_office::permit::Ask;
use daftar_store::{Row, Tx, counter, params, sql};
use serde_json::Value;

/// The country pack's form for it. Its fields are called as those of the registration's form.
pub const FORM: &str = "pre-registration";
/// How long somebody may leave the form alone before it is forgotten, in seconds.
pub const OPEN_SECONDS: i64 = 3_600;
/// How long it lies at the offices once it was handed in, in seconds.
pub const WAIT_SECONDS: i64 = 60 * 86_400;
/// Largest set of answers, in bytes.
pub const MAX_BYTES: usize = 32 * 1024;
/// Rows that one sweep deletes at most, so that it never holds up the writer.
pub const SWEEP_ROWS: i64 = 500;
/// Keeps the codes of pre-registrations apart from other codes on paper.
const CODE_KIND: &str = "identity/preregistration";

/// What somebody takes along who has handed in their answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedIn {
    /// The number people quote: `P-2026-17`.
    pub reference: String,
    /// The code that opens it, as printed.
    pub code: String,
    /// Until when an office can open it.
    pub until: Timestamp,
}

/// A pre-registration, opened by an official.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// Its identifier: a registration that comes of it names it, and ends it.
    pub id: Id,
    /// The answers, as the form wrote them.
    pub answers: Value,
    /// Receipt of the look.
    pub receipt: Id,
}

/// A row.
struct Stored {
    id: Id,
    browser: Vec<u8>,
    reference: Option<String>,
    expires: Timestamp,
    sealed: Vec<u8>,
}

impl Stored {
    fn of(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            id: row.get(0)?,
            browser: row.get(1)?,
            reference: row.get(2)?,
            expires: row.get(3)?,
            sealed: row.get(4)?,
        })
    }
}

/// A number and a code as they were typed.
fn paper_of(reference: &str, code: &str) -> (String, String) {
    (reference.trim().to_uppercase(), code.into())
}

fn context(id: Id) -> Vec<u8> {
    [b"identity_preregistration.sealed/".as_slice(), id.as_bytes()].concat()
}

impl People {
    /// Begins one in a browser, with nothing written down yet.
    ///
    /// # Errors
    /// `office-slow` when too many were begun from one network prefix; the store's.
    pub async fn begin_preregistration(&self, browser: &str, source: Source) -> Result<Id, Problem> {
        let (people, browser) = (self.clone(), self.browser(browser)?);
        self.store
            .write(move |tx| {
                let (people, browser) = (people.clone(), browser);
                Box::pin(async move {
                    people.office.may_begin(tx, CODE_KIND, source).await?;
                    let (id, now) = (tokens::draw(people.store.world()), people.store.world().now());
                    let sealed = people.seal_answers(tx, id, &Value::Object(Default::default())).await?;
                    let insert = sql!(
                        "insert into identity_preregistration (id, browser, state, changed_at, expires, sealed) \
                         values ($1, $2, 'open', $3, $4, $5)"
                    );
                    let expires = now.plus_seconds(OPEN_SECONDS);
                    tx.execute(insert, &params![id, browser, now, expires, sealed]).await?;
                    Ok(id)
                })
            })
            .await
    }

    /// What was written down so far, for the browser that began it.
    ///
    /// # Errors
    /// 404 for another browser, or when it was handed in or forgotten.
    pub async fn preregistration(&self, id: Id, browser: &str) -> Result<Value, Problem> {
        let (people, browser) = (self.clone(), self.browser(browser)?);
        self.store
            .read(move |tx| {
                let (people, browser) = (people.clone(), browser);
                Box::pin(async move {
                    let stored = people.open_in(tx, id, &browser).await?.ok_or_else(Problem::not_found)?;
                    people.unseal_answers(tx, &stored).await
                })
            })
            .await
    }

    /// Keeps what was written down.
    ///
    /// # Errors
    /// 404 as above; 413 for more than [`MAX_BYTES`].
    pub async fn save_preregistration(&self, id: Id, browser: &str, answers: Value) -> Result<(), Problem> {
        let (people, browser) = (self.clone(), self.browser(browser)?);
        self.store
            .write(move |tx| {
                let (people, browser, answers) = (people.clone(), browser, answers.clone());
                Box::pin(async move {
                    people.open_in(tx, id, &browser).await?.ok_or_else(Problem::not_found)?;
                    let sealed = people.seal_answers(tx, id, &answers).await?;
                    let now = people.store.world().now();
                    let update = sql!(
                        "update identity_preregistration set sealed = $2, changed_at = $3, expires = $4 where id = $1"
                    );
                    tx.execute(update, &params![id, sealed, now, now.plus_seconds(OPEN_SECONDS)]).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Hands it in. Asking again from the same browser gives the same number and code, until an office has opened it for good.
    ///
    /// # Errors
    /// 404 as above; the store's.
    pub async fn hand_in(&self, id: Id, browser: &str) -> Result<HandedIn, Problem> {
        let (people, browser) = (self.clone(), self.browser(browser)?);
        let (reference, until) = self
            .store
            .write(move |tx| {
                let (people, browser) = (people.clone(), browser);
                Box::pin(async move { people.hand_in_tx(tx, id, &browser).await })
            })
            .await?;
        Ok(HandedIn { reference, code: self.office.paper_code(CODE_KIND, id)?, until })
    }

    async fn hand_in_tx(
        &self,
        tx: &mut Tx,
        id: Id,
        browser: &[u8; 32],
    ) -> Result<(String, Timestamp), Problem> {
        let stored = self.stored_by_id(tx, id).await?.filter(|stored| stored.browser == browser);
        let stored = stored.ok_or_else(Problem::not_found)?;
        if let Some(reference) = stored.reference {
            return Ok((reference, stored.expires));
        }
        let (world, year) = (self.store.world(), self.today().year());
        // Whoever is looked at has a name in the access register, registered or not.
        tokens::add(tx, id, tokens::draw(world), tokens::draw(world)).await?;
        let number = counter::next(tx, &format!("identity-preregistration-{year}")).await?;
        let (reference, now) = (format!("P-{year}-{number}"), world.now());
        let until = now.plus_seconds(WAIT_SECONDS);
        let update = sql!(
            "update identity_preregistration set state = 'waiting', reference = $2, changed_at = $3, expires = $4 \
             where id = $1"
        );
        tx.execute(update, &params![id, &reference, now, until]).await?;
        Ok((reference, until))
    }

    /// Until when a pre-registration waits, for whoever holds number and code.
    ///
    /// # Errors
    /// [`problems::preregistration_code`]; `office-slow` after too many wrong tries.
    pub async fn preregistration_waits(
        &self,
        reference: &str,
        code: &str,
        source: Source,
    ) -> Result<Timestamp, Problem> {
        let (people, paper) = (self.clone(), paper_of(reference, code));
        let found = self.store.write(move |tx| {
            let (people, paper) = (people.clone(), paper.clone());
            Box::pin(async move {
                let stored = people.of_paper(tx, (&paper.0, &paper.1), source).await?;
                Ok::<_, Problem>(stored.map(|stored| stored.expires))
            })
        });
        found.await?.ok_or_else(problems::preregistration_code)
    }

    /// Takes one back: what was written down is destroyed.
    ///
    /// # Errors
    /// As [`People::preregistration_waits`].
    pub async fn take_back(&self, reference: &str, code: &str, source: Source) -> Result<(), Problem> {
        let (people, paper) = (self.clone(), paper_of(reference, code));
        let done = self.store.write(move |tx| {
            let (people, paper) = (people.clone(), paper.clone());
            Box::pin(async move {
                match people.of_paper(tx, (&paper.0, &paper.1), source).await? {
                    Some(stored) => people.destroy(tx, stored.id).await.map(Some),
                    None => Ok::<_, Problem>(None),
                }
            })
        });
        done.await?.ok_or_else(problems::preregistration_code)
    }

    /// Opens one at the desk, beside the person, who has number and code. The look is committed before a word is answered.
    ///
    /// # Errors
    /// 403 without permission or purpose; as [`People::preregistration_waits`].
    pub async fn open_preregistration(
        &self,
        official: &Official,
        ask: &Ask,
        (reference, code): (&str, &str),
        source: Source,
    ) -> Result<Opened, Problem> {
        self.office.need(&Actor::Official(official.clone()), permission::REGISTER)?;
        let (people, official, ask) = (self.clone(), official.clone(), ask.clone());
        let paper = paper_of(reference, code);
        let opened = self.store.write(move |tx| {
            let (people, official, ask, paper) =
                (people.clone(), official.clone(), ask.clone(), paper.clone());
            Box::pin(async move {
                let Some(stored) = people.of_paper(tx, (&paper.0, &paper.1), source).await? else {
                    return Ok::<_, Problem>(None);
                };
                let permit = people.office.permit(tx, &official, &ask).await?;
                let subject = tokens::of(tx, stored.id, tokens::RECORD).await?;
                let subject = subject.ok_or_else(problems::preregistration_code)?;
                let receipt = people.office.look(tx, &permit, subject, SERVICE, &[FORM]).await?;
                let answers = people.unseal_answers(tx, &stored).await?;
                Ok(Some(Opened { id: stored.id, answers, receipt }))
            })
        });
        opened.await?.ok_or_else(problems::preregistration_code)
    }

    /// Ends the pre-registration that a registration came of, in its transaction.
    pub(crate) async fn settle_preregistration(&self, tx: &mut Tx, id: Id) -> Result<(), Problem> {
        match self.stored_by_id(tx, id).await? {
            Some(stored) if stored.reference.is_some() => self.destroy(tx, id).await,
            // Taken back, or used by another desk, while this one was typing.
            _ => Err(problems::preregistration_over()),
        }
    }

    /// Destroys what was left alone for too long; answers how many went, at most [`SWEEP_ROWS`].
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep_preregistrations(&self) -> Result<u64, Problem> {
        let people = self.clone();
        self.store
            .write(move |tx| {
                let people = people.clone();
                Box::pin(async move {
                    let select = sql!(
                        "select id from identity_preregistration where expires <= $1 order by expires limit $2"
                    );
                    let now = people.store.world().now();
                    let rows = tx.query(select, &params![now, SWEEP_ROWS]).await?;
                    for row in &rows {
                        people.destroy(tx, row.get(0)?).await?;
                    }
                    Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
                })
            })
            .await
    }

    /// The row and the key; its name in the access register stays with the looks.
    async fn destroy(&self, tx: &mut Tx, id: Id) -> Result<(), Problem> {
        self.store.vault().erase(tx, id).await?;
        tx.execute(sql!("delete from identity_preregistration where id = $1"), &params![id]).await?;
        Ok(())
    }

    /// The pre-registration a paper belongs to. A wrong try must be committed, so it is an answer and no error.
    async fn of_paper(
        &self,
        tx: &mut Tx,
        (reference, code): (&str, &str),
        source: Source,
    ) -> Result<Option<Stored>, Problem> {
        let select = sql!(
            "select id, browser, reference, expires, sealed from identity_preregistration \
             where reference = $1 and expires > $2"
        );
        let row = tx.query_opt(select, &params![reference, self.store.world().now()]).await?;
        let stored = row.map(|row| Stored::of(&row)).transpose()?;
        let thing = stored.as_ref().map(|stored| stored.id);
        let fits = self.office.paper_code_fits(tx, (CODE_KIND, thing), code, source).await?;
        Ok(stored.filter(|_| fits))
    }

    async fn open_in(&self, tx: &mut Tx, id: Id, browser: &[u8; 32]) -> Result<Option<Stored>, Problem> {
        let stored = self.stored_by_id(tx, id).await?;
        Ok(stored.filter(|stored| stored.browser == browser && stored.reference.is_none()))
    }

    async fn stored_by_id(&self, tx: &mut Tx, id: Id) -> Result<Option<Stored>, Problem> {
        let select = sql!(
            "select id, browser, reference, expires, sealed from identity_preregistration \
             where id = $1 and expires > $2"
        );
        let row = tx.query_opt(select, &params![id, self.store.world().now()]).await?;
        row.map(|row| Stored::of(&row)).transpose()
    }

    async fn seal_answers(&self, tx: &mut Tx, id: Id, answers: &Value) -> Result<Vec<u8>, Problem> {
        let plain = serde_json::to_vec(answers).map_err(Problem::internal)?;
        if plain.len() > MAX_BYTES {
            return Err(problems::preregistration_large());
        }
        Ok(self.store.vault().seal(tx, id, CLASS, &context(id), &plain).await?)
    }

    async fn unseal_answers(&self, tx: &mut Tx, stored: &Stored) -> Result<Value, Problem> {
        let plain =
            self.store.vault().open(tx, stored.id, CLASS, &context(stored.id), &stored.sealed).await?;
        serde_json::from_slice(&plain).map_err(Problem::internal)
    }

    /// A browser's random name, as the table keeps it.
    fn browser(&self, name: &str) -> Result<[u8; 32], Problem> {
        Ok(self.store.vault().blind_index("identity/preregistration-browser", &[name.as_bytes()])?)
    }
}

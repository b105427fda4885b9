//! Asking, and recording that the person agreed: with a one-time code of their own, or on a slip before a witness.

use super::{ASKED_SECONDS, CONSENT_SECONDS, PURPOSE, Said, Stored, Way, What, ask};
use crate::mine::record_problem;
use crate::people::{People, SERVICE};
use crate::{cards, permission, problems, tokens, version};
use daftar_kernel::{Actor, Id, Official, Problem};
use daftar_office::complaint::TEXT_MAX_CHARS;
use daftar_office::text;
use daftar_record::LookContent;
use daftar_record::person::MAX_LOOKS_PER_PAGE;
use daftar_store::{Tx, counter, params, sql};

/// What is to be done for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Which thing.
    pub what: What,
    /// Of a complaint: the agency's code. Left empty when it is about a look.
    pub agency: String,
    /// Of a complaint: the number of the look's receipt, as typed; may be empty.
    pub look: String,
    /// Of a complaint: what the person says.
    pub words: String,
}

/// What is read out before the person agrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its identifier.
    pub id: Id,
    /// The number on the slip: `A-2026-17`.
    pub reference: String,
    /// Which thing.
    pub what: What,
    /// The person's name.
    pub name: String,
    /// The agency complained about; empty for other things.
    pub agency: String,
    /// What the person says in a complaint; empty for other things.
    pub words: String,
    /// Whether the person has an account that could give a one-time code.
    pub code: bool,
}

impl People {
    /// Begins: says what is to be done, and shows the official for whom, through the access gate. Nothing is done yet.
    ///
    /// # Errors
    /// 403 without the permission; `office-purpose` when the role has no purpose `assistance`; [`problems::unknown`],
    /// [`problems::dead`], [`problems::card_none`]; `office-complaint-text`, `office-roster-unknown`;
    /// [`problems::assist_look`] for a look that is none of the person's; the store's.
    pub async fn begin_assistance(
        &self,
        official: &Official,
        person: Id,
        wish: &Wish,
    ) -> Result<Asked, Problem> {
        self.need_assist(official)?;
        let mut said = Said {
            reference: String::new(),
            official: official.name.clone(),
            agency: official.agency.clone(),
            office: official.office.clone(),
            witness: String::new(),
            words: String::new(),
            about_agency: String::new(),
            about_office: String::new(),
            about_look: None,
            complaint: None,
            service: String::new(),
        };
        if wish.what == What::Complaint {
            said.words = text::clean_text(&wish.words, TEXT_MAX_CHARS)
                .ok_or_else(daftar_office::problems::complaint_text)?;
            if wish.look.trim().is_empty() {
                let known = self.office.roster().agency(&wish.agency).map(|agency| agency.code.clone());
                said.about_agency = known.ok_or_else(daftar_office::problems::roster_unknown)?;
            } else {
                let (look, content) = self.look_named(person, wish.look.trim()).await?;
                (said.about_look, said.about_agency) = (Some(look), content.agency);
                said.about_office = content.office;
            }
        }
        let (people, official, what) = (self.clone(), official.clone(), wish.what);
        let begun = self.store.write(move |tx| {
            let (people, official, said) = (people.clone(), official.clone(), said.clone());
            Box::pin(async move { people.begin_in(tx, &official, person, (what, said)).await })
        });
        begun.await.and_then(|begun: Result<Asked, Problem>| begun)
    }

    pub(super) fn need_assist(&self, official: &Official) -> Result<(), Problem> {
        self.office.need(&Actor::Official(official.clone()), permission::ASSIST)?;
        // Said before anything is looked for: a role without the purpose learns nothing.
        let roster = self.office.roster();
        let granted = roster.purposes_of(&official.role).any(|purpose| purpose.code == PURPOSE);
        granted.then_some(()).ok_or_else(daftar_office::problems::purpose_unknown)
    }

    /// A look at this person, by the number of its receipt. One that a court keeps sealed is not there.
    async fn look_named(&self, person: Id, typed: &str) -> Result<(Id, LookContent), Problem> {
        let look: Id = typed.parse().map_err(|_| problems::assist_look())?;
        let subjects: Vec<Id> = self
            .store
            .read(move |tx| {
                Box::pin(async move {
                    let person = tokens::living(tx, person).await?;
                    let mut subjects = Vec::new();
                    for record in std::iter::once(person).chain(tokens::absorbed(tx, person).await?) {
                        subjects.extend(tokens::of(tx, record, tokens::RECORD).await?);
                    }
                    Ok::<_, Problem>(subjects)
                })
            })
            .await?;
        for subject in subjects {
            let mut before = None;
            loop {
                let page = self.record.looks_of(subject, before, MAX_LOOKS_PER_PAGE).await;
                let page = page.map_err(record_problem)?;
                let found = page.rows.into_iter().find(|row| row.id == look);
                if let Some(content) = found.and_then(|row| row.content) {
                    return Ok((look, content));
                }
                match page.next {
                    Some(next) => before = Some(next),
                    None => break,
                }
            }
        }
        Err(problems::assist_look())
    }

    /// What the register says against it is an answer and no error for the transaction: the official learns it, so the look
    /// must be committed.
    async fn begin_in(
        &self,
        tx: &mut Tx,
        official: &Official,
        person: Id,
        (what, mut said): (What, Said),
    ) -> Result<Result<Asked, Problem>, Problem> {
        let person = tokens::living(tx, person).await?;
        let (name, died) = self.seen_for_assist(tx, official, person, seen_of(what)).await?;
        if died {
            return Ok(Err(problems::dead()));
        }
        if what == What::CardLost && cards::valid(self, tx, person).await?.is_none() {
            return Ok(Err(problems::card_none()));
        }
        let (id, now, year) = (self.store.world().id(), self.store.world().now(), self.today().year());
        let number = counter::next(tx, &format!("identity-assistance-{year}")).await?;
        said.reference = format!("A-{year}-{number}");
        let sealed = self.seal_said(tx, (person, id), &said).await?;
        let insert = sql!(
            "insert into identity_assistance (id, person, official, what, way, state, asked_at, expires, sealed) \
             values ($1, $2, $3, $4, '', 'asked', $5, $6, $7)"
        );
        let until = now.plus_seconds(ASKED_SECONDS);
        tx.execute(insert, &params![id, person, official.id, what.word(), now, until, sealed]).await?;
        self.told_of(tx, person, id, (what, said, name)).await.map(Ok)
    }

    async fn told_of(
        &self,
        tx: &mut Tx,
        person: Id,
        id: Id,
        (what, said, name): (What, Said, String),
    ) -> Result<Asked, Problem> {
        let mut code = false;
        for account in self.accounts_in(tx, person).await? {
            code |= self.office.gives_codes(tx, account).await?;
        }
        let Said { reference, words, about_agency: agency, .. } = said;
        Ok(Asked { id, reference, what, name, agency, words, code })
    }

    /// A look at somebody's name; with the name, and whether they have died.
    async fn seen_for_assist(
        &self,
        tx: &mut Tx,
        official: &Official,
        person: Id,
        fields: &[&str],
    ) -> Result<(String, bool), Problem> {
        let permit = self.office.permit(tx, official, &ask()).await?;
        let found = version::current_with_token(&self.store, tx, person, tokens::RECORD).await?;
        let (version, subject) = found.ok_or_else(problems::unknown)?;
        self.office.look(tx, &permit, subject, SERVICE, fields).await?;
        let person = version.document.person;
        Ok((person.name.to_string(), person.died.is_some()))
    }

    /// The accounts of a record and of those it absorbed.
    async fn accounts_in(&self, tx: &mut Tx, person: Id) -> Result<Vec<Id>, Problem> {
        let mut accounts = Vec::new();
        for record in std::iter::once(person).chain(tokens::absorbed(tx, person).await?) {
            accounts.extend(tokens::of(tx, record, tokens::OFFICE).await?);
        }
        Ok(accounts)
    }

    /// What was asked, once more: for the slip. It is a look again.
    ///
    /// # Errors
    /// As [`People::begin_assistance`]; [`problems::assist_unknown`] when this official asked this person no such thing.
    pub async fn assistance_asked(&self, official: &Official, person: Id, id: Id) -> Result<Asked, Problem> {
        self.need_assist(official)?;
        let (people, official) = (self.clone(), official.clone());
        self.store
            .write(move |tx| {
                let (people, official) = (people.clone(), official.clone());
                Box::pin(async move {
                    let (stored, living) = people.assistance_of(tx, &official, (person, id)).await?;
                    let (name, _) =
                        people.seen_for_assist(tx, &official, living, seen_of(stored.what)).await?;
                    people.told_of(tx, living, id, (stored.what, stored.said, name)).await
                })
            })
            .await
    }

    /// The person agrees with a one-time code of their own account, typed on the official's machine. It opens no session; a wrong
    /// one is counted.
    ///
    /// # Errors
    /// `office-code-wrong`, `office-slow`; [`problems::assist_account`] without an account that has codes;
    /// [`problems::assist_unknown`], [`problems::assist_over`]; 403 without the permission; the store's.
    pub async fn agree_by_code(
        &self,
        official: &Official,
        (person, id): (Id, Id),
        typed: &str,
    ) -> Result<(), Problem> {
        self.need_assist(official)?;
        let (people, official, typed) = (self.clone(), official.clone(), typed.to_string());
        let right = self.store.write(move |tx| {
            let (people, official, typed) = (people.clone(), official.clone(), typed.clone());
            Box::pin(async move {
                let (stored, living) = people.assistance_of(tx, &official, (person, id)).await?;
                people.still_asked(&stored)?;
                let (mut known, mut right) = (false, false);
                for account in people.accounts_in(tx, living).await? {
                    if let Some(judged) = people.office.agree_with_code(tx, account, &typed).await? {
                        (known, right) = (true, right || judged);
                    }
                    if right {
                        break;
                    }
                }
                if !known {
                    return Err(problems::assist_account());
                }
                if right {
                    people.agreed(tx, stored, Way::Code).await?;
                }
                // A wrong try must be committed with its count, so it is an answer and no error.
                Ok(right)
            })
        });
        right.await?.then_some(()).ok_or_else(daftar_office::problems::code_wrong)
    }

    /// The person agreed on a slip, by hand or thumb, before a witness.
    ///
    /// # Errors
    /// [`problems::assist_slip`] for another number; [`problems::assist_witness`] for a name that is none, or the official's own;
    /// [`problems::assist_unknown`], [`problems::assist_over`]; 403 without the permission; the store's.
    pub async fn agree_on_paper(
        &self,
        official: &Official,
        (person, id): (Id, Id),
        (number, witness): (&str, &str),
    ) -> Result<(), Problem> {
        self.need_assist(official)?;
        let witness = text::clean_name(witness).filter(|name| !same_name(name, &official.name));
        let witness = witness.ok_or_else(problems::assist_witness)?;
        let number = text::ascii_digits(number.trim()).to_uppercase();
        let (people, official) = (self.clone(), official.clone());
        self.store
            .write(move |tx| {
                let (people, official) = (people.clone(), official.clone());
                let (number, witness) = (number.clone(), witness.clone());
                Box::pin(async move {
                    let (mut stored, _) = people.assistance_of(tx, &official, (person, id)).await?;
                    people.still_asked(&stored)?;
                    if stored.said.reference != number {
                        return Err(problems::assist_slip());
                    }
                    stored.said.witness = witness;
                    people.agreed(tx, stored, Way::Paper).await
                })
            })
            .await
    }

    fn still_asked(&self, stored: &Stored) -> Result<(), Problem> {
        let until = stored.asked_at.plus_seconds(ASKED_SECONDS);
        let open = stored.state == "asked" && self.store.world().now() < until;
        open.then_some(()).ok_or_else(problems::assist_over)
    }

    async fn agreed(&self, tx: &mut Tx, stored: Stored, way: Way) -> Result<(), Problem> {
        let now = self.store.world().now();
        let sealed = self.seal_said(tx, (stored.person, stored.id), &stored.said).await?;
        let give = sql!(
            "update identity_assistance set state = 'given', way = $2, expires = $3, sealed = $4 \
             where id = $1 and state = 'asked' and expires > $5"
        );
        let until = now.plus_seconds(CONSENT_SECONDS);
        let given = tx.execute(give, &params![stored.id, way.word(), until, sealed, now]).await?;
        if given == 1 { Ok(()) } else { Err(problems::assist_over()) }
    }

    /// Deletes what was asked and never done. Meant for the housekeeper of every node; doing it twice is harmless.
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep_assistances(&self) -> Result<u64, Problem> {
        let now = self.store.world().now();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let gone = sql!(
                        "delete from identity_assistance where state in ('asked', 'given') and expires <= $1"
                    );
                    Ok(tx.execute(gone, &params![now]).await?)
                })
            })
            .await
    }
}

/// What is seen before anything is done: the name; and of a lost card, that there is one.
const fn seen_of(what: What) -> &'static [&'static str] {
    match what {
        What::CardLost => &["name", crate::read::CARD],
        What::Complaint | What::Data | What::Lock | What::Consent => &["name"],
    }
}

/// Whether two people are written alike: nobody witnesses what they do themselves.
fn same_name(a: &str, b: &str) -> bool {
    let folded = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    folded(a) == folded(b)
}

#[cfg(test)]
mod tests {
    use super::same_name;

    #[test]
    fn nobody_is_their_own_witness() {
        assert!(same_name("Rim  Haddad", "rim haddad"));
        assert!(!same_name("Rim Haddad", "Rima Haddad"));
    }
}

//! Consents to a partner: asked for by the partner, given by the person for some attributes, for a time, perhaps for so many uses,
//! and taken back at once. Giving, declining and taking back are acts about the person, each with a receipt of the record.

use super::attribute::Attributes;
use super::partner::{self, Partner};
use super::{Ticket, Token, Verifier};
use crate::openid::{grant, kept};
use crate::{problems, tokens, version};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_office::code;
use daftar_store::{Row, Tx, params, sql};
use serde::{Deserialize, Serialize};

/// Longest time a consent can stand, in days: twelve months.
pub const MAX_DAYS: i64 = 365;
/// Most uses that can be asked for; without a number the time alone limits them.
pub const MAX_USES: i64 = 100_000;
/// How long the person may take to answer, in seconds: 7 days.
pub const ANSWER_SECONDS: i64 = 7 * 86_400;
/// How long a consent that is over stays in the person's list, in seconds: 12 months.
pub const KEEP_SECONDS: i64 = 365 * 86_400;
/// Consents of one person that a list shows at most.
pub const MAX_LISTED: i64 = 500;
/// The kind of its codes, beside other codes on paper.
const CODE: &str = "verify-consent";

/// How far a consent is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// The person has not answered.
    Asked,
    /// The person said yes.
    Given,
    /// The person said no.
    Declined,
    /// The person took it back.
    Revoked,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Asked, Self::Given, Self::Declined, Self::Revoked];
    /// The word in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Given => "given",
            Self::Declined => "declined",
            Self::Revoked => "revoked",
        }
    }
    fn read(word: &str) -> Result<Self, Problem> {
        let known = Self::ALL.into_iter().find(|state| state.word() == word);
        known.ok_or_else(|| Problem::internal("a consent of no known state"))
    }
}

/// What a partner asks a person to allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wish {
    /// What about; words of attributes.
    pub attributes: Vec<String>,
    /// For how many days from the person's yes.
    pub days: i64,
    /// For how many uses; none: as many as come.
    pub uses: Option<i64>,
}

/// A question that was put.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Put {
    /// The consent, by which the partner asks from now on.
    pub consent: Id,
    /// What the person types, or follows as a link.
    pub code: String,
    /// Until when the person may answer.
    pub answer_by: Timestamp,
}

/// What is kept of it with the idempotency key.
#[derive(Serialize, Deserialize)]
struct Kept {
    consent: Id,
    answer_by: Timestamp,
}

/// A consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Its name; no secret.
    pub id: Id,
    /// The partner's `client_id`.
    pub client: String,
    /// Code of the purpose.
    pub purpose: String,
    /// What about.
    pub attributes: Attributes,
    /// For how many days.
    pub days: i64,
    /// For how many uses.
    pub max_uses: Option<i64>,
    /// How far it is.
    pub state: State,
    /// When the partner asked.
    pub asked_at: Timestamp,
    /// Until when the person may answer.
    pub answer_by: Timestamp,
    /// Whose it is, once answered.
    pub person: Option<Id>,
    /// When it was answered.
    pub given_at: Option<Timestamp>,
    /// Until when it stands.
    pub until: Option<Timestamp>,
    /// How often it was used.
    pub uses: i64,
    /// When it was used last.
    pub used_at: Option<Timestamp>,
    /// When the person took it back.
    pub ended_at: Option<Timestamp>,
    /// Receipt of the act that gave it.
    pub receipt: Option<Id>,
}

impl Consent {
    /// Whether it stands at a time, whatever else is asked.
    ///
    /// # Errors
    /// The stable code of why it does not.
    pub fn stands(&self, now: Timestamp) -> Result<(), Problem> {
        match self.state {
            State::Asked if now >= self.answer_by => Err(problems::consent_expired()),
            State::Asked => Err(problems::consent_waits()),
            State::Declined => Err(problems::consent_declined()),
            State::Revoked => Err(problems::consent_revoked()),
            State::Given if self.until.is_none_or(|until| now >= until) => Err(problems::consent_expired()),
            State::Given if self.max_uses.is_some_and(|most| self.uses >= most) => {
                Err(problems::consent_used_up())
            }
            State::Given => Ok(()),
        }
    }
    /// How far it is, as a partner and the person read it.
    #[must_use]
    pub fn state_word(&self, now: Timestamp) -> &'static str {
        match (self.state, self.stands(now)) {
            (State::Given | State::Asked, Err(problem)) if problem.code == "identity-consent-expired" => {
                "expired"
            }
            (State::Given, Err(_)) => "used-up",
            (state, _) => state.word(),
        }
    }
}

/// A consent with whom it was given to, as its person reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The consent.
    pub consent: Consent,
    /// The partner.
    pub partner: Partner,
}

pub(super) fn read(row: &Row) -> Result<Consent, Problem> {
    Ok(Consent {
        id: row.get(0)?,
        client: row.get(1)?,
        purpose: row.get(2)?,
        attributes: Attributes::parse(row.get(3)?),
        days: row.get(4)?,
        max_uses: row.get(5)?,
        state: State::read(row.get(6)?)?,
        asked_at: row.get(7)?,
        answer_by: row.get(8)?,
        person: row.get(9)?,
        given_at: row.get(10)?,
        until: row.get(11)?,
        uses: row.get(12)?,
        used_at: row.get(13)?,
        ended_at: row.get(14)?,
        receipt: row.get(15)?,
    })
}

/// The consent of this name.
async fn find(tx: &mut Tx, id: Id) -> Result<Option<Consent>, Problem> {
    let select = sql!(
        "select id, client, purpose, attributes, days, max_uses, state, asked_at, answer_by, person, given_at, until, \
         uses, used_at, ended_at, receipt from identity_verify_consent where id = $1"
    );
    tx.query_opt(select, &params![id]).await?.map(|row| read(&row)).transpose()
}

/// The question of a code that waits for an answer, with the partner who put it.
pub(super) async fn asked(tx: &mut Tx, signs: &str, now: Timestamp) -> Result<Permission, Problem> {
    let select = sql!(
        "select id, client, purpose, attributes, days, max_uses, state, asked_at, answer_by, person, given_at, until, \
         uses, used_at, ended_at, receipt from identity_verify_consent where code = $1"
    );
    let row = tx.query_opt(select, &params![kept(signs)]).await?;
    let consent = row.map(|row| read(&row)).transpose()?.ok_or_else(problems::consent_over)?;
    let partner = partner::find(tx, &consent.client).await?.ok_or_else(problems::consent_over)?;
    let open = consent.state == State::Asked && now < consent.answer_by;
    if open && consent.attributes.within(&partner.attributes) {
        Ok(Permission { consent, partner })
    } else {
        Err(problems::consent_over())
    }
}

/// The signs of a typed code, or of a link's.
pub(super) fn signs_of(typed: &str) -> Result<String, Problem> {
    code::read_checked(typed).ok_or_else(problems::consent_over)
}

impl Verifier {
    /// Puts a partner's question to whoever opens its code. Sending it again with the same key gives the same answer.
    ///
    /// # Errors
    /// As [`Verifier::token`]; `identity-verify-ask` with its fields; `identity-verify-attribute`;
    /// `identity-consent-not-needed` for a partner whose questions rest on law; `identity-key-used`; the store's.
    pub async fn ask_consent(&self, token: &Token, wish: Wish, key: &str) -> Result<Put, Problem> {
        let key = self.key(token, key, &wish)?;
        let mut problem = problems::verify_ask();
        let attributes =
            wish_attributes(&wish).map_err(|message| problem.clone().field("attributes", message))?;
        if !(1..=MAX_DAYS).contains(&wish.days) {
            problem = problem.field("days", "identity-verify-fault-days");
        }
        if wish.uses.is_some_and(|uses| !(1..=MAX_USES).contains(&uses)) {
            problem = problem.field("uses", "identity-verify-fault-uses");
        }
        if !problem.fields.is_empty() {
            return Err(problem);
        }
        let mine = token.clone();
        self.counted(token, move |tx, me, ticket| {
            let (token, wish, attributes, key) =
                (mine.clone(), wish.clone(), attributes.clone(), key.clone());
            Box::pin(async move { me.ask_consent_in(tx, (&token, &ticket), (&wish, attributes), &key).await })
        })
        .await
    }

    async fn ask_consent_in(
        &self,
        tx: &mut Tx,
        (token, ticket): (&Token, &Ticket),
        (wish, attributes): (&Wish, Attributes),
        key: &crate::register::Key,
    ) -> Result<(Put, i64), Problem> {
        let caller = self.admit(tx, token, ticket).await?;
        if let Some(before) = key.begin::<Kept>(tx, self.people()).await? {
            let Kept { consent, answer_by } = before;
            let code = self.people().office.paper_code(CODE, consent)?;
            return Ok((Put { consent, code, answer_by }, caller.more));
        }
        if !attributes.within(&caller.partner.attributes) {
            return Err(problems::verify_attribute());
        }
        if !caller.partner.consent {
            return Err(problems::consent_not_needed());
        }
        self.law(&caller.partner)?;
        let (now, world) = (self.now(), self.store().world());
        let (id, answer_by) = (tokens::draw(world), now.plus_seconds(ANSWER_SECONDS));
        let insert = sql!(
            "insert into identity_verify_consent (id, client, code, purpose, attributes, days, max_uses, state, asked_at, \
             answer_by, uses) values ($1, $2, $3, $4, $5, $6, $7, 'asked', $8, $9, 0)"
        );
        let (client, purpose) = (&caller.partner.client, &caller.partner.purpose);
        let code = self.people().office.paper_code(CODE, id)?;
        let row = params![
            id,
            client,
            kept(&signs_of(&code)?),
            purpose,
            attributes.to_text(),
            wish.days,
            wish.uses,
            now,
            answer_by
        ];
        tx.execute(insert, &row).await?;
        // The code is made anew from the consent's name, so that no table holds it.
        let put = Put { consent: id, code, answer_by };
        key.finish(tx, &Kept { consent: id, answer_by }).await?;
        Ok((put, caller.more))
    }

    fn key(&self, token: &Token, key: &str, wish: &Wish) -> Result<crate::register::Key, Problem> {
        crate::register::Key::of(self.people(), &format!("client:{}", token.client), "consent", key, wish)
    }

    /// The consent a partner names, when it stands for these attributes: the caller answers in the same transaction.
    ///
    /// # Errors
    /// `identity-consent-unknown` when it is none of this partner's; why it does not stand; `identity-consent-attribute`;
    /// `identity-consent-locked` while the person has locked services out.
    pub(super) async fn standing(
        &self,
        tx: &mut Tx,
        partner: &Partner,
        id: Id,
        attributes: &Attributes,
    ) -> Result<Consent, Problem> {
        let consent = find(tx, id).await?.filter(|consent| consent.client == partner.client);
        let consent = consent.ok_or_else(problems::consent_unknown)?;
        consent.stands(self.now())?;
        if consent.purpose != partner.purpose || !attributes.within(&consent.attributes) {
            return Err(problems::consent_attribute());
        }
        let person = consent.person.ok_or_else(problems::consent_unknown)?;
        if grant::is_locked(tx, person).await? {
            return Err(problems::consent_locked());
        }
        // Given for a record that was joined to another since: the person is the same.
        let person = Some(tokens::living(tx, person).await?);
        Ok(Consent { person, ..consent })
    }

    /// Notes that a consent was used.
    pub(super) async fn use_up(&self, tx: &mut Tx, consent: &Consent) -> Result<(), Problem> {
        let update = sql!("update identity_verify_consent set uses = uses + 1, used_at = $2 where id = $1");
        tx.execute(update, &params![consent.id, self.now()]).await?;
        Ok(())
    }

    /// A consent of this partner, however far it is.
    ///
    /// # Errors
    /// As [`Verifier::token`]; `identity-consent-unknown`; the store's.
    pub async fn consent_of(&self, token: &Token, id: Id) -> Result<Permission, Problem> {
        let mine = token.clone();
        self.counted(token, move |tx, me, ticket| {
            let token = mine.clone();
            Box::pin(async move {
                let caller = me.admit(tx, &token, &ticket).await?;
                let consent = find(tx, id).await?.filter(|consent| consent.client == caller.partner.client);
                let consent = consent.ok_or_else(problems::consent_unknown)?;
                Ok((Permission { consent, partner: caller.partner }, caller.more))
            })
        })
        .await
    }

    /// Deletes questions nobody answered, consents that have long been over, and the counts of days that are over; answers how
    /// many rows went. Doing it twice is harmless.
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep(&self) -> Result<u64, Problem> {
        let (now, day) = (self.now(), self.day());
        self.store()
            .write(move |tx| {
                let day = day.clone();
                Box::pin(async move {
                    let asked =
                        sql!("delete from identity_verify_consent where state = 'asked' and answer_by <= $1");
                    // A partner that asks a day too late still reads that it expired.
                    let mut gone = tx.execute(asked, &params![now.plus_seconds(-ANSWER_SECONDS)]).await?;
                    let over = sql!(
                        "delete from identity_verify_consent where (state = 'given' and until <= $1) \
                         or (state <> 'asked' and state <> 'given' and coalesce(ended_at, given_at) <= $1)"
                    );
                    gone += tx.execute(over, &params![now.plus_seconds(-KEEP_SECONDS)]).await?;
                    let counts = sql!("delete from identity_verify_count where day < $1");
                    gone += tx.execute(counts, &params![&day]).await?;
                    Ok(gone)
                })
            })
            .await
    }
}

/// The attributes of a wish: known words, each once, at least one.
fn wish_attributes(wish: &Wish) -> Result<Attributes, &'static str> {
    let known: Option<Vec<_>> =
        wish.attributes.iter().map(|word| super::attribute::Attribute::from_word(word)).collect();
    let known = known.ok_or("identity-verify-fault-attribute")?;
    let count = known.len();
    let set: Attributes = known.into_iter().collect();
    match count {
        0 => Err("identity-verify-fault-none"),
        count if set.0.len() != count => Err("identity-verify-fault-twice"),
        _ => Ok(set),
    }
}

/// The version of a person who allowed something and is in the register, with the token of the record.
pub(super) async fn person_of(
    verifier: &Verifier,
    tx: &mut Tx,
    consent: &Consent,
) -> Result<(Id, version::Version, Id), Problem> {
    let person = consent.person.ok_or_else(problems::consent_unknown)?;
    let person = tokens::living(tx, person).await?;
    let found = version::current_with_token(verifier.store(), tx, person, tokens::RECORD).await?;
    let (version, subject) = found.ok_or_else(problems::consent_unknown)?;
    Ok((person, version, subject))
}

/// Consents go with their person.
pub(super) async fn erase(tx: &mut Tx, person: Id) -> Result<(), Problem> {
    let gone = sql!("delete from identity_verify_consent where person = $1");
    tx.execute(gone, &params![person]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn consent(state: State) -> Consent {
        Consent {
            id: Id::from_bytes([1; 16]),
            client: "bank".into(),
            purpose: "customer-identity".into(),
            attributes: Attributes::parse("name born"),
            days: 1,
            max_uses: Some(2),
            state,
            asked_at: NOW,
            answer_by: NOW.plus_seconds(ANSWER_SECONDS),
            person: None,
            given_at: Some(NOW),
            until: Some(NOW.plus_seconds(86_400)),
            uses: 0,
            used_at: None,
            ended_at: None,
            receipt: None,
        }
    }

    #[test]
    fn stands_until_the_second_it_ends_and_as_often_as_it_says() {
        let at = |seconds: i64| NOW.plus_seconds(seconds);
        let code =
            |consent: &Consent, now| consent.stands(now).map_or_else(|problem| problem.code, |()| "stands");
        let given = consent(State::Given);
        assert_eq!(code(&given, at(86_399)), "stands");
        assert_eq!(code(&given, at(86_400)), "identity-consent-expired");
        assert_eq!(code(&Consent { uses: 1, ..given.clone() }, at(0)), "stands");
        assert_eq!(code(&Consent { uses: 2, ..given.clone() }, at(0)), "identity-consent-used-up");
        assert_eq!(code(&Consent { uses: 9, max_uses: None, ..given.clone() }, at(0)), "stands");
        assert_eq!(code(&Consent { until: None, ..given.clone() }, at(0)), "identity-consent-expired");
        assert_eq!(code(&consent(State::Revoked), at(0)), "identity-consent-revoked");
        assert_eq!(code(&consent(State::Declined), at(0)), "identity-consent-declined");
        assert_eq!(code(&consent(State::Asked), at(ANSWER_SECONDS - 1)), "identity-consent-waits");
        assert_eq!(code(&consent(State::Asked), at(ANSWER_SECONDS)), "identity-consent-expired");
        assert_eq!(given.state_word(at(86_400)), "expired");
        assert_eq!(Consent { uses: 2, ..given.clone() }.state_word(at(0)), "used-up");
        assert_eq!((given.state_word(at(0)), consent(State::Asked).state_word(at(0))), ("given", "asked"));
    }

    #[test]
    fn wishes() {
        let wish = |words: &[&str]| {
            let attributes = words.iter().map(ToString::to_string).collect();
            wish_attributes(&Wish { attributes, days: 1, uses: None })
        };
        assert_eq!(wish(&["born", "name"]), Ok(Attributes::parse("name born")));
        assert_eq!(wish(&[]), Err("identity-verify-fault-none"));
        assert_eq!(wish(&["name", "name"]), Err("identity-verify-fault-twice"));
        assert_eq!(wish(&["name", "number"]), Err("identity-verify-fault-attribute"));
    }
}

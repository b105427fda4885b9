//! Whether a card is valid now. The code on a card proves offline what it says and who signed it; only the register knows whether
//! the card was replaced since.

use super::{CHECK, SHOWN, Ticket, Token, Verifier};
use crate::cards::{self, CARD_YEARS};
use crate::number::CardNumber;
use crate::people::SERVICE;
use crate::read::CARD;
use crate::verify::attribute::Attribute;
use crate::{permission, problems, tokens, version};
use daftar_kernel::{Actor, Id, Official, Problem, Timestamp};
use daftar_office::permit::Ask;
use daftar_ports::certificate::{self, PublicKey};
use daftar_record::Look;
use daftar_record::look::Reader;
use daftar_store::Tx;

/// Kinds of papers whose code names a card.
const KINDS: [&str; 2] = ["identity-card", "identity-certificate"];

/// How a card stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Its holder may be who they say; the card counts.
    Valid,
    /// The holder has another one since.
    Replaced,
    /// It counts no more: its ten years are over, the holder has died or is suspended.
    Ended,
    /// No such card; also one whose holder was erased.
    Unknown,
}

impl Status {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Replaced => "replaced",
            Self::Ended => "ended",
            Self::Unknown => "unknown",
        }
    }
}

/// How a card stands, and since when it no longer counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// How.
    pub status: Status,
    /// Since when, for a card that was replaced or ended by an act.
    pub since: Option<Timestamp>,
    /// When this was asked.
    pub at: Timestamp,
}

/// Which card is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Named {
    /// By the signed code on it: whoever has it was shown the card.
    Code(CardNumber),
    /// By its number alone.
    Number(CardNumber),
}

impl Named {
    const fn number(self) -> CardNumber {
        match self {
            Self::Code(number) | Self::Number(number) => number,
        }
    }
}

/// Reads the text of a code that one of these keys signed.
///
/// # Errors
/// `identity-card-code` when it is no code of a card, is damaged, or was not signed here.
pub fn read_code(text: &str, keys: &[PublicKey]) -> Result<CardNumber, Problem> {
    let checked =
        certificate::check(text.trim(), keys).map_err(|fault| problems::card_code().detail(fault))?;
    if !KINDS.contains(&checked.kind.as_str()) {
        return Err(problems::card_code());
    }
    CardNumber::parse(&checked.serial).map_err(|_| problems::card_code())
}

impl Verifier {
    /// Reads the text of a code of ours.
    ///
    /// # Errors
    /// As [`read_code`]; when the key cannot be read.
    pub fn card_of_code(&self, text: &str) -> Result<CardNumber, Problem> {
        read_code(text, &[self.people().papers_public_key()?])
    }

    /// How a card stands, and whose it is. Without a look: the caller commits one.
    async fn standing_of(&self, tx: &mut Tx, number: CardNumber) -> Result<(Standing, Option<Id>), Problem> {
        let at = self.now();
        let unknown = (Standing { status: Status::Unknown, since: None, at }, None);
        // Who holds a valid card is the register's to say: a holder whose record was joined to another's is found there.
        if let Some(holder) = cards::holder(self.people(), tx, number).await? {
            let status =
                if self.holder_stands(tx, holder, number).await? { Status::Valid } else { Status::Ended };
            return Ok((Standing { status, since: None, at }, Some(holder)));
        }
        let Some(past) = cards::past(self.people(), tx, number).await? else { return Ok(unknown) };
        let Some(person) = past.person else { return Ok(unknown) };
        let status = if past.state == "replaced" { Status::Replaced } else { Status::Ended };
        Ok((Standing { status, since: past.ended_at, at }, Some(person)))
    }

    /// Whether a card that nobody ended counts today: its holder is in the register, alive and not suspended, and its years
    /// are not over.
    async fn holder_stands(&self, tx: &mut Tx, holder: Id, number: CardNumber) -> Result<bool, Problem> {
        let current = version::current(self.store(), tx, holder).await?;
        let stands = current.is_some_and(|version| {
            version.document.person.died.is_none() && !version.document.marks.suspended
        });
        Ok(stands && self.card_stands(tx, number).await?)
    }

    /// Whether the years of a card are not over.
    pub(super) async fn card_stands(&self, tx: &mut Tx, number: CardNumber) -> Result<bool, Problem> {
        let issued = cards::issued_at(self.people(), tx, number).await?;
        let today = self.people().today();
        let until = issued
            .and_then(|at| self.people().day_of(at).checked_add(jiff::Span::new().years(CARD_YEARS)).ok());
        Ok(until.is_some_and(|until| today < until))
    }

    /// Tells a partner how a card stands. Named by its number alone, the law must allow the question or the person: the code on
    /// the card shows that it was shown.
    ///
    /// # Errors
    /// As [`Verifier::token`]; `identity-verify-attribute` when the partner may not ask whether cards are valid;
    /// `identity-card-code-needed` for a bare number from a partner that needs consent; the store's.
    pub async fn card_status(&self, token: &Token, named: Named) -> Result<Standing, Problem> {
        let mine = token.clone();
        self.counted(token, move |tx, me, ticket| {
            let token = mine.clone();
            Box::pin(async move { me.card_status_in(tx, &token, named, &ticket).await })
        })
        .await
    }

    async fn card_status_in(
        &self,
        tx: &mut Tx,
        token: &Token,
        named: Named,
        ticket: &Ticket,
    ) -> Result<(Standing, i64), Problem> {
        let caller = self.admit(tx, token, ticket).await?;
        if !caller.partner.attributes.has(Attribute::CardValid) {
            return Err(problems::verify_attribute());
        }
        let law = self.law(&caller.partner)?;
        let basis = match named {
            Named::Number(_) if caller.partner.consent => return Err(problems::card_code_needed()),
            Named::Number(_) => law.as_str(),
            Named::Code(_) => SHOWN,
        };
        let (standing, holder) = self.standing_of(tx, named.number()).await?;
        let Some(holder) = holder else {
            self.missed(tx, &caller).await?;
            return Ok((standing, caller.more));
        };
        let subject = tokens::of(tx, holder, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
        self.look(tx, &caller.partner, subject, basis, &[Attribute::CardValid.checked_field()]).await?;
        Ok((standing, caller.more))
    }

    /// Tells an official how a card stands. A look like any other.
    ///
    /// # Errors
    /// 403 without the permission or the purpose; the office's about cases and orders; the store's.
    pub async fn card_status_for(
        &self,
        official: &Official,
        ask: &Ask,
        number: CardNumber,
    ) -> Result<Standing, Problem> {
        self.people().office.need(&Actor::Official(official.clone()), permission::READ)?;
        let (me, official, ask) = (self.clone(), official.clone(), ask.clone());
        self.store()
            .write(move |tx| {
                let (me, official, ask) = (me.clone(), official.clone(), ask.clone());
                Box::pin(async move {
                    let permit = me.people().office.permit(tx, &official, &ask).await?;
                    let (standing, holder) = me.standing_of(tx, number).await?;
                    if let Some(holder) = holder {
                        let subject = tokens::of(tx, holder, tokens::RECORD).await?;
                        let subject = subject.ok_or_else(problems::unknown)?;
                        me.people().office.look(tx, &permit, subject, SERVICE, &[CARD]).await?;
                    }
                    Ok(standing)
                })
            })
            .await
    }

    /// Whether the card of a code is valid, for whoever holds the code: yes or no, and a look that its holder sees.
    ///
    /// # Errors
    /// The store's. A code that is not ours is simply not valid.
    pub async fn card_is_valid(&self, code: &str) -> Result<bool, Problem> {
        let Ok(number) = self.card_of_code(code) else { return Ok(false) };
        let me = self.clone();
        self.store()
            .write(move |tx| {
                let me = me.clone();
                Box::pin(async move {
                    let (standing, holder) = me.standing_of(tx, number).await?;
                    let Some(holder) = holder else { return Ok(false) };
                    let subject =
                        tokens::of(tx, holder, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
                    let look = Look {
                        subject,
                        reader: Reader::from(&Actor::Public),
                        service: SERVICE,
                        purpose: CHECK.into(),
                        basis: SHOWN.into(),
                        case: None,
                        fields: vec![Attribute::CardValid.checked_field().into()],
                        sealed_until: None,
                    };
                    me.people().record.look(tx, &look).await?;
                    Ok(standing.status == Status::Valid)
                })
            })
            .await
    }
}

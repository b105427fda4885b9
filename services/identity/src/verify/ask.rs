//! Yes or no: what a partner asks about the holder of a card, and what it is answered.

use super::attribute::{Attribute, Attributes};
use super::compare::{Answer, Claim};
use super::{CONSENT, Ticket, Token, Verifier, fields};
use crate::number::CardNumber;
use crate::{cards, problems, tokens, version};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::Tx;

/// What a partner asks.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whose card it was shown.
    pub card: CardNumber,
    /// The person's consent; needed when the registration says so.
    pub consent: Option<Id>,
    /// What the person claims, each attribute once.
    pub claims: Vec<Claim>,
}

impl Asked {
    fn attributes(&self) -> Attributes {
        self.claims.iter().map(Claim::attribute).collect()
    }
}

/// What it is told: one answer for each claim, in their order, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The answers.
    pub answers: Vec<(Attribute, Answer)>,
    /// When.
    pub at: Timestamp,
}

impl Verifier {
    /// Answers a partner. When the card is nobody's, or not that of whoever consented, every answer is `unknown`: a partner
    /// cannot learn whose card a number is, nor try out numbers, since so many such cards a day are all it may name.
    ///
    /// # Errors
    /// As [`Verifier::token`]; `identity-verify-attribute` for what was not granted; those of consents; the store's.
    pub async fn verify(&self, token: &Token, asked: Asked) -> Result<Told, Problem> {
        let mine = token.clone();
        self.counted(token, move |tx, me, ticket| {
            let (token, asked) = (mine.clone(), asked.clone());
            Box::pin(async move { me.verify_in(tx, &token, &asked, &ticket).await })
        })
        .await
    }

    async fn verify_in(
        &self,
        tx: &mut Tx,
        token: &Token,
        asked: &Asked,
        ticket: &Ticket,
    ) -> Result<(Told, i64), Problem> {
        let caller = self.admit(tx, token, ticket).await?;
        let (partner, attributes) = (&caller.partner, asked.attributes());
        if !attributes.within(&partner.attributes) {
            return Err(problems::verify_attribute());
        }
        let law = self.law(partner)?;
        let consent = match (partner.consent, asked.consent) {
            (false, _) => None,
            (true, None) => return Err(problems::consent_needed()),
            (true, Some(id)) => Some(self.standing(tx, partner, id, &attributes).await?),
        };
        let holder = cards::holder_even_ended(self.people(), tx, asked.card).await?;
        let holder = holder.filter(|holder| consent.as_ref().is_none_or(|c| c.person == Some(*holder)));
        let found = match holder {
            Some(person) => version::current_with_token(self.store(), tx, person, tokens::RECORD).await?,
            None => None,
        };
        let at = self.now();
        let Some((version, subject)) = found else {
            self.missed(tx, &caller).await?;
            let answers = asked.claims.iter().map(|claim| (claim.attribute(), Answer::Unknown)).collect();
            return Ok((Told { answers, at }, caller.more));
        };
        let basis = if consent.is_some() { CONSENT } else { law.as_str() };
        self.look(tx, partner, subject, basis, &fields(&attributes, Attribute::checked_field)).await?;
        if let Some(consent) = &consent {
            self.use_up(tx, consent).await?;
        }
        let valid = attributes.has(Attribute::CardValid)
            && !version.document.marks.suspended
            && cards::holder(self.people(), tx, asked.card).await?.is_some()
            && self.card_stands(tx, asked.card).await?;
        let (people, today) = (self.people(), self.people().today());
        let district = |code: &str| people.places.district_of(code);
        let person = &version.document.person;
        let answers = asked
            .claims
            .iter()
            .map(|claim| (claim.attribute(), claim.answer(person, valid, today, &district)))
            .collect();
        Ok((Told { answers, at }, caller.more))
    }
}

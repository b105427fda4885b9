//! Papers: the card a person shows and the certificate they ask for, each with a code that anyone can check
//! offline. The national number is on neither.

use crate::cards::{self, CARD_YEARS, Card};
use crate::notices::News;
use crate::people::{Desk, People, SERVICE};
use crate::person::{Person, Sex};
use crate::photos::PHOTO;
use crate::read::CARD;
use crate::register::{Key, needed_text};
use crate::{permission, problems, tokens, version};
use daftar_kernel::{Actor, Id, Lang, Official, PartialDate, Problem, Timestamp};
use daftar_office::permit::Ask;
use daftar_ports::certificate::{Certificate, KeyId, Line, PublicKey, SignKey, Words, dates};
use daftar_record::Act;
use pdf_writing::{Colour, Photo};
use serde_json::json;

/// Name of the key that signs papers, in the vault.
pub const PAPERS_KEY: &str = "identity-papers";
/// What a card or certificate shows, and what its look says was shown.
pub(crate) const PAPER_FIELDS: [&str; 6] = ["name", "born", "birth_place", "sex", PHOTO, CARD];

/// What a card or a certificate is made from.
#[derive(Clone, Debug)]
pub struct PaperData {
    /// The person.
    pub person: Person,
    /// The valid card.
    pub card: Card,
    /// The photo, if there is one.
    pub photo: Option<Photo>,
}

/// What is to be printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Paper {
    /// The card.
    Card,
    /// The certificate of registration.
    Certificate,
}

/// The words and names around a paper's content.
pub struct PaperTexts<'a> {
    /// Language of the paper.
    pub lang: Lang,
    /// A text of this service's locales by its key, in that language.
    pub text: &'a (dyn Fn(&str) -> String + Sync),
    /// Name of a place of the country pack, in that language.
    pub place: &'a (dyn Fn(&str) -> String + Sync),
    /// The office that answers for it, in that language.
    pub issuer: String,
    /// Time zone of the country.
    pub zone: String,
    /// Colour of the band.
    pub accent: Colour,
}

impl PaperData {
    /// The paper, ready to be signed and rendered.
    #[must_use]
    pub fn paper(&self, paper: Paper, texts: &PaperTexts<'_>) -> Certificate {
        let t = |key: &str| (texts.text)(key);
        let (kind, title) = match paper {
            Paper::Card => ("identity-card", t("identity-paper-card")),
            Paper::Certificate => ("identity-certificate", t("identity-paper-certificate")),
        };
        Certificate {
            kind: kind.into(),
            serial: self.card.number.grouped(),
            title,
            issuer: texts.issuer.clone(),
            lines: self.lines(paper, texts),
            photo: self.photo.clone(),
            issued: self.card.issued_at,
            zone: texts.zone.clone(),
            valid_until: valid_until(self.card.issued_at, &texts.zone),
            lang: texts.lang.clone(),
            words: Words {
                number: t("identity-paper-number"),
                issued: t("identity-paper-issued"),
                valid_until: t("identity-paper-valid-until"),
                how_to_check: t("identity-paper-check"),
                code_description: t("identity-paper-code"),
                photo_description: t("identity-paper-photo"),
            },
            accent: texts.accent,
        }
    }

    fn lines(&self, paper: Paper, texts: &PaperTexts<'_>) -> Vec<Line> {
        let t = |key: &str| (texts.text)(key);
        let person = &self.person;
        let unknown = || t("identity-paper-unknown");
        let born = match person.born {
            PartialDate::Unknown => unknown(),
            date => dates::in_words(date, &texts.lang),
        };
        let sex = match person.sex {
            Sex::Female => t("identity-sex-female"),
            Sex::Male => t("identity-sex-male"),
            Sex::Other => t("identity-sex-other"),
            Sex::Unknown => unknown(),
        };
        let mut lines = vec![Line::proved(&t("identity-paper-name"), person.name.as_str())];
        if let (Paper::Certificate, Some(other)) = (paper, person.other_names.first()) {
            lines.push(Line::printed(&t("identity-paper-other-name"), other.as_str()));
        }
        lines.push(Line::proved(&t("identity-paper-born"), &born));
        lines.push(Line::printed(&t("identity-paper-sex"), &sex));
        if paper == Paper::Certificate {
            let place = match (&person.birth_place.code, &person.birth_place.text) {
                (Some(code), None) => (texts.place)(code),
                (Some(code), Some(text)) => format!("{text}, {}", (texts.place)(code)),
                (None, Some(text)) => text.clone(),
                (None, None) => unknown(),
            };
            lines.push(Line::proved(&t("identity-paper-birth-place"), &place));
        }
        lines
    }
}

/// The last valid day: ten years on, the day before. The twenty-ninth of February becomes the twenty-eighth.
fn valid_until(issued: Timestamp, zone: &str) -> Option<PartialDate> {
    use jiff::ToSpan;
    let day: jiff::civil::Date = issued.to_local_date(zone).parse().ok()?;
    day.checked_add(i64::from(CARD_YEARS).years())
        .and_then(|d| d.checked_sub(1.day()))
        .ok()
        .map(PartialDate::Day)
}

/// The key that signs papers: it stays in the vault.
pub struct PapersKey(aws_lc_rs::signature::Ed25519KeyPair);

impl SignKey for PapersKey {
    fn key_id(&self) -> KeyId {
        public(&self.0).key_id()
    }
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut out = [0; 64];
        // Ed25519 signatures have 64 bytes (RFC 8032 §5.1.6).
        out.iter_mut().zip(self.0.sign(message).as_ref()).for_each(|(to, from)| *to = *from);
        out
    }
}

fn public(pair: &aws_lc_rs::signature::Ed25519KeyPair) -> PublicKey {
    use aws_lc_rs::signature::KeyPair;
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(pair.public_key().as_ref()).for_each(|(to, from)| *to = *from);
    PublicKey::from_bytes(bytes)
}

impl People {
    /// The key that signs papers.
    ///
    /// # Errors
    /// When the vault cannot read or make it.
    pub fn papers_key(&self) -> Result<PapersKey, Problem> {
        Ok(PapersKey(self.store.vault().sign_key(PAPERS_KEY)?))
    }
    /// The public key that papers are checked with, to be published.
    ///
    /// # Errors
    /// As [`People::papers_key`].
    pub fn papers_public_key(&self) -> Result<PublicKey, Problem> {
        Ok(public(&self.papers_key()?.0))
    }

    /// What an official prints a person's card or certificate from. A look like any other.
    ///
    /// # Errors
    /// [`problems::card_none`], and as [`People::read`].
    pub async fn paper_data(&self, official: &Official, ask: &Ask, person: Id) -> Result<PaperData, Problem> {
        self.office.need(&Actor::Official(official.clone()), permission::CARD)?;
        let shown = self.read(official, ask, person, &PAPER_FIELDS).await?;
        let photo = self.open_photo(person, shown.record.photo.as_deref()).await?;
        let card = shown.card.ok_or_else(problems::card_none)?;
        Ok(PaperData { person: shown.record, card, photo })
    }

    /// What a citizen prints their own card or certificate from.
    ///
    /// # Errors
    /// [`problems::card_none`], and as [`People::my_record`].
    pub async fn my_paper_data(&self, citizen: Id) -> Result<PaperData, Problem> {
        let mine = self.my_record(citizen).await?;
        let person = mine.version.document.person;
        let photo = self.open_photo(mine.person, person.photo.as_deref()).await?;
        Ok(PaperData { person, card: mine.card.ok_or_else(problems::card_none)?, photo })
    }

    /// Ends a person's card and gives a new one with another number; answers the receipt of the act.
    ///
    /// # Errors
    /// [`problems::reason_text`], [`problems::unknown`]; 403 without the permission; the store's.
    pub async fn replace_card(
        &self,
        actor: &Actor,
        person: Id,
        reason: &str,
        key: &str,
    ) -> Result<Id, Problem> {
        self.office.need(actor, permission::CARD)?;
        let key = Key::new(self, actor, "card", key, &(person, reason))?;
        let reason = needed_text(reason, problems::reason_text)?;
        let (people, desk) = (self.clone(), Desk::of(actor));
        self.store
            .write(move |tx| {
                let (people, desk, reason, key) = (people.clone(), desk.clone(), reason.clone(), key.clone());
                Box::pin(async move {
                    if let Some(before) = key.begin(tx, &people).await? {
                        return Ok(before);
                    }
                    let current = version::current(&people.store, tx, person).await?;
                    let current = current.ok_or_else(problems::unknown)?.document;
                    if current.person.died.is_some() {
                        return Err(problems::dead());
                    }
                    if current.marks.suspended {
                        return Err(problems::suspended());
                    }
                    let subject =
                        tokens::of(tx, person, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
                    let now = people.store.world().now();
                    cards::end(tx, person, "replaced", now).await?;
                    let number = cards::issue(&people, tx, person, now).await?;
                    let act = Act {
                        kind: "identity.card-replaced",
                        service: SERVICE,
                        agency: desk.agency.clone(),
                        office: desk.office.clone(),
                        subject: Some(subject),
                        public: json!({}),
                        private: Some(json!({"card": number.plain(), "reason": reason})),
                    };
                    let receipt = people.record.act(tx, &desk.actor, &act).await?;
                    people.tell(tx, &desk, person, receipt, &News::CardReplaced).await?;
                    key.finish(tx, &receipt).await?;
                    Ok(receipt)
                })
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_holds_ten_years_less_a_day() {
        let until = |text: &str| {
            let at: jiff::Timestamp = text.parse().unwrap();
            valid_until(Timestamp::from_seconds(at.as_second()), "Africa/Tunis").unwrap().to_string()
        };
        assert_eq!(until("2026-11-23T08:00:00Z"), "2036-11-22");
        assert_eq!(until("2026-11-23T23:30:00Z"), "2036-11-23", "the day is the country's");
        assert_eq!(until("2028-02-29T08:00:00Z"), "2038-02-27");
    }
}

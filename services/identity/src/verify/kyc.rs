//! Handing over what a person allowed: a signed document for one partner, that is believed for five minutes.

use super::attribute::{Attribute, Attributes};
use super::compare::{Answer, Claim};
use super::consent::{Consent, person_of};
use super::{CONSENT, Ticket, Token, Verifier, fields};
use crate::people::CLASS;
use crate::person::{Person, Sex};
use crate::{cards, problems};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use daftar_kernel::{Id, PartialDate, Problem};
use daftar_store::{BlobId, Tx};
use openid::jws::{self, Claims};
use serde_json::{Value, json};

/// The header's type.
pub const TYP: &str = "kyc+jwt";
/// How long the document is to be believed, in seconds.
pub const VALID_SECONDS: i64 = 300;

/// What one request hands over, before it is signed.
#[derive(Clone)]
struct Given {
    sub: Id,
    consent: Consent,
    person_id: Id,
    person: Person,
    card_valid: bool,
    age: Option<(u8, Answer)>,
}

impl Given {
    /// The claims about the person: names of OpenID Connect where it has one. What the register does not know is left out.
    fn claims(&self, place: &dyn Fn(&str) -> String) -> Claims {
        let (person, has) = (&self.person, |attribute| self.consent.attributes.has(attribute));
        let mut claims = Claims::new();
        let mut put = |attribute: Attribute, name: &str, value: Option<Value>| {
            if let (true, Some(value)) = (has(attribute), value) {
                claims.insert(name.into(), value);
            }
        };
        put(Attribute::Name, "name", Some(json!(person.name.to_string())));
        put(Attribute::Name, "given_name", person.given.as_ref().map(|name| json!(name.to_string())));
        put(Attribute::Name, "family_name", person.family.as_ref().map(|name| json!(name.to_string())));
        let born = (person.born != PartialDate::Unknown).then(|| json!(person.born.to_string()));
        put(Attribute::Born, "birthdate", born);
        put(Attribute::Sex, "gender", (person.sex != Sex::Unknown).then(|| json!(person.sex.word())));
        let code = person.birth_place.code.as_deref();
        let place_of_birth = match (code, &person.birth_place.text) {
            (Some(code), _) => Some(json!({ "code": code, "formatted": place(code) })),
            (None, Some(text)) => Some(json!({ "formatted": text })),
            (None, None) => None,
        };
        put(Attribute::BirthPlace, "place_of_birth", place_of_birth);
        let lives = person.address.place.as_deref();
        let lives = lives.map(|code| json!({ "code": code, "formatted": place(code) }));
        put(Attribute::AddressPlace, "address", lives);
        put(Attribute::Alive, "alive", Some(json!(person.died.is_none())));
        put(Attribute::CardValid, "card_valid", Some(json!(self.card_valid)));
        let age = self.age.filter(|(_, answer)| *answer != Answer::Unknown);
        let name = age.map_or_else(String::new, |(years, _)| format!("age_over_{years}"));
        put(Attribute::OverAge, &name, age.map(|(_, answer)| json!(answer == Answer::Yes)));
        claims
    }
}

impl Verifier {
    /// Hands over what a consent covers, as a signed document for this partner. `over_age` asks for one more yes or no where the
    /// consent covers ages; `place` gives a place's name.
    ///
    /// # Errors
    /// As [`Verifier::token`]; those of consents; `identity-consent-attribute` for an age that was not consented to;
    /// `identity-consent-revoked` for a person the register believes dead; the store's.
    pub async fn kyc(
        &self,
        token: &Token,
        consent: Id,
        over_age: Option<u8>,
        place: &(dyn Fn(&str) -> String + Sync),
    ) -> Result<String, Problem> {
        let mine = token.clone();
        let given = self
            .counted(token, move |tx, me, ticket| {
                let token = mine.clone();
                Box::pin(async move { me.kyc_in(tx, (&token, &ticket), consent, over_age).await })
            })
            .await?;
        let mut claims = given.claims(place);
        if given.consent.attributes.has(Attribute::Photo)
            && let Some(name) = &given.person.photo
        {
            let id: BlobId = name.parse()?;
            let jpeg = self.store().blobs().get_sealed(given.person_id, CLASS, id).await?;
            let picture = format!("data:image/jpeg;base64,{}", STANDARD.encode(&jpeg));
            claims.insert("picture".into(), json!(picture));
        }
        let (issuer, ring, iat) =
            (self.provider.issuer()?, self.provider.keys().await?, self.now().seconds());
        for (name, value) in [
            ("iss", json!(&*issuer)),
            ("aud", json!(given.consent.client)),
            ("sub", json!(given.sub)),
            ("iat", json!(iat)),
            ("exp", json!(iat + VALID_SECONDS)),
            ("jti", json!(crate::tokens::draw(self.store().world()))),
            ("consent", json!(given.consent.id)),
        ] {
            claims.insert(name.into(), value);
        }
        jws::sign(&ring.active, TYP, &claims)
            .ok_or_else(|| Problem::internal("a document could not be signed"))
    }

    async fn kyc_in(
        &self,
        tx: &mut Tx,
        (token, ticket): (&Token, &Ticket),
        id: Id,
        over_age: Option<u8>,
    ) -> Result<(Given, i64), Problem> {
        let caller = self.admit(tx, token, ticket).await?;
        self.law(&caller.partner)?;
        let asked: Attributes = over_age.map(|_| Attribute::OverAge).into_iter().collect();
        let mut consent = self.standing(tx, &caller.partner, id, &asked).await?;
        // What the official took from the partner since is no longer the person's to give.
        consent.attributes =
            consent.attributes.0.intersection(&caller.partner.attributes.0).copied().collect();
        let (person_id, version, subject) = person_of(self, tx, &consent).await?;
        let person = version.document.person;
        if person.died.is_some() {
            return Err(problems::consent_revoked());
        }
        let mut shown = consent.attributes.clone();
        if over_age.is_none() {
            shown.0.remove(&Attribute::OverAge);
        }
        if shown.is_empty() {
            return Err(problems::consent_attribute());
        }
        self.look(tx, &caller.partner, subject, CONSENT, &fields(&shown, Attribute::shown_field)).await?;
        self.use_up(tx, &consent).await?;
        let card_valid = match consent.attributes.has(Attribute::CardValid) {
            true => match cards::valid(self.people(), tx, person_id).await? {
                Some(card) => self.card_stands(tx, card.number).await?,
                None => false,
            },
            false => false,
        };
        let today = self.people().today();
        let age =
            over_age.map(|years| (years, Claim::OverAge(years).answer(&person, false, today, &|_| None)));
        let sub = self.pairwise(tx, &caller.partner, person_id).await?;
        Ok((Given { sub, consent, person_id, person, card_valid, age }, caller.more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::Entry;
    use crate::verify::consent::State;
    use daftar_kernel::Timestamp;

    #[test]
    fn only_what_was_allowed_and_only_what_is_known() {
        let entry = Entry {
            name: "Amina Diallo".into(),
            given: "Amina".into(),
            born: "1990-02".into(),
            birth_place: "p-1".into(),
            address_place: "p-2".into(),
            address_lines: vec!["by the mill".into()],
            ..Entry::default()
        };
        let now = Timestamp::from_seconds(0);
        let given = |words: &str| Given {
            sub: Id::from_bytes([1; 16]),
            person_id: Id::from_bytes([2; 16]),
            person: entry.check(&crate::entry::tests::rules()).unwrap(),
            card_valid: true,
            age: Some((18, Answer::Yes)),
            consent: Consent {
                id: Id::from_bytes([3; 16]),
                client: "bank".into(),
                purpose: "p".into(),
                attributes: Attributes::parse(words),
                days: 1,
                max_uses: None,
                state: State::Given,
                asked_at: now,
                answer_by: now,
                person: None,
                given_at: None,
                until: None,
                uses: 0,
                used_at: None,
                ended_at: None,
                receipt: None,
            },
        };
        let names = |words: &str| {
            let claims = given(words).claims(&|code| format!("place {code}"));
            claims.keys().cloned().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(""), "");
        assert_eq!(names("name"), "given_name name");
        assert_eq!(names("sex photo"), "", "not known, and added apart");
        let all = Attribute::ALL.map(Attribute::word).join(" ");
        let claims = given(&all).claims(&|code| format!("place {code}"));
        assert_eq!(claims["birthdate"], "1990-02");
        assert_eq!(claims["age_over_18"], json!(true));
        assert_eq!(claims["address"], json!({"code": "p-2", "formatted": "place p-2"}));
        let text = json!(claims).to_string();
        assert!(!text.contains("by the mill"), "the street is never handed over");
    }
}

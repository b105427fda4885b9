//! What a service learns of a person: claims, and only those that were consented to. Each release is a look of another system,
//! committed to the access register before a byte leaves.

use super::Provider;
use super::client::{self, Registered};
use super::grant::items_of;
use super::token::{Answer, SignIn};
use crate::people::SERVICE;
use crate::person::{Person, Sex};
use crate::{problems, tokens, version};
use daftar_kernel::{Id, PartialDate, Problem, Timestamp};
use daftar_record::Look;
use daftar_record::look::Reader;
use daftar_store::Tx;
use openid::access_token::AccessToken;
use openid::jws::Claims;
use openid::{ErrorCode, Refusal, Scope};
use serde_json::json;
use std::collections::BTreeSet;

/// The purpose of such a look, as the access register keeps it.
pub const PURPOSE: &str = "service-sign-in";
/// Its legal basis.
pub const BASIS: &str = "consent";

/// What was released.
#[derive(Clone)]
pub struct Released {
    /// The person, by the token of the client's sector.
    pub sub: Id,
    person: Option<(Person, Timestamp)>,
    names: BTreeSet<String>,
}

/// The field of the access register a claim belongs to.
fn field(claim: &str) -> Option<&'static str> {
    match claim {
        "name" | "given_name" | "family_name" => Some("name"),
        "birthdate" => Some("born"),
        "gender" => Some("sex"),
        "locale" | "email" | "email_verified" | "phone_number" | "phone_number_verified" => Some("contacts"),
        "address" => Some("address"),
        _ => None,
    }
}

impl Released {
    /// The claims, without `sub`. What the register does not know is left out.
    #[must_use]
    pub fn claims(&self) -> Claims {
        let mut claims = Claims::new();
        let Some((person, changed)) = &self.person else { return claims };
        let mut put = |name: &str, value: Option<serde_json::Value>| {
            if let (Some(value), true) = (value, self.names.contains(name)) {
                claims.insert(name.into(), value);
            }
        };
        put("name", Some(json!(person.name.to_string())));
        put("given_name", person.given.as_ref().map(|name| json!(name.to_string())));
        put("family_name", person.family.as_ref().map(|name| json!(name.to_string())));
        put("birthdate", birthdate(person.born).map(|date| json!(date)));
        put("gender", (person.sex != Sex::Unknown).then(|| json!(person.sex.word())));
        put("locale", person.language.as_ref().map(|lang| json!(lang.tag())));
        put("updated_at", Some(json!(changed.seconds())));
        put("email", person.email.as_ref().map(|email| json!(email)));
        // Nobody has written to it or rung it to see whose it is.
        put("email_verified", person.email.as_ref().map(|_| json!(false)));
        put("phone_number", person.phone.as_ref().map(|phone| json!(phone)));
        put("phone_number_verified", person.phone.as_ref().map(|_| json!(false)));
        let lines = &person.address.lines;
        put("address", (!lines.is_empty()).then(|| json!({ "formatted": lines.join("\n") })));
        claims
    }
}

/// OpenID Connect Core §5.1: the day, or the year alone; a month cannot be said.
fn birthdate(born: PartialDate) -> Option<String> {
    match born {
        PartialDate::Day(day) => Some(day.to_string()),
        other => other.year().map(|year| format!("{year:04}")),
    }
}

impl Provider {
    /// What the userinfo endpoint answers to an access token.
    ///
    /// # Errors
    /// `identity-openid-off`; the store's. `invalid_token` and `insufficient_scope` are values.
    pub async fn userinfo(&self, token: &str) -> Answer<Released> {
        let (issuer, ring, now) = (self.issuer()?, self.keys().await?, self.now().seconds());
        let invalid = Refusal::new(ErrorCode::InvalidToken, "the access token is not valid");
        let Ok(read) = AccessToken::verify(token, &issuer, &ring.public, now) else {
            return Ok(Err(invalid));
        };
        if !read.scopes.has(Scope::OpenId) {
            return Ok(Err(Refusal::new(
                ErrorCode::InsufficientScope,
                "the token does not speak of a person",
            )));
        }
        let provider = self.clone();
        self.store()
            .write(move |tx| {
                let (provider, read) = (provider.clone(), read.clone());
                Box::pin(async move {
                    let Some(signin) = provider.signin_of(tx, &read.jti).await? else {
                        return Ok(Err(invalid));
                    };
                    let Some(client) = client::find(tx, &signin.client).await? else {
                        return Ok(Err(invalid));
                    };
                    let scoped = read.scopes.iter().flat_map(|scope| scope.claims().iter().copied());
                    let single = signin.claims.userinfo.keys().map(String::as_str);
                    let names = scoped.chain(single).map(str::to_string).collect();
                    let nothing = Released { sub: signin.sub, person: None, names: BTreeSet::new() };
                    Ok(Ok(provider.release_in(tx, &signin, &client, names).await?.unwrap_or(nothing)))
                })
            })
            .await
    }

    /// Releases claims under the consent, and commits the look. `None` when nothing personal is asked.
    pub(super) async fn release_in(
        &self,
        tx: &mut Tx,
        signin: &SignIn,
        client: &Registered,
        names: BTreeSet<String>,
    ) -> Result<Option<Released>, Problem> {
        let consented = items_of(tx, signin.person, &signin.client).await?.unwrap_or_default();
        let names: BTreeSet<String> = names.intersection(&consented.0).cloned().collect();
        let fields: BTreeSet<&str> = names.iter().filter_map(|name| field(name)).collect();
        if fields.is_empty() {
            return Ok(None);
        }
        // The consent is the account's; what is read is the record that stands for the person now.
        let living = tokens::living(tx, signin.person).await?;
        let subject = tokens::of(tx, living, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
        let look = Look {
            subject,
            reader: Reader::Other { name: client.name.clone(), agency: client.agency.clone() },
            service: SERVICE,
            purpose: PURPOSE.into(),
            basis: BASIS.into(),
            case: None,
            fields: fields.into_iter().map(str::to_string).collect(),
            sealed_until: None,
        };
        self.people.record.look(tx, &look).await?;
        let current =
            version::current(&self.people.store, tx, living).await?.ok_or_else(problems::unknown)?;
        let person = Some((current.document.person, current.at));
        Ok(Some(Released { sub: signin.sub, person, names }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::{Entry, FIELDS};

    #[test]
    fn only_the_named_claims_and_only_what_is_known() {
        let entry = Entry {
            name: "Amina Diallo".into(),
            given: "Amina".into(),
            born: "1990-02".into(),
            sex: "female".into(),
            email: "amina@post.example".into(),
            address_lines: vec!["by the mill".into()],
            ..Entry::default()
        };
        let person = entry.check(&crate::entry::tests::rules()).unwrap();
        let names = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        let release = |list: &[&str]| Released {
            sub: Id::from_bytes([1; 16]),
            person: Some((person.clone(), Timestamp::from_seconds(7))),
            names: names(list),
        };
        let all: Vec<&str> = Scope::ALL.iter().flat_map(|scope| scope.claims().iter().copied()).collect();
        let claims = release(&all).claims();
        assert_eq!(claims["birthdate"], "1990", "a month cannot be said");
        assert_eq!((&claims["email_verified"], &claims["updated_at"]), (&json!(false), &json!(7)));
        assert!(!claims.contains_key("phone_number") && !claims.contains_key("family_name"));
        assert_eq!(release(&["name"]).claims().keys().collect::<Vec<_>>(), ["name"]);
        assert!(release(&[]).claims().is_empty());
        for claim in all.iter().filter(|claim| !matches!(**claim, "sub" | "updated_at")) {
            assert!(field(claim).is_some_and(|field| FIELDS.contains(&field)), "{claim} is released unseen");
        }
    }
}

//! Taking back what one service may know, for somebody at the counter: once they have agreed, the official is shown by name what they
//! allow now, and takes back the one they point to. From the commit on that service is refused.

use super::{CONSENTS, What, ask};
use crate::openid::grant;
use crate::people::{People, SERVICE};
use crate::verify::{self, consent::Permission};
use crate::{problems, tokens, version};
use daftar_kernel::{Id, Official, Problem, Timestamp};
use daftar_store::Tx;

/// What the person allows one service now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// How the form names it.
    pub choice: Choice,
    /// What the service is called.
    pub name: String,
    /// Who runs it.
    pub organisation: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when, for what a partner may ask.
    pub until: Option<Timestamp>,
}

/// Which consent is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// To a service the person signs in to, by its `client_id`.
    SignIn(String),
    /// To a partner that asks about the person, by the consent's name.
    Partner(Id),
}

impl Choice {
    /// As a form carries it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::SignIn(client) => format!("sign-in:{client}"),
            Self::Partner(consent) => format!("partner:{consent}"),
        }
    }
    /// What a form carries.
    ///
    /// # Errors
    /// [`problems::assist_consent`] when it names nothing.
    pub fn read(text: &str) -> Result<Self, Problem> {
        match text.split_once(':') {
            Some(("sign-in", client)) if !client.is_empty() => Ok(Self::SignIn(client.into())),
            Some(("partner", consent)) => {
                consent.parse().map(Self::Partner).map_err(|_| problems::assist_consent())
            }
            _ => Err(problems::assist_consent()),
        }
    }
}

impl People {
    /// What the person allows services now, by name: for the official to whom they have agreed, for as long as the agreement holds.
    /// It is a look.
    ///
    /// # Errors
    /// As [`People::assist`].
    pub async fn allowed_for_assist(
        &self,
        official: &Official,
        asked: (Id, Id),
    ) -> Result<Vec<Allowed>, Problem> {
        self.need_assist(official)?;
        let (people, official) = (self.clone(), official.clone());
        self.store
            .write(move |tx| {
                let (people, official) = (people.clone(), official.clone());
                Box::pin(async move {
                    let (stored, person) = people.assistance_of(tx, &official, asked).await?;
                    if stored.what != What::Consent {
                        return Err(problems::assist_other());
                    }
                    if !people.agreed_now(tx, stored.id).await? {
                        return Err(problems::assist_over());
                    }
                    let permit = people.office.permit(tx, &official, &ask()).await?;
                    let found =
                        version::current_with_token(&people.store, tx, person, tokens::RECORD).await?;
                    let (_, subject) = found.ok_or_else(problems::unknown)?;
                    people.office.look(tx, &permit, subject, SERVICE, &["name", CONSENTS]).await?;
                    people.allowed_in(tx, person).await
                })
            })
            .await
    }

    /// Every live consent of a record and of those it absorbed, the newest first.
    async fn allowed_in(&self, tx: &mut Tx, person: Id) -> Result<Vec<Allowed>, Problem> {
        let now = self.store.world().now();
        let mut all = Vec::new();
        for record in std::iter::once(person).chain(tokens::absorbed(tx, person).await?) {
            for given in grant::of_person(tx, record).await? {
                all.push(Allowed {
                    choice: Choice::SignIn(given.client.client.id.clone()),
                    name: given.client.name,
                    organisation: given.client.organisation,
                    since: given.since,
                    until: None,
                });
            }
            for Permission { consent, partner } in verify::given_by(tx, record).await? {
                if consent.stands(now).is_ok() {
                    all.push(Allowed {
                        choice: Choice::Partner(consent.id),
                        name: partner.name,
                        organisation: partner.organisation,
                        since: consent.given_at.unwrap_or(consent.asked_at),
                        until: consent.until,
                    });
                }
            }
        }
        all.sort_by_key(|one| std::cmp::Reverse(one.since));
        Ok(all)
    }

    /// Takes one back, in the transaction that spends the agreement; gives the service's name.
    ///
    /// # Errors
    /// [`problems::assist_consent`] when the person allows nothing of the sort now.
    pub(super) async fn withdraw_in(
        &self,
        tx: &mut Tx,
        person: Id,
        choice: &Choice,
    ) -> Result<String, Problem> {
        let allowed = self.allowed_in(tx, person).await?;
        let found = allowed.into_iter().find(|one| one.choice == *choice);
        let name = found.ok_or_else(problems::assist_consent)?.name;
        let now = self.store.world().now();
        let mut gone = false;
        for record in std::iter::once(person).chain(tokens::absorbed(tx, person).await?) {
            gone |= match choice {
                Choice::SignIn(client) => grant::revoke_in(tx, record, client).await?,
                Choice::Partner(consent) => verify::revoke_in(tx, record, *consent, now).await?,
            };
        }
        if gone { Ok(name) } else { Err(problems::assist_consent()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_lead_back_and_nothing_else_does() {
        let id = Id::from_bytes([7; 16]);
        for choice in [Choice::SignIn("clinic".into()), Choice::Partner(id)] {
            assert_eq!(Choice::read(&choice.text()).unwrap(), choice);
        }
        for other in ["", "sign-in:", "partner:", "partner:7", "clinic", "lock:clinic"] {
            assert_eq!(Choice::read(other).unwrap_err().code, "identity-assist-consent", "{other}");
        }
    }
}

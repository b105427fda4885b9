//! The way from a registered person to a citizen with an account: a code on paper, typed once.

use crate::notices::News;
use crate::people::{Desk, People, SERVICE};
use crate::person::Person;
use crate::{permission, problems, tokens, version};
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::{Principal, Source};
use daftar_record::Act;
use daftar_store::Tx;
use serde_json::json;

/// A letter with an activation code. It is printed once; the code is kept nowhere in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct ActivationLetter {
    /// The name to address.
    pub name: String,
    /// Address lines.
    pub address: Vec<String>,
    /// Code of the place.
    pub place: Option<String>,
    /// Language of the letter, when the person chose one.
    pub language: Option<daftar_kernel::Lang>,
    /// The code, as printed.
    pub code: String,
    /// Receipt of the act.
    pub receipt: Id,
}

impl std::fmt::Debug for ActivationLetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ActivationLetter(receipt {})", self.receipt)
    }
}

/// What issuing a code gives.
struct Issued {
    person: Person,
    code: String,
    receipt: Id,
}

impl People {
    /// Issues an activation code for a person and answers the letter to print. An earlier code dies.
    ///
    /// # Errors
    /// [`problems::unknown`]; 403 without the permission; the store's.
    pub async fn issue_activation(&self, actor: &Actor, person: Id) -> Result<ActivationLetter, Problem> {
        self.office.need(actor, permission::ACTIVATE)?;
        let (people, desk) = (self.clone(), Desk::of(actor));
        let issued = self
            .store
            .write(move |tx| {
                let (people, desk) = (people.clone(), desk.clone());
                Box::pin(async move { people.issue_code(tx, &desk, person).await })
            })
            .await?;
        Ok(ActivationLetter {
            name: issued.person.name.to_string(),
            address: issued.person.address.lines,
            place: issued.person.address.place,
            language: issued.person.language,
            code: issued.code,
            receipt: issued.receipt,
        })
    }

    /// Issues an activation code that nobody at the desk sees: it goes to the person on paper. Answers the receipt.
    ///
    /// # Errors
    /// As [`People::issue_activation`].
    pub async fn post_activation(&self, actor: &Actor, person: Id) -> Result<Id, Problem> {
        self.office.need(actor, permission::ACTIVATE)?;
        let (people, desk) = (self.clone(), Desk::of(actor));
        self.store
            .write(move |tx| {
                let (people, desk) = (people.clone(), desk.clone());
                Box::pin(async move {
                    let issued = people.issue_code(tx, &desk, person).await?;
                    let news = News::Activation { code: issued.code };
                    people.tell(tx, &desk, person, issued.receipt, &news).await?;
                    Ok(issued.receipt)
                })
            })
            .await
    }

    async fn issue_code(&self, tx: &mut Tx, desk: &Desk, person: Id) -> Result<Issued, Problem> {
        let current = version::current(&self.store, tx, person).await?.ok_or_else(problems::unknown)?;
        if current.document.person.died.is_some() {
            return Err(problems::dead());
        }
        let citizen = tokens::of(tx, person, tokens::OFFICE).await?.ok_or_else(problems::unknown)?;
        let subject = tokens::of(tx, person, tokens::RECORD).await?.ok_or_else(problems::unknown)?;
        let code = self.office.issue_activation(tx, Principal::Citizen(citizen)).await?;
        let act = Act {
            kind: "identity.activation-issued",
            service: SERVICE,
            agency: desk.agency.clone(),
            office: desk.office.clone(),
            subject: Some(subject),
            public: json!({}),
            private: Some(json!({})),
        };
        let receipt = self.record.act(tx, &desk.actor, &act).await?;
        Ok(Issued { person: current.document.person, code, receipt })
    }

    /// Claims an account with a code; answers the token of the link on which the citizen chooses a password.
    ///
    /// # Errors
    /// `office-activation-wrong`, `office-slow`; the store's.
    pub async fn claim(&self, typed: &str, source: Source) -> Result<String, Problem> {
        self.office.claim_activation(typed, source).await
    }

    /// The name to greet a signed-in citizen with.
    ///
    /// # Errors
    /// [`problems::unknown`]; the store's.
    pub async fn citizen_name(&self, citizen: Id) -> Result<String, Problem> {
        Ok(self.my_record(citizen).await?.version.document.person.name.to_string())
    }

    /// The token by which sign-in knows a person: for a demo country's one-click sign-in, which only the
    /// program does.
    ///
    /// # Errors
    /// [`problems::unknown`]; the store's.
    pub async fn office_token(&self, person: Id) -> Result<Id, Problem> {
        self.store
            .read(move |tx| {
                Box::pin(async move {
                    tokens::of(tx, person, tokens::OFFICE).await?.ok_or_else(problems::unknown)
                })
            })
            .await
    }
}

//! Reading one person's record through the access gate: the look is committed before a byte is answered.

use crate::bonds::Bond;
use crate::cards::{self, Card};
use crate::documents::Held;
use crate::enroll::number_of;
use crate::number::NationalNumber;
use crate::people::{People, SERVICE};
use crate::person::{Address, FIELDS, Person, Place, Sex, Standing};
use crate::version::{self, Marks, Version};
use crate::{permission, problems, tokens};
use daftar_kernel::{Actor, Id, Official, PartialDate, Problem, Timestamp};
use daftar_office::permit::Ask;
use daftar_store::Tx;

/// The field of a look that showed the national number.
pub const NUMBER: &str = "number";
/// The field of a look that showed the card.
pub const CARD: &str = "card";
/// The field of a look that showed earlier versions.
pub const HISTORY: &str = "history";

/// The field of a look that showed documents.
pub const DOCUMENTS: &str = "documents";
/// The field of a look that showed who answers for whom.
pub const BONDS: &str = "bonds";
/// The field of a guardian's look at the list of looks.
pub const LOOKS: &str = "looks";
/// The field of a guardian's look at the list of receipts.
pub const RECEIPTS: &str = "receipts";

/// What is read of a parent when a birth is registered.
pub(crate) const PARENT_FIELDS: [&str; 2] = ["name", "address"];

/// A person as an official was shown them: fields that were not asked for are empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The person, inside this service.
    pub person: Id,
    /// The version's number: what a correction must name.
    pub version: i64,
    /// When it was written.
    pub at: Timestamp,
    /// The fields that were asked for.
    pub fields: Vec<&'static str>,
    /// The record, with the fields that were asked for; the name always.
    pub record: Person,
    /// The national number, when asked for.
    pub number: Option<NationalNumber>,
    /// The valid card, when asked for and there is one.
    pub card: Option<Card>,
    /// All versions, oldest first, when asked for.
    pub history: Vec<Version>,
    /// Documents, oldest first, when asked for.
    pub documents: Vec<Held>,
    /// Who answers for whom, oldest first, when asked for.
    pub bonds: Vec<Bond>,
    /// What the record is marked with.
    pub marks: Marks,
    /// Receipt of the look.
    pub receipt: Id,
}

impl People {
    /// Shows an official the fields of a person that the work needs.
    ///
    /// # Errors
    /// [`problems::unknown`]; 403 without permission or purpose; the office's problems about cases and
    /// orders; the store's.
    pub async fn read(
        &self,
        official: &Official,
        ask: &Ask,
        person: Id,
        fields: &[&'static str],
    ) -> Result<Shown, Problem> {
        self.office.need(&Actor::Official(official.clone()), permission::READ)?;
        let mut fields: Vec<&'static str> = fields.iter().copied().filter(|field| is_field(field)).collect();
        if !fields.contains(&"name") {
            fields.insert(0, "name");
        }
        let (people, official, ask) = (self.clone(), official.clone(), ask.clone());
        self.store
            .write(move |tx| {
                let (people, official, ask, fields) =
                    (people.clone(), official.clone(), ask.clone(), fields.clone());
                Box::pin(async move { people.read_in(tx, &official, &ask, person, fields).await })
            })
            .await
    }

    async fn read_in(
        &self,
        tx: &mut Tx,
        official: &Official,
        ask: &Ask,
        person: Id,
        fields: Vec<&'static str>,
    ) -> Result<Shown, Problem> {
        let permit = self.office.permit(tx, official, ask).await?;
        // An address kept from before a merge opens the record that stands now.
        let person = tokens::living(tx, person).await?;
        let found = version::current_with_token(&self.store, tx, person, tokens::RECORD).await?;
        let (version, subject) = found.ok_or_else(problems::unknown)?;
        let receipt = self.office.look(tx, &permit, subject, SERVICE, &fields).await?;
        let has = |field: &str| fields.contains(&field);
        let number = if has(NUMBER) { number_of(self, tx, person).await? } else { None };
        let card = if has(CARD) { cards::valid(self, tx, person).await? } else { None };
        let history = if has(HISTORY) { version::all(&self.store, tx, person).await? } else { Vec::new() };
        let documents = if has(DOCUMENTS) { self.documents_in(tx, person).await? } else { Vec::new() };
        let bonds = if has(BONDS) { self.bonds_in(tx, person).await? } else { Vec::new() };
        let marks = version.document.marks;
        let record = only(version.document.person, &fields);
        Ok(Shown {
            person,
            version: version.version,
            at: version.at,
            record,
            number,
            card,
            history,
            documents,
            bonds,
            marks,
            receipt,
            fields,
        })
    }
}

fn is_field(field: &str) -> bool {
    FIELDS.contains(&field) || matches!(field, NUMBER | CARD | HISTORY | DOCUMENTS | BONDS)
}

/// The person with only these fields filled.
fn only(person: Person, fields: &[&str]) -> Person {
    let has = |field: &str| fields.contains(&field);
    let names = has("name");
    let contacts = has("contacts");
    Person {
        given: person.given.filter(|_| names),
        family: person.family.filter(|_| names),
        name: person.name,
        other_names: if has("other_names") { person.other_names } else { Vec::new() },
        born: if has("born") { person.born } else { PartialDate::Unknown },
        birth_place: if has("birth_place") { person.birth_place } else { Place::default() },
        sex: if has("sex") { person.sex } else { Sex::Unknown },
        mother: person.mother.filter(|_| has("parents")),
        father: person.father.filter(|_| has("parents")),
        address: if has("address") { person.address } else { Address::default() },
        phone: person.phone.filter(|_| contacts),
        email: person.email.filter(|_| contacts),
        language: person.language.filter(|_| contacts),
        standing: if has("standing") { person.standing } else { Standing::Unknown },
        died: person.died.filter(|_| has("died")),
        photo: person.photo.filter(|_| has("photo")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::Entry;

    #[test]
    fn what_was_not_asked_for_is_not_there() {
        let entry = Entry {
            name: "Amina Diallo".into(),
            given: "Amina".into(),
            born: "1990-01-02".into(),
            sex: "female".into(),
            phone: "+22312345".into(),
            mother: "Fatou".into(),
            address_lines: vec!["by the mill".into()],
            standing: "refugee".into(),
            ..Entry::default()
        };
        let person = entry.check(&crate::entry::tests::rules()).unwrap();
        let all: Vec<&str> = FIELDS.to_vec();
        assert_eq!(only(person.clone(), &all), person);
        for field in FIELDS {
            let shown = only(person.clone(), &["name", field]);
            let differs: Vec<&str> = shown.differences(&person);
            assert!(!differs.contains(&field), "{field} is shown when asked for");
        }
        let bare = only(person.clone(), &["name"]).entry();
        assert_eq!(
            bare,
            Entry {
                name: "Amina Diallo".into(),
                given: "Amina".into(),
                sex: "unknown".into(),
                standing: "unknown".into(),
                ..Entry::default()
            }
        );
    }
}

//! From a form's answers to an entry. The form is the country's; these are the field names this service
//! knows, whatever else the form asks.

use crate::bonds::Ties;
use crate::person::Entry;
use daftar_ports::form::Answers;

/// What a registration form's answers say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FromForm {
    /// About the person.
    pub entry: Entry,
    /// What it rests on: the document seen, or who vouches.
    pub evidence: String,
    /// Who stands beside the person, by the numbers of their cards.
    pub ties: Ties,
}

/// Reads the answers of a registration form.
#[must_use]
pub fn from_answers(answers: &Answers) -> FromForm {
    let text = |field: &str| answers.text(field).unwrap_or_default().to_string();
    let address = answers.address("address").unwrap_or_default();
    let entry = Entry {
        name: text("name"),
        given: text("given"),
        family: text("family"),
        other_names: answers.text("other_name").map(ToString::to_string).into_iter().collect(),
        born: text("born"),
        birth_place: text("birth_place"),
        birth_place_text: text("birth_place_text"),
        sex: text("sex"),
        mother: text("mother"),
        father: text("father"),
        address_place: address.place,
        address_lines: address.lines,
        phone: text("phone"),
        email: text("email"),
        language: text("language"),
        standing: text("standing"),
        died: text("died"),
        photo: String::new(),
    };
    let seen = [text("documents"), text("introducer")];
    let seen: Vec<&str> = seen.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    let guardians = [text("guardian_card"), text("second_guardian_card")];
    let ties = Ties {
        guardians: guardians.into_iter().filter(|card| !card.is_empty()).collect(),
        mother: String::new(),
        father: String::new(),
        introducer: text("introducer_card"),
        without_guardian: text("without_guardian"),
    };
    FromForm { entry, evidence: seen.join(": "), ties }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_find_their_place() {
        let answers = Answers::from_draft(&serde_json::json!({
            "name": "Amina Diallo",
            "other_name": "أمينة ديالو",
            "born": "1990-02",
            "address": {"lines": ["by the mill"], "place": "p-1"},
            "documents": "introducer",
            "introducer": "Fatou Traoré",
            "statement": true,
        }));
        let read = from_answers(&answers);
        assert_eq!(read.evidence, "introducer: Fatou Traoré");
        let person = read.entry.check(&crate::entry::tests::rules()).unwrap();
        assert_eq!(person.address.lines, ["by the mill"]);
        assert_eq!(person.names().count(), 2);
    }
}

//! Answers, which questions they open and close, and the way through the pages.

use std::collections::BTreeMap;

use daftar_kernel::PartialDate;
use serde_json::{Map, Value};

use super::{AnswerFault, Condition, Field, Form, Kind, Page, Sources};

/// Canonical answers by field. Texts are cleaned, dates are `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, yes and no are booleans,
/// an address is `{"lines": [..], "place": code}`. A question without an answer is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Answers(pub(super) BTreeMap<String, Value>);

/// An address.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Address {
    /// Free lines.
    pub lines: Vec<String>,
    /// The place's code in the country pack.
    pub place: String,
}

/// What a page brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entered {
    /// The good answers of the page's questions; none for one that was emptied. A photo that was not sent again is
    /// left out: the stored one stays.
    pub values: BTreeMap<String, Option<Value>>,
    /// The others.
    pub faults: Vec<AnswerFault>,
}

impl Answers {
    /// The canonical answer to a question.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }
    /// An answer that is a text.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field)?.as_str()
    }
    /// An answer that is a date.
    #[must_use]
    pub fn date(&self, field: &str) -> Option<PartialDate> {
        self.text(field)?.parse().ok()
    }
    /// An answer that is yes or no.
    #[must_use]
    pub fn yes_no(&self, field: &str) -> Option<bool> {
        self.get(field)?.as_bool()
    }
    /// An answer that is a number.
    #[must_use]
    pub fn number(&self, field: &str) -> Option<i64> {
        self.get(field)?.as_i64()
    }
    /// An answer that is an address.
    #[must_use]
    pub fn address(&self, field: &str) -> Option<Address> {
        serde_json::from_value(self.get(field)?.clone()).ok()
    }
    /// Whether nothing is answered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Every answer by its field, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(field, value)| (field.as_str(), value))
    }
    /// As a JSON object, for drafts and the API.
    #[must_use]
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone().into_iter().collect::<Map<_, _>>())
    }
    /// Answers of a stored draft, not validated: whatever is wrong shows again on its page. Anything but an object is no
    /// answer.
    #[must_use]
    pub fn from_draft(value: &Value) -> Self {
        let object = value.as_object().cloned().unwrap_or_default();
        Self(object.into_iter().filter(|(_, value)| !value.is_null()).collect())
    }
    /// Takes over what a page brought.
    pub fn apply(&mut self, entered: &Entered) {
        for (field, value) in &entered.values {
            match value {
                Some(value) => self.0.insert(field.clone(), value.clone()),
                None => self.0.remove(field),
            };
        }
    }
}

impl Form {
    /// Whether a question is asked, given the answers so far. A question whose condition hangs on one that is not asked
    /// itself is not asked either.
    #[must_use]
    pub fn is_asked(&self, field: &Field, answers: &Answers) -> bool {
        // Conditions look at earlier pages only, so this ends.
        field.show_if.as_ref().is_none_or(|condition| {
            self.field(&condition.field).is_some_and(|other| {
                self.is_asked(other, answers) && holds(condition, other, answers.get(&condition.field))
            })
        })
    }
    /// The questions of a page that are asked.
    pub fn asked<'a>(&'a self, page: &'a Page, answers: &'a Answers) -> impl Iterator<Item = &'a Field> {
        page.fields.iter().filter(move |field| self.is_asked(field, answers))
    }
    /// The pages with at least one question that is asked.
    pub fn asked_pages<'a>(&'a self, answers: &'a Answers) -> impl Iterator<Item = &'a Page> {
        self.pages.iter().filter(move |page| self.asked(page, answers).next().is_some())
    }
    /// The page after this one; none when the answers are to be checked.
    #[must_use]
    pub fn next_page(&self, page: &str, answers: &Answers) -> Option<&Page> {
        let here = self.pages.iter().position(|p| p.id == page)?;
        self.pages.iter().skip(here + 1).find(|page| self.asked(page, answers).next().is_some())
    }
    /// The page before this one; none at the start. For an unknown name such as `check`: the last page.
    #[must_use]
    pub fn previous_page(&self, page: &str, answers: &Answers) -> Option<&Page> {
        let here = self.pages.iter().position(|p| p.id == page).unwrap_or(self.pages.len());
        self.pages.iter().take(here).rev().find(|page| self.asked(page, answers).next().is_some())
    }
    /// The first page with a question that is not answered well: where a draft goes on. None when all is well.
    #[must_use]
    pub fn first_open_page(&self, answers: &Answers, sources: &dyn Sources) -> Option<&Page> {
        let open = |field: &Field| field.check(answers.get(&field.id), sources).is_err();
        self.pages.iter().find(|page| self.asked(page, answers).any(open))
    }
    /// Reads what a page sent. Pairs that are not of the page, and questions that are not asked, are passed over; of a
    /// name that comes twice the first counts. `answers` are those so far.
    #[must_use]
    pub fn parse_page(
        &self,
        page: &Page,
        submitted: &[(String, String)],
        answers: &Answers,
        sources: &dyn Sources,
    ) -> Entered {
        let mut entered = Entered::default();
        for field in self.asked(page, answers) {
            let boxes = submitted_boxes(field, submitted);
            let keeps_photo = field.kind == Kind::Photo && boxes.iter().all(String::is_empty);
            if keeps_photo && answers.get(&field.id).is_some() {
                continue;
            }
            match field.answer(&boxes, sources) {
                Ok(value) => {
                    entered.values.insert(field.id.clone(), value);
                }
                Err(fault) => entered.faults.push(fault),
            }
        }
        entered
    }
    /// Every fault of all answers together: what is missing, what is wrong, what was not asked, what no field knows.
    #[must_use]
    pub fn validate(&self, answers: &Answers, sources: &dyn Sources) -> Vec<AnswerFault> {
        let mut faults = Vec::new();
        for field in self.fields() {
            let answer = answers.get(&field.id);
            if self.is_asked(field, answers) {
                faults.extend(field.check(answer, sources).err());
            } else if answer.is_some() {
                faults.push(field.fault("ports-form-not-asked"));
            }
        }
        let unknown = answers.0.keys().filter(|id| self.field(id).is_none());
        faults.extend(unknown.map(|id| AnswerFault::new(id, "ports-form-unknown")));
        faults
    }
    /// Drops answers to questions that are not asked (any more).
    pub fn prune(&self, answers: &mut Answers) {
        let before = answers.clone();
        answers.0.retain(|id, _| self.field(id).is_some_and(|field| self.is_asked(field, &before)));
    }
}

fn holds(condition: &Condition, field: &Field, answer: Option<&Value>) -> bool {
    let given = match answer {
        None => return false,
        Some(answer) => field.boxes_of(Some(answer)),
    };
    given.first().is_some_and(|given| condition.is.contains(given))
}

/// The boxes of a field among what was sent.
pub(super) fn submitted_boxes(field: &Field, submitted: &[(String, String)]) -> Vec<String> {
    let sent =
        |name: &String| submitted.iter().find(|(sent, _)| sent == name).map(|(_, value)| value.clone());
    field.box_names().iter().map(|name| sent(name).unwrap_or_default()).collect()
}

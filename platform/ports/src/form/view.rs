//! A form as plain data for whoever draws it. `daftar-ui` has structures of the same shape (`form_view`); the floor
//! above both turns these into those.

use daftar_kernel::PartialDate;
use serde_json::Value;

use super::answers::submitted_boxes;
use super::{AnswerFault, Answers, Arg, Field, Form, Kind, Options, Page, Sources, Words};

/// One way to answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionView {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldView {
    /// Name in the form.
    pub name: String,
    /// What it asks for.
    pub kind: Kind,
    /// The question.
    pub label: String,
    /// Help under it, or empty.
    pub help: String,
    /// Whether an answer is needed.
    pub required: bool,
    /// What was entered, one for each box of the kind: day, month, year of a date; lines, place of an address.
    pub values: Vec<String>,
    /// Ways to answer, for kinds that have them.
    pub options: Vec<OptionView>,
    /// The most characters, 0 when the kind has no such limit.
    pub max_chars: usize,
    /// What is wrong with the answer, or empty.
    pub fault: String,
}

/// One page of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageView {
    /// The form's id.
    pub form: String,
    /// The page's id.
    pub page: String,
    /// The page's title.
    pub title: String,
    /// Help under the title, or empty.
    pub help: String,
    /// Which step this is, counted from 1.
    pub step: usize,
    /// How many steps there are with the answers so far.
    pub steps: usize,
    /// The questions that are asked.
    pub fields: Vec<FieldView>,
}

/// An answer to read once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerView {
    /// The page that asks it.
    pub page: String,
    /// The field.
    pub field: String,
    /// The question.
    pub label: String,
    /// The answer, line by line; empty when there is none.
    pub lines: Vec<String>,
}

/// All answers, page by page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryView {
    /// The form's id.
    pub form: String,
    /// The form's title.
    pub title: String,
    /// Each page's title with its answers.
    pub sections: Vec<(String, Vec<AnswerView>)>,
}

impl Form {
    /// A page as it is to be drawn. With `submitted` the boxes show what was just sent, good or bad, beside `faults`;
    /// without, they show the answers so far.
    #[must_use]
    pub fn page_view(
        &self,
        page: &Page,
        answers: &Answers,
        submitted: Option<&[(String, String)]>,
        faults: &[AnswerFault],
        words: &dyn Words,
        sources: &dyn Sources,
    ) -> PageView {
        let asked: Vec<&Page> = self.asked_pages(answers).collect();
        let step = asked.iter().position(|other| other.id == page.id).map_or(1, |index| index + 1);
        let fields = self.asked(page, answers).map(|field| {
            let values = match submitted {
                // A browser never sends back the photo that is stored.
                Some(submitted) if field.kind != Kind::Photo => submitted_boxes(field, submitted),
                _ => field.boxes_of(answers.get(&field.id)),
            };
            let fault = faults.iter().find(|fault| fault.field == field.id);
            FieldView {
                name: field.id.clone(),
                kind: field.kind,
                label: field.label.get(words.lang()).to_string(),
                help: field.help.get(words.lang()).to_string(),
                required: field.required,
                options: field.option_views(&values, words, sources),
                values,
                max_chars: field.max_chars,
                fault: fault.map_or_else(String::new, |fault| fault.words(self, words)),
            }
        });
        PageView {
            form: self.id.clone(),
            page: page.id.clone(),
            title: page.title.get(words.lang()).to_string(),
            help: page.help.get(words.lang()).to_string(),
            step,
            steps: asked.len(),
            fields: fields.collect(),
        }
    }

    /// All answers to read once more, of the questions that are asked.
    #[must_use]
    pub fn summary_view(&self, answers: &Answers, words: &dyn Words, sources: &dyn Sources) -> SummaryView {
        let answer = |page: &Page, field: &Field| AnswerView {
            page: page.id.clone(),
            field: field.id.clone(),
            label: field.label.get(words.lang()).to_string(),
            lines: answers
                .get(&field.id)
                .map_or_else(Vec::new, |value| field.lines_of(value, words, sources)),
        };
        let section = |page: &Page| {
            let rows = self.asked(page, answers).map(|field| answer(page, field)).collect();
            (page.title.get(words.lang()).to_string(), rows)
        };
        SummaryView {
            form: self.id.clone(),
            title: self.title.get(words.lang()).to_string(),
            sections: self.asked_pages(answers).map(section).collect(),
        }
    }
}

impl Field {
    /// An answer in words, line by line.
    #[must_use]
    pub fn lines_of(&self, answer: &Value, words: &dyn Words, sources: &dyn Sources) -> Vec<String> {
        let boxes = self.boxes_of(Some(answer));
        let first = boxes.first().cloned().unwrap_or_default();
        match self.kind {
            Kind::PartialDate => {
                vec![
                    words.date(
                        answer.as_str().and_then(|text| text.parse().ok()).unwrap_or(PartialDate::Unknown),
                    ),
                ]
            }
            Kind::Choice | Kind::Place => vec![self.option_label(&first, words, sources)],
            Kind::Address => {
                let place = boxes.get(1).map_or("", String::as_str);
                let lines = first.split('\n').filter(|line| !line.is_empty()).map(String::from);
                lines.chain([self.option_label(place, words, sources)]).collect()
            }
            Kind::Photo => vec![words.say("ports-form-photo-stored", &[])],
            Kind::YesNo => {
                let key = if first == "yes" { "ports-form-yes" } else { "ports-form-no" };
                vec![words.say(key, &[])]
            }
            Kind::Number => {
                vec![words.say(
                    "ports-form-number-shown",
                    &[("n", Arg::Number(answer.as_i64().unwrap_or_default()))],
                )]
            }
            _ => first.split('\n').map(String::from).collect(),
        }
    }

    fn option_label(&self, value: &str, words: &dyn Words, sources: &dyn Sources) -> String {
        let label = match &self.options {
            Options::None => None,
            Options::Inline(choices) => choices
                .iter()
                .find(|choice| choice.value == value)
                .map(|choice| choice.label.get(words.lang()).to_string()),
            Options::Source(source) => sources.label(source, value, words.lang()),
        };
        // A place that a later country pack has dropped still shows what was stored.
        label.unwrap_or_else(|| value.to_string())
    }

    fn option_views(&self, values: &[String], words: &dyn Words, sources: &dyn Sources) -> Vec<OptionView> {
        let pairs: Vec<(String, String)> = match &self.options {
            Options::None => return Vec::new(),
            Options::Inline(choices) => {
                choices.iter().map(|c| (c.value.clone(), c.label.get(words.lang()).to_string())).collect()
            }
            Options::Source(source) => sources.list(source, words.lang()),
        };
        let chosen = values.last().map_or("", String::as_str);
        pairs.into_iter().map(|(value, label)| OptionView { chosen: value == chosen, value, label }).collect()
    }
}

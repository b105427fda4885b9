//! A declared form's page as plain data, and the pages that show it. The form engine lives in `ports`, which has
//! structures of the same shape; the floor above turns one into the other.

use askama::Template;

use crate::parts::{Choice, SummaryRow};
use crate::{Fault, Frame, Html};

/// What a field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A person's name, in any script.
    Name,
    /// One line.
    Text,
    /// Several lines.
    LongText,
    /// A date of which parts may be unknown; values: day, month, year.
    PartialDate,
    /// One of a few options.
    Choice,
    /// One of many options: a place of the country.
    Place,
    /// An address; values: free lines, place.
    Address,
    /// A picture; value: the reference of the one stored.
    Photo,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// Yes or no.
    YesNo,
    /// A whole number.
    Number,
}

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
    pub kind: FieldKind,
    /// The question.
    pub label: String,
    /// Help under it, or empty.
    pub help: String,
    /// Whether an answer is needed.
    pub required: bool,
    /// What was entered, one for each box of the kind.
    pub values: Vec<String>,
    /// Ways to answer, for kinds that have them.
    pub options: Vec<OptionView>,
    /// The most characters, 0 when the kind has no such limit.
    pub max_chars: usize,
    /// What is wrong with the answer, or empty.
    pub fault: String,
}

impl FieldView {
    /// What was entered into one box.
    #[must_use]
    pub fn value(&self, index: usize) -> &str {
        self.values.get(index).map_or("", String::as_str)
    }
    fn choices(&self) -> Vec<Choice> {
        self.options.iter().map(|o| Choice::new(o.value.as_str(), o.label.as_str(), o.chosen)).collect()
    }
    fn yes_no(&self, f: &Frame) -> Vec<Choice> {
        let choice = |value: &str, label: String| Choice::new(value, label, self.value(0) == value);
        vec![choice("yes", f.t.get("ui-yes").into_owned()), choice("no", f.t.get("ui-no").into_owned())]
    }
    fn stored(&self, f: &Frame) -> String {
        if self.value(0).is_empty() { String::new() } else { f.t.get("ui-photo-stored").into_owned() }
    }
    /// The name of the box for the place of an address.
    fn place_name(&self) -> String {
        format!("{}-place", self.name)
    }
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
    /// The questions.
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

#[derive(Template)]
#[template(path = "form-page.html")]
struct PageTemplate<'a> {
    f: &'a Frame,
    view: &'a PageView,
    action: &'a str,
    back: &'a str,
    later: bool,
    alone: bool,
    upload: bool,
}

/// The page of a form. Its faults go into the summary and beside their fields. `later` adds a button
/// `then=later`, which keeps the draft and leaves.
///
/// # Errors
/// When a template cannot be written, which memory alone could cause.
pub fn form_page(
    frame: &Frame,
    view: &PageView,
    action: &str,
    back: &str,
    later: bool,
) -> Result<Html, askama::Error> {
    let mut f = frame.clone().titled(view.title.as_str());
    let faults = view.fields.iter().filter(|field| !field.fault.is_empty());
    f.faults.extend(faults.map(|field| Fault { field: field.name.clone(), message: field.fault.clone() }));
    // One thing on the page: its question is the title.
    let alone = matches!(view.fields.as_slice(), [only] if only.label == view.title);
    let upload = view.fields.iter().any(|field| field.kind == FieldKind::Photo);
    PageTemplate { f: &f, view, action, back, later, alone, upload }.render().map(Html::trusted)
}

#[derive(Template)]
#[template(path = "form-check.html")]
struct CheckTemplate<'a> {
    f: &'a Frame,
    sections: Vec<(&'a str, Vec<SummaryRow>)>,
    action: &'a str,
    back: &'a str,
    send: &'a str,
}

/// The page on which all answers are read once more. The link of an answer is `change` followed by the page's id;
/// `send` is the label of the button.
///
/// # Errors
/// When a template cannot be written, which memory alone could cause.
pub fn check_page(
    frame: &Frame,
    view: &SummaryView,
    change: &str,
    action: &str,
    back: &str,
    send: &str,
) -> Result<Html, askama::Error> {
    let f = frame.clone().titled(frame.t.get("ui-check-title").as_ref());
    let row = |answer: &AnswerView| {
        let value = if answer.lines.is_empty() {
            Html::trusted(format!("<span class=\"soft\">{}</span>", Html::text(f.t.get("ui-not-answered"))))
        } else {
            Html::lines(&answer.lines)
        };
        let href = format!("{change}{}", answer.page);
        SummaryRow::new(answer.label.as_str(), value).action(href, f.t.get("ui-change"))
    };
    let sections = view
        .sections
        .iter()
        .map(|(title, answers)| (title.as_str(), answers.iter().map(row).collect()))
        .collect();
    CheckTemplate { f: &f, sections, action, back, send }.render().map(Html::trusted)
}

#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalog, Site};
    use std::sync::Arc;

    fn frame() -> Frame {
        Frame::new(Catalog::new(&crate::BUNDLES).unwrap().english(), Arc::new(Site::default()), "x")
    }
    fn field(kind: FieldKind, values: &[&str]) -> FieldView {
        FieldView {
            name: "q".into(),
            kind,
            label: "Question".into(),
            help: String::new(),
            required: true,
            values: values.iter().map(ToString::to_string).collect(),
            options: vec![OptionView { value: "v".into(), label: "L".into(), chosen: true }],
            max_chars: 10,
            fault: String::new(),
        }
    }
    fn page(fields: Vec<FieldView>) -> PageView {
        PageView {
            form: "f".into(),
            page: "p".into(),
            title: "Question".into(),
            help: String::new(),
            step: 1,
            steps: 2,
            fields,
        }
    }

    #[test]
    fn every_kind_has_its_controls() {
        for (kind, values, expected) in [
            (FieldKind::Name, &["<b>"][..], "value=\"&#60;b&#62;\""),
            (FieldKind::LongText, &["x"], "<textarea"),
            (
                FieldKind::PartialDate,
                &["1", "", "1956"],
                "name=\"q-year\" inputmode=\"numeric\" maxlength=\"4\" value=\"1956\"",
            ),
            (FieldKind::Choice, &[""], "type=\"radio\""),
            (FieldKind::Place, &[""], "<option value=\"v\" selected>"),
            (FieldKind::Address, &["x", "v"], "name=\"q-place\""),
            (FieldKind::Photo, &["ref"], "enctype=\"multipart/form-data\""),
            (FieldKind::Phone, &["+1"], "type=\"tel\""),
            (FieldKind::Email, &["a@b"], "type=\"email\""),
            (FieldKind::YesNo, &["no"], "value=\"no\" checked"),
            (FieldKind::Number, &["7"], "inputmode=\"numeric\""),
        ] {
            let html = form_page(&frame(), &page(vec![field(kind, values)]), "/f", "/", true).unwrap();
            assert!(html.as_str().contains(expected), "{kind:?}: {html}");
            assert_eq!(html.as_str().matches("<h1").count(), 1, "{kind:?}");
            assert!(html.as_str().contains("id=\"q\""), "{kind:?}: the summary of faults must find it");
        }
    }

    #[test]
    fn faults_stand_in_the_summary_beside_the_field_and_in_the_title() {
        let mut bad = field(FieldKind::Text, &[""]);
        bad.fault = "Write something".into();
        let html = form_page(&frame(), &page(vec![bad]), "/f", "/", false).unwrap();
        for part in
            ["<title>Error: ", "href=\"#q\">Write something", "id=\"q-error\"", "aria-invalid=\"true\""]
        {
            assert!(html.as_str().contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn answers_are_read_once_more() {
        let answer = AnswerView { page: "p".into(), field: "q".into(), label: "Q".into(), lines: vec![] };
        let view =
            SummaryView { form: "f".into(), title: "T".into(), sections: vec![("S".into(), vec![answer])] };
        let html = check_page(&frame(), &view, "/f/", "/f/send", "/f/p", "Register").unwrap();
        for part in
            ["Not answered", "href=\"/f/p\"", "Change<span class=\"vh\"> Q", "action=\"/f/send\"", "Register"]
        {
            assert!(html.as_str().contains(part), "{part}: {html}");
        }
    }
}

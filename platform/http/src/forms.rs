//! Declared forms as pages: joins the form engine of `ports` with the components of `ui` and the country's lists.

use crate::{Cx, Reply};
use daftar_kernel::{Lang, PartialDate, Problem};
use daftar_packs::Country;
use daftar_ports::form::{self, AnswerFault, Answers, Arg, Form, Kind, Page, Sources, Words};
use daftar_ui::form_view as view;
use daftar_ui::{Frame, Html, Texts};
use jiff::civil::Date;
use std::sync::Arc;

/// The reader's language for the form engine.
pub struct ReaderWords(pub Texts);

impl Words for ReaderWords {
    fn lang(&self) -> &Lang {
        self.0.lang()
    }
    fn say(&self, key: &str, args: &[(&str, Arg)]) -> String {
        let args: Vec<(&str, daftar_ui::Arg<'_>)> = args
            .iter()
            .map(|(name, value)| {
                let value = match value {
                    Arg::Text(text) => daftar_ui::Arg::from(text.as_str()),
                    Arg::Number(number) => daftar_ui::Arg::Number(*number),
                };
                (*name, value)
            })
            .collect();
        self.0.with(key, &args)
    }
    fn date(&self, date: PartialDate) -> String {
        self.0.date(date)
    }
}

/// The country's lists for the form engine: `places` of today, and `places-ever` with those that exist no more.
pub struct CountryLists {
    /// The country.
    pub country: Arc<Country>,
    /// The civil day it is there.
    pub today: Date,
}

impl Sources for CountryLists {
    fn label(&self, source: &str, value: &str, lang: &Lang) -> Option<String> {
        let places = &self.country.places;
        let known = match source {
            form::PLACES => places.innermost(self.today).any(|place| place.code == value),
            "places-ever" => places.get(value).is_some(),
            _ => false,
        };
        known.then(|| places.full_name(value, lang))
    }
    fn list(&self, source: &str, lang: &Lang) -> Vec<(String, String)> {
        let places = &self.country.places;
        let codes: Vec<&str> = match source {
            form::PLACES => places.innermost(self.today).map(|place| place.code.as_str()).collect(),
            "places-ever" => places.all().map(|place| place.code.as_str()).collect(),
            _ => Vec::new(),
        };
        let mut list: Vec<(String, String)> =
            codes.into_iter().map(|code| (code.to_string(), places.full_name(code, lang))).collect();
        list.sort_by(|a, b| a.1.cmp(&b.1));
        list.dedup();
        list
    }
}

impl Cx {
    /// A form of the country pack.
    ///
    /// # Errors
    /// 404 when the country has no form of this id.
    pub fn declared_form(&self, id: &str) -> Result<Arc<Form>, Problem> {
        self.site.country().forms.get(id).cloned().ok_or_else(Problem::not_found)
    }
    /// The country's lists, today.
    #[must_use]
    pub fn lists(&self) -> CountryLists {
        let country = self.site.country();
        CountryLists { today: country.day(self.now()), country }
    }
    /// The reader's words for the form engine.
    #[must_use]
    pub fn words(&self) -> ReaderWords {
        ReaderWords(self.texts())
    }
}

/// A page of a form, empty or with what was just sent and its faults.
pub struct FormPage<'a> {
    /// The form.
    pub form: &'a Form,
    /// The page.
    pub page: &'a Page,
    /// Answers so far.
    pub answers: &'a Answers,
    /// What was just sent, when it is shown again.
    pub submitted: Option<&'a [(String, String)]>,
    /// Its faults.
    pub faults: &'a [AnswerFault],
    /// Where the page is sent.
    pub action: &'a str,
    /// Where the link back leads.
    pub back: &'a str,
}

impl FormPage<'_> {
    /// The page as an answer; 422 when it has faults.
    ///
    /// # Errors
    /// 500 when a template fails.
    pub fn reply(&self, cx: &Cx) -> Result<Reply, Problem> {
        self.answer(cx, true)
    }
    /// The same for a form whose draft nobody finds again: nothing offers to go on another time.
    ///
    /// # Errors
    /// 500 when a template fails.
    pub fn reply_in_one_go(&self, cx: &Cx) -> Result<Reply, Problem> {
        self.answer(cx, false)
    }
    fn answer(&self, cx: &Cx, later: bool) -> Result<Reply, Problem> {
        let html = self.html(&cx.frame("ui-check-title"), &cx.lists(), later)?;
        Ok(Reply::html(html.as_str()).status(if self.faults.is_empty() { 200 } else { 422 }))
    }
    /// The page within this frame, for whoever has no request of ours: a kit in the field. `later` offers to go on another time.
    ///
    /// # Errors
    /// 500 when a template fails.
    pub fn html(&self, frame: &Frame, lists: &CountryLists, later: bool) -> Result<Html, Problem> {
        let words = ReaderWords(frame.t.clone());
        let drawn = self.form.page_view(self.page, self.answers, self.submitted, self.faults, &words, lists);
        view::form_page(frame, &page_view(drawn), self.action, self.back, later).map_err(Problem::internal)
    }
}

/// All answers to read once more. `base` and a page's id make the address of the page that changes an answer; `more` is what was
/// given beside the form, each part with its title.
///
/// # Errors
/// 500 when a template fails.
pub fn check_reply(
    cx: &Cx,
    (form, answers): (&Form, &Answers),
    more: Vec<(String, Vec<form::AnswerView>)>,
    (base, back, send): (&str, &str, &str),
) -> Result<Reply, Problem> {
    let mut drawn = form.summary_view(answers, &cx.words(), &cx.lists());
    drawn.sections.extend(more);
    let html = checked(&cx.frame("ui-check-title"), drawn, (base, back, send))?;
    Ok(Reply::html(html.as_str()))
}

/// As [`check_reply`], within this frame: `base`, `back` and the button's text as there.
///
/// # Errors
/// 500 when a template fails.
pub fn check_html(
    frame: &Frame,
    lists: &CountryLists,
    (form, answers): (&Form, &Answers),
    (base, back, send): (&str, &str, &str),
) -> Result<Html, Problem> {
    checked(frame, form.summary_view(answers, &ReaderWords(frame.t.clone()), lists), (base, back, send))
}

fn checked(
    frame: &Frame,
    drawn: form::SummaryView,
    (base, back, send): (&str, &str, &str),
) -> Result<Html, Problem> {
    let action = format!("{base}check");
    view::check_page(frame, &summary_view(drawn), base, &action, back, send).map_err(Problem::internal)
}

fn page_view(page: form::PageView) -> view::PageView {
    view::PageView {
        form: page.form,
        page: page.page,
        title: page.title,
        help: page.help,
        step: page.step,
        steps: page.steps,
        fields: page.fields.into_iter().map(field_view).collect(),
    }
}

fn field_view(field: form::FieldView) -> view::FieldView {
    let option = |o: form::OptionView| view::OptionView { value: o.value, label: o.label, chosen: o.chosen };
    view::FieldView {
        name: field.name,
        kind: kind(field.kind),
        label: field.label,
        help: field.help,
        required: field.required,
        values: field.values,
        options: field.options.into_iter().map(option).collect(),
        max_chars: field.max_chars,
        fault: field.fault,
    }
}

const fn kind(kind: Kind) -> view::FieldKind {
    match kind {
        Kind::Name => view::FieldKind::Name,
        Kind::Text => view::FieldKind::Text,
        Kind::LongText => view::FieldKind::LongText,
        Kind::PartialDate => view::FieldKind::PartialDate,
        Kind::Choice => view::FieldKind::Choice,
        Kind::Place => view::FieldKind::Place,
        Kind::Address => view::FieldKind::Address,
        Kind::Photo => view::FieldKind::Photo,
        Kind::Phone => view::FieldKind::Phone,
        Kind::Email => view::FieldKind::Email,
        Kind::YesNo => view::FieldKind::YesNo,
        Kind::Number => view::FieldKind::Number,
    }
}

fn summary_view(summary: form::SummaryView) -> view::SummaryView {
    let answer = |a: form::AnswerView| view::AnswerView {
        page: a.page,
        field: a.field,
        label: a.label,
        lines: a.lines,
    };
    view::SummaryView {
        form: summary.form,
        title: summary.title,
        sections: summary
            .sections
            .into_iter()
            .map(|(title, answers)| (title, answers.into_iter().map(answer).collect()))
            .collect(),
    }
}

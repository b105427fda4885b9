//! Finding a person: why, and two things that are known of them.

use super::shown::{place_or_words, sex, why, why_fields, why_hidden};
use crate::people::People;
use crate::permission::READ;
use crate::search::{Found, Query};
use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs};
use daftar_kernel::Problem;
use daftar_ui::parts::SummaryRow;
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Texts, Tone};

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/people/search", Access::Official(READ), |cx| async move { form_page(&cx, None) });
    routes.page("POST", "/people/search", Access::Official(READ), find);
}

fn form_page(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let f = cx.frame("identity-search").with_faults(again(cx, "purpose", problem));
    let t = f.t.clone();
    let mut form = Form::post("/people/search", t.get("identity-search-button"));
    for field in why_fields(cx, &t) {
        form = form.field(field);
    }
    let line = |name: &str, label: &str, kind: Ask| {
        Field::new(name, t.get(label), kind).value(cx.form.get(name)).optional()
    };
    form = form
        .field(line("name", "identity-name", Ask::Name))
        .field(line("born", "identity-born", Ask::Line).hint(t.get("identity-born-hint")))
        .field(line("birth_place", "identity-birth-place", Ask::Name))
        .field(line("number", "identity-any-number", Ask::Line).hint(t.get("identity-any-number-hint")));
    let sheet = Sheet::new(f)
        .add(Block::Lead(t.get("identity-search-lead").into_owned()))
        .add(Block::Note(Tone::Info, String::new(), Html::text(t.get("identity-search-seen"))))
        .add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn find(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let query = Query {
        number: cx.form.get("number").trim().into(),
        name: cx.form.get("name").trim().into(),
        born: cx.form.get("born").trim().into(),
        birth_place: place_code(&cx, cx.form.get("birth_place").trim()),
    };
    let ask = match why(&cx) {
        Ok(ask) => ask,
        Err(problem) => return form_page(&cx, Some(&problem)),
    };
    match people.search(cx.official()?, &ask, &query).await {
        Ok(found) => results(&cx, &found),
        Err(problem) if is_theirs(&problem) || problem.code == "office-purpose" => {
            form_page(&cx, Some(&problem))
        }
        Err(problem) => Err(problem),
    }
}

/// The code of a place typed by its name in any language of the country, else the words as typed.
pub(crate) fn place_code(cx: &Cx, typed: &str) -> String {
    let country = cx.site.country();
    let folded = crate::name::fold::text_key(typed);
    let same = |name: &String| crate::name::fold::text_key(name) == folded;
    let found = country.places.all().find(|place| place.names.0.values().any(same));
    found.map_or_else(|| typed.to_string(), |place| place.code.clone())
}

fn results(cx: &Cx, found: &[Found]) -> Result<Reply, Problem> {
    let f = cx.frame("identity-found");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f).back("/people/search");
    if found.is_empty() {
        sheet = sheet.text(t.get("identity-found-none").into_owned());
    } else {
        sheet = sheet.add(Block::Note(Tone::Info, String::new(), Html::text(t.get("identity-found-seen"))));
    }
    for person in found {
        sheet = sheet
            .add(Block::Heading(person.name.clone()))
            .add(Block::Summary(brief(cx, &t, person)))
            .add(Block::Form(open_form(cx, &t, person)));
    }
    Reply::page(&sheet)
}

/// What a result shows.
#[must_use]
pub fn brief(cx: &Cx, t: &Texts, person: &Found) -> Vec<SummaryRow> {
    let place = place_or_words(cx, &person.birth_place);
    let mut rows = vec![SummaryRow::new(t.get("identity-born"), Html::isolated(t.date(person.born)))];
    if !place.is_empty() {
        rows.push(SummaryRow::new(t.get("identity-birth-place"), Html::isolated(place)));
    }
    rows.push(SummaryRow::new(t.get("identity-sex"), sex(t, person.sex)));
    if let Some(earlier) = &person.earlier {
        let lines = [earlier.name.clone(), t.date(earlier.born)];
        rows.push(SummaryRow::new(t.get("identity-also-written"), Html::lines(&lines)));
    }
    rows
}

/// Opens the person for the same reason as the search.
fn open_form(cx: &Cx, t: &Texts, person: &Found) -> Form {
    let mut form = Form::post(format!("/people/{}", person.person), t.get("identity-open")).kind("second");
    form.hidden = why_hidden(cx);
    form
}

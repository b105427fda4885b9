//! The tour: ten pages, each with what to do, a button that takes one there as the right person, and whether it has happened.

use super::cast::Cast;
use super::journal::Journal;
use super::{entrance, raw};
use daftar_http::{Access, Cx, Reply, Routes, with_tx};
use daftar_identity::People;
use daftar_identity::openid::Provider;
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_ui::{Block, Form, Html, Sheet, Tone, key};

/// Looks at the citizen that are read to see what has happened.
const LOOKS_READ: u32 = 100;

/// One step.
struct Step {
    title: &'static str,
    text: &'static str,
    /// What one types there, if anything.
    words: Option<&'static str>,
    /// Whom it makes one, as on the start page, and where it leads.
    who: &'static str,
    to: &'static str,
}

/// A step in which nothing is typed.
const fn step(title: &'static str, text: &'static str, (who, to): (&'static str, &'static str)) -> Step {
    Step { title, text, words: None, who, to }
}

impl Step {
    const fn typing(self, words: &'static str) -> Self {
        Self { words: Some(words), ..self }
    }
}

const STEPS: [Step; 10] = [
    step(key!("app-demo-step-1"), key!("app-demo-step-1-text"), ("registrar", "/people/register"))
        .typing("Selam Haile"),
    step(key!("app-demo-step-2"), key!("app-demo-step-2-text"), ("registrar", "/people/register"))
        .typing("Amina bint Salem al-Zahrani"),
    step(key!("app-demo-step-3"), key!("app-demo-step-3-text"), ("police", "/people/search"))
        .typing(super::seed::CASE),
    step(key!("app-demo-step-4"), key!("app-demo-step-4-text"), ("citizen", "/me/looks")),
    step(key!("app-demo-step-5"), key!("app-demo-step-5-text"), ("operator", "/demo/operator")),
    step(key!("app-demo-step-6"), key!("app-demo-step-6-text"), ("citizen", "/demo/card")),
    step(key!("app-demo-step-7"), key!("app-demo-step-7-text"), ("citizen", "/demo/clinic")),
    step(key!("app-demo-step-8"), key!("app-demo-step-8-text"), ("senior", "/desk/doubles")),
    // One types the number of her card, which every country draws anew.
    step(key!("app-demo-step-9"), key!("app-demo-step-9-text"), ("registrar", "/people/register")),
    step(key!("app-demo-step-10"), key!("app-demo-step-10-text"), ("cloud", "/cloud")).typing("uname -a"),
];
/// The step that needs the number of her card.
const GUARDIAN: usize = 9;

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/demo/tour", Access::Public, go_on);
    routes.page("GET", "/demo/tour/{step}", Access::Public, page).example("step", "1");
}

/// Leads to the first step that has not happened.
async fn go_on(cx: Cx) -> Result<Reply, Problem> {
    let open = done(&cx).await?.iter().position(|done| !done).unwrap_or(STEPS.len() - 1);
    cx.go(&format!("/demo/tour/{}", open + 1))
}

async fn page(cx: Cx) -> Result<Reply, Problem> {
    let number: usize = cx.param("step").parse().map_err(|_| Problem::not_found())?;
    let step = STEPS.get(number.wrapping_sub(1)).ok_or_else(Problem::not_found)?;
    let happened = done(&cx).await?.get(number - 1).copied().unwrap_or(false);
    let f = cx.frame(step.title);
    let t = f.t.clone();
    let mut sheet = Sheet::new(f)
        .back("/demo")
        .caption(t.two("app-demo-step", "step", number, "steps", STEPS.len()))
        .add(Block::Lead(t.get(step.text).into_owned()));
    if let Some(words) = step.words {
        sheet = sheet.add(Block::Inset(Html::code(words)));
    }
    if number == GUARDIAN {
        sheet = sheet.add(Block::Inset(Html::code(her_card(&cx).await?)));
    }
    let button = t.get(entrance::button(step.who).ok_or_else(Problem::not_found)?);
    let form = Form::post(format!("/demo/be/{}", step.who), button).hidden("next", step.to);
    let state = if happened {
        Block::Note(Tone::Good, String::new(), Html::text(t.get("app-demo-happened")))
    } else {
        Block::Note(Tone::Info, String::new(), Html::text(t.get("app-demo-not-happened")))
    };
    let page = |number: usize| format!("/demo/tour/{number}");
    let previous = if number > 1 { page(number - 1) } else { String::new() };
    let next = if number < STEPS.len() { page(number + 1) } else { String::new() };
    Reply::page(&sheet.add(Block::Form(form)).add(state).add(Block::Pages(previous, next)))
}

/// The token by which the record knows the citizen.
///
/// # Errors
/// When the store fails.
pub async fn subject(cx: &Cx) -> Result<Id, Problem> {
    let (cast, people) = (cx.service::<Cast>()?, cx.service::<People>()?);
    people.own_subject(people.office_token(cast.citizen).await?).await
}

/// The number of the citizen's card, as she reads it herself.
async fn her_card(cx: &Cx) -> Result<String, Problem> {
    let (cast, people) = (cx.service::<Cast>()?, cx.service::<People>()?);
    let record = people.my_record(people.office_token(cast.citizen).await?).await?;
    Ok(record.card.map(|card| card.number.grouped()).unwrap_or_default())
}

/// Which steps have happened.
async fn done(cx: &Cx) -> Result<[bool; STEPS.len()], Problem> {
    let cast = cx.service::<Cast>()?;
    let (store, ready) = (cx.site.store.clone(), cast.ready);
    let acts = with_tx!(store.read, tx, [] { raw::kinds_since(tx, ready).await })?;
    let noted = cx.service::<Journal>()?.read();
    let readers = cx.site.record.busiest_readers(cast.ready_at, Timestamp(i64::MAX), LOOKS_READ).await?;
    let looked =
        |purpose: &str| readers.iter().any(|row| row.agency == "civil-registry" && row.purpose == purpose);
    let looks = cx.site.record.looks_of(subject(cx).await?, None, LOOKS_READ).await?;
    let police = looks.rows.iter().rev().find(|row| {
        row.at >= cast.ready_at && row.content.as_ref().is_some_and(|content| content.agency == "police")
    });
    let seen = police.is_some_and(|row| noted.was_citizen_after(row.at));
    let token = cx.service::<People>()?.office_token(cast.citizen).await?;
    let signed_in = !cx.service::<Provider>()?.history(token, None).await?.is_empty();
    Ok([
        acts.contains("identity.person-registered"),
        looked("registration"),
        police.is_some(),
        seen,
        noted.named && noted.restored,
        noted.card,
        signed_in,
        looked("duplicate-review"),
        acts.contains("identity.guardian-named"),
        acts.contains("cloud.instance-ordered") && acts.contains("cloud.command-run"),
    ])
}

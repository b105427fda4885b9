//! What a court decided about who answers for a child: asked for at the child's record, read by the two who decide, carried out.

use super::life::{document_fields, document_of, file_reply};
use super::person::{done_page, faults, key};
use super::shown::{why, why_fields, why_hidden};
use crate::life::{Court, Guarding, Pending, Wish};
use crate::people::People;
use crate::permission::SUSPEND;
use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs};
use daftar_kernel::{Id, Problem};
use daftar_ui::parts::{Choice, Link, SummaryRow};
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Texts, Tone};
use serde_json::Value;

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    let access = Access::Official(SUSPEND);
    let base = "/people/{person}/guardianship";
    routes
        .page("GET", base, access, |cx| async move { ask_why(&cx, false, None) })
        .example("person", "$person");
    routes.page("POST", base, access, show_form).example("person", "$person");
    routes
        .page("POST", "/people/{person}/guardianship/send", Access::StepUp(SUSPEND), send)
        .example("person", "$person")
        .uploads();
    routes
        .page(
            "GET",
            "/people/{person}/guardianship/asked",
            access,
            |cx| async move { ask_why(&cx, true, None) },
        )
        .example("person", "$person");
    routes
        .page("POST", "/people/{person}/guardianship/asked", access, show_asked)
        .example("person", "$person");
    routes
        .page("POST", "/people/{person}/guardianship/document", access, document)
        .example("person", "$person");
}

/// Which request is meant, from the form or the link of the approval's page.
fn asked(cx: &Cx) -> Option<Id> {
    cx.form.some("asked").or_else(|| cx.query.some("asked")).and_then(|text| text.parse().ok())
}

/// Why somebody looks: the child and those who answer for it are named on the next page.
fn ask_why(cx: &Cx, reading: bool, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let person = cx.param_id("person")?;
    let f = cx.frame("identity-why").with_faults(again(cx, "purpose", problem));
    let t = f.t.clone();
    let end = if reading { "/asked" } else { "" };
    let mut form = Form::post(format!("/people/{person}/guardianship{end}"), t.get("identity-open"));
    form.hidden.extend(asked(cx).map(|id| ("asked".to_string(), id.to_string())));
    for field in why_fields(cx, &t) {
        form = form.field(field);
    }
    let sheet = Sheet::new(f)
        .back(format!("/people/{person}"))
        .add(Block::Note(Tone::Info, String::new(), Html::text(t.get("identity-search-seen"))))
        .add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

fn theirs(problem: &Problem) -> bool {
    is_theirs(problem) || problem.code == "office-purpose"
}

async fn show_form(cx: Cx) -> Result<Reply, Problem> {
    match form(&cx, None).await {
        Err(problem) if theirs(&problem) => ask_why(&cx, false, Some(&problem)),
        other => other,
    }
}

/// The form, after the looks.
async fn form(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let person = cx.param_id("person")?;
    let (name, guarding) = cx.service::<People>()?.guarding(cx.official()?, &why(cx)?, person).await?;
    let f = cx.frame("identity-guardianship");
    let t = f.t.clone();
    let f = f.with_faults(faults(cx, &t, problem));
    let key = cx.form.some("key").map_or_else(|| key(cx), str::to_string);
    let mut form =
        Form::post(format!("/people/{person}/guardianship/send"), t.get("identity-guardianship-send"))
            .kind("danger")
            .hidden("key", key);
    form.hidden.extend(why_hidden(cx));
    for field in fields(cx, &t, &guarding) {
        form = form.field(field);
    }
    let sheet = Sheet::new(f)
        .back(format!("/people/{person}"))
        .caption(name)
        .add(Block::Lead(t.get("identity-guardianship-lead").into_owned()))
        .add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

fn fields(cx: &Cx, t: &Texts, guarding: &[Guarding]) -> Vec<Field> {
    let typed = |name: &str| cx.form.get(name).trim().to_string();
    let chosen = typed("bond");
    let mut ends: Vec<Choice> = guarding
        .iter()
        .map(|one| {
            let since = t.one("identity-guardianship-since", "since", t.day(one.since));
            Choice::new(one.bond.to_string(), one.name.clone(), one.bond.to_string() == chosen).hint(since)
        })
        .collect();
    ends.push(Choice::new("none", t.get("identity-guardianship-nobody"), chosen == "none"));
    let line = |name: &'static str, label: &str| Field::new(name, t.get(label), Ask::Line).value(typed(name));
    let day = Ask::Date(typed("decided-day"), typed("decided-month"), typed("decided-year"));
    let mut fields = vec![
        Field::new("bond", t.get("identity-guardianship-ends"), Ask::Radios(ends)),
        line("card", "identity-guardianship-card").hint(t.get("identity-guardianship-card-hint")).optional(),
        Field::new("alone", t.get("identity-guardianship-alone"), Ask::Lines)
            .hint(t.get("identity-guardianship-alone-hint"))
            .value(typed("alone"))
            .optional(),
        line("decision_court", "identity-guardianship-court"),
        line("decision_number", "identity-guardianship-number"),
        Field::new("decided", t.get("identity-guardianship-day"), day),
        Field::new("words", t.get("identity-guardianship-words"), Ask::Lines)
            .hint(t.get("identity-guardianship-words-hint"))
            .value(typed("words")),
    ];
    fields.extend(document_fields(cx, t, true));
    fields
}

/// The day of the decision as typed: what is no day is said by the rules.
fn day(cx: &Cx) -> String {
    let part = |name: &str| daftar_office::text::ascii_digits(cx.form.get(name).trim());
    let (year, month, day) = (part("decided-year"), part("decided-month"), part("decided-day"));
    format!("{year:0>4}-{month:0>2}-{day:0>2}")
}

async fn send(cx: Cx) -> Result<Reply, Problem> {
    cx.proven()?;
    let asked = match wish(&cx) {
        Ok(wish) => cx.service::<People>()?.request_guardianship(&cx.actor, wish).await,
        Err(problem) => Err(problem),
    };
    match asked {
        Ok(asked) => cx.go(&format!("/desk/approvals/{}", asked.approval)),
        Err(problem) if is_theirs(&problem) || problem.code == "identity-guardianship-bond" => {
            form(&cx, Some(&problem)).await
        }
        Err(problem) => Err(problem),
    }
}

fn wish(cx: &Cx) -> Result<Wish, Problem> {
    let typed = |name: &str| cx.form.get(name).trim().to_string();
    let bond = match typed("bond").as_str() {
        "none" => None,
        row => Some(row.parse().map_err(|_| {
            crate::problems::guardianship_nothing().field("bond", "identity-fault-guardianship-choose")
        })?),
    };
    Ok(Wish {
        child: cx.param_id("person")?,
        bond,
        card: typed("card"),
        alone: typed("alone"),
        court: Court {
            court: typed("decision_court"),
            number: typed("decision_number"),
            date: day(cx),
            words: typed("words"),
        },
        document: document_of(cx)?,
        idempotency_key: cx.form.get("key").into(),
    })
}

/// What a request asks for, for whoever is to approve it: they read it themselves, and the child sees that they did.
pub(super) fn explain(t: &Texts, payload: &Value) -> Vec<Block> {
    let id = |key: &str| payload[key].as_str().and_then(|text| text.parse::<Id>().ok());
    let mut blocks = vec![Block::Text(Html::text(t.get("identity-guardianship-means")))];
    if let (Some(person), Some(asked)) = (id("person"), id("asked")) {
        let path = format!("/people/{person}/guardianship/asked?asked={asked}");
        blocks.push(Block::Links(vec![Link::new(path, t.get("identity-guardianship-read"))]));
    }
    blocks
}

async fn show_asked(cx: Cx) -> Result<Reply, Problem> {
    let person = cx.param_id("person")?;
    let asked = asked(&cx).ok_or_else(crate::problems::guardianship_unknown)?;
    let ask = match why(&cx) {
        Ok(ask) => ask,
        Err(problem) => return ask_why(&cx, true, Some(&problem)),
    };
    match cx.service::<People>()?.guardianship_asked(cx.official()?, &ask, (person, asked)).await {
        Ok(pending) => asked_page(&cx, person, &pending),
        Err(problem) if theirs(&problem) => ask_why(&cx, true, Some(&problem)),
        Err(problem) => Err(problem),
    }
}

fn asked_page(cx: &Cx, person: Id, pending: &Pending) -> Result<Reply, Problem> {
    let f = cx.frame("identity-guardianship-asked");
    let t = f.t.clone();
    let nobody = || t.get("identity-guardianship-nobody").into_owned();
    let ends = match &pending.ends {
        Some((name, since)) => {
            let since = t.one("identity-guardianship-since", "since", t.day(*since));
            Html::trusted(format!("{}<br>{}", Html::isolated(name).as_str(), Html::text(since).as_str()))
        }
        None => Html::text(nobody()),
    };
    let new = pending.new.as_ref().map_or_else(|| Html::text(nobody()), Html::isolated);
    let mut rows = vec![
        SummaryRow::new(t.get("identity-guardianship-child"), Html::isolated(&pending.child)),
        SummaryRow::new(t.get("identity-guardianship-ends"), ends),
        SummaryRow::new(t.get("identity-guardianship-new"), new),
    ];
    if !pending.alone.is_empty() {
        rows.push(SummaryRow::new(t.get("identity-guardianship-alone"), Html::isolated(&pending.alone)));
    }
    let Court { court, number, date, words } = &pending.court;
    let decided = date.parse().map_or_else(|_| date.clone(), |day| t.date(day));
    rows.extend([
        SummaryRow::new(t.get("identity-guardianship-court"), Html::isolated(court)),
        SummaryRow::new(t.get("identity-guardianship-number"), Html::isolated(number)),
        SummaryRow::new(t.get("identity-guardianship-day"), decided),
        SummaryRow::new(t.get("identity-guardianship-words"), Html::isolated(words)),
        SummaryRow::new(t.get("identity-when"), t.moment(pending.asked_at)),
    ]);
    let mut paper =
        Form::post(format!("/people/{person}/guardianship/document"), t.get("identity-guardianship-paper"))
            .kind("second")
            .hidden("asked", pending.id.to_string());
    paper.hidden.extend(why_hidden(cx));
    let sheet = Sheet::new(f)
        .back("/desk/approvals")
        .add(Block::Note(Tone::Info, String::new(), Html::text(t.get("identity-seen-note"))))
        .add(Block::Summary(rows))
        .add(Block::Form(paper));
    Reply::page(&sheet)
}

async fn document(cx: Cx) -> Result<Reply, Problem> {
    let person = cx.param_id("person")?;
    let asked = asked(&cx).ok_or_else(crate::problems::guardianship_unknown)?;
    let people = cx.service::<People>()?;
    let file = people.guardianship_document(cx.official()?, &why(&cx)?, (person, asked)).await?;
    Ok(file_reply(&file))
}

/// Carries out what two officials have approved.
pub(super) async fn decided(cx: Cx, approval: Id) -> Result<Reply, Problem> {
    let done = cx.service::<People>()?.decide_guardianship(&cx.actor, approval).await?;
    done_page(&cx, "identity-guardianship-done", done.receipt, Some(format!("/people/{}", done.person)))
}

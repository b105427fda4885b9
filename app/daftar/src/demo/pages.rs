//! The demo's own pages: be someone, the tour, the dishonest operator.

use super::cast::Cast;
use super::operator::{Deed, Operator};
use super::routes_list;
use daftar_desk::welcome;
use daftar_http::pipeline::{LANG_COOKIE, SESSION_COOKIE};
use daftar_http::{Access, Cx, Reply, Routes, with_tx};
use daftar_identity::People;
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::Principal;
use daftar_ui::parts::{Link, Tile};
use daftar_ui::{Block, Form, Html, Sheet, Texts, Tone};

/// Steps of the tour.
const STEPS: usize = 5;
/// Size of a page of memory on Linux, in KiB.
const PAGE_KIB: u64 = 4;

/// The demo's routes.
#[must_use]
pub fn routes() -> Routes {
    let mut routes = Routes::new();
    routes.page("GET", "/demo", Access::Public, |cx| async move { start_page(&cx).await });
    routes.page("POST", "/demo/be/{who}", Access::Public, be).example("who", "citizen");
    routes.page("GET", "/demo/tour/{step}", Access::Public, tour).example("step", "1");
    routes.page("GET", "/demo/operator", Access::Public, |cx| async move { operator_page(&cx, None).await });
    routes.page("POST", "/demo/operator/{deed}", Access::Public, deed).example("deed", "drop-newest");
    routes.page("POST", "/demo/audit", Access::Public, audit);
    routes.page("POST", "/demo/undo", Access::Public, undo);
    routes.file("GET", "/demo/routes.json", routes_list::routes_json);
    routes.file("GET", "/demo/fixtures.json", routes_list::fixtures_json);
    routes
}

/// The parts on the start page, in this order.
const PARTS: [&str; 6] = ["citizen", "registrar", "police", "ombudsman", "auditor", "administrator"];

/// "Be someone": the demo's start page.
///
/// # Errors
/// When the record cannot be read.
pub async fn start_page(cx: &Cx) -> Result<Reply, Problem> {
    let f = cx.frame("app-demo-start");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f).add(Block::Lead(t.get("app-demo-lead").into_owned()));
    for part in PARTS {
        let form =
            Form::post(format!("/demo/be/{part}"), t.get(&format!("app-demo-be-{part}"))).kind("second");
        sheet = sheet.text(t.get(&format!("app-demo-{part}")).into_owned()).add(Block::Form(form));
    }
    let sheet = sheet
        .text(t.get("app-demo-operator").into_owned())
        .add(Block::Button(Link::new("/demo/operator", t.get("app-demo-be-operator")), "danger"))
        .add(Block::Heading(t.get("app-demo-tour").into_owned()))
        .text(t.get("app-demo-tour-lead").into_owned())
        .add(Block::Button(Link::new("/demo/tour/1", t.get("app-demo-tour-begin")), ""));
    Reply::page(&sheet)
}

/// One click signs in: only in a store that is marked as a demo.
async fn be(cx: Cx) -> Result<Reply, Problem> {
    let cast = cx.service::<Cast>()?;
    let who = cx.param("who");
    let principal = match who {
        "citizen" => Principal::Citizen(cx.service::<People>()?.office_token(cast.citizen).await?),
        official => {
            Principal::Official(cast.officials.get(official).copied().ok_or_else(Problem::not_found)?)
        }
    };
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    let (device, replaces) = (cx.browser.clone(), cx.cookie(SESSION_COOKIE).map(str::to_string));
    let signed_in = with_tx!(store.write, tx, [office, device, replaces] {
        office.demo_sign_in(tx, principal, &device, replaces.as_deref()).await
    })?;
    let reply = welcome(
        &cx,
        &signed_in,
        cx.form.some("next").filter(|n| daftar_http::reply::is_local(n)).unwrap_or_default(),
    );
    // The citizen reads Arabic; whoever has chosen a language keeps it.
    let arabic = who == "citizen" && cx.cookie(LANG_COOKIE).is_none();
    Ok(if arabic { reply.cookie(LANG_COOKIE, "ar", Some(31_536_000), cx.site.secure) } else { reply })
}

/// Whom a step of the tour makes one, and where it leads.
const TOUR: [(&str, &str); STEPS] = [
    ("registrar", "/people/register"),
    ("police", "/people/search"),
    ("citizen", "/me/looks"),
    ("", "/demo/operator"),
    ("citizen", "/me"),
];

async fn tour(cx: Cx) -> Result<Reply, Problem> {
    let step: usize = cx.param("step").parse().map_err(|_| Problem::not_found())?;
    let (who, to) = *TOUR.get(step.wrapping_sub(1)).ok_or_else(Problem::not_found)?;
    let f = cx.frame(&format!("app-demo-step-{step}"));
    let t = f.t.clone();
    let mut sheet = Sheet::new(f)
        .back("/demo")
        .caption(t.two("app-demo-step", "step", step, "steps", STEPS))
        .add(Block::Lead(t.get(&format!("app-demo-step-{step}-text")).into_owned()));
    if who == "police" {
        sheet = sheet.add(Block::Inset(Html::code(super::seed::CASE)));
    }
    sheet = if who.is_empty() {
        sheet.add(Block::Button(Link::new(to, t.get("app-demo-be-operator")), "danger"))
    } else {
        let form =
            Form::post(format!("/demo/be/{who}"), t.get(&format!("app-demo-be-{who}"))).hidden("next", to);
        sheet.add(Block::Form(form))
    };
    let next = if step < STEPS { format!("/demo/tour/{}", step + 1) } else { String::new() };
    let previous = if step > 1 { format!("/demo/tour/{}", step - 1) } else { String::new() };
    Reply::page(&sheet.add(Block::Pages(previous, next)))
}

async fn subject(cx: &Cx) -> Result<Id, Problem> {
    let (cast, people) = (cx.service::<Cast>()?, cx.service::<People>()?);
    people.own_subject(people.office_token(cast.citizen).await?).await
}

async fn operator_page(cx: &Cx, done: Option<Block>) -> Result<Reply, Problem> {
    let operator = cx.service::<Operator>()?;
    let f = cx.frame("app-demo-operator-title");
    let t = f.t.clone();
    let mut sheet =
        Sheet::new(f).back("/demo").add(Block::Lead(t.get("app-demo-operator-lead").into_owned()));
    sheet = sheet.extend(done);
    for deed in Deed::ALL {
        let label = t.get(&format!("app-demo-deed-{}", deed.word())).into_owned();
        sheet = sheet.add(Block::Act(format!("/demo/operator/{}", deed.word()), label, "danger"));
    }
    sheet = sheet.add(Block::Form(Form::post("/demo/audit", t.get("app-demo-audit"))));
    if operator.deeds() > 0 {
        sheet = sheet.add(Block::Act("/demo/undo".into(), t.get("app-demo-undo").into_owned(), "second"));
    }
    Reply::page(&sheet)
}

fn note(t: &Texts, tone: Tone, key: &str) -> Block {
    Block::Note(tone, String::new(), Html::text(t.get(key)))
}

async fn deed(cx: Cx) -> Result<Reply, Problem> {
    let deed = Deed::from_word(cx.param("deed")).ok_or_else(Problem::not_found)?;
    let subject = subject(&cx).await?;
    let done = cx.service::<Operator>()?.commit(&cx.site.store, subject, deed).await?;
    let t = cx.texts();
    let said = if done {
        note(&t, Tone::Warning, "app-demo-done")
    } else {
        note(&t, Tone::Info, "app-demo-nothing")
    };
    operator_page(&cx, Some(said)).await
}

/// The audit anybody may ask for: the whole database against the signed logs.
async fn audit(cx: Cx) -> Result<Reply, Problem> {
    let audit = cx.site.record.audit_store().await?;
    let f = cx.frame("app-demo-audit-title");
    let t = f.t.clone();
    let count = |n: u64| t.number(i64::try_from(n).unwrap_or(i64::MAX));
    let tile = |key: &str, n: u64| Tile {
        label: t.get(key).into_owned(),
        value: count(n),
        note: String::new(),
        href: None,
    };
    let verdict = if audit.is_whole() {
        note(&t, Tone::Good, "app-demo-whole")
    } else {
        note(&t, Tone::Warning, "app-demo-not-whole")
    };
    let findings: String = audit
        .findings
        .iter()
        .take(20)
        .map(|finding| format!("<li dir=\"ltr\">{}</li>", Html::text(finding.to_string())))
        .collect();
    let sheet = Sheet::new(f)
        .back("/demo/operator")
        .add(verdict)
        .add(Block::Markup(Html::trusted(format!("<ul>{findings}</ul>"))))
        .add(Block::Tiles(vec![
            tile("app-demo-audit-entries", audit.entries),
            tile("app-demo-audit-looks", audit.looks),
            tile("app-demo-audit-persons", audit.persons),
        ]));
    Reply::page(&sheet)
}

async fn undo(cx: Cx) -> Result<Reply, Problem> {
    cx.service::<Operator>()?.undo(&cx.site.store).await?;
    let said = note(&cx.texts(), Tone::Good, "app-demo-undone");
    operator_page(&cx, Some(said)).await
}

/// The strip above every page: the tour, memory, and what the demo's witness is not.
#[must_use]
pub fn strip(cx: &Cx) -> Html {
    let t = cx.texts();
    let (requests, _) = cx.site.requests();
    let who = match &cx.actor {
        Actor::Official(official) => official.name.clone(),
        Actor::Citizen(_) => t.get("app-demo-you").into_owned(),
        Actor::Public | Actor::System(_) => t.get("app-demo-nobody").into_owned(),
    };
    let answered = i64::try_from(requests).unwrap_or(i64::MAX);
    let figures = t.with(
        "app-demo-strip",
        &[("memory", memory_mib().into()), ("answers", answered.into()), ("who", who.as_str().into())],
    );
    Html::trusted(format!(
        "<a href=\"/demo\">{}</a> · {} · {}",
        Html::text(t.get("app-demo-strip-start")),
        Html::text(figures),
        Html::text(t.get("app-demo-strip-witness"))
    ))
}

/// Resident memory of this process, in MiB; 0 where the system does not say.
fn memory_mib() -> i64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let resident = pages.and_then(|text| text.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()));
    i64::try_from(resident.unwrap_or(0) * PAGE_KIB / 1024).unwrap_or(0)
}

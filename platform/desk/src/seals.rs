//! Hidden looks of the own agency, and the request for a later day, which a second institution must agree to.

use daftar_http::{Access, Cx, Executor, Reply, Routes, with_tx};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_office::permission::SEAL_EXTEND;
use daftar_office::problems::unseal_date;
use daftar_office::sealing::Later;
use daftar_record::seal::Seal;
use daftar_ui::parts::SummaryRow;
use daftar_ui::{Ask, Block, Field, Form, Sheet, Texts};
use std::sync::Arc;

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/desk/seals", Access::Official(SEAL_EXTEND), list);
    routes.page("POST", "/desk/seals/{look}", Access::Official(SEAL_EXTEND), ask).example("look", "$look");
}

/// What carries out a request once both institutions have agreed.
#[must_use]
pub fn executor() -> Executor {
    Arc::new(|cx, approval| Box::pin(extend(cx, approval)))
}

async fn list(cx: Cx) -> Result<Reply, Problem> {
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let seals = with_tx!(store.read, tx, [office, actor] { office.seals(tx, &actor).await })?;
    let f = cx.frame("desk-seals");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f).back("/desk").add(Block::Lead(t.get("desk-seals-lead").into_owned()));
    for seal in &seals {
        sheet = sheet
            .add(Block::Heading(t.moment(seal.at)))
            .add(Block::Summary(facts(&cx, &t, seal)))
            .extend(later_form(&cx, &t, seal));
    }
    if seals.is_empty() {
        sheet = sheet.text(t.get("desk-seals-none").into_owned());
    }
    Reply::page(&sheet)
}

fn facts(cx: &Cx, t: &Texts, seal: &Seal) -> Vec<SummaryRow> {
    let roster = cx.site.roster();
    let purpose = roster.purpose(&seal.purpose).map_or(seal.purpose.as_str(), |p| p.label.get(&cx.lang));
    vec![
        SummaryRow::new(t.get("desk-purpose"), purpose),
        SummaryRow::new(t.get("desk-seal-until"), t.moment(seal.until)),
        SummaryRow::new(t.get("desk-seal-extensions"), t.number(number(seal.extensions))),
    ]
}

fn later_form(cx: &Cx, t: &Texts, seal: &Seal) -> Option<Block> {
    let roster = cx.site.roster();
    // Where the country allows no later day, there is nothing to ask for.
    roster.purpose(&seal.purpose).filter(|purpose| !purpose.extended_by.is_empty())?;
    let day = format!("until-{}", seal.look);
    let empty = || Ask::Date(String::new(), String::new(), String::new());
    let form = Form::post(format!("/desk/seals/{}", seal.look), t.get("desk-seal-later"))
        .kind("second")
        .field(Field::new(format!("court-{}", seal.look), t.get("desk-seal-court"), Ask::Line))
        .field(Field::new(day, t.get("desk-seal-day"), empty()).hint(t.get("desk-seal-day-hint")));
    Some(Block::Form(form))
}

async fn ask(cx: Cx) -> Result<Reply, Problem> {
    let look = cx.param_id("look")?;
    let reference = cx.form.get(&format!("court-{look}")).to_string();
    let later = Later { look, until: day(&cx, &format!("until-{look}"))?, reference };
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let id =
        with_tx!(store.write, tx, [office, actor, later] { office.ask_later(tx, &actor, &later).await })?;
    cx.go(&format!("/desk/approvals/{id}"))
}

/// The beginning of the day that was written, in the country's time.
fn day(cx: &Cx, name: &str) -> Result<Timestamp, Problem> {
    let part =
        |end: &str| cx.form.get(&format!("{name}-{end}")).trim().parse::<i16>().map_err(|_| unseal_date());
    let small = |n: i16| i8::try_from(n).map_err(|_| unseal_date());
    let (day, month, year) = (small(part("day")?)?, small(part("month")?)?, part("year")?);
    let date = jiff::civil::Date::new(year, month, day).map_err(|_| unseal_date())?;
    Ok(cx.site.country().day_begins(date))
}

async fn extend(cx: Cx, approval: Id) -> Result<Reply, Problem> {
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    with_tx!(store.write, tx, [office, actor] { office.extend_seal(tx, &actor, approval).await })?;
    cx.go(&format!("/desk/approvals/{approval}"))
}

pub(crate) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

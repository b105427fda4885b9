//! Orders that two officials decide about: asking for a larger quota, the list of a project, what the two read, and what
//! carries one out.

use super::{faults, key, open, sent_key, sheet, shown};
use crate::Cloud;
use crate::measure::{Amounts, Measure};
use crate::member::Part;
use crate::order::{State, amounts_of};
use crate::permission::{READ, USE};
use crate::problems;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::{Id, Problem};
use daftar_ui::parts::SummaryRow;
use daftar_ui::{Ask, Block, Field, Form, Html, Texts};
use serde_json::Value;

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes
        .page("GET", "/cloud/projects/{project}/quota", Access::Official(USE), |cx| async move {
            quota(&cx, None).await
        })
        .example("project", "$cloud_project");
    routes
        .page("POST", "/cloud/projects/{project}/quota", Access::Official(USE), ask)
        .example("project", "$cloud_project");
    routes
        .page("GET", "/cloud/projects/{project}/orders", Access::Official(READ), list)
        .example("project", "$cloud_project");
}

async fn quota(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let (cloud, who) = open(cx)?;
    let room = cloud.room(&who, cx.param_id("project")?).await?;
    if room.project.part < Part::Owner {
        return Err(problems::part());
    }
    let catalogue = cloud.catalogue()?;
    let t = cx.texts();
    let f = cx.frame("cloud-quota-ask").with_faults(faults(&t, problem, str::to_string));
    let path = format!("/cloud/projects/{}", room.project.id);
    let mut form = Form::post(format!("{path}/quota"), t.get("cloud-quota-send")).hidden("key", key(cx));
    for one in &room.quotas {
        let (now, most) = (one.quota, catalogue.quota_most.get(one.measure));
        let hint = t.two(
            "cloud-quota-hint",
            "now",
            shown::amount(&t, one.measure, now),
            "most",
            shown::amount(&t, one.measure, most),
        );
        let name = one.measure.word();
        let value = if problem.is_some() { cx.form.get(name) } else { "" };
        let label = match one.measure {
            Measure::MemoryMib | Measure::DiskMib => {
                t.one("cloud-in-gib", "what", shown::measure(&t, one.measure))
            }
            other => shown::measure(&t, other),
        };
        form = form.field(Field::new(name, label, Ask::Line).hint(hint).value(value).optional());
    }
    let reason = Field::new("reason", t.get("cloud-reason"), Ask::Lines).hint(t.get("cloud-reason-hint"));
    form = form.field(reason.value(cx.form.get("reason")));
    let page = sheet(cx, f, &path).await?.caption(room.project.name.clone());
    let page = page.add(Block::Lead(t.get("cloud-quota-lead").into_owned())).add(Block::Form(form));
    Ok(Reply::page(&page)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn ask(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let project = cx.param_id("project")?;
    let mut amounts = Amounts::default();
    for measure in Measure::ALL {
        let typed = cx.form.get(measure.word()).trim();
        if typed.is_empty() {
            continue;
        }
        let unit = if matches!(measure, Measure::MemoryMib | Measure::DiskMib) { 1024 } else { 1 };
        // What is no number is more than anybody may have.
        let amount = typed.parse::<i64>().ok().and_then(|number| number.checked_mul(unit));
        amounts.set(measure, amount.unwrap_or(i64::MAX));
    }
    match cloud.ask_for_quota(&who, project, (&amounts, cx.form.get("reason")), sent_key(&cx)).await {
        Ok(_) => cx.go(&format!("/cloud/projects/{project}/orders")),
        Err(problem) if !problem.fields.is_empty() => quota(&cx, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

async fn list(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let project = cx.param_id("project")?;
    let orders = cloud.orders(&who, project).await?;
    let f = cx.frame("cloud-orders");
    let t = f.t.clone();
    let path = format!("/cloud/projects/{project}");
    let mut page = sheet(&cx, f, &path).await?.add(Block::Lead(t.get("cloud-orders-lead").into_owned()));
    if orders.is_empty() {
        page = page.text(t.get("cloud-orders-none").into_owned());
    }
    for order in &orders {
        let mut rows = vec![
            SummaryRow::new(t.get("cloud-state"), t.get(&format!("cloud-order-{}", order.state.word()))),
            SummaryRow::new(t.get("cloud-asked-by"), Html::isolated(&order.asked_name)),
        ];
        rows.extend(wish(&t, &order.kind, &order.wish));
        if let (State::Done, Some(resource)) = (order.state, order.resource) {
            let href = format!("{path}/instances/{resource}");
            rows.push(SummaryRow::new(t.get("cloud-instance"), Html::link(&href, t.get("cloud-look"))));
        }
        page = page.add(Block::Heading(t.moment(order.asked_at))).add(Block::Summary(rows));
    }
    Reply::page(&page)
}

/// What an order asks for, in words.
pub(super) fn explain(t: &Texts, payload: &Value) -> Vec<Block> {
    let text = |key: &str| Html::isolated(payload[key].as_str().unwrap_or_default());
    let mut rows = vec![
        SummaryRow::new(t.get("cloud-agency"), text("agency")),
        SummaryRow::new(t.get("cloud-project"), text("project_name")),
        SummaryRow::new(t.get("cloud-asked-by"), text("asked_name")),
    ];
    rows.extend(wish(t, payload["kind"].as_str().unwrap_or_default(), &payload["wish"]));
    vec![Block::Summary(rows)]
}

/// A wish in words.
fn wish(t: &Texts, kind: &str, wish: &Value) -> Vec<SummaryRow> {
    let text = |key: &str| Html::isolated(wish[key].as_str().unwrap_or_default());
    if kind == "quota" {
        let amounts = amounts_of(&wish["quota"]);
        let wanted = Measure::ALL.into_iter().filter(|measure| amounts.get(*measure) > 0);
        let mut rows: Vec<SummaryRow> = wanted
            .map(|one| SummaryRow::new(shown::measure(t, one), shown::amount(t, one, amounts.get(one))))
            .collect();
        rows.push(SummaryRow::new(t.get("cloud-reason"), text("reason")));
        return rows;
    }
    vec![
        SummaryRow::new(t.get("cloud-name"), text("name")),
        SummaryRow::new(t.get("cloud-size"), text("size")),
        SummaryRow::new(t.get("cloud-image"), text("image")),
    ]
}

/// Carries out an approved order.
pub(super) async fn carry_out(cx: Cx, approval: Id) -> Result<Reply, Problem> {
    cx.service::<Cloud>()?.carry_out(&cx.actor, approval).await?;
    cx.go("/desk/approvals")
}

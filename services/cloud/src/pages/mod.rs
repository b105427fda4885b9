//! The pages of the cloud.

mod bill;
mod instances;
mod offers;
mod orders;
mod projects;
mod shown;
mod things;

use crate::cloud::{Cloud, Health, Who};
use crate::permission::{OPERATE, READ, USE};
use crate::problems;
use daftar_http::{Access, Cx, Executor, Explainer, NavItem, Routes};
use daftar_kernel::Problem;
use daftar_ui::{Block, Fault, Frame, Html, Sheet, Texts, Tone};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Links in the navigation, where there is a cloud.
pub const NAV: &[NavItem] = &[NavItem { text: "cloud-nav", path: "/cloud", access: Access::Official(READ) }];

/// What officials can start from their desk, where there is a cloud.
pub const DESK: &[NavItem] = &[
    NavItem { text: "cloud-nav", path: "/cloud", access: Access::Official(READ) },
    NavItem { text: "cloud-new", path: "/cloud/new", access: Access::Official(USE) },
    NavItem { text: "cloud-catalogue", path: "/cloud/catalogue", access: Access::Official(READ) },
    NavItem { text: "cloud-bill", path: "/cloud/bill", access: Access::Official(READ) },
    NavItem { text: "cloud-tokens", path: "/cloud/tokens", access: Access::Official(READ) },
    NavItem { text: "cloud-engine", path: "/cloud/engine", access: Access::Official(OPERATE) },
];

/// Every route of the service.
#[must_use]
pub fn routes() -> Routes {
    let mut routes = Routes::new();
    projects::add(&mut routes);
    instances::add(&mut routes);
    things::add(&mut routes);
    orders::add(&mut routes);
    offers::add(&mut routes);
    bill::add(&mut routes);
    crate::api::add(&mut routes);
    routes
}

/// What carries out orders that two officials have approved.
#[must_use]
pub fn executors() -> BTreeMap<&'static str, Executor> {
    let order: Executor = Arc::new(|cx, approval| Box::pin(orders::carry_out(cx, approval)));
    BTreeMap::from([(crate::order::APPROVAL, order)])
}

/// What says in words what an order asks for.
#[must_use]
pub fn explainers() -> BTreeMap<&'static str, Explainer> {
    let order: Explainer = Arc::new(orders::explain);
    BTreeMap::from([(crate::order::APPROVAL, order)])
}

/// The cloud, and the official who looks.
fn open(cx: &Cx) -> Result<(Arc<Cloud>, Who), Problem> {
    let cloud = cx.service::<Cloud>()?;
    if !cloud.is_on() {
        return Err(problems::off());
    }
    Ok((cloud, Who::official(cx.official()?)))
}

/// A page of the cloud: it says when the engine is a simulator, or does not answer.
async fn sheet(cx: &Cx, frame: Frame, back: &str) -> Result<Sheet, Problem> {
    let cloud = cx.service::<Cloud>()?;
    let health = match cloud.health() {
        Health::Unknown => cloud.look_at_engine().await?,
        known => known,
    };
    let t = frame.t.clone();
    let note =
        |tone, title: &str, text: String| Block::Note(tone, t.get(title).into_owned(), Html::text(text));
    let banner = match health {
        Health::Here(about) if about.simulated => {
            Some(note(Tone::Warning, "cloud-simulated", t.get("cloud-simulated-text").into_owned()))
        }
        Health::Gone(since) => {
            Some(note(Tone::Warning, "cloud-gone", t.one("cloud-gone-text", "since", t.moment(since))))
        }
        Health::Here(_) | Health::Unknown => None,
    };
    Ok(Sheet::new(frame).back(back).extend(banner))
}

/// A problem's faults for a form; `place` says which control stands for a field.
fn faults(t: &Texts, problem: Option<&Problem>, place: impl Fn(&str) -> String) -> Vec<Fault> {
    let fields = problem.map_or(&[][..], |problem| &problem.fields);
    let said = |problem: &Problem, message: &str| {
        let args: Vec<_> =
            problem.args.iter().map(|(name, value)| (*name, daftar_ui::Arg::from(value.clone()))).collect();
        t.with(message, &args)
    };
    fields
        .iter()
        .filter_map(|fault| {
            Some(Fault { field: place(&fault.field), message: said(problem?, &fault.message) })
        })
        .collect()
}

/// The key a form is sent with: sending it twice does it once.
fn key(cx: &Cx) -> String {
    cx.site.world().id().to_string()
}

/// The key a form was sent with.
fn sent_key(cx: &Cx) -> &str {
    cx.form.get("key")
}

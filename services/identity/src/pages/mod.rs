//! The pages and API routes of the register of people.

mod api;
mod assist;
pub(crate) mod browser;
mod citizen;
mod complaint_port;
mod double;
mod draft_documents;
mod guardianship;
mod kits;
mod kits_held;
mod life;
mod my_data_pdf;
mod papers;
mod person;
mod preregister;
mod refusal;
mod registration;
pub(crate) mod search;
pub(crate) mod shown;
mod statistics;
mod walk;
mod ward_files;
mod wards;
mod weighing;

pub use complaint_port::Tokens;
pub(crate) use registration::PURPOSE as REGISTRATION_PURPOSE;

use crate::activity;
use crate::double::Decision;
use crate::permission::{CLIENT, CORRECT, DOUBLE, KIT, READ, REGISTER};
use daftar_http::{Access, NavItem, Routes};
use daftar_ui::Bundle;

/// The service's texts.
pub const BUNDLES: [Bundle; 3] = [
    Bundle { crate_name: "identity", lang: "en", text: include_str!("../../locales/en.ftl") },
    Bundle { crate_name: "identity", lang: "fr", text: include_str!("../../locales/fr.ftl") },
    Bundle { crate_name: "identity", lang: "ar", text: include_str!("../../locales/ar.ftl") },
];

/// Links in the navigation.
pub const NAV: &[NavItem] = &[
    NavItem { text: "identity-nav-me", path: "/me", access: Access::Citizen },
    NavItem { text: "identity-nav-looks", path: "/me/looks", access: Access::Citizen },
    NavItem { text: "identity-nav-register", path: "/people/register", access: Access::Official(REGISTER) },
    NavItem { text: "identity-nav-search", path: "/people/search", access: Access::Official(READ) },
];

/// What officials can start from their desk.
pub const DESK: &[NavItem] = &[
    NavItem { text: "identity-nav-register", path: "/people/register", access: Access::Official(REGISTER) },
    NavItem { text: "identity-nav-search", path: "/people/search", access: Access::Official(READ) },
    NavItem { text: "identity-birth", path: "/people/birth", access: Access::Official(REGISTER) },
    NavItem { text: "identity-unguarded", path: "/people/unguarded", access: Access::Official(CORRECT) },
    NavItem { text: "identity-clients", path: "/desk/services", access: Access::Official(CLIENT) },
    NavItem { text: "identity-doubles-open", path: "/desk/doubles", access: Access::Official(DOUBLE) },
    NavItem { text: "identity-card-check", path: "/desk/card", access: Access::Official(READ) },
    NavItem { text: "identity-kits", path: "/desk/kits", access: Access::Official(KIT) },
];

/// Every route of the service.
#[must_use]
pub fn routes() -> Routes {
    let mut routes = Routes::new();
    // Refusals come before the person's page, whose path would take theirs.
    routes
        .part(activity::ENROLMENT, refusal::add)
        .part(activity::PREREGISTRATION, preregister::add)
        .part(activity::ENROLMENT, registration::add)
        .part(activity::ENROLMENT, life::add)
        .part(activity::CHECKS, search::add)
        .part(activity::CHECKS, person::add)
        .part(activity::ENROLMENT, papers::add)
        .part(activity::SELF_SERVICE, citizen::add)
        .part(activity::SELF_SERVICE, wards::add)
        .part(activity::STATISTICS, statistics::add)
        .part(activity::CHECKS, api::add)
        .part(activity::SIGN_IN, crate::openid::add)
        .part(activity::ENROLMENT, double::add)
        .part(activity::CHECKS, crate::verify::add)
        .part(activity::ENROLMENT, kits::add)
        .part(activity::ENROLMENT, assist::add)
        .part(activity::ENROLMENT, guardianship::add)
        .part(activity::SELF_SERVICE, ward_files::add);
    routes
}

/// What says in words what requests of this service ask for, beside what will happen exactly.
#[must_use]
pub fn explainers() -> std::collections::BTreeMap<&'static str, daftar_http::Explainer> {
    let explainer = |decision: Decision| -> daftar_http::Explainer {
        std::sync::Arc::new(move |t, payload| double::explain(t, decision, payload))
    };
    let guardianship: daftar_http::Explainer = std::sync::Arc::new(guardianship::explain);
    Decision::ALL
        .into_iter()
        .map(|decision| (decision.approval(), explainer(decision)))
        .chain([(crate::life::APPROVAL, guardianship)])
        .collect()
}

/// What carries out requests of this service once two officials have approved them.
#[must_use]
pub fn executors() -> std::collections::BTreeMap<&'static str, daftar_http::Executor> {
    let erase: daftar_http::Executor =
        std::sync::Arc::new(|cx, approval| Box::pin(person::erase_approved(cx, approval)));
    let guardianship: daftar_http::Executor =
        std::sync::Arc::new(|cx, approval| Box::pin(guardianship::decided(cx, approval)));
    let mut executors = std::collections::BTreeMap::from([
        (crate::erase::APPROVAL, erase),
        (crate::life::APPROVAL, guardianship),
    ]);
    for decision in Decision::ALL {
        let carry_out: daftar_http::Executor =
            std::sync::Arc::new(move |cx, approval| Box::pin(double::decided(cx, approval, decision)));
        executors.insert(decision.approval(), carry_out);
    }
    for decision in crate::life::Decision::ALL {
        let decide: daftar_http::Executor =
            std::sync::Arc::new(move |cx, approval| Box::pin(life::decided(cx, decision, approval)));
        executors.insert(decision.approval(), decide);
    }
    executors
}

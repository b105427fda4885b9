#![doc = include_str!("../README.md")]

pub mod approvals;
mod cases;
pub mod complaints;
pub mod country;
mod enrol;
mod home;
mod log_files;
pub mod notices;
mod officials;
mod oversight;
mod passkeys;
mod seals;
mod sessions;
mod sign_in;
mod trust;

pub use sign_in::welcome;

use daftar_http::{Access, Executor, NavItem, Routes};
use daftar_office::permission::{
    ACCOUNT_SEE, ALARM_SEE, CASE_MANAGE, COMPLAINT_ANSWER, LOOK_REVIEW, SEAL_EXTEND,
};
use daftar_packs::versions::{PROPOSE, PUBLISH};
use daftar_ui::Bundle;
use std::collections::BTreeMap;

/// The room's texts.
pub const BUNDLES: [Bundle; 3] = [
    Bundle { crate_name: "desk", lang: "en", text: include_str!("../locales/en.ftl") },
    Bundle { crate_name: "desk", lang: "fr", text: include_str!("../locales/fr.ftl") },
    Bundle { crate_name: "desk", lang: "ar", text: include_str!("../locales/ar.ftl") },
];

/// What officials can start from their desk.
pub const DESK: &[NavItem] = &[
    NavItem { text: "desk-cases", path: "/desk/cases", access: Access::Official(CASE_MANAGE) },
    NavItem { text: "desk-approvals", path: "/desk/approvals", access: Access::SignedIn },
    NavItem { text: "desk-complaints", path: "/desk/complaints", access: Access::Official(COMPLAINT_ANSWER) },
    NavItem { text: "desk-reviews", path: "/desk/reviews", access: Access::Official(LOOK_REVIEW) },
    NavItem { text: "desk-seals", path: "/desk/seals", access: Access::Official(SEAL_EXTEND) },
    NavItem { text: "desk-alarms", path: "/desk/alarms", access: Access::Official(ALARM_SEE) },
    NavItem { text: "desk-officials", path: "/desk/officials", access: Access::Official(ACCOUNT_SEE) },
    NavItem { text: "desk-country", path: "/desk/country", access: Access::Official(PROPOSE) },
    NavItem { text: "desk-sessions", path: "/sessions", access: Access::SignedIn },
    NavItem { text: "desk-passkeys", path: "/passkeys", access: Access::SignedIn },
];

/// Every route of this room.
#[must_use]
pub fn routes() -> Routes {
    let mut routes = Routes::new();
    sign_in::add(&mut routes);
    passkeys::add(&mut routes);
    enrol::add(&mut routes);
    home::add(&mut routes);
    approvals::add(&mut routes);
    officials::add(&mut routes);
    cases::add(&mut routes);
    complaints::add(&mut routes);
    country::add(&mut routes);
    oversight::add(&mut routes);
    seals::add(&mut routes);
    sessions::add(&mut routes);
    trust::add(&mut routes);
    log_files::add(&mut routes);
    routes
}

/// What carries out requests of this floor once two officials have approved them.
#[must_use]
pub fn executors() -> BTreeMap<&'static str, Executor> {
    BTreeMap::from([(PUBLISH, country::executor()), (daftar_office::sealing::APPROVAL, seals::executor())])
}

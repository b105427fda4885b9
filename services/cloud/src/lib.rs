#![doc = include_str!("../README.md")]

mod api;
pub mod block;
pub mod catalogue;
mod change;
pub mod cloud;
pub mod engine;
pub mod instance;
pub mod measure;
pub mod member;
pub mod meter;
pub mod network;
pub mod order;
pub mod orphan;
pub mod pages;
pub mod permission;
pub mod plan;
pub mod power;
pub mod problems;
pub mod project;
pub mod quota;
pub mod reconcile;
pub mod remove;
pub mod resource;
pub mod saga;
pub mod token;
mod turns;
pub mod volume;

pub use cloud::{Cloud, Done, Health, SERVICE, Shelf, Who};

use daftar_http::Routes;
use daftar_packs::Activity;
use daftar_ui::Bundle;

/// The service's tables, all named `cloud_*`.
pub const MIGRATIONS: daftar_store::Migrations = daftar_store::Migrations {
    owner: "cloud",
    steps: &[
        daftar_store::step!(1, "0001_power"),
        daftar_store::step!(2, "0002_cloud"),
        daftar_store::step!(3, "0003_meter"),
        daftar_store::step!(4, "0004_invoice"),
    ],
};

/// The service's texts.
pub const BUNDLES: [Bundle; 3] = [
    Bundle { crate_name: "cloud", lang: "en", text: include_str!("../locales/en.ftl") },
    Bundle { crate_name: "cloud", lang: "fr", text: include_str!("../locales/fr.ftl") },
    Bundle { crate_name: "cloud", lang: "ar", text: include_str!("../locales/ar.ftl") },
];

/// What agencies order, and what they change in it.
pub const ORDERS: &str = "cloud.orders";

/// What of this service can rest by itself. Computers that run go on running.
pub const ACTIVITIES: &[Activity] = &[
    plan::ACTIVITY,
    Activity {
        code: ORDERS,
        help: "agencies' orders to the cloud, and what they change in it",
        vital: false,
    },
];

/// Every route of the service.
#[must_use]
pub fn routes() -> Routes {
    let mut routes = power_routes();
    routes.part(plan::ACTIVITY.code, plan::add);
    routes.part(ORDERS, |routes| {
        routes.merge(pages::routes());
    });
    routes
}

/// The routes about electricity, which every program has, whatever it serves.
#[must_use]
pub fn power_routes() -> Routes {
    let mut routes = Routes::new();
    power::page::add(&mut routes);
    routes
}

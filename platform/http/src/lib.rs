#![doc = include_str!("../README.md")]

pub mod cx;
pub mod decode;
pub mod headers;
pub mod openapi;
pub mod pipeline;
mod problem_reply;
pub mod reply;
pub mod route;
pub mod serve;
pub mod site;

pub use cx::Cx;
pub use decode::{Fields, Upload};
pub use pipeline::Pipeline;
pub use reply::Reply;
pub use route::{Access, Route, RouteKind, Routes};
pub use site::{Live, NavItem, Site};

/// The room's texts.
pub const BUNDLES: [daftar_ui::Bundle; 3] = [
    daftar_ui::Bundle { crate_name: "http", lang: "en", text: include_str!("../locales/en.ftl") },
    daftar_ui::Bundle { crate_name: "http", lang: "fr", text: include_str!("../locales/fr.ftl") },
    daftar_ui::Bundle { crate_name: "http", lang: "ar", text: include_str!("../locales/ar.ftl") },
];

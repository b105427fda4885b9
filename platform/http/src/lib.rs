#![doc = include_str!("../README.md")]

pub mod cx;
pub mod decode;
mod faults;
pub mod forms;
pub mod headers;
pub mod meter;
pub mod openapi;
pub mod pipeline;
mod problem_reply;
pub mod reply;
pub mod route;
pub mod serve;
pub mod site;
pub mod tls;
mod told;

pub use cx::Cx;
pub use decode::{Fields, Upload};
pub use faults::{again, is_theirs};
pub use pipeline::Pipeline;
pub use reply::Reply;
pub use route::{Access, Route, RouteKind, Routes};
pub use site::{Executor, Explainer, Live, NavItem, Site};

/// Runs a block in a transaction: `with_tx!(store.write, tx, [office, id] { office.suspend(tx, id).await })`. The names in
/// brackets are cloned into it, once more each time it is run again.
#[macro_export]
macro_rules! with_tx {
    ($store:ident.$method:ident, $tx:ident, [$($name:ident),*] $body:block) => {{
        $(let $name = $name.clone();)*
        $store
            .$method(move |$tx| {
                $(let $name = $name.clone();)*
                Box::pin(async move $body)
            })
            .await
    }};
}

/// The room's texts.
pub const BUNDLES: [daftar_ui::Bundle; 3] = [
    daftar_ui::Bundle { crate_name: "http", lang: "en", text: include_str!("../locales/en.ftl") },
    daftar_ui::Bundle { crate_name: "http", lang: "fr", text: include_str!("../locales/fr.ftl") },
    daftar_ui::Bundle { crate_name: "http", lang: "ar", text: include_str!("../locales/ar.ftl") },
];

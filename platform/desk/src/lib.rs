#![doc = include_str!("../README.md")]

mod log_files;
mod sign_in;
mod trust;

use daftar_http::Routes;
use daftar_ui::Bundle;

/// The room's texts.
pub const BUNDLES: [Bundle; 3] = [
    Bundle { crate_name: "desk", lang: "en", text: include_str!("../locales/en.ftl") },
    Bundle { crate_name: "desk", lang: "fr", text: include_str!("../locales/fr.ftl") },
    Bundle { crate_name: "desk", lang: "ar", text: include_str!("../locales/ar.ftl") },
];

/// Every route of this room.
#[must_use]
pub fn routes() -> Routes {
    let mut routes = Routes::new();
    sign_in::add(&mut routes);
    trust::add(&mut routes);
    log_files::add(&mut routes);
    routes
}

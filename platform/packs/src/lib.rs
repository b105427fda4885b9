#![doc = include_str!("../README.md")]

pub mod civil;
pub mod country;
pub mod diff;
pub mod forms;
pub mod guard;
mod locales;
mod notices;
pub mod places;
pub mod power;
pub mod retention;
mod roster;
pub mod source;
pub mod svg;
pub mod versions;

pub use civil::{Civil, DocumentKind};
pub use country::{Country, Currency, Language};
pub use daftar_ports::toml_reader::Fault;
pub use diff::{Change, diff};
pub use forms::PLACES_EVER;
pub use places::{Place, Places};
pub use power::{Activity, PowerLaw};
pub use retention::Retention;
pub use source::{Manifest, Source};
pub use versions::{PERMISSIONS, Version};

use daftar_store::{Migrations, step};

/// The tables of this crate, all named `packs_*`.
pub const MIGRATIONS: Migrations = Migrations { owner: "packs", steps: &[step!(1, "0001_packs")] };

/// The texts of this crate by language tag, for the catalogue of the pages.
pub const LOCALES: [(&str, &str); 3] = [
    ("en", include_str!("../locales/en.ftl")),
    ("fr", include_str!("../locales/fr.ftl")),
    ("ar", include_str!("../locales/ar.ftl")),
];

#![doc = include_str!("../README.md")]

mod assets;
pub mod check;
pub mod form_view;
mod frame;
mod html;
pub mod parts;
pub mod passkey;
mod placeables;
mod problem_page;
pub mod pseudo;
pub mod sheet;
mod texts;

pub use assets::{Asset, assets};
pub use frame::{
    CSRF_FIELD, Fault, Frame, LanguageLink, Notice, RECORD_LATE_AFTER_SECONDS, RecordClock, SIGN_IN_PATH,
    SIGN_OUT_PATH, SignedIn, Site, TRUST_PATH, Tone,
};
pub use html::Html;
pub use problem_page::problem_page;
pub use sheet::{Ask, Block, Field, Form, Sheet};
pub use texts::{
    Arg, Bundle, Catalog, Completeness, Options, Overlay, ProblemWords, TextFault, Texts, ToArg,
};

/// The words that all pages share, in every language that comes with Daftar.
pub const BUNDLES: [Bundle; 3] = [
    Bundle { crate_name: "ui", lang: "en", text: include_str!("../locales/en.ftl") },
    Bundle { crate_name: "ui", lang: "fr", text: include_str!("../locales/fr.ftl") },
    Bundle { crate_name: "ui", lang: "ar", text: include_str!("../locales/ar.ftl") },
];

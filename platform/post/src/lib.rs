#![doc = include_str!("../README.md")]

mod letters;
mod pages;
mod post;

pub use pages::routes;
pub use post::{Post, Told, Way};

use daftar_http::{Access, NavItem};
use daftar_office::Permission;
use daftar_store::{Migrations, step};
use daftar_ui::Bundle;

/// Print letters of the own agency and mark them as posted.
pub const PRINT: &str = "post.letter.print";
/// What this room declares.
pub const PERMISSIONS: &[Permission] =
    &[Permission { code: PRINT, help: "print letters of the own agency and mark them as posted" }];
/// The purpose for which whoever prints a letter sees it; roles that print list it in the country pack.
pub const PURPOSE: &str = "letter";
/// The room's word in acts and looks.
pub const SERVICE: &str = "post";
/// What a look at a letter says was shown.
pub const FIELD: &str = "letter";

/// The tables of this room, all named `post_*`.
pub const MIGRATIONS: Migrations = Migrations { owner: "post", steps: &[step!(1, "0001_post")] };

/// The room's texts.
pub const BUNDLES: [Bundle; 3] = [
    Bundle { crate_name: "post", lang: "en", text: include_str!("../locales/en.ftl") },
    Bundle { crate_name: "post", lang: "fr", text: include_str!("../locales/fr.ftl") },
    Bundle { crate_name: "post", lang: "ar", text: include_str!("../locales/ar.ftl") },
];

/// What officials can start from their desk.
pub const DESK: &[NavItem] =
    &[NavItem { text: "post-letters", path: "/desk/letters", access: Access::Official(PRINT) }];

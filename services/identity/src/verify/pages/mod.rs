//! The pages of verification: what a citizen allowed, what an official lets a partner ask, and whether a card is valid.

mod check;
mod mine;
mod partners;

use super::attribute::Attributes;
use daftar_ui::{Block, Html, Texts};

pub(crate) use partners::summary;

/// Adds the routes.
pub(super) fn add(routes: &mut daftar_http::Routes) {
    mine::add(routes);
    partners::add(routes);
    check::add(routes);
}

/// The message key of an attribute.
fn key(word: &str) -> String {
    format!("identity-attribute-{}", word.replace('_', "-"))
}

/// A set in words.
pub(crate) fn words(t: &Texts, attributes: &Attributes) -> Vec<String> {
    attributes.words().iter().map(|word| t.get(&key(word)).into_owned()).collect()
}

/// A set as a list.
fn list(t: &Texts, attributes: &Attributes) -> Block {
    let lines: String =
        words(t, attributes).iter().map(|line| format!("<li>{}</li>", Html::text(line))).collect();
    Block::Markup(Html::trusted(format!("<ul>{lines}</ul>")))
}

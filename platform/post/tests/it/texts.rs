//! Every text that the code asks for exists in every language, and none lies unused.

use daftar_post::{BUNDLES, DESK};
use daftar_ui::check::{built, check, sources_under};
use std::path::Path;

/// The notices that services above this room send; the program's test knows whether there are others.
const NOTICES: [&str; 12] = [
    "identity-activation",
    "identity-corrected",
    "identity-card-replaced",
    "identity-event",
    "identity-merged",
    "identity-split",
    "identity-different",
    "identity-reopened",
    "identity-assisted",
    "office-complaint",
    "office-complaint-answered",
    "identity-passkey",
];

#[test]
fn the_texts_are_whole() {
    let mut sources = sources_under(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let notices = NOTICES.iter().map(|notice| format!("post-notice-{notice}"));
    sources.push(built(
        notices.chain(DESK.iter().map(|item| format!("{}-hint", item.text))).collect::<Vec<_>>(),
    ));
    let shared = [daftar_ui::BUNDLES, daftar_http::BUNDLES].concat();
    let findings = check(&BUNDLES, &shared, &sources);
    assert!(findings.is_empty(), "{findings:#?}");
}

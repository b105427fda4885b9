//! Every text that the code asks for exists in every language, and none lies unused.

use daftar_http::BUNDLES;
use daftar_kernel::Problem;
use daftar_ui::check::{built, check, sources_under, strays};
use std::path::Path;

#[test]
fn the_texts_are_whole() {
    let mut sources = sources_under(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    // The purpose of a key, not a text.
    let mut findings = strays(&BUNDLES, &["http-csrf"], &sources);
    let sign_in = Problem::sign_in().code;
    sources.push(built([format!("problem-{sign_in}"), format!("problem-{sign_in}-next")]));
    findings.extend(check(&BUNDLES, &daftar_ui::BUNDLES, &sources));
    assert!(findings.is_empty(), "{findings:#?}");
}

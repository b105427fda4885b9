//! The texts of the whole house: what any crate asks for is there, and no shared text lies unused. Keys that a crate's
//! pages put together are checked by the crate's own test.

use daftar_ui::check::{Source, check, sources_under};
use daftar_ui::{Bundle, Catalog};
use std::path::Path;

/// The sources of every crate whose texts a person can read, and of those that report problems.
fn sources() -> Vec<Source> {
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    ["platform", "services", "app"]
        .into_iter()
        .flat_map(|floor| sources_under(&house.join(floor)).unwrap())
        .collect()
}

/// Rooms whose own tests check that nothing of theirs is missing or unused; they know what their pages put together.
fn tested_by_itself(bundle: &Bundle) -> bool {
    ["cloud", "desk", "identity", "plan", "post"].contains(&bundle.crate_name)
}

#[test]
fn every_text_is_there_and_used() {
    let (alone, own): (Vec<Bundle>, Vec<Bundle>) =
        daftar::installation::bundles().into_iter().partition(tested_by_itself);
    let findings = check(&own, &alone, &sources());
    assert!(findings.is_empty(), "{findings:#?}");
}

/// The desk shows what two officials are asked to agree on: never as a code.
#[test]
fn every_kind_of_request_is_said_in_words() {
    let catalog = Catalog::new(&daftar::installation::bundles()).unwrap();
    let kinds = daftar::serving::executors();
    assert!(!kinds.is_empty());
    for kind in kinds.keys() {
        assert!(catalog.english().has(&format!("desk-kind-{}", kind.replace('.', "-"))), "{kind}");
    }
}

/// Whoever prints a letter reads what it is, never as a code; and the demo's country says everything that people are told.
#[test]
fn every_notice_has_a_name_and_a_text() {
    let catalog = Catalog::new(&daftar::installation::bundles()).unwrap();
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../country/demo");
    let country = daftar::installation::load_country(&pack).unwrap();
    for notice in daftar::installation::notices() {
        assert!(catalog.english().has(&format!("post-notice-{}", notice.id)), "{}", notice.id);
        assert!(country.notice(notice).unwrap().is_some(), "{}", notice.id);
    }
}

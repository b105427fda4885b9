//! The texts of the whole house: one catalogue takes them all, every problem that any crate reports is explained, and
//! no shared text lies unused. What a crate's own pages put together is checked by the crate's own test.

use daftar_ui::check::{Finding, Source, built, check, sources_under, strays};
use daftar_ui::{Bundle, Catalog};
use std::path::Path;

/// Words that begin as keys do: a cookie's purpose, what certificates are called, an identifier in the database.
const NAMES: [&str; 0] = [];

/// The sources of every crate whose texts a person can read, and of those that report problems.
fn sources() -> Vec<Source> {
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    ["platform", "services", "app"]
        .into_iter()
        .flat_map(|floor| sources_under(&house.join(floor)).unwrap())
        // The gallery and the checker's own tests speak of messages that are not there.
        .filter(|source| !source.file.starts_with("ui/src/check"))
        .collect()
}

/// Rooms whose own tests check that nothing of theirs is missing or unused; they know what their pages put together.
fn tested_by_itself(bundle: &Bundle) -> bool {
    ["desk", "identity"].contains(&bundle.crate_name)
}

#[test]
fn one_catalogue_takes_the_texts_of_all() {
    assert!(Catalog::new(&daftar::installation::bundles()).is_ok());
}

#[test]
fn every_text_is_there_and_used() {
    let (alone, own): (Vec<Bundle>, Vec<Bundle>) =
        daftar::installation::bundles().into_iter().partition(tested_by_itself);
    let sources = sources();
    let findings: Vec<Finding> = check(&own, &alone, &sources);
    assert!(findings.is_empty(), "{findings:#?}");
}

//! Every text that the code asks for exists in every language, and none lies unused.

use daftar_cloud::measure::Measure;
use daftar_cloud::member::Part;
use daftar_cloud::order::State;
use daftar_cloud::pages::DESK;
use daftar_cloud::resource::Kind;
use daftar_cloud::{ACTIVITIES, BUNDLES};
use daftar_ui::check::{built, check, sources_under, strays};
use std::path::Path;

/// Words that begin as keys do.
const NAMES: [&str; 2] = ["cloud-block", "cloud-round"];

/// Every key that the pages put together, from the values they are put together of.
fn put_together() -> Vec<String> {
    let mut keys: Vec<String> = DESK.iter().map(|item| format!("{}-hint", item.text)).collect();
    keys.extend(ACTIVITIES.iter().map(|one| format!("{}-activity", one.code.replace('.', "-"))));
    keys.extend(Measure::ALL.map(|one| format!("cloud-measure-{}", one.word().replace('_', "-"))));
    for part in Part::ALL {
        keys.extend(["", "-hint"].map(|end| format!("cloud-part-{}{end}", part.word())));
    }
    keys.extend(Kind::ALL.map(|kind| format!("cloud-no-{}", kind.word())));
    keys.extend(Kind::ALL.map(|kind| format!("cloud-{}s", kind.word())));
    keys.extend(Kind::ALL.map(|kind| format!("cloud-orphan-{}", kind.word())));
    keys.push(format!("cloud-orphan-{}", daftar_cloud::reconcile::ROOM));
    keys.extend(State::ALL.map(|state| format!("cloud-order-{}", state.word())));
    keys
}

#[test]
fn the_texts_are_whole() {
    let mut sources = sources_under(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut findings = strays(&BUNDLES, &NAMES, &sources);
    sources.push(built(put_together()));
    let shared = [daftar_ui::BUNDLES, daftar_http::BUNDLES].concat();
    findings.extend(check(&BUNDLES, &shared, &sources));
    assert!(findings.is_empty(), "{findings:#?}");
}

//! The demo, as a newcomer starts it: its whole story on both engines, and that nobody serves it as a real country.

use daftar::installation::load_country;
use daftar_http::RouteKind;
use daftar_testing::{Engine, Place};
use std::path::Path;
use std::process::{Command, Output};

fn daftar(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_daftar")).args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_holds_on_both_engines() {
    let done = daftar(&["demo", "--check"]);
    assert!(done.status.success() && done.stdout.ends_with(b"\nok\n"), "{}", said(&done));
    let place = Place::on(Engine::Postgres).await;
    let done = daftar(&["--store", &place.config().url, "demo", "--check"]);
    assert!(done.status.success() && done.stdout.ends_with(b"\nok\n"), "{}", said(&done));
}

#[test]
fn nobody_serves_a_demo_as_a_real_country_and_it_stays_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let seeded = daftar(&["--data", data, "demo", "--seed-only", "--population", "20"]);
    assert!(seeded.status.success(), "{}", said(&seeded));
    let cast = std::fs::read(folder.path().join("cast.json")).unwrap();
    let again = daftar(&["--data", data, "demo", "--seed-only", "--population", "20"]);
    assert!(again.status.success(), "{}", said(&again));
    assert_eq!(std::fs::read(folder.path().join("cast.json")).unwrap(), cast, "the same people");
    let served = daftar(&["--data", data, "serve", "--listen", "127.0.0.1:0"]);
    assert!(!served.status.success() && said(&served).contains("demo"), "{}", said(&served));
}

#[test]
fn the_demos_pages_are_in_no_other_country() {
    assert!(daftar::serving::routes().iter().all(|route| !route.path.starts_with("/demo")));
    let routes = daftar::demo::routes();
    for route in routes.iter() {
        assert!(route.path.starts_with("/demo"), "{}", route.path);
        let named: Vec<&str> = route.examples.iter().map(|(name, _)| *name).collect();
        for parameter in daftar_http::openapi::path_parameters(route.path) {
            assert!(named.contains(&parameter), "{}: no example for {parameter}", route.path);
        }
    }
}

#[test]
fn everybody_of_the_cast_has_work_in_the_country() {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../country/demo");
    let country = load_country(&pack).unwrap();
    for (part, _, office, role) in daftar::demo::OFFICIALS {
        assert!(country.roster.fits(office, role), "{part}: {role} in {office}");
    }
}

/// Judges walk the list that the demo serves of its routes: a page without an example, or one that nobody of the cast may
/// open, would be left out of every judgement.
#[test]
fn every_page_can_be_shown_by_somebody_of_the_cast() {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../country/demo");
    let country = load_country(&pack).unwrap();
    let mut routes = daftar::serving::routes();
    routes.merge(daftar::demo::routes());
    for route in routes.iter().filter(|route| route.kind == RouteKind::Page) {
        let name = format!("{} {}", route.method, route.path);
        assert!(daftar::demo::part(&country.roster, route.path, route.access).is_some(), "{name}: by nobody");
        for parameter in daftar_http::openapi::path_parameters(route.path) {
            let example =
                route.examples.iter().find(|(known, _)| *known == parameter).map(|(_, value)| *value);
            let fixture = example.and_then(|value| value.strip_prefix('$'));
            let shown =
                fixture.map_or(example.is_some(), |fixture| daftar::demo::FIXTURES.contains(&fixture));
            assert!(shown, "{name}: nothing stands for {{{parameter}}}");
        }
    }
}

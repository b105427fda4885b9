//! Every text that the code asks for exists in every language, and none lies unused.

use daftar_desk::country::Standing;
use daftar_desk::{BUNDLES, DESK};
use daftar_kernel::Id;
use daftar_office::account::State;
use daftar_office::complaint::{About, Outcome};
use daftar_office::oversight::Finding;
use daftar_record::Log;
use daftar_ui::check::{built, check, sources_under, strays};
use std::path::Path;

/// The kinds of requests that need words; the program's test knows whether there are others.
const KINDS: [&str; 14] = [
    "identity-erase",
    "identity-suspend",
    "identity-lift",
    "identity-mark-fraud",
    "identity-clear-fraud",
    "identity-undo-death",
    "packs-publish",
    "cloud-order",
    "office-seal-extend",
    "identity-merge",
    "identity-different",
    "identity-split",
    "identity-reopen",
    "identity-guardianship",
];

/// Every key that the pages put together, from the values they are put together of.
fn put_together() -> Vec<String> {
    let id = Id::from_bytes([7; 16]);
    let states = [State::Invited, State::Active, State::Suspended].map(State::word);
    let abouts = [About::Look(id), About::Refusal(id), About::Merge(id), About::Other].map(About::word);
    let outcomes = [Outcome::Upheld, Outcome::Dismissed].map(Outcome::word);
    let findings = [Finding::Justified, Finding::Unjustified].map(Finding::word);
    let logs = Log::ALL.map(Log::code);
    let standings = Standing::ALL.map(Standing::word);
    let words: [(&str, &[&str]); 9] = [
        ("desk-version", &standings),
        ("desk-state", &states),
        ("desk-about", &abouts),
        ("desk-outcome", &outcomes),
        ("desk-review", &findings),
        ("desk-log", &logs),
        ("desk-kind", &KINDS),
        ("desk-proves", &["1", "2", "3", "4"]),
        ("desk-limits", &["1", "2", "3", "4", "5"]),
    ];
    let built = words.iter().flat_map(|(start, ends)| ends.iter().map(move |end| format!("{start}-{end}")));
    built.chain(DESK.iter().map(|item| format!("{}-hint", item.text))).collect()
}

#[test]
fn the_texts_are_whole() {
    let mut sources = sources_under(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut findings = strays(&BUNDLES, &[], &sources);
    sources.push(built(put_together()));
    let shared = [daftar_ui::BUNDLES, daftar_http::BUNDLES].concat();
    findings.extend(check(&BUNDLES, &shared, &sources));
    assert!(findings.is_empty(), "{findings:#?}");
}

//! The negative table: modules of the OpenID conformance suite by name, what each tries, and what it gets here. Each runs
//! through HTTP on both engines (`refused.rs`); `docs/openid-conformance.md` is this table for people, and must not drift.

use super::refused::{Refused, cases};
use std::path::Path;

/// The document's rows.
fn rows(cases: &[Refused]) -> String {
    let mut out = String::new();
    for case in cases {
        out.push_str(&format!("| `{}` | {} | `{}` |\n", case.module, case.tries, case.gets));
    }
    out
}

#[test]
fn the_document_is_the_table() {
    let cases = cases();
    assert!(cases.len() >= 60, "only {} cases", cases.len());
    for (i, case) in cases.iter().enumerate() {
        assert!(cases[..i].iter().all(|other| other.tries != case.tries), "'{}' twice", case.tries);
    }
    let document = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openid-conformance.md"),
    )
    .unwrap();
    let (_, table) = document.split_once("|---|---|---|\n").unwrap();
    let table = table.split("\n\n").next().unwrap().trim_end().to_string() + "\n";
    assert!(
        table == rows(&cases),
        "docs/openid-conformance.md has drifted; its table should be:\n{}",
        rows(&cases)
    );
}

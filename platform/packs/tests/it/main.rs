//! The demo's pack is whole, and every fault planted in it is found; versions are approved, published, dated, tamper-evident.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail, and say where")]

mod demo_pack;
mod portable;
mod versions;

use daftar_office::Permission;
use daftar_packs::{Country, Fault, Source};
use std::path::PathBuf;

/// What the services above declare; this floor cannot see them.
const SERVICES: &[Permission] = &[
    Permission { code: "record.audit", help: "" },
    Permission { code: "store.jobs", help: "" },
    Permission { code: "identity.person.register", help: "" },
    Permission { code: "identity.person.read", help: "" },
    Permission { code: "identity.person.correct", help: "" },
    Permission { code: "identity.person.erase", help: "" },
    Permission { code: "identity.account.activate", help: "" },
    Permission { code: "identity.card.issue", help: "" },
    Permission { code: "identity.import.run", help: "" },
    Permission { code: "post.letter.print", help: "" },
    Permission { code: "identity.client.register", help: "" },
    Permission { code: "identity.double.decide", help: "" },
    Permission { code: "identity.kit.manage", help: "" },
    Permission { code: "identity.person.assist", help: "" },
    Permission { code: "identity.person.suspend", help: "" },
    Permission { code: "cloud.project.read", help: "" },
    Permission { code: "cloud.project.use", help: "" },
    Permission { code: "cloud.order.approve", help: "" },
    Permission { code: "cloud.engine.operate", help: "" },
];

fn permissions() -> Vec<Permission> {
    [daftar_office::PERMISSIONS, daftar_packs::PERMISSIONS, SERVICES].concat()
}

fn demo_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../country/demo")
}

fn demo() -> Source {
    Source::read(&demo_folder()).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// The demo's pack with one file changed.
fn changed(path: &str, change: impl Fn(&str) -> String) -> Source {
    let source = demo();
    let text = String::from_utf8(source.get(path).unwrap_or_default().to_vec()).unwrap();
    let text_after = change(&text);
    assert_ne!(text, text_after, "the change of {path} changes nothing");
    let others = source.files().filter(|(other, _)| *other != path).map(|(p, b)| (p.to_string(), b.to_vec()));
    Source::of(others.chain([(path.to_string(), text_after.into_bytes())]))
}

fn country(source: &Source) -> Result<Country, Vec<Fault>> {
    Country::from_source(source, &permissions())
}

//! Law 1: imports go down only, and only the store names a driver.

use super::Finding;
use anyhow::{Context, Result};

/// A crate of the workspace and what it leans on.
#[derive(Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its folder from the top of the repository.
    pub folder: String,
    /// What it depends on: the name, and whether only tests do.
    pub needs: Vec<(String, bool)>,
}

/// The platform's rooms and what each may lean on, besides libs. `testing` is for tests and may see them all.
const PLATFORM: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("ui", &["kernel"]),
    ("ports", &["kernel"]),
    ("store", &["kernel"]),
    ("record", &["kernel", "store"]),
    ("office", &["kernel", "store", "record", "ports"]),
    ("packs", &["kernel", "store", "record", "office", "ports"]),
    ("http", &["kernel", "store", "record", "office", "packs", "ui", "ports"]),
    ("post", &["kernel", "store", "record", "office", "packs", "http", "ui", "ports"]),
    ("desk", &["kernel", "store", "record", "office", "packs", "http", "post", "ui", "ports"]),
    ("testing", &["kernel", "store", "record", "office", "packs", "http", "ui", "ports"]),
];

/// Database drivers: everything else goes through `store`.
const DRIVERS: &[&str] =
    &["rusqlite", "sqlx", "sqlx-core", "sqlx-postgres", "sqlx-sqlite", "libsqlite3-sys", "tokio-postgres"];

/// Ways to lose the one TLS and cryptography provider or the one clock.
const UNWANTED: &[&str] = &["openssl", "native-tls", "ring", "reqwest", "chrono"];

const REMEDY: &str = "move the shared part down, or talk through a trait or event of platform/ports";

/// The workspace's crates, from `cargo metadata --no-deps`.
///
/// # Errors
/// When the text is not what cargo prints.
pub fn members(metadata: &str) -> Result<Vec<Member>> {
    let metadata: serde_json::Value = serde_json::from_str(metadata).context("cargo metadata")?;
    let root = metadata["workspace_root"].as_str().context("cargo metadata names no workspace root")?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    packages
        .iter()
        .map(|package| {
            let name = package["name"].as_str().context("a package without a name")?;
            let manifest = package["manifest_path"].as_str().context("a package without a manifest")?;
            let folder = manifest.strip_prefix(root).unwrap_or(manifest).trim_start_matches('/');
            let needs = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
            let needs =
                needs.filter_map(|d| Some((d["name"].as_str()?.to_string(), d["kind"] == "dev"))).collect();
            Ok(Member { name: name.into(), folder: folder.trim_end_matches("/Cargo.toml").into(), needs })
        })
        .collect()
}

/// Every dependency that goes up or sideways.
pub fn check(members: &[Member]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in members {
        let finding = |message: String, remedy| Finding {
            check: "imports",
            path: format!("{}/Cargo.toml", member.folder),
            line: 0,
            message,
            remedy,
        };
        for (need, tests_only) in &member.needs {
            if let Some(target) = members.iter().find(|m| m.name == *need) {
                if !allowed(&member.folder, &target.folder, *tests_only) {
                    findings.push(finding(
                        format!("{} must not import {}", member.folder, target.folder),
                        REMEDY,
                    ));
                }
            } else if DRIVERS.contains(&need.as_str()) && member.folder != "platform/store" {
                findings.push(finding(
                    format!("only platform/store names a driver, not {need}"),
                    "use daftar-store's Tx",
                ));
            } else if UNWANTED.contains(&need.as_str()) {
                findings.push(finding(
                    format!("{need} has no place in the house"),
                    "see the stack in docs: aws-lc-rs, rustls, ureq, jiff",
                ));
            }
        }
    }
    findings
}

fn allowed(from: &str, to: &str, tests_only: bool) -> bool {
    let (from_floor, from_room) = from.split_once('/').unwrap_or((from, ""));
    let (to_floor, to_room) = to.split_once('/').unwrap_or((to, ""));
    if to_floor == "libs" {
        return true;
    }
    if to == "platform/testing" {
        // A bench starts the same engines as the tests; it is in no program that anybody installs.
        return (tests_only && from_floor != "libs") || from_floor == "bench";
    }
    match from_floor {
        "platform" => {
            let below =
                PLATFORM.iter().find(|(room, _)| *room == from_room).map_or(&[][..], |(_, below)| below);
            to_floor == "platform" && below.contains(&to_room)
        }
        "services" => to_floor == "platform",
        "app" => matches!(to_floor, "platform" | "services"),
        // Measures the program from outside and inside; nobody leans on it.
        "bench" => matches!(to_floor, "platform" | "services" | "app"),
        // libs stand alone, and the tool knows no room of the product.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(folder: &str, needs: &[(&str, bool)]) -> Member {
        let name = folder.rsplit('/').next().unwrap();
        Member {
            name: name.into(),
            folder: folder.into(),
            needs: needs.iter().map(|(n, t)| (n.to_string(), *t)).collect(),
        }
    }

    /// A house with one more dependency in one of its rooms.
    fn house_with(folder: &str, need: &str, tests_only: bool) -> usize {
        let rooms = [
            ("libs/log", vec![]),
            ("platform/kernel", vec![]),
            ("platform/store", vec![("kernel", false), ("rusqlite", false), ("testing", true)]),
            ("platform/record", vec![("store", false), ("log", false)]),
            ("platform/http", vec![("record", false), ("ui", false)]),
            ("platform/ui", vec![("kernel", false)]),
            ("platform/testing", vec![("store", false)]),
            ("services/identity", vec![("http", false)]),
            ("services/tax", vec![("http", false)]),
            ("app/daftar", vec![("identity", false), ("tax", false)]),
        ];
        let members: Vec<Member> = rooms
            .into_iter()
            .map(|(room, mut needs)| {
                if room == folder {
                    needs.push((need, tests_only));
                }
                member(room, &needs)
            })
            .collect();
        check(&members).len()
    }

    #[test]
    fn the_house_as_designed_passes() {
        assert_eq!(house_with("platform/record", "serde", false), 0);
    }

    #[test]
    fn every_way_up_or_sideways_is_found() {
        for (folder, need) in [
            ("libs/log", "kernel"),
            ("platform/kernel", "store"),
            ("platform/store", "record"),
            ("platform/ui", "store"),
            ("platform/record", "ui"),
            ("platform/http", "identity"),
            ("services/tax", "identity"),
            ("services/tax", "rusqlite"),
            ("services/tax", "testing"),
            ("app/daftar", "openssl"),
        ] {
            assert_eq!(house_with(folder, need, false), 1, "{folder} -> {need}");
        }
        assert_eq!(house_with("services/tax", "testing", true), 0);
        assert_eq!(house_with("services/tax", "identity", true), 1);
    }

    #[test]
    fn reads_cargo_metadata() {
        let text = r#"{"workspace_root":"/r","packages":[{"name":"daftar-kernel","manifest_path":"/r/platform/kernel/Cargo.toml",
            "dependencies":[{"name":"serde","kind":null},{"name":"proptest","kind":"dev"}]}]}"#;
        let expected = Member {
            name: "daftar-kernel".into(),
            folder: "platform/kernel".into(),
            needs: vec![("serde".into(), false), ("proptest".into(), true)],
        };
        assert_eq!(members(text).unwrap(), [expected]);
    }
}

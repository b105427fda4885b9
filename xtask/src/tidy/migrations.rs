//! Law 5: the same steps for both engines, and a released step is never edited.
//!
//! `migrations/HASHES` holds lines as `sha256sum` prints them, so `cd migrations && sha256sum -c HASHES` says the same.

use super::{Finding, Tree, crate_folder};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

const ENGINES: [&str; 2] = ["sqlite", "postgres"];

/// The migrations of one crate: path below `migrations/` to text.
type Steps<'a> = BTreeMap<&'a str, &'a str>;

/// Steps that only one engine has, gaps in the numbers, files without their hash, and edited files.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (folder, steps) in crates(tree) {
        let mut find = |file: &str, message: String, remedy| {
            let path = format!("{folder}/migrations/{file}");
            findings.push(Finding { check: "migrations", path, line: 0, message, remedy });
        };
        for (mine, other) in [(ENGINES[0], ENGINES[1]), (ENGINES[1], ENGINES[0])] {
            let names = names(&steps, mine);
            for missing in names.difference(&self::names(&steps, other)) {
                find(
                    &format!("{mine}/{missing}"),
                    format!("{other} has no such step"),
                    "write it for both engines",
                );
            }
            for (position, name) in names.iter().enumerate() {
                if !name.starts_with(&format!("{:04}_", position + 1)) {
                    find(
                        &format!("{mine}/{name}"),
                        format!("expected number {:04}", position + 1),
                        "number steps 0001_name.sql, 0002_... without gaps",
                    );
                }
            }
        }
        let listed = listed(tree, folder);
        for (file, text) in &steps {
            match listed.get(*file) {
                None => find(file, "its hash is not in HASHES".into(), "cargo xtask tidy --bless"),
                Some(hash) if *hash != hash_of(text) => {
                    find(
                        file,
                        "it was edited after its hash was taken".into(),
                        "add a new step instead; only when it was never released, take its line out of HASHES and run cargo xtask tidy --bless",
                    );
                }
                Some(_) => {}
            }
        }
        for gone in listed.keys().filter(|file| !steps.contains_key(*file)) {
            find(gone, "it is in HASHES but not there".into(), "bring it back: a released step stays");
        }
    }
    findings
}

/// Every crate's `HASHES` with lines added for files that have none; lines that are there stay as they are.
pub fn blessed(tree: &Tree) -> Vec<(String, String)> {
    let add = |(folder, steps): (&str, Steps)| {
        let mut lines: BTreeMap<String, String> = listed(tree, folder)
            .into_iter()
            .map(|(file, hash)| (file.to_string(), hash.to_string()))
            .collect();
        for (file, text) in steps {
            lines.entry(file.to_string()).or_insert_with(|| hash_of(text));
        }
        let text = lines.iter().map(|(file, hash)| format!("{hash}  {file}\n")).collect();
        (hashes_path(folder), text)
    };
    crates(tree).into_iter().map(add).collect()
}

fn crates(tree: &Tree) -> BTreeMap<&str, Steps<'_>> {
    let mut crates: BTreeMap<&str, Steps> = BTreeMap::new();
    for (path, text) in tree.ending(".sql") {
        if let Some(folder) = crate_folder(path)
            && let Some(file) = path[folder.len()..].strip_prefix("/migrations/")
        {
            crates.entry(folder).or_default().insert(file, text);
        }
    }
    crates
}

fn names<'a>(steps: &Steps<'a>, engine: &str) -> BTreeSet<&'a str> {
    steps.keys().filter_map(|file| file.strip_prefix(engine)?.strip_prefix('/')).collect()
}

fn hashes_path(folder: &str) -> String {
    format!("{folder}/migrations/HASHES")
}

fn listed<'a>(tree: &'a Tree, folder: &str) -> BTreeMap<&'a str, &'a str> {
    let text = tree.get(&hashes_path(folder)).unwrap_or_default();
    text.lines().filter_map(|line| line.split_once("  ")).map(|(hash, file)| (file, hash)).collect()
}

fn hash_of(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A crate whose files are these, with HASHES as `--bless` writes it, then with one file changed.
    fn findings(files: &[&str], change: Option<(&str, &str)>) -> usize {
        let paths: Vec<String> = files.iter().map(|file| format!("platform/x/migrations/{file}")).collect();
        let mut entries: Vec<(&str, &str)> =
            paths.iter().map(|path| (path.as_str(), "create table x_a (n bigint);")).collect();
        let blessed = blessed(&Tree::of(&entries));
        entries.extend(blessed.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        if let Some((path, text)) = change {
            entries.retain(|(name, _)| *name != path);
            entries.push((path, text));
        }
        check(&Tree::of(&entries)).len()
    }

    #[test]
    fn pairs_with_hashes_pass() {
        assert_eq!(findings(&["sqlite/0001_a.sql", "postgres/0001_a.sql"], None), 0);
    }

    #[test]
    fn each_slip_is_found() {
        assert_eq!(findings(&["sqlite/0001_a.sql"], None), 1);
        assert_eq!(findings(&["sqlite/0001_a.sql", "postgres/0001_b.sql"], None), 2);
        assert_eq!(findings(&["sqlite/0002_a.sql", "postgres/0002_a.sql"], None), 2);
        let both = ["sqlite/0001_a.sql", "postgres/0001_a.sql"];
        assert_eq!(findings(&both, Some(("platform/x/migrations/sqlite/0001_a.sql", "edited"))), 1);
        assert_eq!(findings(&both, Some(("platform/x/migrations/HASHES", ""))), 2);
        let one_gone = format!("{}  sqlite/0002_gone.sql\n", hash_of(""));
        assert_eq!(findings(&both, Some(("platform/x/migrations/HASHES", &one_gone))), 3);
    }

    #[test]
    fn hashes_are_what_sha256sum_prints() {
        assert_eq!(hash_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}

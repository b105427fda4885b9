//! The budget of packages, and the committed list of those built in two versions.

use super::Finding;
use std::collections::{BTreeMap, BTreeSet};

/// At most so many packages are built for the default program on Linux.
pub const BUDGET: usize = 450;

/// The committed list: `name version version`, sorted.
pub const DUPLICATES: &str = "xtask/duplicates.txt";

/// How many packages `cargo tree --prefix none` names, each counted once.
pub fn count(tree: &str) -> usize {
    packages(tree).values().map(BTreeSet::len).sum()
}

/// A budget overrun, and differences from the committed list.
pub fn check(tree: &str, list: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let built = count(tree);
    if built > BUDGET {
        findings.push(Finding {
            check: "packages",
            path: "Cargo.lock".into(),
            line: 0,
            message: format!("{built} packages are built for the default program, of at most {BUDGET}"),
            remedy: "ask what the newest dependency pulls in, and what we would write instead",
        });
    }
    let (now, listed): (BTreeSet<String>, BTreeSet<String>) =
        (duplicates(tree).collect(), list.lines().map(String::from).collect());
    let mut find = |line: &String, message, remedy| {
        findings.push(Finding {
            check: "packages",
            path: DUPLICATES.into(),
            line: 0,
            message: format!("{line}: {message}"),
            remedy,
        });
    };
    for new in now.difference(&listed) {
        find(
            new,
            "built in more than one version, and not in the list",
            "choose one version; if that cannot be, run cargo xtask tidy --bless and say why in the commit",
        );
    }
    for gone in listed.difference(&now) {
        find(gone, "in the list, but not so any more", "cargo xtask tidy --bless: the list shrinks");
    }
    findings
}

/// The committed list as it should be now.
pub fn duplicates_text(tree: &str) -> String {
    duplicates(tree).map(|line| line + "\n").collect()
}

fn duplicates(tree: &str) -> impl Iterator<Item = String> {
    packages(tree).into_iter().filter(|(_, versions)| versions.len() > 1).map(|(name, versions)| {
        let versions: Vec<&str> = versions.into_iter().collect();
        format!("{name} {}", versions.join(" "))
    })
}

fn packages(tree: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut packages: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(version)) = (words.next(), words.next())
            && version.starts_with('v')
        {
            packages.entry(name).or_default().insert(version);
        }
    }
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "daftar v0.1.0 (/x)\nserde v1.0.1\nserde v1.0.1 (*)\nsha2 v0.10.9\n\nsha2 v0.11.1\nsyn v2.0.0 (proc-macro)\n[build-dependencies]\n";

    #[test]
    fn counts_each_package_once() {
        assert_eq!(count(TREE), 5);
        assert_eq!(duplicates_text(TREE), "sha2 v0.10.9 v0.11.1\n");
        assert!(check(TREE, "sha2 v0.10.9 v0.11.1\n").is_empty());
    }

    #[test]
    fn an_overrun_and_both_differences_are_found() {
        assert_eq!(check(TREE, "").len(), 1);
        assert_eq!(check(TREE, "sha2 v0.10.9 v0.11.1\nold v1.0.0 v2.0.0\n").len(), 1);
        let many: String = (0..=BUDGET).map(|n| format!("p{n} v1.0.0\n")).collect();
        assert_eq!(check(&many, "").len(), 1);
        let at: String = (0..BUDGET).map(|n| format!("p{n} v1.0.0\n")).collect();
        assert!(check(&at, "").is_empty());
    }
}

//! Every crate says what it is and what it must never know.

use super::{Finding, Tree, crate_folder};

/// Crates without a description or README, and READMEs that draw no line.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, manifest) in tree.ending("Cargo.toml") {
        // A judge may bring a crate of its own: it is a program of others, built apart.
        if crate_folder(path).is_none() || !manifest.contains("[package]") {
            continue;
        }
        let folder = path.trim_end_matches("Cargo.toml");
        let mut find = |path: String, message: &str, remedy| {
            findings.push(Finding { check: "crates", path, line: 0, message: message.into(), remedy });
        };
        if !manifest
            .lines()
            .any(|line| line.starts_with("description = \"") && line.len() > "description = \"\"".len())
        {
            find(path.into(), "the crate has no description", "add description = \"one sentence\"");
        }
        if !manifest.lines().any(|line| line == "[lints]") {
            find(path.into(), "the crate does not take the house's lints", "add [lints] workspace = true");
        }
        match tree.get(&format!("{folder}README.md")) {
            None => find(
                path.into(),
                "the crate has no README.md",
                "write what it is, its words, what it must never know, one example",
            ),
            Some(text) if !text.to_lowercase().contains("never know") => {
                find(
                    format!("{folder}README.md"),
                    "the README draws no line",
                    "write what the crate must never know",
                );
            }
            Some(_) => {}
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[package]\nname = \"x\"\ndescription = \"What it is.\"\n[lints]\nworkspace = true\n";

    #[test]
    fn a_crate_that_says_everything_passes() {
        assert!(
            check(&Tree::of(&[
                ("libs/x/Cargo.toml", GOOD),
                ("libs/x/README.md", "It must never know a clock.")
            ]))
            .is_empty()
        );
        assert!(
            check(&Tree::of(&[("Cargo.toml", "[workspace]\n"), ("judges/x/rust/Cargo.toml", "[package]\n")]))
                .is_empty()
        );
    }

    #[test]
    fn each_omission_is_found() {
        let count = |manifest: &str, readme: &str| {
            check(&Tree::of(&[("libs/x/Cargo.toml", manifest), ("libs/x/README.md", readme)])).len()
        };
        assert_eq!(count(GOOD, "Words."), 1);
        assert_eq!(count(&GOOD.replace("What it is.", ""), "never know"), 1);
        assert_eq!(count(&GOOD.replace("[lints]", "[other]"), "never know"), 1);
        assert_eq!(check(&Tree::of(&[("libs/x/Cargo.toml", GOOD)])).len(), 1);
    }
}

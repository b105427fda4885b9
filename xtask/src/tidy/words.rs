//! Words that have no place: paths of a machine, hosts of registries, unfinished work, engines outside the store,
//! SQL put together at run time, floating point where exactness is law.

use super::{Finding, Tree, crate_folder};
use crate::run;
use std::path::Path;

/// What would give away the machine a file was written on.
#[derive(Debug, Default)]
pub struct Machine {
    paths: Vec<String>,
}

impl Machine {
    /// This one: the folder around the clone and the user's own.
    pub fn this(root: &Path) -> Self {
        let around = root.parent().map(|folder| folder.display().to_string());
        let paths = [around, run::env("HOME")].into_iter().flatten();
        // A clone at the very top would make every absolute path suspicious.
        Self { paths: paths.filter(|path| path.len() > 1).map(|path| path + "/").collect() }
    }
}

/// One word to look for.
struct Rule {
    check: &'static str,
    words: &'static [&'static str],
    applies: fn(&str) -> bool,
    message: &'static str,
    remedy: &'static str,
}

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}
fn is_written(path: &str) -> bool {
    // Cargo.lock names the public index by its usual address; LICENSE is not ours to edit.
    !path.ends_with("Cargo.lock") && path != "LICENSE"
}
fn is_product_outside_store(path: &str) -> bool {
    let apart = ["/tests/", "/benches/", "/examples/"].iter().any(|part| path.contains(part));
    let folder = crate_folder(path);
    is_rust(path) && !apart && !matches!(folder, Some("platform/store" | "platform/testing" | "xtask") | None)
}

/// The words are put together with `concat!` so that this file does not hold them.
const RULES: &[Rule] = &[
    Rule {
        check: "machine-paths",
        words: &[concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")],
        applies: is_written,
        message: "a path of one machine",
        remedy: "use a path from the top of the repository, or a setting",
    },
    Rule {
        check: "registry-hosts",
        words: &[
            concat!("index.crates", ".io"),
            concat!("static.crates", ".io"),
            concat!("registry.npm", "js.org"),
            concat!("files.python", "hosted.org"),
            concat!("pypi", ".org"),
            concat!("proxy.golang", ".org"),
        ],
        applies: is_written,
        message: "the host of a package registry",
        remedy: "name the package; the client knows its registry",
    },
    Rule {
        check: "unfinished",
        words: &[
            concat!("to", "do!("),
            concat!("unimpl", "emented!("),
            concat!("FIX", "ME"),
            concat!("#[ig", "nore]"),
        ],
        applies: is_rust,
        message: "unfinished work",
        remedy: "finish it, or leave it out and file an issue",
    },
    Rule {
        check: "engines",
        words: &[
            concat!("if sq", "lite"),
            concat!("is_sq", "lite"),
            concat!("is_post", "gres"),
            concat!("Engine::", "Sqlite"),
            concat!("Engine::", "Postgres"),
        ],
        applies: is_product_outside_store,
        message: "only the store may tell the engines apart",
        remedy: "write one SQL text for both; if that cannot be, give platform/store a function",
    },
    Rule {
        check: "dynamic-sql",
        words: &[
            concat!("Sql::", "dynamic"),
            concat!("format!(\"sel", "ect "),
            concat!("format!(\"ins", "ert into"),
            concat!("format!(\"upd", "ate "),
            concat!("format!(\"del", "ete from"),
        ],
        applies: is_product_outside_store,
        message: "SQL put together at run time",
        remedy: "write the whole text in sql!(...) and give values as parameters",
    },
    Rule {
        check: "floats",
        words: &[concat!("f", "32"), concat!("f", "64")],
        applies: |path| is_rust(path) && crate_folder(path).is_some_and(|folder| folder != "xtask"),
        message: "floating point",
        remedy: "use integers in minor units or exact fractions; for a crate that holds no money, votes, seats or law, add it to xtask/tidy.toml with the reason",
    },
];

/// Lines that hold a word without a place there.
pub fn check(tree: &Tree, here: &Machine) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.all() {
        for rule in RULES.iter().filter(|rule| (rule.applies)(path)) {
            for (number, line) in text.lines().enumerate() {
                let code = if rule.check == "floats" { without_comment(line) } else { line };
                let lower = code.to_lowercase();
                if let Some(word) = rule.words.iter().find(|word| {
                    holds(code, word) || rule.check == "dynamic-sql" && lower.contains(&word.to_lowercase())
                }) {
                    findings.push(finding(
                        rule.check,
                        path,
                        number,
                        format!("{}: {word}", rule.message),
                        rule.remedy,
                    ));
                }
            }
        }
        if is_written(path) {
            for (number, line) in text.lines().enumerate() {
                if here.paths.iter().any(|place| line.contains(place.as_str())) {
                    findings.push(finding(
                        "machine-paths",
                        path,
                        number,
                        "a path of this machine".into(),
                        RULES[0].remedy,
                    ));
                }
            }
        }
    }
    findings
}

fn finding(check: &'static str, path: &str, number: usize, message: String, remedy: &'static str) -> Finding {
    Finding { check, path: path.into(), line: number + 1, message, remedy }
}

fn without_comment(line: &str) -> &str {
    line.find("//").map_or(line, |at| &line[..at])
}

/// Whether the line holds the word; a word of letters and digits must stand alone.
fn holds(line: &str, word: &str) -> bool {
    let alone = word.bytes().all(|b| b.is_ascii_alphanumeric());
    line.match_indices(word).any(|(at, _)| {
        let touches = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !alone || !touches(line[..at].chars().next_back()) && !touches(line[at + word.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<&'static str> {
        check(&Tree::of(&[(path, text)]), &Machine { paths: vec!["/elsewhere/clones/".into()] })
            .into_iter()
            .map(|finding| finding.check)
            .collect()
    }

    #[test]
    fn each_planted_word_is_found() {
        for (path, text, expected) in [
            ("docs/x.md", concat!("see /ho", "me/ann/x"), "machine-paths"),
            ("docs/x.md", "see /elsewhere/clones/daftar", "machine-paths"),
            ("judges/x/run.py", concat!("https://registry.npm", "js.org/x"), "registry-hosts"),
            ("libs/x/src/lib.rs", concat!("to", "do!()"), "unfinished"),
            ("services/tax/src/lib.rs", concat!("if sq", "lite {"), "engines"),
            ("services/tax/src/lib.rs", concat!("format!(\"SEL", "ECT {x} from y\")"), "dynamic-sql"),
            ("services/tax/src/lib.rs", concat!("Sql::", "dynamic(text)"), "dynamic-sql"),
            ("services/tax/src/lib.rs", concat!("let tax: f", "64 = 0.1;"), "floats"),
        ] {
            assert_eq!(found(path, text), [expected], "{text}");
        }
    }

    #[test]
    fn words_in_their_place_pass() {
        for (path, text) in [
            ("Cargo.lock", concat!("registry+https://index.crates", ".io/")),
            ("platform/store/src/lib.rs", concat!("if sq", "lite {")),
            ("platform/store/src/lib.rs", concat!("Sql::", "dynamic(text)")),
            ("services/tax/src/lib.rs", concat!("// never f", "64\nlet buf", "f", "64er = 1;")),
            ("docs/x.md", concat!("never f", "64")),
            ("services/tax/tests/it/main.rs", concat!("TestStore::on(Engine::", "Sqlite)")),
        ] {
            assert!(found(path, text).is_empty(), "{text}");
        }
    }
}

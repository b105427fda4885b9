//! Are the texts whole? For tests: every key that code asks for exists with the placeables it gives, every language
//! says the same, and nothing lies about unused.
//!
//! The scanner reads source text, so it keeps to a convention: the receiver is called `t` or `texts`
//! (`f.t.get("..")`) or the call is `cx.frame("..")` or `word("..")`, the key is a literal, and a key that is chosen at
//! run time is written `key!("..")` where it is chosen. Tests and comments are not read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use crate::texts::{Bundle, line_of};
use crate::{Catalog, placeables};

/// A message key that is chosen at run time: `key!("ui-yes")` is the text itself, seen by [`check`].
#[macro_export]
macro_rules! key {
    ($key:literal) => {
        $key
    };
}

/// A file of the crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Name, for findings.
    pub file: String,
    /// Rust or template text.
    pub text: String,
}

/// What is not whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Name of the file.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Every `.rs` and `.html` file below a folder, without what lies below `tests/`, `examples/` and `target/`.
///
/// # Errors
/// When a folder or file cannot be read.
pub fn sources_under(dir: &Path) -> std::io::Result<Vec<Source>> {
    let mut out = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            if path.is_dir() {
                if !["tests", "examples", "benches", "target", ".git"].contains(&name.as_str()) {
                    open.push(path);
                }
            } else if [".rs", ".html"].iter().any(|end| name.ends_with(end)) {
                let file = path.strip_prefix(dir).unwrap_or(&path).display().to_string();
                out.push(Source { file, text: std::fs::read_to_string(&path)? });
            }
        }
    }
    out.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(out)
}

/// A crate's texts against its own sources, with the shared texts of `ui` known. Give `env!("CARGO_MANIFEST_DIR")`.
/// Assert that nothing is found.
#[must_use]
pub fn check_crate(bundles: &[Bundle], manifest_dir: &str) -> Vec<Finding> {
    let mut shared: Vec<Bundle> = crate::BUNDLES.to_vec();
    shared.retain(|ui| bundles.iter().all(|own| own.crate_name != ui.crate_name));
    match sources_under(Path::new(manifest_dir)) {
        Ok(sources) => check(bundles, &shared, &sources),
        Err(error) => {
            vec![Finding { file: manifest_dir.into(), line: 0, message: format!("cannot be read: {error}") }]
        }
    }
}

/// Texts against sources. Keys of `shared` are known, but may be unused.
#[must_use]
pub fn check(own: &[Bundle], shared: &[Bundle], sources: &[Source]) -> Vec<Finding> {
    let all: Vec<Bundle> = own.iter().chain(shared).copied().collect();
    let mut findings: Vec<Finding> = Catalog::new(&all)
        .err()
        .unwrap_or_default()
        .into_iter()
        .map(|fault| Finding { file: fault.file, line: fault.line, message: fault.message })
        .collect();
    let mut english: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for bundle in all.iter().filter(|bundle| bundle.lang == "en") {
        english.extend(placeables::of(bundle.text));
    }
    findings.extend(own.iter().flat_map(|bundle| same_as_english(bundle, &all)));
    for source in sources {
        let text = without_tests_and_comments(source);
        findings.extend(uses(&text).into_iter().filter_map(|used| {
            let message = wrong_use(&used, &english)?;
            Some(Finding { file: source.file.clone(), line: used.line, message })
        }));
    }
    findings
        .extend(own.iter().filter(|bundle| bundle.lang == "en").flat_map(|bundle| unused(bundle, sources)));
    findings.sort();
    findings
}

/// Keys that code puts together at run time, as one more source for [`check`]: each must exist, and is in use.
#[must_use]
pub fn built(keys: impl IntoIterator<Item = String>) -> Source {
    let lines: Vec<String> = keys.into_iter().map(|key| format!("key!(\"{key}\")")).collect();
    Source { file: "keys built at run time".into(), text: lines.join("\n") }
}

/// Words in quotes that begin as a crate's keys do and are neither a message nor a problem's code: a misspelt key, handed
/// on in a way that [`check`] does not see. `names` are the words that mean something else; each must still be there.
#[must_use]
pub fn strays(own: &[Bundle], names: &[&str], sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    for bundle in own.iter().filter(|bundle| bundle.lang == "en") {
        let keys = placeables::of(bundle.text);
        let start = format!("\"{}-", bundle.crate_name);
        for source in sources {
            let text = without_tests_and_comments(source);
            for (at, _) in text.match_indices(&start) {
                let Some((word, _)) = literal(&text[at..]) else { continue };
                if word.ends_with('-') {
                    // The beginning of keys that are put together.
                } else if names.contains(&word) {
                    seen.insert(word.to_string());
                } else if !keys.contains_key(word) && !keys.contains_key(&format!("problem-{word}")) {
                    let message = format!("'{word}' looks like a key, and there is no such message");
                    findings.push(Finding { file: source.file.clone(), line: line_at(&text, at), message });
                }
            }
        }
    }
    let gone = names.iter().filter(|name| !seen.contains(**name));
    findings.extend(gone.map(|name| Finding {
        file: "names".into(),
        line: 0,
        message: format!("'{name}' is no longer written anywhere: take it off the list"),
    }));
    findings.sort();
    findings
}

fn line_at(text: &str, at: usize) -> usize {
    text[..at].bytes().filter(|b| *b == b'\n').count() + 1
}

fn file_of(bundle: &Bundle) -> String {
    format!("{}/locales/{}.ftl", bundle.crate_name, bundle.lang)
}

/// One language of a crate against its English: keys, placeables and the prefix.
fn same_as_english(bundle: &Bundle, all: &[Bundle]) -> Vec<Finding> {
    let keys = placeables::of(bundle.text);
    let found = |key: &str, message: String| Finding {
        file: file_of(bundle),
        line: line_of(bundle.text, key),
        message: format!("'{key}' {message}"),
    };
    let mut out = Vec::new();
    let prefix = format!("{}-", bundle.crate_name);
    for key in keys.keys().filter(|key| !key.starts_with(&prefix) && !key.starts_with("problem-")) {
        out.push(found(key, format!("must start with '{prefix}'")));
    }
    let Some(english) = all.iter().find(|b| b.crate_name == bundle.crate_name && b.lang == "en") else {
        return out;
    };
    let wanted = placeables::of(english.text);
    for (key, names) in &wanted {
        match keys.get(key) {
            None => out.push(found(key, "is missing".into())),
            Some(here) if here != names => {
                out.push(found(key, format!("has {here:?}, English has {names:?}")))
            }
            Some(_) => {}
        }
    }
    out.extend(
        keys.keys()
            .filter(|key| !wanted.contains_key(*key))
            .map(|key| found(key, "is not in English".into())),
    );
    out
}

fn unused(bundle: &Bundle, sources: &[Source]) -> Vec<Finding> {
    let quoted = |word: &str| sources.iter().any(|source| source.text.contains(&format!("\"{word}\"")));
    let used = |key: &str| {
        let code = key.strip_prefix("problem-").map(|code| code.strip_suffix("-next").unwrap_or(code));
        quoted(key) || code.is_some_and(quoted)
    };
    placeables::of(bundle.text)
        .into_keys()
        .filter(|key| !used(key))
        .map(|key| Finding {
            file: file_of(bundle),
            line: line_of(bundle.text, &key),
            message: format!("'{key}' is used nowhere"),
        })
        .collect()
}

/// A place in a source that needs a message.
struct Use {
    key: String,
    line: usize,
    needs: Needs,
}

enum Needs {
    /// The message, whatever it is filled with.
    Any,
    /// Exactly these placeables.
    Exactly(Vec<String>),
    /// So many placeables.
    Count(usize),
}

fn wrong_use(used: &Use, english: &BTreeMap<String, BTreeSet<String>>) -> Option<String> {
    let key = &used.key;
    let Some(names) = english.get(key) else { return Some(format!("there is no message '{key}'")) };
    match &used.needs {
        Needs::Any => None,
        Needs::Exactly(given) if *names == given.iter().cloned().collect() => None,
        Needs::Count(given) if names.len() == *given => None,
        Needs::Exactly(given) => Some(format!("'{key}' needs {names:?} and is given {given:?}")),
        Needs::Count(given) => Some(format!("'{key}' needs {names:?} and is given {given}")),
    }
}

fn uses(text: &str) -> Vec<Use> {
    let mut out = Vec::new();
    let line = |at: usize| line_at(text, at);
    for method in [".get(", ".one(", ".two(", ".with("] {
        for (at, _) in text.match_indices(method) {
            let receiver: String =
                text[..at].chars().rev().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            // Reversed, since it is read from its end.
            if !["t", "stxet"].contains(&receiver.as_str()) {
                continue;
            }
            let Some((key, rest)) = literal(&text[at + method.len()..]) else { continue };
            let needs = match method {
                ".get(" => Needs::Exactly(Vec::new()),
                ".two(" => Needs::Count(2),
                ".one(" => match rest.trim_start().strip_prefix(',').and_then(literal) {
                    Some((name, _)) => Needs::Exactly(vec![name.to_string()]),
                    None => Needs::Count(1),
                },
                _ => Needs::Any,
            };
            out.push(Use { key: key.to_string(), line: line(at), needs });
        }
    }
    // `cx.frame("key")` is a page's title; `word("key")` the usual name of a closure over `t.get`.
    for chosen in ["key!(", ".frame(", "word("] {
        for (at, found) in text.match_indices(chosen) {
            // `thing.word(..)` and `password(..)` are something else.
            let before = text[..at].chars().next_back();
            if chosen == "word(" && before.is_some_and(|c| c == '.' || c == '_' || c.is_alphanumeric()) {
                continue;
            }
            if let Some((key, _)) = literal(&text[at + found.len()..]) {
                out.push(Use { key: key.to_string(), line: line(at), needs: Needs::Any });
            }
        }
    }
    for (at, found) in text.match_indices("Problem::") {
        let rest = &text[at + found.len()..];
        let Some((constructor, arguments)) = rest.split_once('(') else { continue };
        let code = match constructor {
            "malformed" | "forbidden" | "conflict" | "refused" | "unavailable" => literal(arguments),
            "new" => arguments.split_once(',').and_then(|(_, second)| literal(second)),
            _ => None,
        };
        if let Some((code, _)) = code {
            for key in [format!("problem-{code}"), format!("problem-{code}-next")] {
                out.push(Use { key, line: line(at), needs: Needs::Any });
            }
        }
    }
    out
}

/// The key or name in quotes at the start, and what follows it.
fn literal(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.trim_start().strip_prefix('"')?.split_once('"')?;
    let plain = word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    (plain && !word.is_empty()).then_some((word, rest))
}

fn without_tests_and_comments(source: &Source) -> String {
    let code = source.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    // Lines stay, so that numbers stay right.
    code.lines()
        .map(|line| if line.trim_start().starts_with("//") { "" } else { line })
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: &str = "x-a = A\nx-b = B { $n }\nproblem-x-bad = Bad\nproblem-x-bad-next = Mend it\n";
    const GOOD: &str =
        "fn f(t: &Texts) { t.get(\"x-a\"); f.t.one(\n \"x-b\", \"n\", 1); Problem::refused(\"x-bad\") }";

    fn bundle(lang: &'static str, text: &'static str) -> Bundle {
        Bundle { crate_name: "x", lang, text }
    }
    fn messages(bundles: &[Bundle], source: &str) -> Vec<String> {
        let source = Source { file: "a.rs".into(), text: source.into() };
        check(bundles, &[], &[source]).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn whole_texts_pass() {
        let fr =
            bundle("fr", "x-a = A\nx-b = { $n } B\nproblem-x-bad = Non\nproblem-x-bad-next = Refaites\n");
        assert_eq!(messages(&[bundle("en", EN), fr], GOOD), [""; 0]);
    }

    #[test]
    fn every_planted_fault_is_found() {
        let en = bundle("en", EN);
        let finds = |bundles: &[Bundle], extra: &str, part: &str| {
            let found = messages(bundles, &format!("{GOOD}\n{extra}"));
            assert!(found.iter().any(|m| m.contains(part)), "{part}: {found:?}");
        };
        finds(&[en], "t.get(\"x-none\")", "no message 'x-none'");
        finds(&[en], "key!(\"x-none\")", "no message 'x-none'");
        finds(&[en], "cx.frame(\"x-none\")", "no message 'x-none'");
        finds(&[en], "word(\"x-none\")", "no message 'x-none'");
        finds(&[en], "Problem::new(Kind::Refused, \"y\")", "no message 'problem-y'");
        finds(&[en], "t.get(\"x-b\")", "needs");
        finds(&[en], "t.one(\"x-b\", \"m\", 1)", "needs");
        finds(&[en], "t.two(\"x-b\", \"n\", 1, \"m\", 2)", "needs");
        finds(
            &[bundle("en", "x-a = A\nx-b = { $n }\nx-c = C\nproblem-x-bad=x\nproblem-x-bad-next=x\n")],
            "",
            "nowhere",
        );
        finds(&[en, bundle("fr", "x-a = A\n")], "", "is missing");
        finds(&[en, bundle("fr", "x-z = A\n")], "", "not in English");
        finds(&[en, bundle("fr", "x-b = B\n")], "", "English has");
        finds(&[bundle("en", "y-a = A\n")], "", "must start with");
    }

    #[test]
    fn other_getters_tests_and_comments_are_not_texts() {
        let en = bundle("en", EN);
        let harmless = "map.get(\"no\"); faults.word(\"no\"); password(\"no\"); headers.get(\"no\")\n// t.get(\"no\")\n#[cfg(test)]\nmod tests { t.get(\"no\") }";
        assert_eq!(messages(&[en], &format!("{GOOD}\n{harmless}")), [""; 0]);
    }

    #[test]
    fn keys_that_are_built_must_exist_and_are_used() {
        let en = bundle("en", "x-a-one = 1\nx-a-two = 2\n");
        let with = |words: &[&str]| {
            let found = check(&[en], &[], &[built(words.iter().map(|word| format!("x-a-{word}")))]);
            found.into_iter().map(|finding| finding.message).collect::<Vec<_>>()
        };
        assert_eq!(with(&["one", "two"]), [""; 0]);
        assert_eq!(with(&["one"]), ["'x-a-two' is used nowhere"]);
        assert_eq!(with(&["one", "two", "three"]), ["there is no message 'x-a-three'"]);
    }

    #[test]
    fn a_misspelt_key_in_a_closure_of_ones_own_is_found() {
        let found = |text: &str, names: &[&str]| {
            let source = Source { file: "a.rs".into(), text: text.into() };
            let found = strays(&[bundle("en", EN)], names, &[source]);
            found.into_iter().map(|finding| (finding.line, finding.message)).collect::<Vec<_>>()
        };
        let good = "row(\"x-a\"); task(\"x-b\"); code(\"x-bad\"); other(\"y-z\"); format!(\"x-{}\", 1)";
        assert_eq!(found(good, &[]), []);
        let stray = "\nrow(\"x-aa\")";
        assert_eq!(found(stray, &[]), [(2, "'x-aa' looks like a key, and there is no such message".into())]);
        assert_eq!(found(stray, &["x-aa"]), []);
        assert_eq!(found(good, &["x-aa"]).len(), 1, "a name that is gone must leave the list");
    }

    #[test]
    fn the_words_of_this_crate_are_whole() {
        let mut findings = check_crate(&crate::BUNDLES, env!("CARGO_MANIFEST_DIR"));
        // Shared words are used by every other crate; the whole house is checked by the program's test.
        findings.retain(|finding| !finding.message.ends_with("is used nowhere"));
        assert!(findings.is_empty(), "{findings:#?}");
    }
}

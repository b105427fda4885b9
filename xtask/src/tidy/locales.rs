//! A crate's languages say the same things: the same keys, with the same values put in.

use super::{Finding, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// Key to its line and the names of the values put in.
type Messages = BTreeMap<String, (usize, BTreeSet<String>)>;

/// Keys and placeables that one language of a folder `locales/` has and its English does not, or the reverse.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut folders: BTreeMap<&str, Vec<(&str, Messages)>> = BTreeMap::new();
    for (path, text) in tree.ending(".ftl") {
        // A country pack overlays only the texts it wants different.
        if let Some((folder, file)) = path.rsplit_once('/')
            && folder.ends_with("/locales")
            && !folder.starts_with("country/")
        {
            folders.entry(folder).or_default().push((file, messages(text)));
        }
    }
    let mut findings = Vec::new();
    for (folder, languages) in &folders {
        let Some((_, english)) = languages.iter().find(|(file, _)| *file == "en.ftl") else {
            findings.push(finding(
                format!("{folder}/en.ftl"),
                0,
                "there is no English".into(),
                "add en.ftl: others are compared with it",
            ));
            continue;
        };
        for (file, other) in languages {
            compare(&format!("{folder}/{file}"), english, other, &mut findings);
        }
    }
    findings
}

fn compare(path: &str, english: &Messages, other: &Messages, findings: &mut Vec<Finding>) {
    for (key, (_, wanted)) in english {
        match other.get(key) {
            None => findings.push(finding(path.into(), 0, format!("'{key}' is missing"), "translate it")),
            Some((line, given)) if given != wanted => {
                let message = format!("'{key}' puts in {given:?}, English {wanted:?}");
                findings.push(finding(path.into(), *line, message, "put the same values in"));
            }
            Some(_) => {}
        }
    }
    for (key, (line, _)) in other.iter().filter(|(key, _)| !english.contains_key(*key)) {
        findings.push(finding(
            path.into(),
            *line,
            format!("'{key}' is not in en.ftl"),
            "add it there or take it out here",
        ));
    }
}

fn finding(path: String, line: usize, message: String, remedy: &'static str) -> Finding {
    Finding { check: "locales", path, line, message, remedy }
}

/// The messages of a Fluent file. Enough of its grammar for this: a message starts in the first column, and
/// `$name` in its lines is a value put in.
fn messages(text: &str) -> Messages {
    let mut messages = Messages::new();
    let mut current = None;
    for (number, line) in text.lines().enumerate() {
        let starts = line.starts_with(|c: char| c.is_ascii_alphabetic());
        if starts && let Some((key, _)) = line.split_once('=') {
            let key = key.trim().to_string();
            messages.entry(key.clone()).or_insert_with(|| (number + 1, BTreeSet::new()));
            current = Some(key);
        }
        if line.starts_with('#') {
            continue;
        }
        if let Some((_, names)) = current.as_ref().and_then(|key| messages.get_mut(key)) {
            names.extend(line.split('$').skip(1).filter_map(|after| {
                let end = after
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
                    .unwrap_or(after.len());
                (end > 0).then(|| after[..end].to_string())
            }));
        }
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(english: &str, arabic: &str) -> usize {
        check(&Tree::of(&[("platform/ui/locales/en.ftl", english), ("platform/ui/locales/ar.ftl", arabic)]))
            .len()
    }

    #[test]
    fn same_keys_and_values_pass_in_any_order() {
        assert_eq!(
            count(
                "a = x { $n }\nb =\n    { $m ->\n        [one] o\n       *[other] { $m }\n    }\n",
                "# $no\nb = { $m }\na = { $n } y\n"
            ),
            0
        );
    }

    #[test]
    fn each_difference_is_found() {
        assert_eq!(count("a = x\nb = y\n", "a = x\n"), 1);
        assert_eq!(count("a = x\n", "a = x\nb = y\n"), 1);
        assert_eq!(count("a = { $n }\n", "a = { $m }\n"), 1);
        assert_eq!(check(&Tree::of(&[("platform/ui/locales/ar.ftl", "a = x\n")])).len(), 1);
    }
}

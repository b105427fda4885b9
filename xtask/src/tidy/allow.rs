//! What may be overlooked, with a reason. An entry nothing needs is itself a finding, so the list only shrinks.

use super::Finding;
use anyhow::{Context, Result, bail};

/// The list.
pub const FILE: &str = "xtask/tidy.toml";

struct Entry {
    check: String,
    path: String,
    used: bool,
}

/// The findings that the list does not overlook, and one for every entry that overlooks nothing.
///
/// # Errors
/// When the list is not as its own first lines say.
pub fn apply(list: &str, findings: Vec<Finding>) -> Result<Vec<Finding>> {
    let mut entries = parse(list)?;
    let mut left: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| {
            let mut overlooked = false;
            for entry in &mut entries {
                if entry.check == finding.check && finding.path.starts_with(&entry.path) {
                    entry.used = true;
                    overlooked = true;
                }
            }
            !overlooked
        })
        .collect();
    left.extend(entries.iter().filter(|entry| !entry.used).map(|entry| Finding {
        check: "allow",
        path: FILE.into(),
        line: 0,
        message: format!("nothing in '{}' needs the exception from '{}' any more", entry.path, entry.check),
        remedy: "take the entry out",
    }));
    Ok(left)
}

fn parse(list: &str) -> Result<Vec<Entry>> {
    let table: toml::Table = list.parse().context(FILE)?;
    if let Some(key) = table.keys().find(|key| *key != "allow") {
        bail!("{FILE}: unknown key '{key}'");
    }
    let Some(entries) = table.get("allow") else { return Ok(Vec::new()) };
    let entries = entries.as_array().with_context(|| format!("{FILE}: write [[allow]]"))?;
    let text = |entry: &toml::Value, key: &str| -> Result<String> {
        let text = entry.get(key).and_then(toml::Value::as_str).unwrap_or_default().trim();
        if text.is_empty() {
            bail!("{FILE}: every [[allow]] says check, path and reason; one lacks {key}");
        }
        Ok(text.to_string())
    };
    entries
        .iter()
        .map(|entry| {
            text(entry, "reason")?;
            Ok(Entry { check: text(entry, "check")?, path: text(entry, "path")?, used: false })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(check: &'static str, path: &str) -> Finding {
        Finding { check, path: path.into(), line: 1, message: String::new(), remedy: "" }
    }

    #[test]
    fn overlooks_only_what_it_says() {
        let list = "[[allow]]\ncheck='floats'\npath='libs/svg-chart'\nreason='drawing'\n";
        let left =
            apply(list, vec![finding("floats", "libs/svg-chart/src/lib.rs"), finding("floats", "libs/x")])
                .unwrap();
        assert_eq!(left, [finding("floats", "libs/x")]);
    }

    #[test]
    fn finds_an_entry_nothing_needs_and_one_without_a_reason() {
        let stale = apply("[[allow]]\ncheck='floats'\npath='libs/x'\nreason='r'\n", Vec::new()).unwrap();
        assert_eq!(stale.len(), 1);
        assert!(apply("[[allow]]\ncheck='floats'\npath='libs/x'\n", Vec::new()).is_err());
        assert!(apply("[[alow]]\n", Vec::new()).is_err());
    }
}

//! Law 2: tables carry their crate's prefix, and no crate's SQL names another's table.

use super::{Finding, Tree, crate_folder, sql};

/// What the engines themselves call their catalogues; only the store may look there.
const CATALOGUES: &[&str] = &["sqlite_", "pragma_", "pg_", "information_schema"];

const REMEDY: &str = "ask the owner through its own functions, a trait of ports, or an event";

/// Table names without the prefix of the crate that names them.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.all() {
        let Some(folder) = crate_folder(path) else { continue };
        // Tests and benches make tables of their own, and tamper with others' rows on purpose.
        let apart = ["/tests/", "/benches/", "/examples/"].iter().any(|part| path.contains(part));
        if apart || matches!(folder, "xtask" | "platform/testing") {
            continue;
        }
        let texts = match path.rsplit('.').next() {
            Some("sql") => vec![(text, 0)],
            Some("rs") => sql_macros(text),
            _ => continue,
        };
        let room = folder.rsplit('/').next().unwrap_or(folder).replace('-', "_");
        let catalogues = folder == "platform/store";
        for (text, line) in texts {
            for (table, offset) in sql::tables(text) {
                let own = table.starts_with(&format!("{room}_"));
                let catalogue = catalogues && CATALOGUES.iter().any(|prefix| table.starts_with(prefix));
                if !own && !catalogue {
                    findings.push(Finding {
                        check: "tables",
                        path: path.into(),
                        line: line + offset + 1,
                        message: format!("'{table}' does not carry the prefix '{room}_' of {folder}"),
                        remedy: REMEDY,
                    });
                }
            }
        }
    }
    findings
}

/// The texts of every `sql!("...")` and `sql!(r"...")` outside comments and tests, with the line they start at, from 0.
fn sql_macros(source: &str) -> Vec<(&str, usize)> {
    let source = source.split("#[cfg(test)]").next().unwrap_or(source);
    let mut texts = Vec::new();
    // Put together, so that this file holds no such call itself.
    let opening = concat!("sql", "!(");
    for (at, _) in source.match_indices(opening) {
        let line_start = source[..at].rfind('\n').map_or(0, |newline| newline + 1);
        if source[line_start..].trim_start().starts_with("//") {
            continue;
        }
        let after = &source[at + opening.len()..];
        let start = after.len() - after.trim_start().len();
        let literal = &after[start..];
        let hashes = literal.strip_prefix('r').map_or(0, |raw| raw.len() - raw.trim_start_matches('#').len());
        let raw = literal.starts_with("r\"") || literal.starts_with("r#");
        let Some(open) = literal.find('"') else { continue };
        if open > 1 + hashes {
            continue;
        }
        let body = &literal[open + 1..];
        let end = if raw { body.find(&format!("\"{}", "#".repeat(hashes))) } else { unescaped_quote(body) };
        if let Some(end) = end {
            let begin = at + opening.len() + start + open + 1;
            texts.push((&body[..end], source[..begin].matches('\n').count()));
        }
    }
    texts
}

fn unescaped_quote(body: &str) -> Option<usize> {
    let mut escaped = false;
    body.char_indices().find_map(|(at, c)| {
        let end = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        end.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_tables_pass() {
        let tree = Tree::of(&[
            ("services/tax/src/store.rs", "let s = sql!(\"select n from tax_return\"); // from elsewhere"),
            ("services/tax/migrations/sqlite/0001_a.sql", "create table tax_return (n bigint) strict;"),
            ("services/tax/tests/it/main.rs", "sql!(\"delete from record_entry\")"),
            (
                "services/tax/src/lib.rs",
                "/// sql!(\"select n from x\")\n#[cfg(test)]\nmod tests { sql!(\"select n from y\") }",
            ),
            ("platform/store/src/schema.rs", "sql!(\n  r#\"select name from sqlite_schema\"#)"),
        ]);
        assert_eq!(check(&tree), []);
    }

    #[test]
    fn a_foreign_table_is_found_with_its_line() {
        let tree =
            Tree::of(&[("services/tax/src/store.rs", "\nsql!(\n  \"select n\n  from identity_person\")")]);
        let findings = check(&tree);
        assert_eq!(findings.iter().map(|f| f.line).collect::<Vec<_>>(), [4]);
        for (path, text) in [
            ("services/tax/migrations/postgres/0001_a.sql", "create table returns (n bigint);"),
            ("services/tax/src/x.rs", "sql!(r\"insert into record_act (n) values ($1)\")"),
            ("services/tax/src/x.rs", "sql!(\"select name from sqlite_schema\")"),
            ("platform/office/src/x.rs", "sql!(\"select 1 from office_role r join store_job j on true\")"),
        ] {
            assert_eq!(check(&Tree::of(&[(path, text)])).len(), 1, "{text}");
        }
    }
}

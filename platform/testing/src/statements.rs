//! Does every statement of a crate make sense to both engines?

use crate::{Engine, TestStore};
use daftar_store::Migrations;
use std::path::{Path, PathBuf};

/// One `sql!("...")` in a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The file.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: usize,
    /// The text; `None` when it is not a plain literal.
    pub text: Option<String>,
}

/// Every `sql!("...")` in the Rust files of these folders, outside comments.
///
/// # Errors
/// When a folder or file cannot be read.
pub fn statements(dirs: &[&Path]) -> Result<Vec<Statement>, std::io::Error> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = dirs.iter().map(|d| d.to_path_buf()).collect();
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(&folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                collect(&path, &std::fs::read_to_string(&path)?, &mut found);
            }
        }
    }
    Ok(found)
}

/// Applies the migrations on both engines and has each prepare every statement in these folders; answers what they
/// refuse. A test asserts that the answer is empty.
///
/// # Errors
/// When a folder or file cannot be read.
///
/// # Panics
/// When a store cannot be made.
pub async fn check_statements(
    migrations: &[Migrations],
    dirs: &[&Path],
) -> Result<Vec<String>, std::io::Error> {
    let statements = statements(dirs)?;
    let mut findings = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let store = TestStore::on(engine, migrations).await;
        for statement in &statements {
            let place = format!("{}:{}", statement.file.display(), statement.line);
            let Some(text) = &statement.text else {
                findings.push(format!("{place}: write the statement as one string literal"));
                continue;
            };
            if let Err(error) = store.check_text(text).await {
                findings.push(format!("{place}: {engine:?}: {error}"));
            }
        }
    }
    findings.sort();
    findings.dedup();
    Ok(findings)
}

fn collect(file: &Path, source: &str, found: &mut Vec<Statement>) {
    const CALL: &str = "sql!(";
    let mut from = 0;
    while let Some(at) = source[from..].find(CALL).map(|i| i + from) {
        from = at + CALL.len();
        let line_start = source[..at].rfind('\n').map_or(0, |i| i + 1);
        let before = &source[line_start..at];
        // In a comment, in the text of a message, or another macro whose name ends the same way.
        let quoted = before.ends_with(['`', '"', '\'']);
        let longer_name = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if before.trim_start().starts_with("//") || quoted || longer_name {
            continue;
        }
        let line = source[..at].matches('\n').count() + 1;
        found.push(Statement { file: file.into(), line, text: literal(source[from..].trim_start()) });
    }
}

/// The value of the string literal a text begins with.
fn literal(source: &str) -> Option<String> {
    if let Some(raw) = source.strip_prefix('r') {
        let hashes = raw.bytes().take_while(|b| *b == b'#').count();
        let body = raw[hashes..].strip_prefix('"')?;
        let end = body.find(&format!("\"{}", "#".repeat(hashes)))?;
        return Some(body[..end].to_string());
    }
    let mut chars = source.strip_prefix('"')?.chars().peekable();
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => match chars.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                // A line that ends in a backslash continues on the next one, without its indentation.
                '\n' => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_literal_and_nothing_in_comments() {
        let source = "\n let a = sql!(\"select \\\"x\\\" \\\n   from t\");\n // sql!(\"no\")\n /// sql!(\"no\")\n\
                      let b = daftar_store::sql!(\n  r#\"select \"y\"\"#\n);\n let c = sql!(NAME); mysql!(\"no\")";
        let mut found = Vec::new();
        collect(Path::new("a.rs"), source, &mut found);
        let texts: Vec<_> = found.iter().map(|s| (s.line, s.text.as_deref())).collect();
        assert_eq!(texts, [(2, Some("select \"x\" from t")), (6, Some("select \"y\"")), (9, None)]);
    }

    #[tokio::test]
    async fn a_planted_statement_of_one_engine_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let source = "sql!(\"select name from store_counter where name = $1\")\n\
                      sql!(\"select name from store_counter where name ilike $1\")\n\
                      sql!(\"select rowid from store_counter\")\nsql!(\"select a from nowhere\")";
        std::fs::write(dir.path().join("a.rs"), source).unwrap();
        let findings = check_statements(&[], &[dir.path()]).await.unwrap();
        let has = |line: &str, engine: &str| findings.iter().any(|f| f.contains(line) && f.contains(engine));
        assert!(has("a.rs:2", "Sqlite") && has("a.rs:3", "Postgres"), "{findings:?}");
        assert!(has("a.rs:4", "Sqlite") && has("a.rs:4", "Postgres"), "{findings:?}");
        assert_eq!(findings.len(), 4, "{findings:?}");
    }
}

//! A released migration is never edited: the hashes of all files are committed beside them.

use daftar_kernel::hex;
use daftar_store::Migrations;
use std::collections::BTreeMap;
use std::path::Path;

/// Checks a crate's `migrations` folder: the same files for both engines, each in the list `HASHES` (a line is
/// `<sha256>  sqlite/0001_name.sql`) with the hash it has, and each a step of the crate's [`Migrations`]. Answers
/// what is wrong and how to mend it. A test asserts that the answer is empty.
///
/// # Errors
/// When the folder or a file cannot be read.
pub fn check_migration_files(dir: &Path, migrations: &Migrations) -> Result<Vec<String>, std::io::Error> {
    let mut findings = Vec::new();
    let listed_text = std::fs::read_to_string(dir.join("HASHES")).unwrap_or_default();
    let listed: BTreeMap<&str, &str> = listed_text
        .lines()
        .filter_map(|line| line.split_once("  ").map(|(hash, file)| (file, hash)))
        .collect();
    let mut found = BTreeMap::new();
    for engine in ["sqlite", "postgres"] {
        for entry in std::fs::read_dir(dir.join(engine))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &std::fs::read(&path)?);
            found.insert(format!("{engine}/{name}"), hex::encode(digest.as_ref()));
        }
    }
    for (file, hash) in &found {
        match listed.get(file.as_str()) {
            Some(listed) if listed == hash => {}
            Some(_) => findings.push(format!(
                "{file} was edited. If it was ever released, restore it and put the change into a new step; \
                 if not, its line in HASHES becomes: {hash}  {file}"
            )),
            None => findings.push(format!("{file} is not in HASHES. Add the line: {hash}  {file}")),
        }
    }
    for file in listed.keys().filter(|file| !found.contains_key(**file)) {
        findings.push(format!("{file} is in HASHES but missing. Restore it"));
    }
    for step in migrations.steps {
        for engine in ["sqlite", "postgres"] {
            let file = format!("{engine}/{}.sql", step.name);
            if found.remove(&file).is_none() {
                findings.push(format!("{file} is missing: every step has a file for each engine"));
            }
        }
        if !step.name.starts_with(&format!("{:04}_", step.number)) {
            findings.push(format!(
                "step {} is called {}: the name begins with the number",
                step.number, step.name
            ));
        }
    }
    findings
        .extend(found.keys().map(|file| format!("{file} is no step of {}'s MIGRATIONS", migrations.owner)));
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use daftar_store::Step;

    const STEPS: Migrations = Migrations {
        owner: "trial",
        steps: &[Step { number: 1, name: "0001_first", sqlite: "a", postgres: "b" }],
    };

    #[test]
    fn an_edited_a_new_and_a_missing_file_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path();
        for (file, text) in [("sqlite/0001_first.sql", "a"), ("postgres/0001_first.sql", "b")] {
            std::fs::create_dir_all(path.join(file).parent().unwrap()).unwrap();
            std::fs::write(path.join(file), text).unwrap();
        }
        let new = check_migration_files(path, &STEPS).unwrap();
        assert_eq!(new.len(), 2, "{new:?}");
        let lines: String = new.iter().map(|f| format!("{}\n", f.split("line: ").nth(1).unwrap())).collect();
        std::fs::write(path.join("HASHES"), lines).unwrap();
        assert_eq!(check_migration_files(path, &STEPS).unwrap(), Vec::<String>::new());

        std::fs::write(path.join("sqlite/0001_first.sql"), "edited").unwrap();
        std::fs::remove_file(path.join("postgres/0001_first.sql")).unwrap();
        std::fs::write(path.join("postgres/0002_more.sql"), "c").unwrap();
        let findings = check_migration_files(path, &STEPS).unwrap();
        for expected in [
            "sqlite/0001_first.sql was edited",
            "postgres/0001_first.sql is in HASHES but missing",
            "postgres/0001_first.sql is missing: every step",
            "postgres/0002_more.sql is not in HASHES",
            "postgres/0002_more.sql is no step",
        ] {
            assert!(findings.iter().any(|f| f.starts_with(expected)), "{expected} in {findings:?}");
        }
    }
}

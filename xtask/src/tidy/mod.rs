//! The laws of the house, each a pure function over a tree of files.

mod allow;
mod crates;
mod files;
mod imports;
mod locales;
mod migrations;
mod packages;
mod sql;
mod tables;
mod words;

use crate::run;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Folders that hold nothing of ours.
const SKIPPED_FOLDERS: &[&str] = &["target", "node_modules", ".git", "__pycache__"];

/// Something against the laws.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Which check found it.
    pub check: &'static str,
    /// The file, from the top of the repository.
    pub path: String,
    /// Its line from 1; 0 is the whole file.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} [{}]\n    {}", self.path, self.line, self.message, self.check, self.remedy)
    }
}

/// The text files of the repository by path; files that are not UTF-8 are left out.
#[derive(Debug, Default, Clone)]
pub struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// A tree of these files, for tests.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect() }
    }

    /// Reads everything under the folder.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        let mut folders = vec![root.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in
                std::fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?
            {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let kind = entry.file_type()?;
                if kind.is_dir() && !SKIPPED_FOLDERS.contains(&name.as_str()) {
                    folders.push(entry.path());
                } else if kind.is_file()
                    && let Ok(text) = String::from_utf8(std::fs::read(entry.path())?)
                {
                    let path = entry.path();
                    let path = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                    tree.files.insert(path, text);
                }
            }
        }
        Ok(tree)
    }

    /// Path and text of every file whose path ends so.
    pub fn ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.all().filter(move |(path, _)| path.ends_with(end))
    }
    /// Path and text of every file.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }
    /// The text of one file.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }
}

/// The folder of the crate a file belongs to, such as `platform/store`, or `xtask`.
pub fn crate_folder(path: &str) -> Option<&str> {
    let mut slashes = path.match_indices('/').map(|(at, _)| at);
    let first = slashes.next()?;
    match &path[..first] {
        "xtask" => Some("xtask"),
        "bench" => Some("bench"),
        "libs" | "platform" | "services" | "app" => slashes.next().map(|second| &path[..second]),
        _ => None,
    }
}

/// All checks that need only the files.
fn over_files(tree: &Tree, here: &words::Machine) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(crates::check(tree));
    findings.extend(files::check(tree));
    findings.extend(locales::check(tree));
    findings.extend(migrations::check(tree));
    findings.extend(tables::check(tree));
    findings.extend(words::check(tree, here));
    findings
}

/// `cargo xtask tidy [--bless]`.
pub fn command(args: &[String]) -> Result<()> {
    let bless = match args {
        [] => false,
        [only] if only == "--bless" => true,
        _ => bail!("tidy takes only --bless"),
    };
    let root = run::root();
    let built = run::output(run::cargo().args([
        "tree",
        "-p",
        "daftar",
        "-e",
        "normal,build",
        "--prefix",
        "none",
        "--target",
        "x86_64-unknown-linux-gnu",
    ]))?;
    let metadata = run::output(run::cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    if bless {
        bless_lists(&root, &built)?;
    }
    let tree = Tree::read(&root)?;
    let mut findings = over_files(&tree, &words::Machine::this(&root));
    findings.extend(imports::check(&imports::members(&metadata)?));
    findings.extend(packages::check(&built, tree.get(packages::DUPLICATES).unwrap_or_default()));
    let mut findings = allow::apply(tree.get(allow::FILE).unwrap_or_default(), findings)?;
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    println!("tidy: {} packages built for daftar, of at most {}", packages::count(&built), packages::BUDGET);
    if !findings.is_empty() {
        bail!("tidy: {} findings", findings.len());
    }
    Ok(())
}

/// Writes the lists that are made, not thought out: hashes of new migrations, duplicate packages.
fn bless_lists(root: &Path, built: &str) -> Result<()> {
    let tree = Tree::read(root)?;
    for (path, text) in migrations::blessed(&tree) {
        std::fs::write(root.join(&path), text).with_context(|| format!("writing {path}"))?;
    }
    std::fs::write(root.join(packages::DUPLICATES), packages::duplicates_text(built))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_by_path() {
        assert_eq!(crate_folder("platform/store/src/lib.rs"), Some("platform/store"));
        assert_eq!(crate_folder("xtask/src/main.rs"), Some("xtask"));
        assert_eq!(crate_folder("Cargo.toml"), None);
        assert_eq!(crate_folder("docs/adr/0001.md"), None);
    }

    #[test]
    fn reads_a_tree_and_leaves_out_what_is_not_ours() {
        let folder = tempfile::tempdir().unwrap();
        for (path, bytes) in [("a/b.txt", &b"x"[..]), ("target/c.txt", b"x"), ("d.bin", b"\xff\xfe")] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let tree = Tree::read(folder.path()).unwrap();
        assert_eq!(tree.all().collect::<Vec<_>>(), [("a/b.txt", "x")]);
    }
}

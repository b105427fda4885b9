//! What an export says about itself: `MANIFEST.json`, and one line a file in `SHA256SUMS`.
//!
//! The sums are a file of their own because a country has millions of blobs: they are written and read a line at a time, and
//! anybody can check them with `sha256sum --check SHA256SUMS`.

use super::files::{self, walk};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, BufWriter, Lines, Write};
use std::path::Path;

/// The format's name and version.
pub const FORMAT: &str = "daftar-export/1";
/// The manifest's file.
pub const MANIFEST: &str = "MANIFEST.json";
/// The list of digests.
pub const SUMS: &str = "SHA256SUMS";
/// Longest manifest that is read, in bytes.
const MANIFEST_LIMIT: u64 = 1 << 20;

/// What an export is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `daftar-export/1`
    pub format: String,
    /// When it was begun (RFC 3339).
    pub at: String,
    /// Version of the program that wrote it.
    pub program: String,
    /// Name of the public logs in the world.
    pub origin: String,
    /// Format and version of each part, by its file or folder.
    pub formats: BTreeMap<String, String>,
    /// Persons in clear text; absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub clear_text: Option<u64>,
    /// How many files `SHA256SUMS` lists.
    pub files: u64,
    /// SHA-256 of `SHA256SUMS`, in hexadecimal.
    pub sums_sha256: String,
}

impl Manifest {
    /// Lists every file of the folder and writes the manifest, last: a folder that has one is whole. Gives the SHA-256 of
    /// the manifest itself, by which an export is recognised.
    pub(super) fn seal(mut self, dir: &Path) -> Result<(Self, String)> {
        let mut sums = BufWriter::new(files::create(&dir.join(SUMS))?);
        let mut count = 0;
        walk(dir, &mut |path| {
            if path != SUMS {
                count += 1;
                writeln!(sums, "{}  {path}", files::sha256(&dir.join(path))?)
                    .context("writing SHA256SUMS")?;
            }
            Ok(())
        })?;
        let file =
            sums.into_inner().map_err(std::io::IntoInnerError::into_error).context("writing SHA256SUMS")?;
        file.sync_all().context("writing SHA256SUMS")?;
        self.files = count;
        self.sums_sha256 = files::sha256(&dir.join(SUMS))?;
        files::write(&dir.join(MANIFEST), format!("{}\n", serde_json::to_string_pretty(&self)?).as_bytes())?;
        let digest = files::sha256(&dir.join(MANIFEST))?;
        Ok((self, digest))
    }

    /// Reads a folder's manifest; what it says is not checked.
    ///
    /// # Errors
    /// When there is none, or it is no manifest of this format.
    pub fn read(dir: &Path) -> Result<Self> {
        let path = dir.join(MANIFEST);
        let reading = || format!("reading {}. Next: name the folder of a finished export", path.display());
        if std::fs::metadata(&path).with_context(reading)?.len() > MANIFEST_LIMIT {
            bail!("{MANIFEST} is no manifest of ours: it is too large");
        }
        let manifest: Self = serde_json::from_slice(&std::fs::read(&path).with_context(reading)?)
            .with_context(|| format!("{MANIFEST} is no manifest of ours"))?;
        if manifest.format != FORMAT {
            bail!("{MANIFEST}: its format is {}, and this program reads {FORMAT}", manifest.format);
        }
        Ok(manifest)
    }

    /// Reads a folder's manifest and holds every file against it: none changed, none missing, none added.
    ///
    /// # Errors
    /// Names the first file that is not as it was written.
    pub fn verify(dir: &Path) -> Result<Self> {
        let manifest = Self::read(dir)?;
        if files::sha256(&dir.join(SUMS))? != manifest.sums_sha256 {
            bail!("{SUMS} was changed since the export. Next: use an unchanged copy");
        }
        let file = std::fs::File::open(dir.join(SUMS)).with_context(|| format!("reading {SUMS}"))?;
        // Both are in the same order, so two fingers suffice, however many files there are.
        let mut listed = Listed { lines: BufReader::new(file).lines() };
        walk(dir, &mut |found| {
            if found == SUMS || found == MANIFEST {
                return Ok(());
            }
            match listed.next()? {
                Some((sum, path)) if path == found => {
                    if files::sha256(&dir.join(found))? != sum {
                        bail!("{found} was changed since the export. Next: use an unchanged copy");
                    }
                    Ok(())
                }
                Some((_, path)) if !dir.join(&path).exists() => {
                    bail!("{path} is missing. Next: use a complete copy")
                }
                _ => bail!("{found} does not belong to the export. Next: use an unchanged copy"),
            }
        })?;
        match listed.next()? {
            None => Ok(manifest),
            Some((_, path)) => bail!("{path} is missing. Next: use a complete copy"),
        }
    }
}

struct Listed {
    lines: Lines<BufReader<std::fs::File>>,
}

impl Listed {
    fn next(&mut self) -> Result<Option<(String, String)>> {
        let Some(line) = self.lines.next() else { return Ok(None) };
        let line = line.with_context(|| format!("reading {SUMS}"))?;
        let (sum, path) =
            line.split_once("  ").with_context(|| format!("{SUMS} has a line without a path"))?;
        Ok(Some((sum.into(), path.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in [("a/b.txt", "one"), ("a.txt", "two"), ("c/d/e", "three")] {
            files::write(&dir.path().join(path), text.as_bytes()).unwrap();
        }
        let manifest = Manifest {
            format: FORMAT.into(),
            at: "2026-11-23T08:00:00Z".into(),
            program: "0".into(),
            origin: "test.example/1".into(),
            formats: BTreeMap::new(),
            clear_text: None,
            files: 0,
            sums_sha256: String::new(),
        };
        assert_eq!(manifest.seal(dir.path()).unwrap().0.files, 3);
        dir
    }
    fn refusal(dir: &Path) -> String {
        format!("{:#}", Manifest::verify(dir).unwrap_err())
    }

    #[test]
    fn an_unchanged_folder_is_whole() {
        let dir = folder();
        assert_eq!(Manifest::verify(dir.path()).unwrap().files, 3);
    }

    #[test]
    fn whatever_was_done_to_it_is_named() {
        let dir = folder();
        std::fs::write(dir.path().join("a/b.txt"), "One").unwrap();
        assert!(refusal(dir.path()).starts_with("a/b.txt was changed"));
        let dir = folder();
        std::fs::remove_file(dir.path().join("c/d/e")).unwrap();
        assert!(refusal(dir.path()).starts_with("c/d/e is missing"));
        let dir = folder();
        std::fs::remove_file(dir.path().join("a.txt")).unwrap();
        assert!(refusal(dir.path()).starts_with("a.txt is missing"));
        let dir = folder();
        std::fs::write(dir.path().join("b"), "x").unwrap();
        assert!(refusal(dir.path()).starts_with("b does not belong"));
        let dir = folder();
        std::fs::write(dir.path().join("z"), "x").unwrap();
        assert!(refusal(dir.path()).starts_with("z does not belong"));
        let dir = folder();
        std::os::unix::fs::symlink("/etc/hostname", dir.path().join("c/link")).unwrap();
        assert!(refusal(dir.path()).contains("c/link is neither"));
        let dir = folder();
        let sums = std::fs::read_to_string(dir.path().join(SUMS)).unwrap();
        std::fs::write(dir.path().join(SUMS), sums.replace("a.txt", "b.txt")).unwrap();
        assert!(refusal(dir.path()).starts_with("SHA256SUMS was changed"));
        std::fs::remove_file(dir.path().join(MANIFEST)).unwrap();
        assert!(refusal(dir.path()).contains("finished export"));
    }
}

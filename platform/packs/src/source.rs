//! The files of a pack as bytes: read from a folder with limits, and named by one digest.

use crate::Fault;
use aws_lc_rs::digest::{SHA256, digest};
use daftar_kernel::hex;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Most files in a pack.
pub const FILES_MAX: usize = 500;
/// Largest file of a pack, in bytes.
pub const FILE_BYTES_MAX: usize = 4 << 20;
/// Largest pack, in bytes.
pub const PACK_BYTES_MAX: usize = 32 << 20;

/// Files that stand at the top of a pack.
pub const TOP_FILES: &[&str] = &[
    "country.toml",
    "places.toml",
    "agencies.toml",
    "roles.toml",
    "purposes.toml",
    "retention.toml",
    "civil.toml",
    "power.toml",
    "crest.svg",
    "README.md",
];
/// Files of services at the top of a pack. Each may be missing, and its service reads it: this floor only carries it.
pub const SERVICE_FILES: &[&str] = &["cloud.toml"];
/// Folders of a pack and how the names of their files end.
pub const FOLDERS: &[(&str, &str)] =
    &[("forms", ".toml"), ("notices", ".toml"), ("locales", ".ftl"), ("people", ".toml")];

/// First line of a manifest.
const MANIFEST_HEADER: &str = "daftar-country-manifest/1\n";

/// The files of a pack, by their path from its top, with `/` on every system.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Source {
    files: BTreeMap<String, Vec<u8>>,
}

impl Source {
    /// The files given, e.g. those built into the program.
    pub fn of<P: Into<String>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        Self { files: files.into_iter().map(|(path, bytes)| (path.into(), bytes.into())).collect() }
    }

    /// Reads a folder. Files and folders whose names begin with a dot are left out.
    ///
    /// # Errors
    /// What cannot be read, does not belong into a pack, or is too large.
    pub fn read(folder: &Path) -> Result<Self, Vec<Fault>> {
        let mut source = Self::default();
        let mut faults = Vec::new();
        source.read_folder(folder, "", &mut faults);
        faults.extend(source.faults());
        if faults.is_empty() { Ok(source) } else { Err(faults) }
    }

    fn read_folder(&mut self, top: &Path, inside: &str, faults: &mut Vec<Fault>) {
        let shown = if inside.is_empty() { "." } else { inside };
        let unreadable = |file: &str, error: std::io::Error| {
            Fault::of_file(
                file,
                format!("cannot be read: {error}"),
                "Check that the folder is there and may be read",
            )
        };
        let entries = match std::fs::read_dir(top.join(inside)) {
            Ok(entries) => entries,
            Err(error) => return faults.push(unreadable(shown, error)),
        };
        for entry in entries {
            // One more than the limit is enough to know that it is passed.
            if self.files.len() > FILES_MAX {
                return;
            }
            let (name, kind) = match entry.and_then(|entry| Ok((entry.file_name(), entry.metadata()?))) {
                Ok(found) => found,
                Err(error) => return faults.push(unreadable(shown, error)),
            };
            let name = name.to_string_lossy();
            if name.starts_with('.') {
                continue;
            }
            let path = if inside.is_empty() { name.to_string() } else { format!("{inside}/{name}") };
            if kind.is_dir() && inside.is_empty() {
                self.read_folder(top, &path, faults);
            } else if !kind.is_file() {
                faults.push(Fault::of_file(
                    path,
                    "is no ordinary file",
                    "Put only files and the folders named in the README here",
                ));
            } else if kind.len() > FILE_BYTES_MAX as u64 {
                faults.push(too_large(&path));
            } else {
                match std::fs::read(top.join(&path)) {
                    Ok(bytes) => {
                        self.files.insert(path, bytes);
                    }
                    Err(error) => faults.push(unreadable(&path, error)),
                }
            }
        }
    }

    /// What is wrong with the files as such: names, number, size.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (path, bytes) in &self.files {
            let known = match path.split_once('/') {
                None => TOP_FILES.iter().chain(SERVICE_FILES).any(|known| known == path),
                Some((folder, file)) => {
                    FOLDERS.iter().any(|(name, end)| *name == folder && is_file_name(file, end))
                }
            };
            if !known {
                let remedy = format!(
                    "Rename or remove it. A pack holds {}, {} and the folders forms, notices, locales, people",
                    TOP_FILES.join(", "),
                    SERVICE_FILES.join(", ")
                );
                faults.push(Fault::of_file(path, "does not belong into a pack", remedy));
            }
            if bytes.len() > FILE_BYTES_MAX {
                faults.push(too_large(path));
            }
        }
        if self.files.len() > FILES_MAX {
            faults.push(Fault::of_file(
                ".",
                format!("more than {FILES_MAX} files"),
                "Remove what is not needed",
            ));
        }
        if self.files.values().map(Vec::len).sum::<usize>() > PACK_BYTES_MAX {
            let message = format!("larger than {} MB", PACK_BYTES_MAX >> 20);
            faults.push(Fault::of_file(".", message, "Remove what is not needed"));
        }
        faults
    }

    /// The bytes of one file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }
    /// Path and bytes of all files, in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }
    /// Path and bytes of the files in a folder.
    pub fn inside<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.files()
            .filter(move |(path, _)| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
    }
    /// What names exactly these files.
    #[must_use]
    pub fn manifest(&self) -> Manifest {
        let files = self.files.iter().map(|(path, bytes)| (path.clone(), sha256(bytes))).collect();
        Manifest { files }
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.files.keys()).finish()
    }
}

fn too_large(path: &str) -> Fault {
    Fault::of_file(path, format!("larger than {} MB", FILE_BYTES_MAX >> 20), "Make it smaller")
}

fn is_file_name(file: &str, end: &str) -> bool {
    let stem = file.strip_suffix(end).unwrap_or_default();
    !stem.is_empty() && stem.len() <= 60 && stem.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

/// The SHA-256 of every file of a pack. Its own SHA-256 names the pack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    files: BTreeMap<String, [u8; 32]>,
}

impl Manifest {
    /// The canonical text: a first line that names the format, then a line for each file in the order of their paths, as
    /// `sha256sum` prints it. `(echo daftar-country-manifest/1; sha256sum ...) | sha256sum` gives the digest.
    #[must_use]
    pub fn text(&self) -> String {
        self.files.iter().fold(MANIFEST_HEADER.to_string(), |mut text, (path, hash)| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}  {path}", hex::encode(hash));
            text
        })
    }
    /// The manifest of this text; `None` unless it is exactly what [`Manifest::text`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let lines = text.strip_prefix(MANIFEST_HEADER)?.lines();
        let files = lines.map(|line| {
            let (hash, path) = line.split_once("  ")?;
            Some((path.to_string(), hex::decode(hash)?.try_into().ok()?))
        });
        let manifest = Self { files: files.collect::<Option<_>>()? };
        (manifest.text() == text).then_some(manifest)
    }
    /// The SHA-256 of the canonical text.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        sha256(self.text().as_bytes())
    }
    /// The SHA-256 of one file.
    #[must_use]
    pub fn digest_of(&self, path: &str) -> Option<[u8; 32]> {
        self.files.get(path).copied()
    }
    /// Path and SHA-256 of each file.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8; 32])> {
        self.files.iter().map(|(path, hash)| (path.as_str(), hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_has_one_name_and_any_change_gives_another() {
        let pack = Source::of([("country.toml", "code = 'QZ'"), ("forms/a.toml", "")]);
        let manifest = pack.manifest();
        assert!(manifest.text().starts_with("daftar-country-manifest/1\n"));
        assert_eq!(Manifest::parse(&manifest.text()), Some(manifest.clone()));
        let other = Source::of([("country.toml", "code = 'QZ' "), ("forms/a.toml", "")]);
        assert_ne!(other.manifest().digest(), manifest.digest());
        for text in [
            "",
            "daftar-country-manifest/1\nxx  a\n",
            &manifest.text().to_uppercase(),
            &(manifest.text() + "\n"),
        ] {
            assert_eq!(Manifest::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn strange_files_are_named() {
        let strange =
            ["run.sh", "forms/x.sh", "forms/../x.toml", "forms/a b.toml", "deep/er/x.toml", "forms/.toml"];
        for path in strange {
            assert_eq!(Source::of([(path, "")]).faults().len(), 1, "{path}");
        }
        assert_eq!(Source::of([("crest.svg", vec![0; FILE_BYTES_MAX])]).faults(), []);
        assert_eq!(Source::of([("crest.svg", vec![0; FILE_BYTES_MAX + 1])]).faults().len(), 1);
        let many = |n: usize| Source::of((0..n).map(|i| (format!("forms/f{i}.toml"), ""))).faults().len();
        assert_eq!((many(FILES_MAX), many(FILES_MAX + 1)), (0, 1));
    }

    #[test]
    fn reads_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("forms")).unwrap();
        std::fs::write(folder.path().join("forms/a.toml"), "x = 1").unwrap();
        std::fs::write(folder.path().join(".hidden"), "x").unwrap();
        assert_eq!(Source::read(folder.path()).unwrap().files().count(), 1);
        std::fs::create_dir_all(folder.path().join("forms/deeper")).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("crest.svg")).unwrap();
        let faults = Source::read(folder.path()).unwrap_err();
        assert_eq!(faults.len(), 2, "neither a link nor a deeper folder is read: {faults:?}");
        assert!(Source::read(&folder.path().join("nowhere")).is_err());
    }
}

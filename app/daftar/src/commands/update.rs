//! `daftar update key|sign|check`: updates on a medium that never saw a network.
//!
//! A medium is a folder with packages and `release.note`, a C2SP signed note that lists them:
//!
//! ```text
//! daftar-release/1
//! version 0.2.0
//! number 7
//! <SHA-256>  daftar_0.2.0_amd64.deb
//!
//! — releases.example <signature>
//! ```
//!
//! The number counts releases up; the installed package brings its own number and the key that signs its successors. A medium
//! with a lower number is refused: an old release may have a known hole.

use crate::cli::Update;
use crate::{Outcome, say};
use anyhow::{Context, Result, bail};
use aws_lc_rs::digest::{Context as Sum, SHA256};
use daftar_kernel::{World, hex};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use transparency_log::note::{Note, Signer, VerifierKey};

const FORM: &str = "daftar-release/1";
const NOTE: &str = "release.note";
/// How many files a medium may hold.
const FILES_LIMIT: usize = 1000;

/// What a release says of itself.
#[derive(Debug, PartialEq, Eq)]
struct Release {
    version: String,
    number: u64,
    files: BTreeMap<String, String>,
}

/// Makes a key, signs a medium, or checks one.
///
/// # Errors
/// When a file cannot be read or written. What is wrong with a medium is a finding.
pub fn run(args: &Update) -> Result<Outcome> {
    match args {
        Update::Key { name, file } => make_key(name, file),
        Update::Sign { medium, key, release, number } => sign(medium, key, release, *number),
        Update::Check { medium, key, installed } => check(medium, key, installed),
    }
}

fn make_key(name: &str, file: &Path) -> Result<Outcome> {
    let seed = World::system().bytes::<32>();
    let signer = Signer::from_seed(name, &seed)?;
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let mut out = made.with_context(|| format!("making {}", file.display()))?;
    writeln!(out, "{name} {}", hex::encode(&seed))?;
    say(&signer.verifier_key().to_string());
    Ok(Outcome::Good)
}

fn sign(medium: &Path, key: &Path, version: &str, number: u64) -> Result<Outcome> {
    let text = std::fs::read_to_string(key).with_context(|| format!("reading {}", key.display()))?;
    let parts = text.trim_end().split_once(' ');
    let seed = parts.and_then(|(name, seed)| Some((name, <[u8; 32]>::try_from(hex::decode(seed)?).ok()?)));
    let (name, seed) = seed.with_context(|| format!("{} is no key of daftar update key", key.display()))?;
    let release = Release { version: version.into(), number, files: digests(medium)? };
    let body = release.text();
    let mut note = Note::new(&body)?;
    note.add(Signer::from_seed(name, &seed)?.sign(&body)?)?;
    std::fs::write(medium.join(NOTE), note.to_string())?;
    say(&format!("release {version}, number {number}: {} files signed by {name}", release.files.len()));
    Ok(Outcome::Good)
}

fn check(medium: &Path, key: &Path, installed: &Path) -> Result<Outcome> {
    let key = std::fs::read_to_string(key)
        .with_context(|| format!("reading {}: the key comes with the installed package", key.display()))?;
    let key = VerifierKey::parse(key.trim_end())?;
    let known =
        std::fs::read_to_string(installed).with_context(|| format!("reading {}", installed.display()))?;
    let known: u64 = known
        .trim()
        .parse()
        .with_context(|| format!("{} holds no number of a release", installed.display()))?;
    let note = std::fs::read(medium.join(NOTE)).with_context(|| format!("reading {NOTE} of the medium"))?;
    Ok(match judge(medium, &note, &key, known)? {
        Ok(release) => {
            say(&format!(
                "good: release {}, number {} (installed: {known}), {} files as signed by {}",
                release.version,
                release.number,
                release.files.len(),
                key.name()
            ));
            say("Next: apt-get install the package on it; the service goes on without a failed request.");
            Outcome::Good
        }
        Err(finding) => {
            say(&format!("refused: {finding}"));
            Outcome::Finding
        }
    })
}

/// The release of a medium, or why it is refused.
fn judge(medium: &Path, note: &[u8], key: &VerifierKey, installed: u64) -> Result<Result<Release, String>> {
    let note = match Note::parse(note) {
        Ok(note) => note,
        Err(error) => return Ok(Err(format!("its list does not read: {error}"))),
    };
    if let Err(error) = note.verify([key]) {
        return Ok(Err(format!("its list is not signed by {}: {error}", key.name())));
    }
    let Some(release) = Release::read(note.text()) else { return Ok(Err(format!("its list is no {FORM}"))) };
    if release.number < installed {
        return Ok(Err(format!(
            "it is older than what is installed (number {}, installed {installed}): going back may bring back a hole that was closed",
            release.number
        )));
    }
    let there = digests(medium)?;
    for (name, digest) in &release.files {
        match there.get(name) {
            None => return Ok(Err(format!("{name} is missing"))),
            Some(found) if found != digest => return Ok(Err(format!("{name} was changed"))),
            Some(_) => {}
        }
    }
    match there.keys().find(|name| !release.files.contains_key(*name)) {
        Some(extra) => Ok(Err(format!("{extra} is on it and not on its list"))),
        None => Ok(Ok(release)),
    }
}

impl Release {
    fn text(&self) -> String {
        let mut text = format!("{FORM}\nversion {}\nnumber {}\n", self.version, self.number);
        for (name, digest) in &self.files {
            text.push_str(&format!("{digest}  {name}\n"));
        }
        text
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next()? != FORM {
            return None;
        }
        let version = lines.next()?.strip_prefix("version ")?.to_string();
        let number = lines.next()?.strip_prefix("number ")?.parse().ok()?;
        let file =
            |line: &str| line.split_once("  ").map(|(digest, name)| (name.to_string(), digest.to_string()));
        let files = lines.map(file).collect::<Option<BTreeMap<_, _>>>()?;
        Some(Self { version, number, files })
    }
}

/// The digest of every file of a medium but its list, by its name from the top.
fn digests(medium: &Path) -> Result<BTreeMap<String, String>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        let here = medium.join(&folder);
        for entry in std::fs::read_dir(&here).with_context(|| format!("reading {}", here.display()))? {
            let entry = entry?;
            let name = folder.join(entry.file_name());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(name);
            } else if !kind.is_file() {
                bail!("{} is no ordinary file", name.display());
            } else if name != Path::new(NOTE) {
                found.insert(name.to_string_lossy().into_owned(), digest(&entry.path())?);
            }
            anyhow::ensure!(found.len() <= FILES_LIMIT, "more than {FILES_LIMIT} files");
        }
    }
    Ok(found)
}

fn digest(path: &Path) -> Result<String> {
    let mut file = File::open(path).with_context(|| format!("reading {}", path.display()))?;
    let (mut sum, mut buffer) = (Sum::new(&SHA256), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(sum.finish().as_ref())),
            length => sum.update(&buffer[..length]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn medium() -> (tempfile::TempDir, Signer) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("docs")).unwrap();
        std::fs::write(dir.path().join("daftar.deb"), "a package").unwrap();
        std::fs::write(dir.path().join("docs/install.txt"), "how").unwrap();
        (dir, Signer::from_seed("releases.example", &[3; 32]).unwrap())
    }

    fn signed(dir: &Path, signer: &Signer, number: u64) -> Vec<u8> {
        let body = Release { version: "1.2.3".into(), number, files: digests(dir).unwrap() }.text();
        let mut note = Note::new(&body).unwrap();
        note.add(signer.sign(&body).unwrap()).unwrap();
        std::fs::write(dir.join(NOTE), note.to_string()).unwrap();
        note.to_string().into_bytes()
    }

    #[test]
    fn a_medium_is_taken_as_it_was_signed_and_never_an_older_one() {
        let (dir, signer) = medium();
        let note = signed(dir.path(), &signer, 7);
        let key = signer.verifier_key();
        let judged = |installed| judge(dir.path(), &note, &key, installed).unwrap();
        assert_eq!(judged(6).unwrap().files.len(), 2);
        assert!(judged(7).is_ok(), "the same again mends a broken installation");
        assert!(judged(8).unwrap_err().contains("older"));
        let other = Signer::from_seed("releases.example", &[4; 32]).unwrap().verifier_key();
        assert!(judge(dir.path(), &note, &other, 1).unwrap().unwrap_err().contains("not signed"));
    }

    #[test]
    fn a_changed_missing_or_added_file_is_named() {
        type Change = fn(&Path);
        let changes: [(&str, Change); 4] = [
            ("was changed", |dir| std::fs::write(dir.join("daftar.deb"), "another").unwrap()),
            ("is missing", |dir| std::fs::remove_file(dir.join("daftar.deb")).unwrap()),
            ("not on its list", |dir| std::fs::write(dir.join("docs/more.sh"), "x").unwrap()),
            ("not on its list", |dir| std::fs::write(dir.join("docs").join(NOTE), "x").unwrap()),
        ];
        for (words, change) in changes {
            let (dir, signer) = medium();
            let note = signed(dir.path(), &signer, 7);
            change(dir.path());
            let finding = judge(dir.path(), &note, &signer.verifier_key(), 1).unwrap().unwrap_err();
            assert!(finding.contains(words), "{finding}");
        }
        let (dir, signer) = medium();
        let mut note = signed(dir.path(), &signer, 7);
        note[30] ^= 1;
        assert!(judge(dir.path(), &note, &signer.verifier_key(), 1).unwrap().is_err());
    }
}

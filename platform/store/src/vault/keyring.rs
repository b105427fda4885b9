//! The keys that lie in files: the root key, and what is sealed under it (epoch keys, the index key, signing keys).
//!
//! Every file is one line: `daftar-root-key/1 <64 hex digits>` or `daftar-sealed-key/1 <name> <hex>`.

use super::sealed::{self, Key};
use crate::{StoreError, files};
use daftar_kernel::{World, hex};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use zeroize::Zeroizing;

const ROOT_FILE: &str = "root.key";
const ROOT_FORM: &str = "daftar-root-key/1 ";
const SEALED_FORM: &str = "daftar-sealed-key/1 ";

/// The folder of keys, opened with the root key.
pub(crate) struct Keyring {
    dir: PathBuf,
    root: Key,
    world: World,
    /// What was read so far, by name.
    open: RwLock<BTreeMap<String, Arc<Key>>>,
}

impl Keyring {
    /// Opens the folder; makes it with a new root key when there is none and `may_create`.
    pub(crate) fn open(dir: &Path, world: &World, may_create: bool) -> Result<Self, StoreError> {
        let path = dir.join(ROOT_FILE);
        if !path.exists() {
            if !may_create {
                return Err(StoreError::Open {
                    reason: format!("{} is missing, and this database has sealed data", path.display()),
                    next:
                        "put the root key back from where it was kept, and restore the key export beside it"
                            .into(),
                });
            }
            files::make_private_dir(dir)?;
            let root = Zeroizing::new(world.bytes::<32>());
            let line = Zeroizing::new(format!("{ROOT_FORM}{}\n", *Zeroizing::new(hex::encode(&*root))));
            files::create_private(&path, line.as_bytes())?;
        }
        let text = Zeroizing::new(read(&path)?);
        let root = text
            .trim_end()
            .strip_prefix(ROOT_FORM)
            .and_then(|digits| <[u8; 32]>::try_from(Zeroizing::new(hex::decode(digits)?).as_slice()).ok())
            .map(Zeroizing::new)
            .ok_or_else(|| StoreError::malformed(path.display().to_string(), "it is no root key"))?;
        Ok(Self { dir: dir.into(), root, world: world.clone(), open: RwLock::default() })
    }

    /// The key of this name, or `None` when there is no such file.
    pub(crate) fn find(&self, name: &str) -> Result<Option<Arc<Key>>, StoreError> {
        if let Some(key) = self.open.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(Some(Arc::clone(key)));
        }
        let path = self.path(name)?;
        if !path.exists() {
            return Ok(None);
        }
        let text = read(&path)?;
        let bytes = parse(&text, name).ok_or_else(|| {
            StoreError::malformed(path.display().to_string(), "it is no sealed key of this name")
        })?;
        let key = Arc::new(sealed::open_key(&self.root, context(name).as_bytes(), &bytes)?);
        self.open.write().unwrap_or_else(PoisonError::into_inner).insert(name.into(), Arc::clone(&key));
        Ok(Some(key))
    }

    /// The key of this name, made when there is none.
    pub(crate) fn find_or_create(&self, name: &str) -> Result<Arc<Key>, StoreError> {
        if let Some(key) = self.find(name)? {
            return Ok(key);
        }
        let key = Zeroizing::new(self.world.bytes::<32>());
        let sealed = sealed::seal(&self.root, self.world.bytes(), context(name).as_bytes(), &*key)?;
        let line = format!("{SEALED_FORM}{name} {}\n", hex::encode(&sealed));
        // Another process may have been quicker; then its key is the one.
        files::create_private(&self.path(name)?, line.as_bytes())?;
        self.find(name)?.ok_or_else(|| StoreError::Missing(format!("the key file {name}")))
    }

    /// Destroys a key: its bytes are overwritten, then the file is removed.
    pub(crate) fn destroy(&self, name: &str) -> Result<(), StoreError> {
        self.open.write().unwrap_or_else(PoisonError::into_inner).remove(name);
        files::shred(&self.path(name)?)
    }

    /// All sealed key files as they are, by name: part of the key export, useless without the root key.
    pub(crate) fn sealed_files(&self) -> Result<Vec<(String, String)>, StoreError> {
        let what = || format!("reading {}", self.dir.display());
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.dir).map_err(|e| StoreError::io(what(), &e))? {
            let name =
                entry.map_err(|e| StoreError::io(what(), &e))?.file_name().to_string_lossy().into_owned();
            if let Some(name) = name.strip_suffix(".key").filter(|n| *n != "root" && plain(n)) {
                found.push((name.to_string(), read(&self.path(name)?)?));
            }
        }
        found.sort();
        Ok(found)
    }

    /// Puts a sealed key file back, if the root key opens it. One that is there already must be the same.
    pub(crate) fn restore_file(&self, name: &str, text: &str) -> Result<(), StoreError> {
        let bytes = parse(text, name)
            .ok_or_else(|| StoreError::malformed("a key export", "a key of another name"))?;
        let key = sealed::open_key(&self.root, context(name).as_bytes(), &bytes)?;
        if self.find(name)?.is_none() {
            files::create_private(&self.path(name)?, text.as_bytes())?;
        }
        match self.find(name)? {
            Some(there) if **there == *key => Ok(()),
            _ => Err(StoreError::malformed(
                self.path(name)?.display().to_string(),
                "another key is in its place",
            )),
        }
    }

    fn path(&self, name: &str) -> Result<PathBuf, StoreError> {
        if plain(name) && name != "root" {
            Ok(self.dir.join(format!("{name}.key")))
        } else {
            Err(StoreError::malformed("a key's name", "use a-z, 0-9 and -, at most 64"))
        }
    }
}

fn plain(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// What a key file's bytes are bound to, so that one cannot be put in another's place.
fn context(name: &str) -> String {
    format!("{SEALED_FORM}{name}")
}

fn parse(text: &str, name: &str) -> Option<Vec<u8>> {
    hex::decode(text.trim_end().strip_prefix(&context(name))?.strip_prefix(' ')?)
}

fn read(path: &Path) -> Result<String, StoreError> {
    std::fs::read_to_string(path).map_err(|e| StoreError::io(format!("reading {}", path.display()), &e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_the_same_until_they_are_destroyed() {
        let dir = tempfile::tempdir().unwrap();
        let ring = Keyring::open(&dir.path().join("keys"), &World::system(), true).unwrap();
        let key = ring.find_or_create("sign-log").unwrap();
        assert_eq!(ring.find_or_create("sign-log").unwrap(), key);
        assert!(ring.find("other").unwrap().is_none());

        let again = Keyring::open(&dir.path().join("keys"), &World::system(), false).unwrap();
        assert_eq!(again.find("sign-log").unwrap(), Some(key.clone()));
        again.destroy("sign-log").unwrap();
        assert_eq!(again.find("sign-log").unwrap(), None);
        assert_ne!(again.find_or_create("sign-log").unwrap(), key);
    }

    #[test]
    fn files_are_private_and_bound_to_their_names() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let keys = dir.path().join("keys");
        let ring = Keyring::open(&keys, &World::system(), true).unwrap();
        ring.find_or_create("a").unwrap();
        for file in ["root.key", "a.key"] {
            assert_eq!(std::fs::metadata(keys.join(file)).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let moved = std::fs::read_to_string(keys.join("a.key")).unwrap().replace(" a ", " b ");
        std::fs::write(keys.join("b.key"), moved).unwrap();
        assert!(ring.find("b").is_err());
        for bad in ["", "../a", "A", "root", "a/b", &"x".repeat(65)] {
            assert!(ring.find_or_create(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_missing_or_foreign_root_key_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let keys = dir.path().join("keys");
        assert!(matches!(Keyring::open(&keys, &World::system(), false), Err(StoreError::Open { .. })));
        let ring = Keyring::open(&keys, &World::system(), true).unwrap();
        ring.find_or_create("a").unwrap();
        std::fs::write(keys.join("root.key"), format!("{ROOT_FORM}{}\n", "00".repeat(32))).unwrap();
        let other = Keyring::open(&keys, &World::system(), false).unwrap();
        assert!(matches!(other.find("a"), Err(StoreError::Sealed(_))));
    }
}

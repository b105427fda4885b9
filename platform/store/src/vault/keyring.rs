//! The keys that lie in files: the root key, and what is sealed under it (epoch keys, the index key, signing keys).
//! Where several nodes serve one database, the sealed ones are also kept in a place that all nodes reach.
//!
//! Every file is one line: `daftar-root-key/1 <64 hex digits>` or `daftar-sealed-key/1 <name> <hex>`.

use super::sealed::{self, Key};
use super::shared::SharedKeys;
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
    shared: Option<Arc<dyn SharedKeys>>,
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
        Ok(Self { dir: dir.into(), root, world: world.clone(), shared: None, open: RwLock::default() })
    }

    /// The same, held in common with other nodes: what lies here is there too from now on.
    pub(crate) fn shared_with(mut self, shared: Option<Arc<dyn SharedKeys>>) -> Result<Self, StoreError> {
        let Some(place) = shared else { return Ok(self) };
        for (name, text) in self.sealed_files()? {
            let winner = place.put_new(&name, &text)?;
            if winner != text {
                self.restore_file(&name, &winner)?;
            }
        }
        self.shared = Some(place);
        Ok(self)
    }

    /// The key of this name, or `None` when there is no such file.
    pub(crate) fn find(&self, name: &str) -> Result<Option<Arc<Key>>, StoreError> {
        if let Some(key) = self.open.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(Some(Arc::clone(key)));
        }
        let path = self.path(name)?;
        if !path.exists() {
            // Another node may have made it.
            let Some(text) = self.shared.as_ref().map_or(Ok(None), |shared| shared.get(name))? else {
                return Ok(None);
            };
            files::create_private(&path, text.as_bytes())?;
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
        let mut line = format!("{SEALED_FORM}{name} {}\n", hex::encode(&sealed));
        // Another node or process may have been quicker; then its key is the one.
        if let Some(shared) = &self.shared {
            line = shared.put_new(name, &line)?;
        }
        files::create_private(&self.path(name)?, line.as_bytes())?;
        self.find(name)?.ok_or_else(|| StoreError::Missing(format!("the key file {name}")))
    }

    /// Destroys a key: its bytes are overwritten, then the file is removed.
    pub(crate) fn destroy(&self, name: &str) -> Result<(), StoreError> {
        self.open.write().unwrap_or_else(PoisonError::into_inner).remove(name);
        files::shred(&self.path(name)?)?;
        self.shared.as_ref().map_or(Ok(()), |shared| shared.remove(name))
    }

    /// All sealed key files as they are, by name: part of the key export, useless without the root key.
    pub(crate) fn sealed_files(&self) -> Result<Vec<(String, String)>, StoreError> {
        let what = || format!("reading {}", self.dir.display());
        if let Some(shared) = &self.shared {
            for name in shared.names()? {
                self.find(&name)?;
            }
        }
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

    /// A place in common, in memory.
    #[derive(Default)]
    struct Common(std::sync::Mutex<BTreeMap<String, String>>);

    impl SharedKeys for Common {
        fn get(&self, name: &str) -> Result<Option<String>, StoreError> {
            Ok(self.0.lock().unwrap().get(name).cloned())
        }
        fn put_new(&self, name: &str, text: &str) -> Result<String, StoreError> {
            Ok(self.0.lock().unwrap().entry(name.into()).or_insert_with(|| text.into()).clone())
        }
        fn remove(&self, name: &str) -> Result<(), StoreError> {
            self.0.lock().unwrap().remove(name);
            Ok(())
        }
        fn names(&self) -> Result<Vec<String>, StoreError> {
            Ok(self.0.lock().unwrap().keys().cloned().collect())
        }
    }

    #[test]
    fn nodes_with_a_place_in_common_hold_the_same_keys() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        let first = Keyring::open(&one, &World::system(), true).unwrap();
        let old = first.find_or_create("epoch-000001").unwrap();
        std::fs::create_dir(&two).unwrap();
        std::fs::copy(one.join("root.key"), two.join("root.key")).unwrap();
        let common: Arc<dyn SharedKeys> = Arc::new(Common::default());
        let first = first.shared_with(Some(Arc::clone(&common))).unwrap();
        let second = Keyring::open(&two, &World::system(), false).unwrap();
        let second = second.shared_with(Some(Arc::clone(&common))).unwrap();

        assert_eq!(second.find("epoch-000001").unwrap(), Some(old), "what was there before is shared");
        let new = second.find_or_create("epoch-000002").unwrap();
        assert_eq!(first.find_or_create("epoch-000002").unwrap(), new, "whoever is first makes it");
        assert_eq!(first.sealed_files().unwrap(), second.sealed_files().unwrap());
        assert!(two.join("epoch-000001.key").exists(), "each node keeps its own copy");
        second.destroy("epoch-000001").unwrap();
        assert_eq!(common.get("epoch-000001").unwrap(), None);
        assert!(first.find("epoch-000001").unwrap().is_some(), "until that node destroys it too");
        first.destroy("epoch-000001").unwrap();
        assert_eq!(first.find("epoch-000001").unwrap(), None);
    }

    #[test]
    fn a_node_with_another_key_of_that_name_does_not_start() {
        let dir = tempfile::tempdir().unwrap();
        let common: Arc<dyn SharedKeys> = Arc::new(Common::default());
        for (place, starts) in [("one", true), ("two", false)] {
            let keys = dir.path().join(place);
            std::fs::create_dir(&keys).unwrap();
            std::fs::write(keys.join("root.key"), format!("{ROOT_FORM}{}\n", "00".repeat(32))).unwrap();
            let ring = Keyring::open(&keys, &World::system(), false).unwrap();
            ring.find_or_create("index").unwrap();
            assert_eq!(ring.shared_with(Some(Arc::clone(&common))).is_ok(), starts, "{place}");
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

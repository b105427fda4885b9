//! Files that must survive a power cut, and folders only their owner may enter.

use crate::StoreError;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

fn fail(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    move |e| StoreError::io(format!("{what} {}", path.display()), &e)
}

/// Makes a folder (and those above it) that only its owner may enter; an existing one is left as it is.
pub(crate) fn make_private_dir(path: &Path) -> Result<(), StoreError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(fail("creating", path))
}

/// Writes a file readable by its owner alone: whole or not at all, and on the disk when this returns.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let parent = path.parent().unwrap_or_else(|| Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = parent.join(format!(".{name}.new"));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&draft).map_err(fail("creating", &draft))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(fail("writing", &draft))?;
    fs::rename(&draft, path).map_err(fail("renaming", &draft))?;
    sync_dir(parent)
}

/// Puts a folder's own entries (new and removed names) on the disk.
pub(crate) fn sync_dir(path: &Path) -> Result<(), StoreError> {
    fs::File::open(path).and_then(|dir| dir.sync_all()).map_err(fail("syncing", path))
}

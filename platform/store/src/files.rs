//! Files that must survive a power cut, and folders only their owner may enter.

use crate::StoreError;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Runs what waits for the disk where it holds up nobody.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(StoreError::Panicked))
}

fn fail(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    move |e| StoreError::io(format!("{what} {}", path.display()), &e)
}

/// Makes a folder (and those above it) that only its owner may enter; an existing one is left as it is.
pub(crate) fn make_private_dir(path: &Path) -> Result<(), StoreError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(fail("creating", path))
}

/// Makes a folder that must be empty: what is written into it shall not be mixed with something else.
pub(crate) fn make_empty_dir(path: &Path) -> Result<(), StoreError> {
    make_private_dir(path)?;
    match fs::read_dir(path).map_err(fail("reading", path))?.next() {
        None => Ok(()),
        Some(_) => Err(StoreError::Open {
            reason: format!("{} is not empty", path.display()),
            next: "choose a new folder".into(),
        }),
    }
}

/// A new file readable by its owner alone; a half-written older one is replaced.
pub(crate) fn create_file(path: &Path) -> Result<fs::File, StoreError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600).open(path).map_err(fail("creating", path))
}

/// Puts a finished file, which is on the disk, in another's place.
pub(crate) fn replace(draft: &Path, path: &Path) -> Result<(), StoreError> {
    fs::rename(draft, path).map_err(fail("renaming", draft))?;
    sync_dir(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new(".")))
}

/// Copies a file to a new private one, on the disk when this returns.
pub(crate) fn copy_private(from: &Path, to: &Path) -> Result<(), StoreError> {
    if let Some(parent) = to.parent().filter(|p| !p.as_os_str().is_empty()) {
        make_private_dir(parent)?;
    }
    let mut source = fs::File::open(from).map_err(fail("reading", from))?;
    let mut options = fs::OpenOptions::new();
    let mut target =
        options.write(true).create_new(true).mode(0o600).open(to).map_err(fail("creating", to))?;
    std::io::copy(&mut source, &mut target).and_then(|_| target.sync_all()).map_err(fail("writing", to))?;
    sync_dir(to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new(".")))
}

/// Writes a file readable by its owner alone: whole or not at all, and on the disk when this returns.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let parent = path.parent().unwrap_or_else(|| Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = parent.join(format!(".{name}.new"));
    let mut file = create_file(&draft)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(fail("writing", &draft))?;
    replace(&draft, path)
}

/// Puts a folder's own entries (new and removed names) on the disk.
pub(crate) fn sync_dir(path: &Path) -> Result<(), StoreError> {
    fs::File::open(path).and_then(|dir| dir.sync_all()).map_err(fail("syncing", path))
}

/// Writes a new private file, on the disk when this returns; leaves an existing one as it is.
pub(crate) fn create_private(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let parent = path.parent().unwrap_or_else(|| Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = parent.join(format!(".{name}.{}.new", std::process::id()));
    let mut file = create_file(&draft)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(fail("writing", &draft))?;
    // A hard link, unlike a rename, never replaces: of two who create at once, one wins and both agree.
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft).map_err(fail("removing", &draft))?;
    match linked {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(fail("creating", path)(e)),
        _ => sync_dir(parent),
    }
}

/// Overwrites a file's bytes on the disk and removes it; one that is gone already is fine. (A disk that moves blocks
/// about may keep a copy: that is why what such a file holds is itself sealed.)
pub(crate) fn shred(path: &Path) -> Result<(), StoreError> {
    let length = match fs::metadata(path) {
        Ok(about) => about.len(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(fail("reading", path)(e)),
    };
    let zeros = vec![0; usize::try_from(length).unwrap_or(0)];
    let mut file = fs::OpenOptions::new().write(true).open(path).map_err(fail("opening", path))?;
    file.write_all(&zeros).and_then(|()| file.sync_all()).map_err(fail("overwriting", path))?;
    fs::remove_file(path).map_err(fail("removing", path))?;
    sync_dir(path.parent().unwrap_or_else(|| Path::new(".")))
}

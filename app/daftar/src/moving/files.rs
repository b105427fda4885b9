//! Folders walked in one fixed order, and files only their owner may read.

use anyhow::{Context, Result, bail};
use aws_lc_rs::digest;
use daftar_kernel::hex;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// How deep a folder may be nested: ours are at most six deep.
const MAX_DEPTH: usize = 16;

/// Runs what blocks where it holds up nobody.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await?
}

/// Makes a folder, and those above it, that only their owner may enter.
pub(super) fn make_dir(path: &Path) -> Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("making {}", path.display()))
}

/// A folder that must be empty and is made when it is missing; it is closed to others.
pub(super) fn take_empty_dir(path: &Path) -> Result<()> {
    make_dir(path)?;
    if let Some(name) = first_entry(path)? {
        bail!("{} is not empty: it holds {name}. Next: name a new folder", path.display());
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
        .with_context(|| format!("closing {} to others", path.display()))
}

/// The name of something in a folder; `None` when it is empty.
pub(super) fn first_entry(path: &Path) -> Result<Option<String>> {
    Ok(names(path)?.into_iter().next())
}

fn names(path: &Path) -> Result<Vec<String>> {
    let reading = || format!("reading {}", path.display());
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path).with_context(reading)? {
        let name = entry.with_context(reading)?.file_name();
        match name.into_string() {
            Ok(name) if !name.contains(['\n', '\\']) => names.push(name),
            Ok(name) => bail!("{}/{name:?} is no name of ours", path.display()),
            Err(name) => bail!("{}/{name:?} is no name of ours", path.display()),
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Calls `each` with the path (with `/`, inside `top`) of every file below, always in the same order.
pub(super) fn walk(top: &Path, each: &mut dyn FnMut(&str) -> Result<()>) -> Result<()> {
    walk_into(top, "", 0, each)
}

fn walk_into(top: &Path, inside: &str, depth: usize, each: &mut dyn FnMut(&str) -> Result<()>) -> Result<()> {
    if depth > MAX_DEPTH {
        bail!("{inside} is nested too deeply");
    }
    for name in names(&top.join(inside))? {
        let path = if inside.is_empty() { name } else { format!("{inside}/{name}") };
        // A link could lead out of the folder, so that something else than what was hashed is read later.
        let kind = std::fs::symlink_metadata(top.join(&path)).with_context(|| format!("reading {path}"))?;
        if kind.is_dir() {
            walk_into(top, &path, depth + 1, each)?;
        } else if kind.is_file() {
            each(&path)?;
        } else {
            bail!("{path} is neither a file nor a folder");
        }
    }
    Ok(())
}

/// The SHA-256 of a file in hexadecimal, read some bytes at a time.
pub(super) fn sha256(path: &Path) -> Result<String> {
    let reading = || format!("reading {}", path.display());
    let mut file = BufReader::with_capacity(1 << 20, File::open(path).with_context(reading)?);
    let mut context = digest::Context::new(&digest::SHA256);
    loop {
        let bytes = file.fill_buf().with_context(reading)?;
        if bytes.is_empty() {
            return Ok(hex::encode(context.finish().as_ref()));
        }
        context.update(bytes);
        let count = bytes.len();
        file.consume(count);
    }
}

/// A new file only its owner may read; one that is there is an error.
pub(super) fn create(path: &Path) -> Result<File> {
    if let Some(parent) = path.parent() {
        make_dir(parent)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("making {}", path.display()))
}

/// Writes a new file, on the disk when this returns.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = create(path)?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .with_context(|| format!("writing {}", path.display()))
}

/// Copies a file to a new one, on the disk when this returns.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut source = File::open(from).with_context(|| format!("reading {}", from.display()))?;
    let mut target = create(to)?;
    std::io::copy(&mut source, &mut target)
        .and_then(|_| target.sync_all())
        .with_context(|| format!("writing {}", to.display()))
}

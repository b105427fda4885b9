//! The demo's country pack, carried in the program.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Every file of `country/demo`: path and text.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pack.rs"));

/// Writes the pack below the data directory, when it is not there, and answers where.
///
/// # Errors
/// When a file cannot be written.
pub fn unfold(data: &Path) -> Result<PathBuf> {
    write(data, FILES.iter())
}

/// Writes the pack without its made-up people: an example of a country for a machine that was given none.
///
/// # Errors
/// When a file cannot be written.
pub fn example(data: &Path) -> Result<PathBuf> {
    write(data, FILES.iter().filter(|(name, _)| !name.starts_with("people/")))
}

fn write(data: &Path, files: impl Iterator<Item = &'static (&'static str, &'static str)>) -> Result<PathBuf> {
    let folder = data.join("country");
    for (name, text) in files {
        let path = folder.join(name);
        if path.exists() {
            continue;
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        }
        std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(folder)
}

/// The lists of names the demo's people are made from.
pub fn name_lists() -> impl Iterator<Item = &'static str> {
    FILES.iter().filter(|(name, _)| name.starts_with("people/")).map(|(_, text)| *text)
}

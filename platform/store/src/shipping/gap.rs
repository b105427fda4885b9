//! A gap of the archive, remembered in a file beside the database until a snapshot has closed it: whoever moves the log before
//! the archive has all of it says so first, and no crash forgets it.

use crate::{StoreError, files};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

fn path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-gap");
    PathBuf::from(name)
}

/// Says that there is one more gap.
pub(crate) fn mark(database: &Path) -> Result<(), StoreError> {
    let path = path(database);
    let written = OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .and_then(|mut file| file.write_all(b"gap\n").and_then(|()| file.sync_all()));
    written.map_err(|e| StoreError::io(format!("writing {}", path.display()), &e))?;
    files::sync_dir(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new(".")))
}

/// How many gaps were marked, in bytes of the file; 0 for none.
pub(crate) fn marked(database: &Path) -> u64 {
    fs::metadata(path(database)).map_or(0, |found| found.len())
}

/// A whole snapshot was begun after so many were marked: if there are no more, all are closed.
pub(crate) fn close(database: &Path, known: u64) {
    if known > 0
        && marked(database) == known
        && let Err(error) = fs::remove_file(path(database))
    {
        tracing::warn!(%error, "a closed gap of the archive could not be forgotten");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_closed_only_when_no_other_came_meanwhile() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("a.db");
        assert_eq!(marked(&database), 0);
        mark(&database).unwrap();
        let known = marked(&database);
        mark(&database).unwrap();
        close(&database, known);
        assert!(marked(&database) > known);
        close(&database, marked(&database));
        assert_eq!(marked(&database), 0);
    }
}

//! The mark: the newest tree this machine signed, in a small file outside the database. A restored older
//! database is noticed by it even when no witness answers.

use crate::Record;
use crate::error::RecordError;
use crate::log::{Log, Volume};
use crate::tree;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use transparency_log::checkpoint::SignedCheckpoint;

/// Longest mark read.
const MAX_MARK_BYTES: u64 = 1 << 16;

fn path(dir: &Path, volume: Volume) -> PathBuf {
    dir.join(format!("{}.mark", volume.code()))
}

/// The mark of a log; `None` when there is none. A file that is no checkpoint signed by this log's own key
/// counts as none: the witnesses are asked instead.
pub(crate) fn read(dir: &Path, record: &Record, log: Log) -> Result<Option<SignedCheckpoint>, RecordError> {
    let path = path(dir, record.volume(log));
    let what = || format!("reading {}", path.display());
    match std::fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(RecordError::io(what(), &error)),
        Ok(meta) if meta.len() > MAX_MARK_BYTES => return Ok(None),
        Ok(_) => {}
    }
    let bytes = std::fs::read(&path).map_err(|error| RecordError::io(what(), &error))?;
    let key = record.signer(log).verifier_key();
    Ok(SignedCheckpoint::parse(&bytes).ok().filter(|signed| signed.verify_log(&[key]).is_ok()))
}

/// Replaces a file so that after a crash there is the old one or the new one, whole.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), RecordError> {
    let failed = |error: &std::io::Error| RecordError::io(format!("writing {}", path.display()), error);
    let new = path.with_extension("new");
    let mut file = std::fs::File::create(&new).map_err(|e| failed(&e))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|e| failed(&e))?;
    std::fs::rename(&new, path).map_err(|e| failed(&e))?;
    if let Some(dir) = path.parent() {
        // The rename itself lies in the folder: without this it may be undone by a power cut.
        std::fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(|e| failed(&e))?;
    }
    Ok(())
}

impl Record {
    /// Writes the marks of these logs, after a commit. A crash before it leaves a mark behind the database,
    /// which is no fault.
    pub(crate) async fn write_marks(&self, logs: Vec<Log>) -> Result<(), RecordError> {
        let Some(dir) = self.config().mark_dir.clone() else { return Ok(()) };
        let volumes: Vec<Volume> = logs.into_iter().map(|log| self.volume(log)).collect();
        let heads = self
            .store()
            .read(move |tx| {
                let volumes = volumes.clone();
                Box::pin(async move {
                    let mut heads = Vec::new();
                    for volume in volumes {
                        if let Some(head) = tree::head(tx, volume).await? {
                            heads.push((volume, head.checkpoint));
                        }
                    }
                    Ok::<_, RecordError>(heads)
                })
            })
            .await?;
        blocking(move || {
            std::fs::create_dir_all(&dir)
                .map_err(|error| RecordError::io(format!("making {}", dir.display()), &error))?;
            heads
                .iter()
                .try_for_each(|(volume, checkpoint)| replace(&path(&dir, *volume), checkpoint.as_bytes()))
        })
        .await
    }
}

/// Runs what blocks (files, sockets) where it holds up nobody.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RecordError> + Send + 'static,
) -> Result<T, RecordError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(RecordError::Io { what: "background work".into(), reason: error.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_leaves_one_whole_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = path(dir.path(), Volume { log: Log::Acts, number: 1 });
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(matches!(replace(&dir.path().join("no/such"), b""), Err(RecordError::Io { .. })));
    }
}

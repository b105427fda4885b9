//! An agency that fills its disk must not lock the engine out of it.
//!
//! The engine keeps notes about an instance on the instance's own disk (`backup.yaml`). On btrfs its quota binds the engine
//! too: once the disk is full, snapshots, changes and even stopping fail, and so does making the disk larger. Therefore
//!
//! * a disk is [`HEAD_ROOM_MIB`] larger than ordered, which leaves the agency what it paid for;
//! * some of that holds a reserve of zeros, beside the instance's files (among the engine's templates), out of its reach;
//! * when the disk is full, the instance is held still (so that it cannot fill what becomes free), the reserve is let go
//!   (removing a file is never refused by the quota), the disk is lent some more, and the engine does its work. Then the
//!   reserve is laid again, most of the loan is taken back, and the instance goes on.
//!
//! The size is never set below what is used: then btrfs refuses every change, that of the size too. So a little of each loan
//! stays with the instance, as long as it lives, up to [`LENT_MIB`] in all.

use super::{Lxd, names};
use crate::engine::{Answer, EngineError};
use daftar_kernel::Id;

/// What an instance's disk has on top of what was ordered, in MiB.
pub const HEAD_ROOM_MIB: u64 = 64;
/// The most a disk is lent on top, in MiB: enough for a hundred changes of an instance that goes on filling its disk.
pub const LENT_MIB: u64 = 512;
/// What a disk is lent while the engine does its work, and what of it stays, in MiB.
const LOAN_MIB: u64 = 32;
const STAYS_MIB: u64 = 4;
/// How often the engine is asked: what was let go comes free with the file system's next commit, which a refused attempt
/// brings about.
const ATTEMPTS: u32 = 5;
/// The reserve, and smaller ones for when less is left, in KiB.
const RESERVES_KIB: [usize; 4] = [8192, 4096, 2048, 512];
/// What the reserve is called; no instance lists it, so the engine never makes a file of it.
const RESERVE: &str = "daftar-reserve";
/// The file that tries whether there is room, and its size in KiB.
const PROBE: &str = "daftar-probe";
const PROBE_KIB: usize = 512;

impl Lxd {
    /// Does something that the engine writes down on the instance's disk, and makes room there when there is none.
    pub(super) async fn with_room<'a>(
        &'a self,
        project: Id,
        instance: Id,
        act: impl Fn() -> Answer<'a, ()> + Send + Sync,
    ) -> Result<(), EngineError> {
        match act().await {
            Err(error) if is_full(&error) => self.in_room(project, instance, act).await,
            done => done,
        }
    }

    /// Makes room first, then does it.
    pub(super) async fn in_room<'a>(
        &'a self,
        project: Id,
        instance: Id,
        act: impl Fn() -> Answer<'a, ()> + Send + Sync,
    ) -> Result<(), EngineError> {
        let path = super::within(project, &format!("instances/{}", names::name(names::INSTANCE, instance)));
        let there = self.client.get(&path).await?;
        let held = there["status"] == "Running";
        if held {
            self.set_state(project, instance, "freeze", true).await?;
        }
        self.client.remove(&self.templates(project, instance, RESERVE)).await?;
        let lent = lent(&there);
        // Where even this is refused, the work may still be done in what the reserve held.
        let _ = insisting(|| self.lend(&path, lent.saturating_add(LOAN_MIB))).await;
        let done = insisting(act).await;
        // After a removal or a restore there may be no instance, or one that is as it was before it was full.
        let laid = self.lay_reserve(project, instance).await;
        // What cannot be taken back now stays with the instance.
        let _ = insisting(|| self.lend(&path, lent.saturating_add(STAYS_MIB))).await;
        if held && self.status(project, instance).await?.as_deref() == Some("Frozen") {
            self.set_state(project, instance, "unfreeze", false).await?;
        }
        done.and(laid)
    }

    /// Whether the engine has no room left on the disk, tried with a file.
    pub(super) async fn is_full(&self, project: Id, instance: Id) -> Result<bool, EngineError> {
        let path = self.templates(project, instance, PROBE);
        let tried = self.client.put_file(&path, vec![0; PROBE_KIB * 1024]).await;
        self.client.remove(&path).await?;
        match tried {
            Err(error) if is_full(&error) => Ok(true),
            Err(error) => Err(error),
            Ok(()) => Ok(false),
        }
    }

    /// Makes the disk as large as ordered, with its head room and a loan.
    fn lend<'a>(&'a self, path: &'a str, loan_mib: u64) -> Answer<'a, ()> {
        Box::pin(async move {
            let Some(there) = self.client.find(path).await? else { return Ok(()) };
            let ordered = ordered(&there)
                .ok_or_else(|| EngineError::Nonsense("an instance of ours without its disk".into()))?;
            let mut root = there["devices"]["root"].clone();
            let wanted = serde_json::Value::from(size(ordered.saturating_add(loan_mib.min(LENT_MIB))));
            if root["size"] == wanted {
                return Ok(());
            }
            root["size"] = wanted;
            let change = serde_json::json!({"devices": {"root": root}});
            self.client.change(http::Method::PATCH, path, change).await.map(|_| ())
        })
    }

    /// Lays the reserve, as large as there is room for; an instance that is gone needs none.
    pub(super) async fn lay_reserve(&self, project: Id, instance: Id) -> Result<(), EngineError> {
        let path = self.templates(project, instance, RESERVE);
        for kib in RESERVES_KIB {
            match self.client.put_file(&path, vec![0; kib * 1024]).await {
                Err(error) if is_full(&error) => {}
                Err(EngineError::Missing(_)) | Ok(()) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        // Nothing is left at all. The next change lays it: the work was done.
        Ok(())
    }

    /// Lays it unless it is there.
    pub(super) async fn keep_reserve(&self, project: Id, instance: Id) -> Result<(), EngineError> {
        let name = names::name(names::INSTANCE, instance);
        let all =
            self.client.get(&super::within(project, &format!("instances/{name}/metadata/templates"))).await?;
        if super::list(&all)?.iter().any(|template| template == RESERVE) {
            return Ok(());
        }
        self.lay_reserve(project, instance).await
    }

    fn templates(&self, project: Id, instance: Id, file: &str) -> String {
        let name = names::name(names::INSTANCE, instance);
        format!("{}&path={file}", super::within(project, &format!("instances/{name}/metadata/templates")))
    }
}

/// Asks again while the engine says that the disk is full.
async fn insisting<'a>(act: impl Fn() -> Answer<'a, ()> + Send + Sync) -> Result<(), EngineError> {
    for _ in 1..ATTEMPTS {
        match act().await {
            Err(error) if is_full(&error) => {}
            done => return done,
        }
    }
    act().await
}

fn mib(text: &serde_json::Value) -> Option<u64> {
    text.as_str().and_then(|text| text.trim_end_matches("MiB").parse().ok())
}

/// What was ordered, in MiB.
fn ordered(instance: &serde_json::Value) -> Option<u64> {
    mib(&instance["config"][names::DISK_KEY])
}

/// What an instance's disk is lent at the moment, in MiB.
pub(super) fn lent(instance: &serde_json::Value) -> u64 {
    let size = mib(&instance["devices"]["root"]["size"]).unwrap_or(0);
    let ordered = ordered(instance).unwrap_or(size);
    size.saturating_sub(ordered.saturating_add(HEAD_ROOM_MIB))
}

/// How a disk's size is told to the engine.
pub(super) fn size(ordered_mib: u64) -> String {
    format!("{}MiB", ordered_mib.saturating_add(HEAD_ROOM_MIB))
}

/// Whether the engine said no because the instance's disk is full.
pub(super) fn is_full(error: &EngineError) -> bool {
    matches!(error, EngineError::Refused(said) if {
        let said = said.to_ascii_lowercase();
        said.contains("quota exceeded") || said.contains("no space left")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_known_by_what_the_engine_says() {
        let refused = |said: &str| is_full(&EngineError::Refused(said.into()));
        assert!(refused("Failed to create file \"backup.yaml\": open backup.yaml: disk quota exceeded"));
        assert!(refused("ERROR: unable to limit requested quota group: Disk quota exceeded"));
        assert!(refused("write: no space left on device"));
        assert!(!refused("Reached maximum aggregate value \"512MiB\" for \"limits.memory\""));
        assert!(!is_full(&EngineError::Gone("disk quota exceeded".into())));
        assert_eq!(size(1024), "1088MiB");
    }

    #[test]
    fn what_a_disk_is_lent() {
        let disk = |size: &str| serde_json::json!({"devices": {"root": {"size": size}}, "config": {names::DISK_KEY: "64"}});
        assert_eq!((lent(&disk("128MiB")), lent(&disk("192MiB")), lent(&disk("odd"))), (0, 64, 0));
    }
}

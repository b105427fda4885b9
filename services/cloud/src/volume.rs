//! Volumes, and snapshots of volumes and instances.

use crate::change::Asked;
use crate::cloud::{Cloud, Done, Who};
use crate::member::Part;
use crate::project::enter;
use crate::resource::{self, Kind, New, Resource, SnapshotSpec, Spec, VolumeSpec, Wanted};
use crate::{permission, problems};
use daftar_kernel::{Id, Problem};
use daftar_store::Tx;
use serde_json::json;

/// Smallest and largest volume, in MiB.
pub const SIZE_MIB: std::ops::RangeInclusive<u64> = 64..=16 * 1024 * 1024;

impl Cloud {
    /// Orders a volume.
    ///
    /// # Errors
    /// `cloud-part`, `cloud-entry`, `cloud-quota`, `cloud-name-taken`, `cloud-key-used`; 404; the store's.
    pub async fn order_volume(
        &self,
        who: &Who,
        project: Id,
        (name, size_mib): (&str, u64),
        key: &str,
    ) -> Result<Done, Problem> {
        self.office().need(&who.actor(), permission::USE)?;
        let mut wrong: Option<Problem> = None;
        if !resource::is_name(name) {
            wrong = Some(problems::entry().field("name", "cloud-fault-name"));
        }
        if !SIZE_MIB.contains(&size_mib) {
            wrong = Some(wrong.unwrap_or_else(problems::entry).field("size_mib", "cloud-fault-volume-size"));
        }
        if let Some(problem) = wrong {
            return Err(problem);
        }
        self.once(who, ("volume-ordered", key), &(project, name, size_mib), {
            let name = name.to_string();
            move |tx, cloud, who| {
                let name = name.clone();
                Box::pin(async move {
                    enter(tx, &who, project, Part::Operator).await?;
                    let spec = Spec::Volume(VolumeSpec { size_mib, restore: None });
                    let act = ("cloud.volume-ordered", json!({"project": project, "size_mib": size_mib}));
                    cloud.insert_present(tx, &who, project, (&name, spec), act).await
                })
            }
        })
        .await
    }

    async fn insert_present(
        &self,
        tx: &mut Tx,
        who: &Who,
        project: Id,
        (name, spec): (&str, Spec),
        (act, public): (&'static str, serde_json::Value),
    ) -> Result<Done, Problem> {
        let (id, agency, wanted) = (self.store().world().id(), who.agency(), Wanted::Present);
        resource::insert(self, tx, New { id, agency, project, name, spec, wanted }).await?;
        let receipt = self.act(tx, who, act, public, json!({"resource": id, "name": name})).await?;
        Ok(Done { id, receipt })
    }

    /// Makes a volume larger; none is ever made smaller.
    ///
    /// # Errors
    /// `cloud-part`, `cloud-entry`, `cloud-quota`, `cloud-leaving`, `cloud-key-used`; 404; the store's.
    pub async fn enlarge_volume(
        &self,
        who: &Who,
        (project, volume): (Id, Id),
        size_mib: u64,
        key: &str,
    ) -> Result<Done, Problem> {
        let asked = Asked { act: "cloud.volume-enlarged", key, request: json!(size_mib) };
        self.change(who, (project, volume, Kind::Volume), asked, move |was, _| {
            let old = was.spec.volume().ok_or_else(Problem::not_found)?;
            if size_mib <= old.size_mib || !SIZE_MIB.contains(&size_mib) {
                return Err(problems::entry().field("size_mib", "cloud-fault-larger"));
            }
            Ok((Spec::Volume(VolumeSpec { size_mib, ..old.clone() }), was.wanted))
        })
        .await
    }

    /// Keeps a snapshot of an instance or a volume. It reserves as much disk as what it is of.
    ///
    /// # Errors
    /// `cloud-part`, `cloud-entry`, `cloud-quota`, `cloud-name-taken`, `cloud-leaving`, `cloud-key-used`; 404; the store's.
    pub async fn order_snapshot(
        &self,
        who: &Who,
        (project, of): (Id, Id),
        name: &str,
        key: &str,
    ) -> Result<Done, Problem> {
        self.office().need(&who.actor(), permission::USE)?;
        if !resource::is_name(name) {
            return Err(problems::entry().field("name", "cloud-fault-name"));
        }
        self.once(who, ("snapshot-ordered", key), &(project, of, name), {
            let name = name.to_string();
            move |tx, cloud, who| {
                let name = name.clone();
                Box::pin(async move {
                    enter(tx, &who, project, Part::Operator).await?;
                    let found = resource::find(tx, (who.agency(), project), of).await?;
                    let was = found.ok_or_else(Problem::not_found)?;
                    let disk_mib = match (&was.spec, was.wanted) {
                        (_, Wanted::Gone) => return Err(problems::leaving()),
                        (Spec::Instance(spec), _) => spec.disk_mib,
                        (Spec::Volume(spec), _) => spec.size_mib,
                        (Spec::Network(_) | Spec::Snapshot(_), _) => return Err(Problem::not_found()),
                    };
                    let spec = Spec::Snapshot(SnapshotSpec { of, disk_mib });
                    let act =
                        ("cloud.snapshot-ordered", json!({"project": project, "of": was.kind().word()}));
                    cloud.insert_present(tx, &who, project, (&name, spec), act).await
                })
            }
        })
        .await
    }

    /// Brings an instance or a volume back to a snapshot. The instance, and whatever a volume is attached to, must be stopped.
    /// What was written since is lost.
    ///
    /// # Errors
    /// `cloud-part`, `cloud-not-stopped`, `cloud-leaving`, `cloud-key-used`; 404; the store's.
    pub async fn restore(
        &self,
        who: &Who,
        (project, snapshot): (Id, Id),
        key: &str,
    ) -> Result<Done, Problem> {
        let of = self
            .read(who, move |tx, _, who| {
                Box::pin(async move {
                    enter(tx, &who, project, Part::Reader).await?;
                    let place = (who.agency(), project);
                    let kept = resource::staying(tx, place, snapshot, Kind::Snapshot).await?;
                    let Spec::Snapshot(spec) = &kept.spec else { return Err(Problem::not_found()) };
                    let found = resource::find(tx, place, spec.of).await?;
                    found.ok_or_else(Problem::not_found)
                })
            })
            .await?;
        let asked = Asked { act: "cloud.snapshot-restored", key, request: json!(snapshot) };
        self.change(who, (project, of.id, of.kind()), asked, move |was, around| {
            if !is_kept(around, snapshot, was.id) {
                return Err(Problem::not_found());
            }
            let mut spec = was.spec.clone();
            match &mut spec {
                Spec::Instance(instance) => instance.restore = Some(snapshot),
                Spec::Volume(volume) => volume.restore = Some(snapshot),
                Spec::Network(_) | Spec::Snapshot(_) => return Err(Problem::not_found()),
            }
            let rests = |one: &Resource| one.wanted != Wanted::Running && !one.is_under_way();
            let users =
                around.iter().filter(|one| one.kind() == Kind::Instance && one.spec.stands_on(was.id));
            let mut all = users.chain((was.kind() == Kind::Instance).then_some(was));
            if all.all(rests) { Ok((spec, was.wanted)) } else { Err(problems::not_stopped()) }
        })
        .await
    }
}

/// Whether the snapshot is there, whole, and of this.
fn is_kept(around: &[Resource], snapshot: Id, of: Id) -> bool {
    let kept = around.iter().find(|one| one.id == snapshot && one.wanted == Wanted::Present);
    kept.is_some_and(|one| !one.is_under_way() && one.spec.stands_on(of))
}

//! Instances: ordered from the catalogue, started, stopped, made larger, used, removed.

use crate::catalogue::Catalogue;
use crate::change::Asked;
use crate::cloud::{Cloud, Done, Who};
use crate::engine::{EngineError, Said};
use crate::member::Part;
use crate::project::enter;
use crate::resource::{self, InstanceSpec, Kind, New, Spec, Wanted};
use crate::{permission, problems};
use daftar_kernel::{Id, Problem};
use daftar_store::Tx;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Longest user data, in bytes.
pub const USER_DATA_BYTES: usize = 16 * 1024;
/// Most networks, and most volumes, of one instance.
pub const ATTACHED_MAX: usize = 8;
/// Longest command, in bytes over all its words.
pub const COMMAND_BYTES: usize = 4 * 1024;
/// How long a command may take, in seconds.
pub const COMMAND_SECONDS: u32 = 30;

/// An instance as somebody orders it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewInstance {
    /// Its name.
    pub name: String,
    /// Code of the size.
    pub size: String,
    /// Code of the image.
    pub image: String,
    /// Networks of the project it is attached to, in order.
    pub networks: Vec<Id>,
    /// Volumes of the project, with the folder each is mounted at.
    pub volumes: Vec<(Id, String)>,
    /// What its image does at the first start (cloud-init user data); empty: nothing.
    pub user_data: String,
}

/// A fault of a field: the message is this service's own.
fn fault(problem: &mut Option<Problem>, field: &str, message: &str) {
    *problem = Some(problem.take().unwrap_or_else(problems::entry).field(field, message));
}

/// What is ordered, when the catalogue has it and the rest can stand.
///
/// # Errors
/// `cloud-entry` with every field's fault.
pub(crate) fn specify(catalogue: &Catalogue, new: &NewInstance) -> Result<InstanceSpec, Problem> {
    let mut wrong = None;
    if !resource::is_name(&new.name) {
        fault(&mut wrong, "name", "cloud-fault-name");
    }
    let (size, image) = (catalogue.size(&new.size), catalogue.image(&new.image));
    if size.is_none() {
        fault(&mut wrong, "size", "cloud-fault-size");
    }
    if image.is_none() {
        fault(&mut wrong, "image", "cloud-fault-image");
    }
    if new.user_data.len() > USER_DATA_BYTES || new.user_data.contains('\0') {
        fault(&mut wrong, "user_data", "cloud-fault-user-data");
    }
    let twice = |ids: &[Id]| ids.iter().enumerate().any(|(at, id)| ids[..at].contains(id));
    if new.networks.len() > ATTACHED_MAX || twice(&new.networks) {
        fault(&mut wrong, "networks", "cloud-fault-networks");
    }
    let volumes: Vec<Id> = new.volumes.iter().map(|(id, _)| *id).collect();
    if volumes.len() > ATTACHED_MAX || twice(&volumes) {
        fault(&mut wrong, "volumes", "cloud-fault-volumes");
    }
    if !new.volumes.iter().all(|(_, folder)| is_folder(folder)) {
        fault(&mut wrong, "volumes", "cloud-fault-folder");
    }
    match (size, image, wrong) {
        (Some(size), Some(image), None) => Ok(InstanceSpec {
            size: size.code.clone(),
            image: image.code.clone(),
            fingerprint: image.fingerprint.clone(),
            vcpus: size.vcpus,
            memory_mib: size.memory_mib,
            disk_mib: size.disk_mib,
            networks: new.networks.clone(),
            volumes: new.volumes.clone(),
            user_data: new.user_data.clone(),
            restore: None,
        }),
        (_, _, wrong) => Err(wrong.unwrap_or_else(problems::entry)),
    }
}

/// A folder a volume can be mounted at: an absolute path of plain names, at most 100 bytes, not the root itself.
#[must_use]
pub fn is_folder(path: &str) -> bool {
    let plain = |name: &str| {
        !name.is_empty()
            && !name.starts_with('.')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    path.len() <= 100 && path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(plain))
}

/// Writes down an instance that may be ordered, in the transaction of whoever decided.
///
/// # Errors
/// `cloud-entry` for a network or volume that is not there, `cloud-attached` for a volume another instance has; as
/// [`resource::insert`].
pub(crate) async fn insert(
    cloud: &Cloud,
    tx: &mut Tx,
    (agency, project): (&str, Id),
    (name, spec): (&str, InstanceSpec),
) -> Result<Id, Problem> {
    attachable(tx, (agency, project), None, &spec).await?;
    let id = cloud.store().world().id();
    let new = New { id, agency, project, name, spec: Spec::Instance(spec), wanted: Wanted::Running };
    resource::insert(cloud, tx, new).await?;
    Ok(id)
}

/// Whether everything an instance is attached to is there and free.
async fn attachable(
    tx: &mut Tx,
    (agency, project): (&str, Id),
    own: Option<Id>,
    spec: &InstanceSpec,
) -> Result<(), Problem> {
    if spec.networks.is_empty() && spec.volumes.is_empty() {
        return Ok(());
    }
    let around = resource::all(tx, agency, project).await?;
    let there = |id: Id, kind: Kind| {
        around.iter().any(|one| one.id == id && one.kind() == kind && one.wanted != Wanted::Gone)
    };
    if !spec.networks.iter().all(|id| there(*id, Kind::Network)) {
        return Err(problems::entry().field("networks", "cloud-fault-networks"));
    }
    if !spec.volumes.iter().all(|(id, _)| there(*id, Kind::Volume)) {
        return Err(problems::entry().field("volumes", "cloud-fault-volumes"));
    }
    let taken = |id: Id| {
        let mut others = around.iter().filter(|one| Some(one.id) != own);
        others.any(|one| one.kind() == Kind::Instance && one.spec.stands_on(id))
    };
    if spec.volumes.iter().any(|(id, _)| taken(*id)) {
        return Err(problems::attached());
    }
    Ok(())
}

impl Cloud {
    /// Orders an instance. A size that the catalogue keeps back becomes an order for two officials ([`crate::order`]).
    ///
    /// # Errors
    /// `cloud-part`, `cloud-entry` with every field's fault, `cloud-quota`, `cloud-name-taken`, `cloud-attached`,
    /// `cloud-no-catalogue`, `cloud-key-used`; 404; the store's.
    pub async fn order_instance(
        &self,
        who: &Who,
        project: Id,
        new: &NewInstance,
        key: &str,
    ) -> Result<Ordered, Problem> {
        self.office().need(&who.actor(), permission::USE)?;
        let catalogue = self.catalogue()?;
        let spec = specify(&catalogue, new)?;
        let held_back = catalogue.size(&new.size).is_some_and(|size| size.approval);
        let (name, wish) = (new.name.clone(), new.clone());
        self.once(who, ("instance-ordered", key), &(project, new), move |tx, cloud, who| {
            let (name, spec, wish) = (name.clone(), spec.clone(), wish.clone());
            Box::pin(async move {
                enter(tx, &who, project, Part::Operator).await?;
                if held_back {
                    let order = cloud.ask_for_instance(tx, &who, project, &wish).await?;
                    return Ok(Ordered { id: order.id, receipt: order.receipt, waits: true });
                }
                let public = json!({"project": project, "size": spec.size, "image": spec.image});
                let id = insert(&cloud, tx, (who.agency(), project), (&name, spec)).await?;
                let private = json!({"instance": id, "name": name});
                let receipt = cloud.act(tx, &who, "cloud.instance-ordered", public, private).await?;
                Ok(Ordered { id, receipt, waits: false })
            })
        })
        .await
    }

    /// Starts or stops an instance.
    ///
    /// # Errors
    /// `cloud-part`, `cloud-leaving`, `cloud-key-used`; 404; the store's.
    pub async fn run_instance(
        &self,
        who: &Who,
        (project, instance): (Id, Id),
        running: bool,
        key: &str,
    ) -> Result<Done, Problem> {
        let (wanted, kind) = match running {
            true => (Wanted::Running, "cloud.instance-started"),
            false => (Wanted::Stopped, "cloud.instance-stopped"),
        };
        let asked = Asked { act: kind, key, request: json!(running) };
        self.change(who, (project, instance, Kind::Instance), asked, move |was, _| {
            Ok((was.spec.clone(), wanted))
        })
        .await
    }

    /// Gives a stopped instance another size of the catalogue.
    ///
    /// # Errors
    /// `cloud-part`, `cloud-entry`, `cloud-not-stopped`, `cloud-quota`, `cloud-leaving`, `cloud-key-used`; 404; the store's.
    pub async fn resize_instance(
        &self,
        who: &Who,
        (project, instance): (Id, Id),
        size: &str,
        key: &str,
    ) -> Result<Done, Problem> {
        let catalogue = self.catalogue()?;
        // A size kept back needs two officials; they approve orders of new instances, and a disk never shrinks.
        let found = catalogue.size(size).filter(|size| !size.approval).cloned();
        let size = found.ok_or_else(|| problems::entry().field("size", "cloud-fault-size"))?;
        let asked = Asked { act: "cloud.instance-resized", key, request: json!(size.code) };
        self.change(who, (project, instance, Kind::Instance), asked, move |was, _| {
            let mut spec = was.spec.clone();
            let Spec::Instance(instance) = &mut spec else { return Err(Problem::not_found()) };
            if was.wanted != Wanted::Stopped {
                return Err(problems::not_stopped());
            }
            if size.disk_mib < instance.disk_mib {
                return Err(problems::entry().field("size", "cloud-fault-shrink"));
            }
            instance.size.clone_from(&size.code);
            (instance.vcpus, instance.memory_mib) = (size.vcpus, size.memory_mib);
            instance.disk_mib = size.disk_mib;
            Ok((spec, was.wanted))
        })
        .await
    }

    /// Runs one command inside a running instance, for at most [`COMMAND_SECONDS`]. The act is committed before the command runs;
    /// what it said goes to whoever asked and is kept nowhere. A key is good for one run.
    ///
    /// # Errors
    /// `cloud-part`, `cloud-entry`, `cloud-not-running`, `cloud-engine`, `cloud-engine-refused`, `cloud-key-used` when the command
    /// was sent already; 404; the store's.
    pub async fn run_command(
        &self,
        who: &Who,
        (project, instance): (Id, Id),
        command: &[String],
        key: &str,
    ) -> Result<Said, Problem> {
        let bytes: usize = command.iter().map(String::len).sum();
        let plain = command.iter().all(|word| !word.contains('\0'));
        if command.is_empty() || command[0].is_empty() || bytes > COMMAND_BYTES || !plain {
            return Err(problems::entry().field("command", "cloud-fault-command"));
        }
        let fresh = self.store().world().id();
        let ticket = self
            .once(who, ("command-run", key), &(project, instance, command), {
                let command = command.to_vec();
                move |tx, cloud, who| {
                    let command = command.clone();
                    Box::pin(async move {
                        enter(tx, &who, project, Part::Operator).await?;
                        let place = (who.agency(), project);
                        let was = resource::staying(tx, place, instance, Kind::Instance).await?;
                        if !was.runs() {
                            return Err(problems::not_running());
                        }
                        let private = json!({"instance": instance, "command": command});
                        let public = json!({"project": project});
                        cloud.act(tx, &who, "cloud.command-run", public, private).await?;
                        Ok(fresh)
                    })
                }
            })
            .await?;
        // An older answer: what the command said then was kept nowhere, and it is not run a second time.
        if ticket != fresh {
            return Err(problems::key_used());
        }
        let said = self.engine()?.run(project, instance, command, COMMAND_SECONDS).await;
        said.map_err(|error| match error {
            EngineError::Gone(why) | EngineError::Nonsense(why) => {
                problems::engine().retry_after(60).detail(why)
            }
            EngineError::Refused(why) | EngineError::Missing(why) => problems::engine_refused().detail(why),
        })
    }
}

/// What came of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// The instance; while it waits, the order.
    pub id: Id,
    /// Receipt of the act.
    pub receipt: Id,
    /// Whether two officials must approve it first.
    pub waits: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use daftar_kernel::Lang;

    #[test]
    fn every_fault_of_an_order_is_named() {
        let catalogue = Catalogue::parse(catalogue::tests::GOOD, &[Lang::english()]).unwrap();
        let good = NewInstance {
            name: "web".into(),
            size: "small".into(),
            image: "alpine".into(),
            ..NewInstance::default()
        };
        assert_eq!(specify(&catalogue, &good).unwrap().memory_mib, 512);
        let id = |n| Id::from_bytes([n; 16]);
        let faults = |new: NewInstance| {
            let fields = specify(&catalogue, &new).unwrap_err().fields;
            fields.into_iter().map(|fault| fault.field).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(faults(NewInstance::default()), "name size image");
        assert_eq!(
            faults(NewInstance { user_data: "x".repeat(USER_DATA_BYTES + 1), ..good.clone() }),
            "user_data"
        );
        assert!(
            specify(&catalogue, &NewInstance { user_data: "x".repeat(USER_DATA_BYTES), ..good.clone() })
                .is_ok()
        );
        assert_eq!(faults(NewInstance { networks: vec![id(1), id(1)], ..good.clone() }), "networks");
        let many = |count: u8| NewInstance { networks: (0..count).map(id).collect(), ..good.clone() };
        assert!(specify(&catalogue, &many(8)).is_ok());
        assert_eq!(faults(many(9)), "networks");
        assert_eq!(faults(NewInstance { volumes: vec![(id(1), "/".into())], ..good }), "volumes");
    }

    #[test]
    fn folders_are_plain() {
        for good in ["/data", "/srv/app-1/my_data.d"] {
            assert!(is_folder(good), "{good}");
        }
        for bad in ["", "/", "data", "/a//b", "/../etc", "/a b", "/é", &format!("/{}", "a".repeat(100))] {
            assert!(!is_folder(bad), "{bad}");
        }
    }
}

//! A project's room and its fence.

use super::room::{HEAD_ROOM_MIB, LENT_MIB};
use super::{Lxd, list, names, text};
use crate::engine::{EngineError, Fence};
use daftar_kernel::Id;
use http::Method;
use serde_json::{Value, json};

/// What the images of a project may take beside its fence, in MiB: the engine counts them as the project's disk.
const IMAGES_MIB: u64 = 4096;
/// A network no bridge can be called like (16 letters): a project that may use only this one may use none, whereas an
/// empty list would mean any.
const NO_NETWORK: &str = "daftar-no-bridge";
/// What every project has, whatever was ordered.
const ALWAYS: [(&str, &str); 9] = [
    ("features.images", "true"),
    ("features.profiles", "true"),
    ("features.storage.volumes", "true"),
    // Rules of networks and the networks' own settings are then out of a restricted certificate's reach.
    ("features.networks", "true"),
    ("limits.networks", "0"),
    ("limits.virtual-machines", "0"),
    ("restricted", "true"),
    ("restricted.devices.nic", "allow"),
    ("restricted.snapshots", "allow"),
];
/// How often a change is tried again that somebody else overtook.
const TRIES: u32 = 5;

impl Lxd {
    pub(super) async fn keep_project(&self, project: Id, fence: &Fence) -> Result<(), EngineError> {
        let name = names::name(names::PROJECT, project);
        let mut config = limits(fence);
        for (key, value) in ALWAYS {
            config.insert(key.into(), value.into());
        }
        let path = format!("/1.0/projects/{name}");
        if let Some(there) = self.client.find(&path).await? {
            // What it has beside (the networks it may use) stays as it is.
            if config.iter().all(|(key, value)| there["config"][key] == *value) {
                return Ok(());
            }
            self.client.change(Method::PUT, &path, changed(&there, config)).await?;
            return Ok(());
        }
        config.insert("restricted.networks.access".into(), NO_NETWORK.into());
        let made =
            self.client.change(Method::POST, "/1.0/projects", json!({"name": name, "config": config})).await;
        match made {
            Ok(_) => Ok(()),
            // Somebody else made it meanwhile.
            Err(error) => self.client.find(&path).await?.map(|_| ()).ok_or(error),
        }
    }

    pub(super) async fn drop_project(&self, project: Id) -> Result<(), EngineError> {
        let name = names::name(names::PROJECT, project);
        let Some(there) = self.client.find(&format!("/1.0/projects/{name}")).await? else { return Ok(()) };
        if there["config"]["features.images"] != "true" {
            // Its list would be everybody's, and what is removed from it gone for all.
            return Err(EngineError::Refused(
                "the project has no images of its own: somebody changed it".into(),
            ));
        }
        if !self.networks_of(project).await?.is_empty() {
            return Err(EngineError::Refused("the project still has networks".into()));
        }
        let images = self.client.get(&super::within(project, "images")).await?;
        for image in list(&images)? {
            let image = image.as_str().unwrap_or_default().trim_start_matches("/1.0/images/");
            let fingerprint = image.split('?').next().unwrap_or_default();
            self.client.remove(&super::within(project, &format!("images/{fingerprint}"))).await?;
        }
        self.client.remove(&format!("/1.0/projects/{name}")).await
    }

    pub(super) async fn list_projects(&self) -> Result<Vec<Id>, EngineError> {
        let projects = self.client.get("/1.0/projects?recursion=1").await?;
        let mut found = Vec::new();
        for project in list(&projects)? {
            found.extend(names::read(names::PROJECT, text(project, "name")?));
        }
        found.sort();
        Ok(found)
    }

    /// Lets the project's instances be attached to just the networks it has now.
    pub(super) async fn open_networks(&self, project: Id) -> Result<(), EngineError> {
        let path = format!("/1.0/projects/{}", names::name(names::PROJECT, project));
        for _ in 0..TRIES {
            // The mark first, then what there is: whoever comes between makes our change fail, and we look again.
            let read = self.client.ask(Method::GET, &path, None, None).await?;
            let mut bridges: Vec<String> =
                self.networks_of(project).await?.into_iter().map(names::bridge).collect();
            bridges.sort();
            let wanted = if bridges.is_empty() { NO_NETWORK.into() } else { bridges.join(",") };
            if read.metadata["config"]["restricted.networks.access"] == wanted.as_str() {
                return Ok(());
            }
            let mut access = serde_json::Map::new();
            access.insert("restricted.networks.access".into(), wanted.into());
            let change = changed(&read.metadata, access);
            match self.client.ask(Method::PUT, &path, Some(change), read.etag.as_deref()).await {
                Err(EngineError::Gone(_)) => {}
                done => return done.map(|_| ()),
            }
        }
        Err(EngineError::Gone("others keep changing the project".into()))
    }
}

/// The whole project with these settings changed. LXD 5.0 takes a PATCH of a project for the whole: limits and restrictions
/// that it does not name are lost, and nothing says so.
fn changed(there: &Value, settings: serde_json::Map<String, Value>) -> Value {
    let mut config = there["config"].as_object().cloned().unwrap_or_default();
    config.extend(settings);
    json!({"description": there["description"], "config": config})
}

/// The engine's own limits. It counts what an instance's disk has on top of what was ordered as well.
fn limits(fence: &Fence) -> serde_json::Map<String, Value> {
    let on_top = u64::from(fence.instances) * (HEAD_ROOM_MIB + LENT_MIB) + IMAGES_MIB;
    [
        ("limits.instances", fence.instances.to_string()),
        ("limits.containers", fence.instances.to_string()),
        ("limits.cpu", fence.vcpus.to_string()),
        ("limits.memory", format!("{}MiB", fence.memory_mib)),
        ("limits.disk", format!("{}MiB", fence.disk_mib.saturating_add(on_top))),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_string(), Value::from(value)))
    .collect()
}

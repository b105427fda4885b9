//! Instances: made, changed, started, stopped, removed.

use super::client::last_part;
use super::{Lxd, list, names, room, text};
use crate::engine::{Answer, EngineError, Instance};
use daftar_kernel::Id;
use http::Method;
use serde_json::{Map, Value, json};

impl Lxd {
    pub(super) async fn keep_instance(&self, project: Id, instance: &Instance) -> Result<(), EngineError> {
        let path =
            super::within(project, &format!("instances/{}", names::name(names::INSTANCE, instance.id)));
        self.settle(project, instance.id).await?;
        match self.client.find(&path).await? {
            Some(there) => self.change_instance(project, instance, &path, &there).await?,
            None => {
                self.bring_image(project, &instance.image).await?;
                let new = json!({
                    "name": names::name(names::INSTANCE, instance.id),
                    "type": "container",
                    "profiles": [],
                    "source": {"type": "image", "fingerprint": instance.image},
                    "config": config_of(instance),
                    "devices": self.devices_of(instance, 0),
                });
                self.client.change(Method::POST, &super::within(project, "instances"), new).await?;
            }
        }
        self.keep_reserve(project, instance.id).await?;
        self.keep_state(project, instance.id, instance.running).await
    }

    /// Brings an instance that is there to the size and attachments that are wanted.
    async fn change_instance(
        &self,
        project: Id,
        instance: &Instance,
        path: &str,
        there: &Value,
    ) -> Result<(), EngineError> {
        if let Some(image) = there["config"]["volatile.base_image"].as_str()
            && image != instance.image
        {
            return Err(EngineError::Refused("an instance keeps the image it was made from".into()));
        }
        let Some(has) = there["config"].as_object() else {
            return Err(EngineError::Nonsense("an instance without its configuration".into()));
        };
        let (wanted, devices) = (config_of(instance), self.devices_of(instance, room::lent(there)));
        let (kept, ours): (Map<_, _>, Map<_, _>) = has
            .clone()
            .into_iter()
            .partition(|(key, _)| key.starts_with("volatile.") || key.starts_with("image."));
        if ours == wanted && there["devices"] == devices {
            return Ok(());
        }
        let config: Map<_, _> = kept.into_iter().chain(wanted).collect();
        let change = json!({
            "architecture": there["architecture"],
            "config": config,
            "devices": devices,
            "ephemeral": false,
            "profiles": [],
            "stateful": false,
            "description": there["description"],
        });
        self.with_room(project, instance.id, || self.changing_on_loan(path.into(), instance, change.clone()))
            .await
    }

    /// With a disk that is lent so many MiB.
    fn devices_of(&self, instance: &Instance, lent_mib: u64) -> Value {
        let mut devices = Map::new();
        let size = room::size(instance.disk_mib.saturating_add(lent_mib));
        devices.insert("root".into(), json!({"type": "disk", "path": "/", "pool": self.pool, "size": size}));
        for (number, network) in instance.networks.iter().enumerate() {
            let device = json!({
                "type": "nic", "nictype": "bridged", "parent": names::bridge(*network), "name": format!("eth{number}"),
                // It may send only as who it is: no other instance's address, hardware's or IP.
                "security.mac_filtering": "true", "security.ipv4_filtering": "true",
            });
            devices.insert(format!("eth{number}"), device);
        }
        for (volume, folder) in &instance.volumes {
            let name = names::name(names::VOLUME, *volume);
            let device = json!({"type": "disk", "pool": self.pool, "source": name, "path": folder});
            devices.insert(name, device);
        }
        devices.into()
    }

    /// Copies an image into the project, unless it has it.
    async fn bring_image(&self, project: Id, fingerprint: &str) -> Result<(), EngineError> {
        if fingerprint.len() != 64 || !fingerprint.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(EngineError::Missing("an image is named by 64 hexadecimal digits".into()));
        }
        let path = super::within(project, &format!("images/{fingerprint}"));
        if self.client.find(&path).await?.is_some() {
            return Ok(());
        }
        let from = format!("/1.0/images/{fingerprint}/export?project=default");
        let piped = self.client.pipe(&from, &super::within(project, "images")).await;
        match piped {
            // Two instances may bring the same image at one time.
            Err(error @ EngineError::Refused(_)) => self.client.find(&path).await?.map(|_| ()).ok_or(error),
            done => {
                done?;
                self.client.get(&path).await.map(|_| ())
            }
        }
    }

    /// What the engine says the instance does; none when there is none.
    pub(super) async fn status(&self, project: Id, instance: Id) -> Result<Option<String>, EngineError> {
        let name = names::name(names::INSTANCE, instance);
        let there = self.client.find(&super::within(project, &format!("instances/{name}"))).await?;
        there.map(|there| text(&there, "status").map(String::from)).transpose()
    }

    pub(super) async fn set_state(
        &self,
        project: Id,
        instance: Id,
        action: &str,
        force: bool,
    ) -> Result<(), EngineError> {
        let name = names::name(names::INSTANCE, instance);
        let path = super::within(project, &format!("instances/{name}/state"));
        let mut change = json!({"action": action, "timeout": self.patience.operation.as_secs()});
        if action == "stop" {
            change["force"] = force.into();
            change["timeout"] = if force { 30 } else { self.patience.stop.as_secs() }.into();
        }
        self.client.change(Method::PUT, &path, change).await.map(|_| ())
    }

    async fn keep_state(&self, project: Id, instance: Id, running: bool) -> Result<(), EngineError> {
        let status = self.status(project, instance).await?;
        match (status.as_deref(), running) {
            (Some("Running"), true) | (Some("Stopped"), false) => Ok(()),
            (Some("Frozen"), true) => self.set_state(project, instance, "unfreeze", false).await,
            (Some(_), true) => {
                let act =
                    || -> Answer<'_, ()> { Box::pin(self.set_state(project, instance, "start", false)) };
                self.with_room(project, instance, act).await
            }
            (Some(_), false) => self.stop(project, instance).await,
            (None, _) => Err(EngineError::Gone("the instance went away while it was made".into())),
        }
    }

    /// Has it end by itself, and ends it when it does not.
    async fn stop(&self, project: Id, instance: Id) -> Result<(), EngineError> {
        if !self.is_full(project, instance).await?
            && self.set_state(project, instance, "stop", false).await.is_ok()
        {
            return Ok(());
        }
        self.end(project, instance).await
    }

    /// Ends it as if its power was cut. LXD 5.0 writes on its disk then: where it finds it full, it never lets go of the disk
    /// again, and restores nothing to it.
    async fn end(&self, project: Id, instance: Id) -> Result<(), EngineError> {
        let act = || -> Answer<'_, ()> { Box::pin(self.end_now(project, instance)) };
        match self.is_full(project, instance).await? {
            true => self.in_room(project, instance, act).await,
            false => self.with_room(project, instance, act).await,
        }
    }

    async fn end_now(&self, project: Id, instance: Id) -> Result<(), EngineError> {
        match self.status(project, instance).await?.as_deref() {
            None | Some("Stopped") => Ok(()),
            Some(_) => self.set_state(project, instance, "stop", true).await,
        }
    }

    /// One change of a whole instance, which leaves its disk what it is lent at the moment.
    fn changing_on_loan<'a>(
        &'a self,
        path: String,
        instance: &'a Instance,
        mut change: Value,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let there = self.client.get(&path).await?;
            change["devices"] = self.devices_of(instance, room::lent(&there));
            self.client.change(Method::PUT, &path, change).await.map(|_| ())
        })
    }

    /// One change, to be asked for more than once.
    pub(super) fn changing(&self, method: Method, path: String, body: Value) -> Answer<'_, ()> {
        Box::pin(async move { self.client.change(method, &path, body).await.map(|_| ()) })
    }

    /// Waits for what the engine is still at with this instance, of which an earlier asking may not have heard the end.
    pub(super) async fn settle(&self, project: Id, instance: Id) -> Result<(), EngineError> {
        let all = format!("{}&recursion=1", super::within(project, "operations"));
        self.client.settle(&all, &names::name(names::INSTANCE, instance)).await
    }

    pub(super) async fn drop_instance(&self, project: Id, instance: Id) -> Result<(), EngineError> {
        self.settle(project, instance).await?;
        let Some(status) = self.status(project, instance).await? else { return Ok(()) };
        if status != "Stopped" {
            self.end(project, instance).await?;
        }
        let path = super::within(project, &format!("instances/{}", names::name(names::INSTANCE, instance)));
        match self
            .with_room(project, instance, || self.changing(Method::DELETE, path.clone(), Value::Null))
            .await
        {
            Err(EngineError::Missing(_)) => Ok(()),
            done => done,
        }
    }
}

fn config_of(instance: &Instance) -> Map<String, Value> {
    let mut config = Map::new();
    let mut set = |key: &str, value: String| config.insert(key.into(), value.into());
    set("limits.cpu", instance.vcpus.to_string());
    set("limits.memory", format!("{}MiB", instance.memory_mib));
    set(names::DISK_KEY, instance.disk_mib.to_string());
    if !instance.user_data.is_empty() {
        set("cloud-init.user-data", instance.user_data.clone());
    }
    config
}

/// The identifiers in a list of addresses, e.g. of snapshots.
pub(super) fn last_parts(addresses: &Value) -> Result<Vec<&str>, EngineError> {
    Ok(list(addresses)?.iter().filter_map(|address| address.as_str().map(last_part)).collect())
}

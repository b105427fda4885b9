//! What the engine has, and what it counted.

use super::instance::last_parts;
use super::{Lxd, list, names, text};
use crate::engine::{EngineError, Inventory, State, Usage};
use daftar_kernel::Id;
use serde_json::Value;

impl Lxd {
    pub(super) async fn list_all(&self, project: Id) -> Result<Inventory, EngineError> {
        let mut all = Inventory { networks: self.networks_of(project).await?, ..Inventory::default() };
        let path = format!("{}&recursion=2", super::within(project, "instances"));
        for instance in list(&self.client.get(&path).await?)? {
            let Some(id) = names::read(names::INSTANCE, text(instance, "name")?) else { continue };
            all.instances.push((id, state(instance), addresses(&instance["state"]["network"])));
            for snapshot in list(&instance["snapshots"])? {
                // Their names come as `snapshot` or `instance/snapshot`.
                let name = text(snapshot, "name")?.rsplit('/').next().unwrap_or_default();
                all.snapshots.extend(names::read(names::SNAPSHOT, name).map(|snapshot| (snapshot, id)));
            }
        }
        for name in last_parts(&self.client.get(&self.volumes(project, "")).await?)? {
            let Some(id) = names::read(names::VOLUME, name) else { continue };
            all.volumes.push(id);
            let path = self.volumes(project, &format!("/{name}/snapshots"));
            for snapshot in last_parts(&self.client.get(&path).await?)? {
                all.snapshots.extend(names::read(names::SNAPSHOT, snapshot).map(|snapshot| (snapshot, id)));
            }
        }
        all.instances.sort_by_key(|(id, ..)| *id);
        all.volumes.sort();
        all.snapshots.sort();
        Ok(all)
    }

    pub(super) async fn look_at_usage(&self) -> Result<Vec<Usage>, EngineError> {
        let instances = self.client.get("/1.0/instances?recursion=2&all-projects=true").await?;
        let mut all = Vec::new();
        for instance in list(&instances)? {
            let (Some(project), Some(id)) = (
                names::read(names::PROJECT, text(instance, "project")?),
                names::read(names::INSTANCE, text(instance, "name")?),
            ) else {
                continue;
            };
            all.push(usage(project, id, instance)?);
        }
        all.sort_by_key(|usage| (usage.project, usage.instance));
        Ok(all)
    }
}

fn state(instance: &Value) -> State {
    match instance["status"].as_str() {
        Some("Running") => State::Running,
        Some("Stopped" | "Frozen" | "Starting" | "Stopping" | "Freezing" | "Thawed") => State::Stopped,
        _ => State::Broken,
    }
}

/// The addresses it answers at from outside itself.
fn addresses(networks: &Value) -> Vec<String> {
    let mut found: Vec<String> = networks
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != "lo")
        .flat_map(|(_, network)| network["addresses"].as_array().into_iter().flatten())
        .filter(|address| address["family"] == "inet" && address["scope"] == "global")
        .filter_map(|address| address["address"].as_str().map(String::from))
        .collect();
    found.sort();
    found
}

fn usage(project: Id, instance: Id, said: &Value) -> Result<Usage, EngineError> {
    let configured = |key: &str| {
        let value = said["config"][key].as_str().map(|text| text.trim_end_matches("MiB"));
        value
            .and_then(|text| text.parse::<u64>().ok())
            .ok_or_else(|| EngineError::Nonsense(format!("an instance of ours without '{key}'")))
    };
    // The engine writes -1 for what it cannot count, and nothing for what does not run.
    let counted = |value: &Value| value.as_u64().unwrap_or(0);
    let (mut received, mut sent) = (0_u64, 0_u64);
    for (name, network) in said["state"]["network"].as_object().into_iter().flatten() {
        if name != "lo" {
            received = received.saturating_add(counted(&network["counters"]["bytes_received"]));
            sent = sent.saturating_add(counted(&network["counters"]["bytes_sent"]));
        }
    }
    Ok(Usage {
        project,
        instance,
        state: state(said),
        vcpus: u32::try_from(configured("limits.cpu")?)
            .map_err(|_| EngineError::Nonsense("an instance with more processors than there are".into()))?,
        memory_mib: configured("limits.memory")?,
        disk_mib: configured(names::DISK_KEY)?,
        cpu_ns: counted(&said["state"]["cpu"]["usage"]),
        memory_bytes: counted(&said["state"]["memory"]["usage"]),
        disk_bytes: said["state"]["disk"]["root"]["usage"].as_u64(),
        received_bytes: received,
        sent_bytes: sent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn id(n: u8) -> Id {
        Id::from_parts(1, [n; 10])
    }

    #[test]
    fn what_the_engine_counted_is_read_without_its_own_loop() {
        let said = json!({
            "status": "Running",
            "config": {"limits.cpu": "2", "limits.memory": "200MiB", "user.daftar.disk_mib": "1024"},
            "state": {
                "cpu": {"usage": 15_781_177_u64}, "memory": {"usage": 2_609_152}, "disk": {"root": {"usage": 16_384}},
                "network": {
                    "eth0": {"addresses": [{"address": "10.64.1.2", "family": "inet", "scope": "global"}],
                             "counters": {"bytes_received": 686, "bytes_sent": 954}},
                    "lo": {"addresses": [{"address": "127.0.0.1", "family": "inet", "scope": "local"}],
                           "counters": {"bytes_received": 5, "bytes_sent": 5}},
                },
            },
        });
        let usage = usage(id(1), id(2), &said).unwrap();
        assert_eq!((usage.cpu_ns, usage.received_bytes, usage.sent_bytes), (15_781_177, 686, 954));
        assert_eq!((usage.vcpus, usage.memory_mib, usage.disk_mib), (2, 200, 1024));
        assert_eq!(addresses(&said["state"]["network"]), ["10.64.1.2"]);
    }

    #[test]
    fn what_does_not_run_has_used_nothing_and_a_lie_is_told() {
        let still = json!({"status": "Stopped", "config": {"limits.cpu": "1", "limits.memory": "1MiB", "user.daftar.disk_mib": "1"}, "state": {"cpu": {"usage": -1}}});
        let usage_of = |said: &Value| usage(id(1), id(2), said);
        let usage = usage_of(&still).unwrap();
        assert_eq!((usage.cpu_ns, usage.disk_bytes, usage.state), (0, None, State::Stopped));
        assert!(matches!(usage_of(&json!({"config": {}})), Err(EngineError::Nonsense(_))));
        assert_eq!(state(&json!({"status": "Error"})), State::Broken);
    }
}

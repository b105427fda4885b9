//! What the engine is, and what this machine keeps it from doing.

use super::{Lxd, list, text};
use crate::engine::{About, EngineError};
use serde_json::Value;
use std::path::Path;

/// The bit of Linux's CAP_SYS_RESOURCE (capability.h).
const SYS_RESOURCE: u32 = 24;

impl Lxd {
    pub(super) async fn tell_about(&self) -> Result<About, EngineError> {
        let server = self.client.get("/1.0").await?;
        let environment = &server["environment"];
        let name = text(environment, "server")?;
        if name != "lxd" && name != "incus" {
            return Err(EngineError::Nonsense(format!("'{name}' is neither LXD nor Incus")));
        }
        if server["auth"] != "trusted" {
            return Err(EngineError::Refused("the engine does not trust this program".into()));
        }
        let mut lacks = Vec::new();
        lacks_of_engine(environment, &mut lacks);
        let pool = self.client.get(&format!("/1.0/storage-pools/{}", self.pool)).await?;
        lacks_of_pool(text(&pool, "driver")?, &mut lacks);
        lacks_of_machine(environment["server_pid"].as_u64(), Path::new("/"), &mut lacks);
        for warning in list(&self.client.get("/1.0/warnings?recursion=1").await?)? {
            let (kind, said) = (text(warning, "type")?, text(warning, "last_message")?);
            if warning["status"] != "resolved" && kind != "Instance type not operational" {
                lacks.push(format!("{kind}: {said}"));
            }
        }
        lacks.sort();
        lacks.dedup();
        Ok(About {
            name: name.into(),
            version: text(environment, "server_version")?.into(),
            simulated: false,
            lacks,
        })
    }

    pub(super) async fn list_images(&self) -> Result<Vec<(String, String)>, EngineError> {
        let images = self.client.get("/1.0/images?recursion=1&project=default").await?;
        list(&images)?
            .iter()
            .map(|image| {
                let described = image["properties"]["description"].as_str().unwrap_or_default();
                Ok((text(image, "fingerprint")?.to_string(), described.to_string()))
            })
            .collect()
    }
}

fn lacks_of_engine(environment: &Value, lacks: &mut Vec<String>) {
    if environment["firewall"] != "nftables" {
        lacks.push("no nftables: networks of projects cannot be kept apart, so none is made".into());
    }
    let drivers = environment["driver"].as_str().unwrap_or_default();
    if !drivers.split(['|', ' ']).any(|driver| driver == "qemu") {
        lacks.push("no virtual machines: containers share the machine's kernel".into());
    }
}

fn lacks_of_pool(driver: &str, lacks: &mut Vec<String>) {
    if driver == "dir" {
        lacks.push(
            "no disk quota: the storage pool is a plain folder; an instance can fill the whole disk".into(),
        );
    }
}

/// What the machine denies the engine's process; nothing is said of an engine on another machine.
fn lacks_of_machine(pid: Option<u64>, root: &Path, lacks: &mut Vec<String>) {
    let Some(status) =
        pid.and_then(|pid| std::fs::read_to_string(root.join(format!("proc/{pid}/status"))).ok())
    else {
        return;
    };
    let effective = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    if effective.is_some_and(|mask| mask >> SYS_RESOURCE & 1 == 0) {
        lacks.push(
            "no CAP_SYS_RESOURCE: instances cannot have limits above the machine's own, such as open files"
                .into(),
        );
    }
    if !root.join("sys/fs/cgroup/cgroup.controllers").exists() {
        lacks.push("control groups of version 1: newer releases of the engine want version 2".into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_machine_that_lacks_things_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let lacks = |status: &str, unified: bool| {
            std::fs::create_dir_all(dir.path().join("proc/7")).unwrap();
            std::fs::write(dir.path().join("proc/7/status"), status).unwrap();
            let controllers = dir.path().join("sys/fs/cgroup/cgroup.controllers");
            std::fs::create_dir_all(controllers.parent().unwrap()).unwrap();
            if unified {
                std::fs::write(&controllers, "cpu memory").unwrap();
            } else {
                let _ = std::fs::remove_file(&controllers);
            }
            let mut found = Vec::new();
            lacks_of_machine(Some(7), dir.path(), &mut found);
            found
        };
        assert!(lacks("CapEff:\t000001ffffffffff\n", true).is_empty());
        assert!(lacks("CapEff:\t000001fffeffffff\n", true)[0].contains("CAP_SYS_RESOURCE"));
        assert!(lacks("CapEff:\t000001ffffffffff\n", false)[0].contains("version 1"));
        let mut none = Vec::new();
        lacks_of_machine(Some(8), dir.path(), &mut none);
        assert!(none.is_empty(), "a process that cannot be seen is not judged");
    }

    #[test]
    fn an_engine_without_quota_rules_or_machines_says_so() {
        let mut lacks = Vec::new();
        lacks_of_engine(&json!({"firewall": "xtables", "driver": "lxc"}), &mut lacks);
        lacks_of_pool("dir", &mut lacks);
        assert_eq!(lacks.len(), 3);
        lacks.clear();
        lacks_of_engine(&json!({"firewall": "nftables", "driver": "qemu | lxc"}), &mut lacks);
        lacks_of_pool("btrfs", &mut lacks);
        assert!(lacks.is_empty(), "{lacks:?}");
    }
}

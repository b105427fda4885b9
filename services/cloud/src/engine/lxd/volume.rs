//! Disks that outlive instances.

use super::{Lxd, names};
use crate::engine::{EngineError, Volume};
use daftar_kernel::Id;
use http::Method;
use serde_json::{Value, json};

impl Lxd {
    /// The address of the project's volumes of its own, or of something below them.
    pub(super) fn volumes(&self, project: Id, below: &str) -> String {
        super::within(project, &format!("storage-pools/{}/volumes/custom{below}", self.pool))
    }

    pub(super) async fn keep_volume(&self, project: Id, volume: &Volume) -> Result<(), EngineError> {
        let name = names::name(names::VOLUME, volume.id);
        let size = Value::from(format!("{}MiB", volume.size_mib));
        let path = self.volumes(project, &format!("/{name}"));
        let there = match self.client.find(&path).await? {
            Some(there) => there,
            None => {
                let new = json!({"name": name, "config": {"size": size}});
                match self.client.change(Method::POST, &self.volumes(project, ""), new).await {
                    Ok(_) => return Ok(()),
                    // Somebody else made it meanwhile.
                    Err(error) => self.client.find(&path).await?.ok_or(error)?,
                }
            }
        };
        if there["config"]["size"] == size {
            return Ok(());
        }
        self.client.change(Method::PATCH, &path, json!({"config": {"size": size}})).await.map(|_| ())
    }

    pub(super) async fn drop_volume(&self, project: Id, volume: Id) -> Result<(), EngineError> {
        self.client.remove(&self.volumes(project, &format!("/{}", names::name(names::VOLUME, volume)))).await
    }
}

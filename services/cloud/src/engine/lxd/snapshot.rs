//! Snapshots of instances and of volumes.

use super::{Lxd, names};
use crate::engine::EngineError;
use daftar_kernel::Id;
use http::Method;
use serde_json::{Value, json};

/// What a snapshot is of.
enum Of {
    Instance,
    Volume,
}

impl Lxd {
    /// Which of both there is under this identifier.
    async fn kind(&self, project: Id, of: Id) -> Result<Of, EngineError> {
        let instance = super::within(project, &format!("instances/{}", names::name(names::INSTANCE, of)));
        if self.client.find(&instance).await?.is_some() {
            return Ok(Of::Instance);
        }
        let volume = self.volumes(project, &format!("/{}", names::name(names::VOLUME, of)));
        self.client.get(&volume).await.map(|_| Of::Volume)
    }

    /// The address of the thing itself, with something below it.
    fn address(&self, project: Id, kind: &Of, of: Id, below: &str) -> String {
        match kind {
            Of::Instance => {
                super::within(project, &format!("instances/{}{below}", names::name(names::INSTANCE, of)))
            }
            Of::Volume => self.volumes(project, &format!("/{}{below}", names::name(names::VOLUME, of))),
        }
    }

    pub(super) async fn keep_snapshot(&self, project: Id, of: Id, snapshot: Id) -> Result<(), EngineError> {
        let kind = self.kind(project, of).await?;
        let name = names::name(names::SNAPSHOT, snapshot);
        if self.client.find(&self.address(project, &kind, of, &format!("/snapshots/{name}"))).await?.is_some()
        {
            return Ok(());
        }
        let all = self.address(project, &kind, of, "/snapshots");
        self.upon(kind, project, of, (Method::POST, all, json!({"name": name}))).await
    }

    pub(super) async fn bring_back(&self, project: Id, of: Id, snapshot: Id) -> Result<(), EngineError> {
        let kind = self.kind(project, of).await?;
        if matches!(kind, Of::Instance) && self.status(project, of).await?.as_deref() != Some("Stopped") {
            return Err(EngineError::Refused("the instance runs: it must be stopped first".into()));
        }
        let name = names::name(names::SNAPSHOT, snapshot);
        self.client.get(&self.address(project, &kind, of, &format!("/snapshots/{name}"))).await?;
        let path = self.address(project, &kind, of, "");
        self.upon(kind, project, of, (Method::PUT, path, json!({"restore": name}))).await
    }

    pub(super) async fn drop_snapshot(&self, project: Id, of: Id, snapshot: Id) -> Result<(), EngineError> {
        let kind = match self.kind(project, of).await {
            // Whatever it was of took it along.
            Err(EngineError::Missing(_)) => return Ok(()),
            kind => kind?,
        };
        let name = names::name(names::SNAPSHOT, snapshot);
        let path = self.address(project, &kind, of, &format!("/snapshots/{name}"));
        match self.upon(kind, project, of, (Method::DELETE, path, Value::Null)).await {
            Err(EngineError::Missing(_)) => Ok(()),
            done => done,
        }
    }

    /// Asks for a change, with room on the disk where the engine writes there.
    async fn upon(
        &self,
        kind: Of,
        project: Id,
        of: Id,
        (method, path, body): (Method, String, Value),
    ) -> Result<(), EngineError> {
        let act = || self.changing(method.clone(), path.clone(), body.clone());
        match kind {
            Of::Instance => {
                self.settle(project, of).await?;
                self.with_room(project, of, act).await
            }
            Of::Volume => act().await,
        }
    }
}

//! Orphans: what the engine has under our mark and nobody wants. They are listed by the round, and removed by an official.

use crate::cloud::{Cloud, Who};
use crate::engine::EngineError;
use crate::reconcile::ROOM;
use crate::{permission, problems};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{Row, params, sql};
use serde_json::json;

/// Most orphans that are shown.
const SHOWN: i64 = 500;

/// Something nobody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// Code of the agency whose project it lies in; empty where no project of ours has the room.
    pub agency: String,
    /// The engine's room it lies in.
    pub room: Id,
    /// Its identifier.
    pub id: Id,
    /// `instance`, `network`, `volume`, `snapshot` or `room`.
    pub kind: String,
    /// What a snapshot is of.
    pub of: Id,
    /// When it was seen last.
    pub seen_at: Timestamp,
}

impl Cloud {
    /// What nobody wants, as the last round saw it. For whoever operates the cloud, over all agencies.
    ///
    /// # Errors
    /// 403 without the permission; the store's.
    pub async fn orphans(&self, who: &Who) -> Result<Vec<Orphan>, Problem> {
        self.office().need(&who.actor(), permission::OPERATE)?;
        self.read(who, |tx, _, _| {
            Box::pin(async move {
                let text = sql!(
                    "select agency_id, project, id, kind, part_of, seen_at from cloud_orphan \
                     order by agency_id, project, id limit $1"
                );
                let read = |row: &Row| {
                    Ok(Orphan {
                        agency: row.get(0)?,
                        room: row.get(1)?,
                        id: row.get(2)?,
                        kind: row.get(3)?,
                        of: row.get(4)?,
                        seen_at: row.get(5)?,
                    })
                };
                tx.query(text, &params![SHOWN]).await?.iter().map(read).collect()
            })
        })
        .await
    }

    /// Removes one. The round is made anew first: what somebody wants meanwhile, or is gone, is not touched.
    ///
    /// # Errors
    /// 403 without the permission; `cloud-orphan-gone`, `cloud-engine`, `cloud-engine-refused`, `cloud-key-used`; the store's.
    pub async fn remove_orphan(&self, who: &Who, (room, id): (Id, Id), key: &str) -> Result<Id, Problem> {
        self.office().need(&who.actor(), permission::OPERATE)?;
        self.round(false).await?;
        let found = self.orphans(who).await?.into_iter().find(|one| one.room == room && one.id == id);
        let orphan = found.ok_or_else(problems::orphan_gone)?;
        let receipt = self
            .once(who, ("orphan-removed", key), &(room, id), {
                let orphan = orphan.clone();
                move |tx, cloud, who| {
                    let orphan = orphan.clone();
                    Box::pin(async move {
                        let public = json!({"kind": orphan.kind, "of_agency": orphan.agency});
                        let private = json!({"room": orphan.room, "id": orphan.id});
                        let receipt = cloud.act(tx, &who, "cloud.orphan-removed", public, private).await?;
                        let text = sql!("delete from cloud_orphan where project = $1 and id = $2");
                        tx.execute(text, &params![orphan.room, orphan.id]).await?;
                        Ok(receipt)
                    })
                }
            })
            .await?;
        let engine = self.engine()?;
        let done = match orphan.kind.as_str() {
            "instance" => engine.remove_instance(room, id).await,
            "network" => engine.remove_network(room, id).await,
            "volume" => engine.remove_volume(room, id).await,
            "snapshot" => engine.remove_snapshot(room, orphan.of, id).await,
            ROOM => engine.remove_project(room).await,
            _ => return Err(problems::orphan_gone()),
        };
        match done {
            Ok(()) | Err(EngineError::Missing(_)) => Ok(receipt),
            // The next round lists it again.
            Err(EngineError::Refused(why)) => Err(problems::engine_refused().detail(why)),
            Err(EngineError::Gone(why) | EngineError::Nonsense(why)) => {
                Err(problems::engine().retry_after(60).detail(why))
            }
        }
    }
}

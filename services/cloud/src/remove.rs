//! Removing: what goes is wanted gone, and its quota comes back when the engine has done it.

use crate::cloud::{Cloud, Done, Who};
use crate::member::Part;
use crate::problems;
use crate::project::enter;
use crate::resource::{self, Kind, Spec, Wanted};
use daftar_kernel::{Id, Problem};
use serde_json::json;

impl Cloud {
    /// Removes a resource, of this kind where one is given. With an instance its snapshots go; a network or volume something stands on stays.
    ///
    /// # Errors
    /// `cloud-part`, `cloud-attached`, `cloud-leaving` when it is going already, `cloud-key-used`; 404; the store's.
    pub async fn remove(
        &self,
        who: &Who,
        (project, id): (Id, Id),
        kind: Option<Kind>,
        key: &str,
    ) -> Result<Done, Problem> {
        let asked = (project, id, kind.map(Kind::word));
        self.once(who, ("resource-removed", key), &asked, move |tx, cloud, who| {
            Box::pin(async move {
                enter(tx, &who, project, Part::Operator).await?;
                let place = (who.agency(), project);
                let found = resource::find(tx, place, id).await?.ok_or_else(Problem::not_found)?;
                let kind = kind.unwrap_or(found.kind());
                let was = resource::staying(tx, place, id, kind).await?;
                for other in resource::all(tx, place.0, place.1).await? {
                    if other.wanted == Wanted::Gone || !other.spec.stands_on(id) {
                        continue;
                    }
                    match other.spec {
                        // The engine removes an instance with its snapshots; theirs is the same wish.
                        Spec::Snapshot(_) if kind == Kind::Instance => {
                            let spec = other.spec.clone();
                            resource::change(&cloud, tx, &other, spec, Wanted::Gone).await?;
                        }
                        _ => return Err(problems::attached()),
                    }
                }
                resource::change(&cloud, tx, &was, was.spec.clone(), Wanted::Gone).await?;
                let public = json!({"project": project, "kind": kind.word()});
                let private = json!({"resource": id, "name": was.name});
                let receipt = cloud.act(tx, &who, "cloud.resource-removed", public, private).await?;
                Ok(Done { id, receipt })
            })
        })
        .await
    }

    /// Asks the engine once more for what it refused.
    ///
    /// # Errors
    /// `cloud-part`, `cloud-leaving`, `cloud-key-used`; 404; the store's.
    pub async fn try_again(
        &self,
        who: &Who,
        (project, id): (Id, Id),
        kind: Kind,
        key: &str,
    ) -> Result<Done, Problem> {
        let asked = (project, id, kind.word());
        self.once(who, ("resource-again", key), &asked, move |tx, cloud, who| {
            Box::pin(async move {
                enter(tx, &who, project, Part::Operator).await?;
                let found = resource::find(tx, (who.agency(), project), id).await?;
                let was = found.filter(|one| one.kind() == kind).ok_or_else(Problem::not_found)?;
                resource::change(&cloud, tx, &was, was.spec.clone(), was.wanted).await?;
                let public = json!({"project": project, "kind": kind.word()});
                let private = json!({"resource": id, "name": was.name});
                let receipt = cloud.act(tx, &who, "cloud.resource-asked-again", public, private).await?;
                Ok(Done { id, receipt })
            })
        })
        .await
    }
}

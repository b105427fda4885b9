//! Changing what is there: whoever may, writes down another wish for one resource, with its act.

use crate::cloud::{Cloud, Done, Who};
use crate::member::Part;
use crate::project::enter;
use crate::resource::{self, Kind, Resource, Spec, Wanted};
use daftar_kernel::{Id, Problem};
use serde_json::{Value, json};

/// What is asked: the act it is, the idempotency key, and all that belongs to the request besides the resource.
pub(crate) struct Asked<'a> {
    pub(crate) act: &'static str,
    pub(crate) key: &'a str,
    pub(crate) request: Value,
}

impl Cloud {
    /// Changes one resource; `change` decides from what is there, and from all that is in the project.
    ///
    /// # Errors
    /// `cloud-part`, `cloud-leaving`, `cloud-quota`, `cloud-key-used` and those of `change`; 404; the store's.
    pub(crate) async fn change<C>(
        &self,
        who: &Who,
        (project, id, kind): (Id, Id, Kind),
        Asked { act, key, request }: Asked<'_>,
        change: C,
    ) -> Result<Done, Problem>
    where
        C: Fn(&Resource, &[Resource]) -> Result<(Spec, Wanted), Problem> + Clone + Send + Sync + 'static,
    {
        let asked = (project, id, act, request);
        self.once(who, ("resource-changed", key), &asked, move |tx, cloud, who| {
            let change = change.clone();
            Box::pin(async move {
                enter(tx, &who, project, Part::Operator).await?;
                let place = (who.agency(), project);
                let was = resource::staying(tx, place, id, kind).await?;
                let around = resource::all(tx, place.0, place.1).await?;
                let (spec, wanted) = change(&was, &around)?;
                resource::change(&cloud, tx, &was, spec, wanted).await?;
                let public = json!({"project": project, "kind": kind.word()});
                let private = json!({"resource": id, "name": was.name});
                let receipt = cloud.act(tx, &who, act, public, private).await?;
                Ok(Done { id, receipt })
            })
        })
        .await
    }
}

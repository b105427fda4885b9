//! Networks, volumes and snapshots for programs, and removing whatever it is.

use super::bodies::{DoneBody, NetworkBody, RulesBody, SnapshotBody, VolumeBody, VolumeSizeBody};
use super::{done, route};
use crate::resource::RuleSpec;
use daftar_http::Routes;

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    networks(routes);
    volumes(routes);
    route(
        routes,
        "DELETE",
        "/api/v1/cloud/projects/{project}/resources/{resource}",
        |cx, cloud, who| async move {
            let place = (cx.param_id("project")?, cx.param_id("resource")?);
            done(cloud.remove(&who, place, None, cx.idempotency()?).await?)
        },
    )
    .example("resource", "$cloud_instance")
    .doc("cloud", "Remove an instance, network, volume or snapshot.")
    .idempotent()
    .gives::<DoneBody>(201, "Wanted gone.");
}

fn networks(routes: &mut Routes) {
    route(routes, "POST", "/api/v1/cloud/projects/{project}/networks", |cx, cloud, who| async move {
        let (project, body): (_, NetworkBody) = (cx.param_id("project")?, cx.json()?);
        done(cloud.order_network(&who, project, (&body.name, body.reaches_out), cx.idempotency()?).await?)
    })
    .doc("cloud", "Order a private network.")
    .idempotent()
    .takes::<NetworkBody>()
    .gives::<DoneBody>(201, "Ordered; the network.");
    route(
        routes,
        "PUT",
        "/api/v1/cloud/projects/{project}/networks/{network}/rules",
        |cx, cloud, who| async move {
            let place = (cx.param_id("project")?, cx.param_id("network")?);
            let body: RulesBody = cx.json()?;
            let rules: Vec<RuleSpec> = body.rules.into_iter().map(Into::into).collect();
            done(cloud.set_rules(&who, place, &rules, cx.idempotency()?).await?)
        },
    )
    .example("network", "$cloud_network")
    .doc("cloud", "Set all rules of a network; whatever none allows is dropped.")
    .idempotent()
    .takes::<RulesBody>()
    .gives::<DoneBody>(201, "Wanted so.");
}

fn volumes(routes: &mut Routes) {
    route(routes, "POST", "/api/v1/cloud/projects/{project}/volumes", |cx, cloud, who| async move {
        let (project, body): (_, VolumeBody) = (cx.param_id("project")?, cx.json()?);
        done(cloud.order_volume(&who, project, (&body.name, body.size_mib), cx.idempotency()?).await?)
    })
    .doc("cloud", "Order a volume.")
    .idempotent()
    .takes::<VolumeBody>()
    .gives::<DoneBody>(201, "Ordered; the volume.");
    route(
        routes,
        "PUT",
        "/api/v1/cloud/projects/{project}/volumes/{volume}/size",
        |cx, cloud, who| async move {
            let place = (cx.param_id("project")?, cx.param_id("volume")?);
            let body: VolumeSizeBody = cx.json()?;
            done(cloud.enlarge_volume(&who, place, body.size_mib, cx.idempotency()?).await?)
        },
    )
    .example("volume", "$cloud_volume")
    .doc("cloud", "Make a volume larger.")
    .idempotent()
    .takes::<VolumeSizeBody>()
    .gives::<DoneBody>(201, "Wanted so.");
    route(routes, "POST", "/api/v1/cloud/projects/{project}/snapshots", |cx, cloud, who| async move {
        let (project, body): (_, SnapshotBody) = (cx.param_id("project")?, cx.json()?);
        done(cloud.order_snapshot(&who, (project, body.of), &body.name, cx.idempotency()?).await?)
    })
    .doc("cloud", "Keep a snapshot of an instance or a volume.")
    .idempotent()
    .takes::<SnapshotBody>()
    .gives::<DoneBody>(201, "Ordered; the snapshot.");
    route(
        routes,
        "POST",
        "/api/v1/cloud/projects/{project}/snapshots/{snapshot}/restore",
        |cx, cloud, who| async move {
            let place = (cx.param_id("project")?, cx.param_id("snapshot")?);
            done(cloud.restore(&who, place, cx.idempotency()?).await?)
        },
    )
    .example("snapshot", "$cloud_snapshot")
    .doc("cloud", "Bring a stopped instance or a volume back to a snapshot.")
    .idempotent()
    .gives::<DoneBody>(201, "Wanted so; what it was of.");
}

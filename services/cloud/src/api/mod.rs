//! The same for programs: `/api/v1/cloud`. They send a token of the service's own ([`crate::token`]); only making and revoking
//! one takes a session. Every change carries an idempotency key.

mod bodies;
mod things;
mod tokens;

use crate::cloud::{Cloud, Done, Who};
use crate::measure::{Amounts, Measure};
use crate::member::Part;
use crate::problems;
use bodies::{
    CatalogueBody, CloudOrderBody, CloudReceiptBody, CommandBody, DoneBody, InstanceBody, MemberBody,
    OrdersBody, ProjectBody, ProjectNameBody, ProjectsBody, QuotaBody, RoomBody, RunBody, SaidBody, SizeBody,
};
use daftar_http::{Access, Cx, Reply, Route, Routes};
use daftar_kernel::Problem;
use std::sync::Arc;

/// What opens the routes, in the API's description.
const TOKEN: (&str, &str) =
    ("cloud", "A token that POST /api/v1/cloud/tokens gives an official; it holds for a day at most.");

/// Adds the routes.
pub(crate) fn add(routes: &mut Routes) {
    tokens::add(routes);
    projects(routes);
    members(routes);
    orders(routes);
    instances(routes);
    things::add(routes);
}

/// A route for programs.
fn route<'r, F, A>(routes: &'r mut Routes, method: &'static str, path: &'static str, work: F) -> &'r mut Route
where
    F: Fn(Cx, Arc<Cloud>, Who) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Result<Reply, Problem>> + Send + 'static,
{
    let added = routes.api(method, path, Access::Partner, move |cx: Cx| {
        let work = work.clone();
        async move {
            let cloud = cx.service::<Cloud>()?;
            let who = cloud.bearer(&cx.authorization).await?;
            // Before the body is read: what may not change need not be understood.
            if cx.method != "GET" && !who.may_change {
                return Err(problems::token_reads());
            }
            work(cx, cloud, who).await
        }
    });
    added.by_token(TOKEN.0, TOKEN.1);
    if path.contains("{project}") {
        added.example("project", "$cloud_project");
    }
    if path.contains("{instance}") {
        added.example("instance", "$cloud_instance");
    }
    added
}

/// An answer to a change: 201, what it was done to and the receipt.
fn done(done: Done) -> Result<Reply, Problem> {
    Ok(Reply::json(&DoneBody::from(done))?.status(201))
}

fn projects(routes: &mut Routes) {
    route(routes, "GET", "/api/v1/cloud/catalogue", |_, cloud, _| async move {
        Reply::json(&CatalogueBody::of(&*cloud.catalogue()?, &cloud.today(), cloud.look_at_engine().await?))
    })
    .doc("cloud", "What the country offers: sizes, images, quotas, prices, and what the engine is.")
    .gives::<CatalogueBody>(200, "The catalogue in force.");
    route(routes, "GET", "/api/v1/cloud/projects", |_, cloud, who| async move {
        let all = cloud.projects(&who).await?;
        Reply::json(&ProjectsBody(all.iter().map(ProjectBody::from).collect()))
    })
    .doc("cloud", "The projects one is a member of.")
    .gives::<ProjectsBody>(200, "By name.");
    route(routes, "POST", "/api/v1/cloud/projects", |cx, cloud, who| async move {
        let body: ProjectNameBody = cx.json()?;
        done(cloud.begin_project(&who, &body.name, cx.idempotency()?).await?)
    })
    .doc("cloud", "Begin a project of the own agency.")
    .idempotent()
    .takes::<ProjectNameBody>()
    .gives::<DoneBody>(201, "Begun.");
    route(routes, "GET", "/api/v1/cloud/projects/{project}", |cx, cloud, who| async move {
        Reply::json(&RoomBody::from(cloud.room(&who, cx.param_id("project")?).await?))
    })
    .doc("cloud", "A project with its quotas, members and all that is in it, wanted and observed.")
    .gives::<RoomBody>(200, "The project.");
    route(routes, "DELETE", "/api/v1/cloud/projects/{project}", |cx, cloud, who| async move {
        done(cloud.close_project(&who, cx.param_id("project")?, cx.idempotency()?).await?)
    })
    .doc("cloud", "Close an empty project.")
    .idempotent()
    .gives::<DoneBody>(201, "Closed.");
}

fn members(routes: &mut Routes) {
    route(routes, "PUT", "/api/v1/cloud/projects/{project}/members", |cx, cloud, who| async move {
        let (project, body): (_, MemberBody) = (cx.param_id("project")?, cx.json()?);
        let part = Part::from_word(&body.part);
        let part = part.ok_or_else(|| problems::entry().field("part", "cloud-fault-part"))?;
        done(cloud.set_member(&who, project, (&body.login, part), cx.idempotency()?).await?)
    })
    .doc("cloud", "Make an official of the agency a member, or give a member another part.")
    .idempotent()
    .takes::<MemberBody>()
    .gives::<DoneBody>(201, "A member, whose account it is.");
    route(
        routes,
        "DELETE",
        "/api/v1/cloud/projects/{project}/members/{member}",
        |cx, cloud, who| async move {
            let (project, member) = (cx.param_id("project")?, cx.param_id("member")?);
            done(cloud.remove_member(&who, project, member, cx.idempotency()?).await?)
        },
    )
    .example("member", "$cloud_member")
    .doc("cloud", "End a membership.")
    .idempotent()
    .gives::<DoneBody>(201, "No member any more.");
}

fn orders(routes: &mut Routes) {
    route(routes, "POST", "/api/v1/cloud/projects/{project}/quota", |cx, cloud, who| async move {
        let (project, body): (_, QuotaBody) = (cx.param_id("project")?, cx.json()?);
        let mut amounts = Amounts::default();
        for (word, amount) in &body.quota {
            let measure = Measure::from_word(word);
            let measure = measure.ok_or_else(|| problems::entry().field("quota", "cloud-fault-nothing"))?;
            amounts.set(measure, *amount);
        }
        done(cloud.ask_for_quota(&who, project, (&amounts, &body.reason), cx.idempotency()?).await?)
    })
    .doc("cloud", "Ask for a larger quota: two officials decide.")
    .idempotent()
    .takes::<QuotaBody>()
    .gives::<DoneBody>(201, "Asked; the order.");
    route(routes, "GET", "/api/v1/cloud/projects/{project}/orders", |cx, cloud, who| async move {
        let all = cloud.orders(&who, cx.param_id("project")?).await?;
        Reply::json(&OrdersBody(all.iter().map(CloudOrderBody::from).collect()))
    })
    .doc("cloud", "What was put before two officials, newest first.")
    .gives::<OrdersBody>(200, "At most 100.");
}

fn instances(routes: &mut Routes) {
    route(routes, "POST", "/api/v1/cloud/projects/{project}/instances", |cx, cloud, who| async move {
        let (project, body): (_, InstanceBody) = (cx.param_id("project")?, cx.json()?);
        let ordered = cloud.order_instance(&who, project, &body.order()?, cx.idempotency()?).await?;
        let status = if ordered.waits { 202 } else { 201 };
        Ok(Reply::json(&DoneBody { id: ordered.id, receipt: ordered.receipt })?.status(status))
    })
    .doc("cloud", "Order an instance.")
    .idempotent()
    .takes::<InstanceBody>()
    .gives::<DoneBody>(201, "Ordered; the instance.")
    .gives::<DoneBody>(202, "Two officials must approve it; the order.");
    route(
        routes,
        "PUT",
        "/api/v1/cloud/projects/{project}/instances/{instance}/running",
        |cx, cloud, who| async move {
            let place = (cx.param_id("project")?, cx.param_id("instance")?);
            let body: RunBody = cx.json()?;
            done(cloud.run_instance(&who, place, body.running, cx.idempotency()?).await?)
        },
    )
    .doc("cloud", "Start or stop an instance.")
    .idempotent()
    .takes::<RunBody>()
    .gives::<DoneBody>(201, "Wanted so.");
    route(
        routes,
        "PUT",
        "/api/v1/cloud/projects/{project}/instances/{instance}/size",
        |cx, cloud, who| async move {
            let place = (cx.param_id("project")?, cx.param_id("instance")?);
            let body: SizeBody = cx.json()?;
            done(cloud.resize_instance(&who, place, &body.size, cx.idempotency()?).await?)
        },
    )
    .doc("cloud", "Give a stopped instance another size.")
    .idempotent()
    .takes::<SizeBody>()
    .gives::<DoneBody>(201, "Wanted so.");
    route(
        routes,
        "POST",
        "/api/v1/cloud/projects/{project}/instances/{instance}/command",
        |cx, cloud, who| async move {
            let place = (cx.param_id("project")?, cx.param_id("instance")?);
            let body: CommandBody = cx.json()?;
            let said = cloud.run_command(&who, place, &body.command, cx.idempotency()?).await?;
            Reply::json(&SaidBody::from(said))
        },
    )
    .doc(
        "cloud",
        "Run one command inside a running instance, for at most 30 seconds. A key is good for one run.",
    )
    .idempotent()
    .takes::<CommandBody>()
    .gives::<SaidBody>(200, "What it said; kept nowhere.");
}

/// A receipt alone.
fn receipt(receipt: daftar_kernel::Id) -> Result<Reply, Problem> {
    Ok(Reply::json(&CloudReceiptBody { receipt })?.status(201))
}

//! The agency with computers: what stands for its projects where the list of routes is walked.

use super::cast::Cast;
use daftar_cloud::instance::NewInstance;
use daftar_cloud::resource::{Kind, Wanted};
use daftar_cloud::{Cloud, Who};
use daftar_http::Cx;
use daftar_kernel::{Id, Problem};

/// What the project is called.
const PROJECT: &str = "Hospital appointments";

/// A project of the agency with one of everything in it, and a colleague who can be removed. What a walk removed is there again.
///
/// # Errors
/// When the store fails.
pub async fn fixtures(cx: &Cx, cast: &Cast) -> Result<Vec<(&'static str, String)>, Problem> {
    let cloud = cx.service::<Cloud>()?;
    if !cloud.is_on() {
        return Ok(Vec::new());
    }
    let roster = cx.site.roster();
    let official = super::cast::official(&cast.officials, "cloud", &roster)?;
    let who = Who::official(&official);
    let key = || cx.site.world().id().to_string();
    let found = cloud.projects(&who).await?.into_iter().find(|project| project.name == PROJECT);
    let project = match found {
        Some(project) => project.id,
        None => cloud.begin_project(&who, PROJECT, &key()).await?.id,
    };
    let room = cloud.room(&who, project).await?;
    let there = |kind: Kind| {
        let found = room.resources.iter().find(|one| one.kind() == kind && one.wanted != Wanted::Gone);
        found.map(|one| one.id)
    };
    // What is going keeps its name until it is gone.
    let name = |word: &str| format!("{word}-{}", &key().replace('-', "")[24..]);
    let network = match there(Kind::Network) {
        Some(id) => id,
        None => cloud.order_network(&who, project, (&name("inside"), false), &key()).await?.id,
    };
    let volume = match there(Kind::Volume) {
        Some(id) => id,
        None => cloud.order_volume(&who, project, (&name("data"), 1024), &key()).await?.id,
    };
    let instance = match there(Kind::Instance) {
        Some(id) => id,
        None => {
            let (size, image) = ("small".into(), "busybox".into());
            let new = NewInstance { name: name("web"), size, image, ..NewInstance::default() };
            cloud.order_instance(&who, project, &new, &key()).await?.id
        }
    };
    let snapshot = match there(Kind::Snapshot) {
        Some(id) => id,
        None => cloud.order_snapshot(&who, (project, volume), &name("kept"), &key()).await?.id,
    };
    let token = match cloud.tokens(&who).await?.first() {
        Some(token) => token.id,
        None => cloud.make_token(&who, ("walk", false), 3600, &key()).await?.token.id,
    };
    // Nothing is an orphan in a country where all goes well.
    let nothing = Id::from_bytes([1; 16]);
    Ok(vec![
        ("cloud_project", project.to_string()),
        ("cloud_member", official.id.to_string()),
        ("cloud_instance", instance.to_string()),
        ("cloud_network", network.to_string()),
        ("cloud_volume", volume.to_string()),
        ("cloud_snapshot", snapshot.to_string()),
        ("cloud_token", token.to_string()),
        ("cloud_room", nothing.to_string()),
        ("cloud_orphan", nothing.to_string()),
    ])
}

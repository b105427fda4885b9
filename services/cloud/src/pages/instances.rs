//! Instances: the order, one with what can be done to it, and a command inside.

use super::{faults, key, open, sent_key, sheet, shown, things};
use crate::engine::Said;
use crate::instance::NewInstance;
use crate::member::Part;
use crate::permission::{READ, USE};
use crate::problems;
use crate::project::Room;
use crate::resource::{InstanceSpec, Kind, Observed, Resource, Wanted};
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::{Id, Problem};
use daftar_ui::parts::{Choice, SummaryRow};
use daftar_ui::{Ask, Block, Field, Form, Html, Texts};

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    let change = Access::Official(USE);
    routes
        .page("GET", "/cloud/projects/{project}/instances/new", change, |cx| async move {
            order_form(&cx, None).await
        })
        .example("project", "$cloud_project");
    routes
        .page("POST", "/cloud/projects/{project}/instances", change, order)
        .example("project", "$cloud_project");
    routes
        .page(
            "GET",
            "/cloud/projects/{project}/instances/{instance}",
            Access::Official(READ),
            |cx| async move { show(&cx, None, None).await },
        )
        .example("project", "$cloud_project")
        .example("instance", "$cloud_instance");
    routes
        .page("POST", "/cloud/projects/{project}/instances/{instance}/start", change, |cx| async move {
            run(cx, true).await
        })
        .example("project", "$cloud_project")
        .example("instance", "$cloud_instance");
    routes
        .page("POST", "/cloud/projects/{project}/instances/{instance}/stop", change, |cx| async move {
            run(cx, false).await
        })
        .example("project", "$cloud_project")
        .example("instance", "$cloud_instance");
    routes
        .page("POST", "/cloud/projects/{project}/instances/{instance}/size", change, resize)
        .example("project", "$cloud_project")
        .example("instance", "$cloud_instance");
    routes
        .page("POST", "/cloud/projects/{project}/instances/{instance}/command", change, command)
        .example("project", "$cloud_project")
        .example("instance", "$cloud_instance");
    routes
        .page("POST", "/cloud/projects/{project}/instances/{instance}/again", change, again)
        .example("project", "$cloud_project")
        .example("instance", "$cloud_instance");
    routes
        .page("POST", "/cloud/projects/{project}/instances/{instance}/remove", change, remove)
        .example("project", "$cloud_project")
        .example("instance", "$cloud_instance");
}

async fn order_form(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let (cloud, who) = open(cx)?;
    let room = cloud.room(&who, cx.param_id("project")?).await?;
    if room.project.part < Part::Operator {
        return Err(problems::part());
    }
    let catalogue = cloud.catalogue()?;
    let t = cx.texts();
    let networks: Vec<&Resource> = staying(&room, Kind::Network).collect();
    let volumes: Vec<&Resource> = staying(&room, Kind::Volume).collect();
    let control = |field: &str| match field {
        "networks" => networks.first().map_or_else(|| "name".into(), |one| network_field(one.id)),
        "volumes" => volumes.first().map_or_else(|| "name".into(), |one| volume_field(one.id)),
        "name" | "size" | "image" | "user_data" => field.to_string(),
        // A measure of the quota: it is the size that takes it.
        _ => "size".into(),
    };
    let f = cx.frame("cloud-order").with_faults(faults(&t, problem, control));
    let path = format!("/cloud/projects/{}", room.project.id);
    let asked = |name: &str| cx.form.get(name).to_string();
    let sizes = catalogue.sizes.iter().map(|size| {
        let mut hint = size_words(&t, size.vcpus, size.memory_mib, size.disk_mib);
        if size.approval {
            hint = format!("{hint}. {}", t.get("cloud-size-approval"));
        }
        Choice::new(&size.code, size.label.get(&cx.lang), asked("size") == size.code).hint(hint)
    });
    let images = catalogue.images.iter().map(|image| {
        let hint = t.two("cloud-image-hint", "about", image.about.get(&cx.lang), "made", image.made.as_str());
        Choice::new(&image.code, image.label.get(&cx.lang), asked("image") == image.code).hint(hint)
    });
    let name = Field::new("name", t.get("cloud-name"), Ask::Line).hint(t.get("cloud-name-hint"));
    let mut form = Form::post(format!("{path}/instances"), t.get("cloud-order-send"))
        .hidden("key", key(cx))
        .field(name.value(asked("name")))
        .field(Field::new("size", t.get("cloud-size"), Ask::Radios(sizes.collect())))
        .field(Field::new("image", t.get("cloud-image"), Ask::Radios(images.collect())));
    for network in networks {
        let (name, label) = (network_field(network.id), t.one("cloud-attach", "name", network.name.as_str()));
        form = form.field(Field::new(&name, label, Ask::Checkbox).value(asked(&name)).optional());
    }
    for volume in volumes {
        let (name, label) = (volume_field(volume.id), t.one("cloud-mount", "name", volume.name.as_str()));
        let field = Field::new(&name, label, Ask::Line).hint(t.get("cloud-mount-hint"));
        form = form.field(field.value(asked(&name)).optional());
    }
    let user_data =
        Field::new("user_data", t.get("cloud-user-data"), Ask::Lines).hint(t.get("cloud-user-data-hint"));
    form = form.field(user_data.value(asked("user_data")).optional());
    let page = sheet(cx, f, &path).await?.caption(room.project.name.clone()).add(Block::Form(form));
    Ok(Reply::page(&page)?.status(problem.map_or(200, |p| p.kind.status())))
}

fn staying(room: &Room, kind: Kind) -> impl Iterator<Item = &Resource> {
    room.resources.iter().filter(move |one| one.kind() == kind && one.wanted != Wanted::Gone)
}
fn network_field(id: Id) -> String {
    format!("network-{id}")
}
fn volume_field(id: Id) -> String {
    format!("volume-{id}")
}

/// A size in words.
pub(super) fn size_words(t: &Texts, vcpus: u32, memory_mib: u64, disk_mib: u64) -> String {
    let mib = |amount: u64| shown::mib(t, i64::try_from(amount).unwrap_or(i64::MAX));
    let args = [
        ("vcpus", daftar_ui::Arg::from(i64::from(vcpus))),
        ("memory", mib(memory_mib).into()),
        ("disk", mib(disk_mib).into()),
    ];
    t.with("cloud-size-words", &args)
}

async fn order(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let project = cx.param_id("project")?;
    let room = cloud.room(&who, project).await?;
    let ticked = |id: Id| !cx.form.get(&network_field(id)).is_empty();
    let folder = |id: Id| cx.form.get(&volume_field(id)).trim().to_string();
    let new = NewInstance {
        name: cx.form.get("name").trim().into(),
        size: cx.form.get("size").into(),
        image: cx.form.get("image").into(),
        networks: staying(&room, Kind::Network).map(|one| one.id).filter(|id| ticked(*id)).collect(),
        volumes: staying(&room, Kind::Volume)
            .map(|one| (one.id, folder(one.id)))
            .filter(|(_, folder)| !folder.is_empty())
            .collect(),
        user_data: cx.form.get("user_data").replace("\r\n", "\n"),
    };
    match cloud.order_instance(&who, project, &new, sent_key(&cx)).await {
        Ok(done) if done.waits => cx.go(&format!("/cloud/projects/{project}/orders")),
        Ok(done) => cx.go(&format!("/cloud/projects/{project}/instances/{}", done.id)),
        Err(problem) if problem.code == "cloud-name-taken" => {
            order_form(&cx, Some(&problem.field("name", "problem-cloud-name-taken"))).await
        }
        Err(problem) if !problem.fields.is_empty() => order_form(&cx, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

async fn show(cx: &Cx, said: Option<(&str, Said)>, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let (cloud, who) = open(cx)?;
    let (project, id) = (cx.param_id("project")?, cx.param_id("instance")?);
    let room = cloud.room(&who, project).await?;
    let one = room.resources.iter().find(|one| one.id == id).ok_or_else(Problem::not_found)?;
    let spec = one.spec.instance().ok_or_else(Problem::not_found)?;
    let t = cx.texts();
    let place = |field: &str| if field == "command" { "command" } else { "size" }.to_string();
    let f = cx.frame("cloud-instance").with_faults(faults(&t, problem, place));
    let back = format!("/cloud/projects/{project}");
    let mut page = sheet(cx, f, &back).await?.caption(room.project.name.clone());
    page = page.add(Block::Summary(summary(cx, &t, &room, (one, spec))));
    page = page.extend(shown::look_again(&t, one)).extend(things::fault_note(&t, one));
    if let Some((command, said)) = said {
        page = page.extend(output(&t, command, &said));
    }
    page = page.extend(things::kept(cx, &t, (&room, one)));
    if room.project.part >= Part::Operator && cx.may(USE) && one.wanted != Wanted::Gone {
        let catalogue = cloud.catalogue()?;
        page = page.extend(actions(cx, &t, &catalogue, (one, spec)));
    }
    Ok(Reply::page(&page)?.status(problem.map_or(200, |p| p.kind.status())))
}

fn summary(cx: &Cx, t: &Texts, room: &Room, (one, spec): (&Resource, &InstanceSpec)) -> Vec<SummaryRow> {
    let catalogue = cx.service::<crate::Cloud>().and_then(|cloud| cloud.catalogue()).ok();
    let image = catalogue.as_ref().and_then(|list| list.image(&spec.image));
    let image = image.map_or(spec.image.as_str(), |image| image.label.get(&cx.lang));
    let name_of =
        |id: &Id| room.resources.iter().find(|other| other.id == *id).map(|other| other.name.clone());
    let networks: Vec<String> = spec.networks.iter().filter_map(name_of).collect();
    let volumes: Vec<String> =
        spec.volumes.iter().filter_map(|(id, folder)| Some(format!("{}: {folder}", name_of(id)?))).collect();
    let mut rows = vec![
        SummaryRow::new(t.get("cloud-name"), Html::isolated(&one.name)),
        SummaryRow::new(t.get("cloud-state"), shown::state(t, one)),
        SummaryRow::new(t.get("cloud-size"), size_words(t, spec.vcpus, spec.memory_mib, spec.disk_mib)),
        SummaryRow::new(t.get("cloud-image"), Html::isolated(image)),
        SummaryRow::new(t.get("cloud-ordered"), t.moment(one.made_at)),
    ];
    let mut list = |key: &str, lines: &[String]| {
        if !lines.is_empty() {
            rows.push(SummaryRow::new(t.get(key), Html::lines(lines)));
        }
    };
    list("cloud-addresses", &one.addresses);
    list("cloud-networks", &networks);
    list("cloud-volumes", &volumes);
    rows
}

/// What a command said.
fn output(t: &Texts, command: &str, said: &Said) -> Vec<Block> {
    let mut blocks = vec![
        Block::Heading(t.get("cloud-said").into_owned()),
        Block::Summary(vec![
            SummaryRow::new(t.get("cloud-command"), Html::code(command)),
            SummaryRow::new(t.get("cloud-exit"), t.number(said.status)),
        ]),
    ];
    for (key, text) in [("cloud-output", &said.out), ("cloud-errors", &said.err)] {
        if !text.is_empty() {
            let pre = format!("<pre tabindex=\"0\"><code dir=\"ltr\">{}</code></pre>", Html::text(text));
            blocks.push(Block::Details(t.get(key).into_owned(), Html::trusted(pre)));
        }
    }
    blocks
}

fn actions(
    cx: &Cx,
    t: &Texts,
    catalogue: &crate::catalogue::Catalogue,
    (one, spec): (&Resource, &InstanceSpec),
) -> Vec<Block> {
    let path = format!("/cloud/projects/{}/instances/{}", one.project, one.id);
    let act = |verb: &str, label: &str, kind: &'static str| {
        Block::Form(Form::post(format!("{path}/{verb}"), t.get(label)).hidden("key", key(cx)).kind(kind))
    };
    let mut blocks = Vec::new();
    if one.observed == Observed::Refused {
        blocks.push(act("again", "cloud-again", ""));
    }
    if one.runs() {
        let field =
            Field::new("command", t.get("cloud-command"), Ask::Line).hint(t.get("cloud-command-hint"));
        let form = Form::post(format!("{path}/command"), t.get("cloud-command-run")).hidden("key", key(cx));
        blocks.push(Block::Heading(t.get("cloud-use").into_owned()));
        blocks.push(Block::Form(form.field(field.value(cx.form.get("command")))));
    }
    if one.wanted == Wanted::Running {
        blocks.push(act("stop", "cloud-stop", "second"));
    } else {
        blocks.push(act("start", "cloud-start", ""));
        let fits = catalogue.sizes.iter().filter(|size| !size.approval && size.disk_mib >= spec.disk_mib);
        let sizes =
            fits.map(|size| Choice::new(&size.code, size.label.get(&cx.lang), size.code == spec.size));
        let form =
            Form::post(format!("{path}/size"), t.get("cloud-resize")).hidden("key", key(cx)).kind("second");
        blocks.push(Block::Form(form.field(Field::new(
            "size",
            t.get("cloud-size"),
            Ask::Select(sizes.collect()),
        ))));
    }
    blocks.push(Block::Warning(t.get("cloud-remove-warning").into_owned()));
    blocks.push(act("remove", "cloud-remove", "danger"));
    blocks
}

/// The page of the instance a route is about.
fn here(cx: &Cx) -> Result<((Id, Id), String), Problem> {
    let place = (cx.param_id("project")?, cx.param_id("instance")?);
    Ok((place, format!("/cloud/projects/{}/instances/{}", place.0, place.1)))
}

async fn run(cx: Cx, running: bool) -> Result<Reply, Problem> {
    let ((cloud, who), (place, path)) = (open(&cx)?, here(&cx)?);
    cloud.run_instance(&who, place, running, sent_key(&cx)).await?;
    cx.go(&path)
}

async fn resize(cx: Cx) -> Result<Reply, Problem> {
    let ((cloud, who), (place, path)) = (open(&cx)?, here(&cx)?);
    match cloud.resize_instance(&who, place, cx.form.get("size"), sent_key(&cx)).await {
        Ok(_) => cx.go(&path),
        Err(problem) if !problem.fields.is_empty() => show(&cx, None, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

async fn command(cx: Cx) -> Result<Reply, Problem> {
    let ((cloud, who), (place, _)) = (open(&cx)?, here(&cx)?);
    let line = cx.form.get("command").trim().to_string();
    // A line as people type it is for the image's shell.
    let words = if line.is_empty() { Vec::new() } else { vec!["sh".into(), "-c".into(), line.clone()] };
    match cloud.run_command(&who, place, &words, sent_key(&cx)).await {
        Ok(said) => show(&cx, Some((&line, said)), None).await,
        Err(problem) if !problem.fields.is_empty() => show(&cx, None, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

async fn again(cx: Cx) -> Result<Reply, Problem> {
    let ((cloud, who), (place, path)) = (open(&cx)?, here(&cx)?);
    cloud.try_again(&who, place, Kind::Instance, sent_key(&cx)).await?;
    cx.go(&path)
}

async fn remove(cx: Cx) -> Result<Reply, Problem> {
    let ((cloud, who), (place, _)) = (open(&cx)?, here(&cx)?);
    cloud.remove(&who, place, Some(Kind::Instance), sent_key(&cx)).await?;
    cx.go(&format!("/cloud/projects/{}", place.0))
}

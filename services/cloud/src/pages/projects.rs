//! Projects: the list, a new one, one with all that is in it, and its members.

use super::{faults, key, open, sent_key, sheet, shown};
use crate::member::Part;
use crate::permission::{READ, USE};
use crate::project::Room;
use crate::resource::{Kind, Resource};
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::Problem;
use daftar_ui::parts::{Choice, Column, Link, SummaryRow, Table};
use daftar_ui::{Ask, Block, Field, Form, Html, Texts};

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes.page("GET", "/cloud", Access::Official(READ), list);
    routes.page("GET", "/cloud/new", Access::Official(USE), |cx| async move { new(&cx, None).await });
    routes.page("POST", "/cloud/new", Access::Official(USE), begin);
    routes
        .page("GET", "/cloud/projects/{project}", Access::Official(READ), show)
        .example("project", "$cloud_project");
    routes
        .page("POST", "/cloud/projects/{project}/close", Access::Official(USE), close)
        .example("project", "$cloud_project");
    routes
        .page("GET", "/cloud/projects/{project}/members", Access::Official(READ), |cx| async move {
            members(&cx, None).await
        })
        .example("project", "$cloud_project");
    routes
        .page("POST", "/cloud/projects/{project}/members", Access::Official(USE), set_member)
        .example("project", "$cloud_project");
    routes
        .page(
            "POST",
            "/cloud/projects/{project}/members/{member}/remove",
            Access::Official(USE),
            remove_member,
        )
        .example("project", "$cloud_project")
        .example("member", "$cloud_member");
}

async fn list(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let projects = cloud.projects(&who).await?;
    let f = cx.frame("cloud-nav");
    let t = f.t.clone();
    let mut page = sheet(&cx, f, "/desk").await?.add(Block::Lead(t.get("cloud-lead").into_owned()));
    if projects.is_empty() {
        page = page.text(t.get("cloud-none").into_owned());
    } else {
        let rows = projects.iter().map(|project| {
            vec![
                Html::link(&format!("/cloud/projects/{}", project.id), &project.name),
                Html::text(part(&t, project.part)),
                Html::text(t.day(project.made_at)),
            ]
        });
        page = page.add(Block::Table(Table {
            caption: t.get("cloud-projects").into_owned(),
            columns: ["cloud-project", "cloud-part", "cloud-begun"]
                .map(|key| Column::text(t.get(key)))
                .to_vec(),
            rows: rows.collect(),
        }));
    }
    if cx.may(USE) {
        page = page.add(Block::Button(Link::new("/cloud/new", t.get("cloud-new")), ""));
    }
    Reply::page(&page)
}

/// A part in words.
pub(super) fn part(t: &Texts, part: Part) -> String {
    t.get(&format!("cloud-part-{}", part.word())).into_owned()
}

async fn new(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    open(cx)?;
    let t = cx.texts();
    let f = cx.frame("cloud-new").with_faults(faults(&t, problem, str::to_string));
    let name = Field::new("name", t.get("cloud-project-name"), Ask::Line)
        .hint(t.get("cloud-project-name-hint"))
        .value(cx.form.get("name"));
    let form = Form::post("/cloud/new", t.get("cloud-begin")).hidden("key", key(cx)).field(name);
    let page = sheet(cx, f, "/cloud").await?.add(Block::Lead(t.get("cloud-new-lead").into_owned()));
    Ok(Reply::page(&page.add(Block::Form(form)))?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn begin(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    match cloud.begin_project(&who, cx.form.get("name"), sent_key(&cx)).await {
        Ok(done) => cx.go(&format!("/cloud/projects/{}", done.id)),
        Err(problem) if !problem.fields.is_empty() => new(&cx, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

async fn show(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let room = cloud.room(&who, cx.param_id("project")?).await?;
    let f = cx.frame("cloud-project");
    let t = f.t.clone();
    let path = format!("/cloud/projects/{}", room.project.id);
    let operates = room.project.part >= Part::Operator && cx.may(USE);
    let mut page = sheet(&cx, f, "/cloud").await?.wide().caption(room.project.name.clone());
    page = page.add(Block::Summary(vec![
        SummaryRow::new(t.get("cloud-project-name"), Html::isolated(&room.project.name)),
        SummaryRow::new(t.get("cloud-part"), part(&t, room.project.part)),
        SummaryRow::new(t.get("cloud-members"), t.number(i64::try_from(room.members.len()).unwrap_or(0)))
            .action(format!("{path}/members"), t.get("cloud-look")),
    ]));
    page = page.extend(things(&t, &path, &room, Kind::Instance));
    if operates {
        page = page.add(Block::Button(Link::new(format!("{path}/instances/new"), t.get("cloud-order")), ""));
    }
    for kind in [Kind::Network, Kind::Volume, Kind::Snapshot] {
        page = page.extend(things(&t, &path, &room, kind));
    }
    if operates {
        page = page.add(Block::Links(vec![
            Link::new(format!("{path}/networks/new"), t.get("cloud-network-new")),
            Link::new(format!("{path}/volumes/new"), t.get("cloud-volume-new")),
        ]));
    }
    page = page.add(shown::quotas(&t, &room.quotas));
    let mut links = vec![Link::new(format!("{path}/orders"), t.get("cloud-orders"))];
    if room.project.part == Part::Owner && cx.may(USE) {
        links.push(Link::new(format!("{path}/quota"), t.get("cloud-quota-ask")));
    }
    page = page.add(Block::Links(links));
    if room.project.part == Part::Owner && cx.may(USE) && room.resources.is_empty() {
        let close =
            Form::post(format!("{path}/close"), t.get("cloud-close")).hidden("key", key(&cx)).kind("danger");
        page = page.add(Block::Form(close));
    }
    Reply::page(&page)
}

/// What there is of a kind, under its name.
fn things(t: &Texts, path: &str, room: &Room, kind: Kind) -> Vec<Block> {
    let title = t.get(&format!("cloud-{}s", kind.word())).into_owned();
    let of_kind: Vec<&Resource> = room.resources.iter().filter(|one| one.kind() == kind).collect();
    if of_kind.is_empty() {
        let none = Html::text(t.get(&format!("cloud-no-{}", kind.word())));
        return vec![Block::Heading(title), Block::Text(none)];
    }
    // Only computers have addresses of their own.
    let keys = ["cloud-name", "cloud-state", "cloud-addresses"];
    let shown = if kind == Kind::Instance { 3 } else { 2 };
    let rows = of_kind.iter().map(|one| {
        let mut cells = vec![
            Html::link(&format!("{path}/{}s/{}", kind.word(), one.id), &one.name),
            shown::state(t, one),
            Html::ltr(one.addresses.join(" ")),
        ];
        cells.truncate(shown);
        cells
    });
    let columns = keys.iter().take(shown).map(|key| Column::text(t.get(key)));
    vec![Block::Table(Table { caption: title, columns: columns.collect(), rows: rows.collect() })]
}

async fn close(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    cloud.close_project(&who, cx.param_id("project")?, sent_key(&cx)).await?;
    cx.go("/cloud")
}

async fn members(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let (cloud, who) = open(cx)?;
    let room = cloud.room(&who, cx.param_id("project")?).await?;
    let t = cx.texts();
    let f = cx.frame("cloud-members").with_faults(faults(&t, problem, str::to_string));
    let path = format!("/cloud/projects/{}", room.project.id);
    let mut page = sheet(cx, f, &path).await?.caption(room.project.name.clone());
    let owns = room.project.part == Part::Owner && cx.may(USE);
    for member in &room.members {
        let rows = vec![SummaryRow::new(t.get("cloud-part"), part(&t, member.part))];
        page = page.add(Block::Heading(member.name.clone())).add(Block::Summary(rows));
        if owns && member.official != who.official.id {
            let label = t.one("cloud-member-remove", "name", member.name.as_str());
            let action = format!("{path}/members/{}/remove", member.official);
            page = page.add(Block::Form(Form::post(action, label).hidden("key", key(cx)).kind("danger")));
        }
    }
    if owns {
        let chosen = |part: Part| cx.form.get("part") == part.word();
        let parts = Part::ALL.map(|one| {
            Choice::new(one.word(), part(&t, one), chosen(one))
                .hint(t.get(&format!("cloud-part-{}-hint", one.word())))
        });
        let form = Form::post(format!("{path}/members"), t.get("cloud-member-add"))
            .hidden("key", key(cx))
            .field(
                Field::new("login", t.get("cloud-member-login"), Ask::Line)
                    .hint(t.get("cloud-member-login-hint"))
                    .value(cx.form.get("login")),
            )
            .field(Field::new("part", t.get("cloud-part"), Ask::Radios(parts.to_vec())));
        page = page.add(Block::Heading(t.get("cloud-member-add").into_owned())).add(Block::Form(form));
    }
    Ok(Reply::page(&page)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn set_member(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let project = cx.param_id("project")?;
    let part = Part::from_word(cx.form.get("part"));
    let done = match part {
        Some(part) => cloud.set_member(&who, project, (cx.form.get("login"), part), sent_key(&cx)).await,
        None => Err(crate::problems::entry().field("part", "cloud-fault-part")),
    };
    match done {
        Ok(_) => cx.go(&format!("/cloud/projects/{project}/members")),
        Err(problem) if problem.code == "cloud-member-unknown" => {
            members(&cx, Some(&problem.field("login", "problem-cloud-member-unknown"))).await
        }
        Err(problem) if !problem.fields.is_empty() => members(&cx, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

async fn remove_member(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let project = cx.param_id("project")?;
    cloud.remove_member(&who, project, cx.param_id("member")?, sent_key(&cx)).await?;
    cx.go(&format!("/cloud/projects/{project}/members"))
}

//! Networks with their rules, volumes, and snapshots.

use super::{faults, key, open, sent_key, sheet, shown};
use crate::block;
use crate::cloud::{Cloud, Who};
use crate::member::Part;
use crate::network::PROTOCOLS;
use crate::permission::{READ, USE};
use crate::project::Room;
use crate::resource::{Kind, Resource, RuleSpec, Spec, Wanted};
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::{Id, Problem};
use daftar_ui::parts::{Choice, Column, SummaryRow, Table};
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Texts, Tone};
use std::sync::Arc;

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    networks(routes);
    volumes(routes);
    snapshots(routes);
}

fn networks(routes: &mut Routes) {
    let change = Access::Official(USE);
    routes
        .page("GET", "/cloud/projects/{project}/networks/new", change, |cx| async move {
            new_network(&cx, None).await
        })
        .example("project", "$cloud_project");
    routes
        .page("POST", "/cloud/projects/{project}/networks", change, order_network)
        .example("project", "$cloud_project");
    routes
        .page(
            "GET",
            "/cloud/projects/{project}/networks/{network}",
            Access::Official(READ),
            |cx| async move { network(&cx, None).await },
        )
        .example("project", "$cloud_project")
        .example("network", "$cloud_network");
    routes
        .page("POST", "/cloud/projects/{project}/networks/{network}/rules", change, add_rule)
        .example("project", "$cloud_project")
        .example("network", "$cloud_network");
    routes
        .page("POST", "/cloud/projects/{project}/networks/{network}/rules/remove", change, remove_rule)
        .example("project", "$cloud_project")
        .example("network", "$cloud_network");
    routes
        .page("POST", "/cloud/projects/{project}/networks/{network}/remove", change, |cx| async move {
            remove(cx, "network", Kind::Network).await
        })
        .example("project", "$cloud_project")
        .example("network", "$cloud_network");
}

fn volumes(routes: &mut Routes) {
    let change = Access::Official(USE);
    routes
        .page("GET", "/cloud/projects/{project}/volumes/new", change, |cx| async move {
            new_volume(&cx, None).await
        })
        .example("project", "$cloud_project");
    routes
        .page("POST", "/cloud/projects/{project}/volumes", change, order_volume)
        .example("project", "$cloud_project");
    routes
        .page("GET", "/cloud/projects/{project}/volumes/{volume}", Access::Official(READ), |cx| async move {
            volume(&cx, None).await
        })
        .example("project", "$cloud_project")
        .example("volume", "$cloud_volume");
    routes
        .page("POST", "/cloud/projects/{project}/volumes/{volume}/size", change, enlarge)
        .example("project", "$cloud_project")
        .example("volume", "$cloud_volume");
    routes
        .page("POST", "/cloud/projects/{project}/volumes/{volume}/remove", change, |cx| async move {
            remove(cx, "volume", Kind::Volume).await
        })
        .example("project", "$cloud_project")
        .example("volume", "$cloud_volume");
}

fn snapshots(routes: &mut Routes) {
    let change = Access::Official(USE);
    routes
        .page("POST", "/cloud/projects/{project}/snapshots", change, order_snapshot)
        .example("project", "$cloud_project");
    routes
        .page("GET", "/cloud/projects/{project}/snapshots/{snapshot}", Access::Official(READ), snapshot)
        .example("project", "$cloud_project")
        .example("snapshot", "$cloud_snapshot");
    routes
        .page("POST", "/cloud/projects/{project}/snapshots/{snapshot}/restore", change, restore)
        .example("project", "$cloud_project")
        .example("snapshot", "$cloud_snapshot");
    routes
        .page("POST", "/cloud/projects/{project}/snapshots/{snapshot}/remove", change, |cx| async move {
            remove(cx, "snapshot", Kind::Snapshot).await
        })
        .example("project", "$cloud_project")
        .example("snapshot", "$cloud_snapshot");
}

/// The project a route is about, and its path.
async fn enter(cx: &Cx) -> Result<(Arc<Cloud>, Who, Room, String), Problem> {
    let (cloud, who) = open(cx)?;
    let room = cloud.room(&who, cx.param_id("project")?).await?;
    let path = format!("/cloud/projects/{}", room.project.id);
    Ok((cloud, who, room, path))
}

/// A page with one form, for whoever may order.
async fn form_page(
    cx: &Cx,
    title: &str,
    problem: Option<&Problem>,
    form: impl FnOnce(&Texts, &str) -> Form,
) -> Result<Reply, Problem> {
    let (_, _, room, path) = enter(cx).await?;
    if room.project.part < Part::Operator {
        return Err(crate::problems::part());
    }
    let t = cx.texts();
    let first = |field: &str| if field == "size_mib" { "size" } else { "name" }.to_string();
    let f = cx.frame(title).with_faults(faults(&t, problem, first));
    let form = form(&t, &path).hidden("key", key(cx));
    let page = sheet(cx, f, &path).await?.caption(room.project.name.clone()).add(Block::Form(form));
    Ok(Reply::page(&page)?.status(problem.map_or(200, |p| p.kind.status())))
}

fn name_field(cx: &Cx, t: &Texts) -> Field {
    Field::new("name", t.get("cloud-name"), Ask::Line)
        .hint(t.get("cloud-name-hint"))
        .value(cx.form.get("name"))
}

async fn new_network(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    form_page(cx, "cloud-network-new", problem, |t, path| {
        let out = Field::new("reaches_out", t.get("cloud-reaches-out"), Ask::Checkbox);
        Form::post(format!("{path}/networks"), t.get("cloud-order-send"))
            .field(name_field(cx, t))
            .field(out.hint(t.get("cloud-reaches-out-hint")).value(cx.form.get("reaches_out")).optional())
    })
    .await
}

async fn order_network(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let project = cx.param_id("project")?;
    let wish = (cx.form.get("name").trim(), !cx.form.get("reaches_out").is_empty());
    match cloud.order_network(&who, project, wish, sent_key(&cx)).await {
        Ok(done) => cx.go(&format!("/cloud/projects/{project}/networks/{}", done.id)),
        Err(problem) => new_network(&cx, Some(&in_name(problem)?)).await,
    }
}

/// A problem that is a field's; any other goes on.
fn in_name(problem: Problem) -> Result<Problem, Problem> {
    if problem.code == "cloud-name-taken" {
        return Ok(problem.field("name", "problem-cloud-name-taken"));
    }
    if problem.fields.is_empty() { Err(problem) } else { Ok(problem) }
}

/// One thing of a project with its state and its fault.
async fn thing_page(
    cx: &Cx,
    title: &str,
    problem: Option<&Problem>,
    (room, one): (&Room, &Resource),
    rows: Vec<SummaryRow>,
) -> Result<Sheet, Problem> {
    let t = cx.texts();
    let f = cx.frame(title).with_faults(faults(&t, problem, |field| match field {
        "size_mib" | "disk_mib" | "volumes" => "size".into(),
        other => other.to_string(),
    }));
    let mut all = vec![
        SummaryRow::new(t.get("cloud-name"), Html::isolated(&one.name)),
        SummaryRow::new(t.get("cloud-state"), shown::state(&t, one)),
    ];
    all.extend(rows);
    all.push(SummaryRow::new(t.get("cloud-ordered"), t.moment(one.made_at)));
    let back = format!("/cloud/projects/{}", room.project.id);
    let page = sheet(cx, f, &back).await?.caption(room.project.name.clone()).add(Block::Summary(all));
    Ok(page.extend(shown::look_again(&t, one)).extend(fault_note(&t, one)))
}

/// What the engine said when it did not do what is wanted.
pub(super) fn fault_note(t: &Texts, one: &Resource) -> Option<Block> {
    let fault = Html::trusted(format!("<p>{}</p>", Html::code(&one.fault)));
    (!one.fault.is_empty()).then(|| Block::Note(Tone::Warning, t.get("cloud-fault").into_owned(), fault))
}

fn find(room: &Room, id: Id, kind: Kind) -> Result<&Resource, Problem> {
    let found = room.resources.iter().find(|one| one.id == id && one.kind() == kind);
    found.ok_or_else(Problem::not_found)
}

fn may_change(cx: &Cx, room: &Room, one: &Resource) -> bool {
    room.project.part >= Part::Operator && cx.may(USE) && one.wanted != Wanted::Gone
}

/// The danger at the end of a page.
fn removal(cx: &Cx, t: &Texts, path: &str) -> [Block; 2] {
    let form = Form::post(format!("{path}/remove"), t.get("cloud-remove")).hidden("key", key(cx));
    [Block::Warning(t.get("cloud-remove-warning").into_owned()), Block::Form(form.kind("danger"))]
}

async fn network(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let (_, _, room, path) = enter(cx).await?;
    let one = find(&room, cx.param_id("network")?, Kind::Network)?;
    let spec = one.spec.network().ok_or_else(Problem::not_found)?;
    let t = cx.texts();
    let out = if spec.reaches_out { "cloud-yes" } else { "cloud-no" };
    let rows = vec![
        SummaryRow::new(t.get("cloud-block"), Html::ltr(block::gateway(spec.block))),
        SummaryRow::new(t.get("cloud-reaches-out"), t.get(out)),
    ];
    let mut page = thing_page(cx, "cloud-network", problem, (&room, one), rows).await?;
    let own = format!("{path}/networks/{}", one.id);
    let changes = may_change(cx, &room, one);
    page = page
        .add(Block::Heading(t.get("cloud-rules").into_owned()))
        .text(t.get("cloud-rules-text").into_owned());
    for rule in &spec.rules {
        page = page.text(rule_words(&t, rule));
        if changes {
            let form =
                rule_hidden(Form::post(format!("{own}/rules/remove"), t.get("cloud-rule-remove")), rule);
            page = page.add(Block::Form(form.hidden("key", key(cx)).kind("second")));
        }
    }
    if changes {
        page = page.add(Block::Form(rule_form(cx, &t, &own))).extend(removal(cx, &t, &own));
    }
    Ok(Reply::page(&page)?.status(problem.map_or(200, |p| p.kind.status())))
}

fn rule_hidden(form: Form, rule: &RuleSpec) -> Form {
    form.hidden("direction", if rule.incoming { "in" } else { "out" })
        .hidden("protocol", &rule.protocol)
        .hidden("peer", &rule.peer)
        .hidden("ports", &rule.ports)
}

/// A rule in words.
fn rule_words(t: &Texts, rule: &RuleSpec) -> Html {
    let direction = if rule.incoming { "cloud-rule-in" } else { "cloud-rule-out" };
    let or = |text: &str, key: &str| if text.is_empty() { t.get(key).into_owned() } else { text.to_string() };
    let args = [
        ("protocol", daftar_ui::Arg::from(rule.protocol.clone())),
        ("peer", or(&rule.peer, "cloud-anybody").into()),
        ("ports", or(&rule.ports, "cloud-all-ports").into()),
    ];
    Html::text(t.with(direction, &args))
}

fn rule_form(cx: &Cx, t: &Texts, own: &str) -> Form {
    let asked = |name: &str| cx.form.get(name).to_string();
    let directions = [("in", "cloud-direction-in"), ("out", "cloud-direction-out")];
    let directions = directions.map(|(word, key)| Choice::new(word, t.get(key), asked("direction") == word));
    let protocols = PROTOCOLS.map(|word| Choice::new(word, word, asked("protocol") == word));
    let line = |name: &str, key: &str, hint: &str| {
        Field::new(name, t.get(key), Ask::Line).hint(t.get(hint)).value(asked(name)).optional()
    };
    Form::post(format!("{own}/rules"), t.get("cloud-rule-add"))
        .hidden("key", key(cx))
        .field(Field::new("direction", t.get("cloud-direction"), Ask::Radios(directions.to_vec())))
        .field(Field::new("protocol", t.get("cloud-protocol"), Ask::Radios(protocols.to_vec())))
        .field(line("peer", "cloud-peer", "cloud-peer-hint"))
        .field(line("ports", "cloud-ports", "cloud-ports-hint"))
}

fn sent_rule(cx: &Cx) -> RuleSpec {
    let text = |name: &str| cx.form.get(name).trim().to_string();
    // Nothing chosen is the narrower of the two.
    let incoming = cx.form.get("direction") != "out";
    RuleSpec { incoming, protocol: text("protocol"), peer: text("peer"), ports: text("ports") }
}

async fn add_rule(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let place = (cx.param_id("project")?, cx.param_id("network")?);
    match cloud.add_rule(&who, place, &sent_rule(&cx), sent_key(&cx)).await {
        Ok(_) => cx.go(&format!("/cloud/projects/{}/networks/{}", place.0, place.1)),
        Err(problem) if !problem.fields.is_empty() => network(&cx, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

async fn remove_rule(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let place = (cx.param_id("project")?, cx.param_id("network")?);
    cloud.remove_rule(&who, place, &sent_rule(&cx), sent_key(&cx)).await?;
    cx.go(&format!("/cloud/projects/{}/networks/{}", place.0, place.1))
}

/// GiB as people type them, in MiB; what is no number is out of every limit.
fn typed_mib(text: &str) -> u64 {
    text.trim().parse::<u64>().ok().and_then(|gib| gib.checked_mul(1024)).unwrap_or(0)
}

fn size_field(cx: &Cx, t: &Texts) -> Field {
    Field::new("size", t.get("cloud-volume-size"), Ask::Line)
        .hint(t.get("cloud-volume-size-hint"))
        .value(cx.form.get("size"))
}

async fn new_volume(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    form_page(cx, "cloud-volume-new", problem, |t, path| {
        Form::post(format!("{path}/volumes"), t.get("cloud-order-send"))
            .field(name_field(cx, t))
            .field(size_field(cx, t))
    })
    .await
}

async fn order_volume(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let project = cx.param_id("project")?;
    let wish = (cx.form.get("name").trim(), typed_mib(cx.form.get("size")));
    match cloud.order_volume(&who, project, wish, sent_key(&cx)).await {
        Ok(done) => cx.go(&format!("/cloud/projects/{project}/volumes/{}", done.id)),
        Err(problem) => new_volume(&cx, Some(&in_name(problem)?)).await,
    }
}

async fn volume(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let (_, _, room, path) = enter(cx).await?;
    let one = find(&room, cx.param_id("volume")?, Kind::Volume)?;
    let spec = one.spec.volume().ok_or_else(Problem::not_found)?;
    let t = cx.texts();
    let size = shown::mib(&t, i64::try_from(spec.size_mib).unwrap_or(i64::MAX));
    let mut rows = vec![SummaryRow::new(t.get("cloud-volume-size"), size)];
    let user =
        room.resources.iter().find(|other| other.kind() == Kind::Instance && other.spec.stands_on(one.id));
    if let Some(user) = user {
        let href = format!("{path}/instances/{}", user.id);
        rows.push(SummaryRow::new(t.get("cloud-attached-to"), Html::link(&href, &user.name)));
    }
    let mut page = thing_page(cx, "cloud-volume", problem, (&room, one), rows).await?;
    page = page.extend(kept(cx, &t, (&room, one)));
    if may_change(cx, &room, one) {
        let own = format!("{path}/volumes/{}", one.id);
        let form =
            Form::post(format!("{own}/size"), t.get("cloud-enlarge")).hidden("key", key(cx)).kind("second");
        page = page.add(Block::Form(form.field(size_field(cx, &t)))).extend(removal(cx, &t, &own));
    }
    Ok(Reply::page(&page)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn enlarge(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let place = (cx.param_id("project")?, cx.param_id("volume")?);
    match cloud.enlarge_volume(&who, place, typed_mib(cx.form.get("size")), sent_key(&cx)).await {
        Ok(_) => cx.go(&format!("/cloud/projects/{}/volumes/{}", place.0, place.1)),
        Err(problem) if !problem.fields.is_empty() => volume(&cx, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

/// The snapshots of something, and a form for one more.
pub(super) fn kept(cx: &Cx, t: &Texts, (room, one): (&Room, &Resource)) -> Vec<Block> {
    let path = format!("/cloud/projects/{}", room.project.id);
    let of =
        room.resources.iter().filter(|other| other.kind() == Kind::Snapshot && other.spec.stands_on(one.id));
    let rows: Vec<Vec<Html>> = of
        .map(|kept| {
            let href = format!("{path}/snapshots/{}", kept.id);
            vec![Html::link(&href, &kept.name), shown::state(t, kept), Html::text(t.moment(kept.made_at))]
        })
        .collect();
    let mut blocks = vec![Block::Heading(t.get("cloud-snapshots").into_owned())];
    if rows.is_empty() {
        blocks.push(Block::Text(Html::text(t.get("cloud-no-snapshot"))));
    } else {
        let columns = ["cloud-name", "cloud-state", "cloud-ordered"].map(|key| Column::text(t.get(key)));
        let caption = t.get("cloud-snapshots").into_owned();
        blocks.push(Block::Table(Table { caption, columns: columns.to_vec(), rows }));
    }
    if may_change(cx, room, one) {
        let name = Field::new("name", t.get("cloud-snapshot-name"), Ask::Line).hint(t.get("cloud-name-hint"));
        let form = Form::post(format!("{path}/snapshots"), t.get("cloud-snapshot-keep"))
            .hidden("key", key(cx))
            .hidden("of", one.id.to_string())
            .kind("second")
            .field(name);
        blocks.push(Block::Form(form));
    }
    blocks
}

async fn order_snapshot(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let project = cx.param_id("project")?;
    let of: Id = cx.form.get("of").parse().map_err(|_| Problem::not_found())?;
    let done = cloud.order_snapshot(&who, (project, of), cx.form.get("name").trim(), sent_key(&cx)).await?;
    cx.go(&format!("/cloud/projects/{project}/snapshots/{}", done.id))
}

async fn snapshot(cx: Cx) -> Result<Reply, Problem> {
    let (_, _, room, path) = enter(&cx).await?;
    let one = find(&room, cx.param_id("snapshot")?, Kind::Snapshot)?;
    let Spec::Snapshot(spec) = &one.spec else { return Err(Problem::not_found()) };
    let t = cx.texts();
    let of = room.resources.iter().find(|other| other.id == spec.of);
    let rows = of.map(|of| {
        let href = format!("{path}/{}s/{}", of.kind().word(), of.id);
        SummaryRow::new(t.get("cloud-snapshot-of"), Html::link(&href, &of.name))
    });
    let mut page = thing_page(&cx, "cloud-snapshot", None, (&room, one), rows.into_iter().collect()).await?;
    if may_change(&cx, &room, one) {
        let own = format!("{path}/snapshots/{}", one.id);
        let form = Form::post(format!("{own}/restore"), t.get("cloud-restore")).hidden("key", key(&cx));
        page = page
            .add(Block::Warning(t.get("cloud-restore-warning").into_owned()))
            .add(Block::Form(form.kind("danger")))
            .extend(removal(&cx, &t, &own));
    }
    Reply::page(&page)
}

async fn restore(cx: Cx) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let place = (cx.param_id("project")?, cx.param_id("snapshot")?);
    cloud.restore(&who, place, sent_key(&cx)).await?;
    cx.go(&format!("/cloud/projects/{}", place.0))
}

async fn remove(cx: Cx, name: &str, kind: Kind) -> Result<Reply, Problem> {
    let (cloud, who) = open(&cx)?;
    let place = (cx.param_id("project")?, cx.param_id(name)?);
    cloud.remove(&who, place, Some(kind), sent_key(&cx)).await?;
    cx.go(&format!("/cloud/projects/{}", place.0))
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_as_typed() {
        for (text, mib) in [("1", 1024), (" 20 ", 20_480), ("", 0), ("-1", 0), ("x", 0), ("1.5", 0)] {
            assert_eq!(super::typed_mib(text), mib, "{text}");
        }
    }
}

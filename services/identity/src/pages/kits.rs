//! Kits for enrolment without a network: allowed, withdrawn, and what came of their packets. The address that kits send to.

use super::shown::receipt_path;
use crate::kit::kits::{Country, Kit, Wish};
use crate::kit::list::{Installation, KitView, PacketRow, Unreadable};
use crate::kit::{MAX_AT_ONCE, MAX_KIT_DAYS, SEND_PATH};
use crate::people::People;
use crate::permission::KIT;
use crate::problems;
use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs};
use daftar_kernel::{Lang, Problem, hex};
use daftar_packs::versions;
use daftar_ui::parts::{Column, Link, SummaryRow, Table};
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Texts, Tone};
use enrolment_packet::packet::PACKET_BYTES_MAX;
use std::collections::BTreeMap;
use tokio::sync::Semaphore;

/// Seconds after which a kit that was told to come back may.
const RETRY_SECONDS: u32 = 5;

/// The places of [`MAX_AT_ONCE`].
static PLACES: Semaphore = Semaphore::const_new(MAX_AT_ONCE);

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/desk/kits", Access::Official(KIT), list);
    routes.page("GET", "/desk/kits/new", Access::StepUp(KIT), |cx| async move { form(&cx, None) });
    routes.page("POST", "/desk/kits/new", Access::StepUp(KIT), allow);
    routes.page("GET", "/desk/kits/{kit}", Access::Official(KIT), show).example("kit", "$kit");
    routes
        .page("GET", "/desk/kits/{kit}/authorisation.json", Access::Official(KIT), authorisation)
        .example("kit", "$kit");
    routes.page("POST", "/desk/kits/{kit}/withdraw", Access::StepUp(KIT), withdraw).example("kit", "$kit");
    super::kits_held::add(routes);
    // A packet proves by itself whose it is; a kit in the field has no session.
    routes.file("POST", SEND_PATH, take).body_bytes = PACKET_BYTES_MAX;
}

async fn take(cx: Cx) -> Result<Reply, Problem> {
    let Ok(_place) = PLACES.try_acquire() else {
        return Err(problems::kits_busy().retry_after(RETRY_SECONDS));
    };
    let taken = cx.service::<People>()?.take_packet(cx.body.to_vec()).await?;
    Ok(Reply::new(daftar_http::reply::JSON, taken.statement).header("cache-control", "no-store"))
}

async fn list(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let mut problem = None;
    if let Some(typed) = cx.query.some("reference") {
        match people.packet_of_reference(&cx.actor, typed).await {
            Ok(row) => return cx.go(&format!("/desk/packets/{}", row.id)),
            Err(found) if found.kind == daftar_kernel::problem::Kind::NotFound => problem = Some(found),
            Err(found) => return Err(found),
        }
    }
    let kits = people.kits(&cx.actor).await?;
    let mut f = cx.frame("identity-kits");
    let t = f.t.clone();
    if problem.is_some() {
        let message = t.get("identity-kit-reference-none").into_owned();
        f = f.with_faults(vec![daftar_ui::Fault { field: "reference".into(), message }]);
    }
    let find = Form::ask("/desk/kits", t.get("identity-kit-find")).field(
        Field::new("reference", t.get("identity-kit-reference"), Ask::Line)
            .hint(t.get("identity-kit-reference-hint"))
            .value(cx.query.get("reference")),
    );
    let mut sheet = Sheet::new(f)
        .back("/desk")
        .add(Block::Lead(t.get("identity-kits-lead").into_owned()))
        .add(Block::Button(Link::new("/desk/kits/new", t.get("identity-kits-new")), ""));
    if !kits.is_empty() {
        sheet = sheet.add(Block::Table(table(&t, &kits)));
    }
    Reply::page(&sheet.add(Block::Form(find)))
}

fn table(t: &Texts, kits: &[Kit]) -> Table {
    let row = |kit: &Kit| {
        let state = match kit.withdrawn_at {
            Some(at) => t.one("identity-kit-withdrawn-on", "when", t.day(at)),
            None => t.day(kit.until),
        };
        vec![Html::link(&format!("/desk/kits/{}", kit.id), &kit.name), Html::text(state)]
    };
    Table {
        caption: t.get("identity-kits").into_owned(),
        columns: ["identity-kit-name", "identity-kit-until"].map(|key| Column::text(t.get(key))).into(),
        rows: kits.iter().map(row).collect(),
    }
}

fn form(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let field = problem
        .map_or("request", |problem| if problem.code == "identity-kit-days" { "days" } else { "request" });
    let f = cx.frame("identity-kits-new").with_faults(again(cx, field, problem));
    let t = f.t.clone();
    let days = cx.form.some("days").unwrap_or("14");
    let form = Form::post("/desk/kits/new", t.get("identity-kit-allow"))
        .field(
            Field::new("request", t.get("identity-kit-request"), Ask::Lines)
                .hint(t.get("identity-kit-request-hint"))
                .value(cx.form.get("request")),
        )
        .field(
            Field::new("days", t.get("identity-kit-days"), Ask::Line)
                .hint(t.one("identity-kit-days-hint", "most", MAX_KIT_DAYS))
                .value(days),
        );
    let sheet = Sheet::new(f)
        .back("/desk/kits")
        .add(Block::Lead(t.get("identity-kits-new-lead").into_owned()))
        .add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

/// Once to read who asks, once more to allow it.
async fn allow(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let days = cx.form.get("days").trim().parse().unwrap_or(0);
    let request = cx.form.get("request").as_bytes();
    let done = if cx.form.get("confirm").is_empty() {
        match people.read_kit_request(&cx.actor, request, days).await {
            Ok(wish) => return confirm(&cx, &wish, days),
            Err(problem) => Err(problem),
        }
    } else {
        let country = cx.site.country();
        let taken = Country {
            name: country.names.get(&Lang::english()).to_string(),
            zone: country.time_zone.clone(),
            places: country.places.all().map(|place| place.code.clone()).collect(),
            files: files(&cx).await?,
        };
        people.allow_kit(&cx.proven()?, request, days, &taken).await
    };
    match done {
        Ok(allowed) => cx.go(&format!("/desk/kits/{}", allowed.kit)),
        Err(problem) if is_theirs(&problem) || problem.code == "identity-kit-withdrawn" => {
            form(&cx, Some(&problem))
        }
        Err(problem) => Err(problem),
    }
}

/// Who asks, before anything is allowed.
fn confirm(cx: &Cx, wish: &Wish, days: i64) -> Result<Reply, Problem> {
    let f = cx.frame("identity-kit-confirm");
    let t = f.t.clone();
    let roster = cx.site.roster();
    let operators = wish.operators.iter().map(|(login, name, office)| {
        let office = roster.office(office).map_or("", |office| office.label.get(&cx.lang));
        format!("{name} ({login}), {office}")
    });
    let rows = vec![
        SummaryRow::new(t.get("identity-kit-name"), Html::isolated(&wish.name)),
        SummaryRow::new(t.get("identity-kit-operators"), Html::lines(operators)),
        SummaryRow::new(t.get("identity-kit-days"), t.number(days)),
        SummaryRow::new(t.get("identity-kit-device"), Html::code(hex::encode(&wish.device))),
    ];
    let form = Form::post("/desk/kits/new", t.get("identity-kit-allow"))
        .hidden("request", cx.form.get("request"))
        .hidden("days", days.to_string())
        .hidden("confirm", "yes");
    let sheet = Sheet::new(f)
        .back("/desk/kits/new")
        .add(Block::Warning(t.get("identity-kit-confirm-vouch").into_owned()))
        .add(Block::Summary(rows))
        .add(Block::Form(form));
    Reply::page(&sheet)
}

/// Most bytes of a country's files that a kit takes along; it works without them, and then shows no pages.
const FILES_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The files of the country in force, for the kit's own pages.
async fn files(cx: &Cx) -> Result<BTreeMap<String, String>, Problem> {
    let (store, now) = (cx.site.store.clone(), cx.now());
    let source = store.read(move |tx| {
        Box::pin(async move {
            match versions::in_force(tx, now).await? {
                Some(version) => versions::source_of(tx, &version).await.map(Some),
                None => Ok::<_, Problem>(None),
            }
        })
    });
    let source = source.await?.unwrap_or_default();
    let taken = source.files().filter(|(path, _)| !path.starts_with("people/"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let files: BTreeMap<String, String> = taken.map(|(path, bytes)| (path.into(), text(bytes))).collect();
    let size: usize = files.values().map(String::len).sum();
    Ok(if size <= FILES_BYTES_MAX { files } else { BTreeMap::new() })
}

async fn authorisation(cx: Cx) -> Result<Reply, Problem> {
    let kit = cx.service::<People>()?.kit(&cx.actor, cx.param_id("kit")?).await?;
    Ok(Reply::file(daftar_http::reply::JSON, "authorisation.json", kit.authorisation))
}

async fn withdraw(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("kit")?;
    let people = cx.service::<People>()?;
    match people.withdraw_kit(&cx.proven()?, id, cx.form.get("why")).await {
        Ok(_) => cx.go(&format!("/desk/kits/{id}")),
        Err(problem) if is_theirs(&problem) => page(&cx, &people, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

async fn show(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    page(&cx, &people, None).await
}

async fn page(cx: &Cx, people: &People, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let view = people.kit_view(&cx.actor, cx.param_id("kit")?).await?;
    let mut f = cx.frame("identity-kit").with_faults(again(cx, "why", problem));
    f.title.clone_from(&view.kit.name);
    let t = f.t.clone();
    let mut sheet = Sheet::new(f).back("/desk/kits");
    if view.installations.len() > 1 {
        let again = t.get("identity-kit-reinstalled").into_owned();
        sheet = sheet.add(Block::Note(Tone::Info, String::new(), Html::text(again)));
    }
    if view.held.iter().any(|row| row.reason == "fork") {
        sheet = sheet.add(Block::Warning(t.get("identity-kit-forked").into_owned()));
    }
    sheet = sheet.add(Block::Summary(facts(people, &t, &view)?));
    if view.kit.withdrawn_at.is_none() {
        let file = format!("/desk/kits/{}/authorisation.json", view.kit.id);
        sheet = sheet.add(Block::Links(vec![Link::new(file, t.get("identity-kit-authorisation"))]));
    }
    let lists = [("identity-kit-held", &view.held), ("identity-kit-settled", &view.settled)];
    for (caption, rows) in lists.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        sheet = sheet.add(Block::Table(packets(&t, caption, rows)));
    }
    if !view.installations.is_empty() {
        sheet = sheet.add(Block::Table(installations(&t, &view.installations)));
    }
    if !view.unreadable.is_empty() {
        sheet = sheet.add(Block::Table(unreadable(&t, &view.unreadable)));
    }
    if view.kit.withdrawn_at.is_none() {
        let form = Form::post(format!("/desk/kits/{}/withdraw", view.kit.id), t.get("identity-kit-withdraw"))
            .kind("danger")
            .field(
                Field::new("why", t.get("identity-kit-why"), Ask::Lines)
                    .hint(t.get("identity-kit-withdraw-hint"))
                    .value(cx.form.get("why")),
            );
        sheet = sheet.add(Block::Heading(t.get("identity-kit-withdraw").into_owned())).add(Block::Form(form));
    }
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

fn facts(people: &People, t: &Texts, view: &KitView) -> Result<Vec<SummaryRow>, Problem> {
    let kit = &view.kit;
    let signer = hex::encode(people.kit_statement_key()?.public());
    let count = |state: &str| t.number(view.counts.get(state).copied().unwrap_or(0));
    let mut rows = vec![
        SummaryRow::new(t.get("identity-kit-operators"), Html::lines(&view.operators)),
        SummaryRow::new(t.get("identity-kit-until"), t.day(kit.until)),
        SummaryRow::new(t.get("identity-kit-device"), Html::code(hex::encode(&kit.device))),
        SummaryRow::new(t.get("identity-kit-signer"), Html::code(signer)),
        SummaryRow::new(t.get("identity-kit-merged"), count("merged")),
        SummaryRow::new(t.get("identity-kit-held"), count("held")),
        SummaryRow::new(t.get("identity-kit-refused"), count("refused")),
        SummaryRow::new(
            t.get("identity-receipt-number"),
            Html::link(&receipt_path(kit.receipt), kit.receipt),
        ),
    ];
    if let (Some(at), Some(why)) = (kit.withdrawn_at, &kit.withdrawn_why) {
        rows.insert(
            0,
            SummaryRow::new(t.one("identity-kit-withdrawn-on", "when", t.day(at)), Html::isolated(why)),
        );
    }
    Ok(rows)
}

fn packets(t: &Texts, caption: &str, rows: &[PacketRow]) -> Table {
    let row = |row: &PacketRow| {
        let number = if row.reference.is_empty() { "-" } else { row.reference.as_str() };
        vec![
            Html::link(&format!("/desk/packets/{}", row.id), number),
            Html::text(t.moment(row.made_at)),
            Html::isolated(&row.operator_name),
            Html::text(reason(t, row)),
        ]
    };
    let keys = ["identity-kit-reference", "identity-kit-made", "identity-kit-operator", "identity-reason"];
    Table {
        caption: t.get(caption).into_owned(),
        columns: keys.map(|key| Column::text(t.get(key))).into(),
        rows: rows.iter().map(row).collect(),
    }
}

/// Why a packet was held, in words; empty for one that was not.
pub(super) fn reason(t: &Texts, row: &PacketRow) -> String {
    if row.reason.is_empty() {
        return String::new();
    }
    t.get(&format!("identity-hold-{}", row.reason)).into_owned()
}

fn installations(t: &Texts, all: &[Installation]) -> Table {
    let stretch = |(first, last): &(u64, u64)| {
        if first == last { first.to_string() } else { format!("{first}–{last}") }
    };
    let row = |one: &Installation| {
        let missing: Vec<String> = one.missing.iter().map(stretch).collect();
        vec![
            Html::ltr(one.name.get(..8).unwrap_or_default()),
            Html::text(t.day(one.first)),
            Html::text(t.number(i64::try_from(one.packets).unwrap_or(i64::MAX))),
            Html::ltr(missing.join(", ")),
        ]
    };
    let mut columns: Vec<Column> =
        ["identity-kit-installation", "identity-kit-first"].map(|key| Column::text(t.get(key))).into();
    columns.push(Column::number(t.get("identity-kit-packets")));
    columns.push(Column::text(t.get("identity-kit-missing")));
    Table {
        caption: t.get("identity-kit-installations").into_owned(),
        columns,
        rows: all.iter().map(row).collect(),
    }
}

fn unreadable(t: &Texts, all: &[Unreadable]) -> Table {
    let row = |one: &Unreadable| {
        vec![
            Html::text(t.number(one.sequence)),
            Html::text(t.moment(one.received_at)),
            Html::text(t.number(one.bytes)),
            Html::text(t.get(&format!("identity-unreadable-{}", one.reason))),
        ]
    };
    let column = |key: &str| Column::number(t.get(key));
    Table {
        caption: t.get("identity-kit-unreadable").into_owned(),
        columns: vec![
            column("identity-kit-sequence"),
            Column::text(t.get("identity-kit-arrived")),
            column("identity-kit-bytes"),
            Column::text(t.get("identity-reason")),
        ],
        rows: all.iter().map(row).collect(),
    }
}

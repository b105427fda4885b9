//! A packet of a kit: where it stands, and for one that is held what it says and the decision.

use super::kits::reason;
use super::life::file_reply;
use super::person::done_page;
use super::refusal::{paper, reason_label, reasons};
use super::search::brief;
use super::shown::{receipt_path, rows};
use super::wards::kind_words;
use crate::kit::held::{Decided, Decision, Held};
use crate::kit::held_files::Picture;
use crate::kit::list::PacketRow;
use crate::kit::receive::State;
use crate::people::People;
use crate::permission::KIT;
use crate::refuse::FORM;
use daftar_http::{Access, Cx, Reply, Routes, is_theirs};
use daftar_kernel::Problem;
use daftar_ui::parts::{Choice, SummaryRow};
use daftar_ui::{Ask, Block, Fault, Field, Form, Html, Sheet, Texts, Tone};

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes.page("GET", "/desk/packets/{packet}", Access::Official(KIT), show).example("packet", "$packet");
    routes.page("POST", "/desk/packets/{packet}", Access::Official(KIT), open).example("packet", "$packet");
    routes
        .page("GET", "/desk/packets/{packet}/photo.jpg", Access::Official(KIT), photo)
        .example("packet", "$packet");
    routes
        .page("POST", "/desk/packets/{packet}/documents/{place}", Access::Official(KIT), document)
        .example("packet", "$packet")
        .example("place", "0");
    routes
        .page("POST", "/desk/packets/{packet}/decide", Access::Official(KIT), decide)
        .example("packet", "$packet");
}

fn facts(t: &Texts, row: &PacketRow, kit: &str) -> Vec<SummaryRow> {
    let mut facts = vec![
        SummaryRow::new(t.get("identity-kit-reference"), Html::ltr(&row.reference)),
        SummaryRow::new(t.get("identity-kit-name"), Html::isolated(kit)),
        SummaryRow::new(t.get("identity-kit-operator"), Html::isolated(&row.operator_name)),
        SummaryRow::new(t.get("identity-kit-made"), t.moment(row.made_at)),
        SummaryRow::new(t.get("identity-kit-arrived"), t.moment(row.received_at)),
        SummaryRow::new(
            t.get("identity-receipt-number"),
            Html::link(&receipt_path(row.receipt), row.receipt),
        ),
    ];
    if !row.reason.is_empty() {
        facts.push(SummaryRow::new(t.get("identity-reason"), reason(t, row)));
    }
    if !row.time_odd.is_empty() {
        let odd = t.get(&format!("identity-kit-odd-{}", row.time_odd));
        facts.push(SummaryRow::new(t.get("identity-kit-odd"), odd));
    }
    facts
}

async fn show(cx: Cx) -> Result<Reply, Problem> {
    let (row, kit) = cx.service::<People>()?.packet(&cx.actor, cx.param_id("packet")?).await?;
    let title = match row.state {
        Some(State::Held) => "identity-packet-held",
        Some(State::Merged) => "identity-packet-merged",
        Some(State::Refused) => "identity-packet-refused",
        None => "identity-packet-erased",
    };
    let f = cx.frame(title);
    let t = f.t.clone();
    let mut sheet =
        Sheet::new(f).back(format!("/desk/kits/{}", kit.id)).add(Block::Summary(facts(&t, &row, &kit.name)));
    if row.state == Some(State::Held) {
        let open = Form::post(format!("/desk/packets/{}", row.id), t.get("identity-open"));
        sheet = sheet
            .add(Block::Note(Tone::Info, String::new(), Html::text(t.get("identity-search-seen"))))
            .add(Block::Form(open));
    }
    if let Some(person) = row.person {
        let link = daftar_ui::parts::Link::new(format!("/people/{person}"), t.get("identity-open"));
        sheet = sheet.add(Block::Links(vec![link]));
    }
    Reply::page(&sheet)
}

async fn open(cx: Cx) -> Result<Reply, Problem> {
    page(&cx, None).await
}

async fn page(cx: &Cx, problem: Option<(&str, &Problem)>) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let held = people.held_packet(cx.official()?, cx.param_id("packet")?).await?;
    let t = cx.texts();
    let faults = problem.map_or_else(Vec::new, |(field, problem)| {
        // A file that cannot be kept: why.
        let why = problem.fields.iter().find(|fault| fault.field == "document" && t.has(&fault.message));
        let why = why.map(|fault| t.get(&fault.message).into_owned());
        vec![Fault { field: field.into(), message: why.unwrap_or_else(|| t.problem(problem).what) }]
    });
    let f = cx.frame("identity-packet-decide").with_faults(faults);
    let mut sheet = Sheet::new(f)
        .back(format!("/desk/packets/{}", held.row.id))
        .add(Block::Note(Tone::Info, String::new(), Html::text(t.get("identity-seen-note"))))
        .extend(photo_of(&t, &held))
        .add(Block::Summary(said(cx, &t, &people, &held)))
        .extend(documents_of(cx, &t, &held));
    if !held.candidates.is_empty() {
        sheet = sheet.add(Block::Heading(t.get("identity-doubles").into_owned()));
    }
    for one in &held.candidates {
        sheet = sheet
            .add(Block::Heading(one.found.name.clone()))
            .add(Block::Summary(brief(cx, &t, &one.found)))
            .add(Block::Table(super::weighing::table(&t, &one.weight)));
    }
    for (heading, form) in forms(cx, &t, &held)? {
        sheet = sheet.add(Block::Heading(t.get(heading).into_owned())).add(Block::Form(form));
    }
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |(_, p)| p.kind.status())))
}

/// The photo, which the browser fetches by itself: a look of its own.
fn photo_of(t: &Texts, held: &Held) -> Option<Block> {
    let alt = Html::text(t.get("identity-photo"));
    let path = format!("/desk/packets/{}/photo.jpg", held.row.id);
    let image = format!("<p><img src=\"{path}\" alt=\"{alt}\" width=\"240\"></p>");
    (held.picture == Picture::Here).then(|| Block::Markup(Html::trusted(image)))
}

async fn photo(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("packet")?;
    let photo = cx.service::<People>()?.held_photo(cx.official()?, id).await?;
    Ok(Reply::new("image/jpeg", photo.jpeg))
}

/// A button for each document, which hands it out.
fn documents_of(cx: &Cx, t: &Texts, held: &Held) -> Vec<Block> {
    let count = i64::try_from(held.documents.len()).unwrap_or(i64::MAX);
    let button = |(place, kind): (usize, &String)| {
        let number = i64::try_from(place + 1).unwrap_or(i64::MAX);
        let label = t.with(
            "identity-packet-document",
            &[
                ("kind", kind_words(cx, kind).into()),
                ("place", t.number(number).into()),
                ("count", t.number(count).into()),
            ],
        );
        let action = format!("/desk/packets/{}/documents/{place}", held.row.id);
        Block::Form(Form::post(action, label).kind("second"))
    };
    held.documents.iter().enumerate().map(button).collect()
}

async fn document(cx: Cx) -> Result<Reply, Problem> {
    let (id, place) = (cx.param_id("packet")?, cx.param("place").parse().map_err(|_| Problem::not_found())?);
    match cx.service::<People>()?.held_document(cx.official()?, id, place).await {
        Ok(file) => Ok(file_reply(&file)),
        Err(problem) if problem.code == crate::problems::document().code => {
            page(&cx, Some(("document", &problem))).await
        }
        Err(problem) => Err(problem),
    }
}

/// What the packet says.
fn said(cx: &Cx, t: &Texts, people: &People, held: &Held) -> Vec<SummaryRow> {
    let mut said = match held.carried.as_ref().map(|carried| (carried, people.check(&carried.person))) {
        Some((_, Ok(person))) => rows(cx, t, &person),
        Some((carried, Err(_))) => vec![
            SummaryRow::new(t.get("identity-name"), Html::isolated(&carried.person.name)),
            SummaryRow::new(t.get("identity-born"), Html::isolated(&carried.person.born)),
        ],
        None => Vec::new(),
    };
    if let Some(carried) = &held.carried {
        said.push(SummaryRow::new(t.get("identity-evidence"), Html::isolated(&carried.evidence)));
    }
    let faults: Vec<String> = held.faults.iter().map(|fault| t.get(&fault.message).into_owned()).collect();
    if !faults.is_empty() {
        said.push(SummaryRow::new(t.get("identity-hold-entry"), Html::lines(&faults)));
    }
    let photo = match held.picture {
        Picture::None => "identity-kit-photo-no",
        Picture::Here => "identity-kit-photo-yes",
        Picture::Unreadable => "identity-hold-photo",
    };
    said.push(SummaryRow::new(t.get("identity-field-photo"), t.get(photo)));
    if !held.documents.is_empty() {
        let kinds: Vec<String> = held.documents.iter().map(|kind| kind_words(cx, kind)).collect();
        said.push(SummaryRow::new(t.get("identity-kit-documents"), Html::lines(&kinds)));
    }
    said.push(SummaryRow::new(t.get("identity-reason"), reason(t, &held.row)));
    said
}

/// The decisions that can be taken: register, name the person, refuse.
fn forms(cx: &Cx, t: &Texts, held: &Held) -> Result<Vec<(&'static str, Form)>, Problem> {
    let action = format!("/desk/packets/{}/decide", held.row.id);
    let lines = |name: &str, key: &str| Field::new(name, t.get(key), Ask::Lines).value(cx.form.get(name));
    let form = |decision: &str, button: &str| {
        Form::post(action.clone(), t.get(button)).hidden("decision", decision.to_string())
    };
    let mut forms = Vec::new();
    if held.carried.is_some() && held.faults.is_empty() {
        let register =
            form("register", "identity-packet-register").field(lines("register_reason", "identity-reason"));
        forms.push(("identity-packet-register", register));
    }
    if !held.candidates.is_empty() {
        let choice = |found: &crate::search::Found| {
            let id = found.person.to_string();
            let chosen = cx.form.get("person") == id;
            Choice::new(id, &found.name, chosen).hint(t.date(found.born))
        };
        let people = held.candidates.iter().map(|one| choice(&one.found)).collect();
        let same = form("same", "identity-packet-same")
            .field(Field::new("person", t.get("identity-packet-who"), Ask::Radios(people)))
            .field(lines("same_reason", "identity-reason"))
            .kind("second");
        forms.push(("identity-packet-same", same));
    }
    let declared = cx.declared_form(FORM)?;
    let refuse = form("refuse", "identity-packet-refuse")
        .field(Field::new(
            "refuse_reason",
            t.get("identity-refusal-reason"),
            Ask::Radios(reasons(cx, &declared)),
        ))
        .field(lines("words", "identity-refusal-words"))
        .kind("danger");
    forms.push(("identity-packet-refuse", refuse));
    Ok(forms)
}

async fn decide(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("packet")?;
    let text = |name: &str| cx.form.get(name).to_string();
    let (field, decision) = match cx.form.get("decision") {
        "register" => ("register_reason", Decision::Register { reason: text("register_reason") }),
        "same" => match cx.form.get("person").parse() {
            Ok(person) => ("same_reason", Decision::Same { person, reason: text("same_reason") }),
            Err(_) => return page(&cx, Some(("person", &crate::problems::packet_choice()))).await,
        },
        // The law's reasons are those of the form, and no others.
        "refuse"
            if !reasons(&cx, &*cx.declared_form(FORM)?)
                .iter()
                .any(|one| one.value == text("refuse_reason")) =>
        {
            return page(&cx, Some(("refuse_reason", &crate::problems::refusal_reason()))).await;
        }
        "refuse" => ("words", Decision::Refuse { reason: text("refuse_reason"), words: text("words") }),
        _ => return Err(crate::problems::packet_choice()),
    };
    let people = cx.service::<People>()?;
    match people.decide_packet(cx.official()?, id, decision).await {
        Ok(Decided::Registered(person)) => {
            let (row, _) = people.packet(&cx.actor, id).await?;
            done_page(&cx, "identity-registered", row.receipt, Some(format!("/people/{person}")))
        }
        Ok(Decided::Same(_)) => cx.go(&format!("/desk/packets/{id}")),
        Ok(Decided::Refused(refused)) => {
            let declared = cx.declared_form(FORM)?;
            let reason = reason_label(&cx, &declared, &text("refuse_reason"));
            paper(&cx, &refused, reason, text("words"))
        }
        Err(problem) if is_theirs(&problem) => {
            let field = if problem.code == "identity-refusal-reason" { "refuse_reason" } else { field };
            page(&cx, Some((field, &problem))).await
        }
        Err(problem) => Err(problem),
    }
}

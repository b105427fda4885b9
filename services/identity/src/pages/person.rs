//! A person's page for officials: first why, then what the work needs. Correction, activation, erasure.

use super::registration::answers_of;
use super::shown::{receipt_path, rows, why, why_fields, why_hidden};
use crate::correct::{Correction, PhotoChange};
use crate::people::People;
use crate::permission::{ACTIVATE, ASSIST, CARD, CORRECT, ERASE, READ};
use crate::person::{Entry, FIELDS};
use crate::read::{BONDS, CARD as CARD_FIELD, DOCUMENTS, HISTORY, NUMBER, Shown};
use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs};
use daftar_kernel::{Id, Problem};
use daftar_ui::parts::{Column, Link, SummaryRow, Table};
use daftar_ui::{Ask, Block, Field, Form, Html, Notice, Sheet, Texts, Tone};

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes
        .page("GET", "/people/{person}", Access::Official(READ), |cx| async move { ask_why(&cx, None) })
        .example("person", "$person");
    routes.page("POST", "/people/{person}", Access::Official(READ), show).example("person", "$person");
    routes
        .page("POST", "/people/{person}/correct", Access::Official(CORRECT), correct_form)
        .example("person", "$person");
    routes
        .page("POST", "/people/{person}/correct/send", Access::Official(CORRECT), correct)
        .example("person", "$person");
    routes
        .page("POST", "/people/{person}/activation", Access::Official(ACTIVATE), activate)
        .example("person", "$person");
    routes
        .page("POST", "/people/{person}/activation/letter", Access::Official(ACTIVATE), post_activation)
        .example("person", "$person");
    routes
        .page("POST", "/people/{person}/erasure", Access::StepUp(ERASE), erase)
        .example("person", "$person");
    routes
        .page("POST", "/people/{person}/card/replace", Access::Official(CARD), replace_card)
        .example("person", "$person");
}

fn ask_why(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let id = cx.param_id("person")?;
    let f = cx.frame("identity-why").with_faults(again(cx, "purpose", problem));
    let t = f.t.clone();
    let mut form = Form::post(format!("/people/{id}"), t.get("identity-open"));
    for field in why_fields(cx, &t) {
        form = form.field(field);
    }
    let sheet = Sheet::new(f)
        .back("/people/search")
        .add(Block::Note(Tone::Info, String::new(), Html::text(t.get("identity-search-seen"))))
        .add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

/// The fields this role's work needs: whoever may correct sees all, others what identifies.
fn needed(cx: &Cx) -> Vec<&'static str> {
    if cx.may(CORRECT) {
        let mut fields = FIELDS.to_vec();
        fields.extend([NUMBER, CARD_FIELD, HISTORY, DOCUMENTS, BONDS]);
        fields
    } else {
        vec!["name", "other_names", "born", "birth_place", "sex", "address", "photo"]
    }
}

async fn show(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("person")?;
    let people = cx.service::<People>()?;
    let ask = match why(&cx) {
        Ok(ask) => ask,
        Err(problem) => return ask_why(&cx, Some(&problem)),
    };
    match people.read(cx.official()?, &ask, id, &needed(&cx)).await {
        Ok(shown) => person_page(&cx, &shown, None),
        Err(problem) if is_theirs(&problem) || problem.code == "office-purpose" => {
            ask_why(&cx, Some(&problem))
        }
        Err(problem) => Err(problem),
    }
}

fn person_page(cx: &Cx, shown: &Shown, notice: Option<Notice>) -> Result<Reply, Problem> {
    let mut f = cx.frame("identity-person");
    f.notice = notice;
    let t = f.t.clone();
    let mut summary = rows(cx, &t, &shown.record);
    if let Some(number) = &shown.number {
        summary.push(SummaryRow::new(t.get("identity-number"), Html::ltr(number.grouped())));
    }
    if let Some(card) = &shown.card {
        summary.push(SummaryRow::new(t.get("identity-card-number"), Html::ltr(card.number.grouped())));
    }
    summary.push(SummaryRow::new(t.get("identity-look-receipt"), Html::ltr(shown.receipt)));
    let mut sheet = Sheet::new(f).back("/people/search").add(Block::Note(
        Tone::Info,
        String::new(),
        Html::text(t.get("identity-seen-note")),
    ));
    for (marked, key) in
        [(shown.marks.suspended, "identity-mark-suspended"), (shown.marks.fraud, "identity-mark-fraud")]
    {
        if marked {
            sheet = sheet.add(Block::Note(Tone::Warning, String::new(), Html::text(t.get(key))));
        }
    }
    sheet = sheet.add(Block::Summary(summary)).extend(bonds(&t, shown)).extend(documents(cx, &t, shown));
    if shown.history.len() > 1 {
        sheet = sheet.add(Block::Table(history(&t, shown)));
    }
    Reply::page(&sheet.extend(actions(cx, &t, shown)))
}

/// Who answers for whom: what it is and since when, and the other's page, which asks why.
fn bonds(t: &Texts, shown: &Shown) -> Vec<Block> {
    if shown.bonds.is_empty() {
        return Vec::new();
    }
    let links = shown.bonds.iter().map(|bond| {
        let what = t.get(&format!("identity-bond-{}-{}", bond.kind.word(), bond.side.word()));
        let label = match bond.ended {
            None => t.two("identity-bond-since", "what", what, "since", t.day(bond.since)),
            Some((at, by)) => {
                let why = t.get(&format!("identity-bond-by-{}", by.word()));
                let args = [
                    ("what", what.into()),
                    ("since", t.day(bond.since).into()),
                    ("until", t.day(at).into()),
                    ("why", why.into()),
                ];
                t.with("identity-bond-ended", &args)
            }
        };
        Link::new(format!("/people/{}", bond.other), label)
    });
    vec![Block::Heading(t.get("identity-bonds").into_owned()), Block::Links(links.collect())]
}

/// Documents, each with a button that hands it out; why was said already.
fn documents(cx: &Cx, t: &Texts, shown: &Shown) -> Vec<Block> {
    if shown.documents.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading(t.get("identity-documents").into_owned())];
    for one in &shown.documents {
        let kind = super::wards::kind_words(cx, &one.kind);
        let label = t.two("identity-document-of", "kind", kind, "when", t.day(one.at));
        let action = format!("/people/{}/documents/{}", shown.person, one.id);
        let mut form = Form::post(action, label).kind("second");
        form.hidden = why_hidden(cx);
        blocks.push(Block::Form(form));
    }
    blocks
}

fn history(t: &Texts, shown: &Shown) -> Table {
    let rows = shown
        .history
        .iter()
        .map(|version| {
            let document = &version.document;
            vec![
                Html::text(t.number(version.version)),
                Html::text(t.moment(version.at)),
                Html::text(t.get(&format!("identity-cause-{}", document.cause.word()))),
                Html::isolated(&document.writer.name),
                Html::isolated(&document.reason),
                Html::isolated(&document.evidence),
            ]
        })
        .collect();
    let keys = ["identity-when", "identity-cause", "identity-writer", "identity-reason", "identity-evidence"];
    let mut columns = vec![Column::number(t.get("identity-version"))];
    columns.extend(keys.map(|key| Column::text(t.get(key))));
    Table { caption: t.get("identity-history").into_owned(), columns, rows }
}

fn actions(cx: &Cx, t: &Texts, shown: &Shown) -> Vec<Block> {
    let path = format!("/people/{}", shown.person);
    let mut blocks = Vec::new();
    let mut act = |permission: &str, action: &str, label: &str, kind: &'static str| {
        if cx.may(permission) {
            let mut form = Form::post(format!("{path}/{action}"), t.get(label)).kind(kind);
            form.hidden = why_hidden(cx);
            blocks.push(Block::Form(form.hidden("key", key(cx))));
        }
    };
    act(CORRECT, "correct", "identity-correct", "second");
    act(CARD, "card.pdf", "identity-print-card", "second");
    act(CARD, "certificate.pdf", "identity-print-certificate", "second");
    act(ACTIVATE, "activation", "identity-give-activation", "second");
    act(ACTIVATE, "activation/letter", "identity-post-activation", "second");
    if cx.may(ASSIST) {
        blocks.push(Block::Links(vec![Link::new(format!("{path}/assist"), t.get("identity-assist"))]));
    }
    if !blocks.is_empty() {
        blocks.insert(0, Block::Heading(t.get("identity-person-acts").into_owned()));
    }
    let life = super::life::links(cx, t, shown.person);
    if !life.is_empty() {
        blocks.push(Block::Heading(t.get("identity-life").into_owned()));
        blocks.push(Block::Links(life));
    }
    if cx.may(CARD) {
        let reason = Field::new("reason", t.get("identity-replace-reason"), Ask::Line);
        let form = Form::post(format!("{path}/card/replace"), t.get("identity-replace-card")).kind("second");
        blocks.push(Block::Form(form.hidden("key", key(cx)).field(reason)));
    }
    if cx.may(ERASE) {
        let ground = Field::new("ground", t.get("identity-erase-ground"), Ask::Line);
        let form = Form::post(format!("{path}/erasure"), t.get("identity-erase")).kind("danger");
        blocks.push(Block::Form(form.field(ground)));
    }
    blocks
}

/// A fresh idempotency key for a form: sending it twice does the act once.
pub(super) fn key(cx: &Cx) -> String {
    cx.site.world().id().to_string()
}

/// The correction form: the record as it is, to be overwritten where it is wrong. Reading it is a look.
async fn correct_form(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("person")?;
    let people = cx.service::<People>()?;
    let ask = why(&cx)?;
    let shown = people.read(cx.official()?, &ask, id, &FIELDS).await?;
    correction_page(&cx, id, shown.version, &shown.record.entry(), &key(&cx), None)
}

/// Fields of a correction, with the texts that name them.
const CORRECTED: [(&str, &str); 13] = [
    ("name", "identity-name"),
    ("given", "identity-given"),
    ("family", "identity-family"),
    ("other_name", "identity-other-names"),
    ("born", "identity-born"),
    ("birth_place", "identity-birth-place-code"),
    ("birth_place_text", "identity-birth-place"),
    ("mother", "identity-mother"),
    ("father", "identity-father"),
    ("address_lines", "identity-address"),
    ("address_place", "identity-address-place"),
    ("phone", "identity-phone"),
    ("email", "identity-email"),
];

fn value_of(entry: &Entry, field: &str) -> String {
    match field {
        "name" => entry.name.clone(),
        "given" => entry.given.clone(),
        "family" => entry.family.clone(),
        "other_name" => entry.other_names.join("\n"),
        "born" => entry.born.clone(),
        "birth_place" => entry.birth_place.clone(),
        "birth_place_text" => entry.birth_place_text.clone(),
        "mother" => entry.mother.clone(),
        "father" => entry.father.clone(),
        "address_lines" => entry.address_lines.join("\n"),
        "address_place" => entry.address_place.clone(),
        "phone" => entry.phone.clone(),
        "email" => entry.email.clone(),
        _ => String::new(),
    }
}

fn correction_page(
    cx: &Cx,
    id: Id,
    version: i64,
    entry: &Entry,
    key: &str,
    problem: Option<&Problem>,
) -> Result<Reply, Problem> {
    let f = cx.frame("identity-correct");
    let t = f.t.clone();
    let f = f.with_faults(faults(cx, &t, problem));
    let mut form = Form::post(format!("/people/{id}/correct/send"), t.get("identity-correct-send"))
        .hidden("version", version.to_string())
        .hidden("key", key)
        .hidden("sex", entry.sex.clone())
        .hidden("standing", entry.standing.clone())
        .hidden("language", entry.language.clone())
        .hidden("died", entry.died.clone());
    for (name, label) in CORRECTED {
        let kind = if matches!(name, "other_name" | "address_lines") { Ask::Lines } else { Ask::Name };
        form = form.field(Field::new(name, t.get(label), kind).value(value_of(entry, name)).optional());
    }
    form = form
        .field(
            Field::new("reason", t.get("identity-reason"), Ask::Lines)
                .hint(t.get("identity-reason-hint"))
                .value(cx.form.get("reason")),
        )
        .field(Field::new("evidence", t.get("identity-evidence"), Ask::Lines).value(cx.form.get("evidence")));
    let sheet = Sheet::new(f)
        .back(format!("/people/{id}"))
        .add(Block::Lead(t.get("identity-correct-lead").into_owned()))
        .add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

/// Faults of single fields, or the problem as a whole.
pub(super) fn faults(cx: &Cx, t: &Texts, problem: Option<&Problem>) -> Vec<daftar_ui::Fault> {
    match problem {
        Some(problem) if !problem.fields.is_empty() => problem
            .fields
            .iter()
            .map(|fault| daftar_ui::Fault {
                field: fault.field.clone(),
                message: if t.has(&fault.message) {
                    t.get(&fault.message).into_owned()
                } else {
                    fault.message.clone()
                },
            })
            .collect(),
        other => again(cx, "reason", other),
    }
}

async fn correct(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("person")?;
    let people = cx.service::<People>()?;
    let entry = answers_of(&cx);
    let version = cx.form.get("version").parse().map_err(|_| Problem::malformed("bad-form"))?;
    let correction = Correction {
        person: id,
        expected_version: version,
        entry: entry.clone(),
        photo: PhotoChange::Keep,
        reason: cx.form.get("reason").into(),
        evidence: cx.form.get("evidence").into(),
        idempotency_key: cx.form.get("key").into(),
    };
    match people.correct(&cx.actor, correction).await {
        Ok(done) => done_page(&cx, "identity-corrected", done.receipt, Some(format!("/people/{id}"))),
        Err(problem) if is_theirs(&problem) => {
            correction_page(&cx, id, version, &entry, cx.form.get("key"), Some(&problem))
        }
        Err(problem) => Err(problem),
    }
}

/// The page after an act: what was done, and the receipt's number.
pub(super) fn done_page(cx: &Cx, title: &str, receipt: Id, next: Option<String>) -> Result<Reply, Problem> {
    let f = cx.frame(title);
    let t = f.t.clone();
    let words =
        Html::trusted(format!("{}<br>{}", Html::text(t.get("identity-receipt-number")), Html::ltr(receipt)));
    let mut links = vec![Link::new(receipt_path(receipt), t.get("identity-receipt-state"))];
    links.extend(next.map(|path| Link::new(path, t.get("identity-to-person"))));
    let sheet = Sheet::new(f).add(Block::Panel(t.get(title).into_owned(), words)).add(Block::Links(links));
    Reply::page(&sheet)
}

async fn activate(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("person")?;
    let people = cx.service::<People>()?;
    let letter = people.issue_activation(&cx.actor, id).await?;
    super::papers::activation_letter(&cx, &letter)
}

async fn post_activation(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("person")?;
    let people = cx.service::<People>()?;
    let receipt = people.post_activation(&cx.actor, id).await?;
    done_page(&cx, "identity-activation-posted", receipt, Some(format!("/people/{id}")))
}

async fn erase(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("person")?;
    let people = cx.service::<People>()?;
    cx.proven()?;
    let approval = people.request_erasure(&cx.actor, id, cx.form.get("ground")).await?;
    cx.go(&format!("/desk/approvals/{approval}"))
}

async fn replace_card(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("person")?;
    let people = cx.service::<People>()?;
    let receipt = people.replace_card(&cx.actor, id, cx.form.get("reason"), cx.form.get("key")).await?;
    done_page(&cx, "identity-card-replaced", receipt, Some(format!("/people/{id}")))
}

/// Carries out an erasure that two officials have approved.
pub(super) async fn erase_approved(cx: Cx, approval: Id) -> Result<Reply, Problem> {
    let receipt = cx.service::<People>()?.erase(&cx.actor, approval).await?;
    done_page(&cx, "identity-erased", receipt, None)
}

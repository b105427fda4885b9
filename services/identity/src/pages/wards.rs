//! The citizen's pages about the people they answer for, and about the documents the register keeps. What a guardian opens of a
//! child stands in the child's list of looks.

use super::citizen::{act_words, said_of, sentence};
use super::life::file_reply;
use super::person::{done_page, key};
use super::shown::rows;
use crate::bonds::Ward;
use crate::documents::Held;
use crate::people::People;
use crate::person::FIELDS;
use crate::read::CARD;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::{Id, Problem};
use daftar_ui::parts::{Link, SummaryRow};
use daftar_ui::{Block, Form, Html, Sheet, Texts, Tone};

/// Rows of a page of looks or acts.
const PAGE: u32 = 20;

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/me/people", Access::Citizen, list);
    routes.page("GET", "/me/documents", Access::Citizen, documents);
    routes.page("GET", "/me/card/lost", Access::Citizen, lost_form);
    routes.page("POST", "/me/card/lost", Access::Citizen, lost);
    routes
        .page("GET", "/me/documents/{document}", Access::Citizen, document)
        .example("document", "$document")
        .owned();
    routes.page("GET", "/me/people/{bond}", Access::Citizen, record).example("bond", "$bond").owned();
    routes
        .page("GET", "/me/people/{bond}/photo.jpg", Access::Citizen, photo)
        .example("bond", "$bond")
        .owned();
    routes.page("GET", "/me/people/{bond}/looks", Access::Citizen, looks).example("bond", "$bond").owned();
    routes
        .page("GET", "/me/people/{bond}/receipts", Access::Citizen, receipts)
        .example("bond", "$bond")
        .owned();
    routes
        .page("GET", "/me/people/{bond}/documents", Access::Citizen, ward_documents)
        .example("bond", "$bond")
        .owned();
    routes
        .page("GET", "/me/people/{bond}/documents/{document}", Access::Citizen, ward_document)
        .example("bond", "$bond")
        .example("document", "$ward_document")
        .owned();
}

async fn list(cx: Cx) -> Result<Reply, Problem> {
    let wards = cx.service::<People>()?.my_wards(cx.citizen()?).await?;
    let f = cx.frame("identity-my-people");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f).back("/me").add(Block::Lead(t.get("identity-my-people-lead").into_owned()));
    if wards.is_empty() {
        sheet = sheet.text(t.get("identity-my-people-none").into_owned());
    }
    let links = wards
        .iter()
        .map(|ward| {
            Link::new(format!("/me/people/{}", ward.bond), ward.version.document.person.name.to_string())
        })
        .collect();
    Reply::page(&sheet.add(Block::Links(links)))
}

/// Reporting one's own card lost: one button, and what follows from it.
async fn lost_form(cx: Cx) -> Result<Reply, Problem> {
    let f = cx.frame("identity-life-card");
    let t = f.t.clone();
    let form = Form::post("/me/card/lost", t.get("identity-my-card-lost-send"))
        .kind("danger")
        .hidden("key", key(&cx));
    let lead = Block::Lead(t.get("identity-my-card-lost-lead").into_owned());
    Reply::page(&Sheet::new(f).back("/me/record").add(lead).add(Block::Form(form)))
}

async fn lost(cx: Cx) -> Result<Reply, Problem> {
    let done = cx.service::<People>()?.lose_my_card(cx.citizen()?, cx.form.get("key")).await?;
    done_page(&cx, "identity-life-card-done", done.receipt, None)
}

async fn ward(cx: &Cx, fields: &[&'static str]) -> Result<Ward, Problem> {
    cx.service::<People>()?.my_ward(cx.citizen()?, cx.param_id("bond")?, fields).await
}

async fn record(cx: Cx) -> Result<Reply, Problem> {
    let mut fields = FIELDS.to_vec();
    fields.push(CARD);
    let ward = ward(&cx, &fields).await?;
    let f = cx.frame("identity-ward");
    let t = f.t.clone();
    let person = &ward.version.document.person;
    let mut summary = rows(&cx, &t, person);
    if let Some(card) = &ward.card {
        summary.push(SummaryRow::new(t.get("identity-card-number"), Html::ltr(card.number.grouped())));
    }
    summary.push(SummaryRow::new(t.get("identity-ward-since"), t.day(ward.since)));
    let path = format!("/me/people/{}", ward.bond);
    let mut sheet = Sheet::new(f).back("/me/people").caption(person.name.to_string()).add(Block::Note(
        Tone::Info,
        String::new(),
        Html::text(t.get("identity-ward-seen")),
    ));
    if person.photo.is_some() {
        let alt = Html::text(t.get("identity-photo"));
        sheet = sheet.add(Block::Markup(Html::trusted(format!(
            "<p><img src=\"{path}/photo.jpg\" alt=\"{alt}\" width=\"160\"></p>"
        ))));
    }
    let link = |end: &str, key: &str| Link::new(format!("{path}/{end}"), t.get(key));
    let sheet = sheet.add(Block::Summary(summary)).add(Block::Links(vec![
        link("looks", "identity-ward-looks"),
        link("receipts", "identity-ward-receipts"),
        link("documents", "identity-ward-documents"),
    ]));
    let take = Block::Heading(t.get("identity-ward-take").into_owned());
    Reply::page(&sheet.add(take).add(Block::Links(super::ward_files::links(&t, &path))))
}

async fn photo(cx: Cx) -> Result<Reply, Problem> {
    let (citizen, bond) = (cx.citizen()?, cx.param_id("bond")?);
    let photo = cx.service::<People>()?.ward_photo(citizen, bond).await?.ok_or_else(Problem::not_found)?;
    Ok(Reply::new("image/jpeg", photo.jpeg))
}

async fn looks(cx: Cx) -> Result<Reply, Problem> {
    let bond = cx.param_id("bond")?;
    let before = cx.query.some("before").and_then(|text| text.parse().ok());
    let looks = cx.service::<People>()?.ward_looks(cx.citizen()?, bond, before, PAGE).await?;
    let f = cx.frame("identity-ward-looks");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f).back(format!("/me/people/{bond}"));
    if looks.sealed > 0 {
        let sealed = i64::try_from(looks.sealed).unwrap_or(i64::MAX);
        sheet = sheet.text(t.one("identity-looks-sealed", "count", sealed));
    }
    for row in &looks.rows {
        sheet = sheet.add(Block::Heading(t.moment(row.at)));
        sheet = match &row.content {
            Some(content) => {
                let facts = said_of(&cx, &t, content).into_iter();
                let facts = facts.map(|(key, value)| SummaryRow::new(key, Html::isolated(&value))).collect();
                sheet.add(Block::Text(Html::text(sentence(&cx, &t, content)))).add(Block::Summary(facts))
            }
            None => sheet.text(t.get("identity-look-hidden").into_owned()),
        };
    }
    let older = looks.next.map_or_else(String::new, |next| format!("/me/people/{bond}/looks?before={next}"));
    let proof = Link::new(format!("/me/people/{bond}/looks/proof.json"), t.get("identity-proof"));
    Reply::page(&sheet.add(Block::Pages(String::new(), older)).add(Block::Links(vec![proof])))
}

async fn receipts(cx: Cx) -> Result<Reply, Problem> {
    let bond = cx.param_id("bond")?;
    let before = cx.query.some("before").and_then(|text| text.parse::<Id>().ok());
    let acts = cx.service::<People>()?.ward_acts(cx.citizen()?, bond, before, PAGE).await?;
    let f = cx.frame("identity-ward-receipts");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f).back(format!("/me/people/{bond}"));
    for act in &acts {
        let open =
            Link::new(format!("/me/people/{bond}/receipts/{}", act.id), t.get("identity-receipt-open"));
        sheet = sheet
            .add(Block::Heading(act_words(&t, &act.entry.kind)))
            .add(Block::Summary(vec![
                SummaryRow::new(t.get("identity-when"), t.moment(act.at)),
                SummaryRow::new(t.get("identity-receipt-number"), Html::ltr(act.id)),
            ]))
            .add(Block::Links(vec![open]));
    }
    let full = u32::try_from(acts.len()).is_ok_and(|n| n == PAGE);
    let older = acts
        .last()
        .filter(|_| full)
        .map_or_else(String::new, |last| format!("/me/people/{bond}/receipts?before={}", last.id));
    Reply::page(&sheet.add(Block::Pages(String::new(), older)))
}

/// What a kind of document is called; its code when the country knows it no more.
pub(super) fn kind_words(cx: &Cx, kind: &str) -> String {
    let country = cx.site.country();
    country.civil.document(kind).map_or_else(|| kind.to_string(), |kind| kind.label.get(&cx.lang).to_string())
}

fn document_links(cx: &Cx, t: &Texts, base: &str, held: &[Held]) -> Vec<Link> {
    held.iter()
        .map(|one| {
            let label =
                t.two("identity-document-of", "kind", kind_words(cx, &one.kind), "when", t.day(one.at));
            Link::new(format!("{base}/{}", one.id), label)
        })
        .collect()
}

fn document_page(cx: &Cx, (title, back, base): (&str, &str, &str), held: &[Held]) -> Result<Reply, Problem> {
    let f = cx.frame(title);
    let t = f.t.clone();
    let mut sheet = Sheet::new(f).back(back).add(Block::Lead(t.get("identity-documents-lead").into_owned()));
    if held.is_empty() {
        sheet = sheet.text(t.get("identity-documents-none").into_owned());
    }
    Reply::page(&sheet.add(Block::Links(document_links(cx, &t, base, held))))
}

async fn documents(cx: Cx) -> Result<Reply, Problem> {
    let held = cx.service::<People>()?.my_documents(cx.citizen()?).await?;
    document_page(&cx, ("identity-my-documents", "/me", "/me/documents"), &held)
}

async fn document(cx: Cx) -> Result<Reply, Problem> {
    let document = cx.param_id("document")?;
    Ok(file_reply(&cx.service::<People>()?.my_document(cx.citizen()?, document).await?))
}

async fn ward_documents(cx: Cx) -> Result<Reply, Problem> {
    let bond = cx.param_id("bond")?;
    let held = cx.service::<People>()?.ward_documents(cx.citizen()?, bond).await?;
    let base = format!("/me/people/{bond}");
    document_page(&cx, ("identity-ward-documents", &base, &format!("{base}/documents")), &held)
}

async fn ward_document(cx: Cx) -> Result<Reply, Problem> {
    let (bond, document) = (cx.param_id("bond")?, cx.param_id("document")?);
    Ok(file_reply(&cx.service::<People>()?.ward_document(cx.citizen()?, bond, document).await?))
}

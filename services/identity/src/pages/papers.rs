//! Printed papers: card, certificate, activation letter.

use super::shown::why;
use crate::account::ActivationLetter;
use crate::papers::{Paper, PaperData, PaperTexts};
use crate::people::People;
use crate::permission::CARD;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::Problem;
use daftar_ports::certificate::{Certificate, Layout, render, sign};
use daftar_ports::fonts;
use daftar_ui::{Block, Html, Sheet, Tone};
use pdf_writing::Colour;

/// Colour of the band on papers.
const ACCENT: Colour = Colour::rgb(20, 70, 60);

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes
        .page("POST", "/people/{person}/card.pdf", Access::Official(CARD), |cx| async move {
            official(&cx, Paper::Card).await
        })
        .example("person", "$person");
    routes
        .page("POST", "/people/{person}/certificate.pdf", Access::Official(CARD), |cx| async move {
            official(&cx, Paper::Certificate).await
        })
        .example("person", "$person");
    routes.page("GET", "/me/card.pdf", Access::Citizen, |cx| async move { own(&cx, Paper::Card).await });
    routes.page("GET", "/me/certificate.pdf", Access::Citizen, |cx| async move {
        own(&cx, Paper::Certificate).await
    });
    routes.file("GET", "/trust/certificate-keys.pem", |cx| async move {
        let pem = cx.service::<People>()?.papers_public_key()?.to_pem();
        Ok(Reply::new("application/x-pem-file", pem))
    });
}

async fn official(cx: &Cx, paper: Paper) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let data = people.paper_data(cx.official()?, &why(cx)?, cx.param_id("person")?).await?;
    print(cx, &people, &data, paper).await
}

async fn own(cx: &Cx, paper: Paper) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let data = people.my_paper_data(cx.citizen()?).await?;
    print(cx, &people, &data, paper).await
}

pub(super) async fn print(
    cx: &Cx,
    people: &People,
    data: &PaperData,
    paper: Paper,
) -> Result<Reply, Problem> {
    let texts = cx.texts();
    let country = cx.site.country();
    let lang = cx.lang.clone();
    let certificate = data.paper(
        paper,
        &PaperTexts {
            lang: lang.clone(),
            text: &|key| texts.get(key).into_owned(),
            place: &|code| country.places.full_name(code, &lang),
            issuer: country.names.get(&lang).to_string(),
            zone: country.time_zone.clone(),
            accent: ACCENT,
        },
    );
    let (layout, name) = match paper {
        Paper::Card => (Layout::Card, "card.pdf"),
        Paper::Certificate => (Layout::A4, "certificate.pdf"),
    };
    let key = people.papers_key()?;
    let pdf = tokio::task::spawn_blocking(move || printed(&certificate, &key, layout))
        .await
        .map_err(Problem::internal)??;
    Ok(Reply::file("application/pdf", name, pdf))
}

fn printed(
    certificate: &Certificate,
    key: &crate::papers::PapersKey,
    layout: Layout,
) -> Result<Vec<u8>, Problem> {
    let signed = sign(certificate, key).map_err(Problem::internal)?;
    render(certificate, &signed, layout, fonts::of_system()).map_err(Problem::internal)
}

/// The code is shown once, to be printed and handed over; it is kept nowhere in clear.
pub(super) fn activation_letter(cx: &Cx, letter: &ActivationLetter) -> Result<Reply, Problem> {
    let f = cx.frame("identity-activation");
    let t = f.t.clone();
    let sheet = Sheet::new(f)
        .add(Block::Panel(t.get("identity-activation").into_owned(), Html::text(&letter.name)))
        .add(Block::Inset(Html::code(&letter.code)))
        .add(Block::Note(Tone::Warning, String::new(), Html::text(t.get("identity-activation-once"))))
        .text(t.get("identity-activation-how").into_owned());
    Reply::page(&sheet)
}

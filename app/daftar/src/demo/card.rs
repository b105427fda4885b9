//! The tour's last step: what stands in the card's code, checked with nothing but the public key.

use super::journal::Journal;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_identity::People;
use daftar_identity::papers::{Paper, PaperTexts};
use daftar_kernel::Problem;
use daftar_ports::certificate::{check, keys_from_pem, sign};
use daftar_ui::parts::{Link, SummaryRow};
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Tone};
use pdf_writing::Colour;

/// Longest text taken for a code, in characters: no QR code holds more.
const CODE_CHARS: usize = 8 * 1024;
/// What one would type, had one only the paper and the keys.
const COMMAND: &str = "daftar certificate check \"DFT1:…\" --keys certificate-keys.pem";

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/demo/card", Access::Citizen, |cx| async move {
        let code = code(&cx).await?;
        page(&cx, &code, Vec::new())
    });
    routes.page("POST", "/demo/card", Access::Citizen, test);
}

/// What the QR code on the citizen's own card says.
async fn code(cx: &Cx) -> Result<String, Problem> {
    let people = cx.service::<People>()?;
    let data = people.my_paper_data(cx.citizen()?).await?;
    let (texts, country, lang) = (cx.texts(), cx.site.country(), cx.lang.clone());
    let around = PaperTexts {
        lang: lang.clone(),
        text: &|key| texts.get(key).into_owned(),
        place: &|code| country.places.full_name(code, &lang),
        issuer: country.names.get(&lang).to_string(),
        zone: country.time_zone.clone(),
        accent: Colour::rgb(0, 0, 0),
    };
    let card = data.paper(Paper::Card, &around);
    Ok(sign(&card, &people.papers_key()?).map_err(Problem::internal)?.text)
}

fn page(cx: &Cx, code: &str, verdict: Vec<Block>) -> Result<Reply, Problem> {
    let f = cx.frame("app-demo-step-6");
    let t = f.t.clone();
    let field = Field::new("code", t.get("app-demo-card-code"), Ask::Lines)
        .hint(t.get("app-demo-card-hint"))
        .value(code);
    let sheet = Sheet::new(f)
        .back("/demo/tour/6")
        .add(Block::Lead(t.get("app-demo-card-lead").into_owned()))
        .add(Block::Links(vec![
            Link::new("/me/card.pdf", t.get("app-demo-card-pdf")),
            Link::new("/trust/certificate-keys.pem", t.get("app-demo-card-keys")),
        ]))
        .extend(verdict)
        .add(Block::Form(Form::post("/demo/card", t.get("app-demo-card-check")).field(field)))
        .text(t.get("app-demo-card-command").into_owned())
        .add(Block::Inset(Html::code(COMMAND)));
    Reply::page(&sheet)
}

/// As `daftar certificate check` does it: no database, no network, only the text and the key.
async fn test(cx: Cx) -> Result<Reply, Problem> {
    let text: String = cx.form.get("code").trim().chars().take(CODE_CHARS).collect();
    let pem = cx.service::<People>()?.papers_public_key()?.to_pem();
    let keys = keys_from_pem(&pem).map_err(Problem::internal)?;
    let t = cx.texts();
    let verdict = match check(&text, &keys) {
        Ok(checked) => {
            cx.service::<Journal>()?.note(|done| done.card = true)?;
            let rows =
                checked.fields.iter().map(|(label, value)| SummaryRow::new(label, Html::isolated(value)));
            vec![
                Block::Note(Tone::Good, String::new(), Html::text(t.get("app-demo-card-good"))),
                Block::Summary(rows.collect()),
            ]
        }
        Err(fault) => vec![
            Block::Note(Tone::Warning, String::new(), Html::text(t.get("app-demo-card-bad"))),
            Block::Text(Html::code(fault)),
        ],
    };
    page(&cx, &text, verdict)
}

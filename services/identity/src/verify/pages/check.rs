//! Whether a card is valid: for officials with the reason of any look, and for everybody who holds the code of a card.

use crate::number::CardNumber;
use crate::pages::shown::{why, why_fields};
use crate::permission::READ;
use crate::problems;
use crate::verify::card::{Standing, Status};
use crate::verify::{RETRY_SECONDS, Verifier};
use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs};
use daftar_kernel::Problem;
use daftar_office::Source;
use daftar_ui::parts::{Link, SummaryRow};
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Texts, Tone};

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes.page("GET", "/desk/card", Access::Official(READ), |cx| async move { desk(&cx, None, None) });
    routes.page("POST", "/desk/card", Access::Official(READ), look);
    routes.page("GET", "/card", Access::Public, |cx| async move { public(&cx, None) });
    routes.page("POST", "/card", Access::Public, check);
}

fn words(t: &Texts, standing: &Standing) -> (Tone, String) {
    let tone = if standing.status == Status::Valid { Tone::Good } else { Tone::Warning };
    (tone, t.get(&format!("identity-card-is-{}", standing.status.word())).into_owned())
}

fn desk(cx: &Cx, problem: Option<&Problem>, found: Option<Standing>) -> Result<Reply, Problem> {
    let field =
        if problem.is_some_and(|p| p.code == problems::card_code().code) { "card" } else { "purpose" };
    let f = cx.frame("identity-card-check").with_faults(again(cx, field, problem));
    let t = f.t.clone();
    let mut form = Form::post("/desk/card", t.get("identity-card-check-button"));
    for field in why_fields(cx, &t) {
        form = form.field(field);
    }
    let card =
        Field::new("card", t.get("identity-card-typed"), Ask::Lines).hint(t.get("identity-card-typed-hint"));
    form = form.field(if found.is_some() { card } else { card.value(cx.form.get("card")) });
    let mut sheet = Sheet::new(f).back("/desk");
    if let Some(standing) = &found {
        let (tone, text) = words(&t, standing);
        let mut rows: Vec<SummaryRow> = Vec::new();
        rows.extend(standing.since.map(|at| SummaryRow::new(t.get("identity-card-since"), t.moment(at))));
        rows.push(SummaryRow::new(t.get("identity-when"), t.moment(standing.at)));
        sheet = sheet.add(Block::Note(tone, text, Html::default())).add(Block::Summary(rows));
    }
    let sheet = sheet.add(Block::Lead(t.get("identity-card-check-lead").into_owned())).add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |problem| problem.kind.status())))
}

async fn look(cx: Cx) -> Result<Reply, Problem> {
    let verifier = cx.service::<Verifier>()?;
    let typed = cx.form.get("card").trim();
    let number = match typed.starts_with("DFT1:") {
        true => verifier.card_of_code(typed),
        false => CardNumber::parse(typed).map_err(|_| problems::card_code()),
    };
    let ask = why(&cx);
    let (number, ask) = match (number, ask) {
        (Ok(number), Ok(ask)) => (number, ask),
        (Err(problem), _) | (_, Err(problem)) => return desk(&cx, Some(&problem), None),
    };
    match verifier.card_status_for(cx.official()?, &ask, number).await {
        Ok(standing) => desk(&cx, None, Some(standing)),
        Err(problem) if is_theirs(&problem) || problem.code == "office-purpose" => {
            desk(&cx, Some(&problem), None)
        }
        Err(problem) => Err(problem),
    }
}

fn public(cx: &Cx, valid: Option<bool>) -> Result<Reply, Problem> {
    let f = cx.frame("identity-card-public");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f);
    if let Some(valid) = valid {
        let (tone, key) = if valid {
            (Tone::Good, "identity-card-public-valid")
        } else {
            (Tone::Warning, "identity-card-public-not")
        };
        sheet = sheet.add(Block::Note(tone, t.get(key).into_owned(), Html::text(t.moment(cx.now()))));
    }
    let code = Field::new("code", t.get("identity-card-public-code"), Ask::Lines)
        .hint(t.get("identity-card-public-hint"));
    let sheet = sheet
        .add(Block::Lead(t.get("identity-card-public-lead").into_owned()))
        .add(Block::Form(Form::post("/card", t.get("identity-card-check-button")).field(code)))
        .text(t.get("identity-card-public-offline").into_owned())
        .add(Block::Links(vec![Link::new(
            "/trust/certificate-keys.pem",
            t.get("identity-card-public-keys"),
        )]));
    Reply::page(&sheet)
}

/// Valid or not, and not a word about whose it is. Only a code that was signed here is looked up, so that numbers cannot be tried.
async fn check(cx: Cx) -> Result<Reply, Problem> {
    let verifier = cx.service::<Verifier>()?;
    let Ok(_place) = verifier.places().try_acquire() else {
        return Err(problems::verify_busy().retry_after(RETRY_SECONDS));
    };
    verifier.visit(Source::of(cx.address))?;
    let valid = verifier.card_is_valid(cx.form.get("code")).await?;
    public(&cx, Some(valid))
}

//! The citizen's own: what I am asked, what I allowed, to whom, until when, how often it was used; and taking it back.

use super::list;
use crate::pages::shown::receipt_path;
use crate::verify::Verifier;
use crate::verify::consent::{Consent, Permission, State};
use daftar_http::{Access, Cx, Reply, Routes, is_theirs};
use daftar_kernel::Problem;
use daftar_ui::parts::{Link, SummaryRow};
use daftar_ui::{Ask, Block, Fault, Field, Form, Html, Sheet, Texts, Tone};

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes.page("GET", "/me/permissions", Access::Citizen, |cx| async move { mine(&cx, None).await });
    routes.page("POST", "/me/permissions", Access::Citizen, typed);
    routes.page("GET", "/me/permissions/asked/{code}", Access::Citizen, question).example("code", "$code");
    routes
        .page(
            "POST",
            "/me/permissions/asked/{code}",
            Access::Citizen,
            |cx| async move { answer(cx, true).await },
        )
        .example("code", "$code");
    routes
        .page("POST", "/me/permissions/asked/{code}/decline", Access::Citizen, |cx| async move {
            answer(cx, false).await
        })
        .example("code", "$code");
    routes
        .page("POST", "/me/permissions/{consent}/revoke", Access::Citizen, revoke)
        .example("consent", "$consent")
        .owned();
    routes
        .page("GET", "/me/permissions/{consent}/receipt.jwt", Access::Citizen, receipt)
        .example("consent", "$consent")
        .owned();
}

fn purpose(cx: &Cx, code: &str) -> String {
    let roster = cx.site.roster();
    roster.purpose(code).map_or_else(|| code.to_string(), |purpose| purpose.label.get(&cx.lang).to_string())
}

fn rows(cx: &Cx, t: &Texts, Permission { consent, partner }: &Permission) -> Vec<SummaryRow> {
    let row = |key: &str, value: Html| SummaryRow::new(t.get(key), value);
    let mut rows = vec![
        row("identity-openid-organisation", Html::isolated(&partner.organisation)),
        row("identity-permission-purpose", Html::isolated(purpose(cx, &consent.purpose))),
    ];
    let word = consent.state_word(cx.now());
    rows.push(row("identity-permission-state", Html::text(t.get(&format!("identity-permission-is-{word}")))));
    rows.extend(consent.given_at.map(|at| row("identity-permission-answered", Html::text(t.moment(at)))));
    rows.extend(consent.until.map(|at| row("identity-permission-until", Html::text(t.moment(at)))));
    if consent.state != State::Declined {
        rows.push(row("identity-permission-used", Html::text(used(t, consent))));
    }
    rows.extend(consent.used_at.map(|at| row("identity-permission-last", Html::text(t.moment(at)))));
    rows.extend(consent.ended_at.map(|at| row("identity-permission-ended", Html::text(t.moment(at)))));
    rows
}

fn used(t: &Texts, consent: &Consent) -> String {
    match consent.max_uses {
        Some(most) => t.two("identity-permission-used-of", "count", consent.uses, "most", most),
        None => t.number(consent.uses),
    }
}

async fn mine(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let verifier = cx.service::<Verifier>()?;
    let permissions = verifier.permissions(cx.citizen()?).await?;
    let t = cx.texts();
    let fault = |problem: &Problem| Fault { field: "code".into(), message: t.problem(problem).what };
    let f = cx.frame("identity-my-permissions").with_faults(problem.map(fault).into_iter().collect());
    let code = Field::new("code", t.get("identity-permission-code"), Ask::Line)
        .hint(t.get("identity-permission-code-hint"))
        .value(cx.form.get("code"));
    let mut sheet = Sheet::new(f)
        .back("/me")
        .add(Block::Lead(t.get("identity-permissions-lead").into_owned()))
        .add(Block::Form(Form::post("/me/permissions", t.get("identity-permission-open")).field(code)));
    if permissions.is_empty() {
        sheet = sheet.text(t.get("identity-permissions-none").into_owned());
    }
    for permission in &permissions {
        let (consent, partner) = (&permission.consent, &permission.partner);
        sheet = sheet
            .add(Block::Heading(partner.name.clone()))
            .add(list(&t, &consent.attributes))
            .add(Block::Summary(rows(cx, &t, permission)));
        if consent.state == State::Given && consent.until.is_some_and(|until| cx.now() < until) {
            let label = t.one("identity-permission-revoke", "name", partner.name.as_str());
            sheet = sheet.add(Block::Act(format!("/me/permissions/{}/revoke", consent.id), label, "second"));
        }
        let file = format!("/me/permissions/{}/receipt.jwt", consent.id);
        let mut links = vec![Link::new(file, t.get("identity-permission-receipt"))];
        links.extend(
            consent.receipt.map(|receipt| Link::new(receipt_path(receipt), t.get("identity-receipt-open"))),
        );
        sheet = sheet.add(Block::Links(links));
    }
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |problem| problem.kind.status())))
}

/// A typed code leads to its question.
async fn typed(cx: Cx) -> Result<Reply, Problem> {
    let verifier = cx.service::<Verifier>()?;
    let code = cx.form.get("code").trim().to_ascii_uppercase();
    match verifier.question(&code).await {
        Ok(_) => {
            let plain: String = code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            cx.go(&format!("/me/permissions/asked/{plain}"))
        }
        Err(problem) if is_theirs(&problem) || problem.code == "identity-consent-over" => {
            mine(&cx, Some(&problem)).await
        }
        Err(problem) => Err(problem),
    }
}

async fn question(cx: Cx) -> Result<Reply, Problem> {
    let asked = cx.service::<Verifier>()?.question(cx.param("code")).await?;
    let t = cx.texts();
    let (consent, partner) = (&asked.consent, &asked.partner);
    let f = cx.frame("identity-permission-asked").titled(t.one(
        "identity-permission-question",
        "name",
        partner.name.as_str(),
    ));
    let who = t.two(
        "identity-permission-who",
        "name",
        partner.name.as_str(),
        "organisation",
        partner.organisation.as_str(),
    );
    let until = cx.now().plus_seconds(consent.days * 86_400);
    let mut limits = vec![SummaryRow::new(
        t.get("identity-permission-purpose"),
        Html::isolated(purpose(&cx, &consent.purpose)),
    )];
    limits.push(SummaryRow::new(t.get("identity-permission-until"), t.day(until)));
    limits.extend(
        consent.max_uses.map(|most| SummaryRow::new(t.get("identity-permission-most"), t.number(most))),
    );
    let mut sheet = Sheet::new(f).back("/me/permissions").add(Block::Lead(who));
    let why = partner.why.get(&cx.lang);
    if !why.is_empty() {
        sheet = sheet.add(Block::Inset(Html::isolated(why)));
    }
    let sheet = sheet
        .add(Block::Heading(t.get("identity-permission-what").into_owned()))
        .add(list(&t, &consent.attributes))
        .add(Block::Summary(limits))
        .add(Block::Note(Tone::Info, String::new(), Html::text(t.get("identity-permission-sure"))))
        .add(Block::Form(Form::post(cx.path.clone(), t.get("identity-openid-allow"))))
        .add(Block::Act(
            format!("{}/decline", cx.path),
            t.get("identity-permission-decline").into_owned(),
            "second",
        ))
        .text(t.get("identity-permission-back-out").into_owned());
    Reply::page(&sheet)
}

async fn answer(cx: Cx, yes: bool) -> Result<Reply, Problem> {
    cx.service::<Verifier>()?.answer(cx.citizen()?, cx.param("code"), yes).await?;
    cx.go("/me/permissions")
}

async fn revoke(cx: Cx) -> Result<Reply, Problem> {
    cx.service::<Verifier>()?.revoke(cx.citizen()?, cx.param_id("consent")?).await?;
    cx.go("/me/permissions")
}

async fn receipt(cx: Cx) -> Result<Reply, Problem> {
    let verifier = cx.service::<Verifier>()?;
    let permission = verifier.permission(cx.citizen()?, cx.param_id("consent")?).await?;
    let jwt = verifier.receipt(&permission).await?;
    Ok(Reply::file("application/jwt", &format!("consent-{}.jwt", permission.consent.id), jwt))
}

//! Being refused: the official's page with the reasons of the law, the paper, and what the refused person can do with it,
//! without an account. The public counts.

use super::person::key;
use super::shown::receipt_path;
use super::statistics::{Names, table};
use crate::people::People;
use crate::permission::REGISTER;
use crate::refuse::{FORM, MyRefusal, Refusal, Refused};
use crate::statistics::refusals::Quarter;
use daftar_http::forms::FormPage;
use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs};
use daftar_kernel::{Id, Problem};
use daftar_office::Source;
use daftar_ports::form::{AnswerFault, Answers, Form as Declared, Options};
use daftar_ui::parts::{Choice, Link, SummaryRow};
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Texts, Tone};

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/people/refuse", Access::Official(REGISTER), form);
    routes.page("POST", "/people/refuse", Access::Official(REGISTER), refuse);
    routes.page("GET", "/refusals", Access::Public, |cx| async move { public(&cx, None).await });
    routes.page("POST", "/refusals", Access::Public, mine);
    routes.page("POST", "/refusals/complaint", Access::Public, complain);
}

async fn form(cx: Cx) -> Result<Reply, Problem> {
    let declared = cx.declared_form(FORM)?;
    ask(&cx, &declared, &key(&cx), None, &[])
}

/// The form's one page, empty or with what was just sent and its faults.
fn ask(
    cx: &Cx,
    form: &Declared,
    key: &str,
    submitted: Option<&[(String, String)]>,
    faults: &[AnswerFault],
) -> Result<Reply, Problem> {
    let page = form.pages.first().ok_or_else(Problem::not_found)?;
    let (action, answers) = (format!("/people/refuse?key={key}"), Answers::default());
    FormPage { form, page, answers: &answers, submitted, faults, action: &action, back: "/people/register" }
        .reply_in_one_go(cx)
}

async fn refuse(cx: Cx) -> Result<Reply, Problem> {
    let declared = cx.declared_form(FORM)?;
    let page = declared.pages.first().ok_or_else(Problem::not_found)?;
    let key: Id = cx.query.get("key").parse().map_err(|_| Problem::malformed("bad-form"))?;
    let mut answers = Answers::default();
    let entered = declared.parse_page(page, &cx.form.0, &answers, &cx.lists());
    if !entered.faults.is_empty() {
        return ask(&cx, &declared, &key.to_string(), Some(&cx.form.0), &entered.faults);
    }
    answers.apply(&entered);
    let text = |field: &str| answers.text(field).unwrap_or_default().to_string();
    let refusal = Refusal {
        reason: text("reason"),
        words: text("words"),
        name: text("name"),
        born: text("born"),
        sex: text("sex"),
        place: text("place"),
    };
    let people = cx.service::<People>()?;
    let words = refusal.words.clone();
    let reason = reason_label(&cx, &declared, &refusal.reason);
    let refused = people.refuse(&cx.actor, refusal, &key.to_string()).await?;
    paper(&cx, &refused, reason, words)
}

/// The page that is printed and handed over.
pub(super) fn paper(cx: &Cx, refused: &Refused, reason: String, words: String) -> Result<Reply, Problem> {
    let f = cx.frame("identity-refused");
    let t = f.t.clone();
    let days = cx.site.roster().complaints().answer_days;
    let rows = vec![
        SummaryRow::new(t.get("identity-refusal-number"), Html::ltr(&refused.reference)),
        SummaryRow::new(t.get("identity-refusal-code"), Html::ltr(&refused.code)),
        SummaryRow::new(t.get("identity-refusal-reason"), reason),
        SummaryRow::new(t.get("identity-refusal-words"), Html::isolated(&words)),
        SummaryRow::new(t.get("identity-receipt-number"), Html::ltr(refused.receipt)),
    ];
    let sheet = Sheet::new(f)
        .add(Block::Note(Tone::Info, String::new(), Html::text(t.get("identity-refused-hand"))))
        .add(Block::Summary(rows))
        .text(t.one("identity-refused-recourse", "days", days))
        .add(Block::Links(vec![
            Link::new("/refusals", t.get("identity-refusals")),
            Link::new(receipt_path(refused.receipt), t.get("identity-receipt-state")),
        ]));
    Reply::page(&sheet)
}

/// What a reason is called; its code when the form knows it no more.
pub(super) fn reason_label(cx: &Cx, form: &Declared, code: &str) -> String {
    let Some(Options::Inline(choices)) = form.field("reason").map(|field| &field.options) else {
        return code.to_string();
    };
    let choice = choices.iter().find(|choice| choice.value == code);
    choice.map_or_else(|| code.to_string(), |choice| choice.label.get(&cx.lang).to_string())
}

/// The country's reasons, to choose from.
pub(super) fn reasons(cx: &Cx, form: &Declared) -> Vec<Choice> {
    let Some(Options::Inline(choices)) = form.field("reason").map(|field| &field.options) else {
        return Vec::new();
    };
    choices.iter().map(|one| Choice::new(&one.value, one.label.get(&cx.lang), false)).collect()
}

async fn public(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let quarters = cx.service::<People>()?.refusals().await?;
    let declared = cx.declared_form(FORM)?;
    let f = cx.frame("identity-refusals").with_faults(again(cx, "code", problem));
    let t = f.t.clone();
    let open = Form::post("/refusals", t.get("identity-refusal-open"))
        .field(
            Field::new("reference", t.get("identity-refusal-number"), Ask::Line)
                .value(cx.form.get("reference")),
        )
        .field(
            Field::new("code", t.get("identity-refusal-code"), Ask::Line)
                .hint(t.get("identity-refusal-code-hint"))
                .value(cx.form.get("code")),
        );
    let mut sheet = Sheet::new(f)
        .add(Block::Lead(t.get("identity-refusals-lead").into_owned()))
        .add(Block::Form(open))
        .add(Block::Heading(t.get("identity-refusals-counts").into_owned()))
        .text(t.get("identity-refusals-quarters").into_owned());
    for quarter in &quarters {
        sheet = sheet.extend(counts(cx, &t, &declared, quarter));
    }
    if quarters.is_empty() {
        sheet = sheet.text(t.get("identity-refusals-none").into_owned());
    }
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

fn counts(cx: &Cx, t: &Texts, declared: &Declared, quarter: &Quarter) -> Vec<Block> {
    let names = Names::of(cx, t);
    let reason = |code: &str| reason_label(cx, declared, code);
    let district = |code: &str| names.district(code);
    let age = |code: &str| names.age(code);
    vec![
        Block::Heading(t.one("identity-refusals-quarter", "quarter", &quarter.quarter)),
        Block::Table(table(
            t,
            "identity-refusals-by-reason",
            "identity-refusal-reason",
            &quarter.reasons,
            &reason,
        )),
        Block::Table(table(
            t,
            "identity-refusals-by-district",
            "identity-district",
            &quarter.districts,
            &district,
        )),
        Block::Table(table(t, "identity-refusals-by-age", "identity-age", &quarter.ages, &age)),
    ]
}

async fn mine(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let (reference, code) = (cx.form.get("reference"), cx.form.get("code"));
    match people.my_refusal(reference, code, Source::of(cx.address)).await {
        Ok(refusal) => my_page(&cx, &refusal, None),
        Err(problem) if is_theirs(&problem) => public(&cx, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

fn my_page(cx: &Cx, refusal: &MyRefusal, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let declared = cx.declared_form(FORM)?;
    let f = cx.frame("identity-refusal-mine").with_faults(again(cx, "words", problem));
    let t = f.t.clone();
    let office = cx
        .site
        .roster()
        .office(&refusal.office)
        .map_or_else(|| refusal.office.clone(), |office| office.label.get(&cx.lang).to_string());
    let rows = vec![
        SummaryRow::new(t.get("identity-refusal-number"), Html::ltr(&refusal.reference)),
        SummaryRow::new(t.get("identity-when"), t.moment(refusal.at)),
        SummaryRow::new(t.get("identity-refusal-office"), office),
        SummaryRow::new(t.get("identity-refusal-reason"), reason_label(cx, &declared, &refusal.reason)),
        SummaryRow::new(t.get("identity-refusal-words"), Html::isolated(&refusal.words)),
        SummaryRow::new(t.get("identity-receipt-number"), Html::ltr(refusal.receipt)),
    ];
    let mut sheet = Sheet::new(f).back("/refusals").add(Block::Summary(rows));
    if let Some((complaint, words)) = &refusal.complaint {
        let state = match &words.answer {
            Some(answer) => Html::isolated(answer),
            None if complaint.is_late(cx.now()) => Html::text(t.get("identity-refusal-late")),
            None => Html::text(t.one("identity-refusal-waits", "day", t.day(complaint.due))),
        };
        let rows = vec![
            SummaryRow::new(t.get("identity-refusal-complaint"), Html::ltr(&complaint.reference)),
            SummaryRow::new(t.get("identity-refusal-complained"), Html::isolated(&words.complaint)),
            SummaryRow::new(t.get("identity-refusal-answer"), state),
        ];
        sheet = sheet
            .add(Block::Heading(t.get("identity-refusal-complaint").into_owned()))
            .add(Block::Summary(rows));
    } else {
        let days = cx.site.roster().complaints().answer_days;
        let form = Form::post("/refusals/complaint", t.get("identity-refusal-complain"))
            .hidden("reference", refusal.reference.clone())
            .hidden("code", cx.form.get("code"))
            .field(
                Field::new("words", t.get("identity-refusal-your-words"), Ask::Lines)
                    .value(cx.form.get("words")),
            );
        sheet = sheet.text(t.one("identity-refused-recourse", "days", days)).add(Block::Form(form));
    }
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn complain(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let paper = (cx.form.get("reference"), cx.form.get("code"));
    let source = Source::of(cx.address);
    let made = people.complain_of_refusal(paper, cx.form.get("words"), source).await;
    let problem = match made {
        Ok(_) => None,
        Err(problem) if problem.code == "identity-refusal-code" => return public(&cx, Some(&problem)).await,
        Err(problem) if is_theirs(&problem) || problem.code == "identity-refusal-complained" => Some(problem),
        Err(problem) => return Err(problem),
    };
    let refusal = people.my_refusal(paper.0, paper.1, source).await?;
    my_page(&cx, &refusal, problem.as_ref())
}

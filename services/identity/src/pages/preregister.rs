//! Writing down at home what the office will ask: the country's form without an account, the paper to bring, taking it back; and
//! at the desk, going on from there.

use super::browser;
use super::registration::start_from;
use super::walk::Walk;
use crate::people::People;
use crate::permission::REGISTER;
use crate::preregister::{FORM, HandedIn};
use crate::problems;
use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs};
use daftar_kernel::{Id, Problem};
use daftar_office::Source;
use daftar_office::permit::Ask as Why;
use daftar_ports::form::Answers;
use daftar_ui::parts::{Link, SummaryRow};
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Texts, Tone};
use std::sync::Arc;

const HERE: &str = "/pre-registration";

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", HERE, Access::Public, |cx| async move { start(&cx, None) });
    routes.page("POST", HERE, Access::Public, begin);
    routes.page("POST", "/pre-registration/mine", Access::Public, mine);
    routes.page("POST", "/pre-registration/take-back", Access::Public, take_back);
    routes.page("POST", "/people/register/from", Access::Official(REGISTER), open);
    for (method, path) in
        [("GET", "/pre-registration/{pre}/check"), ("POST", "/pre-registration/{pre}/check")]
    {
        let route = match method {
            "GET" => routes.page(method, path, Access::Public, check),
            _ => routes.page(method, path, Access::Public, send),
        };
        route.example("pre", "$preregistration");
    }
    routes
        .page("GET", "/pre-registration/{pre}/{page}", Access::Public, show)
        .example("pre", "$preregistration")
        .example("page", "names");
    routes
        .page("POST", "/pre-registration/{pre}/{page}", Access::Public, take)
        .example("pre", "$preregistration")
        .example("page", "names");
}

/// The field for a number and the field for its code.
fn paper_fields(cx: &Cx, t: &Texts, form: Form) -> Form {
    form.field(
        Field::new("reference", t.get("identity-pre-number"), Ask::Line).value(cx.form.get("reference")),
    )
    .field(
        Field::new("code", t.get("identity-refusal-code"), Ask::Line)
            .hint(t.get("identity-refusal-code-hint"))
            .value(cx.form.get("code")),
    )
}

fn start(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    // A country that wants none has no form for it.
    cx.declared_form(FORM)?;
    let f = cx.frame("identity-pre").with_faults(again(cx, "code", problem));
    let t = f.t.clone();
    let sheet = Sheet::new(f)
        .add(Block::Lead(t.get("identity-pre-lead").into_owned()))
        .text(t.get("identity-pre-not-needed").into_owned())
        .add(Block::Form(Form::post(HERE, t.get("identity-pre-start"))))
        .add(Block::Heading(t.get("identity-pre-have").into_owned()))
        .add(Block::Form(paper_fields(
            cx,
            &t,
            Form::post("/pre-registration/mine", t.get("identity-pre-open")),
        )));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn begin(cx: Cx) -> Result<Reply, Problem> {
    let form = cx.declared_form(FORM)?;
    let first = form.pages.first().ok_or_else(Problem::not_found)?;
    let name = browser::name_or_fresh(&cx);
    let people = cx.service::<People>()?;
    let id = people.begin_preregistration(&name, Source::of(cx.address)).await?;
    Ok(browser::carry(cx.go(&format!("{HERE}/{id}/{}", first.id))?, &cx, &name))
}

/// One under way in this browser.
struct Underway {
    id: Id,
    browser: String,
    walk: Walk,
    people: Arc<People>,
}

impl Underway {
    async fn load(cx: &Cx) -> Result<Self, Problem> {
        let (form, people) = (cx.declared_form(FORM)?, cx.service::<People>()?);
        let (id, browser) = (cx.param_id("pre")?, browser::name(cx).ok_or_else(Problem::not_found)?);
        let answers = Answers::from_draft(&people.preregistration(id, &browser).await?);
        let base = format!("{HERE}/{id}/");
        let walk = Walk { form, answers, base, start: HERE, later: false };
        Ok(Self { id, browser, walk, people })
    }
}

async fn show(cx: Cx) -> Result<Reply, Problem> {
    Underway::load(&cx).await?.walk.show(&cx)
}

async fn take(cx: Cx) -> Result<Reply, Problem> {
    let mut underway = Underway::load(&cx).await?;
    let taken = underway.walk.take(&cx, cx.form.0.clone())?;
    let Underway { id, browser, walk, people } = &underway;
    people.save_preregistration(*id, browser, walk.answers.to_json()).await?;
    walk.next(&cx, &taken)
}

async fn check(cx: Cx) -> Result<Reply, Problem> {
    Underway::load(&cx).await?.walk.check(&cx, Vec::new(), "identity-pre-send")
}

/// Sending it twice hands it in once and shows the same paper.
async fn send(cx: Cx) -> Result<Reply, Problem> {
    let (id, people) = (cx.param_id("pre")?, cx.service::<People>()?);
    let browser = browser::name(&cx).ok_or_else(Problem::not_found)?;
    if let Ok(answers) = people.preregistration(id, &browser).await {
        let form = cx.declared_form(FORM)?;
        let open = form.first_open_page(&Answers::from_draft(&answers), &cx.lists());
        if let Some(open) = open {
            return cx.go(&format!("{HERE}/{id}/{}", open.id));
        }
    }
    let HandedIn { reference, code, until } = people.hand_in(id, &browser).await?;
    let f = cx.frame("identity-pre-done");
    let t = f.t.clone();
    let rows = vec![
        SummaryRow::new(t.get("identity-pre-number"), Html::ltr(&reference)),
        SummaryRow::new(t.get("identity-refusal-code"), Html::ltr(&code)),
        SummaryRow::new(t.get("identity-pre-until"), t.day(until)),
    ];
    let sheet = Sheet::new(f)
        .add(Block::Note(Tone::Info, String::new(), Html::text(t.get("identity-pre-keep"))))
        .add(Block::Summary(rows))
        .text(t.get("identity-pre-bring").into_owned())
        .add(Block::Links(vec![Link::new(HERE, t.get("identity-pre"))]));
    Reply::page(&sheet)
}

async fn mine(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let (reference, code) = (cx.form.get("reference"), cx.form.get("code"));
    match people.preregistration_waits(reference, code, Source::of(cx.address)).await {
        Ok(until) => {
            let f = cx.frame("identity-pre-mine");
            let t = f.t.clone();
            let hidden = Form::post("/pre-registration/take-back", t.get("identity-pre-take-back"))
                .kind("danger")
                .hidden("reference", reference)
                .hidden("code", code);
            let sheet = Sheet::new(f)
                .back(HERE)
                .text(t.one("identity-pre-waits", "day", t.day(until)))
                .add(Block::Form(hidden));
            Reply::page(&sheet)
        }
        Err(problem) if is_theirs(&problem) => start(&cx, Some(&problem)),
        Err(problem) => Err(problem),
    }
}

async fn take_back(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let (reference, code) = (cx.form.get("reference"), cx.form.get("code"));
    match people.take_back(reference, code, Source::of(cx.address)).await {
        Ok(()) => {
            let f = cx.frame("identity-pre-gone");
            let t = f.t.clone();
            Reply::page(&Sheet::new(f).back(HERE).text(t.get("identity-pre-gone-text").into_owned()))
        }
        Err(problem) if is_theirs(&problem) => start(&cx, Some(&problem)),
        Err(problem) => Err(problem),
    }
}

/// The desk's form for a paper somebody brings.
pub(super) fn desk_form(cx: &Cx, t: &Texts) -> Option<Block> {
    cx.declared_form(FORM).ok()?;
    Some(Block::Form(paper_fields(cx, t, Form::post("/people/register/from", t.get("identity-pre-go-on")))))
}

async fn open(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let why = Why { purpose: super::registration::PURPOSE.into(), case: None, order: None };
    let paper = (cx.form.get("reference"), cx.form.get("code"));
    let opened = people.open_preregistration(cx.official()?, &why, paper, Source::of(cx.address)).await;
    match opened {
        Ok(opened) => start_from(&cx, opened).await,
        Err(problem) if problem.code == problems::preregistration_code().code => {
            super::registration::start_again(&cx, &problem).await
        }
        Err(problem) => Err(problem),
    }
}

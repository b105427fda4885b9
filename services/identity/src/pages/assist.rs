//! Acting for somebody at the counter: choosing one thing, reading it out, the person's agreement, doing it; and what was done for
//! somebody by others, for their own eyes.

use super::shown::receipt_path;
use crate::assist::{Allowed, Asked, Assistance, Assisted, Choice as Chosen, What, Wish};
use crate::notices::assisted_words;
use crate::people::People;
use crate::permission::ASSIST;
use crate::problems;
use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs};
use daftar_kernel::{Id, Problem};
use daftar_ui::parts::{Choice, Link, SummaryRow};
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Texts, Tone};

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    let access = Access::Official(ASSIST);
    routes
        .page("GET", "/people/{person}/assist", access, |cx| async move { choose(&cx, None) })
        .example("person", "$person");
    routes.page("POST", "/people/{person}/assist", access, begin).example("person", "$person");
    routes
        .page("POST", "/people/{person}/assist/{assistance}/slip", access, slip)
        .example("person", "$person")
        .example("assistance", "$assistance");
    routes
        .page("POST", "/people/{person}/assist/{assistance}/code", access, by_code)
        .example("person", "$person")
        .example("assistance", "$assistance");
    routes
        .page("POST", "/people/{person}/assist/{assistance}/paper", access, on_paper)
        .example("person", "$person")
        .example("assistance", "$assistance");
    routes
        .page("POST", "/people/{person}/assist/{assistance}/act", access, act)
        .example("person", "$person")
        .example("assistance", "$assistance");
    routes.page("GET", "/me/assisted", Access::Citizen, mine);
}

fn what_words(t: &Texts, what: What) -> String {
    t.get(&format!("identity-assist-what-{}", what.word())).into_owned()
}

fn asked_what(cx: &Cx) -> Result<What, Problem> {
    What::from_word(cx.form.get("what")).ok_or_else(problems::assist_what)
}

/// The address of what is under way, below the person's.
fn under(cx: &Cx, id: Id, end: &str) -> Result<String, Problem> {
    Ok(format!("/people/{}/assist/{id}/{end}", cx.param_id("person")?))
}

fn agency_label(cx: &Cx, code: &str) -> String {
    let roster = cx.site.roster();
    roster.agency(code).map_or_else(|| code.to_string(), |agency| agency.label.get(&cx.lang).to_string())
}

fn office_label(cx: &Cx, code: &str) -> String {
    let roster = cx.site.roster();
    roster.office(code).map_or_else(|| code.to_string(), |office| office.label.get(&cx.lang).to_string())
}

/// Exactly one thing from a list. Nothing about the person stands here: the look comes with the choice.
fn choose(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let person = cx.param_id("person")?;
    let f = cx.frame("identity-assist");
    let t = f.t.clone();
    let field = match problem.map(|problem| problem.code) {
        Some("office-complaint-text") => "words",
        Some("office-roster-unknown") => "agency",
        Some("identity-assist-look") => "look",
        _ => "what",
    };
    let f = f.with_faults(again(cx, field, problem));
    let chosen = cx.form.get("what");
    let things = What::ALL
        .iter()
        .map(|what| Choice::new(what.word(), what_words(&t, *what), what.word() == chosen))
        .collect();
    let (agency, roster) = (cx.form.get("agency"), cx.site.roster());
    let agencies =
        roster.agencies().map(|one| Choice::new(&one.code, one.label.get(&cx.lang), one.code == agency));
    let form = Form::post(format!("/people/{person}/assist"), t.get("identity-assist-begin"))
        .field(Field::new("what", t.get("identity-assist-which"), Ask::Radios(things)))
        .field(
            Field::new("words", t.get("identity-assist-complaint-words"), Ask::Lines)
                .hint(t.get("identity-assist-complaint-hint"))
                .value(cx.form.get("words"))
                .optional(),
        )
        .field(
            Field::new("agency", t.get("identity-assist-complaint-agency"), Ask::Select(agencies.collect()))
                .optional(),
        )
        .field(
            Field::new("look", t.get("identity-assist-complaint-look"), Ask::Line)
                .hint(t.get("identity-assist-complaint-look-hint"))
                .value(cx.form.get("look"))
                .optional(),
        );
    let sheet = Sheet::new(f)
        .back(format!("/people/{person}"))
        .add(Block::Lead(t.get("identity-assist-lead").into_owned()))
        .add(Block::Note(Tone::Info, String::new(), Html::text(t.get("identity-assist-seen"))))
        .add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn begin(cx: Cx) -> Result<Reply, Problem> {
    let person = cx.param_id("person")?;
    let begun = match asked_what(&cx) {
        Ok(what) => {
            let typed = |name: &str| cx.form.get(name).to_string();
            let (agency, look, words) = (typed("agency"), typed("look"), typed("words"));
            let wish = Wish { what, agency, look, words };
            cx.service::<People>()?.begin_assistance(cx.official()?, person, &wish).await
        }
        Err(problem) => Err(problem),
    };
    match begun {
        Ok(asked) => {
            let blocks = read_out(&cx, &cx.texts(), &asked);
            consent(&cx, (asked.id, asked.what, asked.code), blocks, None)
        }
        Err(problem) if is_theirs(&problem) || problem.code == "identity-card-none" => {
            choose(&cx, Some(&problem))
        }
        Err(problem) => Err(problem),
    }
}

/// What is read to the person, and what stands on the slip.
fn read_out(cx: &Cx, t: &Texts, asked: &Asked) -> Vec<Block> {
    let mut rows = vec![
        SummaryRow::new(t.get("identity-assist-number"), Html::ltr(&asked.reference)),
        SummaryRow::new(t.get("identity-name"), Html::isolated(&asked.name)),
        SummaryRow::new(t.get("identity-assist-which"), what_words(t, asked.what)),
    ];
    if !asked.words.is_empty() {
        if !asked.agency.is_empty() {
            let agency = agency_label(cx, &asked.agency);
            rows.push(SummaryRow::new(t.get("identity-assist-complaint-agency"), agency));
        }
        let words = Html::isolated(&asked.words);
        rows.push(SummaryRow::new(t.get("identity-assist-complaint-words"), words));
    }
    if let Some(official) = cx.actor.official() {
        let who = format!("{}, {}", official.name, office_label(cx, &official.office));
        rows.push(SummaryRow::new(t.get("identity-assist-by"), Html::isolated(&who)));
    }
    let words = t.get(&format!("identity-assist-words-{}", asked.what.word()));
    vec![Block::Summary(rows), Block::Inset(Html::text(words))]
}

/// The page on which the person agrees: with a code, or on paper.
fn consent(
    cx: &Cx,
    (id, what, code): (Id, What, bool),
    said: Vec<Block>,
    problem: Option<&Problem>,
) -> Result<Reply, Problem> {
    let field = match problem.map(|problem| problem.code) {
        Some("identity-assist-slip") => "number",
        Some("identity-assist-witness") => "witness",
        _ => "code",
    };
    let f = cx.frame("identity-assist-consent").with_faults(again(cx, field, problem));
    let t = f.t.clone();
    let post = |end: &str, button: &str| -> Result<Form, Problem> {
        Ok(Form::post(under(cx, id, end)?, t.get(button)).hidden("what", what.word()))
    };
    let mut sheet = Sheet::new(f)
        .back(format!("/people/{}", cx.param_id("person")?))
        .add(Block::Lead(t.get("identity-assist-read").into_owned()))
        .extend(said);
    if code {
        let typed = Field::new("code", t.get("identity-assist-code"), Ask::Code)
            .hint(t.get("identity-assist-code-hint"));
        sheet = sheet
            .add(Block::Heading(t.get("identity-assist-way-code").into_owned()))
            .add(Block::Form(post("code", "identity-assist-agree")?.field(typed)));
    }
    let number = Field::new("number", t.get("identity-assist-number"), Ask::Line)
        .hint(t.get("identity-assist-number-hint"))
        .value(cx.form.get("number"));
    let witness = Field::new("witness", t.get("identity-assist-witness"), Ask::Name)
        .hint(t.get("identity-assist-witness-hint"))
        .value(cx.form.get("witness"));
    let sheet = sheet
        .add(Block::Heading(t.get("identity-assist-way-paper").into_owned()))
        .text(t.get("identity-assist-paper-how").into_owned())
        .add(Block::Form(post("slip", "identity-assist-slip")?.kind("second")))
        .add(Block::Form(post("paper", "identity-assist-signed")?.field(number).field(witness)));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

/// The slip: printed, signed by hand or thumb, kept by the office.
async fn slip(cx: Cx) -> Result<Reply, Problem> {
    let (person, id) = (cx.param_id("person")?, cx.param_id("assistance")?);
    let asked = cx.service::<People>()?.assistance_asked(cx.official()?, person, id).await?;
    let f = cx.frame("identity-assist-slip-title");
    let t = f.t.clone();
    let line = |key: &str| SummaryRow::new(t.get(key), Html::text("……………………………………"));
    let sheet = Sheet::new(f)
        .add(Block::Lead(t.get("identity-assist-slip-lead").into_owned()))
        .extend(read_out(&cx, &t, &asked))
        .add(Block::Summary(vec![
            SummaryRow::new(t.get("identity-when"), t.moment(cx.now())),
            line("identity-assist-signature"),
            line("identity-assist-witness"),
            line("identity-assist-witness-signature"),
        ]))
        .text(t.get("identity-assist-slip-rights").into_owned());
    Reply::page(&sheet)
}

async fn by_code(cx: Cx) -> Result<Reply, Problem> {
    let asked = (cx.param_id("person")?, cx.param_id("assistance")?);
    let people = cx.service::<People>()?;
    agreed(&cx, people.agree_by_code(cx.official()?, asked, cx.form.get("code")).await).await
}

async fn on_paper(cx: Cx) -> Result<Reply, Problem> {
    let asked = (cx.param_id("person")?, cx.param_id("assistance")?);
    let slip = (cx.form.get("number"), cx.form.get("witness"));
    let people = cx.service::<People>()?;
    agreed(&cx, people.agree_on_paper(cx.official()?, asked, slip).await).await
}

/// The button that does it; or the page of the agreement again, without the person's name, which was seen.
async fn agreed(cx: &Cx, outcome: Result<(), Problem>) -> Result<Reply, Problem> {
    let (id, what) = (cx.param_id("assistance")?, asked_what(cx)?);
    match outcome {
        Ok(()) if what == What::Consent => which(cx, None).await,
        Ok(()) => {
            let f = cx.frame("identity-assist-agreed");
            let t = f.t.clone();
            let button = t.get(&format!("identity-assist-do-{}", what.word()));
            let form = Form::post(under(cx, id, "act")?, button).hidden("what", what.word());
            let sheet = Sheet::new(f)
                .add(Block::Lead(what_words(&t, what)))
                .text(t.get("identity-assist-agreed-text").into_owned())
                .add(Block::Form(form));
            Reply::page(&sheet)
        }
        Err(problem) if is_theirs(&problem) => {
            let t = cx.texts();
            let words = t.get(&format!("identity-assist-words-{}", what.word()));
            consent(cx, (id, what, true), vec![Block::Inset(Html::text(words))], Some(&problem))
        }
        Err(problem) => Err(problem),
    }
}

/// What the person allows services now, by name, since they have agreed to that: they point to one.
async fn which(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let (person, id) = (cx.param_id("person")?, cx.param_id("assistance")?);
    let allowed = cx.service::<People>()?.allowed_for_assist(cx.official()?, (person, id)).await?;
    let f = cx.frame("identity-assist-which-consent").with_faults(again(cx, "choice", problem));
    let t = f.t.clone();
    let mut sheet = Sheet::new(f).back(format!("/people/{person}"));
    if allowed.is_empty() {
        sheet = sheet.text(t.get("identity-assist-consents-none").into_owned());
        return Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())));
    }
    let said = |one: &Allowed| {
        let since = t.one("identity-assist-consent-since", "since", t.day(one.since));
        let until = one.until.map(|until| t.one("identity-assist-consent-until", "until", t.day(until)));
        [Some(one.organisation.clone()), Some(since), until]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · ")
    };
    let chosen = cx.form.get("choice");
    let choices = allowed.iter().map(|one| {
        let text = one.choice.text();
        let is_chosen = text == chosen;
        Choice::new(text, one.name.clone(), is_chosen).hint(said(one))
    });
    let form = Form::post(under(cx, id, "act")?, t.get("identity-assist-do-consent"))
        .hidden("what", What::Consent.word())
        .field(Field::new("choice", t.get("identity-assist-which-consent"), Ask::Radios(choices.collect())));
    sheet = sheet
        .add(Block::Lead(t.get("identity-assist-consents-lead").into_owned()))
        .text(t.get("identity-assist-agreed-text").into_owned())
        .add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn act(cx: Cx) -> Result<Reply, Problem> {
    let (asked, what) = ((cx.param_id("person")?, cx.param_id("assistance")?), asked_what(&cx)?);
    let choice = match what {
        What::Consent => Chosen::read(cx.form.get("choice")).map(Some),
        _ => Ok(None),
    };
    let done = match choice {
        Ok(choice) => cx.service::<People>()?.assist_with(cx.official()?, asked, what, choice).await,
        Err(problem) => Err(problem),
    };
    let done = match done {
        Err(problem) if problem.code == problems::assist_consent().code => {
            return which(&cx, Some(&problem)).await;
        }
        done => done?,
    };
    // The paper is put together after the commit, so that this act stands on it.
    if done.what == What::Data {
        return super::my_data_pdf::of(&cx, done.account).await;
    }
    receipt(&cx, &done)
}

/// The receipt to print and hand over.
fn receipt(cx: &Cx, done: &Assisted) -> Result<Reply, Problem> {
    let f = cx.frame("identity-assist-receipt");
    let t = f.t.clone();
    let mut rows = vec![
        SummaryRow::new(t.get("identity-assist-number"), Html::ltr(&done.reference)),
        SummaryRow::new(t.get("identity-name"), Html::isolated(&done.name)),
        SummaryRow::new(t.get("identity-when"), t.moment(done.at)),
        SummaryRow::new(t.get("identity-receipt-number"), Html::ltr(done.receipt)),
    ];
    if let Some(number) = &done.complaint {
        rows.push(SummaryRow::new(t.get("identity-assist-complaint-number"), Html::ltr(number)));
    }
    if let Some(official) = cx.actor.official() {
        let who = format!("{}, {}", official.name, office_label(cx, &official.office));
        rows.push(SummaryRow::new(t.get("identity-assist-by"), Html::isolated(&who)));
    }
    let sheet = Sheet::new(f)
        .add(Block::Lead(assisted_words(&t, done.what, &done.service)))
        .add(Block::Summary(rows))
        .text(t.get("identity-assist-not-asked-text").into_owned())
        .add(Block::Links(vec![
            Link::new(receipt_path(done.receipt), t.get("identity-receipt-state")),
            Link::new(format!("/people/{}", cx.param_id("person")?), t.get("identity-to-person")),
        ]));
    Reply::page(&sheet)
}

/// What is said of one thing that was done, or asked.
pub(super) fn pairs(cx: &Cx, t: &Texts, one: &Assistance) -> Vec<(String, String)> {
    let pair = |key: &str, value: String| (t.get(key).into_owned(), value);
    let mut pairs = vec![
        pair("identity-assist-which", what_words(t, one.what)),
        pair("identity-when", t.moment(one.at)),
        pair("identity-assist-by", format!("{}, {}", one.official, office_label(cx, &one.office))),
        pair("identity-agency", agency_label(cx, &one.agency)),
        pair("identity-assist-number", one.reference.clone()),
    ];
    pairs.extend(one.way.map(|way| {
        let words = t.get(&format!("identity-assist-way-{}", way.word())).into_owned();
        pair("identity-assist-agreed-by", words)
    }));
    if !one.witness.is_empty() {
        pairs.push(pair("identity-assist-witness", one.witness.clone()));
    }
    pairs.extend(one.complaint.clone().map(|number| pair("identity-assist-complaint-number", number)));
    if !one.words.is_empty() {
        pairs.push(pair("identity-assist-complaint-words", one.words.clone()));
    }
    if !one.service.is_empty() {
        pairs.push(pair("identity-assist-service", one.service.clone()));
    }
    let receipt =
        one.receipt.map_or_else(|| t.get("identity-assist-undone").into_owned(), |id| id.to_string());
    pairs.push(pair("identity-receipt-number", receipt));
    pairs
}

async fn mine(cx: Cx) -> Result<Reply, Problem> {
    let list = cx.service::<People>()?.my_assistances(cx.citizen()?).await?;
    let f = cx.frame("identity-my-assisted");
    let t = f.t.clone();
    let mut sheet =
        Sheet::new(f).back("/me").add(Block::Lead(t.get("identity-my-assisted-lead").into_owned()));
    if list.is_empty() {
        sheet = sheet.text(t.get("identity-my-assisted-none").into_owned());
    }
    for one in &list {
        let rows = pairs(&cx, &t, one).into_iter();
        let rows = rows.map(|(key, value)| SummaryRow::new(key, Html::isolated(&value))).collect();
        let mut links = Vec::new();
        links.extend(one.receipt.map(|id| Link::new(receipt_path(id), t.get("identity-receipt-open"))));
        links.extend(one.look.map(|look| {
            Link::new(format!("/me/complaints/new?look={look}"), t.get("identity-assist-not-asked"))
        }));
        sheet = sheet
            .add(Block::Heading(what_words(&t, one.what)))
            .add(Block::Summary(rows))
            .add(Block::Links(links));
    }
    Reply::page(&sheet)
}

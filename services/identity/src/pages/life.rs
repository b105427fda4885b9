//! What happens in a life, at a desk: a page each for a birth, another name, a lost card, a death, a guardian, a document, and
//! what two officials decide.

use super::person::{done_page, faults, key};
use super::shown::{receipt_path, why};
use crate::bonds::NewGuardian;
use crate::documents::{DOCUMENT_BYTES_MAX, Document};
use crate::life::{Birth, Decision, Happening, Request, Words};
use crate::people::People;
use crate::permission::{CARD, CORRECT, READ, REGISTER, SUSPEND};
use crate::person::{Entry, Sex, Standing};
use daftar_http::{Access, Cx, Reply, Routes, again, is_theirs};
use daftar_kernel::{Id, Problem};
use daftar_office::permit::Ask as Why;
use daftar_ui::parts::{Choice, Link};
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Texts, Tone};

/// Files a document may be.
pub(super) const ACCEPT: &str = "image/jpeg,image/png,application/pdf";

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page(
        "GET",
        "/people/birth",
        Access::Official(REGISTER),
        |cx| async move { birth_form(&cx, None) },
    );
    routes.page("POST", "/people/birth", Access::Official(REGISTER), birth).uploads();
    routes.page("GET", "/people/unguarded", Access::Official(CORRECT), unguarded);
    for page in PAGES {
        let access = Access::Official(page.permission);
        routes
            .page("GET", page.path, access, move |cx| async move { form(&cx, page, None) })
            .example("person", "$person");
        routes
            .page("POST", page.path, access, move |cx| async move { send(cx, page).await })
            .example("person", "$person")
            .uploads();
    }
    routes
        .page("POST", "/people/{person}/documents/{document}", Access::Official(READ), document_file)
        .example("person", "$person")
        .example("document", "$document");
    routes
        .page("GET", "/people/{person}/decide", Access::Official(SUSPEND), |cx| async move {
            decide_form(&cx, None)
        })
        .example("person", "$person");
    routes
        .page("POST", "/people/{person}/decide", Access::StepUp(SUSPEND), decide)
        .example("person", "$person");
}

/// A page on which something about a person is recorded.
struct LifePage {
    path: &'static str,
    permission: &'static str,
    what: What,
    /// Messages: the title, which is the link too; what it means; the button.
    title: &'static str,
    lead: &'static str,
    button: &'static str,
    /// What is said when it is done.
    done: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Name,
    CardLost,
    Died,
    Guardian,
    Document,
}

const PAGES: &[LifePage] = &[
    LifePage {
        path: "/people/{person}/name",
        permission: CORRECT,
        what: What::Name,
        title: "identity-life-name",
        lead: "identity-life-name-lead",
        button: "identity-life-name-send",
        done: "identity-life-name-done",
    },
    LifePage {
        path: "/people/{person}/lost-card",
        permission: CARD,
        what: What::CardLost,
        title: "identity-life-card",
        lead: "identity-life-card-lead",
        button: "identity-life-card-send",
        done: "identity-life-card-done",
    },
    LifePage {
        path: "/people/{person}/guardian",
        permission: CORRECT,
        what: What::Guardian,
        title: "identity-life-guardian",
        lead: "identity-life-guardian-lead",
        button: "identity-life-guardian-send",
        done: "identity-life-guardian-done",
    },
    LifePage {
        path: "/people/{person}/document",
        permission: CORRECT,
        what: What::Document,
        title: "identity-life-document",
        lead: "identity-life-document-lead",
        button: "identity-life-document-send",
        done: "identity-life-document-done",
    },
    LifePage {
        path: "/people/{person}/death",
        permission: CORRECT,
        what: What::Died,
        title: "identity-life-death",
        lead: "identity-life-death-lead",
        button: "identity-life-death-send",
        done: "identity-life-death-done",
    },
];

/// Links from a person's page to what may have happened in their life.
pub(super) fn links(cx: &Cx, t: &Texts, person: Id) -> Vec<Link> {
    let mut links: Vec<Link> = PAGES
        .iter()
        .filter(|page| cx.may(page.permission))
        .map(|page| Link::new(page.path.replace("{person}", &person.to_string()), t.get(page.title)))
        .collect();
    if cx.may(SUSPEND) {
        links.push(Link::new(format!("/people/{person}/decide"), t.get("identity-decide")));
        links.push(Link::new(format!("/people/{person}/guardianship"), t.get("identity-guardianship")));
    }
    links
}

pub(super) fn typed(cx: &Cx, name: &str) -> String {
    cx.form.get(name).trim().to_string()
}

fn line(cx: &Cx, t: &Texts, name: &'static str, label: &str) -> Field {
    Field::new(name, t.get(label), Ask::Line).value(typed(cx, name))
}

pub(super) fn kinds(cx: &Cx) -> Vec<Choice> {
    let chosen = typed(cx, "kind");
    let country = cx.site.country();
    let kinds = country.civil.documents.iter();
    kinds.map(|kind| Choice::new(&kind.kind, kind.label.get(&cx.lang), kind.kind == chosen)).collect()
}

/// The document and its kind; neither is needed when there are words.
pub(super) fn document_fields(cx: &Cx, t: &Texts, needed: bool) -> Vec<Field> {
    let kind = Field::new("kind", t.get("identity-document-kind"), Ask::Select(kinds(cx)));
    let file = Field::new("document", t.get("identity-document"), Ask::File(ACCEPT))
        .hint(t.get("identity-document-hint"));
    if needed { vec![kind, file] } else { vec![kind.optional(), file.optional()] }
}

fn reason_field(cx: &Cx, t: &Texts) -> Field {
    Field::new("reason", t.get("identity-reason"), Ask::Lines)
        .hint(t.get("identity-reason-hint"))
        .value(typed(cx, "reason"))
}

fn evidence_field(cx: &Cx, t: &Texts) -> Field {
    Field::new("evidence", t.get("identity-evidence"), Ask::Lines)
        .hint(t.get("identity-evidence-hint"))
        .value(typed(cx, "evidence"))
}

fn fields(cx: &Cx, t: &Texts, what: What) -> Vec<Field> {
    let mut fields = match what {
        What::Name => vec![
            Field::new("name", t.get("identity-name"), Ask::Name).value(typed(cx, "name")),
            Field::new("given", t.get("identity-given"), Ask::Name).value(typed(cx, "given")).optional(),
            Field::new("family", t.get("identity-family"), Ask::Name).value(typed(cx, "family")).optional(),
        ],
        What::Died => vec![line(cx, t, "died", "identity-died").hint(t.get("identity-life-date-hint"))],
        What::Guardian => vec![line(cx, t, "card", "identity-life-guardian-card")],
        What::CardLost | What::Document => Vec::new(),
    };
    if what == What::Document {
        fields.extend(document_fields(cx, t, true));
        fields.push(evidence_field(cx, t));
        return fields;
    }
    fields.push(reason_field(cx, t));
    if what == What::CardLost {
        return fields;
    }
    if what == What::Guardian {
        fields.push(evidence_field(cx, t));
        return fields;
    }
    fields.push(evidence_field(cx, t).optional());
    fields.extend(document_fields(cx, t, false));
    fields
}

fn form(cx: &Cx, page: &LifePage, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let person = cx.param_id("person")?;
    let f = cx.frame(page.title);
    let t = f.t.clone();
    let f = f.with_faults(faults(cx, &t, problem));
    let action = page.path.replace("{person}", &person.to_string());
    // Sent again after a fault it is the same act still.
    let key = cx.form.some("key").map_or_else(|| key(cx), str::to_string);
    let mut form = Form::post(action, t.get(page.button)).hidden("key", key);
    for field in fields(cx, &t, page.what) {
        form = form.field(field);
    }
    if page.what == What::Died {
        form = form.kind("danger");
    }
    let sheet = Sheet::new(f)
        .back(format!("/people/{person}"))
        .add(Block::Lead(t.get(page.lead).into_owned()))
        .add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

pub(super) fn document_of(cx: &Cx) -> Result<Option<Document>, Problem> {
    let bytes = cx.upload("document", DOCUMENT_BYTES_MAX)?;
    Ok(bytes.map(|bytes| Document { kind: typed(cx, "kind"), bytes: bytes.to_vec() }))
}

fn words_of(cx: &Cx) -> Result<Words, Problem> {
    Ok(Words {
        reason: cx.form.get("reason").into(),
        evidence: cx.form.get("evidence").into(),
        documents: document_of(cx)?.into_iter().collect(),
        idempotency_key: cx.form.get("key").into(),
    })
}

async fn send(cx: Cx, page: &LifePage) -> Result<Reply, Problem> {
    match record(&cx, page).await {
        Ok(reply) => Ok(reply),
        Err(problem) if is_theirs(&problem) => form(&cx, page, Some(&problem)),
        Err(problem) => Err(problem),
    }
}

async fn record(cx: &Cx, page: &LifePage) -> Result<Reply, Problem> {
    let person = cx.param_id("person")?;
    let people = cx.service::<People>()?;
    let happening = match page.what {
        What::Name => Happening::Name {
            name: typed(cx, "name"),
            given: typed(cx, "given"),
            family: typed(cx, "family"),
        },
        What::CardLost => Happening::CardLost,
        What::Died => Happening::Died { date: typed(cx, "died") },
        What::Guardian => {
            let new = NewGuardian {
                child: person,
                card: typed(cx, "card"),
                reason: cx.form.get("reason").into(),
                evidence: cx.form.get("evidence").into(),
                idempotency_key: cx.form.get("key").into(),
            };
            let done = people.name_guardian(&cx.actor, new).await?;
            return done_page(cx, page.done, done.receipt, Some(format!("/people/{person}")));
        }
        What::Document => {
            let document = document_of(cx)?.ok_or_else(|| {
                crate::problems::document()
                    .field("document", crate::documents::DocumentFault::Empty.message())
            })?;
            let words = (cx.form.get("evidence"), cx.form.get("key"));
            let done = people.add_document(&cx.actor, person, document, words).await?;
            return done_page(cx, page.done, done.receipt, Some(format!("/people/{person}")));
        }
    };
    let happened = people.happen(&cx.actor, person, happening, words_of(cx)?).await?;
    if happened.alone.is_empty() {
        return done_page(cx, page.done, happened.done.receipt, Some(format!("/people/{person}")));
    }
    let f = cx.frame(page.done);
    let t = f.t.clone();
    let mut links = vec![Link::new(receipt_path(happened.done.receipt), t.get("identity-receipt-state"))];
    links.extend(
        happened
            .alone
            .iter()
            .map(|child| Link::new(format!("/people/{child}"), t.get("identity-unguarded-child"))),
    );
    links.push(Link::new("/people/unguarded", t.get("identity-unguarded")));
    let sheet = Sheet::new(f)
        .add(Block::Panel(t.get(page.done).into_owned(), Html::ltr(happened.done.receipt)))
        .add(Block::Note(Tone::Warning, String::new(), Html::text(t.get("identity-unguarded-now"))))
        .add(Block::Links(links));
    Reply::page(&sheet)
}

/// Children nobody answers for: no name, a link each; opening one asks why.
async fn unguarded(cx: Cx) -> Result<Reply, Problem> {
    let children = cx.service::<People>()?.unguarded(&cx.actor).await?;
    let f = cx.frame("identity-unguarded");
    let t = f.t.clone();
    let mut sheet =
        Sheet::new(f).back("/desk").add(Block::Lead(t.get("identity-unguarded-lead").into_owned()));
    if children.is_empty() {
        sheet = sheet.text(t.get("identity-unguarded-none").into_owned());
    }
    let links = children
        .iter()
        .map(|(child, since)| {
            Link::new(format!("/people/{child}"), t.one("identity-unguarded-since", "when", t.day(*since)))
        })
        .collect::<Vec<_>>();
    Reply::page(&sheet.add(Block::Links(links)))
}

/// Hands out one document: the look is committed first.
async fn document_file(cx: Cx) -> Result<Reply, Problem> {
    let (person, document) = (cx.param_id("person")?, cx.param_id("document")?);
    let file = cx.service::<People>()?.document(cx.official()?, &why(&cx)?, person, document).await?;
    Ok(file_reply(&file))
}

/// A download, never shown inside a page of ours.
pub(super) fn file_reply(file: &crate::documents::File) -> Reply {
    let name = format!("{}.{}", file.kind, file.media.extension());
    Reply::file(file.media.media_type(), &name, file.bytes.clone())
}

fn decide_form(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let person = cx.param_id("person")?;
    let f = cx.frame("identity-decide").with_faults(again(cx, "ground", problem));
    let t = f.t.clone();
    let chosen = typed(cx, "decision");
    let choices = Decision::ALL
        .map(|decision| {
            let label = t.get(&format!("identity-decide-{}", decision.word()));
            let hint = t.get(&format!("identity-decide-{}-hint", decision.word()));
            Choice::new(decision.word(), label, decision.word() == chosen).hint(hint)
        })
        .to_vec();
    let form = Form::post(format!("/people/{person}/decide"), t.get("identity-decide-send"))
        .kind("danger")
        .field(Field::new("decision", t.get("identity-decide-what"), Ask::Radios(choices)))
        .field(
            Field::new("ground", t.get("identity-decide-ground"), Ask::Line)
                .hint(t.get("identity-decide-ground-hint"))
                .value(typed(cx, "ground")),
        );
    let sheet = Sheet::new(f)
        .back(format!("/people/{person}"))
        .add(Block::Lead(t.get("identity-decide-lead").into_owned()))
        .add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn decide(cx: Cx) -> Result<Reply, Problem> {
    let person = cx.param_id("person")?;
    cx.proven()?;
    let Some(decision) = Decision::from_word(&typed(&cx, "decision")) else {
        return decide_form(&cx, Some(&crate::problems::entry()));
    };
    let request = Request { person, decision, ground: cx.form.get("ground").into() };
    match cx.service::<People>()?.request_decision(&cx.actor, request).await {
        Ok(approval) => cx.go(&format!("/desk/approvals/{approval}")),
        Err(problem) if is_theirs(&problem) => decide_form(&cx, Some(&problem)),
        Err(problem) => Err(problem),
    }
}

/// Carries out a decision that two officials have approved.
pub(super) async fn decided(cx: Cx, decision: Decision, approval: Id) -> Result<Reply, Problem> {
    let done = cx.service::<People>()?.carry_out(&cx.actor, decision, approval).await?;
    done_page(&cx, "identity-decided", done.receipt, Some(format!("/people/{}", done.person)))
}

fn words_choice(cx: &Cx, t: &Texts, name: &str, words: &[&'static str]) -> Vec<Choice> {
    let chosen = typed(cx, name);
    words
        .iter()
        .map(|word| Choice::new(*word, t.get(&format!("identity-{name}-{word}")), *word == chosen))
        .collect()
}

fn birth_form(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let f = cx.frame("identity-birth");
    let t = f.t.clone();
    let f = f.with_faults(faults(cx, &t, problem));
    let key = cx.form.some("key").map_or_else(|| key(cx), str::to_string);
    let sexes = words_choice(cx, &t, "sex", &Sex::ALL.map(Sex::word));
    let standings = words_choice(cx, &t, "standing", &Standing::ALL.map(Standing::word));
    let mut form = Form::post("/people/birth", t.get("identity-birth-send")).hidden("key", key);
    let asked = [
        Field::new("name", t.get("identity-birth-name"), Ask::Name).value(typed(cx, "name")),
        line(cx, &t, "born", "identity-born").hint(t.get("identity-life-date-hint")),
        line(cx, &t, "birth_place", "identity-birth-place-code").optional(),
        line(cx, &t, "birth_place_text", "identity-birth-place").optional(),
        Field::new("sex", t.get("identity-sex"), Ask::Radios(sexes)),
        Field::new("standing", t.get("identity-standing"), Ask::Radios(standings)),
        line(cx, &t, "mother_card", "identity-birth-mother-card")
            .hint(t.get("identity-birth-parent-hint"))
            .optional(),
        Field::new("mother", t.get("identity-birth-mother"), Ask::Name).value(typed(cx, "mother")).optional(),
        line(cx, &t, "father_card", "identity-birth-father-card").optional(),
        Field::new("father", t.get("identity-birth-father"), Ask::Name).value(typed(cx, "father")).optional(),
        line(cx, &t, "guardian", "identity-birth-guardian").optional(),
        Field::new("without_guardian", t.get("identity-birth-alone"), Ask::Lines)
            .hint(t.get("identity-birth-alone-hint"))
            .value(typed(cx, "without_guardian"))
            .optional(),
        Field::new("reason", t.get("identity-birth-evidence"), Ask::Lines).value(typed(cx, "reason")),
    ];
    for field in asked.into_iter().chain(document_fields(cx, &t, false)) {
        form = form.field(field);
    }
    form = form.field(
        Field::new("despite", t.get("identity-birth-twin"), Ask::Line).value(typed(cx, "despite")).optional(),
    );
    let sheet = Sheet::new(f)
        .back("/people/register")
        .add(Block::Lead(t.get("identity-birth-lead").into_owned()))
        .add(Block::Form(form));
    Ok(Reply::page(&sheet)?.status(problem.map_or(200, |p| p.kind.status())))
}

async fn birth(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let child = Entry {
        name: typed(&cx, "name"),
        born: typed(&cx, "born"),
        birth_place: typed(&cx, "birth_place"),
        birth_place_text: typed(&cx, "birth_place_text"),
        sex: typed(&cx, "sex"),
        standing: typed(&cx, "standing"),
        mother: typed(&cx, "mother"),
        father: typed(&cx, "father"),
        ..Entry::default()
    };
    let birth = Birth {
        child,
        mother_card: typed(&cx, "mother_card"),
        father_card: typed(&cx, "father_card"),
        guardian_card: typed(&cx, "guardian"),
        without_guardian: cx.form.get("without_guardian").into(),
        despite: cx.form.get("despite").into(),
    };
    let why = Why { purpose: super::registration::PURPOSE.into(), case: None, order: None };
    match people.register_birth(cx.official()?, &why, birth, words_of(&cx)?).await {
        Ok(done) => {
            done_page(&cx, "identity-registered", done.receipt, Some(format!("/people/{}", done.person)))
        }
        Err(problem) if problem.code == "identity-candidates" => {
            birth_form(&cx, Some(&problem.field("despite", "identity-birth-twin-why")))
        }
        Err(problem) if is_theirs(&problem) => birth_form(&cx, Some(&problem)),
        Err(problem) => Err(problem),
    }
}

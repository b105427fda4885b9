//! Registering a person at a desk: one thing a page, a draft that survives a lost line, documents, a look at possible doubles,
//! and all answers once more before anything is done.

use super::draft_documents;
use super::person::done_page;
use super::search::brief;
use super::walk::Walk;
use super::weighing;
use crate::answers::from_answers;
use crate::people::People;
use crate::permission::REGISTER;
use crate::person::Entry;
use crate::preregister::Opened;
use crate::register::Registration;
use crate::search::Candidate;
use daftar_http::{Access, Cx, Reply, Routes, again, with_tx};
use daftar_kernel::{Id, Problem, hex};
use daftar_office::Principal;
use daftar_office::permit::Ask as Why;
use daftar_ports::form::{AnswerFault, Answers, Form as Declared, PHOTO_BYTES_MAX, Page};
use daftar_ui::parts::Task;
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Tone};
use serde::{Deserialize, Serialize};

/// The form of the country pack.
pub const FORM: &str = "person-registration";
/// The purpose under which possible doubles are shown; every country pack has it.
pub const PURPOSE: &str = "registration";

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page(
        "GET",
        "/people/register",
        Access::Official(REGISTER),
        |cx| async move { start(&cx, None).await },
    );
    routes.page("POST", "/people/register", Access::Official(REGISTER), begin);
    draft_documents::add(routes);
    routes
        .page("GET", "/people/register/{draft}/{page}", Access::Official(REGISTER), show)
        .example("draft", "$draft")
        .example("page", "names");
    routes
        .page("POST", "/people/register/{draft}/{page}", Access::Official(REGISTER), take)
        .example("draft", "$draft")
        .example("page", "names")
        .uploads();
    routes
        .page("GET", "/people/register/{draft}/check", Access::Official(REGISTER), check)
        .example("draft", "$draft");
    routes
        .page("POST", "/people/register/{draft}/check", Access::Official(REGISTER), send)
        .example("draft", "$draft");
    routes
        .page("POST", "/people/register/{draft}/discard", Access::Official(REGISTER), discard)
        .example("draft", "$draft");
}

/// What a draft holds: answers, and the photo already made safe and small.
#[derive(Serialize, Deserialize, Default)]
struct Body {
    answers: serde_json::Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    photo: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    preregistration: Option<Id>,
}

/// A draft on the desk.
pub(super) struct Draft {
    pub(super) id: Id,
    pub(super) walk: Walk,
    photo: Option<Vec<u8>>,
    preregistration: Option<Id>,
}

fn owner(cx: &Cx) -> Result<Principal, Problem> {
    Ok(Principal::Official(cx.official()?.id))
}

impl Draft {
    pub(super) async fn load(cx: &Cx) -> Result<Self, Problem> {
        let (id, owner) = (cx.param_id("draft")?, owner(cx)?);
        let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
        let draft = with_tx!(store.read, tx, [office] { office.draft(tx, owner, id).await })?;
        let body: Body = serde_json::from_slice(&draft.body).map_err(Problem::internal)?;
        let photo = body.photo.as_deref().and_then(hex::decode);
        let walk = Walk {
            form: cx.declared_form(FORM)?,
            answers: Answers::from_draft(&body.answers),
            base: format!("/people/register/{id}/"),
            start: "/people/register",
            later: true,
        };
        Ok(Self { id, walk, photo, preregistration: body.preregistration })
    }
    async fn save(&self, cx: &Cx) -> Result<(), Problem> {
        let photo = self.photo.as_deref().map(hex::encode);
        let body =
            Body { answers: self.walk.answers.to_json(), photo, preregistration: self.preregistration };
        save(cx, Some(self.id), &body).await.map(|_| ())
    }
    async fn delete(&self, cx: &Cx) -> Result<(), Problem> {
        let (id, owner) = (self.id, owner(cx)?);
        let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
        with_tx!(store.write, tx, [office] { office.delete_draft(tx, owner, id).await })?;
        // Only now: sent again before the draft is gone, it is the same registration still, documents and all.
        cx.service::<People>()?.forget_draft(id).await
    }
}

async fn save(cx: &Cx, id: Option<Id>, body: &Body) -> Result<Id, Problem> {
    let body = serde_json::to_vec(body).map_err(Problem::internal)?;
    let owner = owner(cx)?;
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    with_tx!(store.write, tx, [office, body] { office.save_draft(tx, owner, id, FORM, &body).await })
}

async fn start(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let owner = owner(cx)?;
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    let drafts = with_tx!(store.read, tx, [office] { office.drafts(tx, owner).await })?;
    let f = cx.frame("identity-register").with_faults(again(cx, "code", problem));
    let t = f.t.clone();
    let mut sheet = Sheet::new(f)
        .add(Block::Lead(t.get("identity-register-lead").into_owned()))
        .add(Block::Form(Form::post("/people/register", t.get("identity-register-start"))));
    let tasks: Vec<Task> = drafts
        .iter()
        .filter(|draft| draft.form == FORM)
        .map(|draft| Task {
            label: t.one("identity-draft", "when", t.moment(draft.updated)),
            href: Some(format!("/people/register/{}/check", draft.id)),
            hint: String::new(),
            status: t.get("identity-draft-open").into_owned(),
            done: false,
        })
        .collect();
    if !tasks.is_empty() {
        sheet = sheet.add(Block::Heading(t.get("identity-drafts").into_owned())).add(Block::Tasks(tasks));
    }
    if let Some(form) = super::preregister::desk_form(cx, &t) {
        sheet = sheet.add(Block::Heading(t.get("identity-pre-brought").into_owned())).add(form);
    }
    let refuse = daftar_ui::parts::Link::new("/people/refuse", t.get("identity-refuse"));
    let reply = Reply::page(&sheet.add(Block::Links(vec![refuse])))?;
    Ok(reply.status(problem.map_or(200, |p| p.kind.status())))
}

/// The page once more, with what was wrong about a paper.
pub(super) async fn start_again(cx: &Cx, problem: &Problem) -> Result<Reply, Problem> {
    start(cx, Some(problem)).await
}

/// Goes on from what somebody wrote down at home.
pub(super) async fn start_from(cx: &Cx, opened: Opened) -> Result<Reply, Problem> {
    let body = Body { answers: opened.answers, photo: None, preregistration: Some(opened.id) };
    let id = save(cx, None, &body).await?;
    cx.go(&format!("/people/register/{id}/check"))
}

async fn begin(cx: Cx) -> Result<Reply, Problem> {
    let form = cx.declared_form(FORM)?;
    let first = form.pages.first().ok_or_else(Problem::not_found)?;
    let body = Body { answers: Answers::default().to_json(), ..Body::default() };
    let id = save(&cx, None, &body).await?;
    cx.go(&format!("/people/register/{id}/{}", first.id))
}

async fn show(cx: Cx) -> Result<Reply, Problem> {
    Draft::load(&cx).await?.walk.show(&cx)
}

async fn take(cx: Cx) -> Result<Reply, Problem> {
    let mut draft = Draft::load(&cx).await?;
    let mut submitted = cx.form.0.clone();
    let photo = take_photo(&cx, &mut draft, &mut submitted).await;
    let mut taken = draft.walk.take(&cx, submitted)?;
    match photo {
        // What is no photo costs nobody the other answers.
        Err(problem) if problem.code == crate::problems::photo().code => {
            let fault =
                AnswerFault { field: "photo".into(), key: "problem-identity-photo", args: Vec::new() };
            taken.faults.push(fault);
        }
        other => other?,
    }
    draft.save(&cx).await?;
    if taken.faults.is_empty() && cx.form.get("then") == "later" {
        return cx.go(draft.walk.start);
    }
    draft.walk.next(&cx, &taken)
}

/// A photo sent along is made safe and small at once; the answer is its digest.
async fn take_photo(
    cx: &Cx,
    draft: &mut Draft,
    submitted: &mut Vec<(String, String)>,
) -> Result<(), Problem> {
    let Some(bytes) = cx.upload("photo", PHOTO_BYTES_MAX)?.map(<[u8]>::to_vec) else { return Ok(()) };
    // Decoding a picture takes long enough to hold up others.
    let photo = tokio::task::spawn_blocking(move || pdf_writing::photo::normalise(&bytes))
        .await
        .map_err(Problem::internal)?
        .map_err(|fault| crate::problems::photo().detail(fault))?;
    let jpeg = photo.jpeg;
    submitted.retain(|(name, _)| name != "photo");
    submitted.push((
        "photo".into(),
        hex::encode(&cx.site.store.vault().blind_index("identity/draft-photo", &[&jpeg])?),
    ));
    draft.photo = Some(jpeg);
    Ok(())
}

async fn check(cx: Cx) -> Result<Reply, Problem> {
    let draft = Draft::load(&cx).await?;
    let waiting = cx.service::<People>()?.draft_documents(&cx.actor, draft.id).await?;
    let documents = draft_documents::section(&cx, &cx.texts(), &waiting);
    draft.walk.check(&cx, vec![documents], "identity-register-send")
}

async fn send(cx: Cx) -> Result<Reply, Problem> {
    let draft = Draft::load(&cx).await?;
    let people = cx.service::<People>()?;
    if let Some(unfinished) = draft.walk.unfinished(&cx) {
        return Ok(unfinished);
    }
    let read = from_answers(&draft.walk.answers);
    let registration = Registration {
        entry: read.entry.clone(),
        evidence: read.evidence,
        despite: cx.form.get("despite").into(),
        photo: draft.photo.clone(),
        documents: people.documents_of_draft(&cx.actor, draft.id).await?,
        ties: read.ties,
        preregistration: draft.preregistration,
        // The draft is the one registration it can become: sending it twice registers once.
        idempotency_key: draft.id.to_string(),
    };
    match people.register(&cx.actor, registration).await {
        Ok(done) => {
            draft.delete(&cx).await?;
            done_page(&cx, "identity-registered", done.receipt, Some(format!("/people/{}", done.person)))
        }
        Err(problem) if problem.code == "identity-candidates" => {
            doubles(&cx, &people, &draft, &read.entry).await
        }
        Err(problem) => match beside(&draft.walk.form, &problem) {
            Some((page, fault)) => draft.walk.reply(&cx, page, None, &[fault]),
            None => Err(problem),
        },
    }
}

/// What is wrong with those who stand beside the person, on the page that asks for them.
fn beside<'f>(form: &'f Declared, problem: &Problem) -> Option<(&'f Page, AnswerFault)> {
    const FAULTS: [&str; 8] = [
        "identity-fault-guardian-needed",
        "identity-fault-guardian-adult",
        "identity-fault-guardian-child",
        "identity-fault-introductions-many",
        "identity-fault-card-unknown",
        "identity-fault-number-length",
        "identity-fault-number-character",
        "identity-fault-number-check",
    ];
    let fault = problem.fields.first()?;
    let key = FAULTS.into_iter().find(|key| *key == fault.message)?;
    let field = if fault.field == "guardian" { "guardian_card" } else { fault.field.as_str() };
    let page = form.pages.iter().find(|page| page.fields.iter().any(|one| one.id == field))?;
    Some((page, AnswerFault { field: field.into(), key, args: Vec::new() }))
}

/// Those who may be the same person, each with what speaks for it and against. Every one shown is a look.
async fn doubles(cx: &Cx, people: &People, draft: &Draft, entry: &Entry) -> Result<Reply, Problem> {
    let why = Why { purpose: PURPOSE.into(), case: None, order: None };
    let candidates = people.candidates(cx.official()?, &why, entry).await?;
    let f = cx.frame("identity-doubles");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f).back(format!("{}check", draft.walk.base)).add(Block::Note(
        Tone::Warning,
        String::new(),
        Html::text(t.get("identity-doubles-lead")),
    ));
    for Candidate { weight, found } in &candidates {
        sheet = sheet
            .add(Block::Heading(found.name.clone()))
            .add(Block::Summary(brief(cx, &t, found)))
            .add(Block::Table(weighing::table(&t, weight)));
    }
    let despite =
        Field::new("despite", t.get("identity-despite"), Ask::Lines).hint(t.get("identity-despite-hint"));
    let form =
        Form::post(format!("{}check", draft.walk.base), t.get("identity-register-anyway")).field(despite);
    let discard =
        Form::post(format!("{}discard", draft.walk.base), t.get("identity-register-discard")).kind("second");
    Reply::page(&sheet.add(Block::Form(form)).add(Block::Form(discard)))
}

async fn discard(cx: Cx) -> Result<Reply, Problem> {
    Draft::load(&cx).await?.delete(&cx).await?;
    cx.go("/people/register")
}

/// The entry a correction form sends.
pub(super) fn answers_of(cx: &Cx) -> Entry {
    let text = |name: &str| cx.form.get(name).trim().to_string();
    let lines = |name: &str| {
        cx.form
            .get(name)
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_string)
            .collect::<Vec<_>>()
    };
    Entry {
        name: text("name"),
        given: text("given"),
        family: text("family"),
        other_names: lines("other_name"),
        born: text("born"),
        birth_place: text("birth_place"),
        birth_place_text: text("birth_place_text"),
        sex: text("sex"),
        mother: text("mother"),
        father: text("father"),
        address_place: text("address_place"),
        address_lines: lines("address_lines"),
        phone: text("phone"),
        email: text("email"),
        language: text("language"),
        standing: text("standing"),
        died: text("died"),
        photo: String::new(),
    }
}

//! Documents of a form at the desk, one at a time: what came stays with the draft, and what cannot be kept is said at once, with
//! nothing of the form lost.

use super::life::{ACCEPT, kinds, typed};
use super::person::faults;
use super::registration::Draft;
use super::wards::kind_words;
use crate::documents::draft::Waiting;
use crate::documents::{Document, DocumentFault, MAX_DOCUMENTS_AT_ONCE};
use crate::people::People;
use crate::permission::REGISTER;
use daftar_http::route::UPLOAD_BODY_BYTES;
use daftar_http::{Access, Cx, Reply, Routes, is_theirs};
use daftar_kernel::Problem;
use daftar_ports::form::AnswerView;
use daftar_ui::parts::Link;
use daftar_ui::{Ask, Block, Field, Form, Sheet, Texts};

/// The page's place beneath the draft.
pub(super) const PAGE: &str = "attachments";

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes
        .page("GET", "/people/register/{draft}/attachments", Access::Official(REGISTER), |cx| async move {
            page(&cx, None).await
        })
        .example("draft", "$draft");
    routes
        .page("POST", "/people/register/{draft}/attachments", Access::Official(REGISTER), attach)
        .example("draft", "$draft")
        .uploads();
    routes
        .page("POST", "/people/register/{draft}/attachments/remove", Access::Official(REGISTER), remove)
        .example("draft", "$draft");
}

/// A document in words: what it is, and how large.
fn words(cx: &Cx, t: &Texts, one: &Waiting) -> String {
    let kib = i64::try_from(one.bytes.div_ceil(1024)).unwrap_or(i64::MAX);
    t.two("identity-document-size", "kind", kind_words(cx, &one.kind), "kib", t.number(kib))
}

/// What the page with all answers says of documents.
pub(super) fn section(cx: &Cx, t: &Texts, waiting: &[Waiting]) -> (String, Vec<AnswerView>) {
    let answer = AnswerView {
        page: PAGE.into(),
        field: "document".into(),
        label: t.get("identity-documents").into_owned(),
        lines: waiting.iter().map(|one| words(cx, t, one)).collect(),
    };
    (t.get("identity-documents").into_owned(), vec![answer])
}

async fn page(cx: &Cx, problem: Option<&Problem>) -> Result<Reply, Problem> {
    let draft = Draft::load(cx).await?;
    let waiting = cx.service::<People>()?.draft_documents(&cx.actor, draft.id).await?;
    let f = cx.frame("identity-desk-documents");
    let t = f.t.clone();
    let f = f.with_faults(match problem {
        Some(problem) if problem.fields.is_empty() => {
            vec![daftar_ui::Fault { field: "document".into(), message: t.problem(problem).what }]
        }
        other => faults(cx, &t, other),
    });
    let base = &draft.walk.base;
    let mut sheet = Sheet::new(f)
        .back(format!("{base}check"))
        .add(Block::Lead(t.get("identity-desk-documents-lead").into_owned()));
    for one in &waiting {
        let label = t.one("identity-desk-document-remove", "document", words(cx, &t, one));
        let remove = Form::post(format!("{base}attachments/remove"), label).kind("second");
        sheet = sheet.add(Block::Form(remove.hidden("document", one.id.to_string())));
    }
    let on = Link::new(format!("{base}check"), t.get("identity-desk-documents-on"));
    if waiting.len() < MAX_DOCUMENTS_AT_ONCE {
        let file = Field::new("document", t.get("identity-document"), Ask::File(ACCEPT));
        let form = Form::post(format!("{base}attachments"), t.get("identity-desk-document-add"))
            .field(Field::new("kind", t.get("identity-document-kind"), Ask::Select(kinds(cx))))
            .field(file.hint(t.get("identity-document-hint")))
            .kind("second");
        sheet = sheet.add(Block::Form(form));
    } else {
        sheet = sheet.text(t.get("problem-identity-documents-many").into_owned());
    }
    let reply = Reply::page(&sheet.add(Block::Button(on, "")))?;
    Ok(reply.status(problem.map_or(200, |problem| problem.kind.status())))
}

async fn attach(cx: Cx) -> Result<Reply, Problem> {
    let draft = Draft::load(&cx).await?;
    match take(&cx, &draft).await {
        Ok(()) => cx.go(&format!("{}attachments", draft.walk.base)),
        Err(problem) if is_theirs(&problem) => page(&cx, Some(&problem)).await,
        Err(problem) => Err(problem),
    }
}

async fn take(cx: &Cx, draft: &Draft) -> Result<(), Problem> {
    let empty = || crate::problems::document().field("document", DocumentFault::Empty.message());
    // A file that is too large for a document is told so beside the box.
    let bytes = cx.upload("document", UPLOAD_BODY_BYTES)?.ok_or_else(empty)?.to_vec();
    let document = Document { kind: typed(cx, "kind"), bytes };
    cx.service::<People>()?.attach_to_draft(&cx.actor, draft.id, document).await
}

async fn remove(cx: Cx) -> Result<Reply, Problem> {
    let draft = Draft::load(&cx).await?;
    let id = cx.form.get("document").parse().map_err(|_| crate::problems::document_unknown())?;
    cx.service::<People>()?.detach_from_draft(&cx.actor, draft.id, id).await?;
    cx.go(&format!("{}attachments", draft.walk.base))
}

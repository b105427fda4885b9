//! The pages of the dishonest operator, and of the audit that names what was done.

use super::journal::Journal;
use super::operator::{Deed, Operator};
use super::tour::subject;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::Problem;
use daftar_ui::parts::{Link, Tile};
use daftar_ui::{Block, Form, Html, Sheet, Tone};

/// Most findings shown.
const SHOWN: usize = 20;

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/demo/operator", Access::Public, |cx| async move { page(&cx, None).await });
    routes.page("POST", "/demo/operator/{deed}", Access::Public, deed).example("deed", "drop-newest");
    routes.page("POST", "/demo/audit", Access::Public, audit);
    routes.page("POST", "/demo/undo", Access::Public, undo);
}

async fn page(cx: &Cx, said: Option<Block>) -> Result<Reply, Problem> {
    let deeds = cx.service::<Operator>()?.deeds().await;
    let f = cx.frame("app-demo-operator-title");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f)
        .back("/demo/tour/5")
        .add(Block::Lead(t.get("app-demo-operator-lead").into_owned()))
        .extend(said);
    for deed in Deed::ALL {
        let label = t.get(deed.key()).into_owned();
        sheet = sheet.add(Block::Act(format!("/demo/operator/{}", deed.word()), label, "danger"));
    }
    sheet = sheet
        .add(Block::Heading(t.get("app-demo-audit-title").into_owned()))
        .text(t.get("app-demo-audit-text").into_owned())
        .add(Block::Form(Form::post("/demo/audit", t.get("app-demo-audit"))));
    if deeds > 0 {
        sheet = sheet.text(t.one("app-demo-deeds", "count", deeds)).add(Block::Act(
            "/demo/undo".into(),
            t.get("app-demo-undo").into_owned(),
            "second",
        ));
    }
    Reply::page(&sheet)
}

fn note(tone: Tone, text: &str) -> Block {
    Block::Note(tone, String::new(), Html::text(text))
}

async fn deed(cx: Cx) -> Result<Reply, Problem> {
    let deed = Deed::from_word(cx.param("deed")).ok_or_else(Problem::not_found)?;
    let subject = subject(&cx).await?;
    let done = cx.service::<Operator>()?.commit(&cx.site.store, subject, deed).await?;
    let t = cx.texts();
    let said = if done {
        note(Tone::Warning, &t.get("app-demo-done"))
    } else {
        note(Tone::Info, &t.get("app-demo-nothing"))
    };
    page(&cx, Some(said)).await
}

/// The audit anybody may ask for: the whole database against the signed logs.
async fn audit(cx: Cx) -> Result<Reply, Problem> {
    let deeds = cx.service::<Operator>()?.deeds().await;
    let audit = cx.site.record.audit_store().await?;
    let whole = audit.is_whole();
    cx.service::<Journal>()?.note(|done| {
        done.named |= deeds > 0 && !whole;
        done.restored |= done.named && deeds == 0 && whole;
    })?;
    let f = cx.frame("app-demo-audit-title");
    let t = f.t.clone();
    let tile = |label: std::borrow::Cow<'_, str>, n: u64| Tile {
        label: label.into_owned(),
        value: t.number(i64::try_from(n).unwrap_or(i64::MAX)),
        note: String::new(),
        href: None,
    };
    let mut sheet = Sheet::new(f).back("/demo/operator").add(if whole {
        note(Tone::Good, &t.get("app-demo-whole"))
    } else {
        note(Tone::Warning, &t.get("app-demo-not-whole"))
    });
    if !whole {
        let findings: String = audit
            .findings
            .iter()
            .take(SHOWN)
            .map(|finding| format!("<li>{}</li>", Html::text(finding)))
            .collect();
        sheet = sheet
            .add(Block::Markup(Html::trusted(format!("<ul class=\"findings\" dir=\"ltr\">{findings}</ul>"))));
    }
    sheet = sheet.add(Block::Tiles(vec![
        tile(t.get("app-demo-audit-entries"), audit.entries),
        tile(t.get("app-demo-audit-looks"), audit.looks),
        tile(t.get("app-demo-audit-persons"), audit.persons),
    ]));
    if deeds > 0 {
        sheet = sheet.add(Block::Act("/demo/undo".into(), t.get("app-demo-undo").into_owned(), "second"));
    } else {
        sheet = sheet.add(Block::Links(vec![Link::new("/demo/tour/5", t.get("app-demo-tour"))]));
    }
    Reply::page(&sheet)
}

async fn undo(cx: Cx) -> Result<Reply, Problem> {
    cx.service::<Operator>()?.undo(&cx.site.store).await?;
    let t = cx.texts();
    let said = note(Tone::Good, &t.get("app-demo-undone"));
    page(&cx, Some(said)).await
}

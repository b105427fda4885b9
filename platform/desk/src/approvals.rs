//! Two-person approvals: read exactly what will happen, agree or refuse, and carry it out.

use daftar_http::{Access, Cx, Reply, Routes, with_tx};
use daftar_kernel::{Actor, Problem, hex};
use daftar_office::approval::{Approval, State};
use daftar_ui::parts::{Column, Link, SummaryRow, Table};
use daftar_ui::{Ask, Block, Field, Form, Html, Sheet, Texts};

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/desk/approvals", Access::SignedIn, list);
    routes.page("GET", "/desk/approvals/{approval}", Access::SignedIn, show).example("approval", "$approval");
    routes
        .page("POST", "/desk/approvals/{approval}/approve", Access::SignedIn, approve)
        .example("approval", "$approval");
    routes
        .page("POST", "/desk/approvals/{approval}/reject", Access::SignedIn, reject)
        .example("approval", "$approval");
    routes
        .page("POST", "/desk/approvals/{approval}/execute", Access::SignedIn, execute)
        .example("approval", "$approval");
}

/// The message key of what a kind of request does: `desk-kind-identity-erase`.
fn kind_text(t: &Texts, kind: &str) -> String {
    let key = format!("desk-kind-{}", kind.replace('.', "-"));
    if t.has(&key) { t.get(&key).into_owned() } else { kind.to_string() }
}

async fn list(cx: Cx) -> Result<Reply, Problem> {
    cx.official()?;
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    let open = with_tx!(store.read, tx, [office, actor] { office.open_approvals(tx, &actor).await })?;
    let f = cx.frame("desk-approvals");
    let t = f.t.clone();
    let rows = open
        .iter()
        .map(|approval| {
            let href = format!("/desk/approvals/{}", approval.id);
            vec![
                Html::trusted(format!(
                    "<a href=\"{href}\">{}</a>",
                    Html::text(kind_text(&t, &approval.kind))
                )),
                Html::text(&approval.requested_name),
                Html::text(t.moment(approval.requested)),
                Html::text(t.two("desk-votes", "votes", approval.votes.len(), "needed", 2)),
            ]
        })
        .collect::<Vec<_>>();
    let sheet = Sheet::new(f).back("/desk").wide();
    let sheet = if rows.is_empty() {
        sheet.text(t.get("desk-approvals-none").into_owned())
    } else {
        sheet.add(Block::Table(Table {
            caption: t.get("desk-approvals").into_owned(),
            columns: ["desk-what", "desk-requested-by", "desk-when", "desk-state"]
                .map(|key| Column::text(t.get(key)))
                .to_vec(),
            rows,
        }))
    };
    Reply::page(&sheet)
}

async fn load(cx: &Cx) -> Result<Approval, Problem> {
    let id = cx.param_id("approval")?;
    let (store, office, actor) = (cx.site.store.clone(), cx.site.office.clone(), cx.actor.clone());
    with_tx!(store.read, tx, [office, actor] { office.approval(tx, &actor, id).await })
}

async fn show(cx: Cx) -> Result<Reply, Problem> {
    let official = cx.official()?.id;
    let approval = load(&cx).await?;
    let f = cx.frame("desk-approval");
    let t = f.t.clone();
    let digest = hex::encode(&approval.digest);
    let payload = serde_json::to_string_pretty(&approval.payload).map_err(Problem::internal)?;
    let mut rows = vec![
        SummaryRow::new(t.get("desk-what"), kind_text(&t, &approval.kind)),
        SummaryRow::new(t.get("desk-requested-by"), approval.requested_name.clone()),
        SummaryRow::new(t.get("desk-when"), t.moment(approval.requested)),
        SummaryRow::new(t.get("desk-expires"), t.moment(approval.expires)),
        SummaryRow::new(t.get("desk-digest"), Html::code(&digest)),
    ];
    for vote in &approval.votes {
        rows.push(SummaryRow::new(
            t.get("desk-approved-by"),
            format!("{}, {}", vote.official.name, t.moment(vote.voted)),
        ));
    }
    let mut sheet = Sheet::new(f).back("/desk/approvals").wide().add(Block::Summary(rows));
    if approval.kind == daftar_packs::versions::PUBLISH {
        sheet = sheet.extend(crate::country::explain(&cx, &t, &approval).await?);
    }
    if let Some(explain) = cx.site.explainers.get(approval.kind.as_str()) {
        sheet = sheet.extend(explain(&t, &approval.payload));
    }
    let sheet = sheet.add(Block::Heading(t.get("desk-exactly").into_owned())).add(Block::Markup(
        Html::trusted(format!("<pre><code dir=\"ltr\">{}</code></pre>", Html::text(payload))),
    ));
    Reply::page(&sheet.extend(actions(&t, &approval, official, digest)))
}

fn actions(t: &Texts, approval: &Approval, me: daftar_kernel::Id, digest: String) -> Vec<Block> {
    let path = format!("/desk/approvals/{}", approval.id);
    if approval.state != State::Open {
        return vec![Block::Text(Html::text(t.get("desk-approval-closed")))];
    }
    let mut blocks = Vec::new();
    let voted = approval.votes.iter().any(|vote| vote.official.id == me);
    if approval.votes.len() >= 2 {
        blocks.push(Block::Form(Form::post(format!("{path}/execute"), t.get("desk-execute")).kind("danger")));
    } else if voted {
        blocks.push(Block::Text(Html::text(t.get("desk-waiting-second"))));
    } else {
        blocks.push(Block::Form(
            Form::post(format!("{path}/approve"), t.get("desk-approve")).hidden("digest", digest),
        ));
    }
    let reason = Field::new("reason", t.get("desk-reason"), Ask::Lines);
    blocks.push(Block::Form(
        Form::post(format!("{path}/reject"), t.get("desk-reject")).kind("second").field(reason),
    ));
    blocks
}

async fn approve(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("approval")?;
    let digest: [u8; 32] = hex::decode(cx.form.get("digest"))
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| Problem::malformed("bad-form"))?;
    let proven = cx.proven()?;
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    with_tx!(store.write, tx, [office, proven] { office.approve(tx, &proven, id, &digest).await })?;
    cx.go(&format!("/desk/approvals/{id}"))
}

async fn reject(cx: Cx) -> Result<Reply, Problem> {
    let id = cx.param_id("approval")?;
    let (proven, reason) = (cx.proven()?, cx.form.get("reason").to_string());
    let (store, office) = (cx.site.store.clone(), cx.site.office.clone());
    with_tx!(store.write, tx, [office, proven, reason] { office.reject(tx, &proven, id, &reason).await })?;
    cx.go("/desk/approvals")
}

async fn execute(cx: Cx) -> Result<Reply, Problem> {
    if !matches!(cx.actor, Actor::Official(_)) {
        return Err(Problem::forbidden("for-officials"));
    }
    // A fresh code, and whoever may not even see the request may not carry it out.
    cx.proven()?;
    let approval = load(&cx).await?;
    let executor = cx.site.executors.get(approval.kind.as_str()).cloned();
    let executor =
        executor.ok_or_else(|| Problem::internal(format!("nobody executes '{}'", approval.kind)))?;
    executor(cx, approval.id).await
}

/// A link to a request, for services that have just made one.
#[must_use]
pub fn link(t: &Texts, id: daftar_kernel::Id) -> Link {
    Link::new(format!("/desk/approvals/{id}"), t.get("desk-approval"))
}

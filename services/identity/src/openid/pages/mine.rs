//! The citizen's own: services I use, my sign-ins, and the lock.

use super::authorize::list;
use crate::openid::Provider;
use crate::openid::history::PAGE;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::{Problem, Timestamp};
use daftar_ui::parts::{Link, SummaryRow};
use daftar_ui::{Block, Form, Html, Sheet, Tone};

/// Adds the routes.
pub(super) fn add(routes: &mut Routes) {
    routes.page("GET", "/me/services", Access::Citizen, services);
    routes.page("GET", "/me/services/history", Access::Citizen, history);
    routes.page("POST", "/me/services/lock", Access::Citizen, |cx| async move { set(cx, true).await });
    routes.page("GET", "/me/services/unlock", Access::Citizen, |cx| async move { unlock_page(&cx) });
    routes.page("POST", "/me/services/unlock", Access::Citizen, unlock);
    routes
        .page("POST", "/me/services/{client}/revoke", Access::Citizen, revoke)
        .example("client", "none")
        .owned();
}

async fn services(cx: Cx) -> Result<Reply, Problem> {
    let provider = cx.service::<Provider>()?;
    let citizen = cx.citizen()?;
    let (grants, locked) = (provider.grants(citizen).await?, provider.locked(citizen).await?);
    let f = cx.frame("identity-my-services");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f).back("/me").add(Block::Lead(t.get("identity-services-lead").into_owned()));
    if grants.is_empty() {
        sheet = sheet.text(t.get("identity-services-none").into_owned());
    }
    for grant in &grants {
        let rows = vec![
            SummaryRow::new(
                t.get("identity-openid-organisation"),
                Html::isolated(&grant.client.organisation),
            ),
            SummaryRow::new(t.get("identity-services-since"), t.moment(grant.since)),
        ];
        let action = format!("/me/services/{}/revoke", grant.client.client.id);
        sheet = sheet
            .add(Block::Heading(grant.client.name.clone()))
            .add(Block::Summary(rows))
            .add(list(&t, &grant.items))
            .add(Block::Act(
                action,
                t.one("identity-services-revoke", "name", grant.client.name.as_str()),
                "second",
            ));
    }
    sheet = sheet.add(Block::Heading(t.get("identity-services-lock-title").into_owned()));
    sheet = if locked {
        let note = Html::text(t.get("identity-services-locked"));
        let unlock = Link::new("/me/services/unlock", t.get("identity-services-unlock"));
        sheet.add(Block::Note(Tone::Warning, String::new(), note)).add(Block::Links(vec![unlock]))
    } else {
        let label = t.get("identity-services-lock").into_owned();
        sheet.text(t.get("identity-services-lock-text").into_owned()).add(Block::Act(
            "/me/services/lock".into(),
            label,
            "second",
        ))
    };
    let link = Link::new("/me/services/history", t.get("identity-services-history"));
    Reply::page(&sheet.add(Block::Links(vec![link])))
}

async fn revoke(cx: Cx) -> Result<Reply, Problem> {
    cx.service::<Provider>()?.revoke_grant(cx.citizen()?, cx.param("client")).await?;
    cx.go("/me/services")
}

async fn set(cx: Cx, locked: bool) -> Result<Reply, Problem> {
    cx.service::<Provider>()?.set_locked(cx.citizen()?, locked).await?;
    cx.go("/me/services")
}

/// Whoever found an open browser must not undo the lock: unlocking takes a fresh one-time code.
fn unlock_page(cx: &Cx) -> Result<Reply, Problem> {
    cx.proven()?;
    let f = cx.frame("identity-services-unlock");
    let t = f.t.clone();
    let form = Form::post("/me/services/unlock", t.get("identity-services-unlock"));
    let sheet = Sheet::new(f)
        .back("/me/services")
        .add(Block::Lead(t.get("identity-services-unlock-text").into_owned()))
        .add(Block::Form(form));
    Reply::page(&sheet)
}

async fn unlock(cx: Cx) -> Result<Reply, Problem> {
    cx.proven()?;
    set(cx, false).await
}

async fn history(cx: Cx) -> Result<Reply, Problem> {
    let provider = cx.service::<Provider>()?;
    let before = cx.query.some("before").and_then(|text| text.parse().ok()).map(Timestamp);
    let list = provider.history(cx.citizen()?, before).await?;
    let f = cx.frame("identity-services-history");
    let t = f.t.clone();
    let mut sheet = Sheet::new(f)
        .back("/me/services")
        .add(Block::Lead(t.get("identity-services-history-lead").into_owned()));
    if list.is_empty() {
        sheet = sheet.text(t.get("identity-services-history-none").into_owned());
    }
    let rows = list
        .iter()
        .map(|signin| {
            SummaryRow::new(
                t.moment(signin.at),
                Html::isolated(format!("{} ({})", signin.name, signin.organisation)),
            )
        })
        .collect();
    let full = i64::try_from(list.len()).is_ok_and(|n| n == PAGE);
    let older = list
        .last()
        .filter(|_| full)
        .map_or_else(String::new, |last| format!("/me/services/history?before={}", last.at.0));
    Reply::page(&sheet.add(Block::Summary(rows)).add(Block::Pages(String::new(), older)))
}

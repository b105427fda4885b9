//! The desk: what an official can do, and what waits for them.

use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::{Actor, Problem};
use daftar_ui::parts::Task;
use daftar_ui::{Block, Sheet};

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/desk", Access::SignedIn, |cx| async move { page(&cx) });
}

fn page(cx: &Cx) -> Result<Reply, Problem> {
    if matches!(cx.actor, Actor::Citizen(_)) {
        return Ok(Reply::redirect("/me"));
    }
    let f = cx.frame("desk-desk");
    let t = f.t.clone();
    let tasks: Vec<Task> = cx
        .site
        .desk
        .iter()
        .filter(|item| item.access.permission().is_none_or(|permission| cx.may(permission)))
        .map(|item| Task {
            label: t.get(item.text).into_owned(),
            href: Some(item.path.into()),
            hint: t.get(&format!("{}-hint", item.text)).into_owned(),
            status: String::new(),
            done: true,
        })
        .collect();
    let roster = cx.site.roster();
    let official = cx.official()?;
    let office = roster.office(&official.office).map_or("", |office| office.label.get(&cx.lang));
    let sheet = Sheet::new(f)
        .caption(office)
        .add(Block::Lead(t.get("desk-desk-lead").into_owned()))
        .add(Block::Tasks(tasks));
    Reply::page(&sheet)
}

/// Where whoever is signed in begins.
pub fn of(cx: &Cx) -> &'static str {
    if matches!(cx.actor, Actor::Citizen(_)) { "/me" } else { "/desk" }
}

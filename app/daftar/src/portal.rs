//! The portal's own pages: the start page, assets, the API's description.

use crate::services::Services;
use crate::up::certificates::Certificates;
use daftar_http::{Access, Cx, Reply, Routes, openapi};
use daftar_identity::People;
use daftar_kernel::Problem;
use daftar_ui::parts::{Link, Task, Tile};
use daftar_ui::{Block, Sheet};

/// Adds the portal's routes.
#[must_use]
pub fn routes() -> Routes {
    let mut routes = Routes::new();
    routes.page("GET", "/", Access::Public, start);
    routes.page("GET", "/api", Access::Public, api_page);
    routes.file("GET", "/api/openapi.json", |cx| async move {
        let routes = cx.service::<Services>()?.routes();
        Ok(Reply::json(&openapi::document(&routes, "Daftar", env!("CARGO_PKG_VERSION")))?
            .header("access-control-allow-origin", "*"))
    });
    routes.file("GET", "/assets/{file}", |cx| async move { asset(&cx) }).example("file", "daftar.css");
    routes.file("GET", "/authority.crt", |cx| async move {
        // PEM: every browser and system takes it, and a person can compare it.
        let authority = cx.site.service::<Certificates>().and_then(|certificates| certificates.authority());
        Ok(Reply::new("application/x-x509-ca-cert", authority.ok_or_else(Problem::not_found)?.into_bytes()))
    });
    routes.file("GET", "/crest.svg", |cx| async move {
        let country = cx.site.country();
        let crest = country.crest.as_ref().ok_or_else(Problem::not_found)?;
        Ok(Reply::new("image/svg+xml", crest.as_bytes()).header("cache-control", "public, max-age=3600"))
    });
    routes
}

/// Files with fingerprints in their names: a browser may keep them for good.
fn asset(cx: &Cx) -> Result<Reply, Problem> {
    let asset =
        daftar_ui::assets().into_iter().find(|asset| asset.path == cx.path).ok_or_else(Problem::not_found)?;
    let reply = if cx.accepts_gzip {
        Reply::new(asset.content_type, asset.gzip.clone()).header("content-encoding", "gzip")
    } else {
        Reply::new(asset.content_type, asset.bytes.clone())
    };
    Ok(reply.header("cache-control", "public, max-age=31536000, immutable").header("vary", "accept-encoding"))
}

async fn start(cx: Cx) -> Result<Reply, Problem> {
    if cx.site.strip.is_some() {
        return crate::demo::start_page(&cx).await;
    }
    let f = cx.frame("app-start");
    let t = f.t.clone();
    let word = |key: &str| t.get(key).into_owned();
    let task = |label: &str, href: &str, hint: &str| Task {
        label: word(label),
        href: Some(href.into()),
        hint: word(hint),
        status: String::new(),
        done: true,
    };
    let mut tasks = vec![
        task("app-my-record", "/me", "app-my-record-hint"),
        task("app-claim", "/claim", "app-claim-hint"),
        task("app-trust", "/trust", "app-trust-hint"),
        task("app-statistics", "/statistics", "app-statistics-hint"),
        task("app-officials", "/desk", "app-officials-hint"),
    ];
    if cx.site.service::<People>().is_none() {
        // A service alone, without the register of people.
        tasks.retain(|task| task.href.as_deref().is_some_and(|path| path == "/trust" || path == "/desk"));
    } else if cx.declared_form(daftar_identity::preregister::FORM).is_ok() {
        tasks.insert(2, task("app-pre", "/pre-registration", "app-pre-hint"));
    }
    let status = cx.site.record.status().await?;
    let count = |code: &str| {
        let size = status.logs.iter().find(|log| log.log == code).map_or(0, |log| log.size);
        t.number(i64::try_from(size).unwrap_or(i64::MAX))
    };
    let tiles = vec![
        Tile { label: word("app-acts"), value: count("acts"), note: String::new(), href: None },
        Tile { label: word("app-batches"), value: count("access"), note: String::new(), href: None },
    ];
    let sheet = Sheet::new(f)
        .add(Block::Lead(word("app-start-lead")))
        .add(Block::Tasks(tasks))
        .add(Block::Tiles(tiles));
    Reply::page(&sheet)
}

async fn api_page(cx: Cx) -> Result<Reply, Problem> {
    let f = cx.frame("app-api");
    let t = f.t.clone();
    let links = vec![Link::new("/api/openapi.json", t.get("app-api-document"))];
    let sheet = Sheet::new(f)
        .add(Block::Lead(t.get("app-api-lead").into_owned()))
        .text(t.get("app-api-session").into_owned())
        .add(Block::Links(links));
    Reply::page(&sheet)
}

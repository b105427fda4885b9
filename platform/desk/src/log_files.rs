//! The public logs over HTTP, exactly as C2SP tlog-tiles lays them out, below `/log/acts` and `/log/access`, and those of
//! a successor below `/log/acts.2` and so on.

use daftar_http::{Cx, Reply, Routes};
use daftar_kernel::Problem;
use daftar_record::Volume;

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.file("GET", "/log/{log}/checkpoint", |cx| async move { serve(&cx, "checkpoint".into()).await });
    routes.file("GET", "/log/{log}/tile/{*tile}", |cx| async move {
        let path = format!("tile/{}", cx.param("tile"));
        serve(&cx, path).await
    });
    routes.file("GET", "/trust/policy", |cx| async move {
        Ok(Reply::new("text/plain; charset=utf-8", cx.site.record.policy_text()))
    });
    // Of every volume, also of those that have a successor: their receipts verify with it.
    routes
        .file("GET", "/trust/policy/{number}", |cx| async move {
            let number = cx.param("number").parse().map_err(|_| Problem::not_found())?;
            let (_, text) = cx.site.record.policy_of(number).ok_or_else(Problem::not_found)?;
            Ok(Reply::new("text/plain; charset=utf-8", text))
        })
        .example("number", "1");
}

async fn serve(cx: &Cx, path: String) -> Result<Reply, Problem> {
    let log = Volume::from_code(cx.param("log")).ok_or_else(Problem::not_found)?;
    let served = cx.site.record.serve(log, &path).await?;
    Ok(Reply::new(served.content_type, served.body)
        .header("cache-control", served.cache_control)
        .header("cross-origin-resource-policy", "cross-origin")
        .header("access-control-allow-origin", "*")
        .status(served.status))
}

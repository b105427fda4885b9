//! Problems as people and programs read them.

use crate::cx::Cx;
use crate::route::RouteKind;
use crate::{Reply, reply};
use daftar_kernel::Problem;
use daftar_kernel::problem::Kind;
use serde_json::json;

/// `Content-Type` of problem details (RFC 9457 §3).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// The answer for a problem: a page, or problem details. The operator's log gets one line with the detail;
/// those who are told to come back share one a second.
#[must_use]
pub fn reply(cx: &Cx, kind: RouteKind, problem: &Problem) -> Reply {
    log(cx, problem);
    let reply = match kind {
        RouteKind::Page if problem.kind == Kind::SignIn && cx.method == "GET" => {
            return Reply::redirect(&format!("/sign-in?next={}", cx.path));
        }
        RouteKind::Page if problem.code == "step-up" && cx.method == "GET" => {
            return Reply::redirect(&format!("/step-up?next={}", cx.path));
        }
        RouteKind::Page => page(cx, problem),
        RouteKind::Api | RouteKind::File => details(cx, problem),
    };
    let reply = if problem.kind == Kind::SignIn { reply.header("www-authenticate", "Bearer") } else { reply };
    match problem.retry_after_seconds {
        Some(seconds) => reply.header("retry-after", seconds.to_string()),
        None => reply,
    }
    .status(problem.kind.status())
}

fn log(cx: &Cx, problem: &Problem) {
    let (code, status) = (problem.code, problem.kind.status());
    // The path is logged by its first part only: the rest may name a person.
    let area = cx.path.split('/').nth(1).unwrap_or_default();
    let detail = problem.detail.as_deref().unwrap_or_default();
    if problem.kind == Kind::Unavailable && problem.retry_after_seconds.is_some() && detail.is_empty() {
        // Nothing failed.
        cx.site.told_to_come_back(area);
    } else if status >= 500 {
        tracing::error!(code, status, area, detail, "request failed");
    } else {
        tracing::debug!(code, status, area, detail, "request refused");
    }
}

fn page(cx: &Cx, problem: &Problem) -> Reply {
    match daftar_ui::problem_page(&cx.frame("ui-problem-title"), problem) {
        Ok(html) => Reply::html(html.as_str()),
        // Even without a template people must learn that it failed.
        Err(_) => {
            let words = cx.texts().problem(problem);
            Reply::new("text/plain; charset=utf-8", format!("{}\n{}\n", words.what, words.next))
        }
    }
}

fn details(cx: &Cx, problem: &Problem) -> Reply {
    let texts = cx.texts();
    let words = texts.problem(problem);
    let mut body = json!({
        "type": format!("/problems/{}", problem.code),
        "title": words.what,
        "status": problem.kind.status(),
        "code": problem.code,
        "detail": words.next,
    });
    if !problem.fields.is_empty() {
        body["errors"] = problem
            .fields
            .iter()
            .map(|fault| json!({ "field": fault.field, "message": texts.get(&fault.message) }))
            .collect();
    }
    match Reply::json(&body) {
        Ok(mut reply) => {
            reply.headers = vec![("content-type", PROBLEM_JSON.to_string())];
            reply
        }
        Err(_) => Reply::new(reply::JSON, "{}"),
    }
}

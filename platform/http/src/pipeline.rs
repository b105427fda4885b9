//! From bytes to handler and back: everything that must hold for every request, in one place and one order.

use crate::cx::{Cx, Params};
use crate::decode::{self, Fields, Upload};
use crate::route::{Access, Route, RouteKind, Routes};
use crate::site::Site;
use crate::{Reply, headers, problem_reply, reply};
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, Response};
use bytes::Bytes;
use daftar_kernel::problem::Kind;
use daftar_kernel::{Actor, Lang, Problem};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// Most requests being worked on at once; further ones are told to come back (503).
pub const MAX_REQUESTS: usize = 1024;
/// Longest path with query, in bytes.
pub const MAX_TARGET_BYTES: usize = 4096;

/// After how many seconds to ask again what rests because electricity is short.
pub const REST_SECONDS: u32 = 600;

/// Cookie of a signed-in session.
pub const SESSION_COOKIE: &str = "daftar_session";
/// Cookie that ties a visitor's forms to their browser before they sign in.
pub const VISIT_COOKIE: &str = "daftar_visit";
/// Cookie of the chosen language.
pub const LANG_COOKIE: &str = "daftar_lang";

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub struct Wire {
    /// Method.
    pub method: Method,
    /// Path, still percent-encoded.
    pub path: String,
    /// Query, still encoded.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Address of the client.
    pub source: IpAddr,
    /// Raw values of the route's parameters.
    pub path_values: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// The limit the body went over.
    pub too_large: Option<usize>,
    /// The body did not arrive whole.
    pub broken: bool,
}

impl Wire {
    /// Everything but the body, and the body as it will come.
    pub fn head(request: Request<Body>) -> (Self, Body) {
        let (head, body) = request.into_parts();
        let peer =
            head.extensions.get::<SocketAddr>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), SocketAddr::ip);
        let wire = Self {
            method: head.method,
            path: head.uri.path().to_string(),
            query: head.uri.query().unwrap_or_default().to_string(),
            headers: head.headers,
            source: peer,
            path_values: Vec::new(),
            body: Bytes::new(),
            too_large: None,
            broken: false,
        };
        (wire, body)
    }
    /// A header's value, when it is visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
    pub(crate) fn accepts_gzip(&self) -> bool {
        self.header("accept-encoding").split(',').any(|coding| coding.trim().starts_with("gzip"))
    }
    fn changes_something(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD)
    }
}

/// All routes and the site they serve.
pub struct Pipeline {
    /// The list of routes.
    pub routes: Routes,
    /// What every handler may use.
    pub site: Arc<Site>,
    places: tokio::sync::Semaphore,
}

impl Pipeline {
    /// A pipeline for these routes.
    #[must_use]
    pub fn new(routes: Routes, site: Arc<Site>) -> Arc<Self> {
        Arc::new(Self { routes, site, places: tokio::sync::Semaphore::new(MAX_REQUESTS) })
    }

    /// Answers one request.
    pub async fn answer(&self, route: Option<&Arc<Route>>, wire: Wire) -> Response<Body> {
        let kind = route.map_or_else(|| kind_of_unknown(&wire.path), |route| route.kind);
        let head_only = wire.method == Method::HEAD;
        let gzip = wire.accepts_gzip();
        let began = self.site.world().now();
        let mut cx = Cx::visitor(Arc::clone(&self.site), &wire, kind);
        let result = match self.places.try_acquire() {
            Err(_) => Err(Problem::unavailable("busy").retry_after(2)),
            Ok(_place) => self.handle(route, &wire, &mut cx).await,
        };
        let mut reply = result.unwrap_or_else(|problem| problem_reply::reply(&cx, kind, &problem));
        if let Some(lang) = cx.chosen_lang.take() {
            reply = reply.cookie(LANG_COOKIE, lang.tag(), Some(31_536_000), self.site.secure);
        }
        if let Some(visit) = cx.new_visit.take() {
            reply = reply.cookie(VISIT_COOKIE, &visit, None, self.site.secure);
        }
        self.site.count_request(reply.status);
        self.site.meter.answered(kind, reply.status, began, self.site.world().now());
        headers::finish(reply, gzip, self.site.secure, head_only)
    }

    /// 405 for a known path asked in another way.
    pub async fn method_not_allowed(&self, wire: &Wire) -> Response<Body> {
        let kind = kind_of_unknown(&wire.path);
        let cx = Cx::visitor(Arc::clone(&self.site), wire, kind);
        let problem = Problem::new(Kind::Method, "method-not-allowed");
        let allow: Vec<&str> = self
            .routes
            .iter()
            .filter(|route| matches_pattern(route.path, &wire.path))
            .map(|route| route.method)
            .collect();
        let reply = problem_reply::reply(&cx, kind, &problem).header("allow", allow.join(", "));
        headers::finish(reply, wire.accepts_gzip(), self.site.secure, wire.method == Method::HEAD)
    }

    async fn handle(&self, route: Option<&Arc<Route>>, wire: &Wire, cx: &mut Cx) -> Result<Reply, Problem> {
        if wire.path.len() + wire.query.len() > MAX_TARGET_BYTES {
            return Err(Problem::new(Kind::TooLarge, "address-too-long"));
        }
        let Some(route) = route else { return Err(Problem::not_found()) };
        if let Some(activity) = route.activity
            && self.site.resting().iter().any(|resting| resting == activity)
        {
            return Err(Problem::unavailable("resting").retry_after(REST_SECONDS));
        }
        if let Some(limit) = wire.too_large {
            return Err(Problem::new(Kind::TooLarge, "body-too-large").arg("limit", limit));
        }
        if wire.broken {
            return Err(Problem::malformed("body-incomplete"));
        }
        cx.query = decode::urlencoded(wire.query.as_bytes())?;
        cx.params = params(wire)?;
        if route.kind != RouteKind::File {
            cx.choose_language();
            if route.access != Access::Partner {
                cx.sign_in_by(wire, route.kind).await?;
            }
            allowed(route.access, cx)?;
        }
        if wire.changes_something() {
            self.read_body(route, wire, cx)?;
        }
        let spare = cx.for_problems();
        (route.handler)(std::mem::replace(cx, spare)).await
    }

    fn read_body(&self, route: &Route, wire: &Wire, cx: &mut Cx) -> Result<(), Problem> {
        let content_type = wire.header("content-type");
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match route.kind {
            RouteKind::File => cx.body = wire.body.clone(),
            RouteKind::Api => {
                if !wire.body.is_empty() && essence != reply::JSON {
                    return Err(Problem::new(Kind::MediaType, "json-expected"));
                }
                cx.body = wire.body.clone();
            }
            RouteKind::Page => {
                (cx.form, cx.uploads) = form(&essence, content_type, &wire.body)?;
                same_site(wire)?;
                if !cx.csrf_matches(cx.form.get("csrf")) {
                    return Err(Problem::forbidden("csrf"));
                }
            }
        }
        Ok(())
    }
}

fn form(essence: &str, content_type: &str, body: &Bytes) -> Result<(Fields, Vec<Upload>), Problem> {
    match essence {
        "application/x-www-form-urlencoded" => Ok((decode::urlencoded(body)?, Vec::new())),
        "multipart/form-data" => {
            let boundary = content_type
                .split(';')
                .find_map(|part| part.trim().strip_prefix("boundary="))
                .map(|boundary| boundary.trim_matches('"'))
                .filter(|boundary| (1..=70).contains(&boundary.len()))
                .ok_or_else(|| Problem::malformed("bad-form"))?;
            decode::multipart(boundary, body)
        }
        _ => Err(Problem::new(Kind::MediaType, "form-expected")),
    }
}

/// A second fence beside the token: browsers say where a form comes from (Fetch Metadata, RFC 6454).
fn same_site(wire: &Wire) -> Result<(), Problem> {
    let refused = || Err(Problem::forbidden("csrf"));
    if !matches!(wire.header("sec-fetch-site"), "" | "same-origin" | "none") {
        return refused();
    }
    let origin = wire.header("origin");
    if origin.is_empty() || origin == "null" {
        return if origin == "null" { refused() } else { Ok(()) };
    }
    let host = origin.split("://").nth(1).unwrap_or_default();
    if host == wire.header("host") { Ok(()) } else { refused() }
}

pub(crate) fn allowed(access: Access, cx: &Cx) -> Result<(), Problem> {
    if matches!(access, Access::Public | Access::Partner) {
        return Ok(());
    }
    let signed_in = !matches!(cx.actor, Actor::Public | Actor::System(_));
    match access {
        _ if !signed_in => Err(Problem::sign_in()),
        Access::Citizen if cx.actor.citizen().is_none() => Err(Problem::forbidden("for-citizens")),
        Access::Official(permission) | Access::StepUp(permission) => {
            cx.need(permission)?;
            if matches!(access, Access::StepUp(_)) && !cx.stepped_up() {
                return Err(Problem::forbidden("step-up"));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn params(wire: &Wire) -> Result<Params, Problem> {
    wire.path_values
        .iter()
        .map(|(name, raw)| {
            // Same decoding as a form's, except that a plus is a plus in a path.
            let fields =
                decode::urlencoded(format!("v={}", raw.replace('+', "%2B").replace('&', "%26")).as_bytes())?;
            Ok((name.clone(), fields.get("v").to_string()))
        })
        .collect::<Result<Vec<_>, Problem>>()
        .map(Params)
}

fn kind_of_unknown(path: &str) -> RouteKind {
    if path.starts_with("/api/") { RouteKind::Api } else { RouteKind::Page }
}

fn matches_pattern(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut actual) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), actual.next()) {
            (None, None) => return true,
            (Some(part), Some(_)) if part.starts_with("{*") => return true,
            (Some(part), Some(_)) if part.starts_with('{') => {}
            (Some(part), Some(value)) if part == value => {}
            _ => return false,
        }
    }
}

/// The language of a visitor: what they chose, else what their browser asks for, else the country's first.
#[must_use]
pub fn negotiate<'a>(
    chosen: Option<&str>,
    accept: &str,
    offered: impl Iterator<Item = &'a Lang> + Clone,
) -> Option<&'a Lang> {
    let find = |tag: &str| {
        let tag = tag.trim();
        let mut any = offered.clone();
        any.find(|lang| lang.tag().eq_ignore_ascii_case(tag))
            .or_else(|| offered.clone().find(|lang| tag.split('-').next() == Some(lang.tag())))
    };
    chosen
        .and_then(|tag| offered.clone().find(|lang| lang.tag() == tag))
        .or_else(|| {
            accept.split(',').take(10).find_map(|item| find(item.split(';').next().unwrap_or_default()))
        })
        .or_else(|| offered.clone().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_negotiation() {
        let offered: Vec<Lang> = ["en", "fr", "ar"].into_iter().filter_map(Lang::parse).collect();
        let pick = |chosen, accept| negotiate(chosen, accept, offered.iter()).map(Lang::tag);
        assert_eq!(pick(Some("ar"), "fr"), Some("ar"));
        assert_eq!(pick(Some("xx"), "fr-CA,fr;q=0.9"), Some("fr"));
        assert_eq!(pick(None, ""), Some("en"));
    }

    #[test]
    fn patterns() {
        assert!(matches_pattern("/a/{x}", "/a/1"));
        assert!(matches_pattern("/log/{*rest}", "/log/a/b"));
        assert!(!matches_pattern("/a/{x}", "/a"));
        assert!(!matches_pattern("/a", "/b"));
    }

    fn wire(headers: &[(&'static str, &'static str)]) -> Wire {
        let mut request = Request::builder().method("POST").uri("/x");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Wire::head(request.body(Body::empty()).unwrap()).0
    }

    #[test]
    fn forms_from_elsewhere_are_refused() {
        assert!(same_site(&wire(&[])).is_ok());
        assert!(same_site(&wire(&[("origin", "http://a:1"), ("host", "a:1")])).is_ok());
        assert!(same_site(&wire(&[("origin", "http://evil"), ("host", "a:1")])).is_err());
        assert!(same_site(&wire(&[("origin", "null"), ("host", "a")])).is_err());
        assert!(same_site(&wire(&[("sec-fetch-site", "cross-site")])).is_err());
    }

    #[test]
    fn parameters_are_decoded_once() {
        let mut wire = wire(&[]);
        wire.path_values = vec![("x".into(), "a%2Fb+c".into())];
        assert_eq!(params(&wire).unwrap().0, [("x".to_string(), "a/b+c".to_string())]);
        wire.path_values = vec![("x".into(), "%00".into())];
        assert!(params(&wire).is_err());
    }
}

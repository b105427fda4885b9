//! Input that wants to lead a visitor elsewhere, start a header of its own, or reach a file: in every path, every question
//! and every form of every route.

use crate::bed::{Bed, Got, escape};
use axum::body::Body;
use daftar_http::reply::is_local;
use daftar_http::{Access, Route, RouteKind};
use daftar_testing::Engine;

/// Values as they stand in an address, already escaped.
const IN_PATHS: [&str; 12] = [
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f%2e%2e%2fdaftar.toml",
    "..%5c..%5cdaftar.db",
    "%0d%0aset-cookie:evil=1",
    "%0d%0a%0d%0a%3cscript%3eevil()%3c%2fscript%3e",
    "%2f%2fevil.example",
    "https:%2f%2fevil.example",
    "%00",
    "%ff%fe",
    "%27%20or%20%271%27=%271",
    "%3cscript%3eevil()%3c%2fscript%3e",
    "-1",
];
/// What is asked of pages, and where one might put an address to go on to.
const NAMES: [&str; 11] =
    ["next", "lang", "before", "look", "page", "q", "name", "return", "redirect", "url", "file"];
const VALUES: [&str; 7] = [
    "//evil.example",
    "https://evil.example/x",
    "/\\evil.example",
    "/\t/evil.example",
    "/x\r\nset-cookie: evil=1",
    "\"><script>evil()</script>",
    "javascript:evil()",
];

/// What no answer may do, whatever was sent.
fn harmless(got: &Got, what: &str) {
    assert!(got.status < 500 || !got.header("retry-after").is_empty(), "{what}: {}", got.status);
    let location = got.header("location");
    assert!(location.is_empty() || is_local(location), "{what} leads to {location}");
    for (name, value) in &got.headers {
        let value = value.to_str().unwrap_or("");
        assert!(!value.contains("evil=1"), "{what}: {name}: {value}");
    }
    let text = got.text();
    assert!(!text.contains("root:x:0") && !text.contains("[record]"), "{what} shows a file");
    if got.header("content-type").starts_with("text/html") {
        for bad in
            ["<script>evil", "=\"//evil", "=\"https://evil", "=\"javascript:", "=\"/\\evil", "=\"/\t/evil"]
        {
            // What was typed may stand in its own box again, where nobody follows it.
            let text = text.replace(&format!("value{bad}"), "");
            assert!(!text.contains(bad), "{what}: the page holds {bad}");
        }
    }
}

fn filled(route: &Route, value: &str) -> String {
    let mut path = String::new();
    for (index, part) in route.path.split('{').enumerate() {
        let rest = if index == 0 { part } else { part.split_once('}').map_or("", |(_, rest)| rest) };
        if index > 0 {
            path.push_str(value);
        }
        path.push_str(rest);
    }
    path
}

/// Somebody who may use the route, so that what is sent reaches its handler.
fn guest(bed: &Bed, access: Access) -> Option<&'static str> {
    match access {
        Access::Public | Access::Partner => Some(""),
        Access::Citizen | Access::SignedIn => Some("amina"),
        Access::Official(permission) | Access::StepUp(permission) => {
            let roster = bed.installation.office.roster();
            let official = crate::bed::OFFICIALS.iter().find(|(_, _, role)| roster.allows(role, permission));
            official.map(|(name, ..)| *name)
        }
    }
}

async fn send(bed: &Bed, route: &Route, path: &str, who: &str, fields: &[(&str, &str)]) -> Got {
    if route.kind == RouteKind::Page && route.method == "POST" {
        return if who.is_empty() {
            as_visitor(bed, path, fields).await
        } else {
            bed.post(path, who, fields).await
        };
    }
    bed.send(bed.request(route.method, path, who).body(Body::empty()).unwrap()).await
}

/// Sends a form as somebody who is not signed in: with the token that belongs to the visit.
async fn as_visitor(bed: &Bed, path: &str, fields: &[(&str, &str)]) -> Got {
    let page = bed.get("/sign-in", "").await;
    let cookie = page.header("set-cookie").split(';').next().unwrap().to_string();
    let text = page.text();
    let mark = "name=\"csrf\" value=\"";
    let token = text[text.find(mark).unwrap() + mark.len()..].split('"').next().unwrap();
    let mut body = format!("csrf={token}");
    for (name, value) in fields {
        body.push_str(&format!("&{}={}", escape(name), escape(value)));
    }
    let request = bed
        .request("POST", path, "")
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded");
    let got = bed.send(request.body(Body::from(body)).unwrap()).await;
    assert_ne!(got.status, 403, "{path}: the form's own token was refused");
    got
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_out_of_the_house() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        let mut tried = 0;
        for route in bed.routes.iter().filter(|route| route.path.contains('{')) {
            let Some(who) = guest(&bed, route.access) else { continue };
            for value in IN_PATHS {
                let path = filled(route, value);
                let got = send(&bed, route, &path, who, &[]).await;
                harmless(&got, &format!("{} {path} as '{who}'", route.method));
                assert!(got.status >= 300, "{} {path} found something: {}", route.method, got.status);
                tried += 1;
            }
        }
        assert!(tried > 400, "only {tried} addresses were tried");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_question_leads_out_of_the_house() {
    let bed = Bed::new(Engine::Sqlite).await;
    let mut tried = 0;
    for route in bed.routes.iter().filter(|route| route.method == "GET") {
        let Some(who) = guest(&bed, route.access) else { continue };
        for value in VALUES {
            let asked: Vec<String> = NAMES.iter().map(|name| format!("{name}={}", escape(value))).collect();
            let path = format!("{}?{}", bed.example(route), asked.join("&"));
            let got = send(&bed, route, &path, who, &[]).await;
            harmless(&got, &format!("GET {path} as '{who}'"));
            tried += 1;
        }
    }
    assert!(tried > 200, "only {tried} questions were asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_leads_out_of_the_house() {
    let bed = Bed::new(Engine::Sqlite).await;
    let mut tried = 0;
    let posts = bed.routes.iter().filter(|route| route.kind == RouteKind::Page && route.method == "POST");
    for route in posts {
        // What ends somebody's sessions would end the walk.
        let ends = ["/sign-out", "/suspend", "/link", "/end"];
        if ends.iter().any(|end| route.path.ends_with(end)) {
            continue;
        }
        let Some(who) = guest(&bed, route.access) else { continue };
        for value in VALUES {
            let fields: Vec<(&str, &str)> = NAMES.iter().map(|name| (*name, value)).collect();
            let got = send(&bed, route, &bed.example(route), who, &fields).await;
            harmless(&got, &format!("POST {} with {value:?} as '{who}'", route.path));
            tried += 1;
        }
    }
    assert!(tried > 150, "only {tried} forms were sent");
}

//! Laws over the route list: nobody passes a door that is not theirs, no change without the form's own token, no input that
//! breaks an answer.

use crate::bed::{Bed, OFFICIALS};
use axum::body::Body;
use daftar_http::route::UPLOAD_BODY_BYTES;
use daftar_http::{Access, RouteKind};
use daftar_testing::Engine;

/// Whether somebody of the test country may pass a route's door.
fn may(bed: &Bed, access: Access, who: &str) -> bool {
    let citizen = matches!(who, "amina" | "bilal");
    match access {
        Access::Public => true,
        Access::SignedIn => !who.is_empty(),
        Access::Citizen => citizen,
        // No person's session opens what is for programs.
        Access::Partner => false,
        Access::Official(permission) | Access::StepUp(permission) => {
            let role = OFFICIALS.iter().find(|(name, _, _)| *name == who).map(|(_, _, role)| *role);
            role.is_some_and(|role| bed.installation.office.roster().allows(role, permission))
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_door_lets_in_whom_it_should_and_nobody_else() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        let everybody = OFFICIALS.iter().map(|(name, _, _)| *name).chain(["", "amina", "bilal"]);
        let mut refused = 0;
        for who in everybody {
            for route in bed.routes.iter() {
                // Signing out is for everybody signed in; doing it would end the walk.
                if route.method == "DELETE" && route.path == "/api/v1/session" && !who.is_empty() {
                    continue;
                }
                let (path, name) =
                    (bed.example(route), format!("{} {} as '{who}'", route.method, route.path));
                // There programs prove who they are, not people: whoever they are, 401 is the answer without a proof.
                if route.kind == RouteKind::File && route.path.starts_with("/openid/") {
                    continue;
                }
                let got = bed.send(bed.request(route.method, &path, who).body(Body::empty()).unwrap()).await;
                if may(&bed, route.access, who) {
                    assert!(!matches!(got.status, 401), "{name}: {}", got.status);
                } else {
                    refused += 1;
                    let to_sign_in = got.status == 303 && got.header("location").starts_with("/sign-in");
                    assert!(
                        matches!(got.status, 401 | 403) || to_sign_in,
                        "{name} was let in: {}",
                        got.status
                    );
                }
                // "Not yet, come back in so many seconds" is an answer; an accident is not.
                let answered = got.status < 500 || !got.header("retry-after").is_empty();
                assert!(answered, "{name}: {} {}", got.status, got.text());
            }
        }
        assert!(refused > 200, "the walk must have met closed doors, and met {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_changes_anything_without_its_token() {
    let bed = Bed::new(Engine::Sqlite).await;
    let everybody: Vec<&str> = OFFICIALS.iter().map(|(name, _, _)| *name).chain(["amina"]).collect();
    let mut tried = 0;
    for route in bed.routes.iter().filter(|route| route.kind == RouteKind::Page && route.method != "GET") {
        let Some(who) = everybody.iter().find(|who| may(&bed, route.access, who)) else { continue };
        tried += 1;
        let wrong = bed.csrf(if *who == "amina" { "bilal" } else { "amina" }).await;
        for body in [String::new(), "csrf=".into(), format!("csrf={wrong}"), "csrf=%00".into()] {
            let request = bed
                .request(route.method, &bed.example(route), who)
                .header("content-type", "application/x-www-form-urlencoded");
            let got = bed.send(request.body(Body::from(body.clone())).unwrap()).await;
            let name = format!("{} {} with '{body}'", route.method, route.path);
            assert!(matches!(got.status, 403 | 400), "{name}: {}", got.status);
        }
        let right = bed.csrf(who).await;
        let request = bed
            .request(route.method, &bed.example(route), who)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", "https://evil.example");
        let got = bed.send(request.body(Body::from(format!("csrf={right}"))).unwrap()).await;
        assert_eq!(got.status, 403, "{} {} from another site", route.method, route.path);
    }
    assert!(tried > 20, "only {tried} forms were tried");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_opens_no_api_and_a_bearer_no_page() {
    let bed = Bed::new(Engine::Sqlite).await;
    let token = &bed.tokens["registrar"];
    for route in bed.routes.iter().filter(|route| route.access != Access::Public) {
        let (name, wrong) = match route.kind {
            RouteKind::Api => ("cookie", format!("daftar_session={token}")),
            _ => ("authorization", format!("Bearer {token}")),
        };
        let request =
            axum::http::Request::builder().method(route.method).uri(bed.example(route)).header(name, wrong);
        let got = bed.send(request.body(Body::empty()).unwrap()).await;
        assert!(matches!(got.status, 401 | 303), "{} {}: {}", route.method, route.path, got.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_input_gets_an_answer_and_never_an_accident() {
    let bed = Bed::new(Engine::Sqlite).await;
    let bodies: [(&str, Vec<u8>); 8] = [
        ("application/x-www-form-urlencoded", b"a=%ff%fe&csrf=x".to_vec()),
        ("application/x-www-form-urlencoded", "a=1&".repeat(5000).into_bytes()),
        ("application/json", b"{\"a\":".to_vec()),
        ("application/json", [b"[".repeat(20_000), b"]".repeat(20_000)].concat()),
        ("application/json", b"\xff\xfe".to_vec()),
        ("multipart/form-data; boundary=x", b"--x\r\nnothing".to_vec()),
        ("text/xml", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>".to_vec()),
        ("", vec![0; 1000]),
    ];
    for route in bed.routes.iter() {
        for (content_type, body) in &bodies {
            let request = bed
                .request(route.method, &bed.example(route), "senior")
                .header("content-type", *content_type);
            let got = bed.send(request.body(Body::from(body.clone())).unwrap()).await;
            assert!(got.status < 500, "{} {} with {content_type}: {}", route.method, route.path, got.status);
        }
        let long = format!("{}?{}", bed.example(route), "x".repeat(5000));
        let got = bed.get(&long, "senior").await;
        assert!(matches!(got.status, 413 | 405), "{} with a long address: {}", route.path, got.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_past_the_limit_are_refused_and_those_at_it_are_read() {
    let bed = Bed::new(Engine::Sqlite).await;
    let route = bed.routes.iter().find(|route| route.path == "/api/v1/people").unwrap();
    for (size, status) in [(route.body_bytes, 400), (route.body_bytes + 1, 413)] {
        let request = bed.request("POST", route.path, "registrar").header("content-type", "application/json");
        let got = bed.send(request.body(Body::from(vec![b'x'; size])).unwrap()).await;
        assert_eq!(got.status, status, "{size} bytes");
    }
    let form =
        bed.routes.iter().find(|route| route.path == "/people/register/{draft}/{page}").map(|r| r.body_bytes);
    assert!(form.is_some());
    assert!(bed.routes.iter().any(|route| route.body_bytes == UPLOAD_BODY_BYTES));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_locked_down_and_free_of_inline_code() {
    let bed = Bed::new(Engine::Sqlite).await;
    let mut pages = 0;
    for route in bed.routes.iter().filter(|route| route.method == "GET") {
        for who in ["", "amina", "registrar", "administrator"] {
            let got = bed.get(&bed.example(route), who).await;
            let policy = got.header("content-security-policy");
            assert!(
                policy.contains("default-src 'none'") && !policy.contains("unsafe"),
                "{}: {policy}",
                route.path
            );
            assert_eq!(got.header("x-content-type-options"), "nosniff", "{}", route.path);
            if got.header("content-type").starts_with("text/html") {
                pages += 1;
                let html = got.text();
                for inline in ["<script>", " style=", " onclick=", " onload=", "javascript:"] {
                    assert!(!html.contains(inline), "{} has {inline}", route.path);
                }
                assert!(!html.contains('⟦'), "{} as '{who}' lacks a text: {}", route.path, lacking(&html));
            }
        }
    }
    assert!(pages > 50, "only {pages} pages were seen");
}

fn lacking(html: &str) -> String {
    html.split('⟦').skip(1).filter_map(|rest| rest.split('⟧').next()).collect::<Vec<_>>().join(", ")
}

#[test]
fn routes_name_only_declared_permissions_and_are_there_once() {
    let routes = daftar::serving::routes();
    let declared = daftar::installation::permissions();
    let mut seen = std::collections::BTreeSet::new();
    for route in routes.iter() {
        if let Some(permission) = route.access.permission() {
            assert!(
                declared.iter().any(|known| known.code == permission),
                "{} needs '{permission}'",
                route.path
            );
        }
        assert!(seen.insert((route.method, route.path)), "{} {} twice", route.method, route.path);
        let named: Vec<&str> = route.examples.iter().map(|(name, _)| *name).collect();
        for parameter in daftar_http::openapi::path_parameters(route.path) {
            let fixed = matches!(parameter, "log" | "tile" | "file");
            assert!(fixed || named.contains(&parameter), "{}: no example for {parameter}", route.path);
        }
    }
}

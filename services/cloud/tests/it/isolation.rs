//! Identifiers of one agency open nothing for another, on any route: in each place of its path, and in what is sent.

use crate::bed::{Bed, on_each};
use crate::story::web;
use crate::tokens::token;
use daftar_cloud::resource::Wanted;
use daftar_http::openapi::path_parameters;
use daftar_http::{Access, RouteKind};
use daftar_kernel::Id;
use serde_json::json;

/// Everything of a project that has an identifier.
async fn identifiers(bed: &Bed, project: Id, who: &str) -> Vec<(&'static str, Id)> {
    let who = bed.who(who).await;
    let cloud = &bed.cloud;
    let network = cloud.order_network(&who, project, ("inside", false), &bed.key()).await.unwrap().id;
    let volume = cloud.order_volume(&who, project, ("data", 1024), &bed.key()).await.unwrap().id;
    let instance = cloud.order_instance(&who, project, &web("web"), &bed.key()).await.unwrap().id;
    let snapshot = cloud.order_snapshot(&who, (project, volume), "kept", &bed.key()).await.unwrap().id;
    let token = cloud.make_token(&who, ("secret-label", true), 3600, &bed.key()).await.unwrap().token.id;
    bed.settle().await;
    vec![
        ("project", project),
        ("network", network),
        ("volume", volume),
        ("instance", instance),
        ("snapshot", snapshot),
        ("resource", instance),
        ("member", who.official.id),
        ("token", token),
    ]
}

/// A path with each identifier in its place; `own` stands for the project, when one is given.
fn fill(path: &str, ids: &[(&'static str, Id)], own: Option<Id>) -> String {
    path_parameters(path).fold(path.to_string(), |filled, name| {
        let found = ids.iter().find(|(known, _)| *known == name).map(|(_, id)| *id);
        let id = if name == "project" { own.or(found) } else { found };
        filled.replace(&format!("{{{name}}}"), &id.unwrap_or(Id::from_bytes([9; 16])).to_string())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn swapped_identifiers_open_nothing_on_any_route() {
    on_each(async |bed: Bed| {
        let theirs = bed.project("hana", "Secret of the hospital").await;
        let ids = identifiers(&bed, theirs, "hana").await;
        let own = bed.project("sami", "Census").await;
        let before = bed.cloud.room(&bed.who("hana").await, theirs).await.unwrap();
        // A stranger of another agency, and a colleague who is no member.
        let mut tried = 0;
        for (stranger, project) in [("sami", Some(own)), ("sami", None), ("omar", None)] {
            let secret = token(&bed, stranger, true).await;
            for route in bed.routes.iter().filter(|route| route.path.contains("/cloud/")) {
                if path_parameters(route.path).next().is_none()
                    || route.access.permission() == Some("cloud.engine.operate")
                {
                    continue;
                }
                let path = fill(route.path, &ids, project);
                // His own room is his; what is swapped is the thing in it.
                if project.is_some() && path_parameters(route.path).count() < 2 {
                    continue;
                }
                let got = match route.kind {
                    RouteKind::Page if route.method == "GET" => bed.get(&path, stranger).await,
                    RouteKind::Page => {
                        let of = ids[3].1.to_string();
                        let fields = [
                            ("name", "mine"),
                            ("size", "small"),
                            ("image", "busybox"),
                            ("of", &of),
                            ("command", "id"),
                            ("login", "omar"),
                            ("part", "owner"),
                            ("protocol", "tcp"),
                            ("instances", "9"),
                            ("reason", "x"),
                        ];
                        bed.post(&path, stranger, &fields).await
                    }
                    _ => {
                        let bearer =
                            if route.access == Access::Partner { &secret } else { &bed.tokens[stranger] };
                        let body = body(route.path, &ids);
                        let key = bed.key();
                        bed.api(route.method, &path, bearer, (&key, body)).await
                    }
                };
                tried += 1;
                let name = format!("{} {path} as {stranger}", route.method);
                assert!(matches!(got.status, 404 | 403 | 422), "{name}: {} {}", got.status, got.body);
                for word in ["Secret of the hospital", "secret-label", "10.64."] {
                    assert!(!got.body.contains(word), "{name} tells {word}");
                }
            }
        }
        assert!(tried > 100, "only {tried} were tried");
        bed.settle().await;
        let after = bed.cloud.room(&bed.who("hana").await, theirs).await.unwrap();
        assert_eq!(before, after, "nothing of hers has changed");
        assert!(after.resources.iter().all(|one| one.wanted != Wanted::Gone));
        let tokens = bed.cloud.tokens(&bed.who("hana").await).await.unwrap();
        assert!(tokens.iter().any(|token| token.label == "secret-label"));
    })
    .await;
}

/// A body that would do something, did the door open: with identifiers of the other agency in it.
fn body(path: &str, ids: &[(&'static str, Id)]) -> serde_json::Value {
    let of = ids.iter().find(|(name, _)| *name == "volume").unwrap().1;
    let last = path.rsplit('/').next().unwrap();
    match last {
        "instances" => json!({"name": "mine", "size": "small", "image": "busybox",
            "volumes": [{"volume": of, "folder": "/data"}]}),
        "networks" => json!({"name": "mine"}),
        "volumes" => json!({"name": "mine", "size_mib": 1024}),
        "snapshots" => json!({"name": "mine", "of": of}),
        "members" => json!({"login": "omar", "part": "owner"}),
        "quota" => json!({"quota": {"instances": 9}, "reason": "x"}),
        "running" => json!({"running": false}),
        "size" if path.contains("volumes") => json!({"size_mib": 4096}),
        "size" => json!({"size": "medium"}),
        "command" => json!({"command": ["id"]}),
        "rules" => json!({"rules": []}),
        _ => serde_json::Value::Null,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_agencys_things_cannot_be_attached_or_kept() {
    on_each(async |bed: Bed| {
        let theirs = bed.project("hana", "Hospital").await;
        let ids = identifiers(&bed, theirs, "hana").await;
        let own = bed.project("sami", "Census").await;
        let who = bed.who("sami").await;
        let id = |name: &str| ids.iter().find(|(known, _)| *known == name).unwrap().1;
        let order = daftar_cloud::instance::NewInstance { networks: vec![id("network")], ..web("a") };
        let refused = bed.cloud.order_instance(&who, own, &order, &bed.key()).await.unwrap_err();
        assert_eq!(refused.fields[0].field, "networks");
        let volumes = vec![(id("volume"), "/data".to_string())];
        let order = daftar_cloud::instance::NewInstance { volumes, ..web("b") };
        let refused = bed.cloud.order_instance(&who, own, &order, &bed.key()).await.unwrap_err();
        assert_eq!(refused.fields[0].field, "volumes");
        let kept = bed.cloud.order_snapshot(&who, (own, id("volume")), "c", &bed.key()).await.unwrap_err();
        assert_eq!(kept.code, "not-found");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_refused_every_change() {
    on_each(async |bed: Bed| {
        let project = bed.project("hana", "Read only").await;
        let ids = identifiers(&bed, project, "hana").await;
        let hana = bed.who("hana").await;
        // One reads by part, the other by role besides.
        for (reader, part) in [("omar", "reader"), ("rita", "owner")] {
            let part = daftar_cloud::member::Part::from_word(part).unwrap();
            bed.cloud.set_member(&hana, project, (reader, part), &bed.key()).await.unwrap();
        }
        let before = bed.cloud.room(&hana, project).await.unwrap();
        let mut refused = 0;
        for reader in ["omar", "rita"] {
            let may_change = reader == "omar";
            let secret = token(&bed, reader, may_change).await;
            for route in bed.routes.iter().filter(|route| route.path.contains("/cloud/projects/{project}")) {
                let path = fill(route.path, &ids, None);
                let of = ids[2].1.to_string();
                let fields = [
                    ("name", "mine"),
                    ("size", "small"),
                    ("image", "busybox"),
                    ("of", &of),
                    ("command", "id"),
                    ("login", "sami"),
                    ("part", "owner"),
                    ("protocol", "tcp"),
                    ("instances", "9"),
                    ("reason", "x"),
                ];
                let key = bed.key();
                let got = match (route.kind, route.method) {
                    (RouteKind::Page, "GET") => bed.get(&path, reader).await,
                    (RouteKind::Page, _) => bed.post(&path, reader, &fields).await,
                    (_, method) => bed.api(method, &path, &secret, (&key, body(route.path, &ids))).await,
                };
                let name = format!("{} {path} as {reader}", route.method);
                // Forms that only a change follows are closed to readers too.
                let form = route.path.ends_with("/new") || route.path.ends_with("/quota");
                if route.method == "GET" && !form {
                    assert_eq!(got.status, 200, "{name}: {}", got.body);
                } else {
                    refused += 1;
                    assert!(matches!(got.status, 403 | 422), "{name}: {} {}", got.status, got.body);
                }
            }
        }
        assert!(refused > 60, "only {refused} were refused");
        bed.settle().await;
        assert_eq!(before, bed.cloud.room(&hana, project).await.unwrap());
    })
    .await;
}

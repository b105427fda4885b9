//! Tokens of programs: what they open, how long, and that they end.

use crate::bed::{Bed, on_each};
use daftar_cloud::token::SECONDS_MAX;
use daftar_office::Proven;
use serde_json::{Value, json};

/// A token of somebody's.
pub async fn token(bed: &Bed, who: &str, may_change: bool) -> String {
    let who = bed.who(who).await;
    bed.cloud.make_token(&who, ("test", may_change), 3600, &bed.key()).await.unwrap().secret
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_does_the_whole_story_with_a_token() {
    on_each(async |bed: Bed| {
        let session = bed.tokens["hana"].clone();
        let body = json!({"label": "deploy", "may_change": true, "seconds": 3600});
        let made = bed.api("POST", "/api/v1/cloud/tokens", &session, ("k1", body.clone())).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let token = made.json()["secret"].as_str().unwrap().to_string();
        let again = bed.api("POST", "/api/v1/cloud/tokens", &session, ("k1", body)).await;
        assert_eq!(again.outcome(), "409 cloud-key-used", "a secret is told once");
        let call = async |method: &str, path: &str, body: Value| {
            let key = if method == "GET" { String::new() } else { bed.key() };
            bed.api(method, &format!("/api/v1/cloud{path}"), &token, (&key, body)).await
        };
        let offers = call("GET", "/catalogue", Value::Null).await.json();
        assert_eq!(
            (&offers["engine"]["simulated"], &offers["prices"]["vcpu_hour"]),
            (&json!(true), &json!("0.012000"))
        );
        let project = call("POST", "/projects", json!({"name": "By program"})).await.json()["id"].clone();
        let room = format!("/projects/{}", project.as_str().unwrap());
        let order = json!({"name": "web", "size": "small", "image": "busybox"});
        let made = call("POST", &format!("{room}/instances"), order).await;
        assert_eq!(made.status, 201, "{}", made.body);
        bed.settle().await;
        let seen = call("GET", &room, Value::Null).await.json();
        assert_eq!(seen["resources"][0]["observed"], "running", "{seen}");
        let instance = format!("{room}/instances/{}", made.json()["id"].as_str().unwrap());
        let said = call("POST", &format!("{instance}/command"), json!({"command": ["uname", "-a"]})).await;
        assert_eq!(said.status, 200, "{}", said.body);
        let network = call("POST", &format!("{room}/networks"), json!({"name": "inside"})).await.json();
        let rules = format!("{room}/networks/{}/rules", network["id"].as_str().unwrap());
        let rule = json!({"incoming": true, "protocol": "tcp", "ports": "443"});
        assert_eq!(call("PUT", &rules, json!({"rules": [rule]})).await.status, 201);
        assert_eq!(call("PUT", &rules, json!({"rules": [rule, rule]})).await.outcome(), "422 cloud-entry");
        assert_eq!(call("PUT", &format!("{instance}/running"), json!({"running": false})).await.status, 201);
        let path = format!("{room}/resources/{}", made.json()["id"].as_str().unwrap());
        assert_eq!(call("DELETE", &path, Value::Null).await.status, 201);
        bed.settle().await;
        let seen = call("GET", &room, Value::Null).await.json();
        assert_eq!(seen["resources"].as_array().unwrap().len(), 1, "{seen}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_end_by_time_by_hand_and_with_their_officials_work() {
    on_each(async |bed: Bed| {
        let who = bed.who("hana").await;
        for (seconds, good) in [(59, false), (60, true), (SECONDS_MAX, true), (SECONDS_MAX + 1, false)] {
            let made = bed.cloud.make_token(&who, ("limits", true), seconds, &bed.key()).await;
            assert_eq!(made.is_ok(), good, "{seconds} seconds");
        }
        let projects = "/api/v1/cloud/projects";
        let ask = async |token: &str| bed.api("GET", projects, token, ("", Value::Null)).await.outcome();
        for bad in ["", "x", &"0".repeat(64), &bed.tokens["hana"]] {
            assert_eq!(ask(bad).await, "401 cloud-token", "{bad}");
        }
        let reads = token(&bed, "hana", false).await;
        assert_eq!(ask(&reads).await, "200");
        let change = bed.api("POST", projects, &reads, ("k", json!({"name": "x"}))).await;
        assert_eq!(change.outcome(), "403 cloud-token-reads");
        let no_session = bed.api("GET", "/api/v1/cloud/tokens", &reads, ("", Value::Null)).await;
        assert_eq!(no_session.status, 401, "a token makes and lists no tokens");

        let revoked = bed.cloud.make_token(&who, ("revoked", true), 3600, &bed.key()).await.unwrap();
        let own = format!("/cloud/tokens/{}/revoke", revoked.token.id);
        assert_eq!(bed.post(&own, "sami", &[]).await.status, 404, "somebody else's");
        assert_eq!(ask(&revoked.secret).await, "200");
        assert_eq!(bed.post(&own, "hana", &[]).await.status, 303);
        assert_eq!(ask(&revoked.secret).await, "401 cloud-token");
        assert_eq!(bed.post(&own, "hana", &[]).await.status, 404, "it is revoked");

        let (office, account) = (bed.cloud.office().clone(), bed.accounts["omar"]);
        let omar = token(&bed, "omar", true).await;
        assert_eq!(ask(&omar).await, "200");
        bed.store
            .write(move |tx| {
                let office = office.clone();
                Box::pin(async move { office.suspend(tx, &Proven::system("test"), account).await })
            })
            .await
            .unwrap();
        assert_eq!(ask(&omar).await, "401 cloud-token", "its official is suspended");
        bed.store.clock.advance_seconds(3600);
        assert_eq!(ask(&reads).await, "401 cloud-token", "its hour is over");
        bed.store.clock.advance_seconds(2 * SECONDS_MAX);
        assert!(bed.cloud.sweep_tokens().await.unwrap() > 0);
    })
    .await;
}

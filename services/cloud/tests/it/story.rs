//! The first story: a project, a computer from the catalogue, used, stopped, removed; over HTTP, on both databases.

use crate::bed::{Bed, on_each, reserved};
use daftar_cloud::instance::NewInstance;
use daftar_cloud::meter::check::{Verdict, bound, check};
use daftar_cloud::meter::ledger;
use daftar_cloud::meter::usage::Correction;
use transparency_log::policy::Policy;
use transparency_log::receipt::Receipt;

/// An order that the catalogue can fill.
pub fn web(name: &str) -> NewInstance {
    NewInstance { name: name.into(), size: "small".into(), image: "busybox".into(), ..NewInstance::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_official_orders_a_computer_uses_it_and_removes_it() {
    on_each(async |mut bed: Bed| {
        let begun = bed.post("/cloud/new", "hana", &[("name", "Hospital appointments")]).await;
        let room = begun.location().to_string();
        assert!(begun.status == 303 && room.starts_with("/cloud/projects/"), "{}", begun.body);
        let project = room.rsplit('/').next().unwrap().parse().unwrap();
        assert!(bed.get("/cloud", "hana").await.body.contains("Hospital appointments"));
        let page = bed.get(&room, "hana").await.body;
        assert!(
            page.contains("simulator") && page.contains("<meter"),
            "every page says that it is a simulator"
        );

        let form = bed.get(&format!("{room}/instances/new"), "hana").await.body;
        assert!(form.contains("value=\"small\"") && form.contains("value=\"busybox\""));
        let wrong = bed.post(&format!("{room}/instances"), "hana", &[("name", "Web")]).await;
        assert!(wrong.status == 422 && wrong.body.contains("href=\"#size\""), "{}", wrong.body);
        let fields = [("name", "web"), ("size", "small"), ("image", "busybox")];
        let ordered = bed.post(&format!("{room}/instances"), "hana", &fields).await;
        let instance = ordered.location().to_string();
        assert_eq!(ordered.status, 303, "{}", ordered.body);
        assert!(bed.get(&instance, "hana").await.body.contains("Under way"));
        assert_eq!(reserved(&bed.store, project).await["memory_mib"], (512, 512));
        bed.settle().await;
        assert!(bed.get(&instance, "hana").await.body.contains("Runs"));
        assert_eq!(bed.engine.running(project).await.len(), 1);

        // Two minutes on the meter, and the bill of them.
        for _ in 0..2 {
            assert!(bed.cloud.sample().await.unwrap());
            bed.store.clock.advance_seconds(60);
        }
        let bill = bed.get("/cloud/bill", "hana").await.body;
        assert!(bill.contains("0.03") && bill.contains("invoice.json"), "{bill}");
        let month = bill.split_once("/cloud/bill/").unwrap().1.split('/').next().unwrap();
        let mut files = Vec::new();
        for name in ["usage.jsonl", "prices.toml", "invoice.json"] {
            let got = bed.get(&format!("/cloud/bill/{month}/{name}"), "hana").await;
            assert_eq!(got.status, 200, "{name}: {}", got.body);
            files.push(got.body);
        }
        let verdict = check(&files[0], &files[1], &files[2]);
        assert_eq!(verdict, Ok(Verdict::Equal), "it recomputes to the last digit");
        let other = bed.get("/cloud/bill", "sami").await.body;
        assert!(!other.contains("0.03"), "another agency's bill is its own: {other}");

        past_bills(&mut bed, month, &files).await;

        let said = bed.post(&format!("{instance}/command"), "hana", &[("command", "uname -a")]).await;
        assert!(said.status == 200 && said.body.contains("Exit status"), "{}", said.body);
        let stopped = bed.post(&format!("{instance}/stop"), "hana", &[]).await;
        assert_eq!(stopped.status, 303, "{}", stopped.body);
        let early = bed.post(&format!("{instance}/command"), "hana", &[("command", "uname -a")]).await;
        assert_eq!(early.status, 409, "it is being stopped");
        bed.settle().await;
        assert!(bed.get(&instance, "hana").await.body.contains("Stopped"));
        let larger = bed.post(&format!("{instance}/size"), "hana", &[("size", "medium")]).await;
        assert_eq!(larger.status, 303, "{}", larger.body);
        bed.settle().await;
        assert_eq!(reserved(&bed.store, project).await["memory_mib"], (2048, 2048));

        assert_eq!(bed.post(&format!("{room}/close"), "hana", &[]).await.status, 409, "it is not empty");
        assert_eq!(bed.post(&format!("{instance}/remove"), "hana", &[]).await.status, 303);
        assert_eq!(reserved(&bed.store, project).await["memory_mib"], (2048, 2048), "until it is gone");
        bed.settle().await;
        assert_eq!(bed.get(&instance, "hana").await.status, 404);
        assert!(reserved(&bed.store, project).await.values().all(|one| *one == (0, 0)));
        assert_eq!(bed.post(&format!("{room}/close"), "hana", &[]).await.status, 303);
        assert_eq!(bed.get(&room, "hana").await.status, 404);
        bed.cloud.round(false).await.unwrap().unwrap();
        assert_eq!(daftar_cloud::engine::Engine::projects(&bed.engine.inner).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_members_hold() {
    on_each(async |bed: Bed| {
        let project = bed.project("hana", "Laboratory").await;
        let room = format!("/cloud/projects/{project}");
        // Nobody who is no member learns that it is there: not a colleague, not another agency.
        for stranger in ["omar", "rita", "sami"] {
            assert_eq!(bed.get(&room, stranger).await.status, 404, "{stranger}");
        }
        assert_eq!(bed.get(&room, "clerk").await.status, 403, "whose role has nothing to do with the cloud");
        let members = format!("{room}/members");
        let other = bed.post(&members, "hana", &[("login", "sami"), ("part", "reader")]).await;
        assert_eq!(other.status, 422, "another agency's official");
        for (login, part) in [("omar", "reader"), ("rita", "owner")] {
            assert_eq!(bed.post(&members, "hana", &[("login", login), ("part", part)]).await.status, 303);
        }
        let fields = [("name", "web"), ("size", "small"), ("image", "busybox")];
        let orders = format!("{room}/instances");
        for reader in ["omar", "rita"] {
            assert_eq!(bed.get(&room, reader).await.status, 200, "{reader}");
            assert_eq!(bed.post(&orders, reader, &fields).await.status, 403, "{reader} reads only");
            assert_eq!(bed.get(&format!("{orders}/new"), reader).await.status, 403, "{reader}");
        }
        assert_eq!(bed.post(&members, "hana", &[("login", "omar"), ("part", "operator")]).await.status, 303);
        assert_eq!(bed.post(&orders, "omar", &fields).await.status, 303);
        assert_eq!(bed.post(&format!("{room}/close"), "omar", &[]).await.status, 403);
        let own = format!("{members}/{}/remove", bed.accounts["rita"]);
        assert_eq!(bed.post(&own, "hana", &[]).await.status, 303);
        let last = bed.post(&members, "hana", &[("login", "hana"), ("part", "reader")]).await;
        assert_eq!(last.status, 409, "one owner stays");
    })
    .await;
}

/// The month ends: its bill is made once, its files stay what they are whatever happens to prices and meter, and the public
/// record holds their hashes.
async fn past_bills(bed: &mut Bed, month: &str, before: &[String]) {
    assert_eq!(bed.cloud.issue_bills().await.unwrap(), 0, "the month is not over");
    assert_eq!(bed.get(&format!("/cloud/bill/{month}/receipt.json"), "hana").await.status, 404);
    bed.store.clock.advance_seconds(35 * 86_400);
    bed.sign_in().await;
    let made = futures_util::future::join_all((0..4).map(|_| bed.cloud.issue_bills())).await;
    let made: usize = made.into_iter().map(|one| one.unwrap_or(0)).sum();
    assert_eq!(made, 1, "one agency used something, and four nodes bill it once");
    assert!(bed.get("/cloud/bill", "hana").await.body.contains(&format!("/cloud/bill/{month}\"")));
    let page = bed.get(&format!("/cloud/bill/{month}"), "hana").await.body;
    assert!(page.contains("Issued") && page.contains("0.03") && page.contains("receipt.json"), "{page}");

    let this = month.parse().unwrap();
    let late =
        Correction { correction: bed.store.store().world().id(), minor: -5, reason: "too late".into() };
    let added = bed.store.write(move |tx| {
        let late = late.clone();
        Box::pin(async move { ledger::correct(tx, "health", this, &late, "auditor").await })
    });
    assert!(!added.await.unwrap(), "what was billed is corrected in a later month");
    bed.cloud.sample().await.unwrap();
    let mut files = Vec::new();
    for name in ["usage.jsonl", "prices.toml", "invoice.json"] {
        files.push(bed.get(&format!("/cloud/bill/{month}/{name}"), "hana").await.body);
    }
    assert_ne!(files[0], before[0], "the rest of the month was not counted, and says so");
    assert_eq!(check(&files[0], &files[1], &files[2]), Ok(Verdict::Equal));
    while bed.cloud.office().record().sequence_once().await.unwrap().more {}
    let receipt = bed.get(&format!("/cloud/bill/{month}/receipt.json"), "hana").await.body;
    let receipt = Receipt::parse(receipt.as_bytes()).unwrap();
    let policy = Policy::parse(bed.cloud.office().record().policy_text().as_bytes()).unwrap();
    let entry = receipt.verify(&policy).unwrap().entry.json;
    assert_eq!(bound(&entry, &files[0], &files[1], &files[2]), [""; 0]);
    assert_eq!(bed.get(&format!("/cloud/bill/{month}/receipt.json"), "sami").await.status, 404);
}

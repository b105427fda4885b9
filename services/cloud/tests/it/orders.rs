//! What needs two officials: a size that the catalogue keeps back, and a larger quota.

use crate::bed::{Bed, on_each};
use crate::story::web;
use daftar_cloud::instance::NewInstance;
use daftar_cloud::measure::{Amounts, Measure};
use daftar_cloud::order::State;

/// Both officials approve, and one of them carries it out; answers how that ended.
async fn decide(bed: &Bed, approval: daftar_kernel::Id) -> u16 {
    let path = format!("/desk/approvals/{approval}");
    for who in ["dana", "emil"] {
        let page = bed.get(&path, who).await.body;
        let digest = page.split_once("name=\"digest\" value=\"").expect("a form to approve").1;
        let digest = digest.split('"').next().unwrap().to_string();
        let voted = bed.post(&format!("{path}/approve"), who, &[("digest", &digest)]).await;
        assert_eq!(voted.status, 303, "{}", voted.body);
    }
    bed.post(&format!("{path}/execute"), "dana", &[]).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officials_let_a_quota_grow_and_a_large_size_through() {
    on_each(async |bed: Bed| {
        let project = bed.project("hana", "Grows").await;
        let who = bed.who("hana").await;
        let large = NewInstance { size: "large".into(), ..web("big") };
        let waits = bed.cloud.order_instance(&who, project, &large, &bed.key()).await.unwrap();
        assert!(waits.waits);
        bed.store.clock.advance_seconds(1);
        let room = format!("/cloud/projects/{project}");
        let wrong =
            bed.post(&format!("{room}/quota"), "hana", &[("instances", "1000"), ("reason", "More")]).await;
        assert!(wrong.status == 422 && wrong.body.contains("href=\"#instances\""), "{}", wrong.body);
        let fields =
            [("vcpus", "32"), ("memory_mib", "64"), ("disk_mib", "200"), ("reason", "Three more hospitals")];
        let asked = bed.post(&format!("{room}/quota"), "hana", &fields).await;
        assert_eq!(asked.status, 303, "{}", asked.body);
        let orders = bed.cloud.orders(&who, project).await.unwrap();
        let (quota, instance) = (&orders[0], &orders[1]);
        assert_eq!((quota.kind.as_str(), instance.kind.as_str()), ("quota", "instance"));
        // Those who order do not decide, and see nothing of how it is decided.
        assert_eq!(bed.get(&format!("/desk/approvals/{}", quota.approval), "hana").await.status, 403);
        let page = bed.get(&format!("/desk/approvals/{}", quota.approval), "dana").await.body;
        assert!(
            page.contains("Three more hospitals") && page.contains(" GiB") && page.contains("Grows"),
            "{page}"
        );

        assert_eq!(decide(&bed, instance.approval).await, 422, "the quota does not reach yet");
        assert_eq!(decide(&bed, quota.approval).await, 303);
        let executed = bed.post(&format!("/desk/approvals/{}/execute", instance.approval), "emil", &[]).await;
        assert_eq!(executed.status, 303, "{}", executed.body);
        bed.settle().await;
        assert_eq!(bed.engine.running(project).await.len(), 1);
        let orders = bed.cloud.orders(&who, project).await.unwrap();
        assert!(orders.iter().all(|order| order.state == State::Done));
        assert!(bed.get(&format!("{room}/orders"), "hana").await.body.contains("Carried out"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_official_is_not_two_and_an_altered_order_is_nobodys() {
    on_each(async |bed: Bed| {
        let project = bed.project("hana", "Altered").await;
        let who = bed.who("hana").await;
        let wish = Amounts::of([(Measure::Instances, 9)]);
        bed.cloud.ask_for_quota(&who, project, (&wish, "More"), &bed.key()).await.unwrap();
        let order = bed.cloud.orders(&who, project).await.unwrap().remove(0);
        let path = format!("/desk/approvals/{}", order.approval);
        let page = bed.get(&path, "dana").await.body;
        let digest =
            page.split_once("name=\"digest\" value=\"").unwrap().1.split('"').next().unwrap().to_string();
        for (who, status) in [("dana", 303), ("dana", 409), ("hana", 403)] {
            let voted = bed.post(&format!("{path}/approve"), who, &[("digest", &digest)]).await;
            assert_eq!(voted.status, status, "{who}: {}", voted.body);
        }
        assert_eq!(bed.post(&format!("{path}/execute"), "dana", &[]).await.status, 409, "one vote");
        let approval = order.approval;
        bed.store
            .write(move |tx| {
                Box::pin(async move {
                    let text = daftar_store::sql!(
                        "update office_approval set payload = replace(payload, '9', '8') where id = $1"
                    );
                    tx.execute(text, &daftar_store::params![approval]).await
                })
            })
            .await
            .unwrap();
        assert_eq!(bed.get(&path, "emil").await.status, 409, "altered");
        let orders = bed.cloud.orders(&who, project).await.unwrap();
        assert_eq!(orders[0].state, State::Refused, "nobody carries it out");
    })
    .await;
}

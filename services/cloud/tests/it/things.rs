//! Networks with rules, volumes, snapshots: ordered, changed, in each other's way, removed.

use crate::bed::{Bed, on_each, reserved};
use crate::story::web;
use daftar_cloud::engine::Engine;
use daftar_cloud::instance::NewInstance;

#[tokio::test(flavor = "multi_thread")]
async fn networks_volumes_and_snapshots_stand_on_each_other() {
    on_each(async |bed: Bed| {
        let project = bed.project("hana", "Things").await;
        let room = format!("/cloud/projects/{project}");
        let network = bed.post(&format!("{room}/networks"), "hana", &[("name", "inside")]).await;
        let volume = bed.post(&format!("{room}/volumes"), "hana", &[("name", "data"), ("size", "1")]).await;
        assert_eq!((network.status, volume.status), (303, 303), "{}{}", network.body, volume.body);
        let (network, volume) = (network.location().to_string(), volume.location().to_string());
        let wrong =
            bed.post(&format!("{network}/rules"), "hana", &[("protocol", "tcp"), ("ports", "x")]).await;
        assert!(wrong.status == 422 && wrong.body.contains("href=\"#ports\""), "{}", wrong.body);
        let rule = [("direction", "in"), ("protocol", "tcp"), ("peer", "10.64.9.0/24"), ("ports", "443")];
        assert_eq!(bed.post(&format!("{network}/rules"), "hana", &rule).await.status, 303);
        assert!(bed.get(&network, "hana").await.body.contains("10.64.9.0/24"));

        let id = |path: &str| path.rsplit('/').next().unwrap().parse().unwrap();
        let order = NewInstance {
            networks: vec![id(&network)],
            volumes: vec![(id(&volume), "/data".into())],
            ..web("web")
        };
        let who = bed.who("hana").await;
        let made = bed.cloud.order_instance(&who, project, &order, &bed.key()).await.unwrap();
        bed.settle().await;
        let instance = format!("{room}/instances/{}", made.id);
        let page = bed.get(&instance, "hana").await.body;
        assert!(page.contains("Runs") && page.contains("inside") && page.contains("data: /data"), "{page}");
        let again = NewInstance { name: "other".into(), networks: Vec::new(), ..order.clone() };
        let taken = bed.cloud.order_instance(&who, project, &again, &bed.key()).await.unwrap_err();
        assert_eq!(taken.code, "cloud-attached", "a volume is one instance's");
        for path in [&network, &volume] {
            assert_eq!(
                bed.post(&format!("{path}/remove"), "hana", &[]).await.status,
                409,
                "{path} is in use"
            );
        }

        let of = made.id.to_string();
        let kept = bed.post(&format!("{room}/snapshots"), "hana", &[("name", "before"), ("of", &of)]).await;
        let kept = kept.location().to_string();
        bed.settle().await;
        assert!(bed.get(&kept, "hana").await.body.contains("web"));
        let running = bed.post(&format!("{kept}/restore"), "hana", &[]).await;
        assert_eq!(running.status, 409, "it must be stopped");
        bed.post(&format!("{instance}/stop"), "hana", &[]).await;
        bed.settle().await;
        assert_eq!(bed.post(&format!("{kept}/restore"), "hana", &[]).await.status, 303);
        bed.settle().await;
        assert!(bed.get(&instance, "hana").await.body.contains("Stopped"));

        assert_eq!(
            bed.post(&format!("{volume}/size"), "hana", &[("size", "1")]).await.status,
            422,
            "not larger"
        );
        assert_eq!(bed.post(&format!("{volume}/size"), "hana", &[("size", "2")]).await.status, 303);
        bed.settle().await;
        // 2 GiB each of the instance, its snapshot and the volume.
        assert_eq!(reserved(&bed.store, project).await["disk_mib"], (6144, 6144));

        bed.post(&format!("{instance}/remove"), "hana", &[]).await;
        bed.settle().await;
        assert_eq!(bed.get(&kept, "hana").await.status, 404, "its snapshots go with it");
        for path in [&network, &volume] {
            assert_eq!(bed.post(&format!("{path}/remove"), "hana", &[]).await.status, 303, "{path}");
        }
        bed.settle().await;
        assert!(reserved(&bed.store, project).await.values().all(|one| *one == (0, 0)));
        assert_eq!(
            bed.engine.inner.inventory(project).await.unwrap(),
            daftar_cloud::engine::Inventory::default()
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_network_has_a_block_of_its_own() {
    on_each(async |bed: Bed| {
        let project = bed.project("hana", "Blocks").await;
        let who = bed.who("hana").await;
        let gone = bed.cloud.order_network(&who, project, ("gone", false), &bed.key()).await.unwrap().id;
        bed.settle().await;
        bed.post(&format!("/cloud/projects/{project}/networks/{gone}/remove"), "hana", &[]).await;
        bed.settle().await;
        // The block of addresses is given out again.
        let first = bed.cloud.order_network(&who, project, ("a", false), &bed.key()).await.unwrap().id;
        let second = bed.cloud.order_network(&who, project, ("b", false), &bed.key()).await.unwrap().id;
        let room = bed.cloud.room(&who, project).await.unwrap();
        let block =
            |id| room.resources.iter().find(|one| one.id == id).unwrap().spec.network().unwrap().block;
        assert_eq!((block(first), block(second)), (1, 2));
    })
    .await;
}

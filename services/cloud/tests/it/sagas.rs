//! Whatever happens to the engine or to the program, what is wanted is there in the end, once.

use crate::bed::{Bed, on_each, reserved};
use crate::moody::Mood;
use crate::story::web;
use daftar_cloud::engine::{Engine, Fence, Instance};
use daftar_cloud::reconcile::Round;
use daftar_kernel::Id;

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_any_step_it_goes_on() {
    on_each(async |mut bed: Bed| {
        // An order takes two steps that change something: the room, the computer. The last answer is lost each time, so the third
        // time all is done and nobody knows.
        for calls in 0..3 {
            let project = bed.project("hana", &format!("Killed after {calls}")).await;
            bed.engine.gone_after(calls);
            let who = bed.who("hana").await;
            bed.cloud.order_instance(&who, project, &web("web"), &bed.key()).await.unwrap();
            bed.worker.run_due(&bed.store).await.unwrap();
            bed.engine.well();
            bed = bed.restarted().await;
            let round = bed.cloud.round(true).await.unwrap().unwrap();
            assert_eq!(round.taken_up, 1, "after {calls} calls: {round:?}");
            assert_eq!(bed.engine.running(project).await.len(), 1, "after {calls} calls");
            // The lease of the process that was killed passes.
            bed.store.clock.advance_seconds(121);
            assert_eq!(bed.cloud.round(false).await.unwrap(), Some(Round::default()));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_gone_or_lies_is_asked_until_it_has_done_it() {
    on_each(async |bed: Bed| {
        let project = bed.project("hana", "Patience").await;
        let who = bed.who("hana").await;
        for mood in [Mood::Gone, Mood::Lying] {
            bed.engine.feel(mood);
            let name = if mood == Mood::Gone { "gone" } else { "lying" };
            bed.cloud.order_instance(&who, project, &web(name), &bed.key()).await.unwrap();
            bed.settle().await;
            let room = bed.cloud.room(&who, project).await.unwrap();
            let one = room.resources.iter().find(|one| one.name == name).unwrap();
            assert!(one.is_under_way() && !one.fault.is_empty() && !one.runs(), "{mood:?}: {one:?}");
        }
        bed.engine.well();
        bed.store.clock.advance_seconds(3);
        bed.settle().await;
        assert_eq!(bed.engine.running(project).await.len(), 2, "both come by themselves");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_engine_refuses_stands_until_somebody_asks_again() {
    on_each(async |bed: Bed| {
        let project = bed.project("hana", "Refused").await;
        let who = bed.who("hana").await;
        bed.engine.feel(Mood::Refusing);
        let done = bed.cloud.order_instance(&who, project, &web("web"), &bed.key()).await.unwrap();
        bed.settle().await;
        let page = format!("/cloud/projects/{project}/instances/{}", done.id);
        assert!(bed.get(&page, "hana").await.body.contains("Refused"));
        bed.engine.well();
        bed.store.clock.advance_seconds(600);
        assert_eq!(bed.cloud.round(false).await.unwrap(), Some(Round::default()), "not by itself");
        assert_eq!(bed.post(&format!("{page}/again"), "hana", &[]).await.status, 303);
        bed.settle().await;
        assert!(bed.get(&page, "hana").await.body.contains("Runs"));
        assert_eq!(reserved(&bed.store, project).await["instances"], (1, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_round_mends_what_drifted_and_lists_what_nobody_wants() {
    on_each(async |bed: Bed| {
        let project = bed.project("hana", "Drift").await;
        let who = bed.who("hana").await;
        let id = bed.cloud.order_instance(&who, project, &web("web"), &bed.key()).await.unwrap().id;
        bed.settle().await;
        bed.engine.inner.remove_instance(project, id).await.unwrap();
        let round = bed.cloud.round(false).await.unwrap().unwrap();
        assert_eq!((round.drifted, bed.engine.running(project).await.len()), (1, 1));

        let (stray, room) = (Id::from_bytes([7; 16]), Id::from_bytes([8; 16]));
        let fence = Fence { instances: 9, vcpus: 9, memory_mib: 9_999, disk_mib: 9_999 };
        bed.engine.inner.project(room, &fence).await.unwrap();
        let image = bed.cloud.catalogue().unwrap().image("busybox").unwrap().fingerprint.clone();
        let stranger = Instance {
            id: stray,
            image,
            vcpus: 1,
            memory_mib: 64,
            disk_mib: 64,
            networks: Vec::new(),
            volumes: Vec::new(),
            user_data: String::new(),
            running: true,
        };
        bed.engine.inner.instance(project, &stranger).await.unwrap();
        let round = bed.cloud.round(false).await.unwrap().unwrap();
        assert_eq!(
            round,
            Round { orphans: 2, ..Round::default() },
            "the stray computer and the strange room"
        );
        assert_eq!(reserved(&bed.store, project).await["instances"], (1, 1), "nobody pays for it");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_waits_for_what_it_is_of() {
    on_each(async |bed: Bed| {
        let project = bed.project("hana", "In order").await;
        let who = bed.who("hana").await;
        bed.engine.feel(Mood::Gone);
        let volume = bed.cloud.order_volume(&who, project, ("data", 1024), &bed.key()).await.unwrap().id;
        bed.worker.run_due(&bed.store).await.unwrap();
        bed.cloud.order_snapshot(&who, (project, volume), "kept", &bed.key()).await.unwrap();
        bed.engine.well();
        // Its volume comes back in two seconds, it does at once: and finds nothing to keep.
        bed.settle().await;
        for _ in 0..6 {
            bed.store.clock.advance_seconds(10);
            bed.settle().await;
        }
        let room = bed.cloud.room(&who, project).await.unwrap();
        assert!(room.resources.iter().all(|one| one.is_as_wanted() && !one.is_under_way()), "{room:?}");
    })
    .await;
}

//! A quota holds, however many ask at once; what was reserved and what resources hold is always the same.

use crate::bed::{Bed, on_each, reserved};
use crate::story::web;
use daftar_cloud::measure::Measure;
use daftar_kernel::Problem;
use daftar_store::{params, sql};

/// Gives a project exactly so many instances, and enough of all else.
async fn allow(bed: &Bed, project: daftar_kernel::Id, instances: i64) {
    bed.store
        .write(move |tx| {
            Box::pin(async move {
                for measure in Measure::ALL {
                    let most = if measure == Measure::Instances { instances } else { 1_000_000 };
                    let text = sql!("update cloud_quota set quota = $3 where project = $1 and measure = $2");
                    tx.execute(text, &params![project, measure.word(), most]).await?;
                }
                Ok::<_, Problem>(())
            })
        })
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_orders_at_once_a_quota_of_10_lets_10_through() {
    on_each(async |bed: Bed| {
        let project = bed.project("hana", "Many at once").await;
        allow(&bed, project, 10).await;
        let who = bed.who("hana").await;
        let orders = (0..64).map(|n| {
            let (cloud, who, key) = (bed.cloud.clone(), who.clone(), bed.key());
            tokio::spawn(
                async move { cloud.order_instance(&who, project, &web(&format!("n{n}")), &key).await },
            )
        });
        let (mut good, mut refused) = (0, 0);
        for order in orders.collect::<Vec<_>>() {
            match order.await.unwrap() {
                Ok(_) => good += 1,
                Err(problem) if problem.code == "cloud-quota" => refused += 1,
                Err(problem) => panic!("neither done nor refused: {problem}"),
            }
        }
        assert_eq!((good, refused), (10, 54));
        assert_eq!(reserved(&bed.store, project).await["instances"], (10, 10));
        bed.settle().await;
        assert_eq!(bed.engine.running(project).await.len(), 10);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_sent_twice_is_one_order() {
    on_each(async |bed: Bed| {
        let project = bed.project("hana", "Twice").await;
        let who = bed.who("hana").await;
        let first = bed.cloud.order_instance(&who, project, &web("web"), "one-key").await.unwrap();
        let again = bed.cloud.order_instance(&who, project, &web("web"), "one-key").await.unwrap();
        assert_eq!(first, again);
        let other = bed.cloud.order_instance(&who, project, &web("other"), "one-key").await.unwrap_err();
        assert_eq!(other.code, "cloud-key-used");
        let taken = bed.cloud.order_instance(&who, project, &web("web"), "other-key").await.unwrap_err();
        assert_eq!(taken.code, "cloud-name-taken");
        assert_eq!(
            reserved(&bed.store, project).await["instances"],
            (1, 1),
            "what was refused reserves nothing"
        );
    })
    .await;
}

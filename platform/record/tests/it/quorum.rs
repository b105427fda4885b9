//! Witnesses away: the service goes on, receipts say so, and everyone can see for how long.

use crate::common::*;
use daftar_record::State;

#[tokio::test]
async fn a_missing_quorum_is_visible_and_made_good() {
    on_both(async |store| {
        let f = Fixture::new(&store, 3, "2").await;
        let first = f.act(registration(person(1))).await;
        f.settle().await;
        assert_eq!(f.record.receipt(first).await.unwrap().state, State::Cosigned);

        f.net.take_down("w1");
        f.net.take_down("w3");
        let second = f.act(registration(person(2))).await;
        f.settle().await;
        f.clock.advance_seconds(90);
        let round = f.record.cosign_once().await.unwrap();
        assert!(round.missed());
        assert_eq!(f.record.receipt(second).await.unwrap().state, State::Signed);
        assert_eq!(f.record.receipt(first).await.unwrap().state, State::Cosigned, "in the older tree");
        let status = f.record.status().await.unwrap();
        let acts = &status.logs[0];
        assert_eq!((acts.size, acts.cosigned_size, acts.stale_seconds), (2, Some(1), Some(91)));
        assert_eq!((acts.witnesses[1].outcome.as_str(), acts.witnesses[1].size), ("cosigned", Some(2)));
        assert!(acts.witnesses[0].outcome.contains("no answer"), "{:?}", acts.witnesses[0]);
        assert_eq!(acts.witnesses[0].size, Some(1));

        f.net.bring_up("w3");
        assert!(!f.record.cosign_once().await.unwrap().missed());
        let receipt = f.record.receipt(second).await.unwrap();
        assert_eq!(receipt.state, State::Cosigned);
        receipt.file.unwrap().verify(&f.policy()).unwrap();
        assert_eq!(f.record.status().await.unwrap().logs[0].stale_seconds, Some(0));
    })
    .await;
}

#[tokio::test]
async fn witnesses_are_asked_again_each_minute_and_not_more() {
    on_both(async |store| {
        let f = Fixture::new(&store, 1, "1").await;
        f.act(registration(person(1))).await;
        f.settle().await;
        let asked = *f.net.asked.lock().unwrap();
        assert_eq!(f.record.cosign_once().await.unwrap().asked, 0);
        assert_eq!(*f.net.asked.lock().unwrap(), asked);
        f.clock.advance_seconds(60);
        assert_eq!(f.record.cosign_once().await.unwrap().reached, 2);
        assert_eq!(f.record.status().await.unwrap().logs[0].stale_seconds, Some(0));
    })
    .await;
}

#[tokio::test]
async fn without_a_witness_receipts_are_signed_and_no_more() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        let id = f.act(registration(person(1))).await;
        f.settle().await;
        assert_eq!(f.record.receipt(id).await.unwrap().state, State::Signed);
        let status = f.record.status().await.unwrap();
        assert!(!status.needs_witnesses);
        assert_eq!(status.logs[0].stale_seconds, None);
        f.record.receipt(id).await.unwrap().file.unwrap().verify(&f.policy()).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_witness_that_is_behind_gets_the_proof_it_needs() {
    on_both(async |store| {
        let f = Fixture::new(&store, 2, "1").await;
        f.act(registration(person(1))).await;
        f.settle().await;
        f.net.take_down("w2");
        for number in 0..30 {
            f.act(registration(person(number))).await;
            f.settle().await;
        }
        f.net.bring_up("w2");
        f.act(registration(person(200))).await;
        f.settle().await;
        let status = f.record.status().await.unwrap();
        assert_eq!(status.logs[0].witnesses[1].size, Some(32));
        // Also when the record forgot what the witness is at.
        meddle_witnesses(&store).await;
        f.act(registration(person(201))).await;
        f.settle().await;
        assert_eq!(f.record.status().await.unwrap().logs[0].witnesses[1].size, Some(33));
    })
    .await;
}

async fn meddle_witnesses(store: &daftar_store::Store) {
    meddle(store, daftar_store::sql!("delete from record_witness"), &[]).await;
}

#[tokio::test]
async fn the_worker_brings_a_receipt_to_the_quorum_and_stops() {
    on_both(async |store| {
        let f = Fixture::new(&store, 2, "2").await;
        let act = f.act(registration(person(1))).await;
        let look = f.look(look_at(person(1))).await;
        let cosigned = async {
            for id in [act, look] {
                while f.record.receipt(id).await.unwrap().state != State::Cosigned {
                    tokio::task::yield_now().await;
                }
            }
        };
        f.record.run(cosigned).await;
    })
    .await;
}

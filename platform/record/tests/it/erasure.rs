//! Erasing a person: nothing can be read any more, and everything still verifies.

use crate::common::*;
use daftar_record::verify_person_proof;
use daftar_store::StoreError;

#[tokio::test]
async fn after_erasure_content_is_gone_and_proofs_hold() {
    on_both(async |store| {
        let f = Fixture::new(&store, 1, "1").await;
        let act = f.act(registration(person(1))).await;
        let look = f.look(look_at(person(1))).await;
        let other = f.act(registration(person(2))).await;
        f.settle().await;
        let before = f.record.receipt(act).await.unwrap();
        let kept = before.json().unwrap();

        let vault = store.vault().clone();
        store
            .write(move |tx| {
                let vault = vault.clone();
                Box::pin(async move { vault.erase(tx, person(1)).await.map(|_| ()) })
            })
            .await
            .unwrap();

        for id in [act, look] {
            let receipt = f.record.receipt(id).await.unwrap();
            assert!(receipt.erased);
            let file = receipt.file.unwrap();
            assert_eq!(file.opening, None);
            file.verify(&f.policy()).unwrap();
        }
        // The receipt somebody took home before still opens the commitment.
        let kept = transparency_log::receipt::Receipt::parse(kept.as_bytes()).unwrap();
        assert!(kept.verify(&f.policy()).unwrap().record.is_some());

        let looks = f.record.looks_of(person(1), None, 10).await.unwrap();
        assert_eq!((looks.total, looks.rows[0].content.clone()), (1, None));
        assert_eq!(f.record.acts_of(person(1), None, 10).await.unwrap()[0].opening, None);
        let (_, proof) = f.record.person_proof(person(1)).await.unwrap().unwrap();
        let verified = verify_person_proof(&serde_json::to_vec(&proof).unwrap(), &f.policy()).unwrap();
        assert_eq!((verified.looks, verified.opened), (1, 0));
        assert!(!f.record.receipt(other).await.unwrap().erased);

        let audit = f.record.audit_store().await.unwrap();
        assert!(audit.is_whole(), "{:?}", audit.findings);
        assert_eq!(audit.erased, 2);
        assert!(matches!(f.try_look(look_at(person(1))).await, Err(StoreError::Erased)));
    })
    .await;
}

//! Blobs: by content, checked when read.

use daftar_kernel::Id;
use daftar_store::{BlobId, StoreError};
use daftar_testing::{TestStore, for_each_engine};

#[tokio::test]
async fn comes_back_as_it_went_in_under_the_address_of_its_bytes() {
    for_each_engine(&[], async |store| {
        let id = store.blobs().put(&b"abc"[..]).await.unwrap();
        // FIPS 180-4's example.
        assert_eq!(id.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(store.blobs().put(&b"abc"[..]).await.unwrap(), id);
        assert_eq!(&store.blobs().get(id).await.unwrap()[..], b"abc");
        store.blobs().delete(id).await.unwrap();
        store.blobs().delete(id).await.unwrap();
        assert!(matches!(store.blobs().get(id).await, Err(StoreError::Missing(_))));
    })
    .await;
}

#[tokio::test]
async fn a_sealed_blob_opens_for_its_person_and_class_only() {
    for_each_engine(&[], async |store| {
        let (amina, boris) = (Id::from_bytes([1; 16]), Id::from_bytes([2; 16]));
        let id = store.blobs().put_sealed(amina, "photo", b"photo").await.unwrap();
        assert_ne!(
            store.blobs().put_sealed(amina, "photo", b"photo").await.unwrap(),
            id,
            "the address says nothing"
        );
        store.blobs().put_sealed(boris, "photo", b"other").await.unwrap();
        store.blobs().put_sealed(amina, "scan", b"other").await.unwrap();
        assert_eq!(store.blobs().get_sealed(amina, "photo", id).await.unwrap(), b"photo");
        assert!(matches!(store.blobs().get_sealed(boris, "photo", id).await, Err(StoreError::Sealed(_))));
        assert!(matches!(store.blobs().get_sealed(amina, "scan", id).await, Err(StoreError::Sealed(_))));
    })
    .await;
}

#[tokio::test]
async fn changed_bytes_are_noticed() {
    let store = TestStore::sqlite(&[]).await;
    let id = store.blobs().put(&b"abc"[..]).await.unwrap();
    let name = id.to_string();
    let path = store.config().data_dir.join("blobs").join(&name[..2]).join(&name[2..4]).join(&name);
    std::fs::write(path, b"abd").unwrap();
    assert!(matches!(store.blobs().get(id).await, Err(StoreError::Malformed { .. })));
}

#[test]
fn an_address_has_one_spelling() {
    let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(text.parse::<BlobId>().map(|id| id.to_string()), Ok(text.to_string()));
    for bad in ["", &text[1..], &text.to_uppercase(), &format!("{text}00"), "../../etc/passwd"] {
        assert!(bad.parse::<BlobId>().is_err(), "{bad}");
    }
}

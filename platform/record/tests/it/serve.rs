//! The public interface: exactly the paths of the standard, nothing past the signed tree.

use crate::common::*;
use daftar_record::{Log, Record};
use daftar_store::{StoreError, params, sql};
use transparency_log::checkpoint::SignedCheckpoint;
use transparency_log::merkle::{EMPTY_ROOT, leaf_hash};
use transparency_log::tile::{Bundle, Tile};

async fn grow_to(f: &Fixture, from: u64, to: u64) {
    f.record
        .store()
        .write(move |tx| {
            Box::pin(async move {
                for number in from..to {
                    let mut id = [0; 16];
                    id[8..].copy_from_slice(&number.to_be_bytes());
                    tx.execute(
                        sql!("insert into record_entry (id, log, body, at) values ($1, 'acts', $2, 0)"),
                        &params![daftar_kernel::Id::from_bytes(id), format!("entry {number}").into_bytes()],
                    )
                    .await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await
        .unwrap();
    while f.record.sequence_once().await.unwrap().more {}
}

async fn get(record: &Record, path: &str) -> (u16, Vec<u8>) {
    let served = record.serve(record.volume(Log::Acts), path).await.unwrap();
    assert_eq!(served.status == 200, served.cache_control.starts_with("public"));
    (served.status, served.body)
}

#[tokio::test]
async fn widths_follow_the_size_and_never_pass_it() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        f.record.sequence_once().await.unwrap();
        let (_, empty) = get(&f.record, "checkpoint").await;
        let empty = SignedCheckpoint::parse(&empty).unwrap();
        assert_eq!((empty.checkpoint().size, empty.checkpoint().root), (0, EMPTY_ROOT));
        assert_eq!(get(&f.record, "tile/0/000.p/1").await.0, 404);

        let mut size = 0;
        for next in [1, 2, 255, 256, 257, 600] {
            grow_to(&f, size, next).await;
            size = next;
            let (_, text) = get(&f.record, "checkpoint").await;
            assert_eq!(SignedCheckpoint::parse(&text).unwrap().checkpoint().size, size);
            for index in 0..=size / 256 {
                let width = u16::try_from((size - index * 256).min(256)).unwrap();
                for width in [width, width.saturating_sub(1)].into_iter().filter(|width| *width > 0) {
                    let tile = Tile { level: 0, index, width };
                    let (status, bytes) = get(&f.record, &tile.path()).await;
                    assert_eq!((status, bytes.len()), (200, usize::from(width) * 32));
                    let bundle = Bundle { index, width };
                    let (_, entries) = get(&f.record, &bundle.path()).await;
                    let entries = bundle.decode(&entries).unwrap();
                    let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
                    assert_eq!(tile.decode(&bytes).unwrap(), leaves);
                }
                if width < 256 {
                    let past = Tile { level: 0, index, width: width + 1 };
                    assert_eq!(get(&f.record, &past.path()).await.0, 404, "{size}: {}", past.path());
                    let past = Bundle { index, width: width + 1 };
                    assert_eq!(get(&f.record, &past.path()).await.0, 404, "{size}: {}", past.path());
                }
            }
            let upper = u16::try_from(size / 256).unwrap();
            assert_eq!(get(&f.record, "tile/1/000.p/1").await.0, if upper >= 1 { 200 } else { 404 });
            assert_eq!(get(&f.record, "tile/1/000.p/3").await.0, 404);
        }
    })
    .await;
}

#[tokio::test]
async fn other_paths_and_spellings_are_not_found() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        grow_to(&f, 0, 300).await;
        assert_eq!(get(&f.record, "tile/0/000").await.0, 200);
        let others = [
            "",
            "/checkpoint",
            "Checkpoint",
            "tile/0/0",
            "tile/0/0000",
            "tile/00/000",
            "tile/0/000.p/256",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/8/0/000",
            "tile/entries/x000/000",
            "tile/entries/../000",
            "tile/0/001",
            "tile/64/000",
            "tile/0/x018/x446/x744/x073/x709/551/615",
            "tile/0/000 ",
            "tile/entries/000.p/",
            "tile/9999/000",
        ];
        for path in others {
            assert_eq!(get(&f.record, path).await.0, 404, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_waits_is_not_served() {
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        grow_to(&f, 0, 3).await;
        f.act(registration(person(1))).await;
        assert_eq!(get(&f.record, "tile/entries/000.p/3").await.0, 200);
        assert_eq!(get(&f.record, "tile/entries/000.p/4").await.0, 404);
    })
    .await;
}

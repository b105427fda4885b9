//! The archive of a SQLite store: any past second comes back as it was, whoever was erased does not, and a copy that could not
//! be made is never passed over in silence.

use crate::{TRIAL, add, count};
use daftar_kernel::time::ManualClock;
use daftar_kernel::{Id, Timestamp, World};
use daftar_store::{
    Gauge, Rewound, Shipped, Shipping, Store, StoreConfig, StoreError, params, restore_at, sql,
};
use daftar_testing::{Engine, Place, world};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const AMINA: Id = Id::from_bytes([1; 16]);

/// A store with its archive and key export beside it.
struct Country {
    place: Place,
    config: StoreConfig,
    store: Store,
    world: World,
    clock: ManualClock,
    keys: PathBuf,
}

impl Country {
    async fn new() -> Self {
        let place = Place::on(Engine::Sqlite).await;
        let (world, clock) = world();
        let archive = place.dir().join("archive").display().to_string();
        let config = StoreConfig { archive: Some(archive), ..place.config().clone() };
        let store = Store::open(config.clone(), world.clone(), &[TRIAL]).await.unwrap();
        let keys = place.dir().join("keys.jsonl");
        Self { place, config, store, world, clock, keys }
    }

    async fn restart(&mut self) {
        self.store.close().await;
        self.store = Store::open(self.config.clone(), self.world.clone(), &[TRIAL]).await.unwrap();
    }

    /// Begins to ship; a snapshot is whole when this returns.
    async fn ship(&self) -> Ship {
        let (stop, stopped) = oneshot::channel::<()>();
        let gauge = Gauge::default();
        let (store, watched) = (self.store.clone(), gauge.clone());
        let rhythm = Shipping {
            snapshot_hours: NonZeroU32::new(10_000).unwrap(),
            keep_days: NonZeroU32::new(10_000).unwrap(),
        };
        let task = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            store.ship(rhythm, watched, stopped).await
        });
        let ship = Ship { stop, gauge, task };
        ship.until(|shipped| shipped.snapshot.is_some()).await;
        ship
    }

    /// Restores a moment to a new place below the country's.
    async fn restore(&self, name: &str, at: Option<Timestamp>) -> Result<(Store, Rewound), StoreError> {
        let dir = self.place.dir().join(name);
        std::fs::create_dir_all(dir.join("data/keys")).unwrap();
        let root = self.config.data_dir.join("keys/root.key");
        std::fs::copy(root, dir.join("data/keys/root.key")).unwrap();
        let url = format!("sqlite:{}", dir.join("daftar.db").display());
        let config = StoreConfig { url, data_dir: dir.join("data"), blobs: None, archive: None };
        let archive = self.config.archive.clone().unwrap();
        restore_at(&archive, at, &self.keys, config, self.world.clone(), &[TRIAL]).await
    }

    /// So many rows in one commit.
    async fn write(&self, first: i64, rows: i64, bytes: usize) {
        let wrote = self.store.write(move |tx| {
            Box::pin(async move {
                for id in first..first + rows {
                    let note = vec![u8::try_from(id % 251).unwrap_or(0); bytes];
                    let insert = sql!("insert into trial_row (id, name, note, done) values ($1, $2, $3, $4)");
                    tx.execute(insert, &params![id, id.to_string(), note, false]).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        wrote.await.unwrap();
    }
}

struct Ship {
    stop: oneshot::Sender<()>,
    gauge: Gauge,
    task: JoinHandle<Result<(), StoreError>>,
}

impl Ship {
    async fn until(&self, reached: impl Fn(&Shipped) -> bool) {
        let wait = async {
            while !reached(&self.gauge.read()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), wait).await.unwrap();
    }
    /// Ends it; what was committed before is in the archive then.
    async fn end(self) {
        let _ = self.stop.send(());
        self.task.await.unwrap().unwrap();
    }
}

fn sqlite_says(path: &Path) -> String {
    let output = std::process::Command::new("sqlite3").arg(path).arg("pragma integrity_check").output();
    output.map_or_else(|_| "ok".into(), |out| String::from_utf8_lossy(&out.stdout).trim().to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn any_second_comes_back_as_it_was() {
    let mut country = Country::new().await;
    country.store.export_keys(&country.keys).await.unwrap();
    let mut ship = country.ship().await;
    // Numbers from a generator of its own: the same every time.
    let mut seed = 7u64;
    let mut random = move |bound: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % bound
    };
    // The outside ledger: how many rows there were at each second.
    let (mut ledger, mut rows) = (vec![(country.world.now(), 0i64)], 0i64);
    // While nothing runs, what was committed before and shipped after it belongs to the moments between.
    let mut down = Vec::new();
    for step in 0..60 {
        country.clock.advance_seconds(1 + i64::try_from(random(3)).unwrap());
        let more = 1 + i64::try_from(random(40)).unwrap();
        country.write(rows, more, 2000).await;
        rows += more;
        ledger.push((country.world.now(), rows));
        match step {
            // The log is emptied, and begins anew.
            15 | 40 => country.store.scrub().await.unwrap(),
            // A restart, with and without something left unshipped.
            25 => {
                ship.end().await;
                country.clock.advance_seconds(1);
                country.write(rows, 1, 10).await;
                rows += 1;
                ledger.push((country.world.now(), rows));
                country.clock.advance_seconds(20);
                down.push((country.world.now(), rows));
                country.clock.advance_seconds(20);
                country.restart().await;
                ship = country.ship().await;
            }
            _ => {}
        }
    }
    ship.end().await;
    let (first, last) = (ledger[0].0, ledger[ledger.len() - 1].0);
    for (at, expected) in down {
        let (store, _) = country.restore("down", Some(at)).await.unwrap();
        assert_eq!(count(&store).await, expected, "nothing ran at {}", at.to_rfc3339());
        store.close().await;
    }
    for (n, second) in (0..8).map(|n| (n, random(u64::try_from(last.seconds() - first.seconds()).unwrap()))) {
        let at = first.plus_seconds(i64::try_from(second).unwrap());
        let expected = ledger.iter().rfind(|(moment, _)| *moment <= at).unwrap().1;
        let (store, rewound) = country.restore(&format!("at-{n}"), Some(at)).await.unwrap();
        assert_eq!(count(&store).await, expected, "at {}", at.to_rfc3339());
        assert!(rewound.last_commit.is_none_or(|commit| commit <= at));
        store.close().await;
        assert_eq!(sqlite_says(&country.place.dir().join(format!("at-{n}/daftar.db"))), "ok");
    }
    let (store, _) = country.restore("newest", None).await.unwrap();
    assert_eq!(count(&store).await, rows);
    let early = country.restore("early", Some(first.plus_seconds(-1000))).await;
    assert!(matches!(early, Err(StoreError::Missing(why)) if why.contains("begins at")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_is_moved_only_once_it_is_shipped() {
    let country = Country::new().await;
    country.store.export_keys(&country.keys).await.unwrap();
    let ship = country.ship().await;
    let log = country.place.dir().join("daftar.db-wal");
    let mut longest = 0;
    for n in 0..120 {
        country.clock.advance_seconds(1);
        country.write(n * 100, 100, 4000).await;
        longest = longest.max(std::fs::metadata(&log).unwrap().len());
    }
    ship.end().await;
    assert!(longest < 40 << 20, "48 MB were written, the log came to {longest} bytes");
    let (store, _) = country.restore("newest", None).await.unwrap();
    assert_eq!(count(&store).await, 12_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_compares_every_table_and_names_what_differs() {
    let country = Country::new().await;
    let ship = country.ship().await;
    country.write(0, 500, 100).await;
    let scratch = country.place.dir().join("drill");
    let drill = country.store.drill(&ship.gauge, &scratch).await.unwrap();
    assert!(drill.differing.is_empty() && drill.rows >= 500 && drill.tables > 5, "{drill:?}");
    assert!(!scratch.exists());
    // What another program changes behind the shipper's back, the drill finds.
    ship.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_is_closed_by_a_new_generation_and_never_restored_from() {
    let mut country = Country::new().await;
    country.store.export_keys(&country.keys).await.unwrap();
    let ship = country.ship().await;
    country.clock.advance_seconds(10);
    country.write(0, 10, 100).await;
    let first = ship.gauge.read().generation;
    ship.end().await;
    country.clock.advance_seconds(10);
    country.write(10, 10, 100).await;
    // Nobody ships, and what was deleted must leave the log: it is emptied all the same.
    country.store.scrub().await.unwrap();
    let lost = country.world.now();
    country.clock.advance_seconds(10);
    country.restart().await;
    let ship = country.ship().await;
    assert_ne!(ship.gauge.read().generation, first);
    country.clock.advance_seconds(10);
    country.write(20, 10, 100).await;
    ship.end().await;
    let refused = country.restore("lost", Some(lost)).await;
    assert!(matches!(&refused, Err(StoreError::Missing(why)) if why.contains("gap")), "{refused:?}");
    let (store, _) = country.restore("before", Some(lost.plus_seconds(-10))).await.unwrap();
    assert_eq!(count(&store).await, 10);
    let (store, _) = country.restore("after", None).await.unwrap();
    assert_eq!(count(&store).await, 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_erased_does_not_come_back_with_the_past() {
    let country = Country::new().await;
    let vault = country.store.vault().clone();
    let seal = country.store.write(move |tx| {
        let vault = vault.clone();
        Box::pin(async move {
            let sealed = vault.seal(tx, AMINA, "core", b"trial_row.note", b"a secret").await?;
            let insert = sql!("insert into trial_row (id, name, note, done) values ($1, $2, $3, $4)");
            tx.execute(insert, &params![1i64, "amina", sealed, false]).await.map(|_| ())
        })
    });
    seal.await.unwrap_or_else(|e: StoreError| panic!("{e}"));
    let photo = country.store.blobs().put_sealed(AMINA, "core", b"a photo").await.unwrap();
    country.store.export_keys(&country.keys).await.unwrap();
    let ship = country.ship().await;
    country.clock.advance_seconds(5);
    add(&country.store, 2, "later").await.unwrap();
    let before = country.world.now();
    let read = async |store: &Store| store.blobs().get_sealed(AMINA, "core", photo).await;
    country.clock.advance_seconds(5);
    let vault = country.store.vault().clone();
    let erased = country.store.write(move |tx| {
        let vault = vault.clone();
        Box::pin(async move { vault.erase(tx, AMINA).await })
    });
    erased.await.unwrap_or_else(|e: StoreError| panic!("{e}"));
    country.store.scrub().await.unwrap();
    ship.end().await;
    // The key export still knows her key, and so does the log of before: neither brings her back.
    let (store, rewound) = country.restore("before", Some(before)).await.unwrap();
    assert_eq!((count(&store).await, rewound.blobs), (2, 1));
    assert_eq!(read(&store).await, Err(StoreError::Erased));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_shows_nothing_and_takes_no_changed_byte() {
    let country = Country::new().await;
    country.store.export_keys(&country.keys).await.unwrap();
    let ship = country.ship().await;
    add(&country.store, 1, "a name nobody may read").await.unwrap();
    ship.end().await;
    let mut files = Vec::new();
    let mut folders = vec![country.place.dir().join("archive")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    assert!(files.len() >= 3);
    for file in &files {
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.windows(6).any(|part| part == b"SQLite" || part == b"nobody"), "{}", file.display());
    }
    let piece = files.iter().find(|file| file.display().to_string().contains("/log/")).unwrap();
    let mut bytes = std::fs::read(piece).unwrap();
    bytes[40] ^= 1;
    std::fs::write(piece, bytes).unwrap();
    assert!(matches!(country.restore("changed", None).await, Err(StoreError::Sealed(_))));
}

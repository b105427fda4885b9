//! The ledger on both engines: a minute once, whatever happens; gaps; counters that begin anew; the bill of a month.

use crate::fixture::id;
use daftar_cloud::MIGRATIONS;
use daftar_cloud::engine::{State, Usage};
use daftar_cloud::meter::check::{Verdict, check};
use daftar_cloud::meter::ledger::{Owners, correct, minute_of, month, record};
use daftar_cloud::meter::usage::{Correction, Sample};
use daftar_cloud::meter::{Invoice, MonthUsage};
use daftar_kernel::Timestamp;
use daftar_store::StoreError;
use daftar_testing::{TestStore, for_each_engine};

const PRICES: &str = r#"
format = "daftar-cloud-prices/1"
currency = "TND"
minor_digits = 3
zone = "UTC"
rounding = "half-even"
[[prices]]
from = 2026-01-01
vcpu_hour = "1"
memory_gib_hour = "0.5"
disk_gib_hour = "0.25"
sent_gib = "2"
"#;

fn owners() -> Owners {
    Owners::from([
        ((id(1), id(30)), "health".to_string()),
        ((id(1), id(31)), "health".to_string()),
        ((id(2), id(32)), "tax".to_string()),
    ])
}

fn seen(project: u8, instance: u8, cpu_ns: u64, sent_bytes: u64) -> Usage {
    Usage {
        project: id(project),
        instance: id(instance),
        state: State::Running,
        vcpus: 1,
        memory_mib: 1024,
        disk_mib: 1024,
        cpu_ns,
        memory_bytes: 1,
        disk_bytes: None,
        received_bytes: 0,
        sent_bytes,
    }
}

async fn look(store: &TestStore, at: Timestamp, usage: &[Usage]) -> bool {
    let (usage, owners) = (usage.to_vec(), owners());
    let done = store.write(move |tx| {
        let (usage, owners) = (usage.clone(), owners.clone());
        Box::pin(async move { record(tx, at, &usage, &owners).await })
    });
    done.await.unwrap()
}

async fn read(store: &TestStore, agency: &'static str, until: Timestamp) -> MonthUsage {
    let this = until.to_local_date("UTC")[..7].parse().unwrap();
    let done = store.read(move |tx| {
        Box::pin(async move { Ok::<_, StoreError>(month(tx, agency, this, "UTC", until).await) })
    });
    done.await.unwrap().unwrap()
}

/// The beginning of a minute in the middle of a month.
fn start() -> Timestamp {
    Timestamp::from_seconds(1_794_700_800)
}

#[tokio::test]
async fn a_minute_is_written_once_and_counters_may_begin_anew() {
    for_each_engine(&[MIGRATIONS], async |store| {
        let at = |minutes: i64, seconds: i64| start().plus_seconds(minutes * 60 + seconds);
        assert!(look(&store, at(0, 5), &[seen(1, 30, 1_000, 10)]).await);
        // Asked again in the same minute, by another node or after a kill, with other figures: nothing changes.
        assert!(!look(&store, at(0, 59), &[seen(1, 30, 9_000, 90), seen(1, 31, 1, 1)]).await);
        assert!(look(&store, at(1, 0), &[seen(1, 30, 1_500, 30), seen(9, 99, 5, 5)]).await);
        assert!(
            look(&store, at(2, 0), &[seen(1, 30, 200, 0), seen(2, 32, 7, 7)]).await,
            "it was started anew"
        );
        // Two minutes without a look; then what was counted meanwhile belongs to no minute.
        assert!(look(&store, at(5, 0), &[seen(1, 30, 900, 50)]).await);
        assert!(look(&store, at(6, 0), &[seen(1, 30, 901, 51)]).await);
        let usage = read(&store, "health", at(9, 0)).await;
        let of = |sample: &Sample| (sample.minute - minute_of(start()), sample.cpu_ns, sample.sent);
        let expected = [(0, 1_000, 10), (1, 500, 20), (2, 200, 0), (5, 0, 0), (6, 1, 1)];
        assert_eq!(usage.samples.iter().map(of).collect::<Vec<_>>(), expected, "{:?}", store.engine);
        let gaps: Vec<_> = usage
            .gaps
            .iter()
            .map(|(from, to)| (from - minute_of(start()), to - minute_of(start())))
            .collect();
        assert_eq!(gaps, [(3, 5), (7, 9)]);
        let tax = read(&store, "tax", at(9, 0)).await;
        assert_eq!(tax.samples.len(), 1, "each agency's own, and an orphan is nobody's");
    })
    .await;
}

#[tokio::test]
async fn many_nodes_that_look_at_once_write_one_sample() {
    for_each_engine(&[MIGRATIONS], async |store| {
        let usage = [seen(1, 30, 1_000, 10), seen(1, 31, 1_000, 10)];
        let looks = futures_util::future::join_all((0..8).map(|_| look(&store, start(), &usage))).await;
        assert_eq!(looks.iter().filter(|written| **written).count(), 1);
        assert_eq!(read(&store, "health", start().plus_seconds(60)).await.samples.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_month_in_the_ledger_is_a_bill_that_anybody_makes_again() {
    for_each_engine(&[MIGRATIONS], async |store| {
        for minute in 0..60 {
            let mut usage = vec![seen(1, 30, 1_000, minute << 30)];
            if minute >= 30 {
                usage.push(Usage { state: State::Broken, ..seen(1, 31, 1, 1) });
            }
            assert!(look(&store, start().plus_seconds(i64::try_from(minute).unwrap() * 60), &usage).await);
        }
        let this = start().to_local_date("UTC")[..7].parse().unwrap();
        let credit = Correction { correction: id(77), minor: -1_000, reason: "an hour of outage".into() };
        for first in [true, false] {
            let credit = credit.clone();
            let done = store.write(move |tx| {
                let credit = credit.clone();
                Box::pin(async move { correct(tx, "health", this, &credit, "auditor").await })
            });
            assert_eq!(done.await.unwrap(), first, "a correction is one row");
        }
        let until = start().plus_seconds(3600);
        let usage = read(&store, "health", until).await;
        let file = usage.write();
        assert_eq!(MonthUsage::parse(&file).as_ref(), Ok(&usage));
        assert_eq!(read(&store, "health", until).await.write(), file, "the same bytes each time");
        let invoice = Invoice::make(&file, PRICES).unwrap();
        // An hour of a vCPU, a GiB of memory and of disk, 59 GiB sent: 1 + 0.5 + 0.25 + 118; nothing for what is broken.
        let minors: Vec<i64> = invoice.lines.iter().map(|line| line.minor).collect();
        assert_eq!(minors, [1_000, 500, 250, 118_000, 0, 0, 0, 0]);
        assert_eq!(invoice.total_minor, 118_750);
        assert_eq!(check(&file, PRICES, &invoice.write()), Ok(Verdict::Equal));
    })
    .await;
}

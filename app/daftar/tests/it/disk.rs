//! A disk that is full, and one whose `fsync` fails: nothing more is acknowledged, whoever asks is told so, reading goes on,
//! and after a restart everything that was acknowledged is there.

use crate::bed::{Bed, Got};
use daftar::installation::MIGRATIONS;
use daftar_kernel::World;
use daftar_store::{Store, StoreConfig, params, sql};
use daftar_testing::Engine;
use std::path::Path;
use std::process::Command;

/// Room for every single file, in blocks of 512 bytes: the country fits in, what is written after it does not.
const BLOCKS: &str = "24576";
/// While this file is there, `fsync` and `fdatasync` fail.
const FLAG: &str = "fsync-fails";
/// Where the test's process writes where its data lie, and what it was promised.
const KEPT: &str = "kept";

/// Fails both calls as a broken disk does, while the flag is there.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>
static int refuse(const char *name, int fd) {
    if (access("fsync-fails", F_OK) == 0) { errno = EIO; return -1; }
    return ((int (*)(int))dlsym(RTLD_NEXT, name))(fd);
}
int fsync(int fd) { return refuse("fsync", fd); }
int fdatasync(int fd) { return refuse("fdatasync", fd); }
"#;

async fn open_case(bed: &Bed, number: usize) -> Got {
    bed.post("/desk/cases", "police", &[("number", &format!("D-{number}"))]).await
}

/// Asks until something is refused, writes down what was promised, and ends the process.
async fn until_refused(bed: &Bed, mut between: impl AsyncFnMut(usize)) -> ! {
    let mut kept = Vec::new();
    let refused = loop {
        let number = kept.len();
        assert!(number < 2_000, "nothing was refused");
        between(number).await;
        let got = open_case(bed, number).await;
        if got.status != 303 {
            break got;
        }
        kept.push(format!("D-{number}"));
    };
    assert!(kept.len() > 5, "too early: {}", kept.len());
    for got in [refused, open_case(bed, 5_000).await, open_case(bed, 5_001).await] {
        assert!(matches!(got.status, 500 | 503), "{}", got.status);
        let text = got.text();
        assert!(text.contains("<h1") && !text.contains('⟦'), "it says what happened: {text}");
    }
    let _ = std::fs::remove_file(FLAG);
    let later = open_case(bed, 5_002).await;
    assert_eq!(later.status, 503, "a disk that failed once is not trusted again");
    assert!(!later.header("retry-after").is_empty());
    // Reading goes on, and shows nothing that was not acknowledged.
    assert_eq!(bed.get("/trust", "").await.status, 200);
    assert_eq!(cases(&bed.installation.store).await, sorted(kept.clone()));
    let place = bed.installation.paths.data.parent().unwrap().display();
    std::fs::write(KEPT, format!("{place}\n{}", kept.join("\n"))).unwrap();
    // As a crash would: nothing is closed, nothing tidied up.
    std::process::exit(0);
}

fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort();
    list
}

async fn cases(store: &Store) -> Vec<String> {
    let rows = store.read(|tx| {
        Box::pin(async move {
            let text =
                sql!("select number from office_case where number >= $1 and number < $2 order by number");
            let rows = tx.query(text, &params!["D-", "D~"]).await?;
            rows.iter().map(|row| row.get::<String>(0)).collect::<Result<Vec<_>, daftar_store::StoreError>>()
        })
    });
    sorted(rows.await.unwrap())
}

/// Runs one of the tests below in a process of its own, then opens what it left.
async fn run(test: &str, limit: bool, preload: Option<&Path>) {
    let dir = tempfile::tempdir().unwrap();
    // An ignored signal stays ignored in the program that is run: the write fails instead of killing it.
    let limited = if limit { format!("trap '' XFSZ; ulimit -f {BLOCKS};") } else { String::new() };
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{limited} exec \"$0\" --exact {test} --ignored --nocapture")])
        .arg(std::env::current_exe().unwrap())
        .current_dir(dir.path());
    if let Some(shim) = preload {
        command.env("LD_PRELOAD", shim);
    }
    let child = command.output().unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{said}{}", String::from_utf8_lossy(&child.stderr));
    let left = std::fs::read_to_string(dir.path().join(KEPT)).unwrap();
    let (place, kept) = left.split_once('\n').unwrap();
    let (place, kept) = (Path::new(place), kept.lines().map(str::to_string).collect::<Vec<_>>());
    let url = format!("sqlite:{}", place.join("daftar.db").display());
    let config = StoreConfig { url, data_dir: place.join("country-data"), blobs: None, archive: None };
    let store = Store::open(config, World::system(), &MIGRATIONS).await.unwrap();
    let found = cases(&store).await;
    let lost: Vec<&String> = kept.iter().filter(|case| !found.contains(case)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    store.close().await;
    std::fs::remove_dir_all(place).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_loses_nothing() {
    run("disk::on_a_full_disk", true, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_fsync_is_said_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (source, shim) = (dir.path().join("shim.c"), dir.path().join("shim.so"));
    std::fs::write(&source, SHIM).unwrap();
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(&shim)
        .arg(&source)
        .arg("-ldl")
        .output()
        .expect("a C compiler, which building needs as well");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    run("disk::with_a_failing_fsync", false, Some(&shim)).await;
}

#[ignore = "run by the test above, in a process with small files"]
#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk() {
    let bed = Bed::new(Engine::Sqlite).await;
    let filler = bed.installation.store.clone();
    until_refused(&bed, async |number| {
        // Something large beside each case, so that it does not take an hour.
        if number > 5 {
            let _ = filler.write(move |tx| Box::pin(async move { fill(tx, number).await })).await;
        }
    })
    .await;
}

async fn fill(tx: &mut daftar_store::Tx, number: usize) -> Result<(), daftar_store::StoreError> {
    let (id, body) =
        (daftar_kernel::Id::from_parts(u64::try_from(number).unwrap(), [7; 10]), vec![7_u8; 400_000]);
    let text = sql!("insert into record_entry (id, log, body, at) values ($1, 'filling', $2, 0)");
    tx.execute(text, &params![id, body]).await.map(|_| ())
}

#[ignore = "run by the test above, in a process whose fsync can fail"]
#[tokio::test(flavor = "multi_thread")]
async fn with_a_failing_fsync() {
    let bed = Bed::new(Engine::Sqlite).await;
    until_refused(&bed, async |number| {
        if number == 10 {
            std::fs::write(FLAG, "").unwrap();
        }
    })
    .await;
}

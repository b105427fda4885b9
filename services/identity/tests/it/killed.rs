//! An import whose process is killed (SIGKILL) in the middle of a batch, again and again, on both engines:
//! whoever was acknowledged is there, and nobody comes twice.

use crate::country;
use daftar_identity::import::{BATCH_ROWS, ImportOrder, Progress};
use daftar_kernel::World;
use daftar_store::{Store, StoreConfig, StoreError, sql};
use daftar_testing::{Engine, TestStore};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const MAPPING: &str = "format = 1\nsource = 's'\nagency = 'registry'\noffice = 'registry-north'\n\
    purpose = 'registration'\nbasis = 'b'\n[field.name]\ncolumns = ['name']\n[field.born]\ncolumns = ['born']\n";
const BATCHES: usize = 6;
/// Where the child finds the store and the file: URL, folder of the data, folder of the files.
const PLACE: &str = "DAFTAR_TEST_IMPORT_CHILD";
const STEP: &str = "rows done: ";

fn order(dir: &Path) -> ImportOrder {
    let file = dir.join("people.csv");
    let (report, duplicates) = (dir.join("report.csv"), dir.join("duplicates.csv"));
    ImportOrder { file, mapping: MAPPING.into(), commit: true, report, duplicates }
}

async fn open(url: &str, data_dir: PathBuf) -> Store {
    let config = StoreConfig { url: url.into(), data_dir, blobs: None, archive: None };
    Store::open(config, World::system(), &country::MIGRATIONS).await.unwrap()
}

/// The process that is killed. It runs only when the test below starts it.
#[tokio::test]
#[ignore = "started by the test below, to be killed"]
#[expect(clippy::disallowed_methods, reason = "how a test hands something to its child")]
async fn child() {
    let place = std::env::var(PLACE).unwrap();
    let mut parts = place.split('|');
    let mut next = || parts.next().unwrap();
    let (url, data, dir) = (next(), next(), next());
    let people = country::people_of(open(url, data.into()).await).await;
    let progress = |step: Progress| {
        println!("{STEP}{}", step.rows);
        ControlFlow::Continue(())
    };
    people.import(&order(Path::new(dir)), progress).await.unwrap();
}

/// Starts the child and kills it after so many batches; answers the last count it reported.
fn run_and_kill(place: &str, after: usize) -> u64 {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "killed::child", "--ignored", "--nocapture"]).env(PLACE, place);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let steps =
        lines.map_while(Result::ok).filter_map(|line| line.split(STEP).nth(1)?.trim().parse::<u64>().ok());
    let last = steps.take(after).last().unwrap_or_default();
    child.kill().unwrap();
    child.wait().unwrap();
    last
}

async fn count(store: &Store) -> u64 {
    let rows = store.read(|tx| {
        Box::pin(async move {
            let row = tx
                .query_one(
                    sql!("select count(*), count(distinct import_row) from identity_person where import is not null"),
                    &[],
                )
                .await?;
            Ok::<_, StoreError>((row.get::<i64>(0)?, row.get::<i64>(1)?))
        })
    });
    let (people, rows) = rows.await.unwrap();
    assert_eq!(people, rows, "nobody came twice");
    people.unsigned_abs()
}

async fn kill_again_and_again(url: &str, data: PathBuf, dir: &Path) {
    let total = BATCHES * BATCH_ROWS;
    let mut rows = String::from("name,born\n");
    for n in 0..total {
        writeln!(rows, "Person Number{n},{}", 1900 + n % 100).unwrap();
    }
    std::fs::write(dir.join("people.csv"), rows).unwrap();
    open(url, data.clone()).await.close().await;
    let place = format!("{url}|{}|{}", data.display(), dir.display());
    for after in [1, 2, 1] {
        let acknowledged = run_and_kill(&place, after);
        let store = open(url, data.clone()).await;
        let there = count(&store).await;
        assert!(
            acknowledged > 0 && there >= acknowledged,
            "{there} of {acknowledged} acknowledged are there"
        );
        assert_eq!(there % BATCH_ROWS as u64, 0, "half a batch is none");
        store.close().await;
    }
    let store = open(url, data).await;
    let people = country::people_of(store.clone()).await;
    let done = people.import(&order(dir), |_| ControlFlow::Continue(())).await.unwrap();
    assert_eq!((done.registered, done.refused, done.held), (total as u64, 0, 0));
    assert_eq!(count(&store).await, total as u64);
}

#[tokio::test]
async fn a_killed_import_loses_nobody_and_doubles_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("daftar.db").display());
    kill_again_and_again(&url, dir.path().join("data"), dir.path()).await;
    let server = TestStore::on(Engine::Postgres, &country::MIGRATIONS).await;
    let dir = tempfile::tempdir().unwrap();
    kill_again_and_again(&server.config().url, server.config().data_dir.clone(), dir.path()).await;
}

//! What happens when the disk does not do what it should. (Beside the threads, because it needs the connection.)

use super::session::{Role, SqliteSession};
use super::threads::Database;
use crate::tx::{Engine, Text, Tx, Want};
use crate::{StoreError, params};
use daftar_kernel::World;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::{Context, Waker};

fn writer(path: &Path, script: &str) -> Tx {
    let mut session = SqliteSession::open(path, Role::Writer).unwrap();
    session.run_script(script).unwrap();
    Tx::new(Engine::Sqlite(session), World::system())
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("daftar.db");
    drop(writer(
        &path,
        "create table parent (id integer primary key) strict;
         create table child (id integer primary key, body blob,
             parent integer references parent (id) deferrable initially deferred) strict;",
    ));
    (dir, path)
}

async fn insert(database: &Database, id: i64, size: usize, parent: Option<i64>) -> Result<(), StoreError> {
    database
        .write(move |tx| {
            Box::pin(async move {
                let text = Text::Static("insert into child (id, body, parent) values ($1, $2, $3)");
                tx.run(text, &params![id, vec![7_u8; size], parent], Want::Count).await.map(|_| ())
            })
        })
        .await
}

async fn ids(database: &Database) -> Vec<i64> {
    let read = database.read(|tx| {
        Box::pin(async move {
            let rows = tx.run(Text::Static("select id from child order by id"), &[], Want::Rows).await?.rows;
            rows.iter().map(|row| row.get(0)).collect::<Result<Vec<i64>, StoreError>>()
        })
    });
    read.await.unwrap()
}

/// Many at once; answers which were acknowledged and the errors of the others.
async fn insert_many(
    database: &Arc<Database>,
    ids: std::ops::Range<i64>,
    size: usize,
) -> (Vec<i64>, Vec<StoreError>) {
    let mut tasks = tokio::task::JoinSet::new();
    for id in ids {
        let database = Arc::clone(database);
        tasks.spawn(async move { insert(&database, id, size, None).await.map(|()| id) });
    }
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for result in tasks.join_all().await {
        match result {
            Ok(id) => kept.push(id),
            Err(error) => refused.push(error),
        }
    }
    kept.sort_unstable();
    (kept, refused)
}

#[tokio::test]
async fn a_full_database_acknowledges_exactly_what_it_keeps() {
    let (_dir, path) = place();
    let database = Arc::new(
        Database::start(&path, &World::system(), writer(&path, "pragma max_page_count = 300")).unwrap(),
    );
    let (mut kept, _) = insert_many(&database, 0..10, 8192).await;
    assert_eq!(kept.len(), 10);
    let (more, refused) = insert_many(&database, 10..400, 8192).await;
    assert!(!refused.is_empty());
    kept.extend(more);
    assert!(refused.iter().all(|e| matches!(e, StoreError::Full | StoreError::Stopped(_))), "{refused:?}");
    assert_eq!(ids(&database).await, kept);
    drop(database);
    let again = Database::start(&path, &World::system(), writer(&path, "")).unwrap();
    assert_eq!(ids(&again).await, kept);
}

/// Runs the test below in a process of its own, in which no file may grow past a limit: the log's writes then fail
/// in the commit itself.
#[tokio::test]
async fn a_write_that_fails_in_the_commit_stops_the_writer() {
    let (dir, path) = place();
    let child = std::process::Command::new("sh")
        // An ignored signal stays ignored in the program that is run: the write fails instead of killing it.
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 2048; exec \"$0\" --exact sqlite::faults::with_small_files --ignored",
        ])
        .arg(std::env::current_exe().unwrap())
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    let kept: Vec<i64> = std::fs::read_to_string(dir.path().join("kept"))
        .unwrap()
        .lines()
        .map(|id| id.parse().unwrap())
        .collect();
    assert!(!kept.is_empty());
    let again = Database::start(&path, &World::system(), writer(&path, "")).unwrap();
    let found = ids(&again).await;
    assert!(kept.iter().all(|id| found.contains(id)), "acknowledged and lost: {kept:?} {found:?}");
}

#[ignore = "run by the test above, in a process with small files"]
#[tokio::test]
async fn with_small_files() {
    let path = Path::new("daftar.db");
    let database = Arc::new(Database::start(path, &World::system(), writer(path, "")).unwrap());
    let (mut kept, _) = insert_many(&database, 0..10, 8192).await;
    assert_eq!(kept.len(), 10);
    let (more, refused) = insert_many(&database, 10..800, 8192).await;
    kept.extend(more);
    assert!(
        refused.iter().all(|e| matches!(e, StoreError::Io { .. } | StoreError::Stopped(_))),
        "{refused:?}"
    );
    assert!(refused.iter().any(|e| matches!(e, StoreError::Io { .. })), "{refused:?}");
    let later = insert(&database, 9999, 1, None).await;
    assert!(matches!(later, Err(StoreError::Stopped(_))), "{later:?}");
    assert_eq!(ids(&database).await, kept, "what was not acknowledged does not show");
    let lines: String = kept.iter().map(|id| format!("{id}\n")).collect();
    std::fs::write("kept", lines).unwrap();
}

#[tokio::test]
async fn a_failed_commit_fails_its_whole_batch_and_every_later_write() {
    let (_dir, path) = place();
    let database = Arc::new(Database::start(&path, &World::system(), writer(&path, "")).unwrap());
    insert(&database, 1, 10, None).await.unwrap();
    // A deferred reference to nothing fails at the commit, as a broken disk would.
    let (orphan, with_it) = tokio::join!(insert(&database, 2, 10, Some(77)), insert(&database, 3, 10, None));
    assert!(orphan.is_err());
    let later = insert(&database, 4, 10, None).await;
    assert!(matches!(later, Err(StoreError::Stopped(_))), "{later:?}");
    // Number 3 shared the batch or came after it.
    assert!(with_it.is_err(), "{with_it:?}");
    assert_eq!(ids(&database).await, [1], "reading goes on");
    drop(database);
    let again = Database::start(&path, &World::system(), writer(&path, "")).unwrap();
    assert_eq!(ids(&again).await, [1]);
    insert(&again, 4, 10, None).await.unwrap();
}

#[tokio::test]
async fn a_full_queue_says_busy_and_nothing_is_lost() {
    let (_dir, path) = place();
    let database = Arc::new(Database::start(&path, &World::system(), writer(&path, "")).unwrap());
    let (begun, wait_begun) = std::sync::mpsc::channel::<()>();
    let (go_on, wait_go_on) = std::sync::mpsc::channel::<()>();
    let wait = Arc::new(std::sync::Mutex::new(wait_go_on));
    let blocked = {
        let database = Arc::clone(&database);
        tokio::spawn(async move {
            database
                .write(move |_tx| {
                    let (begun, wait) = (begun.clone(), Arc::clone(&wait));
                    Box::pin(async move {
                        begun.send(()).unwrap();
                        wait.lock().unwrap().recv().unwrap();
                        Ok::<_, StoreError>(())
                    })
                })
                .await
        })
    };
    tokio::task::spawn_blocking(move || wait_begun.recv().unwrap()).await.unwrap();
    // The writer holds one; the queue takes its limit and not one more.
    let limit = i64::try_from(super::WRITE_QUEUE_LIMIT).unwrap();
    let mut waiting = Vec::new();
    for id in 0..limit {
        let mut one = Box::pin(insert_owned(Arc::clone(&database), id));
        assert!(one.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        waiting.push(one);
    }
    assert!(matches!(insert(&database, limit, 1, None).await, Err(StoreError::Busy(_))));
    go_on.send(()).unwrap();
    assert_eq!(blocked.await.unwrap(), Ok(()));
    for one in waiting {
        assert_eq!(one.await, Ok(()));
    }
    assert_eq!(ids(&database).await.len(), super::WRITE_QUEUE_LIMIT);
}

async fn insert_owned(database: Arc<Database>, id: i64) -> Result<(), StoreError> {
    insert(&database, id, 1, None).await
}

//! An engine that lies, is slow, or goes away in the middle: a small server on a Unix socket, in front of nothing or of LXD.

use crate::fixture::{driver, fence, id, instance, network};
use daftar_cloud::engine::lxd::{Lxd, Patience};
use daftar_cloud::engine::{Engine, EngineError, Instance, State};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

const IMPATIENT: Patience = Patience {
    request: Duration::from_millis(300),
    operation: Duration::from_secs(1),
    stop: Duration::from_secs(1),
};

/// A server that answers each request with these bytes and closes; none: it says nothing and holds the line.
fn says(answer: Option<Vec<u8>>) -> (tempfile::TempDir, Lxd) {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    let listener = UnixListener::bind(&socket).unwrap();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut line, _)) = listener.accept().await {
            let mut heard = [0; 4096];
            let _ = line.read(&mut heard).await;
            match &answer {
                Some(answer) => {
                    let _ = line.write_all(answer).await;
                }
                None => held.push(line),
            }
        }
    });
    let engine = Lxd::new(&socket, "pool", IMPATIENT);
    (dir, engine)
}

fn http(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

async fn asked(answer: Option<Vec<u8>>) -> EngineError {
    let (_dir, engine) = says(answer);
    engine.project(id(1), &fence()).await.expect_err("a fault")
}

#[tokio::test]
async fn an_engine_that_is_not_there_is_gone() {
    let engine = Lxd::new(Path::new("/nowhere/socket"), "pool", IMPATIENT);
    let error = engine.usage().await.unwrap_err();
    assert!(matches!(error, EngineError::Gone(_)) && error.can_pass(), "{error}");
    assert!(matches!(asked(Some(Vec::new())).await, EngineError::Gone(_)), "it hangs up");
    assert!(matches!(asked(None).await, EngineError::Gone(_)), "it says nothing");
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"type\":".to_vec();
    assert!(matches!(asked(Some(half)).await, EngineError::Gone(_)), "it breaks off");
}

#[tokio::test]
async fn an_engine_that_lies_makes_no_sense() {
    for body in [
        "",
        "<html>",
        "{}",
        r#"{"type":"sync"}"#,
        r#"{"type":"async","operation":"/etc/passwd"}"#,
        r#"{"type":"sync","metadata":{"config":7}}"#,
    ] {
        let (_dir, engine) = says(Some(http(body)));
        assert!(engine.about().await.is_err(), "{body}");
        assert!(engine.instance(id(1), &instance(30, &"0".repeat(64))).await.is_err(), "{body}");
        let run = engine.run(id(1), id(30), &["true".to_string()], 1).await;
        assert!(matches!(run, Err(EngineError::Nonsense(_))), "{body}: {run:?}");
    }
    let strange = r#"{"type":"sync","metadata":[{"name":"i1"},{"name":7}]}"#;
    let (_dir, engine) = says(Some(http(strange)));
    assert!(matches!(engine.usage().await, Err(EngineError::Nonsense(_))));
    assert!(matches!(engine.inventory(id(1)).await, Err(EngineError::Nonsense(_))));
    let huge = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", u64::from(u32::MAX));
    let error = asked(Some(huge.into_bytes())).await;
    assert!(matches!(error, EngineError::Nonsense(_) | EngineError::Gone(_)), "{error}");
}

#[tokio::test]
async fn an_operation_without_an_end_is_not_waited_for_for_ever() {
    let going = r#"{"type":"async","operation":"/1.0/operations/7","metadata":{}}"#;
    let error = asked(Some(http(going))).await;
    assert!(matches!(error, EngineError::Nonsense(_) | EngineError::Gone(_)), "{error}");
    let (_dir, engine) = says(Some(http(r#"{"type":"sync","metadata":{"status_code":103,"config":{}}}"#)));
    assert!(engine.network(id(1), &network(10, "10.64.3.1/24")).await.is_err());
}

/// Stands in front of the engine and hangs up after so many answers, then lets nothing through.
fn cut_after(engine: PathBuf, answers: i64) -> (tempfile::TempDir, Lxd) {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    let listener = UnixListener::bind(&socket).unwrap();
    let left = Arc::new(AtomicI64::new(answers));
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            let left = left.fetch_sub(1, Ordering::SeqCst);
            let engine = engine.clone();
            tokio::spawn(async move {
                if left < 0 {
                    return;
                }
                let Ok(mut behind) = UnixStream::connect(engine).await else { return };
                if left > 0 {
                    let _ = tokio::io::copy_bidirectional(&mut line, &mut behind).await;
                    return;
                }
                // The last request reaches the engine (ours are one write each); its answer reaches nobody.
                let mut request = vec![0; 65_536];
                let Ok(length) = line.read(&mut request).await else { return };
                let _ = behind.write_all(&request[..length]).await;
                let _ = behind.read(&mut [0; 1]).await;
            });
        }
    });
    let patience =
        Patience { operation: Duration::from_secs(60), request: Duration::from_secs(10), ..IMPATIENT };
    (dir, Lxd::new(&socket, "pool", patience))
}

/// Whatever answer is lost, asking the same again ends in the same: one computer that runs, in one network.
#[tokio::test(flavor = "multi_thread")]
async fn gone_after_any_answer_and_asked_again_it_ends_the_same() {
    let Some(lxd) = daftar_testing::Lxd::start(2048) else { return };
    let whole = driver(&lxd);
    let wanted = Instance { networks: vec![id(10)], ..instance(30, lxd.image()) };
    let (project, room, net) = (id(1), fence(), network(10, "10.165.3.1/24"));
    let all = async |engine: &dyn Engine| {
        engine.project(project, &room).await?;
        engine.network(project, &net).await?;
        engine.instance(project, &wanted).await
    };
    let mut cuts = 0;
    for answers in 0.. {
        let (_dir, engine) = cut_after(lxd.socket().into(), answers);
        if all(&engine).await.is_ok() {
            break;
        }
        cuts += 1;
        // The engine may still be at what it was asked for; then it says so, and is asked again.
        let mut again = all(&whole).await;
        for _ in 0..100 {
            match &again {
                Err(error) if error.can_pass() => again = all(&whole).await,
                _ => break,
            }
        }
        assert!(again.is_ok(), "cut after {answers} answers: {again:?}");
        let there = whole.inventory(project).await.unwrap();
        assert_eq!(there.instances.len(), 1);
        assert_eq!((there.instances[0].1, there.networks), (State::Running, vec![id(10)]));
        whole.remove_instance(project, id(30)).await.unwrap();
        whole.remove_network(project, id(10)).await.unwrap();
        whole.remove_project(project).await.unwrap();
    }
    assert!(cuts >= 15, "every answer of the way was lost once: {cuts}");
}

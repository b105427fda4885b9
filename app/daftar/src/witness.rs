//! `daftar witness`: a witness as its own process, with its own folder and key (C2SP tlog-witness).

use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use daftar_http::serve;
use daftar_kernel::World;
use daftar_record::RecordError;
use daftar_record::witness::{MAX_REQUEST_BYTES, Witness};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Serves a witness until told to stop. Prints its key and address, for the policies of those who trust it.
///
/// # Errors
/// When its folder or the list of logs cannot be read, or the address is taken.
pub async fn run(place: &crate::cli::Place, args: &crate::cli::Witness) -> Result<()> {
    let dir = crate::settings::data_dir(place);
    let text =
        std::fs::read_to_string(&args.logs).with_context(|| format!("reading {}", args.logs.display()))?;
    let keys: Vec<String> = text
        .lines()
        .map(|line| line.trim().trim_start_matches("log ").to_string())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    Witness::init(&dir, &World::system(), &keys)?;
    let witness = Arc::new(Witness::open(&dir, &args.name, World::system())?);
    let listener = TcpListener::bind(&args.listen).await.with_context(|| {
        format!("cannot listen on {}. Next: choose another address with --listen", args.listen)
    })?;
    crate::say(&format!(
        "witness {} {} http://{}",
        args.name,
        witness.verifier_key(),
        listener.local_addr()?
    ));
    let router = axum::Router::new()
        .route("/add-checkpoint", axum::routing::post(add_checkpoint))
        .route("/{hash}/checkpoint", axum::routing::get(latest))
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .with_state(witness);
    let (stop, stopped) = watch::channel(false);
    let served = tokio::spawn(serve::serve(listener, router, stopped));
    tokio::select! {
        () = crate::serving::wait_for_signal() => {}
        () = end_of_input(), if args.leashed => {}
    }
    let _ = stop.send(true);
    Ok(served.await??)
}

/// Returns when standard input ends: whoever holds its other end is gone then, however that happened.
async fn end_of_input() {
    let (gone, is_gone) = tokio::sync::oneshot::channel();
    // A thread of its own: a read that never returns would keep the runtime from ending.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = gone.send(());
    });
    let _ = is_gone.await;
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Bytes) -> Response {
    // The disk is written before the answer; that may block.
    answer(tokio::task::spawn_blocking(move || witness.add_checkpoint(&body)).await)
}

async fn latest(State(witness): State<Arc<Witness>>, Path(hash): Path<String>) -> Response {
    answer(tokio::task::spawn_blocking(move || witness.latest(&hash)).await)
}

fn answer(
    result: Result<Result<transparency_log::witness::Answer, RecordError>, tokio::task::JoinError>,
) -> Response {
    match result {
        Ok(Ok(answer)) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let kind = HeaderName::from_static("content-type");
            (status, [(kind, answer.content_type)], answer.body).into_response()
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "the witness could not keep its promise");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a request ended badly");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

//! Listens, and hands each request to the pipeline. Slow or oversized headers are cut off here.

use crate::pipeline::{Pipeline, Wire};
use crate::tls::Tls;
use axum::body::Body;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

/// Longest time a client may take to send its headers, in seconds.
pub const HEADER_SECONDS: u64 = 10;
/// Longest time a client may take to send its body, in seconds: thin lines are slow.
pub const BODY_SECONDS: u64 = 60;
/// Most connections at once; further ones wait in the kernel's queue.
pub const MAX_CONNECTIONS: usize = 4096;
/// Largest header block, in bytes.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;
/// How long, once told to stop, open lines may bring one more request, in milliseconds: its answer says that the line
/// closes. A line that is cut the moment somebody writes on it looks like a failed request to them.
pub const FAREWELL_MS: u64 = 1000;
/// How often it is looked whether a line is still open then, in milliseconds.
const FAREWELL_STEP_MS: u64 = 10;

/// Where connections come in.
pub struct Door {
    /// The socket.
    pub listener: TcpListener,
    /// TLS, unless what comes in is already open text: from a proxy, or on the machine itself.
    pub tls: Option<Tls>,
}

impl From<TcpListener> for Door {
    fn from(listener: TcpListener) -> Self {
        Self { listener, tls: None }
    }
}

/// The routes as a service that can also be called without a socket, as tests do.
pub fn router(pipeline: &Arc<Pipeline>) -> axum::Router {
    let mut router = axum::Router::new();
    let mut methods: std::collections::BTreeMap<&'static str, Vec<&'static str>> = Default::default();
    for route in pipeline.routes.iter() {
        methods.entry(route.path).or_default().push(route.method);
        let (pipeline, route) = (Arc::clone(pipeline), Arc::new(route.clone()));
        let method = route.method;
        let path = route.path;
        let handler = move |request: Request<Body>| {
            let (pipeline, route) = (Arc::clone(&pipeline), Arc::clone(&route));
            async move { respond(&pipeline, Some(&route), request).await }
        };
        router = router.route(
            path,
            match method {
                "POST" => axum::routing::post(handler),
                "PUT" => axum::routing::put(handler),
                "DELETE" => axum::routing::delete(handler),
                "OPTIONS" => axum::routing::options(handler),
                _ => axum::routing::get(handler),
            },
        );
    }
    let fallback = {
        let pipeline = Arc::clone(pipeline);
        move |request: Request<Body>| async move { respond(&pipeline, None, request).await }
    };
    router.fallback(fallback.clone()).method_not_allowed_fallback({
        let pipeline = Arc::clone(pipeline);
        move |request: Request<Body>| async move { pipeline.method_not_allowed(&Wire::head(request).0).await }
    })
}

async fn respond(
    pipeline: &Arc<Pipeline>,
    route: Option<&Arc<crate::Route>>,
    request: Request<Body>,
) -> Response<Body> {
    let limit = route.map_or(0, |route| route.body_bytes);
    let (mut wire, body) = Wire::head(request);
    wire.path_values = path_values(route.map_or("", |route| route.path), &wire.path);
    let body = Limited::new(body, limit).collect();
    match tokio::time::timeout(Duration::from_secs(BODY_SECONDS), body).await {
        Ok(Ok(collected)) => wire.body = collected.to_bytes(),
        Ok(Err(error)) if error.downcast_ref::<LengthLimitError>().is_some() => wire.too_large = Some(limit),
        // A line that broke or dragged: nobody is left to read an answer.
        Ok(Err(_)) | Err(_) => wire.broken = true,
    }
    pipeline.answer(route, wire).await
}

/// The raw values of a route's parameters in a path it matched.
fn path_values(pattern: &str, path: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut actual = path.split('/');
    for part in pattern.split('/') {
        let value = actual.next().unwrap_or_default();
        if let Some(name) = part.strip_prefix("{*").and_then(|p| p.strip_suffix('}')) {
            let tail: Vec<&str> = std::iter::once(value).chain(actual.by_ref()).collect();
            out.push((name.to_string(), tail.join("/")));
        } else if let Some(name) = part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
            out.push((name.to_string(), value.to_string()));
        }
    }
    out
}

/// Serves until `stop` turns true, then lets running requests finish.
///
/// # Errors
/// Only when the listener itself fails.
pub async fn serve(
    door: impl Into<Door>,
    router: axum::Router,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let Door { listener, tls } = door.into();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, or the peer left already: the next one may do better.
                    tracing::warn!(%error, "accept failed");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            _ = stop.changed() => break,
        };
        let _ = stream.set_nodelay(true);
        let line = Line { router: router.clone(), peer, stop: stop.clone(), watcher: graceful.watcher() };
        let tls = tls.clone();
        tokio::spawn(async move {
            line.talk(stream, tls).await;
            drop(place);
        });
    }
    // Whoever connects from here on is the successor's, who may have the same socket.
    drop(listener);
    farewell(&graceful).await;
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(Duration::from_secs(10)) => tracing::warn!("some requests did not finish in time"),
    }
    Ok(())
}

/// Waits until every line is closed, at most [`FAREWELL_MS`].
async fn farewell(graceful: &GracefulShutdown) {
    for _ in 0..FAREWELL_MS / FAREWELL_STEP_MS {
        if graceful.count() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(FAREWELL_STEP_MS)).await;
    }
}

/// One connection.
struct Line {
    router: axum::Router,
    peer: SocketAddr,
    stop: watch::Receiver<bool>,
    watcher: Watcher,
}

impl Line {
    /// Takes requests until one side has enough. A client that breaks off is not our fault and not news.
    async fn talk(self, stream: TcpStream, tls: Option<Tls>) {
        let Some(tls) = tls else { return self.answer(stream).await };
        let greeted = tls.acceptor().accept(stream);
        if let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_secs(HEADER_SECONDS), greeted).await {
            self.answer(stream).await;
        }
    }

    async fn answer(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self { router, peer, stop, watcher } = self;
        let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
            one(router.clone(), peer, stop.clone(), request)
        });
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(HEADER_SECONDS))
            .max_buf_size(MAX_HEADER_BYTES)
            .max_headers(64);
        let _ = watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await;
    }
}

async fn one(
    router: axum::Router,
    peer: SocketAddr,
    stop: watch::Receiver<bool>,
    mut request: Request<hyper::body::Incoming>,
) -> Result<Response<Body>, Infallible> {
    request.extensions_mut().insert(peer);
    let mut response = router.oneshot(request.map(Body::new)).await?;
    if *stop.borrow() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_by_position() {
        assert_eq!(
            path_values("/a/{x}/b/{y}", "/a/1/b/2"),
            [("x".into(), "1".into()), ("y".into(), "2".into())]
        );
        assert_eq!(path_values("/log/{*rest}", "/log/a/b"), [("rest".into(), "a/b".into())]);
        assert!(path_values("/", "/").is_empty());
    }
}

//! HTTP/1.1 over the engine's Unix socket: one line a request, every answer bounded in time and size.

use super::Patience;
use crate::engine::EngineError;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, Limited};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::UnixStream;

/// The most that is read of one answer, in bytes: an engine's list of a thousand instances has about three million.
pub const ANSWER_LIMIT: usize = 32 * 1024 * 1024;

type Body = UnsyncBoxBody<Bytes, hyper::Error>;

/// What the engine answered.
pub struct Reply {
    /// What it says about the thing, or the finished operation.
    pub metadata: Value,
    /// The mark of what was read, for a change that must not overwrite another.
    pub etag: Option<String>,
}

/// The engine's socket.
#[derive(Clone, Debug)]
pub struct Client {
    socket: PathBuf,
    patience: Patience,
}

impl Client {
    /// A client of this socket; nothing is connected yet.
    pub fn new(socket: &Path, patience: Patience) -> Self {
        Self { socket: socket.into(), patience }
    }

    /// Reads something.
    pub async fn get(&self, path: &str) -> Result<Value, EngineError> {
        Ok(self.ask(Method::GET, path, None, None).await?.metadata)
    }

    /// Reads something that need not be there.
    pub async fn find(&self, path: &str) -> Result<Option<Value>, EngineError> {
        match self.get(path).await {
            Ok(value) => Ok(Some(value)),
            Err(EngineError::Missing(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Asks for a change and waits until it is done.
    pub async fn change(&self, method: Method, path: &str, body: Value) -> Result<Value, EngineError> {
        Ok(self.ask(method, path, Some(body), None).await?.metadata)
    }

    /// Removes something; what is not there is removed already.
    pub async fn remove(&self, path: &str) -> Result<(), EngineError> {
        match self.ask(Method::DELETE, path, None, None).await {
            Ok(_) | Err(EngineError::Missing(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Asks, with `If-Match` where a mark is given; an operation the engine makes of it is waited for.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        etag: Option<&str>,
    ) -> Result<Reply, EngineError> {
        let (answer, etag) = self.begin(method, path, body, etag).await?;
        let metadata = match answer {
            Answer::Done(metadata) => metadata,
            Answer::Operation { path, .. } => self.wait(&path, self.patience.operation).await?,
        };
        Ok(Reply { metadata, etag })
    }

    /// Asks, and does not wait for the operation that may come of it.
    pub async fn begin(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        etag: Option<&str>,
    ) -> Result<(Answer, Option<String>), EngineError> {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "engine");
        if let Some(etag) = etag {
            request = request.header(header::IF_MATCH, etag);
        }
        let body: Body = match body.filter(|value| !value.is_null()) {
            Some(value) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Full::new(Bytes::from(value.to_string())).map_err(|never| match never {}).boxed_unsync()
            }
            None => Empty::new().map_err(|never| match never {}).boxed_unsync(),
        };
        let request = request.body(body).map_err(|e| EngineError::Refused(format!("{path}: {e}")))?;
        let (status, headers, text) = self.exchange(request, self.patience.request).await?;
        let etag = headers.get(header::ETAG).and_then(|v| v.to_str().ok()).map(String::from);
        Ok((read(status, &text)?, etag))
    }

    /// Hands over a file.
    pub async fn put_file(&self, path: &str, bytes: Vec<u8>) -> Result<(), EngineError> {
        let request = Request::post(path)
            .header(header::HOST, "engine")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(Full::new(Bytes::from(bytes)).map_err(|never| match never {}).boxed_unsync())
            .map_err(|e| EngineError::Refused(format!("{path}: {e}")))?;
        let (status, _, text) = self.exchange(request, self.patience.operation).await?;
        read(status, &text).map(|_| ())
    }

    /// Waits until an operation has ended, at most so long, and says what it says of itself then.
    pub async fn wait(&self, operation: &str, longest: Duration) -> Result<Value, EngineError> {
        let path = format!("{operation}/wait?timeout={}", longest.as_secs());
        let request = Request::get(path)
            .header(header::HOST, "engine")
            .body(Empty::new().map_err(|never| match never {}).boxed_unsync())
            .map_err(|e| EngineError::Nonsense(format!("an operation named {operation}: {e}")))?;
        let (status, _, text) = self.exchange(request, longest.saturating_add(self.patience.request)).await?;
        let Answer::Done(ended) = read(status, &text)? else {
            return Err(EngineError::Nonsense("waiting for an operation made another".into()));
        };
        ended_well(ended)
    }

    /// Waits for what the engine is at with an instance of a project, whoever asked for it and however it ends.
    ///
    /// A request whose answer was lost may still be under way. Whoever touches the instance meanwhile ruins it: LXD makes the
    /// folder of a disk for any use of it, and then cannot make the disk there.
    pub async fn settle(&self, operations: &str, instance: &str) -> Result<(), EngineError> {
        let all = self.get(operations).await?;
        let Some(running) = all.get("running").and_then(Value::as_array) else { return Ok(()) };
        for operation in running.iter().filter(|operation| operation["class"] == "task") {
            let touched = operation["resources"].as_object().into_iter().flatten();
            let ours = touched
                .flat_map(|(_, things)| things.as_array().into_iter().flatten().filter_map(Value::as_str))
                .any(|thing| last_part(thing) == instance);
            let Some(id) = operation["id"].as_str().filter(|_| ours) else { continue };
            match self.wait(&format!("/1.0/operations/{id}"), self.patience.operation).await {
                Err(error @ EngineError::Gone(_)) => return Err(error),
                _ended => {}
            }
        }
        Ok(())
    }

    /// Hands a file of one place of the engine to another, as it comes: an image into a project.
    pub async fn pipe(&self, from: &str, to: &str) -> Result<(), EngineError> {
        let request = Request::get(from)
            .header(header::HOST, "engine")
            .body(Empty::new().map_err(|never| match never {}).boxed_unsync())
            .map_err(|e| EngineError::Refused(format!("{from}: {e}")))?;
        let answer = bounded(self.patience.request, self.send(request)).await?;
        if !answer.status().is_success() {
            let status = answer.status();
            let text = bounded(self.patience.request, collect(answer)).await?;
            read(status, &text)?;
            return Err(EngineError::Nonsense(format!("{from}: status {status} without an error")));
        }
        let mut request = Request::post(to).header(header::HOST, "engine");
        if let Some(kind) = answer.headers().get(header::CONTENT_TYPE) {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let request = request
            .body(answer.into_body().boxed_unsync())
            .map_err(|e| EngineError::Refused(format!("{to}: {e}")))?;
        let (status, _, text) = self.exchange(request, self.patience.operation).await?;
        if let Answer::Operation { path, .. } = read(status, &text)? {
            self.wait(&path, self.patience.operation).await?;
        }
        Ok(())
    }

    /// A line of its own to the engine, for what is not request and answer.
    pub async fn line(&self) -> Result<UnixStream, EngineError> {
        bounded(self.patience.request, async {
            UnixStream::connect(&self.socket).await.map_err(|e| gone(&self.socket.display().to_string(), &e))
        })
        .await
    }

    async fn exchange(
        &self,
        request: Request<Body>,
        longest: Duration,
    ) -> Result<(StatusCode, HeaderMap, Bytes), EngineError> {
        bounded(longest, async {
            let answer = self.send(request).await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            Ok((status, headers, collect(answer).await?))
        })
        .await
    }

    async fn send(&self, request: Request<Body>) -> Result<http::Response<Incoming>, EngineError> {
        let stream = UnixStream::connect(&self.socket)
            .await
            .map_err(|e| gone(&self.socket.display().to_string(), &e))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|e| gone("the first bytes", &e))?;
        tokio::spawn(connection);
        sender.send_request(request).await.map_err(|e| gone("the line broke", &e))
    }
}

/// The name at the end of an address, e.g. of `/1.0/instances/web?project=p`.
pub fn last_part(address: &str) -> &str {
    let path = address.split('?').next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

/// What an answer is.
#[derive(Debug)]
pub enum Answer {
    /// It is done.
    Done(Value),
    /// The engine is at it.
    Operation {
        /// Where to wait for it.
        path: String,
        /// What it says so far.
        so_far: Value,
    },
}

async fn bounded<T>(
    longest: Duration,
    work: impl Future<Output = Result<T, EngineError>>,
) -> Result<T, EngineError> {
    tokio::time::timeout(longest, work)
        .await
        .unwrap_or_else(|_| Err(EngineError::Gone(format!("no answer within {} ms", longest.as_millis()))))
}

async fn collect(answer: http::Response<Incoming>) -> Result<Bytes, EngineError> {
    let body = Limited::new(answer.into_body(), ANSWER_LIMIT);
    match body.collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(EngineError::Nonsense(format!("an answer of more than {ANSWER_LIMIT} bytes")))
        }
        Err(error) => Err(EngineError::Gone(format!("the answer broke off: {error}"))),
    }
}

fn gone(what: &str, error: &dyn std::error::Error) -> EngineError {
    EngineError::Gone(format!("{what}: {error}"))
}

/// Reads the envelope around every answer.
fn read(status: StatusCode, text: &[u8]) -> Result<Answer, EngineError> {
    let nonsense = |what: &str| EngineError::Nonsense(format!("{what} (status {status})"));
    let mut envelope: Value =
        serde_json::from_slice(text).map_err(|_| nonsense("an answer that is not JSON"))?;
    match envelope["type"].as_str() {
        Some("error") => {
            let said = envelope["error"].as_str().unwrap_or_default();
            let code = envelope["error_code"].as_u64().unwrap_or_else(|| u64::from(status.as_u16()));
            Err(refusal(code, said))
        }
        Some("sync") => Ok(Answer::Done(envelope["metadata"].take())),
        Some("async") => {
            let path = envelope["operation"].as_str().unwrap_or_default().to_string();
            if !path.starts_with("/1.0/operations/") {
                return Err(nonsense("an operation without its address"));
            }
            Ok(Answer::Operation { path, so_far: envelope["metadata"].take() })
        }
        _ => Err(nonsense("an answer of no known type")),
    }
}

/// What an engine's no means. Both dialects use 500 for most refusals, so the words decide.
fn refusal(code: u64, said: &str) -> EngineError {
    let said: String = said.chars().take(500).collect();
    match code {
        404 => EngineError::Missing(said),
        412 | 503 => EngineError::Gone(said),
        // The last two: it is being made for a request whose answer was lost.
        _ if ["busy running", "database is locked", "Failed to remove symlink", "already exists"]
            .iter()
            .any(|busy| said.contains(busy)) =>
        {
            EngineError::Gone(said)
        }
        _ => EngineError::Refused(said),
    }
}

/// Whether an ended operation did what was asked.
fn ended_well(ended: Value) -> Result<Value, EngineError> {
    match ended["status_code"].as_u64() {
        Some(200) => Ok(ended),
        Some(400) => Err(refusal(400, ended["err"].as_str().unwrap_or("the operation failed"))),
        Some(401) => Err(EngineError::Gone("the operation was cancelled".into())),
        Some(code) if (100..200).contains(&code) => {
            Err(EngineError::Gone("the engine is still at it, and will be asked again".into()))
        }
        _ => Err(EngineError::Nonsense("an operation that ended in no known way".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(status: u16, text: &str) -> Result<Answer, EngineError> {
        read(StatusCode::from_u16(status).unwrap(), text.as_bytes())
    }

    #[test]
    fn answers_are_told_apart() {
        assert!(
            matches!(answer(200, r#"{"type":"sync","metadata":[1]}"#), Ok(Answer::Done(v)) if v == json!([1]))
        );
        assert!(matches!(
            answer(202, r#"{"type":"async","operation":"/1.0/operations/7"}"#),
            Ok(Answer::Operation { path, .. }) if path == "/1.0/operations/7"
        ));
        assert!(matches!(
            answer(404, r#"{"type":"error","error_code":404,"error":"no"}"#),
            Err(EngineError::Missing(_))
        ));
        assert!(
            matches!(answer(500, r#"{"type":"error","error_code":500,"error":"quota"}"#), Err(EngineError::Refused(s)) if s == "quota")
        );
        let busy =
            r#"{"type":"error","error_code":400,"error":"Instance is busy running a \"start\" operation"}"#;
        assert!(answer(400, busy).unwrap_err().can_pass());
        for odd in ["", "<html>", "{}", r#"{"type":"async","operation":"/etc"}"#, r#"{"type":"odd"}"#] {
            assert!(matches!(answer(200, odd), Err(EngineError::Nonsense(_))), "{odd}");
        }
    }

    #[test]
    fn an_operation_ends_well_or_says_why_not() {
        assert!(ended_well(json!({"status_code": 200})).is_ok());
        assert!(
            matches!(ended_well(json!({"status_code": 400, "err": "full"})), Err(EngineError::Refused(s)) if s == "full")
        );
        assert!(ended_well(json!({"status_code": 103})).unwrap_err().can_pass());
        assert!(matches!(ended_well(json!({"status_code": "x"})), Err(EngineError::Nonsense(_))));
    }
}

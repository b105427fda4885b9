//! One command inside an instance. Its output comes over lines of their own, so that it never lies on the machine's disk
//! however much it is, and only its beginning is kept.

use super::client::Answer;
use super::{Lxd, names, text};
use crate::engine::{EngineError, SAID_LIMIT, Said};
use daftar_kernel::Id;
use futures_util::{SinkExt, StreamExt};
use http::Method;
use serde_json::json;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

type Line = WebSocketStream<UnixStream>;

impl Lxd {
    pub(super) async fn run_inside(
        &self,
        project: Id,
        instance: Id,
        command: &[String],
        seconds: u32,
    ) -> Result<Said, EngineError> {
        let path =
            super::within(project, &format!("instances/{}/exec", names::name(names::INSTANCE, instance)));
        let ask = json!({
            "command": command, "interactive": false, "wait-for-websocket": true,
            "environment": {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"},
        });
        let (Answer::Operation { path: operation, so_far }, _) =
            self.client.begin(Method::POST, &path, Some(ask), None).await?
        else {
            return Err(EngineError::Nonsense("a command that is no operation".into()));
        };
        let lines = &so_far["metadata"]["fds"];
        let mut control = self.open(&operation, text(lines, "control")?).await?;
        let mut input = self.open(&operation, text(lines, "0")?).await?;
        let out = self.open(&operation, text(lines, "1")?).await?;
        let err = self.open(&operation, text(lines, "2")?).await?;
        // It reads nothing: the end of its input. A line that is gone already says the same.
        let _ = input.close(None).await;
        let ended = async {
            let (out, err) = tokio::join!(beginning(out), beginning(err));
            let ended = self.client.wait(&operation, self.patience.operation).await?;
            Ok((out, err, ended))
        };
        let longest = Duration::from_secs(u64::from(seconds));
        let Ok(done) = tokio::time::timeout(longest, ended).await else {
            let kill = json!({"command": "signal", "signal": 9});
            // When the line is gone, so is the command.
            let _ = control.send(Message::text(kill.to_string())).await;
            return Err(EngineError::Refused(format!(
                "the command did not end within {seconds} s, and was ended"
            )));
        };
        let (out, err, ended) = done?;
        let status = ended["metadata"]["return"]
            .as_i64()
            .ok_or_else(|| EngineError::Nonsense("a command that ended without a status".into()))?;
        Ok(Said { status, out, err })
    }

    async fn open(&self, operation: &str, secret: &str) -> Result<Line, EngineError> {
        let stream = self.client.line().await?;
        let address = format!("ws://engine{operation}/websocket?secret={secret}");
        let opened =
            tokio::time::timeout(self.patience.request, tokio_tungstenite::client_async(address, stream))
                .await;
        match opened {
            Ok(Ok((line, _))) => Ok(line),
            Ok(Err(error)) => Err(EngineError::Gone(format!("a line to a command: {error}"))),
            Err(_) => Err(EngineError::Gone("a line to a command was not opened in time".into())),
        }
    }
}

/// The first bytes of what comes; the rest is read and let go, so that the command is not held up.
async fn beginning(mut line: Line) -> String {
    let mut kept: Vec<u8> = Vec::new();
    while let Some(Ok(message)) = line.next().await {
        match message {
            Message::Binary(bytes) => {
                let room = SAID_LIMIT.saturating_sub(kept.len()).min(bytes.len());
                kept.extend_from_slice(&bytes[..room]);
            }
            // The engine ends a stream with an empty text.
            Message::Text(_) | Message::Close(_) => break,
            _ => {}
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}

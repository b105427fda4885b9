//! Another version takes over while this one serves: it is started with the listening socket as its standard input, and once it
//! serves, this one lets its open requests finish and ends. Whoever connects meanwhile waits in the socket's queue; nobody is
//! refused. When it cannot start (its store is too new for it, say), this one goes on.

use crate::door::HANDED_OVER;
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

/// How long the successor may take until it serves.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until another version is to take over (SIGHUP) and serves. One that cannot start is told of, and waited for again.
pub(super) async fn take_over(socket: OwnedFd) {
    let Ok(mut hang_up) = signal(SignalKind::hangup()) else {
        tracing::warn!("cannot listen for SIGHUP: another version cannot take over");
        return std::future::pending().await;
    };
    while hang_up.recv().await.is_some() {
        let handed = match socket.try_clone() {
            Ok(handed) => handed,
            Err(error) => {
                tracing::error!(%error, "the socket cannot be handed over");
                continue;
            }
        };
        match start(handed).await {
            Ok(id) => {
                tracing::info!(successor = id, "another version serves now; this one ends");
                return;
            }
            Err(error) => tracing::error!(error = %format!("{error:#}"), "no successor"),
        }
    }
    std::future::pending().await
}

/// Starts the program that lies where this one was started from, and returns once it serves.
///
/// # Errors
/// When it does not start or ends before it serves; what it said stands on standard error.
async fn start(socket: OwnedFd) -> Result<u32> {
    let mut given = std::env::args_os();
    let program = given.next().context("this program does not know its own name")?;
    let mut command = Command::new(program);
    command.args(arguments(given)).stdin(Stdio::from(socket)).stdout(Stdio::piped());
    let mut child = command.spawn().context("starting the successor")?;
    let id = child.id().unwrap_or_default();
    let out = child.stdout.take().context("the successor has no output")?;
    let mut first = String::new();
    let said = tokio::time::timeout(PATIENCE, BufReader::new(out).read_line(&mut first)).await;
    match said {
        Ok(Ok(length)) if length > 0 => Ok(id),
        Ok(_) => bail!("the successor ended before it served ({}): this one goes on", child.wait().await?),
        Err(_) => {
            child.kill().await?;
            bail!("the successor did not serve within {} seconds: this one goes on", PATIENCE.as_secs())
        }
    }
}

/// The arguments of this program, with the socket in place of an address.
fn arguments(given: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let (mut kept, mut skip) = (Vec::new(), false);
    for argument in given {
        let listen = argument == "--listen";
        if !skip && !listen && !argument.to_string_lossy().starts_with("--listen=") {
            kept.push(argument);
        }
        skip = listen && !skip;
    }
    kept.extend(["--listen".into(), HANDED_OVER.into()]);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_takes_the_place_of_an_address() {
        let of = |text: &str| -> String {
            let given = text.split(' ').map(OsString::from);
            arguments(given).iter().map(|a| a.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of("--data d up"), "--data d up --listen -");
        assert_eq!(of("--data d up --listen 1.2.3.4:5 --plain"), "--data d up --plain --listen -");
        assert_eq!(of("--data d up --listen=1.2.3.4:5"), "--data d up --listen -");
        assert_eq!(of("up --listen - --name a"), "up --name a --listen -");
    }
}

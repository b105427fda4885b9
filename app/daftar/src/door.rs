//! Where connections come in: an address of our own, or a socket that somebody else opened and hands over as standard input.
//! systemd does (`StandardInput=socket`), and so does a running `daftar up` to its successor; whoever connects while one ends
//! and the other begins waits in that socket's queue.

use anyhow::{Context, Result};
use std::os::fd::AsFd;
use tokio::net::TcpListener;

/// What `--listen` says for a socket on standard input.
pub const HANDED_OVER: &str = "-";

/// Opens the listener at `address:port`, or takes the one on standard input for `-`.
///
/// # Errors
/// When the address is taken, or standard input is no listening socket.
pub async fn open(listen: &str) -> Result<TcpListener> {
    if listen != HANDED_OVER {
        return TcpListener::bind(listen).await.with_context(|| {
            format!("cannot listen on {listen}. Next: choose another address with --listen")
        });
    }
    let taken = || -> std::io::Result<TcpListener> {
        let socket = std::net::TcpListener::from(std::io::stdin().as_fd().try_clone_to_owned()?);
        socket.local_addr()?;
        socket.set_nonblocking(true)?;
        TcpListener::from_std(socket)
    };
    taken().context("standard input is no listening socket. Next: name an address with --listen")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_that_is_taken_is_named() {
        let first = open("127.0.0.1:0").await.unwrap();
        let taken = first.local_addr().unwrap().to_string();
        let error = open(&taken).await.unwrap_err().to_string();
        assert!(error.contains(&taken) && error.contains("--listen"), "{error}");
        assert!(open("nowhere").await.is_err());
    }
}

//! A client that keeps many connections busy: one request after the other on each, the next when the answer is whole.

use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Longest head of an answer that is read.
const MAX_HEAD: usize = 64 * 1024;

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
}

/// What a stretch of load came to.
#[derive(Debug)]
pub struct Measured {
    /// Acknowledged requests a second.
    pub per_second: u64,
    /// Median time of a request, in microseconds.
    pub p50: u64,
    /// Processor time of this process for one request, client included, in microseconds.
    pub cpu: u64,
}

/// Makes the bytes of the request of this number.
pub type Requests = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// A request with a body.
#[must_use]
pub fn request(method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: bench\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// One request on a connection of its own.
///
/// # Errors
/// When the line breaks.
pub async fn ask(address: SocketAddr, request: &[u8]) -> Result<Answer> {
    let mut stream = TcpStream::connect(address).await?;
    let mut left = Vec::new();
    exchange(&mut stream, request, &mut left).await
}

/// Keeps so many connections busy for so long; `numbers` goes on counting, so that no request is sent twice.
///
/// # Errors
/// When an answer has another status than `expect`: a fast refusal is no work done.
pub async fn drive(
    address: SocketAddr,
    connections: usize,
    time: Duration,
    numbers: &Arc<AtomicU64>,
    requests: &Requests,
    expect: u16,
) -> Result<Measured> {
    let (begun, cpu) = (Instant::now(), crate::machine::cpu_micros());
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        let (numbers, requests) = (Arc::clone(numbers), Arc::clone(requests));
        tasks.spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (mut left, mut times) = (Vec::new(), Vec::new());
            while begun.elapsed() < time {
                let bytes = requests(numbers.fetch_add(1, Ordering::Relaxed));
                let sent = Instant::now();
                let answer = exchange(&mut stream, &bytes, &mut left).await?;
                if answer.status != expect {
                    let text = String::from_utf8_lossy(&answer.body);
                    bail!(
                        "{} instead of {expect}: {}",
                        answer.status,
                        text.chars().take(600).collect::<String>()
                    );
                }
                times.push(u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX));
            }
            Ok::<_, anyhow::Error>(times)
        });
    }
    let mut times = Vec::new();
    while let Some(done) = tasks.join_next().await {
        times.extend(done??);
    }
    let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX).max(1);
    let count = u64::try_from(times.len()).unwrap_or(0);
    Ok(Measured {
        per_second: count.saturating_mul(1_000_000) / micros,
        p50: crate::report::median(&times),
        cpu: crate::machine::cpu_micros().saturating_sub(cpu) / count.max(1),
    })
}

/// Sends a request and reads the whole answer; what came after it stays in `left`.
async fn exchange(stream: &mut TcpStream, request: &[u8], left: &mut Vec<u8>) -> Result<Answer> {
    stream.write_all(request).await?;
    let head = loop {
        if let Some(at) = left.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if left.len() > MAX_HEAD || stream.read_buf(left).await? == 0 {
            bail!("the answer broke off");
        }
    };
    let text = String::from_utf8_lossy(left.get(..head).unwrap_or_default()).to_ascii_lowercase();
    let status = text.split(' ').nth(1).and_then(|code| code.parse().ok()).context("no status line")?;
    let length: usize = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(Ok(0), |value| value.trim().parse())?;
    while left.len() < head + length {
        if stream.read_buf(left).await? == 0 {
            bail!("the answer broke off");
        }
    }
    let body = left.get(head..head + length).unwrap_or_default().to_vec();
    left.drain(..head + length);
    Ok(Answer { status, body })
}

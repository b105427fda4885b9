//! A client that keeps many connections busy: one request after the other on each, the next when the answer is whole.
//!
//! It runs on one thread of its own, does as little as it can, and counts what it takes of the processors.

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
    /// Status line and headers.
    pub head: String,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let value = |line: &'a str| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    };
    head.lines().find_map(value)
}

/// What a stretch of load came to.
#[derive(Debug)]
pub struct Measured {
    /// Acknowledged requests.
    pub count: u64,
    /// The same a second.
    pub per_second: u64,
    /// Median time of a request, in microseconds.
    pub p50: u64,
    /// Time that 99 of 100 requests stay below, in microseconds.
    pub p99: u64,
    /// Processor time of this process for one request, client included, in microseconds.
    pub cpu: u64,
    /// The client's share of it.
    pub client_cpu: u64,
}

impl Measured {
    /// Of the times of all requests of a stretch, in microseconds, its length, and the processor time that the process and its
    /// client took.
    #[must_use]
    pub fn of(times: &[u64], time: Duration, cpu_micros: u64, client_micros: u64) -> Self {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1);
        let count = u64::try_from(times.len()).unwrap_or(0);
        Self {
            count,
            per_second: count.saturating_mul(1_000_000) / micros,
            p50: crate::report::quantile(times, 50),
            p99: crate::report::quantile(times, 99),
            cpu: cpu_micros / count.max(1),
            client_cpu: client_micros / count.max(1),
        }
    }
}

/// How requests are sent.
#[derive(Debug, Clone, Copy)]
pub struct Drive {
    /// Connections, each with one request on its way at most.
    pub connections: usize,
    /// For how long.
    pub time: Duration,
    /// Requests a second over all connections; without it each sends the next as soon as it has its answer.
    pub offered: Option<u64>,
    /// The status every answer must have: a fast refusal is no work done.
    pub expect: u16,
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

/// Keeps the connections busy; `numbers` goes on counting, so that no request is sent twice.
///
/// # Errors
/// When an answer has another status than expected, or the line breaks.
pub async fn drive(
    address: SocketAddr,
    how: Drive,
    numbers: &Arc<AtomicU64>,
    requests: &Requests,
) -> Result<Measured> {
    let (numbers, requests) = (Arc::clone(numbers), Arc::clone(requests));
    // Not on the server's threads: what it takes can be told apart then.
    let client = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (cpu, own) = (crate::machine::cpu_micros(), crate::machine::thread_cpu_micros());
        let begun = Instant::now();
        let times = runtime.block_on(all(address, how, begun, &numbers, &requests))?;
        let cpu = crate::machine::cpu_micros().saturating_sub(cpu);
        let own = crate::machine::thread_cpu_micros().saturating_sub(own);
        Ok(Measured::of(&times, begun.elapsed(), cpu, own))
    });
    client.await?
}

async fn all(
    address: SocketAddr,
    how: Drive,
    begun: Instant,
    numbers: &Arc<AtomicU64>,
    requests: &Requests,
) -> Result<Vec<u64>> {
    let turn = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..how.connections {
        let (numbers, requests, turn) = (Arc::clone(numbers), Arc::clone(requests), Arc::clone(&turn));
        tasks.spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (mut left, mut times) = (Vec::with_capacity(8192), Vec::new());
            while begun.elapsed() < how.time {
                let bytes = requests(numbers.fetch_add(1, Ordering::Relaxed));
                let sent = match how.offered {
                    None => Instant::now(),
                    Some(rate) => due(begun, turn.fetch_add(1, Ordering::Relaxed), rate).await,
                };
                let answer = exchange(&mut stream, &bytes, &mut left).await?;
                if answer.status != how.expect {
                    let text = String::from_utf8_lossy(&answer.body);
                    let text: String = text.chars().take(600).collect();
                    bail!("{} instead of {}: {text}", answer.status, how.expect);
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
    Ok(times)
}

/// Waits for the moment of this turn and gives the time its latency counts from: the moment itself when all
/// connections were still busy then, so that a slow server does not slow the question down.
async fn due(begun: Instant, turn: u64, rate: u64) -> Instant {
    let due = begun + Duration::from_micros(turn.saturating_mul(1_000_000) / rate.max(1));
    if Instant::now() >= due {
        return due;
    }
    tokio::time::sleep_until(due.into()).await;
    Instant::now()
}

/// Sends a request and reads the whole answer; what came after it stays in `left`.
///
/// # Errors
/// When the line breaks, or the answer is none.
pub async fn exchange(stream: &mut TcpStream, request: &[u8], left: &mut Vec<u8>) -> Result<Answer> {
    stream.write_all(request).await?;
    let head = loop {
        if let Some(at) = left.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if left.len() > MAX_HEAD || stream.read_buf(left).await? == 0 {
            bail!("the answer broke off");
        }
    };
    let text = std::str::from_utf8(left.get(..head).unwrap_or_default())?.to_string();
    let status = text.get(9..12).and_then(|code| code.parse().ok()).context("no status line")?;
    let length: usize = header(&text, "content-length").map_or(Ok(0), str::parse)?;
    while left.len() < head + length {
        if stream.read_buf(left).await? == 0 {
            bail!("the answer broke off");
        }
    }
    let body = left.get(head..head + length).unwrap_or_default().to_vec();
    left.drain(..head + length);
    Ok(Answer { status, head: text, body })
}

//! Sign in with Daftar: signed tokens a processor's second beside oidc-provider, whole sign-ins, and what becomes of ten times the
//! load it can carry.
#![expect(clippy::disallowed_methods, reason = "a measuring program: its peer is named in the environment")]

use crate::country::Country;
use crate::load::{self, Drive, Measured, Requests};
use crate::report::{Goal, Report, median};
use crate::{ROUNDS, machine};
use anyhow::{Context, Result, anyhow, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use daftar_http::with_tx;
use daftar_identity::openid::client::{Made, NewClient};
use daftar_identity::openid::grant::Consent;
use daftar_identity::openid::{MAX_AT_ONCE, PATHS, RETRY_SECONDS};
use daftar_kernel::Id;
use daftar_office::roster::Label;
use daftar_office::session::Way;
use daftar_office::{Principal, Proven};
use openid::authorize::Request;
use openid::params::form_encode;
use openid::{Method, Params, Scopes};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const STRETCH: Duration = Duration::from_secs(5);
/// Connections that ask for tokens, like so many services.
const CONNECTIONS: usize = 64;
/// Citizens who sign in at once.
const CITIZENS: usize = 64;
/// How long the overload lasts, without and with `--full`.
const OVERLOAD: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(60));
/// Connections of the overload: ten times as many requests as are worked on at once.
const MANY: usize = 10 * MAX_AT_ONCE;
const BACK: &str = "https://clinic.example/back";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Runs the area.
///
/// # Errors
/// When the country or the peer cannot be made, or refuses what it should do.
pub async fn run(report: Report, full: bool) -> Result<()> {
    report.say(&machine::load());
    report.say("SQLite: WAL, synchronous=FULL; each token is a row, committed before it is given; record and register on");
    report.say("the peer keeps its tokens in memory");
    report.head();
    let country = Country::open(None).await?;
    let provider = &country.installation.openid;
    provider.set_issuer(&format!("http://{}", country.address())).map_err(|e| anyhow!("{e}"))?;
    let ours = Service::own(provider.register_client(&Proven::system("bench"), &service()).await?)?;
    let peer = Peer::start()?;
    let theirs = Service { id: "bench".into(), secret: "bench-secret".into() };
    let numbers = Arc::new(AtomicU64::new(0));
    let how = Drive { connections: CONNECTIONS, time: STRETCH, offered: None, expect: 200 };
    let citizens = citizens(&country, &ours).await?;
    let (mut tokens, mut their_tokens, mut signed_in) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let asks = ours.own_tokens(PATHS.token);
        let stretch = load::drive(country.address(), how, &numbers, &asks).await?;
        tokens.push((a_processor_second(stretch.cpu.saturating_sub(stretch.client_cpu)), stretch));
        let before = peer.cpu_micros();
        let asks = theirs.own_tokens("/token");
        let stretch = load::drive(peer.address, how, &numbers, &asks).await?;
        let count = stretch.count.max(1);
        their_tokens.push((a_processor_second((peer.cpu_micros() - before) / count), stretch));
        signed_in.push(sign_ins(country.address(), &ours, &citizens).await?);
    }
    say(&report, &tokens, &their_tokens);
    report.alone(
        &format!("sign-ins to a service, {CITIZENS} citizens: code, token, userinfo"),
        median(&signed_in.iter().map(|stretch| stretch.per_second).collect::<Vec<_>>()),
        Goal::None,
        "/s",
    );
    report.alone(
        "the same, p99 of one",
        median(&signed_in.iter().map(|stretch| stretch.p99).collect::<Vec<_>>()),
        Goal::None,
        "µs",
    );
    let time = if full { OVERLOAD.1 } else { OVERLOAD.0 };
    let before = median(&tokens.iter().map(|(_, stretch)| stretch.per_second).collect::<Vec<_>>());
    overload(&report, &country, &ours, time, before).await?;
    country.close().await;
    Ok(())
}

fn a_processor_second(micros_each: u64) -> u64 {
    1_000_000 / micros_each.max(1)
}

fn say(report: &Report, ours: &[(u64, Measured)], theirs: &[(u64, Measured)]) {
    let of = |rounds: &[(u64, Measured)], what: fn(&(u64, Measured)) -> u64| {
        median(&rounds.iter().map(what).collect::<Vec<_>>())
    };
    let line = |workload: &str, what: fn(&(u64, Measured)) -> u64, goal: Goal, unit: &str| {
        let workload = format!("{workload}; oidc-provider");
        report.line(&workload, of(ours, what), Some(of(theirs, what)), goal, unit);
    };
    line("ES256 tokens a processor's second", |round| round.0, Goal::TimesPeer(500), "tokens");
    line(
        &format!("tokens a second, {CONNECTIONS} connections"),
        |round| round.1.per_second,
        Goal::None,
        "/s",
    );
    line("p99 of a token", |round| round.1.p99, Goal::None, "µs");
}

/// A service of the bench, as it proves who it is.
struct Service {
    id: String,
    secret: String,
}

impl Service {
    fn own(made: Made) -> Result<Self> {
        Ok(Self { id: made.id, secret: made.secret.context("a service without secret")? })
    }
    fn headers(&self) -> String {
        let pair = format!("{}:{}", form_encode(&self.id), form_encode(&self.secret));
        format!(
            "authorization: Basic {}\r\ncontent-type: application/x-www-form-urlencoded\r\n",
            STANDARD.encode(pair)
        )
    }
    /// Asks for tokens of the service's own (RFC 6749 §4.4).
    fn own_tokens(&self, path: &'static str) -> Requests {
        let headers = self.headers();
        Arc::new(move |_| load::request("POST", path, &headers, "grant_type=client_credentials"))
    }
}

fn service() -> NewClient {
    NewClient {
        name: "Bench".into(),
        organisation: "Bench".into(),
        agency: String::new(),
        why: Label::english("To be measured."),
        method: Method::Secret,
        native: false,
        refresh: false,
        own_tokens: true,
        scopes: Scopes::parse("openid profile"),
        redirect_uris: vec![BACK.into()],
        logout_uris: Vec::new(),
        keys: String::new(),
    }
}

/// npm's oidc-provider, in a process of its own. It ends with its input.
struct Peer {
    program: Child,
    address: SocketAddr,
}

impl Peer {
    fn start() -> Result<Self> {
        let folder = std::env::var_os("DAFTAR_BENCH_NODE")
            .context("the peer's packages are not named: run this through `cargo xtask bench sign-in`")?;
        // A module looks for packages beside itself.
        let script = PathBuf::from(&folder).join("oidc_provider.mjs");
        std::fs::copy(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("peers/oidc_provider.mjs"), &script)?;
        let mut program = Command::new("node")
            .arg(&script)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("node does not start")?;
        let output = program.stdout.take().context("the peer has no output")?;
        let port = BufReader::new(output)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.parse::<u16>().ok())
            .context("the peer ended before it said its port")?;
        Ok(Self { program, address: ([127, 0, 0, 1], port).into() })
    }
    fn cpu_micros(&self) -> u64 {
        machine::process_cpu_micros(self.program.id())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Citizens who are signed in to the country and have allowed the service its reading; the tokens of their sessions.
async fn citizens(country: &Country, service: &Service) -> Result<Vec<String>> {
    let (people, office) = (&country.installation.people, &country.installation.office);
    let mut sessions = Vec::new();
    for person in country.settle(u64::try_from(CITIZENS)?, CITIZENS).await? {
        let citizen = people.office_token(person).await?;
        allow(country, service, citizen).await?;
        let (store, room) = (country.installation.store.clone(), office.clone());
        let signed_in = with_tx!(store.write, tx, [room] {
            room.demo_sign_in(tx, Principal::Citizen(citizen), "bench", None).await
        })?;
        sessions.push(signed_in.token);
    }
    Ok(sessions)
}

/// The consent, as the page gives it.
async fn allow(country: &Country, service: &Service, citizen: Id) -> Result<()> {
    let provider = &country.installation.openid;
    let client = provider.client(&service.id).await?.context("the service is not registered")?;
    let params = Params::new(fields(service).into_iter().map(|(n, v)| (n.to_string(), v)));
    let request = Request::parse(&params, &client.client, BACK.into()).map_err(|e| anyhow!("{e:?}"))?;
    let now = country.installation.store.world().now();
    provider.issue(&client, &request, citizen, (now, Way::Code), Consent::Given).await?;
    Ok(())
}

fn fields(service: &Service) -> Vec<(&'static str, String)> {
    vec![
        ("client_id", service.id.clone()),
        ("redirect_uri", BACK.into()),
        ("response_type", "code".into()),
        ("scope", "openid profile".into()),
        ("state", "af0ifjsldkj".into()),
        ("nonce", "n-0S6_WzA2Mj".into()),
        ("code_challenge", CHALLENGE.into()),
        ("code_challenge_method", "S256".into()),
    ]
}

/// Every citizen signs in to the service again and again: an address with a code, its exchange, who it is.
async fn sign_ins(address: SocketAddr, service: &Service, sessions: &[String]) -> Result<Measured> {
    let query: Vec<String> = fields(service).iter().map(|(n, v)| format!("{n}={}", form_encode(v))).collect();
    let (query, headers) = (Arc::new(query.join("&")), Arc::new(service.headers()));
    let (begun, cpu) = (Instant::now(), machine::cpu_micros());
    let mut tasks = JoinSet::new();
    for session in sessions {
        let (query, headers) = (Arc::clone(&query), Arc::clone(&headers));
        let cookie = format!("cookie: daftar_session={session}\r\n");
        tasks.spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (mut left, mut times) = (Vec::new(), Vec::new());
            while begun.elapsed() < STRETCH {
                let since = Instant::now();
                one_sign_in(&mut stream, &mut left, &query, &headers, &cookie).await?;
                times.push(u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX));
            }
            Ok::<_, anyhow::Error>(times)
        });
    }
    let mut times = Vec::new();
    while let Some(done) = tasks.join_next().await {
        times.extend(done??);
    }
    Ok(Measured::of(&times, begun.elapsed(), machine::cpu_micros() - cpu, 0))
}

async fn one_sign_in(
    stream: &mut TcpStream,
    left: &mut Vec<u8>,
    query: &str,
    headers: &str,
    cookie: &str,
) -> Result<()> {
    let path = format!("{}?{query}", PATHS.authorize);
    let sent = load::exchange(stream, &load::request("GET", &path, cookie, ""), left).await?;
    let code =
        sent.header("location").and_then(|to| to.split("code=").nth(1)).and_then(|to| to.split('&').next());
    let code = code.with_context(|| format!("no code: {} {}", sent.status, sent.head))?;
    let body = format!(
        "grant_type=authorization_code&code={code}&redirect_uri={}&code_verifier={VERIFIER}",
        form_encode(BACK)
    );
    let given = load::exchange(stream, &load::request("POST", PATHS.token, headers, &body), left).await?;
    let tokens: serde_json::Value = serde_json::from_slice(&given.body)?;
    let access = tokens["access_token"].as_str();
    let access = access.with_context(|| format!("no token: {} {tokens}", given.status))?;
    ensure!(tokens["id_token"].is_string(), "no ID token");
    let bearer = format!("authorization: Bearer {access}\r\n");
    let person = load::exchange(stream, &load::request("GET", PATHS.userinfo, &bearer, ""), left).await?;
    ensure!(person.status == 200, "userinfo: {}", person.status);
    Ok(())
}

/// Ten times as many requests at once as are worked on: each is answered, or told when to come back, and afterwards it is as
/// quick as before.
async fn overload(
    report: &Report,
    country: &Country,
    service: &Service,
    time: Duration,
    before: u64,
) -> Result<()> {
    let asks = service.own_tokens(PATHS.token);
    let (begun, mut tasks) = (Instant::now(), JoinSet::new());
    let (given, told) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    for _ in 0..MANY {
        let (asks, given, told, address) =
            (Arc::clone(&asks), Arc::clone(&given), Arc::clone(&told), country.address());
        tasks.spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            let mut left = Vec::new();
            while begun.elapsed() < time {
                let answer = load::exchange(&mut stream, &asks(0), &mut left).await?;
                match answer.status {
                    200 => given.fetch_add(1, Ordering::Relaxed),
                    429 | 503 => {
                        let wait = answer.header("retry-after");
                        ensure!(wait == Some(&RETRY_SECONDS.to_string()), "told to come back at {wait:?}");
                        told.fetch_add(1, Ordering::Relaxed)
                    }
                    other => return Err(anyhow!("{other} under load")),
                };
            }
            Ok::<_, anyhow::Error>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    let (given, told) = (given.load(Ordering::Relaxed), told.load(Ordering::Relaxed));
    let seconds = begun.elapsed().as_secs().max(1);
    let what = format!("{MANY} requests at once for {} s", time.as_secs());
    report.alone(&format!("{what}: tokens given"), given / seconds, Goal::None, "/s");
    report.alone(&format!("{what}: told to come back"), told / seconds, Goal::AtLeast(1), "/s");
    report.alone(
        "memory afterwards",
        machine::memory_kb("self", "VmRSS").unwrap_or(0) / 1024,
        Goal::None,
        "MB",
    );
    let how = Drive { connections: CONNECTIONS, time: STRETCH, offered: None, expect: 200 };
    let again = load::drive(country.address(), how, &Arc::new(AtomicU64::new(0)), &asks).await?;
    report.line(
        "tokens a second afterwards; before",
        again.per_second,
        Some(before),
        Goal::TimesPeer(80),
        "/s",
    );
    Ok(())
}

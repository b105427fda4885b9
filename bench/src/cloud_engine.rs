//! What the driver of the engine costs: an instance made through it beside the bare request to LXD, one after the other.

use crate::report::{Goal, Report, median};
use anyhow::{Context, Result, ensure};
use daftar_cloud::engine::lxd::{Lxd, Patience};
use daftar_cloud::engine::{Engine, Fence, Instance};
use daftar_kernel::Id;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Instant;

/// Instances made each way.
const ROUNDS: u64 = 15;
/// What the driver may add to one, in milliseconds.
const OVERHEAD_MS: u64 = 50;

/// Runs it; where LXD cannot run it says so and measures nothing.
pub async fn run(report: Report) -> Result<()> {
    let Some(server) = daftar_testing::Lxd::start(4096) else {
        report.say("LXD does not run here: nothing was measured");
        return Ok(());
    };
    report.say("LXD on btrfs in a file, BusyBox, made and not started; one through the driver, one by the bare API, in turns");
    let engine = Lxd::new(server.socket(), "pool", Patience::default());
    let id = |n: u64| Id::from_parts(1_795_775_495_000 + n, [7; 10]);
    let project = id(0);
    let most = u32::try_from(ROUNDS * 2 + 2)?;
    let fence = Fence {
        instances: most,
        vcpus: most,
        memory_mib: 64 * u64::from(most),
        disk_mib: 64 * u64::from(most),
    };
    engine.project(project, &fence).await?;
    let wanted = |n: u64| Instance {
        id: id(n),
        image: server.image().into(),
        vcpus: 1,
        memory_mib: 64,
        disk_mib: 64,
        networks: Vec::new(),
        volumes: Vec::new(),
        user_data: String::new(),
        running: false,
    };
    // The first brings the image into the project, which every later one finds there.
    engine.instance(project, &wanted(1)).await?;
    let rooms = ask(server.socket(), "GET", "/1.0/projects", None)?;
    let room = rooms["metadata"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .find(|r| r.contains("/d-"));
    let room =
        room.context("the driver's project is not there")?.trim_start_matches("/1.0/projects/").to_string();
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for n in 0..ROUNDS {
        let begin = Instant::now();
        engine.instance(project, &wanted(n + 2)).await?;
        ours.push(u64::try_from(begin.elapsed().as_millis())?);
        let begin = Instant::now();
        make_bare(server.socket(), &room, &format!("bare{n}"), server.image())?;
        bare.push(u64::try_from(begin.elapsed().as_millis())?);
    }
    report.head();
    report.line("an instance made", median(&ours), Some(median(&bare)), Goal::None, "ms");
    let overhead = median(&ours).saturating_sub(median(&bare));
    report.alone("what the driver adds to it", overhead, Goal::AtMost(OVERHEAD_MS), "ms");
    Ok(())
}

fn make_bare(socket: &Path, room: &str, name: &str, image: &str) -> Result<()> {
    let new = json!({
        "name": name, "type": "container", "profiles": [], "source": {"type": "image", "fingerprint": image},
        "config": {"limits.cpu": "1", "limits.memory": "64MiB"},
        "devices": {"root": {"type": "disk", "path": "/", "pool": "pool", "size": "64MiB"}},
    });
    let begun = ask(socket, "POST", &format!("/1.0/instances?project={room}"), Some(&new))?;
    let operation = begun["operation"].as_str().context("LXD began nothing")?;
    let ended = ask(socket, "GET", &format!("{operation}/wait?timeout=60"), None)?;
    ensure!(ended["metadata"]["status_code"] == 200, "LXD made no instance: {}", ended["metadata"]["err"]);
    Ok(())
}

/// One request over a line of its own, as the driver does it.
fn ask(socket: &Path, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
    let body = body.map(ToString::to_string).unwrap_or_default();
    let mut line = UnixStream::connect(socket)?;
    let length = body.len();
    write!(line, "{method} {path} HTTP/1.0\r\nHost: engine\r\nContent-Length: {length}\r\n\r\n{body}")?;
    let mut answer = String::new();
    line.read_to_string(&mut answer)?;
    let (_, body) = answer.split_once("\r\n\r\n").context("half an answer")?;
    Ok(serde_json::from_str(body)?)
}

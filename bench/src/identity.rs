//! The register: gated reads beside an ungated one, registrations end to end, and what the operator feels.

use crate::country::Country;
use crate::load::{self, Drive, Measured, Requests};
use crate::report::{Goal, Report, median};
use crate::{ROUNDS, machine, start, verify};
use anyhow::Result;
use daftar_kernel::Id;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

const STRETCH: Duration = Duration::from_secs(5);
const CONNECTIONS: usize = 64;
/// Gated reads a second that are offered, and that 64 busy connections should reach.
const OFFERED: u64 = 5000;
/// People in the register, and how many of them are read in turns.
const PEOPLE: u64 = 20_000;
const READ_OF: usize = 1000;
/// Rows of a usual and of a full import.
const ROWS: [u64; 2] = [100_000, 1_000_000];

/// Runs the area.
///
/// # Errors
/// When a country cannot be made or refuses what it should do.
pub async fn run(report: Report, full: bool) -> Result<()> {
    report.say(&machine::load());
    report.say(
        "SQLite: WAL, synchronous=FULL; on: session, permission, purpose, sealing, record, access register",
    );
    report.head();
    over_http(&report).await?;
    start::run(&report, ROWS[usize::from(full)])
}

async fn over_http(report: &Report) -> Result<()> {
    let country = Country::open(None).await?;
    let people = country.settle(PEOPLE, READ_OF).await?;
    let official = country.official("civil-registry-north", "registrar").await?;
    let headers = format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n", official.token);
    let asked = verify::questions(&country, &people).await?;
    let gated = looks(people, &headers);
    let ungated: Requests = Arc::new(|_| load::request("GET", "/log/acts/checkpoint", "", ""));
    let registrations = registrations(&headers);
    let (numbers, address) = (Arc::new(AtomicU64::new(0)), country.address());
    let stretch = async |requests: &Requests, expect, offered| {
        let how = Drive { connections: CONNECTIONS, time: STRETCH, offered, expect };
        load::drive(address, how, &numbers, requests).await
    };
    let mut found = [const { Vec::new() }; 4];
    let (mut partner, mut paced) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let [closed, open, beside, people] = &mut found;
        closed.push(stretch(&gated, 200, None).await?);
        open.push(stretch(&gated, 200, Some(OFFERED)).await?);
        beside.push(stretch(&ungated, 200, None).await?);
        people.push(stretch(&registrations, 201, None).await?);
        partner.push(stretch(&asked, 200, None).await?);
        paced.push(stretch(&asked, 200, Some(verify::OFFERED)).await?);
    }
    say(report, &found);
    verify::say(report, &partner, &paced);
    country.close().await;
    Ok(())
}

/// Closed loop, open loop, ungated, registrations.
fn say(report: &Report, [gated, open, ungated, registered]: &[Vec<Measured>; 4]) {
    let of = |stretches: &[Measured], what: fn(&Measured) -> u64| {
        median(&stretches.iter().map(what).collect::<Vec<_>>())
    };
    let beside = |workload: &str, what: fn(&Measured) -> u64, goal: Goal, unit: &str| {
        let workload = format!("gated reads, {workload}; ungated");
        report.line(&workload, of(gated, what), Some(of(ungated, what)), goal, unit);
    };
    beside(&format!("{CONNECTIONS} connections"), |m| m.per_second, Goal::AtLeast(OFFERED), "reads/s");
    beside("p50", |m| m.p50, Goal::AtMost(5000), "µs");
    beside("p99", |m| m.p99, Goal::None, "µs");
    beside("processor time with client", |m| m.cpu, Goal::None, "µs/read");
    beside("the client's part of it", |m| m.client_cpu, Goal::None, "µs/read");
    let offered = |what: &str| format!("gated reads, {OFFERED}/s offered, {what}");
    report.alone(&offered("answered"), of(open, |m| m.per_second), Goal::None, "reads/s");
    report.alone(&offered("p50"), of(open, |m| m.p50), Goal::AtMost(5000), "µs");
    report.alone(&offered("p99"), of(open, |m| m.p99), Goal::None, "µs");
    let people = |what: &str| format!("registrations end to end, {what}");
    let connections = format!("{CONNECTIONS} connections");
    report.alone(&people(&connections), of(registered, |m| m.per_second), Goal::None, "people/s");
    report.alone(&people("p50"), of(registered, |m| m.p50), Goal::None, "µs");
}

/// A look at one person after the other: name and birth, for a correction.
fn looks(people: Vec<Id>, headers: &str) -> Requests {
    let headers = headers.to_string();
    Arc::new(move |number| {
        let at = usize::try_from(number).unwrap_or(0) % people.len().max(1);
        let person = people.get(at).map(ToString::to_string).unwrap_or_default();
        let body = r#"{"why":{"purpose":"correction"},"fields":["name","born"]}"#;
        load::request("POST", &format!("/api/v1/people/{person}/look"), &headers, body)
    })
}

/// One new person after the other, each with names and a day of birth of their own.
pub(crate) fn registrations(headers: &str) -> Requests {
    let headers = headers.to_string();
    Arc::new(move |number| {
        let body = serde_json::json!({
            "person": {
                "name": start::name(number),
                "born": start::born(number),
                "sex": "female",
                "standing": "citizen",
            },
            "despite": "another person of that name",
        });
        let headers = format!("{headers}idempotency-key: bench-{number}\r\n");
        load::request("POST", "/api/v1/people", &headers, &body.to_string())
    })
}

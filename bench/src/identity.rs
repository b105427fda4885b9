//! The register: gated reads beside an ungated one, registrations end to end, and what the operator feels.

use crate::country::{Country, root};
use crate::load::{self, Measured, Requests};
use crate::report::{Goal, Report, median};
use crate::{ROUNDS, machine, start};
use anyhow::{Context, Result};
use daftar_identity::Desk;
use daftar_identity::population::{HomePlace, NamePool, Recipe};
use daftar_kernel::Id;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

const STRETCH: Duration = Duration::from_secs(5);
const CONNECTIONS: usize = 64;
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
    let people = settle(&country).await?;
    let official = country.official("civil-registry-north", "registrar").await?;
    let headers = format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n", official.token);
    let gated = looks(people, &headers);
    let ungated: Requests = Arc::new(|_| load::request("GET", "/log/acts/checkpoint", "", ""));
    let registrations = registrations(&headers);
    let (numbers, address) = (Arc::new(AtomicU64::new(0)), country.address());
    let mut found = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for ((requests, expect), stretches) in
            [(&gated, 200), (&ungated, 200), (&registrations, 201)].into_iter().zip(&mut found)
        {
            stretches.push(load::drive(address, CONNECTIONS, STRETCH, &numbers, requests, expect).await?);
        }
    }
    let [gated, ungated, registered] = &found;
    let of = |stretches: &[Measured], what: fn(&Measured) -> u64| {
        median(&stretches.iter().map(what).collect::<Vec<_>>())
    };
    let (speed, p50, cpu) = (|m: &Measured| m.per_second, |m: &Measured| m.p50, |m: &Measured| m.cpu);
    let beside = Some(of(ungated, speed));
    report.line(
        "gated reads, 64 connections; ungated",
        of(gated, speed),
        beside,
        Goal::AtLeast(5000),
        "reads/s",
    );
    report.line(
        "gated reads, p50; ungated",
        of(gated, p50),
        Some(of(ungated, p50)),
        Goal::AtMost(5000),
        "µs",
    );
    report.line(
        "gated reads, processor time with client; ungated",
        of(gated, cpu),
        Some(of(ungated, cpu)),
        Goal::None,
        "µs/read",
    );
    report.alone("registrations end to end, 64 connections", of(registered, speed), Goal::None, "people/s");
    report.alone("registrations, p50", of(registered, p50), Goal::None, "µs");
    country.close().await;
    Ok(())
}

/// People to read; gives some of them.
async fn settle(country: &Country) -> Result<Vec<Id>> {
    let folder = root().join("country/demo/people");
    let mut pools = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        pools.push(NamePool::parse(&std::fs::read_to_string(entry?.path())?)?);
    }
    let places: Vec<HomePlace> = country
        .installation
        .live
        .country
        .places
        .all()
        .map(|place| HomePlace { code: place.code.clone(), weight: 1 })
        .collect();
    let recipe = Recipe { seed: 1, this_year: 2026, pools, places };
    let desk = Desk::program("bench", "civil-registry", "civil-registry-north");
    let settled = country.installation.people.settle(&desk, recipe, (PEOPLE, READ_OF), |_| {}).await?;
    Ok(settled.iter().map(|one| one.person).collect())
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
fn registrations(headers: &str) -> Requests {
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

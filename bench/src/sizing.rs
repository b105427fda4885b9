//! What an act takes of a machine, beside what others publish that theirs is given: processor time and disk for one enrolment,
//! one registration, one authentication.
//!
//! Like with like: they say what is *provisioned*, so ours is what was measured, divided by the use of processors that a plan
//! allows (60 %). Ours has the record, the access register, sealing and the file checks on, and makes every act durable before it
//! answers.

use crate::country::Country;
use crate::load::{self, Drive, Requests};
use crate::report::{Goal, Report};
use crate::{identity, machine, packets, verify};
use anyhow::Result;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

const STRETCH: Duration = Duration::from_secs(10);
const CONNECTIONS: usize = 64;
const PEOPLE: u64 = 20_000;
const ASKED_OF: usize = 1000;
/// Percent of a processor's time that a plan lets its busiest second take (`load.utilisation` of the planner).
const USE: u64 = 60;
/// At most so many hundredths of what theirs is given: fifty times less.
const GOAL: Goal = Goal::AtMostOfPeer(2);

/// What a peer publishes for one act: vCPU time in microseconds, and bytes.
struct Published {
    vcpu_us: u64,
    bytes: u64,
}

/// MOSIP registration in production: 21 nodes of 12 vCPUs for 216,000 enrolments a day; 3,200 GB of objects and 30 GB of database
/// for a million packets (mosip/documentation, `server-hardware-requirements.md`). Virus scan, crypto and about forty stages are in
/// it; database, object store, biometrics, HSM and load balancers are not.
const ENROLMENT: Published = Published { vcpu_us: 21 * 12 * 86_400 * 1_000_000 / 216_000, bytes: 3_230_000 };
/// OpenCRVS: three servers of 4 vCPUs register 3.5 births a second; a record takes 18.33 kB (performance tests of v1.7, set-up of
/// v2.0). Screens, workflow and search are in it.
const REGISTRATION: Published = Published { vcpu_us: 3 * 4 * 1_000_000 * 10 / 35, bytes: 18_330 };
/// MOSIP ID authentication: a pod of 4.5 vCPUs answers five a second; 13 kB of database and 130 kB of logs each
/// (`ida-resource-calculator.xlsx`). The one-time code that it sends is not in ours: ours asks with a partner's own token.
const AUTHENTICATION: Published = Published { vcpu_us: 4_500_000 / 5, bytes: 143_000 };

/// Runs it.
///
/// # Errors
/// When the country cannot be made or refuses what it should do.
pub async fn run(report: Report) -> Result<()> {
    report.say(&machine::load());
    report.say(
        "given at 60 % use beside given; SQLite: WAL, synchronous=FULL; on: session, permission, sealing, weighing, record, access \
         register. Theirs: as published, see bench/src/sizing.rs for what is in it and what is not",
    );
    report.head();
    let country = Country::open(None).await?;
    let people = country.settle(PEOPLE, ASKED_OF).await?;
    let official = country.official("civil-registry-north", "registrar").await?;
    let headers = format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n", official.token);
    let asked = verify::questions(&country, &people).await?;
    let registered = stretch(&country, &identity::registrations(&headers), 201).await?;
    say(&report, "registration at a desk; OpenCRVS", registered, &REGISTRATION);
    let answered = stretch(&country, &asked, 200).await?;
    say(&report, "authentication; MOSIP", answered, &AUTHENTICATION);
    country.close().await;
    let enrolled = packets::cost(&report).await?;
    say(&report, "enrolment by a packet of 2 MB; MOSIP", enrolled, &ENROLMENT);
    Ok(())
}

/// Processor time in microseconds and bytes that one of these requests takes, the client's own apart.
async fn stretch(country: &Country, requests: &Requests, expect: u16) -> Result<(u64, u64)> {
    let how = Drive { connections: CONNECTIONS, time: STRETCH, offered: None, expect };
    let before = country.bytes()?;
    let done = load::drive(country.address(), how, &Arc::new(AtomicU64::new(0)), requests).await?;
    // What is signed and filed a moment later belongs to the acts as well.
    while country.installation.record.sequence_once().await?.more {}
    let grown = country.bytes()?.saturating_sub(before);
    Ok((done.cpu.saturating_sub(done.client_cpu), grown / done.count.max(1)))
}

fn say(report: &Report, what: &str, (cpu_us, bytes): (u64, u64), published: &Published) {
    let given = cpu_us.saturating_mul(100) / USE;
    report.line(&format!("{what}: processor"), given, Some(published.vcpu_us), GOAL, "vCPU-µs");
    report.line(&format!("{what}: disk"), bytes, Some(published.bytes), Goal::None, "bytes");
}

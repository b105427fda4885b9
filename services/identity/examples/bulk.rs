//! How fast people come in, and in how much memory.
//!
//! `cargo run --release -p daftar-identity --example bulk -- sqlite:/path/x.db 20000` in the root of the
//! workspace settles so many people, then imports as many rows, first dry and then in earnest, with sealing,
//! receipts and indexes as in earnest, and prints people and rows a second and the peak of memory. A third
//! argument `dry` leaves out what writes.

#![allow(clippy::print_stdout, reason = "a measuring program at a terminal")]

use daftar_identity::import::ImportOrder;
use daftar_identity::population::{HomePlace, NamePool, Population, Recipe};
use daftar_identity::{Desk, Gazetteer, MIGRATIONS, People};
use daftar_kernel::{Lang, World};
use daftar_office::roster::{Agency, Complaints, Label, Parts, Purpose, Role};
use daftar_office::{Office, Roster};
use daftar_record::transport::{Answer, Transport, TransportError};
use daftar_record::{Record, RecordConfig};
use daftar_store::{Store, StoreConfig};
use std::io::Write;
use std::ops::ControlFlow;
use std::sync::Arc;

struct Nobody;
impl Transport for Nobody {
    fn post(&self, url: &str, _: &[u8], _: usize) -> Result<Answer, TransportError> {
        Err(TransportError::Url(url.into()))
    }
    fn get(&self, url: &str, _: usize) -> Result<Answer, TransportError> {
        Err(TransportError::Url(url.into()))
    }
}
struct Everywhere;
impl Gazetteer for Everywhere {
    fn knows(&self, _: &str) -> bool {
        true
    }
    fn district_of(&self, code: &str) -> Option<String> {
        Some(code.into())
    }
    fn civil(&self) -> daftar_identity::age::Civil {
        daftar_identity::age::Civil { age_of_majority: 18, introductions_a_year: 5, documents: Vec::new() }
    }
}

const MAPPING: &str = "format = 1\nsource = 'bench'\nagency = 'a'\noffice = 'o'\npurpose = 'p'\nbasis = 'b'\n\
    [field.name]\ncolumns = ['name']\n[field.born]\ncolumns = ['born']\n[field.birth_place_text]\ncolumns = ['place']\n\
    [field.sex]\ncolumns = ['sex']\n";

/// One office that registers, and two desks for complaints, without which no country is whole.
fn parts() -> Parts {
    let label = Label::english("bench");
    let office = |code: &str, agency: &str, role: &str| daftar_office::roster::Office {
        code: code.into(),
        agency: agency.into(),
        label: label.clone(),
        place: None,
        roles: vec![role.into()],
    };
    let role = |code: &str, permission: &str| Role {
        code: code.into(),
        label: label.clone(),
        permissions: vec![permission.into()],
        purposes: Vec::new(),
        looks_per_hour: 1,
    };
    let purpose = Purpose {
        code: "p".into(),
        label: label.clone(),
        basis: "b".into(),
        needs_case: false,
        sealed: Default::default(),
        review: Default::default(),
        extended_by: Vec::new(),
        partners: false,
    };
    Parts {
        agencies: ["a", "b", "c"].map(|code| Agency { code: code.into(), label: label.clone() }).into(),
        offices: vec![office("o", "a", "clerk"), office("d", "b", "desk"), office("e", "c", "desk")],
        roles: vec![
            role("clerk", daftar_office::permission::ACCOUNT_CREATE),
            role("desk", daftar_office::permission::COMPLAINT_ANSWER),
        ],
        purposes: vec![purpose],
        complaints: Complaints { desks: vec!["d".into(), "e".into()], answer_days: 30 },
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (url, count) = (args.next().ok_or("a store")?, args.next().ok_or("a count")?.parse::<u64>()?);
    let dir = tempfile::tempdir()?;
    let config = StoreConfig { url, data_dir: dir.path().join("data"), blobs: None, archive: None };
    let migrations = [daftar_record::MIGRATIONS, daftar_office::MIGRATIONS, MIGRATIONS];
    let store = Store::open(config, World::system(), &migrations).await?;
    let record = Record::open(
        store.clone(),
        RecordConfig::new("example.org/bench", "quorum none\n", Arc::new(Nobody)),
    )
    .await?;
    let roster = Roster::new(parts(), &[Lang::english()], daftar_office::permission::PERMISSIONS)
        .map_err(|f| format!("{f:?}"))?;
    let people =
        People::new(Office::new(store, record, Arc::new(roster), "bench"), Arc::new(Everywhere), "UTC");
    let pools = std::fs::read_dir("country/demo/people")?
        .map(|entry| Ok(NamePool::parse(&std::fs::read_to_string(entry?.path())?)?))
        .collect::<Result<Vec<_>, Box<dyn std::error::Error>>>()?;
    let places = (0..200).map(|n| HomePlace { code: format!("place-{n}"), weight: 1 }).collect();
    let recipe = Recipe { seed: 1, this_year: 2026, pools, places };
    let clock = World::system();
    let desk = Desk::program("bench", "a", "o");
    let dry = args.next().is_some_and(|word| word == "dry");
    let rate = |start: i64| count * 1_000_000 / u64::try_from(clock.now().0 - start).unwrap_or(1).max(1);
    if !dry {
        let start = clock.now().0;
        people.settle(&desk, recipe.clone(), (count, 0), |_| {}).await?;
        println!("settled {count} people: {} a second", rate(start));
    }
    let file = dir.path().join("rows.csv");
    let mut out = std::io::BufWriter::new(std::fs::File::create(&file)?);
    writeln!(out, "name,born,place,sex")?;
    for made in
        Population::new(Recipe { seed: 2, ..recipe }).ok_or("a population")?.take(usize::try_from(count)?)
    {
        writeln!(
            out,
            "{},{},{},{}",
            made.entry.name, made.entry.born, made.entry.birth_place, made.entry.sex
        )?;
    }
    out.flush()?;
    let (report, duplicates) = (dir.path().join("report.csv"), dir.path().join("duplicates.csv"));
    for commit in [false, true].into_iter().filter(|commit| !(dry && *commit)) {
        let (report, duplicates) = (report.clone(), duplicates.clone());
        let order = ImportOrder { file: file.clone(), mapping: MAPPING.into(), commit, report, duplicates };
        let start = clock.now().0;
        let done = people.import(&order, |_| ControlFlow::Continue(())).await?;
        println!("import (commit: {commit}): {done:?}: {} rows a second", rate(start));
    }
    let status = std::fs::read_to_string("/proc/self/status")?;
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
    Ok(())
}

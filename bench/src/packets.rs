//! Enrolment packets of two megabytes from several kits at once, to the committed answer, beside a register of a million.

use crate::country::recipe;
use crate::report::{Goal, Report, quantile};
use crate::start::{Place, Running};
use crate::{machine, paper};
use anyhow::{Context, Result, ensure};
use daftar::installation::Installation;
use daftar::kit::enrol::Enrolment;
use daftar::kit::send::Line;
use daftar::kit::{Kit, Wristwatch};
use daftar_http::with_tx;
use daftar_identity::Desk;
use daftar_identity::kit::Carried;
use daftar_identity::kit::kits::Country;
use daftar_identity::person::Entry;
use daftar_identity::population::{MadeUp, Population};
use daftar_kernel::{Lang, Problem, World};
use daftar_office::Proven;
use daftar_office::assignment::NewAssignment;
use enrolment_packet::pin::Cost;
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Kits that send at once: as many as the registry works on at once; a further one is told when to come back.
const KITS: usize = 4;
/// Packets of all kits, without and with `--full`.
const PACKETS: [usize; 2] = [80, 400];
/// People in the register, without and with `--full`.
const PEOPLE: [u64; 2] = [100_000, 1_000_000];
/// One packet in so many is of somebody who is in the register already, with a slip in the name.
const DOUBLE_IN: usize = 20;
/// Of those who are new at most one in so many should wait until somebody has looked.
const LIKE_SOMEBODY_IN: u64 = 20;
/// Different pictures; each packet seals its own copy.
const PICTURES: u64 = 4;
/// Packets a minute that two processors should take.
const PER_MINUTE: u64 = 600;
/// Days the kits are allowed for.
const DAYS: i64 = 14;
const OPERATOR: &str = "bench.registrar";
const PIN: &str = "314159";

/// Runs the area.
///
/// # Errors
/// When the country or a kit cannot be made, and when a packet gets another answer than it should.
pub async fn run(report: Report, full: bool) -> Result<()> {
    report.say(&machine::load());
    report.say(
        "SQLite: WAL, synchronous=FULL; on: signatures and seal of the packet, file checks, sealing, weighing, record, access \
         register; kits and registry share the processors",
    );
    report.head();
    let how_many = (PEOPLE[usize::from(full)], PACKETS[usize::from(full)]);
    let measured = measure(&report, how_many).await?;
    say(&report, &measured, how_many);
    Ok(())
}

/// What one packet takes of the registry, beside as many people as without `--full`: processor time in microseconds, and bytes
/// that stay on the disk.
///
/// # Errors
/// As [`run`].
pub async fn cost(report: &Report) -> Result<(u64, u64)> {
    let measured = measure(report, (PEOPLE[0], PACKETS[0])).await?;
    let count = u64::try_from(PACKETS[0])?;
    Ok((measured.server_cpu / count, measured.stored / count))
}

async fn measure(report: &Report, how_many: (u64, usize)) -> Result<Measured> {
    let dir = tempfile::tempdir()?;
    let place = Place::make(dir.path())?;
    let loaded = prepare(report, &place, dir.path(), how_many).await?;
    let server = Running::start(&place)?;
    let before = machine::folder_bytes(&place.data)?;
    let mut measured = send(loaded, &server).await?;
    measured.stored = machine::folder_bytes(&place.data)?.saturating_sub(before);
    ensure!(measured.wrong.is_empty(), "wrong answers: {}", measured.wrong.join("; "));
    Ok(measured)
}

/// A kit that comes home.
struct Loaded {
    kit: Kit,
    /// Numbers of the packets of people who are in the register already.
    doubles: BTreeSet<u64>,
    bytes: usize,
}

/// The register with its people, and kits with packets; the program that serves them is not running yet.
async fn prepare(
    report: &Report,
    place: &Place,
    dir: &Path,
    (people, packets): (u64, usize),
) -> Result<Vec<Loaded>> {
    let installation = Installation::open(&daftar::cli::Place {
        data: Some(place.data.clone()),
        store: None,
        config: None,
        country: Some(place.country.clone()),
    })
    .await?;
    let begun = Instant::now();
    let desk = Desk::program("bench", "civil-registry", "civil-registry-north");
    installation.people.settle(&desk, recipe(&installation, 1)?, (people, 0), |_| {}).await?;
    // What is measured comes to a record that is not behind.
    while installation.record.sequence_once().await?.more {}
    report.say(&format!("{people} people settled in {} s", begun.elapsed().as_secs()));
    operator(&installation).await?;
    let begun = Instant::now();
    let pictures = Arc::new(Pictures::make()?);
    let each = packets / KITS;
    let mut visits = visits(&installation, people, packets)?.into_iter();
    let mut making = JoinSet::new();
    for number in 0..KITS {
        let kit = allowed(&installation, &dir.join(format!("kit-{number}")), number).await?;
        let (visits, pictures): (Vec<Visit>, _) =
            (visits.by_ref().take(each).collect(), Arc::clone(&pictures));
        making.spawn_blocking(move || load(kit, &visits, &pictures));
    }
    let mut loaded = Vec::new();
    while let Some(kit) = making.join_next().await {
        loaded.push(kit??);
    }
    let bytes: usize = loaded.iter().map(|kit| kit.bytes).sum();
    report.say(&format!(
        "{packets} packets of {} kB on {KITS} kits, made in {} s",
        bytes / packets / 1000,
        begun.elapsed().as_secs()
    ));
    installation.store.close().await;
    Ok(loaded)
}

/// The registrar whose name the kits know.
async fn operator(installation: &Installation) -> Result<()> {
    let (store, office) = (installation.store.clone(), installation.office.clone());
    let by = Proven::system("bench");
    with_tx!(store.write, tx, [office, by] {
        let account = office.invite(tx, &by, OPERATOR, "Bench").await?.account;
        let (office_code, role) = ("civil-registry-north".into(), "registrar".into());
        let new = NewAssignment { account, office: office_code, role, since: None, until: None };
        office.assign(tx, &by, &new).await?;
        Ok::<_, Problem>(())
    })?;
    Ok(())
}

/// A kit that the registry has allowed.
async fn allowed(installation: &Installation, dir: &Path, number: usize) -> Result<Kit> {
    let (world, watch) = (World::system(), Arc::new(Wristwatch(World::system())));
    let mut kit = Kit::init(dir, &format!("Bench unit {number}"), world, watch)?;
    // Opening a key under a PIN takes its time on purpose; it is not what is measured.
    kit.add_operator(OPERATOR, PIN, Cost::LEAST)?;
    let country = &installation.live.country;
    let taken = Country {
        name: country.names.get(&Lang::english()).to_string(),
        zone: country.time_zone.clone(),
        places: country.places.all().map(|place| place.code.clone()).collect(),
        ..Country::default()
    };
    let by = Proven::system("bench");
    let allowed = installation.people.allow_kit(&by, kit.request()?.as_bytes(), DAYS, &taken).await?;
    kit.authorise(&allowed.authorisation)?;
    Ok(kit)
}

/// Somebody who comes to a kit.
struct Visit {
    entry: Entry,
    is_double: bool,
}

/// Who comes: one in [`DOUBLE_IN`] is in the register already; nobody in it is like any of the others.
fn visits(installation: &Installation, people: u64, packets: usize) -> Result<Vec<Visit>> {
    let make = |seed| Population::new(recipe(installation, seed)?).context("no names or places");
    let doubles = packets / DOUBLE_IN;
    let (mut known, mut again) = (HashSet::new(), Vec::new());
    let step = usize::try_from(people)? / (doubles + 1);
    for (number, made) in make(1)?.take(usize::try_from(people)?).enumerate() {
        known.insert(likeness(&made.entry));
        if number >= step * (again.len() + 1) && again.len() < doubles && comes_alone(&made) {
            again.push(misspelt(made.entry));
        }
    }
    ensure!(again.len() == doubles, "the register has too few grown-ups");
    let (mut again, mut visits) = (again.into_iter(), Vec::new());
    let mut fresh = make(2)?.filter(comes_alone).zip(0..).map(|(made, number)| renamed(made.entry, number));
    for number in 1..=packets {
        let double = if number.is_multiple_of(DOUBLE_IN) { again.next() } else { None };
        let is_double = double.is_some();
        let entry = double.or_else(|| fresh.find(|entry| known.insert(likeness(entry))));
        visits.push(Visit { entry: entry.context("nobody is left")?, is_double });
    }
    Ok(visits)
}

/// Given name and day of birth: who shares neither with anybody is nobody's double.
fn likeness(entry: &Entry) -> (String, String) {
    let given = entry.name.split(' ').next().unwrap_or_default();
    (given.to_lowercase(), entry.born.clone())
}

/// A grown-up with a whole date of birth and a name of two parts or more: nobody else need stand beside them.
fn comes_alone(made: &MadeUp) -> bool {
    let year = made.entry.born.get(..4).and_then(|year| year.parse::<u16>().ok());
    let is_grown = made.entry.born.len() == 10 && year.is_some_and(|year| year < 2005);
    !made.slip && is_grown && made.entry.name.contains(' ')
}

/// Another clerk left out a letter in the middle of the longest part; phone and e-mail are new.
fn misspelt(mut entry: Entry) -> Entry {
    let longest =
        entry.name.split(' ').max_by_key(|part| part.chars().count()).unwrap_or_default().to_string();
    let middle = longest.chars().count() / 2;
    let slip: String = longest.chars().enumerate().filter(|(at, _)| *at != middle).map(|(_, c)| c).collect();
    entry.name = entry.name.replacen(&longest, &slip, 1);
    (entry.given, entry.family) = (String::new(), String::new());
    (entry.phone, entry.email) = (String::new(), String::new());
    entry
}

/// The same with a family name that nobody bears: the lists of the demo hold a hundred, a country's millions.
fn renamed(mut entry: Entry, number: u64) -> Entry {
    let family = crate::start::name(number).split(' ').next_back().unwrap_or_default().to_string();
    let first = entry.name.rsplit_once(' ').map_or(entry.name.as_str(), |(first, _)| first);
    entry.name = format!("{first} {family}");
    (entry.given, entry.family) = (String::new(), String::new());
    entry
}

/// What is photographed and scanned.
struct Pictures {
    photos: Vec<Vec<u8>>,
    pages: Vec<Vec<u8>>,
    papers: Vec<Vec<u8>>,
}

impl Pictures {
    fn make() -> Result<Self> {
        let photos = (1..=PICTURES).map(paper::photo).collect::<Result<_>>()?;
        let pages = (1..=PICTURES).map(paper::page).collect::<Result<Vec<_>>>()?;
        let papers = pages.iter().map(|page| paper::pdf(page)).collect();
        Ok(Self { photos, pages, papers })
    }
    /// A photo, two scans and a PDF.
    fn with(&self, entry: Vec<u8>, number: usize) -> Enrolment {
        let of = |list: &[Vec<u8>], number: usize| {
            list.get(number % list.len().max(1)).cloned().unwrap_or_default()
        };
        let documents = vec![
            ("birth-certificate".to_string(), of(&self.pages, number)),
            ("passport".to_string(), of(&self.pages, number + 1)),
            ("other".to_string(), of(&self.papers, number + 2)),
        ];
        Enrolment { entry, photo: Some(of(&self.photos, number)), documents }
    }
}

/// Enrols everybody, with the kit's own code.
fn load(kit: Kit, visits: &[Visit], pictures: &Pictures) -> Result<Loaded> {
    let mut loaded = Loaded { kit, doubles: BTreeSet::new(), bytes: 0 };
    for (number, visit) in visits.iter().enumerate() {
        let carried =
            Carried { person: visit.entry.clone(), evidence: "Vouched for".into(), ..Carried::default() };
        let enrolment = pictures.with(serde_json::to_vec(&carried)?, number);
        let enrolled = loaded.kit.enrol((OPERATOR, PIN), &enrolment)?;
        loaded.bytes += enrolled.bytes;
        if visit.is_double {
            loaded.doubles.insert(enrolled.sequence);
        }
    }
    Ok(loaded)
}

/// What came of it.
#[derive(Default)]
struct Measured {
    micros: Vec<u64>,
    time: Duration,
    server_cpu: u64,
    own_cpu: u64,
    peak_mb: u64,
    /// By how many bytes the registry's folder has grown.
    stored: u64,
    doubles_held: u64,
    others_held: u64,
    /// Packets with another answer than they should have.
    wrong: Vec<String>,
}

/// Sends everything, each kit one packet after the other.
async fn send(loaded: Vec<Loaded>, server: &Running) -> Result<Measured> {
    let pid = server.pid();
    let (cpu, own, begun) = (machine::process_cpu_micros(pid), machine::cpu_micros(), Instant::now());
    let mut sending = JoinSet::new();
    for kit in loaded {
        let line = Line::new(&format!("http://{}", server.address), &[])?;
        sending.spawn(async move { come_home(&kit, &line).await });
    }
    let mut all = Measured::default();
    while let Some(done) = sending.join_next().await {
        let one = done??;
        all.micros.extend(one.micros);
        all.wrong.extend(one.wrong);
        all.doubles_held += one.doubles_held;
        all.others_held += one.others_held;
    }
    all.time = begun.elapsed();
    all.server_cpu = machine::process_cpu_micros(pid).saturating_sub(cpu);
    all.own_cpu = machine::cpu_micros().saturating_sub(own);
    all.peak_mb = machine::memory_kb(&pid.to_string(), "VmHWM").unwrap_or(0) / 1024;
    Ok(all)
}

async fn come_home(loaded: &Loaded, line: &Line) -> Result<Measured> {
    let mut measured = Measured::default();
    for (sequence, path) in loaded.kit.packets()? {
        let begun = Instant::now();
        let ack = loaded.kit.send_one(line, (sequence, &path)).await?;
        measured.micros.push(u64::try_from(begun.elapsed().as_micros())?);
        let is_double = loaded.doubles.contains(&sequence);
        match (is_double, ack.state.as_str(), ack.reason.as_str()) {
            (true, "held", "double") => measured.doubles_held += 1,
            (false, "merged", "") => {}
            // In a large register some are like somebody by chance: people look at the two and decide.
            (false, "held", "double") => measured.others_held += 1,
            (_, state, reason) => {
                let is = if is_double { "is a double" } else { "is new" };
                measured.wrong.push(format!("{}: {state} '{reason}', and {is}", path.display()));
            }
        }
    }
    Ok(measured)
}

fn say(report: &Report, measured: &Measured, (people, packets): (u64, usize)) {
    let count = u64::try_from(packets).unwrap_or(0).max(1);
    let micros = u64::try_from(measured.time.as_micros()).unwrap_or(u64::MAX).max(1);
    let per_minute = count.saturating_mul(60_000_000) / micros;
    let ms = |micros: u64| micros / 1000;
    report.alone(
        &format!("packets of 2 MB beside {people} people, {KITS} kits"),
        per_minute,
        Goal::AtLeast(PER_MINUTE),
        "packets/min",
    );
    report.alone("first byte to committed answer, p50", ms(quantile(&measured.micros, 50)), Goal::None, "ms");
    report.alone("first byte to committed answer, p99", ms(quantile(&measured.micros, 99)), Goal::None, "ms");
    report.alone("the registry's processor time", ms(measured.server_cpu / count), Goal::None, "ms/packet");
    report.alone(
        "what stays on the registry's disk",
        measured.stored / count / 1000,
        Goal::None,
        "kB/packet",
    );
    report.alone("the kits' processor time", ms(measured.own_cpu / count), Goal::None, "ms/packet");
    report.alone("the registry's memory at its peak", measured.peak_mb, Goal::None, "MB");
    let doubles = count / u64::try_from(DOUBLE_IN).unwrap_or(1);
    report.alone(
        &format!("held, of {doubles} who are in the register, misspelt"),
        measured.doubles_held,
        Goal::AtLeast(doubles),
        "packets",
    );
    let others = count - doubles;
    report.alone(
        &format!("held for a look, of {others} who are not"),
        measured.others_held,
        Goal::AtMost(others / LIKE_SOMEBODY_IN),
        "packets",
    );
}

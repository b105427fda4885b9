//! Makes the demo's country: officials, a case, and people by the thousand, the same ones every time.

use super::cast::{Cast, OFFICIALS, official};
use super::pack;
use crate::installation::Installation;
use anyhow::{Result, anyhow};
use daftar_http::with_tx;
use daftar_identity::Desk;
use daftar_identity::bonds::Ties;
use daftar_identity::documents::Document;
use daftar_identity::person::Entry;
use daftar_identity::population::{HomePlace, NamePool, Recipe};
use daftar_identity::register::Registration;
use daftar_kernel::{Actor, Id, Problem};
use daftar_office::Proven;
use daftar_office::assignment::NewAssignment;
use daftar_office::permit::{Ask, Order};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;

/// Everything of the country follows from it.
const SEED: u64 = 1;
/// The year the people live in: fixed, so that they are the same ones in any year.
const YEAR: i16 = 2026;
/// The police officer's open case.
pub const CASE: &str = "P-2026-118";
/// The investigator's.
const CLOSED_CASE: &str = "K-2026-7";
/// The citizen's photo: a drawing.
pub(super) const PHOTO: &[u8] = include_bytes!("amina.png");

/// The cast of the country; makes the country first when it is not there.
///
/// # Errors
/// When the store holds a real country, or cannot be written.
pub async fn country(installation: &Installation, population: u64) -> Result<Cast> {
    if let Some(cast) = Cast::load(&installation.paths.data)? {
        return Ok(cast);
    }
    let (store, office) = (installation.store.clone(), installation.office.clone());
    with_tx!(store.write, tx, [office] { office.mark_demo(tx).await })
        .map_err(|problem| anyhow!("{problem}. Next: name an empty --data directory or --store"))?;
    let officials = officials(installation).await?;
    let by = Proven::system("demo");
    let invited =
        with_tx!(store.write, tx, [office, by] { office.invite(tx, &by, "newcomer", "Amadou Diop").await })?;
    let [citizen, stranger] = leads(installation).await?;
    family(installation, &officials, citizen).await?;
    looks(installation, &officials, citizen).await?;
    busy_reader(installation, &officials, stranger).await?;
    closed_look(installation, &officials, stranger).await?;
    doubles(installation).await?;
    people(installation, population).await?;
    let (world, name) = (store.world(), NAME.to_string());
    let (ready_at, ready, invited) = (world.now(), world.id(), invited.account);
    let cast = Cast { officials, invited, citizen, name, stranger, ready_at, ready };
    cast.save(&installation.paths.data)?;
    Ok(cast)
}

/// What the citizen finds on her page on the first day: each look for a reason of its reader's work.
async fn looks(installation: &Installation, officials: &BTreeMap<String, Id>, citizen: Id) -> Result<()> {
    let roster = installation.office.roster();
    for (part, purpose) in
        [("registrar", "card"), ("clinic", "patient-identity"), ("second", "duplicate-review")]
    {
        let reader = official(officials, part, &roster)?;
        let ask = Ask { purpose: purpose.into(), case: None, order: None };
        installation.people.read(&reader, &ask, citizen, &["name", "born", "sex", "photo"]).await?;
    }
    Ok(())
}

/// What the auditor finds on the first day: somebody who reads more than their work needs, and a look that is always reviewed.
async fn busy_reader(installation: &Installation, officials: &BTreeMap<String, Id>, read: Id) -> Result<()> {
    let roster = installation.office.roster();
    let reader = official(officials, "clinic", &roster)?;
    let usual = roster.role(&reader.role).map_or(0, |role| role.looks_per_hour);
    let routine = std::iter::repeat_n("patient-identity", usize::try_from(usual)?);
    for purpose in std::iter::once("emergency").chain(routine) {
        let ask = Ask { purpose: purpose.into(), case: None, order: None };
        installation.people.read(&reader, &ask, read, &["name", "born"]).await?;
    }
    Ok(())
}

/// A look that a court has closed for a month: the person sees only that there is one.
async fn closed_look(installation: &Installation, officials: &BTreeMap<String, Id>, read: Id) -> Result<()> {
    let investigator = official(officials, "investigator", &installation.office.roster())?;
    let unseal = installation.store.world().now().plus_seconds(30 * 86_400);
    let order = Order { reference: "Court of Marsa Nour, order 12/2026".into(), unseal };
    let ask =
        Ask { purpose: "criminal-investigation".into(), case: Some(CLOSED_CASE.into()), order: Some(order) };
    installation.people.read(&investigator, &ask, read, &["name", "born"]).await?;
    Ok(())
}

async fn officials(installation: &Installation) -> Result<BTreeMap<String, Id>> {
    let (store, office) = (installation.store.clone(), installation.office.clone());
    let by = Proven::system("demo");
    let mut accounts = BTreeMap::new();
    for (part, name, place, role) in OFFICIALS {
        let account = with_tx!(store.write, tx, [office, by] {
            let account = office.invite(tx, &by, part, name).await?.account;
            let new = NewAssignment { account, office: place.into(), role: role.into(), since: None, until: None };
            office.assign(tx, &by, &new).await?;
            Ok::<_, Problem>(account)
        })?;
        accounts.insert(part.to_string(), account);
    }
    for (part, case) in [("police", CASE), ("investigator", CLOSED_CASE)] {
        let officer = Actor::Official(official(&accounts, part, &office.roster())?);
        with_tx!(store.write, tx, [office, officer] { office.open_case(tx, &officer, case).await })?;
    }
    Ok(accounts)
}

/// Her daughter's name.
const DAUGHTER: &str = "نور بنت كريم";
/// A paper that was shown: an empty page.
pub(super) const PAPER: &[u8] = include_bytes!("paper.pdf");
/// The citizen's name.
const NAME: &str = "أمينة بنت سالم الزهراني";

/// The citizen one can be, and a stranger.
async fn leads(installation: &Installation) -> Result<[Id; 2]> {
    let entries = [
        Entry {
            name: NAME.into(),
            other_names: vec!["Amina bint Salem al-Zahrani".into()],
            born: "1991-04-17".into(),
            birth_place: "1101".into(),
            address_place: "1102".into(),
            sex: "female".into(),
            mother: "خديجة المرزوقي".into(),
            father: "سالم الزهراني".into(),
            address_lines: vec!["خلف السوق القديم، الباب الأخضر".into()],
            phone: "+21620000001".into(),
            language: "ar".into(),
            standing: "citizen".into(),
            ..Entry::default()
        },
        Entry {
            name: "Rahul Verma".into(),
            other_names: vec!["राहुल वर्मा".into()],
            born: "1979".into(),
            sex: "male".into(),
            standing: "foreigner".into(),
            ..Entry::default()
        },
    ];
    let mut ids = Vec::new();
    for (number, entry) in entries.into_iter().enumerate() {
        let idempotency_key = format!("demo-lead-{number}");
        let photo = (number == 0).then(|| PHOTO.to_vec());
        let registration = Registration { entry, idempotency_key, photo, ..Registration::default() };
        ids.push(installation.people.register(&Actor::System("demo"), registration).await?.person);
    }
    ids.try_into().map_err(|_| anyhow!("two people were registered"))
}

/// Somebody who came twice: the second time two years younger, and with another letter.
async fn doubles(installation: &Installation) -> Result<()> {
    let once = Entry {
        name: "Yohannes Tesfaye Alemayehu".into(),
        born: "1968-07-21".into(),
        birth_place: "1101".into(),
        sex: "male".into(),
        mother: "Tsehay Bekele".into(),
        address_place: "1102".into(),
        phone: "+21620000002".into(),
        standing: "citizen".into(),
        ..Entry::default()
    };
    let again = Entry { name: "Yohanes Tesfaye Alemayehu".into(), born: "1970-07-21".into(), ..once.clone() };
    for (number, entry) in [once, again].into_iter().enumerate() {
        let (idempotency_key, despite) =
            (format!("demo-twice-{number}"), "says that he was never here".into());
        let registration = Registration { entry, idempotency_key, despite, ..Registration::default() };
        installation.people.register(&Actor::System("demo"), registration).await?;
    }
    Ok(())
}

/// The citizen's daughter, whom she answers for, and a document each.
async fn family(installation: &Installation, officials: &BTreeMap<String, Id>, citizen: Id) -> Result<()> {
    let people = &installation.people;
    // An office stands behind it: she is told which.
    let by = Actor::Official(official(officials, "registrar", &installation.office.roster())?);
    let paper = |kind: &str| Document { kind: kind.into(), bytes: PAPER.to_vec() };
    let words = ("the paper she was registered with", "demo-paper");
    people.add_document(&by, citizen, paper("birth-certificate"), words).await?;
    let card = people.my_record(people.office_token(citizen).await?).await?.card;
    let card = card.map(|card| card.number.plain()).unwrap_or_default();
    let entry = Entry {
        name: DAUGHTER.into(),
        other_names: vec!["Nour bint Karim".into()],
        born: "2018-09-02".into(),
        birth_place: "1101".into(),
        address_place: "1102".into(),
        sex: "female".into(),
        mother: NAME.into(),
        language: "ar".into(),
        standing: "citizen".into(),
        ..Entry::default()
    };
    let ties = Ties { guardians: vec![card.clone()], mother: card, ..Ties::default() };
    let registration = Registration {
        entry,
        ties,
        documents: vec![paper("hospital-notice")],
        // The same drawing: guardians see a photo too.
        photo: Some(PHOTO.to_vec()),
        idempotency_key: "demo-daughter".into(),
        ..Registration::default()
    };
    people.register(&by, registration).await?;
    Ok(())
}

async fn people(installation: &Installation, count: u64) -> Result<()> {
    let country = &installation.live.country;
    let today = installation.people.today();
    let places = country
        .places
        .innermost(today)
        .map(|place| HomePlace { code: place.code.clone(), weight: place.population.unwrap_or(1) })
        .collect();
    let pools = pack::name_lists().map(NamePool::parse).collect::<Result<Vec<_>, _>>()?;
    let recipe = Recipe { seed: SEED, this_year: YEAR, pools, places };
    let desk = Desk::program("demo", "civil-registry", "civil-registry-central");
    let bar = ProgressBar::new(count);
    bar.set_style(ProgressStyle::with_template(
        "registering people {bar:40} {pos}/{len}  {per_sec}  {eta} left",
    )?);
    installation.people.settle(&desk, recipe, (count, 0), |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    Ok(())
}

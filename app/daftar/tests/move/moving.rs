//! SQLite, then PostgreSQL, then SQLite again: the same bytes, the same record, the same receipts.

use crate::bed::Bed;
use daftar::installation::{Installation, Paths};
use daftar::moving::{self, Exported, Options, Target};
use daftar::settings::KNOWN;
use daftar_identity::person::Entry;
use daftar_identity::register::Registration;
use daftar_kernel::settings::Settings;
use daftar_kernel::time::ManualClock;
use daftar_kernel::world::SeededRandom;
use daftar_kernel::{Actor, Id, World};
use daftar_record::Log;
use daftar_testing::{Engine, Place, START};
use serde_json::Value;
use std::path::Path;
use transparency_log::receipt::Receipt;

pub const ORIGIN: &str = "test.example/1";

/// A blank machine. Its randomness is its own: two machines that draw the same identifiers would collide.
fn blank(place: &Place, seed: u64) -> Target {
    let data = place.dir().join("country-data");
    let settings =
        Settings::read(KNOWN, None, [("DAFTAR_STORE_URL".to_string(), place.config().url.clone())]).unwrap();
    let paths = Paths { country: data.join("country"), policy: data.join("policy"), data };
    let clock = ManualClock::new(START);
    clock.advance_seconds(3600 * i64::try_from(seed).unwrap());
    Target { paths, settings, world: World::new(clock, SeededRandom::new(seed)) }
}

async fn arrive(dir: &Path, root_key: Option<&Path>, place: &Place, seed: u64) -> Installation {
    let target = blank(place, seed);
    let imported = moving::import(dir, root_key, &target).await.unwrap();
    let names = (ORIGIN, imported.policy.as_str());
    let installation =
        Installation::assemble(target.paths, target.settings, target.world, names).await.unwrap();
    assert_eq!(moving::check(&installation, dir).await.unwrap(), Vec::<String>::new());
    installation
}

async fn leave(installation: &Installation, dir: &Path, options: Options) -> Exported {
    moving::export(installation, dir, options).await.unwrap()
}

/// Every table's name and digest.
fn tables(dir: &Path) -> Value {
    let text = std::fs::read(dir.join("tables/tables.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

pub async fn register(installation: &Installation, name: &str) -> Id {
    let entry = Entry {
        name: name.into(),
        born: "1971".into(),
        sex: "male".into(),
        standing: "citizen".into(),
        ..Entry::default()
    };
    let registration =
        Registration { entry, idempotency_key: format!("move-{name}"), ..Registration::default() };
    let registered = installation.people.register(&Actor::System("test"), registration).await.unwrap();
    installation.record.sequence_once().await.unwrap();
    registered.receipt
}

pub fn verifies(receipt: &str, installation: &Installation) -> bool {
    let parsed = Receipt::parse(receipt.as_bytes()).unwrap();
    parsed.verify(installation.record.policy()).is_ok()
}

/// A country in which somebody was looked at, and the receipt of registering somebody.
pub async fn country() -> (Bed, Id, String) {
    let bed = Bed::new(Engine::Sqlite).await;
    let receipt = register(&bed.installation, "Yusuf Benali").await;
    assert_eq!(bed.post("/desk/cases", "police", &[("number", "P-1")]).await.status, 303);
    let person = format!("/people/{}", bed.ids["person-amina"]);
    let seen = bed.post(&person, "police", &[("purpose", "identity-check"), ("case", "P-1")]).await;
    assert_eq!(seen.status, 200, "{}", seen.text());
    bed.installation.record.sequence_once().await.unwrap();
    let text = bed.installation.record.receipt(receipt).await.unwrap().json().unwrap();
    (bed, receipt, text)
}

#[tokio::test(flavor = "multi_thread")]
async fn to_the_other_engine_and_back_nothing_is_lost_and_the_record_goes_on() {
    let (bed, receipt, old) = country().await;
    let first = bed.installation.paths.data.join("../first");
    leave(&bed.installation, &first, Options::default()).await;
    assert!(!first.join("root.key").exists() && !first.join("people.jsonl").exists());
    let root_key = bed.installation.paths.data.join("keys/root.key");

    let middle = Place::on(Engine::Postgres).await;
    let moved = arrive(&first, Some(&root_key), &middle, 2).await;
    let second = middle.dir().join("second");
    leave(&moved, &second, Options { root_key: true, clear_text: false }).await;
    assert_eq!(tables(&second), tables(&first), "PostgreSQL holds the same");
    assert!(verifies(&old, &moved));
    assert_eq!(moved.record.receipt(receipt).await.unwrap().json().unwrap(), old);

    let end = Place::on(Engine::Sqlite).await;
    let back = arrive(&second, None, &end, 3).await;
    let third = end.dir().join("third");
    leave(&back, &third, Options::default()).await;
    assert_eq!(tables(&third), tables(&first), "and SQLite again");
    assert!(verifies(&old, &back));

    // Life goes on: the log grows from where it was, old receipts verify, and the whole log is consistent.
    let before = back.record.status().await.unwrap();
    let new = register(&back, "Hadiza Sow").await;
    let after = back.record.status().await.unwrap();
    assert!(after.logs[0].size > before.logs[0].size && after.logs.iter().all(|log| log.frozen.is_none()));
    assert!(verifies(&back.record.receipt(new).await.unwrap().json().unwrap(), &bed.installation));
    assert!(verifies(&back.record.receipt(receipt).await.unwrap().json().unwrap(), &back));
    let looks = back.people.my_looks(citizen(&back, &bed).await, None, 10).await.unwrap();
    assert_eq!(looks.rows.len(), 1, "she still sees who looked");
    let fourth = end.dir().join("fourth");
    leave(&back, &fourth, Options::default()).await;
    assert_eq!(moving::check(&back, &first).await.unwrap(), Vec::<String>::new(), "it continues the first");
    let key = |installation: &Installation| installation.record.log_key(Log::Acts).to_string();
    assert_eq!(key(&back), key(&bed.installation));
}

async fn citizen(installation: &Installation, bed: &Bed) -> Id {
    installation.people.office_token(bed.ids["person-amina"].parse().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_register_in_clear_text_is_an_act() {
    let (bed, _, _) = country().await;
    let dir = bed.installation.paths.data.join("../clear");
    let exported = leave(&bed.installation, &dir, Options { root_key: false, clear_text: true }).await;
    assert_eq!(exported.manifest.clear_text, Some(3));
    let lines: Vec<Value> = std::fs::read_to_string(dir.join("people.jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let name = |line: &Value| line["versions"][0]["document"]["person"]["name"].as_str().unwrap().to_string();
    let names: Vec<String> = lines.iter().map(name).collect();
    assert!(
        names.contains(&"Yusuf Benali".to_string()) && names.contains(&"أمينة بنت سالم".to_string()),
        "{names:?}"
    );
    assert!(lines.iter().all(|line| line["national_number"].as_str().is_some_and(|n| n.len() > 8)));
    let acts = std::fs::read_to_string(dir.join("tables/record_entry.jsonl")).unwrap();
    assert!(decoded(&acts).contains("app.exported-clear"), "the act is in the record");
}

/// All base64 cells of a table in clear bytes, as far as they are text.
fn decoded(table: &str) -> String {
    crate::erasure::cells(table).iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_or_does_not_belong_is_refused_by_name() {
    let (bed, _, _) = country().await;
    let top = bed.installation.paths.data.join("..");
    let dir = top.join("export");
    leave(&bed.installation, &dir, Options { root_key: true, clear_text: false }).await;
    let again = moving::export(&bed.installation, &dir, Options::default()).await.unwrap_err();
    assert!(format!("{again:#}").contains("is not empty"), "{again:#}");

    let place = Place::on(Engine::Sqlite).await;
    let target = blank(&place, 4);
    let refused = async |what: &str| {
        let error = format!("{:#}", moving::import(&dir, None, &target).await.unwrap_err());
        assert!(error.contains(what), "{error}");
        assert!(!target.paths.data.join("keys").exists(), "nothing was written");
    };
    for file in
        ["tables/identity_person_version.jsonl", "keys", "log/acts/checkpoint", "country/country.toml"]
    {
        let good = std::fs::read(dir.join(file)).unwrap();
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        std::fs::write(dir.join(file), &bad).unwrap();
        refused(file).await;
        std::fs::write(dir.join(file), good).unwrap();
    }
    std::fs::write(dir.join("blobs/more"), "x").unwrap();
    refused("blobs/more").await;
    std::fs::remove_file(dir.join("blobs/more")).unwrap();

    // Another country's root key opens nothing, and the machine stays blank for the right one.
    let other = Bed::new(Engine::Sqlite).await;
    let foreign = other.installation.paths.data.join("keys/root.key");
    let text = std::fs::read_to_string(&foreign).unwrap();
    let last = text.trim_end().chars().last().unwrap();
    let changed = if last == '0' { '1' } else { '0' };
    let wrong = top.join("wrong.key");
    std::fs::write(&wrong, format!("{}{changed}\n", &text.trim_end()[..text.trim_end().len() - 1])).unwrap();
    let error = format!("{:#}", moving::import(&dir, Some(&wrong), &target).await.unwrap_err());
    assert!(error.contains("--root-key"), "{error}");
    let arrived = arrive(&dir, None, &place, 4).await;
    assert!(arrived.paths.country.join("country.toml").is_file());
    let twice = format!("{:#}", moving::import(&dir, None, &target).await.unwrap_err());
    assert!(twice.contains("is not empty"), "{twice}");
}

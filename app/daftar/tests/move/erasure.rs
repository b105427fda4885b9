//! What erasing a person leaves behind: nothing that says their name, and no key; in no file, and in no backup.

use crate::bed::Bed;
use daftar::installation::{Installation, MIGRATIONS, Paths};
use daftar_http::with_tx;
use daftar_identity::person::Entry;
use daftar_identity::register::Registration;
use daftar_kernel::{Actor, Id, Problem, World};
use daftar_office::Proven;
use daftar_record::Record;
use daftar_store::{KeyExport, Store, StoreConfig, StoreError, params, restore, sql};
use daftar_testing::{Engine, Place};
use serde_json::Value;
use std::path::{Path, PathBuf};
use transparency_log::receipt::Receipt;

/// Names nobody else has, in two scripts.
const NAME: &str = "Zzyqvarra Oumou Xhelili";
const OTHER: &str = "ذذيقوارّا خليلي";
const PARTS: [&str; 6] = ["Zzyqvarra", "zzyqvarra", "ZZYQVARRA", "Xhelili", "xhelili", "ذذيقو"];
/// A word that lies in the clear in every database of ours, so that a scanner that sees nothing is found out.
const CONTROL: &str = "civil-registry-north";

/// The cells of a table's lines, base64 opened where it is base64.
pub fn cells(table: &str) -> Vec<Vec<u8>> {
    let mut cells = Vec::new();
    for line in table.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        for cell in row.as_array().into_iter().flatten().filter_map(Value::as_str) {
            cells.push(cell.as_bytes().to_vec());
            cells.extend(unbase64(cell));
        }
    }
    cells
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if text.is_empty() || !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for digit in text.trim_end_matches('=').bytes() {
        bits = bits << 6 | u32::try_from(DIGITS.iter().position(|d| *d == digit)?).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    Some(bytes)
}

/// Every file below a folder.
fn files(top: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(top).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn holds(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|window| window == needle)
}

/// What is there of these needles: on the disk below the folder, and in a dump of the tables.
async fn found(store: &Store, top: &Path, dump: &Path, needles: &[Vec<u8>]) -> Vec<String> {
    let mut found = Vec::new();
    let mut look = |place: &Path, bytes: &[u8]| {
        for needle in needles.iter().filter(|needle| holds(bytes, needle)) {
            found.push(format!("{} in {}", String::from_utf8_lossy(needle), place.display()));
        }
    };
    for file in files(top) {
        look(&file, &std::fs::read(&file).unwrap());
    }
    store.dump_tables(dump).await.unwrap();
    for file in files(dump).iter().filter(|file| file.extension().is_some_and(|e| e == "jsonl")) {
        let text = std::fs::read_to_string(file).unwrap();
        cells(&text).iter().for_each(|cell| look(file, cell));
    }
    found
}

/// The person's keys as the database keeps them: under the person and under the record's token of them.
async fn wrapped_keys(store: &Store, person: Id) -> Vec<Vec<u8>> {
    let keys: Result<_, StoreError> = store
        .read(move |tx| {
            Box::pin(async move {
                let text = sql!(
                    "select wrapped from store_key where wrapped is not null and (subject = $1 or subject in \
                     (select token from identity_token where person = $1)) order by wrapped"
                );
                let rows = tx.query(text, &params![person]).await?;
                rows.iter().map(|row| row.get::<Vec<u8>>(0)).collect()
            })
        })
        .await;
    keys.unwrap()
}

async fn keys_left(store: &Store, keys: &[Vec<u8>]) -> usize {
    let all: Result<Vec<Vec<u8>>, StoreError> = store
        .read(|tx| {
            Box::pin(async move {
                let text =
                    sql!("select wrapped from store_key where wrapped is not null order by subject, class");
                tx.query(text, &[]).await?.iter().map(|row| row.get(0)).collect()
            })
        })
        .await;
    let all = all.unwrap();
    assert!(!all.is_empty(), "others keep theirs");
    keys.iter().filter(|key| all.contains(key)).count()
}

/// A picture like one a desk takes: 64 by 64 pixels of grey.
fn photo() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/move/photo.png")).unwrap()
}

async fn proven(bed: &Bed, name: &str) -> Proven {
    let session = bed.installation.office.session(&bed.tokens[name]).await.unwrap().unwrap();
    session.proven(bed.installation.store.world().now()).unwrap()
}

/// Registers her with a photo, leaves a draft with her name, and has the police look at her. Gives her and her receipts.
async fn live(bed: &Bed) -> (Id, Vec<Id>) {
    let entry = Entry {
        name: NAME.into(),
        other_names: vec![OTHER.into()],
        born: "1988-05-06".into(),
        sex: "female".into(),
        standing: "citizen".into(),
        ..Entry::default()
    };
    let registration = Registration {
        entry,
        photo: Some(photo()),
        evidence: "seen by the elder of Xhelili".into(),
        idempotency_key: "erasure".into(),
        ..Registration::default()
    };
    let one = bed.installation.people.register(&Actor::System("test"), registration).await.unwrap();

    let begun = bed.post("/people/register", "registrar", &[]).await;
    let answers = [("name", NAME), ("given", ""), ("family", ""), ("other_name", OTHER)];
    let saved = bed.post(begun.header("location"), "registrar", &answers).await;
    assert_eq!(saved.status, 303, "{}", saved.text());

    assert_eq!(bed.post("/desk/cases", "police", &[("number", "P-1")]).await.status, 303);
    let page = format!("/people/{}", one.person);
    let seen = bed.post(&page, "police", &[("purpose", "identity-check"), ("case", "P-1")]).await;
    assert!(seen.status == 200 && seen.text().contains("Zzyqvarra"), "{}", seen.text());
    let citizen = bed.installation.people.office_token(one.person).await.unwrap();
    let looks = bed.installation.people.my_looks(citizen, None, 10).await.unwrap();
    bed.installation.record.sequence_once().await.unwrap();
    (one.person, vec![one.receipt, looks.rows[0].id])
}

async fn erase(bed: &Bed, person: Id) {
    let people = &bed.installation.people;
    let senior = proven(bed, "senior").await;
    let ground = "Court of First Instance 12/2026";
    let approval = people.request_erasure(senior.actor(), person, ground).await.unwrap();
    let (store, office) = (bed.installation.store.clone(), bed.installation.office.clone());
    assert!(people.erase(senior.actor(), approval).await.is_err(), "nobody has approved");
    for by in [senior.clone(), proven(bed, "second").await] {
        with_tx!(store.write, tx, [office, by] {
            let digest = office.approval(tx, by.actor(), approval).await?.digest;
            office.approve(tx, &by, approval, &digest).await
        })
        .unwrap();
    }
    people.erase(senior.actor(), approval).await.unwrap();
    store.scrub().await.unwrap();
}

async fn receipt_text(record: &Record, id: Id) -> String {
    record.receipt(id).await.unwrap().json().unwrap()
}

fn needles() -> Vec<Vec<u8>> {
    PARTS.iter().map(|part| part.as_bytes().to_vec()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_says_the_name_and_no_key_is_left() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        let store = &bed.installation.store;
        let (person, receipts) = live(&bed).await;
        let mut before = Vec::new();
        for id in &receipts {
            before.push(receipt_text(&bed.installation.record, *id).await);
        }
        assert!(before[0].contains("opening"), "the receipt she holds opens");
        let keys = wrapped_keys(store, person).await;
        assert!(keys.len() >= 2, "civil data and the record");
        assert_eq!(keys_left(store, &keys).await, keys.len(), "control: the keys are where we look");
        let top = bed.installation.paths.data.parent().unwrap().to_path_buf();
        let scratch = tempfile::tempdir().unwrap();
        if engine == Engine::Sqlite {
            let seen = found(store, &top, &scratch.path().join("dump0"), &keys).await;
            assert!(!seen.is_empty(), "control: the scanner sees keys in the database file or its log");
        }
        let (backup, old_keys) = (scratch.path().join("backup"), scratch.path().join("old.keys"));
        store.backup(&backup, &old_keys).await.unwrap();

        erase(&bed, person).await;

        assert_eq!(keys_left(store, &keys).await, 0, "{engine:?}");
        let control = [CONTROL.as_bytes().to_vec()];
        let seen = found(store, &top, &scratch.path().join("dump1"), &control).await;
        assert!(!seen.is_empty(), "control: the scanner sees what is there");
        let wanted = [needles(), keys].concat();
        let seen = found(store, &top, &scratch.path().join("dump2"), &wanted).await;
        assert_eq!(seen, Vec::<String>::new(), "{engine:?}");

        // Receipts from before verify, with the opening she kept; from now on they prove the commitment alone.
        let policy = bed.installation.record.policy();
        for (id, old) in receipts.iter().zip(&before) {
            assert!(Receipt::parse(old.as_bytes()).unwrap().verify(policy).is_ok());
            let now = bed.installation.record.receipt(*id).await.unwrap();
            assert!(now.erased);
            let text = now.json().unwrap();
            assert!(!PARTS.iter().any(|part| text.contains(part)));
            assert!(Receipt::parse(text.as_bytes()).unwrap().verify(policy).is_ok());
        }
        bed.installation.record.sequence_once().await.unwrap();
        let audit = bed.installation.record.audit_store().await.unwrap();
        assert!(audit.is_whole() && audit.erased >= 2, "{:?}", audit.findings);
        restored_backup_stays_shut(&bed, engine, person, &scratch, (&backup, &old_keys), &wanted).await;
    }
}

/// The backup from before, with the key export from after, does not bring her back.
async fn restored_backup_stays_shut(
    bed: &Bed,
    engine: Engine,
    person: Id,
    scratch: &tempfile::TempDir,
    (backup, old_keys): (&Path, &Path),
    wanted: &[Vec<u8>],
) {
    for file in files(backup) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!PARTS.iter().any(|part| holds(&bytes, part.as_bytes())), "{}", file.display());
    }
    let new_keys = scratch.path().join("new.keys");
    bed.installation.store.export_keys(&new_keys).await.unwrap();
    assert!(KeyExport::check(old_keys).is_ok());
    let place = Place::on(engine).await;
    let data = place.dir().join("country-data");
    std::fs::create_dir_all(data.join("keys")).unwrap();
    let root = bed.installation.paths.data.join("keys/root.key");
    std::fs::copy(root, data.join("keys/root.key")).unwrap();
    let config =
        StoreConfig { url: place.config().url.clone(), data_dir: data.clone(), blobs: None, archive: None };
    let store = restore(backup, &new_keys, config, World::system(), &MIGRATIONS).await.unwrap();
    // Neither her name nor a key of hers, as it was before, lies anywhere in what was restored: database, log, free pages, blobs.
    let control = [CONTROL.as_bytes().to_vec()];
    let seen = found(&store, place.dir(), &scratch.path().join("dump3"), &control).await;
    assert!(!seen.is_empty(), "control: the scanner sees what is there");
    let seen = found(&store, place.dir(), &scratch.path().join("dump4"), wanted).await;
    assert_eq!(seen, Vec::<String>::new(), "{engine:?}");
    store.close().await;
    let settings = daftar_kernel::settings::Settings::read(
        daftar::settings::KNOWN,
        None,
        [("DAFTAR_STORE_URL".to_string(), place.config().url.clone())],
    )
    .unwrap();
    let paths = Paths { country: data.join("country"), policy: data.join("policy"), data };
    let names = ("test.example/1", "quorum none\n");
    let old = Installation::assemble(paths, settings, World::system(), names).await.unwrap();
    let Actor::Official(official) = proven(bed, "registrar").await.actor().clone() else {
        panic!("an official")
    };
    let ask = daftar_office::permit::Ask { purpose: "registration".into(), ..Default::default() };
    let refused = old.people.read(&official, &ask, person, &[]).await.unwrap_err();
    assert_eq!(refused.code, Problem::from(StoreError::Erased).code, "the row came back, its key did not");
    let other: Id = bed.ids["person-bilal"].parse().unwrap();
    assert!(old.people.read(&official, &ask, other, &[]).await.is_ok(), "control: others open");
}

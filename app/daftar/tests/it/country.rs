//! A ministry changes the country: proposed by whoever runs the machine, approved by two officials who read exactly what
//! changes, published as an act, in force on its day.

use crate::bed::Bed;
use daftar::commands::country::propose;
use daftar::housekeeping::Housekeeper;
use daftar_kernel::{Id, Problem};
use daftar_packs::versions;
use daftar_store::{params, sql};
use daftar_testing::Engine;
use jiff::civil::{Date, date};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const NEW_YEAR: Date = date(2027, 1, 1);
const NEW_PLACE: &str = "New Harbour of Marsa Nour";
const NEW_TEXT: &str = "For the officials of Zahrana";

/// The demo's pack with another version, one more place, and a text of its own.
fn next_pack(bed: &Bed, version: &str) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../country/demo");
    let to = bed.dir().join(format!("pack-{version}"));
    copy(&from, &to);
    let edit = |file: &str, change: &dyn Fn(String) -> String| {
        let path = to.join(file);
        std::fs::write(&path, change(std::fs::read_to_string(&path).unwrap())).unwrap();
    };
    edit("country.toml", &|text| text.replace("\"2026.1\"", &format!("\"{version}\"")));
    edit("places.toml", &|text| {
        text + "\n[[places]]\ncode = \"1199\"\nkind = \"quarter\"\nparent = \"11\"\n\
                names = { en = \"New Harbour of Marsa Nour\", fr = \"Nouveau port\", ar = \"الميناء الجديد\" }\n\
                from = 2027-01-01\n"
    });
    edit("locales/en.ftl", &|text| text + &format!("app-officials = {NEW_TEXT}\n"));
    to
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Agrees, through the page, to what the page shows.
async fn agree(bed: &Bed, who: &str, approval: Id) -> u16 {
    let path = format!("/desk/approvals/{approval}");
    let page = bed.get(&path, who).await.text();
    let digest =
        page.split("name=\"digest\" value=\"").nth(1).map_or("", |rest| rest.split('"').next().unwrap());
    let digest = if digest.is_empty() { "00".repeat(32) } else { digest.to_string() };
    bed.post(&format!("{path}/approve"), who, &[("digest", &digest)]).await.status
}

/// The request's own fingerprint, as an official who has agreed already still knows it.
async fn digest_of(bed: &Bed, approval: Id) -> String {
    let row = bed
        .installation
        .store
        .read(move |tx| {
            Box::pin(async move {
                let select = sql!("select digest from office_approval where id = $1");
                let row = tx.query_one(select, &params![approval]).await?;
                Ok::<_, Problem>(row.get::<[u8; 32]>(0)?)
            })
        })
        .await
        .unwrap();
    daftar_kernel::hex::encode(&row)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ministry_changes_the_country() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut bed = Bed::new(engine).await;
        let mut keeper = Housekeeper::new(&bed.installation, Arc::clone(&bed.site)).unwrap();
        let pack = next_pack(&bed, "2027.1");
        let version = propose(&bed.installation, &pack, NEW_YEAR).await.unwrap();
        let approval = version.approval.unwrap();
        let path = format!("/desk/approvals/{approval}");

        // Both read the fingerprint of the files and what changes, in the words of the files.
        for who in ["senior", "administrator"] {
            let page = bed.get(&path, who).await.text();
            let manifest = daftar_kernel::hex::encode(&version.digest);
            for said in [&manifest, NEW_PLACE, NEW_TEXT, "places.toml", "system operator"] {
                assert!(page.contains(said), "{who} does not read {said}: {page}");
            }
        }
        assert_eq!(bed.get(&path, "registrar").await.status, 403, "not their business");

        // One official alone is not two, however often they agree.
        assert_eq!(agree(&bed, "senior", approval).await, 303);
        let again = digest_of(&bed, approval).await;
        let twice = bed.post(&format!("{path}/approve"), "senior", &[("digest", &again)]).await;
        assert_eq!(twice.status, 409, "{}", twice.text());
        let alone = bed.post(&format!("{path}/execute"), "senior", &[]).await;
        assert_eq!(alone.status, 409, "{}", alone.text());
        assert_eq!(agree(&bed, "administrator", approval).await, 303);
        let done = bed.post(&format!("{path}/execute"), "administrator", &[]).await;
        assert!(
            done.status == 200 && done.text().contains("The new version is published"),
            "{}",
            done.text()
        );
        assert_eq!(bed.post(&format!("{path}/execute"), "senior", &[]).await.status, 409, "once");

        let list = bed.get("/desk/country", "senior").await.text();
        assert!(list.contains("Waits for its day") && list.contains("In force"), "{list}");
        let shown = bed.get(&format!("/desk/country/{}", version.id), "senior").await.text();
        assert!(shown.contains(NEW_PLACE) && shown.contains("2026.1"), "{shown}");

        // Nothing changes before its day, everything with it.
        let begins = bed.site.country().day_begins(NEW_YEAR);
        let now = bed.site.world().now();
        keeper.pass().await;
        bed.clock.advance_seconds(begins.seconds() - now.seconds() - 1);
        keeper.pass().await;
        assert!(!bed.get("/", "").await.text().contains(NEW_TEXT), "a second too early");
        bed.clock.advance_seconds(1);
        keeper.pass().await;
        bed.sign_in_again().await;
        assert!(bed.get("/", "").await.text().contains(NEW_TEXT), "people read the new text");
        let begun = bed.post("/people/register", "registrar", &[]).await;
        let birth = begun.header("location").replace("/names", "/birth");
        let page = bed.get(&birth, "registrar").await.text();
        assert!(page.contains(NEW_PLACE), "the clerk can choose the new place: {page}");
        let list = bed.get("/desk/country", "senior").await.text();
        assert!(list.contains("Past") && !list.contains("Waits for its day"), "{list}");
        let record = &bed.installation.record;
        record.sequence_once().await.unwrap();
        assert_eq!(
            bed.get(&format!("/receipts/{}", receipt(&bed, version.id).await), "senior").await.status,
            200
        );
    }
}

async fn receipt(bed: &Bed, version: Id) -> Id {
    let store = bed.installation.store.clone();
    let found = store.read(move |tx| Box::pin(async move { versions::get(tx, version).await })).await;
    found.unwrap().unwrap().receipt.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_behind_the_approval_is_never_published() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let bed = Bed::new(engine).await;
        let edits = [
            (
                "2027.1",
                sql!("update packs_version set effective = effective - 86400000000 where state = 'proposed'"),
            ),
            ("2027.2", sql!("update packs_version set digest = $1 where state = 'proposed'")),
        ];
        for (label, edit) in edits {
            let version = propose(&bed.installation, &next_pack(&bed, label), NEW_YEAR).await.unwrap();
            let approval = version.approval.unwrap();
            assert_eq!(agree(&bed, "senior", approval).await, 303);
            assert_eq!(agree(&bed, "administrator", approval).await, 303);
            let values = if label == "2027.2" { params![[7_u8; 32]].to_vec() } else { Vec::new() };
            bed.installation
                .store
                .write(move |tx| {
                    let values = values.clone();
                    Box::pin(async move { Ok::<_, Problem>(tx.execute(edit, &values).await?) })
                })
                .await
                .unwrap();
            let done = bed.post(&format!("/desk/approvals/{approval}/execute"), "senior", &[]).await;
            assert!(done.status >= 400, "{label}: {}", done.text());
            assert!(done.text().contains("not what was approved"), "{label}: {}", done.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_that_is_no_longer_true_is_not_published() {
    let bed = Bed::new(Engine::Sqlite).await;
    let first = propose(&bed.installation, &next_pack(&bed, "2027.1"), NEW_YEAR).await.unwrap();
    let second = propose(&bed.installation, &next_pack(&bed, "2027.2"), NEW_YEAR).await.unwrap();
    for version in [&first, &second] {
        let approval = version.approval.unwrap();
        assert_eq!(agree(&bed, "senior", approval).await, 303);
        assert_eq!(agree(&bed, "administrator", approval).await, 303);
    }
    let execute = async |version: &versions::Version| {
        let approval = version.approval.unwrap();
        bed.post(&format!("/desk/approvals/{approval}/execute"), "senior", &[]).await
    };
    assert_eq!(execute(&first).await.status, 200);
    let late = execute(&second).await;
    assert_eq!(late.status, 409, "{}", late.text());
    assert!(late.text().contains("Another version"), "{}", late.text());
    // The pack in force cannot be proposed again, and a pack with faults is not taken.
    let same = propose(&bed.installation, &next_pack(&bed, "2027.1"), NEW_YEAR).await.unwrap_err();
    assert!(same.to_string().contains("byte for byte"), "{same}");
    let broken = next_pack(&bed, "2027.3");
    std::fs::write(broken.join("roles.toml"), "nonsense").unwrap();
    let faults = propose(&bed.installation, &broken, NEW_YEAR).await.unwrap_err();
    assert!(faults.to_string().contains("roles.toml:1"), "{faults}");
    let past = propose(&bed.installation, &next_pack(&bed, "2027.4"), date(2026, 11, 1)).await.unwrap_err();
    assert!(past.to_string().contains("passed"), "{past}");
}

//! A country that leaves its SQLite file while somebody works in it.

use crate::moving::{ORIGIN, country, register, verifies};
use daftar::installation::Installation;
use daftar::moving::live::{self, Finished, Moving};
use daftar::settings::KNOWN;
use daftar_kernel::World;
use daftar_kernel::settings::Settings;
use daftar_store::relocate::Step;
use daftar_testing::{Engine, Place};

fn to(place: &Place, leave: bool) -> Moving {
    Moving { to: place.config().url.clone(), token: String::new(), blobs: None, leave }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_in_the_new_store_with_every_receipt() {
    let (bed, receipt, old) = country().await;
    let place = Place::on(Engine::Postgres).await;
    let installation = &bed.installation;
    let (paths, settings) = (&installation.paths, &installation.settings);
    let mut late = None;
    let mut watch = |step: Step| {
        // Somebody is registered after the copy was made and compared.
        if matches!(step, Step::Compared(_)) {
            let registered = register(installation, "Hadiza Sow");
            late =
                Some(tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(registered)));
        }
    };
    let moved =
        live::relocate(paths, settings, to(&place, false), &World::system(), &mut watch).await.unwrap();
    assert!(moved.followed > 0 && moved.tables.iter().any(|t| t.name == "record_entry" && t.rows > 0));

    let file = paths.data.join("daftar.toml");
    std::fs::write(&file, "# ours\n[log]\nlevel = \"warn\"\n").unwrap();
    for _ in 0..2 {
        let finished = live::finish(paths, &file, settings, &World::system()).await.unwrap();
        assert_eq!(finished, Some(Finished::Follow), "twice does no harm");
    }
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("# ours\n"), "{text}");
    let settings = Settings::read(KNOWN, Some(("daftar.toml", &text)), []).unwrap();
    assert_eq!(settings.get("log.level"), "warn");
    let policy = installation.record.config().policy.clone();
    let world = installation.store.world().clone();
    let new = Installation::assemble(paths.clone(), settings, world, (ORIGIN, &policy)).await.unwrap();
    // The log has grown since, so the proof is another; what is proved is the same.
    let proved = |text: &str| {
        let receipt: serde_json::Value = serde_json::from_str(text).unwrap();
        (receipt["log_entry"].clone(), receipt["opening"].clone())
    };
    let again = new.record.receipt(receipt).await.unwrap().json().unwrap();
    assert_eq!(proved(&again), proved(&old));
    assert!(verifies(&old, &new) && verifies(&again, &new));
    new.record.sequence_once().await.unwrap();
    let late = new.record.receipt(late.unwrap()).await.unwrap().json().unwrap();
    assert!(verifies(&late, &new));
    assert_eq!(new.record.audit_store().await.unwrap().findings.len(), 0);
    register(&new, "Omar Diallo").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_serves_no_more_and_a_broken_move_changes_nothing() {
    let (bed, _, _) = country().await;
    let installation = &bed.installation;
    let (paths, settings) = (&installation.paths, &installation.settings);
    let file = paths.data.join("daftar.toml");
    let world = World::system();
    let nowhere = Moving {
        to: "postgres://nobody@127.0.0.1:1/none".into(),
        ..to(&Place::on(Engine::Postgres).await, false)
    };
    assert!(live::relocate(paths, settings, nowhere, &world, &mut |_| {}).await.is_err());
    assert_eq!(live::finish(paths, &file, settings, &world).await.unwrap(), None);
    assert!(!paths.data.join("moving.toml").exists());
    register(installation, "Hadiza Sow").await;

    let place = Place::on(Engine::Postgres).await;
    live::relocate(paths, settings, to(&place, true), &world, &mut |_| {}).await.unwrap();
    assert_eq!(live::finish(paths, &file, settings, &world).await.unwrap(), Some(Finished::Left));
    assert!(!file.exists(), "its settings stay as they were");
}

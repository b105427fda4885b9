//! The logs as files, and verified from outside: whole, then damaged in every file.

use crate::common::*;
use daftar_record::transport::{Answer, Transport, TransportError};
use daftar_record::verify::{Against, verify_dir, verify_url};
use daftar_testing::TestStore;
use std::path::{Path, PathBuf};
use transparency_log::checkpoint::SignedCheckpoint;

async fn exported(store: &TestStore) -> (Fixture, PathBuf) {
    let f = Fixture::new(store, 1, "1").await;
    for number in 0..5 {
        for subject in 0..=number {
            f.act(registration(person(subject))).await;
            f.look(look_at(person(subject))).await;
        }
        f.settle().await;
    }
    // A batch that no witness has seen: the export ends before it.
    f.net.take_down("w1");
    f.look(look_at(person(1))).await;
    f.settle().await;
    let dir = store.dir().join("export");
    let written = f.record.export_log(&dir, true).await.unwrap();
    assert_eq!((written.entries, written.heads), (vec![("acts".into(), 15), ("access".into(), 5)], Some(5)));
    (f, dir)
}

fn audit(f: &Fixture) -> Against {
    f.policy().into()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[tokio::test]
async fn an_export_verifies_and_every_damaged_or_missing_file_is_found() {
    on_both(async |store| {
        let (f, dir) = exported(&store).await;
        let clean = verify_dir(&dir, &audit(&f), &mut |_, _| {}).unwrap();
        assert!(clean.iter().all(|log| log.is_clean()), "{clean:?}");
        assert_eq!(clean[0].report.entries + clean[1].report.entries, 20);
        assert_eq!(clean[1].heads, Some(5));
        assert_eq!(std::fs::read_to_string(dir.join("policy")).unwrap(), f.record.policy_text());

        for path in files(&dir).into_iter().filter(|path| !path.ends_with("policy")) {
            let whole = std::fs::read(&path).unwrap();
            let mut flipped = whole.clone();
            let middle = flipped.len() / 2;
            flipped[middle] ^= 1;
            for damaged in [Some(flipped), Some(whole[..whole.len() - 1].to_vec()), None] {
                match &damaged {
                    Some(bytes) => std::fs::write(&path, bytes).unwrap(),
                    None if path.ends_with("heads") => continue,
                    None => std::fs::remove_file(&path).unwrap(),
                }
                let found = verify_dir(&dir, &audit(&f), &mut |_, _| {}).unwrap();
                assert!(
                    !found.iter().all(|log| log.is_clean()),
                    "{} {:?}",
                    path.display(),
                    damaged.map(|d| d.len())
                );
            }
            std::fs::write(&path, whole).unwrap();
        }
        assert!(verify_dir(&dir, &audit(&f), &mut |_, _| {}).unwrap().iter().all(|log| log.is_clean()));
    })
    .await;
}

#[tokio::test]
async fn a_person_left_out_of_the_list_of_heads_is_found() {
    on_both(async |store| {
        let (f, dir) = exported(&store).await;
        let path = dir.join("access/heads");
        let list = std::fs::read_to_string(&path).unwrap();
        for gone in 1..=5 {
            let without: String = list
                .lines()
                .enumerate()
                .filter(|(line, _)| *line != gone)
                .map(|(_, line)| format!("{line}\n"))
                .collect();
            std::fs::write(&path, without).unwrap();
            let found = verify_dir(&dir, &audit(&f), &mut |_, _| {}).unwrap();
            assert!(found[1].problems[0].contains("map root"), "{:?}", found[1].problems);
        }
    })
    .await;
}

#[tokio::test]
async fn a_log_that_lost_what_an_earlier_receipt_shows_is_found() {
    on_both(async |store| {
        let (f, dir) = exported(&store).await;
        f.net.bring_up("w1");
        f.act(registration(person(1))).await;
        f.settle().await;
        let served = f.record.serve(f.record.volume(daftar_record::Log::Acts), "checkpoint").await.unwrap();
        let seen = vec![SignedCheckpoint::parse(&served.body).unwrap()];
        let found = verify_dir(&dir.join("acts"), &Against { seen, ..audit(&f) }, &mut |_, _| {}).unwrap();
        assert!(!found[0].is_clean());
    })
    .await;
}

/// A web server that has these files.
struct Files(PathBuf);

impl Transport for Files {
    fn post(&self, url: &str, _: &[u8], _: usize) -> Result<Answer, TransportError> {
        Err(TransportError::Url(url.into()))
    }
    fn get(&self, url: &str, _: usize) -> Result<Answer, TransportError> {
        let path = self.0.join(url.strip_prefix("http://log.example/record/").unwrap());
        let (status, body) = std::fs::read(path).map_or((404, Vec::new()), |body| (200, body));
        Ok(Answer { status, content_type: String::new(), body })
    }
}

#[tokio::test]
async fn a_log_verifies_over_http() {
    on_both(async |store| {
        let (f, dir) = exported(&store).await;
        let files = Files(dir.clone());
        let mut heard = 0;
        let found =
            verify_url("http://log.example/record/", &files, &audit(&f), &mut |_, entries| heard += entries)
                .unwrap();
        assert!(
            found.len() == 2 && found.iter().all(|log| log.is_clean() && log.heads.is_none()),
            "{found:?}"
        );
        assert_eq!(heard, 20);
        std::fs::remove_file(dir.join("acts/tile/entries/000.p/15")).unwrap();
        let found = verify_url("http://log.example/record", &files, &audit(&f), &mut |_, _| {}).unwrap();
        assert!(!found[0].is_clean() && found[1].is_clean());
    })
    .await;
}

#[tokio::test]
async fn a_folder_without_a_log_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    on_both(async |store| {
        let f = Fixture::new(&store, 0, "none").await;
        assert!(verify_dir(dir.path(), &audit(&f), &mut |_, _| {}).is_err());
    })
    .await;
}

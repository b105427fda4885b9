//! A frozen log gets a successor: nothing that is missing is hidden, everything from before still verifies, and no step of
//! it makes an old log sign again.

use crate::common::*;
use daftar_kernel::Id;
use daftar_record::succession::{Ask, Cause};
use daftar_record::verify::{Against, verify_dir};
use daftar_record::witness::Witness;
use daftar_record::{Log, MIGRATIONS, Record, RecordConfig, RecordError, State, Volume, verify_person_proof};
use daftar_store::{StoreConfig, restore, sql};
use daftar_testing::{Place, TestStore};
use std::path::{Path, PathBuf};
use transparency_log::checkpoint::SignedCheckpoint;
use transparency_log::policy::Policy;
use transparency_log::receipt::Receipt;

const NEXT: &str = "daftar.example/second";

fn ask(origin: &str) -> Ask {
    Ask {
        origin: origin.into(),
        by: "Ministry of the Interior, head of operations".into(),
        reason: "the disk of the main machine burnt; yesterday's backup was restored".into(),
        end: false,
    }
}

/// A country that took a backup, went on, and lost its database.
struct Lost {
    f: Fixture,
    /// The record on the restored, older database; nothing has been asked of it yet.
    restored: Record,
    /// Receipts of an act and a look from before the backup, and of an act that is lost.
    early_act: (Id, String),
    early_look: (Id, String),
    lost_act: (Id, String),
    _place: Place,
}

async fn json_of(record: &Record, id: Id) -> String {
    let receipt = record.receipt(id).await.unwrap();
    assert_eq!(receipt.state, State::Cosigned);
    receipt.json().unwrap()
}

async fn lost(store: &TestStore) -> Lost {
    let f = Fixture::new(store, 2, "2").await;
    let (mut act, mut look) = (None, None);
    for number in 1..4 {
        act = Some(f.act(registration(person(number))).await);
        look = Some(f.look(look_at(person(1))).await);
        f.settle().await;
    }
    let (dir, keys) = (store.dir().join("backup"), store.dir().join("keys.export"));
    store.backup(&dir, &keys).await.unwrap();
    let mut gone = None;
    for _ in 0..5 {
        gone = Some(f.act(registration(person(2))).await);
        f.look(look_at(person(1))).await;
        f.settle().await;
    }
    let place = Place::on(store.engine).await;
    let data = place.config().data_dir.clone();
    std::fs::create_dir_all(data.join("keys")).unwrap();
    std::fs::copy(store.config().data_dir.join("keys/root.key"), data.join("keys/root.key")).unwrap();
    let restored =
        restore(&dir, &keys, place.config().clone(), store.world().clone(), &[MIGRATIONS]).await.unwrap();
    let restored = open(&restored, &f.policy_lines, &f.net, Some(&place.dir().join("mark"))).await;
    let receipt = async |id: Option<Id>| (id.unwrap(), json_of(&f.record, id.unwrap()).await);
    let (early_act, early_look, lost_act) = (receipt(act).await, receipt(look).await, receipt(gone).await);
    Lost { restored, early_act, early_look, lost_act, _place: place, f }
}

/// Both witnesses are told of the new logs, as the command tells their operators.
fn follow(store: &TestStore, f: &Fixture, record: &Record) {
    let keys = Log::ALL.map(|log| record.log_key(log).to_string());
    for host in ["w1", "w2"] {
        f.net.remove(host);
        Witness::init(&store.dir().join(host), store.world(), &keys).unwrap();
        let witness =
            Witness::open(&store.dir().join(host), &format!("{host}.example"), store.world().clone());
        f.net.add(host, witness.unwrap());
    }
}

async fn settle(f: &Fixture, record: &Record) {
    f.clock.advance_seconds(1);
    while record.sequence_once().await.unwrap().more {}
    record.cosign_once().await.unwrap();
}

async fn commit(record: &Record, number: u8) -> (Id, Id) {
    let of = record.clone();
    record
        .store()
        .write(move |tx| {
            let record = of.clone();
            Box::pin(async move {
                let act = record.act(tx, &clerk(), &registration(person(number))).await?;
                Ok::<_, RecordError>((act, record.look(tx, &look_at(person(number))).await?))
            })
        })
        .await
        .unwrap()
}

async fn succeeded(store: &TestStore, l: &Lost) -> Record {
    assert!(matches!(l.restored.sequence_once().await, Err(RecordError::Frozen { .. })));
    let plan = l.restored.plan_succession(&ask(NEXT)).await.unwrap();
    let (record, _) = l.restored.succeed(&plan).await.unwrap();
    follow(store, &l.f, &record);
    settle(&l.f, &record).await;
    record
}

fn policy(text: &str) -> Policy {
    Policy::parse(text.as_bytes()).unwrap()
}

fn verifies(receipt: &str, policy: &Policy) -> bool {
    Receipt::parse(receipt.as_bytes()).unwrap().verify(policy).is_ok()
}

#[tokio::test]
async fn a_country_goes_on_openly_with_an_older_backup() {
    on_both(async |store| {
        let l = lost(&store).await;
        let old = policy(l.f.record.policy_text());
        // What is committed while frozen waits, and is not lost.
        assert!(matches!(l.restored.sequence_once().await, Err(RecordError::Frozen { .. })));
        let (waiting, _) = commit(&l.restored, 1).await;

        let plan = l.restored.plan_succession(&ask(NEXT)).await.unwrap();
        let [acts, access] = &plan.entries;
        assert_eq!((acts.cause, acts.seen_size, acts.local_size, acts.missing), (Cause::Frozen, 8, 3, 5));
        assert_eq!((access.local_size, access.missing, access.epoch), (3, 5, 3));
        assert!(acts.found.contains("holds a tree of 8 entries"), "{}", acts.found);
        assert_eq!(
            l.restored.plan_succession(&ask(NEXT)).await.unwrap().code,
            plan.code,
            "it can be confirmed"
        );
        let (record, act) = l.restored.succeed(&plan).await.unwrap();
        assert_eq!((record.number(), record.origin(Log::Acts)), (2, format!("{NEXT}/acts")));
        assert_ne!(record.log_key(Log::Acts).public_key(), l.restored.log_key(Log::Acts).public_key());

        // Before the witnesses know of it, receipts are signed and not confirmed.
        settle(&l.f, &record).await;
        assert_eq!(record.receipt(waiting).await.unwrap().state, State::Signed);
        follow(&store, &l.f, &record);
        settle(&l.f, &record).await;
        let new = policy(record.policy_text());
        for id in [act, waiting] {
            let json = json_of(&record, id).await;
            assert!(verifies(&json, &new) && !verifies(&json, &old));
        }
        // The act of the succession is entry 1 and says who did it.
        let receipt = record.receipt(act).await.unwrap();
        assert_eq!((receipt.kind.as_str(), receipt.number), ("record.succeeded", 2));
        let entry = Receipt::parse(receipt.json().unwrap().as_bytes()).unwrap().verify(&new).unwrap();
        assert_eq!((entry.index, &entry.entry.json["public"]["by"]), (1, &ask(NEXT).by.into()));
        assert_eq!(entry.entry.json["public"]["missing"], serde_json::json!({"acts": 5, "access": 5}));

        // Old receipts verify as ever, those of lost acts too; and what was kept still gives receipts.
        for (_, json) in [&l.early_act, &l.early_look, &l.lost_act] {
            assert!(verifies(json, &old) && !verifies(json, &new));
        }
        for (id, _) in [&l.early_act, &l.early_look] {
            let json = record.receipt(*id).await.unwrap().json().unwrap();
            assert!(verifies(&json, record.policy_of(1).unwrap().0));
        }
        assert!(matches!(record.receipt(l.lost_act.0).await, Err(RecordError::NotFound)));

        let status = record.successions().await.unwrap();
        assert_eq!((status.len(), status[0].before.as_str(), &status[0].by), (1, ORIGIN, &ask(NEXT).by));
        assert!(status[0].lost_looks() && status[0].kept_until.is_some());
        let audit = record.audit_store().await.unwrap();
        assert!(audit.is_whole(), "{:?}", audit.findings);
    })
    .await;
}

#[tokio::test]
async fn a_person_sees_the_gap_and_cannot_be_shown_a_list_without_it() {
    on_both(async |store| {
        let l = lost(&store).await;
        let record = succeeded(&store, &l).await;
        commit(&record, 1).await;
        settle(&l.f, &record).await;
        let (state, proof) = record.person_proof(person(1)).await.unwrap().unwrap();
        let bytes = serde_json::to_vec(&proof).unwrap();
        let verified = verify_person_proof(&bytes, record.policy()).unwrap();
        // Three looks from before the backup, five are lost, one came after.
        assert_eq!((state, verified.looks, verified.opened), (State::Cosigned, 4, 4));
        assert_eq!(verified.gaps.len(), 1);
        assert_eq!(verified.gaps[0].batches, 5);
        assert!(verified.gaps[0].from <= verified.gaps[0].to);

        let mut without = proof.clone();
        without.successions.clear();
        let mut altered = proof.clone();
        altered.successions[0] = altered.successions[0].replace("\"missing\":5", "\"missing\":0");
        let mut twice = proof.clone();
        twice.successions.push(proof.successions[0].clone());
        for bad in [without, altered, twice] {
            let bytes = serde_json::to_vec(&bad).unwrap();
            let refused = verify_person_proof(&bytes, record.policy()).unwrap_err().to_string();
            assert!(refused.contains("succeeds another"), "{refused}");
        }
        // A proof of the first volume from before the loss still verifies with the old policy.
        let (_, before) = l.f.record.person_proof(person(1)).await.unwrap().unwrap();
        let before = serde_json::to_vec(&before).unwrap();
        let verified = verify_person_proof(&before, l.f.record.policy()).unwrap();
        assert_eq!((verified.looks, verified.gaps.len()), (8, 0));
    })
    .await;
}

#[tokio::test]
async fn the_old_logs_never_sign_again() {
    on_both(async |store| {
        let l = lost(&store).await;
        let unchanged = l.restored.clone();
        let size =
            async || count(l.restored.store(), sql!("select size from record_log where log = 'acts'")).await;
        let before = size().await;
        let record = succeeded(&store, &l).await;
        // The process that was running, one that is started with the old settings, and a second succession of the same.
        assert!(matches!(unchanged.sequence_once().await, Err(RecordError::Frozen { .. })));
        let refused = unchanged.plan_succession(&ask("daftar.example/third")).await;
        assert!(matches!(refused, Err(RecordError::Superseded)), "{refused:?}");
        let again = open(record.store(), &l.f.policy_lines, &l.f.net, None).await;
        assert_eq!((again.number(), again.base_origin()), (2, NEXT));
        commit(&again, 3).await;
        l.f.clock.advance_seconds(5);
        assert_eq!(again.sequence_once().await.unwrap().acts, 1);
        assert_eq!(size().await, before);
        // What a process of the old volume commits after the succession enters the new one.
        let (late, _) = commit(&unchanged, 2).await;
        settle(&l.f, &again).await;
        assert_eq!(again.receipt(late).await.unwrap().number, 2);
        assert!(again.audit_store().await.unwrap().is_whole());
    })
    .await;
}

#[tokio::test]
async fn a_plan_is_carried_out_once_and_only_as_it_was_shown() {
    on_both(async |store| {
        let l = lost(&store).await;
        let plan = l.restored.plan_succession(&ask(NEXT)).await.unwrap();
        let other = Ask { reason: "another".into(), ..ask(NEXT) };
        assert_ne!(l.restored.plan_succession(&other).await.unwrap().code, plan.code);
        // Another process holds the sequencer's lease.
        let world = store.world().clone();
        l.restored
            .store()
            .write(move |tx| {
                let (id, now) = (world.id(), world.now());
                Box::pin(
                    async move { daftar_store::lease::acquire(tx, "record-sequencer", id, 3, now).await },
                )
            })
            .await
            .unwrap();
        let refused = l.restored.succeed(&plan).await.unwrap_err();
        assert!(refused.to_string().contains("stop daftar serve"), "{refused}");
        l.f.clock.advance_seconds(4);
        l.restored.succeed(&plan).await.unwrap();
        assert!(matches!(l.restored.succeed(&plan).await, Err(RecordError::Superseded)));
        assert_eq!(count(l.restored.store(), sql!("select count(*) from record_volume")).await, 1);
    })
    .await;
}

#[tokio::test]
async fn only_a_frozen_log_is_succeeded_and_only_when_witnesses_answer() {
    on_both(async |store| {
        let l = lost(&store).await;
        let refused = l.f.record.plan_succession(&ask(NEXT)).await.unwrap_err();
        assert!(refused.to_string().contains("not frozen"), "{refused}");
        for bad in ["", " ", "a\nb", "a+b", "a b", ORIGIN, "daftar.example/test/"] {
            let refused = l.restored.plan_succession(&ask(bad)).await;
            assert!(refused.is_err(), "{bad:?}");
        }
        let nobody = Ask { by: String::new(), ..ask(NEXT) };
        assert!(l.restored.plan_succession(&nobody).await.is_err());
        // Those who are silent may hold more: what is missing could be understated.
        assert!(matches!(l.restored.sequence_once().await, Err(RecordError::Frozen { .. })));
        l.f.net.take_down("w1");
        l.f.net.take_down("w2");
        let refused = l.restored.plan_succession(&ask(NEXT)).await;
        assert!(matches!(refused, Err(RecordError::Held(_))), "{refused:?}");
        l.f.net.bring_up("w1");
        assert!(l.restored.plan_succession(&ask(NEXT)).await.is_ok(), "a quorum of two has told one of two");
    })
    .await;
}

#[tokio::test]
async fn a_new_name_in_the_settings_is_no_way_around_it() {
    on_both(async |store| {
        let l = lost(&store).await;
        let config = RecordConfig::new("daftar.example/renamed", &*l.f.policy_lines, l.f.net.clone());
        let refused = Record::open(l.restored.store().clone(), config).await.unwrap_err();
        assert!(matches!(&refused, RecordError::Origin { found, .. } if found == ORIGIN), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn a_backup_from_before_the_succession_freezes_again_and_cannot_take_the_same_name() {
    on_both(async |store| {
        let l = lost(&store).await;
        succeeded(&store, &l).await;
        // The same backup once more, on a third machine with the newest keys.
        let keys = store.dir().join("keys.newest");
        l.restored.store().export_keys(&keys).await.unwrap();
        let place = Place::on(store.engine).await;
        let data = place.config().data_dir.clone();
        std::fs::create_dir_all(data.join("keys")).unwrap();
        std::fs::copy(store.config().data_dir.join("keys/root.key"), data.join("keys/root.key")).unwrap();
        let config = StoreConfig { ..place.config().clone() };
        let dir = store.dir().join("backup");
        let third = restore(&dir, &keys, config, store.world().clone(), &[MIGRATIONS]).await.unwrap();
        let third = open(&third, &l.f.policy_lines, &l.f.net, None).await;
        assert!(matches!(third.sequence_once().await, Err(RecordError::Frozen { .. })));
        let refused = third.plan_succession(&ask(NEXT)).await.unwrap_err();
        assert!(refused.to_string().contains("knows that origin already"), "{refused}");
        assert!(third.plan_succession(&ask("daftar.example/third")).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_log_ended_on_purpose_loses_nothing_and_successions_follow_one_another() {
    on_both(async |store| {
        let f = Fixture::new(&store, 2, "2").await;
        let mut record = f.record.clone();
        for (round, origin) in ["daftar.example/b", "daftar.example/c"].into_iter().enumerate() {
            commit(&record, 1).await;
            settle(&f, &record).await;
            commit(&record, 1).await;
            let plan = record.plan_succession(&Ask { end: true, ..ask(origin) }).await.unwrap();
            assert_eq!((plan.entries[0].cause, plan.entries[0].missing), (Cause::Ended, 0));
            // A sign of life between reading and confirming changes nothing that was confirmed.
            f.clock.advance_seconds(90);
            let again = record.plan_succession(&Ask { end: true, ..ask(origin) }).await.unwrap();
            assert_eq!(again.code, plan.code);
            assert!(record.succeed(&plan).await.is_err(), "the log has grown since");
            let next = record.succeed(&again).await.unwrap().0;
            // The process that served the old logs goes on taking acts, and signs none of them.
            commit(&record, 1).await;
            assert!(matches!(record.sequence_once().await, Err(RecordError::Superseded)));
            follow(&store, &f, &next);
            record = next;
            settle(&f, &record).await;
            assert_eq!(record.number() as usize, round + 2);
        }
        commit(&record, 1).await;
        settle(&f, &record).await;
        let (_, proof) = record.person_proof(person(1)).await.unwrap().unwrap();
        assert_eq!(proof.successions.len(), 2);
        let verified = verify_person_proof(&serde_json::to_vec(&proof).unwrap(), record.policy()).unwrap();
        assert_eq!((verified.looks, verified.gaps.len()), (7, 0));
        let mut shorter = proof.clone();
        shorter.successions.pop();
        assert!(verify_person_proof(&serde_json::to_vec(&shorter).unwrap(), record.policy()).is_err());
        assert!(record.audit_store().await.unwrap().is_whole());
    })
    .await;
}

async fn exported(store: &TestStore, record: &Record) -> PathBuf {
    let dir = store.dir().join("export");
    record.export_log(&dir, true).await.unwrap();
    dir
}

fn problems(dir: &Path, against: &Against) -> Vec<String> {
    let verified = verify_dir(dir, against, &mut |_, _| {}).unwrap();
    assert_eq!(verified.len(), 2);
    let of = verified.iter().flat_map(|log| {
        log.problems.iter().cloned().chain(log.report.findings.iter().map(ToString::to_string))
    });
    of.collect()
}

#[tokio::test]
async fn outsiders_verify_both_volumes_and_find_every_lie_in_entry_0() {
    on_both(async |store| {
        let l = lost(&store).await;
        let record = succeeded(&store, &l).await;
        let dir = exported(&store, &record).await;
        let old = policy(l.f.record.policy_text());
        let seen = Receipt::parse(l.lost_act.1.as_bytes()).unwrap().proof.checkpoint;
        let new = Against { policy: record.policy().clone(), before: Some(old.clone()), seen: vec![seen] };
        assert_eq!(problems(&dir, &new), Vec::<String>::new());
        assert_eq!(
            problems(&dir, &Against { before: None, seen: Vec::new(), ..new.clone() }),
            Vec::<String>::new()
        );
        assert_eq!(problems(&dir, &old.clone().into()), Vec::<String>::new(), "the ended logs");
        assert_eq!(std::fs::read_to_string(dir.join("policy.1")).unwrap(), l.f.record.policy_text());

        // Every byte of entry 0 is bound by the root that witnesses signed.
        for log in ["acts.2", "access.2"] {
            let folder = dir.join(log).join("tile/entries");
            let path = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
            let path = if path.is_dir() {
                std::fs::read_dir(path).unwrap().next().unwrap().unwrap().path()
            } else {
                path
            };
            let whole = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&whole).into_owned();
            let place = text.find("\"missing\":5").unwrap_or_else(|| panic!("{text}")) + 10;
            let mut altered = whole.clone();
            altered[place] = b'4';
            std::fs::write(&path, altered).unwrap();
            let found = problems(&dir, &new).join("; ");
            assert!(found.contains("does not say what is missing"), "{found}");
            assert!(found.contains("root") || found.contains("tile"), "{found}");
            std::fs::write(&path, whole).unwrap();
        }
        assert_eq!(problems(&dir, &new), Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn an_operator_who_signs_a_lie_is_found_by_what_others_hold() {
    on_both(async |store| {
        let l = lost(&store).await;
        let mut plan = l.restored.plan_succession(&ask(NEXT)).await.unwrap();
        // A patched program that hides five acts: it shows its own, older checkpoint with the witnesses' lines on it.
        let entry = &mut plan.entries[0];
        entry.seen = vec![entry.local.clone()];
        (entry.seen_size, entry.missing) = (entry.local_size, 0);
        let (record, _) = l.restored.succeed(&plan).await.unwrap();
        follow(&store, &l.f, &record);
        settle(&l.f, &record).await;
        let dir = exported(&store, &record).await;
        let seen = Receipt::parse(l.lost_act.1.as_bytes()).unwrap().proof.checkpoint;
        let size = seen.checkpoint().size;
        let alone = Against::from(record.policy().clone());
        assert_eq!(
            problems(&dir, &alone),
            Vec::<String>::new(),
            "without another's checkpoint nobody can tell"
        );
        let found = problems(&dir, &Against { seen: vec![seen], ..alone }).join("; ");
        assert!(found.contains(&format!("it hides entries: a checkpoint of {size}")), "{found}");
    })
    .await;
}

#[tokio::test]
async fn the_audit_of_the_database_finds_changes_around_a_succession() {
    on_both(async |store| {
        let l = lost(&store).await;
        let record = succeeded(&store, &l).await;
        assert!(record.audit_store().await.unwrap().is_whole());
        let (acts, access) = (Volume { log: Log::Acts, number: 2 }, Volume { log: Log::Access, number: 2 });
        for (volume, row) in [(acts, "record_entry"), (access, "record_entry")] {
            let body = record.serve(volume, "checkpoint").await.unwrap().body;
            assert!(SignedCheckpoint::parse(&body).is_ok());
            let (log, on) = (volume.code(), record.store().clone());
            let whole = entry_0(&record, volume).await;
            let lie = String::from_utf8(whole.clone()).unwrap().replace("\"missing\":5", "\"missing\":1");
            let put = sql!("update record_entry set body = $2 where log = $1 and idx = 0");
            meddle(&on, put, &[log.clone().into(), lie.into_bytes().into()]).await;
            let audit = record.audit_store().await.unwrap();
            let here = |f: &&daftar_record::audit::Finding| f.row.starts_with(row) && f.index == Some(0);
            assert!(audit.findings.iter().filter(here).count() >= 2, "{:?}", audit.findings);
            meddle(&on, put, &[log.into(), whole.into()]).await;
        }
        for (what, sql) in [
            (
                "the ended tree",
                sql!(
                    "update record_log set checkpoint = '', cosigned = null, cosigned_size = null \
              where log = 'acts'"
                ),
            ),
            ("an entry of the ended log", sql!("delete from record_entry where log = 'acts' and idx = 1")),
            ("a batch's volume", sql!("update record_batch set volume = 2, idx = idx + 90 where epoch = 1")),
            ("entry 0", sql!("delete from record_entry where log = 'access.2' and idx = 0")),
        ] {
            meddle(record.store(), sql, &[]).await;
            assert!(!record.audit_store().await.unwrap().is_whole(), "{what}");
        }
    })
    .await;
}

async fn entry_0(record: &Record, volume: Volume) -> Vec<u8> {
    let code = volume.code();
    record
        .store()
        .read(move |tx| {
            let code = code.clone();
            Box::pin(async move {
                let text = sql!("select body from record_entry where log = $1 and idx = 0");
                tx.query_one(text, &[code.into()]).await?.get::<Vec<u8>>(0)
            })
        })
        .await
        .unwrap()
}

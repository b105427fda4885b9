//! Makes the export of a country that lost its database and went on with an older backup, for outside judges:
//! `cargo run -p daftar-record --example succession -- DIR`.
//!
//! `DIR/export` holds both volumes of both logs with their policies; `DIR/receipts-1` and `DIR/receipts-2` receipts of
//! each volume, in the first one also of an act that the restored database no longer holds.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a program for judges: it asks the command line, and stops at the first failure"
)]

use daftar_kernel::{Actor, Id, World};
use daftar_record::succession::Ask;
use daftar_record::transport::{Answer, Transport, TransportError};
use daftar_record::witness::Witness;
use daftar_record::{Act, Log, Look, MIGRATIONS, Record, RecordConfig, RecordError};
use daftar_store::{Store, StoreConfig, restore};
use serde_json::json;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The witness in this process; told of new logs by opening its folder again.
#[derive(Default)]
struct Beside(Mutex<Option<Witness>>);

impl Beside {
    fn follow(&self, dir: &Path, record: &Record) -> String {
        let keys = Log::ALL.map(|log| record.log_key(log).to_string());
        let mut slot = self.0.lock().unwrap();
        // Its folder is locked as long as it lives.
        *slot = None;
        Witness::init(dir, record.store().world(), &keys).unwrap();
        let witness = Witness::open(dir, "witness.example", record.store().world().clone()).unwrap();
        let key = witness.verifier_key().to_string();
        *slot = Some(witness);
        key
    }
    fn answer(
        &self,
        ask: impl FnOnce(&Witness) -> Result<transparency_log::witness::Answer, RecordError>,
    ) -> Result<Answer, TransportError> {
        let slot = self.0.lock().unwrap();
        let gone = |reason: String| TransportError::NoAnswer { url: "witness".into(), reason };
        let witness = slot.as_ref().ok_or_else(|| gone("not there yet".into()))?;
        let answer = ask(witness).map_err(|error| gone(error.to_string()))?;
        let content_type = answer.content_type.split(';').next().unwrap_or_default().into();
        Ok(Answer { status: answer.status, content_type, body: answer.body.into_bytes() })
    }
}

impl Transport for Beside {
    fn post(&self, _: &str, body: &[u8], _: usize) -> Result<Answer, TransportError> {
        self.answer(|witness| witness.add_checkpoint(body))
    }
    fn get(&self, url: &str, _: usize) -> Result<Answer, TransportError> {
        let path = url.strip_prefix("http://witness/").unwrap_or_default();
        self.answer(|witness| witness.latest(path.strip_suffix("/checkpoint").unwrap_or_default()))
    }
}

/// An act about a person and a look at them, sequenced and cosigned; gives their receipts.
async fn happen(record: &Record, number: u8) -> [Id; 2] {
    let of = record.clone();
    let ids = record
        .store()
        .write(move |tx| {
            let record = of.clone();
            Box::pin(async move {
                let subject = Id::from_bytes([number; 16]);
                let act = Act {
                    kind: "identity.person-registered",
                    service: "identity",
                    agency: "civil-registry".into(),
                    office: "north".into(),
                    subject: Some(subject),
                    public: json!({"form": "registration/3"}),
                    private: Some(json!({"number": number})),
                };
                let look = Look {
                    subject,
                    reader: (&Actor::System("judge")).into(),
                    service: "identity",
                    purpose: "correction".into(),
                    basis: "Registration Act, section 4".into(),
                    case: None,
                    fields: vec!["name".into()],
                    sealed_until: None,
                };
                let act = record.act(tx, &Actor::System("judge"), &act).await?;
                Ok::<_, RecordError>([act, record.look(tx, &look).await?])
            })
        })
        .await
        .unwrap();
    settle(record).await;
    ids
}

async fn settle(record: &Record) {
    while record.sequence_once().await.unwrap().more {}
    record.cosign_once().await.unwrap();
}

async fn keep(record: &Record, ids: &[Id], folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for id in ids {
        let receipt = record.receipt(*id).await.unwrap();
        std::fs::write(folder.join(receipt.file_name()), receipt.json().unwrap()).unwrap();
    }
}

fn store_config(dir: &Path) -> StoreConfig {
    let url = format!("sqlite:{}", dir.join("daftar.db").display());
    StoreConfig { url, data_dir: dir.join("data"), blobs: None, archive: None }
}

#[tokio::main]
async fn main() {
    let out = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    let work = tempfile::tempdir().unwrap();
    let (old, new) = (work.path().join("old"), work.path().join("new"));
    std::fs::create_dir_all(&old).unwrap();
    let beside = Arc::new(Beside::default());
    let witness_dir = work.path().join("witness");
    let open = async |store: &Store, policy: &str| {
        let mut config = RecordConfig::new("country.example/1", policy, beside.clone());
        // Batches at once and no waiting, since the clock is the machine's.
        (config.batch_seconds, config.heartbeat_seconds, config.cosign_seconds) = (0, 0, 0);
        Record::open(store.clone(), config).await.unwrap()
    };
    let store = Store::open(store_config(&old), World::system(), &[MIGRATIONS]).await.unwrap();
    let key = beside.follow(&witness_dir, &open(&store, "quorum none\n").await);
    let policy = format!("witness w {key} http://witness\nquorum w\n");
    let record = open(&store, &policy).await;
    for number in 0..250 {
        happen(&record, number % 20).await;
    }
    let kept = happen(&record, 1).await;
    let (backup, keys) = (work.path().join("backup"), work.path().join("keys"));
    store.backup(&backup, &keys).await.unwrap();
    for number in 0..20 {
        happen(&record, number).await;
    }
    let lost = happen(&record, 2).await;
    keep(&record, &[kept, lost].concat(), &out.join("receipts-1")).await;

    std::fs::create_dir_all(new.join("data/keys")).unwrap();
    std::fs::copy(old.join("data/keys/root.key"), new.join("data/keys/root.key")).unwrap();
    let store = restore(&backup, &keys, store_config(&new), World::system(), &[MIGRATIONS]).await.unwrap();
    let behind = open(&store, &policy).await;
    let ask = Ask {
        origin: "country.example/2".into(),
        by: "Ministry of the Interior".into(),
        reason: "the machine burnt".into(),
        end: false,
    };
    let plan = behind.plan_succession(&ask).await.unwrap();
    // The backup is seconds old here: whoever held the sequencer's lease when it was taken holds it for three more.
    let (record, act) = loop {
        let done = behind.succeed(&plan).await;
        if !matches!(&done, Err(error) if error.to_string().contains("another process")) {
            break done.unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    };
    beside.follow(&witness_dir, &record);
    settle(&record).await;
    for number in 0..20 {
        happen(&record, number).await;
    }
    let new_ids = happen(&record, 1).await;
    keep(&record, &[&[act][..], &new_ids].concat(), &out.join("receipts-2")).await;
    record.export_log(&out.join("export"), true).await.unwrap();
    let audit = record.audit_store().await.unwrap();
    assert!(audit.is_whole(), "{:?}", audit.findings);
}

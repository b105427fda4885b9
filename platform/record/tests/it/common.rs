//! A record with witnesses in the same process: no sockets, no waiting.

use daftar_kernel::time::ManualClock;
use daftar_kernel::{Actor, Id, Official, Timestamp};
use daftar_record::transport::{Answer, Transport, TransportError};
use daftar_record::witness::Witness;
use daftar_record::{Act, Log, Look, MIGRATIONS, Reader, Record, RecordConfig};
use daftar_store::{Sql, Store, StoreError, Value, params, sql};
use daftar_testing::{TestStore, for_each_engine, world};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use transparency_log::policy::Policy;

/// Witnesses by host name, some of which may be down.
#[derive(Default)]
pub struct Net {
    witnesses: Mutex<BTreeMap<String, Arc<Witness>>>,
    down: Mutex<BTreeSet<String>>,
    pub asked: Mutex<u32>,
}

impl Net {
    pub fn take_down(&self, host: &str) {
        self.down.lock().unwrap().insert(host.into());
    }
    pub fn bring_up(&self, host: &str) {
        self.down.lock().unwrap().remove(host);
    }
    pub fn add(&self, host: &str, witness: Witness) {
        self.witnesses.lock().unwrap().insert(host.into(), Arc::new(witness));
    }
    /// Ends a witness; its folder can then be opened again.
    pub fn remove(&self, host: &str) {
        self.witnesses.lock().unwrap().remove(host);
    }
    fn reach(&self, url: &str) -> Result<(Arc<Witness>, String), TransportError> {
        *self.asked.lock().unwrap() += 1;
        let rest = url.strip_prefix("http://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        let gone = || TransportError::NoAnswer { url: url.into(), reason: "down".into() };
        if self.down.lock().unwrap().contains(host) {
            return Err(gone());
        }
        let witness = self.witnesses.lock().unwrap().get(host).cloned().ok_or_else(gone)?;
        Ok((witness, path.to_string()))
    }
}

fn answer(answer: transparency_log::witness::Answer) -> Answer {
    Answer {
        status: answer.status,
        content_type: answer.content_type.split(';').next().unwrap().into(),
        body: answer.body.into_bytes(),
    }
}

impl Transport for Net {
    fn post(&self, url: &str, body: &[u8], _: usize) -> Result<Answer, TransportError> {
        let (witness, path) = self.reach(url)?;
        assert_eq!(path, "add-checkpoint");
        Ok(answer(witness.add_checkpoint(body).unwrap()))
    }
    fn get(&self, url: &str, _: usize) -> Result<Answer, TransportError> {
        let (witness, path) = self.reach(url)?;
        Ok(answer(witness.latest(path.strip_suffix("/checkpoint").unwrap()).unwrap()))
    }
}

/// A record, its world and its witnesses.
pub struct Fixture {
    pub record: Record,
    pub net: Arc<Net>,
    pub clock: ManualClock,
    pub policy_lines: String,
}

pub const ORIGIN: &str = "daftar.example/test";

impl Fixture {
    /// With witnesses `w1`, `w2` ... of which `quorum` must cosign; `none` for no witness.
    pub async fn new(store: &TestStore, witnesses: u8, quorum: &str) -> Self {
        let net = Arc::new(Net::default());
        let keys = log_keys(&store.store()).await;
        let mut policy = String::new();
        let mut names = Vec::new();
        for number in 1..=witnesses {
            let host = format!("w{number}");
            let dir = store.dir().join(&host);
            let (world, _) = world();
            // Each its own key: the seeded world would give all of them the same.
            for _ in 0..number {
                let _ = world.bytes::<32>();
            }
            Witness::init(&dir, &world, &keys).unwrap();
            let witness = Witness::open(&dir, &format!("{host}.example"), store.world().clone()).unwrap();
            policy.push_str(&format!("witness {host} {} http://{host}\n", witness.verifier_key()));
            names.push(host.clone());
            net.add(&host, witness);
        }
        if names.is_empty() {
            policy.push_str("quorum none\n");
        } else {
            policy.push_str(&format!("group all-of-us {quorum} {}\nquorum all-of-us\n", names.join(" ")));
        }
        let record = open(&store.store(), &policy, &net, None).await;
        Self { record, net, clock: store.clock.clone(), policy_lines: policy }
    }

    pub fn policy(&self) -> Policy {
        Policy::parse(self.record.policy_text().as_bytes()).unwrap()
    }

    /// Sequences and cosigns until nothing waits.
    pub async fn settle(&self) {
        self.clock.advance_seconds(1);
        while self.record.sequence_once().await.unwrap().more {}
        self.record.cosign_once().await.unwrap();
    }

    pub async fn act(&self, act: Act) -> Id {
        let record = self.record.clone();
        self.record
            .store()
            .write(move |tx| {
                let (record, act) = (record.clone(), act.clone());
                Box::pin(async move { record.act(tx, &clerk(), &act).await })
            })
            .await
            .unwrap()
    }

    pub async fn look(&self, look: Look) -> Id {
        self.try_look(look).await.unwrap()
    }

    pub async fn try_look(&self, look: Look) -> Result<Id, StoreError> {
        let record = self.record.clone();
        self.record
            .store()
            .write(move |tx| {
                let (record, look) = (record.clone(), look.clone());
                Box::pin(async move { record.look(tx, &look).await })
            })
            .await
    }
}

pub async fn open(store: &Store, policy: &str, net: &Arc<Net>, mark_dir: Option<&Path>) -> Record {
    let mut config = RecordConfig::new(ORIGIN, policy, net.clone());
    config.mark_dir = mark_dir.map(Path::to_path_buf);
    Record::open(store.clone(), config).await.unwrap()
}

/// The logs' keys: what a witness is told to follow.
pub async fn log_keys(store: &Store) -> Vec<String> {
    let record = open(store, "quorum none", &Arc::default(), None).await;
    Log::ALL.map(|log| record.log_key(log).to_string()).to_vec()
}

/// Runs a statement behind the record's back, as a dishonest operator would.
pub async fn meddle(store: &Store, sql: Sql, params: &[Value]) -> u64 {
    let params = params.to_vec();
    store
        .write(move |tx| {
            let params = params.clone();
            Box::pin(async move { tx.execute(sql, &params).await })
        })
        .await
        .unwrap()
}

pub async fn count(store: &Store, sql: Sql) -> i64 {
    let rows =
        store.read(move |tx| Box::pin(async move { tx.query_one(sql, &params![]).await?.get::<i64>(0) }));
    rows.await.unwrap()
}

pub fn person(number: u8) -> Id {
    Id::from_bytes([number; 16])
}

pub fn official() -> Official {
    Official {
        id: Id::from_bytes([0xaa; 16]),
        name: "Amina Haddad".into(),
        agency: "civil-registry".into(),
        office: "north".into(),
        role: "registrar".into(),
    }
}

pub fn clerk() -> Actor {
    Actor::Official(official())
}

pub fn registration(subject: Id) -> Act {
    Act {
        kind: "identity.person-registered",
        service: "identity",
        agency: "civil-registry".into(),
        office: "north".into(),
        subject: Some(subject),
        public: json!({"form": "registration/3"}),
        private: Some(json!({"name": "Layla ليلى", "born": "1990"})),
    }
}

pub fn look_at(subject: Id) -> Look {
    Look {
        subject,
        reader: Reader::Official(official()),
        service: "identity",
        purpose: "correction".into(),
        basis: "Registration Act, section 4".into(),
        case: Some("C-17".into()),
        fields: vec!["name".into(), "address".into()],
        sealed_until: None,
    }
}

pub fn sealed(look: Look, until: Timestamp) -> Look {
    Look { sealed_until: Some(until), purpose: "investigation".into(), ..look }
}

pub async fn on_both(test: impl AsyncFn(TestStore)) {
    for_each_engine(&[MIGRATIONS], test).await;
}

#[tokio::test]
async fn the_schemas_open_on_both_engines() {
    on_both(async |store| {
        assert_eq!(count(&store.store(), sql!("select count(*) from record_entry")).await, 0);
    })
    .await;
}

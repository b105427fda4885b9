//! The cloud itself: one handle with everything that can be done to it. The files beside this one add a verb each.

use crate::catalogue::Catalogue;
use crate::engine::{About, Engine};
use crate::meter::Month;
use crate::problems;
use crate::turns::Turns;
use daftar_kernel::{Actor, Id, Official, Problem, Timestamp};
use daftar_office::Office;
use daftar_packs::Country;
use daftar_record::Act;
use daftar_store::idempotency::{self, Idempotent, KEY_LIMIT};
use daftar_store::{BoxFuture, Store, Tx};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::{Arc, PoisonError, RwLock};

/// The service's word in acts.
pub const SERVICE: &str = "cloud";

/// Where the catalogue in force comes from: the country pack, which the program reads.
pub trait Shelf: Send + Sync {
    /// What the country offers now; none when its pack has no `cloud.toml`.
    fn catalogue(&self) -> Option<Arc<Catalogue>>;
    /// The country itself: its currency and the clock its months go by.
    fn country(&self) -> Arc<Country>;
}

/// How the engine was when it was last asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Nobody has asked yet.
    Unknown,
    /// It answered.
    Here(About),
    /// It did not, since then.
    Gone(Timestamp),
}

/// The cloud. Cheap to clone.
#[derive(Clone)]
pub struct Cloud {
    inner: Arc<Inner>,
}

struct Inner {
    office: Office,
    engine: Option<Arc<dyn Engine>>,
    shelf: Arc<dyn Shelf>,
    health: RwLock<Health>,
    turns: Turns,
    holder: Id,
    /// The month up to which this process knows that all bills are made.
    billed_until: RwLock<Option<Month>>,
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cloud")
    }
}

/// Who asks, as far as this service needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The official, in whose name a token speaks too.
    pub official: Official,
    /// False for a token that was made to read only.
    pub may_change: bool,
}

impl Who {
    /// An official who is signed in.
    #[must_use]
    pub fn official(official: &Official) -> Self {
        Self { official: official.clone(), may_change: true }
    }
    /// Whose name stands on acts.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Official(self.official.clone())
    }
    /// Code of the agency: from whoever acts, never from what is asked.
    #[must_use]
    pub fn agency(&self) -> &str {
        &self.official.agency
    }
}

/// What was done, as whoever asked is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Done {
    /// What it was done to, or what was made.
    pub id: Id,
    /// Receipt of the act.
    pub receipt: Id,
}

impl Cloud {
    /// The cloud on the office's store and record, whose migrations include [`MIGRATIONS`](crate::MIGRATIONS). Without an engine
    /// every route answers that there is no cloud.
    #[must_use]
    pub fn new(office: Office, engine: Option<Arc<dyn Engine>>, shelf: Arc<dyn Shelf>) -> Self {
        let holder = office.store().world().id();
        let (health, turns) = (RwLock::new(Health::Unknown), Turns::default());
        let billed_until = RwLock::new(None);
        Self { inner: Arc::new(Inner { office, engine, shelf, health, turns, holder, billed_until }) }
    }
    /// The store it stands on.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.inner.office.store()
    }
    /// Sign-in, roles and approvals.
    #[must_use]
    pub fn office(&self) -> &Office {
        &self.inner.office
    }
    /// Whether this installation has a cloud.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.inner.engine.is_some()
    }
    /// What makes the computers.
    ///
    /// # Errors
    /// `cloud-off`.
    pub fn engine(&self) -> Result<&Arc<dyn Engine>, Problem> {
        self.inner.engine.as_ref().ok_or_else(problems::off)
    }
    /// What the country offers now.
    ///
    /// # Errors
    /// `cloud-no-catalogue`.
    pub fn catalogue(&self) -> Result<Arc<Catalogue>, Problem> {
        self.inner.shelf.catalogue().ok_or_else(problems::no_catalogue)
    }
    /// The country in force.
    pub(crate) fn country(&self) -> Arc<Country> {
        self.inner.shelf.country()
    }
    pub(crate) fn billed_until(&self) -> Option<Month> {
        *self.inner.billed_until.read().unwrap_or_else(PoisonError::into_inner)
    }
    pub(crate) fn set_billed_until(&self, month: Month) {
        *self.inner.billed_until.write().unwrap_or_else(PoisonError::into_inner) = Some(month);
    }
    /// How the engine was when it was last asked.
    #[must_use]
    pub fn health(&self) -> Health {
        self.inner.health.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// Asks the engine how it is, and notes it.
    ///
    /// # Errors
    /// `cloud-off`.
    pub async fn look_at_engine(&self) -> Result<Health, Problem> {
        let found = match self.engine()?.about().await {
            Ok(about) => Health::Here(about),
            Err(error) => {
                tracing::warn!(%error, "the cloud's engine did not answer");
                match self.health() {
                    Health::Gone(since) => Health::Gone(since),
                    _ => Health::Gone(self.now()),
                }
            }
        };
        *self.inner.health.write().unwrap_or_else(PoisonError::into_inner) = found.clone();
        Ok(found)
    }
    pub(crate) fn now(&self) -> Timestamp {
        self.store().world().now()
    }
    /// The day it is where the country is, `YYYY-MM-DD`.
    pub(crate) fn today(&self) -> String {
        self.now().to_local_date(&self.country().time_zone)
    }
    pub(crate) fn turns(&self) -> &Turns {
        &self.inner.turns
    }
    /// Who this process is to leases.
    pub(crate) fn holder(&self) -> Id {
        self.inner.holder
    }

    /// Commits an act in the caller's transaction. Names go into `private`: the public entry can never be taken back.
    pub(crate) async fn act(
        &self,
        tx: &mut Tx,
        who: &Who,
        kind: &'static str,
        public: Value,
        private: Value,
    ) -> Result<Id, Problem> {
        let (agency, office) = (who.official.agency.clone(), who.official.office.clone());
        let private = Some(private);
        let act = Act { kind, service: SERVICE, agency, office, subject: None, public, private };
        Ok(self.office().record().act(tx, &who.actor(), &act).await?)
    }

    /// Reads on one snapshot.
    pub(crate) async fn read<T, W>(&self, who: &Who, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: for<'t> Fn(&'t mut Tx, Self, Who) -> BoxFuture<'t, Result<T, Problem>> + Clone + Send + 'static,
    {
        self.engine()?;
        let (cloud, who) = (self.clone(), who.clone());
        self.store().read(move |tx| (work.clone())(tx, cloud.clone(), who.clone())).await
    }

    /// Changes something once: the same key gives the same answer again. `request` is what the key stands for.
    pub(crate) async fn once<T, W>(
        &self,
        who: &Who,
        (verb, key): (&'static str, &str),
        request: &(impl Serialize + Sync),
        work: W,
    ) -> Result<T, Problem>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        W: for<'t> Fn(&'t mut Tx, Self, Who) -> BoxFuture<'t, Result<T, Problem>> + Clone + Send + 'static,
    {
        self.engine()?;
        if !who.may_change {
            return Err(problems::token_reads());
        }
        let key = Key::new(self, who, verb, key, request)?;
        let (cloud, who) = (self.clone(), who.clone());
        self.store()
            .write(move |tx| {
                let (cloud, who, key, work) = (cloud.clone(), who.clone(), key.clone(), work.clone());
                Box::pin(async move {
                    if let Some(answer) = key.begin(tx, &cloud).await? {
                        return Ok(answer);
                    }
                    let answer = work(tx, cloud, who).await?;
                    key.finish(tx, &answer).await?;
                    Ok(answer)
                })
            })
            .await
    }
}

/// An idempotency key with what it was used for.
#[derive(Clone)]
pub(crate) struct Key {
    scope: String,
    key: String,
    digest: [u8; 32],
}

impl Key {
    fn new(
        cloud: &Cloud,
        who: &Who,
        verb: &'static str,
        key: &str,
        request: &impl Serialize,
    ) -> Result<Self, Problem> {
        if key.is_empty() || key.len() > KEY_LIMIT || key.contains('\0') {
            return Err(problems::key_missing());
        }
        let request = serde_json::to_vec(request).map_err(Problem::internal)?;
        let digest = cloud.store().vault().blind_index("cloud/request/1", &[&request])?;
        // The agency belongs to the key: an official may work for two.
        let scope = format!("official:{}/{}/cloud.{verb}", who.official.id, who.official.agency);
        Ok(Self { scope, key: key.into(), digest })
    }

    async fn begin<T: DeserializeOwned>(&self, tx: &mut Tx, cloud: &Cloud) -> Result<Option<T>, Problem> {
        match idempotency::begin(tx, &self.scope, &self.key, &self.digest, cloud.now()).await? {
            Idempotent::New => Ok(None),
            Idempotent::Mismatch => Err(problems::key_used()),
            Idempotent::Replay(answer) => {
                serde_json::from_slice(&answer).map(Some).map_err(Problem::internal)
            }
        }
    }

    async fn finish(&self, tx: &mut Tx, answer: &(impl Serialize + Sync)) -> Result<(), Problem> {
        let answer = serde_json::to_vec(answer).map_err(Problem::internal)?;
        Ok(idempotency::finish(tx, &self.scope, &self.key, &answer).await?)
    }
}

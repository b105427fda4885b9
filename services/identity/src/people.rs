//! The register itself: one handle with everything that can be done to it. The files beside this one add a
//! verb each: `register`, `search`, `read`, `correct`, `erase`, `card`, `account`, `import`, `statistics`.

use crate::age::Civil;
use crate::person::Rules;
use crate::weigh::Scales;
use daftar_kernel::{Actor, Id, Problem, Timestamp};
use daftar_office::Office;
use daftar_record::Record;
use daftar_store::{BoxFuture, Store, Tx};
use serde_json::Value;
use std::sync::Arc;

/// The service's word in acts, looks and tokens.
pub const SERVICE: &str = "identity";
/// Retention class under which a person's civil data is sealed.
pub const CLASS: &str = "civil";

/// What this service needs to know of the country: its places, and what its civil law says in numbers.
pub trait Gazetteer: Send + Sync {
    /// Whether the country has a place of this code.
    fn knows(&self, code: &str) -> bool;
    /// The district a place belongs to, for statistics; `None` when it is unknown.
    fn district_of(&self, code: &str) -> Option<String>;
    /// Ages, limits and kinds of documents.
    fn civil(&self) -> Civil;
}

/// The register of people. Cheap to clone.
#[derive(Clone)]
pub struct People {
    pub(crate) store: Store,
    pub(crate) record: Record,
    pub(crate) office: Office,
    pub(crate) places: Arc<dyn Gazetteer>,
    zone: Arc<str>,
    /// The newest model that weighs people, as far as this node has read it.
    pub(crate) scales: Arc<std::sync::Mutex<Option<Arc<Scales>>>>,
}

impl People {
    /// The register on the office's store and record; the store's migrations include
    /// [`MIGRATIONS`](crate::MIGRATIONS). `zone` is the country's time zone (tz database): it decides which
    /// day it is.
    #[must_use]
    pub fn new(office: Office, places: Arc<dyn Gazetteer>, zone: &str) -> Self {
        let (store, record) = (office.store().clone(), office.record().clone());
        Self { store, record, office, places, zone: zone.into(), scales: Arc::default() }
    }
    /// The store it stands on.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }
    /// The record its acts and looks go to.
    #[must_use]
    pub const fn record(&self) -> &Record {
        &self.record
    }
    /// Sign-in, permissions and the access gate.
    #[must_use]
    pub const fn office(&self) -> &Office {
        &self.office
    }
    /// Today in the country.
    #[must_use]
    pub fn today(&self) -> jiff::civil::Date {
        // The kernel prints YYYY-MM-DD for every time it can hold; the epoch stands for a clock out of range.
        self.day_of(self.store.world().now())
    }
    /// The country's day at a time.
    #[must_use]
    pub fn day_of(&self, at: Timestamp) -> jiff::civil::Date {
        at.to_local_date(&self.zone).parse().unwrap_or(jiff::civil::date(1970, 1, 1))
    }
    /// Seconds until the country's next day begins, at least one.
    #[must_use]
    pub fn seconds_to_midnight(&self) -> u32 {
        let zone = jiff::tz::TimeZone::get(&self.zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let next = self.today().tomorrow().and_then(|day| day.to_zoned(zone));
        let begins = next.map_or(0, |next| next.timestamp().as_second());
        u32::try_from(begins - self.store.world().now().seconds()).unwrap_or(1).max(1)
    }
    /// What the country's civil law says in numbers.
    #[must_use]
    pub fn civil(&self) -> Civil {
        self.places.civil()
    }
    /// Runs a piece of work with the rules for entries of today.
    pub fn with_rules<T>(&self, work: impl FnOnce(&Rules<'_>) -> T) -> T {
        let knows = |code: &str| self.places.knows(code);
        work(&Rules { today: self.today(), knows_place: &knows })
    }

    /// Carries out what two officials approved, in the transaction that uses the approval up.
    ///
    /// # Errors
    /// The office's about approvals; those of the work; the store's.
    pub(crate) async fn execute<T, W>(
        &self,
        actor: &Actor,
        approved: (Id, &'static str),
        work: W,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: for<'t> Fn(&'t mut Tx, Self, Desk, Value) -> BoxFuture<'t, Result<T, Problem>>,
        W: Clone + Send + 'static,
    {
        let (people, actor) = (self.clone(), actor.clone());
        self.store
            .write(move |tx| {
                let (people, actor, work) = (people.clone(), actor.clone(), work.clone());
                Box::pin(async move {
                    let (office, desk) = (people.office.clone(), Desk::of(&actor));
                    office.execute(tx, &actor, approved, move |tx, value| work(tx, people, desk, value)).await
                })
            })
            .await
    }
}

impl std::fmt::Debug for People {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("People")
    }
}

/// In whose name something is done: the official at the desk, or for a program the office that answers for
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    /// Who acts.
    pub actor: Actor,
    /// Code of the agency.
    pub agency: String,
    /// Code of the office.
    pub office: String,
}

impl Desk {
    /// The desk an actor sits at; a program sits at none.
    #[must_use]
    pub fn of(actor: &Actor) -> Self {
        let official = actor.official();
        Self {
            actor: actor.clone(),
            agency: official.map(|o| o.agency.clone()).unwrap_or_default(),
            office: official.map(|o| o.office.clone()).unwrap_or_default(),
        }
    }
    /// A program's work, for which this office answers.
    #[must_use]
    pub fn program(name: &'static str, agency: &str, office: &str) -> Self {
        Self { actor: Actor::System(name), agency: agency.into(), office: office.into() }
    }
}

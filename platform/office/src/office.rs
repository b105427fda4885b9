//! The handle through which pages and services reach this floor.

use crate::passkey::Passkeys;
use crate::password::{Cost, Hashing};
use crate::{Roster, problems};
use daftar_kernel::{Actor, Id, Problem, Timestamp, World};
use daftar_record::{Act, Record};
use daftar_store::{Store, Tx};
use serde_json::Value;
use std::sync::{Arc, PoisonError, RwLock};

/// The name acts carry as their service.
pub const SERVICE: &str = "office";
/// Retention class of what this crate seals.
pub const CLASS: &str = "office";

/// People who work, and everybody's sign-in. Cheap to clone.
#[derive(Clone)]
pub struct Office {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    record: Record,
    roster: RwLock<Arc<Roster>>,
    hashing: Hashing,
    /// How the country calls itself in authenticator apps.
    issuer: String,
    passkeys: Passkeys,
}

impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Office")
    }
}

impl Office {
    /// On this store and record, with the roster of the country in force. `issuer` is the name authenticator apps show.
    #[must_use]
    pub fn new(store: Store, record: Record, roster: Arc<Roster>, issuer: impl Into<String>) -> Self {
        Self::with_cost(store, record, roster, issuer, Cost::OWASP)
    }
    /// The same with another cost of hashing passwords, for tests.
    #[must_use]
    pub fn with_cost(
        store: Store,
        record: Record,
        roster: Arc<Roster>,
        issuer: impl Into<String>,
        cost: Cost,
    ) -> Self {
        let (roster, hashing) = (RwLock::new(roster), Hashing::new(cost));
        let (issuer, passkeys) = (issuer.into(), Passkeys::default());
        Self { inner: Arc::new(Inner { store, record, roster, hashing, issuer, passkeys }) }
    }
    /// The roster in force.
    #[must_use]
    pub fn roster(&self) -> Arc<Roster> {
        Arc::clone(&self.inner.roster.read().unwrap_or_else(PoisonError::into_inner))
    }
    /// A new version of the country takes effect.
    pub fn set_roster(&self, roster: Arc<Roster>) {
        *self.inner.roster.write().unwrap_or_else(PoisonError::into_inner) = roster;
    }
    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }
    /// The public record.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.inner.record
    }
    pub(crate) fn world(&self) -> &World {
        self.inner.store.world()
    }
    pub(crate) fn now(&self) -> Timestamp {
        self.world().now()
    }
    pub(crate) fn hashing(&self) -> &Hashing {
        &self.inner.hashing
    }
    pub(crate) fn passkey_floor(&self) -> &Passkeys {
        &self.inner.passkeys
    }
    pub(crate) fn issuer(&self) -> &str {
        &self.inner.issuer
    }
    /// A keyed hash: whoever has only the database can neither compute nor forge it.
    pub(crate) fn keyed(&self, purpose: &str, parts: &[&[u8]]) -> Result<[u8; 32], Problem> {
        Ok(self.inner.store.vault().blind_index(purpose, parts)?)
    }

    /// Refuses unless the actor is the program itself or an official whose role holds the permission.
    ///
    /// # Errors
    /// `office-not-official` or `office-not-permitted` (403).
    pub fn need(&self, actor: &Actor, permission: &str) -> Result<(), Problem> {
        match actor {
            Actor::System(_) => Ok(()),
            Actor::Official(official) if self.roster().allows(&official.role, permission) => Ok(()),
            Actor::Official(_) => Err(problems::not_permitted()),
            Actor::Public | Actor::Citizen(_) => Err(problems::not_official()),
        }
    }

    /// Commits an act of this crate in the caller's transaction. Names of people go into `private` only: the public
    /// entry can never be taken back.
    pub(crate) async fn act(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        kind: &'static str,
        public: Value,
        private: Value,
    ) -> Result<Id, Problem> {
        let (agency, office) = match actor {
            Actor::Official(official) => (official.agency.clone(), official.office.clone()),
            _ => (String::new(), String::new()),
        };
        let private = Some(private);
        let act = Act { kind, service: SERVICE, agency, office, subject: None, public, private };
        Ok(self.inner.record.act(tx, actor, &act).await?)
    }
}

/// An actor who has just proven to be there, by a one-time code within the last minutes: what dangerous acts ask for. Only
/// a session makes one, or the program for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    actor: Actor,
}

impl Proven {
    pub(crate) const fn of(actor: Actor) -> Self {
        Self { actor }
    }
    /// The program itself: a command of the operator, the making of a demo country. The text names it.
    #[must_use]
    pub const fn system(name: &'static str) -> Self {
        Self { actor: Actor::System(name) }
    }
    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }
}

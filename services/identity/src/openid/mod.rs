//! Sign in with Daftar: the OpenID provider. The rules are in `libs/openid`; here are the store, the pages and the endpoints.
//!
//! README.md tells one sign-in from the first request to the last token.

pub mod authorization;
pub mod client;
pub mod decide;
mod endpoints;
pub mod grant;
pub mod history;
pub mod items;
pub mod keys;
mod pages;
mod release;
mod sweep;
pub mod token;

pub use release::{BASIS, PURPOSE};

use crate::People;
use crate::problems;
use aws_lc_rs::digest::{SHA256, digest};
use daftar_kernel::{Pace, Problem, Timestamp};
use daftar_store::Store;
use openid::metadata::Paths;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::Semaphore;

/// Where the endpoints lie.
pub const PATHS: Paths = Paths {
    authorize: "/openid/authorize",
    token: "/openid/token",
    userinfo: "/openid/userinfo",
    jwks: "/openid/keys.json",
    revoke: "/openid/revoke",
    introspect: "/openid/introspect",
    logout: "/openid/logout",
};

/// Requests to the token, revocation, introspection and userinfo endpoints that are worked on at once; further ones are told
/// to come back (503, `Retry-After`).
pub const MAX_AT_ONCE: usize = 256;
/// After how many seconds those may come back.
pub const RETRY_SECONDS: u32 = 1;

/// The provider. Cheap to clone.
#[derive(Clone)]
pub struct Provider {
    people: People,
    shared: Arc<Shared>,
}

struct Shared {
    issuer: RwLock<Option<Arc<str>>>,
    keys: RwLock<Option<Arc<keys::Ring>>>,
    places: Semaphore,
    clients: client::Known,
    pace: Mutex<Pace>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Provider")
    }
}

impl Provider {
    /// The provider of this register, off until it has an issuer.
    #[must_use]
    pub fn new(people: People) -> Self {
        let (issuer, keys) = (RwLock::new(None), RwLock::new(None));
        let (places, clients, pace) =
            (Semaphore::new(MAX_AT_ONCE), client::Known::default(), Mutex::default());
        Self { people, shared: Arc::new(Shared { issuer, keys, places, clients, pace }) }
    }
    /// Names the issuer, which turns the provider on.
    ///
    /// # Errors
    /// `identity-openid-issuer` when it is no issuer: `https` without a path, or an address of this machine.
    pub fn set_issuer(&self, issuer: &str) -> Result<(), Problem> {
        if !openid::metadata::is_issuer(issuer) {
            return Err(problems::openid_issuer().detail(issuer));
        }
        *self.shared.issuer.write().unwrap_or_else(PoisonError::into_inner) = Some(issuer.into());
        Ok(())
    }
    /// The issuer.
    ///
    /// # Errors
    /// `identity-openid-off` (404) when there is none.
    pub fn issuer(&self) -> Result<Arc<str>, Problem> {
        let issuer = self.shared.issuer.read().unwrap_or_else(PoisonError::into_inner).clone();
        issuer.ok_or_else(problems::openid_off)
    }
    /// The places of [`MAX_AT_ONCE`].
    #[must_use]
    pub fn places(&self) -> &Semaphore {
        &self.shared.places
    }
    /// The register it speaks for.
    #[must_use]
    pub const fn people(&self) -> &People {
        &self.people
    }
    fn store(&self) -> &Store {
        &self.people.store
    }
    fn now(&self) -> Timestamp {
        self.store().world().now()
    }
}

/// What is kept of a secret of 256 random bits: its SHA-256.
pub(crate) fn kept(secret: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.iter_mut().zip(digest(&SHA256, secret.as_bytes()).as_ref()).for_each(|(to, from)| *to = *from);
    out
}

/// Adds the routes.
pub fn add(routes: &mut daftar_http::Routes) {
    endpoints::add(routes);
    pages::add(routes);
}

//! The Verification API: registered partners ask whether what somebody claims is so, are handed what the person allowed them, and
//! learn whether a card is valid. `docs/verification-api.md` tells a partner what to do, README.md what happens inside.
//!
//! One request is one write: token, registration, quota, consent, look and answer are read and written in the same transaction,
//! so that nothing is answered under a consent that was taken back a moment before. What is signed is signed after the commit.

mod api;
pub mod ask;
pub mod attribute;
pub mod card;
pub mod compare;
pub mod consent;
mod counted;
pub mod kyc;
mod mine;
mod pages;
pub mod partner;
pub mod quota;
pub mod receipt;

pub(crate) use mine::{given_by, revoke_in};
pub(crate) use pages::{summary, words};

/// Limits of the API's bodies.
pub mod api_limits {
    pub use super::api::{BODY_BYTES, MAX_CLAIMS};
}

use crate::openid::Provider;
use crate::people::{People, SERVICE};
use crate::{problems, tokens};
use attribute::Attributes;
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_office::Source;
use daftar_record::Look;
use daftar_record::look::Reader;
use daftar_store::{Store, Tx};
use openid::Scope;
use openid::access_token::AccessToken;
use partner::Partner;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// The legal basis of a look under a consent, as the access register keeps it.
pub const CONSENT: &str = "consent";
/// The legal basis of a look at a card whose code was shown: whoever holds the code was shown the card.
pub const SHOWN: &str = "card-shown";
/// The purpose of looks at the public check.
pub const CHECK: &str = "card-check";

/// Requests of partners and of the public check that are worked on at once; further ones are told to come back (503,
/// `Retry-After`).
pub const MAX_AT_ONCE: usize = 256;
/// After how many seconds those may come back.
pub const RETRY_SECONDS: u32 = 1;

/// What answers partners. Cheap to clone.
#[derive(Clone)]
pub struct Verifier {
    provider: Provider,
    shared: Arc<Shared>,
}

struct Shared {
    places: Semaphore,
    minutes: Mutex<quota::Minutes>,
    days: Mutex<quota::Days>,
    visits: Mutex<quota::Visits>,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verifier")
    }
}

/// A partner's token, whose signature, time and scope are right. Whether it was revoked only the store can tell.
#[derive(Clone, Debug)]
pub struct Token {
    client: String,
    jti: String,
}

/// One request's marks: a write may run more than once, and counts once.
#[derive(Clone, Debug, Default)]
struct Ticket(Arc<AtomicU8>);

const MINUTE: u8 = 1;
const HELD: u8 = 2;

impl Ticket {
    /// Sets a mark; whether it was set before.
    fn mark(&self, mark: u8) -> bool {
        self.0.fetch_or(mark, Ordering::SeqCst) & mark != 0
    }
    fn has(&self, mark: u8) -> bool {
        self.0.load(Ordering::SeqCst) & mark != 0
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Verifier {
    /// What answers partners of this provider.
    #[must_use]
    pub fn new(provider: Provider) -> Self {
        let shared = Shared {
            places: Semaphore::new(MAX_AT_ONCE),
            minutes: Mutex::default(),
            days: Mutex::default(),
            visits: Mutex::default(),
        };
        Self { provider, shared: Arc::new(shared) }
    }
    /// The places of [`MAX_AT_ONCE`].
    #[must_use]
    pub fn places(&self) -> &Semaphore {
        &self.shared.places
    }
    /// The issuer, under whose address people answer.
    ///
    /// # Errors
    /// `identity-openid-off`.
    pub fn issuer(&self) -> Result<Arc<str>, Problem> {
        self.provider.issuer()
    }
    fn people(&self) -> &People {
        self.provider.people()
    }
    fn store(&self) -> &Store {
        self.people().store()
    }
    fn now(&self) -> Timestamp {
        self.store().world().now()
    }
    /// The country's day, under which requests are counted.
    fn day(&self) -> String {
        self.people().today().to_string()
    }

    /// Reads the `Authorization` header of a partner.
    ///
    /// # Errors
    /// `identity-openid-off`; `identity-verify-token` (401) when it is no token of ours, or is over; `identity-verify-scope`;
    /// `identity-verify-pace` when the partner's minute is known to be full.
    pub async fn token(&self, authorization: &str) -> Result<Token, Problem> {
        let issuer = self.provider.issuer()?;
        let shown = openid::bearer::token(authorization, &openid::Params::default());
        let shown = shown.ok().flatten().ok_or_else(problems::verify_token)?;
        let (ring, now) = (self.provider.keys().await?, self.now());
        let read = AccessToken::verify(&shown, &issuer, &ring.public, now.seconds())
            .map_err(|_| problems::verify_token())?;
        if !read.scopes.has(Scope::Verify) {
            return Err(problems::verify_scope());
        }
        lock(&self.shared.minutes)
            .peek(&read.client_id, now)
            .map_err(|wait| problems::verify_pace().retry_after(wait))?;
        Ok(Token { client: read.client_id, jti: read.jti })
    }

    /// Counts a visit of the public check.
    ///
    /// # Errors
    /// `identity-verify-pace` with the time to wait, from a network prefix that has used up its minute.
    pub fn visit(&self, source: Source) -> Result<(), Problem> {
        let now = self.now();
        let taken = lock(&self.shared.visits).take(source, now);
        taken.map_err(|wait| problems::verify_pace().retry_after(wait))
    }

    /// Commits the look of a partner at a person. `basis` is [`CONSENT`], [`SHOWN`] or the law.
    async fn look(
        &self,
        tx: &mut Tx,
        partner: &Partner,
        subject: Id,
        basis: &str,
        fields: &[&str],
    ) -> Result<(), Problem> {
        let look = Look {
            subject,
            reader: Reader::Other { name: partner.name.clone(), agency: partner.agency.clone() },
            service: SERVICE,
            purpose: partner.purpose.clone(),
            basis: basis.into(),
            case: None,
            fields: fields.iter().map(ToString::to_string).collect(),
            sealed_until: None,
        };
        self.people().record.look(tx, &look).await?;
        Ok(())
    }

    /// The law a partner's registration rests on, as the country has it now.
    ///
    /// # Errors
    /// `identity-verify-partner` when the country no longer gives this purpose to partners.
    fn law(&self, partner: &Partner) -> Result<String, Problem> {
        let roster = self.people().office.roster();
        let purpose = roster.purpose(&partner.purpose).filter(|purpose| purpose.partners);
        purpose.map(|purpose| purpose.basis.clone()).ok_or_else(problems::verify_partner)
    }

    /// The person's name for this partner, drawn now when there is none yet.
    async fn pairwise(&self, tx: &mut Tx, partner: &Partner, person: Id) -> Result<Id, Problem> {
        Ok(tokens::of_or_draw(tx, person, &partner.token_service()).await?)
    }

    /// A write that counts as one request of a partner: whatever of the day was held for it comes back when it fails.
    async fn counted<T: Send + 'static>(
        &self,
        token: &Token,
        work: impl for<'t> Fn(
            &'t mut Tx,
            Self,
            Ticket,
        )
            -> std::pin::Pin<Box<dyn Future<Output = Result<(T, i64), Problem>> + Send + 't>>
        + Send
        + Sync
        + 'static,
    ) -> Result<T, Problem> {
        let (ticket, day) = (Ticket::default(), self.day());
        let (me, mark) = (self.clone(), ticket.clone());
        let done = self.store().write(move |tx| work(tx, me.clone(), mark.clone())).await;
        match done {
            Ok((answer, more)) => {
                if more > 0 {
                    lock(&self.shared.days).add(&token.client, &day, more);
                }
                Ok(answer)
            }
            Err(problem) => {
                if ticket.has(HELD) {
                    lock(&self.shared.days).add(&token.client, &day, 1);
                }
                Err(problem)
            }
        }
    }
}

/// Everything of a person that this room holds goes with the person.
pub(crate) async fn erase(tx: &mut Tx, person: Id) -> Result<(), Problem> {
    consent::erase(tx, person).await
}

/// Adds the routes.
pub fn add(routes: &mut daftar_http::Routes) {
    api::add(routes);
    pages::add(routes);
}

/// The names of a set for the access register.
fn fields(attributes: &Attributes, name: impl Fn(attribute::Attribute) -> &'static str) -> Vec<&'static str> {
    attributes.0.iter().map(|attribute| name(*attribute)).collect()
}

//! Using a passkey (§7.2).

use crate::auth_data::AuthData;
use crate::client_data::{self, Ceremony};
use crate::{Challenge, PublicKey, Refusal, RelyingParty, sha256};

/// Most bytes of a signature: RSA with 4096 bits has 512.
pub const MAX_SIGNATURE: usize = 512;

/// What the browser hands over (`AuthenticatorAssertionResponse`, §5.2.2).
#[derive(Clone, Copy, Debug)]
pub struct Assertion<'a> {
    /// `clientDataJSON`
    pub client_data: &'a [u8],
    /// `authenticatorData`
    pub authenticator_data: &'a [u8],
    /// `signature`
    pub signature: &'a [u8],
}

/// The passkey as it is stored. That it is the account's whose user handle came along is the caller's to check (step 6).
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Its public key.
    pub key: &'a PublicKey,
    /// The counter after its last use.
    pub counter: u32,
    /// Whether it may live in several devices, as it said when it was made.
    pub backup_eligible: bool,
}

/// What the counter tells (§6.1.1, §7.2 step 22).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counter {
    /// It grew, or the authenticator does not count.
    Good(u32),
    /// It did not grow: there may be a copy of the passkey.
    Back,
}

/// A passkey was used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Authenticated {
    /// The counter, to be stored.
    pub counter: Counter,
    /// Whether the authenticator asked who it is.
    pub user_verified: bool,
    /// Whether the passkey lives in several devices at present.
    pub backed_up: bool,
}

impl Counter {
    /// Compares what was stored with what was sent.
    #[must_use]
    pub const fn of(stored: u32, sent: u32) -> Self {
        if sent > stored || (sent == 0 && stored == 0) { Self::Good(sent) } else { Self::Back }
    }
}

/// Checks the use of a passkey.
///
/// # Errors
/// The step that failed. A counter that went back is no error here: the caller must remember it.
pub fn verify(
    site: &RelyingParty,
    challenge: &Challenge,
    user_verification: bool,
    known: &Known<'_>,
    sent: &Assertion<'_>,
) -> Result<Authenticated, Refusal> {
    client_data::verify(site, Ceremony::Get, challenge, sent.client_data)?;
    let data = AuthData::parse(sent.authenticator_data)?;
    if data.attested.is_some() {
        return Err(Refusal::Data);
    }
    data.check(site, user_verification)?;
    if data.backup_eligible != known.backup_eligible {
        return Err(Refusal::Backup);
    }
    if sent.signature.len() > MAX_SIGNATURE {
        return Err(Refusal::Signature);
    }
    let signed = [sent.authenticator_data, &sha256(sent.client_data)].concat();
    known.key.verify(&signed, sent.signature)?;
    Ok(Authenticated {
        counter: Counter::of(known.counter, data.counter),
        user_verified: data.user_verified,
        backed_up: data.backed_up,
    })
}

//! Making a passkey (§7.1).

use crate::attestation::Object;
use crate::client_data::{self, Ceremony};
use crate::{Challenge, PublicKey, Refusal, RelyingParty, sha256};

/// What the browser hands over (`AuthenticatorAttestationResponse`, §5.2.1).
#[derive(Clone, Copy, Debug)]
pub struct Registration<'a> {
    /// `clientDataJSON`
    pub client_data: &'a [u8],
    /// `attestationObject`
    pub attestation_object: &'a [u8],
}

/// A new passkey, to be stored (§7.1 step 27). That no other account has it is the caller's to check (step 26).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credential {
    /// Its id.
    pub id: Vec<u8>,
    /// Its public key.
    pub key: PublicKey,
    /// Uses counted so far.
    pub counter: u32,
    /// Whether the authenticator asked who it is.
    pub user_verified: bool,
    /// Whether it may live in several devices.
    pub backup_eligible: bool,
    /// Whether it does at present.
    pub backed_up: bool,
    /// The make of the authenticator as it says itself, or zeroes; nobody vouches for it.
    pub aaguid: [u8; 16],
}

/// Checks the making of a passkey.
///
/// # Errors
/// The step that failed.
pub fn verify(
    site: &RelyingParty,
    challenge: &Challenge,
    user_verification: bool,
    sent: &Registration<'_>,
) -> Result<Credential, Refusal> {
    client_data::verify(site, Ceremony::Create, challenge, sent.client_data)?;
    let object = Object::parse(sent.attestation_object)?;
    object.data.check(site, user_verification)?;
    object.check(&sha256(sent.client_data))?;
    let data = object.data;
    let attested = data.attested.ok_or(Refusal::Data)?;
    Ok(Credential {
        id: attested.id,
        key: attested.key,
        counter: data.counter,
        user_verified: data.user_verified,
        backup_eligible: data.backup_eligible,
        backed_up: data.backed_up,
        aaguid: attested.aaguid,
    })
}

//! Authenticator data (§6.1): what the authenticator says and signs.

use crate::key::PublicKey;
use crate::{MAX_CREDENTIAL_ID, Refusal, RelyingParty};
use minicbor::Decoder;

/// Most bytes of authenticator data.
pub const MAX_AUTH_DATA: usize = 4096;
/// Bytes before anything that may be missing.
const HEAD: usize = 37;

/// Authenticator data, parsed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthData {
    /// SHA-256 of the RP id.
    pub rp_id_hash: [u8; 32],
    /// UP: somebody was there.
    pub user_present: bool,
    /// UV: the authenticator asked who it is.
    pub user_verified: bool,
    /// BE: the passkey may live in several devices.
    pub backup_eligible: bool,
    /// BS: it does at present.
    pub backed_up: bool,
    /// Uses counted by the authenticator.
    pub counter: u32,
    /// The new credential, in a registration.
    pub attested: Option<Attested>,
}

/// Attested credential data (§6.5.1).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attested {
    /// The make of the authenticator, or zeroes.
    pub aaguid: [u8; 16],
    /// The credential's id.
    pub id: Vec<u8>,
    /// The credential's public key.
    pub key: PublicKey,
}

impl AuthData {
    /// Parses the whole of it: nothing may follow.
    ///
    /// # Errors
    /// [`Refusal::Data`], [`Refusal::CredentialId`]; [`Refusal::Key`] and [`Refusal::Algorithm`] for the key.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > MAX_AUTH_DATA {
            return Err(Refusal::Data);
        }
        let (head, mut rest) = bytes.split_at_checked(HEAD).ok_or(Refusal::Data)?;
        let (rp_id_hash, head) = head.split_first_chunk::<32>().ok_or(Refusal::Data)?;
        let (flags, counter) = head.split_first().ok_or(Refusal::Data)?;
        let flag = |bit: u8| flags & (1 << bit) != 0;
        let mut attested = None;
        if flag(6) {
            let (credential, after) = Attested::parse(rest)?;
            (attested, rest) = (Some(credential), after);
        }
        if flag(7) {
            rest = after_extensions(rest)?;
        }
        if !rest.is_empty() {
            return Err(Refusal::Data);
        }
        Ok(Self {
            rp_id_hash: *rp_id_hash,
            user_present: flag(0),
            user_verified: flag(2),
            backup_eligible: flag(3),
            backed_up: flag(4),
            counter: u32::from_be_bytes(counter.try_into().map_err(|_| Refusal::Data)?),
            attested,
        })
    }

    /// What both ceremonies ask of it (§7.1 steps 14 to 17, §7.2 steps 16 to 19).
    ///
    /// # Errors
    /// [`Refusal::RpId`], [`Refusal::UserPresence`], [`Refusal::UserVerification`], [`Refusal::Backup`].
    pub fn check(&self, site: &RelyingParty, user_verification: bool) -> Result<(), Refusal> {
        if self.rp_id_hash != *site.id_hash() {
            return Err(Refusal::RpId);
        }
        if !self.user_present {
            return Err(Refusal::UserPresence);
        }
        if user_verification && !self.user_verified {
            return Err(Refusal::UserVerification);
        }
        if self.backed_up && !self.backup_eligible {
            return Err(Refusal::Backup);
        }
        Ok(())
    }
}

impl Attested {
    fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), Refusal> {
        let (aaguid, rest) = bytes.split_first_chunk::<16>().ok_or(Refusal::Data)?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or(Refusal::Data)?;
        let length = usize::from(u16::from_be_bytes(*length));
        if !(1..=MAX_CREDENTIAL_ID).contains(&length) {
            return Err(Refusal::CredentialId);
        }
        let (id, rest) = rest.split_at_checked(length).ok_or(Refusal::Data)?;
        let (key, rest) = PublicKey::parse(rest)?;
        Ok((Self { aaguid: *aaguid, id: id.to_vec(), key }, rest))
    }
}

/// What follows the extensions' answers. We ask for none, and browsers may send some all the same (§7.1 step 19): they are
/// skipped, but must be a whole map.
fn after_extensions(bytes: &[u8]) -> Result<&[u8], Refusal> {
    let mut decoder = Decoder::new(bytes);
    if !matches!(decoder.datatype(), Ok(minicbor::data::Type::Map)) {
        return Err(Refusal::Data);
    }
    decoder.skip().map_err(|_| Refusal::Data)?;
    bytes.get(decoder.position()..).ok_or(Refusal::Data)
}

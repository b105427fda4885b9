//! What the browser says of a ceremony: `CollectedClientData` (§5.8.1).

use crate::{Challenge, MIN_CHALLENGE, Refusal, RelyingParty};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// Most bytes of the client data.
pub const MAX_CLIENT_DATA: usize = 4096;

/// Which ceremony it is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ceremony {
    /// `webauthn.create`
    Create,
    /// `webauthn.get`
    Get,
}

impl Ceremony {
    /// The value of `type`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// Members that are none of these may come and are ignored (§5.8.1); one that comes twice is an error.
#[derive(Deserialize)]
struct Collected {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
    #[serde(default, rename = "topOrigin")]
    top_origin: Option<String>,
}

/// Checks the client data (§7.1 steps 5 to 11, §7.2 steps 8 to 14).
///
/// # Errors
/// [`Refusal::ClientData`], [`Refusal::Type`], [`Refusal::Challenge`], [`Refusal::Origin`], [`Refusal::CrossOrigin`].
pub fn verify(
    site: &RelyingParty,
    ceremony: Ceremony,
    challenge: &Challenge,
    bytes: &[u8],
) -> Result<(), Refusal> {
    if bytes.len() > MAX_CLIENT_DATA {
        return Err(Refusal::ClientData);
    }
    let said: Collected = serde_json::from_slice(bytes).map_err(|_| Refusal::ClientData)?;
    if said.r#type != ceremony.word() {
        return Err(Refusal::Type);
    }
    // Base64url without padding (§3), strictly: one text for one run of bytes.
    let answered = URL_SAFE_NO_PAD.decode(&said.challenge).map_err(|_| Refusal::Challenge)?;
    if answered.len() < MIN_CHALLENGE || Challenge::of(&answered) != *challenge {
        return Err(Refusal::Challenge);
    }
    if said.origin != site.origin() {
        return Err(Refusal::Origin);
    }
    if said.cross_origin || said.top_origin.is_some() {
        return Err(Refusal::CrossOrigin);
    }
    Ok(())
}

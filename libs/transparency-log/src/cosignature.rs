//! Timestamped cosignatures of witnesses, `c2sp.org/tlog-cosignature` (Ed25519, type `0x04`).

use std::fmt;

use aws_lc_rs::signature::Ed25519KeyPair;

use crate::note::{KeyKind, NamedKey, NoteError, Signature, VerifierKey};

/// Latest time a cosignature may carry, in POSIX seconds.
pub const MAX_TIME: u64 = i64::MAX as u64;

/// What a cosigner signs for a checkpoint text: the header line, the time line, the text. `None` past [`MAX_TIME`].
#[must_use]
pub fn message(checkpoint_text: &str, time: u64) -> Option<String> {
    (time <= MAX_TIME).then(|| format!("cosignature/v1\ntime {time}\n{checkpoint_text}"))
}

/// An Ed25519 key with a name that cosigns checkpoints: a witness's key. Never the key of another cosigner or a log,
/// because the name is not part of what is signed.
pub struct Cosigner {
    key: NamedKey,
}

impl Cosigner {
    /// A cosigner from a 32-byte seed.
    ///
    /// # Errors
    /// [`NoteError::KeyName`]; [`NoteError::KeyBytes`] when the provider refuses the seed.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        Ok(Self { key: NamedKey::from_seed(name, KeyKind::CosignatureEd25519, seed)? })
    }

    /// A cosigner around a key pair held elsewhere.
    ///
    /// # Errors
    /// [`NoteError::KeyName`].
    pub fn from_key_pair(name: &str, pair: Ed25519KeyPair) -> Result<Self, NoteError> {
        Ok(Self { key: NamedKey::from_key_pair(name, KeyKind::CosignatureEd25519, pair)? })
    }

    /// The key with which others verify.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        self.key.verifier.clone()
    }

    /// The cosignature line over a checkpoint text, made at `time` (POSIX seconds).
    ///
    /// # Errors
    /// [`NoteError::Malformed`] past [`MAX_TIME`]; [`NoteError::KeyBytes`] when the provider fails to sign.
    pub fn cosign(&self, checkpoint_text: &str, time: u64) -> Result<Signature, NoteError> {
        let message =
            message(checkpoint_text, time).ok_or(NoteError::Malformed("the time is past 2^63 - 1"))?;
        let mut blob = time.to_be_bytes().to_vec();
        blob.extend_from_slice(&self.key.sign_bytes(message.as_bytes())?);
        Ok(self.key.signature(blob))
    }
}

impl fmt::Debug for Cosigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cosigner({})", self.key.verifier)
    }
}

#[cfg(test)]
mod tests;

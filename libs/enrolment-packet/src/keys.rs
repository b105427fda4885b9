//! The three kinds of keys: a device and an operator sign, the registry opens.

use crate::fault::Fault;
use crate::hpke;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use zeroize::Zeroizing;

/// Bytes of the short name of a registry's key.
pub const KEY_ID_BYTES: usize = 8;

/// An Ed25519 key that signs (RFC 8032): of a device, an operator, or the registry itself.
pub struct Signer {
    pair: Ed25519KeyPair,
    public: [u8; 32],
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// The key of a seed (RFC 8032 §5.1.5).
    ///
    /// # Errors
    /// [`Fault::Key`], which no seed is known to cause.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, Fault> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| Fault::Key)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| Fault::Key)?;
        Ok(Self { pair, public })
    }
    /// Its public key.
    #[must_use]
    pub const fn public(&self) -> &[u8; 32] {
        &self.public
    }
    /// Signs a message; the context keeps signatures of different uses apart.
    #[must_use]
    pub fn sign(&self, context: &str, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        let made = self.pair.sign(&framed(context, message));
        // Ed25519 signatures have 64 bytes.
        for (to, from) in signature.iter_mut().zip(made.as_ref()) {
            *to = *from;
        }
        signature
    }
}

/// Whether a signature of this use holds.
#[must_use]
pub fn verifies(public: &[u8; 32], context: &str, message: &[u8], signature: &[u8; 64]) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(&framed(context, message), signature).is_ok()
}

fn framed(context: &str, message: &[u8]) -> Vec<u8> {
    [context.as_bytes(), &[0], message].concat()
}

/// The public half of the registry's key: packets are sealed for it (X25519, RFC 7748).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SealingKey(pub [u8; 32]);

impl SealingKey {
    /// The short name by which a packet says for which key it was sealed.
    #[must_use]
    pub fn id(&self) -> [u8; KEY_ID_BYTES] {
        let mut id = [0; KEY_ID_BYTES];
        for (to, from) in id.iter_mut().zip(digest(&SHA256, &self.0).as_ref()) {
            *to = *from;
        }
        id
    }
}

/// The registry's own half: opens packets.
pub struct OpeningKey {
    private: Zeroizing<[u8; 32]>,
    public: SealingKey,
}

impl std::fmt::Debug for OpeningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpeningKey")
    }
}

impl OpeningKey {
    /// The key whose 32 private bytes these are.
    ///
    /// # Errors
    /// [`Fault::Key`] when the library does not take them.
    pub fn from_private(private: &[u8; 32]) -> Result<Self, Fault> {
        let public = SealingKey(hpke::public_of(private)?);
        Ok(Self { private: Zeroizing::new(*private), public })
    }
    /// The half that devices are given.
    #[must_use]
    pub const fn public(&self) -> &SealingKey {
        &self.public
    }
    pub(crate) fn private(&self) -> &[u8; 32] {
        &self.private
    }
}

//! The issuer's Ed25519 keys: how one signs, how outsiders name and keep the public ones.

use super::CertificateFault;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use aws_lc_rs::{digest, signature};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The most keys in one file.
pub const MAX_KEYS: usize = 1_000;
/// `SubjectPublicKeyInfo` of Ed25519 (RFC 8410 §4) up to the key itself.
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The name of a key: the first eight bytes of the SHA-256 of its `SubjectPublicKeyInfo`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 8]);

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&daftar_kernel::hex::encode(&self.0))
    }
}
impl std::fmt::Debug for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// Whoever can sign certificates. The key itself stays where it is kept.
pub trait SignKey: Send + Sync {
    /// Which key signs.
    fn key_id(&self) -> KeyId;
    /// The Ed25519 signature (RFC 8032 §5.1.6) of a message.
    fn sign(&self, message: &[u8]) -> [u8; 64];
}

/// The key pairs of the store's vault sign as they are.
impl SignKey for Ed25519KeyPair {
    fn key_id(&self) -> KeyId {
        PublicKey::of_pair(self).key_id()
    }
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.iter_mut().zip(Self::sign(self, message).as_ref()).for_each(|(to, from)| *to = *from);
        signature
    }
}

/// A key that certificates are checked with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// From the 32 bytes of RFC 8032.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    /// The public half of a pair.
    #[must_use]
    pub fn of_pair(pair: &Ed25519KeyPair) -> Self {
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(pair.public_key().as_ref()).for_each(|(to, from)| *to = *from);
        Self(bytes)
    }
    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
    fn spki(&self) -> Vec<u8> {
        [SPKI_PREFIX.as_slice(), &self.0].concat()
    }
    /// Its name.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        let digest = digest::digest(&digest::SHA256, &self.spki());
        let mut id = [0; 8];
        id.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
        KeyId(id)
    }
    /// PEM (RFC 7468 §13), as openssl reads it.
    #[must_use]
    pub fn to_pem(&self) -> String {
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(self.spki()))
    }
    /// Whether a signature of a message is this key's.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signed: &[u8]) -> bool {
        signature::UnparsedPublicKey::new(&signature::ED25519, &self.0).verify(message, signed).is_ok()
    }
}

/// The keys of a PEM file, one block each; what stands between the blocks (names, dates) is for people.
///
/// # Errors
/// When a block is no Ed25519 public key, or the file has none or more than [`MAX_KEYS`].
pub fn keys_from_pem(text: &str) -> Result<Vec<PublicKey>, CertificateFault> {
    let mut keys = Vec::new();
    let mut block: Option<(usize, String)> = None;
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        match (line, &mut block) {
            ("-----BEGIN PUBLIC KEY-----", None) => block = Some((number, String::new())),
            ("-----END PUBLIC KEY-----", Some((start, body))) => {
                keys.push(key_of(body).ok_or(CertificateFault::KeyFile { line: *start })?);
                block = None;
            }
            (line, _) if line.starts_with("-----") => return Err(CertificateFault::KeyFile { line: number }),
            (line, Some((_, body))) if body.len() < 200 => body.push_str(line),
            (_, Some((start, _))) => return Err(CertificateFault::KeyFile { line: *start }),
            (_, None) => {}
        }
        if keys.len() > MAX_KEYS {
            return Err(CertificateFault::KeyFile { line: number });
        }
    }
    match block {
        Some((line, _)) => Err(CertificateFault::KeyFile { line }),
        None if keys.is_empty() => Err(CertificateFault::KeyFile { line: 1 }),
        None => Ok(keys),
    }
}

fn key_of(body: &str) -> Option<PublicKey> {
    let der = STANDARD.decode(body).ok()?;
    let key = der.strip_prefix(&SPKI_PREFIX)?;
    key.try_into().ok().map(PublicKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_rfc_8410_and_back() {
        let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        let keys = keys_from_pem(&format!("The office's key of 2026\n{pem}and of 2027\r\n{pem}")).unwrap();
        assert_eq!(keys.len(), 2);
        assert_eq!(keys[0].to_pem(), pem);
        assert_eq!(
            daftar_kernel::hex::encode(keys[0].as_bytes()),
            "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"
        );
        assert_eq!(keys[0].key_id().to_string().len(), 16);
    }

    #[test]
    fn files_without_an_ed25519_key_name_the_line() {
        let cases = [
            ("", 1),
            ("no key here", 1),
            ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", 1),
            ("x\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", 2),
            ("\n\n-----BEGIN PUBLIC KEY-----\nMCowBQ", 3),
        ];
        for (text, line) in cases {
            assert_eq!(keys_from_pem(text), Err(CertificateFault::KeyFile { line }), "{text:?}");
        }
        let long = format!("-----BEGIN PUBLIC KEY-----\n{}", "AAAA\n".repeat(100));
        assert!(keys_from_pem(&long).is_err());
    }
}

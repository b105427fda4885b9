//! Signed notes, `c2sp.org/signed-note`: a text and the lines of those who signed it.
//!
//! A [`Note`] is parsed but not trusted; [`Note::verify`] tells which of the caller's keys signed it. Signatures by
//! keys the caller does not know are ignored; one bad signature by a key it does know rejects the whole note.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use crate::Hash;
use crate::encoding::{base64_decode, base64_encode};
use crate::merkle::sha256;

/// Longest note accepted. Post-quantum signature lines are near 5 kB each, so this leaves room for a hundred.
pub const MAX_NOTE_BYTES: usize = 1 << 20;
/// Most signature lines of one note. The specification demands at least 16.
pub const MAX_SIGNATURES: usize = 128;
/// Bytes of an Ed25519 public key.
pub const ED25519_PUBLIC_KEY_BYTES: usize = 32;
/// Bytes of an Ed25519 signature.
pub const ED25519_SIGNATURE_BYTES: usize = 64;
/// Bytes of an ML-DSA-44 public key.
pub const ML_DSA_44_PUBLIC_KEY_BYTES: usize = 1312;

const SIGNATURE_PREFIX: &str = "\u{2014} ";
const KEY_ID_BYTES: usize = 4;
const TIMESTAMP_BYTES: usize = 8;

/// Why a note, a key or a signature was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// More than [`MAX_NOTE_BYTES`].
    #[error("the note is longer than {MAX_NOTE_BYTES} bytes")]
    TooLong,
    /// More than [`MAX_SIGNATURES`] signature lines.
    #[error("the note has more than {MAX_SIGNATURES} signatures")]
    TooManySignatures,
    /// Not the form of a signed note; the text says what is wrong.
    #[error("not a signed note: {0}")]
    Malformed(&'static str),
    /// Not a key name: empty, or with a Unicode space or a plus.
    #[error("key name {0:?} is empty or holds a space or a plus")]
    KeyName(String),
    /// Not a verifier key; the text says what is wrong.
    #[error("not a verifier key: {0}")]
    VerifierKey(&'static str),
    /// Key bytes the algorithm refuses.
    #[error("the key's bytes are not a key of its type")]
    KeyBytes,
    /// Two of the caller's keys have the same name and id, so that a signature cannot be assigned.
    #[error("two known keys share the name {name} and the id {id:08x}")]
    AmbiguousKey {
        /// The shared key name.
        name: String,
        /// The shared key id.
        id: u32,
    },
    /// A signature by a known key does not verify: the note is forged or damaged.
    #[error("the signature of {name} ({id:08x}) does not verify")]
    BadSignature {
        /// Name of the key.
        name: String,
        /// Id of the key.
        id: u32,
    },
    /// No signature by a known key.
    #[error("no signature by a known key")]
    NoKnownSignature,
}

/// What a key signs, from the one-byte signature type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// `0x01`: Ed25519 over the note text. Logs sign with it.
    Ed25519,
    /// `0x04`: Ed25519 over a time and a checkpoint (`cosignature/v1`). Witnesses sign with it.
    CosignatureEd25519,
    /// `0x06`: ML-DSA-44 over a time and a (sub)tree. Recognised in keys and policies; its signatures are not checked
    /// yet and count as unknown, so that a quorum that needs them is not met.
    CosignatureMlDsa44,
}

impl KeyKind {
    /// The signature type identifier byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureEd25519 => 0x04,
            Self::CosignatureMlDsa44 => 0x06,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Ed25519),
            0x04 => Some(Self::CosignatureEd25519),
            0x06 => Some(Self::CosignatureMlDsa44),
            _ => None,
        }
    }

    const fn public_key_bytes(self) -> usize {
        match self {
            Self::Ed25519 | Self::CosignatureEd25519 => ED25519_PUBLIC_KEY_BYTES,
            Self::CosignatureMlDsa44 => ML_DSA_44_PUBLIC_KEY_BYTES,
        }
    }
}

/// Refuses a key name that is empty or holds a Unicode space, a control character or a plus.
///
/// # Errors
/// [`NoteError::KeyName`].
pub fn check_key_name(name: &str) -> Result<(), NoteError> {
    if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+') {
        return Err(NoteError::KeyName(name.to_owned()));
    }
    Ok(())
}

/// The first four bytes of SHA-256(name, newline, type, public key), big endian.
#[must_use]
pub fn key_id(name: &str, kind: KeyKind, public_key: &[u8]) -> u32 {
    let digest: Hash = sha256(&[name.as_bytes(), b"\n", &[kind.byte()], public_key]);
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// A public key somebody trusts: `<name>+<hex id>+<base64 of type and key>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    name: String,
    id: u32,
    kind: KeyKind,
    public_key: Vec<u8>,
}

impl VerifierKey {
    /// A key from its parts.
    ///
    /// # Errors
    /// [`NoteError::KeyName`]; [`NoteError::KeyBytes`] for a wrong length.
    pub fn new(name: &str, kind: KeyKind, public_key: &[u8]) -> Result<Self, NoteError> {
        check_key_name(name)?;
        if public_key.len() != kind.public_key_bytes() {
            return Err(NoteError::KeyBytes);
        }
        let id = key_id(name, kind, public_key);
        Ok(Self { name: name.to_owned(), id, kind, public_key: public_key.to_vec() })
    }

    /// Reads a vkey text. The id in it must be the one computed from name, type and key.
    ///
    /// # Errors
    /// [`NoteError::VerifierKey`], [`NoteError::KeyName`], [`NoteError::KeyBytes`].
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::VerifierKey("it must be name+id+key"));
        };
        let lower_hex =
            id.len() == 2 * KEY_ID_BYTES && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !lower_hex {
            return Err(NoteError::VerifierKey("the id must be eight lower-case hexadecimal digits"));
        }
        let key = base64_decode(key).ok_or(NoteError::VerifierKey("the key is not base64"))?;
        let (&kind, public_key) = key.split_first().ok_or(NoteError::VerifierKey("the key is empty"))?;
        let kind =
            KeyKind::from_byte(kind).ok_or(NoteError::VerifierKey("the signature type is not known"))?;
        let this = Self::new(name, kind, public_key)?;
        if format!("{:08x}", this.id) != id {
            return Err(NoteError::VerifierKey("the id does not belong to this name and key"));
        }
        Ok(this)
    }

    /// Name of the key; for a log it is the log's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The four-byte id.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// What the key signs.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The raw public key.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// Whether this library can check the key's signatures. Keys that it cannot are treated as unknown.
    #[must_use]
    pub const fn can_verify(&self) -> bool {
        !matches!(self.kind, KeyKind::CosignatureMlDsa44)
    }

    /// Whether the signature line names this key.
    #[must_use]
    pub fn made(&self, signature: &Signature) -> bool {
        signature.id == self.id && signature.name == self.name
    }

    /// Checks one signature over a note text. Gives the POSIX time in seconds of a timestamped cosignature, `None` for
    /// a plain signature.
    ///
    /// # Errors
    /// [`NoteError::BadSignature`], also when the line names another key.
    pub fn verify(&self, text: &str, signature: &Signature) -> Result<Option<u64>, NoteError> {
        let bad = || NoteError::BadSignature { name: self.name.clone(), id: self.id };
        if !self.made(signature) {
            return Err(bad());
        }
        match self.kind {
            KeyKind::Ed25519 => {
                self.verify_bytes(text.as_bytes(), &signature.blob).ok_or_else(bad)?;
                Ok(None)
            }
            KeyKind::CosignatureEd25519 => {
                let (time, blob) = signature.blob.split_at_checked(TIMESTAMP_BYTES).ok_or_else(bad)?;
                let time = u64::from_be_bytes(time.try_into().map_err(|_| bad())?);
                let message = crate::cosignature::message(text, time).ok_or_else(bad)?;
                self.verify_bytes(message.as_bytes(), blob).ok_or_else(bad)?;
                Ok(Some(time))
            }
            KeyKind::CosignatureMlDsa44 => Err(bad()),
        }
    }

    fn verify_bytes(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        if signature.len() != ED25519_SIGNATURE_BYTES {
            return None;
        }
        UnparsedPublicKey::new(&ED25519, &self.public_key).verify(message, signature).ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = Vec::with_capacity(1 + self.public_key.len());
        key.push(self.kind.byte());
        key.extend_from_slice(&self.public_key);
        write!(f, "{}+{:08x}+{}", self.name, self.id, base64_encode(&key))
    }
}

/// One signature line: who, and the bytes after the key id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    name: String,
    id: u32,
    blob: Vec<u8>,
}

impl Signature {
    /// Reads `— <name> <base64>` without its newline.
    ///
    /// # Errors
    /// [`NoteError::Malformed`], [`NoteError::KeyName`].
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let rest = line
            .strip_prefix(SIGNATURE_PREFIX)
            .ok_or(NoteError::Malformed("a signature line must begin with an em dash and a space"))?;
        let (name, blob) = rest
            .split_once(' ')
            .ok_or(NoteError::Malformed("a signature line needs a name and a signature"))?;
        check_key_name(name)?;
        let bytes = base64_decode(blob).ok_or(NoteError::Malformed("a signature is not base64"))?;
        match bytes.split_at_checked(KEY_ID_BYTES) {
            Some((id, blob)) if !blob.is_empty() => {
                let id = id.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
                Ok(Self { name: name.to_owned(), id, blob: blob.to_vec() })
            }
            _ => Err(NoteError::Malformed("a signature is too short")),
        }
    }

    /// Key name of the signer.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Key id of the signer.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// The signature's bytes after the key id (for a cosignature: eight bytes of time, then the signature).
    #[must_use]
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.id.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.blob);
        write!(f, "{SIGNATURE_PREFIX}{} {}", self.name, base64_encode(&bytes))
    }
}

/// A known key that signed a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedBy {
    /// Position of the key in the list given to [`Note::verify`].
    pub key: usize,
    /// POSIX time in seconds of a cosignature; `None` for a plain signature.
    pub time: Option<u64>,
}

/// A text and its signature lines, parsed but not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

impl Note {
    /// A note without signatures yet.
    ///
    /// # Errors
    /// [`NoteError::Malformed`] when the text does not end in a newline or holds control characters;
    /// [`NoteError::TooLong`].
    pub fn new(text: &str) -> Result<Self, NoteError> {
        if text.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLong);
        }
        if !text.ends_with('\n') {
            return Err(NoteError::Malformed("the text must end in a newline"));
        }
        check_characters(text)?;
        Ok(Self { text: text.to_owned(), signatures: Vec::new() })
    }

    /// Reads a whole note. At least one signature line must be there.
    ///
    /// # Errors
    /// [`NoteError`] of every kind but the ones about keys and verification.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLong);
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::Malformed("it is not UTF-8"))?;
        check_characters(whole)?;
        let split = whole
            .rfind("\n\n")
            .ok_or(NoteError::Malformed("there is no empty line before the signatures"))?;
        let (text, rest) = whole.split_at(split + 1);
        let lines = rest
            .strip_prefix('\n')
            .and_then(|rest| rest.strip_suffix('\n'))
            .ok_or(NoteError::Malformed("it must end in a signature line and a newline"))?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            signatures.push(Signature::parse(line)?);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// What was signed, with its final newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines in order.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature line unless the very same line is there already.
    ///
    /// # Errors
    /// [`NoteError::TooManySignatures`].
    pub fn add(&mut self, signature: Signature) -> Result<(), NoteError> {
        if self.signatures.contains(&signature) {
            return Ok(());
        }
        if self.signatures.len() == MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Which of these keys signed. Each key appears once, in the order of its first signature line.
    ///
    /// # Errors
    /// [`NoteError::BadSignature`] when a line of a known key fails; [`NoteError::NoKnownSignature`];
    /// [`NoteError::AmbiguousKey`].
    pub fn verify<'key>(
        &self,
        keys: impl IntoIterator<Item = &'key VerifierKey>,
    ) -> Result<Vec<SignedBy>, NoteError> {
        let keys: Vec<&VerifierKey> = keys.into_iter().collect();
        let mut by: Vec<SignedBy> = Vec::new();
        for signature in &self.signatures {
            let mut matching =
                keys.iter().enumerate().filter(|(_, key)| key.can_verify() && key.made(signature));
            let Some((index, key)) = matching.next() else { continue };
            if matching.any(|(_, other)| other != key) {
                return Err(NoteError::AmbiguousKey { name: key.name.clone(), id: key.id });
            }
            let time = key.verify(&self.text, signature)?;
            if by.iter().all(|earlier| earlier.key != index) {
                by.push(SignedBy { key: index, time });
            }
        }
        if by.is_empty() { Err(NoteError::NoKnownSignature) } else { Ok(by) }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

fn check_characters(text: &str) -> Result<(), NoteError> {
    if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
        return Err(NoteError::Malformed("it holds control characters"));
    }
    Ok(())
}

/// An Ed25519 key with a name that signs notes (type `0x01`): a log's key.
pub struct Signer {
    key: NamedKey,
}

impl Signer {
    /// A signer from a 32-byte seed.
    ///
    /// # Errors
    /// [`NoteError::KeyName`]; [`NoteError::KeyBytes`] when the provider refuses the seed.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        Ok(Self { key: NamedKey::from_seed(name, KeyKind::Ed25519, seed)? })
    }

    /// A signer around a key pair held elsewhere.
    ///
    /// # Errors
    /// [`NoteError::KeyName`].
    pub fn from_key_pair(name: &str, pair: Ed25519KeyPair) -> Result<Self, NoteError> {
        Ok(Self { key: NamedKey::from_key_pair(name, KeyKind::Ed25519, pair)? })
    }

    /// The key with which others verify.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        self.key.verifier.clone()
    }

    /// The signature line for a note text.
    ///
    /// # Errors
    /// [`NoteError::KeyBytes`] when the provider fails to sign.
    pub fn sign(&self, text: &str) -> Result<Signature, NoteError> {
        let blob = self.key.sign_bytes(text.as_bytes())?;
        Ok(self.key.signature(blob))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.key.verifier)
    }
}

/// A private key with its name and type, shared by [`Signer`] and [`crate::cosignature::Cosigner`].
pub(crate) struct NamedKey {
    pub(crate) verifier: VerifierKey,
    pair: Ed25519KeyPair,
}

impl NamedKey {
    pub(crate) fn from_seed(name: &str, kind: KeyKind, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NoteError::KeyBytes)?;
        Self::from_key_pair(name, kind, pair)
    }

    pub(crate) fn from_key_pair(name: &str, kind: KeyKind, pair: Ed25519KeyPair) -> Result<Self, NoteError> {
        let verifier = VerifierKey::new(name, kind, pair.public_key().as_ref())?;
        Ok(Self { verifier, pair })
    }

    pub(crate) fn sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>, NoteError> {
        let signature = self.pair.try_sign(message).map_err(|_| NoteError::KeyBytes)?;
        Ok(signature.as_ref().to_vec())
    }

    pub(crate) fn signature(&self, blob: Vec<u8>) -> Signature {
        Signature { name: self.verifier.name.clone(), id: self.verifier.id, blob }
    }
}

#[cfg(test)]
mod tests;

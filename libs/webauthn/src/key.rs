//! Credential public keys: `COSE_Key` (RFC 9053) in the one form CTAP2 allows (§6.5.1.1).

use crate::Refusal;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use minicbor::{Decoder, Encoder};

/// ECDSA on P-256 with SHA-256 (RFC 9053 §2.1).
pub const ES256: i64 = -7;
/// Ed25519 (RFC 9053 §2.2).
pub const EDDSA: i64 = -8;
/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8812 §2).
pub const RS256: i64 = -257;
/// What is offered when a passkey is made, best first.
pub const ALGORITHMS: [i64; 3] = [EDDSA, ES256, RS256];

/// Most bytes of a key's COSE form: an RSA key of 4096 bits takes 534.
pub const MAX_KEY: usize = 600;
/// Bytes of an RSA modulus that is taken: 2048 to 4096 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=512;
/// The only public exponent anybody uses, 65537.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// A public key that was checked to be one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicKey {
    cose: Vec<u8>,
    key: Key,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Key {
    /// `0x04`, x, y.
    P256([u8; 65]),
    Ed25519([u8; 32]),
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

impl PublicKey {
    /// A key at the beginning of these bytes, and what follows it.
    ///
    /// # Errors
    /// [`Refusal::Algorithm`] for a key of an algorithm that was not offered, [`Refusal::Key`] for what is no key.
    pub fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), Refusal> {
        let (key, length) = read(bytes)?;
        let (cose, rest) = bytes.split_at_checked(length).ok_or(Refusal::Key)?;
        // Written again it must be the same bytes: so lengths are the shortest and members stand in their one order.
        if key.to_cose() != cose || cose.len() > MAX_KEY {
            return Err(Refusal::Key);
        }
        key.check()?;
        Ok((Self { cose: cose.to_vec(), key }, rest))
    }
    /// A key that was stored: its whole COSE form.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn from_cose(bytes: &[u8]) -> Result<Self, Refusal> {
        match Self::parse(bytes)? {
            (key, []) => Ok(key),
            _ => Err(Refusal::Key),
        }
    }
    /// Its COSE form, for storing.
    #[must_use]
    pub fn as_cose(&self) -> &[u8] {
        &self.cose
    }
    /// Its algorithm (IANA COSE Algorithms).
    #[must_use]
    pub const fn algorithm(&self) -> i64 {
        self.key.algorithm()
    }
    /// Checks a signature over a message (§6.5.5).
    ///
    /// # Errors
    /// [`Refusal::Signature`].
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        let checked = match &self.key {
            Key::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Key::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
            Key::Rsa { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
        };
        checked.map_err(|_| Refusal::Signature)
    }
}

impl Key {
    const fn algorithm(&self) -> i64 {
        match self {
            Self::P256(_) => ES256,
            Self::Ed25519(_) => EDDSA,
            Self::Rsa { .. } => RS256,
        }
    }
    /// Whether the numbers are a key: a point on its curve, a modulus of a size that is taken.
    fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::P256(point) => {
                ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).map_err(|_| Refusal::Key)?;
            }
            Self::Ed25519(key) => {
                ParsedPublicKey::new(&ED25519, key).map_err(|_| Refusal::Key)?;
            }
            Self::Rsa { n, e } => {
                // At least 2048 bits, without leading zeroes, and odd.
                let first = if n.len() == *MODULUS.start() { 0x80 } else { 1 };
                let sized = MODULUS.contains(&n.len()) && n.first() >= Some(&first);
                let whole = sized && n.last().is_some_and(|last| last & 1 == 1);
                if !whole || *e != EXPONENT {
                    return Err(Refusal::Key);
                }
            }
        }
        Ok(())
    }
    fn to_cose(&self) -> Vec<u8> {
        let mut out = Encoder::new(Vec::new());
        // Writing into memory cannot fail; if it ever did, the bytes would not be the same.
        let _ = match self {
            Self::P256(point) => out
                .map(5)
                .and_then(|e| e.i8(1)?.i8(2)?.i8(3)?.i64(ES256)?.i8(-1)?.i8(1)?.i8(-2)?.bytes(&point[1..33]))
                .and_then(|e| e.i8(-3)?.bytes(&point[33..]))
                .map(|_| ()),
            Self::Ed25519(key) => out
                .map(4)
                .and_then(|e| e.i8(1)?.i8(1)?.i8(3)?.i64(EDDSA)?.i8(-1)?.i8(6)?.i8(-2)?.bytes(key))
                .map(|_| ()),
            Self::Rsa { n, e: exponent } => out
                .map(4)
                .and_then(|e| e.i8(1)?.i8(3)?.i8(3)?.i64(RS256)?.i8(-1)?.bytes(n)?.i8(-2)?.bytes(exponent))
                .map(|_| ()),
        };
        out.into_writer()
    }
}

/// A member's value: a small number or a run of bytes.
enum Value {
    Number(i64),
    Bytes(Vec<u8>),
}

/// Reads a map of small numbers and runs of bytes; gives the key and how many bytes it took.
fn read(bytes: &[u8]) -> Result<(Key, usize), Refusal> {
    let bad = |_: minicbor::decode::Error| Refusal::Key;
    let mut decoder = Decoder::new(bytes);
    let members = decoder.map().map_err(bad)?.ok_or(Refusal::Key)?;
    if members > 8 {
        return Err(Refusal::Key);
    }
    let (mut numbers, mut runs) = ([None; 4], [None, None, None]);
    for _ in 0..members {
        let label = decoder.i64().map_err(bad)?;
        let value = match decoder.datatype().map_err(bad)? {
            minicbor::data::Type::Bytes => Value::Bytes(decoder.bytes().map_err(bad)?.to_vec()),
            _ => Value::Number(decoder.i64().map_err(bad)?),
        };
        match (label, value) {
            (1, Value::Number(n)) => numbers[0] = Some(n),
            (3, Value::Number(n)) => numbers[1] = Some(n),
            (-1, Value::Number(n)) => numbers[2] = Some(n),
            (-1, Value::Bytes(run)) => runs[0] = Some(run),
            (-2, Value::Bytes(run)) => runs[1] = Some(run),
            (-3, Value::Bytes(run)) => runs[2] = Some(run),
            _ => return Err(Refusal::Key),
        }
    }
    let run = |at: usize| runs[at].clone().ok_or(Refusal::Key);
    let key = match (numbers[0], numbers[1], numbers[2]) {
        (Some(2), Some(ES256), Some(1)) => {
            let mut point = [4; 65];
            let (x, y) = (run(1)?, run(2)?);
            if x.len() != 32 || y.len() != 32 {
                return Err(Refusal::Key);
            }
            point[1..33].copy_from_slice(&x);
            point[33..].copy_from_slice(&y);
            Key::P256(point)
        }
        (Some(1), Some(EDDSA), Some(6)) => Key::Ed25519(run(1)?.try_into().map_err(|_| Refusal::Key)?),
        (Some(3), Some(RS256), None) => Key::Rsa { n: run(0)?, e: run(1)? },
        (_, Some(algorithm), _) if !ALGORITHMS.contains(&algorithm) => return Err(Refusal::Algorithm),
        _ => return Err(Refusal::Key),
    };
    Ok((key, decoder.position()))
}

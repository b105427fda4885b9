//! The sealed form: AES-256-GCM with the place it belongs to as associated data.
//!
//! `0x01 | nonce (12) | ciphertext | tag (16)`. The first byte is the version of this form.

use crate::StoreError;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

/// A 256-bit key, wiped from memory when it is dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

const VERSION: u8 = 1;
/// What sealing adds to the length.
pub(crate) const OVERHEAD: usize = 1 + NONCE_LEN + 16;

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, StoreError> {
    let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| StoreError::Sealed("the key is not usable"))?;
    Ok(LessSafeKey::new(key))
}

/// Seals; the nonce must be new for this key, so it is random.
pub(crate) fn seal(
    key: &[u8; 32],
    nonce: [u8; NONCE_LEN],
    context: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let mut out = Vec::with_capacity(plain.len() + OVERHEAD);
    out.push(VERSION);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(plain);
    let tag = cipher(key)?
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(context),
            &mut out[1 + NONCE_LEN..],
        )
        .map_err(|_| StoreError::Sealed("it cannot be sealed"))?;
    out.extend_from_slice(tag.as_ref());
    Ok(out)
}

/// Opens what [`seal`] made with the same key and context.
pub(crate) fn open(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let Some((&VERSION, rest)) = sealed.split_first() else {
        return Err(StoreError::Sealed("it has another form"));
    };
    let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(StoreError::Sealed("it is cut off"))?;
    let mut body = body.to_vec();
    let plain = cipher(key)?
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(context), &mut body)
        .map_err(|_| {
            StoreError::Sealed("the key, the place or the bytes are not those it was sealed with")
        })?;
    let length = plain.len();
    body.truncate(length);
    Ok(body)
}

/// Opens a sealed key.
pub(crate) fn open_key(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Key, StoreError> {
    let plain = Zeroizing::new(open(key, context, sealed)?);
    let key = plain.as_slice().try_into().map_err(|_| StoreError::Sealed("a key is 32 bytes"))?;
    Ok(Zeroizing::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_with_the_same_key_place_and_bytes() {
        let (key, nonce) = ([7; 32], [1; 12]);
        let sealed = seal(&key, nonce, b"place", b"Amina").unwrap();
        assert_eq!(sealed.len(), 5 + OVERHEAD);
        assert_eq!(open(&key, b"place", &sealed).unwrap(), b"Amina");
        assert!(open(&[8; 32], b"place", &sealed).is_err());
        assert!(open(&key, b"elsewhere", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&key, b"place", &changed).is_err(), "byte {at}");
            assert!(open(&key, b"place", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn the_form_does_not_change() {
        let sealed = seal(&[0; 32], [0; 12], b"", b"").unwrap();
        // The tag of AES-256-GCM over nothing with key and nonce zero (NIST GCM test case 13).
        let tag = "530f8afbc74536b9a963b4f1c4cb738b";
        assert_eq!(daftar_kernel::hex::encode(&sealed), format!("01{}{tag}", "00".repeat(12)));
    }
}

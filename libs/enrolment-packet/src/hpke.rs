//! HPKE in base mode, one message each (RFC 9180 §5.1.1, §6.1): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
//!
//! The ephemeral key is an argument, so that a packet can be made again byte for byte. The tests open what another
//! implementation sealed, and have it open ours.

use crate::fault::Fault;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

/// Bytes of a public or private X25519 key, and of an encapsulated one (RFC 9180 §7.1: Npk, Nsk, Nenc).
pub const KEY_BYTES: usize = 32;
/// Bytes that sealing adds (RFC 9180 §7.3: Nt).
pub const TAG_BYTES: usize = 16;

/// RFC 9180 §4.1: "KEM" and the KEM's number, 0x0020.
const KEM_SUITE: &[u8] = &[b'K', b'E', b'M', 0x00, 0x20];
/// RFC 9180 §5.1: "HPKE" and the numbers of KEM, KDF 0x0001 and AEAD 0x0002.
const HPKE_SUITE: &[u8] = &[b'H', b'P', b'K', b'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x02];
/// RFC 9180 §5: `mode_base`.
const MODE_BASE: u8 = 0;

type Secret = Zeroizing<[u8; 32]>;

fn hmac(key: &[u8], parts: &[&[u8]]) -> Secret {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    parts.iter().for_each(|part| context.update(part));
    let mut out = Zeroizing::new([0; 32]);
    for (to, from) in out.iter_mut().zip(context.sign().as_ref()) {
        *to = *from;
    }
    out
}

/// `LabeledExtract` (RFC 9180 §4): HKDF-Extract is one HMAC under the salt (RFC 5869 §2.2).
fn extract(suite: &[u8], salt: &[u8], label: &str, ikm: &[u8]) -> Secret {
    hmac(salt, &[b"HPKE-v1", suite, label.as_bytes(), ikm])
}

/// `LabeledExpand` (RFC 9180 §4) to at most 32 bytes: the first block of HKDF-Expand (RFC 5869 §2.3).
fn expand<const N: usize>(suite: &[u8], prk: &[u8; 32], label: &str, info: &[&[u8]]) -> Zeroizing<[u8; N]> {
    let length = u16::try_from(N).unwrap_or(0).to_be_bytes();
    let mut parts: Vec<&[u8]> = vec![&length, b"HPKE-v1", suite, label.as_bytes()];
    parts.extend(info);
    parts.push(&[1]);
    let block = hmac(prk, &parts);
    let mut out = Zeroizing::new([0; N]);
    for (to, from) in out.iter_mut().zip(block.iter()) {
        *to = *from;
    }
    out
}

/// The public key of a private one.
///
/// # Errors
/// [`Fault::Key`].
pub fn public_of(private: &[u8; 32]) -> Result<[u8; 32], Fault> {
    let key = PrivateKey::from_private_key(&X25519, private).map_err(|_| Fault::Key)?;
    key.compute_public_key().ok().and_then(|public| public.as_ref().try_into().ok()).ok_or(Fault::Key)
}

/// The shared secret of `Encap` and `Decap` (RFC 9180 §4.1). An all-zero agreement is refused by the library (§7.1.4).
fn shared(
    private: &[u8; 32],
    theirs: &[u8; 32],
    enc: &[u8; 32],
    recipient: &[u8; 32],
) -> Result<Secret, Fault> {
    let key = PrivateKey::from_private_key(&X25519, private).map_err(|_| Fault::Key)?;
    let peer = UnparsedPublicKey::new(&X25519, theirs);
    let prk = agree(&key, peer, Fault::Key, |dh| Ok(extract(KEM_SUITE, &[], "eae_prk", dh)))?;
    Ok(expand(KEM_SUITE, &prk, "shared_secret", &[enc, recipient]))
}

/// `KeySchedule` in base mode (RFC 9180 §5.1): key and base nonce. The first message's nonce is the base nonce.
fn schedule(shared: &[u8; 32], info: &[u8]) -> Result<(LessSafeKey, Nonce), Fault> {
    let psk = extract(HPKE_SUITE, &[], "psk_id_hash", &[]);
    let info = extract(HPKE_SUITE, &[], "info_hash", info);
    let secret = extract(HPKE_SUITE, shared, "secret", &[]);
    let context: [&[u8]; 3] = [&[MODE_BASE], &*psk, &*info];
    let key: Zeroizing<[u8; 32]> = expand(HPKE_SUITE, &secret, "key", &context);
    let nonce: Zeroizing<[u8; 12]> = expand(HPKE_SUITE, &secret, "base_nonce", &context);
    let key = UnboundKey::new(&AES_256_GCM, &*key).map_err(|_| Fault::Key)?;
    Ok((LessSafeKey::new(key), Nonce::assume_unique_for_key(*nonce)))
}

/// Seals one message for a recipient; answers the encapsulated key and the ciphertext. `ephemeral` must be 32 bytes that
/// nobody can guess and that are used once.
///
/// # Errors
/// [`Fault::Key`] when the recipient's key is of small order.
pub fn seal(
    recipient: &[u8; 32],
    ephemeral: &[u8; 32],
    info: &[u8],
    aad: &[u8],
    mut message: Vec<u8>,
) -> Result<([u8; 32], Vec<u8>), Fault> {
    let enc = public_of(ephemeral)?;
    let shared = shared(ephemeral, recipient, &enc, recipient)?;
    let (key, nonce) = schedule(&shared, info)?;
    key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut message).map_err(|_| Fault::Key)?;
    Ok((enc, message))
}

/// Opens one message.
///
/// # Errors
/// [`Fault::Sealed`] when it was changed or sealed for somebody else.
pub fn open(
    (private, public): (&[u8; 32], &[u8; 32]),
    enc: &[u8; 32],
    info: &[u8],
    aad: &[u8],
    mut sealed: Vec<u8>,
) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let shared = shared(private, enc, enc, public).map_err(|_| Fault::Sealed)?;
    let (key, nonce) = schedule(&shared, info)?;
    let length = key.open_in_place(nonce, Aad::from(aad), &mut sealed).map_err(|_| Fault::Sealed)?.len();
    sealed.truncate(length);
    Ok(Zeroizing::new(sealed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_AES_256 as OTHER;
    use rustls::crypto::hpke::{EncapsulatedSecret, Hpke, HpkePublicKey};

    #[test]
    fn another_implementation_opens_ours() {
        let (public, private) = OTHER.generate_key_pair().unwrap();
        let recipient: [u8; 32] = public.0.as_slice().try_into().unwrap();
        let (enc, sealed) = seal(&recipient, &[7; 32], b"info", b"aad", b"a message".to_vec()).unwrap();
        let enc = EncapsulatedSecret(enc.to_vec());
        assert_eq!(OTHER.open(&enc, b"info", b"aad", &sealed, &private).unwrap(), b"a message");
        assert!(OTHER.open(&enc, b"info", b"bad", &sealed, &private).is_err());
    }

    #[test]
    fn ours_opens_what_another_implementation_sealed() {
        let private = [9; 32];
        let public = public_of(&private).unwrap();
        let (enc, sealed) =
            OTHER.seal(b"info", b"aad", b"a message", &HpkePublicKey(public.to_vec())).unwrap();
        let enc: [u8; 32] = enc.0.as_slice().try_into().unwrap();
        let opened = open((&private, &public), &enc, b"info", b"aad", sealed.clone()).unwrap();
        assert_eq!(opened.as_slice(), b"a message");
        for (info, aad) in [(&b"info"[..], &b"other"[..]), (b"other", b"aad")] {
            assert_eq!(open((&private, &public), &enc, info, aad, sealed.clone()), Err(Fault::Sealed));
        }
    }

    #[test]
    fn keys_of_small_order_are_refused() {
        assert_eq!(seal(&[0; 32], &[7; 32], b"", b"", Vec::new()), Err(Fault::Key));
        let public = public_of(&[9; 32]).unwrap();
        assert_eq!(open((&[9; 32], &public), &[0; 32], b"", b"", vec![0; 16]), Err(Fault::Sealed));
    }
}

//! An operator's key under a PIN: Argon2id (RFC 9106) makes a key of the PIN, AES-256-GCM wraps the seed.
//!
//! A PIN keeps a colleague from signing in another's name. Against somebody who holds the device and has days to try it is
//! weak, whatever is done here: that is what withdrawing a kit is for.

use crate::fault::Fault;
use crate::hex::fixed;
use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Fewest characters of a PIN.
pub const PIN_CHARS_MIN: usize = 6;
/// Most characters of a PIN.
pub const PIN_CHARS_MAX: usize = 64;
const AAD: &[u8] = b"daftar operator key 1";

/// What trying one PIN costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
}

impl Cost {
    /// RFC 9106 §4, the second recommended option: 64 MiB and three passes.
    pub const FIELD: Self = Self { memory_kib: 64 * 1024, passes: 3 };
    /// The least a file may ask for, and what tests use.
    pub const LEAST: Self = Self { memory_kib: 8, passes: 1 };
    /// The most: a file must not make a device run out of memory.
    pub const MOST: Self = Self { memory_kib: 256 * 1024, passes: 8 };
    fn fits(self) -> bool {
        (Self::LEAST.memory_kib..=Self::MOST.memory_kib).contains(&self.memory_kib)
            && (Self::LEAST.passes..=Self::MOST.passes).contains(&self.passes)
    }
}

/// A seed under a PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrapped {
    cost: Cost,
    #[serde(with = "fixed")]
    salt: [u8; 16],
    #[serde(with = "fixed")]
    sealed: [u8; 48],
}

fn key(pin: &str, salt: &[u8; 16], cost: Cost) -> Result<LessSafeKey, Fault> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(|_| Fault::Key)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(pin.as_bytes(), salt, &mut *key)
        .map_err(|_| Fault::Key)?;
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &*key).map_err(|_| Fault::Key)?))
}

/// Whether a text can be a PIN.
///
/// # Errors
/// [`Fault::WeakPin`].
pub fn check(pin: &str) -> Result<(), Fault> {
    let chars = pin.chars().count();
    let first = pin.chars().next();
    let varied = pin.chars().any(|c| Some(c) != first);
    if (PIN_CHARS_MIN..=PIN_CHARS_MAX).contains(&chars) && varied { Ok(()) } else { Err(Fault::WeakPin) }
}

/// Wraps a seed. `salt` must be drawn anew each time.
///
/// # Errors
/// [`Fault::WeakPin`].
pub fn wrap(seed: &[u8; 32], pin: &str, salt: [u8; 16], cost: Cost) -> Result<Wrapped, Fault> {
    check(pin)?;
    let mut out = seed.to_vec();
    // The key is of this salt alone and seals once, so a fixed nonce is used once.
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    key(pin, &salt, cost)?
        .seal_in_place_append_tag(nonce, Aad::from(AAD), &mut out)
        .map_err(|_| Fault::Key)?;
    Ok(Wrapped { cost, salt, sealed: out.as_slice().try_into().map_err(|_| Fault::Key)? })
}

/// Gives the seed back.
///
/// # Errors
/// [`Fault::Pin`].
pub fn unwrap(wrapped: &Wrapped, pin: &str) -> Result<Zeroizing<[u8; 32]>, Fault> {
    if check(pin).is_err() || !wrapped.cost.fits() {
        return Err(Fault::Pin);
    }
    let mut sealed = Zeroizing::new(wrapped.sealed);
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    let opened = key(pin, &wrapped.salt, wrapped.cost)?
        .open_in_place(nonce, Aad::from(AAD), &mut *sealed)
        .map_err(|_| Fault::Pin)?;
    let seed: &[u8; 32] = (&*opened).try_into().map_err(|_| Fault::Pin)?;
    Ok(Zeroizing::new(*seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_opens_and_no_other() {
        let wrapped = wrap(&[5; 32], "314159", [1; 16], Cost::LEAST).unwrap();
        let text = serde_json::to_string(&wrapped).unwrap();
        let read: Wrapped = serde_json::from_str(&text).unwrap();
        assert_eq!(*unwrap(&read, "314159").unwrap(), [5; 32]);
        for wrong in ["314158", "", "3141591"] {
            assert_eq!(unwrap(&read, wrong), Err(Fault::Pin));
        }
        let mut changed = read.clone();
        changed.sealed[3] ^= 1;
        assert_eq!(unwrap(&changed, "314159"), Err(Fault::Pin));
        let greedy = Wrapped { cost: Cost { memory_kib: Cost::MOST.memory_kib + 1, passes: 1 }, ..read };
        assert_eq!(unwrap(&greedy, "314159"), Err(Fault::Pin));
    }

    #[test]
    fn limits_of_a_pin() {
        let long = "ab".repeat(PIN_CHARS_MAX / 2);
        for good in ["123456", long.as_str(), "رقم سري"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["12345", "111111", "", &format!("{long}c")] {
            assert_eq!(check(bad), Err(Fault::WeakPin), "{bad}");
        }
    }
}

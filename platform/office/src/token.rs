//! Secrets that stand for something: 256 random bits given to somebody, of which only the hash is stored.

use aws_lc_rs::digest;
use daftar_kernel::{World, hex};

/// A new token as it is given out (64 hexadecimal digits), and what is stored of it.
#[must_use]
pub fn fresh(world: &World) -> (String, [u8; 32]) {
    let secret = world.bytes::<32>();
    (hex::encode(&secret), sha256(&secret))
}

/// What is stored of a token that somebody sent; `None` when it is no token at all.
///
/// A plain hash is enough: nobody guesses 256 random bits, and a hash cannot be turned back.
#[must_use]
pub fn stored(sent: &str) -> Option<[u8; 32]> {
    // One spelling only, so that no two texts are the same token.
    let lower = sent.len() == 64 && sent.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    lower.then(|| hex::decode(sent)).flatten().map(|secret| sha256(&secret))
}

/// SHA-256 (FIPS 180-4).
#[must_use]
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use daftar_kernel::{Timestamp, time::ManualClock, world::SeededRandom};

    #[test]
    fn one_spelling_and_nothing_else() {
        let (token, kept) = fresh(&World::new(ManualClock::new(Timestamp(0)), SeededRandom::new(5)));
        assert_eq!(stored(&token), Some(kept));
        assert_ne!(hex::encode(&kept), token);
        for bad in
            ["", &token[1..], &token.to_uppercase(), &format!("{token}0"), &"g".repeat(64), &"é".repeat(32)]
        {
            assert_eq!(stored(bad), None, "{bad}");
        }
    }
}

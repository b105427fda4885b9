//! What comes from outside the program: time and randomness. Whoever needs either is handed a [`World`].

use crate::{Clock, Id, Timestamp, time};
use std::sync::{Arc, Mutex, PoisonError};

/// A source of random bytes.
pub trait Random: Send + Sync {
    /// Fills the buffer with bytes nobody can predict (in a test: bytes everybody can).
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's random bytes.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) {
        if aws_lc_rs::rand::fill(buffer).is_err() {
            // Without randomness every key and number would be guessable: there is nothing safe left to do.
            std::process::abort();
        }
    }
}

/// Random bytes from a seed (SplitMix64): the same every time. For tests and the demo country, never for keys
/// of a real one.
#[derive(Debug)]
pub struct SeededRandom(Mutex<u64>);

impl SeededRandom {
    /// The sequence of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}
impl Random for SeededRandom {
    fn fill(&self, buffer: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in buffer.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let bytes = (z ^ (z >> 31)).to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

/// Time and randomness, together because nearly everything that needs one needs the other. Cheap to clone.
#[derive(Clone)]
pub struct World {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl World {
    /// The real one.
    #[must_use]
    pub fn system() -> Self {
        Self::new(time::SystemClock, SystemRandom)
    }
    /// One made of these parts.
    pub fn new(clock: impl Clock + 'static, random: impl Random + 'static) -> Self {
        Self { clock: Arc::new(clock), random: Arc::new(random) }
    }
    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
    /// So many random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.random.fill(&mut out);
        out
    }
    /// A number from 0 up to, not including, `bound`, each equally likely; 0 when `bound` is 0.
    #[must_use]
    pub fn below(&self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        // Numbers in the last, incomplete stretch would come up too often: draw again.
        let limit = u64::MAX - u64::MAX % bound;
        loop {
            let draw = u64::from_le_bytes(self.bytes());
            if draw < limit {
                return draw % bound;
            }
        }
    }
    /// A new identifier.
    #[must_use]
    pub fn id(&self) -> Id {
        let millis = u64::try_from(self.now().0 / 1000).unwrap_or(0);
        Id::from_parts(millis, self.bytes())
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_replays() {
        let make = || World::new(time::ManualClock::new(Timestamp(0)), SeededRandom::new(7));
        let (a, b) = (make(), make());
        assert_eq!(a.bytes::<13>(), b.bytes::<13>());
        assert_eq!(a.id(), b.id());
        assert!((0..1000).all(|_| a.below(10) < 10));
        assert_eq!(a.below(0), 0);
    }
}

//! Time that stands still and randomness that repeats.

use daftar_kernel::time::ManualClock;
use daftar_kernel::world::SeededRandom;
use daftar_kernel::{Timestamp, World};

/// When every test begins: 2026-11-23T08:00:00Z.
pub const START: Timestamp = Timestamp::from_seconds(1_795_420_800);

/// A world that is the same in every run, and the clock that moves it.
#[must_use]
pub fn world() -> (World, ManualClock) {
    let clock = ManualClock::new(START);
    (World::new(clock.clone(), SeededRandom::new(1)), clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_at_the_named_moment() {
        let (world, clock) = world();
        assert_eq!(world.now().to_rfc3339(), "2026-11-23T08:00:00Z");
        clock.advance_seconds(1);
        assert_eq!(world.now().seconds(), START.seconds() + 1);
    }
}

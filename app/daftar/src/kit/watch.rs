//! What a device's clocks show.

use daftar_kernel::World;
use enrolment_packet::clock::{BOOT_BYTES_MAX, Moment};

/// Where a kit reads the time.
pub trait Watch: Send + Sync {
    /// What the clocks show now.
    fn moment(&self) -> Moment;
}

/// The machine's own: the clock on the wall, and on Linux the name of this start and the time since.
#[derive(Debug)]
pub struct Wristwatch(pub World);

impl Watch for Wristwatch {
    fn moment(&self) -> Moment {
        let text = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let boot: String =
            text("/proc/sys/kernel/random/boot_id").trim().chars().take(BOOT_BYTES_MAX).collect();
        match micros(text("/proc/uptime").split(' ').next().unwrap_or_default()) {
            Some(uptime) if boot.is_ascii() => Moment { wall: self.0.now().0, boot, uptime },
            // Without a counter the clock alone must do.
            _ => Moment { wall: self.0.now().0, boot: String::new(), uptime: 0 },
        }
    }
}

/// Microseconds of `seconds.hundredths`.
fn micros(text: &str) -> Option<i64> {
    let (seconds, hundredths) = text.split_once('.')?;
    let hundredths = if hundredths.len() == 2 { hundredths.parse::<i64>().ok()? } else { return None };
    seconds.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(hundredths * 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_is_read_to_the_hundredth() {
        assert_eq!(micros("12345.67"), Some(12_345_670_000));
        for odd in ["", "12", "12.3", "x.00", "9223372036854775807.00"] {
            assert_eq!(micros(odd), None, "{odd}");
        }
        let moment = Wristwatch(World::system()).moment();
        assert!(moment.wall > 0);
    }
}

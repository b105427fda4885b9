//! Days that have passed in a demo country though nobody waited for them: deadlines can be seen to pass. The clock of such a
//! country never goes back: the days are kept beside it and added up.

use super::cast::Cast;
use anyhow::{Context, Result, ensure};
use daftar_kernel::time::SystemClock;
use daftar_kernel::world::SystemRandom;
use daftar_kernel::{Clock, Timestamp, World};
use std::path::Path;

/// Most days that may pass in one demo country, in all.
pub const MAX_DAYS: u32 = 366;
/// Where they are kept, in the folder of the data.
const FILE: &str = "days-later";

/// The machine's clock and some days.
struct Later(u32);

impl Clock for Later {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_seconds(i64::from(self.0) * 86_400)
    }
}

/// How many days have passed in the demo of this folder that nobody waited for.
///
/// # Errors
/// When the file is there and says no number of days.
pub fn days(data: &Path) -> Result<u32> {
    match std::fs::read_to_string(data.join(FILE)) {
        Ok(text) => text.trim().parse().context(FILE),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error).context(FILE),
    }
}

/// Lets more days pass in a demo that is there, and answers its time and randomness.
///
/// # Errors
/// When days are to pass where no demo lies, or more than [`MAX_DAYS`] in all.
pub fn world(data: &Path, more: u32) -> Result<World> {
    let all = days(data)?.saturating_add(more);
    if more > 0 {
        ensure!(
            Cast::load(data)?.is_some(),
            "no demo country lies in {}: days pass only in one. Next: run `daftar demo` without --days-later first",
            data.display()
        );
        ensure!(
            all <= MAX_DAYS,
            "{all} days would have passed in this demo, and at most {MAX_DAYS} may. Next: let fewer pass, or begin a new one"
        );
        std::fs::write(data.join(FILE), all.to_string()).context(FILE)?;
    }
    Ok(World::new(Later(all), SystemRandom))
}

#[cfg(test)]
mod tests {
    use super::*;
    use daftar_kernel::Id;

    fn seeded() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let id = "00000000-0000-7000-8000-000000000000".parse::<Id>().unwrap();
        let cast = Cast {
            officials: std::collections::BTreeMap::new(),
            invited: id,
            citizen: id,
            name: String::new(),
            stranger: id,
            ready_at: Timestamp(0),
            ready: id,
        };
        cast.save(folder.path()).unwrap();
        folder
    }

    #[test]
    fn days_add_up_and_the_clock_never_goes_back() {
        let folder = seeded();
        let ahead = |world: World| (world.now().0 - SystemClock.now().0 + 1_000_000) / 86_400_000_000;
        assert_eq!(ahead(world(folder.path(), 0).unwrap()), 0);
        assert_eq!(ahead(world(folder.path(), 31).unwrap()), 31);
        assert_eq!(ahead(world(folder.path(), 0).unwrap()), 31);
        assert_eq!(ahead(world(folder.path(), 2).unwrap()), 33);
    }

    #[test]
    fn at_most_a_year_passes() {
        let folder = seeded();
        assert!(world(folder.path(), MAX_DAYS + 1).is_err());
        assert_eq!(days(folder.path()).unwrap(), 0);
        assert!(world(folder.path(), MAX_DAYS).is_ok());
        assert!(world(folder.path(), 1).is_err());
        assert_eq!(days(folder.path()).unwrap(), MAX_DAYS);
    }

    #[test]
    fn no_day_passes_where_no_demo_lies() {
        let folder = tempfile::tempdir().unwrap();
        assert!(world(folder.path(), 1).is_err());
        assert!(world(folder.path(), 0).is_ok());
    }
}

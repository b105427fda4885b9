//! What rests, from what the supply says and what the law says: a pure rule.

use super::reading::Reading;
use daftar_packs::PowerLaw;
use daftar_packs::power::Step;

/// By how many tenths of a degree it must be cooler than when an activity began to rest before it comes back.
const COOLER_TENTHS: i32 = 30;

/// Why so much rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nothing is short.
    Enough,
    /// The battery has little left.
    Battery,
    /// It is too hot.
    Heat,
}

impl Cause {
    /// As it stands in the table and in the public record.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Enough => "enough",
            Self::Battery => "battery",
            Self::Heat => "heat",
        }
    }
    /// The cause of this code.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        [Self::Enough, Self::Battery, Self::Heat].into_iter().find(|cause| cause.code() == code)
    }
}

/// How many steps of the law are taken, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Steps taken, from the first.
    pub steps: usize,
    /// Why.
    pub cause: Cause,
}

impl Level {
    /// Nothing rests.
    pub const NONE: Self = Self { steps: 0, cause: Cause::Enough };
}

/// The level after a reading: it rises at once, and falls only when there is so much more than at which it rose that it does not
/// come and go. On battery nothing comes back: what it still holds is for what has not rested yet.
#[must_use]
pub fn next(law: &PowerLaw, now: Level, reading: &Reading) -> Level {
    let battery = steps(law, |step| short_of_power(step, reading));
    let heat = steps(law, |step| too_hot(step, reading, 0));
    let wanted = battery.max(heat);
    if wanted >= now.steps {
        let cause = match () {
            () if wanted == 0 => Cause::Enough,
            // What is as it was keeps its cause.
            () if wanted == now.steps => now.cause,
            () if battery >= heat => Cause::Battery,
            () => Cause::Heat,
        };
        return Level { steps: wanted, cause };
    }
    let held = steps(law, |step| !may_come_back(law, step, reading));
    let steps = held.clamp(wanted, now.steps);
    Level { steps, cause: if steps == 0 { Cause::Enough } else { now.cause } }
}

/// How many steps, from the first, reach to the last one of which this holds.
fn steps(law: &PowerLaw, holds: impl Fn(&Step) -> bool) -> usize {
    law.steps.iter().rposition(holds).map_or(0, |last| last + 1)
}

fn short_of_power(step: &Step, reading: &Reading) -> bool {
    let minutes = reading.lasts_seconds.map(|seconds| seconds / 60);
    reading.on_battery
        && (reading.charge_percent.is_some_and(|charge| charge <= step.at_percent)
            || step.at_minutes.zip(minutes).is_some_and(|(least, left)| left <= least)
            // A supply that gives no numbers still says when it is nearly empty: then everything rests that may rest at all.
            || reading.nearly_empty && step.at_percent > NEARLY_EMPTY_PERCENT)
}

/// Steps that the law takes at a charge above this also rest when the supply only says that it is nearly empty.
pub const NEARLY_EMPTY_PERCENT: u8 = 10;

fn too_hot(step: &Step, reading: &Reading, cooler_tenths: i32) -> bool {
    let limit = step.at_celsius.map(|celsius| i32::from(celsius) * 10 - cooler_tenths);
    limit.zip(reading.celsius_tenths).is_some_and(|(limit, now)| now >= limit)
}

fn may_come_back(law: &PowerLaw, step: &Step, reading: &Reading) -> bool {
    // At most full: a margin above 100 would never be reached.
    let enough = step.at_percent.saturating_add(law.margin_percent).min(100);
    let charged = reading.charge_percent.is_none_or(|charge| charge >= enough);
    !reading.on_battery && !reading.nearly_empty && charged && !too_hot(step, reading, COOLER_TENTHS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn law() -> PowerLaw {
        let step = |activity: &str, at_percent, at_minutes, at_celsius| Step {
            activities: vec![activity.into()],
            at_percent,
            at_minutes,
            at_celsius,
            line: 0,
        };
        PowerLaw {
            basis: "Law 1".into(),
            margin_percent: 10,
            steps: vec![
                step("statistics", 80, Some(240), Some(35)),
                step("orders", 50, Some(60), Some(40)),
                step("checks", 5, None, None),
            ],
        }
    }

    fn on_battery(charge: u8) -> Reading {
        Reading { on_battery: true, charge_percent: Some(charge), ..Reading::default() }
    }
    fn on_mains(charge: u8) -> Reading {
        Reading { charge_percent: Some(charge), ..Reading::default() }
    }
    fn hot(tenths: i32) -> Reading {
        Reading { charge_percent: Some(100), celsius_tenths: Some(tenths), ..Reading::default() }
    }
    /// The steps taken after each reading.
    fn walk(readings: &[Reading]) -> Vec<usize> {
        let mut level = Level::NONE;
        let mut steps = |reading| {
            level = next(&law(), level, reading);
            level.steps
        };
        readings.iter().map(&mut steps).collect()
    }

    #[test]
    fn a_battery_that_drains_takes_step_by_step_and_gives_back_in_turn() {
        let readings = [
            on_battery(100),
            on_battery(81),
            on_battery(80),
            on_battery(50),
            on_battery(5),
            on_battery(60),
            on_mains(14),
            on_mains(15),
            on_mains(59),
            on_mains(60),
            on_mains(89),
            on_mains(90),
        ];
        assert_eq!(walk(&readings), [0, 0, 1, 2, 3, 3, 3, 2, 2, 1, 1, 0]);
    }

    #[test]
    fn minutes_left_count_as_well_as_charge() {
        let lasts = |seconds| Reading { lasts_seconds: Some(seconds), ..on_battery(95) };
        assert_eq!(walk(&[lasts(241 * 60)]), [0]);
        assert_eq!(walk(&[lasts(240 * 60 + 59)]), [1]);
        assert_eq!(walk(&[lasts(60 * 60)]), [2]);
        assert_eq!(walk(&[lasts(0)]), [2], "the last step of this law has no minutes");
    }

    #[test]
    fn a_supply_without_numbers_that_is_nearly_empty_leaves_what_is_vital() {
        let reading = Reading { on_battery: true, nearly_empty: true, ..Reading::default() };
        assert_eq!(walk(&[reading.clone(), reading]), [2, 2]);
        assert_eq!(walk(&[Reading { nearly_empty: true, ..Reading::default() }]), [0], "mains are there");
    }

    #[test]
    fn heat_counts_on_mains_and_goes_with_three_degrees() {
        assert_eq!(
            walk(&[hot(349), hot(350), hot(399), hot(401), hot(371), hot(369), hot(320), hot(319)]),
            [0, 1, 1, 2, 2, 1, 1, 0]
        );
    }

    #[test]
    fn the_cause_is_what_took_the_step() {
        let mut level = next(&law(), Level::NONE, &hot(360));
        assert_eq!(level.cause, Cause::Heat);
        level = next(&law(), level, &Reading { celsius_tenths: Some(360), ..on_battery(40) });
        assert_eq!(level, Level { steps: 2, cause: Cause::Battery });
        assert_eq!(next(&law(), level, &on_mains(100)), Level::NONE);
        for cause in [Cause::Enough, Cause::Battery, Cause::Heat] {
            assert_eq!(Cause::of(cause.code()), Some(cause));
        }
    }

    #[test]
    fn a_law_with_fewer_steps_takes_no_more_than_it_has() {
        let short = PowerLaw { steps: law().steps[..1].to_vec(), ..law() };
        let level = Level { steps: 3, cause: Cause::Battery };
        assert_eq!(next(&short, level, &on_battery(3)).steps, 1);
        assert_eq!(next(&short, level, &on_mains(70)).steps, 1);
    }

    fn any_reading() -> impl Strategy<Value = Reading> {
        let option = |range| proptest::option::of(range);
        (
            any::<bool>(),
            any::<bool>(),
            option(0..=100u8),
            proptest::option::of(0..30_000u32),
            proptest::option::of(-100..900i32),
        )
            .prop_map(|(on_battery, nearly_empty, charge_percent, lasts_seconds, celsius_tenths)| {
                Reading {
                    on_battery,
                    nearly_empty,
                    charge_percent,
                    lasts_seconds,
                    load_percent: None,
                    celsius_tenths,
                }
            })
    }

    proptest! {
        #[test]
        fn less_charge_never_rests_less(reading in any_reading(), less in 0..=100u8, before in 0..=3usize) {
            let now = Level { steps: before, cause: Cause::Battery };
            let charge = reading.charge_percent.unwrap_or(100);
            let (more, less) = (Some(charge.max(less)), Some(charge.min(less)));
            let steps = |charge| next(&law(), now, &Reading { charge_percent: charge, ..reading.clone() }).steps;
            prop_assert!(steps(less) >= steps(more));
        }
        #[test]
        fn the_same_reading_twice_changes_nothing_more(reading in any_reading(), before in 0..=3usize) {
            let once = next(&law(), Level { steps: before, cause: Cause::Heat }, &reading);
            prop_assert_eq!(next(&law(), once, &reading), once);
        }
        #[test]
        fn on_battery_nothing_comes_back(reading in any_reading(), before in 0..=3usize) {
            let reading = Reading { on_battery: true, ..reading };
            let now = Level { steps: before, cause: Cause::Battery };
            let after = next(&law(), now, &reading).steps;
            prop_assert!(after >= before);
        }
    }
}

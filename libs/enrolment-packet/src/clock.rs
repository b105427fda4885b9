//! When something happened, by clocks that may be wrong.
//!
//! A device in the field has a clock nobody sets, and a counter that runs from its start and cannot be set. Each contact with
//! the registry ties both to the registry's time. From then on the counter tells the time, or, after a restart, the clock
//! with the error it had at the contact. A time that cannot be is marked, never refused: people must not suffer for a flat
//! battery.

use serde::{Deserialize, Serialize};

/// Most bytes of the name of a start of the device.
pub const BOOT_BYTES_MAX: usize = 64;
/// By how much two good clocks may differ, in microseconds: ten minutes.
pub const SKEW_MICROS: i64 = 10 * 60 * 1_000_000;

/// What a device's clocks show at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// The clock on the wall: microseconds since 1970, as somebody set it.
    pub wall: i64,
    /// The name of this start of the device; empty when it has none.
    pub boot: String,
    /// Microseconds since that start.
    pub uptime: i64,
}

/// A contact with the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The registry's time, in microseconds since 1970.
    pub registry: i64,
    /// What the device showed then.
    pub device: Moment,
}

/// The times of a packet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// When it was made, by the device.
    pub made: Moment,
    /// The last contact before it.
    pub contact: Option<Contact>,
}

/// How a time was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// By the counter since the last contact: as good as the registry's clock.
    Counter,
    /// By the device's clock, with the error it had at the last contact.
    Corrected,
    /// By the device's clock alone.
    Clock,
}

/// What is odd about a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Odd {
    /// Before the last contact, or before the packet before it.
    Early,
    /// After the packet had arrived.
    Late,
}

impl Odd {
    /// The stable word of lists.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Early => "early",
            Self::Late => "late",
        }
    }
}

/// When a packet was made, as well as can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Microseconds since 1970, never after the arrival.
    pub at: i64,
    /// How it was found.
    pub basis: Basis,
    /// What is odd about it; the time is then the nearest that can be.
    pub odd: Option<Odd>,
}

/// When a packet was made. `earlier` is the estimate of the packet before it in its chain, `arrived` when the registry took it,
/// both in microseconds since 1970.
#[must_use]
pub fn estimate(times: &Times, earlier: Option<i64>, arrived: i64) -> Estimate {
    let made = &times.made;
    let (claimed, basis) = match &times.contact {
        Some(contact) if same_start(made, &contact.device) => (
            contact.registry.saturating_add(made.uptime.saturating_sub(contact.device.uptime)),
            Basis::Counter,
        ),
        Some(contact) => {
            let error = contact.registry.saturating_sub(contact.device.wall);
            (made.wall.saturating_add(error), Basis::Corrected)
        }
        None => (made.wall, Basis::Clock),
    };
    let contact = times.contact.as_ref().map(|contact| contact.registry);
    let floor = [contact, earlier].into_iter().flatten().max().unwrap_or(i64::MIN).min(arrived);
    let odd = if claimed > arrived.saturating_add(SKEW_MICROS) {
        Some(Odd::Late)
    } else if claimed < floor.saturating_sub(SKEW_MICROS) {
        Some(Odd::Early)
    } else {
        None
    };
    Estimate { at: claimed.clamp(floor, arrived), basis, odd }
}

/// The contact of a question and its answer: somewhere between the two moments the registry's clock showed `registry`. A device's
/// clock that may be right is taken to be; else it is taken to be off by the middle of what it can be off by.
#[must_use]
pub fn contact_between(before: &Moment, registry: i64, after: &Moment) -> Contact {
    // Wide enough for whatever a device says.
    let wall = |moment: &Moment| i128::from(moment.wall);
    let (least, most) = (i128::from(registry) - wall(after), i128::from(registry) - wall(before));
    let error = if least <= 0 && most >= 0 { 0 } else { least.midpoint(most) };
    let corrected = (wall(after) + error).clamp(i64::MIN.into(), i64::MAX.into());
    Contact { registry: i64::try_from(corrected).unwrap_or(registry), device: after.clone() }
}

fn same_start(a: &Moment, b: &Moment) -> bool {
    !a.boot.is_empty() && a.boot == b.boot && a.uptime >= b.uptime
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: i64 = 3_600_000_000;
    const DAY: i64 = 24 * HOUR;

    fn moment(wall: i64, boot: &str, uptime: i64) -> Moment {
        Moment { wall, boot: boot.into(), uptime }
    }
    /// Contact at day 100 of the registry while the device's clock was three days ahead, an hour after its start.
    fn ahead(made: Moment) -> Times {
        Times { made, contact: Some(Contact { registry: 100 * DAY, device: moment(103 * DAY, "a", HOUR) }) }
    }

    #[test]
    fn the_counter_tells_the_time_whatever_the_clock_says() {
        let times = ahead(moment(7, "a", HOUR + 2 * DAY));
        let expected = Estimate { at: 102 * DAY, basis: Basis::Counter, odd: None };
        assert_eq!(estimate(&times, None, 103 * DAY), expected);
    }

    #[test]
    fn after_a_restart_the_clock_tells_it_with_the_error_it_had() {
        let times = ahead(moment(105 * DAY, "b", 5));
        let expected = Estimate { at: 102 * DAY, basis: Basis::Corrected, odd: None };
        assert_eq!(estimate(&times, None, 103 * DAY), expected);
        // A counter that ran backwards is another start under the same name.
        let times = ahead(moment(105 * DAY, "a", 5));
        assert_eq!(estimate(&times, None, 103 * DAY).basis, Basis::Corrected);
        let never = Times { made: moment(101 * DAY, "", 0), contact: None };
        assert_eq!(estimate(&never, None, 103 * DAY).at, 101 * DAY);
    }

    #[test]
    fn what_cannot_be_is_marked_and_brought_near() {
        let late = ahead(moment(120 * DAY, "b", 5));
        let estimated = estimate(&late, None, 103 * DAY);
        assert_eq!((estimated.at, estimated.odd), (103 * DAY, Some(Odd::Late)));
        let early = ahead(moment(0, "b", 5));
        let estimated = estimate(&early, Some(101 * DAY), 103 * DAY);
        assert_eq!((estimated.at, estimated.odd), (101 * DAY, Some(Odd::Early)));
        // At the limit, and one past it.
        let clock = |wall| estimate(&Times { made: moment(wall, "", 0), contact: None }, None, DAY).odd;
        assert_eq!((clock(DAY + SKEW_MICROS), clock(DAY + SKEW_MICROS + 1)), (None, Some(Odd::Late)));
        let after =
            |wall| estimate(&Times { made: moment(wall, "", 0), contact: None }, Some(DAY), 2 * DAY).odd;
        assert_eq!((after(DAY - SKEW_MICROS), after(DAY - SKEW_MICROS - 1)), (None, Some(Odd::Early)));
    }

    #[test]
    fn a_question_and_its_answer_make_a_contact() {
        let between = |before, registry, after| {
            contact_between(&moment(before, "a", 1), registry, &moment(after, "a", 2)).registry
        };
        assert_eq!(between(10, 15, 20), 20, "a clock that may be right is right");
        assert_eq!((between(10, 10, 20), between(10, 20, 20)), (20, 20));
        // Three days ahead, with an hour between question and answer: within half an hour.
        assert_eq!(between(103 * DAY, 100 * DAY, 103 * DAY + HOUR), 100 * DAY + HOUR / 2);
        // A clock that cannot be: in the middle still, without an overflow.
        assert_eq!(between(0, i64::MAX, i64::MIN), i64::MAX + i64::MIN / 2);
        assert_eq!(between(i64::MIN, 0, i64::MIN), 0);
    }

    proptest! {
        #[test]
        fn never_after_the_arrival_and_never_panics(
            wall: i64, uptime: i64, registry: i64, then: i64, counted: i64, same: bool,
            earlier in proptest::option::of(any::<i64>()), arrived: i64,
        ) {
            let boot = if same { "a" } else { "b" };
            let contact = Contact { registry, device: moment(then, "a", counted) };
            let times = Times { made: moment(wall, boot, uptime), contact: Some(contact) };
            let estimated = estimate(&times, earlier, arrived);
            prop_assert!(estimated.at <= arrived);
        }
    }
}

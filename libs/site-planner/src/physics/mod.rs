//! Sun, heat and charge: the only floating point of the planner. What leaves is whole watts and watt-hours.
#![expect(clippy::float_arithmetic, reason = "lengths of days, temperatures and charge; no money and no law")]

pub mod balance;
pub mod cooling;
pub mod energy;
pub mod panels;
pub mod sun;
pub mod weather;

use crate::fixed::Fixed;

/// Hours of the year a plan looks at; 2025, which has no leap day, stands for every year.
pub const HOURS: usize = 8760;
/// That year.
pub const YEAR: i32 = 2025;
/// Days of its months.
pub const MONTH_DAYS: [usize; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// An exact decimal as physics takes it.
#[must_use]
pub fn float(value: Fixed) -> f64 {
    value.micro() as f64 / 1e6
}

/// The nearest exact decimal; never below nothing, which no size here can be.
#[must_use]
pub fn fixed(value: f64) -> Fixed {
    // A cast from floating point saturates.
    Fixed::from_micro((value * 1e6).round().max(0.0) as i128)
}

/// The month (0 to 11) of an hour of the year.
#[must_use]
pub fn month_of(hour: usize) -> usize {
    let mut days = hour / 24;
    for (month, length) in MONTH_DAYS.iter().enumerate() {
        if days < *length {
            return month;
        }
        days -= length;
    }
    11
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_add_up_to_the_year() {
        assert_eq!(MONTH_DAYS.iter().sum::<usize>() * 24, HOURS);
        assert_eq!(
            (month_of(0), month_of(31 * 24 - 1), month_of(31 * 24), month_of(HOURS - 1)),
            (0, 0, 1, 11)
        );
        assert_eq!(fixed(float(Fixed::parse("12.345678").unwrap())), Fixed::parse("12.345678").unwrap());
        assert_eq!(fixed(-1.0), Fixed::ZERO);
    }
}

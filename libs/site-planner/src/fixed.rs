//! Exact decimals of six places, and cents.

use serde::{Serialize, Serializer};
use std::fmt;

/// Parts of one.
const ONE: i128 = 1_000_000;

/// An exact decimal of six places. Arithmetic saturates: a size that saturates is refused as too large.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Fixed(i128);

impl Fixed {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One.
    pub const ONE: Self = Self(ONE);
    /// More than anything a plan holds.
    pub const MAX: Self = Self(i128::MAX);

    /// A whole number.
    #[must_use]
    pub const fn int(whole: i64) -> Self {
        Self(whole as i128 * ONE)
    }
    /// A count.
    #[must_use]
    pub const fn count(whole: u64) -> Self {
        Self(whole as i128 * ONE)
    }
    /// So many millionths.
    #[must_use]
    pub const fn from_micro(micro: i128) -> Self {
        Self(micro)
    }
    /// In millionths.
    #[must_use]
    pub const fn micro(self) -> i128 {
        self.0
    }
    /// A decimal as written in TOML or JSON: sign, digits, underscores, one point, at most six places that count.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let clean = |text: &str| text.replace('_', "");
        let (whole, part) = (clean(whole), clean(part));
        let part = part.trim_end_matches('0');
        let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 18 || part.len() > 6 || !all_digits(&whole) || !all_digits(part)
        {
            return None;
        }
        let value = whole.parse::<i128>().ok()? * ONE + format!("{part:0<6}").parse::<i128>().ok()?;
        Some(Self(if negative { -value } else { value }))
    }
    /// The product, rounded half up in the sixth place.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self(div_half_up(self.0.saturating_mul(other.0), ONE))
    }
    /// The quotient, rounded half up in the sixth place; [`Fixed::MAX`] when the divisor is not above zero.
    #[must_use]
    pub fn over(self, other: Self) -> Self {
        if other.0 <= 0 { Self::MAX } else { Self(div_half_up(self.0.saturating_mul(ONE), other.0)) }
    }
    /// The sum.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
    /// The difference.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
    /// So many percent as a factor: 2.5 becomes 0.025.
    #[must_use]
    pub fn percent(self) -> Self {
        Self(div_half_up(self.0, 100))
    }
    /// One more than so many percent: 2.5 becomes 1.025.
    #[must_use]
    pub fn grown(self) -> Self {
        Self::ONE.plus(self.percent())
    }
    /// To the power of a whole number, each step rounded in the sixth place.
    #[must_use]
    pub fn power(self, times: u32) -> Self {
        (0..times).fold(Self::ONE, |power, _| power.times(self))
    }
    /// The least whole number that is not smaller; 0 when negative.
    #[must_use]
    pub fn ceil(self) -> u64 {
        let whole = self.0.saturating_add(ONE - 1).div_euclid(ONE);
        u64::try_from(whole.max(0)).unwrap_or(u64::MAX)
    }
    /// The nearest whole number, halves up.
    #[must_use]
    pub fn round(self) -> i64 {
        i64::try_from(div_half_up(self.0, ONE)).unwrap_or(i64::MAX)
    }
    /// In units of the given decimals, for a table or chart: 1.25 with one decimal is 13.
    #[must_use]
    pub fn in_decimals(self, decimals: u32) -> i64 {
        let scale = 10_i128.pow(decimals.min(6));
        i64::try_from(div_half_up(self.0.saturating_mul(scale), ONE)).unwrap_or(i64::MAX)
    }
}

impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, part) = (self.0.unsigned_abs() / ONE as u128, self.0.unsigned_abs() % ONE as u128);
        if part == 0 {
            return write!(f, "{sign}{whole}");
        }
        write!(f, "{sign}{whole}.{}", format!("{part:06}").trim_end_matches('0'))
    }
}

impl Serialize for Fixed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::iter::Sum for Fixed {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::ZERO, Self::plus)
    }
}

/// Divides and rounds halves away from zero; the divisor is above zero.
#[must_use]
pub(crate) const fn div_half_up(value: i128, by: i128) -> i128 {
    let half = by / 2;
    if value >= 0 { value.saturating_add(half) / by } else { value.saturating_sub(half) / by }
}

/// United States cents at today's rate of exchange.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Cents(pub i128);

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// What a quantity costs at a price in dollars; rounded half up to the cent here and nowhere before.
    #[must_use]
    pub fn of(price: Fixed, quantity: Fixed) -> Self {
        let scaled = price.0.saturating_mul(quantity.0);
        Self(div_half_up(scaled, ONE * ONE / 100))
    }
    /// Multiplied, rounded half up to the cent.
    #[must_use]
    pub fn scaled(self, by: Fixed) -> Self {
        Self(div_half_up(self.0.saturating_mul(by.0), ONE))
    }
    /// Divided, rounded half up to the cent; as it is when the divisor is not above zero.
    #[must_use]
    pub fn divided(self, by: Fixed) -> Self {
        if by.0 <= 0 { self } else { Self(div_half_up(self.0.saturating_mul(ONE), by.0)) }
    }
    /// Whole dollars, halves up.
    #[must_use]
    pub fn dollars(self) -> i64 {
        i64::try_from(div_half_up(self.0, 100)).unwrap_or(i64::MAX)
    }
    /// The sum.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
    /// The difference.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl std::iter::Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::ZERO, Self::plus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        for (text, micro) in
            [("2.5", 2_500_000), ("-0.000001", -1), ("1_000", 1_000_000_000), ("7.10", 7_100_000)]
        {
            assert_eq!(Fixed::parse(text).map(Fixed::micro), Some(micro), "{text}");
        }
        for bad in ["", "1e3", "1.0000001", ".5", "1.2.3", "12345678901234567890", "nan", "--1"] {
            assert_eq!(Fixed::parse(bad), None, "{bad}");
        }
        assert_eq!(Fixed::parse("0.1").unwrap().times(Fixed::parse("0.2").unwrap()).to_string(), "0.02");
        assert_eq!(Fixed::int(1).over(Fixed::int(3)).to_string(), "0.333333");
        assert_eq!(Fixed::int(2).over(Fixed::int(3)).to_string(), "0.666667");
        assert_eq!(Fixed::parse("-2.5").unwrap().to_string(), "-2.5");
        assert_eq!(
            (Fixed::parse("2.000001").unwrap().ceil(), Fixed::int(2).ceil(), Fixed::int(-3).ceil()),
            (3, 2, 0)
        );
        assert_eq!(Fixed::parse("2.3").unwrap().grown().power(2).to_string(), "1.046529");
    }

    #[test]
    fn cents_round_halves_up_and_saturate() {
        assert_eq!(Cents::of(Fixed::parse("0.125").unwrap(), Fixed::int(1)), Cents(13));
        assert_eq!(Cents::of(Fixed::parse("2.5").unwrap(), Fixed::parse("3").unwrap()), Cents(750));
        assert_eq!(Cents(-5).scaled(Fixed::parse("0.5").unwrap()), Cents(-3));
        assert_eq!(Cents(100).divided(Fixed::int(3)), Cents(33));
        assert!(Fixed::MAX.times(Fixed::int(2)) > Fixed::int(1_000_000_000));
        assert_eq!(Fixed::int(1).over(Fixed::ZERO), Fixed::MAX);
    }
}

//! Lengths and places on a page, in whole thousandths of a point, so that layout never rounds twice.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// A length in thousandths of a typographic point (1/72 inch). Arithmetic saturates: a page is never that big.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Length(i32);

impl Length {
    /// No length.
    pub const ZERO: Self = Self(0);

    /// From thousandths of a point.
    #[must_use]
    pub const fn millipoints(value: i32) -> Self {
        Self(value)
    }
    /// From whole points.
    #[must_use]
    pub const fn points(value: i32) -> Self {
        Self(value.saturating_mul(1000))
    }
    /// From micrometres (1 mm = 1000 µm), to the nearest thousandth of a point.
    #[must_use]
    pub const fn micrometres(value: i64) -> Self {
        // 1 inch = 25,400 µm = 72,000 millipoints.
        let scaled = value.saturating_mul(720);
        let rounded = if scaled < 0 { scaled.saturating_sub(127) } else { scaled.saturating_add(127) } / 254;
        Self(clamp(rounded))
    }
    /// From whole millimetres.
    #[must_use]
    pub const fn mm(value: i64) -> Self {
        Self::micrometres(value.saturating_mul(1000))
    }
    /// In thousandths of a point.
    #[must_use]
    pub const fn as_millipoints(self) -> i32 {
        self.0
    }
    /// This length times a fraction, rounded toward zero; zero when the denominator is.
    #[must_use]
    pub const fn scaled(self, numerator: i64, denominator: i64) -> Self {
        if denominator == 0 {
            return Self::ZERO;
        }
        Self(clamp((self.0 as i64).saturating_mul(numerator) / denominator))
    }
    /// In points, as the file format wants it.
    pub(crate) fn pt(self) -> f32 {
        thousandth(i64::from(self.0))
    }
}

/// A whole number of thousandths as the decimal fraction the PDF syntax writes (ISO 32000-1 §7.3.3).
#[expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "the one place where layout leaves whole numbers"
)]
pub(crate) fn thousandth(value: i64) -> f32 {
    (value as f64 / 1000.0) as f32
}

const fn clamp(value: i64) -> i32 {
    if value > i32::MAX as i64 {
        i32::MAX
    } else if value < i32::MIN as i64 {
        i32::MIN
    } else {
        value as i32
    }
}

impl Add for Length {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
impl Sub for Length {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}
impl Neg for Length {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}
impl AddAssign for Length {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
impl SubAssign for Length {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}
impl Sum for Length {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::ZERO, Add::add)
    }
}

/// Width and height.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    /// Across.
    pub width: Length,
    /// Down.
    pub height: Length,
}

impl Size {
    /// ISO 216 A4, 210 x 297 mm.
    pub const A4: Self = Self { width: Length::mm(210), height: Length::mm(297) };
    /// US letter, 8.5 x 11 inches.
    pub const LETTER: Self = Self { width: Length::points(612), height: Length::points(792) };
    /// The identification card ID-1 of ISO/IEC 7810, 85.60 x 53.98 mm.
    pub const ID_1: Self = Self { width: Length::micrometres(85_600), height: Length::micrometres(53_980) };
}

/// A rectangle on a page. The origin is the page's top left corner and `y` grows downwards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rect {
    /// Left edge.
    pub x: Length,
    /// Top edge.
    pub y: Length,
    /// Width.
    pub width: Length,
    /// Height.
    pub height: Length,
}

impl Rect {
    /// A rectangle of these edges.
    #[must_use]
    pub const fn new(x: Length, y: Length, width: Length, height: Length) -> Self {
        Self { x, y, width, height }
    }
    /// The same rectangle mirrored on a page of this width, for pages that run right to left.
    #[must_use]
    pub fn mirrored(self, page_width: Length) -> Self {
        Self { x: page_width - self.x - self.width, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_sizes_to_the_thousandth_of_a_point() {
        assert_eq!(Size::A4.width.as_millipoints(), 595_276);
        assert_eq!(Size::A4.height.as_millipoints(), 841_890);
        assert_eq!(Size::ID_1.width.as_millipoints(), 242_646);
        assert_eq!(Size::ID_1.height.as_millipoints(), 153_014);
    }

    #[test]
    fn arithmetic_saturates_and_mirrors() {
        assert_eq!(Length::points(i32::MAX).as_millipoints(), i32::MAX);
        assert_eq!(Length::points(3).scaled(1, 0), Length::ZERO);
        let r = Rect::new(Length::points(10), Length::ZERO, Length::points(20), Length::points(5));
        assert_eq!(r.mirrored(Length::points(100)).x, Length::points(70));
        assert_eq!(r.mirrored(Length::points(100)).mirrored(Length::points(100)), r);
    }
}

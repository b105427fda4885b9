//! Exact numbers: written for people, and divided into the steps of an axis.

/// The most digits after the point.
pub const MAX_DECIMALS: u8 = 9;

/// How numbers are written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NumberStyle {
    /// Between groups of three digits.
    pub group: String,
    /// Between the whole part and the decimals.
    pub point: String,
    /// Before every number, such as a currency.
    pub before: String,
    /// After every number, such as ` %`.
    pub after: String,
}

impl NumberStyle {
    /// `1 234.50` with a narrow no-break space: understood in every country (ISO 80000-1 §7.3.1).
    #[must_use]
    pub fn plain() -> Self {
        Self { group: "\u{202f}".into(), point: ".".into(), before: String::new(), after: String::new() }
    }
    /// A value of so many decimals. A minus sign stands before everything.
    #[must_use]
    pub fn format(&self, value: i64, decimals: u8) -> String {
        let digits = format!("{:0>width$}", value.unsigned_abs(), width = usize::from(decimals) + 1);
        let (whole, part) = digits.split_at(digits.len() - usize::from(decimals));
        let mut out = String::new();
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                out.push_str(&self.group);
            }
            out.push(digit);
        }
        if !part.is_empty() {
            out.push_str(&self.point);
            out.push_str(part);
        }
        let sign = if value < 0 { "\u{2212}" } else { "" };
        format!("{sign}{}{out}{}", self.before, self.after)
    }
}

/// An axis from `low` to `high` with a mark at every `step`; zero is always on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Axis {
    pub(crate) low: i64,
    pub(crate) high: i64,
    pub(crate) step: i64,
}

impl Axis {
    /// The axis for values from `least` to `most`, with about `marks` steps of 1, 2 or 5 times a power of ten.
    pub(crate) fn new(least: i64, most: i64, marks: i64) -> Self {
        let (least, most) = (least.min(0), most.max(0));
        let span = (most - least).max(1);
        let mut power = 1_i64;
        let step = loop {
            let fits = |factor: &i64| span <= power.saturating_mul(*factor).saturating_mul(marks);
            if let Some(factor) = [1, 2, 5].iter().find(|factor| fits(factor)) {
                break power.saturating_mul(*factor);
            }
            power = power.saturating_mul(10);
        };
        let low = least.div_euclid(step) * step;
        let high = -(-most).div_euclid(step) * step;
        Self { low, high: if high == low { low + step } else { high }, step }
    }
    /// The values at the marks.
    pub(crate) fn marks(self) -> Vec<i64> {
        (0..=(self.high - self.low) / self.step).map(|n| self.low + n * self.step).collect()
    }
    /// Where a value stands on a stretch of this length, from its low end.
    pub(crate) fn place(self, value: i64, length: i64) -> i64 {
        let span = i128::from(self.high - self.low).max(1);
        let at = i128::from(value - self.low) * i128::from(length) / span;
        i64::try_from(at).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        let plain = NumberStyle::plain();
        assert_eq!(plain.format(1_234_567, 0), "1\u{202f}234\u{202f}567");
        assert_eq!(plain.format(5, 2), "0.05");
        assert_eq!(plain.format(-123_450, 2), "\u{2212}1\u{202f}234.50");
        assert_eq!(plain.format(0, 0), "0");
        assert_eq!(plain.format(i64::MIN, 0).chars().filter(char::is_ascii_digit).count(), 19);
        let percent =
            NumberStyle { group: ".".into(), point: ",".into(), before: String::new(), after: " %".into() };
        assert_eq!(percent.format(125, 1), "12,5 %");
    }

    #[test]
    fn axes_end_on_round_numbers_and_hold_every_value() {
        let cases = [
            ((0, 0), (0, 1, 1)),
            ((0, 7), (0, 8, 2)),
            ((3, 97), (0, 100, 20)),
            ((-30, 120), (-50, 150, 50)),
            ((-5, -1), (-5, 0, 1)),
            ((0, 12_400), (0, 15_000, 5_000)),
        ];
        for ((least, most), (low, high, step)) in cases {
            assert_eq!(Axis::new(least, most, 5), Axis { low, high, step }, "{least}..{most}");
        }
        let wide = Axis::new(-crate::MAX_VALUE, crate::MAX_VALUE * 6, 5);
        assert!(wide.marks().len() <= 7);
        assert_eq!(wide.place(wide.high, 1000), 1000);
        assert_eq!(wide.place(wide.low, 1000), 0);
    }
}

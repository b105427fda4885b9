//! Dates as old registers write them, turned into the house's form without guessing.

use record_linkage::digit::decimal_digit;

/// The order of year, month and day in a text, with what stands between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateForm(Vec<Piece>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Year,
    Month,
    Day,
    Sign(char),
}

impl DateForm {
    /// Reads a form such as `DD/MM/YYYY`: `YYYY` once, `MM` and `DD` at most once, `DD` not without `MM`.
    /// Years of two digits are not accepted: nobody can say which century they mean.
    #[must_use]
    pub fn parse(form: &str) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut rest = form;
        while let Some(first) = rest.chars().next() {
            let (piece, used) = if rest.starts_with("YYYY") {
                (Piece::Year, 4)
            } else if rest.starts_with("MM") {
                (Piece::Month, 2)
            } else if rest.starts_with("DD") {
                (Piece::Day, 2)
            } else if first.is_alphanumeric() {
                return None;
            } else {
                (Piece::Sign(first), first.len_utf8())
            };
            if !matches!(piece, Piece::Sign(_)) && pieces.contains(&piece) {
                return None;
            }
            pieces.push(piece);
            rest = &rest[used..];
        }
        let has = |piece| pieces.contains(&piece);
        (has(Piece::Year) && (has(Piece::Month) || !has(Piece::Day)) && pieces.len() <= 9)
            .then_some(Self(pieces))
    }

    /// The date as `YYYY-MM-DD`, `YYYY-MM` or `YYYY`; `None` when the text does not have this form. Zeros for
    /// month or day mean that they are unknown. Whether the calendar has the date is for the caller to check.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<String> {
        let text: Vec<char> = text.trim().chars().collect();
        if text.len() > 40 {
            return None;
        }
        let (mut year, mut month, mut day) = (None, None, None);
        let mut at = 0;
        for piece in &self.0 {
            match piece {
                Piece::Sign(sign) => {
                    (text.get(at) == Some(sign)).then_some(())?;
                    at += 1;
                }
                Piece::Year => year = Some(digits(&text, &mut at, 4, 4)?),
                // `3/7/1960` and `03/07/1960` are both written; without separators both digits are needed.
                Piece::Month => month = Some(digits(&text, &mut at, self.shortest(), 2)?),
                Piece::Day => day = Some(digits(&text, &mut at, self.shortest(), 2)?),
            }
        }
        (at == text.len()).then_some(())?;
        let year = year.filter(|y| *y > 0)?;
        Some(match (month.filter(|m| *m > 0), day.filter(|d| *d > 0)) {
            (None, None) => format!("{year:04}"),
            (Some(m), None) => format!("{year:04}-{m:02}"),
            (Some(m), Some(d)) => format!("{year:04}-{m:02}-{d:02}"),
            // A day in an unknown month cannot be kept, and must not be dropped in silence.
            (None, Some(_)) => return None,
        })
    }
    fn shortest(&self) -> usize {
        if self.0.iter().any(|p| matches!(p, Piece::Sign(_))) { 1 } else { 2 }
    }
}

fn digits(text: &[char], at: &mut usize, least: usize, most: usize) -> Option<u32> {
    let mut value = 0;
    let mut count = 0;
    while count < most
        && let Some(digit) = text.get(*at).and_then(|c| decimal_digit(*c))
    {
        value = value * 10 + u32::from(digit);
        count += 1;
        *at += 1;
    }
    (count >= least).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms() {
        for good in ["YYYY-MM-DD", "DD/MM/YYYY", "DD.MM.YYYY", "YYYYMMDD", "MM/YYYY", "YYYY"] {
            assert!(DateForm::parse(good).is_some(), "{good}");
        }
        for bad in ["", "DD/MM/YY", "YYYY-DD", "DD/MM/YYYY/YYYY", "D/M/YYYY", "MM/DD"] {
            assert!(DateForm::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn reads_and_refuses() {
        let read = |form: &str, text: &str| DateForm::parse(form).unwrap().read(text);
        assert_eq!(read("DD/MM/YYYY", "3/7/1960").as_deref(), Some("1960-07-03"));
        assert_eq!(read("DD/MM/YYYY", "٠٣/٠٧/١٩٦٠").as_deref(), Some("1960-07-03"));
        assert_eq!(read("YYYY-MM-DD", "1960-00-00").as_deref(), Some("1960"));
        assert_eq!(read("YYYYMMDD", "19600700").as_deref(), Some("1960-07"));
        for bad in ["1960-00-03", "1960-07-03x", "960-07-03", "-0050-01-0", "0000-01-01", "", "1960/07/03"] {
            assert_eq!(read("YYYY-MM-DD", bad), None, "{bad}");
        }
        assert_eq!(read("YYYYMMDD", "1960703"), None);
    }

    proptest! {
        #[test]
        fn round_trip(year in 1800_i16..2200, month in 1_i8..13, day in 1_i8..29) {
            let form = DateForm::parse("DD.MM.YYYY").unwrap();
            let text = format!("{day:02}.{month:02}.{year:04}");
            prop_assert_eq!(form.read(&text), Some(format!("{year:04}-{month:02}-{day:02}")));
        }
        #[test]
        fn any_text_gets_an_answer(text in "\\PC{0,50}") {
            let _ = DateForm::parse(&text).map(|form| form.read("1960-01-01"));
            let _ = DateForm::parse("DD/MM/YYYY").unwrap().read(&text);
        }
    }
}

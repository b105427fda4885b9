//! What a chart shows.

use crate::number::{MAX_DECIMALS, NumberStyle};

/// The most categories (bars, points, age groups) of a chart; beyond, only a table serves the reader.
pub const MAX_CATEGORIES: usize = 120;
/// The most series; beyond, colours are no longer told apart.
pub const MAX_SERIES: usize = 6;
/// The largest value, and the smallest below zero, in minor units.
pub const MAX_VALUE: i64 = 1_000_000_000_000_000;

/// Some values under one name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Series {
    /// Name, as the legend shows it.
    pub name: String,
    /// One value a category, in minor units; `None` where nothing is known.
    pub values: Vec<Option<i64>>,
}

/// The data of a chart and the words around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Data {
    /// A name that is unique on the page: the ids of the drawing's parts begin with it. Letters, digits, `-`.
    pub id: String,
    /// What the chart shows; also the table's caption.
    pub title: String,
    /// What a reader who does not see it should know: the main finding in a sentence.
    pub description: String,
    /// What the categories are, such as `District`: head of the table's first column.
    pub category_name: String,
    /// Their names, in the order of drawing.
    pub categories: Vec<String>,
    /// The series.
    pub series: Vec<Series>,
    /// Digits after the point in the values: with 2, the value 1250 is 12.50.
    pub decimals: u8,
    /// How numbers are written.
    pub numbers: NumberStyle,
    /// What stands for an unknown value in the table, such as `not known`.
    pub unknown: String,
    /// Whether the page runs right to left; the drawing is mirrored then.
    pub rtl: bool,
}

/// The same data as a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// Caption.
    pub caption: String,
    /// Heads of the columns.
    pub header: Vec<String>,
    /// Rows; the first cell names the row.
    pub rows: Vec<Vec<String>>,
}

/// Why some data cannot be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChartFault {
    /// No category or no series.
    #[error("there is nothing to draw: give at least one category and one series")]
    Empty,
    /// More categories or series than a reader can tell apart.
    #[error("{what}: {count} are too many to be told apart, at most {limit}")]
    TooMany {
        /// `categories` or `series`.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// A series with more or fewer values than there are categories.
    #[error("series '{series}' has {values} values for {categories} categories")]
    Uneven {
        /// Its name.
        series: String,
        /// Its values.
        values: usize,
        /// The categories.
        categories: usize,
    },
    /// A value beyond [`MAX_VALUE`].
    #[error("series '{series}' has a value beyond the range that can be drawn")]
    OutOfRange {
        /// Its name.
        series: String,
    },
    /// A value below zero where only amounts can be drawn.
    #[error("series '{series}' has a value below zero, which this kind of chart cannot show")]
    Negative {
        /// Its name.
        series: String,
    },
    /// A pyramid has exactly two sides.
    #[error("a pyramid needs exactly two series, not {0}")]
    NotTwoSides(usize),
    /// The id is not made of letters, digits and hyphens, or the numbers have too many decimals.
    #[error("'{0}' cannot be the id of a chart: letters, digits and hyphens, beginning with a letter")]
    Id(String),
    /// More than [`MAX_DECIMALS`] decimals.
    #[error("{0} decimals are too many: at most {MAX_DECIMALS}")]
    Decimals(u8),
}

impl Data {
    /// Refuses what cannot be drawn.
    pub(crate) fn check(&self, negative_allowed: bool) -> Result<(), ChartFault> {
        let id_ok = self.id.starts_with(|c: char| c.is_ascii_alphabetic())
            && self.id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !id_ok || self.id.len() > 60 {
            return Err(ChartFault::Id(self.id.chars().take(60).collect()));
        }
        if self.decimals > MAX_DECIMALS {
            return Err(ChartFault::Decimals(self.decimals));
        }
        if self.categories.is_empty() || self.series.is_empty() {
            return Err(ChartFault::Empty);
        }
        let counts = [
            ("categories", self.categories.len(), MAX_CATEGORIES),
            ("series", self.series.len(), MAX_SERIES),
        ];
        if let Some((what, count, limit)) = counts.into_iter().find(|(_, count, limit)| count > limit) {
            return Err(ChartFault::TooMany { what, count, limit });
        }
        for series in &self.series {
            let name = || series.name.clone();
            let (values, categories) = (series.values.len(), self.categories.len());
            if values != categories {
                return Err(ChartFault::Uneven { series: name(), values, categories });
            }
            let known = || series.values.iter().flatten();
            if known().any(|value| !(-MAX_VALUE..=MAX_VALUE).contains(value)) {
                return Err(ChartFault::OutOfRange { series: name() });
            }
            if !negative_allowed && known().any(|value| *value < 0) {
                return Err(ChartFault::Negative { series: name() });
            }
        }
        Ok(())
    }
    /// A value as people read it.
    pub(crate) fn shown(&self, value: i64) -> String {
        let shown = self.numbers.format(value, self.decimals);
        // In a right-to-left line a minus sign would move behind its number (UAX #9): isolate it.
        if self.rtl && value < 0 { format!("\u{2066}{shown}\u{2069}") } else { shown }
    }
    /// A value of a series, if it is known.
    pub(crate) fn value(&self, series: usize, category: usize) -> Option<i64> {
        self.series.get(series)?.values.get(category).copied().flatten()
    }
    /// The table that says what the drawing shows.
    #[must_use]
    pub fn table(&self) -> Table {
        let mut header = vec![self.category_name.clone()];
        header.extend(self.series.iter().map(|series| series.name.clone()));
        let row = |(index, name): (usize, &String)| {
            let mut cells = vec![name.clone()];
            cells.extend((0..self.series.len()).map(|series| {
                self.value(series, index).map_or_else(|| self.unknown.clone(), |value| self.shown(value))
            }));
            cells
        };
        Table {
            caption: self.title.clone(),
            header,
            rows: self.categories.iter().enumerate().map(row).collect(),
        }
    }
}

/// Data for the tests of all kinds of charts.
#[cfg(test)]
pub(crate) fn sample() -> Data {
    let series = |name: &str, values: &[i64]| Series {
        name: name.into(),
        values: values.iter().map(|value| Some(*value)).collect(),
    };
    Data {
        id: "births".into(),
        title: "Births by district".into(),
        description: "Most births are in the north.".into(),
        category_name: "District".into(),
        categories: ["North", "South & Coast", "<West>"].map(String::from).to_vec(),
        series: vec![series("2024", &[12_400, 8_150, 930]), series("2025", &[11_800, 9_020, 0])],
        decimals: 0,
        numbers: NumberStyle::plain(),
        unknown: "not known".into(),
        rtl: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_all_the_values_and_what_is_not_known() {
        let mut data = sample();
        data.series[1].values[2] = None;
        let table = data.table();
        assert_eq!(table.header, ["District", "2024", "2025"]);
        assert_eq!(table.rows[0], ["North", "12\u{202f}400", "11\u{202f}800"]);
        assert_eq!(table.rows[2], ["<West>", "930", "not known"]);
    }

    #[test]
    fn limits_at_the_edge_and_one_past_it() {
        let mut data = sample();
        data.categories = vec!["x".into(); MAX_CATEGORIES];
        data.series =
            vec![Series { name: "s".into(), values: vec![Some(MAX_VALUE); MAX_CATEGORIES] }; MAX_SERIES];
        assert_eq!(data.check(false), Ok(()));
        data.series.push(data.series[0].clone());
        assert!(matches!(data.check(false), Err(ChartFault::TooMany { what: "series", .. })));
        data.series.pop();
        data.series[0].values[3] = Some(MAX_VALUE + 1);
        assert!(matches!(data.check(false), Err(ChartFault::OutOfRange { .. })));
        data.series[0].values[3] = Some(i64::MIN);
        assert!(matches!(data.check(true), Err(ChartFault::OutOfRange { .. })));
        data.series[0].values[3] = Some(-1);
        assert!(data.check(true).is_ok());
        assert!(matches!(data.check(false), Err(ChartFault::Negative { .. })));
        data.categories.push("y".into());
        assert!(matches!(data.check(true), Err(ChartFault::TooMany { what: "categories", .. })));
        data.categories.truncate(5);
        assert!(matches!(data.check(true), Err(ChartFault::Uneven { .. })));
        data.categories.clear();
        assert_eq!(data.check(true), Err(ChartFault::Empty));
        for bad in ["", "1a", "a b", "a\"", "é"] {
            assert!(
                matches!(Data { id: bad.into(), ..sample() }.check(true), Err(ChartFault::Id(_))),
                "{bad}"
            );
        }
        assert_eq!(Data { decimals: 10, ..sample() }.check(true), Err(ChartFault::Decimals(10)));
    }
}

#![doc = include_str!("../README.md")]

mod bars;
mod canvas;
mod data;
mod line;
mod number;
mod pyramid;

pub use bars::{bars, stacked_bars};
pub use data::{ChartFault, Data, MAX_CATEGORIES, MAX_SERIES, MAX_VALUE, Series, Table};
pub use line::line;
pub use number::{MAX_DECIMALS, NumberStyle};
pub use pyramid::pyramid;

/// A finished chart and the table that says the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chart {
    /// An `svg` element for a page, without any inline style or script.
    pub svg: String,
    /// Its data, for a real table beside it.
    pub table: Table,
}

/// The stylesheet that the classes of the charts need, to be served with the pages.
pub const STYLESHEET: &str = include_str!("chart.css");

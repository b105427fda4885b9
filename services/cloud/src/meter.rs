//! What agencies' computers used, and what it costs.
//!
//! Each minute the engine is asked once and what it says is written once, whatever is killed ([`ledger`]). A month of one
//! agency is a file of lines ([`usage`]); with the price list ([`prices`]) it makes the invoice ([`invoice`]) by whole
//! numbers only, so that anybody can make it again to the cent ([`check`]) and read it as FinOps FOCUS ([`focus`]). When a
//! month is over its bill is made once and its files are bound into the public record ([`issuing`]).

pub mod check;
pub mod focus;
pub mod invoice;
pub mod issuing;
pub mod ledger;
mod period;
pub mod prices;
mod sampling;
pub mod usage;

pub use invoice::Invoice;
pub use period::Month;
pub use prices::PriceList;
pub use usage::MonthUsage;

/// Why a bill cannot be made or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BillError {
    /// A file is not as it must be.
    #[error("{file}, line {line}: {what}")]
    File {
        /// Which file.
        file: &'static str,
        /// Its line, from 1; 0 for the whole.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A number is larger than money or time can be.
    #[error("{0} is out of range")]
    TooLarge(&'static str),
    /// No price is in force on a day that is billed.
    #[error("no price is in force on {0}")]
    NoPrice(String),
}

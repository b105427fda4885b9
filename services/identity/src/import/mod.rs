//! Bringing an old register in: a CSV file and a mapping become registered people, with a reason for every
//! row that did not.

pub mod csv;
pub mod dates;
pub mod findings;
pub mod mapping;
mod reader;
mod report;
pub mod row;
mod run;
pub mod seen;
pub mod source;
mod state;
pub mod text;

pub use reader::BATCH_ROWS;
pub use run::{ImportFault, ImportOrder, Progress, Summary};

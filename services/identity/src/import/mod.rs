//! Bringing an old register in: a CSV file and a mapping become registered people, with a reason for every row
//! that did not.

pub mod csv;
pub mod dates;
pub mod findings;
pub mod mapping;
pub mod row;
pub mod seen;
pub mod text;

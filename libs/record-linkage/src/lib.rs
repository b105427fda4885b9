#![doc = include_str!("../README.md")]
#![expect(clippy::float_arithmetic, reason = "weights of evidence, which nobody pays or is paid by")]

mod block;
mod cluster;
mod compare;
mod date;
pub mod digit;
pub mod fold;
mod index;
pub mod invented;
mod learn;
mod level;
mod lexicon;
mod link;
mod mix;
mod model;
mod parameters;
mod record;
mod relatives;
mod romanise;
mod saved;
mod schema;
mod score;
pub mod sound;
pub mod spelling;
mod starting;
mod train;
mod vocabulary;

pub use block::MAX_KEYS;
pub use cluster::{Joining, MAX_GROUP};
pub use date::{DateRelation, LooseDate, NEAR_YEARS};
pub use index::{Index, MAX_CANDIDATES, Match};
pub use level::words;
pub use link::{Linked, MAX_RECORDS, Options, Pair, TooMany, link};
pub use model::{Explanation, Model, Reason, milli_bits, times};
pub use relatives::{CAUTION, RELATIVES, TWO_GIVEN_NAMES};
pub use romanise::romanise;
pub use saved::BadModel;
pub use schema::{BadSchema, Field, Kind, MAX_FIELDS, Schema};
pub use score::{Progress, Stage};
pub use starting::Usual;

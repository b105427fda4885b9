#![doc = include_str!("../README.md")]

pub mod actor;
pub mod date;
pub mod hex;
pub mod ids;
pub mod lang;
pub mod pace;
pub mod problem;
pub mod settings;
pub mod time;
pub mod world;

pub use actor::{Actor, Official};
pub use date::PartialDate;
pub use ids::Id;
pub use lang::{Label, Lang};
pub use pace::Pace;
pub use problem::Problem;
pub use time::{Clock, Timestamp};
pub use world::{Random, World};

//! The register on both engines, through the functions that pages and the API call.

mod bulk;
mod country;
mod desk;
mod erasure;
mod import;
mod mine;
mod texts;

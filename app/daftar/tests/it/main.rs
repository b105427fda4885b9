//! The whole program through its own router, on both engines: what must hold for every route.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

mod again;
mod alone;
mod bed;
mod contents;
mod country;
mod demo;
mod desk_documents;
mod disk;
mod doubles;
mod every_route;
mod family;
mod field;
mod hostile;
mod link;
mod my_data;
mod owners;
mod passkeys;
mod plans;
mod post;
mod power;
mod seals;
mod sessions;
mod story;
mod texts;
mod weight;

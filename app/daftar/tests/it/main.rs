//! The whole program through its own router, on both engines: what must hold for every route.

mod bed;
mod contents;
mod every_route;
mod owners;
mod story;
mod weight;

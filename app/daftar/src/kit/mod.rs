//! A kit in the field: a folder with the device's keys, the packets that wait and what became of those that were sent. It needs
//! neither an installation nor a network. `folder` is what lies on the disk, `enrol` writes a packet, `page`
//! shows the country's form, `send` brings packets home.

pub mod enrol;
pub mod folder;
pub mod page;
pub mod send;
pub mod watch;

pub use folder::Kit;
pub use watch::{Watch, Wristwatch};

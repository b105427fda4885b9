//! What roles in the country pack may be given.

use daftar_office::Permission;

/// See projects of the own agency that one is a member of; change nothing.
pub const READ: &str = "cloud.project.read";
/// Begin projects for the own agency, and change what one's part in them allows.
pub const USE: &str = "cloud.project.use";
/// Approve, with a second official, what needs it: a larger quota, a size the catalogue keeps back.
pub const APPROVE: &str = "cloud.order.approve";
/// See the engine's state and what it has that nobody wants, and remove that.
pub const OPERATE: &str = "cloud.engine.operate";

/// What this service declares.
pub const PERMISSIONS: &[Permission] = &[
    Permission { code: READ, help: "see the agency's projects in the cloud that one is a member of" },
    Permission { code: USE, help: "begin projects in the cloud, and order and change what is in them" },
    Permission { code: APPROVE, help: "approve orders to the cloud with a second official" },
    Permission { code: OPERATE, help: "see the cloud's engine, and remove what nobody wants" },
];

//! LXD 5.0, and Incus, which speaks nearly the same: over the Unix socket of the machine it runs on.
//!
//! What we make lies like this in the engine. A Daftar project is a *restricted* project with images, profiles, volumes and
//! network rules of its own, so that a certificate restricted to it finds nothing of others. Bridges belong to the machine
//! (both dialects know no others without OVN): they lie in the default project under our mark, with rules that drop
//! whatever no rule allows, and the project names those that its instances may be attached to. Images are kept in the
//! default project and copied into a project when it first wants one.

mod about;
mod client;
mod exec;
mod instance;
mod inventory;
mod names;
mod network;
mod project;
mod room;
mod snapshot;
mod volume;

use super::{About, Answer, Engine, EngineError, Fence, Instance, Inventory, Network, Said, Usage, Volume};
use client::Client;
use daftar_kernel::Id;
pub use room::HEAD_ROOM_MIB;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the engine is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For an answer.
    pub request: Duration,
    /// For an operation it is at, in whole seconds.
    pub operation: Duration,
    /// For an instance to end by itself before it is ended, in whole seconds.
    pub stop: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(20),
            operation: Duration::from_secs(120),
            stop: Duration::from_secs(20),
        }
    }
}

/// LXD or Incus on this machine.
#[derive(Clone, Debug)]
pub struct Lxd {
    client: Client,
    pool: String,
    patience: Patience,
}

impl Lxd {
    /// Where the engine usually listens: Debian's LXD, LXD from a snap, Incus.
    pub const SOCKETS: [&'static str; 3] =
        ["/var/lib/lxd/unix.socket", "/var/snap/lxd/common/lxd/unix.socket", "/var/lib/incus/unix.socket"];

    /// The engine at this socket, keeping disks in this storage pool. Nothing is asked yet.
    #[must_use]
    pub fn new(socket: &Path, pool: &str, patience: Patience) -> Self {
        Self { client: Client::new(socket, patience), pool: pool.into(), patience }
    }

    /// The usual socket that is there.
    #[must_use]
    pub fn usual_socket() -> Option<PathBuf> {
        Self::SOCKETS.iter().map(PathBuf::from).find(|path| path.exists())
    }
}

/// `/1.0/<what>?project=<project>`.
fn within(project: Id, what: &str) -> String {
    format!("/1.0/{what}?project={}", names::name(names::PROJECT, project))
}

/// A list the engine must answer with.
fn list(value: &serde_json::Value) -> Result<&[serde_json::Value], EngineError> {
    match value {
        // An empty list is written as nothing.
        serde_json::Value::Null => Ok(&[]),
        serde_json::Value::Array(items) => Ok(items),
        _ => Err(EngineError::Nonsense("something else where a list belongs".into())),
    }
}

/// A text the engine must answer with.
fn text<'a>(value: &'a serde_json::Value, key: &str) -> Result<&'a str, EngineError> {
    value[key].as_str().ok_or_else(|| EngineError::Nonsense(format!("no text for '{key}'")))
}

impl Engine for Lxd {
    fn about(&self) -> Answer<'_, About> {
        Box::pin(self.tell_about())
    }
    fn images(&self) -> Answer<'_, Vec<(String, String)>> {
        Box::pin(self.list_images())
    }
    fn project<'a>(&'a self, project: Id, fence: &'a Fence) -> Answer<'a, ()> {
        Box::pin(self.keep_project(project, fence))
    }
    fn remove_project(&self, project: Id) -> Answer<'_, ()> {
        Box::pin(self.drop_project(project))
    }
    fn projects(&self) -> Answer<'_, Vec<Id>> {
        Box::pin(self.list_projects())
    }
    fn network<'a>(&'a self, project: Id, network: &'a Network) -> Answer<'a, ()> {
        Box::pin(self.keep_network(project, network))
    }
    fn remove_network(&self, project: Id, network: Id) -> Answer<'_, ()> {
        Box::pin(self.drop_network(project, network))
    }
    fn volume<'a>(&'a self, project: Id, volume: &'a Volume) -> Answer<'a, ()> {
        Box::pin(self.keep_volume(project, volume))
    }
    fn remove_volume(&self, project: Id, volume: Id) -> Answer<'_, ()> {
        Box::pin(self.drop_volume(project, volume))
    }
    fn instance<'a>(&'a self, project: Id, instance: &'a Instance) -> Answer<'a, ()> {
        Box::pin(self.keep_instance(project, instance))
    }
    fn remove_instance(&self, project: Id, instance: Id) -> Answer<'_, ()> {
        Box::pin(self.drop_instance(project, instance))
    }
    fn snapshot(&self, project: Id, of: Id, snapshot: Id) -> Answer<'_, ()> {
        Box::pin(self.keep_snapshot(project, of, snapshot))
    }
    fn restore(&self, project: Id, of: Id, snapshot: Id) -> Answer<'_, ()> {
        Box::pin(self.bring_back(project, of, snapshot))
    }
    fn remove_snapshot(&self, project: Id, of: Id, snapshot: Id) -> Answer<'_, ()> {
        Box::pin(self.drop_snapshot(project, of, snapshot))
    }
    fn run<'a>(&'a self, project: Id, instance: Id, command: &'a [String], seconds: u32) -> Answer<'a, Said> {
        Box::pin(self.run_inside(project, instance, command, seconds))
    }
    fn inventory(&self, project: Id) -> Answer<'_, Inventory> {
        Box::pin(self.list_all(project))
    }
    fn usage(&self) -> Answer<'_, Vec<Usage>> {
        Box::pin(self.look_at_usage())
    }
}

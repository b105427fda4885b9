//! What makes the computers: the port to an existing engine, and what every engine behind it must do alike.
//!
//! Every call names the state it wants, not a change: asked twice, it ends the same, so a saga that was killed asks
//! again. A call returns when the engine has done it or says why not; there is no promise to ask about later.

pub mod lxd;
pub mod simulator;

use daftar_kernel::Id;
use futures_util::future::BoxFuture;

/// What an engine answers with.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, EngineError>>;

/// Why an engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// It cannot be reached, or did not answer in time: ask again later.
    #[error("the engine cannot be reached: {0}")]
    Gone(String),
    /// It is there and says no for good: asking again changes nothing.
    #[error("the engine refuses: {0}")]
    Refused(String),
    /// There is no such thing there.
    #[error("the engine knows no such thing: {0}")]
    Missing(String),
    /// It answered something that cannot be: it lies, or is another engine than we know.
    #[error("the engine's answer makes no sense: {0}")]
    Nonsense(String),
}

impl EngineError {
    /// Whether asking the same again later can help.
    #[must_use]
    pub fn can_pass(&self) -> bool {
        matches!(self, Self::Gone(_) | Self::Nonsense(_))
    }
}

/// What an engine is and can do.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct About {
    /// `lxd`, `incus` or `simulator`.
    pub name: String,
    /// Its version, as it says.
    pub version: String,
    /// True when no computer is really made: every page then says so.
    pub simulated: bool,
    /// What this engine cannot do on this machine, in words for the operator (no disk quota, no cgroup limit…).
    pub lacks: Vec<String>,
}

/// The fence around a project: the second one, behind Daftar's own quota.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fence {
    /// Most instances.
    pub instances: u32,
    /// Most virtual processors, over all instances.
    pub vcpus: u32,
    /// Most memory over all instances, in MiB.
    pub memory_mib: u64,
    /// Most disk over all instances, volumes and snapshots, in MiB.
    pub disk_mib: u64,
}

/// A computer.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// Daftar's id of it; the engine's name for it is made from this.
    pub id: Id,
    /// The image it starts from, by fingerprint (SHA-256, hexadecimal).
    pub image: String,
    /// Virtual processors.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Root disk in MiB, as the agency ordered it; the engine's own head room comes on top.
    pub disk_mib: u64,
    /// Networks it is attached to, in order; the first is `eth0`.
    pub networks: Vec<Id>,
    /// Volumes attached, with the folder each is mounted at.
    pub volumes: Vec<(Id, String)>,
    /// What the agency has its image do at the first start (cloud-init user data); empty: nothing.
    pub user_data: String,
    /// Whether it shall run.
    pub running: bool,
}

/// A private network of a project.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Daftar's id of it.
    pub id: Id,
    /// Its IPv4 block with the gateway's address, e.g. `10.64.3.1/24`: Daftar gives out blocks that do not overlap.
    pub block: String,
    /// Whether its instances reach the world outside (through the machine's own address).
    pub reaches_out: bool,
    /// What may come in and go out; whatever no rule allows is dropped, answers excepted.
    pub rules: Vec<Rule>,
}

/// One rule of a network.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// True: into the network; false: out of it.
    pub incoming: bool,
    /// `tcp`, `udp` or `icmp4`.
    pub protocol: String,
    /// The other side's block, e.g. `10.64.4.0/24`; empty: anybody.
    pub peer: String,
    /// Ports at the destination, e.g. `443` or `8000-8010`; empty: all (and for `icmp4`).
    pub ports: String,
}

/// A disk that outlives instances.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// Daftar's id of it.
    pub id: Id,
    /// Its size in MiB, as ordered.
    pub size_mib: u64,
}

/// How an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It runs.
    Running,
    /// It is there and does not run.
    Stopped,
    /// The engine says it is broken.
    Broken,
}

/// Everything the engine has under Daftar's mark in one project.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Inventory {
    /// Instances with their state and the addresses they have (IPv4).
    pub instances: Vec<(Id, State, Vec<String>)>,
    /// Networks.
    pub networks: Vec<Id>,
    /// Volumes.
    pub volumes: Vec<Id>,
    /// Snapshots, each with what it is of (an instance or a volume).
    pub snapshots: Vec<(Id, Id)>,
}

/// How an instance is set and what it has used since it was made or since the engine began to count.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Usage {
    /// Whose project.
    pub project: Id,
    /// Which instance.
    pub instance: Id,
    /// How it is: what is broken is not billed.
    pub state: State,
    /// Virtual processors the engine has given it.
    pub vcpus: u32,
    /// Memory the engine has given it, in MiB.
    pub memory_mib: u64,
    /// Disk as ordered, in MiB, without the engine's head room.
    pub disk_mib: u64,
    /// Processor time in nanoseconds: only grows, and begins at zero again after a restart.
    pub cpu_ns: u64,
    /// Memory in use now, in bytes.
    pub memory_bytes: u64,
    /// Disk in use now, in bytes; none where the engine cannot say.
    pub disk_bytes: Option<u64>,
    /// Bytes received, growing like `cpu_ns`.
    pub received_bytes: u64,
    /// Bytes sent, growing like `cpu_ns`.
    pub sent_bytes: u64,
}

/// What a command inside an instance said.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Said {
    /// Its exit status.
    pub status: i64,
    /// The first bytes of its standard output and error (at most [`SAID_LIMIT`] each), as text.
    pub out: String,
    /// See `out`.
    pub err: String,
}

/// The most of a command's output that is kept, in bytes.
pub const SAID_LIMIT: usize = 64 * 1024;

/// An existing engine. All implementations pass the same contract tests (`tests/it/contract.rs`).
pub trait Engine: Send + Sync {
    /// What it is and can do here.
    fn about(&self) -> Answer<'_, About>;
    /// Images it has, by fingerprint, with the description it keeps.
    fn images(&self) -> Answer<'_, Vec<(String, String)>>;
    /// Makes or changes the project's room.
    fn project<'a>(&'a self, project: Id, fence: &'a Fence) -> Answer<'a, ()>;
    /// Removes an empty room; one that is not there is removed already.
    fn remove_project(&self, project: Id) -> Answer<'_, ()>;
    /// Rooms it has under our mark.
    fn projects(&self) -> Answer<'_, Vec<Id>>;
    /// Makes or changes a network.
    fn network<'a>(&'a self, project: Id, network: &'a Network) -> Answer<'a, ()>;
    /// Removes a network nobody is attached to.
    fn remove_network(&self, project: Id, network: Id) -> Answer<'_, ()>;
    /// Makes or enlarges a volume.
    fn volume<'a>(&'a self, project: Id, volume: &'a Volume) -> Answer<'a, ()>;
    /// Removes a volume that is attached to nothing.
    fn remove_volume(&self, project: Id, volume: Id) -> Answer<'_, ()>;
    /// Makes an instance, or brings one to what is wanted: size, attachments, running or not.
    fn instance<'a>(&'a self, project: Id, instance: &'a Instance) -> Answer<'a, ()>;
    /// Stops and removes an instance with its snapshots.
    fn remove_instance(&self, project: Id, instance: Id) -> Answer<'_, ()>;
    /// Keeps a snapshot of an instance or a volume.
    fn snapshot(&self, project: Id, of: Id, snapshot: Id) -> Answer<'_, ()>;
    /// Brings an instance or a volume back to a snapshot; an instance must be stopped.
    fn restore(&self, project: Id, of: Id, snapshot: Id) -> Answer<'_, ()>;
    /// Removes a snapshot.
    fn remove_snapshot(&self, project: Id, of: Id, snapshot: Id) -> Answer<'_, ()>;
    /// Runs one command inside a running instance and waits for its end, at most `seconds`.
    fn run<'a>(&'a self, project: Id, instance: Id, command: &'a [String], seconds: u32) -> Answer<'a, Said>;
    /// Everything it has in a project under our mark.
    fn inventory(&self, project: Id) -> Answer<'_, Inventory>;
    /// What every instance of every project has used, in one look.
    fn usage(&self) -> Answer<'_, Vec<Usage>>;
}

//! Resources: what was wanted, with a generation that each change counts up, and what was observed.

use crate::cloud::Cloud;
use crate::engine::Rule;
use crate::measure::{Amounts, Measure};
use crate::{problems, quota, saga};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{Row, Tx, params, sql};
use serde::{Deserialize, Serialize};

/// Most resources of a project that are there at one time; quotas are mostly lower.
pub const RESOURCES_MAX: i64 = 1_000;
/// Longest name of a resource, in bytes.
pub const NAME_MAX: usize = 40;

/// What a resource is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// A computer.
    Instance,
    /// A private network.
    Network,
    /// A disk that outlives instances.
    Volume,
    /// A kept state of an instance or a volume.
    Snapshot,
}

impl Kind {
    /// All of them, in the order pages show them.
    pub const ALL: [Self; 4] = [Self::Instance, Self::Network, Self::Volume, Self::Snapshot];
    /// The word in tables and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::Network => "network",
            Self::Volume => "volume",
            Self::Snapshot => "snapshot",
        }
    }
    /// The kind of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// How a resource shall be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// An instance that runs.
    Running,
    /// An instance that does not.
    Stopped,
    /// Anything else that is there.
    Present,
    /// Not there any more.
    Gone,
}

impl Wanted {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Running, Self::Stopped, Self::Present, Self::Gone];
    /// The word in tables and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Present => "present",
            Self::Gone => "gone",
        }
    }
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wanted| wanted.word() == word)
    }
}

/// How a resource was, when the engine was asked last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Observed {
    /// Nobody has seen it yet.
    Unknown,
    /// It runs.
    Running,
    /// It does not run.
    Stopped,
    /// It is there.
    Present,
    /// The engine says it is broken.
    Broken,
    /// The engine does not have it, though it was made.
    Missing,
    /// The engine refused for good what was wanted.
    Refused,
}

impl Observed {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Unknown,
        Self::Running,
        Self::Stopped,
        Self::Present,
        Self::Broken,
        Self::Missing,
        Self::Refused,
    ];
    /// The word in tables and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Present => "present",
            Self::Broken => "broken",
            Self::Missing => "missing",
            Self::Refused => "refused",
        }
    }
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|observed| observed.word() == word)
    }
}

/// An instance as it was ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceSpec {
    /// Code of the size in the catalogue.
    pub size: String,
    /// Code of the image in the catalogue.
    pub image: String,
    /// The image's fingerprint at the time of the order.
    pub fingerprint: String,
    /// Virtual processors.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Root disk in MiB.
    pub disk_mib: u64,
    /// Networks it is attached to, in order.
    pub networks: Vec<Id>,
    /// Volumes attached, with the folder each is mounted at.
    pub volumes: Vec<(Id, String)>,
    /// What its image does at the first start; empty: nothing.
    pub user_data: String,
    /// The snapshot it is to be brought back to.
    pub restore: Option<Id>,
}

/// A network as it was ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkSpec {
    /// Which block of the country's plan it has.
    pub block: i64,
    /// Whether its instances reach the world outside.
    pub reaches_out: bool,
    /// What may come in and go out.
    pub rules: Vec<RuleSpec>,
}

/// A rule of a network, as [`Rule`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSpec {
    /// True: into the network.
    pub incoming: bool,
    /// `tcp`, `udp` or `icmp4`.
    pub protocol: String,
    /// The other side's block; empty: anybody.
    pub peer: String,
    /// Ports at the destination; empty: all.
    pub ports: String,
}

impl From<&RuleSpec> for Rule {
    fn from(rule: &RuleSpec) -> Self {
        Self {
            incoming: rule.incoming,
            protocol: rule.protocol.clone(),
            peer: rule.peer.clone(),
            ports: rule.ports.clone(),
        }
    }
}

/// A volume as it was ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeSpec {
    /// Its size in MiB.
    pub size_mib: u64,
    /// The snapshot it is to be brought back to.
    pub restore: Option<Id>,
}

/// A snapshot as it was ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotSpec {
    /// What it is of: an instance or a volume of the same project.
    pub of: Id,
    /// Disk reserved for it, in MiB: as much as what it is of.
    pub disk_mib: u64,
}

/// What was ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Spec {
    /// A computer.
    Instance(InstanceSpec),
    /// A private network.
    Network(NetworkSpec),
    /// A disk.
    Volume(VolumeSpec),
    /// A kept state.
    Snapshot(SnapshotSpec),
}

/// MiB as quotas count them.
fn mib(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

impl Spec {
    /// What kind of thing it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Instance(_) => Kind::Instance,
            Self::Network(_) => Kind::Network,
            Self::Volume(_) => Kind::Volume,
            Self::Snapshot(_) => Kind::Snapshot,
        }
    }
    /// How much of the quota it takes.
    #[must_use]
    pub fn amounts(&self) -> Amounts {
        match self {
            Self::Instance(spec) => Amounts::of([
                (Measure::Instances, 1),
                (Measure::Vcpus, i64::from(spec.vcpus)),
                (Measure::MemoryMib, mib(spec.memory_mib)),
                (Measure::DiskMib, mib(spec.disk_mib)),
            ]),
            Self::Network(_) => Amounts::of([(Measure::Networks, 1)]),
            Self::Volume(spec) => {
                Amounts::of([(Measure::Volumes, 1), (Measure::DiskMib, mib(spec.size_mib))])
            }
            Self::Snapshot(spec) => {
                Amounts::of([(Measure::Snapshots, 1), (Measure::DiskMib, mib(spec.disk_mib))])
            }
        }
    }
    /// The instance.
    #[must_use]
    pub const fn instance(&self) -> Option<&InstanceSpec> {
        match self {
            Self::Instance(spec) => Some(spec),
            _ => None,
        }
    }
    /// The network.
    #[must_use]
    pub const fn network(&self) -> Option<&NetworkSpec> {
        match self {
            Self::Network(spec) => Some(spec),
            _ => None,
        }
    }
    /// The volume.
    #[must_use]
    pub const fn volume(&self) -> Option<&VolumeSpec> {
        match self {
            Self::Volume(spec) => Some(spec),
            _ => None,
        }
    }
    /// Whether this stands on another resource: is attached to it, or a snapshot of it.
    #[must_use]
    pub fn stands_on(&self, other: Id) -> bool {
        match self {
            Self::Instance(spec) => {
                spec.networks.contains(&other) || spec.volumes.iter().any(|(id, _)| *id == other)
            }
            Self::Snapshot(spec) => spec.of == other,
            Self::Network(_) | Self::Volume(_) => false,
        }
    }
    /// With nothing to be brought back to.
    #[must_use]
    pub fn restored(mut self) -> Self {
        match &mut self {
            Self::Instance(spec) => spec.restore = None,
            Self::Volume(spec) => spec.restore = None,
            Self::Network(_) | Self::Snapshot(_) => {}
        }
        self
    }
}

/// A resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Code of the agency it belongs to.
    pub agency: String,
    /// The project it stands in.
    pub project: Id,
    /// Its identifier.
    pub id: Id,
    /// What people call it; unique among what is there of its kind in the project.
    pub name: String,
    /// What was ordered.
    pub spec: Spec,
    /// How it shall be.
    pub wanted: Wanted,
    /// Counts its changes, from 1.
    pub generation: i64,
    /// The generation that was reached, or refused for good.
    pub settled: i64,
    /// How it was last.
    pub observed: Observed,
    /// Addresses the engine gave it.
    pub addresses: Vec<String>,
    /// Why the engine did not do what is wanted, in its own words; empty when it did.
    pub fault: String,
    /// How often in a row it did not.
    pub tries: i64,
    /// When it was ordered.
    pub made_at: Timestamp,
    /// When it was changed last.
    pub changed_at: Timestamp,
}

impl Resource {
    /// What kind of thing it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.spec.kind()
    }
    /// Whether the engine has still to be asked for what is wanted.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        self.settled < self.generation
    }
    /// Whether it runs as is wanted.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.observed == Observed::Running && self.wanted == Wanted::Running && !self.is_under_way()
    }
    /// Whether the engine shows it as is wanted.
    #[must_use]
    pub const fn is_as_wanted(&self) -> bool {
        matches!(
            (self.wanted, self.observed),
            (Wanted::Running, Observed::Running)
                | (Wanted::Stopped, Observed::Stopped)
                | (Wanted::Present, Observed::Present)
        )
    }
}

fn read(row: &Row) -> Result<Resource, Problem> {
    let torn = |what: &str| Problem::internal(format!("a resource's {what} does not read"));
    let addresses: &str = row.get(9)?;
    Ok(Resource {
        agency: row.get(0)?,
        project: row.get(1)?,
        id: row.get(2)?,
        name: row.get(3)?,
        spec: serde_json::from_str(row.get(4)?).map_err(|_| torn("specification"))?,
        wanted: Wanted::from_word(row.get(5)?).ok_or_else(|| torn("wanted state"))?,
        generation: row.get(6)?,
        settled: row.get(7)?,
        observed: Observed::from_word(row.get(8)?).ok_or_else(|| torn("observed state"))?,
        addresses: addresses.split_whitespace().map(str::to_string).collect(),
        fault: row.get(10)?,
        tries: row.get(11)?,
        made_at: row.get(12)?,
        changed_at: row.get(13)?,
    })
}

/// What is in a project, oldest first.
pub(crate) async fn all(tx: &mut Tx, agency: &str, project: Id) -> Result<Vec<Resource>, Problem> {
    let text = sql!(
        "select agency_id, project, id, name, spec, wanted, generation, settled, observed, addresses, fault, tries, \
         made_at, changed_at from cloud_resource where agency_id = $1 and project = $2 and gone_at = 0 \
         order by id limit $3"
    );
    tx.query(text, &params![agency, project, RESOURCES_MAX]).await?.iter().map(read).collect()
}

/// One that is there.
pub(crate) async fn find(
    tx: &mut Tx,
    (agency, project): (&str, Id),
    id: Id,
) -> Result<Option<Resource>, Problem> {
    let text = sql!(
        "select agency_id, project, id, name, spec, wanted, generation, settled, observed, addresses, fault, tries, \
         made_at, changed_at from cloud_resource where agency_id = $1 and project = $2 and id = $3 and gone_at = 0"
    );
    tx.query_opt(text, &params![agency, project, id]).await?.map(|row| read(&row)).transpose()
}

/// One of a kind that is there and is to stay.
///
/// # Errors
/// 404; `cloud-leaving`.
pub(crate) async fn staying(tx: &mut Tx, place: (&str, Id), id: Id, kind: Kind) -> Result<Resource, Problem> {
    let found = find(tx, place, id).await?.filter(|resource| resource.kind() == kind);
    let found = found.ok_or_else(Problem::not_found)?;
    if found.wanted == Wanted::Gone { Err(problems::leaving()) } else { Ok(found) }
}

/// A name of a resource: lower-case letters, digits and single hyphens, a letter first.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.len() <= NAME_MAX && daftar_office::roster::is_code(text)
}

/// What is new in a project.
pub(crate) struct New<'a> {
    pub(crate) id: Id,
    pub(crate) agency: &'a str,
    pub(crate) project: Id,
    pub(crate) name: &'a str,
    pub(crate) spec: Spec,
    pub(crate) wanted: Wanted,
}

/// Reserves, writes down what is wanted, and sets the saga going.
///
/// # Errors
/// `cloud-name-taken`, `cloud-quota`; the store's.
pub(crate) async fn insert(cloud: &Cloud, tx: &mut Tx, new: New<'_>) -> Result<(), Problem> {
    let now = cloud.now();
    let New { id, agency, project, name, spec, wanted } = new;
    quota::reserve(tx, (agency, project), id, &spec.amounts()).await?;
    let text = sql!(
        "insert into cloud_resource (agency_id, project, id, kind, name, spec, wanted, generation, settled, observed, \
         addresses, fault, tries, made_at, changed_at, gone_at) \
         values ($1, $2, $3, $4, $5, $6, $7, 1, 0, 'unknown', '', '', 0, $8, $8, 0) \
         on conflict (agency_id, project, kind, name, gone_at) do nothing"
    );
    let json = serde_json::to_string(&spec).map_err(Problem::internal)?;
    let params = params![agency, project, id, spec.kind().word(), name, json, wanted.word(), now];
    if tx.execute(text, &params).await? == 0 {
        return Err(problems::name_taken());
    }
    saga::enqueue(tx, (agency, project, id), &spec, now).await
}

/// Writes down another wish for a resource that is there, and sets the saga going. What it needs more of the quota is reserved
/// here; what it needs less is given back when the engine has done it.
///
/// # Errors
/// `cloud-quota`; the store's.
pub(crate) async fn change(
    cloud: &Cloud,
    tx: &mut Tx,
    was: &Resource,
    spec: Spec,
    wanted: Wanted,
) -> Result<(), Problem> {
    let (place, now) = ((was.agency.as_str(), was.project), cloud.now());
    let (old, new) = (was.spec.amounts(), spec.amounts());
    let more = Measure::ALL.map(|measure| (measure, (new.get(measure) - old.get(measure)).max(0)));
    quota::reserve(tx, place, was.id, &Amounts::of(more)).await?;
    let text = sql!(
        "update cloud_resource set spec = $4, wanted = $5, generation = generation + 1, fault = '', tries = 0, \
         changed_at = $6 where agency_id = $1 and project = $2 and id = $3"
    );
    let json = serde_json::to_string(&spec).map_err(Problem::internal)?;
    tx.execute(text, &params![place.0, place.1, was.id, json, wanted.word(), now]).await?;
    saga::enqueue(tx, (place.0, place.1, was.id), &spec, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_at_the_limit_and_one_past() {
        assert!(is_name(&"a".repeat(NAME_MAX)) && !is_name(&"a".repeat(NAME_MAX + 1)));
        for bad in ["", "Web", "-web", "web-", "9web", "we b", "wéb"] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn words_lead_back_and_specs_round() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_word(kind.word()), Some(kind));
        }
        for wanted in Wanted::ALL {
            assert_eq!(Wanted::from_word(wanted.word()), Some(wanted));
        }
        for observed in Observed::ALL {
            assert_eq!(Observed::from_word(observed.word()), Some(observed));
        }
        let id = Id::from_bytes([3; 16]);
        let spec = Spec::Volume(VolumeSpec { size_mib: 7, restore: Some(id) });
        let text = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<Spec>(&text).unwrap(), spec);
        assert_eq!(spec.amounts().get(Measure::DiskMib), 7);
        assert_eq!(spec.restored(), Spec::Volume(VolumeSpec { size_mib: 7, restore: None }));
    }
}

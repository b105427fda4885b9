//! What programs send and are sent.

use crate::catalogue::{self, Catalogue};
use crate::cloud::{Done, Health};
use crate::engine::Said;
use crate::instance::NewInstance;
use crate::measure::Measure;
use crate::order::Order;
use crate::problems;
use crate::project::{Project, Room};
use crate::resource::{Resource, RuleSpec, Spec};
use crate::token::Token;
use daftar_kernel::{Id, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What was done.
#[derive(Serialize, ToSchema)]
pub(super) struct DoneBody {
    /// What it was done to, or what was made.
    #[schema(value_type = String, format = "uuid")]
    pub(super) id: Id,
    /// Receipt of the act.
    #[schema(value_type = String, format = "uuid")]
    pub(super) receipt: Id,
}
impl From<Done> for DoneBody {
    fn from(done: Done) -> Self {
        Self { id: done.id, receipt: done.receipt }
    }
}

/// The receipt of an act.
#[derive(Serialize, ToSchema)]
pub(super) struct CloudReceiptBody {
    /// Receipt of the act.
    #[schema(value_type = String, format = "uuid")]
    pub(super) receipt: Id,
}

/// A new project.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Hospital appointments"}))]
pub(super) struct ProjectNameBody {
    /// What people call it.
    #[schema(min_length = 1, max_length = 80)]
    pub(super) name: String,
}

/// A project.
#[derive(Serialize, ToSchema)]
pub(super) struct ProjectBody {
    #[schema(value_type = String, format = "uuid")]
    id: Id,
    /// What people call it.
    name: String,
    /// Code of the agency.
    agency: String,
    /// `reader`, `operator` or `owner`: what the one who asks may do there.
    part: String,
}
impl From<&Project> for ProjectBody {
    fn from(project: &Project) -> Self {
        let (name, agency) = (project.name.clone(), project.agency.clone());
        Self { id: project.id, name, agency, part: project.part.word().into() }
    }
}

/// Projects. A list has a name of its own in the API's description.
#[derive(Serialize, ToSchema)]
pub(super) struct ProjectsBody(pub(super) Vec<ProjectBody>);

/// Orders.
#[derive(Serialize, ToSchema)]
pub(super) struct OrdersBody(pub(super) Vec<CloudOrderBody>);

/// Tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct TokensBody(pub(super) Vec<TokenBody>);

/// A project with all that is in it.
#[derive(Serialize, ToSchema)]
pub(super) struct RoomBody {
    project: ProjectBody,
    quotas: Vec<QuotaRowBody>,
    resources: Vec<ResourceBody>,
    members: Vec<MemberRowBody>,
}

/// A quota.
#[derive(Serialize, ToSchema)]
struct QuotaRowBody {
    /// `instances`, `vcpus`, `memory_mib`, `disk_mib`, `networks`, `volumes` or `snapshots`.
    measure: String,
    /// The most.
    quota: i64,
    /// What is taken.
    reserved: i64,
}

/// A member.
#[derive(Serialize, ToSchema)]
struct MemberRowBody {
    #[schema(value_type = String, format = "uuid")]
    member: Id,
    name: String,
    /// `reader`, `operator` or `owner`.
    part: String,
}

/// A resource, wanted and observed.
#[derive(Serialize, ToSchema)]
struct ResourceBody {
    #[schema(value_type = String, format = "uuid")]
    id: Id,
    /// `instance`, `network`, `volume` or `snapshot`.
    kind: String,
    name: String,
    /// What was ordered.
    #[schema(value_type = Object)]
    spec: Value,
    /// `running`, `stopped`, `present` or `gone`.
    wanted: String,
    /// Counts its changes.
    generation: i64,
    /// The generation that was reached, or refused for good.
    settled: i64,
    /// `unknown`, `running`, `stopped`, `present`, `broken`, `missing` or `refused`.
    observed: String,
    /// Addresses the engine gave it.
    addresses: Vec<String>,
    /// Why the engine did not do what is wanted; empty when it did.
    fault: String,
}

impl From<&Resource> for ResourceBody {
    fn from(one: &Resource) -> Self {
        let mut spec = serde_json::to_value(&one.spec).unwrap_or_default();
        if let Spec::Network(network) = &one.spec {
            // The number of the block means nothing outside.
            spec["block"] = crate::block::gateway(network.block).into();
        }
        Self {
            id: one.id,
            kind: one.kind().word().into(),
            name: one.name.clone(),
            spec,
            wanted: one.wanted.word().into(),
            generation: one.generation,
            settled: one.settled,
            observed: one.observed.word().into(),
            addresses: one.addresses.clone(),
            fault: one.fault.clone(),
        }
    }
}

impl From<Room> for RoomBody {
    fn from(room: Room) -> Self {
        Self {
            project: ProjectBody::from(&room.project),
            quotas: room
                .quotas
                .iter()
                .map(|one| QuotaRowBody {
                    measure: one.measure.word().into(),
                    quota: one.quota,
                    reserved: one.reserved,
                })
                .collect(),
            resources: room.resources.iter().map(ResourceBody::from).collect(),
            members: room
                .members
                .iter()
                .map(|one| MemberRowBody {
                    member: one.official,
                    name: one.name.clone(),
                    part: one.part.word().into(),
                })
                .collect(),
        }
    }
}

/// A membership.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"login": "omar", "part": "reader"}))]
pub(super) struct MemberBody {
    /// The name the official signs in with.
    pub(super) login: String,
    /// `reader`, `operator` or `owner`.
    pub(super) part: String,
}

/// A wish for a larger quota.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"quota": {"instances": 20}, "reason": "Appointments of three more hospitals"}))]
pub(super) struct QuotaBody {
    /// Amounts by measure; those not named stay.
    pub(super) quota: BTreeMap<String, i64>,
    /// Why; the two who decide read it.
    #[schema(min_length = 1, max_length = 500)]
    pub(super) reason: String,
}

/// An order.
#[derive(Serialize, ToSchema)]
pub(super) struct CloudOrderBody {
    #[schema(value_type = String, format = "uuid")]
    id: Id,
    /// `instance` or `quota`.
    kind: String,
    /// What was asked for.
    #[schema(value_type = Object)]
    wish: Value,
    /// `open`, `done` or `refused`.
    state: String,
    /// Who asked.
    asked_by: String,
    /// The instance that came of it.
    #[schema(value_type = Option<String>, format = "uuid")]
    resource: Option<Id>,
}
impl From<&Order> for CloudOrderBody {
    fn from(order: &Order) -> Self {
        Self {
            id: order.id,
            kind: order.kind.clone(),
            wish: order.wish.clone(),
            state: order.state.word().into(),
            asked_by: order.asked_name.clone(),
            resource: order.resource,
        }
    }
}

/// An order of an instance.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "web", "size": "small", "image": "busybox"}))]
pub(super) struct InstanceBody {
    /// Lower-case letters, digits and single hyphens, a letter first.
    #[schema(min_length = 1, max_length = 40)]
    name: String,
    /// Code of a size.
    size: String,
    /// Code of an image.
    image: String,
    /// Networks of the project, in order.
    #[serde(default)]
    #[schema(max_items = 8)]
    networks: Vec<String>,
    /// Volumes of the project.
    #[serde(default)]
    #[schema(max_items = 8)]
    volumes: Vec<MountBody>,
    /// User data for cloud-init; no secrets.
    #[serde(default)]
    #[schema(max_length = 16_384)]
    user_data: String,
}

/// A volume of an instance.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MountBody {
    #[schema(value_type = String, format = "uuid")]
    volume: Id,
    /// The folder it is mounted at, e.g. `/data`.
    folder: String,
}

impl InstanceBody {
    /// The order.
    ///
    /// # Errors
    /// `cloud-entry` for a network that is no identifier.
    pub(super) fn order(self) -> Result<NewInstance, Problem> {
        let networks: Result<Vec<Id>, _> = self.networks.iter().map(|id| id.parse()).collect();
        Ok(NewInstance {
            name: self.name,
            size: self.size,
            image: self.image,
            networks: networks.map_err(|_| problems::entry().field("networks", "cloud-fault-networks"))?,
            volumes: self.volumes.into_iter().map(|one| (one.volume, one.folder)).collect(),
            user_data: self.user_data,
        })
    }
}

/// Whether an instance shall run.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RunBody {
    pub(super) running: bool,
}

/// Another size.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SizeBody {
    /// Code of a size.
    pub(super) size: String,
}

/// A command, word by word; no shell reads it unless it is one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"command": ["uname", "-a"]}))]
pub(super) struct CommandBody {
    #[schema(min_items = 1)]
    pub(super) command: Vec<String>,
}

/// What a command said.
#[derive(Serialize, ToSchema)]
pub(super) struct SaidBody {
    /// Its exit status.
    status: i64,
    /// The first 64 KiB of its standard output.
    out: String,
    /// The first 64 KiB of its standard error.
    err: String,
}
impl From<Said> for SaidBody {
    fn from(said: Said) -> Self {
        Self { status: said.status, out: said.out, err: said.err }
    }
}

/// A new network.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "inside", "reaches_out": false}))]
pub(super) struct NetworkBody {
    /// As an instance's.
    #[schema(min_length = 1, max_length = 40)]
    pub(super) name: String,
    /// Whether its instances reach the world outside.
    #[serde(default)]
    pub(super) reaches_out: bool,
}

/// All rules of a network.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"rules": [{"incoming": true, "protocol": "tcp", "peer": "10.64.4.0/24", "ports": "443"}]}))]
pub(super) struct RulesBody {
    #[schema(max_items = 50)]
    pub(super) rules: Vec<RuleBody>,
}

/// One rule.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleBody {
    /// True: into the network; false: out of it.
    incoming: bool,
    /// `tcp`, `udp` or `icmp4`.
    protocol: String,
    /// The other side's IPv4 block; empty: anybody.
    #[serde(default)]
    peer: String,
    /// Ports, e.g. `443` or `8000-8010`; empty: all.
    #[serde(default)]
    ports: String,
}
impl From<RuleBody> for RuleSpec {
    fn from(rule: RuleBody) -> Self {
        Self { incoming: rule.incoming, protocol: rule.protocol, peer: rule.peer, ports: rule.ports }
    }
}

/// A new volume.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "data", "size_mib": 1024}))]
pub(super) struct VolumeBody {
    /// As an instance's.
    #[schema(min_length = 1, max_length = 40)]
    pub(super) name: String,
    /// Its size in MiB.
    #[schema(minimum = 64, maximum = 16_777_216)]
    pub(super) size_mib: u64,
}

/// A larger volume.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VolumeSizeBody {
    /// Its new size in MiB.
    #[schema(minimum = 64, maximum = 16_777_216)]
    pub(super) size_mib: u64,
}

/// A new snapshot.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SnapshotBody {
    /// As an instance's.
    #[schema(min_length = 1, max_length = 40)]
    pub(super) name: String,
    /// The instance or volume it is of.
    #[schema(value_type = String, format = "uuid")]
    pub(super) of: Id,
}

/// A new token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"label": "deploy", "may_change": true, "seconds": 3600}))]
pub(super) struct NewTokenBody {
    /// What one calls it.
    #[schema(min_length = 1, max_length = 60)]
    pub(super) label: String,
    /// Whether it may change things.
    #[serde(default)]
    pub(super) may_change: bool,
    /// How long it holds.
    #[schema(minimum = 60, maximum = 86_400)]
    pub(super) seconds: i64,
}

/// A token.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenBody {
    #[schema(value_type = String, format = "uuid")]
    id: Id,
    label: String,
    may_change: bool,
    /// When it ends, in seconds since 1970.
    ends: i64,
}
impl From<&Token> for TokenBody {
    fn from(token: &Token) -> Self {
        let (label, ends) = (token.label.clone(), token.ends_at.seconds());
        Self { id: token.id, label, may_change: token.may_change, ends }
    }
}

/// A token with its secret.
#[derive(Serialize, ToSchema)]
pub(super) struct SecretBody {
    pub(super) token: TokenBody,
    /// What a program sends as `Authorization: Bearer`. It is told this once.
    pub(super) secret: String,
}

/// What the country offers.
#[derive(Serialize, ToSchema)]
pub(super) struct CatalogueBody {
    sizes: Vec<CatalogueSizeBody>,
    images: Vec<CatalogueImageBody>,
    /// What a new project may reserve, by measure.
    quota: BTreeMap<String, i64>,
    /// What two officials can let a project grow to, by measure.
    quota_most: BTreeMap<String, i64>,
    /// Prices of today as decimal texts in the country's currency.
    prices: BTreeMap<String, String>,
    engine: EngineBody,
}

/// A size of the catalogue.
#[derive(Serialize, ToSchema)]
struct CatalogueSizeBody {
    code: String,
    /// Its name by language.
    label: BTreeMap<String, String>,
    vcpus: u32,
    memory_mib: u64,
    disk_mib: u64,
    /// Whether two officials must approve each order of it.
    approval: bool,
}

/// An image of the catalogue.
#[derive(Serialize, ToSchema)]
struct CatalogueImageBody {
    code: String,
    /// Its name by language.
    label: BTreeMap<String, String>,
    /// What is in it, by language.
    about: BTreeMap<String, String>,
    /// SHA-256, hexadecimal.
    fingerprint: String,
    /// The day it was made.
    made: String,
}

/// What makes the computers.
#[derive(Serialize, ToSchema)]
struct EngineBody {
    /// `lxd`, `incus` or `simulator`; empty while it does not answer.
    name: String,
    version: String,
    /// True when no computer is really made.
    simulated: bool,
    /// What it cannot do here, in words for the operator.
    lacks: Vec<String>,
}

impl CatalogueBody {
    /// What is offered, at the prices of a day.
    pub(super) fn of(catalogue: &Catalogue, day: &str, health: Health) -> Self {
        let words = |label: &daftar_kernel::Label| {
            label.0.iter().map(|(lang, text)| (lang.tag().to_string(), text.clone())).collect()
        };
        let amounts = |amounts: &crate::measure::Amounts| {
            Measure::ALL.map(|one| (one.word().to_string(), amounts.get(one))).into()
        };
        let prices = catalogue.prices_on(day).cloned().unwrap_or_default();
        let prices = [
            ("vcpu_hour", prices.vcpu_hour),
            ("memory_gib_hour", prices.memory_gib_hour),
            ("disk_gib_hour", prices.disk_gib_hour),
            ("sent_gib", prices.sent_gib),
        ];
        Self {
            sizes: catalogue
                .sizes
                .iter()
                .map(|one| CatalogueSizeBody {
                    code: one.code.clone(),
                    label: words(&one.label),
                    vcpus: one.vcpus,
                    memory_mib: one.memory_mib,
                    disk_mib: one.disk_mib,
                    approval: one.approval,
                })
                .collect(),
            images: catalogue
                .images
                .iter()
                .map(|one| CatalogueImageBody {
                    code: one.code.clone(),
                    label: words(&one.label),
                    about: words(&one.about),
                    fingerprint: one.fingerprint.clone(),
                    made: one.made.clone(),
                })
                .collect(),
            quota: amounts(&catalogue.quota),
            quota_most: amounts(&catalogue.quota_most),
            prices: prices.map(|(name, micros)| (name.to_string(), catalogue::written(micros))).into(),
            engine: match health {
                Health::Here(about) => EngineBody {
                    name: about.name,
                    version: about.version,
                    simulated: about.simulated,
                    lacks: about.lacks,
                },
                Health::Gone(_) | Health::Unknown => {
                    let (name, version) = (String::new(), String::new());
                    EngineBody { name, version, simulated: false, lacks: Vec::new() }
                }
            },
        }
    }
}

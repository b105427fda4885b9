//! What others publish that theirs takes for the same load, by their own formulas.

use crate::cells::Cells;
use crate::fault::PlanError;
use crate::fixed::Fixed;
use crate::load::{Load, ServiceLoad};
use crate::site::Site;
use serde::Serialize;

/// Megabytes of a gigabyte.
const GB_MB: Fixed = Fixed::int(1000);

/// One published sizing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Peer {
    /// `mosip-registration`, `mosip-authentication` or `opencrvs`.
    pub name: &'static str,
    /// Acts a day that were put in.
    pub acts_a_day: Fixed,
    /// Pods or nodes or servers.
    pub units: u64,
    /// Provisioned vCPUs.
    pub vcpus: Fixed,
    /// Provisioned memory, in GB.
    pub memory_gb: Fixed,
    /// Disk at the end, in GB: databases, objects, records; logs apart.
    pub disk_gb: Fixed,
    /// Logs, in GB.
    pub logs_gb: Fixed,
    /// Threads that ours provisions for the same acts, at the plan's use of processors.
    pub daftar_threads: Fixed,
}

/// The published sizings that speak of a service of this site.
///
/// # Errors
/// When a cell is missing.
pub fn peers(site: &Site, load: &Load, cells: &Cells) -> Result<Vec<Peer>, PlanError> {
    let of = |name: &str| load.services.iter().find(|service| service.name == name);
    let mut list = Vec::new();
    if let Some(service) = of("enrolment") {
        list.push(mosip_registration(service, site, cells)?);
    }
    if let Some(service) = of("verification") {
        let identities = of("enrolment").map_or(service.people, |enrolment| enrolment.people);
        list.push(mosip_authentication(service, identities, cells)?);
    }
    if let Some(service) = of("civil") {
        list.push(opencrvs(service, load, cells)?);
    }
    Ok(list)
}

fn a_day(service: &ServiceLoad, cells: &Cells) -> Result<Fixed, PlanError> {
    let days = cells.positive(&format!("service.{}.days", service.name))?;
    Ok(Fixed::count(service.acts).over(days))
}

fn threads(service: &ServiceLoad, cells: &Cells) -> Result<Fixed, PlanError> {
    Ok(service.cores.over(cells.positive("load.utilisation")?))
}

/// Enrolments a day over what a node of 12 vCPUs did in the field.
fn mosip_registration(service: &ServiceLoad, site: &Site, cells: &Cells) -> Result<Peer, PlanError> {
    let get = |key: &str| cells.get(&format!("peers.mosip.{key}"));
    let day = a_day(service, cells)?;
    let nodes = day.over(cells.positive("peers.mosip.node_enrolments")?).ceil();
    let packets = Fixed::count(service.acts).times(Fixed::count(site.years));
    Ok(Peer {
        name: "mosip-registration",
        acts_a_day: day,
        units: nodes,
        vcpus: get("node_vcpu")?.times(Fixed::count(nodes)),
        memory_gb: get("node_memory")?.times(Fixed::count(nodes)),
        disk_gb: packets.times(get("packets_mb")?.plus(get("packet_db_mb")?)).over(GB_MB),
        logs_gb: Fixed::ZERO,
        daftar_threads: threads(service, cells)?,
    })
}

/// Pods for the busiest hour, two where one would do, and what stands around them.
fn mosip_authentication(service: &ServiceLoad, identities: u64, cells: &Cells) -> Result<Peer, PlanError> {
    let get = |key: &str| cells.get(&format!("peers.mosip.{key}"));
    let day = a_day(service, cells)?;
    let hour = day.times(get("peak_hour")?);
    let pods = |rate: &str| {
        let an_hour = cells.positive(&format!("peers.mosip.{rate}"))?.times(Fixed::int(3600));
        let pods = hour.over(an_hour).ceil();
        Ok::<_, PlanError>(Fixed::count(if pods == 1 { 2 } else { pods }))
    };
    let (auth, otp) = (pods("auth_rate")?, pods("otp_rate")?);
    let sum = |key: &str| {
        let both = auth.times(get(&format!("auth_{key}"))?).plus(otp.times(get(&format!("otp_{key}"))?));
        Ok::<_, PlanError>(both.plus(get(&format!("around_{key}"))?))
    };
    let identities = Fixed::count(identities);
    Ok(Peer {
        name: "mosip-authentication",
        acts_a_day: day,
        units: auth.plus(otp).ceil(),
        vcpus: sum("vcpu")?,
        memory_gb: sum("memory")?,
        disk_gb: identities.times(get("uin_mb")?).plus(day.times(get("auth_mb")?)).over(GB_MB),
        logs_gb: identities.times(get("uin_log_mb")?).plus(day.times(get("auth_log_mb")?)).over(GB_MB),
        daftar_threads: threads(service, cells)?,
    })
}

/// Servers by population, disk by the records of a year.
fn opencrvs(service: &ServiceLoad, load: &Load, cells: &Cells) -> Result<Peer, PlanError> {
    let get = |key: &str| cells.get(&format!("peers.opencrvs.{key}"));
    let people = Fixed::count(load.people);
    let million = |count: i64| Fixed::int(count * 1_000_000);
    let step = [1, 30, 60].iter().filter(|count| people >= million(**count)).count();
    let production = cells.cell("peers.opencrvs.production")?;
    let production = production.values.get(step).or(production.values.last()).copied().unwrap_or_default();
    let records = people.times(get("records")?);
    let each = get("record_mb")?.plus(get("attachment_mb")?.times(get("attachments")?));
    let disk = get("base_gb")?.plus(records.times(each).over(GB_MB));
    Ok(Peer {
        name: "opencrvs",
        acts_a_day: records.over(Fixed::int(365)),
        units: production.ceil() + 3,
        vcpus: production.times(get("server_vcpu")?).plus(get("around_vcpu")?),
        memory_gb: production.times(get("server_memory")?).plus(get("around_memory")?),
        disk_gb: disk.plus(disk.times(get("backup")?)),
        logs_gb: Fixed::ZERO,
        daftar_threads: threads(service, cells)?,
    })
}

//! From load to servers, racks and modules.

use crate::bench::Bench;
use crate::cells::{Cells, Measure};
use crate::fault::PlanError;
use crate::fixed::Fixed;
use crate::load::Load;
use crate::site::{Shape, Site};
use serde::Serialize;

/// The most servers of a plan.
pub const SERVERS_MAX: u64 = 20_000;

/// What decides how many servers there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decides {
    /// Their processors.
    Processors,
    /// Their memory.
    Memory,
    /// Their disks.
    Disks,
}

/// How large the place is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Size {
    /// What it is built as.
    pub shape: Shape,
    /// Whether the store is PostgreSQL on several servers; else it is the program's own on one.
    pub distributed: bool,
    /// Servers that the load needs.
    pub needed: u64,
    /// What decided that.
    pub decides: Decides,
    /// Servers with those that may fail.
    pub servers: u64,
    /// Servers of rotating disks; a box keeps its files itself.
    pub file_servers: u64,
    /// Hardware threads busy in the busiest second.
    pub busy_threads: Fixed,
    /// Hardware threads busy as a mean of open hours.
    pub mean_threads: Fixed,
    /// Racks.
    pub racks: u64,
    /// Modules.
    pub modules: u64,
    /// Floors of a building.
    pub floors: u64,
    /// Backups, in TB.
    pub backup_tb: Fixed,
    /// Watts of the computers in the busiest hour.
    pub peak_watts: Fixed,
    /// Watts of the computers as a mean of open hours.
    pub open_watts: Fixed,
    /// Watts of the computers while offices are closed.
    pub idle_watts: Fixed,
    /// Switches in racks.
    pub switches: u64,
    /// Switches between racks.
    pub spines: u64,
    /// Firewalls, and as many routers.
    pub firewalls: u64,
}

/// So many and those that may fail: N, N+1, N+1, 2N (Uptime, Tier Standard: Topology).
#[must_use]
pub fn with_spares(needed: u64, tier: u64) -> u64 {
    match tier {
        0 | 1 => needed,
        2 | 3 => needed + 1,
        _ => (needed * 2).max(needed + 1),
    }
}

/// Independent paths of power and network.
#[must_use]
pub const fn paths(tier: u64) -> u64 {
    if tier >= 3 { 2 } else { 1 }
}

/// What the servers of one kind must carry together.
struct Need {
    threads: Fixed,
    memory: Fixed,
    disk: Fixed,
}

/// Finds the smallest shape that holds the load, or the one the site insists on.
///
/// # Errors
/// When it does not fit, or a cell or measurement is missing.
pub fn size(site: &Site, load: &Load, cells: &Cells, bench: &Bench) -> Result<Size, PlanError> {
    match site.shape {
        Some(Shape::Box) => boxes(site, load, cells, bench),
        None if site.hosting.vcpus == 0 => match boxes(site, load, cells, bench) {
            Err(PlanError::DoesNotFit(..)) => hall(site, load, cells, bench),
            other => other,
        },
        _ => hall(site, load, cells, bench),
    }
}

/// How much dearer an act is on PostgreSQL than on one machine's own store.
fn dearer(cells: &Cells, bench: &Bench) -> Result<Fixed, PlanError> {
    let (embedded, _) = cells.measured("load.embedded_act", bench, Measure::Processor)?;
    let (distributed, _) = cells.measured("load.distributed_act", bench, Measure::Processor)?;
    Ok(distributed.over(embedded).max(Fixed::ONE))
}

fn tier_value(cells: &Cells, name: &str, tier: u64) -> Result<Fixed, PlanError> {
    let cell = cells.cell(name)?;
    let index = usize::try_from(tier.saturating_sub(1)).unwrap_or(0);
    Ok(cell.values.get(index).or(cell.values.last()).copied().unwrap_or_default())
}

fn backup_tb(site: &Site, load: &Load, cells: &Cells) -> Result<Fixed, PlanError> {
    let hosted = hosted(site, site.hosting.disk_gb);
    let kept = load.database_gb.plus(load.files_gb).plus(hosted);
    let all = kept.times(cells.get("store.backup_copies")?).plus(load.journal_gb);
    Ok(all.over(Fixed::int(1000)))
}

/// What agencies order in the last year, from what they order at first.
fn hosted(site: &Site, now: u64) -> Fixed {
    let years = u32::try_from(site.years).unwrap_or(u32::MAX);
    Fixed::count(now).times(site.hosting.growth.grown().power(years))
}

/// Ordered vCPUs in the last year.
#[must_use]
pub fn hosted_vcpus(site: &Site) -> u64 {
    hosted(site, site.hosting.vcpus).ceil()
}

fn boxes(site: &Site, load: &Load, cells: &Cells, bench: &Bench) -> Result<Size, PlanError> {
    let reserve = Fixed::ONE.minus(cells.get("store.reserve")?);
    let distributed = site.tier >= 3;
    let factor = if distributed { dearer(cells, bench)? } else { Fixed::ONE };
    let need = Need {
        threads: load.cores.times(factor).over(cells.positive("load.utilisation")?),
        memory: registry_gib(load, cells)?,
        disk: load.database_gb.plus(load.files_gb).plus(load.journal_gb).over(Fixed::int(1000)).over(reserve),
    };
    let (needed, decides) = servers(cells, "server.box", &need)?;
    // Each box holds everything: more boxes are for the loss of one, not for more load.
    if site.hosting.vcpus > 0 || needed > 1 {
        let why = if site.hosting.vcpus > 0 {
            "agencies order computers".to_string()
        } else {
            format!("it takes {needed} boxes for the sake of {decides:?}").to_lowercase()
        };
        return Err(PlanError::DoesNotFit("a box", why, "module"));
    }
    let spared = with_spares(needed, site.tier);
    // A database that survives the loss of one has three.
    let count = if distributed { spared.max(3) } else { spared };
    let network = Fixed::count(paths(site.tier)).times(cells.get("network.box_watts")?);
    let busy = load.cores.times(factor);
    let mean = load.mean_cores.times(factor);
    let watts = |threads: Fixed| server_watts(cells, "server.box", count, threads, network);
    Ok(Size {
        shape: Shape::Box,
        distributed,
        needed,
        decides,
        servers: count,
        file_servers: 0,
        racks: 0,
        modules: 0,
        floors: 0,
        backup_tb: backup_tb(site, load, cells)?,
        peak_watts: watts(busy)?,
        open_watts: watts(mean)?,
        idle_watts: watts(Fixed::ZERO)?,
        busy_threads: busy,
        mean_threads: mean,
        switches: paths(site.tier),
        spines: 0,
        firewalls: 0,
    })
}

fn registry_gib(load: &Load, cells: &Cells) -> Result<Fixed, PlanError> {
    let millions = Fixed::count(load.people).over(Fixed::int(1_000_000));
    let index = millions.times(cells.get("load.registry_memory")?).over(Fixed::int(1024));
    Ok(index.plus(cells.get("load.base_memory")?))
}

/// How many servers of a kind carry the need, and what decides.
fn servers(cells: &Cells, kind: &str, need: &Need) -> Result<(u64, Decides), PlanError> {
    let each = |key: &str| cells.positive(&format!("{kind}.{key}"));
    let counts = [
        (need.threads.over(each("threads")?).ceil(), Decides::Processors),
        (need.memory.over(each("memory")?).ceil(), Decides::Memory),
        (need.disk.over(each("disk")?).ceil(), Decides::Disks),
    ];
    let (count, decides) =
        counts.into_iter().max_by_key(|(count, _)| *count).unwrap_or((1, Decides::Processors));
    if count > SERVERS_MAX {
        Err(PlanError::TooLarge(count, SERVERS_MAX))
    } else {
        Ok((count.max(1), decides))
    }
}

/// Watts of servers of a kind while so many threads are busy, with what else is on.
fn server_watts(cells: &Cells, kind: &str, count: u64, busy: Fixed, rest: Fixed) -> Result<Fixed, PlanError> {
    let idle = cells.get(&format!("{kind}.idle"))?;
    let more = cells.get(&format!("{kind}.full"))?.minus(idle);
    let threads = cells.positive(&format!("{kind}.threads"))?;
    // Busy threads take their share of the way from idle to full, wherever they run.
    let share = busy.over(threads).min(Fixed::count(count));
    Ok(idle.times(Fixed::count(count)).plus(more.times(share)).plus(rest))
}

fn hall(site: &Site, load: &Load, cells: &Cells, bench: &Bench) -> Result<Size, PlanError> {
    let reserve = Fixed::ONE.minus(cells.get("store.reserve")?);
    let copies = tier_value(cells, "store.replicas", site.tier)?;
    let ordered = hosted(site, site.hosting.vcpus).over(cells.positive("load.overcommit")?);
    let factor = dearer(cells, bench)?;
    let own = load.cores.times(factor);
    let need = Need {
        threads: own.over(cells.positive("load.utilisation")?).plus(ordered),
        memory: registry_gib(load, cells)?.plus(hosted(site, site.hosting.memory_gib)),
        disk: load
            .database_gb
            .plus(load.journal_gb)
            .plus(hosted(site, site.hosting.disk_gb))
            .times(copies)
            .over(Fixed::int(1000))
            .over(reserve),
    };
    let (needed, decides) = servers(cells, "server.node", &need)?;
    // Three, so that the database has a majority when one is lost.
    let servers = with_spares(needed, site.tier).max(3);
    let backup = backup_tb(site, load, cells)?;
    let files = load.files_gb.times(copies).over(Fixed::int(1000)).over(reserve);
    let file_servers =
        with_spares(files.plus(backup).over(cells.positive("server.files.disk")?).ceil().max(1), site.tier);
    let busy = own.plus(ordered.times(cells.get("load.vcpu_busy")?));
    let mean = load.mean_cores.times(factor).plus(ordered.times(cells.get("load.vcpu_busy")?));
    let busy = busy.max(mean);
    let units = Fixed::count(servers)
        .times(cells.get("server.node.units")?)
        .plus(Fixed::count(file_servers).times(cells.get("server.files.units")?));
    let by_units = units.over(cells.positive("rack.units")?).ceil();
    let full = cells.get("server.node.full")?.times(Fixed::count(servers));
    let full = full.plus(cells.get("server.files.watts")?.times(Fixed::count(file_servers)));
    let by_watts = full.over(cells.positive("rack.watts")?).ceil();
    let (racks, modules, floors, shape) = rooms(site, by_units.max(by_watts), cells)?;
    let path = paths(site.tier);
    let switches = racks * if site.tier >= 2 { 2 } else { 1 };
    let spines = if racks > 2 { 2 * racks.div_ceil(16) } else { 0 };
    let firewalls = path.max(if site.tier >= 2 { 2 } else { 1 });
    let each = |key: &str, count: u64| Ok::<_, PlanError>(cells.get(key)?.times(Fixed::count(count)));
    let rest = each("network.switch_watts", switches)?
        .plus(each("network.spine_watts", spines)?)
        .plus(each("network.firewall_watts", firewalls)?)
        .plus(each("network.router_watts", firewalls)?)
        .plus(each("server.files.watts", file_servers)?);
    let watts = |threads: Fixed| server_watts(cells, "server.node", servers, threads, rest);
    Ok(Size {
        shape,
        distributed: true,
        needed,
        decides,
        servers,
        file_servers,
        racks,
        modules,
        floors,
        backup_tb: backup,
        peak_watts: watts(busy)?,
        open_watts: watts(mean)?,
        idle_watts: watts(ordered.times(cells.get("load.vcpu_busy")?).over(Fixed::int(4)))?,
        busy_threads: busy,
        mean_threads: mean,
        switches,
        spines,
        firewalls,
    })
}

/// Racks, modules and floors for so many racks of machines.
fn rooms(site: &Site, racks: u64, cells: &Cells) -> Result<(u64, u64, u64, Shape), PlanError> {
    let whole = |name: &str| Ok::<_, PlanError>(cells.positive(name)?.ceil());
    let (in_20, in_40) = (whole("site.module.racks_20")?, whole("site.module.racks_40")?);
    let mut racks = racks.max(whole("site.module.least_racks")?);
    let mut modules = if racks <= in_20 { 1 } else { racks.div_ceil(in_40) };
    let most = whole("site.module.most")?;
    if site.shape != Some(Shape::Building) && modules <= most {
        return Ok((racks, modules, 0, Shape::Module));
    }
    if site.shape == Some(Shape::Module) {
        let why = format!("it takes {modules} modules of {in_40} racks");
        return Err(PlanError::DoesNotFit("a yard with modules", why, "building"));
    }
    modules = modules.max(whole("site.building.least_modules")?);
    // Each module of a building begins with a row of its own.
    racks = racks.max(modules * whole("site.module.least_racks")?);
    Ok((racks, modules, modules.div_ceil(whole("site.building.floor_modules")?), Shape::Building))
}

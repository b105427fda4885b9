//! The bill of quantities.

use crate::cells::Cells;
use crate::fault::PlanError;
use crate::fixed::{Cents, Fixed};
use crate::physics::energy::Energy;
use crate::site::{Power, Shape, Site};
use crate::size::{Size, paths, with_spares};
use serde::Serialize;

/// What a part belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Servers and their disks.
    Computers,
    /// Switches, routers, firewalls.
    Network,
    /// Panels and batteries.
    Sun,
    /// UPS, generators, transformers.
    Power,
    /// Machines that cool.
    Cooling,
    /// Racks, modules, floors.
    Walls,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Computers, Self::Network, Self::Sun, Self::Power, Self::Cooling, Self::Walls];
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Computers => "computers",
            Self::Network => "network",
            Self::Sun => "sun",
            Self::Power => "power",
            Self::Cooling => "cooling",
            Self::Walls => "walls",
        }
    }
}

/// A line of the bill.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Part {
    /// What it is, as a word of [`PARTS`].
    pub part: &'static str,
    /// What it belongs to.
    pub group: Group,
    /// How many, or how much.
    pub quantity: u64,
    /// Price of one.
    pub each_cents: Cents,
    /// Price of all.
    pub total_cents: Cents,
}

/// Every part there is.
pub const PARTS: &[&str] = &[
    "box",
    "backup-disk",
    "node",
    "file-server",
    "box-switch",
    "box-uplink",
    "switch",
    "spine",
    "firewall",
    "router",
    "panel",
    "mount",
    "charger",
    "battery",
    "ups",
    "generator",
    "tank",
    "transformer",
    "strip",
    "cooler",
    "enclosure",
    "rack",
    "containment",
    "console",
    "module-20",
    "module-40",
    "ground",
    "floor",
    "building",
];

/// Collects lines.
struct Bill<'c> {
    cells: &'c Cells,
    parts: Vec<Part>,
}

impl Bill<'_> {
    fn add(&mut self, part: &'static str, group: Group, quantity: u64, price: &str) -> Result<(), PlanError> {
        let price = self.cells.get(price)?;
        if quantity > 0 {
            let total_cents = Cents::of(price, Fixed::count(quantity));
            self.parts.push(Part {
                part,
                group,
                quantity,
                each_cents: Cents::of(price, Fixed::ONE),
                total_cents,
            });
        }
        Ok(())
    }
}

/// Everything that is bought for a plan.
///
/// # Errors
/// When a cell is missing.
pub fn parts(site: &Site, size: &Size, energy: &Energy, cells: &Cells) -> Result<Vec<Part>, PlanError> {
    let mut bill = Bill { cells, parts: Vec::new() };
    if size.shape == Shape::Box {
        boxes(&mut bill, site, size)?
    } else {
        hall(&mut bill, site, size, energy)?
    }
    sun(&mut bill, energy)?;
    let kind = if size.shape == Shape::Box { "box" } else { "hall" };
    // A place that outside air keeps cool all year, and that is one small cabinet, has no machine at all.
    if size.shape != Shape::Box || energy.machine_hours > 0 {
        let unit = cells.positive(&format!("cooling.{kind}.unit"))?.times(Fixed::int(1000));
        let machines = energy.peak_watts.over(unit).ceil().max(1);
        bill.add(
            "cooler",
            Group::Cooling,
            with_spares(machines, site.tier),
            &format!("cooling.{kind}.price"),
        )?;
    }
    Ok(bill.parts)
}

fn boxes(bill: &mut Bill<'_>, site: &Site, size: &Size) -> Result<(), PlanError> {
    bill.add("box", Group::Computers, size.servers, "server.box.price")?;
    let disks = size.backup_tb.over(bill.cells.positive("site.box.backup_disk")?).ceil().max(1);
    // Two sets, so that one is always away from the machine.
    bill.add("backup-disk", Group::Computers, disks * 2, "site.box.backup_disk_price")?;
    bill.add("box-switch", Group::Network, size.switches, "network.box_switch")?;
    bill.add("box-uplink", Group::Network, paths(site.tier), "network.box_uplink")?;
    let most = bill.cells.positive("site.box.most")?;
    bill.add("enclosure", Group::Walls, Fixed::count(size.servers).over(most).ceil(), "site.box.enclosure")
}

fn sun(bill: &mut Bill<'_>, energy: &Energy) -> Result<(), PlanError> {
    bill.add("panel", Group::Sun, energy.panels, "solar.panel_price")?;
    bill.add("mount", Group::Sun, energy.panels, "solar.mount_price")?;
    bill.add("charger", Group::Sun, energy.panel_watts.ceil(), "solar.charger_price")?;
    bill.add("battery", Group::Sun, energy.batteries, "solar.battery_price")
}

fn hall(bill: &mut Bill<'_>, site: &Site, size: &Size, energy: &Energy) -> Result<(), PlanError> {
    bill.add("node", Group::Computers, size.servers, "server.node.price")?;
    bill.add("file-server", Group::Computers, size.file_servers, "server.files.price")?;
    bill.add("switch", Group::Network, size.switches, "network.switch")?;
    bill.add("spine", Group::Network, size.spines, "network.spine")?;
    bill.add("firewall", Group::Network, size.firewalls, "network.firewall")?;
    bill.add("router", Group::Network, size.firewalls, "network.router")?;
    power(bill, site, size, energy)?;
    bill.add("rack", Group::Walls, size.racks, "rack.price")?;
    bill.add("containment", Group::Walls, size.racks, "rack.containment")?;
    bill.add("console", Group::Walls, size.racks, "rack.kvm")?;
    let small =
        size.shape == Shape::Module && Fixed::count(size.racks) <= bill.cells.get("site.module.racks_20")?;
    let (part, price) =
        if small { ("module-20", "site.module.price_20") } else { ("module-40", "site.module.price_40") };
    bill.add(part, Group::Walls, size.modules, price)?;
    if size.shape == Shape::Module {
        return bill.add("ground", Group::Walls, size.modules, "site.module.ground");
    }
    bill.add("floor", Group::Walls, size.floors, "site.building.floor_price")?;
    bill.add("building", Group::Walls, 1, "site.building.base_price")
}

fn power(bill: &mut Bill<'_>, site: &Site, size: &Size, energy: &Energy) -> Result<(), PlanError> {
    let kilo = Fixed::int(1000);
    let path = paths(site.tier);
    let ups_kw = bill.cells.positive("power.ups")?.times(bill.cells.positive("power.ups_factor")?);
    let ups = size.peak_watts.over(kilo).over(ups_kw).ceil().max(1);
    // On two paths each carries everything.
    bill.add("ups", Group::Power, with_spares(ups, site.tier).max(ups * path), "power.ups_price")?;
    let kva = energy.peak_watts.over(kilo).over(bill.cells.positive("power.power_factor")?);
    let kva = kva.times(bill.cells.get("power.generator_factor")?);
    let generators = kva.over(bill.cells.positive("power.generator")?).ceil().max(1);
    bill.add("generator", Group::Power, with_spares(generators, site.tier), "power.generator_price")?;
    bill.add("tank", Group::Power, tank_litres(energy, bill.cells)? * path, "power.tank_price")?;
    if energy.power != Power::Solar {
        bill.add("transformer", Group::Power, kva.ceil() * path, "power.transformer_price")?;
    }
    bill.add("strip", Group::Power, size.racks * path, "power.strip_price")
}

/// Litres of fuel kept on site.
///
/// # Errors
/// When a cell is missing.
pub fn tank_litres(energy: &Energy, cells: &Cells) -> Result<u64, PlanError> {
    let kw = energy.peak_watts.over(Fixed::int(1000));
    Ok(kw.times(cells.get("power.fuel")?).times(cells.get("power.fuel_hours")?).ceil())
}

/// What the parts of a group cost.
#[must_use]
pub fn group_cents(parts: &[Part], group: Group) -> Cents {
    parts.iter().filter(|part| part.group == group).map(|part| part.total_cents).sum()
}

/// How many parts of a kind there are.
#[must_use]
pub fn quantity(parts: &[Part], kind: &str) -> u64 {
    parts.iter().filter(|part| part.part == kind).map(|part| part.quantity).sum()
}

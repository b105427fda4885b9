//! What it costs: buying it, and running it year by year.

use crate::cells::Cells;
use crate::fault::PlanError;
use crate::fixed::{Cents, Fixed};
use crate::load::Load;
use crate::parts::{Group, Part, group_cents, quantity};
use crate::physics::energy::Energy;
use crate::site::{Shape, Site};
use crate::size::Size;
use serde::Serialize;

/// People who work there, as full-time posts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Staff {
    /// Technicians and guards.
    pub technicians: Fixed,
    /// Engineers.
    pub engineers: Fixed,
}

/// What buying costs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Capital {
    /// The bill of quantities.
    pub equipment_cents: Cents,
    /// Spare parts.
    pub spares_cents: Cents,
    /// Freight.
    pub freight_cents: Cents,
    /// Duty.
    pub duty_cents: Cents,
    /// Installation.
    pub works_cents: Cents,
    /// What nobody thought of.
    pub contingency_cents: Cents,
    /// Everything.
    pub total_cents: Cents,
}

/// What a year costs, at the prices and rates of exchange of that year, in dollars of today's rate.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Year {
    /// Its number from 1.
    pub year: u64,
    /// Electricity.
    pub energy_cents: Cents,
    /// Diesel.
    pub fuel_cents: Cents,
    /// People.
    pub staff_cents: Cents,
    /// Bandwidth.
    pub bandwidth_cents: Cents,
    /// Support and upkeep.
    pub support_cents: Cents,
    /// Bought anew.
    pub refresh_cents: Cents,
}

impl Year {
    /// Everything of the year.
    #[must_use]
    pub fn total(&self) -> Cents {
        let parts = [
            self.energy_cents,
            self.fuel_cents,
            self.staff_cents,
            self.bandwidth_cents,
            self.support_cents,
            self.refresh_cents,
        ];
        parts.into_iter().sum()
    }
}

/// Cost of a plan when it is bought.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Cost {
    /// What buying costs.
    pub capital: Capital,
    /// Who works there.
    pub staff: Staff,
    /// Mbit/s bought.
    pub mbit: u64,
    /// Each year.
    pub years: Vec<Year>,
    /// Buying and all years.
    pub total_cents: Cents,
}

/// By how much prices have risen by a year (the first is 1), in dollars of today's rate: those paid in the country's money, and those
/// paid in dollars, which cost more of it each year.
#[must_use]
pub fn risen(site: &Site, year: u64) -> (Fixed, Fixed) {
    let years = u32::try_from(year.saturating_sub(1)).unwrap_or(u32::MAX);
    (site.money.inflation.grown().power(years), site.money.falls.grown().power(years))
}

/// Who works there.
///
/// # Errors
/// When a cell is missing.
pub fn staff(site: &Site, size: &Size, cells: &Cells) -> Result<Staff, PlanError> {
    let get = |key: &str| cells.get(&format!("staff.{key}"));
    let tiers = cells.cell("staff.tier")?;
    let index = usize::try_from(site.tier.saturating_sub(1)).unwrap_or(0);
    let more = tiers.values.get(index).or(tiers.values.last()).copied().unwrap_or_default();
    if size.shape == Shape::Box {
        // The site's redundancy is a second box, not a second person on the spot.
        return Ok(Staff {
            technicians: get("box")?.times(Fixed::count(size.servers.max(1))),
            engineers: Fixed::ZERO,
        });
    }
    let posts = if size.shape == Shape::Building { get("posts_building")? } else { get("posts_module")? };
    let further = get("day_each")?.times(Fixed::count(size.modules.saturating_sub(1)));
    let by_servers =
        Fixed::count(size.servers + size.file_servers).over(cells.positive("staff.servers_each")?);
    Ok(Staff {
        technicians: posts.times(get("post")?),
        engineers: get("day_module")?.plus(further).plus(more).plus(Fixed::count(by_servers.ceil())),
    })
}

/// What buying costs.
///
/// # Errors
/// When a cell is missing.
pub fn capital(parts: &[Part], cells: &Cells) -> Result<Capital, PlanError> {
    let equipment_cents: Cents = parts.iter().map(|part| part.total_cents).sum();
    let share =
        |key: &str| Ok::<_, PlanError>(equipment_cents.scaled(cells.get(&format!("buy.{key}"))?.percent()));
    let (spares, freight, duty, works) =
        (share("spares")?, share("freight")?, share("duty")?, share("works")?);
    let before = [equipment_cents, spares, freight, duty, works].into_iter().sum::<Cents>();
    let contingency_cents = before.scaled(cells.get("buy.contingency")?.percent());
    Ok(Capital {
        equipment_cents,
        spares_cents: spares,
        freight_cents: freight,
        duty_cents: duty,
        works_cents: works,
        contingency_cents,
        total_cents: before.plus(contingency_cents),
    })
}

/// Mbit/s that the last year's answers need in their busiest hours, and at least what a place buys.
fn mbit(load: &Load, size: &Size, cells: &Cells) -> Result<u64, PlanError> {
    let least = if size.shape == Shape::Box {
        cells.get("network.box_mbit")?
    } else {
        cells.get("network.hall_mbit")?.times(Fixed::count(size.modules))
    };
    // A gigabyte is 8,000 Mbit; a year's bytes come in 2,000 open hours, the busiest of which brings three times the mean.
    let busy = load.egress_gb.times(Fixed::int(8_000)).times(Fixed::int(3)).over(Fixed::int(2_000 * 3_600));
    Ok(busy.max(least).ceil())
}

/// The cost of buying and running it.
///
/// # Errors
/// When a cell is missing.
pub fn cost(
    site: &Site,
    (load, size, energy): (&Load, &Size, &Energy),
    parts: &[Part],
    cells: &Cells,
) -> Result<Cost, PlanError> {
    let capital = capital(parts, cells)?;
    let staff = staff(site, size, cells)?;
    let mbit = mbit(load, size, cells)?;
    let base = base_year(cells, energy, &staff, mbit, parts)?;
    let years = (1..=site.years)
        .map(|year| one_year(site, year, &base, parts, cells))
        .collect::<Result<Vec<_>, _>>()?;
    let total_cents = capital.total_cents.plus(years.iter().map(Year::total).sum());
    Ok(Cost { capital, staff, mbit, years, total_cents })
}

/// A year at today's prices.
fn base_year(
    cells: &Cells,
    energy: &Energy,
    staff: &Staff,
    mbit: u64,
    parts: &[Part],
) -> Result<Year, PlanError> {
    let sum = |of: fn(&crate::physics::energy::Month) -> Fixed| energy.months.iter().map(of).sum::<Fixed>();
    let litres = sum(|m| m.generator).times(cells.get("power.fuel")?);
    let wage = cells.get("country.wage")?;
    let people = staff.technicians.plus(staff.engineers.times(cells.get("staff.engineer")?));
    let heads = staff.technicians.plus(staff.engineers);
    let training = Cents::of(cells.get("run.training")?, heads);
    let computers = group_cents(parts, Group::Computers).plus(group_cents(parts, Group::Network));
    let rest: Cents = [Group::Sun, Group::Power, Group::Cooling, Group::Walls]
        .into_iter()
        .map(|group| group_cents(parts, group))
        .sum();
    let support = computers.scaled(cells.get("run.support")?.percent());
    Ok(Year {
        year: 0,
        energy_cents: Cents::of(cells.get("country.tariff")?, sum(|m| m.grid)),
        fuel_cents: Cents::of(cells.get("country.diesel")?, litres),
        staff_cents: Cents::of(wage, people).plus(training),
        bandwidth_cents: Cents::of(cells.get("country.bandwidth")?, Fixed::count(mbit * 12)),
        support_cents: support.plus(rest.scaled(cells.get("run.upkeep")?.percent())),
        refresh_cents: Cents::ZERO,
    })
}

fn one_year(site: &Site, year: u64, base: &Year, parts: &[Part], cells: &Cells) -> Result<Year, PlanError> {
    let (local, foreign) = risen(site, year);
    Ok(Year {
        year,
        energy_cents: base.energy_cents.scaled(local),
        fuel_cents: base.fuel_cents.scaled(foreign),
        staff_cents: base.staff_cents.scaled(local),
        bandwidth_cents: base.bandwidth_cents.scaled(local),
        support_cents: base.support_cents.scaled(foreign),
        refresh_cents: refresh(year, parts, cells)?.scaled(foreign),
    })
}

/// What is bought anew in a year, at today's prices.
fn refresh(year: u64, parts: &[Part], cells: &Cells) -> Result<Cents, PlanError> {
    let due = |every: u64| every > 0 && year > 1 && (year - 1).is_multiple_of(every);
    let mut sum = Cents::ZERO;
    if due(cells.get("run.refresh_year")?.ceil().saturating_sub(1)) {
        let computers = group_cents(parts, Group::Computers).plus(group_cents(parts, Group::Network));
        sum = sum.plus(computers.scaled(cells.get("run.refresh")?.percent()));
    }
    if due(cells.get("solar.battery_years")?.ceil()) {
        let batteries = Fixed::count(quantity(parts, "battery"));
        sum = sum.plus(Cents::of(cells.get("solar.battery_price")?, batteries));
    }
    if due(cells.get("run.ups_years")?.ceil()) {
        let ups = Cents::of(cells.get("power.ups_price")?, Fixed::count(quantity(parts, "ups")));
        sum = sum.plus(ups.scaled(cells.get("run.ups_refresh")?.percent()));
    }
    Ok(sum)
}

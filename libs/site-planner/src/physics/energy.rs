//! Power through a year: what the place takes, what the sun gives, what the battery and the generator bear.

use crate::cells::Cells;
use crate::fault::PlanError;
use crate::fixed::Fixed;
use crate::physics::balance::{Flow, Plant, alone, open_share, run};
use crate::physics::cooling::Cooling;
use crate::physics::panels::Panels;
use crate::physics::weather::{Climate, Hour};
use crate::physics::{fixed, float, month_of};
use crate::site::{Power, Shape, Site};
use crate::size::Size;
use serde::Serialize;

/// One month, in kWh.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Month {
    /// What the computers took.
    pub computers: Fixed,
    /// What the whole place took.
    pub load: Fixed,
    /// What the panels could give.
    pub sun: Fixed,
    /// Of it, what nobody could use.
    pub spilled: Fixed,
    /// Bought.
    pub grid: Fixed,
    /// From the generator.
    pub generator: Fixed,
}

/// The year.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Energy {
    /// Where power comes from.
    pub power: Power,
    /// Its months.
    pub months: Vec<Month>,
    /// Energy of the whole place over energy of its computers, over a year (ISO/IEC 30134-2, category 1: measured behind the UPS).
    pub pue: Fixed,
    /// Hours of the year in which a machine must cool.
    pub machine_hours: u64,
    /// Watts of the whole place in its worst hour.
    pub peak_watts: Fixed,
    /// Panels, in W; a whole number of them.
    pub panel_watts: Fixed,
    /// Number of panels.
    pub panels: u64,
    /// Number of batteries.
    pub batteries: u64,
    /// Battery that may be used, in kWh.
    pub battery_kwh: Fixed,
    /// Hours the battery alone carries the mean load.
    pub battery_hours: Fixed,
    /// Hours of the year in which the place was dark.
    pub dark_hours: u64,
    /// What a kW of panels gives in the year, in kWh.
    pub yield_kwh: Fixed,
    /// Hours of the year in which a generator ran.
    pub generator_hours: u64,
    /// By how many percent of the load the books of the year do not close.
    pub open_percent: Fixed,
    /// The least the battery ever held, in percent.
    pub lowest_percent: Fixed,
}

/// One row of the year, for whoever wants to reckon it again. Watts and watt-hours.
#[derive(Clone, Debug)]
pub struct HourRow {
    /// The weather.
    pub weather: Hour,
    /// What one kW of panels gives, in W.
    pub yield_w: Fixed,
    /// What happened.
    pub flow: Flow,
}

fn climate(cells: &Cells) -> Result<Climate, PlanError> {
    let months = |name: &str| {
        let cell = cells.cell(name)?;
        Ok::<_, PlanError>(std::array::from_fn(|month| {
            cell.values.get(month).or(cell.values.last()).copied().map_or(0.0, float)
        }))
    };
    let days: Vec<_> = cells.cell("solar.days")?.values.iter().copied().map(float).collect();
    if days.iter().all(|day| *day <= 0.0) {
        return Err(PlanError::NotAboveZero("solar.days".into()));
    }
    Ok(Climate {
        latitude: float(cells.get("country.latitude")?).clamp(-90.0, 90.0),
        longitude: float(cells.get("country.longitude")?).clamp(-180.0, 180.0),
        irradiation: months("country.irradiation")?,
        temperature: months("country.temperature")?,
        swing: float(cells.get("country.swing")?),
        days,
    })
}

fn panels(cells: &Cells) -> Result<Panels, PlanError> {
    let get = |name: &str| Ok::<_, PlanError>(float(cells.get(name)?));
    let rest = Panels {
        tilt: 0.0,
        azimuth: 0.0,
        albedo: get("solar.albedo")?,
        by_kelvin: get("solar.by_kelvin")?,
        losses: get("solar.losses")?,
        inverter: get("solar.inverter")?,
        wind: get("solar.wind")?,
    };
    Ok(Panels::facing(get("country.latitude")?, rest))
}

fn cooling(cells: &Cells, shape: Shape) -> Result<Cooling, PlanError> {
    let kind = if shape == Shape::Box { "box" } else { "hall" };
    let get = |key: &str| Ok::<_, PlanError>(float(cells.get(&format!("cooling.{kind}.{key}"))?));
    cells.positive(&format!("cooling.{kind}.feeding"))?;
    Ok(Cooling {
        free_below: get("free_below")?,
        cold_side: get("cold_side")?,
        approach: get("approach")?,
        of_carnot: get("of_carnot")?,
        fans: get("fans")?,
        feeding: get("feeding")?,
        other: get("other")?,
    })
}

/// A climate's year of sun, which hangs neither on the load nor on how the place is built.
pub(crate) struct Sky {
    hours: Vec<Hour>,
    yields: Vec<f64>,
}

/// The sky over a site.
pub(crate) fn sky(cells: &Cells) -> Result<Sky, PlanError> {
    let panels = panels(cells)?;
    let hours = climate(cells)?.year();
    let yields = hours.iter().map(|hour| panels.yield_of(hour)).collect();
    Ok(Sky { hours, yields })
}

/// Wh that a watt of panels must give in a year to be worth its frame.
const LEAST_YIELD: f64 = 250.0;

/// Whether offices are open in an hour of the year.
const fn open(hour: usize) -> bool {
    let of_day = hour % 24;
    of_day >= 8 && of_day < 18
}

/// Sizes sun and battery, and runs the year.
///
/// # Errors
/// When a cell is missing, or sun alone cannot carry the place.
pub(crate) fn energy(
    site: &Site,
    size: &Size,
    cells: &Cells,
    sky: &Sky,
) -> Result<(Energy, Vec<HourRow>), PlanError> {
    let cooling = cooling(cells, size.shape)?;
    let whole: Vec<f64> = sky.hours.iter().map(|hour| cooling.whole(hour.temperature)).collect();
    let darkest = cells.cell("country.irradiation")?.values.iter().min().copied().unwrap_or_default();
    let sunny = darkest >= cells.get("solar.least")?;
    let usual = if size.shape == Shape::Box && sunny { Power::Solar } else { Power::Mixed };
    let power = site.power.unwrap_or(usual);
    let (panel_watts, usable_wh) = plant_for(power, size, cells, (&whole, &sky.yields))?;
    let panel = cells.positive("solar.panel")?;
    let each_wh =
        cells.positive("solar.battery")?.times(cells.positive("solar.depth")?).times(Fixed::int(1000));
    let (panel_count, batteries) = (panel_watts.over(panel).ceil(), usable_wh.over(each_wh).ceil());
    let plant = Plant {
        panels: float(panel) * panel_count as f64,
        battery: float(each_wh) * batteries as f64,
        round_trip: float(cells.positive("solar.round_trip")?.min(Fixed::ONE)),
        grid: power != Power::Solar,
        outage: float(cells.get("country.outage")?).min(24.0),
        generator: power != Power::Solar && size.shape != Shape::Box,
    };
    let (closed_w, open_w) = (float(size.idle_watts), float(size.open_watts));
    let computers: Vec<f64> =
        (0..whole.len()).map(|hour| if open(hour) { open_w } else { closed_w }).collect();
    let load: Vec<f64> = computers.iter().zip(&whole).map(|(computers, whole)| computers * whole).collect();
    let flows = run(&plant, &load, &sky.yields);
    let peak = float(size.peak_watts) * whole.iter().copied().fold(1.0, f64::max);
    let mean = load.iter().sum::<f64>() / load.len() as f64;
    let lowest = flows.iter().map(|flow| flow.stored).fold(f64::INFINITY, f64::min);
    let energy = Energy {
        power,
        months: months(&computers, &flows),
        pue: fixed(load.iter().sum::<f64>() / computers.iter().sum::<f64>().max(1e-9)),
        machine_hours: sky.hours.iter().filter(|hour| cooling.needs_machine(hour.temperature)).count() as u64,
        peak_watts: Fixed::count(fixed(peak).ceil()),
        panel_watts: panel.times(Fixed::count(panel_count)),
        panels: panel_count,
        batteries,
        battery_kwh: each_wh.times(Fixed::count(batteries)).over(Fixed::int(1000)),
        battery_hours: fixed(plant.battery / mean.max(1e-9)),
        dark_hours: flows.iter().filter(|flow| flow.missing > 1e-6).count() as u64,
        yield_kwh: Fixed::count(fixed(sky.yields.iter().sum::<f64>()).ceil()),
        generator_hours: flows.iter().filter(|flow| flow.generator > 1e-6).count() as u64,
        open_percent: fixed(open_share(&plant, &flows) * 100.0),
        lowest_percent: if plant.battery > 0.0 { fixed(lowest / plant.battery * 100.0) } else { Fixed::ZERO },
    };
    let rows = sky.hours.iter().zip(&sky.yields).zip(flows);
    let rows = rows.map(|((weather, share), flow)| HourRow {
        weather: *weather,
        yield_w: fixed(share * 1000.0),
        flow,
    });
    Ok((energy, rows.collect()))
}

/// Panels in W and usable battery in Wh. Both are sized for one watt of computers, which never sleeps, and multiplied: a larger load
/// never gets less of either.
fn plant_for(
    power: Power,
    size: &Size,
    cells: &Cells,
    (whole, yields): (&[f64], &[f64]),
) -> Result<(Fixed, Fixed), PlanError> {
    let watts = size.open_watts.max(size.idle_watts);
    let mean = whole.iter().sum::<f64>() / whole.len() as f64;
    let night = float(cells.get("country.outage")?).min(cells.get("power.battery_hours").map(float)?);
    match power {
        Power::Solar => {
            let round_trip = float(cells.positive("solar.round_trip")?.min(Fixed::ONE));
            let margin = float(cells.positive("solar.margin")?);
            let (panels, battery) = alone(whole, yields, round_trip, margin).ok_or(PlanError::TooDark)?;
            Ok((watts.times(fixed(panels)), watts.times(fixed(battery))))
        }
        Power::Mixed => {
            let share = float(cells.get("power.solar_share")?.percent());
            let sun: f64 = yields.iter().sum();
            // Where a watt of panels gives less than a fifth of what is usual, nobody builds any.
            let panels = if sun < LEAST_YIELD { 0.0 } else { mean * 8760.0 * share / sun };
            let hours =
                if size.shape == Shape::Box { float(cells.get("country.outage")?).max(2.0) } else { night };
            Ok((watts.times(fixed(panels)), watts.times(fixed(mean * hours))))
        }
        Power::Grid => {
            let hours =
                if size.shape == Shape::Box { float(cells.get("country.outage")?).max(2.0) } else { 0.0 };
            Ok((Fixed::ZERO, watts.times(fixed(mean * hours))))
        }
    }
}

fn months(computers: &[f64], flows: &[Flow]) -> Vec<Month> {
    let mut sums = [[0.0_f64; 6]; 12];
    for (hour, (computers, flow)) in computers.iter().zip(flows).enumerate() {
        let parts = [*computers, flow.load, flow.sun, flow.spilled, flow.grid, flow.generator];
        for (sum, part) in sums[month_of(hour)].iter_mut().zip(parts) {
            *sum += part;
        }
    }
    // To the tenth of a kWh: the last digits of a sum of floating points are nobody's business.
    let kwh = |wh: f64| fixed((wh / 100.0).round() / 10.0);
    let month = |[computers, load, sun, spilled, grid, generator]: [f64; 6]| Month {
        computers: kwh(computers),
        load: kwh(load),
        sun: kwh(sun),
        spilled: kwh(spilled),
        grid: kwh(grid),
        generator: kwh(generator),
    };
    sums.map(month).to_vec()
}

//! What the services are asked to do: acts, the busiest second, what they leave.

use crate::bench::Bench;
use crate::cells::{Cells, Measure};
use crate::fault::PlanError;
use crate::fixed::Fixed;
use crate::site::{Site, Wanted};
use serde::Serialize;

/// Bytes of a gigabyte.
const GB: i64 = 1_000_000_000;

/// One service in its busiest year, and what it has left by then.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ServiceLoad {
    /// Its name.
    pub name: String,
    /// People it covers.
    pub people: u64,
    /// Acts of that year.
    pub acts: u64,
    /// Acts in the busiest second.
    pub peak: Fixed,
    /// Processor time of an act, in µs.
    pub processor_us: Fixed,
    /// Whether that was measured on this very service.
    pub measured: bool,
    /// Processors in the busiest second, fully used, on one machine.
    pub cores: Fixed,
    /// Left in the database by the end, in GB.
    pub database_gb: Fixed,
    /// Scans and photos by the end, in GB.
    pub files_gb: Fixed,
}

/// All services together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Load {
    /// People that its widest service covers, when they are most.
    pub people: u64,
    /// Each service.
    pub services: Vec<ServiceLoad>,
    /// Processors in the busiest second, fully used, on one machine.
    pub cores: Fixed,
    /// The same as a mean over the hours that offices are open.
    pub mean_cores: Fixed,
    /// The database at the end, in GB.
    pub database_gb: Fixed,
    /// Scans and photos at the end, in GB.
    pub files_gb: Fixed,
    /// Journal of the days that can be gone back to, in GB.
    pub journal_gb: Fixed,
    /// Sent out in the last year, in GB.
    pub egress_gb: Fixed,
}

/// Reckons the load of the busiest year.
///
/// # Errors
/// When a cell is missing, or a measurement.
pub fn load(site: &Site, cells: &Cells, bench: &Bench) -> Result<Load, PlanError> {
    let services: Vec<_> =
        site.services.iter().map(|wanted| service(site, wanted, cells, bench)).collect::<Result<_, _>>()?;
    let acts: Fixed = services.iter().map(|(load, _)| Fixed::count(load.acts)).sum();
    let last_year_gb: Fixed = services.iter().map(|(_, last)| last.database_gb).sum();
    let mean_cores = services.iter().map(|(_, last)| last.mean_cores).sum();
    let services: Vec<ServiceLoad> = services.into_iter().map(|(load, _)| load).collect();
    let days = cells.get("store.recovery_days")?.over(Fixed::int(365));
    let sum = |of: fn(&ServiceLoad) -> Fixed| services.iter().map(of).sum::<Fixed>();
    Ok(Load {
        people: services.iter().map(|service| service.people).max().unwrap_or(0),
        cores: sum(|s| s.cores),
        mean_cores,
        database_gb: sum(|s| s.database_gb),
        files_gb: sum(|s| s.files_gb),
        journal_gb: last_year_gb.times(days).times(cells.get("store.recovery_factor")?),
        egress_gb: acts.times(cells.get("load.egress")?).over(Fixed::int(GB)),
        services,
    })
}

/// People after so many years.
fn people(site: &Site, years: u64) -> Fixed {
    let years = u32::try_from(years).unwrap_or(u32::MAX);
    Fixed::count(site.population).times(site.growth.grown().power(years))
}

/// What a service's last year leaves and takes.
struct LastYear {
    database_gb: Fixed,
    mean_cores: Fixed,
}

fn service(
    site: &Site,
    wanted: &Wanted,
    cells: &Cells,
    bench: &Bench,
) -> Result<(ServiceLoad, LastYear), PlanError> {
    let name = |key: &str| format!("service.{}.{key}", wanted.name);
    let per_person = cells.get(&name("acts"))?;
    let covered = |year: u64| people(site, year).times(wanted.uptake.percent());
    let acts_of = |year: u64| {
        let more = wanted.growth.grown().power(u32::try_from(year).unwrap_or(u32::MAX));
        covered(year).times(per_person).times(more)
    };
    // Where people or acts become fewer, the busiest year decides.
    let acts = (1..=site.years).map(acts_of).max().unwrap_or_default();
    let all: Fixed = (1..=site.years).map(acts_of).sum();
    let (processor_us, measured) = cells.measured(&name("processor"), bench, Measure::Processor)?;
    let (bytes, _) = cells.measured(&name("bytes"), bench, Measure::Bytes)?;
    let most_covered = (1..=site.years).map(covered).max().unwrap_or_default();
    let window = cells.or_zero(&name("window"));
    let (peak, mean) = if window > Fixed::ZERO {
        // A step: everybody within the window, however often that is in a year.
        (most_covered.over(window), Fixed::ZERO)
    } else {
        let open =
            cells.positive(&name("hours"))?.times(cells.positive(&name("days"))?).times(Fixed::int(3600));
        let mean = acts.over(open);
        (mean.times(cells.get(&name("peak"))?), mean)
    };
    let of_second = |rate: Fixed| rate.times(processor_us).over(Fixed::int(1_000_000));
    let gb = |acts: Fixed, bytes: Fixed| acts.times(bytes).over(Fixed::int(GB));
    let load = ServiceLoad {
        name: wanted.name.clone(),
        people: most_covered.ceil(),
        acts: acts.ceil(),
        peak,
        processor_us,
        measured,
        cores: of_second(peak),
        database_gb: gb(all, bytes),
        files_gb: gb(all, cells.get(&name("files"))?),
    };
    Ok((load, LastYear { database_gb: gb(acts, bytes), mean_cores: of_second(mean) }))
}

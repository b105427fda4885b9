//! What the cost hangs on: each figure changed alone, everything reckoned anew.

use crate::bench::Bench;
use crate::cells::Cells;
use crate::fault::PlanError;
use crate::fixed::{Cents, Fixed};
use crate::physics::energy::Sky;
use crate::site::Site;
use serde::Serialize;

/// What one figure does to the cost of buying and running.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Swing {
    /// Which figure, as a word of [`FIGURES`].
    pub figure: &'static str,
    /// By how many percent (of the figure; of a year for `falls`) it was changed each way.
    pub percent: i64,
    /// Difference of the cost with the lower figure; none when there is no plan with it.
    pub lower_cents: Option<Cents>,
    /// Difference of the cost with the higher figure.
    pub higher_cents: Option<Cents>,
}

/// The figures that are changed, and by how many percent.
pub const FIGURES: &[(&str, i64)] = &[
    ("population", 20),
    ("acts", 50),
    ("prices", 20),
    ("wages", 20),
    ("sun", 15),
    ("energy", 30),
    ("bandwidth", 30),
    ("falls", 5),
];

/// Changes each figure, and compares.
///
/// # Errors
/// When the plan itself cannot be made.
pub(crate) fn sensitivity(
    site: &Site,
    cells: &Cells,
    bench: &Bench,
    (sky, total): (&Sky, Cents),
) -> Result<Vec<Swing>, PlanError> {
    FIGURES
        .iter()
        .map(|(figure, percent)| {
            let with = |percent: i64| {
                let (site, cells) = changed(site, cells, figure, percent);
                // Only another sun makes another sky.
                let other = if *figure == "sun" { Some(crate::physics::energy::sky(&cells)?) } else { None };
                crate::core(&site, &cells, bench, other.as_ref().unwrap_or(sky))
                    .map(|core| core.cost.total_cents.minus(total))
            };
            // A change that leads out of what was asked for (a box too small) has no cost, and says so.
            let of = |percent: i64| match with(percent) {
                Ok(difference) => Ok(Some(difference)),
                Err(PlanError::DoesNotFit(..) | PlanError::TooDark | PlanError::TooLarge(..)) => Ok(None),
                Err(other) => Err(other),
            };
            Ok(Swing { figure, percent: *percent, lower_cents: of(-percent)?, higher_cents: of(*percent)? })
        })
        .collect()
}

fn changed(site: &Site, cells: &Cells, figure: &str, percent: i64) -> (Site, Cells) {
    let (mut site, mut cells) = (site.clone(), cells.clone());
    let by = Fixed::int(100 + percent).percent();
    let scaled = |count: u64| Fixed::count(count).times(by).ceil();
    match figure {
        "population" => site.population = scaled(site.population),
        "acts" => {
            for service in site.services.clone() {
                cells.scale(&format!("service.{}.acts", service.name), by);
            }
            site.hosting.vcpus = scaled(site.hosting.vcpus);
            site.hosting.memory_gib = scaled(site.hosting.memory_gib);
            site.hosting.disk_gb = scaled(site.hosting.disk_gb);
        }
        "prices" => scale_all(&mut cells, by, |name| {
            name.ends_with("price")
                || name.contains(".price_")
                || name.ends_with("_price")
                || [
                    "network.switch",
                    "network.spine",
                    "network.firewall",
                    "network.router",
                    "network.box_switch",
                    "network.box_uplink",
                    "rack.containment",
                    "rack.kvm",
                    "site.box.enclosure",
                    "site.module.ground",
                ]
                .contains(&name)
        }),
        "wages" => cells.scale("country.wage", by),
        "sun" => cells.scale("country.irradiation", by),
        "energy" => {
            cells.scale("country.tariff", by);
            cells.scale("country.diesel", by);
        }
        "bandwidth" => cells.scale("country.bandwidth", by),
        _ => site.money.falls = site.money.falls.plus(Fixed::int(percent)).max(Fixed::ZERO),
    }
    (site, cells)
}

fn scale_all(cells: &mut Cells, by: Fixed, which: impl Fn(&str) -> bool) {
    let names: Vec<String> = cells.cells.keys().filter(|name| which(name)).cloned().collect();
    for name in names {
        cells.scale(&name, by);
    }
}

#![doc = include_str!("../README.md")]

mod bench;
mod cells;
mod cost;
mod country;
mod diagram;
mod document;
mod fault;
mod fixed;
mod hours;
mod load;
mod loan;
mod offers;
mod parts;
mod peers;
pub mod physics;
mod reader;
mod render;
mod sensitivity;
mod site;
mod size;
mod words;

pub use bench::{Bench, Row, sha256};
pub use cells::{Cell, Cells, Kind};
pub use cost::{Capital, Cost, Staff, Year};
pub use country::Country;
pub use document::{Block, Document, Section, document};
pub use fault::{Fault, PlanError};
pub use fixed::{Cents, Fixed};
pub use hours::hours_csv;
pub use load::{Load, ServiceLoad};
pub use loan::{Period, Repayment, annuity, grant_element, schedule};
pub use offers::{Reckoned, running};
pub use parts::{Group, PARTS, Part, quantity};
pub use peers::Peer;
pub use physics::energy::{Energy, HourRow, Month};
pub use render::{html, markdown, standalone};
pub use sensitivity::{FIGURES, Swing};
pub use site::{
    Hosting, Lease, Loan, Money, OFFERS_MAX, Offer, PEOPLE_MAX, Power, Shape, Site, Terms, USUAL, Wanted,
    YEARS_MAX, read,
};
pub use size::{Decides, SERVERS_MAX, Size};
pub use svg_chart::Table;
pub use words::{KEYS, Words};

use physics::energy::{Sky, sky};
use serde::Serialize;

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Plan {
    /// The question.
    pub site: Site,
    /// Name of the file of bench results.
    pub bench: String,
    /// Its SHA-256.
    pub bench_sha256: String,
    /// Version of the assumptions.
    pub assumptions: String,
    /// What the services are asked to do.
    pub load: Load,
    /// How large the place is.
    pub size: Size,
    /// Its power through a year.
    pub energy: Energy,
    /// Its parts.
    pub parts: Vec<Part>,
    /// Its cost when it is bought.
    pub cost: Cost,
    /// Ways to pay.
    pub offers: Vec<Reckoned>,
    /// What the cost hangs on.
    pub sensitivity: Vec<Swing>,
    /// What others publish for the same load.
    pub peers: Vec<Peer>,
    /// Every assumption as this plan used it.
    pub cells: Cells,
}

/// What changes with each figure: everything but the ways to pay.
pub(crate) struct Core {
    load: Load,
    size: Size,
    energy: Energy,
    hours: Vec<HourRow>,
    parts: Vec<Part>,
    cost: Cost,
}

pub(crate) fn core(site: &Site, cells: &Cells, bench: &Bench, sky: &Sky) -> Result<Core, PlanError> {
    let load = load::load(site, cells, bench)?;
    let size = size::size(site, &load, cells, bench)?;
    let (energy, hours) = physics::energy::energy(site, &size, cells, sky)?;
    let parts = parts::parts(site, &size, &energy, cells)?;
    let cost = cost::cost(site, (&load, &size, &energy), &parts, cells)?;
    Ok(Core { load, size, energy, hours, parts, cost })
}

/// Makes a plan, and the hours of its year.
///
/// # Errors
/// When the load does not fit what was asked for, a cell is missing or a measurement.
pub fn plan(site: &Site, cells: &Cells, bench: &Bench) -> Result<(Plan, Vec<HourRow>), PlanError> {
    let sky = sky(cells)?;
    let core = core(site, cells, bench, &sky)?;
    let plan = Plan {
        bench: bench.file.clone(),
        bench_sha256: bench.sha256.clone(),
        assumptions: cells.version.clone(),
        offers: offers::offers(site, (&core.load, &core.size), &core.parts, &core.cost, cells)?,
        sensitivity: sensitivity::sensitivity(site, cells, bench, (&sky, core.cost.total_cents))?,
        peers: peers::peers(site, &core.load, cells)?,
        site: site.clone(),
        load: core.load,
        size: core.size,
        energy: core.energy,
        parts: core.parts,
        cost: core.cost,
        cells: cells.clone(),
    };
    Ok((plan, core.hours))
}

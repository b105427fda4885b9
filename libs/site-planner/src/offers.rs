//! Ways to pay, side by side: what each costs, when the one catches up with the other, and what leaving costs.

use crate::cells::Cells;
use crate::cost::{Cost, risen};
use crate::fault::PlanError;
use crate::fixed::{Cents, Fixed};
use crate::load::Load;
use crate::loan::{Period, grant_element, schedule};
use crate::parts::{Group, Part, group_cents};
use crate::site::{Lease, Loan, Site, Terms};
use crate::size::{Size, hosted_vcpus, with_spares};
use serde::Serialize;

/// One way to pay, reckoned.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Reckoned {
    /// Its name; empty for buying.
    pub name: String,
    /// `buy`, `loan`, `lease`, `cloud` or `bundle`.
    pub kind: &'static str,
    /// Paid before the first year.
    pub at_once_cents: Cents,
    /// Paid in each year, at that year's prices and rates, in dollars of today's rate.
    pub years_cents: Vec<Cents>,
    /// What is still owed after the last year of the plan: part of the cost.
    pub owed_after_cents: Cents,
    /// Everything.
    pub total_cents: Cents,
    /// Everything, discounted to today.
    pub present_cents: Cents,
    /// What leaving at the end of each year costs.
    pub leave_cents: Vec<Cents>,
    /// Percent of grant element, of loans.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_percent: Option<Fixed>,
    /// Whether the IMF would call the loan concessional.
    pub concessional: bool,
    /// The loan, period by period, in dollars.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<Period>,
    /// What is borrowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub face_cents: Option<Cents>,
    /// The first year by whose end buying has cost no more than this; none within the plan.
    pub buying_cheaper_from: Option<u64>,
}

/// What all offers share.
struct Ground<'p> {
    site: &'p Site,
    load: &'p Load,
    size: &'p Size,
    parts: &'p [Part],
    cost: &'p Cost,
    cells: &'p Cells,
}

/// Reckons every way to pay.
///
/// # Errors
/// When a cell is missing.
pub fn offers(
    site: &Site,
    (load, size): (&Load, &Size),
    parts: &[Part],
    cost: &Cost,
    cells: &Cells,
) -> Result<Vec<Reckoned>, PlanError> {
    let ground = Ground { site, load, size, parts, cost, cells };
    let mut list = Vec::new();
    for offer in &site.offers {
        let mut reckoned = match &offer.terms {
            Terms::Buy => buy(&ground)?,
            Terms::Loan(loan) => borrow(&ground, loan)?,
            Terms::Lease(lease) => rent(&ground, lease)?,
            Terms::Cloud => cloud(&ground)?,
            Terms::Bundle(loan) => bundle(&ground, loan)?,
        };
        reckoned.name.clone_from(&offer.name);
        list.push(reckoned);
    }
    let buying = list.first().map(running).unwrap_or_default();
    for offer in &mut list {
        let theirs = running(offer);
        let year = buying.iter().zip(&theirs).position(|(own, other)| own <= other);
        offer.buying_cheaper_from = year.map(|year| year as u64 + 1);
    }
    Ok(list)
}

/// What has been paid by the end of each year.
#[must_use]
pub fn running(offer: &Reckoned) -> Vec<Cents> {
    let mut sum = offer.at_once_cents;
    offer
        .years_cents
        .iter()
        .map(|year| {
            sum = sum.plus(*year);
            sum
        })
        .collect()
}

impl Ground<'_> {
    fn get(&self, name: &str) -> Result<Fixed, PlanError> {
        self.cells.get(name)
    }
    fn price(&self) -> Cents {
        self.cost.capital.total_cents
    }
    fn foreign(&self, year: u64) -> Fixed {
        risen(self.site, year).1
    }
    fn finish(&self, kind: &'static str, at_once: Cents, years: Vec<Cents>, leave: Vec<Cents>) -> Reckoned {
        self.finish_owing(kind, at_once, years, leave, Cents::ZERO)
    }
    /// Sums up, and discounts each year's payments from its end.
    fn finish_owing(
        &self,
        kind: &'static str,
        at_once: Cents,
        years: Vec<Cents>,
        leave: Vec<Cents>,
        owed: Cents,
    ) -> Reckoned {
        let by = self.site.money.discount.grown();
        let mut factor = Fixed::ONE;
        let mut present = at_once;
        for year in &years {
            factor = factor.times(by);
            present = present.plus(year.divided(factor));
        }
        let total = at_once.plus(years.iter().copied().sum()).plus(owed);
        Reckoned {
            name: String::new(),
            kind,
            at_once_cents: at_once,
            years_cents: years,
            owed_after_cents: owed,
            total_cents: total,
            present_cents: present.plus(owed.divided(factor)),
            leave_cents: leave,
            grant_percent: None,
            concessional: false,
            schedule: Vec::new(),
            face_cents: None,
            buying_cheaper_from: None,
        }
    }
    /// What running costs in each year.
    fn running_years(&self) -> Vec<Cents> {
        self.cost.years.iter().map(crate::cost::Year::total).collect()
    }
    /// Taking it apart, less what the computers still fetch.
    fn dismantling(&self, year: u64) -> Result<Cents, PlanError> {
        let computers =
            group_cents(self.parts, Group::Computers).plus(group_cents(self.parts, Group::Network));
        let age = year.min(5);
        let left = self.get("leave.residual")?.percent().times(Fixed::count(5 - age)).over(Fixed::int(5));
        Ok(self.price().scaled(self.get("leave.dispose")?.percent()).minus(computers.scaled(left)))
    }
}

fn buy(ground: &Ground<'_>) -> Result<Reckoned, PlanError> {
    let leave = (1..=ground.site.years).map(|year| ground.dismantling(year)).collect::<Result<_, _>>()?;
    Ok(ground.finish("buy", ground.price(), ground.running_years(), leave))
}

/// A loan's payments by year of the plan, what is owed at the end of each, and what is owed after the last, in dollars of today's rate.
fn by_year(ground: &Ground<'_>, terms: &Loan, list: &[Period]) -> (Vec<Cents>, Vec<Cents>, Cents) {
    let (mut paid, mut owed) = (Vec::new(), Vec::new());
    for year in 1..=ground.site.years {
        let of_year = list.iter().filter(|p| (p.period - 1) / terms.payments + 1 == year);
        paid.push(of_year.map(Period::paid).sum::<Cents>().scaled(ground.foreign(year)));
        let last = list.iter().rfind(|p| (p.period - 1) / terms.payments < year);
        owed.push(last.map_or(Cents::ZERO, |p| p.balance).scaled(ground.foreign(year)));
    }
    let later = list.iter().filter(|p| (p.period - 1) / terms.payments >= ground.site.years);
    let later = later.map(|p| p.paid().scaled(ground.foreign((p.period - 1) / terms.payments + 1))).sum();
    (paid, owed, later)
}

fn borrow(ground: &Ground<'_>, terms: &Loan) -> Result<Reckoned, PlanError> {
    let face = ground.price();
    let list = schedule(face, terms);
    let (paid, owed, later) = by_year(ground, terms, &list);
    let years: Vec<_> = paid.iter().zip(ground.running_years()).map(|(loan, run)| loan.plus(run)).collect();
    let mut leave = Vec::new();
    for (year, owed) in (1..).zip(&owed) {
        let early = owed.scaled(terms.prepayment.percent());
        leave.push(owed.plus(early).plus(ground.dismantling(year)?));
    }
    let mut reckoned = ground.finish_owing("loan", Cents::ZERO, years, leave, later);
    with_loan(ground, &mut reckoned, face, terms, list)?;
    Ok(reckoned)
}

fn with_loan(
    ground: &Ground<'_>,
    reckoned: &mut Reckoned,
    face: Cents,
    terms: &Loan,
    list: Vec<Period>,
) -> Result<(), PlanError> {
    let percent = grant_element(&list, face, terms, ground.get("leave.grant_discount")?);
    reckoned.grant_percent = Some(percent);
    reckoned.concessional = percent >= ground.get("leave.concessional")?;
    reckoned.schedule = list;
    reckoned.face_cents = Some(face);
    Ok(())
}

fn rent(ground: &Ground<'_>, terms: &Lease) -> Result<Reckoned, PlanError> {
    let rent = ground.price().scaled(terms.rent.percent());
    let keep = ground.price().scaled(terms.keep.percent());
    let (mut years, mut leave) = (Vec::new(), Vec::new());
    for (year, run) in (1..).zip(ground.running_years()) {
        let before = (year - 1) * 12;
        let months = terms.months.saturating_sub(before).min(12);
        let mut paid = rent.scaled(Fixed::count(months));
        if months > 0 && before + months == terms.months {
            paid = paid.plus(keep);
        }
        years.push(paid.scaled(ground.foreign(year)).plus(run));
        let left = rent.scaled(Fixed::count(terms.months.saturating_sub(year * 12)));
        leave.push(left.scaled(terms.leave.percent()).scaled(ground.foreign(year)));
    }
    let left = terms.months.saturating_sub(ground.site.years * 12);
    let owed = rent.scaled(Fixed::count(left)).scaled(ground.foreign(ground.site.years));
    Ok(ground.finish_owing("lease", Cents::ZERO, years, leave, owed))
}

/// What a provider's computers for the same load cost in a month at list prices; each year's at that year's size.
fn cloud_month(ground: &Ground<'_>) -> Result<Cents, PlanError> {
    let own = ground.size.busy_threads.over(ground.cells.positive("load.utilisation")?).ceil().max(2);
    // Their redundancy is bought by the machine as ours is.
    let vcpus = with_spares(own, ground.site.tier) + hosted_vcpus(ground.site);
    let terabytes = |gb: Fixed| gb.over(Fixed::int(1000));
    let load = ground.load;
    let block = terabytes(load.database_gb.plus(Fixed::count(ground.site.hosting.disk_gb)));
    let parts = [
        Cents::of(ground.get("cloud.vcpu")?, Fixed::count(vcpus)),
        Cents::of(ground.get("cloud.disk")?, block),
        Cents::of(ground.get("cloud.files")?, terabytes(load.files_gb).plus(ground.size.backup_tb)),
        Cents::of(ground.get("cloud.egress")?, load.egress_gb.over(Fixed::int(12))),
    ];
    Ok(parts.into_iter().sum::<Cents>().scaled(ground.get("cloud.managed")?.grown()))
}

fn cloud(ground: &Ground<'_>) -> Result<Reckoned, PlanError> {
    let month = cloud_month(ground)?;
    let rises = ground.get("cloud.rises")?.grown();
    let staff = ground.get("cloud.staff")?.percent();
    let months_twice = ground.get("cloud.migration_months")?;
    let kept =
        ground.load.database_gb.plus(ground.load.files_gb).plus(Fixed::count(ground.site.hosting.disk_gb));
    let carry = Cents::of(ground.get("cloud.egress")?, kept);
    let (mut years, mut leave) = (Vec::new(), Vec::new());
    for (at, year) in ground.cost.years.iter().enumerate() {
        let number = at as u64 + 1;
        let price = rises.power(u32::try_from(at).unwrap_or(u32::MAX)).times(ground.foreign(number));
        let here = year.staff_cents.scaled(staff).plus(year.bandwidth_cents);
        years.push(month.scaled(Fixed::int(12)).scaled(price).plus(here));
        leave.push(carry.plus(month.scaled(months_twice)).scaled(price));
    }
    Ok(ground.finish("cloud", Cents::ZERO, years, leave))
}

fn bundle(ground: &Ground<'_>, terms: &Loan) -> Result<Reckoned, PlanError> {
    let face = ground.price().scaled(ground.get("bundle.markup")?.grown());
    let list = schedule(face, terms);
    let (paid, owed, later) = by_year(ground, terms, &list);
    let support = face.scaled(ground.get("bundle.support")?.percent());
    let staff = ground.get("bundle.staff")?.percent();
    let out = face.scaled(ground.get("bundle.leave")?.percent());
    let (mut years, mut leave) = (Vec::new(), Vec::new());
    for ((number, year), (paid, owed)) in (1..).zip(&ground.cost.years).zip(paid.iter().zip(&owed)) {
        let foreign = ground.foreign(number);
        let run = [year.energy_cents, year.fuel_cents, year.bandwidth_cents, year.staff_cents.scaled(staff)];
        let run: Cents = run.into_iter().sum();
        let anew = year.refresh_cents.scaled(ground.get("bundle.markup")?.grown());
        years.push(paid.plus(run).plus(anew).plus(support.scaled(foreign)));
        let early = owed.scaled(terms.prepayment.percent());
        leave.push(owed.plus(early).plus(out.scaled(foreign)).plus(ground.dismantling(number)?));
    }
    let mut reckoned = ground.finish_owing("bundle", Cents::ZERO, years, leave, later);
    with_loan(ground, &mut reckoned, face, terms, list)?;
    Ok(reckoned)
}

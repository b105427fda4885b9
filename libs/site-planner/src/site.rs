//! The question: what stands in a `site.toml`.

use crate::cells::{Cells, unknown_cell, values};
use crate::fault::PlanError;
use crate::fixed::Fixed;
use crate::loan::Repayment;
use crate::reader::{Reader, Table};
use serde::Serialize;
use std::collections::BTreeMap;

/// The most offers compared.
pub const OFFERS_MAX: usize = 16;
/// The most years planned.
pub const YEARS_MAX: i64 = 40;
/// The most people.
pub const PEOPLE_MAX: i64 = 1_000_000_000;

/// What it is built as.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// One cabinet in an office.
    Box,
    /// One to three containers in a yard.
    Module,
    /// Four modules and more under a roof.
    Building,
}

/// Where its power comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Power {
    /// Sun and battery alone.
    Solar,
    /// Grid, with sun, battery and generator.
    Mixed,
    /// Grid, with battery and generator.
    Grid,
}

/// One service as the site wants it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Wanted {
    /// Its name among the cells `service.*`.
    pub name: String,
    /// Percent of the people it covers.
    pub uptake: Fixed,
    /// Percent a year by which each covered person's acts grow.
    pub growth: Fixed,
}

/// Computers that agencies order.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Hosting {
    /// Ordered vCPUs.
    pub vcpus: u64,
    /// Ordered memory, in GiB.
    pub memory_gib: u64,
    /// Ordered disk, in GB.
    pub disk_gb: u64,
    /// Percent a year.
    pub growth: Fixed,
}

/// The country's money.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Money {
    /// Its code (ISO 4217).
    pub currency: String,
    /// Units for one USD today.
    pub per_dollar: Fixed,
    /// Percent a year by which it falls against the USD.
    pub falls: Fixed,
    /// Percent a year by which wages and tariffs rise.
    pub inflation: Fixed,
    /// Percent a year at which later money is worth less.
    pub discount: Fixed,
}

/// A way to pay.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Offer {
    /// Its name, as the site gives it.
    pub name: String,
    /// Its terms.
    pub terms: Terms,
}

/// Terms of an offer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Terms {
    /// Everything is paid when it is bought.
    Buy,
    /// A lender pays, in dollars.
    Loan(Loan),
    /// A lessor owns it.
    Lease(Lease),
    /// Somebody else's computers.
    Cloud,
    /// A vendor's turnkey bundle, paid by a loan.
    Bundle(Loan),
}

/// Terms of a loan in dollars.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Loan {
    /// Percent a year.
    pub rate: Fixed,
    /// Years until it is paid back, grace included.
    pub years: u64,
    /// Years in which only interest is paid.
    pub grace_years: u64,
    /// Payments a year: 1, 2, 4 or 12.
    pub payments: u64,
    /// How it is paid back.
    pub repayment: Repayment,
    /// Percent of the loan at signing: management, insurance.
    pub upfront: Fixed,
    /// Percent a year on what is not yet drawn.
    pub commitment: Fixed,
    /// Payment periods over which it is drawn in equal parts.
    pub draws: u64,
    /// Percent of what is owed for paying back early.
    pub prepayment: Fixed,
}

/// Terms of a lease.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Lease {
    /// Its months.
    pub months: u64,
    /// Percent of the price a month.
    pub rent: Fixed,
    /// Percent of the rents left for leaving early.
    pub leave: Fixed,
    /// Percent of the price to keep it at the end.
    pub keep: Fixed,
}

/// The question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Site {
    /// Name of the place.
    pub name: String,
    /// Code of the country (ISO 3166-1 alpha-2).
    pub country: String,
    /// People at the beginning.
    pub population: u64,
    /// Percent a year.
    pub growth: Fixed,
    /// Years planned.
    pub years: u64,
    /// Redundancy, 1 to 4.
    pub tier: u64,
    /// The shape, when the site insists.
    pub shape: Option<Shape>,
    /// The power, when the site insists.
    pub power: Option<Power>,
    /// Its services.
    pub services: Vec<Wanted>,
    /// What agencies order.
    pub hosting: Hosting,
    /// Money.
    pub money: Money,
    /// Ways to pay; buying always comes first.
    pub offers: Vec<Offer>,
    /// SHA-256 of the file.
    pub sha256: String,
}

/// Services a site has when it names none.
pub const USUAL: &[&str] = &[
    "enrolment",
    "verification",
    "look",
    "sign-in",
    "civil",
    "tax",
    "documents",
    "registries",
    "elections",
    "alerts",
];

/// Reads a site, and returns it with the cells as it overrides them.
///
/// # Errors
/// Every fault, with line and remedy.
pub fn read(file: &str, text: &str, shipped: &Cells) -> Result<(Site, Cells), PlanError> {
    let reader = Reader::new(file, text);
    let parsed = reader.parse();
    let top = reader.top(&parsed);
    let mut cells = shipped.clone();
    let country = top.text("country", "\"KE\"");
    if !cells.add_country(&country) && !country.is_empty() {
        let known = cells.countries.keys().cloned().collect::<Vec<_>>().join(", ");
        let remedy = format!("Write one of {known}, or the nearest one and override its cells");
        top.fault("country", format!("no climate and prices are known for '{country}'"), remedy);
    }
    if let Some(table) = top.table_opt("override") {
        put_all(&reader, &table, "", &mut cells);
    }
    let shapes = [("box", Shape::Box), ("module", Shape::Module), ("building", Shape::Building)];
    let powers = [("solar", Power::Solar), ("mixed", Power::Mixed), ("grid", Power::Grid)];
    let shape = shapes.map(|(word, shape)| (word, Some(shape)));
    let power = powers.map(|(word, power)| (word, Some(power)));
    let site = Site {
        name: top.text("name", "\"Kamoro district\""),
        population: top.whole("population", (0, PEOPLE_MAX), None),
        growth: top.number("growth", (-10, 20), Some(2)),
        years: top.whole("years", (1, YEARS_MAX), Some(10)),
        tier: top.whole("tier", (1, 4), Some(1)),
        shape: top.word("shape", &shape, None),
        power: top.word("power", &power, None),
        services: services(&top, &cells),
        hosting: hosting(&top),
        money: money(&top, &cells, &country),
        offers: offers(&top),
        sha256: crate::bench::sha256(text.as_bytes()),
        country,
    };
    top.finish();
    let faults = reader.into_faults();
    if faults.is_empty() { Ok((site, cells)) } else { Err(PlanError::Faults(faults)) }
}

fn put_all(reader: &Reader<'_>, table: &Table<'_, '_>, path: &str, cells: &mut Cells) {
    for (key, value) in table.table {
        let name =
            if path.is_empty() { key.get_ref().to_string() } else { format!("{path}.{}", key.get_ref()) };
        let line = reader.line(key.span().start);
        if let Some(inner) = value.get_ref().as_table() {
            put_all(reader, &table.inner(inner, value.span()), &name, cells);
            continue;
        }
        let Some(cell) = cells.cells.get(&name) else {
            let fault = unknown_cell("", line, &name, cells.alike(&name));
            reader.fault(line, fault.message, fault.remedy);
            continue;
        };
        let lowest =
            if name.starts_with("country.") || name == "solar.by_kelvin" { None } else { Some(Fixed::ZERO) };
        match values(value.get_ref()).filter(|new| new.len() == cell.values.len() || name == "solar.days") {
            Some(new) if lowest.is_none_or(|lowest| new.iter().all(|value| *value >= lowest)) => {
                cells.put(&name, new)
            }
            _ => {
                let what = format!("'{name}' takes {} number(s) in {}", cell.values.len(), cell.unit);
                reader.fault(
                    line,
                    what,
                    "Write them without quotes, not below zero, with at most six places",
                );
            }
        }
    }
}

fn services(top: &Table<'_, '_>, cells: &Cells) -> Vec<Wanted> {
    let Some(table) = top.table_opt("services") else {
        let whole =
            |name: &&str| Wanted { name: (*name).into(), uptake: Fixed::int(100), growth: Fixed::ZERO };
        return USUAL.iter().map(whole).collect();
    };
    let known = known_services(cells);
    let mut wanted = Vec::new();
    for (name, service) in table.each_table() {
        if !known.contains_key(name.as_str()) {
            let list = known.keys().copied().collect::<Vec<_>>().join(", ");
            table.fault(&name, format!("there is no service '{name}'"), format!("Write one of {list}"));
        }
        wanted.push(Wanted {
            uptake: service.number("uptake", (0, 100), Some(100)),
            growth: service.number("growth", (0, 100), Some(0)),
            name,
        });
        service.finish();
    }
    wanted
}

fn known_services(cells: &Cells) -> BTreeMap<&str, ()> {
    let acts = |name: &'static str| move |key: &'_ String| key.ends_with(name);
    let keys = cells.cells.keys().filter(|key| acts(".acts")(key));
    keys.filter_map(|key| Some((key.strip_prefix("service.")?.strip_suffix(".acts")?, ()))).collect()
}

fn hosting(top: &Table<'_, '_>) -> Hosting {
    let Some(table) = top.table_opt("hosting") else { return Hosting::default() };
    let most = (0, 10_000_000);
    let hosting = Hosting {
        vcpus: table.whole("vcpus", most, Some(0)),
        memory_gib: table.whole("memory_gib", most, Some(0)),
        disk_gb: table.whole("disk_gb", (0, 1_000_000_000), Some(0)),
        growth: table.number("growth", (0, 100), Some(0)),
    };
    table.finish();
    hosting
}

fn money(top: &Table<'_, '_>, cells: &Cells, country: &str) -> Money {
    let usual = cells.countries.get(country).map_or("USD", |country| country.currency.as_str());
    let cell = |key: &str| cells.or_zero(&format!("country.{key}"));
    let mut money = Money {
        currency: usual.into(),
        per_dollar: cell("per_dollar"),
        falls: cell("falls"),
        inflation: cell("inflation"),
        discount: cell("discount"),
    };
    if let Some(table) = top.table_opt("money") {
        let number = |key: &str, most: i64, now: Fixed| {
            if table.table.contains_key(key) { table.number(key, (0, most), None) } else { now }
        };
        money.currency = table.text_opt("currency").unwrap_or(money.currency);
        money.per_dollar = number("per_dollar", 1_000_000, money.per_dollar);
        money.falls = number("falls", 90, money.falls);
        money.inflation = number("inflation", 200, money.inflation);
        money.discount = number("discount", 200, money.discount);
        table.finish();
    }
    money
}

fn offers(top: &Table<'_, '_>) -> Vec<Offer> {
    let mut offers = vec![Offer { name: String::new(), terms: Terms::Buy }];
    let tables = top.tables("offer");
    if tables.len() >= OFFERS_MAX {
        top.fault("offer", format!("more than {} offers", OFFERS_MAX - 1), "Compare fewer at a time");
    }
    for table in tables.iter().take(OFFERS_MAX) {
        let kinds = [("loan", 'l'), ("lease", 'r'), ("cloud", 'c'), ("bundle", 'b')];
        let name = table.text("name", "\"Development bank\"");
        if !table.table.contains_key("kind") {
            table.fault(
                "kind",
                "'kind' is missing",
                "Write kind = \"loan\", \"lease\", \"cloud\" or \"bundle\"",
            );
        }
        let terms = match table.word("kind", &kinds, 'c') {
            'l' => Terms::Loan(loan(table)),
            'r' => Terms::Lease(lease(table)),
            'b' => Terms::Bundle(loan(table)),
            _ => Terms::Cloud,
        };
        table.finish();
        offers.push(Offer { name, terms });
    }
    offers
}

fn loan(table: &Table<'_, '_>) -> Loan {
    let ways = [("annuity", Repayment::Annuity), ("equal-principal", Repayment::EqualPrincipal)];
    let loan = Loan {
        rate: table.number("rate", (0, 100), None),
        years: table.whole("years", (1, YEARS_MAX), None),
        grace_years: table.whole("grace_years", (0, YEARS_MAX), Some(0)),
        payments: table.whole("payments_a_year", (1, 12), Some(2)),
        repayment: table.word("repayment", &ways, Repayment::Annuity),
        upfront: table.number("upfront", (0, 50), Some(0)),
        commitment: table.number("commitment", (0, 10), Some(0)),
        draws: table.whole("draw_periods", (1, 120), Some(1)),
        prepayment: table.number("prepayment", (0, 50), Some(0)),
    };
    if ![1, 2, 4, 12].contains(&loan.payments) {
        table.fault("payments_a_year", format!("{} payments a year", loan.payments), "Write 1, 2, 4 or 12");
    }
    if loan.grace_years >= loan.years {
        table.fault("grace_years", "the grace is as long as the loan", "Write fewer grace_years than years");
    }
    if loan.draws > (loan.grace_years * loan.payments).max(1) {
        let remedy = "Draw it within the grace, and at once when there is none";
        table.fault("draw_periods", "it is still being drawn when it is paid back", remedy);
    }
    loan
}

fn lease(table: &Table<'_, '_>) -> Lease {
    Lease {
        months: table.whole("months", (1, 480), None),
        rent: table.number("rent", (0, 100), None),
        leave: table.number("leave", (0, 100), Some(50)),
        keep: table.number("keep", (0, 100), Some(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "name = 'K'\ncountry = 'KE'\npopulation = 1000\n";

    fn said(text: &str) -> Vec<String> {
        match read("site.toml", text, &Cells::shipped().unwrap()) {
            Ok(_) => Vec::new(),
            Err(error) => error.faults().iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_short_site_takes_the_usual_for_the_rest() {
        let (site, _) = read("site.toml", GOOD, &Cells::shipped().unwrap()).unwrap();
        assert_eq!((site.years, site.tier, site.services.len(), site.offers.len()), (10, 1, USUAL.len(), 1));
        assert_eq!(site.money.currency, "KES");
    }

    #[test]
    fn each_fault_names_its_line_and_what_to_do() {
        for (line, expected) in [
            ("tier = 5", "site.toml:4: 'tier' is not a number from 1 to 4"),
            ("tier = 1.5", "site.toml:4: 'tier' is not a whole number. Leave the places"),
            ("teir = 1", "site.toml:4: unknown key 'teir'. Known here: country"),
            (
                "shape = 'barn'",
                "site.toml:4: 'barn' is not a shape. Write one of \"box\", \"module\", \"building\"",
            ),
            ("[services.taxes]", "site.toml:4: there is no service 'taxes'. Write one of alerts, civil"),
            (
                "[override]\n'server.box.prise' = 3",
                "site.toml:5: there is no cell 'server.box.prise'. The nearest is \"server.box.price\"",
            ),
            (
                "[override]\n'server.box.price' = 'x'",
                "site.toml:5: 'server.box.price' takes 1 number(s) in USD",
            ),
            (
                "[override]\n'server.box.price' = -1",
                "site.toml:5: 'server.box.price' takes 1 number(s) in USD",
            ),
            (
                "[override]\n'country.irradiation' = [1, 2]",
                "site.toml:5: 'country.irradiation' takes 12 number(s)",
            ),
            ("[[offer]]\nname = 'x'", "site.toml:4: 'kind' is missing. Write kind = \"loan\""),
            (
                "[[offer]]\nname = 'x'\nkind = 'loan'\nyears = 5",
                "site.toml:4: 'rate' is missing. Add rate = 1",
            ),
            (
                "[[offer]]\nname = 'x'\nkind = 'loan'\nrate = 1\nyears = 5\ngrace_years = 5",
                "site.toml:9: the grace is as long",
            ),
            ("a b", "site.toml:4: not TOML"),
        ] {
            let said = said(&format!("{GOOD}{line}\n"));
            assert!(said.iter().any(|fault| fault.starts_with(expected)), "{line}: {said:?}");
        }
        assert!(said("name = 'K'\ncountry = 'XX'\npopulation = 1\n")[0].contains("Write one of BD, BR"));
    }
}

//! A plan in words: sections of texts, tables, charts.

use crate::diagram::diagram;
use crate::fault::PlanError;
use crate::fixed::{Cents, Fixed};
use crate::offers::running;
use crate::parts::{Group, group_cents};
use crate::site::{Power, Shape};
use crate::size::Decides;
use crate::words::Words;
use crate::{Kind, Plan};
use svg_chart::{Data, NumberStyle, Series, Table};

/// The longest schedule that is printed whole; a longer one stands in the JSON.
const PERIODS_PRINTED: usize = 80;

/// A plan in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document {
    /// Its title: the place.
    pub title: String,
    /// What it says in a sentence.
    pub lead: String,
    /// Its sections.
    pub sections: Vec<Section>,
}

/// A section under its heading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// Its name, the same in every language.
    pub name: &'static str,
    /// Its heading.
    pub title: String,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

/// A part of a section.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// A table.
    Table(Table),
    /// A drawing under a name, with what it shows as a table where there is one.
    Drawing {
        /// Its name, the same in every language.
        name: &'static str,
        /// What it shows.
        title: String,
        /// An `svg` element.
        svg: String,
        /// The same as a table.
        table: Option<Table>,
    },
}

/// Writes numbers as everybody reads them.
pub(crate) fn number(value: i64, decimals: u8) -> String {
    NumberStyle::plain().format(value, decimals)
}
fn count(value: u64) -> String {
    number(i64::try_from(value).unwrap_or(i64::MAX), 0)
}
fn decimal(value: Fixed, decimals: u8) -> String {
    number(value.in_decimals(u32::from(decimals)), decimals)
}
pub(crate) fn dollars(value: Cents) -> String {
    number(value.dollars(), 0)
}

/// Collects what is said.
struct Writer<'w> {
    words: &'w dyn Words,
    plan: &'w Plan,
}

impl Writer<'_> {
    fn w(&self, key: &str) -> String {
        self.words.word(key)
    }
    fn heads(&self, keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| self.w(key)).collect()
    }
    fn table(&self, caption: &str, heads: &[&str], rows: Vec<Vec<String>>) -> Block {
        Block::Table(Table { caption: self.w(caption), header: self.heads(heads), rows })
    }
    fn facts(&self, caption: &str, rows: Vec<(&str, String)>) -> Block {
        let rows = rows.into_iter().map(|(key, value)| vec![self.w(key), value]).collect();
        self.table(caption, &["what", "value"], rows)
    }
    fn section(&self, name: &'static str, blocks: Vec<Block>) -> Section {
        Section { name, title: self.w(name), blocks }
    }
    fn text(&self, key: &str) -> Block {
        Block::Text(self.w(key))
    }
    fn offer_name(&self, index: usize) -> String {
        let offer = &self.plan.offers[index];
        if offer.name.is_empty() { self.w("offer-buy") } else { offer.name.clone() }
    }
    fn data(
        &self,
        id: &str,
        title: &str,
        text: &str,
        categories: (&str, Vec<String>),
        series: Vec<Series>,
    ) -> Data {
        Data {
            id: format!("plan-{id}"),
            title: self.w(title),
            description: self.w(text),
            category_name: self.w(categories.0),
            categories: categories.1,
            series,
            decimals: 0,
            numbers: NumberStyle::plain(),
            unknown: self.w("unknown"),
            rtl: self.words.rtl(),
        }
    }
}

fn drawing(name: &'static str, title: String, chart: svg_chart::Chart) -> Block {
    Block::Drawing { name, title, svg: chart.svg, table: Some(chart.table) }
}

fn series(name: String, values: impl Iterator<Item = i64>) -> Series {
    Series { name, values: values.map(Some).collect() }
}

/// Puts a plan in words.
///
/// # Errors
/// When a chart cannot be drawn.
pub fn document(plan: &Plan, words: &dyn Words, with_assumptions: bool) -> Result<Document, PlanError> {
    let writer = Writer { words, plan };
    let mut sections =
        vec![answer(&writer), load(&writer), size(&writer), energy(&writer)?, drawn(&writer), bill(&writer)];
    sections.extend([
        cost(&writer)?,
        offers(&writer)?,
        leaving(&writer),
        loans(&writer),
        sensitivity(&writer)?,
        peers(&writer),
    ]);
    if with_assumptions {
        sections.push(assumptions(&writer));
    }
    sections.retain(|section| !section.blocks.is_empty());
    let values = [
        ("people", count(plan.site.population)),
        ("years", count(plan.site.years)),
        ("total", dollars(plan.cost.total_cents)),
    ];
    Ok(Document { title: plan.site.name.clone(), lead: words.with("lead", &values), sections })
}

fn answer(w: &Writer<'_>) -> Section {
    let (plan, size, energy) = (w.plan, &w.plan.size, &w.plan.energy);
    let shape = match size.shape {
        Shape::Box => w.w("box"),
        Shape::Module => w.w("module"),
        Shape::Building => w.w("building"),
    };
    let per_person = plan
        .cost
        .total_cents
        .divided(Fixed::count(plan.site.population))
        .divided(Fixed::count(plan.site.years));
    let engine = if size.distributed { "engine-many" } else { "engine-one" };
    let mut rows = vec![
        ("answer-shape", shape),
        ("tier", plan.site.tier.to_string()),
        ("servers", count(size.servers)),
        ("engine", w.w(engine)),
        ("place-watts", format!("{} W", count(energy.peak_watts.ceil()))),
    ];
    if energy.panels > 0 {
        rows.push(("panels", format!("{} ({} W)", count(energy.panels), count(energy.panel_watts.ceil()))));
    }
    if energy.batteries > 0 {
        rows.push((
            "batteries",
            format!("{} ({} kWh)", count(energy.batteries), decimal(energy.battery_kwh, 1)),
        ));
    }
    let people = plan.cost.staff.technicians.plus(plan.cost.staff.engineers);
    rows.extend([
        ("staff", decimal(people, 2)),
        ("capital", dollars(plan.cost.capital.total_cents)),
        ("answer-total", dollars(plan.cost.total_cents)),
        ("answer-a-person", number(i64::try_from(per_person.0).unwrap_or(i64::MAX), 2)),
    ]);
    let hash = |key: &str, value: &str| Block::Text(w.words.with(key, &[("hash", value.into())]));
    let bench = [("file", plan.bench.clone()), ("hash", plan.bench_sha256.clone())];
    let bench = Block::Text(w.words.with("bench", &bench));
    w.section("answer", vec![w.facts("answer", rows), hash("input", &plan.site.sha256), bench])
}

fn load(w: &Writer<'_>) -> Section {
    let rows = w.plan.load.services.iter().map(|service| {
        let how = if service.measured { "measured" } else { "estimate" };
        vec![
            w.w(&format!("service-{}", service.name)),
            count(service.people),
            count(service.acts),
            decimal(service.peak, 2),
            format!("{} ({})", count(service.processor_us.ceil()), w.w(how)),
            decimal(service.database_gb, 1),
            decimal(service.files_gb, 1),
        ]
    });
    let heads = ["service", "people", "acts", "peak", "processor", "database", "files"];
    let blocks = vec![w.text("load-text"), w.table("load", &heads, rows.collect())];
    w.section("load", if w.plan.load.services.is_empty() { Vec::new() } else { blocks })
}

fn size(w: &Writer<'_>) -> Section {
    let size = &w.plan.size;
    let decides = match size.decides {
        Decides::Processors => "decides-processors",
        Decides::Memory => "decides-memory",
        Decides::Disks => "decides-disks",
    };
    let mut rows = vec![
        ("threads", decimal(size.busy_threads, 3)),
        ("needed", count(size.needed)),
        ("decides", w.w(decides)),
        ("servers", count(size.servers)),
    ];
    if size.shape != Shape::Box {
        rows.extend([
            ("file-servers", count(size.file_servers)),
            ("racks", count(size.racks)),
            ("modules", count(size.modules)),
        ]);
    }
    if size.floors > 0 {
        rows.push(("floors", count(size.floors)));
    }
    rows.extend([
        ("backup", decimal(size.backup_tb, 2)),
        ("peak-watts", count(size.peak_watts.ceil())),
        ("bandwidth", count(w.plan.cost.mbit)),
    ]);
    w.section("size", vec![w.text("size-text"), w.facts("size", rows)])
}

fn energy(w: &Writer<'_>) -> Result<Section, PlanError> {
    let energy = &w.plan.energy;
    let months = || (1..=12).map(|month| w.w(&format!("month-{month}"))).collect::<Vec<_>>();
    let of = |key: &str, of: fn(&crate::Month) -> Fixed| {
        series(w.w(key), energy.months.iter().map(|m| of(m).round()))
    };
    let mut lines = vec![of("taken", |m| m.load)];
    if energy.panels > 0 {
        lines.extend([of("sun-given", |m| m.sun), of("spilled", |m| m.spilled)]);
    }
    if energy.power != Power::Solar {
        lines.extend([of("bought", |m| m.grid), of("generated", |m| m.generator)]);
    }
    let data = w.data("energy", "energy", "energy-text", ("month", months()), lines);
    let facts = vec![
        ("pue", decimal(energy.pue, 2)),
        ("machine-hours", count(energy.machine_hours)),
        ("yield", count(energy.yield_kwh.ceil())),
        ("battery-hours", decimal(energy.battery_hours, 1)),
        ("dark-hours", count(energy.dark_hours)),
        ("books", decimal(energy.open_percent, 4)),
    ];
    let chart = drawing("energy", data.title.clone(), svg_chart::line(&data)?);
    Ok(w.section("energy", vec![w.text("energy-text"), chart, w.facts("energy", facts)]))
}

fn drawn(w: &Writer<'_>) -> Section {
    let drawing =
        Block::Drawing { name: "diagram", title: w.w("diagram"), svg: diagram(w.plan, w.words), table: None };
    w.section("diagram", vec![w.text("diagram-text"), drawing])
}

fn bill(w: &Writer<'_>) -> Section {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for group in Group::ALL {
        for part in w.plan.parts.iter().filter(|part| part.group == group) {
            let each = number(i64::try_from(part.each_cents.0).unwrap_or(i64::MAX), 2);
            rows.push(vec![
                w.w(&format!("group-{}", group.word())),
                w.w(&format!("part-{}", part.part)),
                count(part.quantity),
                each,
                dollars(part.total_cents),
            ]);
        }
    }
    let capital = &w.plan.cost.capital;
    let sums = [
        ("spares", capital.spares_cents),
        ("freight", capital.freight_cents),
        ("duty", capital.duty_cents),
        ("works", capital.works_cents),
        ("contingency", capital.contingency_cents),
        ("capital", capital.total_cents),
    ];
    let sums =
        sums.map(|(key, value)| vec![String::new(), w.w(key), String::new(), String::new(), dollars(value)]);
    rows.extend(sums);
    let table = w.table("bill", &["group", "part", "quantity", "each", "total"], rows);
    w.section("bill", vec![w.text("bill-text"), table])
}

fn cost(w: &Writer<'_>) -> Result<Section, PlanError> {
    let cost = &w.plan.cost;
    let years = cost.years.iter().map(|year| year.year.to_string()).collect::<Vec<_>>();
    let of = |key: &str, of: fn(&crate::Year) -> Cents| {
        series(w.w(key), cost.years.iter().map(|year| of(year).dollars().max(0)))
    };
    let kinds = vec![
        of("electricity", |y| y.energy_cents),
        of("diesel", |y| y.fuel_cents),
        of("people-cost", |y| y.staff_cents),
        of("bandwidth", |y| y.bandwidth_cents),
        of("support", |y| y.support_cents),
        of("refresh", |y| y.refresh_cents),
    ];
    let data = w.data("cost", "cost", "cost-text", ("year", years), kinds);
    let equipment = Group::ALL.map(|group| {
        vec![w.w(&format!("group-{}", group.word())), dollars(group_cents(&w.plan.parts, group))]
    });
    let staff = [
        vec![w.w("technicians"), decimal(cost.staff.technicians, 2)],
        vec![w.w("engineers"), decimal(cost.staff.engineers, 2)],
    ];
    let table = w.table("staff", &["what", "value"], staff.to_vec());
    let groups = w.table("group", &["group", "total"], equipment.to_vec());
    let chart = drawing("cost", data.title.clone(), svg_chart::stacked_bars(&data)?);
    Ok(w.section("cost", vec![w.text("cost-text"), chart, groups, table]))
}

fn offers(w: &Writer<'_>) -> Result<Section, PlanError> {
    let list = &w.plan.offers;
    let rows = list.iter().enumerate().map(|(index, offer)| {
        let grant = offer.grant_percent.map_or_else(String::new, |grant| {
            let mark = if offer.concessional { format!(", {}", w.w("concessional")) } else { String::new() };
            format!("{} %{mark}", decimal(grant, 1))
        });
        let from = match offer.buying_cheaper_from {
            _ if offer.kind == "buy" => String::new(),
            Some(year) => year.to_string(),
            None => w.w("never"),
        };
        vec![
            w.offer_name(index),
            w.w(&format!("offer-{}", offer.kind)),
            dollars(offer.at_once_cents),
            dollars(offer.owed_after_cents),
            dollars(offer.total_cents),
            dollars(offer.present_cents),
            grant,
            from,
        ]
    });
    let heads = ["offer", "kind", "at-once", "owed", "total", "present", "grant", "cheaper-from"];
    let table = w.table("offers", &heads, rows.collect());
    let money = &w.plan.site.money;
    let values = [
        ("currency", money.currency.clone()),
        ("falls", money.falls.to_string()),
        ("inflation", money.inflation.to_string()),
        ("discount", money.discount.to_string()),
    ];
    let mut blocks = vec![Block::Text(w.words.with("offers-text", &values)), table];
    if list.len() > 1 {
        let years: Vec<_> = (1..=w.plan.site.years).map(|year| year.to_string()).collect();
        let lines = list.iter().enumerate().take(svg_chart::MAX_SERIES);
        let lines = lines
            .map(|(index, offer)| series(w.offer_name(index), running(offer).iter().map(|c| c.dollars())));
        let data = w.data("offers", "running", "running-text", ("year", years), lines.collect());
        blocks.push(drawing("offers", data.title.clone(), svg_chart::line(&data)?));
    }
    Ok(w.section("offers", blocks))
}

fn leaving(w: &Writer<'_>) -> Section {
    let mut header = vec![w.w("year")];
    header.extend((0..w.plan.offers.len()).map(|index| w.offer_name(index)));
    let rows = (0..usize::try_from(w.plan.site.years).unwrap_or(0)).map(|year| {
        let mut row = vec![(year + 1).to_string()];
        row.extend(
            w.plan
                .offers
                .iter()
                .map(|offer| offer.leave_cents.get(year).map_or_else(String::new, |c| dollars(*c))),
        );
        row
    });
    let table = Table { caption: w.w("leave"), header, rows: rows.collect() };
    w.section("leave", vec![w.text("leave-text"), Block::Table(table)])
}

fn loans(w: &Writer<'_>) -> Section {
    let exact = |value: Cents| number(i64::try_from(value.0).unwrap_or(i64::MAX), 2);
    let mut blocks = Vec::new();
    for (index, offer) in w.plan.offers.iter().enumerate() {
        if offer.schedule.is_empty() || offer.schedule.len() > PERIODS_PRINTED {
            continue;
        }
        let rows = offer.schedule.iter().map(|p| {
            vec![
                p.period.to_string(),
                exact(p.drawn),
                exact(p.interest),
                exact(p.principal),
                exact(p.fees),
                exact(p.balance),
            ]
        });
        let heads = ["period", "drawn", "interest", "principal", "fees", "balance"];
        blocks.push(Block::Table(Table {
            caption: format!("{}: {}", w.w("loan"), w.offer_name(index)),
            header: w.heads(&heads),
            rows: rows.collect(),
        }));
    }
    w.section("loan", blocks)
}

fn sensitivity(w: &Writer<'_>) -> Result<Section, PlanError> {
    let list = &w.plan.sensitivity;
    let names = list
        .iter()
        .map(|swing| format!("{} ± {} %", w.w(&format!("figure-{}", swing.figure)), swing.percent));
    let of = |key: &str, of: fn(&crate::Swing) -> Option<Cents>| Series {
        name: w.w(key),
        values: list.iter().map(|swing| of(swing).map(Cents::dollars)).collect(),
    };
    let both = vec![of("lower", |s| s.lower_cents), of("higher", |s| s.higher_cents)];
    let mut data =
        w.data("sensitivity", "sensitivity", "sensitivity-text", ("figure", names.collect()), both);
    data.unknown = w.w("no-plan");
    let chart = drawing("sensitivity", data.title.clone(), svg_chart::bars(&data)?);
    Ok(w.section("sensitivity", vec![w.text("sensitivity-text"), chart]))
}

fn peers(w: &Writer<'_>) -> Section {
    let rows: Vec<_> = w
        .plan
        .peers
        .iter()
        .map(|peer| {
            vec![
                w.w(&format!("peer-{}", peer.name)),
                decimal(peer.acts_a_day, 1),
                decimal(peer.vcpus, 1),
                decimal(peer.memory_gb, 0),
                decimal(peer.disk_gb, 0),
                decimal(peer.logs_gb, 0),
                decimal(peer.daftar_threads, 3),
            ]
        })
        .collect();
    let heads = ["peer", "a-day", "vcpus", "memory", "disk", "logs", "own"];
    let blocks =
        if rows.is_empty() { Vec::new() } else { vec![w.text("peers-text"), w.table("peers", &heads, rows)] };
    w.section("peers", blocks)
}

fn assumptions(w: &Writer<'_>) -> Section {
    let rows = w.plan.cells.cells.iter().map(|(name, cell)| {
        let values = |list: &[Fixed]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let kind = match cell.kind {
            Kind::Measured => w.w("measured"),
            Kind::Published => w.w("published"),
            Kind::Estimate => w.w("estimate"),
            Kind::Given => w.w("given"),
        };
        let before = cell.instead_of.as_ref().map_or_else(String::new, |old| format!(" ← {}", values(old)));
        let source = cell
            .workload
            .as_ref()
            .map_or_else(|| cell.source.clone(), |work| format!("{work}: {}", cell.source));
        vec![
            format!("`{name}`"),
            format!("{}{before}", values(&cell.values)),
            cell.unit.clone(),
            kind,
            source,
        ]
    });
    let table = w.table("assumptions", &["cell", "value", "unit", "kind", "source"], rows.collect());
    let version = [("version", w.plan.assumptions.clone())];
    w.section("assumptions", vec![Block::Text(w.words.with("assumptions-text", &version)), table])
}

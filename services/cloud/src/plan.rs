//! The planner's page: a short form, and the plan of what it asks. Nothing is kept; the address holds the whole question.

use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::Problem;
use daftar_packs::Activity;
use daftar_ui::parts::{Choice, Column, Link, Table};
use daftar_ui::{Ask, Block, Bundle, Fault, Field, Form, Html, Sheet, Texts, Tone};
use site_planner::{Bench, Cells, Document, Plan, PlanError, Words};
use std::fmt::Write;
use std::sync::OnceLock;
use tokio::sync::Semaphore;

/// The planner's texts.
pub const BUNDLES: [Bundle; 3] = [
    Bundle { crate_name: "plan", lang: "en", text: include_str!("../locales/plan/en.ftl") },
    Bundle { crate_name: "plan", lang: "fr", text: include_str!("../locales/plan/fr.ftl") },
    Bundle { crate_name: "plan", lang: "ar", text: include_str!("../locales/plan/ar.ftl") },
];

/// The results of our own benches that come with the program: name and text.
pub const RESULTS: (&str, &str) =
    ("bench/results/2026-11-28.jsonl", include_str!("../../../bench/results/2026-11-28.jsonl"));

/// The planner rests before everything else: a plan can wait for the sun.
pub const ACTIVITY: Activity = Activity { code: "cloud.planner", help: "planning a site", vital: false };

/// How many plans are reckoned at a time: each takes a processor for a good while, and the rest of the country comes first.
const AT_ONCE: usize = 1;
static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// The most people and years that the page asks for; a file may ask for more.
const PEOPLE: (i64, i64) = (1, 1_000_000_000);
const YEARS: (i64, i64) = (1, 20);
const VCPUS: (i64, i64) = (0, 100_000);
/// Bundles of services the form offers.
const SERVICES: [(&str, &[&str]); 3] = [
    ("all", site_planner::USUAL),
    ("identity", &["enrolment", "verification", "look", "sign-in"]),
    ("registers", &["enrolment", "verification", "look", "sign-in", "civil", "registries", "documents"]),
];
const TITLE: &str = "plan-title";

/// The words of a plan in the reader's language.
pub struct Said(pub Texts);

impl Words for Said {
    fn word(&self, key: &str) -> String {
        self.0.get(&format!("plan-{key}")).into_owned()
    }
    fn with(&self, key: &str, values: &[(&'static str, String)]) -> String {
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str().into())).collect();
        self.0.with(&format!("plan-{key}"), &values)
    }
    fn rtl(&self) -> bool {
        self.0.dir() == "rtl"
    }
}

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/plan", Access::Public, page);
    routes.page("GET", "/plan/take/{file}", Access::Public, take).example("file", "site.toml");
}

/// The assumptions that come with the program, read once.
fn shipped() -> Result<&'static Cells, Problem> {
    static CELLS: OnceLock<Result<Cells, PlanError>> = OnceLock::new();
    CELLS.get_or_init(Cells::shipped).as_ref().map_err(Problem::internal)
}

/// What the form asks, as sent.
struct Question {
    country: String,
    population: String,
    services: String,
    tier: String,
    years: String,
    vcpus: String,
}

impl Question {
    fn of(cx: &Cx) -> Self {
        let or = |name: &str, usual: &str| {
            let sent = cx.query.get(name).trim();
            if sent.is_empty() { usual.to_string() } else { sent.to_string() }
        };
        Self {
            country: or("country", "KE"),
            population: cx.query.get("population").trim().into(),
            services: or("services", "all"),
            tier: or("tier", "1"),
            years: or("years", "10"),
            vcpus: or("vcpus", "0"),
        }
    }
    /// Faults by field.
    fn faults(&self, said: &Said) -> Vec<(&'static str, String)> {
        let number = |field, text: &str, (least, most): (i64, i64)| {
            let good = text.parse::<i64>().is_ok_and(|n| (least..=most).contains(&n));
            let values = [("least", least.to_string()), ("most", most.to_string())];
            (!good).then(|| (field, said.with("not-number", &values)))
        };
        let mut faults: Vec<_> = [
            number("population", &self.population, PEOPLE),
            number("years", &self.years, YEARS),
            number("tier", &self.tier, (1, 4)),
            number("vcpus", &self.vcpus, VCPUS),
        ]
        .into_iter()
        .flatten()
        .collect();
        let known = shipped().is_ok_and(|cells| cells.countries.contains_key(&self.country));
        if !known {
            faults.push(("country", said.word("ask-country")));
        }
        if !SERVICES.iter().any(|(name, _)| *name == self.services) {
            faults.push(("services", said.word("ask-services")));
        }
        faults
    }
    /// The question as a file; only after [`Question::faults`] found none.
    fn site_toml(&self, said: &Said) -> String {
        let country = said.word(&format!("country-{}", self.country.to_lowercase()));
        let name = said.with("name", &[("country", country)]);
        let vcpus: i64 = self.vcpus.parse().unwrap_or(0);
        let mut out = format!(
            "name = {}\ncountry = \"{}\"\npopulation = {}\ntier = {}\nyears = {}\n",
            quoted(&name),
            self.country,
            self.population,
            self.tier,
            self.years
        );
        let services =
            SERVICES.iter().find(|(name, _)| *name == self.services).map_or(&[][..], |(_, list)| list);
        for service in services {
            // Writing to a String cannot fail.
            let _ = write!(out, "\n[services.{service}]\nuptake = 100\n");
        }
        if vcpus > 0 {
            let _ = write!(
                out,
                "\n[hosting]\nvcpus = {vcpus}\nmemory_gib = {}\ndisk_gb = {}\n",
                vcpus * 4,
                vcpus * 100
            );
        }
        let offers = [
            ("loan", "rate = 2\nyears = 20\ngrace_years = 5\nupfront = 0.5\n"),
            ("lease", "months = 60\nrent = 2.2\n"),
            ("cloud", ""),
            ("bundle", "rate = 3\nyears = 15\ngrace_years = 3\nupfront = 4\ncommitment = 0.5\n"),
        ];
        for (kind, terms) in offers {
            let name = quoted(&said.word(&format!("offer-name-{kind}")));
            let _ = write!(out, "\n[[offer]]\nname = {name}\nkind = \"{kind}\"\n{terms}");
        }
        out
    }
    /// The question in an address.
    fn query(&self) -> String {
        let pairs = [
            ("country", &self.country),
            ("population", &self.population),
            ("services", &self.services),
            ("tier", &self.tier),
            ("years", &self.years),
            ("vcpus", &self.vcpus),
        ];
        // Only what passed the checks comes here: letters, digits, hyphens.
        pairs.map(|(name, value)| format!("{name}={value}")).join("&")
    }
}

/// A text as TOML writes it, without the marks that isolate directions on a page.
fn quoted(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}')).collect();
    format!("\"{}\"", plain.replace('\\', "").replace('"', "'"))
}

/// Reckons a plan, away from the threads that answer others.
async fn reckon(text: String) -> Result<Result<Plan, PlanError>, Problem> {
    let cells = shipped()?;
    let _turn = TURNS.acquire().await.map_err(Problem::internal)?;
    tokio::task::spawn_blocking(move || {
        let (site, cells) = site_planner::read("site.toml", &text, cells)?;
        let bench = Bench::read(RESULTS.0, RESULTS.1)?;
        Ok(site_planner::plan(&site, &cells, &bench)?.0)
    })
    .await
    .map_err(Problem::internal)
}

async fn page(cx: Cx) -> Result<Reply, Problem> {
    let said = Said(cx.texts());
    let question = Question::of(&cx);
    let asked = !cx.query.get("population").is_empty();
    let faults = if asked { question.faults(&said) } else { Vec::new() };
    let mut f = cx.frame(TITLE);
    f.wide = true;
    f = f.with_faults(
        faults.iter().map(|(field, text)| Fault { field: (*field).into(), message: text.clone() }).collect(),
    );
    let mut sheet = Sheet::new(f).add(Block::Lead(said.word("page-lead")));
    if asked && faults.is_empty() {
        let plan = reckon(question.site_toml(&said)).await?;
        let written =
            plan.and_then(|plan| site_planner::document(&plan, &said, cx.query.get("whole") == "yes"));
        match written {
            Ok(document) => {
                sheet = downloads(shown(sheet, &document, &said), &question, &said);
            }
            Err(error) => {
                let why = said.with("refused-text", &[("why", error.to_string())]);
                sheet = sheet.add(Block::Note(Tone::Warning, said.word("refused"), Html::text(why)));
            }
        }
    }
    Reply::page(&sheet.add(Block::Form(form(&question, &said)?)))
}

fn form(question: &Question, said: &Said) -> Result<Form, Problem> {
    let countries = shipped()?.countries.keys().map(|code| {
        let name = said.word(&format!("country-{}", code.to_lowercase()));
        Choice::new(code, name, *code == question.country)
    });
    let services = SERVICES.map(|(name, _)| {
        Choice::new(name, said.word(&format!("ask-services-{name}")), name == question.services)
    });
    let tiers = ["1", "2", "3", "4"]
        .map(|tier| Choice::new(tier, said.word(&format!("ask-tier-{tier}")), tier == question.tier));
    let line =
        |name: &str, value: &str| Field::new(name, said.word(&format!("ask-{name}")), Ask::Line).value(value);
    Ok(Form::ask("/plan", said.word("ask"))
        .field(Field::new("country", said.word("ask-country"), Ask::Select(countries.collect())))
        .field(line("population", &question.population).hint(said.word("ask-population-hint")))
        .field(Field::new("services", said.word("ask-services"), Ask::Radios(services.to_vec())))
        .field(Field::new("tier", said.word("ask-tier"), Ask::Radios(tiers.to_vec())))
        .field(line("years", &question.years))
        .field(line("vcpus", &question.vcpus).hint(said.word("ask-vcpus-hint"))))
}

/// The plan's document as blocks of a page.
fn shown(mut sheet: Sheet, document: &Document, said: &Said) -> Sheet {
    sheet = sheet.text(document.lead.clone());
    sheet = sheet.add(Block::Note(Tone::Info, said.word("estimate"), Html::text(said.word("estimates"))));
    for section in &document.sections {
        sheet = sheet.add(Block::Heading(section.title.clone()));
        for block in &section.blocks {
            match block {
                site_planner::Block::Text(text) => sheet = sheet.text(text.clone()),
                site_planner::Block::Table(given) => sheet = sheet.add(Block::Table(table(given))),
                site_planner::Block::Drawing { svg, table: given, .. } => {
                    sheet = sheet.add(Block::Markup(Html::trusted(svg.clone())));
                    if let Some(given) = given {
                        sheet = sheet.add(Block::Table(table(given)));
                    }
                }
            }
        }
    }
    sheet
}

/// A table as pages have it: a column whose cells are numbers is one of numbers.
fn table(given: &site_planner::Table) -> Table {
    let numeric = |column: usize| {
        let mut cells =
            given.rows.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.is_empty()).peekable();
        column > 0
            && cells.peek().is_some()
            && cells.all(|cell| {
                cell.trim_start_matches(['\u{2066}', '\u{2212}']).starts_with(|c: char| c.is_ascii_digit())
            })
    };
    let column = |(index, name): (usize, &String)| {
        if numeric(index) { Column::number(name) } else { Column::text(name) }
    };
    Table {
        caption: given.caption.clone(),
        columns: given.header.iter().enumerate().map(column).collect(),
        rows: given
            .rows
            .iter()
            .map(|row| row.iter().map(|cell| Html::text(cell.trim_matches('`'))).collect())
            .collect(),
    }
}

fn downloads(sheet: Sheet, question: &Question, said: &Said) -> Sheet {
    let query = question.query();
    let file = |name: &str, key: &str| Link::new(format!("/plan/take/{name}?{query}"), said.word(key));
    sheet.add(Block::Heading(said.word("download"))).add(Block::Links(vec![
        file("site.toml", "download-site"),
        file("plan.json", "download-json"),
        file("plan.html", "download-html"),
        Link::new(format!("/plan?{query}&whole=yes"), said.word("whole")),
    ]))
}

async fn take(cx: Cx) -> Result<Reply, Problem> {
    let said = Said(cx.texts());
    let question = Question::of(&cx);
    if !question.faults(&said).is_empty() {
        return cx.go("/plan");
    }
    let text = question.site_toml(&said);
    let name = cx.param("file").to_string();
    if name == "site.toml" {
        return Ok(Reply::file("application/toml", &name, text));
    }
    if !["plan.json", "plan.html"].contains(&name.as_str()) {
        return Err(Problem::not_found());
    }
    let Ok(plan) = reckon(text).await? else { return cx.go(&format!("/plan?{}", question.query())) };
    if name == "plan.json" {
        return Ok(Reply::file(
            "application/json",
            &name,
            serde_json::to_vec_pretty(&plan).map_err(Problem::internal)?,
        ));
    }
    let document = site_planner::document(&plan, &said, true).map_err(Problem::internal)?;
    let html = site_planner::html(&document, &said.0.lang().to_string(), said.rtl());
    Ok(Reply::file("text/html; charset=utf-8", &name, html))
}

#[cfg(test)]
mod tests {
    use super::*;
    use daftar_kernel::Lang;
    use daftar_ui::Catalog;
    use site_planner::{FIGURES, Group, KEYS, PARTS, USUAL};
    use std::collections::BTreeSet;

    fn catalog() -> Catalog {
        Catalog::new(&BUNDLES).unwrap()
    }

    /// Every key that the planner or the page asks for.
    fn asked() -> BTreeSet<String> {
        let mut keys: BTreeSet<String> = KEYS.iter().map(ToString::to_string).collect();
        keys.extend(PARTS.iter().map(|part| format!("part-{part}")));
        keys.extend(Group::ALL.map(|group| format!("group-{}", group.word())));
        keys.extend(USUAL.iter().map(|service| format!("service-{service}")));
        keys.extend(FIGURES.iter().map(|(figure, _)| format!("figure-{figure}")));
        keys.extend((1..=12).map(|month| format!("month-{month}")));
        keys.extend((1..=4).map(|tier| format!("ask-tier-{tier}")));
        keys.extend(["buy", "loan", "lease", "cloud", "bundle"].map(|kind| format!("offer-{kind}")));
        keys.extend(["loan", "lease", "cloud", "bundle"].map(|kind| format!("offer-name-{kind}")));
        keys.extend(
            ["mosip-registration", "mosip-authentication", "opencrvs"].map(|peer| format!("peer-{peer}")),
        );
        keys.extend(SERVICES.map(|(name, _)| format!("ask-services-{name}")));
        keys.extend(
            shipped().unwrap().countries.keys().map(|code| format!("country-{}", code.to_lowercase())),
        );
        let page = "title page-lead ask ask-country ask-population ask-population-hint ask-services ask-tier ask-years \
            ask-vcpus ask-vcpus-hint download download-site download-json download-html whole refused refused-text estimates \
            name not-number";
        keys.extend(page.split_whitespace().map(String::from));
        keys
    }

    #[test]
    fn every_word_is_there_in_every_language_and_none_lies_unused() {
        let asked = asked();
        for bundle in BUNDLES {
            let there: BTreeSet<String> = bundle
                .text
                .lines()
                .filter_map(|line| {
                    line.strip_prefix("plan-")?.split_once(" = ").map(|(key, _)| key.to_string())
                })
                .collect();
            let missing: Vec<_> = asked.difference(&there).collect();
            let unused: Vec<_> = there.difference(&asked).collect();
            assert!(
                missing.is_empty() && unused.is_empty(),
                "{}: missing {missing:?}, unused {unused:?}",
                bundle.lang
            );
        }
    }

    #[test]
    fn what_the_form_asks_is_a_site_in_every_language() {
        for lang in ["en", "fr", "ar"] {
            let said = Said(catalog().texts(&Lang::parse(lang).unwrap()).unwrap());
            let question = Question {
                country: "MA".into(),
                population: "400000".into(),
                services: "registers".into(),
                tier: "2".into(),
                years: "10".into(),
                vcpus: "64".into(),
            };
            assert!(question.faults(&said).is_empty());
            let text = question.site_toml(&said);
            let (site, cells) = site_planner::read("site.toml", &text, shipped().unwrap()).unwrap();
            assert_eq!((site.services.len(), site.offers.len(), site.hosting.memory_gib), (7, 5, 256));
            let plan =
                site_planner::plan(&site, &cells, &Bench::read(RESULTS.0, RESULTS.1).unwrap()).unwrap().0;
            let html =
                site_planner::html(&site_planner::document(&plan, &said, true).unwrap(), lang, said.rtl());
            assert!(!html.contains("plan-") || !html.contains(">plan-"), "a key without words");
        }
    }

    #[test]
    fn numbers_at_their_bounds_and_one_past_them() {
        let said = Said(catalog().english());
        let ask = |population: &str, years: &str| Question {
            country: "KE".into(),
            population: population.into(),
            services: "all".into(),
            tier: "1".into(),
            years: years.into(),
            vcpus: "0".into(),
        };
        assert!(ask("1", "1").faults(&said).is_empty() && ask("1000000000", "20").faults(&said).is_empty());
        for (population, years) in
            [("0", "1"), ("1000000001", "1"), ("1", "0"), ("1", "21"), ("x", "1"), ("1e3", "1")]
        {
            assert_eq!(ask(population, years).faults(&said).len(), 1, "{population} {years}");
        }
    }
}

//! Whole plans: what must hold whatever is asked.

use proptest::prelude::*;
use site_planner::{
    Bench, Cells, Cents, Fixed, KEYS, PARTS, Plan, PlanError, Power, Shape, Words, document, hours_csv, plan,
    read,
};

const RESULTS: &str = include_str!("../../../bench/results/2026-11-28.jsonl");

/// Words that are their own keys.
struct Keys;
impl Words for Keys {
    fn word(&self, key: &str) -> String {
        key.into()
    }
    fn with(&self, key: &str, values: &[(&'static str, String)]) -> String {
        format!(
            "{key} {}",
            values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
        )
    }
    fn rtl(&self) -> bool {
        false
    }
}

fn make(text: &str) -> Result<Plan, PlanError> {
    let (site, cells) = read("site.toml", text, &Cells::shipped()?)?;
    Ok(plan(&site, &cells, &Bench::read("results", RESULTS)?)?.0)
}

fn site(population: u64, tier: u64, rest: &str) -> String {
    format!("name = 'K'\ncountry = 'KE'\npopulation = {population}\ntier = {tier}\n{rest}")
}

const HOSTING: &str = "[hosting]\nvcpus = 2400\nmemory_gib = 9600\ndisk_gb = 400000\n";
const OFFERS: &str = "
[[offer]]
name = 'Bank'
kind = 'loan'
rate = 2
years = 20
grace_years = 5
upfront = 1
commitment = 0.5
draw_periods = 4
[[offer]]
name = 'Lessor'
kind = 'lease'
months = 60
rent = 2.2
[[offer]]
name = 'Provider'
kind = 'cloud'
[[offer]]
name = 'Vendor'
kind = 'bundle'
rate = 3
years = 15
grace_years = 3
";

#[test]
fn a_district_is_one_box_under_two_kilowatts_of_sun() {
    let plan = make(&site(150_000, 1, "")).unwrap();
    assert_eq!((plan.size.shape, plan.size.servers, plan.energy.power), (Shape::Box, 1, Power::Solar));
    assert!(plan.energy.panel_watts <= Fixed::int(2_000), "{} W", plan.energy.panel_watts);
    assert_eq!(plan.energy.dark_hours, 0);
    assert!(
        plan.cost.total_cents > Cents(1_000_000) && plan.cost.total_cents < Cents(20_000_000),
        "{:?}",
        plan.cost.total_cents
    );
    assert_eq!(plan.bench_sha256, site_planner::sha256(RESULTS.as_bytes()));
}

#[test]
fn what_agencies_order_makes_modules_and_a_building() {
    let module = make(&site(3_000_000, 2, HOSTING)).unwrap();
    assert_eq!(module.size.shape, Shape::Module);
    assert!((3..=42).contains(&module.size.racks), "{} racks", module.size.racks);
    let building = make(&site(30_000_000, 3, &format!("shape = 'building'\n{HOSTING}"))).unwrap();
    assert_eq!(
        (building.size.shape, building.size.modules >= 4, building.size.floors >= 1),
        (Shape::Building, true, true)
    );
    assert!(
        building.energy.pue > Fixed::ONE && building.energy.pue < Fixed::int(2),
        "{}",
        building.energy.pue
    );
}

#[test]
fn the_climate_makes_the_pue() {
    let of = |country: &str| {
        let text = site(1_000_000, 2, HOSTING).replace("'KE'", &format!("'{country}'"));
        make(&text).unwrap().energy.pue
    };
    assert!(of("EE") < of("KE") && of("KE") < of("PH"), "{} {} {}", of("EE"), of("KE"), of("PH"));
}

#[test]
fn refusals_say_what_to_do() {
    let said = |text: &str| make(text).err().unwrap().to_string();
    assert!(said(&site(900_000_000, 1, "shape = 'box'")).contains("Ask for shape = \"module\""));
    assert!(said(&site(1000, 1, &format!("shape = 'box'\n{HOSTING}"))).contains("agencies order computers"));
    assert!(
        said(&site(1000, 1, "[override]\n'load.utilisation' = 0"))
            .contains("'load.utilisation' must be above zero")
    );
    assert!(
        said(&site(
            1000,
            1,
            "power = 'solar'\n[override]\n'country.irradiation' = [0,0,0,0,0,0,0,0,0,0,0,0]"
        ))
        .contains("power = \"mixed\"")
    );
    let huge = site(1_000_000_000, 4, "shape = 'building'\n[hosting]\nvcpus = 10000000\n");
    assert!(said(&huge).contains("are more than a plan holds"));
}

#[test]
fn the_same_question_gives_the_same_bytes_and_every_word_is_known() {
    let text = site(150_000, 1, OFFERS);
    let (one, two) = (make(&text).unwrap(), make(&text).unwrap());
    assert_eq!(one, two);
    let document = document(&one, &Keys, true).unwrap();
    let names: Vec<_> = document.sections.iter().map(|section| section.name).collect();
    assert_eq!(names.len(), 13, "{names:?}");
    let markdown = site_planner::markdown(&document);
    assert!(markdown.contains("part-box") && PARTS.contains(&"box") && KEYS.contains(&"lead"));
    assert!(markdown.contains(&one.bench_sha256) && markdown.contains(&one.site.sha256));
    let html = site_planner::html(&document, "en", false);
    assert_eq!((html.matches("<svg").count(), html.matches("</svg>").count()), (5, 5));
}

#[test]
fn where_no_sun_shines_nobody_builds_panels() {
    let plan = make(&site(1000, 1, "[override]\n'country.irradiation' = [0,0,0,0,0,0,0,0,0,0,0,0]")).unwrap();
    assert_eq!(
        (plan.energy.power, plan.energy.panels, plan.energy.yield_kwh),
        (Power::Mixed, 0, Fixed::ZERO)
    );
    let north = make(&site(150_000, 1, "").replace("'KE'", "'EE'")).unwrap();
    assert_eq!(north.energy.power, Power::Mixed);
    assert!(north.energy.panel_watts <= Fixed::int(2_000));
}

#[test]
fn an_override_is_used_and_shown_with_what_stood_there() {
    let plan = make(&site(150_000, 1, "[override]\n'server.box.price' = 5200\n")).unwrap();
    let usual = make(&site(150_000, 1, "")).unwrap();
    assert_eq!(plan.parts[0].each_cents, Cents(520_000));
    assert!(plan.cost.capital.total_cents > usual.cost.capital.total_cents);
    assert_eq!(plan.cells.cells["server.box.price"].instead_of, Some(vec![Fixed::int(2600)]));
}

#[test]
fn money_adds_up_to_the_cent() {
    let plan = make(&site(400_000, 2, &format!("{OFFERS}{HOSTING}"))).unwrap();
    let parts: Cents = plan.parts.iter().map(|part| part.total_cents).sum();
    assert_eq!(parts, plan.cost.capital.equipment_cents);
    let years: Cents = plan.cost.years.iter().map(site_planner::Year::total).sum();
    assert_eq!(plan.cost.total_cents, plan.cost.capital.total_cents.plus(years));
    assert_eq!(plan.offers[0].total_cents, plan.cost.total_cents);
    for offer in &plan.offers {
        let sum =
            offer.at_once_cents.plus(offer.years_cents.iter().copied().sum()).plus(offer.owed_after_cents);
        assert_eq!(sum, offer.total_cents, "{}", offer.kind);
        if let Some(last) = offer.schedule.last() {
            assert_eq!(last.balance, Cents::ZERO);
            let back: Cents = offer.schedule.iter().map(|period| period.principal).sum();
            assert_eq!(Some(back), offer.face_cents);
        }
    }
}

#[test]
fn a_cheap_loan_is_a_gift_and_a_dear_one_is_not() {
    let plan = make(&site(400_000, 1, OFFERS)).unwrap();
    let of = |kind: &str| plan.offers.iter().find(|offer| offer.kind == kind).unwrap();
    assert!(of("loan").grant_percent.unwrap() > Fixed::int(15));
    let dear = make(&site(400_000, 1, &OFFERS.replace("rate = 2", "rate = 9"))).unwrap();
    assert!(dear.offers[1].grant_percent.unwrap() < Fixed::ZERO);
    assert!(!dear.offers[1].concessional);
    // A falling currency makes a loan in dollars dearer, and cash on the table not.
    let falling = make(&site(400_000, 1, &format!("[money]\nfalls = 25\n{OFFERS}"))).unwrap();
    assert!(falling.offers[1].total_cents > plan.offers[1].total_cents);
    assert_eq!(falling.offers[0].at_once_cents, plan.offers[0].at_once_cents);
}

#[test]
fn the_hours_can_be_reckoned_again() {
    let (site, cells) = read("site.toml", &site(150_000, 1, ""), &Cells::shipped().unwrap()).unwrap();
    let (_, hours) = plan(&site, &cells, &Bench::read("results", RESULTS).unwrap()).unwrap();
    let csv = hours_csv(&hours);
    assert_eq!(csv.lines().count(), 8761);
    assert!(csv.lines().all(|line| line.split(',').count() == 15));
}

/// How many parts there are of everything.
fn parts(plan: &Plan) -> u64 {
    plan.parts
        .iter()
        .filter(|part| !["charger", "tank", "transformer"].contains(&part.part))
        .map(|part| part.quantity)
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn more_people_never_cost_less(
        people in 0_u64..60_000_000, more in 1_u64..60_000_000, tier in 1_u64..=4, hosting in any::<bool>(),
        country in prop::sample::select(vec!["KE", "EE", "PH", "KZ", "MA"]),
    ) {
        let rest = if hosting { HOSTING } else { "power = 'mixed'\n" };
        let of = |people: u64| make(&site(people, tier, rest).replace("'KE'", &format!("'{country}'"))).unwrap();
        let (few, many) = (of(people), of(people + more));
        prop_assert!(few.cost.total_cents <= many.cost.total_cents, "{} {}", few.cost.total_cents.0, many.cost.total_cents.0);
        prop_assert!(few.cost.capital.total_cents <= many.cost.capital.total_cents);
        prop_assert!(few.energy.panels <= many.energy.panels && few.energy.batteries <= many.energy.batteries);
        for plan in [few, many] {
            prop_assert!(plan.energy.open_percent <= Fixed::parse("0.1").unwrap(), "{}", plan.energy.open_percent);
            prop_assert!(plan.energy.pue >= Fixed::ONE);
        }
    }

    #[test]
    fn a_higher_tier_never_has_fewer_parts(people in 0_u64..40_000_000, hosting in any::<bool>()) {
        let rest = if hosting { HOSTING } else { "power = 'mixed'\n" };
        let counts: Vec<u64> = (1..=4).map(|tier| parts(&make(&site(people, tier, rest)).unwrap())).collect();
        prop_assert!(counts.windows(2).all(|pair| pair[0] <= pair[1]), "{counts:?}");
    }
}

//! `/power`: for everybody, what the supply says, what rests and in which order.

use super::Power;
use super::reading::Reading;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::Problem;
use daftar_packs::PowerLaw;
use daftar_packs::power::Step;
use daftar_ui::parts::{Column, Table, Tile};
use daftar_ui::{Block, Html, Sheet, Texts};

/// Adds the route.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/power", Access::Public, page);
}

async fn page(cx: Cx) -> Result<Reply, Problem> {
    let f = cx.frame("cloud-power");
    let t = f.t.clone();
    let word = |key: &str| t.get(key).into_owned();
    let now = cx.site.world().now();
    let state = cx.site.service::<Power>().map(|power| power.state());
    let mut sheet = Sheet::new(f).add(Block::Lead(word("cloud-power-lead")));
    sheet = match &state {
        None => sheet.text(word("cloud-power-unwatched")),
        Some(state) => match state.fresh(now) {
            Some(reading) => sheet.add(Block::Tiles(tiles(&t, reading))),
            None => sheet.add(Block::Warning(match &state.seen {
                Some((_, at)) => t.one("cloud-power-silent", "ago", t.ago(*at, now)),
                None => word("cloud-power-never"),
            })),
        },
    };
    let country = cx.site.country();
    let Some(law) = &country.power else { return Reply::page(&sheet.text(word("cloud-power-no-law"))) };
    let (steps, since) = state.map_or((0, None), |state| (state.level.steps, state.since));
    if let Some(since) = since.filter(|_| steps > 0) {
        sheet = sheet.text(t.one("cloud-power-since", "when", t.moment(since)));
    }
    Reply::page(&sheet.add(Block::Table(order(&t, law, steps))).text(t.one(
        "cloud-power-basis",
        "law",
        law.basis.as_str(),
    )))
}

fn tiles(t: &Texts, reading: &Reading) -> Vec<Tile> {
    let word = |key: &str| t.get(key).into_owned();
    let tile = |label: &str, value: Option<String>| Tile {
        label: word(label),
        value: value.unwrap_or_else(|| word("cloud-power-unknown")),
        note: String::new(),
        href: None,
    };
    let source = if reading.on_battery { "cloud-power-battery" } else { "cloud-power-mains" };
    let percent = |value: u8| t.one("cloud-power-percent", "n", i64::from(value));
    let lasts = reading.lasts_seconds.map(|seconds| minutes(t, seconds / 60));
    vec![
        tile("cloud-power-source", Some(word(source))),
        tile("cloud-power-charge", reading.charge_percent.map(percent)),
        tile("cloud-power-lasts", lasts),
        tile("cloud-power-load", reading.load_percent.map(percent)),
        tile("cloud-power-heat", reading.celsius_tenths.map(|tenths| celsius(t, tenths))),
    ]
}

fn minutes(t: &Texts, minutes: u32) -> String {
    t.two("cloud-power-minutes", "h", i64::from(minutes / 60), "m", i64::from(minutes % 60))
}

/// In whole degrees, to the nearest.
fn celsius(t: &Texts, tenths: i32) -> String {
    t.one("cloud-power-celsius", "n", i64::from((tenths + 5).div_euclid(10)))
}

fn order(t: &Texts, law: &PowerLaw, resting: usize) -> Table {
    let word = |key: &str| t.get(key).into_owned();
    let row = |(index, step): (usize, &Step)| {
        let names: Vec<String> = step
            .activities
            .iter()
            .map(|code| word(&format!("{}-activity", code.replace('.', "-"))))
            .collect();
        let state = if index < resting { "cloud-power-rests" } else { "cloud-power-works" };
        vec![Html::text(t.list(&names)), Html::text(when(t, step)), Html::text(word(state))]
    };
    Table {
        caption: word("cloud-power-order"),
        columns: ["cloud-power-what", "cloud-power-when", "cloud-power-state"]
            .map(|key| Column::text(word(key)))
            .to_vec(),
        rows: law.steps.iter().enumerate().map(row).collect(),
    }
}

/// When a step is taken, in words: one of several reasons is enough.
fn when(t: &Texts, step: &Step) -> String {
    let charge = t.one("cloud-power-at-charge", "n", i64::from(step.at_percent));
    let lasts = step.at_minutes.map(|least| t.one("cloud-power-at-lasts", "time", minutes(t, least)));
    let heat = step.at_celsius.map(|celsius| t.one("cloud-power-at-heat", "n", i64::from(celsius)));
    [Some(charge), lasts, heat].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

//! Public counts: how many people, by district, sex and age. Small cells are hidden so that nobody can be recognised.

use crate::people::People;
use crate::statistics::Table as Counts;
use crate::statistics::suppress::Shown;
use daftar_http::{Access, Cx, Reply, Routes};
use daftar_kernel::Problem;
use daftar_ui::parts::{Column, Link, Table};
use daftar_ui::{Block, Html, Sheet, Texts};
use svg_chart::{Data, NumberStyle, Series, stacked_bars};

/// Adds the routes.
pub fn add(routes: &mut Routes) {
    routes.page("GET", "/statistics", Access::Public, page);
}

async fn page(cx: Cx) -> Result<Reply, Problem> {
    let people = cx.service::<People>()?;
    let figures = people.figures().await?;
    let (districts, ages) = (figures.districts, figures.ages);
    let mut f = cx.frame("identity-statistics");
    f.wide = true;
    let t = f.t.clone();
    let names = Names::of(&cx, &t);
    let (district, age) = (|code: &str| names.district(code), |code: &str| names.age(code));
    let sheet = Sheet::new(f).add(Block::Lead(t.get("identity-statistics-lead").into_owned()));
    if ages.rows.is_empty() {
        return Reply::page(&sheet.text(t.get("identity-statistics-empty").into_owned()));
    }
    let sheet = sheet
        .add(Block::Markup(chart(&cx, &t, "ages", "identity-by-age", &ages, &age)?))
        .add(Block::Table(table(&t, "identity-by-age", "identity-age", &ages, &age)))
        .add(Block::Markup(chart(&cx, &t, "districts", "identity-by-district", &districts, &district)?))
        .add(Block::Table(table(&t, "identity-by-district", "identity-district", &districts, &district)))
        .add(Block::Links(vec![Link::new("/refusals", t.get("identity-refusals"))]));
    Reply::page(&sheet)
}

/// What the rows of public tables are called.
pub(super) struct Names<'a> {
    cx: &'a Cx,
    unknown: String,
}

impl<'a> Names<'a> {
    pub(super) fn of(cx: &'a Cx, t: &Texts) -> Self {
        Self { cx, unknown: t.get("identity-unknown").into_owned() }
    }
    pub(super) fn district(&self, code: &str) -> String {
        let country = self.cx.site.country();
        if country.places.get(code).is_some() {
            country.places.full_name(code, &self.cx.lang)
        } else {
            self.unknown.clone()
        }
    }
    pub(super) fn age(&self, code: &str) -> String {
        if code == "?" { self.unknown.clone() } else { code.to_string() }
    }
}

fn column(t: &Texts, code: &str) -> String {
    t.get(&format!("identity-sex-{code}")).into_owned()
}

fn chart(
    cx: &Cx,
    t: &Texts,
    id: &str,
    title: &str,
    counts: &Counts,
    name: &dyn Fn(&str) -> String,
) -> Result<Html, Problem> {
    let series = counts
        .columns
        .iter()
        .enumerate()
        .map(|(i, code)| Series {
            name: column(t, code),
            values: (0..counts.rows.len())
                .map(|row| {
                    counts
                        .cells
                        .get(row)
                        .and_then(|cells| cells.get(i))
                        .and_then(|cell| cell.count())
                        .and_then(|n| i64::try_from(n).ok())
                })
                .collect(),
        })
        .collect();
    let data = Data {
        id: id.into(),
        title: t.get(title).into_owned(),
        description: t.get("identity-statistics-table-below").into_owned(),
        category_name: t.get(title).into_owned(),
        categories: counts.rows.iter().map(|row| name(row)).collect(),
        series,
        decimals: 0,
        numbers: NumberStyle::plain(),
        unknown: t.get("identity-hidden").into_owned(),
        rtl: cx.lang.dir() == "rtl",
    };
    let chart = stacked_bars(&data).map_err(Problem::internal)?;
    Ok(Html::trusted(chart.svg))
}

pub(super) fn table(
    t: &Texts,
    title: &str,
    first: &str,
    counts: &Counts,
    name: &dyn Fn(&str) -> String,
) -> Table {
    let total = t.get("identity-total").into_owned();
    let cell = |cell: &Shown| match cell.count() {
        Some(count) => Html::text(t.number(i64::try_from(count).unwrap_or(i64::MAX))),
        None => Html::text(t.get("identity-hidden")),
    };
    let mut columns = vec![Column::text(t.get(first))];
    columns.extend(counts.columns.iter().map(|code| Column::number(column(t, code))));
    columns.push(Column::number(total.clone()));
    let names = counts.rows.iter().map(|row| name(row)).chain(std::iter::once(total));
    let rows = names
        .zip(&counts.cells)
        .map(|(name, cells)| std::iter::once(Html::text(name)).chain(cells.iter().map(cell)).collect())
        .collect();
    Table { caption: t.get(title).into_owned(), columns, rows }
}

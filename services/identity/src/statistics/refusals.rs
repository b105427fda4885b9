//! How many people were refused in a quarter, by reason, district, sex and age.
//!
//! Only quarters that are over are published, so that a table never changes once it is out: whoever compares yesterday's
//! table with today's would otherwise see who was refused today, however well each table is hidden.

use super::{Cell, Table, band_of, grouped, named_bands, publish_as_tables};
use crate::people::People;
use crate::person::Sex;
use crate::refuse::quarter;
use daftar_kernel::Problem;
use daftar_store::{Row, params, sql};

/// Quarters shown.
pub const QUARTERS: usize = 8;

/// The refusals of one quarter.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Quarter {
    /// Which: `2026-3`.
    pub quarter: String,
    /// By reason and sex.
    pub reasons: Table,
    /// By district and sex.
    pub districts: Table,
    /// By age band and sex.
    pub ages: Table,
}

impl People {
    /// Refusals of the quarters that are over, the newest first, with small cells hidden.
    ///
    /// # Errors
    /// The store's.
    pub async fn refusals(&self) -> Result<Vec<Quarter>, Problem> {
        let now = quarter(self.today());
        let quarters: Vec<String> = self
            .store
            .read(move |tx| {
                let now = now.clone();
                Box::pin(async move {
                    let select = sql!(
                        "select distinct quarter from identity_refusal_count where quarter < $1 \
                         order by quarter desc limit $2"
                    );
                    let limit = i64::try_from(QUARTERS).unwrap_or(i64::MAX);
                    let rows = tx.query(select, &params![now, limit]).await?;
                    rows.iter().map(|row| Ok::<_, Problem>(row.get(0)?)).collect()
                })
            })
            .await?;
        let mut all = Vec::with_capacity(quarters.len());
        for quarter in quarters {
            all.push(self.refusals_of(quarter).await?);
        }
        Ok(all)
    }

    async fn refusals_of(&self, quarter: String) -> Result<Quarter, Problem> {
        let wanted = quarter.clone();
        let counts: Vec<Refusals> = self
            .store
            .read(move |tx| {
                let wanted = wanted.clone();
                Box::pin(async move {
                    let select = sql!(
                        "select reason, place, sex, birth_year, refusals from identity_refusal_count \
                         where quarter = $1 order by reason, place, sex, birth_year"
                    );
                    let rows = tx.query(select, &params![wanted]).await?;
                    rows.iter().map(read).collect()
                })
            })
            .await?;
        let year = quarter.get(..4).and_then(|year| year.parse().ok()).unwrap_or(0);
        let by = |row_of: &dyn Fn(&Refusals) -> String| {
            grouped(counts.iter().map(|counted| (row_of(counted), counted.cell.sex, counted.count)))
        };
        let groups = [
            by(&|counted| counted.reason.clone()),
            by(&|counted| self.places.district_of(&counted.cell.place).unwrap_or_else(|| "?".into())),
            named_bands(by(&|counted| band_of(&counted.cell, year))),
        ];
        let [reasons, districts, ages] = publish_as_tables(groups);
        Ok(Quarter { quarter, reasons, districts, ages })
    }
}

/// One counter.
struct Refusals {
    reason: String,
    cell: Cell,
    count: u64,
}

fn read(row: &Row) -> Result<Refusals, Problem> {
    let cell = Cell {
        place: row.get(1)?,
        sex: Sex::from_word(row.get(2)?).unwrap_or(Sex::Unknown),
        birth_year: i16::try_from(row.get::<i64>(3)?).unwrap_or(0),
    };
    Ok(Refusals {
        reason: row.get(0)?,
        cell,
        count: u64::try_from(row.get::<i64>(4)?).map_err(Problem::internal)?,
    })
}

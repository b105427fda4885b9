//! The counters in the database.

use super::{Cell, Changes};
use crate::person::Sex;
use daftar_store::{StoreError, Tx, params, sql};

/// Writes the changes, each counter once, in the order of their keys so that two writers never wait for each
/// other crosswise.
pub(crate) async fn apply(tx: &mut Tx, changes: &Changes) -> Result<(), StoreError> {
    let upsert = sql!(
        "insert into identity_count (place, sex, birth_year, people) values ($1, $2, $3, $4) \
         on conflict (place, sex, birth_year) do update set people = identity_count.people + $4"
    );
    for (cell, by) in changes.iter() {
        tx.execute(upsert, &params![&cell.place, cell.sex.word(), i64::from(cell.birth_year), by]).await?;
    }
    Ok(())
}

/// All counters.
pub(crate) async fn load(tx: &mut Tx) -> Result<Vec<(Cell, u64)>, StoreError> {
    let mut counts = Vec::new();
    // In pages by place: a large country has more counters than one answer may hold.
    let mut after = String::new();
    loop {
        let page = sql!(
            "select place, sex, birth_year, people from identity_count where place in \
             (select distinct place from identity_count where place >= $1 order by place limit 50) \
             order by place, sex, birth_year"
        );
        let rows = tx.query(page, &params![&after]).await?;
        let Some(last) = rows.last() else { return Ok(counts) };
        // The smallest text above the last place.
        after = format!("{}\u{1}", last.get::<&str>(0)?);
        for row in &rows {
            let cell = Cell {
                place: row.get(0)?,
                sex: Sex::from_word(row.get(1)?).unwrap_or(Sex::Unknown),
                birth_year: i16::try_from(row.get::<i64>(2)?).unwrap_or(0),
            };
            let people = u64::try_from(row.get::<i64>(3)?).map_err(|_| StoreError::Malformed {
                what: "counter of people".into(),
                reason: "below zero".into(),
            })?;
            counts.push((cell, people));
        }
    }
}

//! Figures about the register for everyone: people by district, sex and age, and how much the look-up table
//! gives away.

use crate::people::People;
use crate::statistics::{Table, counters, tables};
use daftar_kernel::Problem;
use daftar_store::{params, sql};

/// What the statistics page and its API show.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Figures {
    /// People by district and sex.
    pub districts: Table,
    /// People by age band and sex.
    pub ages: Table,
}

/// How many keys of the look-up table lead to so many people. Equality and frequency are what a table of
/// keyed hashes gives away; here is how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct BucketSize {
    /// People under one key.
    pub people: i64,
    /// Keys with so many people.
    pub keys: i64,
}

impl People {
    /// The figures, with small cells hidden. Read from counters: the cost does not grow with the number of
    /// people.
    ///
    /// # Errors
    /// The store's.
    pub async fn figures(&self) -> Result<Figures, Problem> {
        let counts = self.store.read(|tx| Box::pin(counters::load(tx))).await?;
        let district = |place: &str| self.places.district_of(place);
        let [districts, ages] = tables(&counts, &district, self.today().year());
        Ok(Figures { districts, ages })
    }

    /// How large the buckets of the look-up table are, the largest first. It reads the whole table: for the
    /// operator's command, not for a page.
    ///
    /// # Errors
    /// The store's.
    pub async fn bucket_sizes(&self) -> Result<Vec<BucketSize>, Problem> {
        self.store
            .read(|tx| {
                Box::pin(async move {
                    let select = sql!(
                        "select n, count(*) from (select count(*) as n from identity_index group by hash) sizes \
                         group by n order by n desc limit 1000"
                    );
                    let rows = tx.query(select, &params![]).await?;
                    rows.iter().map(|row| Ok(BucketSize { people: row.get(0)?, keys: row.get(1)? })).collect()
                })
            })
            .await
    }
}

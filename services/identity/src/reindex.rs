//! Making the look-up keys of everybody anew, after the rules that make them have changed.

use crate::enroll::write_hashes;
use crate::people::People;
use crate::version;
use daftar_kernel::{Id, Problem};
use daftar_store::{params, sql};

/// People of one transaction.
pub const REINDEX_BATCH: i64 = 200;

impl People {
    /// Makes the keys of the next [`REINDEX_BATCH`] people after `after` anew; answers the last of them, and
    /// `None` when nobody is left. It can be stopped and taken up anywhere: a key that is there already
    /// stays.
    ///
    /// # Errors
    /// The store's.
    pub async fn reindex(&self, after: Option<Id>) -> Result<Option<Id>, Problem> {
        let people = self.clone();
        let after = after.unwrap_or(Id::from_bytes([0; 16]));
        self.store
            .write(move |tx| {
                let people = people.clone();
                Box::pin(async move {
                    let select = sql!(
                        "select id from identity_person where id > $1 and state <> 'erased' order by id limit $2"
                    );
                    let rows = tx.query(select, &params![after, REINDEX_BATCH]).await?;
                    let mut last = None;
                    for row in &rows {
                        let person: Id = row.get(0)?;
                        // Those that were absorbed keep their keys, too: the person is looked for by either spelling.
                        if let Some(newest) = version::newest(&people.store, tx, person).await? {
                            let hashes = people.hashes_of(&newest.document.person)?;
                            tx.execute(sql!("delete from identity_index where person = $1"), &params![person])
                                .await?;
                            write_hashes(tx, person, &hashes).await?;
                        }
                        last = Some(person);
                    }
                    Ok(last)
                })
            })
            .await
    }
}
